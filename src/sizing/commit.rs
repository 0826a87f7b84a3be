//! The cheapest mix of on-demand use and commitments of one and three years.
//!
//! In: a sized design; what it buys by the hour, over the profile of the day; the offers of the
//! catalog. Out: for each machine the units to commit, and the cost with and without them. A linear
//! program chooses (`milp`); its cost is added up again. Commit unit k if it runs for a larger share
//! of the day than the offer's price is of the on-demand price (the newsvendor rule). Containers are
//! committed in on-demand dollars an hour, whatever their sizes, as the provider sells it.
//! Never: a price that the catalog does not have; what lacks one stays on demand, and is named.

use super::milp;
use crate::analysis::{Demand, Product, purchases};
use crate::catalog::{Offer, Payment, offers};
use crate::model::Model;
use std::collections::BTreeMap;

/// Hours of a month and of a year.
const HOURS: (f64, f64) = (730.0, 8760.0);
/// Tolerance in units: an amount this close to a level counts as the level.
const NEAR: f64 = 1e-6;

/// The commitments of a design.
#[derive(Clone, Debug, Default)]
pub struct Commitments {
    /// By machine; containers are one group.
    pub groups: Vec<Group>,
    /// Components whose machines, prices or counts are unknown, each with the reason. No total includes them.
    pub unknown: Vec<String>,
}

/// Machines of one sort, or all containers.
#[derive(Clone, Debug)]
pub struct Group {
    /// What is bought.
    pub product: Product,
    /// The components that buy it.
    pub components: Vec<String>,
    /// On-demand price of a unit, US dollars an hour; 1 for containers, whose units are dollars an hour.
    pub price: f64,
    /// Fewest, mean and most units over the day.
    pub units: (f64, f64, f64),
    /// US dollars a month, all on demand.
    pub on_demand: f64,
    /// The best mix with terms of one year at most. `None` if no offer is known.
    pub one_year: Option<Mix>,
    /// The best mix with terms of three years at most. `None` if no offer is known.
    pub three_years: Option<Mix>,
    /// Why there is no mix, if the solver failed.
    pub failed: Option<String>,
}

/// Commitments of one group.
#[derive(Clone, Debug)]
pub struct Mix {
    /// US dollars a month, with what stays on demand.
    pub cost: f64,
    /// What to commit; empty if all stays on demand.
    pub committed: Vec<Committed>,
}

/// Units committed under one offer.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The offer.
    pub offer: &'static Offer,
    /// Machines; of containers, on-demand dollars an hour.
    pub units: f64,
    /// US dollars a month, any upfront payment spread over the term.
    pub cost: f64,
    /// US dollars paid at the start. `None` if the source does not say.
    pub upfront: Option<f64>,
}

impl Commitments {
    /// US dollars a month: all on demand, with terms of one year at most, with three. Groups without an offer
    /// stay on demand.
    #[must_use]
    pub fn totals(&self) -> (f64, f64, f64) {
        let sum = |of: &dyn Fn(&Group) -> Option<f64>| {
            self.groups.iter().map(|g| of(g).unwrap_or(g.on_demand)).sum::<f64>() + 0.0
        };
        let cost = |mix: &Option<Mix>| mix.as_ref().map(|m| m.cost);
        (sum(&|_| None), sum(&|g| cost(&g.one_year)), sum(&|g| cost(&g.three_years).or(cost(&g.one_year))))
    }
}

/// The commitments of a design whose values are filled in.
#[must_use]
pub fn commitments(model: &Model, demand: &Demand) -> Commitments {
    let mut out = Commitments::default();
    // Price, components, and units over the day.
    let mut groups: BTreeMap<Product, (f64, Vec<String>, Vec<f64>)> = BTreeMap::new();
    for p in purchases(model, demand) {
        let name = &model.component(p.component).name;
        let (product, price, running) = match (p.product, p.price, p.running) {
            (Ok(product), Ok(price), Ok(running)) => (product, price, running),
            (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => {
                out.unknown.push(format!("`{name}`: {why}"));
                continue;
            }
        };
        let (price, each) = if product == Product::Containers { (1.0, price) } else { (price, 1.0) };
        let (_, names, day) = groups.entry(product).or_insert_with(|| (price, Vec::new(), vec![0.0]));
        names.push(name.clone());
        add(day, &running.iter().map(|n| n * each).collect::<Vec<f64>>());
    }
    out.groups = groups.into_iter().map(|(product, (price, names, day))| group(product, price, names, &day)).collect();
    out
}

/// Adds units at evenly spaced times; a single entry is constant.
fn add(day: &mut Vec<f64>, more: &[f64]) {
    if day.len() < more.len() {
        let constant = day.first().copied().unwrap_or(0.0);
        *day = vec![constant; more.len()];
    }
    for (i, n) in day.iter_mut().enumerate() {
        *n += more.get(i).or(more.first()).copied().unwrap_or(0.0);
    }
}

/// Shares of the day by the units that run, ascending.
fn levels(day: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = day.to_vec();
    sorted.sort_by(f64::total_cmp);
    let share = 1.0 / crate::theory::numeric::count(day.len() as u64);
    let mut out: Vec<(f64, f64)> = Vec::new();
    for n in sorted {
        match out.last_mut().filter(|(_, last)| n - *last <= NEAR) {
            Some((s, _)) => *s += share,
            None => out.push((share, n)),
        }
    }
    out
}

fn group(product: Product, price: f64, components: Vec<String>, day: &[f64]) -> Group {
    let levels = levels(day);
    let mean: f64 = levels.iter().map(|(share, n)| share * n).sum();
    let all = match &product {
        Product::Machine { service, name } => offers(service, name),
        Product::Containers => offers("fargate", ""),
    };
    let mut out = Group {
        product,
        components,
        price,
        units: (levels.first().map_or(0.0, |l| l.1), mean, levels.last().map_or(0.0, |l| l.1)),
        on_demand: mean * price * HOURS.0,
        one_year: None,
        three_years: None,
        failed: None,
    };
    let mut best = |years: u32| {
        let within: Vec<&'static Offer> = all.iter().copied().filter(|o| o.years <= years).collect();
        if within.is_empty() {
            return None;
        }
        match mix(&within, &levels, price) {
            Ok(mix) => Some(mix),
            Err(why) => {
                out.failed = Some(why);
                None
            }
        }
    };
    let (one, three) = (best(1), best(3));
    (out.one_year, out.three_years) = (one, three);
    out
}

/// The cheapest mix of some offers, each unit at `price` an hour on demand.
fn mix(offers: &[&'static Offer], levels: &[(f64, f64)], price: f64) -> Result<Mix, String> {
    let ratios: Vec<f64> = offers.iter().map(|o| o.ratio).collect();
    let found = milp::commit(&ratios, levels)?;
    // Whole units: a vertex of the program is a level.
    let near = |y: f64| levels.iter().map(|(_, n)| *n).find(|n| (n - y).abs() <= NEAR * n.max(1.0)).unwrap_or(y);
    let total = near(found.iter().sum());
    let mut left = total;
    let mut committed = Vec::new();
    for (offer, y) in offers.iter().zip(&found).filter(|(_, y)| **y > NEAR) {
        let units = near(*y).min(left);
        left -= units;
        let hourly = units * offer.ratio * price;
        let term = hourly * HOURS.1 * f64::from(offer.years);
        let upfront = match offer.payment {
            Payment::NoUpfront => Some(0.0),
            Payment::PartialUpfront => Some(term / 2.0),
            Payment::AllUpfront => Some(term),
            Payment::NotRecorded => None,
        };
        committed.push(Committed { offer, units, cost: hourly * HOURS.0, upfront });
    }
    let above: f64 = levels.iter().map(|(share, n)| share * (n - total).max(0.0)).sum();
    let cost = committed.iter().map(|c| c.cost).sum::<f64>() + above * price * HOURS.0;
    Ok(Mix { cost, committed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(years: u32, ratio: f64) -> &'static Offer {
        let payment = Payment::NoUpfront;
        Box::leak(Box::new(Offer { years, payment, ratio, estimated: false, source: String::new() }))
    }

    /// The cost of `k` units under the cheapest offer, an hour.
    fn at(k: f64, ratio: f64, day: &[f64]) -> f64 {
        k * ratio + day.iter().map(|n| (n - k).max(0.0)).sum::<f64>() / day.len() as f64
    }

    #[test]
    fn units_that_run_longer_than_the_break_even_are_committed() {
        // Ten hours with 3 machines, ten with 5, four with 9. Unit k runs 24 h up to k = 3, 14 h up to 5, 4 h
        // up to 9. At 0.6 of the price: 14 / 24 = 0.583 < 0.6 < 1, so 3 are committed; at 0.5: 5; at 0.1: 9.
        let day: Vec<f64> = [(10, 3.0), (10, 5.0), (4, 9.0)].iter().flat_map(|(h, n)| vec![*n; *h]).collect();
        for (ratio, units, cost) in [
            (0.6, 3.0, 3.0 * 0.6 + (10.0 * 2.0 + 4.0 * 6.0) / 24.0),
            (0.5, 5.0, 5.0 * 0.5 + 4.0 * 4.0 / 24.0),
            (0.1, 9.0, 9.0 * 0.1),
        ] {
            let found = mix(&[offer(1, ratio)], &levels(&day), 1.0).expect("a mix");
            let committed: f64 = found.committed.iter().map(|c| c.units).sum();
            assert!((committed - units).abs() < 1e-9, "{ratio}: {found:?}");
            assert!((found.cost - cost * 730.0).abs() < 1e-6, "{ratio}: {found:?}");
        }
    }

    #[test]
    fn no_number_of_units_is_cheaper() {
        let mut state = 17_u64;
        let mut next = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for _ in 0..200 {
            let day: Vec<f64> = (0..=next(47)).map(|_| next(12) as f64).collect();
            let (one, three) = (0.5 + next(50) as f64 / 100.0, 0.2 + next(60) as f64 / 100.0);
            let found = mix(&[offer(1, one), offer(3, three)], &levels(&day), 2.0).expect("a mix");
            let least = (0..=12).map(|k| at(f64::from(k), one.min(three), &day)).fold(f64::INFINITY, f64::min);
            assert!((found.cost - least * 2.0 * 730.0).abs() < 1e-6, "{found:?} {least} {day:?} {one} {three}");
            assert!(found.committed.iter().all(|c| (c.units - c.units.round()).abs() < 1e-9), "{found:?}");
        }
    }

    #[test]
    fn days_of_different_resolution_add_up() {
        let mut day = vec![2.0];
        add(&mut day, &[1.0, 3.0]);
        add(&mut day, &[4.0]);
        assert_eq!(day, [7.0, 9.0]);
        assert_eq!(levels(&[1.0, 1.0, 4.0, 1.0]), [(0.75, 1.0), (0.25, 4.0)]);
    }
}
