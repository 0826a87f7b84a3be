//! Machine shapes and prices of AWS, from `catalog/aws.csv`.
//!
//! In: the table. Out: machines, regions. Never: the price for an engine (`services.rs`).

use super::table::{CSV, fields};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A machine that is rented by the hour.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The provider's name: `m7g.large`, `db.r6g.xlarge`.
    pub name: String,
    /// Its service: `ec2`, `rds-postgres-single-az` …
    pub service: String,
    /// Virtual CPUs.
    pub vcpu: f64,
    /// Memory in bytes.
    pub memory: f64,
    /// Speed of one vCPU, `CoreMark` iterations per second; `None` if unknown.
    pub speed: Option<f64>,
    /// Sustained network bytes per second, each direction; `None` if unknown.
    pub network: Option<f64>,
    /// Whether its processor is an Arm (Graviton), so that images must be built for arm64.
    pub arm: bool,
    /// US dollars per hour, on demand, us-east-1.
    pub price: f64,
    /// Source of price and shape, with date and confidence.
    pub source: String,
}

/// `CoreMark` iterations per second of one m7g vCPU: the reference speed of `cpu` times. Mean of
/// the m7g rows of the catalog.
pub const REFERENCE_SPEED: f64 = 25_600.0;

/// Whether machines of that name have an Arm processor: by the naming conventions of EC2 ("Amazon EC2 instance
/// type naming conventions", read 2026-11) a `g` behind the generation, as in `m7g`, `c6gn` and `im4gn`.
fn is_arm(name: &str) -> bool {
    let family = name.split('.').find(|part| part.contains(|c: char| c.is_ascii_digit())).unwrap_or("");
    let options =
        family.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches(|c: char| c.is_ascii_digit());
    options.split('-').next().is_some_and(|letters| letters.contains('g'))
}

static MACHINES: LazyLock<BTreeMap<String, Machine>> = LazyLock::new(|| {
    // Rows of managed services lack a CoreMark score; they take that of the EC2 machine of the same
    // shape.
    let mut speeds: BTreeMap<String, f64> = BTreeMap::new();
    let mut networks: BTreeMap<String, f64> = BTreeMap::new();
    let mut all: BTreeMap<String, Machine> = BTreeMap::new();
    for line in CSV.lines().skip(1) {
        let f = fields(line);
        let at = |i: usize| f.get(i).map_or("", String::as_str);
        let number = |i: usize| at(i).parse::<f64>().ok();
        let (Some(vcpu), Some(price)) = (number(3), number(12)) else { continue };
        if at(13) != "USD/h" || at(0).contains("reserved") {
            continue;
        }
        let speed = number(11).map(|c| c / vcpu);
        if let Some(s) = speed {
            speeds.insert(at(1).to_owned(), s);
        }
        let network = number(6).map(|gbps| gbps * 1e9 / 8.0);
        if let Some(n) = network {
            networks.insert(at(1).to_owned(), n);
        }
        let source = format!("{}, {}, confidence {}", at(15), at(16), at(18));
        let m = Machine {
            name: at(1).to_owned(),
            service: at(0).to_owned(),
            vcpu,
            memory: number(5).unwrap_or(0.0) * 1024.0 * 1024.0 * 1024.0,
            speed,
            network,
            arm: is_arm(at(1)),
            price,
            source,
        };
        // Rows of one name differ only in price; `Service` chooses the price.
        all.entry(m.name.clone()).or_insert(m);
    }
    for m in all.values_mut() {
        let plain = m
            .name
            .trim_start_matches("db.")
            .trim_start_matches("cache.")
            .trim_start_matches("kafka.")
            .trim_end_matches(".search");
        m.speed = m.speed.or_else(|| speeds.get(plain).copied());
        m.network = m.network.or_else(|| networks.get(plain).copied());
    }
    all
});

/// The machine of a name.
#[must_use]
pub fn machine(name: &str) -> Option<&'static Machine> {
    MACHINES.get(name)
}

/// All machines by name.
pub fn machines() -> impl Iterator<Item = &'static Machine> {
    MACHINES.values()
}

/// Regions of AWS, commercial partition (AWS documentation, "Regions", read 2026-09).
const REGIONS: [&str; 34] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "ca-west-1",
    "mx-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "af-south-1",
    "me-south-1",
    "me-central-1",
    "il-central-1",
    "ap-south-1",
    "ap-south-2",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
];

/// Names of all regions.
#[must_use]
pub fn regions() -> &'static [&'static str] {
    &REGIONS
}

/// Whether a region has that name.
#[must_use]
pub fn is_region(name: &str) -> bool {
    REGIONS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Column `arch` of the catalog agrees with the convention of names, wherever it is filled.
    #[test]
    fn architectures_are_those_of_the_catalog() {
        let mut compared = 0;
        for line in CSV.lines().skip(1) {
            let f = fields(line);
            if let (Some(name), Some(arch @ ("x86_64" | "arm64"))) = (f.get(1), f.get(2).map(String::as_str)) {
                assert_eq!(is_arm(name), arch == "arm64", "{name}");
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared}");
        assert!(is_arm("db.m7g.large") && is_arm("cache.t4g.micro") && is_arm("kafka.m7g.large"));
        assert!(!is_arm("db.m6i.large") && !is_arm("kafka.m5.large") && !is_arm("g5.xlarge"));
    }

    #[test]
    fn shapes_are_read_with_their_speed() {
        let m = machine("m7g.large").expect("in the catalog");
        assert!((m.vcpu - 2.0).abs() < 1e-9 && (m.price - 0.0816).abs() < 1e-9);
        let db = machine("db.m7g.large").expect("in the catalog");
        assert!(db.speed.is_some_and(|s| (s - 25_830.0).abs() < 1.0), "{db:?}");
        assert!(machines().count() > 250);
        assert!(machines().all(|m| !m.source.is_empty() && m.price > 0.0));
    }
}
