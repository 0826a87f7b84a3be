//! A draft evaluated: parsed, its variables solved, judged by the ordinary analyses.
//!
//! In: a text that replaces the root file, a load. Out: a [`Draft`], a plan, a [`State`] with
//! failed checks. Never: a verdict that `check` does not give.

use super::draft::Draft;
use super::failed_checks::{FailedCheck, Open, failed};
use crate::analysis::consistency::consistency;
use crate::analysis::{Facts, MAX_LATENCY_CORNERS, Verdicts, corners, followed, judge_cases};
use crate::base::FileId;
use crate::diag::{Diagnostic, Severity, Sink};
use crate::graph::CallGraph;
use crate::lint;
use crate::model::{self, Choices, Ends, LoadedFile, Model, Origin};
use crate::sizing::{Sizes, Status, size};
use crate::syntax::{self, ast::Expr};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The load multiple that stands for ample capacity.
const ROOM: f64 = 2.0;

/// The parts of a design as read.
#[derive(Clone, Debug)]
pub struct Source {
    /// All files, the root file first.
    pub files: Vec<LoadedFile>,
    /// Values of `--set`.
    pub overrides: BTreeMap<String, Expr>,
    /// Values of the plan file.
    pub plan: Choices,
    /// The day on which `allow … until` is judged.
    pub today: Date,
}

/// A draft, judged.
#[derive(Clone, Debug)]
pub(super) struct JudgedDraft {
    /// The model with filled variables.
    pub model: Model,
    pub facts: Facts,
    pub verdicts: Verdicts,
    /// Failed checks.
    pub failed: Vec<FailedCheck>,
    /// Unknown values.
    pub open: Vec<Open>,
    /// Errors and warnings of the rules.
    pub findings: Vec<Diagnostic>,
    /// Values of its variables.
    pub choices: Choices,
}

/// Values of a draft's variables with ample capacity for a load and without targets: checks that
/// still fail do not depend on them. `None` if no values exist.
pub(super) fn ample_values(draft: &Draft, load: f64) -> Option<Choices> {
    let mut model = draft.model.clone();
    model.flows.iter_mut().for_each(|f| f.slo.clear());
    model.scenarios.clear();
    let sized = |times: f64| size(&model, std::slice::from_ref(&model), load * times, false);
    let fits = |s: &Sizes| s.status != Status::Infeasible && s.unsolved.is_empty();
    [ROOM, 1.0].into_iter().map(sized).find(fits).map(|s| s.choices)
}

impl Source {
    /// Reads a text in place of the root file.
    ///
    /// # Errors
    /// The first error, as text.
    pub(super) fn draft(&self, text: &str) -> Result<Draft, String> {
        let mut sink = Sink::default();
        let mut files = self.files.clone();
        let root = files.first_mut().ok_or("the design has no file")?;
        root.file = syntax::parse(text, FileId(0), &mut sink);
        root.text = text.into();
        let model = model::build(&files, &self.overrides, &Ends::new(), &mut sink);
        let error = sink.list().iter().find(|d| d.severity == Severity::Error);
        match error {
            Some(d) => Err(d.message.clone()),
            None => Ok(Draft { text: text.to_owned(), files, model }),
        }
    }

    fn model_at(&self, draft: &Draft, ends: &Ends) -> Model {
        model::build(&draft.files, &self.overrides, ends, &mut Sink::default())
    }

    /// The values of a draft's variables at a load, or the checks that even the most capable values
    /// fail.
    ///
    /// # Errors
    /// One reason per entry.
    pub(super) fn solve(&self, draft: &Draft, given: &Choices, load: f64) -> Result<Choices, Vec<String>> {
        let with = |mut m: Model| {
            m.fill(given, &Origin::Plan);
            m
        };
        let model = with(draft.model.clone());
        if !model.has_holes() {
            return Ok(given.clone());
        }
        let ends = match corners(&model.intervals, MAX_LATENCY_CORNERS) {
            Some(all) if !all.is_empty() => all.iter().map(|e| with(self.model_at(draft, e))).collect(),
            _ => vec![model.clone()],
        };
        let sizes: Sizes = size(&model, &ends, load, false);
        if sizes.status == Status::Infeasible {
            return Err(sizes.conflict);
        }
        if !sizes.unsolved.is_empty() {
            return Err(sizes.unsolved);
        }
        let mut out = given.clone();
        for (name, choice) in sizes.choices {
            out.entry(name).or_default().extend(choice);
        }
        Ok(out)
    }

    /// Judges a draft with filled variables, at a load.
    pub(super) fn judge(&self, draft: &Draft, choices: Choices, load: f64) -> JudgedDraft {
        let fill = |mut m: Model| {
            m.fill(&choices, &Origin::Solved);
            m
        };
        let model = followed(fill(draft.model.clone()), load);
        let facts = Facts::new(&model, load);
        let verdicts = judge_cases(&model, &facts, load, &|ends| fill(self.model_at(draft, ends)));
        let consistency = consistency(&model, &facts, load);
        let graph = CallGraph::new(&model);
        let report = lint::run(&lint::Context {
            model: &model,
            graph: &graph,
            facts: &facts,
            verdicts: &verdicts,
            consistency: &consistency,
            conflict: &[],
        });
        let mut findings = report.sink.into_sorted();
        lint::apply_allows(&model, &mut findings, self.today);
        let (failed, open) = failed(&model, &facts, &verdicts);
        JudgedDraft { model, facts, verdicts, failed, open, findings, choices }
    }
}
