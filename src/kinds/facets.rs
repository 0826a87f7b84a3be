//! The closed vocabulary between kinds and analyses: what a component does to
//! traffic, capacity and state. Analyses read these, never a kind's name.

/// An operation of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// Its name in a call.
    pub name: &'static str,
    /// What it does, for the reference.
    pub doc: &'static str,
    /// Whether it changes what is kept for good: a cache above may not answer in
    /// its place. Filling or emptying a cache does not count.
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
    /// `shards` parts with `replicas` copies each: writes go to a primary and
    /// are applied by the others, reads go where `read_from` lets them.
    Copies,
    /// `nodes` machines share the keys.
    Nodes,
}

/// Where requests are answered without going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absorb {
    /// The attribute `hit` of the component itself.
    Hit,
    /// The `hit` in its `cache { }` block.
    CacheBlock,
}

/// What one pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bill {
    /// Nothing: it is not ours.
    Nothing,
    /// Its machines or containers by the hour, and the bytes it keeps.
    Machines,
    /// The provider's balancer: by the hour, and by what passes through.
    Balancer,
    /// Requests, and bytes to the internet.
    Edge,
    /// Bytes kept, and requests.
    Objects,
    /// What somebody else asks: the `price` that the design gives.
    Price,
    /// What no price list of the catalog covers.
    Unlisted,
}

/// What a component does.
#[derive(Clone, Copy, Debug)]
pub struct Facets {
    /// Flows may start here; it is no target of a synchronous call.
    pub origin: bool,
    /// May call others: as a step on the way, or by its own block.
    pub calls: bool,
    /// How it serves requests, if it has capacity of its own.
    pub serve: Option<Serve>,
    /// Whether and where hits end a request.
    pub absorb: Option<Absorb>,
    /// A call to it has a hit ratio of its own: `else` may follow.
    pub misses: bool,
    /// Knows the replicas of its targets and spreads its calls over them.
    pub balances: bool,
    /// Keeps messages until a flow that starts here takes them.
    pub buffers: bool,
    /// Keeps data that must survive.
    pub stores: bool,
    /// Run by somebody else: a call is out of our hands.
    pub external: bool,
    /// Run by the provider in several zones: not one machine that can be lost.
    pub managed: bool,
    /// May be called at all.
    pub target: bool,
    /// May start a flow with a synchronous chain.
    pub starts: bool,
    /// What one pays for.
    pub bill: Bill,
}

impl Facets {
    /// Nothing at all; a kind adds what it does.
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
