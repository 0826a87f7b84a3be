//! Limits: the next checks to fail as the load grows, as text and JSON.

use super::View;
use super::fields::Fields;
use crate::analysis::{At, Limited, Next};
use crate::cli::table::table;
use crate::units::significant;
use serde_json::json as j;

/// `breaks_at` of a target, or of a flow.
pub(super) fn put_breaks(f: &mut Fields, at: Option<&At>) {
    match at {
        Some(At::Known(x)) => f.put("breaks_at", j!(x)),
        Some(At::Never) => f.put("breaks_at", j!("unbounded")),
        Some(At::Unknown(e)) => f.known("breaks_at", &Err(e.clone())),
        None => {}
    }
}

/// A multiple of the load.
fn multiple(at: f64) -> String {
    if at <= 0.0 { "any".to_owned() } else { format!("{}x", significant(at, 3)) }
}

/// The failing check as text: `p99 of browse`, `cpu of catalog`, with the name in quotes of the
/// caller's choice.
fn thing(next: &Next, quote: &str) -> String {
    let (Limited::Target(name, what) | Limited::Resource(name, what)) = &next.what;
    format!("{what} of {quote}{name}{quote}")
}

/// The next limits, as a table.
pub(super) fn next_to_break(view: &View) -> String {
    if view.breaks.next.is_empty() {
        return String::new();
    }
    let mut rows = vec![["breaks", "at", "because"].map(str::to_owned).to_vec()];
    rows.extend(view.breaks.next.iter().map(|n| vec![thing(n, ""), multiple(n.at), n.why.clone()]));
    let middle = if view.model.intervals.is_empty() { "" } else { ", intervals at midpoint" };
    format!("\nnext limits (known values{middle}):\n{}", table(&rows))
}

/// The first limit, on one line.
pub(in crate::cli) fn first(next: &Next) -> String {
    let thing = thing(next, "`");
    match next.at {
        at if at <= 0.0 => format!("{thing}: {}", next.why),
        at if at < 1.0 => format!("{thing}, already: it holds up to {} of this load; {}", multiple(at), next.why),
        at => format!("{thing}, at {} this load: {}", multiple(at), next.why),
    }
}
