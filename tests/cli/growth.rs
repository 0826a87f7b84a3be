//! What the command line says about hit ratios, storage and the horizon, and that the
//! schema knows every field of it.

use crate::support::run::printed;
use serde_json::Value;

const DESIGN: &str = "arch 1
system s { zones = 1 }
client web { }
service app { cpu = 1us, cores = 4, memory = 1GiB }
cache hot { cpu = 1us, entries = 1M, entry_size = 1KiB, skew = 0.99, memory = 100000KiB, ttl = 1 day }
database db : postgres {
  data = 100GiB, growth = 5% per month, horizon = 2 years, working_set = 12GiB, instance = db.r6g.large
}
flow f { rate = 100 rps .. 200 rps
  slo { mean <= 42ms }
  web -> app { -> hot.get else { -> db.read, -> hot.set } }
}
";

fn document() -> Value {
    serde_json::from_str(&printed(&["analyze", "--format", "json", "-"], DESIGN)).expect("JSON")
}

#[test]
fn json_has_the_hit_the_storage_and_the_horizon() {
    let doc = document();
    let hot = &doc["components"]["hot"];
    let hit = hot["hit"].as_f64().expect("computed");
    // 100 000 of a million keys by exponent 0.99: the reference case, the ttl far away.
    assert!((hit - 0.766_342).abs() < 5e-3, "{hit}");
    let spread = hot["range"]["hit"].as_array().expect("it depends on the rate");
    assert!(spread[0].as_f64() <= Some(hit) && Some(hit) <= spread[1].as_f64(), "{spread:?} {hit}");
    let db = &doc["components"]["db"]["storage"];
    let gib = 1024.0_f64.powi(3);
    assert_eq!(db["data"].as_f64(), Some(100.0 * gib));
    assert!((db["data_at_horizon"].as_f64().expect("known") / (100.0 * gib) - 1.05_f64.powi(24)).abs() < 1e-9);
    // 12 to 16 GiB, and 100 GiB to 64 TiB.
    let months = |name: &str| db[name].as_f64().expect(name);
    assert!((months("memory_outgrown_in_months") - (16.0_f64 / 12.0).ln() / 1.05_f64.ln()).abs() < 1e-9);
    assert!((months("full_in_months") - 655.36_f64.ln() / 1.05_f64.ln()).abs() < 1e-9);
    let system = &doc["system"];
    assert_eq!(system["horizon"].as_f64(), Some(24.0 * 730.0 * 3600.0));
    assert!(system["cost_at_horizon_at_least"].as_f64() > system["cost_at_least"].as_f64());
    assert!(system["outgrown"]["slo"].is_array() && system["outgrown"]["overload"].is_array());
    // Memory is among the resources and does not bind.
    let resources = &doc["components"]["hot"]["resources"];
    assert!(resources["memory"]["utilization"].as_f64().is_some_and(|x| x > 5.0), "{resources}");
    assert_ne!(doc["components"]["hot"]["binding"], "memory");
}

#[test]
fn the_schema_knows_every_field() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/schema/analysis-1.json")).expect("JSON");
    let doc = document();
    let known = |at: &Value, object: &Value, what: &str| {
        for key in object.as_object().expect("an object").keys() {
            assert!(at["properties"].get(key).is_some(), "{what}: `{key}` is not in the schema");
        }
    };
    for key in ["horizon", "cost_at_horizon", "cost_at_horizon_at_least", "outgrown"] {
        assert!(doc["system"].get(key).is_some(), "{key}");
        assert!(schema["properties"]["system"]["properties"].get(key).is_some(), "{key}");
    }
    known(&schema["properties"]["system"]["properties"]["outgrown"], &doc["system"]["outgrown"], "outgrown");
    let component = &schema["properties"]["components"]["additionalProperties"];
    known(&component["properties"]["storage"], &doc["components"]["db"]["storage"], "storage");
    assert!(component["properties"].get("hit").is_some() && component["properties"].get("storage").is_some());
}

#[test]
fn text_says_what_the_data_outgrows() {
    let text = printed(&["analyze", "-"], DESIGN);
    for part in [
        "at the horizon, 24 months ahead:",
        "db: 323 GiB of data, 100 GiB today",
        "its working set outgrows memory in month 6",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    let still = printed(&["analyze", "-"], &DESIGN.replace("growth = 5% per month, ", ""));
    assert!(!still.contains("horizon"), "{still}");
    let open = printed(&["analyze", "-"], &DESIGN.replace("horizon = 2 years, ", ""));
    assert!(open.contains("at the horizon: unknown: `db` grows, and nothing says its `horizon`"), "{open}");
}

#[test]
fn explain_derives_a_hit_ratio_and_a_storage() {
    let text = printed(&["explain", "-", "hot.hit"], DESIGN);
    for part in [
        "hot.hit = 76.",
        "1000000 distinct keys, popularity by Zipf's law of exponent 0.99",
        "100000 entries, 10% of the keys",
        "90%: 389544 entries",
        "90% is expensive here: it takes 39% of all keys",
        "memory binds before",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    // Steep popularity is cheap, and a given ratio is what it is.
    let cheap = printed(&["explain", "-", "hot.hit"], &DESIGN.replace("0.99", "1.4"));
    assert!(cheap.contains("90%:") && !cheap.contains("expensive"), "{cheap}");
    let given =
        printed(&["explain", "-", "hot.hit"], &DESIGN.replace("cpu = 1us, entries", "hit = 70%, cpu = 1us, entries"));
    assert!(given.contains("hot.hit = 70%") && given.contains("its `hit`"), "{given}");
    let lacking = printed(&["explain", "-", "hot.hit"], &DESIGN.replace("skew = 0.99, ", ""));
    assert!(lacking.contains("unknown: `hot` does not set the skew of popularity (`skew`)"), "{lacking}");
    let storage = printed(&["explain", "-", "db.storage"], DESIGN);
    for part in ["db.storage = 100 GiB in one copy", "grows by 5% each", "a working set of 12 GiB: 0%"] {
        assert!(storage.contains(part), "{part} in:\n{storage}");
    }
}
