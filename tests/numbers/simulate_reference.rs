//! The event simulation against another one: 26 designs made by hand, 500 at random.

use crate::simulate::{flow, with};
use archc::simulate::{Estimate, FlowResult, Options, Simulated};
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("JSON");
    file["cases"].as_array().expect("cases").clone()
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {v}"))
}

fn number(v: &Value, key: &str) -> f64 {
    v[key].as_f64().unwrap_or_else(|| panic!("no `{key}` in {v}"))
}

/// Where the two agree: within both intervals, or to 3%.
fn agrees(got: Estimate, want: f64, half_width: f64) -> bool {
    let off = (got.value - want).abs();
    off <= half_width + (got.high - got.value) || off <= 0.03 * want
}

/// Cases that need what the simulation does not do yet.
const SKIPPED: [(&str, &str); 1] = [("retry_above", "an outage that ends is not simulated")];

/// Cases that settle only after more events than a test has: a cache is full only after its `ttl`.
const LONG: [&str; 1] = ["lru_zipf_ttl"];

/// Values that the simulation reports in another way: here that the flow collapses.
const COLLAPSES: [(&str, u64); 2] = [("pool", 100_000), ("retry_metastable", 4_000_000)];

fn named(s: &Simulated, path: &[&str]) -> Option<Estimate> {
    match path {
        ["flows", name, rest @ ..] => {
            let f = s.flows.iter().flatten().find(|f| f.name == *name)?;
            match rest {
                ["latency" | "lag", metric] => f.time(metric),
                ["errors"] => Some(f.errors),
                _ => None,
            }
        }
        ["components", name, what] => {
            let c = s.components.iter().find(|c| c.name == *name)?;
            if *what == "hit" { c.hit } else { c.utilization }
        }
        _ => None,
    }
}

#[test]
fn cases_made_by_hand() {
    compare_cases(4_000_000, 0.03, |id| !LONG.contains(&id), 38);
}

#[test]
#[ignore = "a minute in release: `cargo xtask verify --full`"]
fn all_cases_made_by_hand() {
    compare_cases(60_000_000, 0.01, |_| true, 39);
}

fn compare_cases(most: u64, precision: f64, wanted: fn(&str) -> bool, values: u32) {
    let all = cases(include_str!("../reference/simulated_cases.json"));
    let (mut bad, mut compared) = (Vec::new(), 0);
    for c in &all {
        let id = text(c, "id");
        if !wanted(id) {
            continue;
        }
        if let Some((_, why)) = SKIPPED.iter().find(|(name, _)| *name == id) {
            println!("{id}: {why}");
            continue;
        }
        let collapses = COLLAPSES.iter().find(|(name, _)| *name == id);
        let events = collapses.map_or(most, |(_, events)| *events);
        let s = with(text(c, "design"), &Options { events, precision, ..Options::default() });
        if collapses.is_some() {
            compared += 1;
            if flow(&s, 0).collapsed <= 0.0 {
                bad.push(format!("{id}: does not collapse"));
            }
            continue;
        }
        for e in c["expect"].as_array().expect("values") {
            let path: Vec<&str> = text(e, "path").split('.').collect();
            let got = named(&s, &path).unwrap_or_else(|| panic!("{id}: no {path:?}"));
            compared += 1;
            let want = number(e, "value");
            if !agrees(got, want, number(e, "half_width")) {
                bad.push(format!("{id} {path:?}: {got:?} instead of {want}"));
            }
        }
    }
    assert_eq!((all.len(), compared), (26, values), "cases and values");
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Inside `parallel` the reference makes `xN` one after another, the language all at once: such a
/// call is put into a branch of its own.
fn one_after_another(design: &str) -> String {
    let (mut out, mut open) = (String::new(), Vec::new());
    // The depth at which a wrapped call ends.
    let mut wrapped: Option<i32> = None;
    for line in design.lines() {
        let word = line.trim();
        let deeper = line.matches('{').count() as i32 - line.matches('}').count() as i32;
        let repeats = word.split_whitespace().any(|w| w.strip_prefix('x').is_some_and(|n| n.parse::<f64>().is_ok()));
        if wrapped.is_none() && open.last() == Some(&true) && repeats && word.starts_with("->") {
            out.push_str("choose { 100% {\n");
            wrapped = Some(0);
        }
        out.push_str(line);
        out.push('\n');
        if let Some(depth) = wrapped.as_mut() {
            *depth += deeper;
            if *depth == 0 {
                out.push_str("} }\n");
                wrapped = None;
            }
        } else if deeper > 0 {
            open.push(word.starts_with("parallel"));
        } else if deeper < 0 {
            open.pop();
        }
    }
    out
}

/// How a design is written so that it says what the reference simulated.
type Rewrite = fn(&str) -> String;

/// Classes whose designs the reference reads in another way, with what makes them the same.
const REWRITTEN: [(&str, Rewrite); 1] = [("mixed", one_after_another)];

/// A time of a flow as the reference counts it: with failed requests, where some fail.
fn time(f: &FlowResult, metric: &str, errors: f64) -> Option<Estimate> {
    let list = if errors > 0.0 { &f.ended } else { &f.times };
    list.iter().find(|(name, _)| *name == metric).map(|(_, e)| *e)
}

/// In what a design disagrees.
fn disagreements(case: &Value, events: u64, precision: f64) -> Vec<String> {
    let rewrite = REWRITTEN.iter().find(|(class, _)| *class == text(case, "class"));
    let design = rewrite.map_or_else(|| text(case, "design").to_owned(), |(_, how)| how(text(case, "design")));
    let s = with(&design, &Options { events, precision, ..Options::default() });
    let mut out = Vec::new();
    for want in case["flows"].as_array().expect("flows") {
        let name = text(want, "flow");
        let Some(f) = s.flows.iter().flatten().find(|f| f.name == name) else {
            out.push(format!("{name} is not simulated"));
            continue;
        };
        let collapses = want["collapsed"] == true;
        if collapses || f.collapsed > 0.0 {
            if collapses != (f.collapsed > 0.0) {
                out.push(format!("{name} collapses in {}, reference: {collapses}", f.collapsed));
            }
            continue;
        }
        let errors = number(want, "errors");
        for metric in ["mean", "p50", "p99"] {
            let value = number(want, metric);
            // The reference tells an interval of the p99 alone; 3% for the others.
            let half = if metric == "p99" { number(want, "half_width_p99") } else { 0.03 } * value;
            match time(f, metric, errors) {
                Some(got) if agrees(got, value, half) => {}
                got => out.push(format!("{name} {metric}: {got:?} instead of {value} ± {half:.6}")),
            }
        }
        // It tells no interval of the errors: a tenth, or one of 10,000 requests.
        let half = (f.errors.high - f.errors.value + 0.1 * errors).max(1e-4);
        if (f.errors.value - errors).abs() > half {
            out.push(format!("{name} errors: {:?} instead of {errors}", f.errors));
        }
    }
    out
}

fn compare(step: usize, events: u64, precision: f64) {
    let all = cases(include_str!("../reference/simulated_designs.json"));
    assert_eq!(all.len(), 500);
    let (mut fine, mut count) = (0, 0);
    for case in all.iter().step_by(step) {
        count += 1;
        let found = disagreements(case, events, precision);
        fine += usize::from(found.is_empty());
        for text_of in found {
            println!("{}: {text_of}", text(case, "id"));
        }
    }
    println!("{fine} of {count} designs agree");
    assert!(fine * 100 >= count * 95, "{fine} of {count} designs agree");
}

#[test]
fn designs_at_random() {
    compare(25, 4_000_000, 0.03);
}

#[test]
#[ignore = "a quarter of an hour in release: `cargo xtask verify --full`"]
fn all_designs_at_random() {
    compare(1, 20_000_000, 0.01);
}
