//! `docs/accuracy.md`: what the lines of a cross-check come to.
//!
//! In: one line of JSON for each design. Out: the page. Never: a simulation.

use super::designs::CLASSES;
use serde_json::Value;
use std::fmt::Write;

/// A formula below this share of the low end of the simulated p99 would call a wrong target met.
const TOO_LOW: f64 = 0.9;

const ABOUT: &str = "\
Each design is computed twice: by the formulas of `archc analyze`, and by the event simulation of `archc simulate`. Both
read the same design and share nothing else. Flows that collapse in any run of the simulation are left out of the first two tables and counted in the last.

**How to read the first table.** A difference is |formula / simulation - 1|. Each cell is the median over all flows (for
utilization: components) of the class, then the 95th percentile.

- *Too low*: the share of flows, lag included, whose p99 the formula puts more than 10% below the simulated one. This is the
  direction that hurts.
- *Errors* are shares of requests; their difference is in percentage points.
- *Noise*: half of the 95% interval of the simulated p99 over the p99, median over flows. A difference of that size may be the
  simulation's own.
- *No value*: flows for which the formulas give a reason, or \"unbounded\", in place of a p99.
- Latency is that of all requests, with the time until the failure of those that fail.

**How to read the second table.** Give each flow the target `p99 <= 0.9 x` the low end of its simulated interval: it is
missed. If the formula's p99 meets it, `archc check` would print a wrong \"met\". The table counts these flows and names
the worst of each class; its text is at the end of the page.

**Where the cause of a difference is known:**

- *Several calls at once to one store* arrive together and queue behind each other. The formulas take them as independent
  arrivals, which is too low: most on one core, and for everyone else who calls that store.
- *Batches*: the formulas take every batch as full. The simulation takes the messages that are there, so at a low rate most
  batches hold one message: consumers are busier than the formulas say, and the lag is shorter.
- *Rate limits*: in the simulation a refused request ends at once and costs nothing. The formulas let it take the time and
  the work of the gateway, and refuse only the average excess, not that of a burst.
- *Repeated calls, xN,* meet the same queue several times, so their waits resemble each other. The formulas add independent
  waits: the mean is right, the p99 is too low.
- *Waits for threads* are an approximation: near the limit of the threads it is far too high.
- *Retries and hedges* can hold a design in an overload that chance began. The formulas give the times of the state without
  overload, and `archc analyze` says \"metastable\" beside them. The last table counts these: a target is judged by
  the p99 alone.
- *Least connections* is up to 20% too low for replicas of one core above 60%.
- *Pools of connections*: the cause is not known yet.

**What is not covered.** All designs have zero network, one region, no losses, Poisson arrivals and, but for one class, exponential
service times. The busiest resource is at 30 to 85% before retries (18 to 51% in the class with the tight timeout); nearer
to saturation both sides are less certain. Designs have at most three flows. Not among them: replication, shards, caches by their contents,
breakers, retry budgets, fallbacks, nested retries, `max_connections`, batched calls, order by key. What `archc simulate`
does not simulate at all is listed in [the guide](guide.md). The simulation is a model too: it checks the arithmetic of the
formulas, not the world.

";

/// One value in both ways.
struct Both {
    simulated: f64,
    low: f64,
    high: f64,
    formula: f64,
}

impl Both {
    fn of(interval: &Value, formula: &Value) -> Option<Self> {
        let at = |i: usize| interval[i].as_f64();
        Some(Self { simulated: at(0)?, low: at(1)?, high: at(2)?, formula: formula.as_f64()? })
    }

    fn relative(&self) -> Option<f64> {
        (self.simulated > 0.0).then(|| (self.formula / self.simulated - 1.0).abs())
    }
}

fn flows(line: &Value) -> impl Iterator<Item = &Value> {
    line["flows"].as_array().into_iter().flatten()
}

/// A time of a flow.
fn time(flow: &Value, metric: &str) -> Option<Both> {
    let pair = &flow["times"][metric];
    Both::of(&pair[0], &pair[1])
}

/// Whether the flow collapsed in any replication.
fn collapsed(flow: &Value) -> bool {
    flow["collapsed"].as_f64().is_some_and(|c| c > 0.0)
}

/// The value at a share of a sorted list; nothing of an empty one.
fn at(list: &mut [f64], share: f64) -> Option<f64> {
    list.sort_by(f64::total_cmp);
    list.get(((list.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied()
}

fn percent(x: f64) -> String {
    let p = x * 100.0;
    if p >= 9.95 { format!("{p:.0}%") } else { format!("{p:.1}%") }
}

/// Median and 95th percentile.
fn spread(mut list: Vec<f64>) -> String {
    match (at(&mut list, 0.5), at(&mut list, 0.95)) {
        (Some(half), Some(most)) => format!("{} / {}", percent(half), percent(most)),
        _ => "-".to_owned(),
    }
}

/// A row of the first table.
fn row(class: &str, lines: &[&Value]) -> String {
    let steady = || lines.iter().flat_map(|l| flows(l)).filter(|f| !collapsed(f));
    let latency = |metric: &str| -> Vec<f64> {
        steady().filter(|f| f["lag"] == false).filter_map(|f| time(f, metric)?.relative()).collect()
    };
    let lag = steady().filter(|f| f["lag"] == true).filter_map(|f| time(f, "p99")?.relative()).collect();
    let used = lines.iter().flat_map(|l| l["components"].as_array().into_iter().flatten());
    let used = used.filter_map(|c| Both::of(&c[1], &c[2])?.relative()).collect();
    let errors = steady().filter_map(|f| Both::of(&f["errors"][0], &f["errors"][1]));
    let errors = errors.map(|b| (b.formula - b.simulated).abs()).collect();
    let all: Vec<Both> = steady().filter_map(|f| time(f, "p99")).collect();
    let low = all.iter().filter(|b| b.formula < TOO_LOW * b.simulated).count();
    let mut noise: Vec<f64> =
        all.iter().filter(|b| b.simulated > 0.0).map(|b| (b.high - b.low) / 2.0 / b.simulated).collect();
    let without = steady().filter(|f| !f["times"]["p99"][1].is_number()).count();
    format!(
        "| {class} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {without} |\n",
        lines.len(),
        spread(latency("mean")),
        spread(latency("p50")),
        spread(latency("p99")),
        spread(lag),
        if all.is_empty() { "-".to_owned() } else { percent(low as f64 / all.len() as f64) },
        spread(used),
        spread(errors),
        at(&mut noise, 0.5).map_or_else(|| "-".to_owned(), percent),
    )
}

/// A flow whose formula would call a wrong target met: its name, the formula over the simulation, the line.
struct Wrong<'a> {
    flow: &'a str,
    p99: Both,
    line: &'a Value,
}

fn wrong<'a>(lines: &[&'a Value]) -> Vec<Wrong<'a>> {
    let mut out = Vec::new();
    for line in lines {
        for flow in flows(line).filter(|f| !collapsed(f)) {
            let Some(p99) = time(flow, "p99").filter(|b| b.formula < TOO_LOW * b.low) else { continue };
            out.push(Wrong { flow: flow["flow"].as_str().unwrap_or_default(), p99, line });
        }
    }
    out.sort_by(|a, b| (a.p99.formula / a.p99.simulated).total_cmp(&(b.p99.formula / b.p99.simulated)));
    out
}

fn ms(seconds: f64) -> String {
    archc::units::show_time(seconds)
}

/// Flows of a class that collapse: all, those without a bounded p99, those with one that are told not to be stable, and
/// those that are told to be stable.
fn collapses(lines: &[&Value]) -> [usize; 4] {
    let mut out = [0; 4];
    for flow in lines.iter().flat_map(|l| flows(l)).filter(|f| collapsed(f)) {
        let bounded = flow["times"]["p99"][1].is_number();
        out[0] += 1;
        out[if !bounded {
            1
        } else if flow["stable"] == true {
            3
        } else {
            2
        }] += 1;
    }
    out
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The page.
pub fn page(lines: &[Value], seed: u64, events: u64) -> String {
    let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
    let millions = events as f64 / 1e6;
    let mut out = format!(
        "<!-- Generated by `cargo xtask crosscheck {}`. -->\n\n# How far formulas and simulation are apart\n\n\
         {} random designs, seed {seed}, {millions} million events each, measured on {today}.\n\n{ABOUT}",
        lines.len(),
        lines.len()
    );
    out.push_str("## Differences by class\n\n| class | designs | mean | p50 | p99 | lag p99 | too low | utilization | errors | noise | no value |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    let of = |class: &str| -> Vec<&Value> { lines.iter().filter(|l| l["class"] == class).collect() };
    for (class, _) in CLASSES {
        out.push_str(&row(class, &of(class)));
    }
    out.push_str(&row("all", &lines.iter().collect::<Vec<_>>()));
    let unsettled = lines.iter().filter(|l| l["settled"] == false).count();
    if unsettled > 0 {
        let _ = write!(
            out,
            "\nIn {unsettled} designs the events ran out before the warm-up ended; they count all the same.\n"
        );
    }
    out.push_str("\n## Wrong \"met\"\n\n| class | flows | wrong | worst: design, flow | formula | simulated p99 (95% interval) |\n|---|---|---|---|---|---|\n");
    let mut worst = Vec::new();
    for (class, _) in CLASSES {
        let own = of(class);
        let count = own.iter().flat_map(|l| flows(l)).filter(|f| time(f, "p99").is_some() && !collapsed(f)).count();
        let all = wrong(&own);
        let Some(first) = all.first() else {
            let _ = writeln!(out, "| {class} | {count} | 0 | | | |");
            continue;
        };
        let b = &first.p99;
        let _ = writeln!(
            out,
            "| {class} | {count} | {} | {}, `{}` | {} | {} ({}..{}) |",
            all.len(),
            first.line["index"],
            first.flow,
            ms(b.formula),
            ms(b.simulated),
            ms(b.low),
            ms(b.high)
        );
        worst.push((class, first.line));
    }
    out.push_str("\n## Collapses\n\nFlows that collapse in at least one of the 16 runs, and what the formulas say of them.\n\n| class | collapse | no bounded p99 | a p99, but not stable | stable |\n|---|---|---|---|---|\n");
    for (class, _) in CLASSES {
        let [all, unbounded, warned, stable] = collapses(&of(class));
        if all > 0 {
            let _ = writeln!(out, "| {class} | {all} | {unbounded} | {warned} | {stable} |");
        }
    }
    if !worst.is_empty() {
        out.push_str("\n## The worst designs\n\n`archc simulate FILE` shows the same of each.\n");
    }
    for (class, line) in worst {
        let _ = write!(out, "\n{class}, design {}:\n\n```arch\n{}```\n", line["index"], text(line, "design"));
    }
    out
}
