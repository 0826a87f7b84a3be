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

/// The round trip of one call.
#[derive(Clone, Copy)]
pub struct Trip {
    /// Its time in seconds.
    pub seconds: f64,
    /// The attribute of `network` that sets it, or the first of several.
    pub key: Key<Number>,
    /// The names of all of them, for a message.
    pub words: &'static str,
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

    /// The round trip of one call.
    #[must_use]
    pub fn trip(&self, from: &Component, to: &Component, in_zone: bool) -> Trip {
        let near_clients = |c: &Component| c.kind.facets.absorb == Some(Absorb::Hit);
        let people = |c: &Component| c.kind.facets.origin && !c.kind.facets.managed;
        match (people(from), near_clients(from), near_clients(to)) {
            (true, _, true) => Trip { seconds: self.edge, key: keys::EDGE, words: "edge" },
            (true, ..) | (_, true, _) | (_, _, true) => {
                Trip { seconds: self.client, key: keys::CLIENT, words: "client" }
            }
            _ if in_zone => Trip { seconds: self.zone, key: keys::ZONE, words: "zone" },
            _ => Trip {
                seconds: self.inside,
                key: keys::ZONE,
                words: "zone and cross_zone, weighted by the number of zones",
            },
        }
    }
}
