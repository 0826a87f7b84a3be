//! Minimal cut sets: sets of failures that stop a flow, none of them redundant.
//!
//! In: the structure function of a flow, the replicas of its components by zone. Out: sets of at
//! most [`ORDER`] failures. Equal replicas (same component, same zone) are counted, not
//! distinguished. A failure is that of a zone, of one replica, or of a component without own
//! replicas. The failure of a zone includes its replicas. Probabilities are not required.
//! Method: first each component, then the structure function (MOCUS, Fussell and Vesely 1972).

use crate::analysis::faults::critical_caches::CacheLosses;
use crate::analysis::faults::group::{Alive, Group, any_node, group};
use crate::analysis::faults::structure::{Reader, StructureFunction, Var};
use crate::analysis::ground::machines::provided;
use crate::analysis::ground::resource::Utilization;
use crate::analysis::ground::zones::Zones;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, Flow, Model};
use std::collections::BTreeMap;

/// Largest number of failures in a set.
pub const ORDER: u32 = 3;
/// Largest number of sets listed for one flow.
const MOST: usize = 400;

/// A class of interchangeable failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// A zone, by its index among the live zones.
    Zone(usize),
    /// A provider-managed component or an external system.
    Whole(CompId),
    /// The primary of a component in a zone, if it matters which replica fails.
    Primary(CompId, usize),
    /// Replicas of a component in a zone, without its primary.
    Pieces(CompId, usize),
    /// Witnesses of a component in a zone.
    Witnesses(CompId, usize),
}

/// A set of failures: the number of failures by class.
type Set = BTreeMap<Class, u32>;

/// A minimal cut set: failures that together stop a flow.
#[derive(Clone, Debug)]
pub struct CutSet {
    /// The failures in words; those that are alike share one entry.
    pub parts: Vec<String>,
    /// The number of failures.
    pub failures: u32,
}

/// The smallest failures that stop a flow, in words.
#[derive(Clone, Debug)]
pub struct MinimalCutSets {
    /// Largest number of failures in a listed set; lower than [`ORDER`] if there are too many sets.
    pub order: u32,
    /// The sets, smallest first.
    pub sets: Vec<CutSet>,
    /// Assumptions, in words: zones of primaries without a declared zone.
    pub given: Vec<String>,
}

/// The failures of a component: as a whole, by replica, or unknown.
#[derive(Clone, Debug)]
enum Shape {
    Whole,
    Pieces(Group),
    Unknown(Reason),
}

/// Computes the cut sets of the flows of a design; remembers those of each component.
#[derive(Debug)]
pub struct CutSets<'a> {
    model: &'a Model,
    zones: &'a Zones,
    shapes: Vec<Shape>,
    guards: BTreeMap<CompId, Vec<CompId>>,
    /// Cut sets by component, whether the harder operation is required, and the primary's zone.
    of: BTreeMap<(Var, Option<usize>), Vec<Set>>,
}

impl<'a> CutSets<'a> {
    /// Reads the replicas and critical caches of all components.
    #[must_use]
    pub fn new(model: &'a Model, zones: &'a Zones, utilization: &[Utilization], losses: &CacheLosses) -> Self {
        let mut guards = BTreeMap::new();
        let mut shapes = Vec::with_capacity(model.components.len());
        for ((id, c), u) in model.all().zip(utilization) {
            let of = losses.guards(model, id);
            if !of.is_empty() {
                guards.insert(id, of);
            }
            shapes.push(if c.kind.facets.serve.is_none() || provided(c) {
                Shape::Whole
            } else {
                let pieces = if c.kind.facets.misses { any_node(model, zones, c) } else { group(model, zones, c, u) };
                match pieces {
                    Ok(g) => Shape::Pieces(g),
                    Err(e) => Shape::Unknown(e),
                }
            });
        }
        Self { model, zones, shapes, guards, of: BTreeMap::new() }
    }

    /// The minimal cut sets of a flow, smallest first, as text. `primaries` places undeclared
    /// primaries (none: lost). One that it lacks is in the first zone with a replica.
    ///
    /// # Errors
    /// The reason why they are unknown: the replicas of a component are, or more than 400 sets
    /// of a single failure exist.
    pub fn of(&mut self, flow: &Flow, primaries: &BTreeMap<CompId, Option<usize>>) -> Result<MinimalCutSets, Reason> {
        let shape = |id: CompId| self.shapes.get(id.0);
        let hard = |id: CompId, write: bool| matches!(shape(id), Some(Shape::Pieces(g)) if g.is_hard(write));
        let function = Reader { model: self.model, hard: &hard, guards: &self.guards }.structure_function(flow);
        let mut vars = std::collections::BTreeSet::new();
        function.vars(&mut vars);
        let mut given: BTreeMap<CompId, Option<usize>> = BTreeMap::new();
        for v in vars {
            if let Some(Shape::Unknown(e)) = self.shapes.get(v.0.0) {
                return Err(e.clone());
            }
            let mut at = None;
            if let Some(Shape::Pieces(g)) = self.shapes.get(v.0.0) {
                at = primaries.get(&v.0).copied().unwrap_or(g.primary);
                if !g.elsewhere.is_empty() {
                    given.insert(v.0, at);
                }
            }
            if !self.of.contains_key(&(v, at)) {
                let sets = self.component(v, at);
                self.of.insert((v, at), sets);
            }
        }
        for order in (1..=ORDER).rev() {
            let mut out = Vec::new();
            if self.collect(&function, order, &given, &mut out).is_none() {
                continue;
            }
            let all = minimal(out);
            if all.len() <= MOST {
                let words = |s: &Set| CutSet {
                    parts: s.iter().map(|(c, n)| self.words(*c, *n)).collect(),
                    failures: s.values().sum(),
                };
                let given = given.iter().map(|(id, at)| match at {
                    Some(at) => self.words(Class::Primary(*id, *at), 1),
                    None => format!("{}.primary lost", self.model.component(*id).name),
                });
                let given = given.collect();
                return Ok(MinimalCutSets { order, sets: all.iter().map(words).collect(), given });
            }
        }
        Err(Reason::of_flow(
            ReasonKind::TooLarge,
            &flow.name,
            format!("flow `{}` has more than {MOST} components that stop it alone", flow.name),
        ))
    }

    fn words(&self, class: Class, n: u32) -> String {
        let zone = |at: usize| {
            let index = self.zones.live.get(at).copied().unwrap_or(at);
            self.model.system.zones.get(index).map_or("", String::as_str)
        };
        let name = |id: CompId| self.model.component(id).name.as_str();
        let count = if n == 1 { String::new() } else { format!(" x{n}") };
        match class {
            Class::Zone(at) => format!("zone {}", zone(at)),
            Class::Whole(id) => name(id).to_owned(),
            Class::Primary(id, at) => format!("{}.primary in zone {}", name(id), zone(at)),
            Class::Pieces(id, at) => format!("{}{count} in zone {}", name(id), zone(at)),
            Class::Witnesses(id, at) => format!("a witness{count} of {} in zone {}", name(id), zone(at)),
        }
    }

    /// The minimal cut sets of a component with its primary in one zone.
    fn component(&self, v: Var, primary: Option<usize>) -> Vec<Set> {
        let g = match self.shapes.get(v.0.0) {
            Some(Shape::Pieces(g)) => {
                let mut g = g.clone();
                g.primary = primary;
                g
            }
            Some(Shape::Whole) => return vec![Set::from([(Class::Whole(v.0), 1)])],
            _ => return Vec::new(),
        };
        let mut classes: Vec<(Class, u32)> = Vec::new();
        for (at, n) in g.pieces.iter().enumerate() {
            let first = u32::from(g.primary == Some(at));
            let voting = g.witnesses.get(at).copied().unwrap_or(0);
            let own = [
                (Class::Zone(at), u32::from(*n + voting > 0)),
                (Class::Primary(v.0, at), first),
                (Class::Pieces(v.0, at), n.saturating_sub(first)),
                (Class::Witnesses(v.0, at), voting),
            ];
            classes.extend(own.into_iter().filter(|(_, n)| *n > 0));
        }
        let mut out = Vec::new();
        extend_failing(&g, v, &classes, &mut Set::new(), ORDER, &mut out);
        minimal(out)
    }

    /// Adds the cut sets of a structure function with at most `order` failures; none if there are
    /// too many.
    fn collect(
        &self,
        function: &StructureFunction,
        order: u32,
        given: &BTreeMap<CompId, Option<usize>>,
        out: &mut Vec<Set>,
    ) -> Option<()> {
        match function {
            StructureFunction::Component(v) => {
                let first = match self.shapes.get(v.0.0) {
                    Some(Shape::Pieces(g)) => given.get(&v.0).copied().unwrap_or(g.primary),
                    _ => None,
                };
                let own = self.of.get(&(*v, first)).into_iter().flatten();
                out.extend(own.filter(|s| size(s) <= order).cloned());
            }
            StructureFunction::And(all) => {
                for n in all {
                    self.collect(n, order, given, out)?;
                }
            }
            StructureFunction::Or(a, b) => {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                self.collect(a, order, given, &mut left)?;
                self.collect(b, order, given, &mut right)?;
                let (left, right) = (minimal(left), minimal(right));
                let pairs = left.iter().flat_map(|x| right.iter().map(move |y| (x, y)));
                out.extend(minimal(pairs.map(|(x, y)| union(x, y)).filter(|s| size(s) <= order).collect()));
            }
        }
        (out.len() <= 20 * MOST).then_some(())
    }
}

fn size(set: &Set) -> u32 {
    set.values().sum()
}

/// Adds to `out` each failing set that extends `now` by at most `more` failures. Stops at a set
/// that already fails, so supersets of it are not added.
fn extend_failing(g: &Group, v: Var, classes: &[(Class, u32)], failed: &mut Set, more: u32, out: &mut Vec<Set>) {
    if !alive(g, failed, v) {
        out.push(failed.clone());
        return;
    }
    let Some(((class, most), rest)) = classes.split_first() else { return };
    for n in 0..=more.min(*most) {
        if n > 0 {
            failed.insert(*class, n);
        }
        extend_failing(g, v, rest, failed, more - n, out);
    }
    failed.remove(class);
}

/// Whether a group of replicas works with these failures.
fn alive(g: &Group, down: &Set, v: Var) -> bool {
    let of = |class: Class| down.get(&class).copied().unwrap_or(0);
    let mut alive = Alive::default();
    for (at, n) in g.pieces.iter().enumerate() {
        if of(Class::Zone(at)) > 0 {
            continue;
        }
        let first = g.primary == Some(at);
        alive.primary |= first && of(Class::Primary(v.0, at)) == 0;
        alive.pieces += n.saturating_sub(of(Class::Primary(v.0, at)) + of(Class::Pieces(v.0, at)));
        let voting = g.witnesses.get(at).copied().unwrap_or(0);
        alive.witnesses += voting.saturating_sub(of(Class::Witnesses(v.0, at)));
    }
    g.answers(alive, v.1)
}

/// The union of two sets, without the replicas of zones that have failed in it.
fn union(a: &Set, b: &Set) -> Set {
    let mut out = a.clone();
    for (class, n) in b {
        let here = out.entry(*class).or_default();
        *here = (*here).max(*n);
    }
    let down: Vec<usize> = out.keys().filter_map(|c| if let Class::Zone(at) = c { Some(*at) } else { None }).collect();
    out.retain(|class, _| match class {
        Class::Primary(_, at) | Class::Pieces(_, at) | Class::Witnesses(_, at) => !down.contains(at),
        Class::Zone(_) | Class::Whole(_) => true,
    });
    out
}

/// The sets without supersets of another set; sorted by size.
fn minimal(mut sets: Vec<Set>) -> Vec<Set> {
    sets.sort_by(|a, b| size(a).cmp(&size(b)).then_with(|| a.cmp(b)));
    sets.dedup();
    let mut out: Vec<Set> = Vec::new();
    for s in sets {
        // Distinct sets of equal size never contain each other.
        let is_subset = |o: &Set| size(o) < size(&s) && o.iter().all(|(class, n)| s.get(class).is_some_and(|m| m >= n));
        if !out.iter().any(is_subset) {
            out.push(s);
        }
    }
    out
}
