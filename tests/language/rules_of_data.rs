//! Rules about data and messages, at their edges: what they say, and where they must be silent.

use archc::session::{judge, open_text};
use std::collections::BTreeSet;

/// The codes among these that a design of three services is found guilty of.
fn found(parts: &str, only: &[&str]) -> BTreeSet<String> {
    let text = format!(
        "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ }}\nservice one {{ }}\nservice two {{ }}\n{parts}\n"
    );
    let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
    j.diagnostics.iter().map(|d| d.code.to_owned()).filter(|c| only.contains(&c.as_str())).collect()
}

#[track_caller]
fn says(code: &str, parts: &str) {
    assert!(found(parts, &[code]).contains(code), "{parts}");
}

#[track_caller]
fn silent(code: &str, parts: &str) {
    assert!(found(parts, &[code]).is_empty(), "{parts}");
}

const WRITES: &str = "flow f { rate = 1 rps, web -> app { -> d.write } }";

#[test]
fn what_must_be_backed_up() {
    says("ARC064", &format!("database d {{ }}\n{WRITES}"));
    says("ARC064", &format!("database d {{ replicas = 3, replication = sync }}\n{WRITES}"));
    silent("ARC064", &format!("database d {{ backup {{ keep = 7 days }} }}\n{WRITES}"));
    // Nobody of the design writes it: where its data come from is not said.
    silent("ARC064", "database d { }\nflow f { rate = 1 rps, web -> app { -> d.read } }");
    // An index is made again from what it shows.
    silent("ARC064", &format!("database d {{ refresh = 1s }}\n{WRITES}"));
    // So is a store that only a queue's consumers fill, but not one that others write too.
    let fed = "queue q { dead_letter = true }\ndatabase d { }\nflow p { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> one { -> d.write { versioned = true } } }";
    silent("ARC064", fed);
    says("ARC064", &format!("{fed}\n{WRITES}"));
}

#[test]
fn what_can_give_a_strong_read() {
    let design = |d: &str, call: &str, model: &str| {
        format!(
            "database d {{ {d} }}\nflow f {{ rate = 1 rps, slo {{ consistency = {model} }}, web -> app {{ {call} }} }}"
        )
    };
    let both = |parts: &str| found(parts, &["ARC066", "ARC068"]).into_iter().collect::<Vec<_>>();
    let copies = "replicas = 3, replication = consensus";
    let index = format!("{copies}, refresh = 1s");
    // One mistake, one finding.
    assert_eq!(both(&design(&index, "-> d.read", "linearizable")), ["ARC068"]);
    assert_eq!(both(&design(copies, "-> d.read { from = replica }", "linearizable")), ["ARC068"]);
    assert_eq!(both(&design(&index, "-> d.read", "read_your_writes")), ["ARC066"]);
    for fine in
        [design(&index, "-> d.read { from = primary }", "linearizable"), design(copies, "-> d.read", "linearizable")]
    {
        assert!(both(&fine).is_empty(), "{fine}");
    }
    // Where another hop is to blame that is named.
    let cached = design(copies, "-> hot.get else { -> d.read }", "linearizable");
    assert_eq!(both(&format!("cache hot {{ hit = 90%, ttl = 1min, fill = set }}\n{cached}")), ["ARC066"]);
}

#[test]
fn a_check_that_no_transaction_holds() {
    let two = |store: &str, write: &str| {
        format!(
            "database d {{ {store} }}\nflow f {{ rate = 1 rps, web -> app {{\n-> one {{ -> d.read {{ key = k }} }}\n-> two {{ -> d.write {{ {write} }} }}\n}} }}"
        )
    };
    let codes = |parts: &str| found(parts, &["ARC071", "ARC077", "ARC078"]).into_iter().collect::<Vec<_>>();
    assert_eq!(codes(&two("isolation = serializable", "key = k")), ["ARC071"]);
    assert_eq!(codes(&two("isolation = read_committed", "key = k")), ["ARC071"]);
    assert_eq!(codes(&two("", "key = k")), ["ARC071"]);
    for fine in [
        two("", "key = k, versioned = true"),
        two("versioned = true", "key = k"),
        two("unique = true", "key = k"),
        two("", "key = other"),
        two("", ""),
    ] {
        assert!(codes(&fine).is_empty(), "{fine}");
    }
    // A replica's read is its own rule's.
    let replica = two("replicas = 2, replication = async, read_from = replica, max_lag = 1s", "key = k");
    assert_eq!(codes(&replica), ["ARC077"]);
    // One component: its isolation decides.
    let one = |isolation: &str| {
        format!(
            "database d {{ isolation = {isolation} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.read {{ key = k }}, -> d.write {{ key = k }} }} }}"
        )
    };
    assert!(codes(&one("serializable")).is_empty());
    assert_eq!(codes(&one("read_committed")), ["ARC078"]);
    // Objects have no transactions.
    let object = |put: &str| {
        format!(
            "bucket b {{ }}\nflow f {{ rate = 1 rps, web -> app {{ -> b.get {{ key = k }}, -> b.put {{ {put} }} }} }}"
        )
    };
    assert_eq!(codes(&object("key = k")), ["ARC071"]);
    assert!(codes(&object("key = k, versioned = true")).is_empty());
}

#[test]
fn an_order_that_is_asked_for() {
    let design = |queue: &str, flow: &str, write: &str| {
        format!(
            "database d {{ backup {{ every = 1h }} }}\nqueue q {queue}\nflow p {{ rate = 1 rps, web -> app {{ -> q.publish }} }}\nflow g {{ {flow}, q ~> one {{ -> d.write {{ {write} }} }} }}"
        )
    };
    says("ARC093", &design("{ ordering = key }", "parallel = true", "idempotent = true"));
    says("ARC093", &design("{ ordering = total }", "parallel = true", ""));
    says("ARC093", &design("{ ordering = total, partitions = 2 }", "batch = 1", ""));
    silent("ARC093", &design("{ ordering = total, partitions = 1 }", "batch = 1", ""));
    silent("ARC093", &design("{ ordering = key, partitions = 8 }", "batch = 1", ""));
    silent("ARC093", &design("{ ordering = none }", "parallel = true", ""));
    silent("ARC093", &design("{ ordering = key }", "parallel = true", "versioned = true"));
    // What an engine offers is no need.
    silent("ARC093", &design(": kafka { }", "parallel = true", ""));
}

#[test]
fn exactly_once_ends_at_the_broker() {
    let design = |delivery: &str, does: &str| {
        format!(
            "external psp {{ latency = 1ms }}\ndatabase d {{ backup {{ every = 1h }} }}\nqueue q {{ delivery = {delivery} }}\nqueue r {{ }}\nflow p {{ rate = 1 rps, web -> app {{ -> q.publish }} }}\nflow g {{ q ~> one {{ {does} }} }}\nflow h {{ r ~> two }}"
        )
    };
    let codes = |parts: &str| found(parts, &["ARC092", "ARC094"]).into_iter().collect::<Vec<_>>();
    for does in ["-> psp", "-> d.write", "-> d.write { idempotent = true }, -> psp"] {
        assert_eq!(codes(&design("exactly_once", does)), ["ARC094"], "{does}");
        assert_eq!(codes(&design("at_least_once", does)), ["ARC092"], "{does}");
        assert!(codes(&design("at_most_once", does)).is_empty(), "{does}");
    }
    // From queue to queue it holds; what knows repeats, or is bound, is fine; a read is no effect.
    for does in ["-> r.publish", "-> psp { idempotency_key = true }", "-> d.write { versioned = true }", "-> d.read"] {
        assert!(codes(&design("exactly_once", does)).is_empty(), "{does}");
    }
    assert!(codes(&design("exactly_once", "-> d.write { transaction = two_phase }")).is_empty());
}
