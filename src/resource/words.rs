//! Vocabularies of the design whose words backends translate.
//!
//! In: nothing. Out: enums. A kind takes the words of an attribute from here, so that a
//! new word is a compile error in each backend.

/// An enum, its words in a design, and both ways between them.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// All words, for the table of a kind.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The value of a word.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                [$((Self::$variant, $word)),+].into_iter().find(|(_, w)| *w == word).map(|(value, _)| value)
            }

            /// Its word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// How a load balancer chooses a replica.
    #[derive(Default)]
    Policy {
        /// In turn.
        #[default]
        RoundRobin = "round_robin",
        /// At random.
        Random = "random",
        /// The replica with the fewest connections.
        LeastConnections = "least_connections",
        /// By a hash of the request.
        Hash = "hash",
        /// The replica nearest to the caller.
        Nearest = "nearest",
        /// The first replica that is up.
        Failover = "failover",
        /// By weight.
        Weighted = "weighted",
    }
}

words! {
    /// How callers authenticate.
    #[derive(Default)]
    Auth {
        /// They do not.
        #[default]
        None = "none",
        /// With a key in a header.
        ApiKey = "api_key",
        /// With a signed token.
        Jwt = "jwt",
        /// With an access token of OAuth 2.
        Oauth2 = "oauth2",
        /// With a client certificate.
        Mtls = "mtls",
    }
}

words! {
    /// Which entry a full cache evicts.
    #[derive(Default)]
    Eviction {
        /// The least recently used.
        #[default]
        Lru = "lru",
        /// The least frequently used.
        Lfu = "lfu",
        /// The oldest.
        Fifo = "fifo",
        /// Any.
        Random = "random",
        /// The one that expires first.
        Ttl = "ttl",
        /// None: it refuses new ones.
        None = "none",
    }
}

words! {
    /// How replicas of a database follow a write.
    #[derive(Default)]
    Replication {
        /// There are none.
        #[default]
        None = "none",
        /// Asynchronously.
        Async = "async",
        /// A commit waits until one replica has received it.
        SemiSync = "semi_sync",
        /// A commit waits for a replica.
        Sync = "sync",
        /// A write waits for a quorum.
        Quorum = "quorum",
        /// Replicas agree on a log.
        Consensus = "consensus",
        /// Several primaries take writes.
        MultiPrimary = "multi_primary",
    }
}

impl Replication {
    /// Whether a commit waits for other replicas.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(self, Self::SemiSync | Self::Sync | Self::Quorum | Self::Consensus)
    }

    /// Whether all replicas serve alike: there is no primary that the others follow.
    #[must_use]
    pub const fn has_no_primary(self) -> bool {
        matches!(self, Self::Quorum | Self::Consensus | Self::MultiPrimary)
    }
}

words! {
    /// Who promotes a replica when the primary is lost.
    #[derive(Default)]
    Failover {
        /// The system.
        Auto = "auto",
        /// A person.
        Manual = "manual",
        /// Nobody.
        #[default]
        None = "none",
    }
}

words! {
    /// Which replicas answer reads.
    #[derive(Default)]
    ReadFrom {
        /// The primary.
        #[default]
        Primary = "primary",
        /// A replica.
        Replica = "replica",
        /// Any of them.
        Any = "any",
        /// A quorum.
        Quorum = "quorum",
    }
}

words! {
    /// Storage class of objects.
    #[derive(Default)]
    StorageClass {
        /// For objects that are read.
        #[default]
        Standard = "standard",
        /// For objects that are seldom read.
        Infrequent = "infrequent",
        /// For objects that are almost never read.
        Archive = "archive",
    }
}

words! {
    /// The protocol of a call.
    #[derive(Default)]
    Protocol {
        /// HTTP 1.1.
        #[default]
        Http = "http",
        /// HTTP 1.1 over TLS.
        Https = "https",
        /// HTTP 2.
        Http2 = "http2",
        /// gRPC.
        Grpc = "grpc",
        /// REST over HTTP 1.1.
        Rest = "rest",
        /// WebSocket.
        Websocket = "websocket",
        /// Bytes over TCP.
        Tcp = "tcp",
        /// Datagrams.
        Udp = "udp",
        /// AMQP.
        Amqp = "amqp",
        /// MQTT.
        Mqtt = "mqtt",
        /// The protocol of Kafka.
        Kafka = "kafka",
        /// The wire protocol of a relational database.
        Sql = "sql",
        /// The protocol of Redis.
        Resp = "resp",
    }
}

impl Protocol {
    /// Whether one connection carries many calls at once.
    #[must_use]
    pub const fn multiplexes(self) -> bool {
        matches!(self, Self::Http2 | Self::Grpc | Self::Amqp | Self::Mqtt | Self::Kafka)
    }

    /// Whether a proxy opens one connection downstream for each connection that it holds.
    #[must_use]
    pub const fn forwards_bytes(self) -> bool {
        matches!(self, Self::Websocket | Self::Tcp)
    }
}

words! {
    /// Which messages of a queue arrive in order.
    #[derive(Default)]
    MessageOrder {
        /// None.
        #[default]
        None = "none",
        /// Those with the same key.
        Key = "key",
        /// All.
        Total = "total",
    }
}

words! {
    /// State that a replica keeps between requests.
    #[derive(Default)]
    ReplicaState {
        /// None.
        #[default]
        None = "none",
        /// A cache for the sessions that stay at the replica.
        Sticky = "sticky",
        /// Data that only this replica has.
        Local = "local",
    }
}

words! {
    /// What a balancer does with TLS.
    #[derive(Default)]
    TlsMode {
        /// TLS ends at the balancer.
        Terminate = "terminate",
        /// The balancer forwards the encrypted bytes.
        Passthrough = "passthrough",
        /// There is no TLS.
        #[default]
        None = "none",
    }
}

words! {
    /// Where a cache in a process keeps its entries.
    #[derive(Default)]
    EntryStore {
        /// In the memory of the process.
        #[default]
        Memory = "memory",
        /// On disk.
        Disk = "disk",
    }
}

words! {
    /// Whether the calls of a flow stay in their zone.
    #[derive(Default)]
    Affinity {
        /// They go to any zone.
        #[default]
        None = "none",
        /// They stay in their zone.
        Zone = "zone",
    }
}

words! {
    /// Which replicas a publish waits for.
    Acks {
        /// None: the broker does not confirm.
        None = "none",
        /// The leader.
        Leader = "leader",
        /// All replicas in step.
        All = "all",
    }
}

words! {
    /// How often a queue delivers a message.
    MessageDelivery {
        /// Once or not at all.
        AtMostOnce = "at_most_once",
        /// Once or more.
        AtLeastOnce = "at_least_once",
        /// Once.
        ExactlyOnce = "exactly_once",
    }
}

words! {
    /// What a commit does without its synchronous replica.
    OnSyncLoss {
        /// It waits.
        Block = "block",
        /// It goes on alone.
        Degrade = "degrade",
    }
}

words! {
    /// What orders conflicting writes.
    WriteClock {
        /// A logical clock.
        Logical = "logical",
        /// The time of day.
        Wall = "wall",
    }
}

words! {
    /// Whether a quorum read repairs the replicas that it asked before it answers.
    ReadRepair {
        /// It does.
        Blocking = "blocking",
        /// It does not.
        None = "none",
    }
}

words! {
    /// What binds writes to several stores.
    Transaction {
        /// Two-phase commit.
        TwoPhase = "two_phase",
        /// A saga: steps that can be compensated.
        Saga = "saga",
    }
}

words! {
    /// How writes reach a cache and its store.
    CacheWrite {
        /// To the store; the caller fills the cache.
        Aside = "aside",
        /// To both before the answer.
        Through = "through",
        /// To the cache, later to the store.
        Behind = "behind",
    }
}

words! {
    /// What drops an entry of a cache before it expires.
    InvalidateOn {
        /// Nothing.
        None = "none",
        /// A write of the same URI.
        SameUri = "same_uri",
    }
}

words! {
    /// The loss that a design must survive.
    #[derive(Default)]
    Survive {
        /// None.
        #[default]
        None = "none",
        /// A replica.
        Replica = "replica",
        /// A zone.
        Zone = "zone",
        /// A region.
        Region = "region",
    }
}

words! {
    /// What a rate is counted for.
    CountedPer {
        /// Each user.
        User = "user",
        /// Each client.
        Client = "client",
        /// Each address.
        Ip = "ip",
        /// Each route.
        Route = "route",
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Acks, Affinity, Auth, CacheWrite, CountedPer, EntryStore, Eviction, Failover, InvalidateOn, MessageDelivery,
        MessageOrder, OnSyncLoss, Policy, Protocol, ReadFrom, ReadRepair, ReplicaState, Replication, StorageClass,
        Survive, TlsMode, Transaction, WriteClock,
    };

    #[test]
    fn each_word_is_its_own_value() {
        macro_rules! check {
            ($($name:ident),+) => {$(
                for word in $name::WORDS {
                    assert_eq!($name::of(word).map($name::word), Some(*word));
                }
                assert_eq!($name::of("no such word"), None);
            )+};
        }
        check!(
            Acks,
            MessageDelivery,
            OnSyncLoss,
            WriteClock,
            ReadRepair,
            Transaction,
            CacheWrite,
            CountedPer,
            InvalidateOn,
            Survive,
            Affinity,
            Auth,
            EntryStore,
            Eviction,
            Failover,
            MessageOrder,
            Policy,
            Protocol,
            ReadFrom,
            ReplicaState,
            Replication,
            StorageClass,
            TlsMode
        );
    }
}
