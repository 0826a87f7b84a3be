//! One screen: load, sizes, cost, and the first limit of a design.

use super::analyze::{asked, first, measure, money, requirement};
use super::table::table;
use crate::analysis::{Known, Timed, limits as find_limits};
use crate::model::{Component, Origin, Value};
use crate::session::Judged;
use crate::units::{show_rate, show_ratio, show_time, significant};

/// The screen of `archc FILE`.
pub(super) fn screen(judged: &Judged) -> String {
    let mut out = format!("\n{}", flows(judged));
    let (rows, holes) = components(judged);
    if rows.len() > 1 {
        out.push_str(&format!("\n{}", table(&rows)));
    }
    out.push('\n');
    let facts = &judged.facts;
    if judged.model.system.has_provider || facts.cost.total().is_ok() {
        let unknown = facts.cost.unknown();
        let tail = match unknown.as_slice() {
            [] => String::new(),
            [one] => format!("; not known: {one}"),
            [one, rest @ ..] => format!("; not known: {one}, and {} more", rest.len()),
        };
        out.push_str(&format!("cost: {} a month{tail}\n", money(&facts.cost.total(), facts.cost.at_least())));
    }
    for p in &judged.verdicts.system_requirements {
        out.push_str(&format!("{}\n", requirement(p)));
    }
    for o in &judged.verdicts.scenarios {
        let word = match o.holds {
            Some(true) => "holds".to_owned(),
            Some(false) => "does NOT hold".to_owned(),
            None => format!("unknown: {}", o.unknown.as_ref().map(ToString::to_string).unwrap_or_default()),
        };
        out.push_str(&format!("scenario {}: {word}\n", o.name));
    }
    out.push_str(&breaks(judged, &holes));
    out
}

fn flows(judged: &Judged) -> String {
    let (model, facts) = (&judged.model, &judged.facts);
    let mut rows = vec![["flow", "peak", "mean", "p99", "asked"].map(str::to_owned).to_vec()];
    let known = |k: &Known| k.as_ref().map_or_else(|_| "unknown".to_owned(), |r| show_rate(*r));
    for (i, (flow, fd)) in model.flows.iter().zip(&facts.demand.flows).enumerate() {
        let shown = |time: &Timed| measure(&time.measure("p99"), show_time);
        let p99 = match (facts.lag.get(i), facts.latency.get(i)) {
            // A flow that consumes a queue: time from publish to done.
            (Some(Some(lag)), _) => format!("lag {}", shown(&lag.time)),
            (_, Some(l)) => shown(&l.time),
            _ => String::new(),
        };
        let targets = judged.verdicts.slo.get(i).into_iter().flatten().map(|v| {
            let word = match v.met {
                Some(true) => "met",
                Some(false) => "NOT met",
                None => "unknown",
            };
            format!("{} {word}", asked(&v.slo))
        });
        rows.push(vec![
            flow.name.clone(),
            known(&fd.rate),
            known(&fd.volume),
            p99,
            targets.collect::<Vec<_>>().join(", "),
        ]);
    }
    table(&rows)
}

/// Counts and the machine of a component; solved values are marked.
fn sizes(c: &Component) -> String {
    let (mut counts, mut machine) = (Vec::new(), Vec::new());
    for a in c.attrs.iter() {
        let solved = matches!(a.origin, Origin::Plan | Origin::Solved);
        let name = a.property.name;
        let counted = ["replicas", "shards", "nodes", "partitions", "cores", "instance"].contains(&name);
        let value = match &a.value {
            Value::Number(n) => significant(n.mid, 4),
            Value::Word(w) if name == "instance" => w.clone(),
            Value::Hole(_) => "?".to_owned(),
            Value::Shards(inner, _) => match &**inner {
                Value::Number(n) => significant(n.mid, 4),
                _ => "?".to_owned(),
            },
            _ => continue,
        };
        let plain = a.origin == Origin::Kind || (matches!(a.origin, Origin::Engine(_)) && name != "instance");
        if counted && (solved || !plain) {
            let mark = if solved { "*" } else { "" };
            // Counts stand before the machine.
            let list = if name == "instance" { &mut machine } else { &mut counts };
            list.push(if name == "instance" { format!("{value}{mark}") } else { format!("{value}{mark} {name}") });
        }
    }
    counts.append(&mut machine);
    counts.join(", ")
}

fn components(judged: &Judged) -> (Vec<Vec<String>>, Vec<&str>) {
    let (model, facts) = (&judged.model, &judged.facts);
    let mut rows = vec![["component", "kind", "size", "rate", "used", "cost"].map(str::to_owned).to_vec()];
    let mut holes = Vec::new();
    for ((id, c), u) in model.all().zip(&facts.utilization) {
        let bill = facts.cost.components.get(id.0).filter(|b| !b.parts.is_empty());
        if u.resources.is_empty() && bill.is_none() {
            continue;
        }
        let rate = facts
            .demand
            .components
            .get(id.0)
            .map_or_else(String::new, |d| d.rate.as_ref().map_or_else(|_| "unknown".to_owned(), |r| show_rate(*r)));
        let open = !c.holes().is_empty();
        let used = match (&u.utilization, u.binding) {
            (Ok(x), Some(of)) => format!("{} {of}", show_ratio(*x)),
            (Ok(x), None) => show_ratio(*x),
            (Err(_), _) if u.resources.is_empty() => "-".to_owned(),
            (Err(_), _) if open => {
                holes.push(c.name.as_str());
                "? (not solved)".to_owned()
            }
            (Err(_), _) => "unknown".to_owned(),
        };
        let kind = c.engine.as_ref().map_or_else(|| c.kind.name.to_owned(), |e| format!("{} {e}", c.kind.name));
        let cost = bill.map_or_else(|| "-".to_owned(), |b| money(&b.total(), b.at_least()));
        rows.push(vec![c.name.clone(), kind, sizes(c), rate, used, cost]);
    }
    (rows, holes)
}

fn breaks(judged: &Judged, holes: &[&str]) -> String {
    let found = find_limits(&judged.model, &judged.facts, 1.0);
    let Some(next) = found.next.first() else {
        return "What breaks first: unknown, no component's capacity is known.\n".to_owned();
    };
    let among = if holes.is_empty() { String::new() } else { format!(" (of what is sized; not {})", holes.join(", ")) };
    let solved = judged.filled.sizes.as_ref().is_some_and(|s| !s.choices.is_empty());
    let mark = match (solved, judged.filled.plan.is_empty()) {
        (true, _) => "* solved just now; `archc size` writes it beside the design and says why.\n",
        (false, false) => "* from the plan file.\n",
        (false, true) => "",
    };
    format!("What breaks first: {}{among}.\n{mark}", first(next))
}
