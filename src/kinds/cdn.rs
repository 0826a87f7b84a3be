//! `cdn`: caches at the edge of the internet.

use super::Kind;
use super::common::COMMON;
use super::facets::{Absorb, Bill, Facets, reads};
use super::property::{Property, Type, prop};
use crate::resource::{Edge, Resource, Service, TlsMode, View};

static OWN: [Property; 9] = [
    prop("hit", Type::Ratio, "Share of the requests that it answers itself."),
    prop("ttl", Type::Time, "How long an answer is fresh.").positive(),
    prop("stale_while_revalidate", Type::Time, "How long a stale answer is served while a fresh one is fetched."),
    prop("stale_if_error", Type::Time, "How long a stale answer is served when the origin fails."),
    prop("age", Type::Bool, "Whether it passes the Age header on.").default("true", "RFC 9111 section 5.1"),
    prop("waf", Type::Bool, "Whether a web application firewall looks at each request."),
    prop("tls", Type::Word(TlsMode::WORDS), "Where TLS ends."),
    prop("compress", Type::Bool, "Whether it compresses answers."),
    prop("wait", Type::Latency, "Time of one request that needs no CPU.").default(
        "0.4ms",
        "as a reverse proxy: HAProxy adds at most 0.4 ms near its limit (haproxy.com, 2021); confidence low",
    ),
];

pub(super) static KIND: Kind = Kind {
    name: "cdn",
    doc: "A content delivery network: caches near the clients. It answers its hits and passes the rest on.",
    example: "cdn edge { hit = 85%, ttl = 5min, tls = terminate }",
    ops: &[reads("call", "a request that is answered from the cache or passed on")],
    groups: &[&OWN, &COMMON],
    facets: Facets { calls: true, absorb: Some(Absorb::Hit), managed: true, bill: Bill::Edge, ..Facets::NONE },
    engines: &[],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let edge = Edge {
        ttl: (view.number)("ttl"),
        stale_while_revalidate: (view.number)("stale_while_revalidate"),
        stale_if_error: (view.number)("stale_if_error"),
        waf: (view.flag)("waf").unwrap_or(false),
        compress: (view.flag)("compress").unwrap_or(false),
    };
    out.push(super::managed(view, Service::Edge(edge), 8080));
}
