//! Rules of copies, voters and losses against reference cases (`reference/lints.json`).

use archc::session::{judge, open_text};
use serde_json::Value as Json;

/// The store or queue of a case, with what its flow asks.
fn parts(c: &Json) -> String {
    let given = &c["given"];
    let app = |calls: &str, slo: &str| format!("flow f {{ rate = 1 rps, {slo}web -> app {{ {calls} }} }}");
    match c["rule"].as_str().expect("a rule") {
        "ARC003" => {
            let each: Vec<u64> =
                given["voters_per_zone"].as_array().expect("numbers").iter().filter_map(Json::as_u64).collect();
            let place: Vec<String> = ["a", "b", "c"].iter().zip(&each).map(|(z, n)| format!("{z} = {n}")).collect();
            let n: u64 = each.iter().sum();
            format!(
                "database d {{ replicas = {n}, replication = consensus, place {{ {} }} }}\n{}",
                place.join(", "),
                app("-> d.write", "")
            )
        }
        "ARC004" => {
            format!(
                "database d {{ replicas = {}, replication = consensus }}\n{}",
                given["voters"],
                app("-> d.write", "")
            )
        }
        "ARC065" => format!(
            "database d {{ backup {{ every = {}s }} }}\n{}",
            given["backup_interval_s"],
            app("-> d.write", &format!("slo {{ rpo <= {}s }}, ", given["rpo_s"]))
        ),
        "ARC072" => format!(
            "service worker {{ idempotent = true }}\nqueue q {{ replicas = {}, acks = {}, min_insync = {}, unclean_election = {} }}\n{}\nflow g {{ q ~> worker }}",
            given["rf"],
            given["acks"].as_str().expect("a word"),
            given["min_isr"],
            given["unclean"],
            app("-> q.publish", "")
        ),
        other => panic!("no design for {other}"),
    }
}

#[test]
fn rules_of_copies() {
    let all: Vec<Json> = serde_json::from_str(include_str!("../reference/lints.json")).expect("valid");
    let (mut fired, mut silent) = (0, 0);
    for c in &all {
        let text = format!(
            "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ replicas = 3 }}\n{}\n",
            parts(c)
        );
        let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
        assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
        let rule = c["rule"].as_str().expect("a rule");
        let got = j.diagnostics.iter().any(|d| d.code == rule && !d.unknown);
        assert_eq!(got, c["expect"]["fire"] == true, "{}: {rule}\n{text}", c["id"]);
        *(if got { &mut fired } else { &mut silent }) += 1;
    }
    assert!(fired >= 4 && silent >= 2, "{fired} {silent}");
}
