//! Cost against bills that others computed: the prices of infracost's golden files, as
//! in `tests/reference/prices.json`, reached through the language.

use crate::support::Says;
use crate::support::judged::judged;
use archc::analysis::Known;
use archc::session::Judged;
use serde_json::Value;

fn case(id: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../reference/prices.json")).expect("JSON");
    let found = all["cases"].as_array().expect("a list").iter().find(|c| c["id"] == id).cloned();
    found.unwrap_or_else(|| panic!("no case {id}"))
}

fn near(known: &Known, id: &str) {
    let c = case(id);
    let (want, tolerance) = (c["expected"]["usd"].as_f64().expect("usd"), c["rel_tol"].as_f64().expect("a tolerance"));
    let got = known.clone().unwrap_or_else(|e| panic!("{id}: {e}"));
    assert!((got - want).abs() <= tolerance * want, "{id}: {got}, not {want}");
}

/// The sum of one part of a component's bill, lines counted from the first.
fn line(j: &Judged, component: &str, index: usize) -> Known {
    let id = j.model.find(component).expect("a component");
    j.facts.cost.components[id.0].parts[index].usd.clone()
}

fn total(j: &Judged, component: &str) -> Known {
    let id = j.model.find(component).expect("a component");
    j.facts.cost.components[id.0].total()
}

/// Bytes a request that make so many GiB a month at one request a second.
fn bytes(gib: f64) -> f64 {
    gib * 1024.0_f64.powi(3) / (730.0 * 3600.0)
}

#[test]
fn bytes_to_clients_pay_by_tiers() {
    let j = judged(&format!(
        "arch 1\nclient web {{ }}\ncdn edge {{ hit = 100% }}\nflow f {{ volume = 1 rps, web -> edge {{ reply = {}B, size = 0B }} }}\n",
        bytes(153_600.0)
    ));
    near(&line(&j, "edge", 1), "price_cloudfront_us");
    let j = judged(&format!(
        "arch 1\nsystem s {{ zones = 1 }}\nclient web {{ }}\nservice app {{ }}\nflow f {{ volume = 1 rps, web -> app {{ reply = {}B, size = 0B }} }}\n",
        bytes(57_000.0)
    ));
    near(&j.facts.cost.network.parts[0].usd, "price_dto_internet_57000GB");
}

#[test]
fn machines_containers_balancers_and_translators_pay_by_the_hour() {
    let j = judged("arch 1\nclient web { }\nservice app { memory = 2GiB }\nflow f { rate = 1 rps, web -> app }\n");
    near(&total(&j, "app"), "price_fargate_1vcpu_2gb_month");
    // The catalog's engine is PostgreSQL; the bill is of MySQL, two machines of it.
    let mysql = archc::catalog::Service::Rds.hourly("db.t3.large", Some("mysql")).map(|usd| 2.0 * usd * 730.0);
    near(
        &mysql.map_err(|e| archc::analysis::Reason::new(archc::analysis::ReasonKind::Unpriced, e)),
        "price_rds_mysql_t3large_multiaz",
    );
    // 1.3698 LCU: 34.245 new connections a second.
    let j = judged(
        "arch 1\nclient web { }\nbalancer lb { }\nservice app { }\nflow f { volume = 34.245 rps, web -> lb { size = 1B, reply = 1B } -> app }\n",
    );
    near(&total(&j, "lb"), "price_alb_month");
    let j = judged(&format!(
        "arch 1\nsystem s {{ zones = 1 }}\nclient web {{ }}\nservice app {{ }}\nexternal psp {{ price = $0/month }}\nflow f {{ volume = 1 rps, web -> app {{ -> psp {{ size = {}B, reply = 0B }} }} }}\n",
        bytes(100.0)
    ));
    let network: Known = j.facts.cost.network.parts.iter().filter(|p| p.name == "network").map(|p| p.usd.clone()).sum();
    near(&network, "price_nat_100GB");
}

#[test]
fn bytes_kept_pay_by_the_month() {
    // 10 thousand requests each way a month.
    let rate = 10_000.0 / (730.0 * 3600.0);
    let j = judged(&format!(
        "arch 1\nclient web {{ }}\nservice app {{ }}\nbucket b {{ data = 10000GiB }}\nflow f {{ volume = {rate} rps, web -> app {{ -> b.get, -> b.put }} }}\n"
    ));
    near(&total(&j, "b"), "price_s3_10TB");
    // 4000 GiB over all copies of four brokers.
    let j = judged(&format!(
        "arch 1\nclient web {{ }}\nservice app {{ }}\nservice worker {{ }}\nqueue q {{ instance = kafka.m5.24xlarge, nodes = 4, replicas = 2, retention = 730h }}\nflow f {{ volume = 1 rps, web -> app {{ ~> q.publish {{ size = {}B }} }} }}\nflow g {{ q ~> worker }}\n",
        bytes(2000.0)
    ));
    near(&total(&j, "q"), "price_msk_4x_m5_24xl_4TB");
}

const WHOLE: &str = "arch 1
system s { zones = 3, budget = $5k/month }
client web { }
cdn edge { hit = 50% }
balancer lb { }
service app { cpu = 5ms, replicas = 3 }
database d : postgres { data = 100GB, replicas = 2, failover = auto }
external psp { latency = 1ms, price = $0.01 per 1k }
flow f { volume = 100 rps, slo { cost <= $1 per 1k }, web -> edge { size = 1KB, reply = 20KB } -> lb { size = 1KB, reply = 20KB } -> app { size = 1KB, reply = 20KB, -> d.read { size = 1KB, reply = 2KB }, -> psp 10% { size = 1KB, reply = 1KB } } }
flow g { volume = 1 rps, web -> lb { size = 1KB, reply = 1MB } -> app { size = 1KB, reply = 1MB } }
";

#[test]
fn parts_flows_and_components_add_up() {
    let j = judged(WHOLE);
    let cost = &j.facts.cost;
    let total = cost.total().expect("all of it is known");
    assert!((total - cost.at_least()).abs() < 1e-9);
    let parts: f64 = cost.parts().values().map(|k| k.clone().expect("known")).sum();
    assert!((parts - total).abs() < 1e-9);
    // What no flow uses by itself is the translators' hours: three at $0.045.
    let flows: f64 = cost.flows.iter().map(|f| f.usd.clone().expect("known")).sum();
    assert!((flows + 3.0 * 0.045 * 730.0 - total).abs() < 1e-6, "{flows} {total}");
    let per_1k = cost.flows[0].per_1k.clone().expect("known");
    assert!((per_1k - cost.flows[0].usd.clone().expect("known") / (100.0 * 730.0 * 3600.0) * 1000.0).abs() < 1e-12);
    // 100 + 1 requests a second through the balancer from outside the edge's half.
    assert_eq!(j.verdicts.slo[0][0].met, Some(true), "{:?}", j.verdicts.slo[0][0]);
    assert_eq!(j.verdicts.system_requirements[0].met, Some(true), "{:?}", j.verdicts.system_requirements);
    // Twice the load never costs less.
    let twice = archc::analysis::Facts::new(&j.model, 2.0).cost.total().expect("known");
    assert!(twice > total);
}

#[test]
fn what_is_not_said_is_not_free() {
    for (input, reason) in [
        ("reply = 20KB } -> lb", "no `reply`"),
        ("data = 100GB, ", "`data`"),
        (", price = $0.01 per 1k", "`price`"),
        ("volume = 100 rps, ", "no `rate`"),
    ] {
        let text = WHOLE.replacen(input, if input.ends_with("lb") { "} -> lb" } else { "" }, 1);
        assert_ne!(text, WHOLE, "{input}");
        let j = judged(&text);
        let why = j.facts.cost.total().expect_err(input);
        assert!(j.facts.cost.unknown().iter().any(|e| e.contains(reason)), "{input}: {why}");
        assert!(j.facts.cost.at_least() > 0.0);
        // Under the budget as far as it is known is not within the budget.
        assert_eq!(j.verdicts.system_requirements[0].met, None, "{input}");
        assert_eq!(j.verdicts.slo[0][0].met, None, "{input}");
    }
    let tight = judged(&WHOLE.replace("$5k/month", "$100/month").replace("data = 100GB, ", ""));
    assert_eq!(tight.verdicts.system_requirements[0].met, Some(false), "what is known is too much already");
    let far = judged(&WHOLE.replace("zones = 3", "zones = 3, region = eu-west-1"));
    assert!(far.facts.cost.total().is_err_and(|e| e.contains("us-east-1")));
    let bare = judged(&WHOLE.replace("zones = 3", "provider = none").replace(", budget = $5k/month", ""));
    let psp = bare.facts.cost.total().expect("what the design gives is known");
    assert!((psp - 10.0 * 730.0 * 3600.0 / 1000.0 * 0.01).abs() < 1e-6, "{psp}");
}
