//! What is built in AWS: a plan translated, before it is text.
//!
//! In: a plan. Out: a [`Stack`], plain data that the templates print. Fields called
//! `expr` or `value` hold HCL made of identifiers only; everything else is text that
//! the templates escape. Never: a text of the design inside an expression.

use super::names::{Names, identifier};
use crate::plan::{Gap, Plan};
use crate::resource::{Managed, Resource, Route, Service, Workload};
use std::collections::BTreeMap;

/// What a component became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// An ECS service.
    Unit,
    /// An `EventBridge` schedule.
    Clock,
    /// An application load balancer.
    Lb,
    /// A `CloudFront` distribution.
    Edge,
    /// RDS instances.
    Store,
    /// An `ElastiCache` replication group.
    Cache,
    /// An MSK cluster.
    Broker,
    /// SQS queues.
    Queue,
    /// An S3 bucket.
    Bucket,
    /// Run by somebody else.
    External,
}

/// A security group.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
}

/// One side of an edge in one security group.
pub(super) struct Rule {
    /// Its Terraform name.
    pub(super) id: String,
    /// The group that it belongs to.
    pub(super) group: String,
    /// The group at the other end.
    pub(super) peer: Option<String>,
    /// A block of addresses at the other end.
    pub(super) cidr: Option<&'static str>,
    /// A list of prefixes at the other end.
    pub(super) prefix_list: Option<&'static str>,
    pub(super) port: u16,
    pub(super) about: String,
    pub(super) ingress: bool,
}

/// All that is built.
#[derive(Default)]
pub(super) struct Stack {
    /// The design's name.
    pub(super) title: String,
    /// The default of `var.name`.
    pub(super) prefix: String,
    pub(super) region: String,
    pub(super) zones: Vec<String>,
    pub(super) units: Vec<super::compute::Unit>,
    pub(super) clocks: Vec<super::compute::Clock>,
    pub(super) lbs: Vec<super::entry::Lb>,
    pub(super) edges: Vec<super::entry::Edge>,
    pub(super) stores: Vec<super::data::Store>,
    pub(super) caches: Vec<super::data::Cache>,
    pub(super) brokers: Vec<super::data::Broker>,
    pub(super) queues: Vec<super::data::Queue>,
    pub(super) buckets: Vec<super::data::Bucket>,
    pub(super) externals: Vec<super::compute::Outside>,
    pub(super) secrets: Vec<super::compute::Kept>,
    pub(super) groups: Vec<Group>,
    pub(super) rules: Vec<Rule>,
    pub(super) alarms: Vec<super::watch::Alarm>,
    pub(super) dashboards: Vec<super::watch::Board>,
    pub(super) retention: u32,
    /// What is built in another way than the design says, or not at all.
    pub(super) notes: Vec<Gap>,
}

/// The plan, and what its names became.
pub(super) struct Reading<'a> {
    pub(super) plan: &'a Plan,
    pub(super) names: Names,
    pub(super) nodes: BTreeMap<&'a str, Node>,
    pub(super) notes: Vec<Gap>,
}

impl<'a> Reading<'a> {
    /// Says that something is not as the design has it.
    pub(super) fn note(&mut self, of: &str, what: impl Into<String>) {
        self.notes.push(Gap { of: of.to_owned(), what: what.into() });
    }

    /// What a component became.
    pub(super) fn node(&self, name: &str) -> Option<Node> {
        self.nodes.get(name).copied()
    }

    /// Routes, each pair of ends once for what is taken and once for what is sent.
    pub(super) fn routes(&self) -> Vec<&'a Route> {
        self.plan.routes().collect()
    }

    /// Programs.
    pub(super) fn workloads(&self) -> Vec<&'a Workload> {
        let all = self.plan.resources.iter();
        all.filter_map(|r| if let Resource::Workload(w) = r { Some(w) } else { None }).collect()
    }

    /// Services.
    pub(super) fn managed(&self) -> Vec<&'a Managed> {
        let all = self.plan.resources.iter();
        all.filter_map(|r| if let Resource::Managed(m) = r { Some(m) } else { None }).collect()
    }

    /// Who calls a component; none is the internet.
    pub(super) fn callers(&self, name: &str) -> Vec<Option<&'a str>> {
        let mut all: Vec<_> =
            self.plan.routes().filter(|r| r.to == name && !r.consumes).map(|r| r.from.as_deref()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn nodes(plan: &Plan) -> BTreeMap<&str, Node> {
    let mut out = BTreeMap::new();
    for resource in &plan.resources {
        let node = match resource {
            Resource::Workload(w) if matches!(w.role, crate::resource::Role::Schedule { .. }) => Node::Clock,
            Resource::Workload(_) => Node::Unit,
            Resource::Managed(m) => match m.service {
                Service::Edge(_) => Node::Edge,
                Service::Balancer(_) => Node::Lb,
                Service::Records(_) => Node::Store,
                Service::Memory(_) => Node::Cache,
                Service::Log(_) if m.engine.is_some() => Node::Broker,
                Service::Log(_) => Node::Queue,
                Service::Objects(_) => Node::Bucket,
            },
            Resource::External(_) => Node::External,
            _ => continue,
        };
        out.insert(resource.owner(), node);
    }
    out
}

/// Translates a plan.
pub(super) fn stack(plan: &Plan) -> Stack {
    let mut r = Reading { plan, names: Names::new(plan), nodes: nodes(plan), notes: Vec::new() };
    let mut s = Stack { title: plan.name.clone(), ..Stack::default() };
    s.prefix = identifier(&plan.name).replace('_', "-").chars().take(12).collect::<String>();
    s.prefix = s.prefix.trim_end_matches('-').to_owned();
    place(&mut r, &mut s);
    super::entry::lbs(&mut r, &mut s);
    super::data::all(&mut r, &mut s);
    super::entry::edges(&mut r, &mut s);
    super::compute::all(&mut r, &mut s);
    super::links::all(&mut r, &mut s);
    super::watch::all(&mut r, &mut s);
    s.notes = std::mem::take(&mut r.notes);
    s.notes.extend(plan.gaps.iter().cloned());
    s.notes.sort();
    s.notes.dedup();
    s
}

/// Region and zones.
fn place(r: &mut Reading, s: &mut Stack) {
    let network = r.plan.network();
    s.region = if network.region.is_empty() { "us-east-1".to_owned() } else { network.region };
    let letter = |z: &String| z.rsplit(['.', '-']).next().unwrap_or("a").to_owned();
    let mut zones: Vec<String> = network.zones.iter().map(letter).collect();
    zones.retain(|z| z.len() == 1 && z.chars().all(|c| c.is_ascii_lowercase()));
    zones.sort();
    zones.dedup();
    let title = s.title.clone();
    if zones.len() > 6 {
        r.note(&title, format!("{} zones: no region has more than six, so six are used", zones.len()));
        zones.truncate(6);
    }
    if zones.len() < 2 {
        r.note(&title, "one zone: balancers and databases of AWS want subnets in two, so there are two");
        zones = vec!["a".to_owned(), "b".to_owned()];
    }
    s.zones = zones;
}

impl Stack {
    /// Whether anything runs in the network.
    pub(super) fn networked(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether anything keeps data in subnets of its own.
    pub(super) fn has_data(&self) -> bool {
        !(self.stores.is_empty() && self.caches.is_empty() && self.brokers.is_empty())
    }

    /// Whether a certificate is needed.
    pub(super) fn has_tls(&self) -> bool {
        self.lbs.iter().any(|l| l.tls)
    }

    /// Whether a balancer takes requests from `CloudFront`.
    pub(super) fn behind_edge(&self) -> bool {
        self.rules.iter().any(|r| r.prefix_list.is_some())
    }

    /// Whether ECS calls other ECS services by name.
    pub(super) fn has_units(&self) -> bool {
        !self.units.is_empty()
    }

    /// Whether something is kept from being deleted.
    pub(super) fn protected(&self) -> bool {
        !(self.lbs.is_empty() && self.stores.is_empty())
    }

    /// Whether there is a topic for alarms.
    pub(super) fn watched(&self) -> bool {
        !self.alarms.is_empty()
    }

    /// The ends of the names of a cache's nodes.
    pub(super) fn cache_nodes(&self, id: &str) -> Vec<String> {
        let Some(c) = self.caches.iter().find(|c| c.id == id) else { return Vec::new() };
        let copies = 1..=c.copies + 1;
        if !c.clustered() {
            return copies.map(|n| format!("{n:03}")).collect();
        }
        (1..=c.groups).flat_map(|g| copies.clone().map(move |n| format!("{g:04}-{n:03}"))).collect()
    }

    /// Whether the key is used at all.
    pub(super) fn has_key(&self) -> bool {
        self.networked() || self.has_data() || !self.queues.is_empty() || !self.buckets.is_empty() || self.watched()
    }
}
