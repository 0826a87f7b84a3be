//! Where the pieces of a component are.
//!
//! In: `place`, `zones`, `regions` and counts. Out: how many replicas, copies or nodes are
//! in each zone of each region, and names of the zones. Even shares, the first zones the
//! odd ones, unless the design says otherwise; counts are per region, but for a `place`
//! that names regions or zones of theirs.

use super::net::Place;
use crate::analysis::ground::machines::count;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::{Component, Model, Value};

/// All zones of all regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Names, as scenarios write them: `a`, or `us-east-1.a` with several regions.
    pub names: Vec<String>,
    /// The region of each, by its order.
    pub region: Vec<usize>,
    /// Names of the regions.
    pub regions: Vec<String>,
    zones: usize,
}

impl Places {
    /// Of a design.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let regions = &model.system.regions;
        let (mut names, mut region) = (Vec::new(), Vec::new());
        for (i, r) in regions.iter().enumerate() {
            for z in &model.system.zones {
                names.push(if regions.len() > 1 { format!("{r}.{z}") } else { z.clone() });
                region.push(i);
            }
        }
        Self { names, region, regions: regions.clone(), zones: model.system.zones.len() }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The name of one.
    #[must_use]
    pub fn name(&self, place: Place) -> &str {
        self.names.get(place).map_or("", String::as_str)
    }

    /// The places that a zone's name means: with several regions, without one all of them.
    #[must_use]
    pub fn zone(&self, name: &str) -> Vec<Place> {
        let exact: Vec<Place> = self.matching(|n| n == name);
        if !exact.is_empty() {
            return exact;
        }
        let bare = name.rsplit('.').next().unwrap_or(name);
        let region = name.rsplit_once('.').map(|(r, _)| r);
        let fits =
            |n: &str| n.rsplit('.').next() == Some(bare) && region.is_none_or(|r| self.regions.iter().any(|x| x == r));
        self.matching(fits)
    }

    /// The places of a region.
    #[must_use]
    pub fn in_region(&self, name: &str) -> Vec<Place> {
        (0..self.count())
            .filter(|p| self.region.get(*p).and_then(|r| self.regions.get(*r)).is_some_and(|r| r == name))
            .collect()
    }

    fn matching(&self, fits: impl Fn(&str) -> bool) -> Vec<Place> {
        self.names.iter().enumerate().filter(|(_, n)| fits(n)).map(|(i, _)| i).collect()
    }

    /// The places a component may use: its regions' zones that it names.
    #[must_use]
    pub fn of(&self, c: &Component) -> Vec<Place> {
        let mut regions = c.attrs.words("regions");
        if regions.is_empty() {
            regions = c.attrs.words("region");
        }
        let zone = |p: Place| p % self.zones.max(1);
        let named = |p: Place, list: &[String]| {
            list.iter().any(|w| self.name(p) == w || self.name(p).rsplit('.').next() == Some(w))
        };
        let all = (0..self.count()).filter(|p| {
            let region = self.region.get(*p).and_then(|r| self.regions.get(*r));
            regions.is_empty() || region.is_some_and(|r| regions.contains(r))
        });
        match c.attrs.get("zones").map(|a| &a.value) {
            Some(Value::Words(list)) if !list.iter().any(|w| w == "all") => all.filter(|p| named(*p, list)).collect(),
            Some(Value::Number(k)) => all.filter(|p| as_f64(zone(*p)) < k.mid).collect(),
            _ => all.collect(),
        }
    }

    /// How many pieces of a component are in each place.
    ///
    /// # Errors
    /// When their number is not known.
    pub fn spread(&self, c: &Component) -> Result<Vec<usize>, Reason> {
        let mut out = vec![0; self.count()];
        if let Some(Value::Table(table)) = c.attrs.get("place").map(|a| &a.value) {
            for (key, n) in table {
                let at = if self.regions.contains(key) { self.in_region(key) } else { self.zone(key) };
                // A zone's number is of that zone; a region's is shared by its zones.
                let shared = self.regions.contains(key);
                even(whole(n.mid), &at, shared, &mut out);
            }
            return Ok(out);
        }
        let n = pieces(c)?;
        let own = self.of(c);
        for r in 0..self.regions.len() {
            let here: Vec<Place> = own.iter().copied().filter(|p| self.region.get(*p) == Some(&r)).collect();
            even(n, &here, true, &mut out);
        }
        Ok(out)
    }

    /// The places of single pieces, in order.
    ///
    /// # Errors
    /// When their number is not known.
    pub fn each(&self, c: &Component) -> Result<Vec<Place>, Reason> {
        let spread = self.spread(c)?;
        let each = spread.iter().enumerate().flat_map(|(p, n)| std::iter::repeat_n(p, *n));
        let all: Vec<Place> = each.collect();
        let gone = if c.lost.is_finite() { whole(c.lost) } else { all.len() };
        Ok(all.into_iter().skip(gone).collect())
    }
}

fn even(n: usize, at: &[Place], shared: bool, out: &mut [usize]) {
    for (i, p) in at.iter().enumerate() {
        let share = if shared { n / at.len() + usize::from(i < n % at.len()) } else { n };
        if let Some(slot) = out.get_mut(*p) {
            *slot += share;
        }
    }
}

/// Replicas of a server, copies of a store, nodes of what shares its keys.
fn pieces(c: &Component) -> Result<usize, Reason> {
    let name = match c.kind.facets.serve {
        Some(Serve::Nodes) if !c.kind.facets.stores => "nodes",
        _ => "replicas",
    };
    count(c, name).value.map(whole)
}

/// A count as a whole number.
#[must_use]
pub fn whole(n: f64) -> usize {
    // Counts of replicas are whole and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.clamp(0.0, 10_000.0) as usize;
    n
}

fn as_f64(n: usize) -> f64 {
    crate::theory::numeric::count(n as u64)
}
