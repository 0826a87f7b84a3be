//! Purchases: the machines and containers that a bill counts, over the day.
//!
//! In: replica counts, machines, the daily profile. Out: for each component the machine or container
//! that it buys, its on-demand price, and the number that runs at each time of the day. Never: storage,
//! requests, bytes.

use super::machines::hourly;
use crate::analysis::capacity::autoscale::replicas_over_day;
use crate::analysis::ground::known::{Known, Reason, ReasonKind};
use crate::analysis::ground::machines::{count, provided};
use crate::analysis::load::demand::Demand;
use crate::catalog::PRICED_REGION;
use crate::kinds::{Bill as Kind, Serve};
use crate::model::keys;
use crate::model::{CompId, Component, Model, Runs};

/// A product bought by the hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// A machine of a service: `ec2`, `m7g.large`.
    Machine {
        /// The service that sells it, by its catalog name.
        service: String,
        /// The name of the machine type.
        name: String,
    },
    /// Containers of any sold size.
    Containers,
}

/// The machines or containers of one component.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The component.
    pub component: CompId,
    /// The product; the reason if that is unknown.
    pub product: Result<Product, Reason>,
    /// US dollars an hour of one, on demand.
    pub price: Known,
    /// Number that runs, at evenly spaced times of a day; one entry if that is constant.
    pub running: Result<Vec<f64>, Reason>,
}

/// Whether the bill of a component counts machines by the hour.
fn by_the_hour(model: &Model, c: &Component) -> bool {
    let given = c.attrs.peek_at(keys::COST).is_some() || c.attrs.peek_at(keys::PRICE).is_some();
    let bought = match c.kind.facets.bill {
        Kind::Machines(_) => !c.is_provided_queue(),
        Kind::Balancer => !provided(c),
        Kind::Nothing | Kind::Edge | Kind::Objects | Kind::Price | Kind::Unlisted => false,
    };
    bought && !given && model.system.has_provider
}

/// The purchases of a design: the `machines` lines of its bill.
#[must_use]
pub fn purchases(model: &Model, demand: &Demand) -> Vec<Purchase> {
    let mut out = Vec::new();
    let elsewhere = model.system.regions.len() > 1 || model.system.regions.first().is_some_and(|r| r != PRICED_REGION);
    for (id, c) in model.all().filter(|(_, c)| by_the_hour(model, c)) {
        let serve = c.kind.facets.serve.unwrap_or(Serve::Processes);
        let most = count(c, if serve == Serve::Processes { "replicas" } else { "nodes" });
        let product = match c.deployment(&model.system).runs {
            Runs::Machine(m) => m
                .row
                .map(|service| Product::Machine { service: service.to_owned(), name: m.name.to_owned() })
                .ok_or_else(|| {
                    Reason::of(ReasonKind::Unpriced, c, format!("the catalog has no price of `{}`", m.name))
                }),
            Runs::Container(_) => Ok(Product::Containers),
            Runs::Unknown(why) => Err(why),
            Runs::Outside | Runs::Provider | Runs::Program => continue,
        };
        let running = most.map(|n| replicas_over_day(model, demand, id).unwrap_or_else(|| vec![n]));
        let price = if elsewhere {
            Err(Reason::of(ReasonKind::Unpriced, c, format!("the catalog has prices of {PRICED_REGION} alone")))
        } else {
            hourly(model, c).map(|(usd, _)| usd)
        };
        out.push(Purchase { component: id, product, price, running });
    }
    out
}
