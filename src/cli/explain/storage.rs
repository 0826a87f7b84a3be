//! `archc explain FILE NAME.storage`: the data of a store, its disk, and the time until it is full.
//!
//! In: a component's storage, its reads from disk. Out: text.

use crate::analysis::{Kept, Known, misses};
use crate::cli::analyze::when;
use crate::model::{Component, Model};
use crate::units::{show_ratio, show_size};

/// The derivation of one component's storage.
pub(super) fn text(model: &Model, c: &Component, kept: Option<&Kept>) -> String {
    let name = &c.name;
    let Some(k) = kept else { return format!("{name}.storage: it keeps nothing on disks of its own\n") };
    let size = |known: &Known| known.as_ref().map_or_else(|e| format!("unknown: {e}"), |b| show_size(*b));
    let mut out = format!("{name}.storage = {} in one copy\n", size(&k.now.data));
    out.push_str(&format!("  busiest disk: {} of {}\n", size(&k.now.busiest), size(&k.now.disk)));
    if let Some((ratio, per)) = c.growth() {
        out.push_str(&format!("  grows by {} each {}\n", show_ratio(ratio), crate::units::show_time(per)));
        out.push_str(&format!("  at the horizon: {}\n", size(&k.then)));
    }
    match &k.now.full_in {
        Ok(s) => out.push_str(&format!("  its disk is full {}\n", when(*s))),
        Err(e) => out.push_str(&format!("  when its disk is full is unknown: {e}\n")),
    }
    match &k.now.outgrown_in {
        Some(Ok(s)) => out.push_str(&format!("  its working set outgrows memory {}\n", when(*s))),
        Some(Err(e)) => out.push_str(&format!("  when its working set outgrows memory is unknown: {e}\n")),
        None => {}
    }
    let mut why = Vec::new();
    match misses(model, c, &mut why) {
        None => out.push_str("  it is taken to serve from memory: it says neither `working_set` nor `skew`\n"),
        Some(Err(e)) => out.push_str(&format!("  its reads from disk are unknown: {e}\n")),
        Some(Ok(_)) => why.iter().for_each(|line| out.push_str(&format!("  {line}\n"))),
    }
    out
}
