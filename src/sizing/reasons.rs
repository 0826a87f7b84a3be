//! Reasons for sizes, or for their absence.
//!
//! In: a problem, its solution. Out: for each component what its next cheaper option misses, and the cheapest
//! other option that holds; for an infeasible problem what even the most capable choice misses. Never: another
//! solution.

use super::options::{is_closed, words};
use super::problem::Problem;
use super::sizes::{Sizes, Why};
use std::collections::BTreeMap;

impl Problem<'_> {
    /// What even the most capable choice misses, one reason per flow.
    pub fn infeasible(&mut self) -> Vec<String> {
        let x = self.most();
        let mut out: BTreeMap<usize, String> = BTreeMap::new();
        // The unchanged design is the clearest reason; its case is the last of each corner.
        for (case, flow) in self.flows_with_targets().into_iter().rev() {
            if out.contains_key(&flow) {
                continue;
            }
            if let Some(why) = self.misses(&x, case, flow) {
                let with = self.most_capable(&x, case, flow);
                let least = self.cases.get(case).and_then(|w| w.without_queues(flow)).unwrap_or_default();
                out.insert(flow, format!("{why}{with}{least}"));
            }
        }
        if out.is_empty() {
            return vec!["no single choice keeps all targets at once".to_owned()];
        }
        out.into_values().take(8).collect()
    }

    /// The most capable values of a flow's components, if every other option is at most as capable.
    fn most_capable(&self, x: &[usize], case: usize, flow: usize) -> String {
        let asked = self.all.iter().zip(x).filter(|(o, _)| self.cases.get(case).is_some_and(|w| w.asks(flow, o.id)));
        let each: Vec<String> = asked
            .filter_map(|(o, i)| {
                let top = o.list.get(*i)?;
                let beyond_doubt = !is_closed(&o.open) && o.list.iter().all(|c| c.at_most(top));
                beyond_doubt.then(|| format!("`{}` at {}", o.open.name, words(&top.choice)))
            })
            .collect();
        match each.as_slice() {
            [] => String::new(),
            few if few.len() <= 3 => format!(", even with {}", few.join(", ")),
            [first, ..] => format!(", even with {first} and {} more at their most", each.len() - 1),
        }
    }

    /// Writes values and cost of a choice into `out`.
    pub fn choose(&self, x: &[usize], out: &mut Sizes) {
        for (o, i) in self.all.iter().zip(x) {
            if let Some(c) = o.list.get(*i) {
                out.cost += c.cost;
                out.choices.insert(o.open.name.clone(), c.choice.clone());
            }
        }
    }

    /// Writes the reason and the runner-up of each component into `out`.
    pub fn explain(&mut self, x: &[usize], out: &mut Sizes) {
        for (i, o) in self.all.iter().enumerate() {
            let Some(now) = x.get(i).copied() else { continue };
            let Some(chosen) = o.list.get(now) else { continue };
            let touched = self.touched(i);
            let mut binding: Vec<String> = Vec::new();
            let mut runner_up = None;
            // The next cheaper option with capacity misses a target, or has no capacity.
            if let Some(cheaper) = now.checked_sub(1) {
                let mut y = x.to_vec();
                if let Some(slot) = y.get_mut(i) {
                    *slot = cheaper;
                }
                for target in &touched {
                    if let Some(why) = self.why_missed(*target, &y) {
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
                if !touched.iter().any(|t| self.missed(*t, &y))
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
