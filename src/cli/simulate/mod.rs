//! `archc simulate`: the numbers of a design by event simulation, beside its formulas.

mod json;
mod outage;
mod text;

use super::analyze::{case, factor, no_such_scenario};
use super::{Common, FINDINGS, FINE, Format, print};
use crate::analysis::{Facts, Known, Measure};
use crate::model::{CompId, Flow, Model, Step};
use crate::simulate::{Estimate, Options, Simulated, simulate};
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct SimulateArgs {
    /// A design; `-` is standard input
    file: String,
    /// How to write the numbers
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Multiply the whole load: `3x`
    #[arg(long, value_name = "FACTOR", default_value = "1x", value_parser = factor)]
    at: f64,
    /// Simulate a scenario of the design in its place
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Find how long an outage of this component may be so that the design heals by itself
    #[arg(long, value_name = "NAME")]
    outage: Option<String>,
    /// The seed of all random numbers: the same seed gives the same bytes on any machine
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulate until the 95% interval of each p99 is this narrow, as half its width over the value
    #[arg(long, value_name = "RATIO", default_value = "2%", value_parser = ratio)]
    precision: f64,
    /// Stop after this many events, in millions
    #[arg(long, value_name = "MILLIONS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    events: u64,
    /// Threads at most; the answer does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// A ratio such as `2%`.
fn ratio(text: &str) -> Result<f64, String> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    let scale = if text.ends_with('%') { 100.0 } else { 1.0 };
    let value = digits.trim().parse::<f64>().ok().map(|x| x / scale);
    value
        .filter(|x| x.is_finite() && *x > 0.0 && *x < 1.0)
        .ok_or_else(|| format!("`{text}` is not a ratio between 0 and 100%; write `2%`"))
}

/// One number in both ways.
pub(super) struct Pair {
    pub metric: &'static str,
    pub simulated: Estimate,
    /// Whether the start was forgotten: if not, nothing can be said about the formula.
    pub settled: bool,
    /// The formula; `None` where no formula tells it.
    pub formula: Option<Measure>,
}

impl Pair {
    /// Whether formula and simulation agree; `None` if there is no formula or it has no value.
    ///
    /// They agree if they differ by at most three standard errors of the simulation or by 2%,
    /// whichever is more. An unbounded formula never agrees.
    pub fn agrees(&self) -> Option<bool> {
        if !self.settled || !self.simulated.high.is_finite() {
            return None;
        }
        match self.formula.as_ref()? {
            Measure::Known(f) => {
                // Half of a 95% interval is about two standard errors.
                let errors = (self.simulated.high - self.simulated.value) * 1.5;
                Some((f - self.simulated.value).abs() <= errors.max(0.02 * self.simulated.value))
            }
            Measure::Unbounded(_) => Some(false),
            Measure::Unknown(_) => None,
        }
    }
}

/// What is shown.
pub(super) struct View<'a> {
    pub model: &'a Model,
    pub facts: &'a Facts,
    pub simulated: &'a Simulated,
    pub at: f64,
    pub scenario: Option<&'a str>,
}

fn known(value: &Known) -> Measure {
    value.as_ref().map_or_else(|why| Measure::Unknown(why.clone()), |x| Measure::Known(*x))
}

impl View<'_> {
    /// The numbers of a flow, in both ways; empty if it is not simulated.
    pub fn flow(&self, index: usize) -> Vec<Pair> {
        let Some(Ok(result)) = self.simulated.flows.get(index) else { return Vec::new() };
        let latency = self.facts.latency.get(index);
        let lag = self.facts.lag.get(index).and_then(Option::as_ref);
        // The formula of a long lag tells the worst of a day, which a run at the peak does not show.
        // The formula of a latency is the time to the answer or to the last failure.
        let (times, time) = if result.is_lag {
            (&result.times, lag.filter(|l| !l.worst_of_day).map(|l| &l.time))
        } else {
            (&result.ended, latency.map(|l| &l.time))
        };
        let mut out: Vec<Pair> = times
            .iter()
            .map(|(metric, e)| Pair {
                metric,
                simulated: *e,
                settled: self.simulated.settled,
                formula: time.map(|t| t.measure(metric)),
            })
            .collect();
        let errors = latency.filter(|_| !result.is_lag).map(|l| &l.errors);
        out.push(Pair {
            metric: "errors",
            simulated: result.errors,
            settled: self.simulated.settled,
            formula: errors.map(known),
        });
        let rate = self.facts.demand.flows.get(index).map(|f| match errors {
            Some(errors) => answered(&f.rate, errors),
            None => known(&f.rate),
        });
        out.push(Pair {
            metric: "throughput",
            simulated: result.throughput,
            settled: self.simulated.settled,
            formula: rate,
        });
        out
    }

    /// The utilization of a component's cores, in both ways: that of its busiest role. `None` if no
    /// simulated flow calls it.
    pub fn component(&self, index: usize) -> Option<Pair> {
        let simulated = self.simulated.components.get(index)?.utilization?;
        let flows = self.model.flows.iter().zip(&self.simulated.flows);
        if !flows.filter(|(_, result)| result.is_ok()).any(|(flow, _)| visits(flow, CompId(index))) {
            return None;
        }
        let formula = self.facts.utilization.get(index).and_then(|u| u.resources.get("cpu"));
        Some(Pair {
            metric: "cpu",
            simulated,
            settled: self.simulated.settled,
            formula: formula.map(|r| known(&r.utilization)),
        })
    }
}

/// Answered requests per second.
fn answered(rate: &Known, errors: &Known) -> Measure {
    match (rate, errors) {
        (Ok(rate), Ok(errors)) => Measure::Known(rate * (1.0 - errors)),
        (Err(why), _) | (_, Err(why)) => Measure::Unknown(why.clone()),
    }
}

/// Whether a flow starts at a component or calls it.
fn visits(flow: &Flow, component: CompId) -> bool {
    let mut any = flow.origin == component;
    Step::walk(&flow.steps, &mut |c| any |= c.target == component);
    any
}

pub(super) fn run(args: &SimulateArgs, common: &Common) -> i32 {
    let (design, judged) = match common.open_sound(&args.file) {
        Ok(both) => both,
        Err(status) => return status,
    };
    let name = args.scenario.as_deref();
    if let Some(status) = name.and_then(|n| no_such_scenario(&judged, n)) {
        return status;
    }
    let model = case(judged.model.clone(), name, args.at);
    let options = Options {
        load: args.at,
        seed: args.seed,
        precision: args.precision,
        events: args.events * 1_000_000,
        threads: args.threads.map(usize::from),
    };
    if let Some(of) = &args.outage {
        return outage::run(&model, of, &options, args.format, design.name());
    }
    let simulated = simulate(&model, &options);
    let facts = Facts::new(&model, args.at);
    let view = View { model: &model, facts: &facts, simulated: &simulated, at: args.at, scenario: name };
    match args.format {
        Format::Human => print(&text::human(&view)),
        Format::Json => print(&super::json(&json::document(&view, design.name(), &judged.digest))),
    }
    let collapses = simulated.flows.iter().flatten().any(|f| f.collapsed > 0.0);
    if collapses { FINDINGS } else { FINE }
}
