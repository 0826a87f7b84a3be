//! The world of a draft: parsed, its holes solved, judged by the ordinary analyses.
//!
//! In: a text in the place of the root file's, a load. Out: a [`Draft`], sizes, a [`State`] with
//! what fails there. Never: a judgement that `check` would not make.

use super::draft::Draft;
use super::misses::{Miss, Open, misses};
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

/// Times its load that is plenty of capacity.
const ROOM: f64 = 2.0;

/// What a design is made of, as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// All files, the root file first.
    pub files: Vec<LoadedFile>,
    /// Values of `--set`.
    pub overrides: BTreeMap<String, Expr>,
    /// Values of the plan file.
    pub plan: Choices,
    /// The day that exceptions are judged on.
    pub today: Date,
}

/// A draft, judged.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Holes filled.
    pub model: Model,
    pub facts: Facts,
    pub verdicts: Verdicts,
    /// What fails.
    pub misses: Vec<Miss>,
    /// What is not known.
    pub open: Vec<Open>,
    /// Errors and warnings of the rules.
    pub findings: Vec<Diagnostic>,
    /// Values of its holes.
    pub choices: Choices,
}

/// Values of a draft's holes with plenty of capacity for a load, whatever its targets are: what
/// misses them then is something else. Nothing where there are none.
pub(super) fn roomy(draft: &Draft, load: f64) -> Option<Choices> {
    let mut model = draft.model.clone();
    model.flows.iter_mut().for_each(|f| f.slo.clear());
    model.scenarios.clear();
    let sized = |times: f64| size(&model, std::slice::from_ref(&model), load * times, false);
    let fits = |s: &Sizes| s.status != Status::Infeasible && s.unsolved.is_empty();
    [ROOM, 1.0].into_iter().map(sized).find(fits).map(|s| s.choices)
}

impl Source {
    /// Reads a text in the place of the root file's.
    ///
    /// # Errors
    /// The first error, in words.
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

    /// The values of a draft's holes at a load, or what even the most capable miss.
    ///
    /// # Errors
    /// In words, one reason an item.
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

    /// Judges a draft with its holes filled, at a load.
    pub(super) fn judge(&self, draft: &Draft, choices: Choices, load: f64) -> State {
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
        let (misses, open) = misses(&model, &facts, &verdicts);
        State { model, facts, verdicts, misses, open, findings, choices }
    }
}
