//! Parallel branches: the slowest, the fastest, or a quorum of several independent times.
//!
//! In: distributions (seconds) and counts. Out: a tabulated distribution. Never: dependent branches.
//!
//! The distribution function of the result is a function of those of the branches (their product for
//! the slowest). It is tabulated, with its jumps apart, so that it can be a part of a longer path.
//! Literature: H. David, *Order Statistics*; hedged requests: Dean and Barroso, *CACM* 56 (2013).

use super::distribution::Distribution;
use super::fork_join::order_statistic_cdf;
use super::groups::{Group, SAME, gather};
use super::node::Node;
use super::numeric::{finite, positive};
use super::table::SurvivalTable;

impl Distribution {
    /// The slowest of independent parallel branches, each with the number of its instances.
    ///
    /// The product of the distribution functions, tabulated; zero if there are no branches. `None` if
    /// the table cannot be computed (times beyond the range of numbers).
    #[must_use]
    pub fn slowest(branches: &[(Self, u32)]) -> Option<Self> {
        let used: Vec<&(Self, u32)> = branches.iter().filter(|(_, copies)| *copies > 0).collect();
        if let [(only, 1)] = used.as_slice() {
            return Some(only.clone());
        }
        let parts: Vec<&Self> = used.iter().map(|(part, _)| part).collect();
        Self::combine(&parts, |values| {
            let power = |(value, (_, copies)): (&f64, &&(Self, u32))| value.powf(f64::from(*copies));
            values.iter().zip(&used).map(power).product()
        })
    }

    /// The fastest of independent branches (hedged requests), tabulated.
    ///
    /// Zero if there are no branches. `None` if the table cannot be computed.
    #[must_use]
    pub fn fastest(branches: &[Self]) -> Option<Self> {
        let parts: Vec<&Self> = branches.iter().collect();
        Self::combine(&parts, |values| 1.0 - values.iter().map(|value| 1.0 - value).product::<f64>())
    }

    /// The time until `needed` of `copies` independent instances are done (a quorum), tabulated.
    ///
    /// `None` unless `1 <= needed <= copies`, or if the table cannot be computed.
    #[must_use]
    pub fn quorum(&self, needed: u32, copies: u32) -> Option<Self> {
        order_statistic_cdf(0.5, needed, copies)?;
        if copies == 1 {
            return Some(self.clone());
        }
        Self::combine(&[self], |values| {
            values.first().and_then(|value| order_statistic_cdf(*value, needed, copies)).unwrap_or(0.0)
        })
    }

    /// The time whose distribution function is `rule` applied to those of the parts.
    fn combine(parts: &[&Self], rule: impl Fn(&[f64]) -> f64) -> Option<Self> {
        if parts.is_empty() {
            return Some(Self::zero());
        }
        let at = |t: f64| rule(&parts.iter().map(|part| part.cdf(t)).collect::<Vec<_>>());
        let before = |t: f64| rule(&parts.iter().map(|part| part.cdf_before(t)).collect::<Vec<_>>());
        let groups = || parts.iter().flat_map(|part| &part.groups);
        let mut shifts: Vec<f64> = groups().map(|group| group.shift).collect();
        shifts.sort_by(f64::total_cmp);
        shifts.dedup();
        let impossible = |shift: &&f64| before(**shift) <= SAME;
        let start = *shifts.iter().rev().find(impossible).or(shifts.first())?;
        let mut atoms: Vec<(f64, f64)> = Vec::new();
        for &shift in shifts.iter().filter(|shift| **shift >= start) {
            let mass = at(shift) - if shift > start { before(shift) } else { 0.0 };
            // The step exceeds the difference of two inversions at the same point.
            if mass > 1e-8 && groups().any(|group| group.shift.total_cmp(&shift).is_eq() && group.atom() > 0.0) {
                atoms.push((shift, mass));
            }
        }
        let smooth = 1.0 - atoms.iter().map(|(_, mass)| mass).sum::<f64>();
        let mut gathered: Vec<Group> =
            atoms.iter().map(|&(shift, weight)| Group { shift, weight, node: None }).collect();
        if smooth > 1e-7 {
            let survival = |age: f64| {
                let time = start + age;
                let jumps: f64 = atoms.iter().filter(|(shift, _)| *shift <= time).map(|(_, mass)| mass).sum();
                1.0 - (at(time) - jumps) / smooth
            };
            let spread = |part: &&Self| part.mean() + 3.0 * part.variance().sqrt() - start;
            let width = |part: &&Self| part.variance().sqrt();
            let least = parts.iter().map(width).fold(0.0, f64::max);
            let mut end = parts.iter().map(spread).fold(least, f64::max);
            // The survival is at least the error of an inversion.
            let enough = (3e-9 / smooth).max(1e-7);
            let mut tries = 0;
            while survival(end) > enough {
                end *= 1.5;
                tries += 1;
                if tries > 100 || !positive(end) {
                    return None;
                }
            }
            let mut breaks: Vec<f64> = shifts.iter().map(|shift| shift - start).collect();
            breaks.extend((0..14).map(|k| end * 0.5_f64.powi(k)));
            breaks.extend((1..8).map(|k| end * f64::from(k) / 8.0));
            for group in groups() {
                let deviation = group.node.as_ref().map_or(0.0, |node| node.variance.sqrt());
                breaks.extend([-2.0, -1.0, 0.0, 1.0, 2.0].map(|k| group.mean() + k * deviation - start));
            }
            breaks.retain(|age| *age > 0.0 && *age <= end);
            let table = SurvivalTable::sample(survival, &breaks)?;
            gathered.push(Group { shift: start, weight: smooth, node: Some(Node::table(table)) });
        }
        finite(gathered.iter().map(Group::mean).sum())?;
        Some(Self { groups: gather(gathered) })
    }
}
