//! `archc size`

use super::{Common, FINDINGS, FINE, USAGE, json, print, refuse, tell, write_file};
use crate::analysis::{Facts, worlds};
use crate::diag::Severity;
use crate::model::{Choices, Ends, Origin};
use crate::session::plan_file::{document, path_of};
use crate::session::{Design, solve};
use crate::sizing::{Sizes, Status};
use crate::units::{show_money, show_ratio};
use clap::Args;
use serde_json::Value as Json;
use std::path::Path;

#[derive(Args, Debug)]
pub(super) struct SizeArgs {
    /// A design; of `-`, standard input, the plan is printed
    file: String,
    /// Write nothing: solve, and fail if the plan file says otherwise
    #[arg(long)]
    check: bool,
    /// Solve for so many times the load, and print the plan instead of writing it: `3x`
    #[arg(long, value_name = "FACTOR", default_value = "1x", value_parser = super::analyze::factor)]
    at: f64,
    /// Print the plan as JSON instead of writing it
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &SizeArgs, common: &Common) -> i32 {
    let design = common.open(&args.file);
    let mut sink = design.sink.clone();
    // From the holes alone, whatever an older plan says.
    let open = design.model(&mut sink);
    if sink.has_errors() {
        let errors: Vec<_> = sink.into_sorted().into_iter().filter(|d| d.severity == Severity::Error).collect();
        return refuse(&design, &errors, common);
    }
    if !open.has_holes() {
        tell(&format!("archc: `{}` leaves nothing open; write `replicas = ?` to have a number solved\n", args.file));
        return FINE;
    }
    let sizes = solve(&design, &open, &Choices::new(), args.at, true);
    let mut filled = open.clone();
    filled.fill(&sizes.choices, &Origin::Solved);
    let filled = crate::analysis::followed(filled, args.at);
    let facts = Facts::new(&filled, args.at);
    let name = Path::new(design.name()).file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let doc = document(&name, &open.digest(), args.at, &filled, &sizes, facts.cost.total().ok(), facts.cost.at_least());
    let text = json(&doc);
    let status = if sizes.status == Status::Infeasible { FINDINGS } else { FINE };
    if args.json || args.file == "-" {
        print(&text);
        return status;
    }
    if args.check {
        return check(&args.file, &doc);
    }
    print(&explain(&sizes, &facts, filled.system.has_provider));
    if status == FINE {
        for miss in misses(&design, &sizes, args.at) {
            // What sizes cannot change, or what they change the other way (cost).
            print(&format!("not met whatever the sizes: {miss}\n"));
        }
    }
    let once = (args.at - 1.0).abs() < f64::EPSILON;
    if status != FINE || !once {
        return status;
    }
    let path = path_of(Path::new(&args.file));
    let written = write_file(&path, &text);
    if written == FINE && !common.quiet {
        print(&format!("written to {}\n", path.display()));
    }
    written
}

/// Verdicts that the solved design misses, by the analyses themselves.
fn misses(design: &Design, sizes: &Sizes, load: f64) -> Vec<String> {
    let filled = |ends: &Ends| {
        let mut m = design.model_at(ends);
        m.fill(&sizes.choices, &Origin::Solved);
        m
    };
    let model = crate::analysis::followed(filled(&Ends::new()), load);
    let worlds = worlds(&model, &Facts::new(&model, load), load, &filled);
    let mut out = Vec::new();
    for (flow, list) in model.flows.iter().zip(&worlds.slo) {
        let missed = list.iter().filter(|v| v.met == Some(false));
        out.extend(missed.map(|v| format!("{} of flow `{}`", v.slo.metric.name, flow.name)));
    }
    out.extend(
        worlds
            .promises
            .iter()
            .filter(|p| p.met == Some(false))
            .map(|p| format!("`{}`: {}", p.name, p.why().join("; "))),
    );
    out.extend(worlds.scenarios.iter().filter(|s| s.holds == Some(false)).map(|s| format!("scenario `{}`", s.name)));
    out
}

/// The choices in words.
fn explain(sizes: &Sizes, facts: &Facts, has_provider: bool) -> String {
    let mut out = String::new();
    let money = |x: f64| if has_provider { format!("{}/month", show_money(x)) } else { format!("{x} cores") };
    match sizes.status {
        Status::Optimal => out.push_str("optimal: no cheaper sizes keep every promise that is known\n"),
        Status::WithinGap(g) => {
            out.push_str(&format!("within a gap: cheaper sizes, if any, are at most {} cheaper\n", show_ratio(g)));
        }
        Status::Infeasible => {
            out.push_str("infeasible: no sizes keep every promise\n");
            for c in &sizes.conflict {
                out.push_str(&format!("  {c}\n"));
            }
        }
    }
    for (name, choice) in &sizes.choices {
        let values = choice.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", ");
        let why = sizes.why.get(name);
        out.push_str(&format!(
            "{name}: {values}{}\n",
            why.map_or_else(String::new, |w| format!(", {}", money(w.cost)))
        ));
        for b in why.iter().flat_map(|w| &w.binding) {
            out.push_str(&format!("  {b}\n"));
        }
        if let Some((other, more)) = why.and_then(|w| w.runner_up.as_ref()) {
            let values = other.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", ");
            out.push_str(&format!("  next: {values}, {} more\n", money(*more)));
        }
    }
    for e in &sizes.unsolved {
        out.push_str(&format!("not solved: {e}\n"));
    }
    if has_provider && sizes.status != Status::Infeasible {
        let cost = &facts.cost;
        out.push_str(&format!("the whole design: {} a month\n", super::analyze::money(&cost.total(), cost.at_least())));
    }
    out
}

/// Compares with the plan file.
fn check(file: &str, doc: &Json) -> i32 {
    let path = path_of(Path::new(file));
    let shown = path.display();
    let old = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            print(&format!("{shown}: there is no plan; `archc size {file}` writes it\n"));
            return FINDINGS;
        }
        Err(e) => {
            tell(&format!("archc: cannot read `{shown}`: {e}\n"));
            return USAGE;
        }
    };
    let Ok(old) = serde_json::from_str::<Json>(&old) else {
        print(&format!("{shown}: it is no plan file; `archc size {file}` writes it anew\n"));
        return FINDINGS;
    };
    if old == *doc {
        print(&format!("{shown}: as the design has it\n"));
        return FINE;
    }
    let same = |key: &str| old.get(key) == doc.get(key);
    if !same("digest") {
        print(&format!("{shown}: the design or the catalog has changed since it was solved\n"));
    }
    let empty = serde_json::Map::new();
    let of = |doc: &Json| doc.get("choices").and_then(Json::as_object).unwrap_or(&empty).clone();
    let (before, now) = (of(&old), of(doc));
    for (name, choice) in &now {
        match before.get(name) {
            None => print(&format!("  {name}: not in the plan\n")),
            Some(b) if b != choice => print(&format!("  {name}: {} in the plan, {} now\n", values(b), values(choice))),
            Some(_) => {}
        }
    }
    for name in before.keys().filter(|n| !now.contains_key(*n)) {
        print(&format!("  {name}: in the plan, and nothing of it is open any more\n"));
    }
    print(&format!("`archc size {file}` writes it anew\n"));
    FINDINGS
}

fn values(choice: &Json) -> String {
    let all = choice.as_object().into_iter().flatten();
    let shown = all.filter(|(k, v)| !["binding", "runner_up", "cost"].contains(&k.as_str()) && !v.is_null());
    shown
        .map(|(k, v)| format!("{k} = {}", v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
        .collect::<Vec<_>>()
        .join(", ")
}
