//! A Docker Compose project from a plan.
//!
//! In: the plan, nothing else. Out: `compose.yaml`, configurations of its servers, a
//! script that makes secrets, a README. Never: the value of a secret, a port open to the
//! network, a part of the plan that is left out without a note.

mod broker;
mod fronts;
mod pages;
mod programs;
mod project;
mod stores;
mod text;
mod watch;
mod wiring;

use super::file::OutFile;
use crate::plan::Plan;
use crate::resource::{Resource, Role, Service};
use fronts::Front;
use project::Project;

const SCHEDULE_SH: &str = include_str!("../../../templates/compose/schedule.sh");
const PRIMARY_SH: &str = include_str!("../../../templates/compose/primary.sh");
const REPLICA_SH: &str = include_str!("../../../templates/compose/replica.sh");
const TOKEN_SH: &str = include_str!("../../../templates/compose/token.sh");
const ALERTMANAGER_YAML: &str = include_str!("../../../templates/compose/alertmanager.yaml");

/// The files of the project.
#[must_use]
pub fn files(plan: &Plan) -> Vec<OutFile> {
    let mut p = Project::new(plan);
    let mut found: Vec<Front> = Vec::new();
    for r in &plan.resources {
        found.extend(resource(&mut p, r));
    }
    wiring::wire(&mut p);
    for f in &found {
        fronts::configure(&mut p, f);
    }
    let exposed = exposed(&p, &found);
    watch::watch(&mut p, &exposed);
    pages::finish(&mut p);
    p.files.sort_by(|a, b| a.path.cmp(&b.path));
    p.files
}

/// Adds the containers of one resource. Routes, topics, secrets, alerts and dashboards
/// are read where they are used.
fn resource(p: &mut Project, r: &Resource) -> Option<Front> {
    match r {
        Resource::Workload(w) => match &w.role {
            Role::Service => programs::service(p, w),
            Role::Schedule { every, at } => programs::schedule(p, w, *every, *at),
            Role::Balancer { policy } => return Some(fronts::own_balancer(p, w, *policy)),
            Role::Gateway { auth, limit, burst } => {
                return Some(fronts::gateway(p, w, *auth, limit.as_ref(), *burst));
            }
        },
        Resource::Managed(m) => match &m.service {
            Service::Edge(e) => return Some(fronts::edge(p, m, e)),
            Service::Balancer(b) => return Some(fronts::balancer(p, m, b)),
            Service::Records(r) => stores::records(p, m, r),
            Service::Memory(s) => stores::memory(p, m, s),
            Service::Log(l) => broker::log(p, m, l),
            Service::Objects(o) => stores::objects(p, m, o),
        },
        Resource::External(e) => programs::external(p, e),
        Resource::Volume(v) => {
            if let Some(bytes) = v.bytes.filter(|b| *b > 1e9) {
                let what = format!("its volume is not limited here: the design means {:.0} GB per node", bytes / 1e9);
                p.note(&v.of, what);
            }
        }
        Resource::Network(n) => {
            if n.zones.len() > 1 {
                let name = p.plan.name.clone();
                p.note(&name, "zones and regions mean nothing on one machine: all of it fails together");
            }
        }
        Resource::Route(_) | Resource::Secret(_) | Resource::Topic(_) | Resource::Dashboard(_) | Resource::Alert(_) => {
        }
    }
    None
}

/// Proxies that expose metrics; `first` marks those that the internet or an edge calls.
fn exposed(p: &Project, found: &[Front]) -> Vec<watch::Exposed> {
    let caches: Vec<&str> = found.iter().filter_map(Front::cache).collect();
    let mut out = Vec::new();
    for (name, port) in found.iter().filter_map(Front::proxy) {
        let first = p.plan.routes().any(|r| r.to == name && r.from.as_deref().is_none_or(|f| caches.contains(&f)));
        out.push(watch::Exposed { slug: p.plan.slug(name), port: fronts::admin_port(port), first });
    }
    out
}
