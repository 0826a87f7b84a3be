//! Cost: US dollars a month (730 h), on demand, by component, part and flow.
//!
//! In: rates, bytes of calls, replica counts, machines, catalog prices. Out: parts, each with a
//! value or the reason why it is unknown. A sum is known only if all its parts are; the sum of
//! the known parts is a lower bound.
//!
//! Provisioned parts count machines (a container has the next sold size); metered parts
//! count the mean load. Prices cover one region; cost is unknown in any other. Never: an estimate
//! in place of a missing price. Source of the rules: AWS price pages as in `catalog/aws.csv`.

mod disks;
mod machines;
mod metered;
mod network;
mod provider;
mod purchases;

pub use purchases::{Product, Purchase, purchases};

use crate::analysis::capacity::cpu::cpu_time;
use crate::analysis::ground::known::{Known, sum};
use crate::analysis::ground::machines::provided;
use crate::analysis::load::demand::{Demand, FlowDemand};
use crate::catalog::PRICED_REGION;
use crate::kinds::Bill as Kind;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Model, Value};
use crate::units::{MONTH, significant};
use metered::{Metered, mean_rate, requests};
use std::collections::BTreeMap;

/// Hours in a month.
const HOURS: f64 = 730.0;
/// Bytes in a GiB.
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// One line of a bill.
#[derive(Clone, Debug)]
pub struct CostPart {
    /// The item: `machines` `storage` `requests` `transfer` …
    pub name: &'static str,
    /// US dollars a month.
    pub usd: Known,
    /// The arithmetic, as text.
    pub why: String,
    /// Use by flow, in any one unit: the weights by which the part is shared.
    by_flow: BTreeMap<usize, f64>,
}

/// The cost of one component.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// The lines of the bill.
    pub parts: Vec<CostPart>,
}

impl Bill {
    /// US dollars a month, if every line is known.
    ///
    /// # Errors
    /// The reasons of all unknown lines.
    pub fn total(&self) -> Known {
        sum(self.parts.iter().map(|p| &p.usd))
    }

    /// The sum of the known lines: a lower bound, US dollars a month.
    #[must_use]
    pub fn at_least(&self) -> f64 {
        // An empty sum of floats is -0.
        self.parts.iter().filter_map(|p| p.usd.as_ref().ok()).sum::<f64>() + 0.0
    }

    fn add(&mut self, name: &'static str, usd: Known, why: impl Into<String>, by_flow: BTreeMap<usize, f64>) {
        self.parts.push(CostPart { name, usd, why: why.into(), by_flow });
    }
}

/// The cost of a flow.
#[derive(Clone, Debug)]
pub struct FlowCost {
    /// US dollars a month.
    pub usd: Known,
    /// US dollars per 1000 requests.
    pub per_1k: Known,
}

/// The cost of a design.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// By component.
    pub components: Vec<Bill>,
    /// Costs of no single component: bytes to the internet and between zones, address translation.
    pub network: Bill,
    /// By flow.
    pub flows: Vec<FlowCost>,
}

impl Cost {
    /// The bills of all components, then the network's.
    fn bills(&self) -> impl Iterator<Item = &Bill> {
        self.components.iter().chain([&self.network])
    }

    /// US dollars a month of the whole design.
    ///
    /// # Errors
    /// Every reason why it is unknown.
    pub fn total(&self) -> Known {
        if self.bills().all(|b| b.parts.is_empty()) {
            return Err(Reason::new(ReasonKind::Unpriced, "nothing in this design has a price"));
        }
        let bills: Vec<Known> = self.bills().map(Bill::total).collect();
        sum(bills.iter())
    }

    /// The sum of the known lines: a lower bound, US dollars a month.
    #[must_use]
    pub fn at_least(&self) -> f64 {
        self.bills().map(Bill::at_least).sum::<f64>() + 0.0
    }

    /// Every reason why a part is unknown, each once.
    #[must_use]
    pub fn unknown(&self) -> Vec<Reason> {
        let lacks = self.bills().flat_map(|b| &b.parts).filter_map(|p| p.usd.as_ref().err());
        Reason::join(lacks).iter().flat_map(Reason::all).map(Reason::alone).collect()
    }

    /// US dollars a month by item, or every reason why it is unknown.
    #[must_use]
    pub fn parts(&self) -> BTreeMap<&'static str, Known> {
        let mut lines: BTreeMap<&'static str, Vec<&Known>> = BTreeMap::new();
        for p in self.bills().flat_map(|b| &b.parts) {
            lines.entry(p.name).or_default().push(&p.usd);
        }
        lines.into_iter().map(|(name, all)| (name, sum(all.into_iter()))).collect()
    }
}

/// The cost of a design.
#[must_use]
pub fn cost(model: &Model, demand: &Demand) -> Cost {
    let all: Vec<Metered> = demand
        .flows
        .iter()
        .enumerate()
        .flat_map(|(flow, fd)| fd.hops.iter().map(move |hop| Metered { flow, hop, rate: mean_rate(fd, hop) }))
        .collect();
    let mut into: Vec<Vec<&Metered>> = model.components.iter().map(|_| Vec::new()).collect();
    for m in &all {
        if let Some(list) = into.get_mut(m.hop.to.0) {
            list.push(m);
        }
    }
    let components = model
        .all()
        .map(|(id, c)| component(model, demand, id, c, into.get(id.0).map_or(&[][..], Vec::as_slice), &all))
        .collect();
    let mut out = Cost { components, network: network::bill(model, &all), flows: Vec::new() };
    let unknown_shares = unknown_shares(model, &into, &all);
    out.flows = demand.flows.iter().enumerate().map(|(i, fd)| flow(&out, &unknown_shares, i, fd)).collect();
    out
}

/// The bill of one component, from its calls alone.
#[must_use]
pub fn component_cost(model: &Model, demand: &Demand, id: CompId) -> Bill {
    let own: Vec<Metered> =
        demand.calls_of(id).map(|(flow, fd, hop)| Metered { flow: flow.0, hop, rate: mean_rate(fd, hop) }).collect();
    let into: Vec<&Metered> = own.iter().collect();
    component(model, demand, id, model.component(id), &into, &own)
}

/// For each bill, the reasons why the shares of the flows are unknown: calls with an unknown rate or
/// unknown CPU work. The network's bill is last.
fn unknown_shares(model: &Model, into: &[Vec<&Metered>], all: &[Metered]) -> Vec<Option<Reason>> {
    let own = |((_, c), calls): ((CompId, &Component), &Vec<&Metered>)| {
        let works = c.kind.facets.serve.is_some() && !provided(c);
        let lacks = calls.iter().filter_map(|m| {
            let cpu = m.hop.cpu.map_or_else(|| cpu_time(c, &m.hop.op), Ok);
            m.rate.as_ref().err().cloned().or_else(|| cpu.err().filter(|_| works))
        });
        Reason::join(lacks.collect::<Vec<_>>().iter())
    };
    let mut out: Vec<Option<Reason>> = model.all().zip(into).map(own).collect();
    out.push(Reason::join(all.iter().filter_map(|m| m.rate.as_ref().err())));
    out
}

/// The cost of one flow: its share of each part.
fn flow(cost: &Cost, unknown_shares: &[Option<Reason>], index: usize, fd: &FlowDemand) -> FlowCost {
    let mut shares: Vec<Known> = Vec::new();
    for (bill, doubt) in cost.bills().zip(unknown_shares) {
        for part in &bill.parts {
            let total: f64 = part.by_flow.values().sum();
            let Some(own) = part.by_flow.get(&index).filter(|w| **w > 0.0 && total > 0.0) else { continue };
            // Price tiers apply to the whole item, so one unknown line makes every share of it unknown.
            let lines = bill.parts.iter().filter(|p| p.name == part.name);
            let lacks = lines.filter_map(|p| p.usd.as_ref().err()).chain(doubt);
            shares.push(Reason::join(lacks).map_or_else(|| part.usd.clone().map(|b| b * own / total), Err));
        }
    }
    let usd = if shares.is_empty() {
        Err(Reason::new(ReasonKind::Unpriced, "nothing that it uses has a price"))
    } else {
        sum(shares.iter())
    };
    let lacks = [&usd, &fd.volume].into_iter().filter_map(|k| k.as_ref().err());
    let per_1k = match (Reason::join(lacks), &usd, &fd.volume) {
        (Some(why), ..) => Err(why),
        (None, Ok(usd), Ok(v)) if *v > 0.0 => Ok(usd / (v * MONTH) * 1000.0),
        _ => Err(Reason::new(ReasonKind::NotApplicable, "it has no requests")),
    };
    FlowCost { usd, per_1k }
}

/// The bill of a component; `into` are the calls it receives, `all` the calls of the design.
fn component(model: &Model, demand: &Demand, id: CompId, c: &Component, into: &[&Metered], all: &[Metered]) -> Bill {
    let mut bill = Bill::default();
    let (requests, by_rate) = requests(into);
    if let Some(attr) = c.attrs.attr(keys::COST).or_else(|| c.attrs.attr(keys::PRICE)) {
        if let Value::Price(p, per_second) = attr.value {
            let (usd, why) = if per_second {
                (Ok(p.mid * MONTH), "what the design says".to_owned())
            } else {
                let each = format!("what the design says: ${} per request", significant(p.mid, 4));
                (requests.map(|r| r * MONTH * p.mid), each)
            };
            bill.add("given", usd, why, by_rate);
        }
        return bill;
    }
    if !model.system.has_provider || c.kind.facets.bill == Kind::Nothing {
        return bill;
    }
    if c.kind.facets.bill == Kind::Price {
        bill.add("given", Err(Reason::missing(c, "price")), "", by_rate);
        return bill;
    }
    if model.system.regions.len() > 1 || model.system.regions.first().is_some_and(|r| r != PRICED_REGION) {
        let where_else = model.system.regions.iter().find(|r| *r != PRICED_REGION);
        let why = format!(
            "the catalog has prices of {PRICED_REGION} alone, not of {}",
            where_else.map_or("several regions", String::as_str)
        );
        bill.add("machines", Err(Reason::of(ReasonKind::Unpriced, c, why)), "", by_rate);
        return bill;
    }
    match c.kind.facets.bill {
        Kind::Machines(_) if c.is_provided_queue() => provider::queue(model, demand, id, c, into, &mut bill),
        Kind::Balancer if provided(c) => provider::balancer(model, into, &requests, &by_rate, &mut bill),
        Kind::Machines(_) | Kind::Balancer => machines::bill(model, demand, id, c, into, &by_rate, &mut bill),
        Kind::Edge => provider::edge(model, id, into, &requests, &by_rate, all, &mut bill),
        Kind::Objects => provider::objects(c, into, &mut bill),
        Kind::Unlisted => {
            let why = format!("the catalog has no price for a {} such as `{}`", c.kind.name, c.name);
            bill.add("observability", Err(Reason::of(ReasonKind::Unpriced, c, why)), "", BTreeMap::new());
        }
        Kind::Nothing | Kind::Price => {}
    }
    bill
}
