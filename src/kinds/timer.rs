//! `timer`: starts work at set times.

use super::Kind;
use super::common::COMMON;
use super::facets::Facets;
use super::property::{Property, Type, prop};
use crate::resource::{Resource, Role, View, Workload};

static OWN: [Property; 2] = [
    prop("every", Type::Time, "Time between two starts: the rate of a flow that says none.").positive(),
    prop("at", Type::Clock, "Time of day of the start."),
];

pub(super) static KIND: Kind = Kind {
    name: "timer",
    doc: "A clock that starts a flow: nightly jobs, polling, reports.",
    example: "timer nightly { every = 1 day, at = 02:00 }",
    ops: &[],
    groups: &[&OWN, &COMMON],
    facets: Facets { origin: true, calls: true, target: false, starts: true, managed: true, ..Facets::NONE },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let role = Role::Schedule { every: (view.number)("every"), at: view.count("at") };
    out.push(Resource::Workload(Workload { role, serves: false, ..super::workload(view) }));
}
