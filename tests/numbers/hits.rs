//! Hit ratios through the language: the reference cases, a simulation, and what they
//! must do whatever the numbers.

use crate::support::Says;
use crate::support::judged::judged;
use archc::analysis::{Facts, Known};
use archc::model::CompId;
use archc::session::Judged;
use proptest::prelude::*;
use serde_json::Value;

/// A cache with these attributes, asked `rate` times a second.
fn design(attributes: &str, rate: f64) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\nservice app {{ cpu = 1us }}\n\
         cache hot {{ cpu = 1us, {attributes} }}\ndatabase db {{ cpu = 1us }}\n\
         flow f {{ rate = {rate} rps, web -> app {{ -> hot.get else {{ -> db.read, -> hot.set }} }} }}\n"
    )
}

fn hit_of(j: &Judged, name: &str) -> Known {
    let id = j.model.find(name).expect("a component");
    j.facts.demand.hits.of(id).expect("a cache").value.clone()
}

fn hit(attributes: &str, rate: f64) -> f64 {
    hit_of(&judged(&design(attributes, rate)), "hot").expect(attributes)
}

fn cases() -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../reference/capacity.json")).expect("JSON");
    all["cases"].as_array().expect("a list").iter().filter(|c| c["category"] == "cache").cloned().collect()
}

fn number(v: &Value, name: &str) -> f64 {
    v[name].as_f64().unwrap_or_else(|| panic!("{name} of {v}"))
}

#[test]
fn the_reference_cases_through_the_language() {
    let mut seen = 0;
    for c in cases() {
        let (id, tolerance) = (c["id"].as_str().expect("an id"), number(&c, "rel_tol"));
        let (input, want) = (&c["inputs"], &c["expected"]);
        let near = |got: f64, name: &str| {
            let want = number(want, name);
            assert!((got - want).abs() <= tolerance * want, "{id} {name}: {got}, not {want}");
        };
        if id.starts_with("ttl") {
            let attributes =
                format!("entries = 1, entry_size = 1B, skew = 0, memory = 1B, ttl = {}s", number(input, "TTL"));
            let j = judged(&design(&attributes, number(input, "lam")));
            near(hit_of(&j, "hot").expect(id), "hit_no_reset");
            let db = j.model.find("db").expect("the store");
            near(j.facts.demand.components[db.0].rate.clone().expect("known"), "origin_rate_no_reset");
            seen += 1;
            continue;
        }
        let popularity = format!("entries = {}, entry_size = 1B, skew = {}", input["N"], input["alpha"]);
        if id.starts_with("che_inv") {
            let j = judged(&design(&format!("{popularity}, memory = 100B"), 1.0));
            let held = j.facts.demand.hits.of(j.model.find("hot").expect("hot")).expect("a cache").held.clone();
            near(held.expect("computed").entries_for(number(input, "target_hit")).expect("reached"), "min_items");
        } else {
            let with = |policy: &str| hit(&format!("{popularity}, memory = {}B, eviction = {policy}", input["C"]), 1.0);
            if id.starts_with("lru_exact") {
                near(with("lru"), "hit_che");
            } else {
                near(with("lru"), "hit_che_lru");
                near(with("fifo"), "hit_fifo_random_approx");
                near(with("random"), "hit_fifo_random_approx");
                near(with("lfu"), "hit_lfu_perfect");
            }
        }
        seen += 1;
    }
    assert_eq!(seen, 13, "all of them");
}

/// A sequence of numbers in 0..1, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// LRU of `capacity` entries over `items` of Zipf popularity, in `parts` by key, with Poisson
/// requests of `rate` a second and entries that end `ttl` seconds after their fetch.
fn simulate(items: usize, skew: f64, capacity: usize, parts: usize, ttl: f64, rate: f64, requests: usize) -> f64 {
    let mut sums: Vec<f64> = Vec::new();
    let mut sum = 0.0;
    for rank in 1..=items {
        sum += (rank as f64).powf(-skew);
        sums.push(sum);
    }
    let mut random = Random(42);
    // By part: when last used to key; by key: when last used, when fetched.
    let mut used: Vec<std::collections::BTreeMap<u64, usize>> = vec![std::collections::BTreeMap::new(); parts];
    let mut entry: Vec<Option<(u64, f64)>> = vec![None; items];
    let (mut now, mut hits, mut counted) = (0.0, 0_u32, 0_u32);
    for turn in 0..requests {
        now -= (1.0 - random.next()).ln() / rate;
        let at = random.next() * sum;
        let key = sums.partition_point(|s| *s < at).min(items - 1);
        let part = key % parts;
        let fresh = entry[key].is_some_and(|(_, fetched)| now - fetched < ttl);
        if turn > requests / 5 {
            counted += 1;
            hits += u32::from(fresh);
        }
        let fetched = entry[key].filter(|_| fresh).map_or(now, |(_, f)| f);
        if let Some((last, _)) = entry[key] {
            used[part].remove(&last);
        }
        entry[key] = Some((turn as u64, fetched));
        used[part].insert(turn as u64, key);
        if used[part].len() > capacity / parts
            && let Some((_, old)) = used[part].pop_first()
        {
            entry[old] = None;
        }
    }
    f64::from(hits) / f64::from(counted)
}

#[test]
fn a_simulated_lru_agrees() {
    let shape = "entries = 4000, entry_size = 1KiB, skew = 0.9";
    let got = hit(&format!("{shape}, memory = 400KiB"), 50.0);
    let want = simulate(4000, 0.9, 400, 1, f64::INFINITY, 50.0, 1_000_000);
    assert!((got - want).abs() < 2e-3, "{got} {want}");
    // Two nodes split the keys; two copies of them hold the same.
    let split = hit(&format!("{shape}, memory = 200KiB, nodes = 2"), 50.0);
    let want = simulate(4000, 0.9, 400, 2, f64::INFINITY, 50.0, 1_000_000);
    assert!((split - want).abs() < 3e-3, "{split} {want}");
    assert!((split - got).abs() < 1e-12);
    let copied = hit(&format!("{shape}, memory = 200KiB, shards = 2, replicas = 2"), 50.0);
    assert!((copied - got).abs() < 1e-12);
    // A ttl far above, near to and below what memory keeps.
    for (ttl, tolerance) in [(3600.0, 5e-3), (30.0, 1e-2), (10.0, 1e-2), (1.0, 5e-3)] {
        let got = hit(&format!("{shape}, memory = 400KiB, ttl = {ttl}s"), 50.0);
        let want = simulate(4000, 0.9, 400, 1, ttl, 50.0, 1_000_000);
        assert!((got - want).abs() < tolerance, "ttl {ttl}: {got} {want}");
    }
}

/// A service with a cache in its process, of `replicas`.
fn process(replicas: u32, state: &str, cache: &str) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\nbalancer lb {{ policy = random }}\n\
         service app {{ cpu = 1us, replicas = {replicas}, state = {state}, cache {{ {cache} }} }}\n\
         database db {{ cpu = 1us }}\nflow f {{ rate = 100 rps, web -> lb -> app {{ -> db.read }} }}\n"
    )
}

#[test]
fn a_cache_in_a_process_is_one_for_each_replica() {
    let at = |n, state: &str, cache: &str| hit_of(&judged(&process(n, state, cache)), "app").expect(cache);
    let shape = "items = 10000, entries = 500, skew = 0.9";
    // Without a ttl each copy sees the same law: more replicas change nothing ...
    assert!((at(1, "none", shape) - at(4, "none", shape)).abs() < 1e-12);
    // ... but a session that stays at its replica brings a quarter of the items.
    let sticky = at(4, "sticky", shape);
    assert!((sticky - at(1, "none", "items = 2500, entries = 500, skew = 0.9")).abs() < 1e-12);
    assert!(sticky > at(4, "none", shape) + 0.05);
    // With a ttl each sees a part of the requests.
    let short = format!("{shape}, ttl = 20s");
    assert!(at(4, "none", &short) < at(1, "none", &short) - 0.02);
    let want = simulate(10_000, 0.9, 500, 1, 20.0, 25.0, 1_000_000);
    assert!((at(4, "none", &short) - want).abs() < 1e-2, "{} {want}", at(4, "none", &short));
    // The store behind is asked for the misses.
    let j = judged(&process(4, "none", shape));
    let db = j.model.find("db").expect("the store");
    let rate = j.facts.demand.components[db.0].rate.clone().expect("known");
    assert!((rate - 100.0 * (1.0 - at(4, "none", shape))).abs() < 1e-9);
}

#[test]
fn what_is_lacking_is_said_and_travels() {
    let whole = "entries = 1000, entry_size = 1KiB, skew = 1, memory = 100KiB";
    for (dropped, word) in [
        ("entries = 1000, ", "`entries`"),
        ("entry_size = 1KiB, ", "`entry_size`"),
        ("skew = 1, ", "`skew`"),
        (", memory = 100KiB", "`memory`"),
    ] {
        let text = design(&whole.replace(dropped, ""), 10.0);
        let j = judged(&text);
        let why = hit_of(&j, "hot").expect_err(dropped);
        assert!(why.contains(word) && why.contains("`hot`"), "{dropped}: {why}");
        let db = j.model.find("db").expect("the store");
        assert_eq!(j.facts.demand.components[db.0].rate, Err(why.clone()), "{dropped}");
        assert!(j.facts.latency[0].time.measure("p99") == archc::analysis::Measure::Unknown(why), "{dropped}");
    }
    let shape = "items = 10000, entries = 500, skew = 0.9";
    for (dropped, word) in
        [("items = 10000, ", "`items`"), (", skew = 0.9", "`skew`"), ("entries = 500, ", "`entries`")]
    {
        let why = hit_of(&judged(&process(2, "none", &shape.replace(dropped, ""))), "app").expect_err(dropped);
        assert!(why.contains(word), "{why}");
    }
    // With a ttl its rate counts too.
    let text = design(&format!("{whole}, ttl = 1min"), 10.0).replace("rate = 10 rps, ", "");
    let why = hit_of(&judged(&text), "hot").expect_err("no rate");
    assert!(why.contains("no `rate`"), "{why}");
    // What is given wins over what would follow.
    assert!((hit(&format!("{whole}, hit = 12%"), 10.0) - 0.12).abs() < 1e-12);
    // A cache that is lost answers with misses, whatever it would hold.
    let lost =
        format!("{}scenario gone {{ fail = [hot] }}\n", design(whole, 10.0).replace("rate", "slo { p99 <= 1s }, rate"));
    let j = judged(&lost);
    let (world, facts): &(_, Facts) = j.verdicts.scenarios[0].case.as_ref().expect("analysed");
    let db = world.find("db").expect("the store");
    assert_eq!(facts.demand.components[db.0].rate, Ok(10.0));
}

#[test]
fn caches_behind_caches_settle_from_the_origin_on() {
    // The misses of the first are what the second is asked; both have a ttl.
    let text = "arch 1\nsystem s { provider = none }\nclient web { }\n\
        service app { cpu = 1us, cache { items = 100, entries = 100, skew = 0, ttl = 10s } }\n\
        cache hot { cpu = 1us, entries = 100, entry_size = 1B, skew = 0, memory = 100B, ttl = 100s }\ndatabase db { cpu = 1us }\n\
        flow f { rate = 100 rps, web -> app { -> hot.get else { -> db.read } } }\n";
    let j = judged(text);
    // 1 look-up a second of each item: 10 / 11 hits; then 1 / 11 of them, 100 s: 9.09 / 10.09.
    let first = hit_of(&j, "app").expect("known");
    assert!((first - 10.0 / 11.0).abs() < 1e-12, "{first}");
    let second = hit_of(&j, "hot").expect("known");
    assert!((second - (100.0 / 11.0) / (1.0 + 100.0 / 11.0)).abs() < 1e-12, "{second}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn more_memory_never_lowers_a_hit_ratio(
        items in 2_u32..50_000, skew in 0.0_f64..1.6, part in 0.01_f64..1.0, more in 1.0_f64..3.0,
        policy in prop::sample::select(vec!["lru", "lfu", "fifo", "random", "ttl"]), ttl in prop::option::of(0.1_f64..1000.0)
    ) {
        let entries = (f64::from(items) * part).ceil();
        let ttl = ttl.map_or_else(String::new, |t| format!(", ttl = {t}s"));
        let at = |n: f64| hit(&format!("entries = {items}, entry_size = 1B, skew = {skew:.3}, memory = {n}B, eviction = {policy}{ttl}"), 20.0);
        let (small, large) = (at(entries), at((entries * more).ceil()));
        prop_assert!((0.0..=1.0).contains(&small) && small <= large + 1e-9, "{} {}", small, large);
    }

    #[test]
    fn a_longer_ttl_never_lowers_a_hit_ratio(skew in 0.0_f64..1.4, memory in 10_u32..2000, ttl in 0.1_f64..500.0) {
        let at = |t: f64| hit(&format!("entries = 2000, entry_size = 1B, skew = {skew:.3}, memory = {memory}B, ttl = {t}s"), 20.0);
        prop_assert!(at(ttl) <= at(ttl * 1.5) + 1e-12);
    }
}

#[test]
fn components_without_a_cache_have_no_hit_ratio() {
    let j = judged(&design("hit = 50%", 1.0));
    assert!(j.facts.demand.hits.of(CompId(0)).is_none());
}
