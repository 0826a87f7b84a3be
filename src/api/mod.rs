//! Library interface: open a design, judge, analyze, size and build it.
//!
//! In: a path or a text. Out: plain values that own their data. Never: a file written, a line printed.
//!
//! ```
//! use archc::api::{Day, Design, Number, Severity, target};
//!
//! let design = Design::from_text(
//!     "shop.arch",
//!     "arch 1
//!      system shop { provider = none }
//!      client web { }
//!      service app { cpu = 4ms, memory = 512MiB, replicas = ? in 1..20 }
//!      flow browse { rate = 900 rps, slo { p99 <= 100ms }, web -> app }",
//! );
//! let findings = design.judge(Day::new(2026, 11, 30).expect("a day of the calendar"));
//! assert!(findings.iter().all(|f| f.severity != Severity::Error));
//!
//! // One replica of `n` serves 900/n of its 250 requests per second; p99 = ln 100 / (250 - 900/n) seconds.
//! // That is 184 ms for four replicas and 66 ms for five.
//! let sizes = design.size().expect("the design is valid");
//! assert_eq!(sizes.values["app"]["replicas"], "5");
//!
//! let numbers = design.analyze().expect("the design is valid");
//! assert_eq!(numbers.components["app"].utilization, Number::Known(0.72));
//!
//! let files = design.build(&[target("compose").expect("a target")]).expect("the design is valid");
//! assert!(files.iter().any(|f| f.path == "compose/compose.yaml"));
//! ```

use crate::analysis::{Facts, Known, Timed};
use crate::diag::Diagnostic;
use crate::session::{self, Found, SizingInputs};
use std::collections::BTreeMap;
use std::path::Path;

pub use crate::diag::Severity;
pub use crate::emit::{OutFile as File, TARGETS, Target};
pub use crate::sizing::Status;
pub use jiff::civil::Date as Day;

/// The target of that name: `compose`, `terraform`, `diagram`.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|t| t.name == name)
}

/// A design as read, with all files that it uses.
#[derive(Clone, Debug)]
pub struct Design {
    inner: session::Design,
}

/// A finding of the language or of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its code, as `ARC009`; `archc explain ARC009` prints the page.
    pub code: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// The fault: one line without a full stop.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
    /// The file, as it was named when it was opened.
    pub file: String,
    /// The line where it begins, from 1.
    pub line: usize,
    /// The column where it begins, in characters, from 1.
    pub column: usize,
}

/// A number, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// In SI units: seconds, requests per second, ratios, US dollars per month.
    Known(f64),
    /// It grows as long as the load lasts; the reason.
    Unbounded(String),
    /// The design leaves out what it depends on; the reason.
    Unknown(String),
}

/// Numbers of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Arrival rate at the peak, requests per second.
    pub rate: Number,
    /// Highest utilization of its resources, a ratio.
    pub utilization: Number,
    /// The resource with the highest utilization.
    pub binding: Option<String>,
    /// Mean response time, seconds.
    pub response: Number,
    /// Availability, a ratio.
    pub availability: Number,
    /// Cost, US dollars per month.
    pub cost: Number,
}

/// Numbers of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Rate at the peak, requests per second.
    pub rate: Number,
    /// Median latency, seconds.
    pub p50: Number,
    /// 99th percentile of the latency, seconds.
    pub p99: Number,
    /// Availability, a ratio.
    pub availability: Number,
}

/// Numbers of a design, each uncertain value at the middle of its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// By name.
    pub components: BTreeMap<String, Component>,
    /// By name.
    pub flows: BTreeMap<String, Flow>,
    /// Cost of the whole, US dollars per month.
    pub cost: Number,
    /// The part of the cost that is known, US dollars per month.
    pub cost_at_least: f64,
}

/// Values of the variables (`?`) of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    /// How good the values are.
    pub status: Status,
    /// Each value as it is written, by component and attribute.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Variables without a value, each with the reason.
    pub unsolved: Vec<String>,
    /// Requirements that cannot hold at once, if the design is infeasible.
    pub conflict: Vec<String>,
}

impl Number {
    /// The value, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<f64> {
        match self {
            Self::Known(x) => Some(*x),
            Self::Unbounded(_) | Self::Unknown(_) => None,
        }
    }

    fn of(known: Option<&Known>) -> Self {
        match known {
            Some(Ok(x)) => Self::Known(*x),
            Some(Err(why)) => Self::Unknown(why.to_string()),
            None => Self::Unknown("it is not computed".to_owned()),
        }
    }

    fn of_time(time: Option<&Timed>, part: impl Fn(&crate::theory::Distribution) -> Option<f64>) -> Self {
        match time {
            Some(Timed::Known(d)) => {
                part(d).map_or_else(|| Self::Unknown("it is beyond the range of numbers".to_owned()), Self::Known)
            }
            Some(Timed::Unbounded(why)) => Self::Unbounded(why.to_string()),
            Some(Timed::Unknown(why)) => Self::Unknown(why.to_string()),
            None => Self::Unknown("it is not computed".to_owned()),
        }
    }
}

impl Design {
    /// Reads a design from a file, with the files that it uses and the plan file beside it. A file that cannot be read
    /// is a finding.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        Self { inner: session::open(&path.to_string_lossy(), &[]) }
    }

    /// Reads a design from text; `use` finds no files. `name` stands in findings.
    #[must_use]
    pub fn from_text(name: &str, text: &str) -> Self {
        Self { inner: session::open_text(name, text, &[]) }
    }

    /// All findings in order of place, as `archc check` prints them. `today` decides which `allow` has expired.
    #[must_use]
    pub fn judge(&self, today: Day) -> Vec<Finding> {
        self.findings(&session::judge(&self.inner, today, false).diagnostics)
    }

    /// The numbers of `archc analyze`; variables take their values from the plan file, else from sizing.
    ///
    /// # Errors
    /// The errors of the language.
    pub fn analyze(&self) -> Result<Analysis, Vec<Finding>> {
        let prepared = self.prepared()?;
        let model = crate::analysis::followed(prepared.model, 1.0);
        let facts = Facts::new(&model, 1.0);
        let components = model.all().map(|(id, c)| {
            let used = facts.utilization.get(id.0);
            let numbers = Component {
                rate: Number::of(facts.demand.components.get(id.0).map(|d| &d.rate)),
                utilization: Number::of(used.map(|u| &u.utilization)),
                binding: used.and_then(|u| u.binding).map(str::to_owned),
                response: Number::of_time(facts.stations.get(id.0).map(|s| &s.response), |d| Some(d.mean())),
                availability: Number::of(facts.availability.components.get(id.0)),
                cost: Number::of(facts.cost.components.get(id.0).map(crate::analysis::Bill::total).as_ref()),
            };
            (c.name.clone(), numbers)
        });
        let components = components.collect();
        let flows = model.flows.iter().enumerate().map(|(i, flow)| {
            let time = facts.latency.get(i).map(|l| &l.time);
            let numbers = Flow {
                rate: Number::of(facts.demand.flows.get(i).map(|f| &f.rate)),
                p50: Number::of_time(time, |d| d.quantile(0.5)),
                p99: Number::of_time(time, |d| d.quantile(0.99)),
                availability: Number::of(facts.availability.flows.get(i)),
            };
            (flow.name.clone(), numbers)
        });
        let flows = flows.collect();
        let cost = Number::of(Some(&facts.cost.total()));
        Ok(Analysis { components, flows, cost, cost_at_least: facts.cost.at_least() })
    }

    /// The cheapest values of all variables, as `archc size` finds them. A plan file does not fix them.
    ///
    /// # Errors
    /// The errors of the language.
    pub fn size(&self) -> Result<Sizes, Vec<Finding>> {
        let mut sink = self.inner.sink.clone();
        let open = self.inner.model(&mut sink);
        if sink.has_errors() {
            return Err(self.errors(&sink.into_sorted()));
        }
        let asked = SizingInputs { robust: self.inner.robust(), ..SizingInputs::at(1.0) };
        let infeasible = |status, conflict, unsolved| Sizes { status, values: BTreeMap::new(), unsolved, conflict };
        let found = match session::choose(&self.inner, &open, &asked, false) {
            Some(Found::Chosen(chosen)) => chosen.2,
            Some(Found::Infeasible(why)) => return Ok(infeasible(Status::Infeasible, why, Vec::new())),
            Some(Found::Unsolved(why)) => return Ok(infeasible(Status::Optimal, Vec::new(), why)),
            None => session::sized(&self.inner, &open, &asked, false, false).1.sizes,
        };
        let values = found.choices.iter().map(|(name, choice)| {
            (name.clone(), choice.iter().map(|(attribute, value)| (attribute.clone(), value.to_string())).collect())
        });
        Ok(Sizes { status: found.status, values: values.collect(), unsolved: found.unsolved, conflict: found.conflict })
    }

    /// The generated files, in memory; each path begins with the folder of its target.
    ///
    /// # Errors
    /// The errors of the language.
    pub fn build(&self, targets: &[&'static Target]) -> Result<Vec<File>, Vec<Finding>> {
        Ok(session::generate(&self.prepared()?, targets))
    }

    fn prepared(&self) -> Result<session::Prepared, Vec<Finding>> {
        let prepared = session::prepare(&self.inner);
        if prepared.errors.is_empty() { Ok(prepared) } else { Err(self.findings(&prepared.errors)) }
    }

    fn errors(&self, all: &[Diagnostic]) -> Vec<Finding> {
        self.findings(all).into_iter().filter(|f| f.severity == Severity::Error).collect()
    }

    fn findings(&self, all: &[Diagnostic]) -> Vec<Finding> {
        let finding = |d: &Diagnostic| {
            let file = self.inner.sources.get(d.span.file);
            let (line, column) = file.map_or((1, 1), |f| f.line_column(d.span.start as usize));
            Finding {
                code: d.code,
                severity: d.severity,
                message: d.message.clone(),
                help: d.help.clone(),
                file: file.map_or_else(String::new, |f| f.name.clone()),
                line,
                column,
            }
        };
        all.iter().map(finding).collect()
    }
}
