//! Prices of committed use, from `catalog/commitments.csv`: reservations and savings plans.
//!
//! In: the table. Out: the offers for a machine, each a share of its on-demand price.
//! Never: a price for a family that the table does not list.

use super::table::fields;
use std::sync::LazyLock;

const CSV: &str = include_str!("../../catalog/commitments.csv");

/// The payment of a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// Each month.
    NoUpfront,
    /// Half at the start, half each month.
    PartialUpfront,
    /// At the start.
    AllUpfront,
    /// The source does not tell.
    NotRecorded,
}

impl Payment {
    /// Its word in output.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoUpfront => "no upfront",
            Self::PartialUpfront => "partial upfront",
            Self::AllUpfront => "all upfront",
            Self::NotRecorded => "payment not recorded",
        }
    }
}

/// One offer: a commitment is paid for every hour of its term, used or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Term, years: 1 or 3.
    pub years: u32,
    /// Its payment.
    pub payment: Payment,
    /// Price of an hour, as a share of the on-demand price.
    pub ratio: f64,
    /// Whether the figure is an estimate (confidence low).
    pub estimated: bool,
    /// Source, date and confidence.
    pub source: String,
}

struct Row {
    service: String,
    /// `m7g`; `any` for all families of the service.
    family: String,
    offer: Offer,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| CSV.lines().skip(1).filter_map(row).collect());

fn row(line: &str) -> Option<Row> {
    let f = fields(line);
    let at = |i: usize| f.get(i).map_or("", String::as_str);
    let plan = at(2);
    let years = if plan.contains("-1y-") {
        1
    } else if plan.contains("-3y-") {
        3
    } else {
        return None;
    };
    let payment = match plan.rsplit_once("y-").map_or("", |(_, p)| p) {
        "no-upfront" => Payment::NoUpfront,
        "partial-upfront" => Payment::PartialUpfront,
        "all-upfront" => Payment::AllUpfront,
        _ => Payment::NotRecorded,
    };
    let offer = Offer {
        years,
        payment,
        ratio: at(4).parse().ok()?,
        estimated: at(10) == "low",
        source: format!("{}, {}, confidence {}", at(8), at(9), at(10)),
    };
    Some(Row { service: at(0).to_owned(), family: at(1).to_owned(), offer })
}

/// The offers for a machine of a service (`rds-postgres-single-az`, `db.m7g.large`), the cheapest
/// first; `fargate` for a container. A row of the machine's family replaces the estimate for all
/// families with the same term and payment. Empty if the table has none.
#[must_use]
pub fn offers(service: &str, machine: &str) -> Vec<&'static Offer> {
    let family = family(machine);
    let of = |name: &str| {
        ROWS.iter()
            .filter(|r| service.starts_with(&r.service) && r.family == name)
            .map(|r| &r.offer)
            .collect::<Vec<_>>()
    };
    let mut out = of(family);
    let listed = out.clone();
    out.extend(of("any").into_iter().filter(|o| !listed.iter().any(|l| l.years == o.years && l.payment == o.payment)));
    out.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    out
}

/// `m7g` of `m7g.large`, `db.m7g.large` and `cache.m7g.large`.
fn family(machine: &str) -> &str {
    let mut parts = machine.split('.');
    match parts.next().unwrap_or("") {
        "db" | "cache" | "kafka" => parts.next().unwrap_or(""),
        plain => plain,
    }
}

/// Every row, for the reference pages: service, family and offer.
pub fn commitments() -> impl Iterator<Item = (&'static str, &'static str, &'static Offer)> {
    ROWS.iter().map(|r| (r.service.as_str(), r.family.as_str(), &r.offer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        assert_eq!(ROWS.len(), CSV.lines().count() - 1);
        assert!(ROWS.iter().all(|r| r.offer.ratio > 0.0 && r.offer.ratio < 1.0));
    }

    #[test]
    fn a_family_row_replaces_the_estimate() {
        // catalog/commitments.csv: ec2 m7g 3y all upfront 0.395 (high), any 0.4 (low).
        let m7g = offers("ec2", "m7g.large");
        let three = m7g.iter().find(|o| o.years == 3 && o.payment == Payment::AllUpfront).expect("an offer");
        assert!((three.ratio - 0.395).abs() < 1e-12 && !three.estimated);
        assert!(m7g.iter().any(|o| o.years == 1 && o.estimated), "1y is an average of all families");
        assert!(offers("msk", "kafka.m7g.large").is_empty());
        assert_eq!(offers("rds-postgres-single-az", "db.m7g.large").len(), 2);
        assert!(offers("rds-postgres-single-az", "db.r7g.large").is_empty());
        assert_eq!(offers("fargate", "").len(), 2);
    }
}
