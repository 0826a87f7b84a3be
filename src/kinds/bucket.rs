//! Objects by name.

use super::Kind;
use super::common::{COMMON, SERVER};
use super::facets::{Facets, reads, writes};
use super::property::{Property, Type, prop};

static OWN: [Property; 3] = [
    prop("data", Type::Size, "Bytes kept today.").positive(),
    prop("growth", Type::Growth, "How the data grows; compounds."),
    prop("class", Type::Word(&["standard", "infrequent", "archive"]), "Storage class.")
        .default("standard", "what is read at all is cheapest there"),
];

pub(super) static KIND: Kind = Kind {
    name: "bucket",
    doc: "An object store: files by name, durable, run by the provider.",
    example: "bucket images { data = 2TB, growth = 3% per month }",
    ops: &[reads("get", "reads an object"), writes("put", "writes an object")],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets { stores: true, managed: true, ..Facets::NONE },
};
