//! System requirements: `headroom`, `survive`, `budget`.
//!
//! In: the model, its facts. Out: verdicts. Headroom h: without failures, no resource is above
//! utilization 1 - h at the peak. Survive: after each loss every resource is
//! below 100%, and every target that a loss can change is met. Budget: the cost of the design,
//! US dollars a month. An unknown value is neither met nor missed. Never: a change of the design.

use crate::analysis::facts::Facts;
use crate::analysis::ground::known::Known;
use crate::analysis::ground::time_value::Measure;
use crate::analysis::verdicts::slo::{met, value};
use crate::model::Reason;
use crate::model::keys;
use crate::model::{CompId, Model};
use crate::resource::Survive;
use crate::units::{show_money, show_ratio};

/// The verdict on one system requirement.
#[derive(Clone, Debug)]
pub struct SystemRequirement {
    /// `headroom`, `survive` or `budget`.
    pub name: &'static str,
    /// The required value, as text.
    pub target: String,
    /// The limit: a utilization, or US dollars a month.
    pub bound: f64,
    /// The value: the highest utilization, or US dollars a month.
    pub value: Known,
    /// Whether it is met; none if unknown.
    pub met: Option<bool>,
    /// Why it is missed or unknown: the subject, the size of the miss, the text.
    reasons: Vec<(String, f64, String)>,
    /// Components that make it missed.
    pub broken_by: Vec<CompId>,
}

/// All system requirements of a design, in a fixed order.
#[must_use]
pub fn system_requirements(model: &Model, facts: &Facts, load: f64) -> Vec<SystemRequirement> {
    let mut out = Vec::new();
    if let Some(h) = model.system.attrs.read(keys::HEADROOM).filter(|h| h.mid > 0.0) {
        let bound = 1.0 - h.mid;
        let mut p = SystemRequirement::new("headroom", show_ratio(h.mid), bound);
        p.utilization(model, facts, bound, true, "");
        out.push(p);
    }
    let survive = model.system.attrs.read(keys::SURVIVE).unwrap_or_default();
    if survive != Survive::None {
        let mut p = SystemRequirement::new("survive", format!("the loss of a {}", survive.word()), 1.0);
        if survive == Survive::Region {
            p.unknown(&"failover between regions is not modeled".to_owned());
        }
        for lossy in model.survivals() {
            let facts = Facts::new(&lossy.model, load);
            let without = format!(" without {}", lossy.what);
            if p.utilization(&lossy.model, &facts, 1.0, false, &without) {
                // Targets are not judged in an overload, which misses them anyway.
                continue;
            }
            for (i, flow) in lossy.model.flows.iter().enumerate() {
                for slo in flow.slo.iter().filter(|s| changes_with_a_loss(s.metric.name)) {
                    let value = value(&facts, i, slo);
                    let name = slo.metric.name;
                    match (met(slo, &value), &value) {
                        (Some(true), _) => {}
                        (Some(false), Measure::Unbounded(e)) => {
                            p.missed(format!("{} of flow `{}` has no bound{without}: {e}", name, flow.name));
                        }
                        (Some(false), _) => p.missed(format!("{} of flow `{}` is missed{without}", name, flow.name)),
                        (None, Measure::Unknown(why)) => {
                            for input in why.all().map(Reason::sentence) {
                                let text = format!("{name} of flow `{}`{without}: {input}", flow.name);
                                p.unknown_by(input, text);
                            }
                        }
                        (None, _) => p.unknown(&format!("{name} of flow `{}`{without} is unknown", flow.name)),
                    }
                }
            }
            for doubt in lossy.doubts {
                p.unknown(&format!("{doubt}, which{without} decides"));
            }
        }
        out.push(p);
    }
    if let Some(b) = model.system.attrs.read(keys::BUDGET) {
        let month = b.mid * crate::units::MONTH;
        let mut p = SystemRequirement::new("budget", format!("{}/month", show_money(month)), month);
        p.value = facts.cost.total();
        let at_least = facts.cost.at_least();
        if at_least > month {
            p.missed(format!("it costs at least {}/month", show_money(at_least)));
        } else {
            facts.cost.unknown().into_iter().for_each(|e| p.unknown(&e));
        }
        out.push(p);
    }
    out
}

/// Whether a loss of replicas can change a metric; false for metrics that are not computed.
fn changes_with_a_loss(metric: &str) -> bool {
    crate::analysis::LATENCY_METRICS.contains(&metric) || ["availability", "errors", "lag"].contains(&metric)
}

impl SystemRequirement {
    fn new(name: &'static str, target: String, bound: f64) -> Self {
        Self { name, target, bound, value: Ok(0.0), met: Some(true), reasons: Vec::new(), broken_by: Vec::new() }
    }

    /// The reasons why it is missed or unknown, as text.
    #[must_use]
    pub fn why(&self) -> Vec<&str> {
        self.reasons.iter().map(|(_, _, text)| text.as_str()).collect()
    }

    /// The `most` worst reasons as text, and the number of others.
    #[must_use]
    pub fn worst(&self, most: usize) -> String {
        let mut all: Vec<&(String, f64, String)> = self.reasons.iter().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let shown: Vec<&str> = all.iter().take(most).map(|(_, _, text)| text.as_str()).collect();
        let more = all.len().saturating_sub(most);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}{more}", shown.join("; "))
    }

    /// Adds a reason; for each subject only the worst stays.
    fn reason(&mut self, what: String, size: f64, text: String) {
        match self.reasons.iter_mut().find(|(w, _, _)| *w == what) {
            Some(old) if old.1 < size => *old = (what, size, text),
            Some(_) => {}
            None => self.reasons.push((what, size, text)),
        }
    }

    fn missed(&mut self, why: String) {
        self.missed_by(why.clone(), 0.0, why);
    }

    fn missed_by(&mut self, what: String, size: f64, why: String) {
        if self.met != Some(false) {
            self.reasons.clear();
        }
        self.met = Some(false);
        self.reason(what, size, why);
    }

    fn unknown(&mut self, why: &impl ToString) {
        self.unknown_by(why.to_string(), why.to_string());
    }

    /// Adds a missing input, once for all losses and flows that lack it.
    fn unknown_by(&mut self, input: String, why: String) {
        if self.met != Some(false) {
            self.met = None;
            self.reason(input, 0.0, why);
        }
    }

    /// Makes the requirement unknown for this reason, unless it is missed.
    pub(in crate::analysis) fn cannot(&mut self, why: &Reason) {
        self.unknown(why);
    }

    /// Compares every resource with a limit (`inclusive`: equality meets it); whether one exceeds it.
    fn utilization(&mut self, model: &Model, facts: &Facts, bound: f64, inclusive: bool, when: &str) -> bool {
        let mut exceeded = false;
        for ((id, c), u) in model.all().zip(&facts.utilization).filter(|(_, u)| !u.resources.is_empty()) {
            match &u.utilization {
                Ok(x) => {
                    if let Ok(worst) = &mut self.value {
                        *worst = worst.max(*x);
                    }
                    let fine = if inclusive { *x <= bound + 1e-9 } else { *x < bound };
                    if !fine {
                        let what = if x.is_infinite() {
                            format!("`{}` is lost{when}", c.name)
                        } else {
                            let of = u.binding.unwrap_or("capacity");
                            format!("`{}` is at {} of its {of}{when}", c.name, show_ratio(*x))
                        };
                        exceeded = true;
                        self.missed_by(c.name.clone(), *x, what);
                        self.broken_by.push(id);
                    }
                }
                Err(e) => {
                    if self.value.is_ok() {
                        self.value = Err(e.clone());
                    }
                    self.unknown(e);
                }
            }
        }
        exceeded
    }

    /// Merges the verdict on the same requirement in another case.
    pub(in crate::analysis) fn meet(&mut self, other: SystemRequirement) {
        self.value = match (self.value.clone(), other.value) {
            (Ok(a), Ok(b)) => Ok(a.max(b)),
            (Err(e), _) | (_, Err(e)) => Err(e),
        };
        match other.met {
            Some(true) => {}
            Some(false) => {
                for (what, size, text) in other.reasons {
                    self.missed_by(what, size, text);
                }
                self.broken_by.extend(other.broken_by);
                self.broken_by.sort_unstable();
                self.broken_by.dedup();
            }
            None => other.reasons.into_iter().for_each(|(input, _, text)| self.unknown_by(input, text)),
        }
    }
}
