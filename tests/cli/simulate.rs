//! `archc simulate`: its document is what the schema says, and its screen fits 80 columns.

use crate::support::run::printed;
use serde_json::Value;

/// A flow with retries, one with lag, and one that is not simulated.
const DESIGN: &str = "arch 1
system s { provider = none, network { client = 1ms, zone = 0ms, cross_zone = 0ms } }
client web { }
service a_service_with_quite_a_long_name { cpu = 2ms, cores = 2 }
service work { cpu = 4ms, cores = 2 }
gateway door { auth = jwt, cpu = 1ms, rate_limit = 10 rps per client }
database db { cpu = 3ms, cores = 2 }
queue q { cpu = 0ms }
flow a_flow_with_a_name_that_is_too_long_for_a_table {
  rate = 100 rps
  web -> a_service_with_quite_a_long_name { -> db.read { timeout = 6ms, retries = 1 }, ~> q.publish }
}
flow later { q ~> work }
flow limited { rate = 10 rps, web -> door }
";

/// `value` against a schema, for the words that `simulation-1.json` uses.
fn valid(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let fails = |why: String| Err(format!("{at}: {why}"));
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
        valid(value, &root["$defs"][name], root, at)?;
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let results: Vec<_> = options.iter().map(|o| valid(value, o, root, at)).collect();
        if results.iter().filter(|r| r.is_ok()).count() != 1 {
            return fails(format!("{results:?}"));
        }
    }
    if let Some(only) = schema.get("const").filter(|only| *only != value) {
        return fails(format!("{value} is not {only}"));
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        other => panic!("{at}: the test does not know the type `{other}`"),
    };
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        name => is(name.as_str().expect("a name")),
    };
    if !fits {
        return fails(format!("{value} is not {}", schema["type"]));
    }
    let number = |key: &str| Some((value.as_f64()?, schema[key].as_f64()?));
    let outside = number("minimum").is_some_and(|(x, least)| x < least)
        || number("maximum").is_some_and(|(x, most)| x > most)
        || number("exclusiveMinimum").is_some_and(|(x, least)| x <= least);
    if outside {
        return fails(format!("{value} is out of range"));
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            return fails(format!("`{key}` is missing"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let own = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
        match own {
            Some(Value::Bool(false)) => return fails(format!("`{key}` is not in the schema")),
            Some(own) => valid(inner, own, root, &format!("{at}.{key}"))?,
            None => {}
        }
    }
    Ok(())
}

#[test]
fn the_schema_holds() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/schema/simulation-1.json")).expect("JSON");
    let text = printed(&["simulate", "--format", "json", "--events", "1", "-"], DESIGN);
    let doc: Value = serde_json::from_str(&text).expect("JSON");
    valid(&doc, &schema, &schema, "document").expect("valid");
    let flow = &doc["flows"]["a_flow_with_a_name_that_is_too_long_for_a_table"];
    assert!(flow["answered"].is_object(), "some of its requests time out twice: {flow}");
    assert!(doc["flows"]["later"]["lag"]["p99"]["formula"].is_number(), "{doc}");
    assert_eq!(doc["flows"]["limited"]["simulated"], false);
    // The test itself is not blind.
    let mut wrong = doc.clone();
    wrong["flows"]["later"]["collapsed"] = Value::from(2.0);
    valid(&wrong, &schema, &schema, "document").expect_err("a share above 1");
    wrong["flows"]["later"] = serde_json::json!({ "simulated": false, "reason": "why", "more": 1 });
    valid(&wrong, &schema, &schema, "document").expect_err("an unknown key");
}

#[test]
fn the_screen_fits_and_says_why() {
    let text = printed(&["simulate", "--events", "1", "-"], DESIGN);
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    assert!(text.contains("not simulated: `limited`: `web` does not set its `users`"), "{text}");
    assert!(!text.contains("door  "), "no simulated flow calls it: {text}");
    assert!(text.contains("lag p99") && text.contains("+-"), "{text}");
}
