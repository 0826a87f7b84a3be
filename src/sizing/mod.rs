//! Sizing: the cheapest values of the holes that keep every promise.
//!
//! In: the design at the corners of its intervals. Out: values, what they cost, what
//! binds, the runner-up; or why there are none. Capacity is a matter of each component
//! alone and decides its options; latency and availability of a flow are checked by the
//! analyses themselves. What the cheapest choice misses becomes a cut: one component at
//! least must be more capable than the most capable choice that still misses it (logic-based
//! Benders, Hooker and Ottosson 2003; the cut is valid for latency never rises, and
//! availability never falls, with capability). So an optimum is one of the exact
//! analyses, not of a surrogate. Holds: headroom and targets as the design is; targets
//! and utilisation under 100% after each loss of `survive` and in each scenario; all with the
//! data of the horizon, at the cost of today. Never:
//! a design changed, a file written.

mod base;
mod caches;
mod capacity_steps;
mod cases;
mod chance_constraint;
mod commit;
mod conflict;
mod constraints;
mod frontier;
mod lagrange;
mod memory;
pub mod milp;
mod options;
mod problem;
pub mod program;
mod reasons;
mod regret;
mod relaxed_options;
mod robust;
mod scalers;
mod sensitivity;
mod settings;
pub mod solve;
mod targets;

pub use capacity_steps::CapacityStep;
pub use commit::{Commitments, Committed, Group, Mix, commitments};
pub use conflict::Relaxation;
pub use frontier::{Frontier, Point};
pub use options::words;
pub use robust::{Held, Mode, Robust, Robustly, Uncertain, robustly};
pub use sensitivity::Sensitivity;

use crate::model::{Choice, Choices, Chosen, Hole, Model, Origin};
use base::Base;
pub use program::{Proof, Reason};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// How far a solution is known to be the best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// No cheaper values keep every promise.
    Optimal,
    /// These keep every promise; cheaper ones are at most this share cheaper.
    WithinGap(f64),
    /// No values do.
    Infeasible,
}

/// Why a component has the values it has.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// What the next cheaper values would miss.
    pub binding: Vec<String>,
    /// The cheapest other values that would do, and what they cost more, US dollars a month.
    pub runner_up: Option<(Choice, f64)>,
    /// What the values cost, US dollars a month; without a provider, cores.
    pub cost: f64,
}

/// The outcome of sizing.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// How good.
    pub status: Status,
    /// What proved the status; meaningless for an infeasible design.
    pub proof: Proof,
    /// Values by component.
    pub choices: Choices,
    /// Why, by component.
    pub why: BTreeMap<String, Why>,
    /// Holes that could not be solved, each with the reason.
    pub unsolved: Vec<String>,
    /// What even the most capable values miss, if none do.
    pub conflict: Vec<String>,
    /// What is sized costs so much, and what is metered behind caches that are; US dollars a month. Without a
    /// provider, cores.
    pub cost: f64,
}

impl Sizes {
    /// Whether some holes have no value though there are sizes: then nothing is the best of all.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.status != Status::Infeasible && !self.unsolved.is_empty()
    }
}

/// What is learnt by solving a design again with changes.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// What each demand costs.
    pub sensitivity: Vec<Sensitivity>,
    /// Demands that cannot all hold, none of which can be left out.
    pub conflict: Vec<String>,
    /// What would ease them, the cheapest first.
    pub relaxations: Vec<Relaxation>,
    /// What each target of a flow's time costs, where that is asked for.
    pub frontier: Option<Frontier>,
    /// What to commit to, if that is asked for.
    pub commitments: Option<Commitments>,
}

/// A design that is solved again and again, each time with something changed.
pub struct Resize {
    /// The design in the middle of its intervals.
    model: Model,
    /// At their ends.
    corners: Vec<Model>,
    /// What its rates are multiplied by.
    load: f64,
    /// The design made ready, for each who solves it with other targets at the same time.
    ready: Mutex<Vec<Base>>,
}

impl Resize {
    /// As for [`size`].
    #[must_use]
    pub fn new(model: Model, corners: Vec<Model>, load: f64) -> Self {
        Self { model, corners, load, ready: Mutex::default() }
    }

    /// The same design at so many times its load.
    #[must_use]
    pub fn at(&self, load: f64) -> Self {
        Self::new(self.model.clone(), self.corners.clone(), load)
    }

    /// The sizes of the design, with what binds each.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        size(&self.model, &self.corners, self.load, true)
    }

    /// The sizes of the design with a change, at so many times its load.
    fn solve(&self, times: f64, change: &dyn Fn(&mut Model)) -> Sizes {
        let (model, corners) = self.changed(change);
        size(&model, &corners, self.load * times, false)
    }

    /// The same of a change of targets alone: what they do not change is computed once.
    fn with_targets(&self, change: &dyn Fn(&mut Model), aim: Aim) -> Sizes {
        let (model, corners) = self.changed(change);
        if scalers::any(&model) || !settings::open(&model).is_empty() {
            return solve(&model, &corners, self.load, aim);
        }
        let kept = self.ready.lock().ok().and_then(|mut all| all.pop());
        let mut base = kept.unwrap_or_else(|| Base::new(self.load));
        let sizes = base.solve(&model, &corners, aim);
        if let Ok(mut all) = self.ready.lock() {
            all.push(base);
        }
        sizes
    }

    fn changed(&self, change: &dyn Fn(&mut Model)) -> (Model, Vec<Model>) {
        let with = |m: &Model| {
            let mut m = m.clone();
            change(&mut m);
            m
        };
        (with(&self.model), self.corners.iter().map(with).collect())
    }

    /// Whether sizes are found.
    fn holds(&self, times: f64, change: &dyn Fn(&mut Model)) -> bool {
        let (model, corners) = self.changed(change);
        any(&model, &corners, self.load * times)
    }

    /// What the sizes cost, if some are found.
    fn cost(&self, times: f64, change: &dyn Fn(&mut Model)) -> Option<f64> {
        let sizes = self.solve(times, change);
        (sizes.status != Status::Infeasible).then_some(sizes.cost)
    }

    /// What the sizes cost with other targets, if some are found.
    fn cost_with_targets(&self, change: &dyn Fn(&mut Model)) -> Option<f64> {
        let sizes = self.with_targets(change, Aim::Best { why: false });
        (sizes.status != Status::Infeasible).then_some(sizes.cost)
    }

    /// What the whole design costs with a change and its sizes, if some are found: US dollars a month with
    /// what is metered, and whether all of it is known; without a provider, cores of what is sized.
    fn whole(&self, times: f64, change: &dyn Fn(&mut Model), sizes: &Sizes) -> Option<(f64, bool)> {
        if sizes.status == Status::Infeasible {
            return None;
        }
        let (mut model, _) = self.changed(change);
        if !model.system.has_provider {
            return Some((sizes.cost, sizes.unsolved.is_empty()));
        }
        model.fill(&sizes.choices, &crate::model::Origin::Solved);
        let load = self.load * times;
        let model = crate::analysis::followed(model, load);
        let bill = crate::analysis::cost(&model, &crate::analysis::demand(&model, load));
        Some((bill.at_least(), bill.total().is_ok()))
    }

    /// Of a design that no sizes keep, which demands cannot all hold, and what would ease
    /// them; of another, if `prices` are asked for, what each demand costs.
    #[must_use]
    pub fn study(&self, sizes: &Sizes, prices: bool) -> Study {
        let mut out = Study::default();
        if sizes.status == Status::Infeasible {
            let smallest = conflict::smallest(self);
            out.conflict = smallest.iter().map(|a| a.words(&self.model)).collect();
            out.relaxations = conflict::relaxations(self, &smallest);
        } else if prices && !sizes.choices.is_empty() {
            out.sensitivity = sensitivity::sensitivity(self, sizes);
        }
        out
    }

    /// What is due between two multiples of the load, and why nothing does beyond, if nothing does.
    #[must_use]
    pub fn capacity_steps(&self, from: f64, to: f64) -> (Vec<CapacityStep>, Option<String>) {
        capacity_steps::capacity_steps(self, from, to)
    }
}

/// Solves the holes of a design. `corners` are its models at the ends of its intervals,
/// or the design itself where it has none; `load` multiplies all rates; `why` asks for
/// what binds each value and for the runner-up, which takes longer than solving.
#[must_use]
pub fn size(model: &Model, corners: &[Model], load: f64, why: bool) -> Sizes {
    // Caches whose hit ratio follows from their size come first.
    solve(model, corners, load, Aim::Best { why })
}

/// Whether some values keep every promise.
fn any(model: &Model, corners: &[Model], load: f64) -> bool {
    solve(model, corners, load, Aim::Any).status != Status::Infeasible
}

fn solve(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Sizes {
    let scaled = scalers::size_with(model, corners, load, aim);
    let cached = || caches::size_with(model, corners, load, aim);
    scaled.or_else(cached).unwrap_or_else(|| solve_rest(model, corners, load, aim))
}

/// What a solution is for.
#[derive(Clone, Copy, PartialEq)]
enum Aim {
    /// To know whether there is one.
    Any,
    /// The cheapest, perhaps with its reasons.
    Best { why: bool },
}

/// The same, of components that change nobody's rates.
fn solve_rest(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Sizes {
    Base::new(load).solve(model, corners, aim)
}

/// A design and its corners with values filled in.
fn filled(model: &Model, corners: &[Model], choices: &Choices) -> (Model, Vec<Model>) {
    let put = |m: &Model| {
        let mut m = m.clone();
        m.fill(choices, &Origin::Solved);
        m
    };
    (put(model), corners.iter().map(put).collect())
}

/// No sizes yet.
fn nothing() -> Sizes {
    Sizes {
        status: Status::Optimal,
        proof: Proof::Lagrange,
        choices: Choices::new(),
        why: BTreeMap::new(),
        unsolved: Vec::new(),
        conflict: Vec::new(),
        cost: 0.0,
    }
}

/// `partitions = ?`: as many as the largest group of consumers has slots, for each needs one.
fn partitions(model: &Model, out: &mut Sizes) {
    let open =
        || model.all().filter_map(|(id, c)| Some((id, c, c.holes().into_iter().find(|(n, _)| *n == "partitions")?)));
    if open().next().is_none() {
        return;
    }
    let mut filled = model.clone();
    filled.fill(&out.choices, &crate::model::Origin::Solved);
    for (id, c, (_, hole)) in open() {
        let mut most: f64 = 1.0;
        for (f, _) in model.flows.iter().enumerate().filter(|(_, f)| f.origin == id) {
            let Some(to) = crate::analysis::taker(&filled, crate::model::FlowId(f)) else { continue };
            let replicas = crate::analysis::count(filled.component(to), "replicas").value.unwrap_or(1.0);
            most = most.max(replicas * crate::analysis::in_one_replica(&filled, to).unwrap_or(1.0));
        }
        let wanted = match &hole {
            Hole::Among(all) => all.iter().copied().find(|n| *n >= most).unwrap_or(most),
            _ => most.max(hole.least().unwrap_or(1.0)),
        };
        let chosen = Chosen::Count(wanted);
        if hole.allows(&chosen) {
            out.choices.entry(c.name.clone()).or_default().insert("partitions".to_owned(), chosen);
        } else {
            out.unsolved
                .push(format!("`{}`: {most} consumers want as many partitions, and its hole allows fewer", c.name));
        }
    }
}
