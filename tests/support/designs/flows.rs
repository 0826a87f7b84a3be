//! Flows, scenarios and rules.

use super::{Scope, Sound, some};

impl Sound {
    pub(super) fn all_flows(&mut self) {
        let flows = 1 + self.rng.below(2 + self.names.services.len().min(6));
        for i in 0..flows {
            self.request(i);
        }
        let queues = self.names.queues.clone();
        let published: Vec<bool> = queues
            .iter()
            .map(|q| {
                let publish = format!("{q}.publish");
                self.flows.iter().any(|f| f.contains(&publish))
            })
            .collect();
        for (q, published) in published.into_iter().enumerate() {
            for _ in 0..=self.rng.below(4) / 3 {
                // Once in a while a queue without a consumer, or without a publisher.
                if self.rng.chance(if published { 92 } else { 60 }) {
                    self.consumer(q, published);
                }
            }
        }
        for t in 0..self.names.timers.len() {
            self.timed(t);
        }
        let flows: Vec<String> = std::mem::take(&mut self.flows);
        for f in &flows {
            self.line(f);
        }
    }

    /// The targets of a flow. `consumer`: its origin is a queue.
    pub(super) fn slo(&mut self, consumer: bool) -> String {
        let mut targets = Vec::new();
        if self.modest && self.rng.chance(80) {
            targets.push(if consumer {
                "lag <= 1h"
            } else {
                self.rng.pick(&["p99 <= 5s", "p99 <= 5s, availability >= 90%"])
            });
            return format!("  slo {{ {} }}\n", targets.join(", "));
        }
        let list: &[(u64, &[&str])] = if consumer {
            &[
                (70, &["lag <= 5s", "lag <= 2min", "lag <= 10min"]),
                (25, &["availability >= 99%"]),
                (15, &["p99 <= 2s"]),
                (10, &["rpo <= 1s"]),
            ]
        } else {
            &[
                (70, &["p99 <= 250ms", "p99 <= 800ms", "p99 <= 2s"]),
                (15, &["p50 <= 50ms", "p90 <= 200ms", "p95 <= 300ms", "p999 <= 3s", "mean <= 100ms"]),
                (60, &["availability >= 99%", "availability >= 99.5%", "availability >= 99.9%"]),
                (15, &["errors <= 1%", "errors <= 0.1%"]),
                (
                    30,
                    &[
                        "consistency = linearizable",
                        "consistency = sequential",
                        "consistency = causal",
                        "consistency = read_your_writes",
                        "consistency = monotonic_reads",
                        "consistency = bounded",
                        "consistency = eventual",
                    ],
                ),
                (20, &["staleness <= 10s", "staleness <= 5min"]),
                (12, &["rpo <= 1s", "rpo <= 1h"]),
                (10, &["rto <= 1min", "rto <= 1h"]),
                (15, &["cost <= $0.10 per 1k", "cost <= $0.002 per 1k"]),
            ]
        };
        for (percent, texts) in list {
            if self.rng.chance(*percent) {
                targets.push(self.rng.pick(texts));
            }
        }
        if targets.is_empty() { String::new() } else { format!("  slo {{ {} }}\n", targets.join(", ")) }
    }

    /// A flow that starts at a client, or now and then at a service.
    pub(super) fn request(&mut self, index: usize) {
        let first = if index == 0 { 0 } else { self.rng.below(self.names.services.len()) };
        let at_service = self.rng.chance(5) && first + 1 < self.names.services.len();
        let rate = match self.rng.below(10) {
            0 | 1 => format!("volume = visitors * {}%", 1 + self.rng.below(60)),
            _ if self.modest => format!("rate = {}", self.rate()),
            2 if !at_service => "rate = 8 per user per day".to_owned(),
            3 => format!("volume = {} / day", self.rng.pick(&["50k", "1M", "5M"])),
            _ => format!("rate = {}", self.rate()),
        };
        let mut text = format!("flow request{index} {{\n  {rate}\n");
        if self.rng.chance(40) {
            let method = self.rng.pick(&["GET", "POST", "PUT"]);
            text.push_str(&format!("  route = \"{method} /r/{index}\"\n"));
        }
        if self.rng.chance(8) {
            text.push_str("  affinity = zone\n");
        }
        if self.rng.chance(85) {
            text.push_str(&self.slo(false));
        }
        let mut scope = Scope { service: first + 1, queue: 0, depth: 0 };
        if at_service {
            let origin = self.plain(first);
            let next = first + 1 + self.rng.below(self.names.services.len() - first - 1);
            scope.service = next + 1;
            let body = self.body(scope, 2);
            text.push_str(&format!("  {origin} -> {}{body}\n}}", self.plain(next)));
        } else {
            let clients = self.names.clients.clone();
            text.push_str(&format!("  {}", self.one(&clients)));
            let (cdns, balancers, gateways) =
                (self.names.cdns.clone(), self.names.balancers.clone(), self.names.gateways.clone());
            for (list, percent) in [(cdns, 60), (balancers, 75), (gateways, 65)] {
                if !list.is_empty() && self.rng.chance(percent) {
                    let attrs = self.call_sizes();
                    text.push_str(&format!(" -> {}{}", self.one(&list), some(&attrs)));
                }
            }
            let body = self.body(scope, 2);
            text.push_str(&format!(" -> {}{body}\n}}", self.plain(first)));
        }
        self.flows.push(text);
    }

    pub(super) fn consumer(&mut self, queue: usize, published: bool) {
        let name = self.names.queues[queue].clone();
        let mut text = format!("flow take{} {{\n", self.flows.len());
        if !published {
            text.push_str(&format!("  rate = {}\n", self.rate()));
        }
        for (percent, texts) in [
            (25, &["batch = 10", "batch = 100"][..]),
            (8, &["parallel = true"]),
            (8, &["window = 22:00 to 05:00", "window = 18:00 to 23:00"]),
        ] {
            if self.rng.chance(percent) {
                text.push_str(&format!("  {}\n", self.rng.pick(texts)));
            }
        }
        if self.rng.chance(75) {
            text.push_str(&self.slo(true));
        }
        let service = self.rng.below(self.names.services.len());
        let body = self.body(Scope { service: service + 1, queue: queue + 1, depth: 0 }, 2);
        let arrow = self.rng.pick(&["->", "~>"]);
        text.push_str(&format!("  {name} {arrow} {}{body}\n}}", self.plain(service)));
        self.flows.push(text);
    }

    pub(super) fn timed(&mut self, timer: usize) {
        let service = self.rng.below(self.names.services.len());
        let body = self.body(Scope { service: service + 1, queue: 0, depth: 0 }, 2);
        let slo = if self.rng.chance(30) { "  slo { p99 <= 2s }\n" } else { "" };
        let arrow = self.rng.pick(&["->", "->", "~>"]);
        let text = format!(
            "flow run{timer} {{\n{slo}  {} {arrow} {}{body}\n}}",
            self.names.timers[timer],
            self.plain(service)
        );
        self.flows.push(text);
    }

    pub(super) fn scenarios(&mut self) {
        let requests: Vec<usize> = (0..self.flow_count()).collect();
        for i in 0..self.rng.below(4) {
            let mut a = Vec::new();
            match self.rng.below(8) {
                _ if self.modest && self.rng.chance(70) => a.push("load = 1.2x".to_owned()),
                0 | 1 => a.push(format!("load = {}x", self.rng.pick(&["1.2", "2", "3", "10"]))),
                2 => {
                    let zone = self.zone();
                    a.push(format!("fail = [zone {zone}]"));
                }
                3 if !self.names.databases.is_empty() => {
                    let list = self.names.databases.clone();
                    let db = self.one(&list);
                    let what = self.rng.pick(&[".primary", "", " x1"]);
                    a.push(format!("fail = [{db}{what}]"));
                }
                4 if self.zones > 1 && self.regions.len() == 1 => {
                    let rest: Vec<String> =
                        ["b", "c", "d"].into_iter().take(self.zones - 1).map(|z| format!("zone {z}")).collect();
                    a.push(format!("cut = [zone a] | [{}]", rest.join(", ")));
                }
                5 if !self.names.externals.is_empty() => {
                    let list = self.names.externals.clone();
                    let psp = self.one(&list);
                    a.push(if self.rng.chance(60) { format!("slow = {psp} 300ms") } else { format!("fail = [{psp}]") });
                }
                6 => {
                    let s = self.plain(0);
                    let change = self.rng.pick(&["cpu = 9ms", "timeout = 2s", "availability = 98%"]);
                    a.push(format!("{s} {{ {change} }}"));
                }
                7 if self.regions.len() > 1 => a.push("fail = [region eu-west-1]".to_owned()),
                _ => {
                    let s = self.rng.below(self.names.services.len());
                    let s = self.plain(s);
                    let one = self.rng.pick(&["", " x1"]);
                    a.push(format!("fail = [{s}{one}]"));
                }
            }
            if self.rng.chance(25) {
                let rate = if self.modest { "10" } else { self.rng.pick(&["10", "150", "900"]) };
                a.push(format!("flow request0 {{ rate = {rate} rps }}"));
            }
            if self.rng.chance(55) {
                let f = requests[self.rng.below(requests.len())];
                let cut = a.iter().any(|x| x.starts_with("cut"));
                let what = match self.rng.below(4) {
                    0 if cut => " = error on minority",
                    1 if cut => " = ok",
                    2 if cut => " = stale on zone a",
                    0 => " { availability >= 99% }",
                    1 => " { p99 <= 1s }",
                    2 => " { p99 <= 3s, availability >= 90% }",
                    _ => " { errors <= 5% }",
                };
                a.push(format!("expect flow request{f}{what}"));
            }
            self.line(&format!("scenario case{i} {{ {} }}", a.join(", ")));
        }
    }

    /// How many flows are named `request…`.
    pub(super) fn flow_count(&self) -> usize {
        self.out.matches("flow request").count().max(1)
    }

    pub(super) fn rules(&mut self) {
        let service = self.plain(0);
        for (i, (percent, text)) in [
            (15, "deny path client -> database avoiding gateway".to_owned()),
            (10, "deny call client -> database, \"clients talk to services\"".to_owned()),
            (10, "require timeout on service".to_owned()),
            (5, "require availability on service".to_owned()),
            (8, "max_depth 4".to_owned()),
            (5, "max_fan_out 5".to_owned()),
            (5, "deny cycle".to_owned()),
            (4, format!("deny call {service} -> external")),
        ]
        .into_iter()
        .enumerate()
        {
            if self.rng.chance(percent) {
                self.line(&format!("rule own{i} {{ {text} }}"));
            }
        }
        if self.rng.chance(12) {
            let code = self.rng.pick(&["ARC001", "ARC009", "ARC037"]);
            self.line(&format!("allow {code} on {service} because \"known and accepted\" until 2031-03-31"));
        }
    }
}
