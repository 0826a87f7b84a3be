//! The catalog: numbers about products and providers, each with source, date and confidence.
//!
//! In: files embedded at build time. Out: machines, prices, regions. Never: a number without its source.

mod commitments;
mod disks;
mod machines;
mod prices;
mod services;
mod table;

pub use commitments::{Offer, Payment, commitments, offers};
pub use disks::{Disk, ROOT_GIB, disk};
pub use machines::{Machine, REFERENCE_SPEED, is_region, machine, machines, regions};
pub use prices::{CONTAINERS, Container, EDGE, EGRESS, PRICED_REGION, Price, Tiers, container, price, tiered};
pub use services::Service;

/// CPU seconds of one new TLS connection at the reference speed, with the source.
pub const NEW_CONNECTION: (f64, &str) = (
    1.0 / 34_344.0,
    "nginx takes 34,344 new HTTPS connections per second and CPU (nginx.com, testing the performance of NGINX); taken as the reference speed, confidence medium",
);

/// The version of the catalog; part of a plan's digest.
pub const VERSION: &str = "2026-07-20";
