//! Primaries whose zone the design does not say: the worst of all ways, and named.

use crate::support::Says;
use archc::analysis::{Facts, reliability};
use archc::session::{Judged, judge, open_text};

/// One service in zone a, copies in zones a and b: with the primary in zone a one zone is
/// needed, with it in zone b two are.
fn design(store: &str, more: &str) -> Judged {
    let text = format!(
        "arch 1\nsystem s {{ provider = none, zones = 2, zone_availability = 99% {more}\nclient web {{ }}\nservice app {{ cpu = 1ms, replicas = 1, zones = [a], availability = 100% }}\ndatabase d {{ cpu = 1ms, replicas = 2, replication = async, availability = 100%, {store} }}\nflow f {{ rate = 1 rps, slo {{ availability >= 98.5% }}, web -> app {{ -> d.write }} }}\nscenario b {{ fail = [zone b] }}\n"
    );
    let out = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(out.language_errors().is_empty(), "{text}\n{:?}", out.language_errors());
    out
}

struct Got {
    availability: f64,
    note: Option<String>,
    cut_sets: Vec<Vec<String>>,
    given: Vec<String>,
    zone_b: Result<bool, archc::analysis::Reason>,
    scenario: Option<bool>,
    slo: Option<bool>,
}

fn got(store: &str) -> Got {
    let j = design(store, "}");
    let facts = Facts::new(&j.model, 1.0);
    let mut more = reliability(&j.model, &facts, 1.0);
    let one = more.flows.remove(0);
    let sets = one.cut_sets.expect("known");
    Got {
        availability: facts.availability.flows[0].clone().expect("known"),
        note: one.primaries,
        cut_sets: sets.sets.into_iter().map(|s| s.parts).collect(),
        given: sets.given,
        zone_b: more.zones[1].flows[0].0.clone(),
        scenario: j.verdicts.scenarios[0].holds,
        slo: j.verdicts.slo[0][0].met,
    }
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-12, "{got} instead of {want}");
}

#[test]
fn the_worst_zone_is_the_number_and_is_named() {
    let a = got("primary = a, failover = manual");
    near(a.availability, 0.99);
    assert_eq!((a.note, a.given.len(), a.zone_b, a.slo), (None, 0, Ok(true), Some(true)));
    let b = got("primary = b, failover = manual");
    near(b.availability, 0.99 * 0.99);
    assert!(b.zone_b.is_err() && b.slo == Some(false));
    let any = got("failover = manual");
    near(any.availability, 0.99 * 0.99);
    let note = any.note.expect("it decides");
    assert_eq!(note, "the worst of all places of primaries, that of `d` in zone b; 99% at best: say `primary`");
    assert_eq!(any.given, ["d.primary in zone b"]);
    assert_eq!(any.cut_sets, b.cut_sets);
    // Judged by its worst end, like an interval.
    assert_eq!(any.slo, Some(false));
}

#[test]
fn a_lost_zone_that_may_hold_the_primary_is_in_doubt() {
    let names_it = |why: &Result<bool, archc::analysis::Reason>| {
        why.as_ref().is_err_and(|e| e.contains("`d`") && e.contains("`primary`"))
    };
    for how in ["manual", "none"] {
        let any = got(&format!("failover = {how}"));
        assert!(names_it(&any.zone_b), "{how}: {:?}", any.zone_b);
        assert_eq!(any.scenario, None, "{how}");
        assert_eq!(got(&format!("failover = {how}, primary = a")).zone_b, Ok(true), "{how}");
    }
    // A replica that takes over makes it no matter where the primary is.
    let auto = got("failover = auto");
    near(auto.availability, 0.99);
    assert_eq!((auto.note, auto.given.len(), auto.zone_b), (None, 0, Ok(true)));
}

#[test]
fn some_zone_holds_it_so_the_loss_of_any_is_not_survived() {
    let met = |store: &str| {
        let j = design(store, ", survive = zone }");
        j.verdicts.system_requirements.iter().find(|p| p.name == "survive").expect("promised").met
    };
    // The only service is lost with zone a, whatever the store does.
    let with = |store: &str| {
        let text = format!(
            "arch 1\nsystem s {{ provider = none, zones = 2, survive = zone }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 1ms, replicas = 2, place {{ a = 1, b = 1 }} }}\ndatabase d {{ cpu = 1ms, replicas = 2, replication = async, {store} }}\nflow f {{ rate = 1 rps, slo {{ p99 <= 1s }}, web -> lb -> app {{ -> d.write }} }}\n"
        );
        let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
        j.verdicts.system_requirements.iter().find(|p| p.name == "survive").expect("promised").met
    };
    assert_eq!(met("failover = none"), Some(false));
    assert_eq!(with("failover = none"), Some(false));
    assert_eq!(with("failover = manual"), None);
    assert_eq!(with("failover = auto"), Some(true));
}

#[test]
fn two_that_are_open_are_tried_together() {
    // With both primaries where the service is one zone is needed, with them apart three.
    let text = "arch 1\nsystem s { provider = none, zones = 3, zone_availability = 99% }\nclient web { }\nservice app { cpu = 1ms, zones = [a], availability = 100% }\ndatabase d { cpu = 1ms, replicas = 3, replication = async, failover = none, availability = 100% }\ndatabase e { cpu = 1ms, replicas = 3, replication = async, failover = none, availability = 100% }\nflow f { rate = 1 rps, web -> app { -> d.write, -> e.write } }\n";
    let j = judge(&open_text("x.arch", text, &[]), jiff::civil::date(2026, 11, 25), false);
    let facts = Facts::new(&j.model, 1.0);
    near(facts.availability.flows[0].clone().expect("known"), 0.99_f64.powi(3));
    let note = reliability(&j.model, &facts, 1.0).flows.remove(0).primaries.expect("it decides");
    assert!(note.contains("`d` in zone c, that of `e` in zone b") && note.contains("99% at best"), "{note}");
}
