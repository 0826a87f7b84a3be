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

mod asks;
mod caches;
mod conflict;
mod due;
mod options;
mod program;
mod sensitivity;
mod worlds;

pub use conflict::Relaxation;
pub use due::Due;
pub use sensitivity::Sensitivity;

use crate::analysis::demand;
use crate::model::{Choice, Choices, Chosen, CompId, Model};
use options::{Options, Unsolved, options, words};
use program::{Cut, solve};
use std::collections::BTreeMap;
use worlds::{World, worlds};

/// Most rounds of cuts.
const MAX_ROUNDS: usize = 100;

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
    /// Values by component.
    pub choices: Choices,
    /// Why, by component.
    pub why: BTreeMap<String, Why>,
    /// Holes that could not be solved, each with the reason.
    pub unsolved: Vec<String>,
    /// What even the most capable values miss, if none do.
    pub conflict: Vec<String>,
    /// What is sized costs so much, US dollars a month; without a provider, cores.
    pub cost: f64,
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
}

/// A design that is solved again and again, each time with something changed.
pub struct Resize {
    /// The design in the middle of its intervals.
    model: Model,
    /// At their ends.
    corners: Vec<Model>,
    /// What its rates are multiplied by.
    load: f64,
}

impl Resize {
    /// As for [`size`].
    #[must_use]
    pub fn new(model: Model, corners: Vec<Model>, load: f64) -> Self {
        Self { model, corners, load }
    }

    /// The sizes of the design, with what binds each.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        size(&self.model, self.corners.clone(), self.load, true)
    }

    /// The sizes of the design with a change, at so many times its load.
    fn solve(&self, times: f64, change: &dyn Fn(&mut Model)) -> Sizes {
        let with = |m: &Model| {
            let mut m = m.clone();
            change(&mut m);
            m
        };
        size(&with(&self.model), self.corners.iter().map(with).collect(), self.load * times, false)
    }

    /// Whether sizes are found.
    fn holds(&self, times: f64, change: &dyn Fn(&mut Model)) -> bool {
        self.solve(times, change).status != Status::Infeasible
    }

    /// What the sizes cost, if some are found.
    fn cost(&self, times: f64, change: &dyn Fn(&mut Model)) -> Option<f64> {
        let sizes = self.solve(times, change);
        (sizes.status != Status::Infeasible).then_some(sizes.cost)
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
    pub fn due(&self, from: f64, to: f64) -> (Vec<Due>, Option<String>) {
        due::due(self, from, to)
    }
}

/// Solves the holes of a design. `corners` are its models at the ends of its intervals,
/// or the design itself where it has none; `load` multiplies all rates; `why` asks for
/// what binds each value and for the runner-up, which takes longer than solving.
#[must_use]
pub fn size(model: &Model, corners: Vec<Model>, load: f64, why: bool) -> Sizes {
    // Caches whose hit ratio follows from their size come first.
    caches::size_with(model, &corners, load, why).unwrap_or_else(|| solve_rest(model, corners, load, why))
}

/// The same, of components that change nobody's rates.
fn solve_rest(model: &Model, corners: Vec<Model>, load: f64, why: bool) -> Sizes {
    let mut out = Sizes {
        status: Status::Optimal,
        choices: Choices::new(),
        why: BTreeMap::new(),
        unsolved: Vec::new(),
        conflict: Vec::new(),
        cost: 0.0,
    };
    let mut scratch = model.clone();
    let base = demand(model, load);
    let far = corners.into_iter().map(Model::at_horizon).collect();
    let mut all_worlds = worlds(far, load);
    let mut spread = 1.0;
    loop {
        out.unsolved.clear();
        let mut all: Vec<Options> = Vec::new();
        for (id, c) in model.all().filter(|(_, c)| !c.holes().is_empty() || !c.engine_hole.is_empty()) {
            match options(&mut scratch, &base, id, &mut all_worlds, spread) {
                Ok(o) => all.push(o),
                Err(Unsolved::Unknown(e)) => out.unsolved.push(format!("`{}`: {e}", c.name)),
                Err(Unsolved::Infeasible(e)) => out.conflict.push(e),
            }
        }
        if !out.conflict.is_empty() {
            out.status = Status::Infeasible;
            return out;
        }
        // Of several optima the same, in whichever order the components are declared.
        all.sort_by(|a, b| a.open.name.cmp(&b.open.name));
        for w in &mut all_worlds {
            w.settle(&all.iter().map(|o| o.id).collect::<Vec<_>>());
        }
        let mut problem = Problem { all: &all, cuts: Vec::new(), worlds: &mut all_worlds };
        match problem.run() {
            Ok((x, status)) => {
                out.status = problem.beyond(&x, status);
                problem.choose(&x, &mut out);
                if why {
                    problem.explain(&x, &mut out);
                }
                partitions(model, &mut out);
                return out;
            }
            // More of everything, in case the counts tried were too few.
            Err(_) if spread < 16.0 => spread = 16.0,
            Err(why) => {
                out.conflict = why;
                out.status = Status::Infeasible;
                return out;
            }
        }
    }
}

struct Problem<'a> {
    all: &'a [Options],
    /// What the rounds have found.
    cuts: Vec<Cut>,
    worlds: &'a mut [World],
}

impl Problem<'_> {
    /// The cheapest choice that every world accepts, or what no choice reaches.
    fn run(&mut self) -> Result<(Vec<usize>, Status), Vec<String>> {
        let costs: Vec<Vec<f64>> = self.all.iter().map(|o| o.list.iter().map(|c| c.cost).collect()).collect();
        let total = |x: &[usize]| -> f64 { x.iter().zip(&costs).filter_map(|(o, l)| l.get(*o)).sum() };
        let mut bound = 0.0;
        for _ in 0..MAX_ROUNDS {
            let Some(x) = solve(&costs, &self.cuts) else {
                return Err(self.hopeless());
            };
            bound = total(&x);
            let new = self.cuts(&x);
            if new.is_empty() {
                return Ok((x, Status::Optimal));
            }
            if new.iter().any(Vec::is_empty) {
                return Err(self.hopeless());
            }
            self.cuts.extend(new);
        }
        // What is most capable, then as cheap as single steps lead.
        let mut x: Vec<usize> = self.all.iter().map(Self::top).collect();
        if !self.cuts(&x).is_empty() {
            return Err(self.hopeless());
        }
        for i in 0..x.len() {
            let now = x.get(i).copied().unwrap_or(0);
            for o in 0..now {
                let mut y = x.clone();
                if let Some(slot) = y.get_mut(i) {
                    *slot = o;
                }
                if total(&y) < total(&x) && self.cuts(&y).is_empty() {
                    x = y;
                    break;
                }
            }
        }
        let cost = total(&x);
        let gap = if cost > 0.0 { (cost - bound) / cost } else { 0.0 };
        Ok((x, if gap <= 1e-9 { Status::Optimal } else { Status::WithinGap(gap) }))
    }

    /// What is known of a choice that is the best of what was tried. An untried option
    /// costs at least what is kept as `beyond`, and may meet every cut that its component
    /// is in; the least cost with that is a bound.
    fn beyond(&self, x: &[usize], status: Status) -> Status {
        let costs: Vec<Vec<f64>> = self.all.iter().map(|o| o.list.iter().map(|c| c.cost).collect()).collect();
        let total_of =
            |costs: &[Vec<f64>], x: &[usize]| -> f64 { x.iter().zip(costs).filter_map(|(o, l)| l.get(*o)).sum() };
        let total = total_of(&costs, x);
        let mut gap = match status {
            Status::WithinGap(g) => g,
            Status::Optimal | Status::Infeasible => 0.0,
        };
        for (i, o) in self.all.iter().enumerate() {
            let Some(beyond) = o.beyond else { continue };
            let mut others = costs.clone();
            if let Some(slot) = others.get_mut(i) {
                *slot = vec![beyond];
            }
            let least: f64 = others.iter().map(|l| l.iter().copied().fold(f64::INFINITY, f64::min)).sum();
            if least >= total {
                continue;
            }
            let cuts: Vec<Cut> = self.cuts.iter().filter(|c| c.iter().all(|(k, _)| *k != i)).cloned().collect();
            let Some(y) = solve(&others, &cuts) else { continue };
            let other = total_of(&others, &y);
            if other < total {
                gap = gap.max((total - other) / total);
            }
        }
        if gap > 1e-9 { Status::WithinGap(gap) } else { status }
    }

    /// The most capable option, the last by cost where several are.
    fn top(o: &Options) -> usize {
        let better = |a: usize, b: usize| match (o.list.get(a), o.list.get(b)) {
            (Some(a), Some(b)) => a.at_most(b),
            _ => false,
        };
        (0..o.list.len()).fold(0, |best, i| if better(best, i) { i } else { best })
    }

    /// What a choice misses in some world, if anything.
    fn misses(&mut self, x: &[usize], world: usize, flow: usize) -> Option<String> {
        let w = self.worlds.get_mut(world)?;
        let chosen: Vec<(CompId, usize, &Choice)> =
            self.all.iter().zip(x).filter_map(|(o, i)| Some((o.id, *i, &o.list.get(*i)?.choice))).collect();
        w.choose(&chosen);
        let by_id: BTreeMap<CompId, usize> = chosen.iter().map(|(id, i, _)| (*id, *i)).collect();
        w.misses(flow, &by_id)
    }

    fn flows_with_targets(&self) -> Vec<(usize, usize)> {
        let each = self.worlds.iter().enumerate();
        each.flat_map(|(w, world)| (0..world.flows()).filter(|f| world.can_miss(*f)).map(move |f| (w, f))).collect()
    }

    /// Cuts for everything that a choice misses; an empty cut is one that nothing can meet.
    fn cuts(&mut self, x: &[usize]) -> Vec<Cut> {
        let mut out: Vec<Cut> = Vec::new();
        for (world, flow) in self.flows_with_targets() {
            if self.misses(x, world, flow).is_none() {
                continue;
            }
            // As capable as possible while it still misses: the stronger the cut.
            let mut v = x.to_vec();
            let asked: Vec<bool> =
                self.all.iter().map(|o| self.worlds.get(world).is_some_and(|w| w.asks(flow, o.id))).collect();
            for (i, o) in self.all.iter().enumerate() {
                // What the flow does not ask changes nothing of it.
                if asked.get(i) != Some(&true) {
                    continue;
                }
                let now = v.get(i).copied().unwrap_or(0);
                let mut above: Vec<usize> = (0..o.list.len())
                    .filter(|k| {
                        *k != now && matches!((o.list.get(now), o.list.get(*k)), (Some(a), Some(b)) if a.at_most(b))
                    })
                    .collect();
                // The most capable first: if that still misses, this component does not matter.
                above.reverse();
                let (mut low, mut high) = (0, above.len());
                let mut raised = None;
                // Along a chain of ever more capable options the miss ends somewhere: bisect.
                while low < high {
                    let mid = if raised.is_none() && low == 0 { 0 } else { usize::midpoint(low, high) };
                    let Some(k) = above.get(mid).copied() else { break };
                    let mut y = v.clone();
                    if let Some(slot) = y.get_mut(i) {
                        *slot = k;
                    }
                    if self.misses(&y, world, flow).is_some() {
                        raised = Some(k);
                        high = mid;
                    } else {
                        low = mid + 1;
                    }
                }
                if let (Some(k), Some(slot)) = (raised, v.get_mut(i)) {
                    *slot = k;
                }
            }
            let mut cut: Cut = Vec::new();
            for (i, o) in self.all.iter().enumerate() {
                let at = v.get(i).and_then(|k| o.list.get(*k)).filter(|_| asked.get(i) == Some(&true));
                let Some(at) = at else { continue };
                let ok: Vec<bool> = o.list.iter().map(|c| !c.at_most(at)).collect();
                if ok.iter().any(|b| *b) {
                    cut.push((i, ok));
                }
            }
            out.push(cut);
        }
        out
    }

    /// What even the most capable choice misses, one reason a flow.
    fn hopeless(&mut self) -> Vec<String> {
        let x: Vec<usize> = self.all.iter().map(Self::top).collect();
        let mut out: BTreeMap<usize, String> = BTreeMap::new();
        // The design as it is says most; its world is the last of each corner.
        for (world, flow) in self.flows_with_targets().into_iter().rev() {
            if out.contains_key(&flow) {
                continue;
            }
            if let Some(why) = self.misses(&x, world, flow) {
                let with = self.most_capable(&x, world, flow);
                let least = self.worlds.get(world).and_then(|w| w.without_queues(flow)).unwrap_or_default();
                out.insert(flow, format!("{why}{with}{least}"));
            }
        }
        if out.is_empty() {
            return vec!["no single choice keeps all targets at once".to_owned()];
        }
        out.into_values().take(8).collect()
    }

    /// The most capable values of what a flow asks, where some are so beyond doubt.
    fn most_capable(&self, x: &[usize], world: usize, flow: usize) -> String {
        let asked = self.all.iter().zip(x).filter(|(o, _)| self.worlds.get(world).is_some_and(|w| w.asks(flow, o.id)));
        let each: Vec<String> = asked
            .filter_map(|(o, i)| {
                let top = o.list.get(*i)?;
                let beyond_doubt = o.list.iter().all(|c| c.at_most(top));
                beyond_doubt.then(|| format!("`{}` at {}", o.open.name, words(&top.choice)))
            })
            .collect();
        match each.as_slice() {
            [] => String::new(),
            few if few.len() <= 3 => format!(", even with {}", few.join(", ")),
            [first, ..] => format!(", even with {first} and {} more at their most", each.len() - 1),
        }
    }

    /// The values of a choice.
    fn choose(&self, x: &[usize], out: &mut Sizes) {
        for (o, i) in self.all.iter().zip(x) {
            if let Some(c) = o.list.get(*i) {
                out.cost += c.cost;
                out.choices.insert(o.open.name.clone(), c.choice.clone());
            }
        }
    }

    /// What binds each choice, and the runner-up.
    fn explain(&mut self, x: &[usize], out: &mut Sizes) {
        let targets = self.flows_with_targets();
        for (i, o) in self.all.iter().enumerate() {
            let Some(now) = x.get(i).copied() else { continue };
            let Some(chosen) = o.list.get(now) else { continue };
            let touched: Vec<(usize, usize)> = targets
                .iter()
                .copied()
                .filter(|(w, f)| self.worlds.get(*w).is_some_and(|w| w.asks(*f, o.id)))
                .collect();
            let mut binding: Vec<String> = Vec::new();
            let mut runner_up = None;
            // The next cheaper option with capacity misses a target, or has no capacity.
            if let Some(cheaper) = now.checked_sub(1) {
                let mut y = x.to_vec();
                if let Some(slot) = y.get_mut(i) {
                    *slot = cheaper;
                }
                for (world, flow) in &touched {
                    if let Some(why) = self.misses(&y, *world, *flow) {
                        let with = o.list.get(cheaper).map_or_else(String::new, |c| words(&c.choice));
                        binding.push(format!("with {with}, {why}"));
                        break;
                    }
                }
            } else if let Some((c, why)) = &o.short {
                binding.push(format!("with {}, {why}", words(c)));
            }
            for other in now + 1..o.list.len() {
                let mut y = x.to_vec();
                if let Some(slot) = y.get_mut(i) {
                    *slot = other;
                }
                if touched.iter().all(|(w, f)| self.misses(&y, *w, *f).is_none())
                    && let Some(c) = o.list.get(other)
                {
                    runner_up = Some((c.choice.clone(), c.cost - chosen.cost));
                    break;
                }
            }
            out.why.insert(o.open.name.clone(), Why { binding, runner_up, cost: chosen.cost });
        }
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
        let least = match hole {
            crate::model::Hole::AtLeast(l) | crate::model::Hole::Between(l, _) => l,
            crate::model::Hole::OneOf(_) => 1.0,
        };
        let chosen = Chosen::Count(most.max(least));
        if hole.allows(&chosen) {
            out.choices.entry(c.name.clone()).or_default().insert("partitions".to_owned(), chosen);
        } else {
            out.unsolved
                .push(format!("`{}`: {most} consumers want as many partitions, and its hole allows fewer", c.name));
        }
    }
}
