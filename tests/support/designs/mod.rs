//! Random designs that parse and type-check, with most features of the language.
//! Shared by tests and xtask through `#[path]`; its sibling `generate` makes broken ones.
#![allow(dead_code, reason = "each user takes a part")]

use super::generate::Rng;
use std::fmt::Write;

mod calls;
mod flows;
mod servers;
mod stores;

/// Design number `index` of the sequence that starts at `seed`: the same text on every machine.
pub fn sound(seed: u64, index: u64) -> String {
    let mut rng = Rng(seed);
    let start = rng.next();
    let mut rng = Rng(start ^ Rng(index).next());
    let components = match rng.below(10) {
        0..=2 => 3 + rng.below(5),
        3..=6 => 8 + rng.below(8),
        7..=8 => 16 + rng.below(10),
        _ => 26 + rng.below(30),
    };
    let regions = match rng.below(10) {
        0 => vec!["us-east-1", "eu-west-1"],
        1 => vec!["eu-west-1"],
        _ => vec!["us-east-1"],
    };
    let holes = if rng.chance(35) { 40 } else { 0 };
    let mut g = Sound {
        zones: [1, 2, 3, 3, 3, 3, 4][rng.below(7)],
        aws: rng.chance(75),
        regions,
        availability: [0, 60, 95, 100][rng.below(4)],
        sizes: [0, 50, 100][rng.below(3)],
        intervals: if rng.chance(40) { 25 } else { 0 },
        holes,
        modest: rng.chance(if holes > 0 { 75 } else { 30 }),
        rng,
        names: Names::default(),
        flows: Vec::new(),
        presets: false,
        engine: false,
        out: String::new(),
    };
    g.design(components);
    g.out
}

/// Names of the components of a design, by kind, in the order of their declaration.
#[derive(Default)]
struct Names {
    clients: Vec<String>,
    timers: Vec<String>,
    cdns: Vec<String>,
    balancers: Vec<String>,
    gateways: Vec<String>,
    services: Vec<String>,
    caches: Vec<String>,
    queues: Vec<String>,
    databases: Vec<String>,
    buckets: Vec<String>,
    externals: Vec<String>,
}

/// The kinds that have a list in `Names` and are drawn freely, with their weights.
const WEIGHTS: [(&str, usize); 11] = [
    ("service", 9),
    ("database", 4),
    ("cache", 3),
    ("queue", 3),
    ("balancer", 2),
    ("gateway", 2),
    ("external", 2),
    ("bucket", 1),
    ("cdn", 1),
    ("timer", 1),
    ("client", 1),
];

struct Sound {
    rng: Rng,
    /// Zones of each region.
    zones: usize,
    aws: bool,
    regions: Vec<&'static str>,
    /// Percent of the components that set `availability`.
    availability: u64,
    /// Percent of the calls that set `size` and `reply`.
    sizes: u64,
    /// Percent of the numbers that are intervals.
    intervals: u64,
    /// Percent of the counts that are `?`.
    holes: u64,
    /// Little load, few limits and loose targets: most such designs hold or have sizes that do.
    modest: bool,
    names: Names,
    flows: Vec<String>,
    presets: bool,
    engine: bool,
    out: String,
}

/// What the calls of a block may reach.
#[derive(Clone, Copy)]
struct Scope {
    /// The first service that may be called: services call later ones, so no ring closes.
    service: usize,
    /// The first queue that may be published to: messages flow to later queues.
    queue: usize,
    depth: usize,
}

fn block(attrs: &[String]) -> String {
    if attrs.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", attrs.join(", ")) }
}

fn some(attrs: &[String]) -> String {
    if attrs.is_empty() { String::new() } else { format!(" {}", block(attrs)) }
}

/// A base that sets `replicas` does not agree with another `place`: it goes.
fn agree(a: &mut Vec<String>, base: bool) {
    if base && !a.iter().any(|x| x.starts_with("replicas")) {
        a.retain(|x| !x.starts_with("place"));
    }
}

impl Sound {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn one(&mut self, list: &[String]) -> String {
        list[self.rng.below(list.len())].clone()
    }

    /// A time in microseconds from a list, as an interval where the design has them.
    fn time(&mut self, micros: &[usize]) -> String {
        let low = micros[self.rng.below(micros.len())];
        let text = |n: usize| if n.is_multiple_of(1000) { format!("{}ms", n / 1000) } else { format!("{n}us") };
        if self.rng.chance(self.intervals) { format!("{} .. {}", text(low), text(low * 2)) } else { text(low) }
    }

    /// CPU time of a request: a mean or a distribution.
    fn cpu(&mut self, micros: &[usize]) -> String {
        let t = self.time(micros);
        match self.rng.below(8) {
            0 if !t.contains("..") => format!("const {t}"),
            1 if !t.contains("..") => format!("exp {t}"),
            2 if !t.contains("..") => format!("mean {t} cv {}", self.rng.pick(&["0.5", "1.5", "2"])),
            _ => t,
        }
    }

    fn ratio(&mut self, list: &[usize]) -> String {
        let low = list[self.rng.below(list.len())];
        if self.rng.chance(self.intervals) { format!("{low}% .. {}%", (low + 5).min(100)) } else { format!("{low}%") }
    }

    fn rate(&mut self) -> String {
        let n = [1, 2, 5, 10, 20, 40, 80, 120, 200, 400][self.rng.below(if self.modest { 5 } else { 10 })];
        if self.rng.chance(self.intervals) { format!("{n} rps .. {} rps", n + n / 2 + 1) } else { format!("{n} rps") }
    }

    /// A count or, in designs with holes, one that sizing finds.
    fn count(&mut self, most: usize) -> String {
        let n = 1 + self.rng.below(most);
        if self.rng.chance(self.holes) {
            match self.rng.below(4) {
                0 => format!("? in {}..{}", n, n + if self.modest { 30 } else { 6 }),
                1 => format!("? >= {n}"),
                2 if !self.modest => format!("? in [{n}, {}, {}]", n + 1, n + 4),
                _ => "?".to_owned(),
            }
        } else {
            n.to_string()
        }
    }

    fn zone(&mut self) -> String {
        let zone = ["a", "b", "c", "d"][self.rng.below(self.zones)];
        self.qualified(zone)
    }

    fn qualified(&mut self, zone: &str) -> String {
        if self.regions.len() == 1 { zone.to_owned() } else { format!("{}.{zone}", self.regions[self.rng.below(2)]) }
    }

    /// How many replicas and where: `replicas`, `place`, both, or `zones`.
    fn pieces(&mut self, a: &mut Vec<String>, most: usize) {
        match self.rng.below(10) {
            0 | 1 => self.placed(a, 2),
            2 => {
                let n = self.count(most);
                let zones = 1 + self.rng.below(self.zones);
                let z = match self.rng.below(3) {
                    0 => "all".to_owned(),
                    1 => zones.to_string(),
                    _ => format!("[{}]", self.zone()),
                };
                a.push(format!("replicas = {n}"));
                a.push(format!("zones = {z}"));
            }
            3 if !self.modest => {}
            _ => {
                let n = self.count(most);
                a.push(format!("replicas = {n}"));
            }
        }
    }

    /// `place`, with `replicas` beside it half of the time.
    fn placed(&mut self, a: &mut Vec<String>, most: usize) {
        let mut sum = 0;
        let mut parts = Vec::new();
        let places: Vec<String> = if self.regions.len() > 1 && self.rng.chance(50) {
            self.regions.iter().map(|r| (*r).to_owned()).collect()
        } else {
            let region = self.regions[self.rng.below(self.regions.len())];
            let zones = ["a", "b", "c", "d"].into_iter().take(self.zones);
            if self.regions.len() > 1 {
                zones.map(|z| format!("{region}.{z}")).collect()
            } else {
                zones.map(str::to_owned).collect()
            }
        };
        for p in places {
            if parts.is_empty() || self.rng.chance(70) {
                let n = 1 + self.rng.below(most);
                sum += n;
                parts.push(format!("{p} = {n}"));
            }
        }
        if self.rng.chance(50) {
            a.push(format!("replicas = {sum}"));
        }
        a.push(format!("place {{ {} }}", parts.join(", ")));
    }

    /// What every kind may set.
    fn common(&mut self, a: &mut Vec<String>, up: &[&str]) {
        if self.rng.chance(self.availability) {
            let up = self.rng.pick(up);
            a.push(format!("availability = {up}"));
        }
        for (percent, texts) in [
            (6, &["cost = $40/month", "cost = $250/month", "cost = $0.20/h"][..]),
            (5, &["tags = [core]", "tags = [edge, billing]"]),
            (4, &["spof_ok = true"]),
            (4, &["owner = shop_team", "team = payments"]),
            (3, &["data_class = confidential", "data_class = public"]),
            (3, &["protocol = grpc", "protocol = http2"]),
            (2, &["public = true", "encrypted = true"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
    }

    fn design(&mut self, components: usize) {
        self.line("arch 1\n");
        self.system();
        let lets = self.out.len();
        if self.rng.chance(20) {
            self.presets = true;
            self.line(
                "preset small for service { cpu = page_cpu, memory = 512MiB, replicas = 2, availability = 99.5% }",
            );
        }
        if self.rng.chance(15) {
            self.engine = true;
            self.line(
                "engine fast_pg for database : postgres { instance = db.m7g.xlarge, replicas = 2, replication = sync }",
            );
        }
        self.line("");
        self.component("client");
        self.component("service");
        let total: usize = WEIGHTS.iter().map(|w| w.1).sum();
        for i in 2..components {
            let mut at = self.rng.below(total);
            let mut kind = "service";
            for (k, weight) in WEIGHTS {
                if at < weight {
                    kind = k;
                    break;
                }
                at -= weight;
            }
            // The third is a store, so that small designs have one too.
            if i == 2 {
                kind = ["database", "database", "cache", "queue"][self.rng.below(4)];
            }
            self.component(kind);
        }
        if self.rng.chance(35) {
            self.line(
                "monitor watch { metrics = true, logs = true, traces = true, alerts = true, retention = 30 days }",
            );
        }
        self.line("");
        self.all_flows();
        self.scenarios();
        self.rules();
        let page_cpu = if self.intervals > 0 { "let page_cpu = 2ms .. 5ms\n" } else { "let page_cpu = 3ms\n" };
        for (name, text) in [("page_cpu", page_cpu), ("visitors", "let visitors = 2M / day\n")] {
            if self.out.contains(name) {
                self.out.insert_str(lets, text);
            }
        }
    }

    fn system(&mut self) {
        let mut a = Vec::new();
        if !self.aws {
            a.push("provider = none".to_owned());
        } else if self.rng.chance(40) {
            a.push("provider = aws".to_owned());
        }
        if self.regions.len() > 1 {
            a.push(format!("regions = [{}]", self.regions.join(", ")));
        } else if self.regions[0] != "us-east-1" || self.rng.chance(50) {
            a.push(format!("region = {}", self.regions[0]));
        }
        a.push(format!("zones = {}", self.zones));
        for (percent, texts) in [
            (45, &["zone_availability = 99.9%", "zone_availability = 99.99%"][..]),
            (
                if self.modest { 15 } else { 45 },
                &["survive = none", "survive = replica", "survive = replica", "survive = zone", "survive = zone"],
            ),
            (40, &["headroom = 10%", "headroom = 30%", "headroom = 50%"]),
            (if self.modest { 10 } else { 30 }, &["budget = $500/month", "budget = $5k/month", "budget = $60k/month"]),
            (45, &["profile { peak_to_mean = 3 }", "profile { peak_to_mean = 1.5, peak_hour = 12:00, trough = 40% }"]),
            (
                40,
                &[
                    "network { client = 40ms, edge = 15ms, zone = 0.3ms, cross_zone = 1ms, cross_region = 75ms }",
                    "network { client = 20ms .. 60ms, zone = 500us }",
                    "network { cross_region { us-east-1 eu-west-1 = 75ms } }",
                ],
            ),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.line(&format!("system random {{\n  {}\n}}", a.join("\n  ")));
    }

    fn component(&mut self, kind: &'static str) {
        match kind {
            "client" => self.client(),
            "timer" => {
                let name = format!("clock{}", self.names.timers.len());
                let every = self.rng.pick(&["every = 2s", "every = 1min", "every = 1h", "every = 1 day, at = 02:00"]);
                self.line(&format!("timer {name} {{ {every} }}"));
                self.names.timers.push(name);
            }
            "cdn" => self.cdn(),
            "balancer" => self.balancer(),
            "gateway" => self.gateway(),
            "service" => self.service(),
            "cache" => self.cache(),
            "queue" => self.queue(),
            "database" => self.database(),
            "bucket" => {
                let name = format!("files{}", self.names.buckets.len());
                let data = self.rng.pick(&["20GB", "1TB", "40TB"]);
                let mut a = vec![format!("data = {data}")];
                for text in ["growth = 3% per month", "class = infrequent", "class = archive", "wait = 30ms"] {
                    if self.rng.chance(25) && !(text.contains("class") && a.iter().any(|x| x.contains("class"))) {
                        a.push(text.to_owned());
                    }
                }
                self.common(&mut a, &["99.9%", "99.99%"]);
                self.line(&format!("bucket {name} {}", block(&a)));
                self.names.buckets.push(name);
            }
            _ => self.external(),
        }
    }

    /// The name of a service without the mark of its operations.
    fn plain(&self, i: usize) -> String {
        self.names.services[i].trim_end_matches('.').to_owned()
    }
}
