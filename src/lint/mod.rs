//! Rules: one file each, listed here.
//!
//! In: model, graph, facts. Out: findings, and for each rule the inputs that it lacks to decide.
//! Never: a guess.

mod all_replicas_acknowledge;
mod allows;
mod amplification;
mod backlog_grows;
mod cache_only_writes;
mod cache_without_ttl;
mod check_then_act;
mod clocks_decide;
mod concurrency;
mod consistency_unproved;
mod dual_write;
mod even_voters;
mod idle_consumers;
mod late_fill;
mod memory_small;
mod more_than_machine;
mod no_backup;
mod no_sizes;
mod not_once;
mod order_lost;
mod outgrown;
mod overload;
mod own_rules;
mod pools;
mod repeated_message;
mod rpo_missed;
mod saga_stuck;
mod scenario_fails;
mod short_retention;
mod single_point;
mod slo_unmet;
mod slow_drain;
mod split_commit;
mod stale_data;
mod stale_update;
mod strong_read;
mod sync_cycle;
mod system_requirement;
mod timeout_inversion;
mod two_domains;
mod unbalanced;
mod unbounded;
mod unconfirmed;
mod unconsumed_messages;
mod unfenced;
mod unique_keys;
mod unsafe_log;
mod unused;
mod voters;
mod voters_with_primary;
mod weak_isolation;

use crate::analysis::consistency::Consistency;
use crate::analysis::{Facts, Verdicts};
use crate::diag::{Diagnostic, Severity, Sink};
use crate::graph::CallGraph;
use crate::model::Model;

pub use allows::apply_allows;

/// A rule.
#[derive(Debug)]
pub struct Lint {
    /// `ARC` and three digits; never reused.
    pub code: &'static str,
    /// The title.
    pub title: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// Its page: predicate, reason, source, fix.
    pub page: &'static str,
    /// A design with a finding of the rule; a test executes it.
    pub bad: &'static str,
    /// The fixed design; a test executes it.
    pub good: &'static str,
    /// The rule itself.
    pub run: fn(&Context, &mut Report),
}

/// The input of a rule.
#[derive(Debug)]
pub struct Context<'a> {
    /// The design.
    pub model: &'a Model,
    /// The graph of its calls.
    pub graph: &'a CallGraph,
    /// Rates and utilization.
    pub facts: &'a Facts,
    /// Targets and scenarios.
    pub verdicts: &'a Verdicts,
    /// Guarantees of flows; labels and outcomes of stores.
    pub consistency: &'a Consistency,
    /// Requirements that sizing found to be infeasible together.
    pub conflict: &'a [String],
}

/// The output of the rules.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings.
    pub sink: Sink,
    /// Code and missing input, for each undecided question.
    pub undecided: Vec<(&'static str, String)>,
}

impl Report {
    /// Adds a finding.
    pub fn push(&mut self, d: Diagnostic) {
        self.sink.push(d);
    }

    /// Records that a rule cannot be decided.
    pub fn undecided(&mut self, lint: &Lint, why: impl std::fmt::Display) {
        self.undecided.push((lint.code, why.to_string()));
    }
}

/// All rules, by code.
pub static LINTS: [&Lint; 50] = [
    &single_point::LINT,
    &voters::LINT,
    &even_voters::LINT,
    &two_domains::LINT,
    &voters_with_primary::LINT,
    &unfenced::LINT,
    &unused::LINT,
    &unconsumed_messages::LINT,
    &sync_cycle::LINT,
    &timeout_inversion::LINT,
    &amplification::LINT,
    &unbalanced::LINT,
    &pools::LINT,
    &concurrency::LINT,
    &backlog_grows::LINT,
    &idle_consumers::LINT,
    &slow_drain::LINT,
    &split_commit::LINT,
    &dual_write::LINT,
    &saga_stuck::LINT,
    &no_backup::LINT,
    &rpo_missed::LINT,
    &consistency_unproved::LINT,
    &stale_data::LINT,
    &strong_read::LINT,
    &unique_keys::LINT,
    &check_then_act::LINT,
    &unsafe_log::LINT,
    &all_replicas_acknowledge::LINT,
    &clocks_decide::LINT,
    &stale_update::LINT,
    &weak_isolation::LINT,
    &cache_without_ttl::LINT,
    &cache_only_writes::LINT,
    &late_fill::LINT,
    &memory_small::LINT,
    &repeated_message::LINT,
    &order_lost::LINT,
    &not_once::LINT,
    &short_retention::LINT,
    &unconfirmed::LINT,
    &own_rules::LINT,
    &unbounded::LINT,
    &overload::LINT,
    &more_than_machine::LINT,
    &slo_unmet::LINT,
    &scenario_fails::LINT,
    &system_requirement::LINT,
    &no_sizes::LINT,
    &outgrown::LINT,
];

/// The rule of a code.
#[must_use]
pub fn lint(code: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|l| l.code == code).copied()
}

/// Runs all rules.
#[must_use]
pub fn run(context: &Context) -> Report {
    let mut report = Report::default();
    for lint in LINTS {
        (lint.run)(context, &mut report);
    }
    report
}
