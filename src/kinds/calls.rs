//! Attributes of flows, calls and scenarios, and the metrics of an slo.

use super::property::{Property, Type, prop};
use crate::resource::{Affinity, Protocol, Transaction};

/// Attributes of a flow.
pub static FLOW: [Property; 9] = [
    prop("rate", Type::Rate, "Requests per second at the peak."),
    prop("volume", Type::Rate, "Requests per second on average; the peak is `peak_to_mean` times that."),
    prop("route", Type::Text, "Method and path."),
    prop("batch", Type::Count, "Messages a consumer takes at once.").whole(1.0),
    prop("window", Type::Window, "Hours of off-peak work; each day's backlog must drain within."),
    prop("parallel", Type::Bool, "Whether a consumer gives up order for speed."),
    prop("affinity", Type::Word(Affinity::WORDS), "Whether calls stay in their zone.")
        .default("none", "calls are spread over all zones"),
    prop("owner", Type::Label, "Who answers for it."),
    prop("tags", Type::Labels, "Words that rules may match on."),
];

/// Attributes of a call.
pub static CALL: [Property; 23] = [
    prop("timeout", Type::Time, "How long the caller waits.").positive(),
    prop("retries", Type::Count, "How often it tries again.").whole(0.0),
    prop("backoff", Type::Time, "Wait before the first retry; doubled each time."),
    prop("jitter", Type::Bool, "Whether the waits are random."),
    prop("hedge", Type::Time, "After how long a second request is sent beside the first.").positive(),
    prop("size", Type::Size, "Bytes of the request."),
    prop("reply", Type::Size, "Bytes of the answer."),
    prop("protocol", Type::Word(Protocol::WORDS), "What the two speak."),
    prop("from", Type::Word(&["primary", "replica", "quorum", "any"]), "Which copy answers; overrides `read_from`."),
    prop("key", Type::Label, "What it is looked up by."),
    prop("cpu", Type::Latency, "CPU time of this call at its target."),
    prop("hit", Type::Ratio, "Share of these calls that the target's cache answers."),
    prop("batch", Type::Count, "Requests sent at once.").whole(1.0),
    prop("outbox", Type::Bool, "Whether the publish is in the same transaction as the flow's write."),
    prop("idempotency_key", Type::Bool, "Whether a repeated request is recognised."),
    prop("transaction", Type::Word(Transaction::WORDS), "What binds writes to several stores."),
    prop("compensated", Type::Bool, "Whether a saga's step can be undone."),
    prop("versioned", Type::Bool, "Whether an older write is refused."),
    prop("idempotent", Type::Bool, "Whether a repeated write is the same as one."),
    prop("parallel", Type::Bool, "Whether order is given up for speed."),
    prop("optional", Type::Bool, "Whether the flow goes on without it."),
    prop("limit", Type::Count, "Records a read returns at most.").whole(1.0),
    prop("wait", Type::Latency, "Time of this call at its target that needs no CPU."),
];

/// Attributes of a scenario; `fail`, `cut`, `slow`, flows, components and `expect` have a syntax of
/// their own.
pub static SCENARIO: [Property; 1] =
    [prop("load", Type::Factor, "Multiplies every flow whose rate the scenario does not set.").positive()];

/// The unit and direction of a metric's bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricType {
    /// At most a time.
    Time,
    /// At most a ratio.
    RatioAtMost,
    /// At least a ratio.
    RatioAtLeast,
    /// One of the consistency models.
    Model,
    /// At most an amount of money per requests.
    Cost,
}

/// A metric that an slo may bound.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Unit and direction of its bound.
    pub ty: MetricType,
    /// One sentence.
    pub doc: &'static str,
}

const fn m(name: &'static str, ty: MetricType, doc: &'static str) -> Metric {
    Metric { name, ty, doc }
}

/// The consistency models, strongest first.
pub const MODELS: [&str; 7] =
    ["linearizable", "sequential", "causal", "read_your_writes", "monotonic_reads", "bounded", "eventual"];

/// All metrics of an slo.
pub static METRICS: [Metric; 14] = [
    m("p50", MetricType::Time, "Median latency."),
    m("p90", MetricType::Time, "90th percentile of latency."),
    m("p95", MetricType::Time, "95th percentile of latency."),
    m("p99", MetricType::Time, "99th percentile of latency."),
    m("p999", MetricType::Time, "99.9th percentile of latency."),
    m("mean", MetricType::Time, "Mean latency."),
    m("availability", MetricType::RatioAtLeast, "Share of requests that are answered."),
    m("errors", MetricType::RatioAtMost, "Share of requests that fail or time out."),
    m("consistency", MetricType::Model, "The consistency model that reads keep."),
    m("staleness", MetricType::Time, "Age of what a read may show."),
    m("lag", MetricType::Time, "p99 of the time from publish to done."),
    m("rpo", MetricType::Time, "Acknowledged writes that a failure may lose, as a time."),
    m("rto", MetricType::Time, "Time to recover from a failure."),
    m("cost", MetricType::Cost, "Cost per 1000 requests."),
];

/// The metric of that name.
#[must_use]
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.name == name)
}
