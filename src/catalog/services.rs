//! Services that rent machines: machines sold, with names and prices.
//!
//! In: `catalog/aws.csv`. Out: the machine of a service by its full or plain name, its price for an
//! engine, the most similar machines sold. Never: a machine or a price of another service.

use super::machines::{Machine, machine, machines};
use super::table::{CSV, fields};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A service of the provider that rents machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Machines for programs: `m7g.large`.
    Ec2,
    /// Managed relational databases: `db.m7g.large`.
    Rds,
    /// Managed caches: `cache.r7g.large`.
    ElastiCache,
    /// Managed Kafka brokers: `kafka.m7g.large`, `express.m7g.large`.
    Msk,
    /// Managed search: `m7g.large.search`.
    OpenSearch,
}

/// A machine as one catalog row sells it.
struct Row {
    /// The row's service: `ec2`, `rds-postgres-single-az` …
    service: String,
    /// US dollars an hour.
    usd: f64,
}

/// Rows by the name of the machine, in catalog order.
static ROWS: LazyLock<BTreeMap<String, Vec<Row>>> = LazyLock::new(|| {
    let mut out: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in CSV.lines().skip(1) {
        let f = fields(line);
        let at = |i: usize| f.get(i).map_or("", String::as_str);
        if let Ok(usd) = at(12).parse::<f64>()
            && at(3).parse::<f64>().is_ok()
            && at(13) == "USD/h"
            && !at(0).contains("reserved")
        {
            out.entry(at(1).to_owned()).or_default().push(Row { service: at(0).to_owned(), usd });
        }
    }
    out
});

/// Engines with rows of their own in RDS.
static RDS_ENGINES: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| ROWS.values().flatten().filter_map(|r| engine_of(&r.service)).collect());

impl Service {
    /// The provider's name of the service.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::Rds => "RDS",
            Self::ElastiCache => "ElastiCache",
            Self::Msk => "MSK",
            Self::OpenSearch => "OpenSearch",
        }
    }

    /// Prefix and suffix of the names of its machines.
    fn affixes(self) -> (&'static str, &'static str) {
        match self {
            Self::Ec2 => ("", ""),
            Self::Rds => ("db.", ""),
            Self::ElastiCache => ("cache.", ""),
            Self::Msk => ("kafka.", ""),
            Self::OpenSearch => ("", ".search"),
        }
    }

    /// Machines for a store that names none, smallest first: current families with two full cores or more.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::Rds => {
                &["db.m7g.large", "db.r6g.large", "db.m7g.xlarge", "db.r6g.xlarge", "db.m7g.2xlarge", "db.r6g.2xlarge"]
            }
            Self::ElastiCache => &[
                "cache.r7g.large",
                "cache.r7g.xlarge",
                "cache.r7g.2xlarge",
                "cache.r7g.4xlarge",
                "cache.r7g.8xlarge",
                "cache.r7g.12xlarge",
                "cache.r7g.16xlarge",
            ],
            Self::Msk => &["kafka.m7g.large", "kafka.m7g.xlarge", "kafka.m7g.2xlarge"],
            Self::Ec2 | Self::OpenSearch => &[],
        }
    }

    /// The smallest machine for a store that names none, with at least `cores` vCPUs and `bytes` of memory.
    #[must_use]
    pub fn usual_machine(self, cores: f64, bytes: f64) -> Option<&'static Machine> {
        let mut all = self.usual().iter().filter_map(|name| machine(name));
        all.find(|m| m.vcpu >= cores - 1e-9 && m.memory >= bytes * (1.0 - 1e-9))
    }

    /// Whether a row sells machines of this service for that engine, or for any engine if it has no
    /// rows of its own.
    fn sells(self, row: &str, engine: Option<&str>) -> bool {
        match self {
            Self::Ec2 => row == "ec2",
            Self::Rds => match engine.filter(|e| RDS_ENGINES.contains(e)) {
                Some(e) => engine_of(row) == Some(e),
                None => engine_of(row).is_some(),
            },
            Self::ElastiCache => row.starts_with("elasticache-"),
            Self::Msk => row == "msk",
            Self::OpenSearch => row == "opensearch",
        }
    }

    fn rows(self, name: &str, engine: Option<&str>) -> impl Iterator<Item = &'static Row> {
        let rows = ROWS.get(name).map_or(&[][..], Vec::as_slice);
        rows.iter().filter(move |r| self.sells(&r.service, engine))
    }

    /// The machine that a name in a design means: the service's own name, or the plain name without
    /// the service's affix (`r7g.large` for `cache.r7g.large`).
    #[must_use]
    pub fn machine(self, name: &str, engine: Option<&str>) -> Option<&'static Machine> {
        let sold = |name: &str| self.rows(name, engine).next().is_some();
        if sold(name) {
            return machine(name);
        }
        let (head, tail) = self.affixes();
        let full = format!("{head}{name}{tail}");
        if sold(&full) { machine(&full) } else { None }
    }

    /// The catalog row that prices a machine for an engine, by the machine's full name.
    #[must_use]
    pub fn row(self, name: &str, engine: Option<&str>) -> Option<&'static str> {
        self.rows(name, engine).next().map(|r| r.service.as_str())
    }

    /// Hourly price of a machine in US dollars, by its full name.
    ///
    /// # Errors
    /// A sentence, if the service does not sell it, or if it has several prices and no engine is
    /// set.
    pub fn hourly(self, name: &str, engine: Option<&str>) -> Result<f64, String> {
        let mut rows = self.rows(name, engine);
        let Some(first) = rows.next() else {
            return Err(format!("the catalog has no price of `{name}` as a machine of {}", self.title()));
        };
        let other = rows.find(|r| (r.usd - first.usd).abs() > 1e-12);
        other.map_or(Ok(first.usd), |other| {
            let of = |r: &Row| engine_of(&r.service).unwrap_or(&r.service).to_owned();
            Err(format!(
                "`{name}` costs ${}/h for {} and ${}/h for {}: its price needs an engine",
                first.usd,
                of(first),
                other.usd,
                of(other)
            ))
        })
    }

    /// Machines that the service sells for an engine, by name.
    pub fn machines(self, engine: Option<&str>) -> impl Iterator<Item = &'static Machine> {
        machines().filter(move |m| self.rows(&m.name, engine).next().is_some())
    }

    /// Machines that the service sells for an engine, most similar first: by size, then by memory
    /// for each vCPU.
    #[must_use]
    pub fn nearest(self, name: &str, engine: Option<&str>) -> Vec<&'static str> {
        let wanted = Self::plain(name);
        let mut all: Vec<_> = ROWS
            .keys()
            .filter(|n| self.rows(n, engine).next().is_some())
            .map(|n| {
                let sold = Self::plain(n);
                let (other, far) = (sold.size != wanted.size, sold.class().abs_diff(wanted.class()));
                (sold.name != wanted.name, other, far, std::cmp::Reverse(n.as_str()))
            })
            .collect();
        all.sort();
        all.into_iter().take(3).map(|(.., n)| n.0).collect()
    }

    /// A name without the affix of any service.
    fn plain(name: &str) -> Plain<'_> {
        let head = ["db.", "cache.", "kafka.", "express."].iter().find_map(|p| name.strip_prefix(p));
        let name = head.unwrap_or(name);
        let name = name.strip_suffix(".search").unwrap_or(name);
        let (family, size) = name.split_once('.').unwrap_or((name, ""));
        Plain { name, family, size }
    }
}

/// A machine's name without its service's affix.
struct Plain<'a> {
    /// `r7g.2xlarge`.
    name: &'a str,
    /// `r7g`.
    family: &'a str,
    /// `2xlarge`.
    size: &'a str,
}

impl Plain<'_> {
    /// Memory for each vCPU, by the first letter of the family; burstable and special families are
    /// far from all others.
    fn class(&self) -> u8 {
        match self.family.chars().next() {
            Some('c') => 0,
            Some('m') => 1,
            Some('r') => 2,
            _ => 9,
        }
    }
}

/// The engine of a row of RDS: `postgres` of `rds-postgres-single-az`.
fn engine_of(row: &str) -> Option<&str> {
    row.strip_prefix("rds-")?.strip_suffix("-single-az")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(service: Service, written: &str, engine: Option<&str>) -> Option<&'static str> {
        service.machine(written, engine).map(|m| m.name.as_str())
    }

    #[test]
    fn a_plain_name_is_a_machine_of_the_service() {
        assert_eq!(name(Service::Rds, "m7g.large", Some("postgres")), Some("db.m7g.large"));
        assert_eq!(name(Service::Rds, "db.m7g.large", None), Some("db.m7g.large"));
        assert_eq!(name(Service::ElastiCache, "r7g.large", Some("redis")), Some("cache.r7g.large"));
        assert_eq!(name(Service::Msk, "m7g.large", Some("kafka")), Some("kafka.m7g.large"));
        assert_eq!(name(Service::Msk, "express.m7g.large", None), Some("express.m7g.large"));
        assert_eq!(name(Service::OpenSearch, "m7g.large", None), Some("m7g.large.search"));
        assert_eq!(name(Service::Ec2, "m7g.large", None), Some("m7g.large"));
    }

    #[test]
    fn no_service_sells_the_machine_of_another() {
        assert_eq!(name(Service::Ec2, "db.m7g.large", None), None);
        assert_eq!(name(Service::Rds, "c7g.large", None), None);
        assert_eq!(name(Service::Rds, "cache.r7g.large", None), None);
        assert_eq!(name(Service::Msk, "r7g.large", None), None);
        // The catalog has rows of db.r7g only for MySQL and Aurora.
        assert_eq!(name(Service::Rds, "r7g.2xlarge", Some("postgres")), None);
        assert_eq!(name(Service::Rds, "r7g.2xlarge", Some("mysql")), Some("db.r7g.2xlarge"));
        assert_eq!(
            Service::Rds.nearest("r7g.2xlarge", Some("postgres")),
            ["db.r6i.2xlarge", "db.r6g.2xlarge", "db.r5.2xlarge"]
        );
        assert_eq!(
            Service::Msk.nearest("kafka.r7g.xlarge", None),
            ["kafka.m7g.xlarge", "kafka.m5.xlarge", "kafka.m7g.large"]
        );
    }

    #[test]
    fn a_store_without_a_machine_gets_the_smallest_that_holds_it() {
        let gib = 1024_f64.powi(3);
        let usual = |service: Service, cores, gibs: f64| service.usual_machine(cores, gibs * gib).map(|m| &*m.name);
        assert_eq!(usual(Service::Rds, 1.0, 0.0), Some("db.m7g.large"));
        assert_eq!(usual(Service::Rds, 1.0, 9.0), Some("db.r6g.large"));
        assert_eq!(usual(Service::Rds, 4.0, 16.0), Some("db.m7g.xlarge"));
        assert_eq!(usual(Service::Rds, 1.0, 65.0), None);
        assert_eq!(usual(Service::ElastiCache, 1.0, 13.0), Some("cache.r7g.large"));
        assert_eq!(usual(Service::ElastiCache, 1.0, 14.0), Some("cache.r7g.xlarge"));
        // All are in the catalog with a price, and none is smaller than the one before it.
        for service in [Service::Rds, Service::ElastiCache, Service::Msk] {
            let prices: Vec<f64> = service.usual().iter().map(|m| machine(m).expect("in the catalog").price).collect();
            assert!(prices.is_sorted(), "{service:?}: {prices:?}");
        }
    }

    #[test]
    fn the_engine_decides_between_prices() {
        let usd = |name, engine| Service::Rds.hourly(name, engine);
        // Rows `rds-postgres-single-az` and `rds-mysql-single-az` of db.r6g.large: 0.225 and 0.215.
        assert_eq!(usd("db.r6g.large", Some("postgres")), Ok(0.225));
        assert_eq!(usd("db.r6g.large", Some("mysql")), Ok(0.215));
        assert!(usd("db.r6g.large", None).is_err_and(|e| e.contains("postgres") && e.contains("mysql")));
        // db.t4g.large costs 0.129 for both.
        assert_eq!(usd("db.t4g.large", None), Ok(0.129));
        assert_eq!(usd("db.m7g.large", None), Ok(0.168));
        assert!(usd("m7g.large", None).is_err());
    }
}
