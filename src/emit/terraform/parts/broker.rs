//! Clusters of Kafka: MSK.
//!
//! In: logs of the plan that name an engine or a machine, their volumes and topics. Out: one cluster
//! each, with the same number of brokers in each zone.

use super::machine::class;
use crate::catalog::Service;
use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::names::short;
use crate::emit::terraform::numbers::{GIB, whole};
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts,
};
use crate::resource::{Log, Managed, Watched};
use askama::Template;

/// The port on which MSK takes clients that sign in with IAM.
const IAM_PORT: u16 = 9098;

/// A cluster.
struct Broker {
    id: String,
    short: String,
    class: String,
    nodes: u32,
    subnets: u32,
    gib: u32,
    properties: Vec<String>,
}

/// All clusters.
#[derive(Template)]
#[template(path = "terraform/parts/broker.tf", whitespace = "preserve", blocks = ["resources", "outputs"])]
pub(super) struct Brokers {
    all: Vec<Broker>,
}

/// The metric of an alarm on a cluster.
#[derive(Template)]
#[template(path = "terraform/metrics/broker.tf", whitespace = "preserve")]
struct BrokerMetric<'a> {
    id: &'a str,
}

impl Brokers {
    pub(super) fn build(r: &mut Reading, found: &[(&Managed, &Log)]) -> Self {
        Self { all: found.iter().map(|(m, d)| broker(r, m, d)).collect() }
    }
}

fn broker(r: &mut Reading, m: &Managed, d: &Log) -> Broker {
    let id = r.names.id(&m.name);
    let subnets = u32::try_from(r.zones.len().min(3)).unwrap_or(3).max(2);
    let wanted = m.nodes.max(m.replicas).max(1);
    let nodes = wanted.div_ceil(subnets) * subnets;
    if nodes != wanted {
        r.note(&m.name, format!("{wanted} brokers become {nodes}: MSK has the same number in each of {subnets} zones"));
    }
    if let Some(engine) = m.engine.as_deref().filter(|e| *e != "kafka") {
        r.note(&m.name, format!("engine `{engine}` is run as Kafka (MSK)"));
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false`: MSK always encrypts");
    }
    let in_step = d.min_insync.unwrap_or(1).max(1);
    let copies = m.replicas.max(in_step).min(nodes);
    let mut properties = vec![
        "auto.create.topics.enable=false".to_owned(),
        format!("default.replication.factor={copies}"),
        format!("min.insync.replicas={}", in_step.min(copies)),
        format!("unclean.leader.election.enable={}", d.unclean_election),
    ];
    if let Some(t) = r.plan.topics(&m.name).next() {
        let parts = t.partitions.unwrap_or(1);
        properties.push(format!("num.partitions={parts}"));
        if let Some(s) = t.retention {
            properties.push(format!("log.retention.ms={}", u64::from(whole(s, 1, u32::MAX)) * 1000));
        }
        let dead = if t.dead_letter {
            format!(", and `{}.dead` for what fails again and again", r.names.slug(&t.name))
        } else {
            String::new()
        };
        let what = format!(
            "topics are not made: make `{}` with {parts} partitions and {copies} copies{dead}",
            r.names.slug(&t.name)
        );
        r.note(&m.name, what);
    }
    r.note(&m.name, "callers sign in with IAM on port 9098, whatever the port in the design");
    properties.sort();
    let gib = r.plan.bytes(&m.name).map(|b| whole((b / GIB / f64::from(nodes)).ceil(), 10, 16_384));
    if gib.is_none() {
        r.note(&m.name, "the design does not set its data size: 100 GiB a broker");
    }
    let class = class(r, m, Service::Msk);
    Broker { short: short(&id), class, nodes, subnets, gib: gib.unwrap_or(100), properties, id }
}

impl PartKind for Brokers {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "messages.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: String::new(),
            variables: String::new(),
            outputs: render(&self.as_outputs()),
            alarms: String::new(),
            widgets: String::new(),
        }
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::DataSubnets, Need::Key]
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        self.all.iter().map(|b| SecurityGroup::of(&b.id, "brokers")).collect()
    }

    fn rules(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn port(&self, id: &str) -> Option<u16> {
        self.all.iter().any(|b| b.id == id).then_some(IAM_PORT)
    }

    fn connects(&self, _: &str) -> bool {
        false
    }

    fn entry(&self, _: &str) -> Option<Entry> {
        None
    }

    fn origin(&self, _: &Reading, _: &str) -> Option<Origin> {
        None
    }

    fn grant(&self, _: &mut Reading, call: &Call) -> Option<Grant> {
        let id = &self.all.iter().find(|b| b.id == call.id)?.id;
        let cluster = Expr::code(format!("aws_msk_cluster.{id}.arn"));
        let inside = |what: &str| {
            let arn = Expr::code(format!("replace({cluster}, \":cluster/\", \":{what}/\")"));
            vec![Expr::around("", &arn, "/*")]
        };
        let brokers = Expr::code(format!("aws_msk_cluster.{id}.bootstrap_brokers_sasl_iam"));
        let grant = Grant::env(id, [("BROKERS", brokers)])
            .allow(&["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"], vec![cluster.clone()]);
        Some(if call.consumes {
            grant
                .allow(&["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"], inside("topic"))
                .allow(&["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"], inside("group"))
        } else {
            grant.allow(
                &["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData", "kafka-cluster:WriteDataIdempotently"],
                inside("topic"),
            )
        })
    }

    fn metric(&self, watched: Watched, id: &str, bound: f64) -> Option<Metric> {
        match watched {
            Watched::Latency | Watched::Errors => None,
            Watched::Cpu => {
                let b = self.all.iter().find(|b| b.id == id)?;
                let nodes: Vec<Expr> = (1..=b.nodes).map(|n| Expr::text(&n.to_string())).collect();
                Some(Metric {
                    each: Some(format!("for_each = toset({})", Expr::list(&nodes))),
                    body: render(&BrokerMetric { id }),
                    bound: bound * 100.0,
                    note: None,
                })
            }
        }
    }

    fn required_variables(&self) -> Vec<String> {
        Vec::new()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
