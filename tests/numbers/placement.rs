//! Where replicas stand: one answer for capacity, availability, losses, cuts and the plan.
//! Expected values are counted by hand or by enumerating the states of zones and nodes.

use crate::support::generate::Rng;
use crate::support::run::{archc, printed};
use archc::analysis::consistency::copies::Fate;
use archc::analysis::consistency::{consistency, outcome::pieces, setting::variants};
use archc::analysis::{Facts, reliability};
use archc::graph::CallGraph;
use archc::model::{Basis, Component, Model, Origin, Primary};
use archc::plan::plan;
use archc::session::{Judged, judge, open_text};

fn read(text: &str) -> Judged {
    judge(&open_text("x.arch", text, &[]), jiff::civil::date(2026, 11, 25), false)
}

fn judged(text: &str) -> Judged {
    let j = read(text);
    assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
    j
}

/// A service, a store and a flow through both, in three zones.
fn design(system: &str, app: &str, store: &str, more: &str) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none, zones = 3 {system} }}\nclient web {{ }}\nservice app {{ cpu = 1ms, availability = 100%, {app} }}\ndatabase d {{ cpu = 1ms, backup {{ every = 1h }}, {store} }}\nflow f {{ rate = 10 rps, web -> app {{ -> d.write }} }}\n{more}\n"
    )
}

fn named<'a>(model: &'a Model, name: &str) -> &'a Component {
    model.component(model.find(name).expect("a component"))
}

fn designed(model: &Model, name: &str) -> Vec<u32> {
    named(model, name).placement(&model.system).expect("known").designed().to_vec()
}

fn left(model: &Model, name: &str) -> Vec<u32> {
    named(model, name).placement(&model.system).expect("known").left().to_vec()
}

/// The codes of all errors, each with how many other locations it shows.
fn errors(text: &str) -> Vec<(String, usize)> {
    read(text).language_errors().iter().map(|d| (d.code.to_string(), d.related.len())).collect()
}

/// The probability that at least `needed` replicas are up: each needs its zone and itself.
fn at_least(needed: u32, by_zone: &[u32], zone: f64, node: f64) -> f64 {
    let mut mass = vec![1.0];
    for n in by_zone {
        let mut next = vec![0.0; mass.len() + *n as usize];
        for (k, p) in mass.iter().enumerate() {
            next[k] += p * (1.0 - zone);
            // The zone is up: the nodes one after the other.
            let mut up = vec![1.0];
            for _ in 0..*n {
                let mut more = vec![0.0; up.len() + 1];
                for (i, q) in up.iter().enumerate() {
                    more[i] += q * (1.0 - node);
                    more[i + 1] += q * node;
                }
                up = more;
            }
            for (i, q) in up.iter().enumerate() {
                next[k + i] += p * zone * q;
            }
        }
        mass = next;
    }
    mass[needed as usize..].iter().sum()
}

#[test]
fn place_decides_replicas() {
    let text = "arch 1\nsystem s { zones = 3, zone_availability = 99.9% }\nclient web { }\nservice app { cpu = 15ms, cores = 1, availability = 99%, place { a = 2, b = 2 } }\nflow f { rate = 100 rps, web -> app }\n";
    let j = judged(text);
    let app = named(&j.model, "app");
    assert_eq!(app.replicas(), Ok(4.0));
    assert_eq!(designed(&j.model, "app"), [2, 2, 0]);
    assert_eq!(app.attrs.peek("replicas").map(|a| a.origin.clone()), Some(Origin::Placed));
    // 100 rps x 15 ms = 1.5 cores of 4.
    let facts = Facts::new(&j.model, 1.0);
    let at = j.model.find("app").expect("a component").0;
    assert!((facts.utilization[at].utilization.clone().expect("known") - 0.375).abs() < 1e-12);
    // Two of four carry 1.5 cores: each zone may be lost.
    let all = reliability(&j.model, &facts, 1.0);
    assert!(all.zones.iter().all(|z| z.flows[0].0 == Ok(true)), "{:?}", all.zones);
    // At least two of four, as 1.5 cores need: by zone 2, 2.
    let got = facts.availability.components[at].clone().expect("known");
    assert!((got - at_least(2, &[2, 2], 0.999, 0.99)).abs() < 1e-12, "{got}");
    let plan = plan(&j.model, &CallGraph::new(&j.model));
    let app = plan.resources.iter().map(|r| format!("{r:?}")).find(|r| r.contains("\"app\"")).expect("planned");
    assert!(app.contains("replicas: 4"), "{app}");
}

#[test]
fn place_and_replicas_that_differ() {
    let with = |app: &str| design("", app, "replicas = 1", "");
    for replicas in [2, 4] {
        let text = with(&format!("replicas = {replicas}, place {{ a = 2, b = 1 }}"));
        assert_eq!(errors(&text), [("ARC550".to_owned(), 1)], "{text}");
    }
    assert_eq!(errors(&with("place { a = 0, b = 0 }")), [("ARC550".to_owned(), 0)]);
    assert_eq!(errors(&with("replicas = ? in 4..9, place { a = 2, b = 1 }")), [("ARC550".to_owned(), 1)]);
    // What is open is decided.
    for app in [
        "place { a = 2, b = 1 }",
        "replicas = ?, place { a = 2, b = 1 }",
        "replicas = ? in 2..9, place { a = 2, b = 1 }",
    ] {
        let j = judged(&with(app));
        let c = named(&j.model, "app");
        assert_eq!((c.replicas(), c.holes().len()), (Ok(3.0), 0), "{app}");
        assert_eq!(designed(&j.model, "app"), [2, 1, 0], "{app}");
    }
    // A hole that is not solved is told.
    let holed = with("replicas = ?, place { a = 2, b = 1 }");
    let out = archc(&["size", "-"], &holed);
    let told = String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
    assert!(told.contains("`replicas` of service `app` is not solved: `place` decides it, 3"), "{told}");
    // A number that an engine has gives way; one beside `place` does not.
    let engine = "engine mine for database : postgres { replicas = 3 }\n";
    let own = |place: &str| {
        format!(
            "arch 1\nsystem s {{ zones = 3 }}\n{engine}client web {{ }}\nservice app {{ }}\ndatabase d : mine {{ {place} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.write }} }}\n"
        )
    };
    assert_eq!(named(&judged(&own("")).model, "d").replicas(), Ok(3.0));
    assert_eq!(named(&judged(&own("place { a = 1, b = 1 }")).model, "d").replicas(), Ok(2.0));
    // What only `nodes` counts is placed by nodes: each key stays on one of them.
    let cache = "arch 1\nsystem s { zones = 3 }\nclient web { }\nservice app { }\ncache hot { hit = 90%, nodes = 3, place { a = 1, b = 1, c = 1 } }\ndatabase d { }\nflow f { rate = 1 rps, web -> app { -> hot.get else { -> d.read } } }\n";
    let j = judged(cache);
    assert_eq!((named(&j.model, "hot").replicas(), named(&j.model, "hot").nodes()), (Ok(1.0), Ok(3.0)));
    assert_eq!(designed(&j.model, "hot"), [1, 1, 1]);
    // Two copies of each of three shards: two nodes for each copy that is placed... and their zones.
    let shards = cache.replace("nodes = 3, place { a = 1, b = 1, c = 1 }", "shards = 3, place { a = 1, b = 1 }");
    let j = judged(&shards);
    assert_eq!((named(&j.model, "hot").replicas(), named(&j.model, "hot").nodes()), (Ok(2.0), Ok(6.0)));
    assert_eq!(designed(&j.model, "hot"), [3, 3, 0]);
}

#[test]
fn a_number_that_place_does_not_sum_to_keeps_its_proportion() {
    let mut j = judged(&design(
        "",
        "place { a = 1, b = 2 }",
        "replicas = 1",
        "scenario more { app { place { b = 2, c = 3 } } }",
    ));
    let at = j.model.find("app").expect("a component").0;
    // An autoscaler takes the zones in turn: 7 = 2 x (1, 2, 0) + 1; 2 = 0 x (1, 2, 0) + 2.
    for (n, want) in [(7.0, [3, 4, 0]), (2.0, [1, 1, 0]), (1.0, [1, 0, 0]), (6.0, [2, 4, 0])] {
        j.model.components[at].set_count("replicas", n, &Origin::Followed);
        assert_eq!(designed(&j.model, "app"), want, "{n}");
    }
    let there = j.model.in_scenario(&j.model.scenarios[0]);
    assert_eq!(named(&there, "app").replicas(), Ok(5.0));
    assert_eq!(designed(&there, "app"), [0, 2, 3]);
}

#[test]
fn consensus_over_three_zones() {
    let text = design(
        ", zone_availability = 99.95%",
        "replicas = 3",
        "replication = consensus, availability = 99.5%, place { a = 1, b = 1, c = 1 }",
        "",
    );
    let facts = Facts::new(&judged(&text).model, 1.0);
    let got = facts.availability.components[2].clone().expect("known");
    // A copy is up if its zone and its node are: p = 0.9995 x 0.995 = 0.9945025. The copies
    // stand in different zones, so they fail independently: 2 of 3 are up with probability
    // 3 p^2 (1 - p) + p^3 = 3 p^2 - 2 p^3.
    let p: f64 = 0.9995 * 0.995;
    assert!((p - 0.994_502_5).abs() < 1e-12);
    let want = 3.0 * p * p - 2.0 * p * p * p;
    assert!((want - 0.999_909_66).abs() < 1e-8, "{want}");
    assert!((got - want).abs() < 1e-12, "{got}");
}

#[test]
fn a_cut_after_a_lost_zone() {
    let store = |place: &str| format!("replication = consensus, {place}");
    let scenario = "scenario no_c { fail = [zone c] }\nscenario both { fail = [zone c], cut = [zone a] | [zone b], expect flow f = error }\n";
    for place in ["replicas = 3", "replicas = 3, place { a = 1, b = 1, c = 1 }", "place { a = 1, b = 1, c = 1 }"] {
        let text = design("", "replicas = 3", &store(place), scenario);
        let j = judged(&text);
        let lossy =
            j.model.in_scenario(&j.model.scenarios[0]).with_faults(&j.model.scenarios[0].faults).expect("known");
        let there = consistency(&lossy.model, &Facts::new(&lossy.model, 1.0), 1.0);
        // Of the three copies c's is lost: a and b hold one each, and two are needed.
        let sides: Vec<_> = there.rows[0].iter().filter(|r| !r.at.rest.is_empty()).collect();
        assert_eq!(sides.iter().map(|r| r.at.side.clone()).collect::<Vec<_>>(), [vec![0], vec![1]], "{place}");
        assert!(sides.iter().all(|r| r.answer.as_ref().expect("known").fate == Fate::Fails), "{place}");
        // A scenario that says both at once agrees.
        assert_eq!(j.verdicts.scenarios[1].holds, Some(true), "{place}");
        let told = printed(&["analyze", "-", "--scenario", "no_c"], &text);
        assert!(told.contains("answers errors there and elsewhere"), "{told}");
    }
}

#[test]
fn a_primary_that_is_left_goes_on() {
    // Its primary is in zone b; c is lost, then a: the primary is never in a lost zone.
    let text = design(
        "",
        "replicas = 3",
        "replicas = 3, replication = async, primary = b",
        "scenario no_c { fail = [zone c] }",
    );
    let j = judged(&text);
    let lossy = j.model.in_scenario(&j.model.scenarios[0]).with_faults(&j.model.scenarios[0].faults).expect("known");
    assert!(lossy.doubts.is_empty(), "{:?}", lossy.doubts);
    let all = reliability(&lossy.model, &Facts::new(&lossy.model, 1.0), 1.0);
    assert_eq!(all.zones.iter().map(|z| z.what.as_str()).collect::<Vec<_>>(), ["zone a", "zone b"]);
    assert_eq!(all.zones[0].flows[0].0, Ok(true));
    assert_ne!(all.zones[1].flows[0].0, Ok(true));
    assert_eq!(named(&lossy.model, "d").placement(&lossy.model.system).expect("known").primary, Primary::In(1));
}

#[test]
fn copies_of_a_partition_are_lost_with_their_zone_alone() {
    // Six brokers, two in each zone; a partition has a copy in each zone. Without zone a its
    // other two copies are left, and both are needed: (0.999 x 0.99)^2.
    let text = "arch 1\nsystem s { provider = none, zones = 3, zone_availability = 99.9% }\nclient web { }\nservice app { cpu = 1ms, replicas = 3 }\nqueue q { cpu = 1us, nodes = 6, replicas = 3, min_insync = 2, availability = 99% }\nflow f { rate = 10 rps, web -> app { -> q.publish } }\nscenario no_a { fail = [zone a] }\n";
    let j = judged(text);
    let q = j.model.find("q").expect("a component").0;
    assert_eq!(designed(&j.model, "q"), [2, 2, 2]);
    let lossy = j.model.with_faults(&j.model.scenarios[0].faults).expect("known");
    assert_eq!(left(&lossy.model, "q"), [0, 2, 2]);
    let copies = named(&lossy.model, "q").copies(&lossy.model.system).expect("known");
    assert_eq!((copies.designed(), copies.left()), ([1, 1, 1].as_slice(), [0, 1, 1].as_slice()));
    let got = Facts::new(&lossy.model, 1.0).availability.components[q].clone().expect("known");
    assert!((got - (0.999_f64 * 0.99).powi(2)).abs() < 1e-12, "{got}");
}

#[test]
fn counts_are_per_region_unless_place_names_regions() {
    let with = |store: &str| {
        let text = format!(
            "arch 1\nsystem s {{ provider = none, zones = 2, regions = [us-east-1, eu-west-1] }}\nclient web {{ }}\nservice app {{ replicas = 2, cpu = 1ms }}\ndatabase d {{ replication = consensus, cpu = 1ms, {store} }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.write }} }}\nscenario no {{ fail = [zone us-east-1.a] }}\n"
        );
        judged(&text).model
    };
    for (store, n, each) in [
        ("replicas = 3", 3.0, [2, 1, 2, 1]),
        ("replicas = 3, regions = [eu-west-1]", 3.0, [0, 0, 2, 1]),
        ("place { a = 1, b = 2 }", 3.0, [1, 2, 1, 2]),
        ("place { us-east-1 = 3, eu-west-1 = 2 }", 5.0, [2, 1, 1, 1]),
        ("place { us-east-1.a = 1, eu-west-1.b = 2 }", 3.0, [1, 0, 0, 2]),
    ] {
        let m = with(store);
        assert_eq!((named(&m, "d").replicas(), designed(&m, "d").as_slice()), (Ok(n), each.as_slice()), "{store}");
        let lossy = m.with_faults(&m.scenarios[0].faults).expect("known").model;
        let mut fewer = each;
        fewer[0] = 0;
        assert_eq!(left(&lossy, "d"), fewer, "{store}");
        let gone = f64::from(each[0]);
        assert_eq!(named(&lossy, "d").replicas_left(&lossy.system), Ok(n - gone), "{store}");
    }
}

#[test]
fn an_assumed_placement_is_listed() {
    let text = design(", zone_availability = 99.9%", "replicas = 1", "replicas = 4, availability = 99%", "");
    let list = printed(&["assumptions", "-", "--format", "json"], &text);
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let of = |name: &str| {
        let all = list["assumptions"].as_array().expect("a list").iter();
        let mut mine = all.filter(|a| a["of"] == name && a["attribute"] == "place");
        mine.next().map(|a| (a["value"].as_str().expect("a text").to_owned(), !a["source"].is_null()))
    };
    assert_eq!(of("app"), Some(("a = 1".to_owned(), true)));
    assert_eq!(of("d"), Some(("a = 2, b = 1, c = 1".to_owned(), true)));
    let placed = text.replace("replicas = 1,", "place { b = 1 },");
    let placed = printed(&["assumptions", "-"], &placed.replace("replicas = 1 }", "place { b = 1 } }"));
    assert!(!placed.contains("stand in the first zones"), "{placed}");
    // A zone that the design names is no assumption.
    let named = printed(
        &["assumptions", "-"],
        &text.replace("replicas = 1", "zones = [b]").replace("replicas = 4", "zones = [b]"),
    );
    assert!(!named.contains("replicas without `place`"), "{named}");
    // Two that fail together by assumption are told beside each figure.
    let note = "single ones fail together";
    assert!(printed(&["analyze", "-"], &text.replace("replicas = 4", "replicas = 1")).contains(note));
    assert!(!printed(&["analyze", "-"], &text).contains(note));
}

/// A random way to write where `n` replicas stand.
fn written(r: &mut Rng) -> (String, [u32; 3]) {
    let n = 1 + r.below(7);
    if r.chance(50) {
        let mut each = [0_u32; 3];
        (0..n).for_each(|_| each[r.below(3)] += 1);
        let table: Vec<String> =
            ["a", "b", "c"].iter().zip(each).filter(|(_, n)| *n > 0).map(|(z, n)| format!("{z} = {n}")).collect();
        let count = r.pick(&["", "replicas = ?, ", "replicas = N, "]).replace('N', &n.to_string());
        return (format!("{count}place {{ {} }}", table.join(", ")), each);
    }
    let (zones, of): (&str, &[usize]) =
        [("", [0, 1, 2].as_slice()), (", zones = [b, c]", &[1, 2]), (", zones = 2", &[0, 1]), (", zones = [c]", &[2])]
            [r.below(4)];
    let mut each = [0; 3];
    (0..n).for_each(|i| each[of[i % of.len()]] += 1);
    (format!("replicas = {n}{zones}"), each)
}

#[test]
fn every_analysis_sees_the_same_replicas() {
    let (zone, node) = (0.999, 0.99);
    for seed in 0..120 {
        let mut r = Rng(seed);
        let ((app, servers), (store, copies)) = (written(&mut r), written(&mut r));
        let text = design(
            ", zone_availability = 99.9%",
            &app,
            &format!("replication = consensus, availability = 99%, {store}"),
            "",
        )
        .replace("availability = 100%", "availability = 99%");
        let model = judged(&text).model;
        let declared = |s: &str| if s.contains("place") { Basis::Declared } else { Basis::Spread };
        for (name, how, each) in [("app", &app, servers), ("d", &store, copies)] {
            let p = named(&model, name).placement(&model.system).expect("known");
            assert_eq!((p.designed(), p.left()), (each.as_slice(), each.as_slice()), "{text}");
            assert_eq!(named(&model, name).replicas(), Ok(f64::from(each.iter().sum::<u32>())), "{text}");
            assert_eq!(p.basis, declared(how), "{text}");
        }
        let mut m = model.clone();
        let majority = copies.iter().sum::<u32>() / 2 + 1;
        let mut gone = Vec::new();
        for step in 0..3 {
            // Both see what is there: the copies of a cut, the probability of a majority of them.
            let facts = Facts::new(&m, 1.0);
            let way = variants(named(&m, "d"), &m.system).expect("known").remove(0);
            let mut up = [0_u32; 3];
            way.copies.all.iter().filter(|c| c.up).for_each(|c| up[c.place] += 1);
            let of = |each: [u32; 3], at: usize| if gone.contains(&at) { 0 } else { each[at] };
            let want: [u32; 3] = std::array::from_fn(|at| of(copies, at));
            assert_eq!(way.copies.all.len(), copies.iter().sum::<u32>() as usize, "{text}");
            // With too few left a loss takes the rest with it.
            let sum = up.iter().sum::<u32>();
            assert!(up == want || sum == 0 && want.iter().sum::<u32>() == 0, "{text}\n{gone:?} {up:?} {want:?}");
            let seen = pieces(&m)[1].clone().expect("placed").expect("known");
            let serve: Vec<usize> = (0..3).map(|at| of(servers, at) as usize).collect();
            assert_eq!(seen, serve, "{text}\n{gone:?}");
            let live: Vec<u32> = (0..3).filter(|at| !gone.contains(at)).map(|at| up[at]).collect();
            let want = if sum < majority { 0.0 } else { at_least(majority, &live, zone, node) };
            let got = facts.availability.components[2].clone().expect("known");
            assert!((got - want).abs() < 1e-12, "{text}\n{gone:?}: {got} {want}");
            // A zone takes its replicas with it, and no others.
            let rest: Vec<usize> = (0..3).filter(|at| !gone.contains(at)).collect();
            if step == 2 || rest.is_empty() {
                break;
            }
            let at = rest[r.below(rest.len())];
            gone.push(at);
            m = m.without_zone(["a", "b", "c"][at]).model;
        }
    }
}
