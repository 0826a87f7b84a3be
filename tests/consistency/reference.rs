//! Consistency against reference cases that were found by enumeration, by checking all
//! interleavings, or are taken from the sources that they name.

use archc::analysis::consistency::copies::{Ask, Copies, Copy, Fate, Flag, Primary, Rules};
use archc::analysis::consistency::fill::{Fill, Invalidation};
use archc::analysis::consistency::guarantee::{Bits, named_model};
use archc::analysis::consistency::hops::{Hop, Level, over_stores};
use archc::analysis::consistency::net::Net;
use archc::analysis::consistency::source::{Repair, Session, Source};
use archc::analysis::consistency::{isolation, pbs, timeline};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

fn cases() -> Json {
    serde_json::from_str(include_str!("../reference/consistency.json")).expect("valid")
}

fn list<'a>(j: &'a Json, key: &str) -> &'a Vec<Json> {
    j[key].as_array().unwrap_or_else(|| panic!("a list `{key}` in {j}"))
}

fn bits(names: &Json) -> Bits {
    names.as_array().expect("names").iter().fold(Bits::NONE, |all, n| {
        all.or(match n.as_str().expect("a name") {
            "RT" => Bits::RT,
            "TO" => Bits::TO,
            "RYW" => Bits::RYW,
            "MR" => Bits::MR,
            "MW" => Bits::MW,
            "WFR" => Bits::WFR,
            "CP" => Bits::CP,
            "CONV" => Bits::CONV,
            other => panic!("no property {other}"),
        })
    })
}

fn seconds(j: &Json) -> f64 {
    if j == "inf" { f64::INFINITY } else { j.as_f64().expect("seconds") }
}

fn source(name: &str, env: &Json) -> Source {
    let lag = env["lag"].as_f64();
    let replica = |lag, session, agreed| Source::Replica { lag, session, agreed, lossy: true };
    match name {
        "lin" => Source::Agreed,
        "primary_async" => Source::Primary { lossy: true, lag },
        "replica_any" => replica(lag, Session::None, false),
        "replica_token" => replica(lag, Session::Token, false),
        "zk_local" => replica(env["session"].as_f64(), Session::Token, true),
        "follower_bounded" => replica(env["bound"].as_f64(), Session::None, true),
        "quorum_strict_rr_logical" => Source::Quorum { strict: true, repair: Repair::Met, logical: true },
        "quorum_partial" | "gsi" => Source::Quorum { strict: false, repair: Repair::None, logical: false },
        "lww_async" => Source::MultiPrimary,
        "search_refresh" => Source::Index { refresh: env["refresh"].as_f64() },
        other => panic!("no source {other}"),
    }
}

fn hop(j: &Json, env: &Json) -> Option<Hop> {
    let ttl = j["ttl"].as_f64();
    Some(match j["k"].as_str().expect("a kind of hop") {
        "pin_primary_after_write" => Hop::Pin { after: j["T"].as_f64().expect("T"), lag: env["lag"].as_f64() },
        "cache_aside" => Hop::Aside {
            ttl,
            fill: match j["fill"].as_str() {
                None => Fill::Set,
                Some("lease") => Fill::Lease,
                Some("lease_single_flight") => Fill::SingleFlight,
                Some("versioned_tombstone") => Fill::Versioned,
                Some(other) => panic!("no fill {other}"),
            },
            invalidation: if j["inv"] == "delete" { Invalidation::Delete } else { Invalidation::None },
        },
        "local_cache" => Hop::Local { ttl, sticky: false, through: false },
        "local_cache_sticky_wt" => Hop::Local { ttl, sticky: true, through: true },
        // Where nothing is said, each layer counts from its own arrival.
        "cdn" => Hop::Edge { ttl, revalidate: j["swr"].as_f64().unwrap_or(0.0), on_error: 0.0, age: false },
        "browser" => Hop::Private { ttl, same_uri: false },
        "optimistic_ui" => Hop::Optimistic,
        "multi_store" => return None,
        other => panic!("no hop {other}"),
    })
}

fn projection(name: &str, env: &Json) -> Option<Hop> {
    let lag = env["qlag"].as_f64();
    match name {
        "proj_ordered" => Some(Hop::Projection { ordered: true, guarded: true, versioned: true, outbox: true, lag }),
        "proj_parallel" => Some(Hop::Projection { ordered: false, guarded: true, versioned: true, outbox: true, lag }),
        _ => None,
    }
}

#[test]
fn paths() {
    let all = cases();
    for c in list(&all, "path_cases") {
        let (id, env) = (c["id"].as_str().expect("an id"), &c["env"]);
        let path = list(c, "path");
        let first = path[0].as_str().expect("a source");
        let start = |fault: bool| {
            let (s, p) = match projection(first, env) {
                Some(p) => (Source::Agreed, Some(p)),
                None => (source(first, env), None),
            };
            let level = if fault { s.after_fault() } else { s.nominal() };
            p.map_or(level, |p| level.over(&p))
        };
        let along = |fault: bool| {
            path[1..].iter().fold(start(fault), |level, j| match hop(j, env) {
                Some(h) => level.over(&if fault { h.after_fault() } else { h }),
                None => Level { bits: over_stores(level.bits), ..level },
            })
        };
        let got = along(false);
        let want = &c["expect"];
        assert_eq!(got.bits, bits(&want["bits"]), "{id}: {} instead of {}", got.bits, want["bits"]);
        let age = seconds(&want["staleness_s"]);
        assert!(got.staleness == age || (got.staleness - age).abs() < 1e-9, "{id}: {} s", got.staleness);
        for (model, holds) in want["satisfies"].as_object().expect("models") {
            let m = named_model(&model.replace('-', "_")).unwrap_or_else(|| panic!("no model {model}"));
            assert_eq!(m.satisfied(got.bits, got.staleness), holds == true, "{id}: {model}");
        }
        if let Some(fault) = c.get("fault") {
            let after = along(true);
            assert_eq!(after.bits, bits(&fault["bits"]), "{id} after a fault");
            if fault["rpo"] == "lag" {
                assert_eq!(after.rpo, env["lag"].as_f64().unwrap_or(f64::INFINITY), "{id}: rpo");
                let bound = Source::Primary { lossy: true, lag: Some(2.0) }.after_fault();
                assert_eq!(bound.rpo, 2.0, "{id}: rpo with a bound");
            }
        }
    }
}

#[test]
fn lattice() {
    let all = cases();
    let lattice = &all["lattice"];
    for c in list(lattice, "cases") {
        let (a, b) = (c["a"].as_str().expect("a"), c["b"].as_str().expect("b"));
        assert_eq!(isolation::implies(a, b), c["a_implies_b"] == true, "{}: {a} => {b}", c["id"]);
    }
    for e in list(lattice, "edges") {
        assert!(isolation::implies(e[0].as_str().expect("a"), e[1].as_str().expect("b")), "{e}");
    }
    use isolation::Availability::{Sticky, Total, Unavailable};
    for (key, want) in [("total_available", Total), ("sticky_available", Sticky), ("unavailable", Unavailable)] {
        for m in list(&lattice["hat_availability"], key) {
            assert_eq!(isolation::availability(m.as_str().expect("a model")), Some(want), "{m}");
        }
    }
    let of = |j: &Json| named_model(&j.as_str().expect("a model").replace('-', "_")).expect("known").bits;
    for c in list(lattice, "meet_join_cases") {
        let (got, want) = match c["op"].as_str().expect("an operation") {
            "meet" => (of(&c["a"]).meet(of(&c["b"])), bits(&c["result"])),
            "join" => (of(&c["a"]).join(of(&c["b"])), bits(&c["result"])),
            _ => (bits(&c["bits"]).close(), bits(&c["result"])),
        };
        assert_eq!(got, want, "{c}");
    }
}

#[test]
fn probabilities_of_partial_quorums() {
    let all = cases();
    let close = |a: f64, b: &Json, what: &str| {
        let b = b.as_f64().unwrap_or_else(|| panic!("{what}: {b}"));
        assert!((a - b).abs() <= 1e-12 + 1e-9 * b.abs(), "{what}: {a} instead of {b}");
    };
    let mut seen = 0;
    for (key, want) in all["pbs"]["exact"].as_object().expect("cases") {
        let (kind, numbers) = key.split_once(':').unwrap_or(("", key));
        let x: Vec<f64> = numbers.split(',').map(|n| n.parse().expect("a number")).collect();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (n, r, w) = (x[0] as u32, x[1] as u32, x[2] as u32);
        match kind {
            "" => {
                close(pbs::stale(n, r, w), &want["p_s"], key);
                assert_eq!(want["strict"] == true, r + w > n);
                for (k, p) in want["k"].as_object().expect("by k") {
                    close(pbs::within_versions(n, r, w, k.parse().expect("k")), p, key);
                }
            }
            "MR" => {
                close(pbs::goes_back(n, r, w, x[3], x[4], false), &want["p_sMR"], key);
                close(pbs::goes_back(n, r, w, x[3], x[4], true), &want["p_strict"], key);
            }
            // Here the order is n, r, w too.
            "EXP" => close(pbs::stale_after(n, r, w, x[3], x[4]), &want["p_st"], key),
            "EXPT" => close(pbs::fresh_after(n, r, w, x[3], 0.001), &want["t_999"], key),
            other => panic!("no kind {other}"),
        }
        seen += 1;
    }
    assert!(seen > 25);
    // The sum is the closed form p_s exp(-R l t), and with instant propagation 0.
    for (n, r, w) in [(3, 1, 1), (5, 2, 2), (10, 3, 4)] {
        for t in [0.0, 1.0, 7.0] {
            let closed = pbs::stale(n, r, w) * (-f64::from(r) * 0.2 * t).exp();
            assert!((pbs::stale_after(n, r, w, 0.2, t) - closed).abs() < 1e-12);
        }
        assert!(pbs::stale_after(n, r, w, 1e9, 1.0) < 1e-12);
    }
}

struct Named {
    places: BTreeMap<String, usize>,
}

impl Named {
    fn place(&mut self, name: &Json) -> usize {
        let next = self.places.len();
        *self.places.entry(name.as_str().expect("a zone").to_owned()).or_insert(next)
    }
}

fn copies(store: &Json, down: &BTreeSet<String>, zones: &mut Named) -> Copies {
    let mut group = |key: &str| -> (Vec<String>, Vec<Copy>) {
        let map = store[key].as_object().cloned().unwrap_or_default();
        let names: Vec<String> = map.keys().cloned().collect();
        let all = map.iter().map(|(n, z)| Copy { place: zones.place(z), up: !down.contains(n) }).collect();
        (names, all)
    };
    let (names, all) = group("replicas");
    let at = |name: &Json| names.iter().position(|n| n == name.as_str().expect("a copy")).expect("known");
    let number = |key: &str| usize::try_from(store[key].as_u64().expect("a count")).expect("small");
    let rules = match store["kind"].as_str().expect("a kind") {
        "consensus" => Rules::Consensus(None),
        "quorum" => Rules::Quorum { r: number("R"), w: number("W"), sloppy: None },
        "quorum_mdc" if store["Wl"] == "QUORUM" => {
            let need = all.len() / 2 + 1;
            Rules::Quorum { r: need, w: need, sloppy: None }
        }
        "quorum_mdc" => {
            assert_eq!((&store["Wl"], &store["Rl"]), (&"LOCAL_QUORUM".into(), &"LOCAL_QUORUM".into()));
            let mut regions = vec![0; zones.places.len()];
            for (i, dc) in store["dcs"].as_object().expect("centres").values().enumerate() {
                for z in dc.as_array().expect("zones") {
                    regions[zones.place(z)] = i;
                }
            }
            Rules::LocalQuorum(regions)
        }
        "primary" => Rules::Primary(Primary {
            at: at(&store["primary"]),
            voters: Some(group("witnesses").1),
            fenced: store["fenced"] == true,
            in_step: 0,
            blocks: false,
            sure: false,
            least: 0,
        }),
        "isr" => Rules::Log {
            leader: at(&store["leader"]),
            in_step: store["isr"].as_array().expect("names").iter().map(at).collect(),
            least: number("min_isr"),
            controllers: group("controllers").1,
            unclean: store["unclean"] == true,
        },
        "multiprimary" => Rules::MultiPrimary,
        other => panic!("no kind {other}"),
    };
    Copies { all, rules }
}

fn ask(op: &str) -> Ask {
    match op {
        "write" | "produce_all" => Ask::Write,
        "produce_1" => Ask::WriteOne,
        "lin_read" | "read" | "primary_read" | "consume" => Ask::Read,
        "stale_read" | "replica_read" => Ask::ReadAny,
        other => panic!("no operation {other}"),
    }
}

#[test]
fn partitions() {
    let all = cases();
    let mut rows = 0;
    for c in list(&all, "partition_cases") {
        for row in list(c, "rows") {
            let down: BTreeSet<String> =
                list(row, "down").iter().map(|d| d.as_str().expect("a name").to_owned()).collect();
            let mut zones = Named { places: BTreeMap::new() };
            let store = copies(&c["store"], &down, &mut zones);
            let mut net = Net::default();
            for (i, part) in list(row, "parts").iter().enumerate() {
                for z in part.as_array().expect("zones") {
                    net.groups.insert(zones.place(z), i);
                }
            }
            let got = store.answer(&net, zones.place(&row["entry"]), ask(row["op"].as_str().expect("an operation")));
            let flags: BTreeSet<&str> = got.flags.iter().map(|f| f.word()).collect();
            let want: BTreeSet<&str> = list(row, "flags").iter().map(|f| f.as_str().expect("a flag")).collect();
            assert_eq!((got.fate.word(), flags), (row["expect"].as_str().expect("a fate"), want), "{}: {row}", c["id"]);
            rows += 1;
        }
    }
    assert!(rows > 60, "{rows}");
}

#[test]
fn links_that_are_cut_alone() {
    let at = |places: &[usize]| places.iter().map(|p| Copy { place: *p, up: true }).collect::<Vec<_>>();
    let net = Net::links(&[(0, 1)]);
    // N01: the leader in c reaches both others, and stays.
    let etcd = Copies { all: at(&[0, 1, 2]), rules: Rules::Consensus(Some(2)) };
    for client in [0, 1, 2] {
        for what in [Ask::Write, Ask::Read, Ask::ReadAny] {
            assert_eq!(etcd.answer(&net, client, what).fate, Fate::Works, "N01 at {client}");
        }
    }
    // N04: one of three voters misses the primary in a: nobody is promoted.
    let rules = |at_primary| {
        Rules::Primary(Primary {
            at: at_primary,
            voters: Some(at(&[0, 1, 2])),
            fenced: false,
            in_step: 0,
            blocks: false,
            sure: false,
            least: 0,
        })
    };
    let redis = Copies { all: at(&[0, 1, 2]), rules: rules(0) };
    for client in [0, 2] {
        let a = redis.answer(&net, client, Ask::Write);
        assert_eq!((a.fate, a.flags.len()), (Fate::Works, 0), "N04 at {client}");
    }
    assert_eq!(redis.answer(&net, 1, Ask::Write).fate, Fate::Fails, "b does not reach a");
    // With both links of a cut it is: two of three voters miss it.
    let cut = Net::links(&[(0, 1), (0, 2)]);
    assert!(redis.answer(&cut, 0, Ask::Write).flags.contains(&Flag::Split));
    let all = cases();
    let ids: Vec<&str> = list(&all, "partition_nontransitive").iter().filter_map(|c| c["id"].as_str()).collect();
    assert_eq!(ids, ["N01", "N04"], "a new case has no test");
}

#[test]
fn timelines() {
    let all = cases();
    for c in list(&all, "timeline_cases") {
        let (id, want) = (c["id"].as_str().expect("an id"), &c["expect"]);
        let is = |key: &str, got: f64| {
            let w = want[key].as_f64().unwrap_or_else(|| panic!("{id}: {key}"));
            assert!((w - got).abs() < 1e-9, "{id}: {key} is {got}, not {w}");
        };
        match id {
            "TL1" => {
                let t = timeline::Failover { lease: 30.0, elect: 10.0, lag: 0.5 };
                is("minority_accepts_writes_until_s_max", t.accepts_until());
                is("majority_write_outage_s_max", t.writes_again());
                is("lost_window_s_max", t.lost());
            }
            "TL2" => {
                let t = |elect| timeline::Failover { lease: 15.0, elect, lag: 0.0 };
                is("minority_accepts_writes_s_max", t(1.0).accepts_until());
                let range = want["majority_outage_s"].as_array().expect("a range");
                assert_eq!(range[0].as_f64(), Some(t(1.0).writes_again()));
                assert_eq!(range[1].as_f64(), Some(t(2.0).writes_again()));
            }
            "TL3" => is("lost_window_s_max", timeline::Failover { lease: 10.0, elect: 0.0, lag: 0.0 }.lost()),
            "TL4" => {
                // How long commits stall is a timeout of the product; what may be lost is not.
                is("rpo_before", Source::Primary { lossy: false, lag: None }.after_fault().rpo);
                assert_eq!(want["rpo_after"], "lag");
                assert_eq!(Source::Primary { lossy: true, lag: Some(0.7) }.after_fault().rpo, 0.7);
            }
            "TL5" => is("becomes_violated_at_s", timeline::breaks_after(5.0, 2.0)),
            "TL6" => {
                // Its availability is a matter of failovers; what is lost is of consistency.
                is("rpo", Source::Primary { lossy: false, lag: None }.after_fault().rpo);
            }
            "TL7" => {
                let (fresh, stale) = timeline::without_origin(60.0, 86400.0);
                is("fresh_until_s_max", fresh);
                is("served_stale_until_s_max", stale);
            }
            other => panic!("no test for {other}"),
        }
    }
}
