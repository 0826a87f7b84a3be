//! Network costs of no single component: bytes to the internet and between zones, address translation.
//!
//! In: all calls with their mean rates. Out: lines of a bill. Bytes between zones are charged in both
//! directions, for the share of calls that cross zones. Replies to clients and requests to
//! external systems are charged egress by tiers. Never: bytes at an edge, which bills its own.

use super::Bill;
use super::HOURS;
use super::metered::Direction;
use super::metered::Metered;
use super::metered::bytes;
use crate::analysis::ground::machines::provided;
use crate::catalog::{EGRESS, PRICED_REGION, price, tiered};
use crate::kinds::{Bill as Kind, Serve};
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::units::show_ratio;
use std::collections::BTreeMap;

/// Bills bytes that leave the region or cross zones, and the address translation gateways.
pub(super) fn bill(model: &Model, all: &[Metered]) -> Bill {
    let mut bill = Bill::default();
    let priced = model.system.regions.len() <= 1 && model.system.regions.iter().all(|r| r == PRICED_REGION);
    // A design in which no component has a catalog price has no network bill either.
    let on_list = |c: &Component| !matches!(c.kind.facets.bill, Kind::Nothing | Kind::Price | Kind::Unlisted);
    if !model.system.has_provider || !priced || !model.components.iter().any(on_list) {
        return bill;
    }
    let facets = |id: CompId| model.component(id).kind.facets;
    let at_edge = |id: CompId| facets(id).bill == Kind::Edge;
    let is_client = |id: CompId| facets(id).origin && facets(id).target;
    let is_inside = |id: CompId| on_list(model.component(id)) && !at_edge(id);
    // Replies to clients, pushes to clients and requests to external systems leave the region.
    let to_external = || all.iter().filter(|m| is_inside(m.hop.from) && facets(m.hop.to).external);
    let replies = all.iter().filter(|m| is_client(m.hop.from) && is_inside(m.hop.to)).map(|m| (m, Direction::Reply));
    let pushed = all.iter().filter(|m| is_inside(m.hop.from) && is_client(m.hop.to)).map(|m| (m, Direction::Request));
    let mut leaving = replies.chain(pushed).chain(to_external().map(|m| (m, Direction::Request))).peekable();
    if leaving.peek().is_some() {
        bytes(model, leaving).bill(&mut bill, "transfer", |gib| tiered(EGRESS, gib), "to the internet, by tiers");
    }
    let zones = crate::theory::numeric::count(model.system.zones.len() as u64).max(1.0);
    if zones > 1.0 {
        let in_zone = |flow: usize| model.flows.get(flow).is_some_and(|f| f.attrs.read(keys::AFFINITY) == Some("zone"));
        let managed = |id: CompId| facets(id).bill == Kind::Balancer && provided(model.component(id));
        let crossing = || {
            all.iter().filter(|m| {
                let (from, to) = (m.hop.from, m.hop.to);
                is_inside(from)
                    && is_inside(to)
                    && !managed(from)
                    && facets(to).bill != Kind::Objects
                    && !in_zone(m.flow)
            })
        };
        if crossing().next().is_some() {
            let share = (zones - 1.0) / zones;
            let each = 2.0 * price("dto", "cross-AZ each direction").usd;
            let what = format!("between machines, of which {} cross zones, in both directions", show_ratio(share));
            bytes(model, crossing().map(|m| (m, Direction::Both))).bill(
                &mut bill,
                "transfer",
                |gib| gib * share * each,
                &what,
            );
        }
    }
    let is_own_process = |c: &Component| c.kind.facets.serve == Some(Serve::Processes) && !provided(c);
    if model.components.iter().any(is_own_process) {
        let usd = zones * price("nat", "hour").usd * HOURS;
        bill.add("network", Ok(usd), format!("one address translator a zone, {zones} x $0.045/h"), BTreeMap::new());
        if to_external().next().is_some() {
            let usd = price("nat", "data").usd;
            bytes(model, to_external().map(|m| (m, Direction::Both))).bill(
                &mut bill,
                "network",
                |gib| gib * usd,
                "translated",
            );
        }
    }
    bill
}
