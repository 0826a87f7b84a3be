//! `archc explain FILE NAME.hit`: the derivation of a hit ratio, and the cache size for other
//! ratios.
//!
//! In: a component's hit ratio with its inputs. Out: text. Never: a computation, except the inverse
//! of the theory.

use crate::analysis::{CacheContents, Hit};
use crate::units::{show_ratio, show_size, significant};

/// Common hit ratios.
const GOALS: [f64; 4] = [0.80, 0.90, 0.95, 0.99];
/// Share of all keys above which a cache counts as expensive.
const DEAR: f64 = 0.2;

/// The derivation of one component's hit ratio.
pub(super) fn text(name: &str, hit: Option<&Hit>) -> String {
    let Some(hit) = hit else {
        return format!("{name}.hit: it is no cache and has none\n");
    };
    let value = hit.value.as_ref().map_or_else(|e| format!("unknown: {e}"), |h| show_ratio(*h));
    let mut out = format!("{name}.hit = {value}\n");
    for line in &hit.why {
        out.push_str(&format!("  {line}\n"));
    }
    if let Some(held) = &hit.held {
        out.push_str(&others(held));
    }
    out
}

/// Cache sizes for other hit ratios, everything else unchanged.
fn others(held: &CacheContents) -> String {
    let mut out = String::from("what a copy must hold for other ratios, no entry ending before it is pushed out:\n");
    for goal in GOALS {
        let Some(entries) = held.entries_for(goal) else { continue };
        let bytes = held.entry_size.map_or_else(String::new, |b| format!(", {}", show_size(entries * b)));
        let share = entries / held.items;
        out.push_str(&format!(
            "  {}: {} entries{bytes}, {} of the keys\n",
            show_ratio(goal),
            significant(entries, 6),
            show_ratio(share)
        ));
    }
    if let Some(entries) = held.entries_for(0.9).filter(|n| *n > DEAR * held.items) {
        out.push_str(&format!(
            "  90% is expensive here: it takes {} of all keys, because popularity falls slowly (skew {})\n",
            show_ratio(entries / held.items),
            held.skew
        ));
    }
    out
}
