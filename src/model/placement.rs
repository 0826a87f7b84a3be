//! Placement: how many replicas a component has, and the location of each.
//!
//! In: `replicas`, `shards`, `nodes`, `place`, `zones`, `region`, `regions`, `primary`,
//! `witnesses`, losses. Out: counts, and a [`Placement`]: replicas by location as designed and
//! after losses, the primary, the witnesses, and the basis of these. Replicas are spread evenly
//! over the zones and the first zones take the odd ones, unless `place` or `zones` is set. Counts
//! are per region, unless `place` names regions. Never: a probability, a rate.

use super::keys::{self, Key, Number, Shape};
use super::{Component, Interval, Location, System, Value};
use crate::base::whole;
use crate::kinds::Serve;
use crate::model::Reason;
use std::collections::BTreeSet;

/// The location of a store's primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Primary {
    /// In that location.
    In(Location),
    /// In one of several locations: the design does not set which one.
    OneOf(Vec<Location>),
    /// No replica is in the zone that `primary` names.
    Nowhere,
}

/// The basis of a placement: declared or assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// `place` sets the number of replicas in each zone.
    Declared,
    /// An even spread over all zones is assumed, or over those that `zones` names.
    Spread,
}

/// Lost replicas of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Whether the whole component is lost.
    pub all: bool,
    /// Locations that are lost with every replica there.
    pub at: BTreeSet<Location>,
    /// Replicas lost in addition; the design does not set their locations.
    pub anywhere: u32,
}

impl Lost {
    /// Whether any replica is lost.
    #[must_use]
    pub fn any(&self) -> bool {
        self.all || self.anywhere > 0 || !self.at.is_empty()
    }
}

/// Replicas of a component by location: processes, nodes, or copies of one datum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// By location, as designed.
    designed: Vec<u32>,
    /// By location, after losses.
    left: Vec<u32>,
    /// Voters without data by location, after losses; none if `witnesses` is not set.
    witnesses: Option<Vec<u32>>,
    /// Voters without data by location, as designed.
    placed_witnesses: Option<Vec<u32>>,
    /// The primary, as designed.
    pub primary: Primary,
    /// Declared or assumed.
    pub basis: Basis,
    /// Locations that are counted together: all of them, or those of each region.
    groups: Vec<Vec<Location>>,
    /// Zones in each region.
    zones: usize,
}

impl Placement {
    /// Replicas by location, as designed.
    #[must_use]
    pub fn designed(&self) -> &[u32] {
        &self.designed
    }

    /// Replicas by location, after losses.
    #[must_use]
    pub fn left(&self) -> &[u32] {
        &self.left
    }

    /// Witnesses by location, after losses; none if `witnesses` is not set.
    #[must_use]
    pub fn witnesses(&self) -> Option<&[u32]> {
        self.witnesses.as_deref()
    }

    /// Witnesses by location, as designed; none if `witnesses` is not set.
    #[must_use]
    pub fn witnesses_designed(&self) -> Option<&[u32]> {
        self.placed_witnesses.as_deref()
    }

    /// Witnesses in all locations, as designed.
    #[must_use]
    pub fn voters(&self) -> u32 {
        self.placed_witnesses.iter().flatten().sum()
    }

    /// Whether some of these locations have no replica, as designed.
    #[must_use]
    pub fn leaves_out(&self, at: &[Location]) -> bool {
        at.iter().any(|l| self.designed.get(*l).is_none_or(|n| *n == 0))
    }

    /// Replicas in all locations, as designed.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.designed.iter().sum()
    }

    /// Replicas in all locations, after losses.
    #[must_use]
    pub fn total_left(&self) -> u32 {
        self.left.iter().sum()
    }

    /// Replicas in the given locations, after losses.
    #[must_use]
    pub fn left_in(&self, at: &[Location]) -> u32 {
        at.iter().filter_map(|l| self.left.get(*l)).sum()
    }

    /// Lost replicas, on the scale of `replicas` or `nodes`. With as many replicas in each of
    /// several regions, the region that lost most counts.
    #[must_use]
    pub fn missing(&self) -> u32 {
        let of = |list: &[u32], at: &[Location]| -> u32 { at.iter().filter_map(|l| list.get(*l)).sum() };
        self.groups.iter().map(|g| of(&self.designed, g).saturating_sub(of(&self.left, g))).max().unwrap_or(0)
    }

    /// Replicas by zone, after losses: of the region with the fewest left, or of all regions if
    /// `place` names them.
    #[must_use]
    pub fn by_zone(&self) -> Vec<u32> {
        let sum = |g: &&Vec<Location>| self.left_in(g);
        self.groups.iter().min_by_key(sum).map_or_else(Vec::new, |g| self.fold(g, &self.left))
    }

    /// Replicas on the scale of `replicas` or `nodes`: of the first region, or of all regions if
    /// `place` names them.
    #[must_use]
    pub fn counted(&self) -> u32 {
        self.groups.first().map_or(0, |g| g.iter().filter_map(|at| self.designed.get(*at)).sum())
    }

    /// The index of a location's zone within its region.
    #[must_use]
    pub fn zone_of(&self, at: Location) -> usize {
        at % self.zones.max(1)
    }

    /// Witnesses by zone, after losses, of all regions.
    #[must_use]
    pub fn witnesses_by_zone(&self) -> Option<Vec<u32>> {
        let all: Vec<Location> = (0..self.designed.len()).collect();
        self.witnesses.as_ref().map(|w| self.fold(&all, w))
    }

    fn fold(&self, group: &[Location], list: &[u32]) -> Vec<u32> {
        let mut out = vec![0; self.zones];
        for at in group {
            if let (Some(slot), Some(n)) = (out.get_mut(at % self.zones.max(1)), list.get(*at)) {
                *slot += n;
            }
        }
        out
    }
}

impl Component {
    /// Processes of a server; copies of each datum of a store, the primary included.
    ///
    /// # Errors
    /// The reason, if `replicas` is a variable with several allowed values.
    pub fn replicas(&self) -> Result<f64, Reason> {
        self.counted("replicas").unwrap_or(Ok(1.0))
    }

    /// Shards: parts that the data of a store is split into.
    ///
    /// # Errors
    /// The reason, if `shards` is a variable with several allowed values.
    pub fn shards(&self) -> Result<f64, Reason> {
        self.counted("shards").unwrap_or(Ok(1.0))
    }

    /// Machines of a store: `nodes`, or replicas x shards.
    ///
    /// # Errors
    /// The reason, if one of these is a variable with several allowed values.
    pub fn nodes(&self) -> Result<f64, Reason> {
        match self.counted("nodes") {
            Some(n) => n,
            None => Ok(self.replicas()? * self.shards()?),
        }
    }

    /// A count that the design sets, or the reason why it is not known yet; `None` if it is not
    /// set.
    #[must_use]
    pub fn counted(&self, name: &str) -> Option<Result<f64, Reason>> {
        if let Some(hole) = self.attrs.hole(name) {
            return Some(hole.only().ok_or_else(|| not_solved(self, name)));
        }
        self.attrs.read_named::<Number>(name).map(|n| Ok(n.mid))
    }

    /// [`Component::replicas`] after losses; at least 0.
    ///
    /// # Errors
    /// Like [`Component::replicas`].
    pub fn replicas_left(&self, system: &System) -> Result<f64, Reason> {
        let n = self.replicas()?;
        if self.lost.all || !self.lost.any() {
            return Ok(if self.lost.all { 0.0 } else { n });
        }
        Ok((n - f64::from(self.copies(system)?.missing())).max(0.0))
    }

    /// [`Component::nodes`] after losses; at least 0.
    ///
    /// # Errors
    /// Like [`Component::nodes`].
    pub fn nodes_left(&self, system: &System) -> Result<f64, Reason> {
        let n = self.nodes()?;
        Ok(if self.lost.any() { (n - self.missing(system)).max(0.0) } else { n })
    }

    /// Lost replicas or nodes; infinite if the whole component is lost.
    #[must_use]
    pub fn missing(&self, system: &System) -> f64 {
        if self.lost.all {
            return f64::INFINITY;
        }
        if !self.lost.any() {
            return 0.0;
        }
        self.placement(system).map_or(f64::from(self.lost.anywhere), |p| f64::from(p.missing()))
    }

    /// The placement of its replicas: processes of a server, copies of each datum of a database,
    /// nodes of a cache or of a queue.
    ///
    /// # Errors
    /// The reason, if their number is a variable with several allowed values.
    pub fn placement(&self, system: &System) -> Result<Placement, Reason> {
        let n = if self.kind.facets.serve == Some(Serve::Nodes) { self.nodes()? } else { self.replicas()? };
        Ok(self.stand(system, whole_count(n)))
    }

    /// The placement of the copies of one datum. In a queue or a cache these are on `replicas` of
    /// its nodes; in any other component on its replicas.
    ///
    /// # Errors
    /// The reason, if their number is a variable with several allowed values.
    pub fn copies(&self, system: &System) -> Result<Placement, Reason> {
        let nodes = self.placement(system)?;
        if self.kind.facets.serve != Some(Serve::Nodes) {
            return Ok(nodes);
        }
        let n = whole_count(self.replicas()?);
        let mut designed = vec![0; nodes.designed.len()];
        for group in &nodes.groups {
            let have: u32 = group.iter().filter_map(|l| nodes.designed.get(*l)).sum();
            fit(&nodes.designed, group, n.min(have), &mut designed);
        }
        Ok(self.after(system, designed, nodes.basis, nodes.groups))
    }

    /// The locations that it may use: the zones that it names, in its regions.
    #[must_use]
    pub fn locations(&self, system: &System) -> Vec<Location> {
        let all = &system.locations;
        let mut regions = self.attrs.read(keys::REGIONS).unwrap_or_default();
        if regions.is_empty() {
            regions = self.attrs.read(keys::REGION).unwrap_or_default();
        }
        let named = |at: Location, list: &[String]| list.iter().any(|w| all.name(at) == w || all.zone_name(at) == w);
        let mine = (0..all.count()).filter(|at| {
            let region = all.region.get(*at).and_then(|r| all.regions.get(*r));
            regions.is_empty() || region.is_some_and(|r| regions.contains(r))
        });
        match self.attrs.attr(keys::ZONES).map(|a| &a.value) {
            Some(Value::Words(list)) if !list.iter().any(|w| w == "all") => {
                mine.filter(|at| named(*at, list)).collect()
            }
            Some(Value::Number(k)) => {
                let first = whole_count(k.mid) as usize;
                mine.filter(|at| all.zone_of(*at) < first).collect()
            }
            _ => mine.collect(),
        }
    }

    fn table(&self, key: Key<Shape>) -> Option<&[(String, Interval)]> {
        match self.attrs.attr(key).map(|a| &a.value) {
            Some(Value::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// `n` replicas in the locations that the design sets. If `n` differs from the sum of `place`
    /// (an autoscaler or a scenario sets another number), the zones of `place` take turns.
    fn stand(&self, system: &System, n: u32) -> Placement {
        let all = &system.locations;
        let by_region =
            || (0..all.regions.len()).map(|r| (0..all.count()).filter(|at| all.region.get(*at) == Some(&r)).collect());
        let mut designed = vec![0; all.count()];
        if let Some(table) = self.table(keys::PLACE) {
            let placed = tabled(system, table);
            if placed.iter().sum::<u32>() > 0 {
                let names_regions = all.regions.len() > 1
                    && table.iter().any(|(k, _)| all.regions.contains(k) || all.names.contains(k));
                let groups: Vec<Vec<Location>> =
                    if names_regions { vec![(0..all.count()).collect()] } else { by_region().collect() };
                for group in &groups {
                    fit(&placed, group, n, &mut designed);
                }
                return self.after(system, designed, Basis::Declared, groups);
            }
        }
        let mut own = self.locations(system);
        if own.is_empty() {
            own = (0..all.count()).collect();
        }
        let mut groups: Vec<Vec<Location>> = by_region().collect();
        for group in &mut groups {
            group.retain(|at| own.contains(at));
            even(n, group, &mut designed);
        }
        groups.retain(|g| !g.is_empty());
        self.after(system, designed, Basis::Spread, groups)
    }

    /// A placement after losses: every replica in a lost location, then other lost replicas from
    /// the locations with the fewest, which is the worst case.
    fn after(&self, system: &System, designed: Vec<u32>, basis: Basis, groups: Vec<Vec<Location>>) -> Placement {
        let mut left = designed.clone();
        for (at, n) in left.iter_mut().enumerate() {
            if self.lost.all || self.lost.at.contains(&at) {
                *n = 0;
            }
        }
        let mut more = self.lost.anywhere;
        while more > 0 {
            let Some(few) = left.iter_mut().filter(|n| **n > 0).min_by_key(|n| **n) else { break };
            let taken = more.min(*few);
            *few -= taken;
            more -= taken;
        }
        let placed_witnesses = self.table(keys::WITNESSES).map(|table| tabled(system, table));
        let witnesses = placed_witnesses.clone().map(|mut each| {
            each.iter_mut().enumerate().filter(|(at, _)| system.lost.contains(at)).for_each(|(_, n)| *n = 0);
            each
        });
        let primary = self.primary(system, &designed);
        Placement { designed, left, witnesses, placed_witnesses, primary, basis, groups, zones: system.zones.len() }
    }

    fn primary(&self, system: &System, copies: &[u32]) -> Primary {
        let mut holds: Vec<Location> = copies.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, _)| at).collect();
        if let Some(name) = self.attrs.read(keys::PRIMARY) {
            let zone = system.locations.zone(name);
            holds.retain(|at| zone.contains(at));
        }
        match holds.as_slice() {
            [] => Primary::Nowhere,
            [one] => Primary::In(*one),
            _ => Primary::OneOf(holds),
        }
    }
}

/// The reason for a count that is not known yet.
fn not_solved(c: &Component, name: &str) -> Reason {
    Reason::variable(c, c.kind.property(name).map_or("replicas", |p| p.name))
}

/// The numbers of a table of zones and regions, by location. The zones of a region share its number
/// evenly.
fn tabled(system: &System, table: &[(String, Interval)]) -> Vec<u32> {
    let all = &system.locations;
    let mut out = vec![0; all.count()];
    for (key, n) in table {
        if all.regions.contains(key) {
            even(whole_count(n.mid), &all.in_region(key), &mut out);
            continue;
        }
        for at in all.zone(key) {
            if let Some(slot) = out.get_mut(at) {
                *slot += whole_count(n.mid);
            }
        }
    }
    out
}

/// Adds `n` evenly over some locations; the first ones take the odd ones.
fn even(n: u32, at: &[Location], out: &mut [u32]) {
    let Ok(all) = u32::try_from(at.len()) else { return };
    for (i, l) in (0_u32..).zip(at) {
        if let Some(slot) = out.get_mut(*l) {
            *slot += n / all + u32::from(i < n % all);
        }
    }
}

/// Adds `n` replicas to a group of locations in the proportion of `placed`: whole multiples of it
/// first, then the rest one by one, location after location.
fn fit(placed: &[u32], group: &[Location], n: u32, out: &mut [u32]) {
    let of = |at: &Location| placed.get(*at).copied().unwrap_or(0);
    let sum: u32 = group.iter().map(of).sum();
    if sum == 0 {
        return;
    }
    let (times, mut rest) = (n / sum, n % sum);
    for at in group {
        if let Some(slot) = out.get_mut(*at) {
            *slot = times * of(at);
        }
    }
    let mut turn = 0;
    while rest > 0 {
        for at in group {
            if rest > 0
                && of(at) > turn
                && let Some(slot) = out.get_mut(*at)
            {
                *slot += 1;
                rest -= 1;
            }
        }
        turn += 1;
    }
}

/// A count of replicas or nodes as a whole number.
pub(super) fn whole_count(n: f64) -> u32 {
    whole(n, 0, 1_000_000_000)
}
