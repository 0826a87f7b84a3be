//! `bucket`: objects by name.

use super::Kind;
use super::common::{COMMON, SERVER};
use super::facets::{Bill, Facets, reads, writes};
use super::property::{Property, Type, prop};
use crate::resource::{Objects, Resource, Service, StorageClass, View};

static OWN: [Property; 4] = [
    prop("data", Type::Size, "Bytes kept today.").positive(),
    prop("growth", Type::Growth, "How the data grows; compounds."),
    prop("class", Type::Word(StorageClass::WORDS), "Storage class.")
        .default("standard", "what is read at all is cheapest there"),
    prop("wait", Type::Latency, "Time of one request that needs no CPU.").default(
        "50ms",
        "the upper end of 20 to 50 ms to the first byte of an object store (unverified); confidence low",
    ),
];

pub(super) static KIND: Kind = Kind {
    name: "bucket",
    doc: "An object store: files by name, durable, run by the provider.",
    example: "bucket images { data = 2TB, growth = 3% per month }",
    ops: &[reads("get", "reads an object"), writes("put", "writes an object")],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets { stores: true, managed: true, bill: Bill::Objects, ..Facets::NONE },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let objects = Objects { class: view.value("class", StorageClass::of).unwrap_or_default() };
    out.push(super::managed(view, Service::Objects(objects), 9000));
}
