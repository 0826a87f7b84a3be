//! Formulas beside the event simulation, over random designs.
//!
//! In: a number of designs, a seed, events for each. Out: one line of JSON for each design, and the tables of
//! `docs/accuracy.md`. Designs that the file of lines already holds are not simulated again. Never: a tolerance; it
//! tells how far the two are apart.

#![allow(clippy::pedantic, reason = "small numbers are cast freely here")]

mod designs;
mod tables;

use archc::analysis::{Facts, Known, Measure, Stability};
use archc::diag::Sink;
use archc::session::open_text;
use archc::simulate::{Estimate, Options, Simulated, simulate};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Events for each design.
const EVENTS: u64 = 2_000_000;

/// What the command line asks for.
struct Wanted {
    count: u64,
    seed: u64,
    events: u64,
    file: PathBuf,
}

fn number(text: &str) -> Result<u64, String> {
    let (digits, factor) = text.strip_suffix('M').map_or((text, 1), |d| (d, 1_000_000));
    digits.parse::<u64>().map(|n| n * factor).map_err(|_| format!("`{text}` is not a whole number"))
}

fn wanted(count: &str, options: &[&str]) -> Result<Wanted, String> {
    let (mut seed, mut events, mut file) = (1, EVENTS, None);
    for pair in options.chunks(2) {
        match pair {
            ["--seed", n] => seed = number(n)?,
            ["--events", n] => events = number(n)?,
            ["-o", path] => file = Some(PathBuf::from(path)),
            _ => return Err(format!("`{}` is not an option of `crosscheck`", pair.join(" "))),
        }
    }
    let standard = || root().join(format!("target/crosscheck/seed-{seed}-events-{events}.jsonl"));
    Ok(Wanted { count: number(count)?, seed, events, file: file.unwrap_or_else(standard) })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn told<T>(what: &Path, result: std::io::Result<T>) -> Result<T, String> {
    result.map_err(|e| format!("{}: {e}", what.display()))
}

/// Lines of an earlier run, by the number of the design; lines of other designs are left out.
fn earlier(wanted: &Wanted) -> BTreeMap<u64, Value> {
    let text = fs::read_to_string(&wanted.file).unwrap_or_default();
    let lines = text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
    let mut out = BTreeMap::new();
    for line in lines {
        let Some(index) = line["index"].as_u64().filter(|i| (1..=wanted.count).contains(i)) else { continue };
        let same = line["events"] == wanted.events && line["design"] == designs::design(wanted.seed, index).1.as_str();
        if same {
            out.insert(index, line);
        }
    }
    out
}

pub fn run(count: &str, options: &[&str]) -> Result<(), String> {
    let wanted = wanted(count, options)?;
    if let Some(folder) = wanted.file.parent() {
        told(folder, fs::create_dir_all(folder))?;
    }
    let mut lines = earlier(&wanted);
    let kept = lines.len();
    let mut file = told(&wanted.file, fs::OpenOptions::new().create(true).append(true).open(&wanted.file))?;
    for index in 1..=wanted.count {
        if lines.contains_key(&index) {
            continue;
        }
        let (class, text) = designs::design(wanted.seed, index);
        let line = one(&wanted, index, class, &text).map_err(|e| format!("design {index} ({class}): {e}\n{text}"))?;
        told(&wanted.file, writeln!(file, "{line}"))?;
        lines.insert(index, line);
    }
    let all: Vec<Value> = lines.into_values().collect();
    let page = tables::page(&all, wanted.seed, wanted.events);
    let path = root().join("docs/accuracy.md");
    told(&path, fs::write(&path, page))?;
    println!("{} designs (seed {}), {kept} of them from before: docs/accuracy.md", all.len(), wanted.seed);
    Ok(())
}

fn interval(e: &Estimate) -> Value {
    json!([e.value, e.low, e.high])
}

fn known(value: &Known) -> Value {
    value.as_ref().map_or(Value::Null, |x| json!(x))
}

/// Formula and simulation of one design.
fn one(wanted: &Wanted, index: u64, class: &str, text: &str) -> Result<Value, String> {
    let design = open_text("random.arch", text, &[]);
    let mut sink = Sink::default();
    let model = design.model(&mut sink);
    if let Some(first) =
        design.sink.list().iter().chain(sink.list()).find(|d| d.severity == archc::diag::Severity::Error)
    {
        return Err(first.message.clone());
    }
    let facts = Facts::new(&model, 1.0);
    let options = Options { seed: index, precision: 1e-9, events: wanted.events, ..Options::default() };
    let simulated: Simulated = simulate(&model, &options);
    let mut flows = Vec::new();
    for (i, result) in simulated.flows.iter().enumerate() {
        let result = result.as_ref().map_err(|why| format!("not simulated: {why}"))?;
        let latency = &facts.latency[i];
        let lag = facts.lag[i].as_ref().filter(|l| !l.worst_of_day);
        let time = if result.is_lag { lag.map(|l| &l.time) } else { Some(&latency.time) };
        let of = |metric: &str| match time.map(|t| t.measure(metric)) {
            Some(Measure::Known(x)) => json!(x),
            Some(Measure::Unbounded(_)) => json!("unbounded"),
            Some(Measure::Unknown(_)) | None => Value::Null,
        };
        // The formula's time of a request that fails is the time until it does.
        let times = if result.is_lag { &result.times } else { &result.ended };
        let times = times.iter().map(|(metric, e)| ((*metric).to_owned(), json!([interval(e), of(metric)])));
        flows.push(json!({
            "flow": result.name,
            "lag": result.is_lag,
            "times": times.collect::<serde_json::Map<_, _>>(),
            "errors": [interval(&result.errors), if result.is_lag { Value::Null } else { known(&latency.errors) }],
            "collapsed": result.collapsed,
            "stable": facts.stability.get(i).map(|s| matches!(s, Stability::Stable)),
        }));
    }
    let components = simulated.components.iter().enumerate().filter_map(|(i, c)| {
        let formula = facts.utilization[i].resources.get("cpu")?;
        Some(json!([c.name, interval(c.utilization.as_ref()?), known(&formula.utilization)]))
    });
    Ok(json!({
        "index": index,
        "class": class,
        "events": wanted.events,
        "settled": simulated.settled,
        "flows": flows,
        "components": components.collect::<Vec<_>>(),
        "design": text,
    }))
}
