//! What is billed beside machines and bytes: faster disks, backups, requests to queues; and
//! the low and high of a bill.

use crate::support::Says;
use crate::support::judged::judged;
use archc::analysis::{CostPart, Ranges, ranges};
use archc::session::{Judged, judge, open_text};
use serde_json::Value;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MONTH: f64 = 730.0 * 3600.0;

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * b.abs(), "{a}, not {b}");
}

fn parts<'a>(j: &'a Judged, component: &str, name: &str) -> Vec<&'a CostPart> {
    let id = j.model.find(component).expect("a component");
    j.facts.cost.components[id.0].parts.iter().filter(|p| p.name == name).collect()
}

fn sum(parts: &[&CostPart]) -> f64 {
    parts.iter().map(|p| p.usd.clone().expect("known")).sum()
}

#[test]
fn faster_disks_pay_for_what_is_above_the_base() {
    let all: Value = serde_json::from_str(include_str!("../reference/prices.json")).expect("JSON");
    let case = all["cases"].as_array().expect("a list").iter().find(|c| c["id"] == "price_gp3_40GB_4000iops_130MBs");
    let case = case.expect("the case");
    let text = "arch 1\nclient web { }\nservice app { }\n\
        database db { cpu = 1ms, model = search, instance = m7g.large.search, data = 40GiB, disk { iops = 4000, throughput = 130MiB/s } }\n\
        flow f { rate = 1 rps, web -> app { -> db.read } }\n";
    let j = judged(text);
    let usd = sum(&parts(&j, "db", "storage")) + sum(&parts(&j, "db", "disk"));
    near(usd, case["expected"]["usd"].as_f64().expect("usd"), case["rel_tol"].as_f64().expect("a tolerance"));
    // Each copy has a disk of its own.
    let j = judged(&text.replace("data = 40GiB", "data = 40GiB, replicas = 3"));
    near(sum(&parts(&j, "db", "disk")), 3.0 * (1000.0 * 0.005 + 5.0 * 0.04), 1e-12);
    // Of a managed database the base is 12 000 from 400 GiB on, and $0.02 above it.
    let managed = text
        .replace("db { cpu = 1ms, model = search, instance = m7g.large.search,", "db : postgres {")
        .replace("throughput = 130MiB/s", "size = 2TiB");
    near(sum(&parts(&judged(&managed), "db", "disk")), 1000.0 * 0.02, 1e-12);
    assert!(parts(&judged(&managed.replace("40GiB", "500GiB")), "db", "disk").is_empty());
    // A store that names nothing is a managed database too.
    let plain = text
        .replace("model = search, instance = m7g.large.search,", "")
        .replace("throughput = 130MiB/s", "size = 2TiB");
    near(sum(&parts(&judged(&plain), "db", "disk")), 1000.0 * 0.02, 1e-12);
    // A price that the catalog does not have is not nothing.
    let j = judged(&managed.replace("size = 2TiB", "throughput = 600MiB/s"));
    assert!(parts(&j, "db", "disk").iter().any(|p| p.usd.as_ref().is_err_and(|e| e.contains("throughput"))));
}

#[test]
fn backups_pay_beyond_the_free_copy() {
    let text = |size: &str, keep: &str| {
        judged(&format!(
            "arch 1\nclient web {{ }}\nservice app {{ }}\n\
             database db : postgres {{ data = 100GiB, replicas = 2, backup {{ every = 1h, keep = {keep} }} }}\n\
             flow f {{ volume = 100 rps, web -> app {{ -> db.write {{ {size} }} }} }}\n"
        ))
    };
    // 100 GiB and 100 x 4 KiB a second for 30 days, of which 200 GiB are free.
    let want = (100.0 + 100.0 * 4096.0 * 30.0 * 86_400.0 / GIB - 200.0) * 0.095;
    near(sum(&parts(&text("size = 4KiB", "30 days"), "db", "backup")), want, 1e-12);
    assert!(parts(&text("size = 4KiB", "1 day"), "db", "backup").is_empty());
    let unknown = text("", "30 days");
    let why = parts(&unknown, "db", "backup")[0].usd.clone().expect_err("no size");
    assert!(why.contains("no `size`"), "{why}");
}

#[test]
fn messages_of_the_providers_queue_pay_by_request() {
    let text = |more: &str, size: &str, batch: &str| {
        judged(&format!(
            "arch 1\nclient web {{ }}\nservice app {{ cpu = 1ms }}\nservice worker {{ cpu = 1ms }}\nqueue q {{ {more} }}\n\
             flow f {{ volume = 50 rps, web -> app {{ ~> q.publish {{ size = {size} }} }} }}\nflow g {{ {batch} q ~> worker }}\n"
        ))
    };
    let million = 50.0 * MONTH / 1e6;
    // Sent, received, deleted.
    let j = text("retention = 1 day", "2KB", "");
    near(sum(&parts(&j, "q", "requests")), 3.0 * million * 0.4, 1e-12);
    assert!(parts(&j, "q", "machines").is_empty() && parts(&j, "q", "storage").is_empty());
    // In order costs more; ten at once are two requests, not twenty; 100 KiB are two each.
    near(sum(&parts(&text("ordering = key", "2KB", ""), "q", "requests")), 3.0 * million * 0.5, 1e-12);
    near(sum(&parts(&text("retention = 1 day", "2KB", "batch = 10,"), "q", "requests")), 1.2 * million * 0.4, 1e-12);
    near(sum(&parts(&text("retention = 1 day", "100KiB", ""), "q", "requests")), 4.0 * million * 0.4, 1e-12);
    // A broker of one's own pays for machines.
    let own = judged(
        "arch 1\nclient web { }\nservice app { }\nqueue q : kafka { retention = 1 day }\nflow f { volume = 1 rps, web -> app { ~> q.publish { size = 1KB } } }\n",
    );
    assert!(!parts(&own, "q", "machines").is_empty() && parts(&own, "q", "requests").is_empty());
}

#[test]
fn a_bill_has_a_low_and_a_high() {
    let text = "arch 1\nsystem s { zones = 1 }\nclient web { }\nservice app { cpu = 1ms }\nbucket b { data = 100GiB .. 300GiB }\n\
        flow f { volume = 10 rps .. 30 rps, web -> app { size = 1KB, reply = 1KB, -> b.get { size = 1KB, reply = 1KB } } }\n";
    let design = open_text("x.arch", text, &[]);
    let j = judge(&design, jiff::civil::date(2026, 11, 25), false);
    let r: Ranges = ranges(&j.model, 1.0, &|ends| design.model_at(ends));
    let b = j.model.find("b").expect("b");
    let at = |gib: f64, rate: f64| gib * 0.023 + rate * MONTH / 1000.0 * 0.0004;
    let (low, high) = r.cost[b.0].expect("known");
    near(low, at(100.0, 10.0), 1e-9);
    near(high, at(300.0, 30.0), 1e-9);
    let (low, high) = r.total.expect("known");
    let mid = j.facts.cost.total().expect("known");
    assert!(low < mid && mid < high, "{low} {mid} {high}");
    assert!(r.flow_cost[0].is_some_and(|(a, b)| a < b) && r.per_1k[0].is_some_and(|(a, b)| a < b));
}
