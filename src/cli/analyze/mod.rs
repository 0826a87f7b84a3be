//! `archc analyze`: the numbers of a design as text or JSON.

mod admission;
mod autoscale;
mod call_policy;
mod component;
mod consistency;
mod fields;
mod flow;
mod growth;
mod json;
mod lag;
mod limits;
mod reliability;

pub(super) use growth::when;
mod spread;
mod text;
mod tornado;
mod waterfall;
mod words;

pub(super) use limits::first;
pub(super) use waterfall::{bar, bars, parts};
pub(super) use words::{amount, asked, measure, money, requirement};

use super::{Common, FINE, Format, USAGE, print, tell};
use crate::analysis::consistency::{Consistency, consistency as consistency_of};
use crate::analysis::{
    Facts, Limits, Ranges, Reliability, Swing, Verdicts, Waterfall, followed, judge_cases, limits as find_limits,
    ranges, reliability as beyond, swings, waterfall as split,
};
use crate::base::nearest;
use crate::diag::DiagnosticJson;
use crate::model::Reason;
use crate::model::{Ends, FlowId, Model};
use crate::session::{Coverage, Judged, inputs};
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
    /// What each uncertain input does to cost and p99; `all` varies every written number by 10%
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "intervals", value_name = "WHICH")]
    tornado: Option<Inputs>,
}

/// The shown case and its facts.
pub(super) struct View<'a> {
    pub model: &'a Model,
    pub facts: &'a Facts,
    pub ranges: &'a Ranges,
    pub verdicts: &'a Verdicts,
    pub reliability: &'a Reliability,
    pub consistency: &'a Consistency,
    pub coverage: &'a Coverage,
    pub breaks: &'a Limits,
    /// The effect of each input, if `--tornado` is set.
    pub tornado: Option<&'a [Swing]>,
    /// By flow: the parts of its time, or the reason why they are unknown.
    pub waterfalls: &'a [Result<Waterfall, Reason>],
    pub at: f64,
    pub scenario: Option<&'a str>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Inputs {
    Intervals,
    All,
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
    // The requested case, at midpoints and at any endpoints of its intervals.
    let changed = |m: Model| case(m, name, args.at);
    let model = changed(judged.model.clone());
    let facts = Facts::new(&model, args.at);
    let at = |ends: &Ends| changed(judged.filled.model_at(&design, ends));
    let ranges = ranges(&model, args.at, &at);
    let verdicts = judge_cases(&model, &facts, args.at, &at);
    let reliability = beyond(&model, &facts, args.at);
    let breaks = find_limits(&model, &facts, args.at);
    let flows = (0..model.flows.len()).map(FlowId);
    let waterfalls: Vec<_> = flows.map(|id| split(&model, id, &facts.demand, &facts.stations)).collect();
    let tornado = args.tornado.map(|which| {
        let vary = |ends: &Ends| judged.filled.sound_at(&design, ends).map(changed);
        swings(&inputs(&design, &judged.model, which == Inputs::All), args.at, &vary)
    });
    let consistency = consistency_of(&model, &facts, args.at);
    let view = View {
        model: &model,
        facts: &facts,
        ranges: &ranges,
        verdicts: &verdicts,
        reliability: &reliability,
        consistency: &consistency,
        coverage: &judged.coverage,
        breaks: &breaks,
        tornado: tornado.as_deref(),
        waterfalls: &waterfalls,
        at: args.at,
        scenario: name,
    };
    match args.format {
        Format::Human => {
            print(&human(&view));
            if ranges.skipped > 0 && !common.quiet {
                tell(&format!(
                    "note: {} intervals are too many to evaluate in a design of this size; low and high are not given\n",
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

/// A scenario of a model, or the model itself, with the replicas of its autoscalers at a load.
pub(super) fn case(model: Model, scenario: Option<&str>, at: f64) -> Model {
    let Some(s) = scenario.and_then(|n| model.scenarios.iter().find(|s| s.name == n)) else {
        return followed(model, at);
    };
    // An earlier check ensured that its faults can be analyzed.
    match followed(model.in_scenario(s), at).with_faults(&s.faults) {
        Ok(lossy) => lossy.model,
        Err(_) => model,
    }
}

/// Prints the error about the name of a scenario; returns the exit status.
pub(super) fn no_such_scenario(judged: &Judged, name: &str) -> Option<i32> {
    let all = &judged.model.scenarios;
    let Some(i) = all.iter().position(|s| s.name == name) else {
        let help = nearest(name, all.iter().map(|s| s.name.as_str()))
            .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        tell(&format!("archc: no scenario is named `{name}`{help}\n"));
        return Some(USAGE);
    };
    let outcome = judged.verdicts.scenarios.get(i)?;
    let why = outcome.unknown.as_ref().filter(|_| outcome.case.is_none())?;
    tell(&format!("archc: `{name}`: {why}\n"));
    Some(USAGE)
}
