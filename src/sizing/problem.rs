//! What is known of the choices of a design: which target each misses, and what it costs.
//!
//! In: options by component, the cases that must hold. Out: whether a choice misses a target, judged by the
//! analyses; an answer that another choice implies is not computed again, because more capable options
//! never miss what less capable ones meet. Never: a search (`benders`, `incumbent`).

use super::cases::Case;
use super::options::Options;
use super::program::Cut;
use super::relaxed_options::relaxed_options;
use crate::model::{Choice, CompId};
use std::collections::BTreeSet;

/// Cost of an evaluation of a choice as a whole, in evaluations of a flow.
const WHOLE: usize = 20;

/// The targets of a flow in a case.
#[derive(Default)]
pub(super) struct Target {
    pub case: usize,
    pub flow: usize,
    /// Numbers of the components that it depends on.
    pub asked: Vec<usize>,
    /// Maximal choices known to miss a target.
    bad: Vec<Vec<usize>>,
    /// Minimal choices known to meet all targets.
    good: Vec<Vec<usize>>,
    /// Choices that miss a target by too many connections: less capable ones may meet it.
    crowded: BTreeSet<Vec<usize>>,
}

/// Options, cases, and the results of their evaluations.
pub(super) struct Problem<'a> {
    pub all: &'a [Options],
    pub cases: &'a mut [Case],
    /// Values by component and option: the tried options, then the relaxed ones.
    pub(super) choices: Vec<Vec<Choice>>,
    pub(super) costs: Vec<Vec<f64>>,
    /// By component: whether the first option is at most as capable as the second.
    pub(super) at_most: Vec<Vec<Vec<bool>>>,
    /// Components with untried options that no relaxed option bounds.
    pub(super) loose: Vec<usize>,
    pub(super) targets: Vec<Target>,
    /// All cuts so far.
    pub(super) cuts: Vec<Cut>,
    pub(super) evaluations: usize,
}

impl<'a> Problem<'a> {
    /// A problem without any evaluation.
    pub fn new(all: &'a [Options], cases: &'a mut [Case]) -> Self {
        let mut out = Self {
            all,
            cases,
            choices: Vec::new(),
            costs: Vec::new(),
            at_most: Vec::new(),
            loose: Vec::new(),
            targets: Vec::new(),
            cuts: Vec::new(),
            evaluations: 0,
        };
        for (i, o) in all.iter().enumerate() {
            let mut choices: Vec<Choice> = o.list.iter().map(|c| c.choice.clone()).collect();
            let mut costs: Vec<f64> = o.list.iter().map(|c| c.cost).collect();
            let mut order: Vec<Vec<bool>> =
                o.list.iter().map(|a| o.list.iter().map(|b| a.at_most(b)).collect()).collect();
            match (o.beyond, relaxed_options(o)) {
                (None, _) => {}
                (Some(_), None) => out.loose.push(i),
                (Some(least), Some(tops)) => {
                    for top in tops {
                        let below: Vec<bool> = o.list.iter().map(|k| top.is_above(k, &o.list)).collect();
                        order.iter_mut().zip(&below).for_each(|(row, b)| row.push(*b));
                        order.iter_mut().skip(below.len()).for_each(|row| row.push(false));
                        let mut own = vec![false; choices.len()];
                        own.push(true);
                        order.push(own);
                        choices.push(top.choice);
                        costs.push(least);
                    }
                }
            }
            out.choices.push(choices);
            out.costs.push(costs);
            out.at_most.push(order);
        }
        for (w, case) in out.cases.iter().enumerate() {
            for flow in (0..case.flows()).filter(|f| case.can_miss(*f)) {
                let asked = (0..all.len()).filter(|i| all.get(*i).is_some_and(|o| case.asks(flow, o.id))).collect();
                out.targets.push(Target { case: w, flow, asked, ..Target::default() });
            }
        }
        // The cases of a flow side by side, the unchanged design last.
        out.targets.sort_by_key(|t| t.flow);
        out
    }
}

impl Problem<'_> {
    pub(super) fn cost_of(&self, i: usize, k: usize) -> f64 {
        self.costs.get(i).and_then(|l| l.get(k)).copied().unwrap_or(f64::INFINITY)
    }

    pub(super) fn cost(&self, members: &[usize], x: &[usize]) -> f64 {
        members.iter().map(|i| self.cost_of(*i, x.get(*i).copied().unwrap_or(0))).sum()
    }

    pub(super) fn at_most(&self, i: usize, a: usize, b: usize) -> bool {
        self.at_most.get(i).and_then(|m| m.get(a)).and_then(|r| r.get(b)) == Some(&true)
    }

    /// The most capable option of each component; of several the dearest.
    pub(super) fn most(&self) -> Vec<usize> {
        let top = |(i, o): (usize, &Options)| {
            (0..o.list.len()).fold(0, |best, k| if self.at_most(i, best, k) { k } else { best })
        };
        self.all.iter().enumerate().map(top).collect()
    }

    /// Whether a flow misses a target although each of its options is at least as capable as every other.
    pub(super) fn is_infeasible(&mut self, target: usize, most: &[usize]) -> bool {
        let Some(t) = self.targets.get(target) else { return false };
        let top = |i: &usize| {
            let (top, all) = (most.get(*i).copied().unwrap_or(0), self.costs.get(*i).map_or(0, Vec::len));
            (0..all).all(|k| self.at_most(*i, k, top))
        };
        t.asked.iter().all(top) && self.lacks(target, most)
    }

    /// Whether a flow misses a target by a lack of capability: less capable choices miss it too.
    pub(super) fn lacks(&mut self, target: usize, x: &[usize]) -> bool {
        self.missed(target, x) && !self.crowds(target, x)
    }

    /// Whether an evaluated choice has too many connections.
    pub(super) fn crowds(&self, target: usize, x: &[usize]) -> bool {
        let at = |t: &Target| t.asked.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect::<Vec<_>>();
        self.targets.get(target).is_some_and(|t| t.crowded.contains(&at(t)))
    }

    /// The component `i` and its option in `x`, if that option is relaxed.
    pub(super) fn unreal(&self, i: usize, x: &[usize]) -> Option<(usize, usize)> {
        let (k, real) = (x.get(i).copied()?, self.all.get(i)?.list.len());
        (k >= real).then_some((i, k))
    }

    /// Flags of all options of a component but one.
    pub(super) fn but(&self, i: usize, not: usize) -> Vec<bool> {
        (0..self.costs.get(i).map_or(0, Vec::len)).map(|k| k != not).collect()
    }

    /// Whether a choice misses a target.
    pub(super) fn missed(&mut self, target: usize, x: &[usize]) -> bool {
        let Some(t) = self.targets.get(target) else { return false };
        let at: Vec<usize> = t.asked.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect();
        let below =
            |a: &[usize], b: &[usize]| t.asked.iter().zip(a.iter().zip(b)).all(|(i, (a, b))| self.at_most(*i, *a, *b));
        if t.crowded.contains(&at) || t.bad.iter().any(|b| below(&at, b)) {
            return true;
        }
        if t.good.iter().any(|g| below(g, &at)) {
            return false;
        }
        self.violation(target, x, true) > 0.0
    }

    /// Violation of a flow's targets by a choice; positive if one is missed.
    pub(super) fn violation(&mut self, target: usize, x: &[usize], first: bool) -> f64 {
        let Some(t) = self.targets.get(target) else { return -1.0 };
        let (all, choices, asked) = (self.all, &self.choices, &t.asked);
        let Some(case) = self.cases.get_mut(t.case) else { return -1.0 };
        let chosen = asked.iter().filter_map(|i| {
            let k = x.get(*i).copied()?;
            Some((all.get(*i)?.id, k, choices.get(*i)?.get(k)?))
        });
        case.choose(chosen);
        self.evaluations += if case.together { WHOLE } else { 1 };
        let violation = case.violation(t.flow, first);
        let (crowded, bounded) = (case.crowded(t.flow), case.crowds);
        let at: Vec<usize> = asked.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect();
        let order = |a: &Vec<usize>, b: &Vec<usize>| {
            let each = asked.iter().zip(a.iter().zip(b));
            each.into_iter().all(|(i, (a, b))| self.at_most.get(*i).and_then(|m| m.get(*a)?.get(*b)) == Some(&true))
        };
        if bounded && (crowded || violation <= 0.0) {
            // Less capable choices may meet it, more capable ones may have too many connections.
            if let Some(t) = self.targets.get_mut(target).filter(|_| violation > 0.0) {
                t.crowded.insert(at);
            }
            return violation;
        }
        let (bad, good) = (t.bad.clone(), t.good.clone());
        let kept: Vec<Vec<usize>> = if violation > 0.0 {
            bad.into_iter().filter(|b| !order(b, &at)).collect()
        } else {
            good.into_iter().filter(|g| !order(&at, g)).collect()
        };
        if let Some(t) = self.targets.get_mut(target) {
            let list = if violation > 0.0 { &mut t.bad } else { &mut t.good };
            *list = kept;
            list.push(at);
        }
        violation
    }

    /// The target that a choice misses in a case, as a message.
    pub(super) fn misses(&mut self, x: &[usize], case: usize, flow: usize) -> Option<String> {
        let w = self.cases.get_mut(case)?;
        let chosen: Vec<(CompId, usize, &Choice)> =
            self.all.iter().zip(x).filter_map(|(o, k)| Some((o.id, *k, &o.list.get(*k)?.choice))).collect();
        w.choose(chosen.into_iter());
        w.misses(flow)
    }

    /// Case and flow of all targets.
    pub(super) fn flows_with_targets(&self) -> Vec<(usize, usize)> {
        let each = self.cases.iter().enumerate();
        each.flat_map(|(w, case)| (0..case.flows()).filter(|f| case.can_miss(*f)).map(move |f| (w, f))).collect()
    }

    /// The targets that depend on a component, in the order of cases and flows.
    pub(super) fn touched(&self, i: usize) -> Vec<usize> {
        let mut out: Vec<(usize, usize, usize)> = Vec::new();
        for (t, target) in self.targets.iter().enumerate().filter(|(_, t)| t.asked.contains(&i)) {
            out.push((target.case, target.flow, t));
        }
        out.sort_unstable();
        out.into_iter().map(|(.., t)| t).collect()
    }

    /// Message if a choice misses a target.
    pub(super) fn why_missed(&mut self, target: usize, x: &[usize]) -> Option<String> {
        if !self.missed(target, x) {
            return None;
        }
        let (case, flow) = self.targets.get(target).map(|t| (t.case, t.flow))?;
        self.misses(x, case, flow)
    }

    /// Options at least as capable as one, the cheapest first.
    pub(super) fn above(&self, i: usize, now: usize) -> Vec<usize> {
        let all = 0..self.costs.get(i).map_or(0, Vec::len);
        all.filter(|k| *k != now && self.at_most(i, now, *k)).collect()
    }
}
