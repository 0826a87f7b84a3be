//! Typed keys of attributes.
//!
//! In: nothing. Out: a constant for each attribute that the program reads, with the type of its
//! value. Attributes are read by these, never by a string, so a name that no kind has or a type
//! that its value has not is found by the compiler or by the test of this file. Never: a value.

use super::value::{Attr, Attrs, Hole, Interval, Latency, Law, Value};
use crate::resource::{
    Acks, CacheWrite, InvalidateOn, MessageDelivery, OnSyncLoss, ReadRepair, Survive, Transaction, WriteClock,
};
use std::marker::PhantomData;

/// The name of an attribute, with the type of its value.
pub struct Key<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    const fn new(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    /// The name as designs write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// How a value is read as a type.
pub trait Read {
    /// What comes out.
    type Out<'a>;

    /// The value as that type, if it has it.
    fn read(value: &Value) -> Option<Self::Out<'_>>;
}

/// A quantity in SI units; of a limit, a price or a count with a key the number alone.
pub enum Number {}
/// A time with its law; a plain number is constant.
pub enum Time {}
/// `true` or `false`.
pub enum Flag {}
/// A word, a label or a string.
pub enum Text {}
/// Several words.
pub enum Texts {}
/// A block of attributes.
pub enum Block {}
/// A value of another shape, which its reader matches.
pub enum Shape {}

impl Read for Number {
    type Out<'a> = Interval;

    fn read(value: &Value) -> Option<Interval> {
        match value {
            Value::Number(n) => Some(*n),
            Value::Shards(inner, _) => match **inner {
                Value::Number(n) => Some(n),
                _ => None,
            },
            Value::Latency(l) => Some(l.mean),
            Value::Limit(n, _) | Value::Price(n, _) => Some(*n),
            _ => None,
        }
    }
}

impl Read for Time {
    type Out<'a> = Latency;

    fn read(value: &Value) -> Option<Latency> {
        match value {
            Value::Latency(l) => Some(*l),
            Value::Number(n) => Some(Latency { mean: *n, law: Law::Constant }),
            _ => None,
        }
    }
}

impl Read for Flag {
    type Out<'a> = bool;

    fn read(value: &Value) -> Option<bool> {
        if let Value::Bool(b) = value { Some(*b) } else { None }
    }
}

impl Read for Text {
    type Out<'a> = &'a str;

    fn read(value: &Value) -> Option<&str> {
        if let Value::Word(w) = value { Some(w) } else { None }
    }
}

impl Read for Texts {
    type Out<'a> = &'a [String];

    fn read(value: &Value) -> Option<&[String]> {
        if let Value::Words(w) = value { Some(w) } else { None }
    }
}

impl Read for Block {
    type Out<'a> = &'a Attrs;

    fn read(value: &Value) -> Option<&Attrs> {
        if let Value::Block(b) = value { Some(b) } else { None }
    }
}

impl Read for Shape {
    type Out<'a> = &'a Value;

    fn read(value: &Value) -> Option<&Value> {
        Some(value)
    }
}

/// Words of a closed vocabulary, read as its enum.
macro_rules! read_words {
    ($($name:ident),+) => {$(
        impl Read for $name {
            type Out<'a> = Self;

            fn read(value: &Value) -> Option<Self> {
                Text::read(value).and_then(Self::of)
            }
        }
    )+};
}

read_words!(Acks, MessageDelivery, OnSyncLoss, WriteClock, ReadRepair, Transaction, CacheWrite, InvalidateOn, Survive);

impl Attrs {
    /// The attribute of a key.
    #[must_use]
    pub fn attr<T>(&self, key: Key<T>) -> Option<&Attr> {
        self.get(key.name())
    }

    /// The attribute of a key, without noting that it was read.
    #[must_use]
    pub fn peek_at<T>(&self, key: Key<T>) -> Option<&Attr> {
        self.peek(key.name())
    }

    /// The value of a key, if it has one of its type.
    #[must_use]
    pub fn read<T: Read>(&self, key: Key<T>) -> Option<T::Out<'_>> {
        self.read_named::<T>(key.name())
    }

    /// The value of an attribute whose name comes from a table, if it has one of that type.
    #[must_use]
    pub fn read_named<T: Read>(&self, name: &str) -> Option<T::Out<'_>> {
        T::read(&self.get(name)?.value)
    }

    /// The attributes of one operation.
    #[must_use]
    pub fn op(&self, name: &str) -> Option<&Attrs> {
        match self.read(OPS)? {
            Value::Ops(ops) => ops.iter().find(|(n, _)| n == name).map(|(_, a)| a),
            _ => None,
        }
    }

    /// The variable (`?`) of a key, if its value is to be solved.
    #[must_use]
    pub fn hole_at<T>(&self, key: Key<T>) -> Option<&Hole> {
        self.hole(key.name())
    }
}

/// Declares the keys, and the list of all for the test.
macro_rules! keys {
    ($($name:ident: $ty:ident = $word:literal,)+) => {
        $(
            #[doc = concat!("`", $word, "`")]
            pub const $name: Key<$ty> = Key::new($word);
        )+

        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$(($word, stringify!($ty))),+];
    };
}

keys! {
    ACKS: Acks = "acks",
    AFFINITY: Text = "affinity",
    AGE: Flag = "age",
    AT: Shape = "at",
    AUTOSCALE: Block = "autoscale",
    AVAILABILITY: Number = "availability",
    BACKOFF: Number = "backoff",
    BACKUP: Block = "backup",
    BATCH: Number = "batch",
    BREAKER: Flag = "breaker",
    BUDGET: Number = "budget",
    BURST: Number = "burst",
    CACHE: Block = "cache",
    CLASS: Text = "class",
    CLIENT: Number = "client",
    CLOCK: WriteClock = "clock",
    COMPENSATED: Flag = "compensated",
    CONFIRMS: Flag = "confirms",
    CONNECTIONS: Number = "connections",
    CONSISTENCY: Text = "consistency",
    CORES: Number = "cores",
    CROSS_ZONE: Number = "cross_zone",
    COST: Shape = "cost",
    CPU: Time = "cpu",
    DATA: Number = "data",
    DATA_CLASS: Text = "data_class",
    DELIVERY: MessageDelivery = "delivery",
    DISK: Block = "disk",
    EDGE: Number = "edge",
    ENTRIES: Number = "entries",
    ENTRY_SIZE: Number = "entry_size",
    EVERY: Number = "every",
    EVICTION: Text = "eviction",
    FAILOVER: Text = "failover",
    FENCED: Flag = "fenced",
    FILL: Text = "fill",
    FLUSH: Number = "flush",
    FROM: Text = "from",
    GROWTH: Shape = "growth",
    HEADROOM: Number = "headroom",
    HEALTH_CHECK: Block = "health_check",
    HEDGE: Number = "hedge",
    HIT: Number = "hit",
    HORIZON: Number = "horizon",
    IDEMPOTENCY_KEY: Flag = "idempotency_key",
    IDEMPOTENT: Flag = "idempotent",
    INSTANCE: Text = "instance",
    INVALIDATE: InvalidateOn = "invalidate",
    IOPS: Number = "iops",
    ISOLATION: Text = "isolation",
    ITEMS: Number = "items",
    JITTER: Flag = "jitter",
    KEEP: Number = "keep",
    KEY: Text = "key",
    LAG: Number = "lag",
    LATENCY: Time = "latency",
    LIMIT: Shape = "limit",
    LOCAL_QUORUM: Flag = "local_quorum",
    MAX: Number = "max",
    MAX_CONNECTIONS: Number = "max_connections",
    MAX_LAG: Number = "max_lag",
    MAX_LENGTH: Number = "max_length",
    MAX_QUEUE: Number = "max_queue",
    MEMORY: Number = "memory",
    MIN: Number = "min",
    MIN_INSYNC: Number = "min_insync",
    MIN_REPLICAS_TO_WRITE: Number = "min_replicas_to_write",
    MODEL: Text = "model",
    NETWORK: Block = "network",
    NODES: Number = "nodes",
    ON_SYNC_LOSS: OnSyncLoss = "on_sync_loss",
    OPS: Shape = "ops",
    OPTIMISTIC: Flag = "optimistic",
    OPTIONAL: Flag = "optional",
    ORDERING: Text = "ordering",
    OUTBOX: Flag = "outbox",
    PARALLEL: Flag = "parallel",
    PARTITIONS: Number = "partitions",
    PEAK_TO_MEAN: Number = "peak_to_mean",
    PLACE: Shape = "place",
    POLICY: Text = "policy",
    POOL: Number = "pool",
    PRICE: Shape = "price",
    PRIMARY: Text = "primary",
    PROFILE: Block = "profile",
    PROTOCOL: Text = "protocol",
    PROVIDER: Text = "provider",
    R: Number = "r",
    RATE_LIMIT: Shape = "rate_limit",
    REACT: Number = "react",
    READ_FROM: Text = "read_from",
    READ_REPAIR: ReadRepair = "read_repair",
    REFRESH: Number = "refresh",
    REGION: Texts = "region",
    REGIONS: Texts = "regions",
    REPLICAS: Shape = "replicas",
    REPLICATION: Text = "replication",
    REPLY: Number = "reply",
    RETENTION: Number = "retention",
    RETRIES: Number = "retries",
    RETRY_BUDGET: Number = "retry_budget",
    RUNTIME: Text = "runtime",
    SESSION: Shape = "session",
    SHARD_SKEW: Number = "shard_skew",
    SHARDS: Shape = "shards",
    SIZE: Number = "size",
    SKEW: Number = "skew",
    SLOPPY: Flag = "sloppy",
    SPOF_OK: Flag = "spof_ok",
    STALE_IF_ERROR: Number = "stale_if_error",
    STALE_WHILE_REVALIDATE: Number = "stale_while_revalidate",
    STATE: Text = "state",
    STORE: Text = "store",
    SURVIVE: Survive = "survive",
    SYNC_REPLICAS: Number = "sync_replicas",
    TAGS: Texts = "tags",
    TARGET: Number = "target",
    THREADS: Number = "threads",
    THROUGHPUT: Number = "throughput",
    TIMEOUT: Number = "timeout",
    TLS: Text = "tls",
    TRANSACTION: Transaction = "transaction",
    TROUGH: Number = "trough",
    TTL: Number = "ttl",
    UNCLEAN_ELECTION: Flag = "unclean_election",
    UNIQUE: Flag = "unique",
    USERS: Number = "users",
    VERSIONED: Flag = "versioned",
    W: Number = "w",
    WAIT: Time = "wait",
    WINDOW: Shape = "window",
    WITNESSES: Shape = "witnesses",
    WORKING_SET: Number = "working_set",
    WRITE: CacheWrite = "write",
    ZONE: Number = "zone",
    ZONE_AVAILABILITY: Number = "zone_availability",
    ZONES: Number = "zones",
    BUFFER: Number = "cache",
    PEAK_HOUR: Shape = "peak_hour",
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::kinds::{CALL, FLOW, KINDS, OP, Property, SYSTEM, Type};
    use crate::resource::{
        Acks, CacheWrite, InvalidateOn, MessageDelivery, OnSyncLoss, ReadRepair, Survive, Transaction, WriteClock,
    };

    fn collect(p: &'static Property, out: &mut Vec<&'static Property>) {
        out.push(p);
        if let Type::Block(inner) = p.ty {
            inner.iter().for_each(|i| collect(i, out));
        }
    }

    /// Whether values of a type can be read as what a key says.
    fn fits(ty: &Type, read: &str) -> bool {
        match read {
            "Flag" => matches!(ty, Type::Bool),
            "Text" => matches!(ty, Type::Text | Type::Word(_) | Type::Label | Type::Instance | Type::Regions),
            "Texts" => matches!(ty, Type::Labels | Type::Components | Type::Zones | Type::Regions),
            "Block" => matches!(ty, Type::Block(_)),
            "Time" => matches!(ty, Type::Time | Type::Latency),
            "Number" => !matches!(ty, Type::Bool | Type::Text | Type::Word(_) | Type::Label | Type::Block(_)),
            "Acks" => matches!(ty, Type::Word(w) if *w == Acks::WORDS),
            "MessageDelivery" => matches!(ty, Type::Word(w) if *w == MessageDelivery::WORDS),
            "OnSyncLoss" => matches!(ty, Type::Word(w) if *w == OnSyncLoss::WORDS),
            "WriteClock" => matches!(ty, Type::Word(w) if *w == WriteClock::WORDS),
            "ReadRepair" => matches!(ty, Type::Word(w) if *w == ReadRepair::WORDS),
            "Transaction" => matches!(ty, Type::Word(w) if *w == Transaction::WORDS),
            "CacheWrite" => matches!(ty, Type::Word(w) if *w == CacheWrite::WORDS),
            "InvalidateOn" => matches!(ty, Type::Word(w) if *w == InvalidateOn::WORDS),
            "Survive" => matches!(ty, Type::Word(w) if *w == Survive::WORDS),
            _ => true,
        }
    }

    #[test]
    fn every_key_is_an_attribute_of_that_type() {
        let mut all = Vec::new();
        SYSTEM.iter().chain(&CALL).chain(&FLOW).chain(&OP).for_each(|p| collect(p, &mut all));
        KINDS.iter().for_each(|k| k.properties().for_each(|p| collect(p, &mut all)));
        for (word, read) in ALL {
            let mut named = all.iter().filter(|p| p.name == *word).peekable();
            assert!(named.peek().is_some(), "no attribute is named `{word}`");
            assert!(named.any(|p| fits(&p.ty, read)), "no attribute `{word}` can be read as {read}");
        }
    }
}
