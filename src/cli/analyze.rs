//! `archc analyze`

use super::table::table;
use super::{Common, FINE, json, print, refuse, tell};
use crate::analysis::{Facts, Known, MAX_CORNERS, Ranges, count, ranges};
use crate::diag::DiagnosticJson;
use crate::model::{CompId, Component, Model, Value};
use crate::session::{Coverage, Judged, NOT_MODELLED, judge};
use crate::units::{show_rate, show_ratio, significant};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value as Json, json as j};
use sha2::{Digest, Sha256};

#[derive(Args, Debug)]
pub(super) struct AnalyzeArgs {
    /// A design; `-` is standard input
    file: String,
    /// How to write the numbers
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Multiply the whole load: `3x`
    #[arg(long, value_name = "FACTOR", default_value = "1x", value_parser = factor)]
    at: f64,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Format {
    Human,
    Json,
}

fn factor(text: &str) -> Result<f64, String> {
    text.trim_end_matches('x')
        .parse::<f64>()
        .ok()
        .filter(|x| x.is_finite() && *x > 0.0)
        .ok_or_else(|| format!("`{text}` is not a factor; write `3x`"))
}

pub(super) fn run(args: &AnalyzeArgs, common: &Common) -> i32 {
    let design = common.open(&args.file);
    let judged = judge(&design, common.today(), false);
    let language = judged.language_errors();
    if !language.is_empty() {
        return refuse(&design, &language, common);
    }
    let facts = Facts::new(&judged.model, args.at);
    let ranges = ranges(&judged.model.intervals, args.at, &|ends| design.model_at(ends));
    match args.format {
        Format::Human => {
            print(&human(&judged, &facts, &ranges, args.at));
            if ranges.skipped > 0 && !common.quiet {
                tell(&format!(
                    "note: {} intervals are more than {MAX_CORNERS}; low and high are not given\n",
                    ranges.skipped
                ));
            }
        }
        Format::Json => {
            let diagnostics: Vec<_> =
                judged.diagnostics.iter().map(|d| DiagnosticJson::new(d, &design.sources)).collect();
            let head = j!({ "schema": "archc/analysis/1", "design": design.name(), "digest": digest(&judged.model), "today": common.today().to_string(), "scenario": null, "at": args.at });
            let mut doc = match head {
                Json::Object(m) => m,
                _ => Map::new(),
            };
            doc.insert("system".to_owned(), system(&judged, &facts, &judged.coverage));
            doc.insert("components".to_owned(), components(&judged.model, &facts, &ranges));
            doc.insert("flows".to_owned(), flows(&judged.model, &facts, &ranges));
            doc.insert("diagnostics".to_owned(), j!(diagnostics));
            print(&json(&Json::Object(doc)));
        }
    }
    FINE
}

/// SHA-256 over the resolved model and the catalog's version; comments, places
/// in the text and layout do not count.
fn digest(model: &Model) -> String {
    let mut text = format!("catalog {}\n", crate::catalog::VERSION);
    let attrs = |a: &crate::model::Attrs| {
        a.iter().map(|a| format!("{}={:?}", a.property.name, Plain(&a.value))).collect::<Vec<_>>().join(";")
    };
    text.push_str(&attrs(&model.system.attrs));
    for c in &model.components {
        text.push_str(&format!("\n{} {} {:?} {:?} {}", c.kind.name, c.name, c.engine, c.engine_hole, attrs(&c.attrs)));
    }
    for f in &model.flows {
        text.push_str(&format!("\nflow {} {:?} {:?} {:?} {}", f.name, f.origin, f.rate, f.volume, attrs(&f.attrs)));
        for s in &f.slo {
            text.push_str(&format!(" {}{}{:?}", s.metric.name, s.target, s.model));
        }
        crate::model::Step::walk(&f.steps, &mut |c| {
            text.push_str(&format!(
                "\n  {:?} {} {} {} {} {}",
                c.target,
                c.op,
                c.is_async,
                c.times,
                c.share,
                attrs(&c.attrs)
            ));
        });
    }
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, b| {
        hex.push_str(&format!("{b:02x}"));
        hex
    })
}

/// A value without the places it was written at.
struct Plain<'a>(&'a Value);

impl std::fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Value::Block(inner) => {
                inner.iter().try_for_each(|a| write!(f, "{{{}={:?}}}", a.property.name, Plain(&a.value)))
            }
            Value::Ops(ops) => ops.iter().try_for_each(|(n, inner)| {
                inner.iter().try_for_each(|a| write!(f, "{{{n}.{}={:?}}}", a.property.name, Plain(&a.value)))
            }),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Collects fields and the reasons of unknown ones.
struct Fields {
    map: Map<String, Json>,
    unknown: Map<String, Json>,
    range: Map<String, Json>,
}

impl Fields {
    fn new() -> Self {
        Self { map: Map::new(), unknown: Map::new(), range: Map::new() }
    }

    fn put(&mut self, name: &str, value: Json) {
        self.map.insert(name.to_owned(), value);
    }

    fn known(&mut self, name: &str, value: &Known) {
        match value {
            Ok(x) => self.put(name, j!(x)),
            Err(e) => {
                self.put(name, Json::Null);
                self.unknown.insert(name.to_owned(), j!(e));
            }
        }
    }

    fn not_modelled(&mut self, names: &[&str]) {
        for n in names {
            self.known(n, &Err(NOT_MODELLED.to_owned()));
        }
    }

    fn ranged(&mut self, name: &str, range: Option<&Option<(f64, f64)>>) {
        if let Some(Some((low, high))) = range
            && low < high
        {
            self.range.insert(name.to_owned(), j!([low, high]));
        }
    }

    fn finish(mut self) -> Json {
        if !self.range.is_empty() {
            self.map.insert("range".to_owned(), Json::Object(self.range));
        }
        if !self.unknown.is_empty() {
            self.map.insert("unknown".to_owned(), Json::Object(self.unknown));
        }
        Json::Object(self.map)
    }
}

fn system(judged: &Judged, facts: &Facts, coverage: &Coverage) -> Json {
    let mut f = Fields::new();
    f.not_modelled(&["cost", "cost_parts", "budget", "headroom", "survive"]);
    match facts.bottleneck() {
        Some((id, at)) => {
            f.put("bottleneck", j!(judged.model.component(id).name));
            f.put("saturates_at", j!(at));
        }
        None => {
            let none = Err("no component's capacity is known".to_owned());
            f.known("bottleneck", &none);
            f.known("saturates_at", &none);
        }
    }
    f.put("coverage", j!({ "modelled": coverage.modelled, "total": coverage.total, "unknown": coverage.unknown }));
    f.finish()
}

fn components(model: &Model, facts: &Facts, ranges: &Ranges) -> Json {
    let mut all = Map::new();
    for (id, c) in model.all() {
        all.insert(c.name.clone(), component(id, c, facts, ranges));
    }
    Json::Object(all)
}

fn component(id: CompId, c: &Component, facts: &Facts, ranges: &Ranges) -> Json {
    let mut f = Fields::new();
    f.put("kind", j!(c.kind.name));
    f.put("engine", j!(c.engine));
    let (Some(d), Some(u)) = (facts.demand.components.get(id.0), facts.utilization.get(id.0)) else {
        return f.finish();
    };
    f.known("rate", &d.rate);
    f.ranged("rate", ranges.rate.get(id.0));
    let mut ops = Map::new();
    for (op, rate) in &d.ops {
        ops.insert(op.clone(), rate.as_ref().map_or(Json::Null, |r| j!(r)));
    }
    f.put("ops", Json::Object(ops));
    let provided = c.kind.facets.serve.is_none();
    for name in ["replicas", "shards", "nodes"] {
        if provided || c.kind.property(name).is_none() {
            f.put(name, Json::Null);
        } else {
            f.known(name, &count(c, name).value);
        }
    }
    f.put(
        "instance",
        c.attrs.peek("instance").map_or(Json::Null, |a| match &a.value {
            Value::Word(w) => j!(w),
            _ => Json::Null,
        }),
    );
    f.known("utilization", &u.utilization);
    f.ranged("utilization", ranges.utilization.get(id.0));
    f.put("binding", j!(u.binding));
    let mut resources = Map::new();
    for (name, r) in &u.resources {
        let mut one = Fields::new();
        one.known("used", &r.used);
        one.known("capacity", &r.capacity);
        one.known("utilization", &r.utilization);
        resources.insert((*name).to_owned(), one.finish());
    }
    f.put("resources", Json::Object(resources));
    let saturates = u.utilization.clone().map(|x| if x > 0.0 { j!(1.0 / x) } else { j!("unbounded") });
    match saturates {
        Ok(x) => f.put("saturates_at", x),
        Err(e) => f.known("saturates_at", &Err(e)),
    }
    match c.attrs.peek("hit").map(|a| &a.value) {
        Some(Value::Number(h)) => f.put("hit", j!(h.mid)),
        _ => f.put("hit", Json::Null),
    }
    f.known("bytes_in", &d.bytes_in);
    f.known("bytes_out", &d.bytes_out);
    f.not_modelled(&["place", "availability", "cost", "response"]);
    let mut origin = Map::new();
    for a in c.attrs.iter() {
        origin.insert(a.property.name.to_owned(), j!(a.origin.word()));
    }
    f.put("origin", Json::Object(origin));
    f.finish()
}

fn flows(model: &Model, facts: &Facts, ranges: &Ranges) -> Json {
    let mut all = Map::new();
    for (i, (flow, fd)) in model.flows.iter().zip(&facts.demand.flows).enumerate() {
        let mut f = Fields::new();
        f.known("rate", &fd.rate);
        f.ranged("rate", ranges.flow_rate.get(i));
        f.known("volume", &fd.volume);
        f.not_modelled(&[
            "latency",
            "errors",
            "availability",
            "availability_bounds",
            "rto",
            "lag",
            "cost",
            "cost_per_1k",
            "stability",
            "consistency",
            "cut_sets",
            "survives",
        ]);
        // The first of its components to reach 100%.
        let mut limit: Known = Err("the capacity of none of its components is known".to_owned());
        let mut missing = None;
        for hop in &fd.hops {
            let Some(u) = facts.utilization.get(hop.to.0) else { continue };
            match (&u.utilization, &limit) {
                (Ok(x), Ok(best)) if *x > 0.0 && 1.0 / x < *best => limit = Ok(1.0 / x),
                (Ok(x), Err(_)) if *x > 0.0 => limit = Ok(1.0 / x),
                (Err(e), _) if !u.resources.is_empty() => missing = missing.or_else(|| Some(e.clone())),
                _ => {}
            }
        }
        f.known("saturates_at", &missing.map_or(limit, Err));
        let hops: Vec<Json> = fd
            .hops
            .iter()
            .map(|h| {
                let mut one = Fields::new();
                one.put("from", j!(model.component(h.from).name));
                one.put("to", j!(model.component(h.to).name));
                one.put("op", j!(h.op));
                one.put("async", j!(h.is_async));
                one.known("visits", &h.visits);
                let rate = match (&fd.rate, &h.visits) {
                    (Ok(r), Ok(v)) => Ok(r * v),
                    (Err(e), _) | (_, Err(e)) => Err(e.clone()),
                };
                one.known("rate", &rate);
                one.not_modelled(&["mean", "p99"]);
                one.finish()
            })
            .collect();
        f.put("hops", j!(hops));
        let spof: Vec<&str> = crate::graph::single_points(model, flow)
            .into_iter()
            .filter(|id| {
                let c = model.component(*id);
                c.kind.facets.external || (!c.kind.facets.managed && count(c, "replicas").value.is_ok_and(|n| n <= 1.0))
            })
            .map(|id| model.component(id).name.as_str())
            .collect();
        f.put("spof", j!(spof));
        let slo: Vec<Json> = flow
            .slo
            .iter()
            .map(|s| {
                let op = match s.metric.ty {
                    crate::kinds::MetricType::RatioAtLeast => ">=",
                    crate::kinds::MetricType::Model => "=",
                    _ => "<=",
                };
                let target = s.model.as_ref().map_or_else(|| j!(s.target), |m| j!(m));
                j!({ "metric": s.metric.name, "op": op, "target": target, "value": null, "met": null, "unknown": { "value": NOT_MODELLED } })
            })
            .collect();
        f.put("slo", j!(slo));
        all.insert(flow.name.clone(), f.finish());
    }
    Json::Object(all)
}

fn human(judged: &Judged, facts: &Facts, ranges: &Ranges, at: f64) -> String {
    let model = &judged.model;
    let mut out = if (at - 1.0).abs() > f64::EPSILON {
        format!("at {}x the load\n\n", significant(at, 3))
    } else {
        String::new()
    };
    let spread = |r: Option<&Option<(f64, f64)>>, show: fn(f64) -> String| match r {
        Some(Some((a, b))) if a < b => format!(" ({} .. {})", show(*a), show(*b)),
        _ => String::new(),
    };
    for (i, (flow, fd)) in model.flows.iter().zip(&facts.demand.flows).enumerate() {
        let rate = fd.rate.as_ref().map_or_else(
            |e| format!("unknown: {e}"),
            |r| format!("{}{} at the peak", show_rate(*r), spread(ranges.flow_rate.get(i), show_rate)),
        );
        let mean = fd.volume.as_ref().map_or_else(|_| String::new(), |r| format!(", {} in the mean", show_rate(*r)));
        out.push_str(&format!("flow {}: {rate}{mean}\n", flow.name));
        let mut rows = vec![["call", "visits", "rate", "counted as"].map(str::to_owned).to_vec()];
        for h in &fd.hops {
            let arrow = if h.is_async { "~>" } else { "->" };
            let visits = h.visits.as_ref().map_or_else(|_| "unknown".to_owned(), |v| significant(*v, 4));
            let rate = match (&fd.rate, &h.visits) {
                (Ok(r), Ok(v)) => show_rate(r * v),
                _ => "unknown".to_owned(),
            };
            rows.push(vec![
                format!("{} {arrow} {}.{}", model.component(h.from).name, model.component(h.to).name, h.op),
                visits,
                rate,
                h.why.clone(),
            ]);
        }
        out.push_str(&format!("{}\n", table(&rows)));
    }
    let mut rows = vec![["component", "rate", "utilization", "binding", "breaks at"].map(str::to_owned).to_vec()];
    let mut reasons: Vec<String> = Vec::new();
    for ((id, c), u) in model.all().zip(&facts.utilization) {
        let Some(d) = facts.demand.components.get(id.0) else { continue };
        let rate = d.rate.as_ref().map_or_else(
            |_| "unknown".to_owned(),
            |r| format!("{}{}", show_rate(*r), spread(ranges.rate.get(id.0), show_rate)),
        );
        let util = match &u.utilization {
            Ok(x) => format!("{}{}", show_ratio(*x), spread(ranges.utilization.get(id.0), show_ratio)),
            Err(_) if u.resources.is_empty() => "-".to_owned(),
            Err(e) => {
                reasons.push(format!("{}: {e}", c.name));
                "unknown".to_owned()
            }
        };
        let breaks = u.utilization.as_ref().map_or_else(
            |_| String::new(),
            |x| if *x > 0.0 { format!("{}x", significant(1.0 / x, 3)) } else { "unbounded".to_owned() },
        );
        rows.push(vec![c.name.clone(), rate, util, u.binding.unwrap_or("").to_owned(), breaks]);
    }
    out.push_str(&table(&rows));
    if !reasons.is_empty() {
        out.push_str("\nunknown:\n");
        for r in reasons {
            out.push_str(&format!("  {r}\n"));
        }
    }
    if let Some((id, x)) = facts.bottleneck() {
        out.push_str(&format!(
            "\nwhat breaks first, of what is known: {} at {}x\n",
            model.component(id).name,
            significant(x, 3)
        ));
    }
    out.push_str(&format!(
        "not computed by this version: latency, availability, consistency, cost; {} of {} questions have an answer\n",
        judged.coverage.modelled, judged.coverage.total
    ));
    out
}
