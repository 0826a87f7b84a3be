//! `external`: systems that other organizations run.

use super::Kind;
use super::common::COMMON;
use super::facets::{Bill, Facets, reads};
use super::property::{Property, Type, prop};
use crate::resource::{External, Resource, View};

static OWN: [Property; 5] = [
    prop("latency", Type::Latency, "Time to its answer."),
    prop("limit", Type::Limit, "Requests it takes from us."),
    prop("price", Type::Price, "What a request or a month costs."),
    prop(
        "consistency",
        Type::Word(&[
            "linearizable",
            "sequential",
            "causal",
            "read_your_writes",
            "monotonic_reads",
            "bounded",
            "eventual",
        ]),
        "What it promises about reads.",
    ),
    prop("idempotent", Type::Bool, "Whether doing a request twice is the same as once."),
];

pub(super) static KIND: Kind = Kind {
    name: "external",
    doc: "A system that another organization runs: a payment provider, an identity provider, a partner's API.",
    example: "external psp { latency = p50 180ms p99 650ms, availability = 99.95%, limit = 3k rps }",
    ops: &[reads("call", "one request; a cache in front of it does not answer for it")],
    groups: &[&OWN, &COMMON],
    facets: Facets { external: true, bill: Bill::Price, ..Facets::NONE },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    out.push(Resource::External(External { name: view.name.to_owned(), doc: view.doc.map(str::to_owned) }));
}
