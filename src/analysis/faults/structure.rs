//! What a flow needs to be answered, as a formula of distinct components.
//!
//! In: the steps of a flow. Out: the formula (AND of what is waited for, OR of a call and
//! its fallback, what is asynchronous or `optional` left out) and its exact probability
//! given the state of the zones: then components are independent, those in series are a
//! product, the rest is a binary decision diagram. A lost cache is a miss, so it is needed
//! only where what stands behind it cannot carry the misses (its guard). A call of some
//! of the requests counts as one of all (a lower bound), one that never happens as none. Above [`MAX_NODES`] the diagram
//! is given up: bounds from cut and path sets remain (Esary and Proschan 1963).

use crate::analysis::ground::zones::Zones;
use crate::model::keys;
use crate::model::{CompId, Flow, Model, Step};
use crate::theory::bdd::{ALWAYS, Bdd, Root};
use crate::theory::bounds::esary_proschan;
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes of the diagram of one flow.
pub const MAX_NODES: usize = 200_000;
/// Most cut or path sets of the bounds.
const MAX_SETS: usize = 2000;

/// A component, and whether what is asked of it is the harder of a read and a write.
pub type Var = (CompId, bool);

/// What must work.
#[derive(Clone, Debug)]
pub enum Need {
    /// A component.
    One(Var),
    /// All of them.
    All(Vec<Need>),
    /// One of the two.
    Either(Box<Need>, Box<Need>),
}

/// How the calls of a design are read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The design.
    pub model: &'a Model,
    /// Whether a write, or a read, of a component needs more than the other does.
    pub hard: &'a dyn Fn(CompId, bool) -> bool,
    /// Caches that a component cannot do without.
    pub guards: &'a BTreeMap<CompId, Vec<CompId>>,
}

impl Reader<'_> {
    /// What a flow needs.
    #[must_use]
    pub fn need(&self, flow: &Flow) -> Need {
        let mut all = self.steps(&flow.steps);
        if !self.model.component(flow.origin).kind.facets.origin {
            all.push(self.one(flow.origin, false));
        }
        Need::All(all)
    }

    fn one(&self, id: CompId, write: bool) -> Need {
        let guards = self.guards.get(&id).into_iter().flatten();
        let mut all: Vec<Need> = guards.map(|g| Need::One((*g, false))).collect();
        all.push(Need::One((id, false)));
        if (self.hard)(id, write) {
            all.push(Need::One((id, true)));
        }
        Need::All(all)
    }

    fn steps(&self, steps: &[Step]) -> Vec<Need> {
        let mut out = Vec::new();
        for step in steps {
            match step {
                Step::Call(c) => {
                    if c.is_async || c.attrs.read(keys::OPTIONAL) == Some(true) || !c.happens() {
                        continue;
                    }
                    if self.model.component(c.target).kind.facets.misses {
                        out.extend(self.steps(&c.on_miss));
                        continue;
                    }
                    let mut this = vec![self.one(c.target, c.writes)];
                    this.extend(self.steps(&c.body));
                    if c.fallback.is_empty() {
                        out.extend(this);
                    } else {
                        let instead = Need::All(self.steps(&c.fallback));
                        out.push(Need::Either(Box::new(Need::All(this)), Box::new(instead)));
                    }
                }
                Step::Parallel(inner) => out.extend(self.steps(inner)),
                Step::Choose(arms) => {
                    let taken = arms.iter().filter(|(share, _)| *share > 0.0);
                    taken.for_each(|(_, inner)| out.extend(self.steps(inner)));
                }
            }
        }
        out
    }
}

impl Need {
    /// All components in it.
    pub fn vars(&self, into: &mut BTreeSet<Var>) {
        match self {
            Self::One(v) => {
                into.insert(*v);
            }
            Self::All(all) => all.iter().for_each(|n| n.vars(into)),
            Self::Either(a, b) => {
                a.vars(into);
                b.vars(into);
            }
        }
    }

    /// What is needed whatever else works.
    fn series(&self, into: &mut BTreeSet<Var>) {
        match self {
            Self::One(v) => {
                into.insert(*v);
            }
            Self::All(all) => all.iter().for_each(|n| n.series(into)),
            Self::Either(..) => {}
        }
    }

    /// Whether it holds.
    pub fn holds(&self, works: &dyn Fn(Var) -> bool) -> bool {
        match self {
            Self::One(v) => works(*v),
            Self::All(all) => all.iter().all(|n| n.holds(works)),
            Self::Either(a, b) => a.holds(works) || b.holds(works),
        }
    }

    /// The variables that are open, in the order in which they are met.
    fn order(&self, series: &BTreeSet<Var>, into: &mut Vec<Var>) {
        match self {
            Self::One(v) if !series.contains(v) && !into.contains(v) => into.push(*v),
            Self::One(_) => {}
            Self::All(all) => all.iter().for_each(|n| n.order(series, into)),
            Self::Either(a, b) => {
                a.order(series, into);
                b.order(series, into);
            }
        }
    }

    fn build(&self, d: &mut Bdd, at: &BTreeMap<Var, u32>) -> Option<Root> {
        match self {
            Self::One(v) => at.get(v).map_or(Some(ALWAYS), |i| d.var(*i)),
            Self::All(all) => {
                let mut f = ALWAYS;
                for n in all {
                    let next = n.build(d, at)?;
                    f = d.and(f, next)?;
                }
                Some(f)
            }
            Self::Either(a, b) => {
                let (a, b) = (a.build(d, at)?, b.build(d, at)?);
                d.or(a, b)
            }
        }
    }

    /// Sets of open variables: that stop it (`cuts`), or that are enough for it.
    fn sets(&self, at: &BTreeMap<Var, u32>, cuts: bool) -> Option<Vec<BTreeSet<u32>>> {
        let union = |parts: Vec<Vec<BTreeSet<u32>>>| parts.into_iter().flatten().collect::<Vec<_>>();
        let product = |parts: Vec<Vec<BTreeSet<u32>>>| {
            let mut out = vec![BTreeSet::new()];
            for part in parts {
                let pairs = out.iter().flat_map(|a| part.iter().map(move |b| a | b));
                out = minimal(pairs.take(MAX_SETS * 8).collect());
                if out.len() > MAX_SETS {
                    return None;
                }
            }
            Some(out)
        };
        let out = match self {
            // What is in series is not open: it works.
            Self::One(v) => match (at.get(v), cuts) {
                (Some(i), _) => vec![BTreeSet::from([*i])],
                (None, true) => Vec::new(),
                (None, false) => vec![BTreeSet::new()],
            },
            Self::All(all) => {
                let parts = all.iter().map(|n| n.sets(at, cuts)).collect::<Option<Vec<_>>>()?;
                if cuts { union(parts) } else { product(parts)? }
            }
            Self::Either(a, b) => {
                let parts = vec![a.sets(at, cuts)?, b.sets(at, cuts)?];
                if cuts { product(parts)? } else { union(parts) }
            }
        };
        let out = minimal(out);
        (out.len() <= MAX_SETS).then_some(out)
    }
}

/// Without the sets that hold another.
fn minimal(mut sets: Vec<BTreeSet<u32>>) -> Vec<BTreeSet<u32>> {
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets.dedup();
    let mut out: Vec<BTreeSet<u32>> = Vec::new();
    for s in sets {
        if !out.iter().any(|o| o.is_subset(&s)) {
            out.push(s);
        }
    }
    out
}

/// A formula made ready for its probability.
#[derive(Clone, Debug)]
pub struct Form {
    /// What is in series.
    pub series: BTreeSet<Var>,
    /// What is not, by its number in the diagram.
    pub open: Vec<Var>,
    diagram: Option<(Bdd, Root)>,
}

impl Form {
    /// Makes a formula ready.
    ///
    /// # Errors
    /// When its diagram is too large: a lower and an upper bound, by state of the zones, where
    /// the sets that they need are few enough.
    pub fn new(need: &Need, most: usize) -> Result<Self, Option<Entangled>> {
        let mut series = BTreeSet::new();
        need.series(&mut series);
        let mut open = Vec::new();
        need.order(&series, &mut open);
        if open.is_empty() {
            return Ok(Self { series, open, diagram: None });
        }
        let at: BTreeMap<Var, u32> = open.iter().copied().zip(0..).collect();
        let mut d = Bdd::new(most);
        if let Some(root) = need.build(&mut d, &at) {
            return Ok(Self { series, open, diagram: Some((d, root)) });
        }
        let sets = need.sets(&at, true).zip(need.sets(&at, false));
        Err(sets.map(|(cuts, paths)| Entangled { series, open, cuts, paths }))
    }

    /// The probability that it holds, each component with its own.
    #[must_use]
    pub fn probability(&self, p: &dyn Fn(Var) -> f64) -> f64 {
        let series: f64 = self.series.iter().map(|v| p(*v)).product();
        let of = |i: u32| self.open.get(i as usize).map_or(0.0, |v| p(*v));
        series * self.diagram.as_ref().map_or(1.0, |(d, root)| d.probability(*root, &of))
    }

    /// Everything in it, what is in series first.
    pub fn vars(&self) -> impl Iterator<Item = Var> + '_ {
        self.series.iter().chain(&self.open).copied()
    }
}

/// A formula whose diagram is too large.
#[derive(Clone, Debug)]
pub struct Entangled {
    series: BTreeSet<Var>,
    open: Vec<Var>,
    cuts: Vec<BTreeSet<u32>>,
    paths: Vec<BTreeSet<u32>>,
}

impl Entangled {
    /// Bounds of the probability that it holds, over all states of the zones.
    #[must_use]
    pub fn bounds(&self, zones: &Zones, p: &dyn Fn(Var, usize) -> f64) -> (f64, f64) {
        let mut out = (0.0, 0.0);
        for (state, mass) in zones.states() {
            let series: f64 = self.series.iter().map(|v| p(*v, state)).product();
            let of = |i: u32| self.open.get(i as usize).map_or(0.0, |v| p(*v, state));
            let (low, high) = esary_proschan(&self.cuts, &self.paths, &of);
            out = (out.0 + mass * series * low, out.1 + mass * series * high);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(i: usize) -> Need {
        Need::One((CompId(i), false))
    }

    #[test]
    fn a_formula_too_large_is_bounded() {
        // a, and (b c or b d or c d): two of three.
        let pair = |i, j| Need::All(vec![one(i), one(j)]);
        let either = |a, b| Need::Either(Box::new(a), Box::new(b));
        let need = Need::All(vec![one(0), either(pair(1, 2), either(pair(1, 3), pair(2, 3)))]);
        let p = 0.9;
        let exact = p * (3.0 * p * p * (1.0 - p) + p * p * p);
        let form = Form::new(&need, MAX_NODES).expect("small");
        assert!((form.probability(&|_| p) - exact).abs() < 1e-15);
        assert!(need.holds(&|(id, _)| id != CompId(1)) && !need.holds(&|(id, _)| id.0 % 2 == 0));
        let entangled = Form::new(&need, 1).expect_err("too large").expect("few sets");
        let zones = Zones::new(&empty());
        let (low, high) = entangled.bounds(&zones, &|_, _| p);
        assert!(low < exact && exact < high && high - low < 0.05, "{low} {exact} {high}");
    }

    fn empty() -> Model {
        crate::model::build(&[], &BTreeMap::new(), &crate::model::Ends::new(), &mut crate::diag::Sink::default())
    }
}
