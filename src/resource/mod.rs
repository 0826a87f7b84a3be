//! What must exist for a design to run: the closed vocabulary between kinds and
//! backends.
//!
//! In: nothing. Out: types. A kind lowers a component to these, a backend reads
//! nothing else; no kind's name is known beyond. Texts are as the design has
//! them: each backend escapes them for its language. Never: a design, a file.

mod view;

pub use view::View;

/// One thing that must exist.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// The network that everything is in.
    Network(Network),
    /// Programs of the design's own, or a proxy, in containers or on machines.
    Workload(Workload),
    /// A service that the provider runs, or a server from a known image.
    Managed(Managed),
    /// Bytes that outlive the process that writes them.
    Volume(Volume),
    /// Who may talk to whom, and what a request's path leads to.
    Route(Route),
    /// Something that must not be in a file of the project.
    Secret(Secret),
    /// A stream of messages inside a broker.
    Topic(Topic),
    /// Numbers to look at.
    Dashboard(Dashboard),
    /// A number that must not pass a bound.
    Alert(Alert),
    /// A system that somebody else runs.
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

/// How a workload learns of work.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// It answers requests, takes messages, or both.
    Service,
    /// It checks requests and passes them on.
    Gateway {
        /// How callers prove who they are; `none`, `api_key`, `jwt`, `oauth2`, `mtls`.
        auth: String,
        /// Requests per second admitted, and per what (`client`, `ip`, `user`, `route`; all together if none).
        limit: Option<(f64, Option<String>)>,
        /// Requests above the limit that are let through at once.
        burst: Option<f64>,
    },
    /// A balancer that the design runs itself.
    Balancer {
        /// How it chooses a replica.
        policy: String,
    },
    /// It starts flows by the clock.
    Schedule {
        /// Seconds between two starts.
        every: Option<f64>,
        /// Minutes after midnight UTC of the start.
        at: Option<u32>,
    },
}

/// How others learn that a replica is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// Path that answers 200 while healthy.
    pub path: String,
    /// Seconds between two checks.
    pub every: f64,
}

/// Replicas that follow the load.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// Utilisation it steers to, 0 to 1.
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
    /// What it does.
    pub role: Role,
    /// Its container image, where the design names one.
    pub image: Option<String>,
    /// Processes; 1 where that is not known, and then a gap says so.
    pub replicas: u32,
    /// vCPUs of one process.
    pub cpus: f64,
    /// Bytes of memory of one process, where the design says so.
    pub memory: Option<f64>,
    /// What runs one process; none without a provider, or if nothing that is sold holds it.
    pub runs: Option<Host>,
    /// The port it listens on.
    pub port: u16,
    /// How others learn that it is gone.
    pub health: Option<Health>,
    /// Replicas that follow the load.
    pub scale: Option<Scale>,
    /// Whether it answers requests at all; a worker only takes messages.
    pub serves: bool,
}

/// Which service.
#[derive(Clone, Debug, PartialEq)]
pub enum Service {
    /// Caches at the edge of the internet.
    Edge(Edge),
    /// Spreads requests over replicas.
    Balancer(Balancer),
    /// Records in copies and shards.
    Records(Records),
    /// Entries in memory.
    Memory(Memory),
    /// Messages that wait.
    Log(Log),
    /// Objects by name.
    Objects(Objects),
}

/// Caches at the edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edge {
    /// Seconds that an answer is fresh.
    pub ttl: Option<f64>,
    /// Seconds that a stale answer is served while a fresh one is fetched.
    pub stale_while_revalidate: Option<f64>,
    /// Seconds that a stale answer is served when the origin fails.
    pub stale_if_error: Option<f64>,
    /// Whether a web application firewall looks at each request.
    pub waf: bool,
    /// Whether it compresses answers.
    pub compress: bool,
}

/// Spreads requests over replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Balancer {
    /// How it chooses: `round_robin`, `random`, `least_connections`, `hash`, `nearest`, `failover`, `weighted`.
    pub policy: String,
    /// Whether TLS ends here.
    pub terminates_tls: bool,
    /// Seconds without a byte after which it closes a connection.
    pub idle_timeout: Option<f64>,
    /// How it learns that a target is gone.
    pub health: Option<Health>,
}

/// Records in copies and shards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// `none` `async` `semi_sync` `sync` `quorum` `consensus` `multi_primary`, where the design says so.
    pub replication: Option<String>,
    /// `auto` `manual` `none`, where the design says so.
    pub failover: Option<String>,
    /// `primary` `replica` `any` `quorum`.
    pub read_from: String,
    /// The key that it is split by.
    pub shard_key: Option<String>,
    /// Seconds between two backups, and seconds that one is kept.
    pub backup: Option<(Option<f64>, Option<f64>)>,
    /// Connections that one node accepts.
    pub max_connections: Option<f64>,
}

/// Entries in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Which entry goes when memory is full: `lru` `lfu` `fifo` `random` `ttl` `none`.
    pub eviction: String,
}

/// Messages that wait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// Copies in step that a publish needs.
    pub min_insync: Option<u32>,
    /// Whether a copy that is behind may lead.
    pub unclean_election: bool,
}

/// Objects by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects {
    /// `standard` `infrequent` `archive`
    pub class: String,
}

/// A service from the provider, or a server from a known image.
#[derive(Clone, Debug, PartialEq)]
pub struct Managed {
    /// The component.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Which service.
    pub service: Service,
    /// The shipped engine behind it; none where the design names none.
    pub engine: Option<String>,
    /// Copies of each datum.
    pub replicas: u32,
    /// Parts.
    pub shards: u32,
    /// Machines.
    pub nodes: u32,
    /// What a node is priced as; none if the provider runs it, or without a provider.
    pub runs: Option<Host>,
    /// Bytes of memory of one node, where the design says so.
    pub memory: Option<f64>,
    /// The port it listens on.
    pub port: u16,
    /// Whether its data is encrypted at rest; true unless the design says no.
    pub encrypted: bool,
}

/// Bytes that outlive the process that writes them, of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// The component that writes them.
    pub of: String,
    /// Bytes, where the design says so.
    pub bytes: Option<f64>,
}

/// Who talks to whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The caller; none is the internet.
    pub from: Option<String>,
    /// The called.
    pub to: String,
    /// Whether the caller waits.
    pub sync: bool,
    /// Whether the callee's messages are taken, not sent.
    pub consumes: bool,
    /// Method and path of the flows that go this way, where they say so.
    pub paths: Vec<String>,
}

/// Something that must not be in a file of the project.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The component it belongs to.
    pub of: String,
    /// What it is for.
    pub about: String,
}

/// A stream of messages inside a broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// The component.
    pub name: String,
    /// The broker that it is in.
    pub broker: String,
    /// Parts that are consumed side by side.
    pub partitions: Option<u32>,
    /// Copies of each message.
    pub replicas: u32,
    /// Seconds that a message is kept.
    pub retention: Option<f64>,
    /// Whether messages that fail again and again are set aside.
    pub dead_letter: bool,
    /// Whether messages keep an order.
    pub ordered: bool,
}

/// Numbers to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// The component that asks for it.
    pub name: String,
    /// Seconds that what it shows is kept.
    pub retention: Option<f64>,
    /// Whether logs are collected.
    pub logs: bool,
    /// Whether traces are collected.
    pub traces: bool,
    /// Whether alerts are raised.
    pub alerts: bool,
}

/// What an alert looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The 99th percentile of the flow's latency, seconds; the bound is its slo.
    Latency,
    /// Share of requests that fail; the bound is one less its availability.
    Errors,
    /// Utilisation of the component's CPU.
    Cpu,
}

/// A number that must not pass a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its name: the flow or the component, and what is watched.
    pub name: String,
    /// The flow or the component.
    pub of: String,
    /// What is looked at.
    pub watched: Watched,
    /// The bound, SI units.
    pub bound: f64,
}

/// A system that somebody else runs.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// The component.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
}

impl Resource {
    /// The component that it belongs to.
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
