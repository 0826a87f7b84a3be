//! What runs a component, told once: rules, analyses, prices and the plan agree.

use crate::support::Says;
use crate::support::generate::Rng;
use crate::support::run;
use archc::model::keys;
use archc::plan::{Plan, plan};
use archc::resource::{Host, Managed, Resource, Role, Service};
use archc::session::{Judged, judge, open_text};

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

fn judged(text: &str) -> Judged {
    let judged = judge(&open_text("x.arch", text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(judged.language_errors().is_empty(), "{text}\n{:#?}", judged.diagnostics);
    judged
}

fn has(j: &Judged, code: &str) -> bool {
    j.diagnostics.iter().any(|d| d.code == code)
}

/// A balancer with some attributes before two replicas, in a system that survives a replica.
fn behind(balancer: &str) -> String {
    format!(
        "arch 1\nsystem s {{ survive = replica }}\nclient web {{}}\nbalancer lb {{ {balancer} }}\nservice app {{ cpu = 1ms, replicas = 2 }}\nflow f {{ rate = 1 rps, web -> lb -> app }}\n"
    )
}

#[test]
fn rules_and_analysis_agree_on_whose_a_balancer_is() {
    // Each of the four makes one replica of the design's own; without them the provider runs it.
    for (attributes, own) in [
        ("", false),
        ("policy = random", false),
        ("cpu = 1ms", true),
        ("ops { call { cpu = 1ms } }", true),
        ("replicas = 1", true),
        ("instance = m7g.large", true),
    ] {
        let text = behind(attributes);
        assert_eq!(has(&judged(&text), "ARC001"), own, "ARC001 of `{attributes}`");
        let spof = run::analyze(&text)["flows"]["f"]["spof"].clone();
        let want = if own { serde_json::json!(["lb"]) } else { serde_json::json!([]) };
        assert_eq!(spof, want, "spof of `{attributes}`");
        let j = judged(&text);
        let plan = plan(&j.model, &j.graph);
        let program = plan.resources.iter().any(|r| matches!(r, Resource::Workload(w) if w.name == "lb"));
        assert_eq!(program, own, "plan of `{attributes}`");
        let alert = plan.resources.iter().any(|r| matches!(r, Resource::Alert(a) if a.name == "lb_cpu"));
        assert_eq!(alert, own, "alert of `{attributes}`");
    }
}

#[test]
fn replicas_of_a_balancer_need_something_that_spreads() {
    for (attributes, own) in [("", false), ("cpu = 1ms, replicas = 2", true), ("replicas = 2", true)] {
        assert_eq!(has(&judged(&behind(attributes)), "ARC037"), own, "`{attributes}`");
    }
}

fn part(j: &Judged, component: &str, name: &str) -> Option<archc::analysis::Known> {
    let id = j.model.find(component).expect("a component");
    let parts = j.facts.cost.components[id.0].parts.iter().filter(|p| p.name == name);
    parts.map(|p| p.usd.clone()).reduce(|a, b| a.and_then(|a| b.map(|b| a + b)))
}

fn machines(text: &str, component: &str) -> archc::analysis::Known {
    part(&judged(text), component, "machines").expect("a line of machines")
}

fn near(got: archc::analysis::Known, want: f64) {
    let got = got.unwrap_or_else(|e| panic!("unknown: {e}"));
    assert!((got - want).abs() < 1e-6, "{got}, not {want}");
}

fn host(j: &Judged, name: &str) -> Option<Host> {
    plan(&j.model, &j.graph).resources.into_iter().find_map(|r| match r {
        Resource::Workload(w) if w.name == name => Some(w.runs),
        Resource::Managed(m) if m.name == name => Some(m.runs),
        _ => None,
    })?
}

fn app(attributes: &str) -> String {
    format!("arch 1\nclient web {{}}\nservice app {{ {attributes} }}\nflow f {{ rate = 1 rps, web -> app }}\n")
}

#[test]
fn a_program_on_a_machine_is_that_machine_in_price_and_plan() {
    let text = app("replicas = 2, instance = t4g.small");
    // Row `ec2,t4g.small`: 2 vCPU, 2 GiB, $0.0168 an hour. 2 x 0.0168 x 730 = 24.528.
    near(machines(&text, "app"), 24.528);
    // Two root volumes of 30 GiB, row `ebs,gp3 storage`: $0.08 a GiB. 2 x 30 x 0.08 = 4.80.
    near(part(&judged(&text), "app", "storage").expect("root volumes"), 4.8);
    let want =
        Host::Machine { name: "t4g.small".to_owned(), vcpu: 2.0, gib: 2.0, arm: true, named: true, root_gib: 30 };
    assert_eq!(host(&judged(&text), "app"), Some(want));
}

#[test]
fn a_program_without_a_machine_is_one_sold_container_in_price_and_plan() {
    // Rows `fargate-vcpu` and `fargate-gb`: $0.0404794521 and $0.0044452055 an hour.
    for (attributes, replicas, vcpu, gib) in [
        ("replicas = 2", 2.0, 1.0, 2.0),
        ("replicas = 3, cores = 2", 3.0, 2.0, 4.0),
        ("replicas = 1, cores = 0.25, memory = 1.2GiB", 1.0, 0.25, 2.0),
        ("replicas = 4, memory = 9GiB", 4.0, 2.0, 9.0),
        ("replicas = 1, cores = 8, memory = 17GiB", 1.0, 8.0, 20.0),
    ] {
        let text = app(attributes);
        near(machines(&text, "app"), replicas * 730.0 * (vcpu * 0.040_479_452_1 + gib * 0.004_445_205_5));
        assert_eq!(host(&judged(&text), "app"), Some(Host::Fargate { vcpu, gib }), "{attributes}");
    }
}

fn store(declaration: &str, op: &str) -> String {
    let name = declaration.split_whitespace().nth(1).expect("a name");
    format!(
        "arch 1\nclient web {{}}\nservice app {{}}\n{declaration}\nflow f {{ rate = 1 rps, web -> app {{ -> {name}.{op} }} }}\n"
    )
}

#[test]
fn a_store_is_priced_at_the_rate_of_its_service() {
    // The plain name, the name that the service has for it, the row's price.
    for (declaration, op, full, usd) in [
        ("database d : postgres { data = 1GB, instance = m7g.2xlarge }", "read", "db.m7g.2xlarge", 0.674),
        ("database d : postgres { data = 1GB, instance = db.m7g.2xlarge }", "read", "db.m7g.2xlarge", 0.674),
        ("database d : postgres { data = 1GB, instance = r6g.large }", "read", "db.r6g.large", 0.225),
        ("cache c : redis { hit = 90%, instance = r7g.large }", "get", "cache.r7g.large", 0.1752),
        ("queue q : kafka { replicas = 1, instance = m7g.xlarge }", "publish", "kafka.m7g.xlarge", 0.408),
    ] {
        let text = store(declaration, op);
        let name = declaration.split_whitespace().nth(1).expect("a name");
        near(machines(&text, name), usd * 730.0);
        let j = judged(&text);
        assert_eq!(host(&j, name).as_ref().and_then(Host::machine), Some(full), "{declaration}");
    }
}

#[test]
fn the_engine_decides_and_without_one_the_price_is_unknown() {
    let mysql = "engine mysql for database { cpu = 0.1ms }\ndatabase";
    let text = store("database d : mysql { data = 1GB, instance = db.r6g.large }", "read");
    near(machines(&text.replacen("database", mysql, 1), "d"), 0.215 * 730.0);
    let why = machines(&store("database d { data = 1GB, instance = db.r6g.large }", "read"), "d").expect_err("unknown");
    assert!(why.contains("needs an engine") && why.contains("`d`"), "{why}");
    // One row alone sells db.m7g.large.
    near(machines(&store("database d { data = 1GB, instance = db.m7g.large }", "read"), "d"), 0.168 * 730.0);
}

#[test]
fn a_scenario_names_machines_as_the_design_does() {
    let text = store("database d : postgres { data = 1GB, instance = db.m7g.large }", "read");
    let j = judged(&(text + "scenario big { d { instance = m7g.xlarge } }\n"));
    let world = j.model.in_scenario(&j.model.scenarios[0]);
    let d = world.find("d").expect("a component");
    assert_eq!(world.component(d).attrs.read(keys::INSTANCE), Some("db.m7g.xlarge"));
}

// --- the bill of the plan ---------------------------------------------------------------

/// Prices by service and name, read from the catalog anew.
struct Prices(Vec<(String, String, f64)>);

impl Prices {
    fn read() -> Self {
        let text =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/aws.csv")).expect("readable");
        let rows = text.lines().skip(1).map(|line| {
            // No field before the price is quoted.
            let f: Vec<&str> = line.split(',').collect();
            (f[0].to_owned(), f[1].to_owned(), f[12].parse().expect("a price"))
        });
        Self(rows.collect())
    }

    fn of(&self, service: &str, name: &str) -> f64 {
        let found = self.0.iter().find(|(s, n, _)| s == service && n == name);
        found.unwrap_or_else(|| panic!("no row {service},{name}")).2
    }

    /// US dollars an hour of what runs one piece.
    fn hour(&self, runs: &Host, services: &[&str]) -> f64 {
        match runs {
            Host::Fargate { vcpu, gib } => {
                vcpu * self.of("fargate-vcpu", "fargate x86 vCPU") + gib * self.of("fargate-gb", "fargate x86 GB")
            }
            Host::Machine { name, .. } => {
                let sold = self.0.iter().filter(|(s, n, _)| services.contains(&s.as_str()) && n == name);
                let all: Vec<f64> = sold.map(|(_, _, usd)| *usd).collect();
                assert_eq!(all.len(), 1, "one row prices {name} among {services:?}");
                all[0]
            }
        }
    }
}

const HOURS: f64 = 730.0;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// US dollars a month of machines and of disks, by component, from the plan and the catalog alone.
/// Disks of brokers are left out: the plan does not have their size.
fn bill(plan: &Plan, prices: &Prices) -> BTreeMap<String, (Option<f64>, Option<f64>)> {
    let volume = |of: &str| {
        plan.resources.iter().find_map(|r| match r {
            Resource::Volume(v) if v.of == of => Some(v.bytes),
            _ => None,
        })?
    };
    let mut out = BTreeMap::new();
    for r in &plan.resources {
        match r {
            Resource::Workload(w) if !matches!(w.role, Role::Schedule { .. }) => {
                let usd = w.runs.as_ref().map(|h| f64::from(w.replicas) * prices.hour(h, &["ec2"]) * HOURS);
                let root = match &w.runs {
                    Some(Host::Machine { root_gib, .. }) => {
                        Some(f64::from(w.replicas * root_gib) * prices.of("ebs", "gp3 storage"))
                    }
                    Some(Host::Fargate { .. }) | None => None,
                };
                out.insert(w.name.clone(), (usd, root));
            }
            Resource::Managed(m) => {
                let each =
                    |services: &[&str]| m.runs.as_ref().map(|h| f64::from(m.nodes) * prices.hour(h, services) * HOURS);
                let usd = match &m.service {
                    Service::Balancer(_) => (Some(prices.of("alb", "hour") * HOURS), None),
                    Service::Records(_) => {
                        let rows: &[&str] = match m.engine.as_deref() {
                            Some("postgres") => &["rds-postgres-single-az"],
                            // Without a machine it is PostgreSQL.
                            None if !named(m) => &["rds-postgres-single-az"],
                            _ => &["rds-postgres-single-az", "rds-mysql-single-az"],
                        };
                        (each(rows), volume(&m.name).map(|bytes| disks(m, bytes, prices)))
                    }
                    Service::Memory(_) => (each(&["elasticache-valkey", "elasticache-redis"]), None),
                    Service::Log(_) => (each(&["msk"]), None),
                    Service::Objects(_) | Service::Edge(_) => (None, None),
                };
                out.insert(m.name.clone(), usd);
            }
            _ => {}
        }
    }
    out
}

/// Whether the design names the machine of a store.
fn named(m: &Managed) -> bool {
    matches!(m.runs, Some(Host::Machine { named: true, .. }))
}

/// Disks of a database: copies of each shard, RDS at least 20 GiB each.
fn disks(m: &Managed, bytes: f64, prices: &Prices) -> f64 {
    let (least, usd) = match &m.runs {
        Some(Host::Machine { .. }) => (20.0, prices.of("rds-storage", "gp3")),
        _ => (0.0, prices.of("ebs", "gp3 storage")),
    };
    (bytes / GIB).max(least) * f64::from(m.shards) * f64::from(m.replicas) * usd
}

/// Compares both bills to the cent; gives how many sums were compared.
fn same_bill(j: &Judged, prices: &Prices, what: &str) -> usize {
    let plan = plan(&j.model, &j.graph);
    let built = bill(&plan, prices);
    let mut compared = 0;
    for (id, c) in j.model.all() {
        let parts = &j.facts.cost.components[id.0].parts;
        // What the design prices itself, and designs without prices.
        if parts.is_empty() || parts.iter().any(|p| p.name == "given") {
            continue;
        }
        let told = |name: &str| part(j, &c.name, name);
        let (machines, storage) = built.get(&c.name).copied().unwrap_or_default();
        match (told("machines"), machines) {
            // Replicas that follow the load are paid by the mean of the day.
            (Some(Ok(told)), Some(built)) if c.attrs.read(keys::AUTOSCALE).is_some() => {
                assert!(told <= built + 0.005, "{what}: {}", c.name)
            }
            (Some(Ok(told)), Some(built)) => {
                assert!((told - built).abs() < 0.005, "{what}: machines of `{}`: told {told}, built {built}", c.name);
                compared += 1;
            }
            (Some(Err(_)) | None, None) => {}
            // The catalog prices one region.
            (Some(Err(_)), Some(_)) if j.model.system.regions != ["us-east-1"] => {}
            (told, built) => panic!("{what}: machines of `{}`: told {told:?}, built {built:?}", c.name),
        }
        match (told("storage"), storage) {
            (Some(Ok(told)), Some(built)) if c.attrs.attr(keys::AUTOSCALE).is_some() => {
                assert!(told <= built + 0.005, "{what}: {}", c.name)
            }
            (Some(Ok(told)), Some(built)) => {
                assert!((told - built).abs() < 0.005, "{what}: storage of `{}`: told {told}, built {built}", c.name);
                compared += 1;
            }
            (None, Some(built)) if j.model.system.regions == ["us-east-1"] => {
                panic!("{what}: storage of `{}`: not told, built {built}", c.name)
            }
            // Queues and buckets: the plan does not have their size.
            (told, None) => {
                assert!(told.is_none() || c.kind.facets.stores, "{what}: storage of `{}`: {told:?}", c.name)
            }
            (Some(Err(_)) | None, Some(_)) => {}
        }
    }
    compared
}

#[test]
fn the_bill_of_the_plan_is_the_bill_told_for_examples_and_templates() {
    let prices = Prices::read();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut compared = BTreeMap::new();
    for folder in ["examples/shop", "examples/story", "templates/new"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "arch") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let j = judge(&open_text(&name, &text, &[]), jiff::civil::date(2026, 11, 25), false);
            let n = same_bill(&j, &prices, &name);
            compared.insert(name, n);
        }
    }
    assert!(compared["5-final.arch"] >= 15 && compared["shop.arch"] >= 8, "{compared:?}");
    let none: Vec<&String> = compared.iter().filter(|(_, n)| **n == 0).map(|(name, _)| name).collect();
    assert_eq!(none, ["event-driven.arch", "multi-region.arch"], "designs outside of us-east-1 have no prices");
}

/// A design of programs and stores, each on a machine, in a container, or the provider's.
fn random(seed: u64) -> String {
    let mut rng = Rng(seed);
    let mut out = String::from("arch 1\nclient web {}\n");
    let mut calls = String::new();
    let _ = writeln!(
        out,
        "balancer lb {{ {} }}",
        rng.pick(&[
            "",
            "cpu = 0.1ms, replicas = 2",
            "instance = c7g.large",
            "ops { call { cpu = 50us } }",
            "replicas = 3, cores = 2"
        ])
    );
    for i in 0..=rng.below(4) {
        let runs = rng.pick(&[
            "instance = t4g.small",
            "instance = m7g.xlarge, runtime = ec2",
            "instance = c7g.2xlarge",
            "cores = 2, memory = 5GiB",
            "memory = 700MiB, runtime = fargate",
            "cores = 0.5",
            "memory = 33GiB",
            "",
        ]);
        let _ = writeln!(out, "service s{i} {{ cpu = 1ms, replicas = {}, {runs} }}", 1 + rng.below(9));
        let runs = rng.pick(&[
            ": postgres { instance = m7g.large,",
            ": postgres { instance = db.r6g.xlarge,",
            ": postgres {",
            "{ cpu = 1ms, cores = 2, memory = 8GiB,",
            "{ cpu = 1ms,",
            "{ cpu = 1ms, memory = 20GiB,",
            "{ cpu = 1ms, memory = 200GiB,",
            "{ cpu = 1ms, model = search,",
            "{ cpu = 1ms, instance = db.m7g.2xlarge,",
        ]);
        let _ = writeln!(
            out,
            "database d{i} {runs} data = {}GB, replicas = {}, shards = {} }}",
            1 + rng.below(900),
            1 + rng.below(3),
            1 + rng.below(4)
        );
        let runs = rng.pick(&[
            ": redis {",
            ": redis { instance = r7g.xlarge,",
            "{ cpu = 10us, memory = 3GiB,",
            "{ cpu = 10us, cores = 4, memory = 30GiB,",
            "{ cpu = 10us, instance = cache.r8g.large,",
        ]);
        let _ = writeln!(out, "cache c{i} {runs} hit = 90%, nodes = {} }}", 1 + rng.below(5));
        let runs = rng.pick(&[
            ": kafka {",
            ": kafka { instance = m5.large,",
            "{ cpu = 10us, instance = kafka.m7g.2xlarge,",
            "{",
        ]);
        let _ = writeln!(out, "queue q{i} {runs} retention = 1 day, replicas = {} }}", 1 + rng.below(3));
        let _ = write!(calls, "-> s{i} {{ -> c{i}.get else {{ -> d{i}.read }}\n~> q{i}.publish {{ size = 1KB }} }}\n");
    }
    let _ = writeln!(out, "service front {{ cpu = 1ms }}\nflow f {{ rate = 5 rps, web -> lb -> front {{ {calls} }} }}");
    out
}

#[test]
fn the_bill_of_the_plan_is_the_bill_told_for_random_designs() {
    let prices = Prices::read();
    let compared: usize =
        (0..200).map(|seed| same_bill(&judged(&random(seed)), &prices, &format!("seed {seed}"))).sum();
    // A balancer, a front and at least one group of four in each.
    assert!(compared > 200 * 5, "{compared}");
}

/// Every finding has the help that names what to write.
#[test]
fn runtimes_that_nothing_builds_are_refused_by_name() {
    for word in ["lambda", "kubernetes"] {
        for text in [
            app(&format!("runtime = {word}")),
            app("").replace("client", &format!("system s {{ runtime = {word} }}\nclient")),
        ] {
            let out = run::archc(&["check", "--format", "json", "-"], &text);
            let doc: Value = serde_json::from_slice(&out.stdout).expect("JSON");
            let all = doc["diagnostics"].as_array().expect("a list");
            assert_eq!(out.status.code(), Some(1));
            assert_eq!(all.len(), 1, "{all:?}");
            assert_eq!(all[0]["code"], "ARC552");
            assert_eq!(all[0]["message"], format!("archc does not build or price `{word}` yet"));
        }
    }
}
