//! Connections: networks, variables, secrets, start order, published ports.
//!
//! In: the plan's routes, the containers. Out: the same containers, connected. Never: a
//! new container.

use super::project::{Net, Project, Value, Wait};
use super::text;
use crate::resource::Route;
use std::collections::BTreeSet;

/// Connects the containers along all routes.
pub(super) fn wire(p: &mut Project) {
    let routes: Vec<Route> = p.plan.routes().cloned().collect();
    for r in &routes {
        match &r.from {
            None => entry(p, r),
            Some(from) => edge(p, from, r),
        }
    }
    // A container that nobody calls is on a network too.
    let homes: Vec<(String, Net)> =
        p.access.values().flat_map(|a| a.members.iter().map(|m| (m.clone(), a.net))).collect();
    for (name, net) in homes {
        join(p, &name, net);
    }
    for c in p.containers.iter_mut().filter(|c| c.networks.is_empty()) {
        c.networks.insert(Net::App);
    }
    clocks(p, &routes);
    loops(p, &routes);
}

fn join(p: &mut Project, name: &str, net: Net) {
    for c in p.containers.iter_mut().filter(|c| c.name == name) {
        c.networks.insert(net);
    }
}

/// A route from the internet.
fn entry(p: &mut Project, r: &Route) {
    let Some((slug, port)) = p.access.get(&r.to).and_then(|a| a.http.clone()) else {
        p.note(&r.to, "called from outside of the project: no port is published, for it speaks no HTTP");
        return;
    };
    if p.containers.iter().any(|c| c.name == slug && !c.ports.is_empty()) {
        return;
    }
    join(p, &slug, Net::Edge);
    p.publish(&slug, port, &format!("{slug}, an entry point"));
    let mut more = None;
    for c in p.containers.iter_mut().filter(|c| c.name == slug && c.replicas > 1) {
        more = Some(c.replicas);
        c.replicas = 1;
    }
    if more.is_some() {
        p.note(&r.to, "runs once here: a published port belongs to one container");
    }
}

/// A route between two components.
fn edge(p: &mut Project, from: &str, r: &Route) {
    let Some(access) = p.access.get(&r.to).cloned() else {
        p.note(from, format!("its way to {} is not generated", r.to));
        return;
    };
    let callers: Vec<String> =
        p.containers.iter().filter(|c| c.component == from && c.calls).map(|c| c.name.clone()).collect();
    if callers.is_empty() {
        p.note(from, format!("calls {}, which nothing generated here does", r.to));
        return;
    }
    for name in callers.iter().chain(&access.members) {
        join(p, name, access.net);
    }
    for name in &callers {
        for c in p.containers.iter_mut().filter(|c| c.name == *name && c.told) {
            c.environment.extend(access.env.iter().cloned());
            c.secrets.extend(access.secrets.iter().cloned());
        }
    }
}

/// The calls of schedules.
fn clocks(p: &mut Project, routes: &[Route]) {
    let clocks: Vec<String> = p.plan.workloads().filter(|w| !w.role.is_program()).map(|w| w.name.clone()).collect();
    for of in clocks {
        let mut urls: BTreeSet<String> = BTreeSet::new();
        for r in routes.iter().filter(|r| r.from.as_deref() == Some(of.as_str())) {
            let Some((slug, port)) = p.access.get(&r.to).and_then(|a| a.http.clone()) else {
                p.note(&of, format!("what it starts at {} is not generated: no HTTP is spoken there", r.to));
                continue;
            };
            let path = r.paths.first().map_or_else(|| "/".to_owned(), |path| text::example_path(path));
            urls.insert(format!("http://{slug}:{port}{path}"));
        }
        if urls.is_empty() {
            p.note(&of, "it starts nothing here");
        }
        let targets: Vec<String> = urls.into_iter().collect();
        for c in p.containers.iter_mut().filter(|c| c.component == of) {
            c.environment.insert("TARGETS".to_owned(), Value::Text(targets.join(" ")));
        }
    }
}

/// The start order. Callers in a cycle cannot wait for each other: later ones do not.
fn loops(p: &mut Project, routes: &[Route]) {
    for r in routes {
        let (Some(from), Some(access)) = (&r.from, p.access.get(&r.to).cloned()) else { continue };
        let callers: Vec<String> =
            p.containers.iter().filter(|c| c.component == *from && c.calls).map(|c| c.name.clone()).collect();
        for caller in callers {
            for (on, wait) in &access.wait {
                if caller != *on && !p.depend(&caller, on, *wait) && *wait != Wait::Started {
                    p.note(from, format!("does not wait for {on} at the start: they wait in a circle"));
                }
            }
        }
    }
}
