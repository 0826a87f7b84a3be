//! Where requests come in: balancers and caches at the edge.
//!
//! In: what the plan balances and caches. Out: [`Lb`]s and [`Edge`]s. A program that the
//! internet calls without a balancer gets one, and the notes say so. Never: an opinion
//! on which requests go where beyond the routes of the flows.

use super::names::{identifier, short};
use super::stack::{Node, Reading, Stack};
use crate::resource::{Balancer, Edge as EdgeOf, Health, Service};

/// Requests that a target takes.
pub(super) struct Match {
    pub(super) id: String,
    pub(super) method: Option<String>,
    pub(super) path: String,
    pub(super) priority: usize,
}

/// A target group.
pub(super) struct Target {
    pub(super) id: String,
    pub(super) short: String,
    /// The ECS service behind it.
    pub(super) unit: String,
    pub(super) port: u16,
    pub(super) health: Health,
    pub(super) every: u32,
    pub(super) wait: u32,
    pub(super) matches: Vec<Match>,
}

/// An application load balancer.
pub(super) struct Lb {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    pub(super) internal: bool,
    pub(super) tls: bool,
    pub(super) algorithm: &'static str,
    pub(super) sticky: bool,
    pub(super) idle: u32,
    pub(super) targets: Vec<Target>,
    /// The target of all that no rule matches.
    pub(super) default: String,
    /// Whether clients or caches call it by a name of one's own.
    pub(super) named: bool,
    /// The component whose place it takes at the edge.
    pub(super) of: String,
}

impl Lb {
    /// Its port.
    pub(super) fn port(&self) -> u16 {
        if self.tls { 443 } else { 80 }
    }
}

/// Where an edge fetches what it does not have.
pub(super) struct Origin {
    pub(super) id: String,
    pub(super) bucket: bool,
    pub(super) tls: bool,
    pub(super) paths: Vec<String>,
}

/// A distribution.
pub(super) struct Edge {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
    pub(super) ttl: u32,
    pub(super) waf: bool,
    pub(super) compress: bool,
    pub(super) origins: Vec<Origin>,
    pub(super) default: String,
    pub(super) default_bucket: bool,
}

/// Seconds, whole and within bounds.
pub(super) fn seconds(n: f64, low: u32, high: u32) -> u32 {
    // Between two whole numbers.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(f64::from(low), f64::from(high)) as u32;
    n
}

/// Method and path pattern of a route: `POST /notes/{id}` is `POST`, `/notes/*`.
fn pattern(route: &str) -> (Option<String>, String) {
    let (method, path) = match route.split_once(char::is_whitespace) {
        Some((m, rest)) if !m.is_empty() && m.chars().all(|c| c.is_ascii_uppercase()) => {
            (Some(m.to_owned()), rest.trim())
        }
        _ => (None, route.trim()),
    };
    let parts =
        path.split('/').map(|p| if (p.starts_with('{') && p.ends_with('}')) || p.starts_with(':') { "*" } else { p });
    let path = parts.collect::<Vec<_>>().join("/");
    (method, if path.starts_with('/') { path } else { format!("/{path}") })
}

fn targets(r: &mut Reading, lb: &str, id: &str, default: &Health) -> (Vec<Target>, String) {
    let mut out: Vec<Target> = Vec::new();
    let mut priority = 1;
    let mut bare = None;
    let mut fallen = Vec::new();
    for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(lb) && !x.consumes) {
        let Some(w) = r.workloads().into_iter().find(|w| w.name == route.to) else {
            fallen.push(route.to.clone());
            continue;
        };
        let unit = r.names.id(&w.name);
        if out.iter().any(|t| t.unit == unit) {
            continue;
        }
        let tg = format!("{id}__{unit}");
        let health = w.health.clone().unwrap_or_else(|| default.clone());
        let every = seconds(health.every, 5, 300);
        let mut matches = Vec::new();
        for (n, p) in route.paths.iter().enumerate() {
            let (method, path) = pattern(p);
            matches.push(Match { id: format!("{tg}__{n}"), method, path, priority });
            priority += 1;
        }
        if matches.is_empty() {
            if bare.is_none() {
                bare = Some(tg.clone());
            } else {
                let what = format!("no flow says which requests `{lb}` passes on to it: `/{unit}/*` stands for them");
                r.note(&w.name, what);
                let path = format!("/{}/*", unit.replace('_', "-"));
                matches.push(Match { id: format!("{tg}__0"), method: None, path, priority });
                priority += 1;
            }
        }
        let short = short(&tg);
        out.push(Target { id: tg, short, unit, port: w.port, health, every, wait: (every - 1).clamp(2, 10), matches });
    }
    for to in fallen {
        r.note(lb, format!("it calls `{to}`, which no target group can hold: left out"));
    }
    let default = bare.or_else(|| out.first().map(|t| t.id.clone())).unwrap_or_default();
    // One target takes all: rules would only say it again.
    if let [only] = out.as_mut_slice() {
        only.matches.clear();
    }
    (out, default)
}

fn algorithm(r: &mut Reading, name: &str, policy: &str) -> (&'static str, bool) {
    match policy {
        "round_robin" | "" => ("round_robin", false),
        "least_connections" => ("least_outstanding_requests", false),
        "random" => ("weighted_random", false),
        "hash" => {
            r.note(name, "policy `hash`: a cookie keeps a client at its target; ALB has no hashing");
            ("round_robin", true)
        }
        other => {
            r.note(name, format!("policy `{other}`: ALB has none like it inside a region; round robin"));
            ("round_robin", false)
        }
    }
}

/// Balancers of the design, and those that a program on the internet needs.
pub(super) fn lbs(r: &mut Reading, s: &mut Stack) {
    let plain = Health { path: "/healthz".to_owned(), every: 10.0 };
    for m in r.managed() {
        let Service::Balancer(b) = &m.service else { continue };
        let Balancer { policy, terminates_tls, idle_timeout, health } = b;
        let id = r.names.id(&m.name);
        let (algorithm, sticky) = algorithm(r, &m.name, policy);
        let (targets, default) = targets(r, &m.name, &id, health.as_ref().unwrap_or(&plain));
        if targets.is_empty() {
            r.note(&m.name, "it passes nothing on: not built");
            r.nodes.remove(m.name.as_str());
            continue;
        }
        if health.is_none() {
            r.note(&m.name, "no health check in the design: targets without one of their own are asked for `/healthz`");
        }
        let callers = r.callers(&m.name);
        let outside = callers.iter().any(|c| c.is_none_or(|c| r.node(c) == Some(Node::Edge)));
        if !terminates_tls && outside {
            r.note(&m.name, "TLS does not end here: it listens for plain HTTP, on the internet");
        }
        s.lbs.push(Lb {
            short: short(&id),
            about: m.doc.clone().unwrap_or_else(|| m.name.clone()),
            internal: !outside,
            tls: *terminates_tls,
            algorithm,
            sticky,
            idle: seconds(idle_timeout.unwrap_or(60.0), 1, 4000),
            targets,
            default,
            named: *terminates_tls,
            of: m.name.clone(),
            id,
        });
    }
    for w in r.workloads() {
        if r.node(&w.name) != Some(Node::Unit) {
            continue;
        }
        let outside = r.callers(&w.name).iter().any(|c| c.is_none_or(|c| r.node(c) == Some(Node::Edge)));
        if !outside {
            continue;
        }
        r.note(&w.name, "the internet calls it without a balancer: one was added, with TLS, as its way in");
        let unit = r.names.id(&w.name);
        let id = r.names.fresh(&format!("{unit}_entry"));
        let health = w.health.clone().unwrap_or_else(|| plain.clone());
        let every = seconds(health.every, 5, 300);
        let tg = format!("{id}__{unit}");
        let wait = (every - 1).clamp(2, 10);
        let target =
            Target { short: short(&tg), id: tg.clone(), unit, port: w.port, health, every, wait, matches: Vec::new() };
        s.lbs.push(Lb {
            short: short(&id),
            about: format!("The way in to {}", w.name),
            internal: false,
            tls: true,
            algorithm: "least_outstanding_requests",
            sticky: false,
            idle: 60,
            targets: vec![target],
            default: tg,
            named: true,
            of: w.name.clone(),
            id,
        });
    }
}

/// Caches at the edge.
pub(super) fn edges(r: &mut Reading, s: &mut Stack) {
    for m in r.managed() {
        let Service::Edge(e) = &m.service else { continue };
        let EdgeOf { ttl, stale_while_revalidate, stale_if_error, waf, compress } = e;
        let mut origins: Vec<Origin> = Vec::new();
        for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(m.name.as_str())) {
            let paths: Vec<String> = route.paths.iter().map(|p| pattern(p).1).collect();
            let origin = match r.node(&route.to) {
                Some(Node::Lb | Node::Unit) => s.lbs.iter().find(|l| l.of == route.to).map(|l| Origin {
                    id: l.id.clone(),
                    bucket: false,
                    tls: l.tls,
                    paths,
                }),
                Some(Node::Bucket) => Some(Origin { id: r.names.id(&route.to), bucket: true, tls: true, paths }),
                _ => None,
            };
            match origin {
                Some(o) if origins.iter().all(|x| x.id != o.id) => origins.push(o),
                Some(_) => {}
                None => r.note(&m.name, format!("it fetches from `{}`, which is no web origin: left out", route.to)),
            }
        }
        let first = origins.iter().find(|o| o.paths.is_empty()).or(origins.first());
        let Some((default, default_bucket)) = first.map(|o| (o.id.clone(), o.bucket)) else {
            r.note(&m.name, "it has nothing to fetch from: not built");
            continue;
        };
        for o in &mut origins {
            if o.id == default {
                o.paths.clear();
            } else if o.paths.is_empty() {
                let path = format!("/{}/*", o.id.replace('_', "-"));
                r.note(&m.name, format!("no flow says which requests `{}` answers: `{path}` stands for them", o.id));
                o.paths.push(path);
            }
            o.paths.sort();
            o.paths.dedup();
        }
        if stale_while_revalidate.is_some() || stale_if_error.is_some() {
            let what = "stale answers: CloudFront serves them as the origin's `Cache-Control` says, so the origin must send `stale-while-revalidate` and `stale-if-error`";
            r.note(&m.name, what);
        }
        r.note(&m.name, "`ttl` holds for answers without `Cache-Control`; answers for one person must carry `private`");
        let id = identifier(&r.names.id(&m.name));
        s.edges.push(Edge {
            short: short(&id),
            about: m.doc.clone().unwrap_or_else(|| m.name.clone()),
            ttl: seconds(ttl.unwrap_or(0.0), 0, 31_536_000),
            waf: *waf,
            compress: *compress,
            origins,
            default,
            default_bucket,
            id,
        });
    }
}
