//! `client`: browsers, apps and devices, which send requests.

use super::Kind;
use super::common::{COMMON, INNER_CACHE};
use super::facets::{Absorb, Facets};
use super::property::{Property, Type, prop};
use crate::resource::{Resource, View};

static OWN: [Property; 5] = [
    prop("users", Type::Count, "People or devices; `per user` in a rate multiplies by it."),
    prop("regions", Type::Shares, "Where they are: region to share."),
    prop("cache", Type::Block(&INNER_CACHE), "The cache in the client."),
    prop("connections", Type::Count, "Connections open at once.").whole(0.0),
    prop("optimistic", Type::Bool, "Whether it shows its own writes before they are confirmed."),
];

pub(super) static KIND: Kind = Kind {
    name: "client",
    doc: "Browsers, apps or devices: where requests come from. A flow that starts here has the client's users, cache and place.",
    example: "client web { users = 2M, cache { hit = 20%, ttl = 60s } }",
    ops: &[],
    groups: &[&OWN, &COMMON],
    facets: Facets { origin: true, calls: true, absorb: Some(Absorb::CacheBlock), starts: true, ..Facets::NONE },
    engines: &[],
    lower,
};

/// A client runs outside of the design: it lowers to no resources.
fn lower(_: &View, _: &mut Vec<Resource>) {}
