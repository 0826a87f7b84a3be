//! Metrics and alerts: Prometheus and Alertmanager.
//!
//! In: dashboards and alerts of the plan, proxies that expose metrics. Out: their
//! containers, scrape targets, alert rules. Never: a rule over a metric that nothing here
//! exposes.

use super::project::{Check, Container, Net, Project, Wait};
use super::text::{self, page};
use crate::resource::{Alert, Dashboard, Watched};
use askama::Template;

/// A proxy that exposes metrics.
pub(super) struct Exposed {
    pub slug: String,
    pub port: u16,
    /// Whether the internet or an edge calls it.
    pub first: bool,
}

#[derive(Template)]
#[template(path = "compose/prometheus.yaml", whitespace = "preserve", escape = "none")]
struct PrometheusYaml<'a> {
    exposed: &'a [Exposed],
    /// The service that forwards alerts; empty: none.
    alertmanager: &'a str,
}

/// A pair of windows of a burn-rate alert.
struct Burn {
    severity: &'static str,
    long: &'static str,
    short: &'static str,
    factor: f64,
    hold: &'static str,
}

/// A share, with at most eight decimals.
fn share(n: f64) -> String {
    let text = format!("{:.8}", n.min(1.0));
    let text = text.trim_end_matches('0');
    text.strip_suffix('.').unwrap_or(text).to_owned()
}

/// Site Reliability Workbook, chapter 5, table 5-8: 2 %, 5 % and 10 % of a budget of 30 days.
const BURNS: [Burn; 3] = [
    Burn { severity: "page", long: "1h", short: "5m", factor: 14.4, hold: "2m" },
    Burn { severity: "page", long: "6h", short: "30m", factor: 6.0, hold: "5m" },
    Burn { severity: "ticket", long: "3d", short: "6h", factor: 1.0, hold: "30m" },
];

#[derive(Template)]
#[template(path = "compose/rules.yaml", whitespace = "preserve", escape = "none")]
struct RulesYaml<'a> {
    first: &'a str,
    budget: Option<f64>,
    flow: &'a str,
    burns: &'a [Burn],
    windows: &'a [&'static str],
    proxies: bool,
}

impl RulesYaml<'_> {
    fn share(&self) -> String {
        share(self.budget.unwrap_or(1.0))
    }

    fn bound(&self, burn: &Burn) -> String {
        share(burn.factor * self.budget.unwrap_or(1.0))
    }
}

/// Adds a collector and its alerts, if the design has a monitor.
pub(super) fn watch(p: &mut Project, exposed: &[Exposed]) {
    let boards: Vec<Dashboard> = p.plan.dashboards().cloned().collect();
    let alerts: Vec<Alert> = p.plan.alerts().cloned().collect();
    let Some(board) = boards.first() else {
        if !alerts.is_empty() {
            p.note("monitoring", "the design has no monitor: no numbers are collected, and its slos raise no alert");
        }
        return;
    };
    let of = &board.name;
    for more in boards.iter().skip(1) {
        p.note(&more.name, format!("{of} collects for it too: one collector is generated"));
    }
    if board.logs {
        p.note(of, "logs are not collected: proxies write JSON to their standard output, docker compose logs shows it");
    }
    if board.traces {
        p.note(of, "traces are not collected");
    }
    p.note(of, "dashboards are not generated: ask Prometheus in a browser");
    p.note(of, "numbers come from Prometheus itself and from HAProxy; programs, databases, caches and brokers are not asked for any");
    if alerts.is_empty() || !board.alerts {
        p.note(of, "no alerts are asked for");
    }
    let first: Vec<&str> = exposed.iter().filter(|e| e.first).map(|e| e.slug.as_str()).collect();
    let (budget, flow) = data(p, of, &alerts, &first.join(", "));
    let alertmanager = if board.alerts { p.name("alertmanager") } else { String::new() };
    files(p, exposed, &alertmanager, &first.join("|"), budget.filter(|_| board.alerts), &flow);
    let prometheus = add_prometheus(p, board, exposed);
    if board.alerts {
        add_alertmanager(p, of, &alertmanager);
        p.depend(&prometheus, &alertmanager, Wait::Healthy);
    }
}

/// Notes which alerts have data; returns the strictest error budget and its flow.
fn data(p: &mut Project, of: &str, alerts: &[Alert], first: &str) -> (Option<f64>, String) {
    let blind = first.is_empty();
    let names = |watched: Watched, but: &str| {
        let found = alerts.iter().filter(|a| a.watched == watched && a.name != but).map(|a| a.name.as_str());
        found.collect::<Vec<_>>().join(", ")
    };
    let dark = [
        (Watched::Latency, "HAProxy exposes means and no percentiles"),
        (Watched::Cpu, "no exporter of container CPU runs here"),
        (Watched::Errors, "no HAProxy is at the entry"),
    ];
    for (watched, why) in dark {
        let list = names(watched, "");
        if !list.is_empty() && (blind || watched != Watched::Errors) {
            p.note(of, format!("alerts without data ({why}): {list}"));
        }
    }
    let errors = alerts.iter().filter(|a| a.watched == Watched::Errors && !blind);
    let Some(strictest) = errors.reduce(|best, a| if a.bound < best.bound { a } else { best }) else {
        return (None, String::new());
    };
    p.note(
        of,
        format!(
            "alert {}: measured over all requests that enter at {first}, because the metrics do not distinguish flows; a 5xx answer is an error",
            strictest.name
        ),
    );
    let others = names(Watched::Errors, &strictest.name);
    if !others.is_empty() {
        p.note(of, format!("alerts with laxer objectives, covered by {}: {others}", strictest.name));
    }
    (Some(strictest.bound.max(1e-8)), text::ident(&strictest.of))
}

fn files(p: &mut Project, exposed: &[Exposed], alertmanager: &str, first: &str, budget: Option<f64>, flow: &str) {
    p.file("config/prometheus/prometheus.yaml", page(&PrometheusYaml { exposed, alertmanager }));
    let windows = ["5m", "30m", "1h", "6h", "3d"];
    let rules = RulesYaml { first, budget, flow, burns: &BURNS, windows: &windows, proxies: !exposed.is_empty() };
    p.file("config/prometheus/rules.yaml", page(&rules));
}

fn add_prometheus(p: &mut Project, board: &Dashboard, exposed: &[Exposed]) -> String {
    let name = p.name("prometheus");
    let keep = board.retention.map_or(15 * 86_400, |s| text::seconds(s, 3600));
    if board.retention.is_some() {
        p.note(&board.name, "numbers are kept as long as the design says, but at most 2 GB of them");
    }
    let command = [
        "--config.file=/etc/prometheus/prometheus.yaml".to_owned(),
        "--storage.tsdb.path=/prometheus".to_owned(),
        format!("--storage.tsdb.retention.time={keep}s"),
        "--storage.tsdb.retention.size=2GB".to_owned(),
    ];
    let mut c = Container {
        name: name.clone(),
        component: board.name.clone(),
        about: "Prometheus: collects numbers, raises alerts".to_owned(),
        image: "prom/prometheus:v3.5.0".to_owned(),
        user: Some("65534:65534"),
        command: command.to_vec(),
        files: vec![
            ("./config/prometheus/prometheus.yaml".to_owned(), "/etc/prometheus/prometheus.yaml".to_owned()),
            ("./config/prometheus/rules.yaml".to_owned(), "/etc/prometheus/rules.yaml".to_owned()),
        ],
        volumes: vec![(format!("{name}-data"), "/prometheus".to_owned())],
        check: Some(Check::http(9090, "/-/ready")),
        replicas: 1,
        cpus: 0.5,
        memory: 256,
        pids: 128,
        grace: 30,
        ..Container::default()
    };
    c.networks.extend([Net::Watch, Net::Ui]);
    p.containers.push(c);
    p.publish(&name, 9090, "Prometheus");
    for e in exposed {
        for c in p.containers.iter_mut().filter(|c| c.name == e.slug) {
            c.networks.insert(Net::Watch);
        }
    }
    name
}

fn add_alertmanager(p: &mut Project, of: &str, name: &str) {
    p.file("config/alertmanager/alertmanager.yaml", super::ALERTMANAGER_YAML.to_owned());
    p.note(of, "alerts reach nobody yet: name a receiver in config/alertmanager/alertmanager.yaml");
    let mut c = Container {
        name: name.to_owned(),
        component: of.to_owned(),
        about: "Alertmanager: says alerts on".to_owned(),
        image: "prom/alertmanager:v0.28.1".to_owned(),
        user: Some("65534:65534"),
        command: vec![
            "--config.file=/etc/alertmanager/alertmanager.yaml".to_owned(),
            "--storage.path=/alertmanager".to_owned(),
            "--cluster.listen-address=".to_owned(),
        ],
        files: vec![(
            "./config/alertmanager/alertmanager.yaml".to_owned(),
            "/etc/alertmanager/alertmanager.yaml".to_owned(),
        )],
        tmpfs: vec!["/alertmanager:size=16m,uid=65534,gid=65534".to_owned()],
        check: Some(Check::http(9093, "/-/ready")),
        replicas: 1,
        cpus: 0.1,
        memory: 64,
        pids: 64,
        grace: 10,
        ..Container::default()
    };
    c.networks.extend([Net::Watch, Net::Ui]);
    p.containers.push(c);
    p.publish(name, 9093, "Alertmanager");
}
