//! `archc size`

use super::analyze::amount;
use super::size_check::Fresh;
use super::{Common, FINDINGS, FINE, Format, USAGE, json, print, refuse, tell, write_file};
use crate::analysis::Facts;
use crate::base::nearest;
use crate::diag::Severity;
use crate::model::{Ends, Origin};
use crate::session::plan_file::{document, path_of};
use crate::session::{Found, Rates, SizingInputs, choose, put_rates, sized, unmet};
use crate::sizing::{Frontier, Mode, Proof, Resize, Robust, Sizes, Status, Study, commitments, words};
use crate::units::{show_ratio, show_time, significant};
use clap::Args;
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
    /// Solve for another peak rate of a flow, and print the plan instead of writing it: `checkout=2k/s`
    #[arg(long, value_name = "FLOW=RATE", value_parser = flow_rate)]
    rate: Vec<(String, f64)>,
    /// Solve again with each demand a little tighter and easier, and say what each costs
    #[arg(long)]
    prices: bool,
    /// Solve again for tighter and looser targets of a flow's time, and say what each costs: `browse`
    #[arg(long, value_name = "FLOW")]
    frontier: Option<String>,
    /// Find the cheapest mix of on-demand use and commitments of one and three years for the machines of the plan
    #[arg(long)]
    commit: bool,
    /// Cases of a design with intervals that the plan is for: `worst`, every end of the intervals (the default);
    /// `mid`, their midpoint; `expected`, the midpoint, at the least mean cost over the samples; `regret`, every
    /// end, at the least maximum regret; `p95`, the midpoint and 95% of the samples. The default of `--check` is
    /// the mode of the plan
    #[arg(long, value_name = "MODE", value_parser = mode)]
    robust: Option<Mode>,
    /// Seed of the samples: random draws of every interval. The same seed draws the same samples
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of samples: 200, or fewer for a large design
    #[arg(long, alias = "worlds", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    samples: Option<u64>,
    /// How to write the plan; `json` prints it instead of writing the plan file
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// The same as `--format json`
    #[arg(long)]
    json: bool,
}

fn flow_rate(text: &str) -> Result<(String, f64), String> {
    let (flow, rate) = text.split_once('=').ok_or_else(|| format!("`{text}` is not `FLOW=RATE`"))?;
    Ok((flow.trim().to_owned(), crate::session::rate(rate)?))
}

fn mode(text: &str) -> Result<Mode, String> {
    let all = || Mode::ALL.map(Mode::word).join(", ");
    Mode::named(text).ok_or_else(|| format!("it is one of {}", all()))
}

impl SizeArgs {
    /// The required robustness: from the options, and for a check without options from the plan.
    fn robust(&self, plan: Robust) -> Robust {
        let or = if self.check { plan } else { Robust::default() };
        Robust {
            mode: self.robust.unwrap_or(or.mode),
            seed: self.seed.unwrap_or(or.seed),
            samples: self.samples.and_then(|n| usize::try_from(n).ok()).or(or.samples),
        }
    }
}

pub(super) fn run(args: &SizeArgs, common: &Common) -> i32 {
    let design = common.open(&args.file);
    let mut sink = design.sink.clone();
    // From the variables alone, without an older plan.
    let open = design.model(&mut sink);
    if sink.has_errors() {
        let errors: Vec<_> = sink.into_sorted().into_iter().filter(|d| d.severity == Severity::Error).collect();
        return refuse(&design, &errors, common);
    }
    // Counts that `place` determines are not variables, even if written as `?`.
    let decided = sink.list().iter().filter(|d| d.code == "ARC550" && d.severity == Severity::Warning);
    decided.for_each(|d| tell(&format!("archc: {}\n", d.message)));
    if !(open.has_holes() || args.check && design.plan.is_some()) {
        tell(&format!("archc: `{}` leaves nothing open; write `replicas = ?` to have a number solved\n", args.file));
        return FINE;
    }
    let rates: Rates = args.rate.iter().cloned().collect();
    let digest = open.digest();
    let written = design.clone();
    let asked = SizingInputs { rates, robust: args.robust(design.robust()), ..SizingInputs::at(args.at) };
    let rates = &asked.rates;
    let (design, open, engines) = match choose(&design, &open, &asked, true) {
        Some(Found::Chosen(chosen)) => {
            let (with, _, sizes) = *chosen;
            let model = with.model_at(&Ends::new());
            (with, model, Some(sizes))
        }
        Some(Found::Infeasible(why)) => {
            tell(&format!("infeasible: no engine will do\n{}", lines(&why)));
            return FINDINGS;
        }
        Some(Found::Unsolved(why)) => {
            tell(&format!("no engine is chosen\n{}", lines(&why)));
            return FINDINGS;
        }
        None => (design, open, None),
    };
    let mut filled = open.clone();
    if let Some(name) = put_rates(&mut filled, rates).first() {
        let near = nearest(name, filled.flows.iter().map(|f| f.name.as_str()));
        let help = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        tell(&format!("archc: no flow is named `{name}`{help}\n"));
        return USAGE;
    }
    let (resize, found) = sized(&design, &open, &asked, engines.is_none(), true);
    let (sizes, held) = (engines.unwrap_or(found.sizes), found.held);
    // A check compares plans; sensitivities follow from them.
    let mut study = if args.check { Study::default() } else { resize.study(&sizes, args.prices) };
    if let Some(flow) = args.frontier.as_ref().filter(|_| !args.check) {
        match resize.frontier(flow, &sizes) {
            Ok(found) => study.frontier = Some(found),
            Err(why) => {
                tell(&format!("archc: {why}\n"));
                return USAGE;
            }
        }
    }
    filled.fill(&sizes.choices, &Origin::Solved);
    let filled = crate::analysis::followed(filled, args.at);
    let facts = Facts::new(&filled, args.at);
    if args.commit && !args.check {
        if !filled.system.has_provider {
            tell("archc: commitments are a matter of a provider's prices; write `provider = aws`\n");
            return USAGE;
        }
        study.commitments = (sizes.status != Status::Infeasible).then(|| commitments(&filled, &facts.demand));
    }
    let name = Path::new(design.name()).file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let doc = document(&name, &digest, args.at, &filled, (&sizes, held.as_ref()), &study, &facts.cost);
    let text = json(&doc);
    let status = if sizes.status == Status::Infeasible { FINDINGS } else { FINE };
    if args.json || args.format == Format::Json || args.file == "-" {
        print(&text);
        return status;
    }
    if args.check {
        let fresh = Fresh { model: &open, sizes: &sizes, held: held.as_ref(), digest: &digest };
        return super::size_check::run(&args.file, &written, &asked, &fresh);
    }
    print(&explain(&sizes, &study, &facts, filled.system.has_provider));
    if let Some(held) = &held {
        print(&super::robust::words(held, &|x| amount(x, filled.system.has_provider)));
    }
    if status == FINE {
        for miss in unmet(&design, &sizes, &asked) {
            // Verdicts that sizes cannot change, or change in the other direction (cost).
            print(&format!("not met whatever the sizes: {miss}\n"));
        }
    }
    let once = (args.at - 1.0).abs() < f64::EPSILON && rates.is_empty();
    if args.at > 1.0 {
        print(&growth(&resize.at(1.0), open.system.has_provider, args.at));
    }
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

fn lines(all: &[String]) -> String {
    all.iter().fold(String::new(), |text, w| text + "  " + w + "\n")
}

/// The choices as text.
fn explain(sizes: &Sizes, study: &Study, facts: &Facts, has_provider: bool) -> String {
    let mut out = String::new();
    let money = |x: f64| amount(x, has_provider);
    match sizes.status {
        _ if sizes.is_partial() => out.push_str(&partial(sizes)),
        Status::Optimal => {
            let by = if sizes.proof == Proof::Milp { "MILP" } else { "Lagrangian bound" };
            out.push_str(&format!("proven optimal ({by}): no cheaper plan meets every known requirement\n"));
        }
        Status::WithinGap(g) => {
            let at_most = format!("within a gap: cheaper sizes, if any, are at most {} cheaper", show_ratio(g));
            match &sizes.proof {
                Proof::Gap(why) => out.push_str(&format!("{at_most}; {}\n", why.words())),
                Proof::Lagrange | Proof::Milp => out.push_str(&format!("{at_most}\n")),
            }
        }
        Status::Infeasible => {
            out.push_str("infeasible: no plan meets every requirement\n");
            for c in &sizes.conflict {
                out.push_str(&format!("  {c}\n"));
            }
            out.push_str(&conflict(study, has_provider));
        }
    }
    for (name, choice) in &sizes.choices {
        let values = words(choice);
        let why = sizes.why.get(name);
        out.push_str(&format!(
            "{name}: {values}{}\n",
            why.map_or_else(String::new, |w| format!(", {}", money(w.cost)))
        ));
        for b in why.iter().flat_map(|w| &w.binding) {
            out.push_str(&format!("  {b}\n"));
        }
        if let Some((other, more)) = why.and_then(|w| w.runner_up.as_ref()) {
            let values = words(other);
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
    if sizes.status != Status::Infeasible {
        out.push_str(&prices(study, has_provider));
    }
    if let Some(f) = &study.frontier {
        out.push_str(&frontier(f, has_provider));
    }
    if let Some(c) = &study.commitments {
        out.push_str(&super::commit::table(c));
    }
    out
}

/// Variables without values, and the quality of the other values.
fn partial(sizes: &Sizes) -> String {
    let rest = match sizes.status {
        _ if sizes.choices.is_empty() => String::new(),
        Status::WithinGap(g) => format!("; of the rest, cheaper sizes, if any, are at most {} cheaper", show_ratio(g)),
        _ => "; of the rest, no cheaper plan meets every known requirement".to_owned(),
    };
    let n = sizes.unsolved.len();
    format!("partial: {n} {} no value, with the reason below{rest}\n", if n == 1 { "hole gets" } else { "holes get" })
}

/// The cost of each target on a flow's time.
fn frontier(f: &Frontier, has_provider: bool) -> String {
    let dearest = f.points.iter().filter_map(|p| p.cost.as_ref().ok().copied()).fold(0.0, f64::max);
    let mut rows = vec![[f.metric.as_str(), "cost", ""].map(str::to_owned).to_vec()];
    for p in &f.points {
        let (cost, bar) = match &p.cost {
            Ok(x) => (amount(*x, has_provider), super::analyze::bar(if dearest > 0.0 { x / dearest } else { 0.0 })),
            Err(_) => ("impossible".to_owned(), String::new()),
        };
        rows.push(vec![show_time(p.target), cost, bar]);
    }
    let why = f.points.iter().rev().find_map(|p| p.cost.as_ref().err());
    let why = why.map_or_else(String::new, |w| format!("  impossible: {w}\n"));
    format!("\nwhat {} of {} costs, as the only change:\n{}{why}", f.metric, f.flow, super::table::table(&rows))
}

/// Requirements that are infeasible together, and the least changes that make them feasible.
fn conflict(study: &Study, has_provider: bool) -> String {
    let mut out = String::new();
    match study.conflict.as_slice() {
        [] => {}
        [one] => out.push_str(&format!("impossible by itself: {one}\n")),
        many => out.push_str(&format!("cannot all hold, though any of them can be left out: {}\n", many.join(", "))),
    }
    for (i, r) in study.relaxations.iter().enumerate() {
        let head = if i == 0 { "feasible: " } else { "          " };
        let more = if r.all { "" } else { " or more" };
        let what = if has_provider { "the whole design costs" } else { "what is sized has" };
        out.push_str(&format!("{head}{}; then {what} {}{more}\n", r.change, amount(r.cost, has_provider)));
    }
    out
}

/// The sensitivity to each requirement.
fn prices(study: &Study, has_provider: bool) -> String {
    let mut rows = vec![["demand", "changed to", "cost"].map(str::to_owned).to_vec()];
    let mut free: Vec<String> = Vec::new();
    for s in &study.sensitivity {
        let demand = s.constraint.replace('`', "");
        let change = s.to.clone();
        let cost = match &s.cost_change {
            Ok(x) if x.abs() < 0.005 => {
                free.push(format!("{demand} -> {change}"));
                continue;
            }
            Ok(x) if *x > 0.0 => format!("{} more", amount(*x, has_provider)),
            Ok(x) => format!("{} less", amount(-x, has_provider)),
            Err(why) => format!("impossible: {why}"),
        };
        rows.push(vec![demand, change, cost]);
    }
    let mut out = String::new();
    if rows.len() > 1 {
        out.push_str(&format!("\nwhat each demand costs:\n{}", super::table::table(&rows)));
    }
    if !free.is_empty() {
        out.push_str("\nat the same cost:\n");
        for f in free {
            out.push_str(&format!("  {f}\n"));
        }
    }
    out
}

/// Capacity steps between the design's load and the requested load.
fn growth(resize: &Resize, has_provider: bool, to: f64) -> String {
    let (steps, end) = resize.capacity_steps(1.0, to);
    let mut out = format!("\non the way from 1x to {}x:\n", significant(to, 3));
    if steps.is_empty() && end.is_none() {
        out.push_str("  the sizes of 1x do\n");
    }
    for step in steps {
        let changes: Vec<String> =
            step.changes.iter().map(|(name, attr, old, new)| format!("{name}: {attr} {old} -> {new}")).collect();
        let cost = amount(step.cost, has_provider);
        out.push_str(&format!("  above {}x: {} ({cost})\n", significant(step.at, 3), changes.join(", ")));
    }
    if let Some(why) = end {
        out.push_str(&format!("  {why}\n"));
    }
    out
}
