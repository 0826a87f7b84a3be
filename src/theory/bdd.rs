//! Reduced ordered binary decision diagrams: the exact probability of a structure function.
//!
//! In: a Boolean function built from variables by `and` and `or`, the probability of each variable.
//! Out: the probability that it holds, its derivatives (Birnbaum's importance), its minimal cut
//! sets. A variable that occurs several times counts as one event. Never: an estimate; above the
//! limit of nodes there is no answer.
//!
//! Literature: Bryant 1986 (the diagrams), Rauzy 1993 (fault trees, minimal solutions), Birnbaum
//! 1969 (importance).

use std::collections::{BTreeMap, BTreeSet};

/// A function in a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root(u32);

/// The function that never holds.
pub const NEVER: Root = Root(0);
/// The function that always holds.
pub const ALWAYS: Root = Root(1);

#[derive(Clone, Copy, Debug)]
struct Node {
    var: u32,
    low: u32,
    high: u32,
}

/// Functions of shared variables, in ascending order of variables.
#[derive(Clone, Debug)]
pub struct Bdd {
    nodes: Vec<Node>,
    unique: BTreeMap<(u32, u32, u32), u32>,
    ands: BTreeMap<(u32, u32), u32>,
    ors: BTreeMap<(u32, u32), u32>,
    limit: usize,
}

impl Bdd {
    /// An empty diagram of at most `limit` nodes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let end = Node { var: u32::MAX, low: 0, high: 0 };
        Self {
            nodes: vec![end, end],
            unique: BTreeMap::new(),
            ands: BTreeMap::new(),
            ors: BTreeMap::new(),
            limit: limit.saturating_add(2),
        }
    }

    /// The number of nodes, without the two constants.
    #[must_use]
    pub fn size(&self) -> usize {
        self.nodes.len() - 2
    }

    /// The function of one variable. `None` if the diagram exceeds its limit of nodes.
    pub fn var(&mut self, var: u32) -> Option<Root> {
        self.node(var, 0, 1).map(Root)
    }

    /// The function that holds if both hold. `None` above the limit of nodes.
    pub fn and(&mut self, a: Root, b: Root) -> Option<Root> {
        self.apply(a.0, b.0, true).map(Root)
    }

    /// The function that holds if at least one holds. `None` above the limit of nodes.
    pub fn or(&mut self, a: Root, b: Root) -> Option<Root> {
        self.apply(a.0, b.0, false).map(Root)
    }

    /// The function that holds if at least `needed` functions hold. `None` above the limit of nodes.
    pub fn at_least(&mut self, needed: usize, of: &[Root]) -> Option<Root> {
        // level[j]: at least j of the functions so far hold.
        let mut level = vec![NEVER; needed + 1];
        *level.first_mut()? = ALWAYS;
        for f in of {
            for j in (1..=needed).rev() {
                let (here, below) = (*level.get(j)?, *level.get(j - 1)?);
                let with = self.and(*f, below)?;
                *level.get_mut(j)? = self.or(here, with)?;
            }
        }
        level.pop()
    }

    fn get(&self, at: u32) -> Node {
        self.nodes.get(at as usize).copied().unwrap_or(Node { var: u32::MAX, low: 0, high: 0 })
    }

    fn node(&mut self, var: u32, low: u32, high: u32) -> Option<u32> {
        if low == high {
            return Some(low);
        }
        if let Some(known) = self.unique.get(&(var, low, high)) {
            return Some(*known);
        }
        if self.nodes.len() >= self.limit {
            return None;
        }
        let at = u32::try_from(self.nodes.len()).ok()?;
        self.nodes.push(Node { var, low, high });
        self.unique.insert((var, low, high), at);
        Some(at)
    }

    /// Bryant's apply. The recursion depth is the number of variables.
    fn apply(&mut self, a: u32, b: u32, and: bool) -> Option<u32> {
        let (a, b) = (a.min(b), a.max(b));
        match (a, b, and) {
            (0, _, true) => return Some(0),
            (1, _, true) | (0, _, false) => return Some(b),
            (1, _, false) => return Some(1),
            _ if a == b => return Some(a),
            _ => {}
        }
        // The constants are 0 and 1, so `b` can be 1 only if `a` is.
        let known = if and { &self.ands } else { &self.ors };
        if let Some(done) = known.get(&(a, b)) {
            return Some(*done);
        }
        let (x, y) = (self.get(a), self.get(b));
        let var = x.var.min(y.var);
        let (x_low, x_high) = if x.var == var { (x.low, x.high) } else { (a, a) };
        let (y_low, y_high) = if y.var == var { (y.low, y.high) } else { (b, b) };
        let low = self.apply(x_low, y_low, and)?;
        let high = self.apply(x_high, y_high, and)?;
        let out = self.node(var, low, high)?;
        let known = if and { &mut self.ands } else { &mut self.ors };
        known.insert((a, b), out);
        Some(out)
    }

    /// The probability that a function holds if each variable holds independently with `p(variable)`.
    #[must_use]
    pub fn probability(&self, f: Root, p: &dyn Fn(u32) -> f64) -> f64 {
        self.probabilities(p).get(f.0 as usize).copied().unwrap_or(0.0)
    }

    /// The probability of every node; children come before parents.
    fn probabilities(&self, p: &dyn Fn(u32) -> f64) -> Vec<f64> {
        let mut all = vec![0.0, 1.0];
        for n in self.nodes.iter().skip(2) {
            let of = |at: u32| all.get(at as usize).copied().unwrap_or(0.0);
            let up = p(n.var);
            let here = up * of(n.high) + (1.0 - up) * of(n.low);
            all.push(here);
        }
        all
    }

    /// Birnbaum's importance of each variable: the derivative of the function's probability. It is the
    /// probability of the function if the variable holds, minus that if it does not.
    #[must_use]
    pub fn importance(&self, f: Root, p: &dyn Fn(u32) -> f64) -> BTreeMap<u32, f64> {
        let all = self.probabilities(p);
        let mut reach = vec![0.0; self.nodes.len()];
        if let Some(slot) = reach.get_mut(f.0 as usize) {
            *slot = 1.0;
        }
        let mut out: BTreeMap<u32, f64> = BTreeMap::new();
        for (at, n) in self.nodes.iter().enumerate().skip(2).rev() {
            let here = reach.get(at).copied().unwrap_or(0.0);
            if here <= 0.0 {
                continue;
            }
            let of = |at: u32| all.get(at as usize).copied().unwrap_or(0.0);
            *out.entry(n.var).or_default() += here * (of(n.high) - of(n.low));
            let up = p(n.var);
            for (to, share) in [(n.high, up), (n.low, 1.0 - up)] {
                if let Some(slot) = reach.get_mut(to as usize) {
                    *slot += here * share;
                }
            }
        }
        out
    }

    /// Minimal cut sets of a monotone function with at most `order` variables each (Rauzy's minimal
    /// solutions of the dual), by size, then variable. `None` if there are more than `most`.
    #[must_use]
    pub fn cut_sets(&self, f: Root, order: usize, most: usize) -> Option<Vec<BTreeSet<u32>>> {
        let mut known: BTreeMap<u32, Vec<BTreeSet<u32>>> = BTreeMap::new();
        known.insert(0, vec![BTreeSet::new()]);
        known.insert(1, Vec::new());
        for (at, n) in self.nodes.iter().enumerate().skip(2) {
            // With the variable up, the function fails if `high` fails. With it down, it fails if
            // `low` fails.
            let at = u32::try_from(at).ok()?;
            let high = known.get(&n.high).cloned().unwrap_or_default();
            let mut all = high.clone();
            for set in known.get(&n.low).into_iter().flatten() {
                if set.len() < order && !high.iter().any(|h| h.is_subset(set)) {
                    let mut with = set.clone();
                    with.insert(n.var);
                    all.push(with);
                }
            }
            if all.len() > most {
                return None;
            }
            known.insert(at, all);
        }
        let mut out = known.remove(&f.0)?;
        out.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bridge(d: &mut Bdd) -> Root {
        let x: Vec<Root> = (0..5).map(|i| d.var(i).expect("room")).collect();
        // s-a, s-b, a-b, a-t, b-t.
        let paths: [&[usize]; 4] = [&[0, 3], &[1, 4], &[0, 2, 4], &[1, 2, 3]];
        let mut f = NEVER;
        for path in paths {
            let one = path.iter().fold(ALWAYS, |all, i| d.and(all, x[*i]).expect("room"));
            f = d.or(f, one).expect("room");
        }
        f
    }

    #[test]
    fn the_bridge() {
        let mut d = Bdd::new(100);
        let f = bridge(&mut d);
        assert!((d.probability(f, &|_| 0.9) - 0.978_48).abs() < 1e-15);
        let cuts = d.cut_sets(f, 3, 100).expect("few");
        let cuts: Vec<Vec<u32>> = cuts.into_iter().map(|c| c.into_iter().collect()).collect();
        assert_eq!(cuts, [vec![0, 1], vec![3, 4], vec![0, 2, 4], vec![1, 2, 3]]);
        assert_eq!(d.cut_sets(f, 2, 100).map(|c| c.len()), Some(2));
        assert_eq!(d.cut_sets(f, 3, 1), None);
        // d R / d p by the polynomial 2p^5 - 5p^4 + 2p^3 + 2p^2, over all five together.
        let p: f64 = 0.9;
        let slope = 10.0 * p.powi(4) - 20.0 * p.powi(3) + 6.0 * p.powi(2) + 4.0 * p;
        let sum: f64 = d.importance(f, &|_| p).values().sum();
        assert!((sum - slope).abs() < 1e-12, "{sum} {slope}");
    }

    #[test]
    fn some_of_many() {
        let mut d = Bdd::new(1000);
        let x: Vec<Root> = (0..6).map(|i| d.var(i).expect("room")).collect();
        let f = d.at_least(4, &x).expect("room");
        assert!((d.probability(f, &|_| 0.99) - 0.999_980_446_41).abs() < 1e-14);
        assert_eq!(d.at_least(0, &x), Some(ALWAYS));
        assert_eq!(d.at_least(7, &x), Some(NEVER));
    }

    #[test]
    fn above_the_limit_there_is_no_answer() {
        let mut d = Bdd::new(3);
        let x: Vec<Option<Root>> = (0..4).map(|i| d.var(i)).collect();
        assert!(x[2].is_some() && x[3].is_none());
        assert_eq!(d.size(), 3);
    }
}
