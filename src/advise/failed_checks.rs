//! Failed checks of a design, each with a name by which two designs are compared.
//!
//! In: a model, its facts and verdicts. Out: failed checks as text, and unknown values. Checks of
//! money and checks that no load affects (consistency, staleness, loss) are marked. The ladder does
//! not fix those, but a step may not make them worse. Never: a verdict of its own.

use crate::analysis::consistency::needs;
use crate::analysis::{Facts, Measure, Verdict, Verdicts};
use crate::kinds::MetricType;
use crate::model::{CompId, FlowId, Model, Slo};
use crate::units::{show_money, show_nines, show_ratio, show_time};

/// The subject of a failed check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// A component is overloaded.
    Overload(CompId),
    /// A target of a flow, by index.
    Target(FlowId, usize),
    /// A system requirement, by index.
    SystemRequirement(usize),
    /// A scenario, by index.
    Scenario(usize),
}

/// The class of a check: whether the ladder can fix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckClass {
    /// Load, time or availability: the ladder can fix it.
    Load,
    /// A budget or a cost per request.
    Money,
    /// Consistency, staleness, loss: independent of size.
    Other,
}

/// A failed check.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedCheck {
    /// ``p99 of `open` ``, `headroom of 30%`, ``scenario `sale` ``.
    pub what: String,
    /// Value and limit.
    pub why: String,
    /// Of a missed target, `why` as the predicate of several targets: "have no bound". `None` if `why` is a
    /// phrase of its own.
    pub plural: Option<String>,
    /// The metric and the flow of a missed target.
    pub target: Option<(&'static str, String)>,
    /// Its class.
    pub class: CheckClass,
    pub(super) check: Check,
}

impl FailedCheck {
    /// Whether the check is that a component is not overloaded.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(self.check, Check::Overload(_))
    }
}

/// An unknown value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its check, named like a failed check.
    pub what: String,
    /// The missing input.
    pub why: String,
    pub(super) check: Check,
}

impl Open {
    /// Whether it concerns the same component, flow, system requirement or scenario as a failed check.
    #[must_use]
    pub fn is_about(&self, miss: &FailedCheck) -> bool {
        match (self.check, miss.check) {
            (Check::Target(a, _), Check::Target(b, _)) => a == b,
            (a, b) => a == b,
        }
    }
}

/// All failed checks, and all unknown values.
pub(super) fn failed(model: &Model, facts: &Facts, verdicts: &Verdicts) -> (Vec<FailedCheck>, Vec<Open>) {
    let mut out = Vec::new();
    let mut open = Vec::new();
    for ((id, c), u) in model.all().zip(&facts.utilization) {
        if let Ok(x) = u.utilization
            && x >= 1.0
        {
            let of = u.binding.unwrap_or("capacity");
            let why = if x.is_finite() { format!("at {} of its {of}", show_ratio(x)) } else { "lost".to_owned() };
            out.push(FailedCheck {
                what: format!("`{}`", c.name),
                why,
                plural: None,
                target: None,
                class: CheckClass::Load,
                check: Check::Overload(id),
            });
        }
        if let (Err(e), false) = (&u.utilization, u.resources.is_empty()) {
            let what = format!("the load of `{}`", c.name);
            open.push(Open { what, why: e.to_string(), check: Check::Overload(id) });
        }
    }
    for (i, (flow, list)) in model.flows.iter().zip(&verdicts.slo).enumerate() {
        for (k, v) in list.iter().enumerate() {
            let what = format!("{} of `{}`", v.slo.metric.name, flow.name);
            match v.met {
                Some(true) => {}
                Some(false) => {
                    out.push(FailedCheck {
                        what,
                        why: failure(v, false),
                        plural: Some(failure(v, true)),
                        target: Some((v.slo.metric.name, flow.name.clone())),
                        class: class(&v.slo),
                        check: Check::Target(FlowId(i), k),
                    });
                }
                None => open.push(Open { what, why: unknown(v), check: Check::Target(FlowId(i), k) }),
            }
        }
    }
    for (i, p) in verdicts.system_requirements.iter().enumerate() {
        let what =
            if p.name == "survive" { format!("survive {}", p.target) } else { format!("{} {}", p.name, p.target) };
        let class = if p.name == "budget" { CheckClass::Money } else { CheckClass::Load };
        match p.met {
            Some(true) => {}
            Some(false) => {
                let why = p.worst(2);
                out.push(FailedCheck {
                    what,
                    why,
                    plural: None,
                    target: None,
                    class,
                    check: Check::SystemRequirement(i),
                });
            }
            None => {
                let why = p.why().first().map_or_else(String::new, |w| (*w).to_owned());
                open.push(Open { what, why, check: Check::SystemRequirement(i) });
            }
        }
    }
    for (i, s) in verdicts.scenarios.iter().enumerate() {
        let what = format!("scenario `{}`", s.name);
        match s.holds {
            Some(true) => {}
            Some(false) => {
                let (why, class) = in_scenario(model, s);
                out.push(FailedCheck { what, why, plural: None, target: None, class, check: Check::Scenario(i) });
            }
            None => {
                let why = s.unknown.as_ref().map(ToString::to_string).unwrap_or_default();
                open.push(Open { what, why, check: Check::Scenario(i) });
            }
        }
    }
    (out, open)
}

/// The first missed target of a scenario, and the common class of all its missed targets.
fn in_scenario(model: &Model, s: &crate::analysis::Outcome) -> (String, CheckClass) {
    let all = model.flows.iter().zip(&s.slo).flat_map(|(f, list)| list.iter().map(move |v| (f, v)));
    let failed: Vec<(&str, &Verdict)> =
        all.filter(|(_, v)| v.met == Some(false)).map(|(f, v)| (f.name.as_str(), v)).collect();
    let worst = failed.iter().map(|(_, v)| class(&v.slo)).min_by_key(|s| *s as u8).unwrap_or(CheckClass::Other);
    let first = failed.iter().find(|(_, v)| class(&v.slo) == worst);
    let more = if failed.len() > 1 { format!("; and {} more", failed.len() - 1) } else { String::new() };
    let words = first.map_or_else(
        || "a flow answers otherwise than expected".to_owned(),
        |(flow, v)| format!("{} of `{flow}` {}{more}", v.slo.metric.name, failure(v, false)),
    );
    (words, worst)
}

fn class(slo: &Slo) -> CheckClass {
    match slo.metric.name {
        name if needs(name) || name == "rto" => CheckClass::Other,
        _ if slo.metric.ty == MetricType::Cost => CheckClass::Money,
        _ => CheckClass::Load,
    }
}

/// A value in the unit of its metric.
pub(super) fn shown(slo: &Slo, x: f64) -> String {
    match slo.metric.ty {
        MetricType::Time => show_time(x),
        MetricType::Cost => format!("{} per 1k", show_money(x * 1000.0)),
        MetricType::RatioAtLeast if x < 1.0 => show_nines(x),
        _ => show_ratio(x),
    }
}

/// Value and limit of a missed target, or of several with the same value and limit.
fn failure(v: &Verdict, several: bool) -> String {
    let asked = match &v.slo.model {
        Some(model) => model.clone(),
        None => shown(&v.slo, v.slo.target),
    };
    let most = if v.slo.metric.ty == MetricType::RatioAtLeast { "at least" } else { "at most" };
    let at = if v.worst == v.value { "" } else { " at the worse endpoints of its intervals" };
    match &v.worst {
        _ if v.slo.model.is_some() => format!("is {} (target: {asked})", v.holds.unwrap_or("none of the models")),
        Measure::Known(x) => format!("is {}{at} (target: {most} {asked})", shown(&v.slo, *x)),
        Measure::Unbounded(e) => format!("{} no bound{at}: {e}", if several { "have" } else { "has" }),
        Measure::Unknown(e) => format!("is unknown: {e}"),
    }
}

fn unknown(v: &Verdict) -> String {
    match &v.worst {
        Measure::Unknown(e) => e.to_string(),
        _ => "its value at the worse endpoints is unknown".to_owned(),
    }
}
