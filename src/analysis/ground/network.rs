//! Round trip times between components.
//!
//! In: `network` of the system, zones. Out: seconds of one round trip. Never: bandwidth, the
//! distance between regions.

use crate::kinds::Absorb;
use crate::model::keys::{self, Key, Number};
use crate::model::{Component, Model};

/// Round trip times in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    client: f64,
    edge: f64,
    zone: f64,
    /// Inside a region: the mean over all pairs of zones.
    inside: f64,
    /// Between two machines in different zones; inside one zone if there is only one.
    pub between: f64,
}

impl Network {
    /// The round trip times of a design; 0 for those that neither the design nor a provider sets.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let block = model.system.attrs.read(keys::NETWORK);
        let get = |key: Key<Number>| block.and_then(|b| b.read(key)).map_or(0.0, |n| n.mid);
        let (client, edge, zone, cross) = (get(keys::CLIENT), get(keys::EDGE), get(keys::ZONE), get(keys::CROSS_ZONE));
        let zones = crate::theory::numeric::count(model.system.zones.len() as u64).max(1.0);
        let inside = zone / zones + cross * (zones - 1.0) / zones;
        Self { client, edge, zone, inside, between: if zones > 1.0 { cross } else { zone } }
    }

    /// The round trip time of one call in seconds, with the `network` attributes that it uses.
    #[must_use]
    pub fn trip(&self, from: &Component, to: &Component, in_zone: bool) -> (f64, &'static str) {
        let near_clients = |c: &Component| c.kind.facets.absorb == Some(Absorb::Hit);
        let people = |c: &Component| c.kind.facets.origin && !c.kind.facets.managed;
        match (people(from), near_clients(from), near_clients(to)) {
            (true, _, true) => (self.edge, "edge"),
            (true, ..) | (_, true, _) => (self.client, "client"),
            (_, _, true) => (self.client, "client"),
            _ if in_zone => (self.zone, "zone"),
            _ => (self.inside, "zone and cross_zone, by how many zones there are"),
        }
    }
}
