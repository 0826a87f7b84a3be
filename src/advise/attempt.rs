//! One attempt: steps made in the text, holes solved, the whole judged anew.
//!
//! In: the design as it is, steps, a hit ratio. Out: whether it holds, with the changed text, its
//! solved values written in. What the design itself leaves open stays open. Components that come to
//! press only when others no longer do are widened with them, a few times.

use super::draft::Draft;
use super::edit::{Edit, apply};
use super::misses::{Miss, Open, Sort, Thing};
use super::press::{Press, presses};
use super::steps::{At, Made, Step};
use super::world::{Source, State, roomy};
use super::{Money, Outcome};
use crate::analysis::{Facts, count};
use crate::diag::Severity;
use crate::model::{Choices, Chosen};
use crate::syntax::ast::{Expr, ExprKind};
use crate::units::show_ratio;
use std::cell::Cell;

/// Times that an attempt takes more components in.
const ROUNDS: usize = 4;
/// Codes that say what misses say.
const SAID: [&str; 5] = ["ARC043", "ARC621", "ARC631", "ARC632", "ARC633"];
/// Reasons that are given of one attempt.
const REASONS: usize = 2;

/// A changed design that holds.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The text of the root file, changed.
    pub text: String,
    /// What was changed, in words.
    pub done: Vec<String>,
    /// What must be true of the world for it.
    pub assumed: Vec<String>,
    /// Values that were found and are not what they were.
    pub values: Vec<Value>,
    /// Of caches and CDNs that it adds: the least hit ratio with which it holds, and of what.
    pub hit: Option<(f64, String)>,
    /// What the whole costs then.
    pub cost: Money,
    /// What is still not kept, for no step of the ladder changes it.
    pub remains: Vec<Miss>,
    /// What failed before and is not known of it.
    pub open: Vec<Open>,
    /// Warnings that it brings: code and message.
    pub warnings: Vec<(String, String)>,
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Of which component.
    pub component: String,
    /// Of which attribute.
    pub attribute: String,
    /// What it was, if the component was there.
    pub old: Option<Chosen>,
    /// What it is.
    pub new: Chosen,
}

/// The design as it is.
pub(super) struct Base<'a> {
    pub source: &'a Source,
    pub draft: Draft,
    pub state: State,
    pub presses: Vec<Press>,
    pub load: f64,
    /// How many more holes are solved.
    pub left: Cell<usize>,
}

/// One round of edits.
type Turn<'t> = Box<dyn Fn(&At) -> Result<Made, String> + 't>;

/// A changed draft with what was done to it.
struct Changed {
    draft: Draft,
    made: Made,
}

impl Base<'_> {
    /// Tries steps together, new caches answering a share.
    pub fn attempt(&self, steps: &[Step], hit: f64) -> Outcome {
        let mut names: Vec<Press> = self.presses.clone();
        let mut last = Outcome::Fails(vec!["nothing was tried".to_owned()]);
        let mut even = None;
        for _ in 0..ROUNDS {
            let changed = match self.change(steps, hit, &names) {
                Ok(c) => c,
                Err(e) => return Outcome::NotApplicable(e),
            };
            even = changed.made.answers.as_ref().map(|of| format!("even if it answered {} of {of}: ", show_ratio(hit)));
            let stay = self.stay(&changed.draft);
            if !stay.is_empty() {
                return Outcome::Fails(even_so(even, some(stay)));
            }
            let holes: usize = changed.draft.model.all().map(|(_, c)| c.holes().len()).sum();
            self.left.set(self.left.get().saturating_sub(holes + 1));
            let choices = match self.source.solve(&changed.draft, &Choices::new(), self.load) {
                Ok(c) => c,
                Err(conflict) => {
                    last = Outcome::Fails(some(conflict));
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
            let again = matches!(&last, Outcome::Fails(_));
            let new: Vec<Press> = if again { self.more(&state, &names) } else { Vec::new() };
            if new.is_empty() {
                break;
            }
            names.extend(new);
        }
        match last {
            Outcome::Fails(why) => Outcome::Fails(even_so(even, why)),
            other => other,
        }
    }

    /// What presses in a draft beside what is known to, though that has plenty: no size of the known
    /// keeps what is asked.
    fn beside(&self, draft: &Draft, known: &[Press]) -> Vec<Press> {
        let Some(choices) = roomy(draft, self.load) else { return Vec::new() };
        self.more(&self.source.judge(draft, choices, self.load), known)
    }

    /// What is overloaded in a draft and has nothing open: no size of others helps it.
    fn stay(&self, draft: &Draft) -> Vec<String> {
        let facts = Facts::loads(&draft.model, self.load);
        let closed = draft.model.all().zip(&facts.utilization).filter(|((_, c), _)| c.holes().is_empty());
        let over = closed.filter_map(|((_, c), u)| {
            let x = u.utilization.as_ref().ok().filter(|x| **x >= 1.0)?;
            Some(format!("`{}` stays at {} of its {}", c.name, show_ratio(*x), u.binding.unwrap_or("capacity")))
        });
        over.collect()
    }

    /// Components of the design as it is that press in a changed one, and did not before.
    fn more(&self, state: &State, known: &[Press]) -> Vec<Press> {
        let all = presses(state, self.load).into_iter().filter_map(|p| {
            let id = self.draft.model.find(&state.model.component(p.id).name)?;
            Some(Press { id, ..p })
        });
        all.filter(|p| known.iter().all(|k| k.id != p.id)).collect()
    }

    fn change(&self, steps: &[Step], hit: f64, names: &[Press]) -> Result<Changed, String> {
        let mut now = Changed { draft: self.draft.clone(), made: Made::default() };
        let last = steps.last().copied().ok_or("no step")?;
        let at = |draft: &Draft, f: &dyn Fn(&At) -> Result<Made, String>| -> Result<(Vec<Edit>, Made), String> {
            // Numbers of components are of their draft; names stay.
            let here: Vec<Press> = names
                .iter()
                .filter_map(|p| {
                    let id = draft.model.find(&self.draft.model.component(p.id).name)?;
                    Some(Press { id, ..p.clone() })
                })
                .collect();
            let made = f(&At { draft, state: &self.state, presses: &here, hit })?;
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

    fn outcome(&self, changed: &Changed, state: &State, hit: f64) -> Outcome {
        let old = &self.state;
        let before = |m: &Miss| old.misses.iter().any(|o| o.what == m.what && o.sort == m.sort);
        let words = |m: &Miss| format!("{} {}", m.what, m.why);
        let full: Vec<String> =
            state.misses.iter().filter(|m| m.is_overload()).map(|m| format!("{} stays {}", m.what, m.why)).collect();
        if !full.is_empty() {
            return Outcome::Fails(some(full));
        }
        let failing: Vec<String> = state.misses.iter().filter(|m| m.sort == Sort::Load).map(words).collect();
        if !failing.is_empty() {
            return Outcome::Fails(some(failing));
        }
        let worse: Vec<String> = state
            .misses
            .iter()
            .filter(|m| m.sort == Sort::Other && !before(m))
            .map(|m| format!("breaks a promise: {}", words(m)))
            .collect();
        if !worse.is_empty() {
            return Outcome::Fails(some(worse));
        }
        // What was known, or failed, must be known; but of a scenario that fails something may be unknown anyway.
        let new_open = || state.open.iter().filter(|o| !old.open.iter().any(|b| b.what == o.what));
        let whole = |o: &Open| old.misses.iter().any(|m| m.what == o.what && matches!(m.thing, Thing::Scenario(_)));
        let anyway = |o: &Open| whole(o) && old.open.iter().any(|b| b.why == o.why);
        let lost = new_open().find(|o| !anyway(o));
        if let Some(o) = lost {
            return Outcome::Unknown(format!("{} would not be known: {}", o.what, o.why));
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
            return Outcome::Fails(some(errors));
        }
        let warnings =
            new.iter().filter(|d| d.severity == Severity::Warning).map(|d| (d.code.to_owned(), d.message.clone()));
        let (text, values) = match self.written(changed, &state.choices) {
            Ok(both) => both,
            Err(e) => return Outcome::Fails(vec![e]),
        };
        let dear: Vec<String> =
            state.misses.iter().filter(|m| m.sort == Sort::Money && !before(m)).map(words).collect();
        let proposal = Box::new(Proposal {
            text,
            done: changed.made.done.clone(),
            assumed: changed.made.assumed.clone(),
            values,
            hit: changed.made.answers.clone().map(|of| (hit, of)),
            cost: money(state),
            open: new_open().cloned().collect(),
            remains: state.misses.iter().filter(|m| before(m)).cloned().collect(),
            warnings: warnings.collect(),
        });
        if dear.is_empty() { Outcome::Holds(proposal) } else { Outcome::Costs(proposal, dear) }
    }

    /// The text with the values of the holes that the steps have made.
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
        // What is handed out is what was judged.
        self.source.draft(&text).map_err(|e| format!("the changed text cannot be read: {e}"))?;
        Ok((text, values))
    }

    /// A value of the design as it is.
    fn was(&self, name: &str, attr: &str) -> Option<Chosen> {
        let c = self.state.model.component(self.state.model.find(name)?);
        let word = c.attrs.word(attr).map(|w| Chosen::Name(w.to_owned()));
        let attr = c.kind.property(attr)?.name;
        word.or_else(|| count(c, attr).value.ok().map(Chosen::Count))
    }

    /// A value as the design has it written, if it is the same.
    fn as_before(&self, name: &str, attr: &str, chosen: &Chosen) -> String {
        let new = chosen.to_string();
        let old = self.draft.model.find(name).and_then(|id| {
            let decl = self.draft.component(id).ok()?;
            let value = self.draft.model.component(id).attrs.number(attr)?;
            let text = Draft::written(decl.block.as_ref(), attr).map(|e| self.draft.slice(e.span).to_owned())?;
            (Chosen::Count(value.mid) == *chosen && !text.contains(' ')).then_some(text)
        });
        old.unwrap_or(new)
    }
}

/// The hole of a value: the whole of it, or what `by` follows.
fn hole_of(value: &Expr) -> Option<&Expr> {
    match &value.kind {
        ExprKind::Hole(_) => Some(value),
        ExprKind::Phrase(parts) => parts.iter().find(|p| matches!(p.kind, ExprKind::Hole(_))),
        _ => None,
    }
}

pub(super) fn money(state: &State) -> Money {
    Money { total: state.facts.cost.total(), at_least: state.facts.cost.at_least() }
}

/// Reasons, the first of which says how much a new cache answered.
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
