//! A choice that holds, made from one that does not.
//!
//! In: a choice. Out: one that every case accepts, raised by what helps most for its cost, then cheapened one
//! component at a time. Never: a bound.

use super::problem::Problem;

/// Most steps that make a choice hold.
const MAX_STEPS: usize = 200;

impl Problem<'_> {
    /// Raises a choice until it holds, each time by the option that helps most for its cost.
    pub(super) fn complete(&mut self, x: &[usize], members: &[usize], targets: &[usize]) -> Option<Vec<usize>> {
        let mut y = x.to_vec();
        // A relaxed option is no value: take the most capable tried option instead.
        let most = self.most();
        for i in members {
            if let (Some(_), Some(slot), Some(top)) = (self.unreal(*i, x), y.get_mut(*i), most.get(*i)) {
                *slot = *top;
            }
        }
        for _ in 0..MAX_STEPS {
            let Some(t) = targets.iter().copied().find(|t| self.missed(*t, &y)) else {
                self.cheapen(&mut y, members, targets);
                return Some(y);
            };
            let asked = self.targets.get(t).map(|t| t.asked.clone()).unwrap_or_default();
            let now = self.violation(t, &y, false).min(1e9);
            let mut best: Option<(f64, usize, usize)> = None;
            for i in asked.iter().copied() {
                let at = y.get(i).copied().unwrap_or(0);
                let mut above = self.above(i, at);
                above.retain(|k| self.all.get(i).is_some_and(|o| *k < o.list.len()));
                let mut step = 0;
                while let Some(k) = above.get(step).copied() {
                    let mut z = y.clone();
                    if let Some(slot) = z.get_mut(i) {
                        *slot = k;
                    }
                    let then = self.violation(t, &z, false).min(1e9);
                    let gain = now - then.max(0.0);
                    let dear = (self.cost_of(i, k) - self.cost_of(i, at)).max(1e-9) / gain;
                    if gain > 1e-9 * now && best.is_none_or(|(b, ..)| dear < b) {
                        best = Some((dear, i, k));
                    }
                    if then <= 0.0 {
                        break;
                    }
                    step = step * 2 + 1;
                }
            }
            match best {
                Some((_, i, k)) => {
                    if let Some(slot) = y.get_mut(i) {
                        *slot = k;
                    }
                }
                None => {
                    // No single option helps: make all components of the flow as capable as possible.
                    let mut z = y.clone();
                    for i in &asked {
                        if let (Some(slot), Some(k)) = (z.get_mut(*i), most.get(*i)) {
                            *slot = *k;
                        }
                    }
                    if z == y || self.missed(t, &z) {
                        return None;
                    }
                    y = z;
                }
            }
        }
        None
    }

    /// Takes cheaper options, one component at a time, while the choice holds.
    pub(super) fn cheapen(&mut self, y: &mut [usize], members: &[usize], targets: &[usize]) {
        for _ in 0..3 {
            let mut order: Vec<(f64, usize)> = members
                .iter()
                .map(|i| (self.cost_of(*i, y.get(*i).copied().unwrap_or(0)) - self.cost_of(*i, 0), *i))
                .collect();
            order.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut changed = false;
            for (_, i) in order {
                let now = y.get(i).copied().unwrap_or(0);
                let touched: Vec<usize> = targets
                    .iter()
                    .copied()
                    .filter(|t| self.targets.get(*t).is_some_and(|t| t.asked.contains(&i)))
                    .collect();
                // The cheapest option that holds: doubling steps down, then bisection.
                let (mut good, mut step) = (now, 1);
                let mut bad = None;
                while good > 0 {
                    let k = good.saturating_sub(step);
                    if let Some(slot) = y.get_mut(i) {
                        *slot = k;
                    }
                    if touched.iter().any(|t| self.missed(*t, y)) {
                        bad = Some(k);
                        break;
                    }
                    (good, step) = (k, step * 2);
                }
                while let Some(b) = bad.filter(|b| good - b > 1) {
                    let mid = usize::midpoint(b, good);
                    if let Some(slot) = y.get_mut(i) {
                        *slot = mid;
                    }
                    if touched.iter().any(|t| self.missed(*t, y)) { bad = Some(mid) } else { good = mid }
                }
                if let Some(slot) = y.get_mut(i) {
                    *slot = good;
                }
                changed |= good != now;
            }
            if !changed {
                break;
            }
        }
    }
}
