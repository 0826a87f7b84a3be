//! Whether what is left on a side carries its load: copies of stores, what stands behind
//! caches. By hand: the load of a side, over what is there.

use archc::analysis::consistency::copies::Fate;
use archc::session::{Judged, judge, open_text};

fn judged(parts: &str, calls: &str, rate: u32) -> Judged {
    let text = format!(
        "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ replicas = 3, cpu = 1us }}\n{parts}\nflow f {{ rate = {rate} rps, web -> app {{ {calls} }} }}\n"
    );
    let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
    j
}

/// What the flow's clients get on a side of zones against the rest, and why.
fn on(j: &Judged, zones: &[usize]) -> (Fate, String) {
    let row =
        j.consistency.rows[0].iter().find(|r| r.at.side == zones && r.at.links.is_empty() && r.at.net.lost.is_empty());
    let row = row.expect("each side is looked at");
    (row.answer.as_ref().expect("known").fate, row.why.join("; "))
}

#[test]
fn reads_of_copies_that_are_left() {
    // 10 ms a read on one core a copy, r = 1 of 3: 3 copies carry 300 rps; two of them, which
    // take the whole load, 200; one alone takes a third of it, which is what it has now.
    let d = "database d { cpu = 10ms, replicas = 3, replication = quorum, r = 1, w = 3, read_repair = none, clock = logical }";
    let at = |rate: u32| {
        let j = judged(d, "-> d.read", rate);
        (on(&j, &[1, 2]).0, on(&j, &[0]).0)
    };
    assert_eq!(at(199), (Fate::Works, Fate::Works));
    assert_eq!(at(201), (Fate::Fails, Fate::Works));
    assert_eq!(at(299), (Fate::Fails, Fate::Works));
    let (_, why) = on(&judged(d, "-> d.read", 250), &[1, 2]);
    assert!(why.contains("what is left of `d` there would be at 125% of its capacity"), "{why}");
}

#[test]
fn a_lost_zone_leaves_the_whole_load_to_the_others() {
    let d = "database d { cpu = 10ms, replicas = 3, replication = quorum, r = 1, w = 3, read_repair = none, clock = logical }";
    let lost = |rate: u32| {
        let j = judged(d, "-> d.read", rate);
        let row = j.consistency.rows[0].iter().find(|r| r.at.net.lost.contains(&0)).expect("looked at");
        row.answer.as_ref().expect("known").fate
    };
    assert_eq!((lost(199), lost(201)), (Fate::Works, Fate::Fails));
}

#[test]
fn a_majority_writes_and_applies() {
    // Each write is work of every copy: fewer copies do not make it more.
    let d = "database d { cpu = 10ms, replicas = 3, replication = consensus }";
    assert_eq!(on(&judged(d, "-> d.write", 99), &[1, 2]).0, Fate::Works);
    // Reads are spread: 150 rps of reads and 20 of writes are 1.5 + 3 x 0.2 of 3 cores, and
    // 1.5 + 2 x 0.2 of 2; 170 and 20 are more than 2.
    let both = |reads: u32| {
        let calls = format!("-> d.read x{reads} {{ }}, -> d.write x2");
        on(&judged(d, &calls.replace(" { }", ""), 10), &[1, 2])
    };
    assert_eq!(both(15).0, Fate::Works);
    assert_eq!(both(17).0, Fate::Fails, "{}", both(17).1);
}

#[test]
fn replicas_alone_take_no_writes() {
    // The primary in a: b and c have replicas that take two thirds of what reads come in; the
    // side takes the whole load, so 100 rps of 15 ms reads are 1.5 cores of 2; its writes fail
    // for want of the primary and weigh nothing.
    let d = "database d { cpu = 15ms, replicas = 3, replication = async, failover = manual, primary = a, read_from = replica, max_lag = 1h }";
    let j = judged(d, "-> d.read", 100);
    let (fate, why) = on(&j, &[2]);
    assert_eq!(fate, Fate::Fails, "a replica that is cut off stops at its bound: {why}");
    assert!(!why.contains("capacity"), "{why}");
    let unbounded = d.replace(", max_lag = 1h", "");
    // One replica has a third of the reads: 0.5 of its core. Now it has half of them.
    assert_eq!(on(&judged(&unbounded, "-> d.read", 100), &[2]).0, Fate::Stale);
    // Two of two replicas have what they have now.
    assert_eq!(on(&judged(&unbounded, "-> d.read", 130), &[1, 2]).0, Fate::Stale);
    // With the primary and one replica all reads are that one's.
    let (fate, why) = on(&judged(&unbounded, "-> d.read", 100), &[0, 1]);
    assert_eq!(fate, Fate::Fails, "{why}");
    assert!(why.contains("150%"), "{why}");
}

#[test]
fn a_side_without_its_cache() {
    // One node of the cache, in a: 200 rps of which 90% hit are 20 at the store, which has 100.
    let parts = "cache hot { hit = 90%, ttl = 1min, nodes = 1, replicas = 1, cpu = 1us, fill = set }\ndatabase d { cpu = 10ms, replicas = 1, primary = c, zones = [c] }";
    let calls = "-> hot.get else { -> d.read, -> hot.set }";
    let at = |rate: u32| on(&judged(parts, calls, rate), &[1, 2]);
    assert_eq!(at(90).0, Fate::Works, "{}", at(90).1);
    let (fate, why) = at(200);
    assert_eq!(fate, Fate::Fails, "{why}");
    assert!(why.contains("without `hot`"), "{why}");
}

#[test]
fn scenarios_use_the_same_rules() {
    use archc::analysis::consistency::cut::word;
    // As above: two of three copies carry 200 rps. At twice the load so do 100.
    let text = |rate: u32, more: &str| {
        format!(
            "database d {{ cpu = 10ms, replicas = 3, replication = quorum, r = 1, w = 3, read_repair = none, clock = logical }}\nflow g {{ rate = {rate} rps, web -> app {{ -> d.read }} }}\nscenario x {{ {more}expect flow g = ok }}"
        )
    };
    let sides = |rate: u32, more: &str| -> Vec<String> {
        let j = judged(&text(rate, more), "-> d.read", 1);
        let all = &j.verdicts.scenarios[0].answers;
        all.iter().map(|a| format!("{}: {}", a.side, a.got.clone().map_or("unknown", word))).collect()
    };
    let cut = "cut = [zone a] | [zone b, zone c], ";
    assert_eq!(sides(198, cut), ["zone a: ok", "zone b, zone c: ok"]);
    assert_eq!(sides(201, cut), ["zone a: ok", "zone b, zone c: error"]);
    assert_eq!(sides(101, &format!("load = 2x, {cut}")), ["zone a: ok", "zone b, zone c: error"]);
    assert_eq!(sides(198, "fail = zone a, "), ["everywhere: ok"]);
    assert_eq!(sides(201, "fail = zone a, "), ["everywhere: error"]);
}
