//! Engines that a design leaves open: `database d : ? in [postgres, dynamodb]`.
//!
//! In: a design, rates, a multiple of its load. Out: the design with one engine for each, its plan,
//! and the reason against each other engine. Each combination replaces the variable by a name; the
//! design is then read, sized and judged like any other. Combinations with language errors or
//! missed targets are dropped. Of the rest, the cheapest whole design with a known price wins.
//! Never: a guess between engines whose price is unknown.

use super::Design;
use super::sizing_inputs::{SizingInputs, put_rates};
use super::uncertain::sized;
use crate::analysis::{Facts, component_cost, cost, demand, judge_cases};
use crate::model::{Chosen, Ends, Model, Origin};
use crate::sizing::{Sizes, Status, Why};
use crate::syntax::ast::{ExprKind, ItemKind};
use crate::units::show_money;
use std::collections::{BTreeMap, BTreeSet};

/// Most combinations of engines that are evaluated.
const MOST: usize = 48;

/// An engine by component.
pub type Engines = BTreeMap<String, String>;

/// The result of the search.
#[derive(Debug)]
pub enum Found {
    /// The design with its engines, and a plan that names them too.
    Chosen(Box<(Design, Engines, Sizes)>),
    /// The reason why none was chosen, for each component.
    Unsolved(Vec<String>),
    /// The reasons why no combination is feasible.
    Infeasible(Vec<String>),
}

impl Design {
    /// The design with these engines in place of variables.
    #[must_use]
    pub fn with_engines(&self, engines: &Engines) -> Self {
        let mut out = self.clone();
        for loaded in &mut out.files {
            let prefix = loaded.prefix.clone();
            for item in &mut loaded.file.items {
                let ItemKind::Decl(decl) = &mut item.kind else { continue };
                let Some(name) = engines.get(&crate::model::qualify(&prefix, &decl.name.text)) else { continue };
                if let Some(base) = &mut decl.base
                    && matches!(base.kind, ExprKind::Hole(_))
                {
                    base.kind = ExprKind::Word(name.clone());
                }
            }
        }
        out
    }
}

/// One combination, evaluated.
struct Trial {
    engines: Engines,
    /// US dollars a month of the whole design and its plan, or the reason why it is dropped.
    outcome: Result<(f64, Sizes), String>,
    /// Targets that it misses with every plan.
    unmet: BTreeSet<String>,
    /// The reason why its price is unknown.
    unpriced: Option<String>,
}

/// Finds the cheapest feasible engines; `None` if no engine is open. `why` adds the binding
/// requirements of their plan.
#[must_use]
pub fn choose(design: &Design, model: &Model, asked: &SizingInputs, why: bool) -> Option<Found> {
    let open: Vec<(&str, &[String])> = model
        .components
        .iter()
        .filter(|c| !c.engine_hole.is_empty())
        .map(|c| (c.name.as_str(), c.engine_hole.as_slice()))
        .collect();
    if open.is_empty() {
        return None;
    }
    let count = open.iter().map(|(_, names)| names.len()).fold(1, usize::saturating_mul);
    if count > MOST {
        let (name, _) = open.first()?;
        let why =
            format!("`{name}`: {count} combinations of engines are open, more than {MOST} are not tried: fix some");
        return Some(Found::Unsolved(vec![why]));
    }
    let mut trials: Vec<Trial> = combinations(&open).into_iter().map(|engines| tried(design, engines, asked)).collect();
    // A target that every engine misses does not depend on the engine.
    let fine = |t: &&Trial| t.outcome.is_ok();
    let common = trials.iter().filter(fine).map(|t| t.unmet.clone()).reduce(|a, b| &a & &b).unwrap_or_default();
    for t in &mut trials {
        if let Some(missed) = t.unmet.difference(&common).next()
            && t.outcome.is_ok()
        {
            t.outcome = Err(format!("{missed} would be missed"));
        }
    }
    let price = |t: &Trial| t.outcome.as_ref().ok().map(|(cost, _)| *cost);
    let will_do: Vec<&Trial> = trials.iter().filter(fine).collect();
    let priced = will_do.iter().filter(|t| t.unpriced.is_none());
    let best =
        match (will_do.as_slice(), priced.min_by(|a, b| price(a).unwrap_or(0.0).total_cmp(&price(b).unwrap_or(0.0)))) {
            ([], _) => {
                let each =
                    trials.iter().filter_map(|t| Some(format!("{}: {}", named(&t.engines), t.outcome.as_ref().err()?)));
                return Some(Found::Infeasible(each.collect()));
            }
            // A single feasible combination needs no price.
            ([only], _) => *only,
            (_, Some(best)) => *best,
            (several, None) => {
                let each =
                    several.iter().filter_map(|t| Some(format!("{}: {}", named(&t.engines), t.unpriced.as_ref()?)));
                return Some(Found::Unsolved(each.collect()));
            }
        };
    let (_, mut sizes) = best.outcome.clone().ok()?;
    let with = design.with_engines(&best.engines);
    let filled = with.model_at(&Ends::new());
    if why {
        sizes = sized(&with, &filled, asked, true, false).1.sizes;
    }
    for (name, names) in &open {
        let Some(mine) = best.engines.get(*name) else { continue };
        let mut reasons = others(best, &trials, name, names, model.system.has_provider);
        let entry = sizes.why.entry((*name).to_owned()).or_insert_with(|| Why {
            binding: Vec::new(),
            runner_up: None,
            cost: own_cost(&filled, name, asked.load),
        });
        reasons.append(&mut entry.binding);
        entry.binding = reasons;
        sizes.choices.entry((*name).to_owned()).or_default().insert("engine".to_owned(), Chosen::Name(mine.clone()));
    }
    Some(Found::Chosen(Box::new((with, best.engines.clone(), sizes))))
}

/// All combinations with one engine for each component.
fn combinations(open: &[(&str, &[String])]) -> Vec<Engines> {
    let mut all = vec![Engines::new()];
    for (name, names) in open {
        let with = |before: &Engines, engine: &String| {
            let mut next = before.clone();
            next.insert((*name).to_owned(), engine.clone());
            next
        };
        all = all.iter().flat_map(|b| names.iter().map(move |e| with(b, e))).collect();
    }
    all
}

/// Reasons against the other engines of a component, with the engines of other components fixed.
fn others(best: &Trial, trials: &[Trial], name: &str, names: &[String], has_provider: bool) -> Vec<String> {
    let cost = best.outcome.as_ref().map_or(0.0, |(cost, _)| *cost);
    let each = names.iter().filter_map(|other| {
        let mut with = best.engines.clone();
        if with.insert(name.to_owned(), other.clone()).as_ref() == Some(other) {
            return None;
        }
        let trial = trials.iter().find(|t| t.engines == with)?;
        Some(match (&trial.outcome, &trial.unpriced) {
            (Err(e), _) => format!("not {other}: {e}"),
            (Ok(_), Some(e)) => format!("{other} is feasible, at an unknown price: {e}"),
            (Ok((theirs, _)), None) if has_provider => {
                format!("{other} is feasible, for {} a month more", show_money((theirs - cost).max(0.0)))
            }
            (Ok((theirs, _)), None) => format!("{other} is feasible, with {} cores more", (theirs - cost).max(0.0)),
        })
    });
    each.collect()
}

/// `orders postgres, carts redis`
fn named(engines: &Engines) -> String {
    engines.iter().map(|(c, e)| format!("`{c}` as {e}")).collect::<Vec<_>>().join(", ")
}

/// The monthly cost of a component with a set engine and no open variable.
fn own_cost(model: &Model, name: &str, load: f64) -> f64 {
    let id = model.find(name);
    id.map_or(0.0, |id| component_cost(model, &demand(model, load), id).at_least())
}

fn tried(design: &Design, engines: Engines, asked: &SizingInputs) -> Trial {
    let with = design.with_engines(&engines);
    let mut sink = crate::diag::Sink::default();
    let mut model = with.model(&mut sink);
    let out = |engines, why: String| Trial { engines, outcome: Err(why), unmet: BTreeSet::new(), unpriced: None };
    if let Some(d) = sink.into_sorted().into_iter().find(|d| d.severity == crate::diag::Severity::Error) {
        return out(engines, d.message);
    }
    put_rates(&mut model, &asked.rates);
    let sizes = sized(&with, &model, asked, false, false).1.sizes;
    if sizes.status == Status::Infeasible {
        return out(engines, sizes.conflict.into_iter().next().unwrap_or_else(|| "no sizes will do".to_owned()));
    }
    let unmet = unmet(&with, &sizes, asked).into_iter().collect();
    model.fill(&sizes.choices, &Origin::Solved);
    let model = crate::analysis::followed(model, asked.load);
    let demand = demand(&model, asked.load);
    let bill = |name: &String| model.find(name).map(|id| component_cost(&model, &demand, id));
    let (cost, unpriced) = if model.system.has_provider {
        let lack = engines.keys().filter_map(bill).find_map(|b| b.total().err()).map(|e| e.to_string());
        (cost(&model, &demand).at_least(), lack.or_else(|| sizes.unsolved.first().cloned()))
    } else {
        (sizes.cost, sizes.unsolved.first().cloned())
    };
    Trial { engines, outcome: Ok((cost, sizes)), unmet, unpriced }
}

/// Verdicts that the analyses give a solved design and that are missed: at the worse endpoints of
/// its intervals if the plan is for those, else at midpoints.
#[must_use]
pub fn unmet(design: &Design, sizes: &Sizes, asked: &SizingInputs) -> Vec<String> {
    let load = asked.load;
    let filled = |ends: &Ends| {
        let mut m = design.model_at(ends);
        put_rates(&mut m, &asked.rates);
        m.fill(&sizes.choices, &Origin::Solved);
        m
    };
    let mut model = crate::analysis::followed(filled(&Ends::new()), load);
    if !asked.robust.mode.keeps_ends() {
        model.intervals.clear();
    }
    let verdicts = judge_cases(&model, &Facts::new(&model, load), load, &filled);
    let mut out = Vec::new();
    for (flow, list) in model.flows.iter().zip(&verdicts.slo) {
        let missed = list.iter().filter(|v| v.met == Some(false));
        out.extend(missed.map(|v| format!("{} of flow `{}`", v.slo.metric.name, flow.name)));
    }
    out.extend(
        verdicts
            .system_requirements
            .iter()
            .filter(|p| p.met == Some(false))
            .map(|p| format!("`{}`: {}", p.name, p.why().join("; "))),
    );
    out.extend(verdicts.scenarios.iter().filter(|s| s.holds == Some(false)).map(|s| format!("scenario `{}`", s.name)));
    out
}
