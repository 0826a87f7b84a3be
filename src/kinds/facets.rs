//! The closed vocabulary between kinds and analyses: the effect of a component on traffic, capacity
//! and state.
//!
//! In: nothing. Out: types. Analyses read facets, never a kind's name. Never: a design.

/// An operation of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// Its name in a call.
    pub name: &'static str,
    /// One sentence for the reference.
    pub doc: &'static str,
    /// Whether it changes stored data: then a cache cannot serve it. Filling or emptying a cache
    /// does not count.
    pub writes: bool,
}

/// A reading operation.
#[must_use]
pub const fn reads(name: &'static str, doc: &'static str) -> Op {
    Op { name, doc, writes: false }
}

/// A writing operation.
#[must_use]
pub const fn writes(name: &'static str, doc: &'static str) -> Op {
    Op { name, doc, writes: true }
}

/// How capacity is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serve {
    /// `replicas` equal processes share all requests.
    Processes,
    /// `shards` parts with `replicas` copies each. Writes go to a primary and the other copies
    /// apply them; `read_from` decides where reads go.
    Copies,
    /// `nodes` machines share the keys.
    Nodes,
}

/// The hit ratio that ends requests early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absorb {
    /// The attribute `hit` of the component itself.
    Hit,
    /// The `hit` in its `cache { }` block.
    CacheBlock,
}

/// The machines that a kind rents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rents {
    /// Containers, or machines for programs.
    Programs,
    /// Machines of a service of databases.
    Databases,
    /// Machines of a service of caches.
    Caches,
    /// Machines of a service of brokers.
    Brokers,
}

/// The basis of a component's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bill {
    /// Nothing: another organization pays.
    Nothing,
    /// Its machines or containers by the hour, and stored bytes.
    Machines(Rents),
    /// The provider's load balancer: by the hour, and by traffic.
    Balancer,
    /// Requests, and bytes to the internet.
    Edge,
    /// Stored bytes, and requests.
    Objects,
    /// The `price` of an external system, set by the design.
    Price,
    /// No price list of the catalog covers it.
    Unlisted,
}

/// The properties of a kind that analyses read.
#[derive(Clone, Copy, Debug)]
pub struct Facets {
    /// Flows may start here; it is not a target of a synchronous call.
    pub origin: bool,
    /// May call others: as a step of a flow, or in its own block.
    pub calls: bool,
    /// How it serves requests, if it has capacity of its own.
    pub serve: Option<Serve>,
    /// The hit ratio that ends requests, if any.
    pub absorb: Option<Absorb>,
    /// A call to it has its own hit ratio: `else` may follow.
    pub misses: bool,
    /// Knows the replicas of its targets and spreads its calls over them.
    pub balances: bool,
    /// Stores messages until a flow that starts here consumes them.
    pub buffers: bool,
    /// Stores data that must survive.
    pub stores: bool,
    /// An external system: another organization runs it.
    pub external: bool,
    /// Provider-managed in several zones: not one machine that can be lost.
    pub managed: bool,
    /// May be called.
    pub target: bool,
    /// May start a flow with a synchronous chain.
    pub starts: bool,
    /// The basis of its price.
    pub bill: Bill,
}

impl Facets {
    /// No properties; a kind adds its own.
    pub const NONE: Self = Self {
        origin: false,
        calls: false,
        serve: None,
        absorb: None,
        misses: false,
        balances: false,
        buffers: false,
        stores: false,
        external: false,
        managed: false,
        target: true,
        starts: false,
        bill: Bill::Nothing,
    };
}
