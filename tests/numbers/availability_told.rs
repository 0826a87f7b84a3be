//! How availability is told: what is taken for granted of primaries and of failovers, what
//! would mend a missed target, calls that never happen, figures that are nearly 1.

use crate::support::Says;
use archc::analysis::consistency::copies::Fate;
use archc::session::{Judged, judge, open_text};
use archc::units::{nines, show_nines};
use proptest::prelude::*;
use std::process::Command;

fn judged(store: &str, slo: &str, calls: &str) -> Judged {
    let text = design(store, slo, calls);
    let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
    j
}

fn design(store: &str, slo: &str, calls: &str) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none, zones = 3, zone_availability = 99.9% }}\nclient web {{ }}\nservice app {{ replicas = 3, availability = 99.99%, cpu = 1us }}\nservice extra {{ replicas = 1, availability = 90%, cpu = 1us }}\ndatabase d {{ cpu = 1us, availability = 99.9%, {store} }}\nflow f {{ rate = 1 rps, {slo}web -> app {{ {calls} }} }}\n"
    )
}

fn availability(calls: &str) -> f64 {
    *judged("replicas = 1", "", calls).facts.availability.flows[0].as_ref().expect("known")
}

#[test]
fn a_call_that_never_happens_is_no_dependency() {
    let without = availability("-> d.read");
    assert!(availability("-> d.read, -> extra") < 0.95);
    for never in ["-> extra x0", "-> extra 0%", "choose { 100% { -> d.read }, 0% { -> extra } }"] {
        let calls = if never.starts_with("choose") { never.to_owned() } else { format!("-> d.read, {never}") };
        let got = availability(&calls);
        assert!((got - without).abs() < 1e-15, "{never}: {got} instead of {without}");
    }
    // Nor of what a cut leaves: a store that is never asked decides nothing.
    let rows = |calls: &str| judged("replicas = 1, primary = a", "", calls).consistency.rows[0].clone();
    assert!(rows("-> d.read").iter().any(|r| r.answer.as_ref().is_ok_and(|a| a.fate == Fate::Fails)));
    assert!(rows("-> d.read x0").iter().all(|r| r.answer.as_ref().is_ok_and(|a| a.fate == Fate::Works)));
}

fn note(store: &str) -> (f64, Option<String>, Option<String>) {
    let j = judged(store, "", "-> d.write");
    let r = archc::analysis::reliability(&j.model, &j.facts, 1.0);
    let d = j.model.components.iter().position(|c| c.name == "d").expect("there");
    (*j.facts.availability.flows[0].as_ref().expect("known"), r.flows[0].primaries.clone(), r.components[d].clone())
}

#[test]
fn a_failover_that_is_not_said_is_told() {
    let store = |more: &str| format!("replicas = 3, replication = sync, primary = a{more}");
    let (unsaid, flow, component) = note(&store(""));
    let (manual, none, of) = note(&store(", failover = manual"));
    let (auto, _, _) = note(&store(", failover = auto"));
    // The least that it may be, with what it may be beside it.
    assert!((unsaid - manual).abs() < 1e-15 && auto > manual);
    let flow = flow.expect("told");
    assert!(flow.contains("`failover = auto`") && flow.contains(&show_nines(auto)), "{flow}");
    assert!(component.expect("told").contains("say `failover`"));
    assert!(none.is_none() && of.is_none(), "what is written is not doubted");
    // And a cut is in doubt for the same reason: both say that it is not said.
    let j = judged(&store(""), "", "-> d.write");
    let doubts = j.consistency.rows[0].iter().filter_map(|r| r.answer.as_ref().err());
    assert!(
        doubts.clone().count() > 0 && doubts.clone().all(|e| e.contains("`failover`")),
        "{:?}",
        doubts.collect::<Vec<_>>()
    );
}

#[test]
fn a_component_alone_tells_its_worst_zone() {
    // Two copies in a, one in b: the zone of the primary matters to a write that waits for another.
    let store = "replicas = 3, place { a = 2, b = 1 }, replication = sync, sync_replicas = 1, on_sync_loss = block, failover = manual";
    let (_, flow, component) = note(store);
    assert!(component.expect("told").contains("say `primary`"));
    assert!(flow.expect("told").contains("`d`"));
}

#[test]
fn a_missed_target_names_primary_and_failover() {
    let help = |store: &str, target: &str| {
        let j = judged(store, &format!("slo {{ availability >= {target} }}, "), "-> d.write");
        let found = j.diagnostics.iter().find(|d| d.code == "ARC631").map(|d| d.help.clone().unwrap_or_default());
        found.expect("it misses")
    };
    let sync = "replicas = 3, replication = sync, primary = a";
    let auto = help(&format!("{sync}, failover = manual"), "99.95%");
    assert!(auto.contains("`failover = auto` for `d`"), "{auto}");
    let unsaid = help(sync, "99.95%");
    assert!(unsaid.contains("`failover = auto` for `d`"), "{unsaid}");
    let open = "replicas = 3, place { a = 2, b = 1 }, replication = sync, sync_replicas = 1, on_sync_loss = block, failover = manual";
    let j = judged(open, "", "-> d.write");
    let worst =
        j.facts.availability.structure.as_ref().expect("there").worst(&j.model, &j.model.flows[0]).expect("known");
    let between = show_nines(worst.low.midpoint(worst.high));
    let primary = help(open, &between);
    assert!(primary.contains("say `primary` of `d`"), "{primary}");
    // Where neither is enough neither is proposed.
    assert!(!help(sync, "99.99999999%").contains("failover"));
}

#[test]
fn three_of_three_nines_are_not_all() {
    assert_eq!(show_nines(1.0 - 1e-9), "99.9999999%");
    assert_eq!(show_nines(1.0), "100%");
    assert_eq!(show_nines(0.9995), "99.95%");
    assert_eq!((nines(0.999), nines(0.9995), nines(1.0 - 1e-9), nines(1.0)), (Some(3), Some(3), Some(9), None));
    assert_eq!((nines(0.9), nines(0.5)), (Some(1), Some(0)));
    let dir = std::env::temp_dir().join(format!("archc-told-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("x.arch");
    let text = "arch 1\nsystem s { provider = none, zones = 3 }\nclient web { }\nservice app { replicas = 3, availability = 99.9%, cpu = 1us }\nflow f { rate = 1 rps, web -> app }\n";
    std::fs::write(&file, text).expect("written");
    let out = Command::new(env!("CARGO_BIN_EXE_archc")).arg("analyze").arg(&file).output().expect("runs");
    let shown = String::from_utf8_lossy(&out.stdout).into_owned();
    std::fs::remove_dir_all(&dir).expect("removed");
    assert!(shown.contains("availability: 99.9999999%, 9 nines, down "), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// What is less than 1 never reads as all of the time, and what it lacks is shown to 5%.
    #[test]
    fn no_share_below_one_is_shown_as_all(exponent in 0.0_f64..15.9) {
        let share = 1.0 - 10_f64.powf(-exponent);
        prop_assume!(share < 1.0);
        let text = show_nines(share);
        prop_assert!(text != "100%" && !text.starts_with("100"), "{share:e}");
        if exponent < 12.0 {
            let back: f64 = text.trim_end_matches('%').parse().expect("a number");
            let (lacks, shown) = (1.0 - share, 1.0 - back / 100.0);
            prop_assert!((lacks - shown).abs() <= 0.06 * lacks + 1e-8, "{share}: {text}");
            prop_assert!(shown > 0.0);
        }
    }
}
