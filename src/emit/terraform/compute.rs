//! Programs: ECS services on Fargate, what they are told and what they may do.
//!
//! In: workloads, and the routes from them. Out: [`Unit`]s with sizes that Fargate sells,
//! environment, secrets and permissions, one for each route. Never: a secret's value, a
//! permission without a route.

use super::entry::seconds;
use super::names::{env, short};
use super::stack::{Node, Reading, Stack};
use crate::catalog;
use crate::resource::{Host, Resource, Role, Workload};

const MIB: f64 = 1024.0 * 1024.0;

/// A variable of the environment, or a secret; `value` is an expression.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: String,
}

/// What a program may do; `resources` are expressions.
pub(super) struct May {
    pub(super) actions: Vec<&'static str>,
    pub(super) resources: Vec<String>,
}

/// An ECS service.
pub(super) struct Unit {
    pub(super) id: String,
    pub(super) short: String,
    /// Its name for its callers.
    pub(super) dns: String,
    pub(super) about: String,
    pub(super) image: Option<String>,
    pub(super) cpu: u32,
    pub(super) memory: u32,
    pub(super) port: u16,
    pub(super) count: u32,
    /// Fewest, most, percent of CPU.
    pub(super) scale: Option<(u32, u32, u32)>,
    /// Whether it listens at all.
    pub(super) serves: bool,
    pub(super) env: Vec<Given>,
    pub(super) secrets: Vec<Given>,
    /// Lists of secrets, one for each shard.
    pub(super) shard_secrets: Vec<Given>,
    /// Secrets that the agent reads for it; expressions of lists.
    pub(super) reads: Vec<String>,
    pub(super) may: Vec<May>,
    /// Target groups that send to it.
    pub(super) targets: Vec<String>,
    /// Other systems that it calls.
    pub(super) outside: Vec<String>,
}

/// A schedule that starts a task.
pub(super) struct Clock {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) expression: String,
    pub(super) unit: String,
}

/// A system of somebody else.
pub(super) struct Outside {
    pub(super) id: String,
    pub(super) about: String,
}

/// A secret that people put in.
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    of: String,
}

/// CPU units and MiB of the task: the container that the design is priced with.
fn size(r: &mut Reading, w: &Workload) -> (u32, u32) {
    let task = |vcpu: f64, gib: f64| (whole(vcpu * 1024.0), whole(gib * 1024.0));
    let (vcpu, gib) = match &w.runs {
        Some(Host::Fargate { vcpu, gib }) => {
            let size = task(*vcpu, *gib);
            if w.memory.is_none() {
                r.note(&w.name, format!("the design does not say its memory: {} MiB, the least for its vCPUs", size.1));
            }
            return size;
        }
        Some(Host::Machine { name, vcpu, gib }) => {
            r.note(&w.name, format!("`{name}`: not a machine but a Fargate task at least as large, so its vCPUs may be of another generation"));
            (*vcpu, *gib)
        }
        None => (w.cpus, 0.0),
    };
    // Tasks on machines of EC2 are not built yet: the smallest task that holds as much stands for one.
    if let Some((vcpu, gib)) = catalog::container(vcpu.max(w.cpus), w.memory.unwrap_or(gib * 1024.0 * MIB)) {
        return task(vcpu, gib);
    }
    r.note(&w.name, "larger than the largest Fargate task (16 vCPU, 120 GiB), which stands for it");
    (16_384, 122_880)
}

/// A count that is whole and small.
fn whole(n: f64) -> u32 {
    // Between 0 and the largest.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    n
}

/// What a route gives a program.
fn reach(r: &mut Reading, s: &Stack, unit: &mut Unit, of: &str, to: &str, consumes: bool) {
    let id = r.names.id(to);
    let name = env(&id);
    let mut give = |suffix: &str, value: String| {
        unit.env.push(Given { name: format!("{name}_{suffix}"), value });
    };
    match r.node(to) {
        Some(Node::Unit) => {
            let port = r.workloads().iter().find(|w| w.name == to).map_or(8080, |w| w.port);
            give("URL", format!("\"http://{}:{port}\"", r.names.slug(to)));
        }
        Some(Node::Lb) => {
            let Some(lb) = s.lbs.iter().find(|l| l.id == id) else { return };
            give(
                "URL",
                if lb.tls {
                    format!("\"https://${{var.{id}_domain_name}}\"")
                } else {
                    format!("\"http://${{aws_lb.{id}.dns_name}}\"")
                },
            );
        }
        Some(Node::Store) => {
            let Some(d) = s.stores.iter().find(|d| d.id == id) else { return };
            let all = format!("aws_db_instance.{id}_primary");
            give("PORT", format!("\"{}\"", d.port));
            if d.shards.len() > 1 {
                give("HOSTS", format!("jsonencode({{ for k, d in {all} : k => d.address }})"));
                if !d.replicas.is_empty() {
                    give(
                        "READ_HOSTS",
                        format!("jsonencode({{ for k, d in aws_db_instance.{id}_replica : k => d.address }})"),
                    );
                }
                unit.shard_secrets.push(Given { name: format!("{name}_LOGIN"), value: format!("local.{id}_logins") });
            } else {
                give("HOST", format!("{all}[\"0\"].address"));
                if !d.replicas.is_empty() {
                    give(
                        "READ_HOSTS",
                        format!("jsonencode([for d in values(aws_db_instance.{id}_replica) : d.address])"),
                    );
                }
                let value = format!("local.{id}_logins[\"0\"]");
                unit.secrets.push(Given { name: format!("{name}_LOGIN"), value });
            }
            unit.reads.push(format!("values(local.{id}_logins)"));
        }
        Some(Node::Cache) => {
            let Some(c) = s.caches.iter().find(|c| c.id == id) else { return };
            let at = if c.clustered() { "configuration_endpoint_address" } else { "primary_endpoint_address" };
            give("HOST", format!("aws_elasticache_replication_group.{id}.{at}"));
            give("PORT", format!("\"{}\"", c.port));
            give("USER", format!("aws_elasticache_user.{id}.user_name"));
            unit.may.push(May {
                actions: vec!["elasticache:Connect"],
                resources: vec![
                    format!("aws_elasticache_replication_group.{id}.arn"),
                    format!("aws_elasticache_user.{id}.arn"),
                ],
            });
        }
        Some(Node::Broker) => {
            give("BROKERS", format!("aws_msk_cluster.{id}.bootstrap_brokers_sasl_iam"));
            let arn = |kind: &str| format!("\"${{replace(aws_msk_cluster.{id}.arn, \":cluster/\", \":{kind}/\")}}/*\"");
            unit.may.push(May {
                actions: vec!["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"],
                resources: vec![format!("aws_msk_cluster.{id}.arn")],
            });
            if consumes {
                unit.may.push(May {
                    actions: vec!["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
                    resources: vec![arn("topic")],
                });
                unit.may.push(May {
                    actions: vec!["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
                    resources: vec![arn("group")],
                });
            } else {
                unit.may.push(May {
                    actions: vec![
                        "kafka-cluster:DescribeTopic",
                        "kafka-cluster:WriteData",
                        "kafka-cluster:WriteDataIdempotently",
                    ],
                    resources: vec![arn("topic")],
                });
            }
        }
        Some(Node::Queue) => {
            let Some(q) = s.queues.iter().find(|q| q.id == id) else { return };
            let key = "aws_kms_key.main.arn".to_owned();
            if consumes {
                let Some(own) = q.queues.iter().find(|w| w.consumer.as_deref() == Some(unit.id.as_str())) else {
                    return;
                };
                give("QUEUE_URL", format!("aws_sqs_queue.{}_queue.url", own.id));
                unit.may.push(May {
                    actions: vec![
                        "sqs:ChangeMessageVisibility",
                        "sqs:DeleteMessage",
                        "sqs:GetQueueAttributes",
                        "sqs:ReceiveMessage",
                    ],
                    resources: vec![format!("aws_sqs_queue.{}_queue.arn", own.id)],
                });
                unit.may.push(May { actions: vec!["kms:Decrypt"], resources: vec![key] });
            } else {
                let (action, arn) = if q.fan {
                    give("TOPIC_ARN", format!("aws_sns_topic.{id}_topic.arn"));
                    ("sns:Publish", format!("aws_sns_topic.{id}_topic.arn"))
                } else {
                    give("QUEUE_URL", format!("aws_sqs_queue.{id}_queue.url"));
                    ("sqs:SendMessage", format!("aws_sqs_queue.{id}_queue.arn"))
                };
                unit.may.push(May { actions: vec![action], resources: vec![arn] });
                unit.may.push(May { actions: vec!["kms:Decrypt", "kms:GenerateDataKey"], resources: vec![key] });
            }
        }
        Some(Node::Bucket) => {
            give("BUCKET", format!("aws_s3_bucket.{id}.bucket"));
            r.note(
                to,
                format!("`{of}` may read and write its objects: the plan does not say which of the two it does"),
            );
            unit.may.push(May {
                actions: vec!["s3:GetObject", "s3:PutObject"],
                resources: vec![format!("\"${{aws_s3_bucket.{id}.arn}}/*\"")],
            });
            unit.may.push(May { actions: vec!["s3:ListBucket"], resources: vec![format!("aws_s3_bucket.{id}.arn")] });
            unit.may.push(May {
                actions: vec!["kms:Decrypt", "kms:GenerateDataKey"],
                resources: vec!["aws_kms_key.main.arn".to_owned()],
            });
        }
        Some(Node::External) => {
            give("URL", format!("var.{id}_url"));
            unit.outside.push(to.to_owned());
        }
        Some(Node::Edge | Node::Clock) | None => {
            r.note(of, format!("it calls `{to}`, which has no address inside the network: left out"));
        }
    }
}

fn unit(r: &mut Reading, s: &Stack, w: &Workload) -> Unit {
    let id = r.names.id(&w.name);
    let (cpu, memory) = size(r, w);
    let scale = w.scale.as_ref().map(|x| {
        let (min, max) = (x.min.min(5000), x.max.clamp(1, 5000));
        (min.min(max), max, seconds(x.target * 100.0, 10, 95))
    });
    match &w.role {
        Role::Gateway { auth, limit, burst } => {
            let mut asks = vec![format!("`auth = {auth}`")];
            if let Some((rate, per)) = limit {
                let per = per.as_deref().map(|p| format!(" per {p}")).unwrap_or_default();
                asks.push(format!("at most {rate} requests a second{per}"));
            }
            if let Some(burst) = burst {
                asks.push(format!("a burst of {burst}"));
            }
            r.note(
                &w.name,
                format!(
                    "a gateway: its image must do what the design asks ({}); nothing in AWS was set up for it",
                    asks.join(", ")
                ),
            );
        }
        Role::Balancer { policy } => {
            r.note(&w.name, format!("a balancer of one's own: its image must spread requests by `{policy}`"));
        }
        Role::Service | Role::Schedule { .. } => {}
    }
    let targets: Vec<String> =
        s.lbs.iter().flat_map(|l| &l.targets).filter(|t| t.unit == id).map(|t| t.id.clone()).collect();
    if w.health.is_some() && targets.is_empty() {
        r.note(&w.name, "its health check is not done: no balancer asks, and the image may have nothing to ask with");
    }
    let mut out = Unit {
        short: short(&id),
        dns: r.names.slug(&w.name),
        about: w.doc.clone().unwrap_or_else(|| w.name.clone()),
        image: w.image.clone(),
        cpu,
        memory,
        port: w.port,
        count: scale.map_or(w.replicas, |(min, max, _)| w.replicas.clamp(min.max(1), max)),
        scale,
        serves: w.serves || !targets.is_empty(),
        env: Vec::new(),
        secrets: Vec::new(),
        shard_secrets: Vec::new(),
        reads: Vec::new(),
        may: Vec::new(),
        targets,
        outside: Vec::new(),
        id,
    };
    let mut done: Vec<(&str, bool)> = Vec::new();
    for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(w.name.as_str())) {
        if !done.contains(&(&route.to, route.consumes)) {
            done.push((&route.to, route.consumes));
            reach(r, s, &mut out, &w.name, &route.to, route.consumes);
        }
    }
    for k in s.secrets.iter().filter(|k| k.of == w.name) {
        let arn = format!("aws_secretsmanager_secret.{}.arn", k.id);
        out.secrets.push(Given { name: env(&k.id), value: arn.clone() });
        out.reads.push(format!("[{arn}]"));
    }
    out.env.sort_by(|a, b| a.name.cmp(&b.name));
    out.env.dedup_by(|a, b| a.name == b.name);
    out.secrets.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// The schedule as `EventBridge` writes it.
fn expression(r: &mut Reading, name: &str, every: Option<f64>, at: Option<u32>) -> String {
    const DAY: f64 = 86_400.0;
    if let Some(at) = at {
        let every = every.unwrap_or(DAY);
        if every < DAY {
            r.note(name, "a time of day and a period below a day: it starts once a day");
        }
        let days = (every / DAY).round();
        if days > 1.0 {
            r.note(name, format!("every {days} days at a time of day: counted from the first of each month"));
        }
        let day = if days > 1.0 { format!("1/{}", days.min(31.0)) } else { "*".to_owned() };
        return format!("cron({} {} {day} * ? *)", at % 60, at / 60 % 24);
    }
    let Some(every) = every else {
        r.note(name, "the design does not say how often: once a day");
        return "rate(1 day)".to_owned();
    };
    if every < 60.0 {
        r.note(name, "more often than once a minute: EventBridge starts it each minute");
    }
    let minutes = seconds(every / 60.0, 1, 525_600);
    if minutes == 1 { "rate(1 minute)".to_owned() } else { format!("rate({minutes} minutes)") }
}

fn clocks(r: &mut Reading, s: &mut Stack, w: &Workload, every: Option<f64>, at: Option<u32>) {
    let expression = expression(r, &w.name, every, at);
    let base = r.names.id(&w.name);
    let mut any = false;
    for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(w.name.as_str())) {
        if r.node(&route.to) != Some(Node::Unit) {
            r.note(&w.name, format!("it starts `{}`, which is no program: left out", route.to));
            continue;
        }
        let unit = r.names.id(&route.to);
        let id = format!("{base}__{unit}");
        if s.clocks.iter().any(|c| c.id == id) {
            continue;
        }
        any = true;
        r.note(&w.name, format!("it starts a task of its own of `{}`, told by `SCHEDULE`, not one of the replicas that run; such a task does not know other programs by name", route.to));
        s.clocks.push(Clock {
            short: short(&id),
            name: r.names.slug(&w.name),
            about: w.doc.clone().unwrap_or_else(|| w.name.clone()),
            expression: expression.clone(),
            unit,
            id,
        });
    }
    if !any {
        r.note(&w.name, "no flow starts at it: no schedule");
    }
}

/// Programs, schedules, systems of others, and secrets that people put in.
pub(super) fn all(r: &mut Reading, s: &mut Stack) {
    for resource in &r.plan.resources {
        match resource {
            Resource::External(e) => s
                .externals
                .push(Outside { id: r.names.id(&e.name), about: e.doc.clone().unwrap_or_else(|| e.name.clone()) }),
            Resource::Secret(x) if r.node(&x.of) == Some(Node::Unit) => {
                let id = super::names::identifier(&x.name);
                r.note(&x.of, format!("put {} into the secret `{id}` before its tasks start", x.about));
                s.secrets.push(Kept {
                    short: short(&id),
                    about: format!("{}: {}", x.of, x.about),
                    of: x.of.clone(),
                    id,
                });
            }
            _ => {}
        }
    }
    for w in r.workloads() {
        match w.role {
            Role::Schedule { every, at } => clocks(r, s, w, every, at),
            _ => {
                let one = unit(r, s, w);
                s.units.push(one);
            }
        }
    }
    // A variable for what nobody calls would only be in the way.
    let called: Vec<String> = s.units.iter().flat_map(|u| &u.outside).map(|name| r.names.id(name)).collect();
    s.externals.retain(|e| called.contains(&e.id));
}
