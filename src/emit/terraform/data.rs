//! What keeps data: RDS, `ElastiCache`, MSK, SQS, S3.
//!
//! In: the plan's managed services, volumes and topics. Out: plain data of each, sizes
//! rounded to what AWS sells. Never: a promise that AWS does not keep; where it cannot do
//! what the design asks (quorums, several primaries), the nearest is built and noted.

use super::entry::seconds;
use super::names::short;
use super::stack::{Node, Reading, Stack};
use crate::resource::{Host, Log, Managed, Memory, Objects, Records, Resource, Service, Topic};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const DAY: f64 = 86_400.0;

/// A database.
pub(super) struct Store {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    pub(super) shards: Vec<u32>,
    pub(super) replicas: Vec<u32>,
    pub(super) class: String,
    pub(super) gib: u32,
    pub(super) most: u32,
    pub(super) multi_az: bool,
    pub(super) keep: u32,
    pub(super) port: u16,
    pub(super) connections: Option<u32>,
    pub(super) encrypted: bool,
}

impl Store {
    /// Whether the module makes its password: RDS does not where there are read replicas.
    pub(super) fn own_login(&self) -> bool {
        !self.replicas.is_empty()
    }
}

/// A cache.
pub(super) struct Cache {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    pub(super) class: String,
    pub(super) groups: u32,
    pub(super) copies: u32,
    pub(super) policy: &'static str,
    pub(super) port: u16,
    pub(super) encrypted: bool,
}

impl Cache {
    /// Whether keys are split over several groups.
    pub(super) fn clustered(&self) -> bool {
        self.groups > 1
    }

    /// Whether a copy can take over.
    pub(super) fn spread(&self) -> bool {
        self.copies > 0
    }
}

/// A cluster of Kafka.
pub(super) struct Broker {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) class: String,
    pub(super) nodes: u32,
    pub(super) subnets: u32,
    pub(super) gib: u32,
    pub(super) properties: Vec<String>,
}

/// A queue, or one consumer's.
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) short: String,
    /// Who takes from it.
    pub(super) consumer: Option<String>,
}

/// Messages without an engine.
pub(super) struct Queue {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    pub(super) fifo: bool,
    pub(super) retention: u32,
    pub(super) dead: bool,
    /// Whether a topic gives each consumer a queue of its own.
    pub(super) fan: bool,
    pub(super) queues: Vec<Waiting>,
}

/// A bucket.
pub(super) struct Bucket {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    /// The class that objects move to, and after how many days.
    pub(super) class: Option<(&'static str, u32)>,
    /// Edges that read it.
    pub(super) edges: Vec<String>,
}

fn bytes(r: &Reading, of: &str) -> Option<f64> {
    r.plan.resources.iter().find_map(|x| match x {
        Resource::Volume(v) if v.of == of => v.bytes,
        _ => None,
    })
}

fn topic<'a>(r: &Reading<'a>, of: &str) -> Option<&'a Topic> {
    r.plan.resources.iter().find_map(|x| match x {
        Resource::Topic(t) if t.broker == of => Some(t),
        _ => None,
    })
}

/// The machine's name with the prefix that the service wants.
fn class(r: &mut Reading, m: &Managed, prefix: &str, default: &str) -> String {
    if let Some(machine) = m.runs.as_ref().and_then(Host::machine) {
        return machine.to_owned();
    }
    let class = match m.memory {
        Some(b) if prefix == "cache." => {
            // Usable memory of an m7g and r7g node, GiB.
            let sizes = [
                (1.3, "cache.t4g.small"),
                (3.0, "cache.t4g.medium"),
                (6.3, "cache.m7g.large"),
                (13.0, "cache.r7g.large"),
                (26.3, "cache.r7g.xlarge"),
                (52.8, "cache.r7g.2xlarge"),
                (105.8, "cache.r7g.4xlarge"),
            ];
            sizes.iter().find(|(gib, _)| *gib >= b / GIB).map_or("cache.r7g.8xlarge", |(_, name)| name)
        }
        _ => default,
    };
    r.note(&m.name, format!("the design names no machine: `{class}`"));
    class.to_owned()
}

fn about(m: &Managed) -> String {
    m.doc.clone().unwrap_or_else(|| m.name.clone())
}

fn store(r: &mut Reading, m: &Managed, d: &Records) -> Store {
    let id = r.names.id(&m.name);
    let replication = d.replication.as_deref().unwrap_or("none");
    let in_step = matches!(replication, "sync" | "semi_sync" | "quorum" | "consensus" | "multi_primary");
    let takes_over = d.failover.as_deref() == Some("auto");
    let multi_az = m.replicas >= 2 && (in_step || takes_over);
    match replication {
        "quorum" | "consensus" => r.note(
            &m.name,
            format!(
                "`{replication}` replication: RDS has one primary and a standby in step, not a quorum of {}",
                m.replicas
            ),
        ),
        "multi_primary" => r.note(&m.name, "several primaries: RDS has one; all writes go to it"),
        "async" | "none" if multi_az => {
            r.note(&m.name, "automatic failover: the second copy is a Multi-AZ standby, in step and not readable");
        }
        _ => {}
    }
    let copies = m.replicas.saturating_sub(if multi_az { 2 } else { 1 });
    if copies > 15 {
        r.note(&m.name, format!("{copies} read replicas: RDS has 15 at most"));
    }
    if in_step && copies > 0 {
        r.note(
            &m.name,
            format!("{copies} of {} copies follow asynchronously: RDS keeps one standby in step", m.replicas),
        );
    }
    if multi_az && d.read_from != "primary" && copies == 0 {
        r.note(
            &m.name,
            format!("reads from `{}`: a Multi-AZ standby answers none, so all go to the primary", d.read_from),
        );
    }
    let size = bytes(r, &m.name);
    if size.is_none() {
        r.note(&m.name, "the design does not say how much it holds: 20 GiB to begin with");
    }
    let gib = seconds((size.unwrap_or(0.0) / GIB).ceil(), 20, 32_768);
    if size.is_some_and(|b| b / GIB > 65_536.0) {
        r.note(&m.name, "more data than one RDS volume (64 TiB) holds: split it into more shards");
    }
    let keep = match d.backup {
        Some((every, keep)) => {
            if every.is_some_and(|e| e < 300.0) {
                r.note(&m.name, "backups: RDS can go back to any second, but not to the last five minutes");
            }
            let days = keep.map_or(7.0, |k| (k / DAY).ceil());
            if days > 35.0 {
                r.note(
                    &m.name,
                    format!(
                        "backups kept for {days:.0} days: RDS keeps 35; a plan of AWS Backup must keep the older ones"
                    ),
                );
            }
            seconds(days, 1, 35)
        }
        None => {
            r.note(&m.name, "no backups in the design: seven days are kept all the same");
            7
        }
    };
    if m.shards > 1 {
        let by = d.shard_key.as_deref().unwrap_or("a key");
        r.note(
            &m.name,
            format!(
                "{} shards by `{by}`: each is a database of its own, and callers choose among `{}_HOSTS`",
                m.shards,
                super::names::env(&id)
            ),
        );
    }
    r.note(&m.name, "callers are given the owner's login from Secrets Manager: make narrower users in the database and hand those out");
    let class = class(r, m, "db.", "db.m7g.large");
    Store {
        short: short(&id),
        about: about(m),
        shards: (0..m.shards.clamp(1, 500)).collect(),
        replicas: (1..=copies.min(15)).collect(),
        class,
        gib,
        most: gib.saturating_mul(2).min(65_536),
        multi_az,
        keep,
        port: m.port,
        connections: d.max_connections.map(|n| seconds(n, 6, 262_143)),
        encrypted: m.encrypted,
        id,
    }
}

fn cache(r: &mut Reading, m: &Managed, d: &Memory) -> Cache {
    let id = r.names.id(&m.name);
    let copies = m.replicas.max(1);
    let groups = m.shards.max(m.nodes / copies).clamp(1, 500);
    if copies > 6 {
        r.note(&m.name, "ElastiCache has five replicas of a primary at most");
    }
    if m.engine.as_deref() == Some("redis") {
        r.note(&m.name, "Redis is run as Valkey 8, its open fork with the same protocol");
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false` is obeyed at rest; connections are always encrypted");
    }
    let policy = match d.eviction.as_str() {
        "lfu" => "allkeys-lfu",
        "random" => "allkeys-random",
        "ttl" => "volatile-ttl",
        "none" => "noeviction",
        "fifo" => {
            r.note(&m.name, "eviction `fifo`: Valkey has none; `lru`");
            "allkeys-lru"
        }
        _ => "allkeys-lru",
    };
    let class = class(r, m, "cache.", "cache.m7g.large");
    let (short, about) = (short(&id), about(m));
    let copies = (copies - 1).min(5);
    Cache { id, short, about, class, groups, copies, policy, port: m.port, encrypted: m.encrypted }
}

fn broker(r: &mut Reading, m: &Managed, d: &Log, zones: usize) -> Broker {
    let id = r.names.id(&m.name);
    let subnets = u32::try_from(zones.min(3)).unwrap_or(3).max(2);
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
    if let Some(t) = topic(r, &m.name) {
        let parts = t.partitions.unwrap_or(1);
        properties.push(format!("num.partitions={parts}"));
        if let Some(s) = t.retention {
            properties.push(format!("log.retention.ms={}", u64::from(seconds(s, 1, u32::MAX)) * 1000));
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
    let gib = bytes(r, &m.name).map(|b| seconds((b / GIB / f64::from(nodes)).ceil(), 10, 16_384));
    if gib.is_none() {
        r.note(&m.name, "the design does not say how much it holds: 100 GiB a broker");
    }
    let class = class(r, m, "kafka.", "kafka.m7g.large");
    Broker { short: short(&id), class, nodes, subnets, gib: gib.unwrap_or(100), properties, id }
}

fn queue(r: &mut Reading, m: &Managed) -> Queue {
    let id = r.names.id(&m.name);
    let mut consumers: Vec<String> = Vec::new();
    for route in r.routes().iter().filter(|x| x.consumes && x.to == m.name) {
        let Some(from) = route.from.as_deref() else { continue };
        if r.node(from) == Some(Node::Unit) {
            consumers.push(r.names.id(from));
        } else {
            r.note(&m.name, format!("`{from}` takes its messages: only programs can; left out"));
        }
    }
    consumers.sort();
    consumers.dedup();
    let fan = consumers.len() > 1;
    let queues = if fan {
        consumers
            .into_iter()
            .map(|c| {
                let id = format!("{id}__{c}");
                Waiting { short: short(&id), id, consumer: Some(c) }
            })
            .collect()
    } else {
        vec![Waiting { id: id.clone(), short: short(&id), consumer: consumers.pop() }]
    };
    let t = topic(r, &m.name);
    let retention = t.and_then(|t| t.retention).unwrap_or(4.0 * DAY);
    if retention > 14.0 * DAY {
        r.note(&m.name, "messages are kept for 14 days, the most of SQS");
    }
    if t.and_then(|t| t.partitions).is_some_and(|p| p > 1) {
        r.note(&m.name, "partitions: SQS has none, any number of consumers take side by side");
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false`: the queue is encrypted all the same");
    }
    let fifo = t.is_some_and(|t| t.ordered);
    if fifo {
        r.note(&m.name, "order: a FIFO queue keeps it inside a message group, which the sender names");
    }
    Queue {
        short: short(&id),
        about: about(m),
        fifo,
        retention: seconds(retention, 60, 1_209_600),
        dead: t.is_some_and(|t| t.dead_letter),
        fan,
        queues,
        id,
    }
}

fn bucket(r: &mut Reading, m: &Managed, d: &Objects) -> Bucket {
    let id = r.names.id(&m.name);
    let class = match d.class.as_str() {
        "infrequent" => Some(("STANDARD_IA", 30)),
        "archive" => Some(("GLACIER", 1)),
        _ => None,
    };
    if class.is_some() {
        r.note(&m.name, format!("class `{}`: objects arrive as standard and move later", d.class));
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false`: S3 always encrypts");
    }
    let edges = r.callers(&m.name).into_iter().flatten().filter(|c| r.node(c) == Some(Node::Edge));
    let mut edges: Vec<String> = edges.map(|c| r.names.id(c)).collect();
    edges.sort();
    Bucket { short: short(&id), about: about(m), class, edges, id }
}

/// All that keeps data.
pub(super) fn all(r: &mut Reading, s: &mut Stack) {
    for m in r.managed() {
        match &m.service {
            Service::Records(d) => {
                if let Some(engine) = m.engine.as_deref().filter(|e| *e != "postgres") {
                    r.note(&m.name, format!("engine `{engine}` is not known here: PostgreSQL"));
                }
                let one = store(r, m, d);
                s.stores.push(one);
            }
            Service::Memory(d) => {
                let one = cache(r, m, d);
                s.caches.push(one);
            }
            Service::Log(d) if m.engine.is_some() => {
                let one = broker(r, m, d, s.zones.len());
                s.brokers.push(one);
            }
            Service::Log(_) => {
                let one = queue(r, m);
                s.queues.push(one);
            }
            Service::Objects(d) => {
                let one = bucket(r, m, d);
                s.buckets.push(one);
            }
            Service::Edge(_) | Service::Balancer(_) => {}
        }
    }
}
