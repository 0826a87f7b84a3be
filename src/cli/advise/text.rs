//! Advice as text.

use crate::advise::{Advice, CheckClass, FailedCheck, Hunk, Money, Open, Proposal, Rung, StepVerdict, hunks};
use crate::units::{show_money, show_ratio, significant};
use std::collections::BTreeMap;

/// Most lines of the change that are shown.
const MOST_LINES: usize = 80;
/// Most reasons for unknown values that are shown.
const MOST_OPEN: usize = 5;

/// The whole advice.
pub(super) fn human(advice: &Advice, file: &str, before: &str, show_change: bool) -> String {
    let mut out = String::new();
    let load = format!("{}x", significant(advice.load, 3));
    let when =
        if (advice.load - 1.0).abs() < f64::EPSILON { "As it is".to_owned() } else { format!("At {load} the load") };
    if advice.rungs.is_empty() {
        out.push_str(&nothing(advice, &when));
        return out;
    }
    out.push_str(&format!("{when}, {file} fails:\n"));
    // Utilization of an overloaded component is shown with the limiting components.
    let told = |m: &&FailedCheck| {
        advice.failed.len() == 1 || !m.is_overload() || advice.failed.iter().all(FailedCheck::is_overload)
    };
    for line in grouped(&advice.failed.iter().filter(told).cloned().collect::<Vec<_>>()) {
        out.push_str(&format!("  {line}\n"));
    }
    if !advice.limiting.is_empty() {
        out.push_str("Limiting components:\n");
        for (name, why) in &advice.limiting {
            out.push_str(&format!("  `{name}`, {why}\n"));
        }
    }
    out.push_str(&open(advice, true));
    out.push_str("\nThe ladder:\n");
    for (i, rung) in advice.rungs.iter().enumerate() {
        out.push_str(&step(i, rung, advice.chosen == Some(i)));
    }
    let Some(rung) = advice.chosen.and_then(|i| advice.rungs.get(i)) else {
        out.push_str("\nNo step holds.\n");
        return out;
    };
    let Some(p) = rung.proposal() else { return out };
    out.push_str(&format!("\nAdvice: {}.\n", rung.title()));
    for d in &p.done {
        out.push_str(&format!("  {d}\n"));
    }
    for line in values(p) {
        out.push_str(&format!("  {line}\n"));
    }
    out.push_str(&format!("  cost: {}\n", costs(&advice.cost, &p.cost)));
    if let StepVerdict::OverBudget(_, why) = &rung.outcome {
        out.push_str(&format!("  it costs more than is allowed: {}\n", why.join("; ")));
    }
    for a in &p.assumed {
        out.push_str(&format!("  assumed: {a}\n"));
    }
    if let Some((hit, of)) = &p.hit {
        out.push_str(&format!(
            "  it holds from a hit ratio of {} of {of}; measure it before you build it\n",
            show_ratio(*hit)
        ));
    }
    for m in &p.remains {
        let why = if m.class == CheckClass::Money {
            "no step of the ladder saves that"
        } else {
            "no step of the ladder changes that"
        };
        out.push_str(&format!("  still not kept: {} ({}), {why}\n", m.what, m.why));
    }
    for o in &p.open {
        out.push_str(&format!("  not judged: {}: {}\n", o.what, o.why));
    }
    for (code, message) in &p.warnings {
        out.push_str(&format!("  it brings a warning: {code}, {message}\n"));
    }
    out.push_str(&cheaper(&advice.cheaper, p));
    let all = hunks(before, &p.text);
    if all.is_empty() {
        out.push_str(&format!("\nNo text changes: `archc size {file} --at {load}` shows these sizes.\n"));
    } else if show_change {
        out.push_str(&format!("\nThe change (`-o FILE` writes the design with it):\n{}", change(&all)));
    }
    out
}

/// The line for a design in which no check fails.
fn nothing(advice: &Advice, when: &str) -> String {
    let mut out = String::new();
    let far = if when == "As it is" { "As it is and at up to 10x the load" } else { when };
    let others: Vec<String> = grouped(&advice.failed);
    if others.is_empty() {
        let due = if advice.open.is_empty() { "fails: no step is due" } else { "that is known fails" };
        out.push_str(&format!("{far} nothing {due}.\n"));
    } else {
        out.push_str(&format!("{far} nothing fails that the ladder is there for. What fails it does not change:\n"));
        for line in others {
            out.push_str(&format!("  {line}\n"));
        }
    }
    if let Some(next) = &advice.first {
        out.push_str(&format!("What breaks first: {}.\n", super::super::analyze::first(next)));
    }
    out.push_str(&open(advice, false));
    if !advice.open.is_empty() {
        out.push_str("Say that, and whether a step is due can be told.\n");
    }
    out
}

/// Unknown values; if a check fails, only those that add information.
fn open(advice: &Advice, fails: bool) -> String {
    let repeats = |o: &Open| advice.failed.iter().any(|m| o.is_about(m));
    let all: Vec<_> = advice.open.iter().filter(|o| !fails || !repeats(o)).collect();
    if all.is_empty() {
        return String::new();
    }
    let mut out = String::from("Not known, so not judged:\n");
    for o in all.iter().take(MOST_OPEN) {
        out.push_str(&format!("  {}: {}\n", o.what, o.why));
    }
    if all.len() > MOST_OPEN {
        out.push_str(&format!("  and {} more\n", all.len() - MOST_OPEN));
    }
    out
}

/// Failed checks in lines; targets of one metric that are missed for one reason share a line.
fn grouped(failed: &[FailedCheck]) -> Vec<String> {
    let mut lines: Vec<(&FailedCheck, Vec<String>)> = Vec::new();
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for m in failed {
        let target = m.target.as_ref().map(|(metric, flow)| ((*metric, m.why.as_str()), flow));
        let same = target.and_then(|(key, flow)| Some((*seen.get(&key)?, flow)));
        if let Some((line, flow)) = same
            && let Some((_, names)) = lines.get_mut(line)
        {
            names.push(format!("`{flow}`"));
            continue;
        }
        if let Some((key, _)) = target {
            seen.insert(key, lines.len());
        }
        lines.push((m, vec![m.what.clone()]));
    }
    let line = |(m, names): (&FailedCheck, Vec<String>)| match &m.plural {
        Some(plural) => format!("{} {}", names.join(", "), if names.len() > 1 { plural } else { &m.why }),
        None => format!("{}: {}", names.join(", "), m.why),
    };
    lines.into_iter().map(line).collect()
}

/// One step with its verdict.
fn step(i: usize, rung: &Rung, chosen: bool) -> String {
    let lines: Vec<String> = match &rung.outcome {
        StepVerdict::Feasible(_) => vec!["holds".to_owned()],
        StepVerdict::OverBudget(_, why) => vec![format!("holds but for money: {}", why.join("; "))],
        StepVerdict::Infeasible(why) => why
            .iter()
            .enumerate()
            .map(|(k, w)| if k == 0 { format!("does not hold: {w}") } else { format!("  {w}") })
            .collect(),
        StepVerdict::NotApplicable(why) => vec![format!("not applicable: {why}")],
        StepVerdict::Unknown(why) => vec![format!("not known: {why}")],
    };
    let mark = if chosen { "->" } else { "  " };
    let mut out = format!("{mark} {}. {}: ", i + 1, rung.title());
    out.push_str(&lines.join("\n       "));
    out.push('\n');
    out
}

/// The solved values, one component on a line: `app: replicas 6 -> 44`.
fn values(p: &Proposal) -> Vec<String> {
    let mut by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for v in &p.values {
        let text = match &v.old {
            Some(old) => format!("{} {old} -> {}", v.attribute, v.new),
            None => format!("{} = {}", v.attribute, v.new),
        };
        by.entry(&v.component).or_default().push(text);
    }
    by.into_iter().map(|(name, all)| format!("`{name}`: {}", all.join(", "))).collect()
}

fn costs(before: &Money, after: &Money) -> String {
    let one = |m: &Money| super::super::analyze::money(&m.total, m.at_least);
    let less = |x: f64| if x < 0.0 { format!("{} less", show_money(-x)) } else { format!("{} more", show_money(x)) };
    let by = match (&before.total, &after.total) {
        (Ok(a), Ok(b)) => format!(" ({})", less(b - a)),
        _ if after.at_least > 0.0 => format!(" ({} of what is known)", less(after.at_least - before.at_least)),
        _ => String::new(),
    };
    format!("{} -> {} a month{by}", one(before), one(after))
}

/// Steps that would be cheaper together.
fn cheaper(all: &[Rung], than: &Proposal) -> String {
    let mut out = String::new();
    for (i, rung) in all.iter().enumerate() {
        let Some(p) = rung.proposal() else { continue };
        let by = match (&than.cost.total, &p.cost.total) {
            (Ok(a), Ok(b)) => a - b,
            _ => than.cost.at_least - p.cost.at_least,
        };
        let hit = p.hit.as_ref().map(|(hit, of)| (show_ratio(*hit), of));
        let first = rung.steps.first().map_or("", |s| s.title());
        let rest = rung.steps.iter().skip(1).fold(String::new(), |all, s| all + ", and " + s.title());
        let found: Vec<String> = values(p);
        let head = match hit {
            Some((hit, _)) if i > 0 => format!("  with {hit}"),
            Some((hit, of)) => format!("Cheaper: {first} that answers {hit} or more of {of}{rest}"),
            None => format!("Cheaper: {first}{rest}"),
        };
        let found = if found.is_empty() { String::new() } else { format!(" ({})", found.join("; ")) };
        out.push_str(&format!("{head}: {} a month less{found}\n", show_money(by)));
    }
    out
}

/// The change as removed and added lines.
fn change(all: &[Hunk]) -> String {
    let mut out = String::new();
    let mut left = MOST_LINES;
    for h in all {
        if left == 0 {
            out.push_str("  ...\n");
            break;
        }
        out.push_str(&format!("  line {}\n", h.line));
        for (sign, line) in h.old.iter().map(|l| ('-', l)).chain(h.new.iter().map(|l| ('+', l))).take(left) {
            // Text of a file must not send control characters to the terminal.
            let line: String = line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
            let text = format!("  {sign} {line}");
            out.push_str(text.trim_end());
            out.push('\n');
            left -= 1;
        }
    }
    out
}
