//! Resources: the closed vocabulary between kinds and backends.
//!
//! In: nothing. Out: types. A kind lowers a component to resources, a backend reads
//! nothing else. Texts are those of the design: each backend escapes them for its
//! language. Never: a kind's name, a design, a file.

mod view;
mod words;

pub use view::View;
pub use words::{
    Acks, Affinity, Auth, CacheWrite, CountedPer, EntryStore, Eviction, Failover, InvalidateOn, MessageDelivery,
    MessageOrder, OnSyncLoss, Policy, Protocol, ReadFrom, ReadRepair, ReplicaState, Replication, StorageClass, Survive,
    TlsMode, Transaction, WriteClock,
};

/// One thing that must exist.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// The network around all components.
    Network(Network),
    /// A program of the design, or a proxy that it runs itself.
    Workload(Workload),
    /// A service of the provider, or a server from a known image.
    Managed(Managed),
    /// Storage that outlives its process.
    Volume(Volume),
    /// A connection between two components, and the request paths that use it.
    Route(Route),
    /// A secret, which no file of the project may hold.
    Secret(Secret),
    /// A stream of messages in a broker.
    Topic(Topic),
    /// A dashboard.
    Dashboard(Dashboard),
    /// A metric with an upper bound.
    Alert(Alert),
    /// An external system.
    External(External),
}

/// The network of a region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// The region.
    pub region: String,
    /// Letters of its zones.
    pub zones: Vec<String>,
}

/// What a workload does, and where its work comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// It answers requests, consumes messages, or both.
    Service,
    /// It checks requests and forwards them.
    Gateway {
        /// Authentication of callers.
        auth: Auth,
        /// Requests per second admitted, and for each what: `client`, `ip`, `user` or `route`; `None`: all together.
        limit: Option<(f64, Option<String>)>,
        /// Requests above the limit that are admitted at once.
        burst: Option<f64>,
    },
    /// A load balancer that the design runs itself.
    Balancer {
        /// Its policy.
        policy: Policy,
    },
    /// It starts flows at set times.
    Schedule {
        /// Seconds between two starts.
        every: Option<f64>,
        /// Minutes after midnight UTC of the start.
        at: Option<u32>,
    },
}

impl Role {
    /// Whether it is a program that keeps running. A schedule starts tasks of others.
    #[must_use]
    pub fn is_program(&self) -> bool {
        match self {
            Self::Service | Self::Gateway { .. } | Self::Balancer { .. } => true,
            Self::Schedule { .. } => false,
        }
    }
}

/// A health check of replicas.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The path that answers 200 while the replica is healthy.
    pub path: String,
    /// Seconds between two checks.
    pub every: f64,
}

/// Autoscaling.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// Target utilization, 0 to 1.
    pub target: f64,
}

/// What runs one process or node of the design's own.
#[derive(Clone, Debug, PartialEq)]
pub enum Host {
    /// A container in a size that Fargate sells.
    Fargate {
        /// vCPUs.
        vcpu: f64,
        /// Memory in GiB.
        gib: f64,
    },
    /// A machine: of EC2 for a program, of its own service for a store.
    Machine {
        /// As the service names it: `m7g.large`, `db.m7g.large`.
        name: String,
        /// vCPUs.
        vcpu: f64,
        /// Memory in GiB; 0 if the catalog does not have it.
        gib: f64,
        /// Whether its processor is an Arm, so that images must be built for arm64.
        arm: bool,
        /// Whether the design names it; else it is the smallest usual one that holds the store.
        named: bool,
        /// GiB of its root volume; 0 if its service includes it.
        root_gib: u32,
    },
}

impl Host {
    /// The machine's name, if it is a machine.
    #[must_use]
    pub fn machine(&self) -> Option<&str> {
        match self {
            Self::Machine { name, .. } => Some(name),
            Self::Fargate { .. } => None,
        }
    }
}

/// A program of the design's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The component.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
    /// What it does and where its work comes from.
    pub role: Role,
    /// Its container image, if the design names one.
    pub image: Option<String>,
    /// Replicas; 1 if unknown, with a gap in the plan.
    pub replicas: u32,
    /// vCPUs of one replica.
    pub cpus: f64,
    /// Bytes of memory of one replica, if the design sets them.
    pub memory: Option<f64>,
    /// What runs one replica; none without a provider, or if nothing that is sold holds it.
    pub runs: Option<Host>,
    /// The port it listens on.
    pub port: u16,
    /// Its health check.
    pub health: Option<Health>,
    /// Its autoscaling.
    pub scale: Option<Scale>,
    /// Whether it answers requests; a worker only consumes messages.
    pub serves: bool,
}

/// A kind of managed service, with its settings.
#[derive(Clone, Debug, PartialEq)]
pub enum Service {
    /// A cache at the edge of the internet.
    Edge(Edge),
    /// A load balancer.
    Balancer(Balancer),
    /// A database: records in replicas and shards.
    Records(Records),
    /// A cache: entries in memory.
    Memory(Memory),
    /// A queue or log of messages.
    Log(Log),
    /// An object store.
    Objects(Objects),
}

/// Settings of a cache at the edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edge {
    /// Seconds for which an answer is fresh.
    pub ttl: Option<f64>,
    /// Seconds for which a stale answer is served while a fresh one is fetched.
    pub stale_while_revalidate: Option<f64>,
    /// Seconds for which a stale answer is served when the origin fails.
    pub stale_if_error: Option<f64>,
    /// Whether a web application firewall inspects each request.
    pub waf: bool,
    /// Whether it compresses answers.
    pub compress: bool,
}

/// Settings of a load balancer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Balancer {
    /// Its policy.
    pub policy: Policy,
    /// Whether TLS ends here.
    pub terminates_tls: bool,
    /// Seconds without a byte after which it closes a connection.
    pub idle_timeout: Option<f64>,
    /// The health check of its targets.
    pub health: Option<Health>,
}

/// Settings of a database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// How replicas follow a write, if the design sets it.
    pub replication: Option<Replication>,
    /// Who promotes a replica, if the design sets it.
    pub failover: Option<Failover>,
    /// Replicas that answer reads.
    pub read_from: ReadFrom,
    /// The shard key.
    pub shard_key: Option<String>,
    /// Seconds between two backups, and seconds for which one is kept.
    pub backup: Option<(Option<f64>, Option<f64>)>,
    /// Most connections of one node.
    pub max_connections: Option<f64>,
}

/// Settings of a cache.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Eviction policy.
    pub eviction: Eviction,
}

/// Settings of a queue or log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// In-sync replicas that a publish requires.
    pub min_insync: Option<u32>,
    /// Whether a replica that is behind may become leader.
    pub unclean_election: bool,
}

/// Settings of an object store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects {
    /// Storage class.
    pub class: StorageClass,
}

/// A service of the provider, or a server from a known image.
#[derive(Clone, Debug, PartialEq)]
pub struct Managed {
    /// The component.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Which service.
    pub service: Service,
    /// The shipped engine at the end of its bases, if the design names one.
    pub engine: Option<String>,
    /// Replicas of each shard.
    pub replicas: u32,
    /// Shards.
    pub shards: u32,
    /// Machines.
    pub nodes: u32,
    /// What a node is priced as; none if the provider runs it, or without a provider.
    pub runs: Option<Host>,
    /// Bytes of memory of one node, if the design sets them.
    pub memory: Option<f64>,
    /// The port it listens on.
    pub port: u16,
    /// Whether its data is encrypted at rest; true unless the design denies it.
    pub encrypted: bool,
}

/// The storage of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// The component that writes it.
    pub of: String,
    /// Bytes, if the design sets them.
    pub bytes: Option<f64>,
}

/// A connection between two components.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The caller; `None` is the internet.
    pub from: Option<String>,
    /// The callee.
    pub to: String,
    /// Whether the caller waits.
    pub sync: bool,
    /// Whether the caller consumes messages of the callee instead of sending some.
    pub consumes: bool,
    /// Method and path of the flows that use it, if they set them.
    pub paths: Vec<String>,
}

/// A secret, which no file of the project may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The component that it belongs to.
    pub of: String,
    /// Its purpose.
    pub about: String,
}

/// A stream of messages in a broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// The component.
    pub name: String,
    /// Its broker.
    pub broker: String,
    /// Partitions, consumed in parallel.
    pub partitions: Option<u32>,
    /// Replicas of each message.
    pub replicas: u32,
    /// Seconds for which a message is kept.
    pub retention: Option<f64>,
    /// Whether messages that fail repeatedly are set aside.
    pub dead_letter: bool,
    /// Whether messages keep their order.
    pub ordered: bool,
}

/// A dashboard, with what is collected for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// The monitor of the design.
    pub name: String,
    /// Seconds for which metrics are kept.
    pub retention: Option<f64>,
    /// Whether logs are collected.
    pub logs: bool,
    /// Whether traces are collected.
    pub traces: bool,
    /// Whether alerts are raised.
    pub alerts: bool,
}

/// The metric of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// 99th percentile of a flow's latency, in seconds; the bound is its target.
    Latency,
    /// Share of a flow's requests that fail; the bound is 1 less its target availability.
    Errors,
    /// CPU utilization of a component, 0 to 1.
    Cpu,
}

/// A metric with an upper bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its name: the flow or the component, and the metric.
    pub name: String,
    /// The flow or the component.
    pub of: String,
    /// The metric.
    pub watched: Watched,
    /// The bound, SI units.
    pub bound: f64,
}

/// An external system.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// The component.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
}

impl Resource {
    /// The component that it belongs to; of a network the region, of a route the callee.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::Network(n) => &n.region,
            Self::Workload(w) => &w.name,
            Self::Managed(m) => &m.name,
            Self::Volume(v) => &v.of,
            Self::Route(r) => &r.to,
            Self::Secret(s) => &s.of,
            Self::Topic(t) => &t.broker,
            Self::Dashboard(d) => &d.name,
            Self::Alert(a) => &a.of,
            Self::External(e) => &e.name,
        }
    }
}
