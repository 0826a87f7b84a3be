//! All findings of `check` about a design: parsing, types, rules, suppressions.
//!
//! In: a design as read. Out: its model, facts and findings. Never: a file written.

use super::Design;
use super::variables::{Filled, fill};
use crate::analysis::consistency::{Consistency, consistency};
use crate::analysis::{Facts, Known, Measure, Verdict, Verdicts, judge_cases};
use crate::diag::{Diagnostic, Severity};
use crate::graph::CallGraph;
use crate::lint;
use crate::model::trace::{self, Reads};
use crate::model::{Attrs, Model, Origin, Reason, ReasonKind, Step, Value};
use crate::plan::plan;
use jiff::civil::Date;
use serde::Serialize;

/// A design with its findings.
#[derive(Debug)]
pub struct Judged {
    /// The model.
    pub model: Model,
    /// The digest of the design before its variables were filled.
    pub digest: String,
    /// The values of its variables.
    pub filled: Filled,
    /// The graph of its calls.
    pub graph: CallGraph,
    /// Rates and utilization.
    pub facts: Facts,
    /// Targets and scenarios, over the endpoints of all intervals.
    pub verdicts: Verdicts,
    /// Guarantees of flows; labels and outcomes of stores.
    pub consistency: Consistency,
    /// Findings in order of source location.
    pub diagnostics: Vec<Diagnostic>,
    /// Coverage: values computed and not computed.
    pub coverage: Coverage,
    /// The attributes that the numbers and the rules read.
    pub reads: Reads,
}

/// The share of the design that the numbers and rules cover.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// Values computed: rates of flows, utilization of components, targets.
    pub modelled: usize,
    /// All values.
    pub total: usize,
    /// Each missing value with its reasons.
    pub unknown: Vec<UnknownValue>,
    /// Rules that could not be decided: code and missing inputs.
    pub undecided: Vec<String>,
    /// Attributes that are set but that no number, rule or generated file of this design depends
    /// on, with their counts.
    pub unread: Vec<String>,
    /// Codes that the design suppresses and that this version does not check.
    pub unchecked_allows: Vec<String>,
}

/// A value that is not computed.
#[derive(Clone, Debug)]
pub struct UnknownValue {
    /// Its name: `browse.availability`.
    pub value: String,
    /// What it lacks, each with the text to add.
    pub inputs: Vec<String>,
}

impl std::fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.value, self.inputs.join("; "))
    }
}

impl Serialize for UnknownValue {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Judged {
    /// The highest severity of its findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.diagnostics.iter().map(|d| d.severity).max()
    }

    /// Whether the language has errors: then no number of the design can be trusted.
    #[must_use]
    pub fn language_errors(&self) -> Vec<Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error && lint::lint(d.code).is_none())
            .cloned()
            .collect()
    }

    /// The attributes that a number, a rule or a generated file of this design reads.
    #[must_use]
    pub fn all_reads(&self) -> Reads {
        // Every backend reads what the plan reads.
        let (_, mut all) = trace::recorded(|| plan(&self.model, &self.graph));
        all.extend(&self.reads);
        all
    }

    /// Set attributes that no number, rule or generated file of this design reads, with their counts.
    fn unread(&self) -> Vec<String> {
        // The plan is built only if some attributes are unread so far.
        if unread_in(&self.model, &self.reads).is_empty() {
            return Vec::new();
        }
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for name in unread_in(&self.model, &self.all_reads()) {
            *counts.entry(name).or_default() += 1;
        }
        counts.into_iter().map(|(name, n)| if n == 1 { name.to_owned() } else { format!("{name} (x{n})") }).collect()
    }

    /// The number of findings with that severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }
}

/// A design with its variables filled but not judged: the input of generated files.
#[derive(Debug)]
pub struct Prepared {
    /// The model.
    pub model: Model,
    /// The graph of its calls.
    pub graph: CallGraph,
    /// Rates and utilization only.
    pub facts: Facts,
    /// Errors of the language.
    pub errors: Vec<Diagnostic>,
    /// Plan mismatches, as findings.
    pub warnings: Vec<Diagnostic>,
}

/// Fills the variables of a design and computes its rates.
#[must_use]
pub fn prepare(design: &Design) -> Prepared {
    let mut sink = design.sink.clone();
    let mut model = design.model(&mut sink);
    let mut warnings = Vec::new();
    if !sink.has_errors() {
        warnings = fill(design, &mut model, 1.0).warnings(&model, design.name());
    }
    let graph = CallGraph::new(&model);
    let facts = Facts::loads(&model, 1.0);
    let errors = sink.into_sorted().into_iter().filter(|d| d.severity == Severity::Error).collect();
    Prepared { model, graph, facts, errors, warnings }
}

/// Judges a design. Rules run only if the language finds no error: findings about a partly read
/// design would be unreliable.
#[must_use]
pub fn judge(design: &Design, today: Date, no_allow: bool) -> Judged {
    let (mut judged, reads) = trace::recorded(|| judged(design, today, no_allow));
    judged.reads = reads;
    if judged.language_errors().is_empty() {
        judged.coverage.unread = judged.unread();
    }
    judged
}

fn judged(design: &Design, today: Date, no_allow: bool) -> Judged {
    let mut sink = design.sink.clone();
    let model = if design.unreadable {
        crate::model::build(
            &[],
            &std::collections::BTreeMap::new(),
            &crate::model::Ends::new(),
            &mut crate::diag::Sink::default(),
        )
    } else {
        design.model(&mut sink)
    };
    let mut model = model;
    let digest = model.digest();
    let filled = if sink.has_errors() { Filled::default() } else { fill(design, &mut model, 1.0) };
    filled.warnings(&model, design.name()).into_iter().for_each(|d| sink.push(d));
    let model = crate::analysis::followed(model, 1.0);
    let graph = CallGraph::new(&model);
    let facts = Facts::new(&model, 1.0);
    let verdicts = if sink.has_errors() {
        Verdicts::default()
    } else {
        judge_cases(&model, &facts, 1.0, &|ends| filled.model_at(design, ends))
    };
    let consistency = if sink.has_errors() { Consistency::default() } else { consistency(&model, &facts, 1.0) };
    let mut coverage = coverage(&model, &facts, &verdicts);
    if !sink.has_errors() {
        let report = lint::run(&lint::Context {
            model: &model,
            graph: &graph,
            facts: &facts,
            verdicts: &verdicts,
            consistency: &consistency,
            conflict: filled.conflict(),
        });
        let mut found = report.sink.into_sorted();
        coverage.undecided = report.undecided.into_iter().map(|(code, why)| format!("{code}: {why}")).collect();
        coverage.undecided.sort();
        coverage.undecided.dedup();
        if !no_allow {
            coverage.unchecked_allows = lint::apply_allows(&model, &mut found, today);
        }
        for d in found {
            sink.push(d);
        }
    }
    Judged {
        model,
        digest,
        filled,
        graph,
        facts,
        verdicts,
        consistency,
        diagnostics: sink.into_sorted(),
        coverage,
        reads: Reads::default(),
    }
}

fn coverage(model: &Model, facts: &Facts, verdicts: &Verdicts) -> Coverage {
    let mut c = Coverage::default();
    let mut ask = |value: String, answer: &Known| {
        c.total += 1;
        match answer {
            Ok(_) => c.modelled += 1,
            Err(why) => c.unknown.push(UnknownValue { value, inputs: why.inputs(model) }),
        }
    };
    for (flow, fd) in model.flows.iter().zip(&facts.demand.flows) {
        ask(format!("{}.rate", flow.name), &fd.rate);
    }
    for ((_, comp), u) in model.all().zip(&facts.utilization) {
        if !u.resources.is_empty() {
            ask(format!("{}.utilization", comp.name), &u.utilization);
        }
    }
    for (flow, list) in model.flows.iter().zip(&verdicts.slo) {
        for v in list {
            ask(format!("{}.{}", flow.name, v.slo.metric.name), &answer(v));
        }
    }
    for o in &verdicts.scenarios {
        let why = o.unknown.clone().unwrap_or_else(|| Reason::new(ReasonKind::Missing, ""));
        ask(format!("scenario {}", o.name), &o.holds.map_or(Err(why), |_| Ok(1.0)));
    }
    for p in &verdicts.system_requirements {
        c.total += 1;
        let inputs = match (p.met, &p.value) {
            (Some(_), _) => {
                c.modelled += 1;
                continue;
            }
            (None, Err(why)) => why.inputs(model),
            (None, Ok(_)) => p.why().into_iter().map(str::to_owned).collect(),
        };
        c.unknown.push(UnknownValue { value: p.name.to_owned(), inputs });
    }
    c
}

fn unread_in(model: &Model, reads: &Reads) -> Vec<&'static str> {
    let mut out = Vec::new();
    let mut note = |attrs: &Attrs| {
        attrs.each(&mut |a| {
            let written = matches!(a.origin, Origin::Written | Origin::Let | Origin::Preset(_));
            if written && !matches!(a.value, Value::Block(_) | Value::Ops(_)) && !reads.contains(a.id) {
                out.push(a.property.name);
            }
        });
    };
    note(&model.system.attrs);
    for c in &model.components {
        note(&c.attrs);
    }
    for f in &model.flows {
        note(&f.attrs);
        Step::walk(&f.steps, &mut |call| note(&call.attrs));
    }
    out
}

/// A verdict, or the reason why it is unknown.
fn answer(v: &Verdict) -> Known {
    match (&v.worst, v.met) {
        (_, Some(_)) => Ok(1.0),
        (Measure::Unknown(e), None) => Err(e.clone()),
        (_, None) => Err(Reason::new(ReasonKind::Missing, "its value at the worse endpoints is unknown")),
    }
}
