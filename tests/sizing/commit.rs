//! `archc size --commit`: what is bought against the bill, the mix against every number of units,
//! and prices that nobody lists.

use crate::support::judged::judged;
use crate::support::run::{archc, near};
use archc::analysis::{Product, purchases};
use archc::catalog::offers;
use archc::sizing::commitments;
use serde_json::Value;
use std::collections::BTreeMap;

/// Hours of a month.
const HOURS: f64 = 730.0;

/// Five machines all day, a store without an offer, a service that follows its load in containers.
const MIXED: &str = "arch 1
system s { provider = aws, region = us-east-1, zones = 3, profile { peak_to_mean = 2.5, trough = 20%, peak_hour = 20:00 } }
client web { }
service app { cpu = 10ms, instance = m7g.large, replicas = 5 }
service side { cpu = 8ms, cores = 1, memory = 2GiB, autoscale { min = 2, max = 40, target = 60% } }
database db : postgres { data = 10GB, instance = db.r6g.large, replicas = ? in 1..1 }
flow f { rate = 400 rps, web -> app -> side -> db.read }
";

fn size(args: &[&str], text: &str) -> Value {
    let out = archc(&[&["size"], args, &["-"]].concat(), text);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

#[test]
fn what_is_bought_is_what_the_bill_counts() {
    let mut compared = 0;
    for file in ["shop/shop.arch", "story/3-database.arch", "story/4-services.arch", "story/5-final.arch"] {
        let path = format!("{}/examples/{file}", env!("CARGO_MANIFEST_DIR"));
        let j = judged(&std::fs::read_to_string(path).expect("an example"));
        compared += same_as_bill(&j, file);
    }
    compared += same_as_bill(&judged(MIXED), "mixed");
    assert!(compared > 12, "{compared}");
}

fn same_as_bill(j: &archc::session::Judged, file: &str) -> usize {
    let mut bought: BTreeMap<usize, f64> = BTreeMap::new();
    for p in purchases(&j.model, &j.facts.demand) {
        if let (Ok(price), Ok(day)) = (p.price, p.running) {
            bought.insert(p.component.0, price * HOURS * day.iter().sum::<f64>() / day.len() as f64);
        }
    }
    let mut compared = 0;
    // What the provider runs is billed by the hour too, and is no machine.
    for (id, c) in j.model.all().filter(|(_, c)| !c.is_provided()) {
        let lines = j.facts.cost.components[id.0].parts.iter().filter(|p| p.name == "machines");
        let billed: Option<f64> = lines.filter_map(|p| p.usd.as_ref().ok().copied()).reduce(|a, b| a + b);
        let mine = bought.get(&id.0).copied();
        match (billed, mine) {
            (Some(a), Some(b)) => {
                assert!((a - b).abs() < 1e-9 * a.max(1.0), "{file} {}: {a} billed, {b} bought", c.name);
                compared += 1;
            }
            (a, b) => assert_eq!(a.is_some(), b.is_some(), "{file} {}", c.name),
        }
    }
    compared
}

#[test]
fn constant_machines_are_committed_at_the_cheapest_share() {
    let plan = size(&["--commit", "--format", "json"], MIXED);
    let groups = plan["commitments"]["groups"].as_array().expect("groups");
    let of = |machine: &str| groups.iter().find(|g| g["machine"] == machine).expect("a group");
    // catalog/aws.csv: m7g.large $0.0816 an hour. catalog/commitments.csv: 3 years all upfront 0.395;
    // 1 year: savings plan 0.7341, averages of all families 0.68 and 0.64.
    let m = of("m7g.large");
    near(&m["on_demand"], 5.0 * 0.0816 * HOURS, 1e-4, "on demand");
    near(&m["one_year"], 5.0 * 0.0816 * 0.64 * HOURS, 1e-4, "one year");
    near(&m["three_years"], 5.0 * 0.0816 * 0.395 * HOURS, 1e-4, "three years");
    let commit = &m["commit_three_years"][0];
    assert_eq!((commit["years"].as_u64(), commit["units"].as_f64()), (Some(3), Some(5.0)), "{commit}");
    assert_eq!((&commit["payment"], &commit["estimated"]), (&"all upfront".into(), &false.into()), "{commit}");
    // The price of one year is an average of all families, and told as such.
    assert_eq!(m["commit_one_year"][0]["estimated"], true);
    near(&commit["upfront"], 5.0 * 0.0816 * 0.395 * 8760.0 * 3.0, 1e-4, "upfront");
}

#[test]
fn a_price_that_nobody_lists_is_said_and_stays_on_demand() {
    assert!(offers("rds-postgres-single-az", "db.r6g.large").is_empty(), "the table has m7g and t4g alone");
    let plan = size(&["--commit", "--format", "json"], MIXED);
    let all = &plan["commitments"];
    let db =
        all["groups"].as_array().expect("groups").iter().find(|g| g["machine"] == "db.r6g.large").expect("the store");
    assert!(db["one_year"].is_null() && db["three_years"].is_null(), "{db}");
    assert_eq!(
        (&db["commit_one_year"], &db["commit_three_years"]),
        (&Value::Array(Vec::new()), &Value::Array(Vec::new()))
    );
    let on_demand = db["on_demand"].as_f64().expect("a price");
    assert!(on_demand > 0.0);
    // In the totals at its on-demand price.
    let groups = all["groups"].as_array().expect("groups");
    let sum: f64 = groups.iter().map(|g| g["three_years"].as_f64().or(g["on_demand"].as_f64()).expect("a price")).sum();
    near(&all["three_years"], sum, 1e-4, "the total");
    let dir = std::env::temp_dir().join(format!("archc-commit-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("mixed.arch");
    std::fs::write(&file, MIXED).expect("written");
    let out = archc(&["size", "--commit", file.to_str().expect("UTF-8")], "");
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(text.contains("db.r6g.large x 1 stays on demand: no committed price is known"), "{text}");
    assert!(text.contains("1 year, estimated from an average over all families: m7g.large\n"), "{text}");
    assert!(text.contains("proven optimal (Lagrangian bound)"), "{text}");
    std::fs::remove_dir_all(&dir).expect("removed");
}

#[test]
fn no_number_of_committed_dollars_is_cheaper() {
    let j = judged(MIXED);
    // Containers: dollars an hour of all sizes together, over the day.
    let bought = purchases(&j.model, &j.facts.demand);
    let containers = bought.iter().find(|p| p.product == Ok(Product::Containers)).expect("containers");
    let price = *containers.price.as_ref().expect("a price");
    let day: Vec<f64> = containers.running.as_ref().expect("counts").iter().map(|n| n * price).collect();
    assert!(day.len() > 1 && day.iter().any(|n| (n - day[0]).abs() > 0.0), "it follows its load");
    let found = commitments(&j.model, &j.facts.demand);
    let group = found.groups.iter().find(|g| g.product == Product::Containers).expect("a group");
    for (years, mix) in [(1, &group.one_year), (3, &group.three_years)] {
        let mix = mix.as_ref().expect("a mix");
        let ratio = offers("fargate", "").iter().filter(|o| o.years <= years).map(|o| o.ratio).fold(f64::MAX, f64::min);
        let most = day.iter().copied().fold(0.0, f64::max);
        let at = |k: f64| (k * ratio + day.iter().map(|n| (n - k).max(0.0)).sum::<f64>() / day.len() as f64) * HOURS;
        // Every level, and between them.
        let least = day
            .iter()
            .copied()
            .chain((0..=2000).map(|i| most * f64::from(i) / 2000.0))
            .map(at)
            .fold(f64::MAX, f64::min);
        assert!((mix.cost - least).abs() < 1e-6 * least, "{years}: {} found, {least} least", mix.cost);
        let committed: f64 = mix.committed.iter().map(|c| c.units).sum();
        // The newsvendor rule: above what is committed it runs for less than the price's share of the day.
        let above = day.iter().filter(|n| **n > committed + 1e-9).count() as f64 / day.len() as f64;
        let reached = day.iter().filter(|n| **n >= committed - 1e-9).count() as f64 / day.len() as f64;
        assert!(above <= ratio + 1e-9 && reached >= ratio - 1e-9, "{years}: {above} {ratio} {reached}");
    }
}

#[test]
fn json_is_an_alias_of_its_format_and_both_tell_the_proof() {
    let (a, b) = (archc(&["size", "--json", "-"], MIXED), archc(&["size", "--format", "json", "-"], MIXED));
    assert_eq!(a.stdout, b.stdout);
    let plan: Value = serde_json::from_slice(&a.stdout).expect("JSON");
    assert_eq!((&plan["status"], &plan["proof"]), (&"optimal".into(), &"lagrange".into()));
    assert!(plan.get("commitments").is_none(), "only if asked for");
}
