//! Structure function of a flow: the AND/OR of the components that it requires.
//!
//! In: the steps of a flow. Out: the structure function, and its exact probability given the
//! state of the zones. The steps that a flow waits for form an AND; a call and its fallback form an
//! OR. Asynchronous and `optional` calls are left out. Given the state of the zones, components are
//! independent: those in series are a product, the rest is a binary decision diagram.
//! A lost cache only causes misses. It is required only if the misses overload a component
//! behind it (a critical cache). A call made by some requests counts as made by all, which gives a
//! lower bound; a call that never happens is left out.
//! Above [`MAX_NODES`] the diagram is abandoned, and bounds from cut and path sets remain (Esary and Proschan 1963).

use crate::analysis::ground::zones::Zones;
use crate::model::keys;
use crate::model::{CompId, Flow, Model, Step};
use crate::theory::bdd::{ALWAYS, Bdd, Root};
use crate::theory::bounds::esary_proschan;
use std::collections::{BTreeMap, BTreeSet};

/// Largest number of nodes of the diagram of one flow.
pub const MAX_NODES: usize = 200_000;
/// Largest number of cut or path sets for the bounds.
const MAX_SETS: usize = 2000;

/// A component, and whether the harder of its two operations (read, write) is required.
pub type Var = (CompId, bool);

/// A structure function: which components must work.
#[derive(Clone, Debug)]
pub enum StructureFunction {
    /// One component.
    Component(Var),
    /// All parts.
    And(Vec<StructureFunction>),
    /// At least one of two parts: a call or its fallback.
    Or(Box<StructureFunction>, Box<StructureFunction>),
}

/// Builds structure functions from the calls of a design.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The design.
    pub model: &'a Model,
    /// Whether a write (`true`) or a read of a component requires more replicas than the other.
    pub hard: &'a dyn Fn(CompId, bool) -> bool,
    /// Critical caches by component.
    pub guards: &'a BTreeMap<CompId, Vec<CompId>>,
}

impl Reader<'_> {
    /// The structure function of a flow.
    #[must_use]
    pub fn structure_function(&self, flow: &Flow) -> StructureFunction {
        let mut all = self.steps(&flow.steps);
        if !self.model.component(flow.origin).kind.facets.origin {
            all.push(self.one(flow.origin, false));
        }
        StructureFunction::And(all)
    }

    fn one(&self, id: CompId, write: bool) -> StructureFunction {
        let guards = self.guards.get(&id).into_iter().flatten();
        let mut all: Vec<StructureFunction> = guards.map(|g| StructureFunction::Component((*g, false))).collect();
        all.push(StructureFunction::Component((id, false)));
        if (self.hard)(id, write) {
            all.push(StructureFunction::Component((id, true)));
        }
        StructureFunction::And(all)
    }

    fn steps(&self, steps: &[Step]) -> Vec<StructureFunction> {
        let mut out = Vec::new();
        for step in steps {
            match step.call() {
                Some(c) => {
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
                        let instead = StructureFunction::And(self.steps(&c.fallback));
                        out.push(StructureFunction::Or(Box::new(StructureFunction::And(this)), Box::new(instead)));
                    }
                }
                None => {
                    let taken = step.blocks().filter(|(share, _)| *share > 0.0);
                    taken.for_each(|(_, inner)| out.extend(self.steps(inner)));
                }
            }
        }
        out
    }
}

impl StructureFunction {
    /// Adds all components of the function.
    pub fn vars(&self, into: &mut BTreeSet<Var>) {
        match self {
            Self::Component(v) => {
                into.insert(*v);
            }
            Self::And(all) => all.iter().for_each(|n| n.vars(into)),
            Self::Or(a, b) => {
                a.vars(into);
                b.vars(into);
            }
        }
    }

    /// Adds the components in series: those without any alternative.
    fn series(&self, into: &mut BTreeSet<Var>) {
        match self {
            Self::Component(v) => {
                into.insert(*v);
            }
            Self::And(all) => all.iter().for_each(|n| n.series(into)),
            Self::Or(..) => {}
        }
    }

    /// Whether the function is true if `works` tells the state of each component.
    pub fn holds(&self, works: &dyn Fn(Var) -> bool) -> bool {
        match self {
            Self::Component(v) => works(*v),
            Self::And(all) => all.iter().all(|n| n.holds(works)),
            Self::Or(a, b) => a.holds(works) || b.holds(works),
        }
    }

    /// Adds the components that are not in series, in the order of their first occurrence.
    fn order(&self, series: &BTreeSet<Var>, into: &mut Vec<Var>) {
        match self {
            Self::Component(v) if !series.contains(v) && !into.contains(v) => into.push(*v),
            Self::Component(_) => {}
            Self::And(all) => all.iter().for_each(|n| n.order(series, into)),
            Self::Or(a, b) => {
                a.order(series, into);
                b.order(series, into);
            }
        }
    }

    /// The diagram of the function; none above the largest number of nodes.
    fn build(&self, d: &mut Bdd, at: &BTreeMap<Var, u32>) -> Option<Root> {
        match self {
            Self::Component(v) => at.get(v).map_or(Some(ALWAYS), |i| d.var(*i)),
            Self::And(all) => {
                let mut f = ALWAYS;
                for n in all {
                    let next = n.build(d, at)?;
                    f = d.and(f, next)?;
                }
                Some(f)
            }
            Self::Or(a, b) => {
                let (a, b) = (a.build(d, at)?, b.build(d, at)?);
                d.or(a, b)
            }
        }
    }

    /// Minimal cut sets (`cuts`) or path sets over the components that are not in series; none if
    /// there are more than [`MAX_SETS`].
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
            // A component in series has no number here: it counts as working.
            Self::Component(v) => match (at.get(v), cuts) {
                (Some(i), _) => vec![BTreeSet::from([*i])],
                (None, true) => Vec::new(),
                (None, false) => vec![BTreeSet::new()],
            },
            Self::And(all) => {
                let parts = all.iter().map(|n| n.sets(at, cuts)).collect::<Option<Vec<_>>>()?;
                if cuts { union(parts) } else { product(parts)? }
            }
            Self::Or(a, b) => {
                let parts = vec![a.sets(at, cuts)?, b.sets(at, cuts)?];
                if cuts { product(parts)? } else { union(parts) }
            }
        };
        let out = minimal(out);
        (out.len() <= MAX_SETS).then_some(out)
    }
}

/// The sets without supersets of another set.
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

/// A structure function, ready for its probability.
#[derive(Clone, Debug)]
pub struct Form {
    /// Components in series: all must work.
    pub series: BTreeSet<Var>,
    /// The other components, by their number in the diagram.
    pub open: Vec<Var>,
    diagram: Option<(Bdd, Root)>,
}

impl Form {
    /// Builds the diagram of a structure function with at most `most` nodes.
    ///
    /// # Errors
    /// The diagram is too large. The error holds the cut and path sets for bounds, or none if
    /// there are too many sets.
    pub fn new(function: &StructureFunction, most: usize) -> Result<Self, Option<CutsAndPaths>> {
        let mut series = BTreeSet::new();
        function.series(&mut series);
        let mut open = Vec::new();
        function.order(&series, &mut open);
        if open.is_empty() {
            return Ok(Self { series, open, diagram: None });
        }
        let at: BTreeMap<Var, u32> = open.iter().copied().zip(0..).collect();
        let mut d = Bdd::new(most);
        if let Some(root) = function.build(&mut d, &at) {
            return Ok(Self { series, open, diagram: Some((d, root)) });
        }
        let sets = function.sets(&at, true).zip(function.sets(&at, false));
        Err(sets.map(|(cuts, paths)| CutsAndPaths { series, open, cuts, paths }))
    }

    /// The probability that the function is true, given the probability of each component.
    #[must_use]
    pub fn probability(&self, p: &dyn Fn(Var) -> f64) -> f64 {
        let series: f64 = self.series.iter().map(|v| p(*v)).product();
        let of = |i: u32| self.open.get(i as usize).map_or(0.0, |v| p(*v));
        series * self.diagram.as_ref().map_or(1.0, |(d, root)| d.probability(*root, &of))
    }

    /// All components, those in series first.
    pub fn vars(&self) -> impl Iterator<Item = Var> + '_ {
        self.series.iter().chain(&self.open).copied()
    }
}

/// The cut and path sets of a structure function whose diagram is too large.
#[derive(Clone, Debug)]
pub struct CutsAndPaths {
    series: BTreeSet<Var>,
    open: Vec<Var>,
    cuts: Vec<BTreeSet<u32>>,
    paths: Vec<BTreeSet<u32>>,
}

impl CutsAndPaths {
    /// Lower and upper bound of the probability that the function is true, over all states of the zones.
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

    fn one(i: usize) -> StructureFunction {
        StructureFunction::Component((CompId(i), false))
    }

    #[test]
    fn a_formula_too_large_is_bounded() {
        // a, and (b c or b d or c d): two of three.
        let pair = |i, j| StructureFunction::And(vec![one(i), one(j)]);
        let either = |a, b| StructureFunction::Or(Box::new(a), Box::new(b));
        let function = StructureFunction::And(vec![one(0), either(pair(1, 2), either(pair(1, 3), pair(2, 3)))]);
        let p = 0.9;
        let exact = p * (3.0 * p * p * (1.0 - p) + p * p * p);
        let form = Form::new(&function, MAX_NODES).expect("small");
        assert!((form.probability(&|_| p) - exact).abs() < 1e-15);
        assert!(function.holds(&|(id, _)| id != CompId(1)) && !function.holds(&|(id, _)| id.0 % 2 == 0));
        let sets = Form::new(&function, 1).expect_err("too large").expect("few sets");
        let zones = Zones::new(&empty());
        let (low, high) = sets.bounds(&zones, &|_, _| p);
        assert!(low < exact && exact < high && high - low < 0.05, "{low} {exact} {high}");
    }

    fn empty() -> Model {
        crate::model::build(&[], &BTreeMap::new(), &crate::model::Ends::new(), &mut crate::diag::Sink::default())
    }
}
