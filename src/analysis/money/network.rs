//! What belongs to no single component: bytes to the internet and between zones, address
//! translation.
//!
//! In: all calls with their mean rates. Out: lines of a bill. Bytes between zones pay in
//! both directions, for the share of calls that cross zones; replies to clients and
//! requests to externals pay egress by tiers.

use super::Bill;
use super::HOURS;
use super::metered::Metered;
use super::metered::Way;
use super::metered::bytes;
use crate::analysis::ground::machines::provided;
use crate::catalog::{EGRESS, PRICED_REGION, price, tiered};
use crate::kinds::{Bill as Kind, Serve};
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::units::show_ratio;
use std::collections::BTreeMap;

/// Bytes that leave the region or change zones, and the gateways that translate addresses.
pub(super) fn bill(model: &Model, all: &[Metered]) -> Bill {
    let mut bill = Bill::default();
    let priced = model.system.regions.len() <= 1 && model.system.regions.iter().all(|r| r == PRICED_REGION);
    // What the whole design gives as its own price has no bill of the provider's.
    let on_list = |c: &Component| !matches!(c.kind.facets.bill, Kind::Nothing | Kind::Price | Kind::Unlisted);
    if !model.system.has_provider || !priced || !model.components.iter().any(on_list) {
        return bill;
    }
    let facets = |id: CompId| model.component(id).kind.facets;
    let at_edge = |id: CompId| facets(id).bill == Kind::Edge;
    let people = |id: CompId| facets(id).origin && facets(id).target;
    let inside = |id: CompId| on_list(model.component(id)) && !at_edge(id);
    // Replies to clients, what is pushed to them, and requests to others leave the region.
    let outward = || all.iter().filter(|m| inside(m.hop.from) && facets(m.hop.to).external);
    let replies = all.iter().filter(|m| people(m.hop.from) && inside(m.hop.to)).map(|m| (m, Way::Reply));
    let pushed = all.iter().filter(|m| inside(m.hop.from) && people(m.hop.to)).map(|m| (m, Way::Request));
    let mut leaving = replies.chain(pushed).chain(outward().map(|m| (m, Way::Request))).peekable();
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
                inside(from) && inside(to) && !managed(from) && facets(to).bill != Kind::Objects && !in_zone(m.flow)
            })
        };
        if crossing().next().is_some() {
            let share = (zones - 1.0) / zones;
            let each = 2.0 * price("dto", "cross-AZ each direction").usd;
            let what = format!("between machines, of which {} cross zones, in both directions", show_ratio(share));
            bytes(model, crossing().map(|m| (m, Way::Both))).bill(
                &mut bill,
                "transfer",
                |gib| gib * share * each,
                &what,
            );
        }
    }
    let works = |c: &Component| c.kind.facets.serve == Some(Serve::Processes) && !provided(c);
    if model.components.iter().any(works) {
        let usd = zones * price("nat", "hour").usd * HOURS;
        bill.add("network", Ok(usd), format!("one address translator a zone, {zones} x $0.045/h"), BTreeMap::new());
        if outward().next().is_some() {
            let usd = price("nat", "data").usd;
            bytes(model, outward().map(|m| (m, Way::Both))).bill(&mut bill, "network", |gib| gib * usd, "translated");
        }
    }
    bill
}
