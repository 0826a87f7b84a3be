//! One trial: steps applied to the text, variables solved, the result judged.
//!
//! In: the design, steps, a hit ratio. Out: whether the changed design is feasible, with its text
//! and the solved values written into it. Variables of the design itself stay open. Components that
//! become limiting only after the steps are widened too, a few times. Never: a step chosen.

use super::draft::Draft;
use super::edit::{Edit, apply};
use super::failed_checks::{Check, CheckClass, FailedCheck, Open};
use super::judged_draft::{JudgedDraft, Source, ample_values};
use super::limiting::{Limiting, limiting};
use super::steps::{At, Made, Step};
use super::{Money, StepVerdict};
use crate::analysis::{Facts, count};
use crate::diag::Severity;
use crate::model::keys::{Number, Text};
use crate::model::{Choices, Chosen};
use crate::syntax::ast::{Expr, ExprKind};
use crate::units::show_ratio;
use std::cell::Cell;

/// Most rounds in which a trial adds components.
const ROUNDS: usize = 4;
/// Codes whose findings repeat failed checks.
const SAID: [&str; 5] = ["ARC043", "ARC621", "ARC631", "ARC632", "ARC633"];
/// Most reasons given for one trial.
const REASONS: usize = 2;

/// A changed design that is feasible.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The changed text of the root file.
    pub text: String,
    /// The changes, as sentences.
    pub done: Vec<String>,
    /// Assumptions about the environment.
    pub assumed: Vec<String>,
    /// Solved values that differ from the design's.
    pub values: Vec<Value>,
    /// For added caches and CDNs: the least feasible hit ratio, and the requests that it refers to.
    pub hit: Option<(f64, String)>,
    /// Monthly cost of the whole changed design.
    pub cost: Money,
    /// Checks that still fail because no step of the ladder affects them.
    pub remains: Vec<FailedCheck>,
    /// Checks that failed before and are unknown now.
    pub open: Vec<Open>,
    /// New warnings: code and message.
    pub warnings: Vec<(String, String)>,
}

/// A solved value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Its component.
    pub component: String,
    /// Its attribute.
    pub attribute: String,
    /// Its earlier value, if the component existed.
    pub old: Option<Chosen>,
    /// Its new value.
    pub new: Chosen,
}

/// The design before the steps.
pub(super) struct Base<'a> {
    pub source: &'a Source,
    pub draft: Draft,
    pub state: JudgedDraft,
    pub limiting: Vec<Limiting>,
    pub load: f64,
    /// Variables that may still be solved.
    pub left: Cell<usize>,
}

/// One round of edits.
type Turn<'t> = Box<dyn Fn(&At) -> Result<Made, String> + 't>;

/// A changed draft with its edits.
struct Changed {
    draft: Draft,
    made: Made,
}

impl Base<'_> {
    /// Applies steps together; new caches serve the given share of requests.
    pub fn attempt(&self, steps: &[Step], hit: f64) -> StepVerdict {
        let mut names: Vec<Limiting> = self.limiting.clone();
        let mut last = StepVerdict::Infeasible(vec!["nothing was tried".to_owned()]);
        let mut even = None;
        for _ in 0..ROUNDS {
            let changed = match self.change(steps, hit, &names) {
                Ok(c) => c,
                Err(e) => return StepVerdict::NotApplicable(e),
            };
            even = changed.made.answers.as_ref().map(|of| format!("even if it answered {} of {of}: ", show_ratio(hit)));
            let stay = self.stay(&changed.draft);
            if !stay.is_empty() {
                return StepVerdict::Infeasible(even_so(even, some(stay)));
            }
            let holes: usize = changed.draft.model.all().map(|(_, c)| c.holes().len()).sum();
            self.left.set(self.left.get().saturating_sub(holes + 1));
            let choices = match self.source.solve(&changed.draft, &Choices::new(), self.load) {
                Ok(c) => c,
                Err(conflict) => {
                    last = StepVerdict::Infeasible(some(conflict));
                    let new = self.beside(&changed.draft, &names);
                    if new.is_empty() {
                        break;
                    }
                    names.extend(new);
                    continue;
                }
            };
            let state = self.source.judge(&changed.draft, choices, self.load);
            last = self.outcome(&changed, &state, hit);
            let again = matches!(&last, StepVerdict::Infeasible(_));
            let new: Vec<Limiting> = if again { self.more(&state, &names) } else { Vec::new() };
            if new.is_empty() {
                break;
            }
            names.extend(new);
        }
        match last {
            StepVerdict::Infeasible(why) => StepVerdict::Infeasible(even_so(even, why)),
            other => other,
        }
    }

    /// Limiting components of a draft in addition to the known ones. The known ones have ample
    /// capacity in this search, because no size of theirs is feasible.
    fn beside(&self, draft: &Draft, known: &[Limiting]) -> Vec<Limiting> {
        let Some(choices) = ample_values(draft, self.load) else { return Vec::new() };
        self.more(&self.source.judge(draft, choices, self.load), known)
    }

    /// Overloaded components of a draft without a variable: sizes of other components do not help
    /// them.
    fn stay(&self, draft: &Draft) -> Vec<String> {
        let facts = Facts::loads(&draft.model, self.load);
        let closed = draft.model.all().zip(&facts.utilization).filter(|((_, c), _)| c.holes().is_empty());
        let over = closed.filter_map(|((_, c), u)| {
            let x = u.utilization.as_ref().ok().filter(|x| **x >= 1.0)?;
            Some(format!("`{}` stays at {} of its {}", c.name, show_ratio(*x), u.binding.unwrap_or("capacity")))
        });
        over.collect()
    }

    /// Components of the original design that are limiting in a changed one and were not before.
    fn more(&self, state: &JudgedDraft, known: &[Limiting]) -> Vec<Limiting> {
        let all = limiting(state, self.load).into_iter().filter_map(|p| {
            let id = self.draft.model.find(&state.model.component(p.id).name)?;
            Some(Limiting { id, ..p })
        });
        all.filter(|p| known.iter().all(|k| k.id != p.id)).collect()
    }

    fn change(&self, steps: &[Step], hit: f64, names: &[Limiting]) -> Result<Changed, String> {
        let mut now = Changed { draft: self.draft.clone(), made: Made::default() };
        let last = steps.last().copied().ok_or("no step")?;
        let at = |draft: &Draft, f: &dyn Fn(&At) -> Result<Made, String>| -> Result<(Vec<Edit>, Made), String> {
            // Component ids differ between drafts; names do not.
            let here: Vec<Limiting> = names
                .iter()
                .filter_map(|p| {
                    let id = draft.model.find(&self.draft.model.component(p.id).name)?;
                    Some(Limiting { id, ..p.clone() })
                })
                .collect();
            let made = f(&At { draft, state: &self.state, limiting: &here, hit })?;
            Ok((made.edits.clone(), made))
        };
        let mut turns: Vec<Turn> = Vec::new();
        let sizes = move |at: &At| Ok(last.sizes(at));
        if last != Step::Split {
            turns.push(Box::new(sizes));
        }
        for step in steps {
            let step = *step;
            turns.push(Box::new(move |at: &At| step.make(at)));
        }
        if last == Step::Split {
            turns.push(Box::new(sizes));
        }
        for turn in turns {
            let (edits, made) = at(&now.draft, &*turn)?;
            now.made.add(made);
            if edits.is_empty() {
                continue;
            }
            let text = apply(&now.draft.text, &edits)?;
            now.draft = self.source.draft(&text).map_err(|e| format!("the changed text cannot be read: {e}"))?;
        }
        Ok(now)
    }

    fn outcome(&self, changed: &Changed, state: &JudgedDraft, hit: f64) -> StepVerdict {
        let old = &self.state;
        let before = |m: &FailedCheck| old.failed.iter().any(|o| o.what == m.what && o.class == m.class);
        let words = |m: &FailedCheck| format!("{} {}", m.what, m.why);
        let full: Vec<String> =
            state.failed.iter().filter(|m| m.is_overload()).map(|m| format!("{} stays {}", m.what, m.why)).collect();
        if !full.is_empty() {
            return StepVerdict::Infeasible(some(full));
        }
        let failing: Vec<String> = state.failed.iter().filter(|m| m.class == CheckClass::Load).map(words).collect();
        if !failing.is_empty() {
            return StepVerdict::Infeasible(some(failing));
        }
        let worse: Vec<String> = state
            .failed
            .iter()
            .filter(|m| m.class == CheckClass::Other && !before(m))
            .map(|m| format!("misses a requirement: {}", words(m)))
            .collect();
        if !worse.is_empty() {
            return StepVerdict::Infeasible(some(worse));
        }
        // A value that was known, or failed, must be known; under a scenario that fails a part, it
        // may be unknown.
        let new_open = || state.open.iter().filter(|o| !old.open.iter().any(|b| b.what == o.what));
        let whole = |o: &Open| old.failed.iter().any(|m| m.what == o.what && matches!(m.check, Check::Scenario(_)));
        let anyway = |o: &Open| whole(o) && old.open.iter().any(|b| b.why == o.why);
        let lost = new_open().find(|o| !anyway(o));
        if let Some(o) = lost {
            return StepVerdict::Unknown(format!("{} would not be known: {}", o.what, o.why));
        }
        let known = |d: &crate::diag::Diagnostic| {
            old.findings.iter().any(|o| o.code == d.code && o.subjects == d.subjects) || SAID.contains(&d.code)
        };
        let new: Vec<_> = state.findings.iter().filter(|d| !known(d)).collect();
        let errors: Vec<String> = new
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .map(|d| format!("{}: {}", d.code, d.message))
            .collect();
        if !errors.is_empty() {
            return StepVerdict::Infeasible(some(errors));
        }
        let warnings =
            new.iter().filter(|d| d.severity == Severity::Warning).map(|d| (d.code.to_owned(), d.message.clone()));
        let (text, values) = match self.written(changed, &state.choices) {
            Ok(both) => both,
            Err(e) => return StepVerdict::Infeasible(vec![e]),
        };
        let dear: Vec<String> =
            state.failed.iter().filter(|m| m.class == CheckClass::Money && !before(m)).map(words).collect();
        let proposal = Box::new(Proposal {
            text,
            done: changed.made.done.clone(),
            assumed: changed.made.assumed.clone(),
            values,
            hit: changed.made.answers.clone().map(|of| (hit, of)),
            cost: money(state),
            open: new_open().cloned().collect(),
            remains: state.failed.iter().filter(|m| before(m)).cloned().collect(),
            warnings: warnings.collect(),
        });
        if dear.is_empty() { StepVerdict::Feasible(proposal) } else { StepVerdict::OverBudget(proposal, dear) }
    }

    /// The text with the solved values of the variables that the steps added.
    fn written(&self, changed: &Changed, choices: &Choices) -> Result<(String, Vec<Value>), String> {
        let draft = &changed.draft;
        let mut edits = Vec::new();
        let mut values = Vec::new();
        for (name, choice) in choices {
            let Some(id) = draft.model.find(name) else { continue };
            let was = self.draft.model.find(name).map(|old| self.draft.model.component(old));
            for (attr, chosen) in choice {
                let old = self.was(name, attr);
                if old.as_ref() != Some(chosen) {
                    let (component, attribute) = (name.clone(), attr.clone());
                    values.push(Value { component, attribute, old, new: chosen.clone() });
                }
                if was.is_some_and(|c| c.attrs.hole(attr).is_some()) {
                    continue;
                }
                let decl = draft.component(id)?;
                if let Some(hole) = Draft::written(decl.block.as_ref(), attr).and_then(hole_of) {
                    edits.push(Edit::replace(hole.span, self.as_before(name, attr, chosen)));
                }
            }
        }
        let text = apply(&draft.text, &edits)?;
        // The returned text is exactly the judged text.
        self.source.draft(&text).map_err(|e| format!("the changed text cannot be read: {e}"))?;
        Ok((text, values))
    }

    /// A value of the original design.
    fn was(&self, name: &str, attr: &str) -> Option<Chosen> {
        let c = self.state.model.component(self.state.model.find(name)?);
        let word = c.attrs.read_named::<Text>(attr).map(|w| Chosen::Name(w.to_owned()));
        let attr = c.kind.property(attr)?.name;
        word.or_else(|| count(c, attr).ok().map(Chosen::Count))
    }

    /// A value as the design writes it, if it is equal.
    fn as_before(&self, name: &str, attr: &str, chosen: &Chosen) -> String {
        let new = chosen.to_string();
        let old = self.draft.model.find(name).and_then(|id| {
            let decl = self.draft.component(id).ok()?;
            let value = self.draft.model.component(id).attrs.read_named::<Number>(attr)?;
            let text = Draft::written(decl.block.as_ref(), attr).map(|e| self.draft.slice(e.span).to_owned())?;
            (Chosen::Count(value.mid) == *chosen && !text.contains(' ')).then_some(text)
        });
        old.unwrap_or(new)
    }
}

/// The variable in a value: the whole value, or its part before `by`.
fn hole_of(value: &Expr) -> Option<&Expr> {
    match &value.kind {
        ExprKind::Hole(_) => Some(value),
        ExprKind::Phrase(parts) => parts.iter().find(|p| matches!(p.kind, ExprKind::Hole(_))),
        _ => None,
    }
}

pub(super) fn money(state: &JudgedDraft) -> Money {
    Money { total: state.facts.cost.total(), at_least: state.facts.cost.at_least() }
}

/// Reasons; the first one gives the share of requests that a new cache served.
fn even_so(even: Option<String>, mut why: Vec<String>) -> Vec<String> {
    if let (Some(even), Some(first)) = (even, why.first_mut()) {
        *first = format!("{even}{first}");
    }
    why
}

fn some(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(REASONS);
    all.truncate(REASONS);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}
