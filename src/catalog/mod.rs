//! Numbers that are facts of the world, each with source, date and confidence.
//!
//! In: files embedded at build time. Out: engines (in the language itself),
//! machines, regions. Never: a number without its source.

mod disks;
mod machines;
mod prices;
mod table;

pub use disks::{Disk, disk};
pub use machines::{Machine, REFERENCE_SPEED, hourly, is_region, machine, machines, regions};
pub use prices::{CONTAINERS, Container, EDGE, EGRESS, PRICED_REGION, Price, Tiers, container, price, tiered};

/// The shipped engines: file name and text, in the language itself.
pub const ENGINES: [(&str, &str); 3] = [
    ("catalog/engines/redis.arch", include_str!("../../catalog/engines/redis.arch")),
    ("catalog/engines/postgres.arch", include_str!("../../catalog/engines/postgres.arch")),
    ("catalog/engines/kafka.arch", include_str!("../../catalog/engines/kafka.arch")),
];

/// The version of the catalog; part of a plan's digest.
pub const VERSION: &str = "2026-07-20";
