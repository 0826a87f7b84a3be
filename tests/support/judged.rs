//! A design judged with its holes solved, and what sizing came to.
#![allow(dead_code, reason = "each user takes a part")]

use archc::diag::Severity;
use archc::model::Chosen;
use archc::session::{Judged, judge, open_text};
use archc::sizing::Sizes;

pub fn judged(text: &str) -> Judged {
    let judged = judge(&open_text("x.arch", text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(judged.language_errors().is_empty(), "{text}\n{:#?}", judged.diagnostics);
    judged
}

pub fn sizes(j: &Judged) -> &Sizes {
    j.filled.sizes.as_ref().expect("something is open")
}

/// A count that was solved.
pub fn count(j: &Judged, name: &str, attr: &str) -> f64 {
    match sizes(j).choices.get(name).and_then(|c| c.get(attr)) {
        Some(Chosen::Count(n)) => *n,
        other => panic!("{name}.{attr}: {other:?}, {:?}", sizes(j)),
    }
}

/// What sizes are to avoid: errors of capacity and promises, and a cache that loses all its nodes.
pub fn broken(j: &Judged) -> Vec<String> {
    let sized = ["ARC621", "ARC631", "ARC632", "ARC633", "ARC640"];
    let found = j.diagnostics.iter().filter(|d| d.severity == Severity::Error && sized.contains(&d.code));
    found.map(|d| format!("{}: {}", d.code, d.message)).collect()
}
