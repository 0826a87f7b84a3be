//! Which attributes are read: recorded while everything runs over designs that set every attribute.

use crate::support::{judged::judged, kitchen, run};
use archc::kinds::{CALL, FLOW, KINDS, Property, SYSTEM, Type};

/// Visits an attribute and those of its block, as `kind.attribute`.
fn each(p: &'static Property, of: &str, visit: &mut dyn FnMut(&'static Property, String)) {
    let path = format!("{of}.{}", p.name);
    visit(p, path.clone());
    if let Type::Block(inner) = p.ty {
        inner.iter().for_each(|i| each(i, &path, visit));
    }
}

/// The list of attributes that nothing reads can only shrink: its diff shows it.
#[test]
fn what_nothing_reads_is_listed() {
    let read = kitchen::Read::new();
    let mut unread = String::new();
    let mut check = |p: &'static Property, path: String| {
        if !read.reads(p) {
            unread.push_str(&format!("{path}\n"));
        }
    };
    SYSTEM.iter().for_each(|p| each(p, "system", &mut check));
    KINDS.iter().for_each(|k| k.properties().for_each(|p| each(p, k.name, &mut check)));
    CALL.iter().chain(FLOW.iter()).for_each(|p| each(p, "call or flow", &mut check));
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/unread-attributes.txt");
    if std::env::var_os("ARCHC_BLESS").is_some() {
        std::fs::write(list, &unread).expect("written");
    }
    assert_eq!(unread, std::fs::read_to_string(list).unwrap_or_default(), "attributes that nothing reads");
}

/// `model = search` silences ARC064; `check` said that nothing reads it.
#[test]
fn what_silences_a_rule_is_read() {
    let text = |model: &str| {
        format!(
            "arch 1\nclient web {{ }}\nservice app {{ cpu = 1ms }}\ndatabase d {{ cpu = 1ms, data = 1GB{model} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.write }} }}\n"
        )
    };
    let (plain, search) = (judged(&text("")), judged(&text(", model = search")));
    assert!(plain.diagnostics.iter().any(|d| d.code == "ARC064"), "{:#?}", plain.diagnostics);
    assert!(!search.diagnostics.iter().any(|d| d.code == "ARC064"));
    assert!(!search.coverage.unread.iter().any(|u| u == "model"), "{:?}", search.coverage.unread);
}

/// What no analysis, rule or generator reads in this design is told, whatever other designs use it for.
#[test]
fn what_has_no_effect_in_a_design_is_told() {
    let j = judged(
        "arch 1\nclient web { }\nservice app { cpu = 1ms, owner = payments }\nflow f { rate = 1 rps, web -> app }\n",
    );
    assert_eq!(j.coverage.unread, ["owner"]);
}

/// Waits between tries are 71% of the p99; none of the three attributes was named.
#[test]
fn explain_names_all_that_a_percentile_was_made_of() {
    let text = "arch 1\nsystem s { provider = none }\nclient web { }\nservice app { cpu = 1ms }\nexternal ext { latency = p50 8ms p99 60ms }\nflow f { rate = 10 rps, web -> app { -> ext { timeout = 20ms, retries = 1, backoff = 100ms } } }\n";
    let out = run::archc(&["explain", "-", "f.p99"], text);
    let out = String::from_utf8_lossy(&out.stdout).into_owned();
    for line in ["timeout = 20ms", "retries = 1", "backoff = 100ms"] {
        assert!(out.contains(line), "{line} is missing:\n{out}");
    }
}
