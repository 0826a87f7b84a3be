//! A design as the simulator runs it: stations, and for each flow a list of operations.
//!
//! In: nothing. Out: types. Names are gone; a component, a flow, a call is a number. Never: a
//! random number, a result.

use super::random::{Keys, Time};
use crate::model::Reason;
use crate::resource::Eviction;

/// Stands for no index.
pub(super) const NONE: u32 = u32::MAX;

/// One step of a list of operations.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// Makes a call. After a miss it goes on at `miss`, after a failure at `fail`; without these a
    /// miss is an answer, and a failure ends the list.
    Call {
        /// The index of the call.
        call: u32,
        /// Where a miss goes on.
        miss: u32,
        /// Where a failure goes on.
        fail: u32,
    },
    /// Runs several lists at once: `count` branches from `first` on.
    Fork {
        /// The first branch.
        first: u32,
        /// The number of branches.
        count: u32,
    },
    /// Goes on at one arm: `count` arms from `first` on.
    Choose {
        /// The first arm.
        first: u32,
        /// The number of arms.
        count: u32,
    },
    /// Goes on at the next operation with this probability, else at `skip`.
    Maybe {
        /// The probability.
        probability: f64,
        /// Where it goes on otherwise.
        skip: u32,
    },
    /// Goes on at the next operation every `every`-th time, else at `skip`: calls sent in batches.
    Every {
        /// The index of the counter.
        counter: u32,
        /// Where it goes on otherwise.
        skip: u32,
    },
    /// Runs the list at `body` so many times, one after another.
    Repeat {
        /// The list.
        body: u32,
        /// How often.
        times: f64,
    },
    /// Goes on elsewhere.
    Jump(u32),
    /// The end of the list.
    End,
}

/// A list that runs beside others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    /// The list.
    pub at: u32,
    /// How many of it run.
    pub times: f64,
}

/// One of several lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arm {
    /// The share of this arm and of all before it.
    pub upto: f64,
    /// The list.
    pub at: u32,
}

/// How a caller chooses a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// At random.
    Random,
    /// In turn.
    InTurn,
    /// The one with the fewest open calls of this caller; at random among equals.
    Fewest,
    /// The first.
    First,
    /// The one of the consumer's slot.
    Slot,
}

/// Which copies of a store serve a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copies {
    /// Any one: replicas of a server, nodes of a cache.
    Any,
    /// The primary of a shard.
    Primary,
    /// A copy that is not the primary.
    Follower,
    /// The primary, then all followers; the answer waits for `needed` of them.
    Followers {
        /// Followers that the answer waits for.
        needed: u32,
    },
    /// So many copies at once; the answer waits for `needed` of them.
    Several {
        /// Copies that do the work.
        asked: u32,
        /// Copies that the answer waits for.
        needed: u32,
    },
}

/// Whether a lookup finds its entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lookup {
    /// With a probability.
    Ratio(f64),
    /// By the contents of a cache: the index of the first copy, and the number of copies.
    Contents(u32, u32),
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The station of the caller.
    pub caller: u32,
    /// The station of the callee.
    pub target: u32,
    /// The caller and the callee as a pair: its open calls are counted together.
    pub pair: u32,
    /// Half of the round trip, seconds.
    pub half_trip: f64,
    /// CPU time at the callee.
    pub cpu: Time,
    /// Time at the callee without CPU.
    pub wait: Time,
    /// A constant time at the callee besides, seconds.
    pub slow: f64,
    /// Whether the caller does not wait.
    pub is_async: bool,
    /// How the caller chooses a replica.
    pub choice: Choice,
    /// Which copies serve it.
    pub copies: Copies,
    /// The round trip between copies, seconds.
    pub between: f64,
    /// Timeout, retries, hedge; the index of the policy.
    pub policy: u32,
    /// The callee's own cache: a hit answers without the callee's calls.
    pub absorbs: Option<Lookup>,
    /// The lookup in the cache that is called.
    pub looks_up: Option<Lookup>,
    /// Calls of the callee: the start of the list.
    pub body: u32,
    /// The first pool of connections of this caller and callee, one for each replica of the caller.
    pub pool: u32,
    /// What a failure is to the caller.
    pub on_failure: OnFailure,
    /// Consumers that get a message: `count` of them from `first` on in the list of groups.
    pub groups: (u32, u32),
}

/// What the failure of a call is to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFailure {
    /// A failure.
    Fails,
    /// A miss.
    Misses,
    /// Nothing: the caller goes on.
    Ignored,
}

/// Timeout, retries and hedge of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Seconds until an attempt times out.
    pub timeout: Option<f64>,
    /// Retries at most.
    pub retries: u32,
    /// Seconds before the first retry; doubled each time.
    pub backoff: f64,
    /// Whether the wait is uniform between 0 and that.
    pub jitter: bool,
    /// Seconds until a second request is sent.
    pub hedge: Option<f64>,
    /// The first account of retries and errors, one for each replica of the caller.
    pub account: u32,
    /// Retries as a share of calls, at most.
    pub budget: Option<f64>,
    /// Whether a breaker stops calls after many errors.
    pub breaker: bool,
}

/// Who shares a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All requests at one replica.
    Replica,
    /// The requests of one caller, at all replicas.
    Caller,
    /// The requests of one flow, at all replicas.
    Flow,
}

/// A rate limit as token buckets: `rate` tokens a second, at most `burst` of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// Who shares a bucket.
    pub scope: Scope,
    /// Tokens a second.
    pub rate: f64,
    /// Tokens at most.
    pub burst: f64,
}

/// A component as a station.
#[derive(Clone, Debug)]
pub(super) struct Station {
    /// The name of the component.
    pub name: String,
    /// The first replica, in the list of all.
    pub first: u32,
    /// Replicas, copies of all shards, or nodes; 0 if nothing queues here.
    pub replicas: u32,
    /// Shards; each has `replicas / shards` copies.
    pub shards: u32,
    /// The share of requests that the busiest shard gets.
    pub busiest: f64,
    /// Whether each shard has a primary that the others follow.
    pub has_primary: bool,
    /// Servers of one replica.
    pub cores: u32,
    /// Requests in progress in one replica at most.
    pub threads: Option<u32>,
    /// Requests that wait in one replica at most.
    pub max_queue: Option<u32>,
    /// Connections of one replica at most.
    pub max_connections: Option<u32>,
    /// Its rate limit.
    pub limit: Option<Limit>,
    /// Whether it answers nothing.
    pub lost: bool,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents {
    /// Keys that are asked for.
    pub keys: Keys,
    /// Entries at most.
    pub entries: u32,
    /// Seconds that an entry lives.
    pub ttl: Option<f64>,
    /// Which entry goes when it is full.
    pub eviction: Eviction,
}

/// The consumers of one flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// The flow.
    pub flow: u32,
    /// Slots.
    pub slots: u32,
    /// Partitions, each read by the slot of its number modulo the slots; 0 if any free slot takes
    /// the next message.
    pub partitions: u32,
    /// Messages of one batch at most.
    pub batch: u32,
    /// How often a message is delivered at most.
    pub deliveries: u32,
}

/// How a flow starts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arrivals {
    /// At random: a Poisson process of so many a second.
    Poisson(f64),
    /// Every so many seconds.
    Every(f64),
    /// By what is published.
    Messages,
}

/// A flow.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// Its name.
    pub name: String,
    /// How it starts.
    pub arrivals: Arrivals,
    /// Its list of operations.
    pub at: u32,
    /// The group that it feeds, if it starts at a queue.
    pub group: u32,
    /// The cache of its origin.
    pub absorbs: Option<Lookup>,
    /// Users of its client; 0 if the design does not set them.
    pub users: u32,
    /// Stations that its requests wait at.
    pub stations: Vec<u32>,
}

/// A design as the simulator runs it.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    /// All operations.
    pub ops: Vec<Op>,
    /// All branches.
    pub branches: Vec<Branch>,
    /// All arms.
    pub arms: Vec<Arm>,
    /// All calls.
    pub calls: Vec<Call>,
    /// All policies.
    pub policies: Vec<Policy>,
    /// Stations, one for each component in its order.
    pub stations: Vec<Station>,
    /// Flows that run, with their number in the design.
    pub flows: Vec<(usize, Flow)>,
    /// Consumers.
    pub groups: Vec<Group>,
    /// Lists of groups that calls point into.
    pub listeners: Vec<u32>,
    /// Caches, one for each copy.
    pub caches: Vec<Contents>,
    /// Connections of each pool.
    pub pools: Vec<u32>,
    /// Sizes of batches, for each counter.
    pub counters: Vec<u32>,
    /// Pairs of caller and callee.
    pub pairs: u32,
    /// Accounts of retries.
    pub accounts: u32,
    /// Replicas of all stations.
    pub replicas: u32,
    /// Flows that are not simulated, with the reason.
    pub unknown: Vec<(usize, Reason)>,
}

/// Roles of replicas: whether in the busiest shard, whether the primary.
pub(super) const ROLES: usize = 4;

impl Station {
    /// The role of a replica, counted from the first. All are alike if there is no primary and no busiest shard.
    pub fn role(&self, replica: u32) -> usize {
        let copies = (self.replicas / self.shards).max(1);
        let skewed = self.busiest * f64::from(self.shards) > 1.0 + 1e-9;
        usize::from(self.has_primary && !replica.is_multiple_of(copies)) + 2 * usize::from(skewed && replica >= copies)
    }

    /// A station where nothing queues.
    pub fn none(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            first: 0,
            replicas: 0,
            shards: 1,
            busiest: 1.0,
            has_primary: false,
            cores: 1,
            threads: None,
            max_queue: None,
            max_connections: None,
            limit: None,
            lost: false,
        }
    }
}
