//! `archc analyze`: the numbers of a design as text or JSON.

mod component;
mod consistency;
mod fields;
mod flow;
mod json;
mod text;

pub(super) use text::{asked, measure, money, promise};

use super::{Common, FINE, USAGE, print, tell};
use crate::analysis::consistency::{Consistency, consistency as consistency_of};
use crate::analysis::{Facts, MAX_CORNERS, Ranges, Worlds, ranges, worlds};
use crate::base::nearest;
use crate::diag::DiagnosticJson;
use crate::model::{Ends, Model};
use crate::session::{Coverage, Judged};
use clap::{Args, ValueEnum};
use serde_json::json as j;
use text::human;

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
    pub consistency: &'a Consistency,
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
    let consistency = consistency_of(&model, &facts.utilization);
    let view = View {
        model: &model,
        facts: &facts,
        ranges: &ranges,
        worlds: &worlds,
        consistency: &consistency,
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
            print(&super::json(&json::document(&view, head, &diagnostics)));
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
