//! Machines and containers by the hour.
//!
//! In: replica counts, machines. Out: lines of a bill. A container has the next size on sale, a machine of
//! programs a root volume.
//! Never: metered use.

use super::Bill;
use super::HOURS;
use super::disks;
use super::metered::Metered;
use crate::analysis::capacity::cpu::cpu_time;
use crate::analysis::ground::machines::count;
use crate::analysis::load::demand::Demand;
use crate::catalog::price;
use crate::kinds::Serve;
use crate::model::{CompId, Component, Model, Reason, ReasonKind, Rented, Runs, Sold};
use crate::units::significant;
use std::collections::BTreeMap;

/// US dollars an hour of one machine or container of a component, and its description.
///
/// # Errors
/// The reason why it is unknown, or that the component has no machine.
pub(super) fn hourly(model: &Model, c: &Component) -> Result<(f64, String), Reason> {
    match c.deployment(&model.system).runs {
        Runs::Machine(m) => {
            let whose = if m.named { "" } else { ", the smallest usual one that holds it" };
            m.hourly.map(|usd| (usd, format!("{} at ${}/h{whose}", m.name, significant(usd, 4))))
        }
        Runs::Container(Sold { vcpu, gib, hourly }) => {
            Ok((hourly, format!("a container of {vcpu} vCPU and {gib} GB at ${}/h", significant(hourly, 4))))
        }
        Runs::Unknown(why) => Err(why),
        Runs::Outside | Runs::Provider | Runs::Program => {
            Err(Reason::of(ReasonKind::NotApplicable, c, format!("`{}` has no machine of its own", c.name)))
        }
    }
}

/// Bills the machines of a component, and its disks if it stores data.
pub(super) fn bill(
    model: &Model,
    demand: &Demand,
    id: CompId,
    c: &Component,
    into: &[&Metered],
    by_rate: &BTreeMap<usize, f64>,
    bill: &mut Bill,
) {
    let serve = c.kind.facets.serve.unwrap_or(Serve::Processes);
    let number = if serve == Serve::Processes { "replicas" } else { "nodes" };
    let machines = count(c, number);
    let each = hourly(model, c);
    let mean = crate::analysis::mean_replicas(model, demand, id);
    let (running, number) = match (&machines, mean) {
        (Ok(most), Some(n)) if n < *most => {
            (Ok(n), format!("{} on average over the day ({most} at the peak)", significant(n, 3)))
        }
        (Ok(n), _) => (Ok(*n), n.to_string()),
        (Err(e), _) => (Err(e.clone()), String::new()),
    };
    let (usd, why) = match (&running, &each) {
        (Ok(n), Ok((usd, what))) => (Ok(n * usd * HOURS), format!("{number} x {what}")),
        (Err(e), _) | (_, Err(e)) => (Err(e.clone()), String::new()),
    };
    let weights = weights_by_flow(demand, id, c, into);
    bill.add("machines", usd, why, weights.clone());
    if let Runs::Machine(Rented { root_gib: gib @ 1.., .. }) = c.deployment(&model.system).runs {
        let per_gib = price("ebs", "gp3 storage").usd;
        let why = format!("{number} x a root volume of {gib} GiB at ${}/GiB", significant(per_gib, 4));
        bill.add("storage", running.map(|n| n * f64::from(gib) * per_gib), why, weights);
    }
    if !c.kind.facets.stores {
        return;
    }
    disks::bill(model, c, into, by_rate, bill);
}

/// Weights by flow: CPU work, or requests if the CPU work of some call is unknown.
fn weights_by_flow(demand: &Demand, id: CompId, c: &Component, into: &[&Metered]) -> BTreeMap<usize, f64> {
    let mut out = BTreeMap::new();
    let mut plain = BTreeMap::new();
    let mut all_known = true;
    for m in into {
        let Ok(rate) = m.rate else { continue };
        let cpu = m.hop.cpu.map_or_else(|| cpu_time(c, &m.hop.op), Ok);
        all_known &= cpu.is_ok();
        *plain.entry(m.flow).or_insert(0.0) += rate;
        *out.entry(m.flow).or_insert(0.0) += rate * cpu.map_or(0.0, |l| l.mean.mid);
    }
    if out.is_empty() {
        // A component without incoming calls is shared by the flows that start at it.
        for (i, fd) in demand.flows.iter().enumerate() {
            if fd.hops.iter().any(|h| h.from == id) {
                plain.insert(i, *fd.volume.as_ref().unwrap_or(&0.0));
            }
        }
    }
    if all_known && out.values().sum::<f64>() > 0.0 { out } else { plain }
}
