//! The plan: the resources that must exist for a design to run, without kinds.
//!
//! In: the model with filled variables, its graph. Out: a [`Plan`]: resources in a fixed order, and
//! gaps. Backends read nothing else. Never: a file, a number that no analysis or design gave.

use crate::base::whole;
use crate::graph::CallGraph;
use crate::kinds::Serve;
use crate::model::keys::{self, Block, Flag, Number, Read};
use crate::model::{Attrs, CompId, Component, Model, Runs, Value};
use crate::resource::{Alert, Dashboard, Host, Managed, Network, Resource, Route, Topic, View, Watched, Workload};
use std::collections::{BTreeMap, BTreeSet};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// A gap: a part of the design that the plan does not contain, or only in part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The component, or the flow.
    pub of: String,
    /// The missing part, as a sentence.
    pub what: String,
}

/// The resources of a design.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The name of the system; `design` if it has none.
    pub name: String,
    /// Whether the design runs on a provider's machines.
    pub has_provider: bool,
    /// Resources: the network, then components in order of declaration, then routes, then alerts.
    pub resources: Vec<Resource>,
    /// Gaps.
    pub gaps: Vec<Gap>,
    slugs: BTreeMap<String, String>,
}

impl Plan {
    /// A name as a DNS label: lower-case letters, digits and `-`, unique in the plan.
    #[must_use]
    pub fn slug(&self, name: &str) -> String {
        self.slugs.get(name).cloned().unwrap_or_else(|| label(name))
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> Network {
        let mut all = self.resources.iter();
        all.find_map(|r| if let Resource::Network(x) = r { Some(x.clone()) } else { None }).unwrap_or_default()
    }

    /// All routes.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.resources.iter().filter_map(|r| if let Resource::Route(x) = r { Some(x) } else { None })
    }

    /// All workloads, in order of declaration.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload> {
        self.resources.iter().filter_map(|r| if let Resource::Workload(x) = r { Some(x) } else { None })
    }

    /// All managed services, in order of declaration.
    pub fn managed(&self) -> impl Iterator<Item = &Managed> {
        self.resources.iter().filter_map(|r| if let Resource::Managed(x) = r { Some(x) } else { None })
    }

    /// All dashboards, in order of declaration.
    pub fn dashboards(&self) -> impl Iterator<Item = &Dashboard> {
        self.resources.iter().filter_map(|r| if let Resource::Dashboard(x) = r { Some(x) } else { None })
    }

    /// All alerts: of flows, then of components.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.resources.iter().filter_map(|r| if let Resource::Alert(x) = r { Some(x) } else { None })
    }

    /// The topics of a broker.
    pub fn topics(&self, broker: &str) -> impl Iterator<Item = &Topic> {
        let all = self.resources.iter().filter_map(|r| if let Resource::Topic(x) = r { Some(x) } else { None });
        all.filter(move |t| t.broker == broker)
    }

    /// Bytes of the volume of one node of a component, if the design sets them.
    #[must_use]
    pub fn bytes(&self, of: &str) -> Option<f64> {
        let mut all = self.resources.iter().filter_map(|r| if let Resource::Volume(x) = r { Some(x) } else { None });
        all.find(|v| v.of == of)?.bytes
    }
}

/// A DNS label from a name.
fn label(name: &str) -> String {
    let text: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let text = text.trim_matches('-');
    if text.is_empty() { "x".to_owned() } else { text.to_owned() }
}

/// Lowers a design.
#[must_use]
pub fn plan(model: &Model, graph: &CallGraph) -> Plan {
    let mut out = Plan {
        name: model.system.name.clone().unwrap_or_else(|| "design".to_owned()),
        has_provider: model.system.has_provider,
        ..Plan::default()
    };
    let mut taken = BTreeSet::new();
    for (_, c) in model.all() {
        let base = label(&c.name);
        let mut slug = base.clone();
        let mut n = 2;
        while !taken.insert(slug.clone()) {
            slug = format!("{base}-{n}");
            n += 1;
        }
        out.slugs.insert(c.name.clone(), slug);
    }
    out.resources.push(Resource::Network(Network {
        region: model.system.regions.first().cloned().unwrap_or_default(),
        zones: model.system.zones.clone(),
    }));
    if let Some(more) = model.system.regions.get(1..).filter(|r| !r.is_empty()) {
        let what = format!("only the first region is generated; {} is not", more.join(", "));
        out.gaps.push(Gap { of: out.name.clone(), what });
    }
    for (id, c) in model.all() {
        component(model, graph, id, c, &mut out);
    }
    routes(model, &mut out);
    alerts(model, &mut out);
    out.gaps.sort();
    out.gaps.dedup();
    out
}

fn component(model: &Model, graph: &CallGraph, id: CompId, c: &Component, out: &mut Plan) {
    let mut count = |known: crate::model::Known| match known {
        Ok(n) => whole(n, 1, u32::MAX),
        Err(e) => {
            out.gaps.push(Gap { of: c.name.clone(), what: format!("generated with 1: {e}") });
            1
        }
    };
    let facets = c.kind.facets;
    let replicas = if facets.serve.is_some() { count(c.replicas()) } else { 1 };
    let (shards, nodes) = match facets.serve {
        Some(Serve::Copies | Serve::Nodes) => (count(c.shards()), count(c.nodes())),
        Some(Serve::Processes) | None => (1, 1),
    };
    let runs = host(model, c);
    let checked = balancers(model, graph, id).find_map(|b| {
        let block = b.attrs.read(keys::HEALTH_CHECK)?;
        Some((text(block, "path")?, block.read(keys::EVERY).map_or(10.0, |n| n.mid)))
    });
    let view = View {
        name: &c.name,
        doc: c.doc.as_deref(),
        engine: c.product.as_deref(),
        replicas,
        shards,
        nodes,
        cpus: c.attrs.read(keys::CORES).map_or(1.0, |n| n.mid),
        runs: runs.as_ref(),
        own: facets.managed && !c.is_provided(),
        called: graph.edges().any(|e| e.to == id && !model.component(e.from).kind.facets.buffers),
        checked: checked.as_ref().map(|(p, e)| (p.as_str(), *e)),
        number: &|path| number(&c.attrs, path),
        word: &|path| text(&c.attrs, path),
        flag: &|path| flag(&c.attrs, path),
    };
    (c.kind.lower)(&view, &mut out.resources);
    if !c.engine_hole.is_empty() {
        let what = "its engine is a variable (`?`): generated as if none were named".to_owned();
        out.gaps.push(Gap { of: c.name.clone(), what });
    }
}

/// The machine or container of one replica of a component, if it is sold.
fn host(model: &Model, c: &Component) -> Option<Host> {
    match c.deployment(&model.system).runs {
        Runs::Machine(m) => Some(Host::Machine {
            name: m.name.to_owned(),
            vcpu: m.vcpu,
            gib: m.memory / GIB,
            arm: m.arm,
            named: m.named,
            root_gib: m.root_gib,
        }),
        Runs::Container(s) => Some(Host::Fargate { vcpu: s.vcpu, gib: s.gib }),
        Runs::Outside | Runs::Provider | Runs::Program | Runs::Unknown(_) => None,
    }
}

/// The load balancers of a component.
fn balancers<'a>(model: &'a Model, graph: &'a CallGraph, id: CompId) -> impl Iterator<Item = &'a Component> {
    let callers = graph.edges().filter(move |e| e.to == id).map(|e| model.component(e.from));
    callers.filter(|c| c.kind.facets.balances)
}

/// The block at the end of a path, and the last name of the path.
fn inside<'a, 'p>(attrs: &'a Attrs, path: &'p str) -> Option<(&'a Attrs, &'p str)> {
    match path.split_once('.') {
        None => Some((attrs, path)),
        Some((block, rest)) => inside(attrs.read_named::<Block>(block)?, rest),
    }
}

fn number(attrs: &Attrs, path: &str) -> Option<f64> {
    let (attrs, name) = inside(attrs, path)?;
    match &attrs.get(name)?.value {
        Value::Clock(minutes) => Some(f64::from(*minutes)),
        value => Number::read(value).map(|n| n.mid),
    }
}

fn text(attrs: &Attrs, path: &str) -> Option<String> {
    let (attrs, name) = inside(attrs, path)?;
    match &attrs.get(name)?.value {
        Value::Word(w) => Some(w.clone()),
        Value::Limit(_, per) => per.map(|p| p.word().to_owned()),
        Value::Shards(_, by) => by.clone(),
        _ => None,
    }
}

fn flag(attrs: &Attrs, path: &str) -> Option<bool> {
    let (attrs, name) = inside(attrs, path)?;
    attrs.read_named::<Flag>(name)
}

/// Connections: a consumer to its queue, every other caller to its callee.
fn routes(model: &Model, out: &mut Plan) {
    type Key = (Option<CompId>, CompId, bool, bool);
    let mut all: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for flow in &model.flows {
        let path = text(&flow.attrs, "route");
        let mut hops: Vec<(CompId, CompId, bool)> = Vec::new();
        CallGraph::walk(flow.origin, &flow.steps, &mut |from, to, sync| hops.push((from, to, sync)));
        for (from, to, sync) in hops {
            let (caller, called) = (model.component(from).kind.facets, model.component(to).kind.facets);
            if called.origin {
                // Pushes to clients use the route of the clients' requests in reverse.
                continue;
            }
            let key = if caller.buffers {
                (Some(to), from, sync, true)
            } else {
                (Some(from).filter(|_| !(caller.origin && caller.target)), to, sync, false)
            };
            all.entry(key).or_default().extend(path.clone());
        }
    }
    for ((from, to, sync, consumes), paths) in all {
        out.resources.push(Resource::Route(Route {
            from: from.map(|id| model.component(id).name.clone()),
            to: model.component(to).name.clone(),
            sync,
            consumes,
            paths: paths.into_iter().collect(),
        }));
    }
}

/// Alerts on the targets of flows and on the CPU use of components.
///
/// A target that no alert watches becomes a gap.
fn alerts(model: &Model, out: &mut Plan) {
    for flow in &model.flows {
        for slo in &flow.slo {
            let (watched, bound) = match slo.metric.name {
                "p99" => (Watched::Latency, slo.target),
                "availability" => (Watched::Errors, 1.0 - slo.target),
                other => {
                    let what = format!("its target for `{other}` gets no alarm: alarms watch p99 and availability");
                    out.gaps.push(Gap { of: flow.name.clone(), what });
                    continue;
                }
            };
            let name = format!("{}_{}", flow.name, slo.metric.name);
            out.resources.push(Resource::Alert(Alert { name, of: flow.name.clone(), watched, bound }));
        }
    }
    let headroom = model.system.attrs.read(keys::HEADROOM).map_or(0.0, |h| h.mid);
    for (_, c) in model.all().filter(|(_, c)| c.kind.facets.serve.is_some()) {
        if c.is_provided() {
            continue;
        }
        let bound = if headroom > 0.0 { 1.0 - headroom } else { 0.8 };
        let name = format!("{}_cpu", c.name);
        out.resources.push(Resource::Alert(Alert { name, of: c.name.clone(), watched: Watched::Cpu, bound }));
    }
}
