//! Where the pieces of a component are: how many in each zone, and where the primary is.
//!
//! In: `place`, `zones`, `primary`, the zones of the system, which of them are lost. Out:
//! counts by zone, in the order of the system's zones. Pieces are spread evenly, the first
//! zones take the odd ones, unless `place` says otherwise; a primary whose zone is not
//! said is in one of the zones that hold a copy. Never: a probability.

use super::{Component, System, Value};
use crate::theory::numeric::count;

/// The zone of a store's primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Primary {
    /// In the zone of that index.
    In(usize),
    /// In one of several: the design does not say in which.
    OneOf(Vec<usize>),
    /// Where the design says that it is, there is no copy.
    Nowhere,
}

impl Component {
    /// Of `n` pieces, how many are in each zone, whatever is lost; `None` if `place` does
    /// not say it by zone.
    #[must_use]
    pub fn spread(&self, n: f64, zones: &[String]) -> Option<Vec<f64>> {
        if let Some(Value::Table(table)) = self.attrs.get("place").map(|a| &a.value) {
            let here =
                |zone: &String| -> f64 { table.iter().filter(|(k, _)| is(k, zone)).map(|(_, v)| v.mid.max(0.0)).sum() };
            let placed: Vec<f64> = zones.iter().map(here).collect();
            let sum: f64 = placed.iter().sum();
            if sum < n - 0.5 {
                return None;
            }
            return Some(if sum > n + 0.5 { round_robin(&placed, n) } else { placed });
        }
        let own: Vec<bool> = match self.attrs.get("zones").map(|a| &a.value) {
            Some(Value::Words(list)) if !list.iter().any(|w| w == "all") => {
                zones.iter().map(|z| list.iter().any(|w| is(w, z))).collect()
            }
            Some(Value::Number(k)) => (0..zones.len()).map(|i| count(i as u64) < k.mid).collect(),
            _ => vec![true; zones.len()],
        };
        let all = count(own.iter().filter(|o| **o).count() as u64);
        let mut at = 0.0;
        let each = own.iter().map(|here| {
            if !here {
                return 0.0;
            }
            at += 1.0;
            ((n - (at - 1.0)) / all).ceil().max(0.0)
        });
        let each: Vec<f64> = each.collect();
        (each.iter().sum::<f64>() > 0.0 || n < 0.5).then_some(each)
    }

    /// The witnesses of its failover or quorum by zone; nothing where there are none.
    #[must_use]
    pub fn witnesses(&self, zones: &[String]) -> Option<Vec<f64>> {
        let Some(Value::Table(table)) = self.attrs.get("witnesses").map(|a| &a.value) else { return None };
        let here = |zone: &String| table.iter().filter(|(k, _)| is(k, zone)).map(|(_, v)| v.mid.max(0.0)).sum();
        Some(zones.iter().map(here).collect())
    }

    /// The zone of its primary, given where its copies are.
    #[must_use]
    pub fn primary(&self, copies: &[f64], zones: &[String]) -> Primary {
        let holds: Vec<usize> = copies.iter().enumerate().filter(|(_, n)| **n > 0.5).map(|(at, _)| at).collect();
        match (self.attrs.word("primary"), holds.as_slice()) {
            (Some(name), _) => {
                let at = zones.iter().position(|z| is(name, z)).filter(|at| holds.contains(at));
                at.map_or(Primary::Nowhere, Primary::In)
            }
            (None, []) => Primary::Nowhere,
            (None, [one]) => Primary::In(*one),
            (None, _) => Primary::OneOf(holds),
        }
    }

    /// Of `n` pieces, how many are left in each zone: none where the zone is lost, and what
    /// was lost beside from the zones with the fewest, which is the worst.
    #[must_use]
    pub fn left(&self, n: f64, system: &System) -> Option<Vec<f64>> {
        let mut each = self.spread(n, &system.zones)?;
        let mut more = self.lost;
        for (here, zone) in each.iter_mut().zip(&system.zones) {
            if system.lost.contains(zone) {
                more -= *here;
                *here = 0.0;
            }
        }
        while more > 0.5 {
            let few = each.iter_mut().filter(|n| **n > 0.5).min_by(|a, b| a.total_cmp(b));
            let Some(few) = few else { break };
            let taken = more.min(*few);
            *few -= taken;
            more -= taken;
        }
        Some(each)
    }
}

/// Whether a name of a place is that zone, with or without its region.
fn is(name: &str, zone: &str) -> bool {
    name == zone || name.rsplit('.').next() == Some(zone)
}

/// `n` of the pieces, zone after zone.
fn round_robin(placed: &[f64], n: f64) -> Vec<f64> {
    let mut out = vec![0.0; placed.len()];
    let mut rest = n;
    while rest > 0.5 {
        let before = rest;
        for (here, most) in out.iter_mut().zip(placed) {
            if rest > 0.5 && *here + 0.5 < *most {
                *here += 1.0;
                rest -= 1.0;
            }
        }
        if rest >= before {
            break;
        }
    }
    out
}
