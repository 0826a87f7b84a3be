//! Prices other than machine hours: containers, stored bytes, traffic, requests. From
//! `catalog/aws.csv`.
//!
//! In: the table. Out: prices, container sizes, tiers. Never: an amount that a design uses.

use super::table::{CSV, fields};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A price with its source.
#[derive(Clone, Debug)]
pub struct Price {
    /// US dollars.
    pub usd: f64,
    /// The unit: `USD/GB-month`, `USD/h` …
    pub unit: String,
    /// Source, date and confidence.
    pub source: String,
}

/// The only region with prices in the catalog.
pub const PRICED_REGION: &str = "us-east-1";

static PRICES: LazyLock<BTreeMap<(String, String), Price>> = LazyLock::new(|| {
    let rows = CSV.lines().skip(1).filter_map(|line| {
        let f = fields(line);
        let at = |i: usize| f.get(i).map_or("", String::as_str);
        let usd = at(12).parse::<f64>().ok()?;
        let source = format!("{}, {}, confidence {}", at(15), at(16), at(18));
        Some(((at(0).to_owned(), at(1).to_owned()), Price { usd, unit: at(13).to_owned(), source }))
    });
    rows.collect()
});

/// The price of a catalog row, by service and name.
///
/// # Panics
/// Never: a test checks that every name in the program has a row.
#[must_use]
pub fn price(service: &str, name: &str) -> &'static Price {
    PRICES
        .get(&(service.to_owned(), name.to_owned()))
        .unwrap_or_else(|| unreachable!("the catalog has a row `{service},{name}`"))
}

/// A container size that is sold: vCPUs, least and most memory in GB, step in GB.
#[derive(Clone, Copy, Debug)]
pub struct Container {
    /// vCPUs.
    pub vcpu: f64,
    /// Least memory, GB of 1024 cubed.
    pub least: f64,
    /// Most memory.
    pub most: f64,
    /// The step between sold memory sizes.
    pub step: f64,
}

/// Sizes that Fargate sells (AWS documentation, "Task CPU and memory", read 2026-09,
/// confidence high). The smallest also sells 0.5 GB.
pub const CONTAINERS: [Container; 7] = [
    Container { vcpu: 0.25, least: 0.5, most: 2.0, step: 0.5 },
    Container { vcpu: 0.5, least: 1.0, most: 4.0, step: 1.0 },
    Container { vcpu: 1.0, least: 2.0, most: 8.0, step: 1.0 },
    Container { vcpu: 2.0, least: 4.0, most: 16.0, step: 1.0 },
    Container { vcpu: 4.0, least: 8.0, most: 30.0, step: 1.0 },
    Container { vcpu: 8.0, least: 16.0, most: 60.0, step: 4.0 },
    Container { vcpu: 16.0, least: 32.0, most: 120.0, step: 8.0 },
];

/// The smallest sold container with at least that many vCPUs and bytes: vCPUs, GB.
#[must_use]
pub fn container(cores: f64, bytes: f64) -> Option<(f64, f64)> {
    let gb = bytes / 1024_f64.powi(3);
    CONTAINERS.iter().filter(|c| c.vcpu >= cores - 1e-9 && c.most >= gb - 1e-9).find_map(|c| {
        let more = ((gb - c.least).max(0.0) / c.step - 1e-9).ceil().max(0.0);
        // 0.25 vCPU is sold with 0.5, 1 and 2 GB.
        let memory = c.least + more * c.step;
        let memory = if c.vcpu < 0.3 && memory > 1.0 { 2.0 } else { memory };
        (memory <= c.most).then_some((c.vcpu, memory))
    })
}

/// Tiers of a monthly price: GB (of 1024 cubed bytes) in the tier, price.
#[derive(Clone, Copy, Debug)]
pub struct Tiers(&'static str, &'static [(f64, &'static str)]);

/// Traffic from the region to the internet.
pub const EGRESS: Tiers = Tiers(
    "dto",
    &[
        (10.0 * 1024.0, "internet first 10TB"),
        (40.0 * 1024.0, "next 40TB"),
        (100.0 * 1024.0, "next 100TB"),
        (f64::INFINITY, "over 150TB"),
    ],
);
/// Traffic from the edge to clients in the United States and Europe.
pub const EDGE: Tiers = Tiers(
    "cloudfront",
    &[
        (10.0 * 1024.0, "US/EU DTO first 10TB"),
        (40.0 * 1024.0, "next 40TB"),
        (100.0 * 1024.0, "next 100TB"),
        (350.0 * 1024.0, "next 350TB"),
        (524.0 * 1024.0, "next 524TB"),
        (4.0 * 1024.0 * 1024.0, "next 4PB"),
        (f64::INFINITY, "over 5PB"),
    ],
);

/// US dollars for that many GB (of 1024 cubed bytes) in a month, each tier at its own price.
#[must_use]
pub fn tiered(tiers: Tiers, gb: f64) -> f64 {
    let mut left = gb.max(0.0);
    let mut sum = 0.0;
    for (size, name) in tiers.1 {
        let here = left.min(*size);
        sum += here * price(tiers.0, name).usd;
        left -= here;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tier_has_a_price() {
        for t in [EGRESS, EDGE] {
            for (_, name) in t.1 {
                assert!(price(t.0, name).unit == "USD/GB", "{name}");
            }
        }
        // 10 TB at 0.09, then 0.085.
        assert!((tiered(EGRESS, 10.0 * 1024.0 + 100.0) - (921.6 + 8.5)).abs() < 1e-9);
    }

    #[test]
    fn containers_are_rounded_up_to_sold_sizes() {
        let gib = 1024_f64.powi(3);
        assert_eq!(container(1.0, 0.5 * gib), Some((1.0, 2.0)));
        assert_eq!(container(0.25, 0.6 * gib), Some((0.25, 1.0)));
        assert_eq!(container(0.25, 1.2 * gib), Some((0.25, 2.0)));
        assert_eq!(container(0.25, 3.0 * gib), Some((0.5, 3.0)));
        assert_eq!(container(3.0, 9.5 * gib), Some((4.0, 10.0)));
        assert_eq!(container(8.0, 17.0 * gib), Some((8.0, 20.0)));
        assert_eq!(container(17.0, gib), None);
    }
}
