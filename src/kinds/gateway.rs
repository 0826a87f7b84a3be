//! `gateway`: authenticates callers and limits their rates.

use super::Kind;
use super::common::{COMMON, SERVER, runtime};
use super::facets::{Bill, Facets, Rents, Serve, reads};
use super::property::{Property, Type, prop};
use crate::resource::{Auth, Resource, Role, Secret, View, Workload};

static OWN: [Property; 7] = [
    prop("cpu", Type::Latency, "CPU time of one request, at the reference speed (one m7g vCPU).")
        .default(
            "23.1us",
            "nginx 1.22 as a reverse proxy with kept connections, CPU time of the process on one EPYC vCPU, 2026-09; checks of tokens come on top; confidence medium",
        ),
    prop("auth", Type::Word(Auth::WORDS), "How callers prove who they are."),
    prop("authorize", Type::Word(&["none", "scopes", "roles", "policy"]), "How it decides what they may do."),
    prop("rate_limit", Type::Limit, "Requests admitted; the rest is refused."),
    prop("burst", Type::Count, "Requests above the limit that are let through at once.").whole(0.0),
    prop("log", Type::Bool, "Whether it logs each request."),
    runtime(),
];

pub(super) static KIND: Kind = Kind {
    name: "gateway",
    doc: "An API gateway: authentication, authorisation, rate limits and routing in front of services.",
    example: "gateway api { auth = jwt, rate_limit = 100 rps per client, cpu = 0.2ms, replicas = 2 }",
    ops: &[reads("call", "a request checked and passed on")],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets {
        calls: true,
        serve: Some(Serve::Processes),
        balances: true,
        bill: Bill::Machines(Rents::Programs),
        ..Facets::NONE
    },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let auth = view.value("auth", Auth::of).unwrap_or_default();
    if matches!(auth, Auth::Jwt | Auth::Oauth2) {
        out.push(Resource::Secret(Secret {
            name: format!("{}_jwt_key", view.name),
            of: view.name.to_owned(),
            about: "the key that tokens are checked with".to_owned(),
        }));
    }
    let limit = (view.number)("rate_limit").map(|rate| (rate, (view.word)("rate_limit")));
    let role = Role::Gateway { auth, limit, burst: (view.number)("burst") };
    out.push(Resource::Workload(Workload { role, ..super::workload(view) }));
}
