//! `archc analyze`

use super::analyze_text::human;
use super::{Common, FINE, USAGE, json, print, tell};
use crate::analysis::{
    AVAILABILITY_NOTE, Bill, Facts, Known, LATENCY_METRICS, MAX_CORNERS, Measure, NOT_MODELLED, Ranges, Timed, Verdict,
    Worlds, count, ranges, worlds,
};
use crate::base::nearest;
use crate::diag::DiagnosticJson;
use crate::model::{CompId, Component, Ends, Model, Value};
use crate::session::{Coverage, Judged};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value as Json, json as j};

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
    /// Analyse a scenario of the design in its place
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
}

/// What is shown: a world and its facts.
pub(super) struct View<'a> {
    pub model: &'a Model,
    pub facts: &'a Facts,
    pub ranges: &'a Ranges,
    pub worlds: &'a Worlds,
    pub coverage: &'a Coverage,
    pub at: f64,
    pub scenario: Option<&'a str>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Format {
    Human,
    Json,
}

pub(super) fn factor(text: &str) -> Result<f64, String> {
    text.trim_end_matches('x')
        .parse::<f64>()
        .ok()
        .filter(|x| x.is_finite() && *x > 0.0)
        .ok_or_else(|| format!("`{text}` is not a factor; write `3x`"))
}

pub(super) fn run(args: &AnalyzeArgs, common: &Common) -> i32 {
    let (design, judged) = match common.open_sound(&args.file) {
        Ok(both) => both,
        Err(status) => return status,
    };
    let name = args.scenario.as_deref();
    if let Some(n) = name
        && let Some(status) = no_such_scenario(&judged, n)
    {
        return status;
    }
    // The world that is asked for, at the middle and at any end of its intervals.
    let changed = |m: Model| match name.and_then(|n| m.scenarios.iter().position(|s| s.name == n)) {
        Some(i) => match m.scenarios.get(i) {
            // That its faults are analysed was asked before.
            Some(s) => m.in_scenario(s).with_faults(&s.faults).map_or_else(|_| m.clone(), |lossy| lossy.model),
            None => m,
        },
        None => m,
    };
    let model = changed(judged.model.clone());
    let facts = Facts::new(&model, args.at);
    let at = |ends: &Ends| changed(judged.filled.model_at(&design, ends));
    let ranges = ranges(&model.intervals, args.at, &at);
    let worlds = worlds(&model, &facts, args.at, &at);
    let view = View {
        model: &model,
        facts: &facts,
        ranges: &ranges,
        worlds: &worlds,
        coverage: &judged.coverage,
        at: args.at,
        scenario: name,
    };
    match args.format {
        Format::Human => {
            print(&human(&view));
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
            let head = j!({ "schema": "archc/analysis/1", "design": design.name(), "digest": judged.digest, "today": common.today().to_string(), "scenario": name, "at": args.at });
            let mut doc = match head {
                Json::Object(m) => m,
                _ => Map::new(),
            };
            doc.insert("system".to_owned(), system(&view));
            doc.insert("components".to_owned(), components(&model, &facts, &ranges));
            doc.insert("flows".to_owned(), flows(&model, &facts, &worlds.slo, &ranges));
            doc.insert("scenarios".to_owned(), scenarios(&worlds));
            doc.insert("diagnostics".to_owned(), j!(diagnostics));
            print(&json(&Json::Object(doc)));
        }
    }
    FINE
}

/// Says what is wrong with the name of a scenario; gives the exit status.
fn no_such_scenario(judged: &Judged, name: &str) -> Option<i32> {
    let all = &judged.model.scenarios;
    let Some(i) = all.iter().position(|s| s.name == name) else {
        let help = nearest(name, all.iter().map(|s| s.name.as_str()))
            .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        tell(&format!("archc: no scenario is named `{name}`{help}\n"));
        return Some(USAGE);
    };
    let outcome = judged.worlds.scenarios.get(i)?;
    let why = outcome.unknown.as_deref().filter(|_| outcome.world.is_none())?;
    tell(&format!("archc: `{name}`: {why}\n"));
    Some(USAGE)
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
            Ok(x) if x.is_infinite() => self.put(name, j!("unbounded")),
            Ok(x) => self.put(name, j!(x)),
            Err(e) => {
                self.put(name, Json::Null);
                self.unknown.insert(name.to_owned(), j!(e));
            }
        }
    }

    /// A random time as its mean and percentiles.
    fn timed(&mut self, name: &str, time: &Timed) {
        if let Timed::Unknown(e) = time {
            self.known(name, &Err(e.clone()));
            return;
        }
        let mut one = Fields::new();
        for metric in LATENCY_METRICS {
            one.measure(metric, &time.measure(metric));
        }
        self.put(name, one.finish());
    }

    fn measure(&mut self, name: &str, value: &Measure) {
        match value {
            Measure::Known(x) => self.put(name, j!(x)),
            Measure::Unbounded(_) => self.put(name, j!("unbounded")),
            Measure::Unknown(e) => self.known(name, &Err(e.clone())),
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

fn system(view: &View) -> Json {
    let (facts, coverage) = (view.facts, view.coverage);
    let mut f = Fields::new();
    f.known("cost", &facts.cost.total());
    f.put("cost_at_least", j!(facts.cost.at_least()));
    let mut parts = Fields::new();
    for (name, usd) in facts.cost.parts() {
        parts.known(name, &usd);
    }
    f.put("cost_parts", parts.finish());
    for p in &view.worlds.promises {
        let mut one = Fields::new();
        one.put("target", j!(p.target));
        one.known("value", &p.value);
        one.put("met", j!(p.met));
        if p.met != Some(true) {
            one.put("why", j!(p.why()));
        }
        f.put(p.name, one.finish());
    }
    match facts.bottleneck() {
        Some((id, at)) => {
            f.put("bottleneck", j!(view.model.component(id).name));
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
        Ok(_) if u.utilization.as_ref().is_ok_and(|x| x.is_infinite()) => f.put("saturates_at", j!(0.0)),
        Ok(x) => f.put("saturates_at", x),
        Err(e) => f.known("saturates_at", &Err(e)),
    }
    match c.attrs.peek("hit").map(|a| &a.value) {
        Some(Value::Number(h)) => f.put("hit", j!(h.mid)),
        _ => f.put("hit", Json::Null),
    }
    f.known("bytes_in", &d.bytes_in);
    f.known("bytes_out", &d.bytes_out);
    if let Some(s) = facts.stations.get(id.0) {
        f.timed("response", &s.response);
    }
    if let Some(a) = facts.availability.components.get(id.0) {
        f.known("availability", a);
    }
    if let Some(bill) = facts.cost.components.get(id.0) {
        cost(&mut f, c, bill);
    }
    f.not_modelled(&["place"]);
    let mut origin = Map::new();
    for a in c.attrs.iter() {
        origin.insert(a.property.name.to_owned(), j!(a.origin.word()));
    }
    f.put("origin", Json::Object(origin));
    f.finish()
}

/// The bill of a component, in parts. What has no price is not free: it is not ours to pay.
fn cost(f: &mut Fields, c: &Component, bill: &Bill) {
    if bill.parts.is_empty() {
        f.known("cost", &Err(format!("a {} has no price in this design", c.kind.name)));
        return;
    }
    f.known("cost", &bill.total());
    let parts = bill.parts.iter().map(|p| {
        let mut one = Fields::new();
        one.put("name", j!(p.name));
        one.known("usd", &p.usd);
        one.put("why", j!(p.why));
        one.finish()
    });
    f.put("cost_parts", j!(parts.collect::<Vec<_>>()));
}

fn flows(model: &Model, facts: &Facts, verdicts: &[Vec<Verdict>], ranges: &Ranges) -> Json {
    let mut all = Map::new();
    for (i, (flow, fd)) in model.flows.iter().zip(&facts.demand.flows).enumerate() {
        let mut f = Fields::new();
        f.known("rate", &fd.rate);
        f.ranged("rate", ranges.flow_rate.get(i));
        f.known("volume", &fd.volume);
        let latency = facts.latency.get(i);
        if let Some(l) = latency {
            f.timed("latency", &l.time);
            if let (Some(Json::Object(one)), Some(ends)) = (f.map.get_mut("latency"), ranges.latency.get(i)) {
                let spread: Map<String, Json> = LATENCY_METRICS
                    .iter()
                    .zip(ends)
                    .filter_map(|(n, e)| e.filter(|(a, b)| a < b).map(|(a, b)| ((*n).to_owned(), j!([a, b]))))
                    .collect();
                if !spread.is_empty() {
                    one.insert("range".to_owned(), Json::Object(spread));
                }
            }
        }
        if let Some(a) = facts.availability.flows.get(i) {
            f.known("availability", a);
            if a.is_ok() {
                f.put("availability_note", j!(AVAILABILITY_NOTE));
            }
        }
        f.not_modelled(&[
            "errors",
            "availability_bounds",
            "rto",
            "lag",
            "stability",
            "consistency",
            "cut_sets",
            "survives",
        ]);
        if let Some(c) = facts.cost.flows.get(i) {
            f.known("cost", &c.usd);
            f.known("cost_per_1k", &c.per_1k);
        }
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
            .enumerate()
            .map(|(k, h)| {
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
                if let Some(time) = latency.and_then(|l| l.hops.get(k)) {
                    one.measure("mean", &time.measure("mean"));
                    one.measure("p99", &time.measure("p99"));
                }
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
        let slo: Vec<Json> = verdicts.get(i).map_or_else(Vec::new, |list| list.iter().map(verdict).collect());
        f.put("slo", j!(slo));
        all.insert(flow.name.clone(), f.finish());
    }
    Json::Object(all)
}

fn verdict(v: &Verdict) -> Json {
    use crate::kinds::MetricType;
    let op = match v.slo.metric.ty {
        MetricType::RatioAtLeast => ">=",
        MetricType::Model => "=",
        _ => "<=",
    };
    let mut f = Fields::new();
    f.put("metric", j!(v.slo.metric.name));
    f.put("op", j!(op));
    f.put("target", v.slo.model.as_ref().map_or_else(|| j!(v.slo.target), |m| j!(m)));
    f.measure("value", &v.value);
    f.put("met", j!(v.met));
    match (&v.worst, v.best) {
        (Measure::Known(a), Some(b)) => f.ranged("value", Some(&Some((a.min(b), a.max(b))))),
        (Measure::Unknown(e), _) => {
            f.unknown.insert("met".to_owned(), j!(e));
        }
        _ => {}
    }
    f.finish()
}

/// What each scenario comes to: its flows with their verdicts.
fn scenarios(worlds: &Worlds) -> Json {
    let mut all = Map::new();
    for o in &worlds.scenarios {
        let mut f = Fields::new();
        f.put("holds", j!(o.holds));
        if let Some(e) = o.unknown.as_ref().filter(|_| o.holds.is_none()) {
            f.unknown.insert("holds".to_owned(), j!(e));
        }
        let (mut expect, mut flows) = (Vec::new(), Map::new());
        if let Some((world, facts)) = &o.world {
            for (i, (flow, list)) in world.flows.iter().zip(&o.slo).enumerate() {
                let own = o.expected.contains(&crate::model::FlowId(i));
                for v in list.iter().filter(|_| own) {
                    let mut one = Fields::new();
                    one.put("flow", j!(flow.name));
                    one.put("metric", j!(v.slo.metric.name));
                    one.put("want", v.slo.model.as_ref().map_or_else(|| j!(v.slo.target), |m| j!(m)));
                    one.measure("got", &v.worst);
                    expect.push(one.finish());
                }
                let mut one = Fields::new();
                if let Some(d) = facts.demand.flows.get(i) {
                    one.known("rate", &d.rate);
                }
                if let Some(l) = facts.latency.get(i) {
                    one.timed("latency", &l.time);
                }
                if let Some(a) = facts.availability.flows.get(i) {
                    one.known("availability", a);
                }
                one.put("slo", j!(list.iter().map(verdict).collect::<Vec<_>>()));
                flows.insert(flow.name.clone(), one.finish());
            }
        }
        f.put("expect", j!(expect));
        f.put("flows", Json::Object(flows));
        all.insert(o.name.clone(), f.finish());
    }
    Json::Object(all)
}
