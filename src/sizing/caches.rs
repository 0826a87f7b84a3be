//! Caches with an open size that determines their hit ratio.
//!
//! In: the design at the corners of its intervals. Out: sizes. The size of such a cache changes the load of the
//! components behind it, so both are one choice: settings of the caches are set, the rest is solved, and the
//! cheapest whole wins, usage prices included. Settings are tried in the order of a lower bound on the whole: their
//! own price plus the rest with a tried setting that is at least as capable, because more misses never cost less
//! (branch and bound, Land and Doig 1960). A setting that overloads itself, or a component without variables behind
//! it, is infeasible. Settings left when the limit is reached make the gap. Never: a `hit` that the design sets.

use super::base::{filled, solve_rest};
use super::cases::{behind, overloads};
use super::options::{Unsolved, words};
use super::program::{Proof, Reason};
use super::settings::{Setting, Settings, open, settings};
use super::sizes::{Aim, Sizes, Status, Why, nothing};
use crate::analysis::{component_cost, cost, demand};
use crate::model::{Choice, Choices, CompId, Model, Origin};
use crate::units::{show_money, show_ratio, significant};
use std::collections::{BTreeMap, BTreeSet};

/// Most designs solved: for a small design, and for a large one.
const SOLVED: (usize, usize) = (200, 16);
/// Larger designs than this, in components, get fewer.
const COMPONENTS: usize = 4000;
/// Most settings of all caches together.
const MOST: usize = 40_000;
/// A load so small that usage prices are 0.
const QUIET: f64 = 1e-9;
/// Costs that differ by less than this share are equal.
const SAME: f64 = 1e-9;

/// One setting for each cache, by position in the lists.
struct Whole {
    at: Vec<usize>,
    own: f64,
    /// Lower bound on the cost of the whole with it.
    least: f64,
    done: bool,
}

/// The result of solving with one setting for each cache.
struct Tried {
    at: Vec<usize>,
    /// Cost of the whole, or why it is infeasible.
    total: Result<f64, String>,
}

struct Search<'a> {
    model: &'a Model,
    corners: &'a [Model],
    load: f64,
    lists: Vec<Settings>,
    /// Overloaded components without variables that are behind none of the caches.
    infeasible: BTreeSet<CompId>,
    all: Vec<Whole>,
    tried: Vec<Tried>,
    /// Lower bound on the cost of unlisted settings.
    left_out: f64,
    /// Whether a solution of the rest rests on a MILP.
    milp: bool,
}

/// The sizes of a design with such caches. `None` if it has none, or if their capacity is unknown.
pub(super) fn size_with(model: &Model, corners: &[Model], load: f64, aim: Aim) -> Option<Sizes> {
    let caches = open(model);
    if caches.is_empty() {
        return None;
    }
    let quiet = demand(model, QUIET);
    let mut lists = Vec::new();
    for id in caches {
        match settings(model, &quiet, id) {
            Ok(found) => lists.push(found),
            Err(Unsolved::Unknown(_)) => return None,
            Err(Unsolved::Infeasible(why)) => return Some(none(vec![why])),
        }
    }
    let mut search = Search {
        model,
        corners,
        load,
        lists,
        infeasible: BTreeSet::new(),
        all: Vec::new(),
        tried: Vec::new(),
        left_out: f64::INFINITY,
        milp: false,
    };
    search.list();
    search.run(aim)
}

fn none(conflict: Vec<String>) -> Sizes {
    Sizes { status: Status::Infeasible, conflict, ..nothing() }
}

impl Search<'_> {
    /// Lists all combinations of settings, the cheapest first.
    fn list(&mut self) {
        let caches = self.lists.len().max(1);
        let cheapest: Vec<f64> = self.lists.iter().map(|l| l.list.first().map_or(0.0, |s| s.own)).collect();
        let others = |i: usize| cheapest.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, c)| c).sum::<f64>();
        let mut left_out = f64::INFINITY;
        for (i, list) in self.lists.iter().enumerate() {
            left_out = list.beyond.map_or(left_out, |b| left_out.min(b + others(i)));
        }
        // If there are too many: the first half, then evenly spaced ones up to the last.
        let most = (1..).take_while(|n: &usize| n.saturating_pow(u32::try_from(caches).unwrap_or(8)) <= MOST);
        let most = most.last().unwrap_or(1);
        for (i, list) in self.lists.iter_mut().enumerate() {
            if list.list.len() > most {
                let keep = most / 2;
                let step = (list.list.len() - keep).div_ceil((most - keep).max(1));
                let last = list.list.len() - 1;
                let gone = list.list.get(keep).map_or(0.0, |s| s.own);
                left_out = left_out.min(gone + others(i));
                let mut k = 0;
                list.list.retain(|_| {
                    let kept = k < keep || (k - keep) % step == 0 || k == last;
                    k += 1;
                    kept
                });
            }
        }
        self.left_out = left_out;
        let mut all = vec![(Vec::new(), 0.0)];
        for list in &self.lists {
            let each = |(at, own): (Vec<usize>, f64)| {
                let next = list.list.iter().enumerate();
                next.map(|(k, s)| ([at.clone(), vec![k]].concat(), own + s.own)).collect::<Vec<_>>()
            };
            all = all.into_iter().flat_map(each).collect();
        }
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        self.all = all.into_iter().map(|(at, own)| Whole { at, own, least: own, done: false }).collect();
    }

    fn setting(&self, cache: usize, at: &[usize]) -> Option<&Setting> {
        self.lists.get(cache)?.list.get(*at.get(cache)?)
    }

    fn own(&self, at: &[usize]) -> f64 {
        (0..self.lists.len()).filter_map(|i| self.setting(i, at)).map(|s| s.own).sum()
    }

    /// Whether each cache of `a` is at most as capable as that of `b`.
    fn at_most(&self, a: &[usize], b: &[usize]) -> bool {
        (0..self.lists.len()).all(|i| match (self.setting(i, a), self.setting(i, b)) {
            (Some(a), Some(b)) => a.at_most(b),
            _ => false,
        })
    }

    fn choices(&self, at: &[usize]) -> Choices {
        let each =
            self.lists.iter().enumerate().filter_map(|(i, l)| {
                Some((self.model.component(l.id).name.clone(), self.setting(i, at)?.choice.clone()))
            });
        each.collect()
    }

    fn overloads(&self, corners: &[Model]) -> Result<BTreeMap<CompId, String>, String> {
        let far = corners.iter().cloned().map(Model::at_horizon).collect();
        let kept: Vec<CompId> = self.lists.iter().map(|l| l.id).collect();
        overloads(far, self.load, &kept)
    }

    /// Solves the rest with settings, and raises the bounds of less capable ones.
    fn solve(&mut self, at: &[usize], aim: Aim) -> Result<Sizes, String> {
        let (now, corners) = filled(self.model, self.corners, &self.choices(at));
        let over = self.overloads(&corners);
        let first = over.as_ref().ok().and_then(|o| o.iter().find(|(id, _)| !self.infeasible.contains(id)));
        let sizes = match (&over, first) {
            (Err(e), _) => Err(e.clone()),
            (_, Some((id, why))) => {
                Err(format!("`{}` lacks capacity with {}: {why}", now.component(*id).name, self.words(at)))
            }
            _ => {
                let sizes = solve_rest(&now, &corners, self.load, aim);
                match sizes.status {
                    Status::Infeasible => Err(sizes.conflict.first().cloned().unwrap_or_default()),
                    _ => Ok(sizes),
                }
            }
        };
        self.milp |= sizes.as_ref().is_ok_and(|s| s.proof == Proof::Milp);
        let total = sizes.as_ref().map_err(Clone::clone).map(|s| self.total(&now, at, s));
        let rest = match (&sizes, &total) {
            (Ok(s), Ok(total)) => {
                let gap = if let Status::WithinGap(g) = s.status { g * s.cost } else { 0.0 };
                total - self.own(at) - gap
            }
            _ => f64::INFINITY,
        };
        let below: Vec<bool> = self.all.iter().map(|w| self.at_most(&w.at, at)).collect();
        for (whole, below) in self.all.iter_mut().zip(below) {
            if below {
                whole.least = whole.least.max(whole.own + rest);
            }
            whole.done |= whole.at == at;
        }
        self.tried.push(Tried { at: at.to_vec(), total });
        sizes
    }

    /// The cost of the whole design: US dollars a month; without a provider, cores.
    fn total(&self, now: &Model, at: &[usize], sizes: &Sizes) -> f64 {
        if !self.model.system.has_provider {
            return self.own(at) + sizes.cost;
        }
        let mut m = now.clone();
        m.fill(&sizes.choices, &Origin::Solved);
        cost(&m, &demand(&m, self.load)).at_least()
    }

    fn words(&self, at: &[usize]) -> String {
        let each = self.choices(at).into_iter().map(|(name, c)| format!("{} of `{name}`", words(&c)));
        each.collect::<Vec<_>>().join(", ")
    }

    /// The most capable combination, and whether every other is at most as capable.
    fn top(&self) -> (Vec<usize>, bool) {
        let mut sure = true;
        let each = self.lists.iter().map(|l| {
            let best = (0..l.list.len()).find(|k| {
                let top = l.list.get(*k);
                top.is_some_and(|t| l.list.iter().all(|s| s.at_most(t)))
            });
            sure &= best.is_some() && l.beyond.is_none();
            best.unwrap_or(l.list.len().saturating_sub(1))
        });
        (each.collect(), sure)
    }

    fn run(mut self, aim: Aim) -> Option<Sizes> {
        let (top, sure) = self.top();
        let (_, corners) = filled(self.model, self.corners, &self.choices(&top));
        // Overloads of components that are behind none of the caches do not depend on them.
        match self.overloads(&corners) {
            Err(_) => return None,
            Ok(over) if sure => {
                let caches = self.lists.iter().map(|l| l.id);
                let theirs: BTreeSet<CompId> =
                    caches.flat_map(|id| behind(self.model, id).into_iter().chain([id]).collect::<Vec<_>>()).collect();
                self.infeasible = over.into_keys().filter(|id| !theirs.contains(id)).collect();
            }
            Ok(_) => {}
        }
        let quick = if aim == Aim::Any { Aim::Any } else { Aim::Best { why: false } };
        let first = self.solve(&top, quick);
        match (&first, aim) {
            (Ok(sizes), Aim::Any) => return Some(self.with(&top, sizes.clone(), false)),
            (Err(why), _) if sure => return Some(none(vec![why.clone()])),
            _ => {}
        }
        let mut budget = (COMPONENTS / self.model.components.len().max(1)).clamp(SOLVED.1, SOLVED.0);
        // A few spread settings give bounds for those between.
        let n = self.all.len();
        for at in [n / 2, n / 4, 3 * n / 4] {
            if let Some(at) = self.all.get(at).filter(|w| !w.done).map(|w| w.at.clone()) {
                let found = self.solve(&at, quick);
                if let (Ok(sizes), Aim::Any) = (&found, aim) {
                    return Some(self.with(&at, sizes.clone(), false));
                }
            }
        }
        let mut bound = self.left_out;
        loop {
            let best = self.best().map_or(f64::INFINITY, |(c, _)| c);
            let next = self.all.iter().filter(|w| !w.done && w.least.is_finite());
            let Some(next) = next.min_by(|a, b| a.least.total_cmp(&b.least)) else { break };
            if next.least >= best * (1.0 - SAME) {
                let Some(at) = self.smaller(best) else { break };
                // Of several at the same cost the smallest is chosen.
                if budget == 0 {
                    break;
                }
                budget -= 1;
                let _ = self.solve(&at, quick);
                continue;
            }
            if budget == 0 {
                bound = bound.min(next.least);
                break;
            }
            budget -= 1;
            let at = next.at.clone();
            let found = self.solve(&at, quick);
            if let (Ok(sizes), Aim::Any) = (&found, aim) {
                return Some(self.with(&at, sizes.clone(), false));
            }
        }
        let Some((total, at)) = self.best() else {
            let why = first.err().unwrap_or_default();
            if bound.is_finite() {
                let names: Vec<String> =
                    self.lists.iter().map(|l| format!("`{}`", self.model.component(l.id).name)).collect();
                let mut out = none(Vec::new());
                out.status = Status::Optimal;
                let many = format!("{}: none of the settings that were tried does ({why}): fix some", names.join(", "));
                out.unsolved.push(many);
                return Some(out);
            }
            return Some(none(vec![why]));
        };
        let why = aim == Aim::Best { why: true };
        let (now, corners) = filled(self.model, self.corners, &self.choices(&at));
        let sizes = solve_rest(&now, &corners, self.load, aim);
        let mut out = self.with(&at, sizes, why);
        if bound < total * (1.0 - SAME) {
            let gap = (total - bound) / out.cost.max(f64::MIN_POSITIVE);
            out.status = match out.status {
                Status::WithinGap(g) => Status::WithinGap(g.max(gap)),
                _ => Status::WithinGap(gap),
            };
            let reason = if bound < self.left_out { Reason::Limit } else { Reason::Untried };
            out.proof = out.proof.and(Proof::Gap(reason));
        } else if self.milp {
            out.proof = out.proof.and(Proof::Milp);
        }
        Some(out)
    }

    /// The cheapest tried combination; of several the first by own cost and size.
    fn best(&self) -> Option<(f64, Vec<usize>)> {
        let mut best: Option<(f64, f64, &Vec<usize>)> = None;
        for t in &self.tried {
            let Ok(total) = t.total else { continue };
            let own = self.own(&t.at);
            let better = best.as_ref().is_none_or(|(c, o, at)| {
                total < c * (1.0 - SAME) || total <= c * (1.0 + SAME) && (own, &t.at) < (*o, *at)
            });
            if better {
                best = Some((total, own, &t.at));
            }
        }
        best.map(|(c, _, at)| (c, at.clone()))
    }

    /// A smaller combination that may cost the same and has no larger own cost.
    fn smaller(&self, cost: f64) -> Option<Vec<usize>> {
        let (_, best) = self.best()?;
        let own = self.own(&best);
        let same = self.all.iter().filter(|w| !w.done && w.least <= cost * (1.0 + SAME));
        same.filter(|w| w.own <= own * (1.0 + SAME) && w.at < best).map(|w| w.at.clone()).next()
    }

    /// The sizes of the rest, completed with those of the caches.
    fn with(&mut self, at: &[usize], rest: Sizes, why: bool) -> Sizes {
        let mut out = rest;
        let (now, _) = filled(self.model, self.corners, &self.choices(at));
        let asked = demand(&now, self.load);
        let solved = out.cost;
        // Usage-priced components behind a cache cost less if the cache is larger, even without variables.
        let metered: BTreeSet<CompId> = self.lists.iter().flat_map(|l| behind(self.model, l.id)).collect();
        let metered = metered.into_iter().filter(|id| self.model.component(*id).holes().is_empty());
        if self.model.system.has_provider {
            out.cost += metered.map(|id| component_cost(&now, &asked, id).at_least()).sum::<f64>();
        }
        for i in 0..self.lists.len() {
            let Some((id, s)) = self.lists.get(i).map(|l| l.id).zip(self.setting(i, at).cloned()) else { continue };
            let name = now.component(id).name.clone();
            let own = if self.model.system.has_provider { component_cost(&now, &asked, id).at_least() } else { s.own };
            out.cost += own;
            if why {
                let hit = asked.hits.of(id).and_then(|h| h.value.clone().ok());
                let reasons = self.reasons(i, at, hit, own);
                out.why.insert(name.clone(), reasons);
            }
            out.choices.entry(name).or_default().extend(s.choice);
        }
        if let Status::WithinGap(g) = out.status {
            out.status = Status::WithinGap(g * solved / out.cost.max(f64::MIN_POSITIVE));
        }
        out
    }

    /// The reasons for the size of a cache.
    fn reasons(&mut self, cache: usize, at: &[usize], hit: Option<f64>, cost: f64) -> Why {
        let own = self.setting(cache, at).map_or(0.0, |s| s.own);
        let alike = |w: &[usize]| w.iter().zip(at).enumerate().all(|(i, (a, b))| i == cache || a == b);
        let cheaper = self.all.iter().filter(|w| alike(&w.at) && w.at != at);
        let cheaper = cheaper.filter(|w| self.setting(cache, &w.at).is_some_and(|s| s.own <= own * (1.0 + SAME)));
        let next = cheaper.max_by(|a, b| a.own.total_cmp(&b.own).then_with(|| a.at.cmp(&b.at))).map(|w| w.at.clone());
        let mut binding: Vec<String> = Vec::new();
        if let Some(next) = next {
            if !self.tried.iter().any(|t| t.at == next) {
                let _ = self.solve(&next, Aim::Best { why: false });
            }
            let with = self.setting(cache, &next).map(|s| words(&s.choice)).unwrap_or_default();
            let best = self.tried.iter().find(|t| t.at == at).and_then(|t| t.total.clone().ok());
            match (self.tried.iter().find(|t| t.at == next).map(|t| &t.total), best) {
                (Some(Err(why)), _) => binding.push(format!("with {with}, {why}")),
                (Some(Ok(theirs)), Some(best)) => {
                    binding.push(format!("with {with}, the whole costs {}", self.more(theirs - best)));
                }
                _ => {}
            }
        }
        if let Some(h) = hit {
            binding
                .push(format!("its hit ratio is {}, and with what stands behind it this costs least", show_ratio(h)));
        }
        let total = |t: &Tried| t.total.clone().unwrap_or(f64::INFINITY);
        let best = self.tried.iter().find(|t| t.at == at).map_or(0.0, total);
        let others = self.tried.iter().filter(|t| t.at != at && alike(&t.at) && t.total.is_ok());
        let second = others.min_by(|a, b| total(a).total_cmp(&total(b)));
        let runner_up: Option<(Choice, f64)> =
            second.and_then(|t| Some((self.setting(cache, &t.at)?.choice.clone(), total(t) - best)));
        Why { binding, runner_up, cost }
    }

    fn more(&self, x: f64) -> String {
        let x = x.max(0.0);
        if self.model.system.has_provider {
            format!("{} a month more", show_money(x))
        } else {
            format!("{} cores more", significant(x, 4))
        }
    }
}
