//! Derivations of times: percentiles and the mean of a flow, the response of a component.
//!
//! A flow's time is shown as its steps in order. Each call shows the law of its time and the origin
//! of each input; the parts of the time follow.

use crate::analysis::{
    FlowDemand, FlowLatency, Hits, Hop, LATENCY_METRICS, Network, Policies, Station, Timed, Visit, latency_of, station,
    waterfall,
};
use crate::cli::analyze::{bars, measure, parts};
use crate::cli::assumptions::text;
use crate::model::keys;
use crate::model::trace::{self, Reads};
use crate::model::{Attr, Attrs, Call, CompId, Flow, FlowId, Latency, Law, Model, Step, Value};
use crate::session::{Design, Judged};
use crate::units::{show_rate, show_ratio, show_time, significant};
use std::cell::RefCell;

/// The derivation of a time; `None` if the name or the metric is not one.
pub(super) fn explain(design: &Design, judged: &Judged, name: &str, metric: &str) -> Option<Result<String, String>> {
    let model = &judged.model;
    let told = |metric: &str, time: &Timed| match time {
        Timed::Unknown(e) => format!("{name}.{metric} is unknown: {e}\n"),
        Timed::Unbounded(e) => format!("{name}.{metric} has no bound: {e}\n"),
        Timed::Known(_) => format!("{name}.{metric} = {}\n", measure(&time.measure(metric), show_time)),
    };
    if let Some(id) = model.find(name)
        && ["response", "latency"].contains(&metric)
    {
        let station = judged.facts.stations.get(id.0)?;
        let mut out = match &station.response {
            known @ Timed::Known(_) => format!("{name}.{metric}: {}\n", all(known)),
            other => told(metric, other),
        };
        out.push_str(
            "  queueing and service of one visit, any of its operations; calls to other components excluded\n",
        );
        let reads = reads_of(judged, &[id], None);
        let stations = &judged.facts.stations;
        let tree = Tree { design, model, stations, demand: None, reads, notes: RefCell::default() };
        tree.station(id, station, 1, &mut out);
        tree.inputs(&model.component(id).attrs, "", 1, &mut out);
        out.push_str(&tree.sources());
        return Some(Ok(out));
    }
    if !LATENCY_METRICS.contains(&metric) {
        return None;
    }
    let id = model.find_flow(name)?;
    let (flow, demand) = (model.flow(id), judged.facts.demand.flows.get(id.0)?);
    let FlowLatency { time, .. } = judged.facts.latency.get(id.0)?;
    let mut out = told(metric, time);
    if let Timed::Known(_) = time {
        out.push_str(&format!("  {}\n", all(time)));
        out.push_str("  of the whole path: the laws of its parts, convolved and mixed, never a sum of percentiles\n");
    }
    let path: Vec<CompId> = std::iter::once(flow.origin).chain(demand.hops.iter().map(|h| h.to)).collect();
    let reads = reads_of(judged, &path, Some(id));
    let stations = &judged.facts.stations;
    let tree = Tree { design, model, stations, demand: Some(demand), reads, notes: RefCell::default() };
    out.push_str(&format!("in order, from `{}`:\n", model.component(flow.origin).name));
    let origin = model.component(flow.origin);
    if !origin.kind.facets.origin {
        out.push_str(&format!("  `{}` works itself\n", origin.name));
        if let Some(s) = judged.facts.stations.get(flow.origin.0) {
            tree.station(flow.origin, s, 2, &mut out);
        }
    }
    tree.inputs(&origin.attrs, "", 1, &mut out);
    tree.steps(flow, flow.origin, &flow.steps, 1, &mut out);
    if let Ok(w) = waterfall(model, id, &judged.facts.demand, &judged.facts.stations) {
        let parts = parts(model, flow, demand, &w);
        let bars = bars(&w, parts);
        if !bars.is_empty() {
            out.push_str(&format!("so it splits:\n{bars}"));
        }
        if let Some(why) = &w.unsplit {
            out.push_str(&format!("  the p99 is not split: {why}\n"));
        }
    }
    out.push_str(&tree.sources());
    Some(Ok(out))
}

/// The attributes that are read while the times of some components, and of a flow, are computed.
fn reads_of(judged: &Judged, path: &[CompId], flow: Option<FlowId>) -> Reads {
    let (model, demand) = (&judged.model, &judged.facts.demand);
    let compute = || {
        let (policies, _) = (Policies::of(model), Hits::new(model));
        for id in path {
            let _ = station(model, demand, *id, None);
        }
        if let Some(id) = flow {
            let _ = latency_of(model, &demand.hits, id, &judged.facts.stations, &policies);
        }
    };
    trace::recorded(compute).1
}

/// Mean and percentiles.
fn all(time: &Timed) -> String {
    let each = LATENCY_METRICS.iter().map(|m| format!("{m} {}", measure(&time.measure(m), show_time)));
    each.collect::<Vec<_>>().join(", ")
}

struct Tree<'a> {
    design: &'a Design,
    model: &'a Model,
    stations: &'a [Station],
    demand: Option<&'a FlowDemand>,
    /// The parts of the time.
    reads: Reads,
    /// Reasons and sources of defaults, shown once at the end.
    notes: RefCell<Vec<String>>,
}

impl Tree<'_> {
    fn steps(&self, flow: &Flow, owner: CompId, steps: &[Step], depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        for step in steps {
            match step {
                Step::Call(c) => self.call(flow, owner, c, depth, out),
                Step::Parallel(inner) => {
                    out.push_str(&format!("{pad}at once; the slowest of these counts:\n"));
                    self.steps(flow, owner, inner, depth + 1, out);
                }
                Step::Choose(arms) => {
                    for (share, inner) in arms {
                        out.push_str(&format!("{pad}{} of the time:\n", show_ratio(*share)));
                        self.steps(flow, owner, inner, depth + 1, out);
                    }
                }
            }
        }
    }

    fn call(&self, flow: &Flow, owner: CompId, c: &Call, depth: usize, out: &mut String) {
        let (from, to) = (self.model.component(owner), self.model.component(c.target));
        let pad = "  ".repeat(depth);
        let arrow = if c.is_async { "~>" } else { "->" };
        let hop = self.demand.and_then(|d| d.hops.iter().find(|h| h.at == c.target_span));
        let often = hop.map_or_else(String::new, often);
        out.push_str(&format!("{pad}{} {arrow} {}.{}{often}\n", from.name, to.name, c.op));
        let deep = format!("{pad}  ");
        if c.is_async {
            out.push_str(&format!("{deep}nobody waits for it\n"));
            return;
        }
        let in_zone = flow.attrs.read(keys::AFFINITY) == Some("zone");
        let trip = Network::of(self.model).trip(from, to, in_zone);
        if trip.seconds > 0.0 {
            let system = self.model.system.attrs.read(keys::NETWORK);
            let origin = system.and_then(|b| b.peek_at(trip.key)).map_or_else(String::new, |a| self.origin(a));
            out.push_str(&format!(
                "{deep}round trip {} (`network`, {}{origin})\n",
                show_time(trip.seconds),
                trip.words
            ));
        }
        if let (Some(hop), Some(station)) = (hop, self.stations.get(c.target.0)) {
            let time = station.visit(self.model, c.target, &Visit::of(hop));
            out.push_str(&match &time {
                Timed::Known(_) => {
                    let show = |m| measure(&time.measure(m), show_time);
                    format!("{deep}`{}`: mean {}, p99 {}\n", to.name, show("mean"), show("p99"))
                }
                Timed::Unknown(e) => format!("{deep}`{}`: unknown: {e}\n", to.name),
                Timed::Unbounded(e) => format!("{deep}`{}`: without bound: {e}\n", to.name),
            });
            self.station(c.target, station, depth + 2, out);
        }
        self.inputs(&c.attrs, "", depth + 2, out);
        self.of_operation(&to.attrs, &c.op, depth + 2, out);
        self.steps(flow, c.target, &c.body, depth + 1, out);
        if !c.on_miss.is_empty() {
            out.push_str(&format!("{deep}on a miss of `{}`, `{}` goes on:\n", to.name, from.name));
            self.steps(flow, owner, &c.on_miss, depth + 2, out);
        }
    }

    /// The queues of a component.
    fn station(&self, id: CompId, station: &Station, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        let mut any = false;
        for (s, wait) in station.queues().filter(|(s, _)| s.rate > 0.0) {
            any = true;
            let used = s.rate * s.service / s.servers;
            let servers =
                if s.servers > 1.0 { format!("{} servers", significant(s.servers, 4)) } else { "1 server".to_owned() };
            out.push_str(&format!(
                "{pad}{}, {} of them: {}; {} at each queue of {servers}, {} of service: {} used, mean wait {}\n",
                s.role,
                significant(s.machines, 4),
                s.formula,
                show_rate(s.rate),
                show_time(s.service),
                show_ratio(used),
                measure(&wait.measure("mean"), show_time)
            ));
        }
        if !any && self.model.component(id).kind.facets.target {
            out.push_str(&format!("{pad}no queue of this design\'s own\n"));
        }
    }

    /// Attributes that were read, each with its origin; `prefix` is their block.
    fn inputs(&self, attrs: &Attrs, prefix: &str, depth: usize, out: &mut String) {
        for a in attrs.iter() {
            self.input(a, prefix, depth, out);
        }
    }

    fn input(&self, a: &Attr, prefix: &str, depth: usize, out: &mut String) {
        let name = format!("{prefix}{}", a.property.name);
        match &a.value {
            Value::Block(inner) => self.inputs(inner, &format!("{name}."), depth, out),
            Value::Ops(ops) => {
                for (op, inner) in ops {
                    self.inputs(inner, &format!("{op}."), depth, out);
                }
            }
            _ if self.reads.contains(a.id) => {
                out.push_str(&format!("{}{name} = {}{}\n", "  ".repeat(depth), show(a), self.origin(a)));
            }
            _ => {}
        }
    }

    /// Attributes of a component that were read; those of an operation come before those of all
    /// operations.
    fn of_operation(&self, attrs: &Attrs, op: &str, depth: usize, out: &mut String) {
        let own = attrs.iter().find_map(|a| match &a.value {
            Value::Ops(ops) => ops.iter().find(|(name, _)| name == op).map(|(_, inner)| inner),
            _ => None,
        });
        if let Some(own) = own {
            self.inputs(own, "", depth, out);
        }
        for a in attrs.iter() {
            let hidden = matches!(a.value, Value::Ops(_)) || own.is_some_and(|o| o.peek(a.property.name).is_some());
            if !hidden {
                self.input(a, "", depth, out);
            }
        }
    }

    /// The origin of a value.
    fn origin(&self, a: &Attr) -> String {
        let place = a.span.and_then(|s| {
            let file = self.design.sources.get(s.file)?;
            Some(format!(" at {}:{}", file.name, file.line_column(s.start as usize).0))
        });
        let word = a.origin.word();
        let word = if ["kind", "engine"].contains(&word) { format!("default of the {word}") } else { word.to_owned() };
        // Catalog files are not files of the design.
        let place = place.filter(|_| ["written", "let", "preset", "scenario"].contains(&a.origin.word()));
        let source = a.source.as_ref().map_or_else(String::new, |s| {
            let mut notes = self.notes.borrow_mut();
            let known = notes.iter().position(|n| n == s);
            let number = known.unwrap_or_else(|| {
                notes.push(s.clone());
                notes.len() - 1
            });
            format!(" [{}]", number + 1)
        });
        format!(", {word}{}{source}", place.unwrap_or_default())
    }

    /// The reasons for the defaults.
    fn sources(&self) -> String {
        let notes = self.notes.borrow();
        let each = notes.iter().enumerate().map(|(i, n)| format!("  [{}] {n}\n", i + 1));
        if notes.is_empty() { String::new() } else { format!("defaults:\n{}", each.collect::<String>()) }
    }
}

fn often(hop: &Hop) -> String {
    let why = if hop.why.is_empty() { String::new() } else { format!(" ({})", hop.why) };
    match &hop.visits {
        Ok(v) => format!(", {} a request{why}", significant(*v, 4)),
        Err(e) => format!(", how often is unknown: {e}"),
    }
}

fn law(l: &Latency) -> String {
    let mean = show_time(l.mean.mid);
    match l.law {
        Law::Exponential => format!("{mean}, exponential"),
        Law::Constant => format!("{mean}, constant"),
        Law::Cv(cv) => format!("{mean}, gamma of variation {}", significant(cv, 3)),
        Law::LogNormal { p50, p99 } => {
            format!("log-normal through p50 {} and p99 {}, mean {mean}", show_time(p50), show_time(p99))
        }
    }
}

fn show(a: &Attr) -> String {
    match &a.value {
        Value::Latency(l) => law(l),
        Value::Hole(_) => "?".to_owned(),
        value => text(value, a.property),
    }
}
