//! Attributes of the whole design.

use super::common::runtime;
use super::property::{Property, Type, prop};
use crate::resource::Survive;

static PROFILE: [Property; 3] = [
    prop("peak_to_mean", Type::Factor, "Peak rate over mean rate.")
        .default("2", "a consumer service's day; measure your own")
        .positive(),
    prop("peak_hour", Type::Clock, "Time of day of the peak.").default("20:00", "the evening peak of consumer traffic"),
    prop("trough", Type::Ratio, "Lowest rate over mean rate.").default("25%", "the early morning of consumer traffic"),
];

static NETWORK: [Property; 5] = [
    prop("client", Type::Time, "Round trip from a client to its region, and from an edge to it.")
        .default("40ms", "a choice: well below the 65 ms from coast to coast of the United States (unverified); confidence low, measure your own"),
    prop("edge", Type::Time, "Round trip from a client to the nearest edge.")
        .default("15ms", "a choice: an edge in the client's country; confidence low, measure your own"),
    prop("zone", Type::Time, "Round trip inside a zone.")
        .default("0.3ms", "the middle of the 0.1 to 0.5 ms usual inside one zone; confidence medium"),
    prop("cross_zone", Type::Time, "Round trip between two zones.")
        .default("1ms", "the middle of 0.5 to 1.5 ms; pings between zones of AWS eu-west-1 average 0.82 ms; confidence medium"),
    prop(
        "cross_region",
        Type::RegionTimes,
        "Round trip between two regions; may be a table of pairs: `{ us-east-1 eu-west-1 = 75ms }`.",
    ),
];

/// Attributes of `system`.
pub static SYSTEM: [Property; 11] = [
    prop(
        "provider",
        Type::Word(&["aws", "none"]),
        "`aws`, or `none`: reference CPU speed, and no network time or price but the design's own.",
    )
    .default("aws", "the catalog's only provider"),
    runtime(),
    prop("region", Type::Regions, "The region.").default("us-east-1", "where the catalog's prices are from"),
    prop("regions", Type::Regions, "The regions, if there are several."),
    prop("zones", Type::Count, "Zones in each region, named a, b, c ….")
        .default("3", "what a region of the catalog's provider offers at least")
        .between(1.0, 26.0),
    prop("zone_availability", Type::Ratio, "Share of time that one zone works; without it zones never fail."),
    prop("survive", Type::Word(Survive::WORDS), "What may be lost with every slo still met.")
        .default("none", "nothing was promised"),
    prop("headroom", Type::Ratio, "Share of every resource that stays free at peak, with nothing failed.")
        .default("0%", "nothing was promised"),
    prop("budget", Type::MoneyRate, "What the whole may cost."),
    prop("profile", Type::Block(&PROFILE), "How load varies over the day."),
    prop("network", Type::Block(&NETWORK), "Round trips."),
];
