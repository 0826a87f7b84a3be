//! What flows do to several stores, queues and other systems, against reference cases:
//! each requirement is kept, or a finding says how it is broken.

use archc::session::{Judged, judge, open_text};
use serde_json::Value as Json;

const HEAD: &str = "arch 1\nsystem s { provider = none, zones = 3 }\nclient web { }\nservice app { replicas = 3 }\nservice worker { }\n";

fn judged(text: &str) -> Judged {
    let j = judge(&open_text("x.arch", &format!("{HEAD}{text}"), &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(j.language_errors().is_empty(), "{text}\n{:#?}", j.diagnostics);
    j
}

fn finds(text: &str, code: &str) -> bool {
    judged(text).diagnostics.iter().any(|d| d.code == code)
}

/// The isolation that the flow `f` has.
fn isolation(text: &str) -> Option<String> {
    let j = judged(text);
    let id = j.model.find_flow("f").expect("a flow");
    j.consistency.flows[id.0].as_ref().expect("it reads or writes").isolation.clone()
}

const SHARDS: &str = "database a { isolation = serializable, backup { every = 1h } }\ndatabase b { isolation = serializable, backup { every = 1h } }\n";

fn transfer(first: &str, second: &str) -> String {
    format!("{SHARDS}flow f {{ rate = 1 rps, web -> app {{ -> a.txn {first}\n -> b.txn {second} }} }}\n")
}

fn events(queue: &str, publish: &str, apply: &str) -> String {
    format!(
        "database d {{ backup {{ every = 1h }} }}\ndatabase view {{ backup {{ every = 1h }} }}\nqueue q {{ replicas = 3, {queue} dead_letter = true }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.write\n {publish} }} }}\nflow g {{ q ~> worker {{ -> view.write {apply} }} }}\n"
    )
}

/// Whether the requirement of a case is kept; none where the language cannot say the case.
fn kept(id: &str) -> Option<bool> {
    let saga = transfer("{ transaction = saga, compensated = true }", "{ transaction = saga }");
    let record = |isolation: &str| {
        format!(
            "database d {{ isolation = {isolation}, backup {{ every = 1h }} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.read {{ key = sku }}\n -> d.write {{ key = sku }} }} }}\n"
        )
    };
    let unique =
        |store: &str| format!("database d {{ replicas = 3, {store}, unique = true, backup {{ every = 1h }} }}\n");
    Some(match id {
        "T01" => !finds(&transfer("", ""), "ARC061"),
        "T02" => {
            let text = transfer("{ transaction = two_phase }", "{ transaction = two_phase }");
            !finds(&text, "ARC061") && isolation(&text).as_deref() == Some("serializable")
        }
        // Between the steps all is seen; in the end all is done or undone.
        "T04" => isolation(&saga).as_deref() == Some("serializable"),
        "T05" => !finds(&saga, "ARC061") && !finds(&saga, "ARC063"),
        "T07" => !finds(&events("", "-> q.publish", "{ idempotent = true }"), "ARC062"),
        "T08" => {
            let text = events("", "~> q.publish { outbox = true }", "{ idempotent = true }");
            !finds(&text, "ARC062") && !finds(&text, "ARC092")
        }
        "T14" => {
            // A message is taken again, and so is the call that it makes.
            let text = "queue q { replicas = 3, dead_letter = true }\nexternal psp { latency = 1ms }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> psp } }\n";
            assert!(!finds(&text.replace("-> psp", "-> psp { idempotency_key = true }"), "ARC092"));
            !finds(text, "ARC092")
        }
        "T16" => !finds(&unique("replication = sync, failover = manual"), "ARC069"),
        "T17" => !finds(&unique("replication = multi_primary, clock = wall"), "ARC069"),
        "T18" => !finds(&record("read_committed"), "ARC078"),
        "T19" => !finds(&record("snapshot"), "ARC078"),
        "T25" => {
            let j = judged(
                "database d { replicas = 3, replication = async, failover = auto, fenced = true, backup { every = 1h } }\nflow f { rate = 1 rps, slo { rpo <= 1min }, web -> app { -> d.write } }\n",
            );
            j.verdicts.slo[0][0].met == Some(true)
        }
        "T27" => {
            let j = judged(
                "database d { replicas = 3, replication = consensus, read_from = replica, session = token, backup { every = 1h } }\nflow f { rate = 1 rps, slo { consistency = causal }, web -> app { -> d.read } }\n",
            );
            j.verdicts.slo[0][0].met == Some(true)
        }
        "T30" => {
            let j = judged(
                "database view { backup { every = 1h } }\nqueue q { replicas = 3, ordering = key, acks = all, min_insync = 2, dead_letter = true }\nflow r { rate = 1 rps, slo { consistency = read_your_writes }, web -> app { -> view.read } }\nflow f { rate = 1 rps, web -> app { -> q.publish } }\nflow g { q ~> worker { -> view.write { versioned = true } } }\n",
            );
            j.verdicts.slo[0][0].met == Some(true)
        }
        "T11" | "T22" | "T31" | "T32" => return None,
        other => panic!("no test for {other}"),
    })
}

#[test]
fn effects() {
    let all: Json = serde_json::from_str(include_str!("../reference/consistency.json")).expect("valid");
    let (mut told, mut left) = (0, Vec::new());
    for c in all["effect_cases"].as_array().expect("cases") {
        let id = c["id"].as_str().expect("an id");
        match kept(id) {
            Some(is) => {
                assert_eq!(is, c["verdict"] == "OK", "{id}: {}", c["desc"]);
                told += 1;
            }
            None => left.push(id),
        }
    }
    assert_eq!((told, left.as_slice()), (14, ["T11", "T22", "T31", "T32"].as_slice()));
}

#[test]
fn who_does_not_drop_an_entry_is_named() {
    let text = |second: &str| {
        format!(
            "database d {{ backup {{ every = 1h }} }}\ncache hot {{ hit = 90%, ttl = 1min, fill = single_flight }}\nflow r {{ rate = 1 rps, slo {{ consistency = read_your_writes }}, web -> app {{ -> hot.get else {{ -> d.read }} }} }}\nflow one {{ rate = 1 rps, web -> app {{ -> d.write\n -> hot.delete }} }}\nflow two {{ rate = 1 rps, web -> app {{ {second} }} }}\n"
        )
    };
    let met = |second: &str| {
        let j = judged(&text(second));
        let why = j.diagnostics.iter().find(|d| d.code == "ARC066").map_or_else(String::new, |d| d.message.clone());
        (j.verdicts.slo[0][0].met, why)
    };
    assert_eq!(met("-> d.write\n -> hot.delete"), (Some(true), String::new()));
    let (is, why) = met("-> d.write");
    assert_eq!(is, Some(false));
    assert!(why.contains("flow `two` writes the store and leaves its entry"), "{why}");
    // Too early, after the answer, in another branch, only sometimes: all are holes.
    for second in [
        "-> hot.delete\n -> d.write",
        "-> d.write\n ~> hot.delete",
        "parallel { -> d.write\n -> hot.delete }",
        "choose { 50% { -> d.write } 50% { -> hot.delete } }",
        "-> d.write\n -> hot.delete 50%",
    ] {
        assert_eq!(met(second).0, Some(false), "{second}");
    }
    // Dropped before and after is dropped after.
    assert_eq!(met("-> hot.delete\n -> d.write\n -> hot.delete").0, Some(true));
}

#[test]
fn writes_kept_back_are_seen_through_the_cache_and_nowhere_else() {
    let j = judged(
        "database d { backup { every = 1h } }\ncache hot { hit = 90%, ttl = 1h, fill = versioned, write = behind, flush = 5s, replicas = 2 }\nflow through { rate = 1 rps, slo { consistency = read_your_writes }, web -> app { -> hot.get else { -> d.read } } }\nflow beside { rate = 1 rps, slo { staleness <= 4s }, web -> app { -> d.read } }\nflow w { rate = 1 rps, slo { rpo <= 4s }, web -> app { -> hot.set } }\n",
    );
    let met: Vec<Option<bool>> = j.verdicts.slo.iter().map(|s| s[0].met).collect();
    assert_eq!(met, [Some(true), Some(false), Some(false)], "{:#?}", j.diagnostics);
}

#[test]
fn age_passes_from_one_cache_to_the_next() {
    let age = |edge: &str| {
        let j = judged(&format!(
            "cdn edge {{ hit = 50%, ttl = 5min, {edge} }}\nclient phone {{ cache {{ hit = 10%, ttl = 1min }} }}\ndatabase d {{ backup {{ every = 1h }} }}\nflow f {{ rate = 1 rps, slo {{ staleness <= 1h }}, phone -> edge -> app {{ -> d.read }} }}\n"
        ));
        j.consistency.flows[0].as_ref().expect("it reads").level.staleness
    };
    assert!((age("age = true") - 300.0).abs() < 1e-9, "the longer of the two");
    assert!((age("age = false") - 360.0).abs() < 1e-9, "their sum");
}

#[test]
fn age_passes_on_after_a_fault_too() {
    // The origin fails: the edge shows what is up to 3 s + 5 s old, and says so. A client that
    // keeps answers for 1 s finds them too old to keep; one that keeps them for 10 s has 10 s.
    let age = |edge: &str, client: u32| {
        let j = judged(&format!(
            "cdn edge {{ hit = 50%, ttl = 3s, stale_if_error = 5s, {edge} }}\nclient phone {{ cache {{ hit = 10%, ttl = {client}s }} }}\ndatabase d {{ backup {{ every = 1h }} }}\nflow f {{ rate = 1 rps, phone -> edge -> app {{ -> d.read }} }}\n"
        ));
        let g = j.consistency.flows[0].as_ref().expect("it reads");
        (g.level.staleness, g.faulty.staleness)
    };
    for (edge, client, want) in
        [("age = true", 1, (3.0, 8.0)), ("age = true", 10, (10.0, 10.0)), ("age = false", 1, (4.0, 9.0))]
    {
        let got = age(edge, client);
        assert!((got.0 - want.0).abs() < 1e-9 && (got.1 - want.1).abs() < 1e-9, "{edge}, {client} s: {got:?}");
    }
}

/// What a flow answers on each side of a scenario, and whether the scenario holds.
fn sides(text: &str) -> (Option<bool>, Vec<(String, String)>) {
    use archc::analysis::consistency::cut::word;
    let j = judged(text);
    let o = &j.verdicts.scenarios[0];
    let got = |e: &archc::analysis::consistency::cut::Expected| {
        e.got.as_ref().map_or_else(ToString::to_string, |g| word(*g).to_owned())
    };
    (o.holds, o.answers.iter().map(|e| (e.side.clone(), got(e))).collect())
}

fn pair(side: &str, got: &str) -> (String, String) {
    (side.to_owned(), got.to_owned())
}

#[test]
fn a_zone_in_no_group_reaches_all() {
    // The leader stays in c, which reaches both others: nobody notices.
    let text = "database d { replicas = 3, replication = consensus, primary = c }\nflow f { rate = 1 rps, web -> app { -> d.write } }\nscenario x { cut = [zone a] | [zone b], expect flow f = ok }\n";
    assert_eq!(sides(text), (Some(true), vec![pair("zone a", "ok"), pair("zone b", "ok"), pair("elsewhere", "ok")]));
}

#[test]
fn sides_that_are_not_named_must_be_ok() {
    let text = |expect: &str| {
        format!(
            "database d {{ replicas = 3, replication = consensus }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.write }} }}\nscenario x {{ cut = [zone a] | [zone b, zone c], expect flow f = {expect} }}\n"
        )
    };
    assert_eq!(sides(&text("error on minority")).0, Some(true));
    assert_eq!(sides(&text("error on zone a")).0, Some(true));
    assert_eq!(sides(&text("error on majority")).0, Some(false));
    assert_eq!(sides(&text("ok")).0, Some(false));
    assert_eq!(sides(&text("error")).0, Some(false));
    assert!(finds(&text("ok"), "ARC632"));
}

#[test]
fn what_is_left_on_a_side_must_carry_its_load() {
    // 100 rps of 20 ms are 2 of 6 cores; the larger side takes all of it, the smaller a third.
    let text = |replicas: u32, rate: u32| {
        format!(
            "service busy {{ cpu = 20ms, replicas = {replicas} }}\nbalancer lb {{ }}\nflow f {{ rate = {rate} rps, web -> lb -> busy }}\nscenario x {{ cut = [zone a] | [zone b, zone c], expect flow f = ok }}\n"
        )
    };
    assert_eq!(sides(&text(6, 100)).0, Some(true));
    assert_eq!(sides(&text(6, 200)).1, [pair("zone a", "ok"), pair("zone b, zone c", "ok")]);
    assert_eq!(sides(&text(6, 201)).1, [pair("zone a", "ok"), pair("zone b, zone c", "error")]);
    // Two replicas are in a and b: nothing is in c.
    let c = text(2, 10).replace("[zone a] | [zone b, zone c]", "[zone c] | [zone a, zone b]");
    assert_eq!(sides(&c).1, [pair("zone c", "error"), pair("zone a, zone b", "ok")]);
}

#[test]
fn zones_that_only_miss_a_link_share_the_load() {
    // 100 rps of 20 ms are 2 cores; c reaches both, so nothing is lost, and each zone's third
    // of the load has two thirds of the replicas in reach.
    let text = |place: &str, rate: u32| {
        format!(
            "service busy {{ cpu = 20ms, replicas = 6{place} }}\nbalancer lb {{ }}\nflow f {{ rate = {rate} rps, web -> lb -> busy }}\nscenario x {{ cut = [zone a] | [zone b], expect flow f = ok }}\n"
        )
    };
    let ok = vec![pair("zone a", "ok"), pair("zone b", "ok"), pair("elsewhere", "ok")];
    assert_eq!(sides(&text("", 299)), (Some(true), ok.clone()));
    // One replica in reach of a, and a third of the load: one core is used up at 150 rps.
    let few = ", place { a = 1, b = 5 }";
    assert_eq!(sides(&text(few, 150)), (Some(true), ok));
    assert_eq!(sides(&text(few, 151)).1[0], pair("zone a", "error"));
    assert_eq!(sides(&text(few, 151)).1[1], pair("zone b", "ok"));
}

#[test]
fn cut_links_that_a_flow_notices_are_told() {
    use archc::analysis::consistency::sides::Kind;
    let rows = |store: &str| {
        let text =
            format!("database d {{ replicas = 3, {store} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.write }} }}\n");
        let j = judged(&text);
        let cut = j.consistency.rows[0].iter().filter(|r| r.at.kind == Kind::Links);
        cut.map(|r| (r.at.links.clone(), r.at.entries.clone(), r.answer.as_ref().expect("known").fate))
            .collect::<Vec<_>>()
    };
    use archc::analysis::consistency::copies::Fate;
    // The primary stays in a, and what comes in at the other end of its link does not reach it.
    let got = rows("replication = async, failover = none, primary = a");
    assert!(got.contains(&(vec![(0, 1)], vec![1], Fate::Fails)), "{got:?}");
    assert!(got.contains(&(vec![(0, 1), (0, 2)], vec![2], Fate::Fails)));
    assert!(got.iter().all(|(links, at, _)| links.iter().any(|(a, b)| *a == 0 && at[0] == *b)), "{got:?}");
}

#[test]
fn components_can_be_cut_from_each_other() {
    let text = |instead: &str| {
        format!(
            "database d {{ }}\ndatabase e {{ }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.read {instead} }} }}\nscenario x {{ cut = [app] | [d], expect flow f = ok }}\n"
        )
    };
    assert_eq!(sides(&text("")), (Some(false), vec![pair("everywhere", "error")]));
    assert_eq!(sides(&text("fallback { -> e.read }")), (Some(true), vec![pair("everywhere", "ok")]));
}

#[test]
fn a_bound_of_lag_ends_what_is_stale() {
    let text = |more: &str| {
        format!(
            "database d {{ replicas = 3, replication = async, failover = auto, fenced = true, primary = b, read_from = replica{more} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.read }} }}\nscenario x {{ cut = [zone a] | [zone b, zone c], expect flow f = ok }}\n"
        )
    };
    assert_eq!(sides(&text("")).1[0], pair("zone a", "stale"));
    assert_eq!(sides(&text(", max_lag = 30s")).1[0], pair("zone a", "error"));
    let j = judged(&text(", max_lag = 30s"));
    assert!(j.verdicts.scenarios[0].answers[0].first.iter().any(|f| f.contains("up to 30s old")));
}

#[test]
fn a_flow_without_an_expectation_keeps_its_slo_on_every_side() {
    let text = |slo: &str, lag: &str| {
        format!(
            "database d {{ replicas = 3, replication = consensus, read_from = any{lag} }}\nflow f {{ rate = 1 rps, slo {{ {slo} }}, web -> app {{ -> d.read }} }}\nscenario x {{ cut = [zone a] | [zone b, zone c] }}\n"
        )
    };
    let holds = |slo: &str, lag: &str| judged(&text(slo, lag)).verdicts.scenarios[0].holds;
    // Without a bound what is read there grows older and older; with one it is refused.
    assert_eq!(holds("staleness <= 1min", ""), Some(false));
    assert_eq!(holds("staleness <= 1min", ", max_lag = 30s"), Some(true));
    assert_eq!(holds("consistency = eventual", ""), Some(true));
    // What share of the requests meets the error is not said.
    assert_eq!(holds("availability >= 99%", ", max_lag = 30s"), None);
}

#[test]
fn when_a_target_of_age_breaks() {
    // 2 s behind when the cut begins, 5 s are borne: 3 s later it is too old.
    let j = judged(
        "database d { replicas = 3, replication = async, failover = manual, primary = b, read_from = replica, max_lag = 2s }\nflow f { rate = 1 rps, slo { staleness <= 5s }, web -> app { -> d.read { from = any } } }\n",
    );
    let rows = &j.consistency.rows[0];
    assert!(rows.iter().all(|r| r.violated_after.is_none()), "the bound refuses before");
    let j = judged(
        "database d { replicas = 3, replication = async, failover = manual, primary = b, read_from = replica, lag = 2s }\nflow f { rate = 1 rps, slo { staleness <= 5s }, web -> app { -> d.read } }\n",
    );
    let rows = &j.consistency.rows[0];
    let stale: Vec<f64> = rows.iter().filter_map(|r| r.violated_after).collect();
    assert!(stale.len() >= 2 && stale.iter().all(|t| (t - 3.0).abs() < 1e-9), "{stale:?}");
    // A typical lag is no bound all the same.
    assert_eq!(j.verdicts.slo[0][0].met, Some(false));
}

#[test]
fn how_long_an_old_primary_goes_on() {
    let j = judged(
        "database d { replicas = 3, replication = async, failover = auto, fenced = false, primary = a, min_replicas_to_write = 2, max_lag = 10s }\n",
    );
    let rows = &j.consistency.stores[0].rows;
    let alone = rows.iter().find(|r| r.at.side == [0] && r.op == "write").expect("zone a alone");
    let first = alone.transient.as_deref().expect("told");
    assert!(first.contains("10s"), "{first}");
}

#[test]
fn nobody_keeps_one_order_on_both_sides() {
    let j = judged(
        "database d { replicas = 3, replication = consensus }\nflow f { rate = 1 rps, slo { consistency = linearizable }, web -> app { -> d.read } }\nscenario x { cut = [zone a] | [zone b, zone c], expect flow f = ok }\n",
    );
    let d = j.diagnostics.iter().find(|d| d.code == "ARC632").expect("found");
    assert!(format!("{d:?}").contains("no store can keep"), "{d:?}");
}
