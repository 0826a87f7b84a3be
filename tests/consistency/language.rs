//! Consistency through the language: each reference case written as a design, whose JSON
//! gives what the case expects; and published labels of stores under named settings.

use crate::support::run::analyze;
use archc::session::{judge, open_text};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn cases() -> Json {
    serde_json::from_str(include_str!("../reference/consistency.json")).expect("valid")
}

fn list<'a>(j: &'a Json, key: &str) -> &'a Vec<Json> {
    j[key].as_array().unwrap_or_else(|| panic!("a list `{key}` in {j}"))
}

fn names(j: &Json) -> BTreeSet<&str> {
    j.as_array().expect("names").iter().map(|n| n.as_str().expect("a name")).collect()
}

/// A path of the reference cases as a design whose flow `f` reads it.
fn path_design(c: &Json, slo: &str) -> String {
    let env = &c["env"];
    let seconds = |j: &Json, key: &str| j[key].as_f64().map(|s| format!("{s}s"));
    let lag = seconds(env, "lag").map_or_else(String::new, |l| format!(", max_lag = {l}"));
    let path = list(c, "path");
    let first = path[0].as_str().expect("a source");
    let hops: BTreeMap<&str, &Json> = path[1..].iter().map(|h| (h["k"].as_str().expect("a kind"), h)).collect();
    let is_async = format!("replicas = 3, replication = async, failover = auto, fenced = true{lag}");
    let mut store = match first {
        "lin" => "replicas = 3, replication = consensus".to_owned(),
        "primary_async" => is_async,
        "replica_any" => format!("{is_async}, read_from = replica"),
        "replica_token" => format!("{is_async}, read_from = replica, session = token"),
        "zk_local" => format!(
            "replicas = 3, replication = consensus, read_from = any, session = token, max_lag = {}",
            seconds(env, "session").expect("a session")
        ),
        "follower_bounded" => format!(
            "replicas = 3, replication = consensus, read_from = replica, max_lag = {}",
            seconds(env, "bound").expect("a bound")
        ),
        "quorum_strict_rr_logical" => {
            "replicas = 3, replication = quorum, r = 2, w = 2, read_repair = blocking, clock = logical".to_owned()
        }
        "quorum_partial" => "replicas = 3, replication = quorum, r = 1, w = 1".to_owned(),
        // A secondary index that follows: a read that may ask none of the written copies.
        "gsi" => "replicas = 3, replication = quorum, r = 1, w = 2".to_owned(),
        "lww_async" => "replicas = 2, replication = multi_primary".to_owned(),
        "search_refresh" => format!(
            "model = search, replicas = 2, replication = async, failover = manual, read_from = any, refresh = {}",
            seconds(env, "refresh").expect("a refresh")
        ),
        "proj_ordered" | "proj_parallel" => "replicas = 3, replication = consensus".to_owned(),
        other => panic!("no source {other}"),
    };
    if let Some(pin) = hops.get("pin_primary_after_write") {
        let _ = write!(store, ", session = pin_primary {}", seconds(pin, "T").expect("T"));
    }
    let ttl = |k: &str| seconds(hops[k], "ttl").map_or_else(String::new, |t| format!(", ttl = {t}"));
    let mut client = String::new();
    if hops.contains_key("browser") {
        let _ = write!(client, "cache {{ hit = 20%{} }} ", ttl("browser"));
    }
    if hops.contains_key("optimistic_ui") {
        client.push_str("optimistic = true");
    }
    let mut service = String::new();
    for (k, more) in [("local_cache", ""), ("local_cache_sticky_wt", ", write = through")] {
        if hops.contains_key(k) {
            let _ = write!(service, "cache {{ hit = 50%{}{more} }} ", ttl(k));
        }
    }
    if hops.contains_key("local_cache_sticky_wt") {
        service.push_str(", state = sticky");
    }
    let mut out = format!(
        "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ {client} }}\nclient staff {{ }}\nservice app {{ {service} }}\ndatabase d {{ {store} }}\ndatabase other {{ replicas = 3, replication = consensus }}\n"
    );
    let edge = hops.get("cdn").map_or("", |h| {
        let swr = seconds(h, "swr").map_or_else(String::new, |s| format!(", stale_while_revalidate = {s}"));
        let _ = writeln!(out, "cdn edge {{ hit = 50%{}{swr}, age = false }}", ttl("cdn"));
        " -> edge"
    });
    let mut read = "-> d.read".to_owned();
    let mut also = "";
    if let Some(h) = hops.get("cache_aside") {
        let fill = match h["fill"].as_str() {
            None => "set",
            Some("lease") => "lease",
            Some("lease_single_flight") => "single_flight",
            Some("versioned_tombstone") => "versioned",
            Some(other) => panic!("no fill {other}"),
        };
        let _ = writeln!(out, "cache hot {{ hit = 90%{}, fill = {fill} }}", ttl("cache_aside"));
        read = "-> hot.get else { -> d.read\n -> hot.set }".to_owned();
        if h["inv"] == "delete" {
            also = "\n -> hot.delete";
        }
    }
    if hops.contains_key("multi_store") {
        read.push_str("\n -> other.read");
    }
    let _ = writeln!(out, "flow f {{ rate = 1 rps, slo {{ {slo} }}, web{edge} -> app {{ {read} }} }}");
    if first.starts_with("proj_") {
        let (flow, late) = if first == "proj_ordered" {
            ("", format!(", max_lag = {}", seconds(env, "qlag").expect("a lag")))
        } else {
            ("parallel = true, ", String::new())
        };
        let _ = writeln!(
            out,
            "service worker {{ }}\nqueue q {{ replicas = 3, ordering = key, acks = all, min_insync = 2{late} }}\nflow put {{ rate = 1 rps, staff -> app {{ -> other.write\n ~> q.publish {{ outbox = true }} }} }}\nflow apply {{ {flow}q ~> worker {{ -> d.write {{ versioned = true }} }} }}"
        );
    } else {
        let _ = writeln!(out, "flow put {{ rate = 1 rps, staff -> app {{ -> d.write{also} }} }}");
    }
    out
}

#[test]
fn paths_through_the_language() {
    let all = cases();
    for c in list(&all, "path_cases") {
        let id = c["id"].as_str().expect("an id");
        let text = path_design(c, "p99 <= 1s");
        let json = analyze(&text);
        let got = &json["flows"]["f"]["consistency"];
        let want = &c["expect"];
        assert_eq!(names(&got["guarantees"]), names(&want["bits"]), "{id}\n{text}\n{got:#}");
        if want["staleness_s"] == "inf" {
            assert_eq!(got["staleness"], "unbounded", "{id}\n{text}");
        } else {
            let age = got["staleness"].as_f64().unwrap_or_else(|| panic!("{id}: {got:#}"));
            assert!((age - want["staleness_s"].as_f64().expect("seconds")).abs() < 1e-9, "{id}: {age}\n{text}");
        }
        if let Some(fault) = c.get("fault") {
            assert_eq!(names(&got["under_fault"]["guarantees"]), names(&fault["bits"]), "{id} after a fault\n{text}");
        }
        // Who loses something is said for each property that is lost.
        let lost: BTreeSet<&str> = list(got, "blame").iter().map(|b| b["lost"].as_str().expect("a property")).collect();
        let all: BTreeSet<&str> = ["RT", "TO", "RYW", "MR", "MW", "WFR", "CP", "CONV"].into();
        let held = names(&got["guarantees"]);
        let missing: BTreeSet<&str> = all.difference(&held).copied().collect();
        assert!(missing.is_subset(&lost), "{id}: {missing:?} is lost, blamed is {lost:?}");
        for (model, holds) in want["satisfies"].as_object().expect("models") {
            let word = model.replace('-', "_");
            if !archc::kinds::MODELS.contains(&word.as_str()) {
                continue;
            }
            let j = judge(
                &open_text("x.arch", &path_design(c, &format!("consistency = {word}")), &[]),
                jiff::civil::date(2026, 11, 25),
                false,
            );
            let met = j.verdicts.slo[0][0].met;
            assert_eq!(met, Some(holds == true), "{id}: {word}");
            let found = j.diagnostics.iter().any(|d| d.code == "ARC066" || d.code == "ARC068");
            assert_eq!(found, holds != true, "{id}: {word} as a finding");
        }
    }
}

#[test]
fn a_target_of_age_names_who_breaks_it() {
    let all = cases();
    let case = |id: &str| list(&all, "path_cases").iter().find(|c| c["id"] == id).cloned().expect("a case");
    let judged = |c: &Json| {
        judge(&open_text("x.arch", &path_design(c, "staleness <= 5s"), &[]), jiff::civil::date(2026, 11, 25), false)
    };
    // 3 + 2 is within 5.
    let fine = judged(&case("C31"));
    assert_eq!(fine.verdicts.slo[0][0].met, Some(true));
    // The replica is to blame, not the cache.
    let endless = judged(&case("C32"));
    assert_eq!(endless.verdicts.slo[0][0].met, Some(false));
    let d = endless.diagnostics.iter().find(|d| d.code == "ARC067").expect("found");
    assert!(d.message.contains("`d`") && !d.message.contains("`hot`"), "{}", d.message);
}

/// Names of zones of a case, as zones of a design.
fn zones(c: &Json) -> BTreeMap<String, String> {
    let mut all = BTreeSet::new();
    for group in ["replicas", "witnesses", "controllers"] {
        for z in c["store"][group].as_object().into_iter().flat_map(|o| o.values()) {
            all.insert(z.as_str().expect("a zone").to_owned());
        }
    }
    for part in list(c, "rows").iter().flat_map(|r| list(r, "parts")) {
        all.extend(part.as_array().expect("zones").iter().map(|z| z.as_str().expect("a zone").to_owned()));
    }
    all.into_iter().zip(["a", "b", "c", "d", "e"]).map(|(z, n)| (z, n.to_owned())).collect()
}

fn spread(group: &Json, zones: &BTreeMap<String, String>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for z in group.as_object().expect("copies").values() {
        *counts.entry(&zones[z.as_str().expect("a zone")]).or_default() += 1;
    }
    counts.iter().map(|(z, n)| format!("{z} = {n}")).collect::<Vec<_>>().join(", ")
}

/// A store of the reference cases; what its operations are called.
fn store_design(c: &Json, zones: &BTreeMap<String, String>) -> Option<(String, BTreeMap<&'static str, &'static str>)> {
    let s = &c["store"];
    let place = spread(&s["replicas"], zones);
    let n = s["replicas"].as_object().expect("copies").len();
    let base = format!("replicas = {n}, place {{ {place} }}");
    let ops = BTreeMap::from([
        ("write", "-> d.write"),
        ("lin_read", "-> d.read"),
        ("read", "-> d.read"),
        ("primary_read", "-> d.read"),
        ("stale_read", "-> d.read { from = replica }"),
        ("replica_read", "-> d.read { from = replica }"),
    ]);
    let primary = |name: &Json| zones[s["replicas"][name.as_str().expect("a copy")].as_str().expect("a zone")].clone();
    Some(match s["kind"].as_str().expect("a kind") {
        "consensus" => (format!("database d {{ {base}, replication = consensus }}"), ops),
        "quorum" => (format!("database d {{ {base}, replication = quorum, r = {}, w = {} }}", s["R"], s["W"]), ops),
        "quorum_mdc" if s["Wl"] == "QUORUM" => (format!("database d {{ {base}, replication = quorum }}"), ops),
        "quorum_mdc" => return None,
        "primary" => {
            let voters = spread(&s["witnesses"], zones);
            let fenced = &s["fenced"];
            (
                format!(
                    "database d {{ {base}, replication = async, primary = {}, failover = auto, fenced = {fenced}, witnesses {{ {voters} }} }}",
                    primary(&s["primary"])
                ),
                ops,
            )
        }
        "isr" if s["isr"].as_array().map(Vec::len) == Some(n) => (
            format!("queue d {{ {base}, acks = all, min_insync = {} }}", s["min_isr"]),
            BTreeMap::from([("produce_all", "-> d.publish")]),
        ),
        "isr" => return None,
        "multiprimary" => (format!("database d {{ {base}, replication = multi_primary }}"), ops),
        other => panic!("no kind {other}"),
    })
}

#[test]
fn partitions_through_the_language() {
    let all = cases();
    let (mut told, mut left) = (0, Vec::new());
    for c in list(&all, "partition_cases") {
        let id = c["id"].as_str().expect("an id");
        let zones = zones(c);
        let Some((store, ops)) = store_design(c, &zones) else {
            left.push(id.to_owned());
            continue;
        };
        for row in list(c, "rows") {
            let op = row["op"].as_str().expect("an operation");
            let parts: Vec<Vec<&str>> = list(row, "parts")
                .iter()
                .map(|p| {
                    p.as_array().expect("zones").iter().map(|z| zones[z.as_str().expect("a zone")].as_str()).collect()
                })
                .collect();
            let there: BTreeSet<&str> = parts.iter().flatten().copied().collect();
            let lost: Vec<&str> = zones.values().map(String::as_str).filter(|z| !there.contains(z)).collect();
            // A copy that is down in a zone that is up has no words, but for the primary.
            let first = if ["consensus", "primary", "isr"].contains(&c["store"]["kind"].as_str().expect("a kind")) {
                list(row, "down").len() == 1 && ["e1", "p1", "k1"].contains(&row["down"][0].as_str().expect("a copy"))
            } else {
                false
            };
            let only_zones = first
                || list(row, "down").iter().all(|d| {
                    let of = ["replicas", "witnesses", "controllers"]
                        .iter()
                        .find_map(|g| c["store"][*g][d.as_str().expect("a copy")].as_str());
                    lost.contains(&zones[of.expect("placed")].as_str())
                });
            let Some(call) = ops.get(op).filter(|_| only_zones && (first || !(lost.is_empty() && parts.len() < 2)))
            else {
                left.push(format!("{id} {op} {} {}", row["parts"], row["down"]));
                continue;
            };
            let groups: Vec<String> = parts
                .iter()
                .map(|p| format!("[{}]", p.iter().map(|z| format!("zone {z}")).collect::<Vec<_>>().join(", ")))
                .collect();
            let mut what = Vec::new();
            if groups.len() > 1 {
                what.push(format!("cut = {}", groups.join(" | ")));
            }
            if !lost.is_empty() {
                what.push(format!(
                    "fail = [{}]",
                    lost.iter().map(|z| format!("zone {z}")).collect::<Vec<_>>().join(", ")
                ));
            }
            if first {
                what.push("fail = [d.primary]".to_owned());
            }
            let n = zones.len();
            let text = format!(
                "arch 1\nsystem s {{ provider = none, zones = {n} }}\nclient web {{ }}\nservice app {{ replicas = {n} }}\n{store}\nflow f {{ rate = 1 rps, web -> app {{ {call} }} }}\nscenario x {{ {}, expect flow f = ok }}\n",
                what.join(", ")
            );
            let json = analyze(&text);
            let entry = &zones[row["entry"].as_str().expect("an entry")];
            let sides = list(&json["scenarios"]["x"], "expect");
            let side = sides
                .iter()
                .find(|s| {
                    let name = s["side"].as_str().expect("a side");
                    sides.len() == 1 || name.split(", ").any(|z| z == format!("zone {entry}"))
                })
                .unwrap_or_else(|| panic!("{id}: no side with {entry}: {sides:?}"));
            let want = match row["expect"].as_str().expect("a fate") {
                "WORKS" => "ok",
                "STALE" => "stale",
                _ => "error",
            };
            assert_eq!(side["got"], want, "{id}: {row}\n{text}");
            assert_eq!(names(&side["flags"]), names(&row["flags"]), "{id}: {row}\n{text}");
            told += 1;
        }
    }
    // Those that are left out are listed in reference/LEFT_OUT.md.
    assert!(told >= 48, "{told} told, left out: {left:#?}");
    assert_eq!(left.len(), 15, "{left:#?}");
}

#[test]
fn quorums_of_each_region_alone() {
    // P10: two centres with three copies each.
    let text = "arch 1\nsystem s { provider = none, regions = [us-east-1, eu-west-1], zones = 1 }\nclient web { }\nservice app { replicas = 1 }\ndatabase d { replicas = 3, replication = quorum, local_quorum = true }\nflow w { rate = 1 rps, web -> app { -> d.write } }\nflow r { rate = 1 rps, web -> app { -> d.read } }\nscenario x { cut = [region us-east-1] | [region eu-west-1], expect flow w = ok, expect flow r = stale }\n";
    let json = analyze(text);
    let x = &json["scenarios"]["x"];
    for e in list(x, "expect") {
        assert_eq!(e["got"], e["want"], "{e}");
        let diverges = names(&e["flags"]).contains("DIVERGE");
        assert_eq!(diverges, e["flow"] == "w", "{e}");
    }
    assert_eq!(list(x, "expect").len(), 4);
}

const DB: &str = "replicas = 3, replication =";

/// Settings of the table of stores that the language can say: row, store, operation of its
/// write and read, whether the label of its `cap` is of the read.
fn settings() -> Vec<(usize, String, &'static str)> {
    let db = |row: usize, text: &str, about: &'static str| (row, format!("database d {{ {DB} {text} }}"), about);
    let queue = |row: usize, text: &str| (row, format!("queue d {{ replicas = 3, {text} }}"), "write");
    vec![
        db(0, "async, failover = manual, primary = a", "write"),
        db(1, "async, failover = auto, fenced = true", "write"),
        db(2, "async, failover = manual, primary = a, read_from = replica", "read"),
        db(3, "sync, failover = auto, fenced = true", "write"),
        db(4, "sync, sync_replicas = 1, failover = auto, fenced = true, on_sync_loss = degrade", "write"),
        db(5, "sync, failover = auto, fenced = true, on_sync_loss = block", "write"),
        (8, "database d { replicas = 2, replication = sync, failover = auto, fenced = true }".to_owned(), "write"),
        db(11, "sync, failover = auto, fenced = true, read_from = replica", "read"),
        db(13, "async, failover = auto, fenced = false", "write"),
        db(16, "consensus, read_from = any", "read"),
        db(18, "consensus", "write"),
        db(19, "async, failover = auto, fenced = false", "write"),
        db(20, "async, failover = auto, fenced = false, min_replicas_to_write = 1", "write"),
        db(22, "async, failover = auto, fenced = true", "write"),
        db(23, "async, failover = auto, fenced = false, read_from = replica", "read"),
        db(25, "async, failover = auto, fenced = false", "write"),
        db(27, "consensus", "write"),
        db(28, "consensus, read_from = replica, session = token", "pacelc"),
        db(30, "consensus, read_from = replica", "read"),
        db(31, "quorum, r = 1, w = 1, sloppy = true, nodes = 6", "write"),
        db(32, "quorum, r = 1, w = 1, clock = wall, read_repair = none", "write"),
        db(33, "quorum, r = 2, w = 2, clock = wall, read_repair = blocking", "cap"),
        db(34, "quorum, r = 2, w = 2, clock = wall, read_repair = none", "cap"),
        db(35, "quorum, r = 1, w = 3, clock = wall, read_repair = none", "cap"),
        db(38, "consensus", "write"),
        db(39, "consensus, read_from = any", "read"),
        db(40, "consensus", "write"),
        db(41, "consensus, read_from = replica", "read"),
        db(42, "multi_primary", "write"),
        db(43, "consensus", "write"),
        db(45, "consensus", "write"),
        db(46, "consensus, read_from = any", "read"),
        db(48, "consensus, read_from = any, session = token, max_lag = 30s", "write-not-cap"),
        db(51, "consensus", "write"),
        db(52, "consensus, read_from = any", "read"),
        db(53, "consensus", "write"),
        db(54, "consensus, read_from = replica, max_lag = 5s", "pacelc"),
        db(55, "consensus", "write"),
        db(56, "consensus, read_from = replica, max_lag = 10s", "pacelc"),
        db(57, "consensus", "write"),
        db(58, "consensus, read_from = replica, max_lag = 30s", "pacelc"),
        db(59, "multi_primary", "write"),
        queue(60, "acks = all, min_insync = 2"),
        queue(61, "acks = all, min_insync = 1"),
        queue(62, "acks = leader, min_insync = 1"),
        queue(63, "acks = none, min_insync = 1"),
        queue(65, "confirms = true"),
        queue(66, "confirms = false"),
        db(71, "async, failover = auto, fenced = false, read_from = replica, refresh = 1s", "read"),
        (72, "bucket d { }".to_owned(), "write"),
    ]
}

#[test]
fn labels_of_stores() {
    let all = cases();
    let stores = list(&all, "stores");
    for (row, store, about) in settings() {
        let want = &stores[row];
        let what = format!("row {row}: {} {}\n{store}", want["store"], want["setting"]);
        let json = analyze(&format!("arch 1\nsystem s {{ provider = none, zones = 3 }}\n{store}\n"));
        let d = &json["stores"]["d"];
        let pair = &list(d, "pairs")[0];
        let cap_of = |op: &str| d["ops"][op]["cap"].as_str().unwrap_or_else(|| panic!("{what}: {d:#}")).to_owned();
        if about != "cap" {
            let letters = want["pacelc"].as_str().expect("letters").get(..5).expect("five letters");
            assert_eq!(pair["pacelc"], letters, "{what}\n{d:#}");
        }
        let cap = want["cap"].as_str().expect("a label");
        let op = if about == "read" { &pair["read"] } else { &pair["write"] };
        if matches!(about, "write" | "read" | "cap") {
            let got = cap_of(op.as_str().expect("an operation"));
            let word = match cap {
                "CP writes / AP reads" => "AP",
                other => other.split([' ', '-']).next().expect("a word"),
            };
            assert_eq!(got, word, "{what}\n{:#}", d["ops"]);
        }
    }
}

#[test]
fn published_anchors() {
    // Abadi, Consistency Tradeoffs in Modern Distributed Database System Design, 2012.
    for (name, store, letters) in [
        ("Dynamo", "quorum, r = 2, w = 2, sloppy = true, nodes = 6", "PA/EL"),
        ("Cassandra", "quorum, r = 1, w = 1", "PA/EL"),
        ("Riak", "quorum, r = 2, w = 2, sloppy = true, nodes = 5", "PA/EL"),
        ("VoltDB", "sync, failover = auto, fenced = true, on_sync_loss = block", "PC/EC"),
        ("Megastore", "consensus", "PC/EC"),
        ("BigTable", "consensus, primary = a", "PC/EC"),
        ("MySQL Cluster", "sync, failover = auto, fenced = true", "PC/EC"),
        ("MongoDB", "async, failover = auto, fenced = false", "PA/EC"),
        ("PNUTS", "async, failover = manual, primary = a, read_from = any", "PC/EL"),
    ] {
        let json =
            analyze(&format!("arch 1\nsystem s {{ provider = none, zones = 3 }}\ndatabase d {{ {DB} {store} }}\n"));
        let pair = &json["stores"]["d"]["pairs"][0];
        assert_eq!(pair["pacelc"], letters, "{name}: {:#}", json["stores"]["d"]["pairs"]);
    }
}

#[test]
fn what_is_not_said_is_not_guessed() {
    let json = analyze(
        "arch 1\nsystem s { provider = none, zones = 3 }\nclient web { }\nservice app { replicas = 3 }\ndatabase d { replicas = 3 }\nflow f { rate = 1 rps, web -> app { -> d.write } }\nscenario x { cut = [zone a] | [zone b, zone c], expect flow f = error on minority }\n",
    );
    let d = &json["stores"]["d"];
    assert!(d["rpo"].is_null(), "{d:#}");
    assert_eq!(d["unknown"]["rpo"], "`d` does not set its `replication`");
    assert!(json["scenarios"]["x"]["holds"].is_null());
    let got = list(&json["scenarios"]["x"], "expect");
    assert!(got.iter().any(|e| e["unknown"]["got"].as_str().is_some_and(|e| e.contains("`failover`"))), "{got:#?}");
}

#[test]
fn one_label_is_never_both() {
    for (row, store, _) in settings() {
        let json = analyze(&format!("arch 1\nsystem s {{ provider = none, zones = 3 }}\n{store}\n"));
        let d = &json["stores"]["d"];
        for (op, facts) in d["ops"].as_object().expect("operations") {
            let rows: Vec<&Json> = list(d, "partitions").iter().filter(|r| r["op"] == *op).collect();
            let refused = rows.iter().any(|r| r["verdict"] == "FAILS" && r["links_cut"] == Json::Array(Vec::new()));
            let harmed = rows.iter().any(|r| r["verdict"] == "STALE" || !names(&r["flags"]).is_empty());
            match facts["cap"].as_str() {
                // What is consistent refuses somewhere, what is available nowhere.
                Some("CP") => assert!(!harmed && (refused || store.starts_with("bucket")), "row {row} {op}"),
                Some("AP") => assert!(!refused, "row {row} {op}"),
                _ => {}
            }
        }
    }
}
