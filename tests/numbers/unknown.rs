//! Unknown is never 0: without one of its inputs a number is unknown, or rests on a default
//! that is listed.

use crate::support::run;
use archc::analysis::{Facts, Measure};
use archc::base::Span;
use archc::diag::Sink;
use archc::model::keys;
use archc::model::{Attrs, End, Ends, Model};
use archc::session::{Design, fill, open, open_text};
use archc::syntax::ast::{Block, EntryKind, Expr, ExprKind, ItemKind};
use std::collections::BTreeMap;

/// A written attribute with numbers in it.
struct Written {
    /// The component, flow or system that it stands in.
    owner: String,
    /// Blocks and calls on the way, then its name.
    path: Vec<String>,
    whole: Span,
    numbers: Vec<Span>,
}

fn numbers_of(e: &Expr, out: &mut Vec<Span>) {
    match &e.kind {
        ExprKind::Number(_) => out.push(e.span),
        ExprKind::Range(a, _, b) => {
            numbers_of(a, out);
            numbers_of(b, out);
        }
        ExprKind::Arith(first, rest) => {
            numbers_of(first, out);
            rest.iter().for_each(|(_, _, e)| numbers_of(e, out));
        }
        ExprKind::Paren(inner) => numbers_of(inner, out),
        ExprKind::Phrase(all) => all.iter().for_each(|e| numbers_of(e, out)),
        _ => {}
    }
}

fn attributes(b: &Block, owner: &str, path: &[String], out: &mut Vec<Written>) {
    for entry in &b.entries {
        match &entry.kind {
            EntryKind::Attr(a) => {
                let key = a.key.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
                // What a target asks is no input.
                if key == "slo" {
                    continue;
                }
                let path: Vec<String> = path.iter().cloned().chain([key]).collect();
                if let Some((_, _, value)) = &a.value {
                    let mut numbers = Vec::new();
                    numbers_of(value, &mut numbers);
                    // A `let` counts where it is used: `visitors * 40%` has a number of its own.
                    if !numbers.is_empty() {
                        out.push(Written { owner: owner.to_owned(), path: path.clone(), whole: entry.span, numbers });
                    }
                }
                if let Some(inner) = &a.block {
                    attributes(inner, owner, &path, out);
                }
            }
            EntryKind::Chain(c) => {
                for call in &c.calls {
                    let path: Vec<String> = path.iter().cloned().chain([format!("-> {}", call.target.text)]).collect();
                    for inner in [&call.block, &call.else_block, &call.fallback].into_iter().flatten() {
                        attributes(inner, owner, &path, out);
                    }
                }
            }
            EntryKind::Group { block, .. } | EntryKind::Arm { block, .. } => attributes(block, owner, path, out),
            EntryKind::Bad => {}
        }
    }
}

fn written(design: &Design) -> Vec<Written> {
    let mut out = Vec::new();
    for item in &design.files[0].file.items {
        if let ItemKind::Decl(d) = &item.kind
            && d.head.text != "scenario"
            && let Some(b) = &d.block
        {
            let owner = if d.head.text == "system" { "system" } else { &d.name.text };
            attributes(b, owner, &[], &mut out);
        }
    }
    out
}

/// All numbers of a model.
fn numbers(model: &Model) -> BTreeMap<String, Measure> {
    let facts = Facts::new(model, 1.0);
    let mut out = BTreeMap::new();
    for (i, c) in model.components.iter().enumerate() {
        let d = &facts.demand.components[i];
        for (what, known) in [
            ("rate", &d.rate),
            ("bytes_in", &d.bytes_in),
            ("bytes_out", &d.bytes_out),
            ("utilization", &facts.utilization[i].utilization),
            ("availability", &facts.availability.components[i]),
            ("cost", &facts.cost.components[i].total()),
        ] {
            out.insert(format!("{}.{what}", c.name), Measure::from(known));
        }
        out.insert(format!("{}.mean", c.name), facts.stations[i].response.measure("mean"));
    }
    for (i, f) in model.flows.iter().enumerate() {
        for (what, known) in [
            ("rate", &facts.demand.flows[i].rate),
            ("availability", &facts.availability.flows[i]),
            ("cost", &facts.cost.flows[i].usd),
        ] {
            out.insert(format!("flow {}.{what}", f.name), Measure::from(known));
        }
        // The percentiles are known where the mean is.
        out.insert(format!("flow {}.mean", f.name), facts.latency[i].time.measure("mean"));
    }
    out
}

/// Whether something stands in for a written attribute that is gone: a default that
/// `archc assumptions` lists, another attribute that the design writes, or that it is not there.
fn falls_back(model: &Model, w: &Written) -> bool {
    let (Some(last), Some(first)) = (w.path.last().map(String::as_str), w.path.first()) else { return false };
    let at = |attrs: &Attrs| {
        let mut attrs = attrs.clone();
        for block in &w.path[..w.path.len() - 1] {
            let Some(inner) = attrs.read_named::<keys::Block>(block).or_else(|| attrs.op(block)).cloned() else {
                return false;
            };
            attrs = inner;
        }
        attrs.peek(last).is_some()
    };
    // What adds something that need not be there; a call without a timeout waits as long as it
    // takes, which `assumptions` lists.
    let extra = last == "wait" || last == "batch" || last == "timeout";
    // Without provider there is no network time and no price but what the design gives.
    let bare = !model.system.has_provider && (first == "network" || last == "cost");
    if extra || bare {
        return true;
    }
    if w.owner == "system" {
        return at(&model.system.attrs) || first == "profile";
    }
    if let Some(target) = w.path.iter().rev().find_map(|p| p.strip_prefix("-> ")) {
        // The call's own, then the operation's, then the target's.
        let (name, op) = target.split_once('.').unwrap_or((target, ""));
        let Some(id) = model.find(name) else { return false };
        let attrs = &model.component(id).attrs;
        return attrs.peek(last).is_some() || attrs.op(op).is_some_and(|o| o.peek(last).is_some());
    }
    if let Some(id) = model.find_flow(&w.owner) {
        // A timer says how often.
        return ["rate", "volume"].contains(&last)
            && model.component(model.flow(id).origin).attrs.peek("every").is_some();
    }
    let Some(id) = model.find(&w.owner) else { return false };
    let attrs = &model.component(id).attrs;
    // An operation's own time, then the component's; what `assumptions` derives; nodes are replicas.
    at(attrs)
        || first == "ops" && attrs.peek(last).is_some()
        || ["cores", "r", "w", "sync_replicas", "min_insync"].contains(&last)
        || last == "nodes" && attrs.peek("replicas").is_some()
}

/// Whether the network of some component is said to be unknown.
fn network_is_unknown(model: &Model) -> bool {
    let facts = Facts::loads(model, 1.0);
    facts.utilization.iter().any(|u| u.resources.get("network").is_some_and(|r| r.utilization.is_err()))
}

/// Drops each numeric input of a design in turn; gives what is known without one and should not be.
fn drop_each(design: &Design) -> (Vec<String>, usize) {
    let mut sink = Sink::default();
    let mut model = design.model(&mut sink);
    assert!(!sink.has_errors(), "{:?}", sink.into_sorted());
    let filled = fill(design, &mut model, 1.0);
    let before = numbers(&model);
    let text = design.sources.get(archc::base::FileId(0)).expect("a file").text.to_string();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for w in written(design) {
        let times = |k: f64| -> Ends { w.numbers.iter().map(|s| (*s, End::Times(k))).collect() };
        let Some(other) = [2.0, 0.5, 0.9].iter().find_map(|k| filled.sound_at(design, &times(*k))) else { continue };
        let other = numbers(&other);
        let changed: Vec<&String> = before.iter().filter(|(n, v)| other.get(*n) != Some(v)).map(|(n, _)| n).collect();
        if changed.is_empty() {
            continue;
        }
        let (start, end) = (w.whole.start as usize, w.whole.end as usize);
        let less = open_text("less.arch", &format!("{}{}", &text[..start], &text[end..]), &[]);
        let mut sink = Sink::default();
        let _ = less.model(&mut sink);
        if sink.has_errors() || less.sink.has_errors() {
            // The language wants it: no number without it.
            continue;
        }
        let without = filled.model_at(&less, &Ends::new());
        if falls_back(&without, &w) {
            continue;
        }
        seen += 1;
        let after = numbers(&without);
        for name in changed {
            // A network of which not all calls say their bytes is said to be unknown, and leaves the
            // use of what is known: `docs/decisions.md`.
            let bytes = w.path.last().is_some_and(|l| l == "size" || l == "reply");
            if bytes
                && network_is_unknown(&without)
                && [".utilization", ".availability"].iter().any(|e| name.ends_with(e))
            {
                continue;
            }
            if let (Measure::Known(_), Some(Measure::Known(x))) = (&before[name], after.get(name)) {
                wrong.push(format!("`{}` of `{}` is gone, and {name} is {x}", w.path.join("."), w.owner));
            }
        }
    }
    (wrong, seen)
}

/// Drops every input of a design, at least so many.
#[track_caller]
fn nothing_is_made_up(design: &Design, least: usize) {
    let (wrong, seen) = drop_each(design);
    assert!(seen >= least, "only {seen} inputs were dropped");
    assert!(wrong.is_empty(), "{} numbers are known without their input:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_shop_makes_nothing_up() {
    nothing_is_made_up(&open("examples/shop/shop.arch", &[]), 8);
}

#[test]
fn the_story_makes_nothing_up() {
    nothing_is_made_up(&open("examples/story/5-final.arch", &[]), 15);
}

#[test]
fn a_design_of_every_kind_makes_nothing_up() {
    nothing_is_made_up(&open_text("kitchen.arch", include_str!("../fixtures/kitchen.arch"), &[]), 25);
}

#[test]
fn what_stands_in_is_listed() {
    let design = "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 1ms }
database db { cpu = 1ms, replication = quorum, replicas = 3 }
database log { replication = sync }\nflow f { volume = 3 rps, web -> app { -> db.read } }\n";
    let output = run::archc(&["assumptions", "--format", "json", "-"], design);
    let doc: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list = doc["assumptions"].as_array().expect("a list");
    for (of, attribute, value) in [
        ("app", "cores", "1"),
        ("db", "r", "a majority"),
        ("db", "w", "a majority"),
        ("log", "sync_replicas", "all"),
        ("system", "profile.peak_to_mean", "2"),
    ] {
        let found = list.iter().find(|a| a["of"] == of && a["attribute"] == attribute);
        let found = found.unwrap_or_else(|| panic!("{attribute} of {of} is not listed: {list:?}"));
        assert_eq!(found["value"], value);
        assert!(found["source"].as_str().is_some_and(|s| !s.is_empty()), "{found}");
    }
}

#[test]
fn every_missing_input_of_a_value_is_listed_with_the_text_to_add() {
    let design = "arch 1\nsystem s { region = us-east-1, budget = $9k/month }\nclient web {}\n\
external psp { latency = 9ms, availability = 99.9% }\nservice app { cpu = 1ms, instance = m7g.large }\n\
service cart { cpu = 1ms, instance = m7g.large }\n\
flow f { rate = 3 rps, slo { availability >= 99% }, web -> app { -> cart -> psp } }\n";
    let text = |args: &[&str]| String::from_utf8(run::archc(args, design).stdout).expect("UTF-8");
    let shown = text(&["check", "--coverage", "-"]);
    let listed = "  f.availability:
    `app` does not set the `availability` of one replica: write `availability = …` in `app`
    `cart` does not set the `availability` of one replica: write `availability = …` in `cart`\n";
    assert!(shown.contains(listed), "{shown}");
    for input in [
        "\n  budget:\n",
        "\n    the call from `web` to `app` has no `reply`: write `web -> app { reply = … }`\n",
        "\n    `psp` does not set its `price`: write `price = …` in `psp`\n",
    ] {
        assert!(shown.contains(input), "no {input} in {shown}");
    }
    let shown = text(&["analyze", "-"]);
    assert!(shown.contains(&listed.replace("f.availability", "f, its availability")), "{shown}");
    assert!(shown.contains("  not known: `psp` does not set its `price`: write `price = …` in `psp`\n"), "{shown}");
    let doc: serde_json::Value = serde_json::from_str(&text(&["analyze", "--format", "json", "-"])).expect("JSON");
    let why = doc["flows"]["f"]["unknown"]["availability"].as_str();
    let both = "`app` does not set the `availability` of one replica; \
                `cart` does not set the `availability` of one replica";
    assert_eq!(why, Some(both), "{doc}");
}

#[test]
fn a_default_that_nothing_reads_is_no_assumption() {
    let design = |op: &str| {
        format!(
            "arch 1\nsystem s {{}}\nclient web {{}}\nservice app {{ cpu = 1ms }}\n\
             database db : postgres {{ replicas = 1 }}\nflow f {{ rate = 3 rps, web -> app {{ -> db.{op} }} }}\n"
        )
    };
    let listed = |op: &str, attribute: &str| {
        let output = run::archc(&["assumptions", "--format", "json", "-"], &design(op));
        let doc: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let list = doc["assumptions"].as_array().expect("a list");
        list.iter().any(|a| a["of"] == "db" && a["attribute"] == attribute)
    };
    // The CPU time of an operation counts only if something calls it.
    assert!(listed("read", "ops.read.cpu") && !listed("read", "ops.txn.cpu"));
    assert!(listed("txn", "ops.txn.cpu") && !listed("txn", "ops.read.cpu"));
}

#[test]
fn inputs_of_utilization_and_cost_are_those_that_were_read() {
    let design =
        "arch 1\nsystem s {}\nclient web {}\nservice app { cpu = 1ms, memory = 1GiB, replicas = 2, timeout = 1s }
flow f { rate = 3 rps, web -> app }\n";
    let inputs = |number: &str| {
        let output = run::archc(&["explain", "-", number], design);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let (_, inputs) = text.split_once("inputs:\n").unwrap_or_else(|| panic!("no inputs: {text}"));
        inputs.lines().filter_map(|l| Some(l.trim().split_once(':')?.0.to_owned())).collect::<Vec<_>>()
    };
    let has = |list: &[String], name: &str| list.iter().any(|n| n == name);
    let (used, cost) = (inputs("app.utilization"), inputs("app.cost"));
    assert!(has(&used, "cpu") && has(&used, "replicas") && !has(&used, "timeout"), "{used:?}");
    assert!(has(&cost, "replicas") && !has(&cost, "timeout"), "{cost:?}");
}
