//! Clients, networks, servers and systems of others.

use super::{Sound, agree, block};

impl Sound {
    /// What runs the process of a balancer, gateway or service.
    pub(super) fn machine(&mut self, a: &mut Vec<String>, percent: u64) {
        let list = [
            "t4g.small",
            "t4g.medium",
            "m7g.large",
            "m7g.xlarge",
            "c7g.large",
            "c7g.2xlarge",
            "r7g.large",
            "m6i.large",
            "t3.medium",
        ];
        if self.rng.chance(if self.aws { percent } else { 5 }) {
            if self.rng.chance(self.holes / 2) {
                a.push("instance = ? in [m7g.large, c7g.large, t4g.medium]".to_owned());
            } else {
                let i = self.rng.pick(&list);
                a.push(format!("instance = {i}"));
            }
        } else if self.rng.chance(40) {
            let c = self.rng.pick(&["1", "2", "4", "0.5"]);
            a.push(format!("cores = {c}"));
        }
        if self.rng.chance(if self.modest { 20 } else { 45 }) {
            let m = self.rng.pick(&["256MiB", "512MiB", "1GiB", "2GiB", "6GiB", "16GiB"]);
            let m = if a.iter().any(|x| x.starts_with("instance")) && self.rng.chance(80) { "1GiB" } else { m };
            let m = if self.rng.chance(self.holes / 4) { "? in [512MiB, 2GiB]" } else { m };
            a.push(format!("memory = {m}"));
        }
        let limits = u64::from(!self.modest);
        for (percent, texts) in [
            (15 * limits, &["threads = 4", "threads = 16", "threads = 100", "threads = 1"][..]),
            (8 * limits, &["max_queue = 0", "max_queue = 20", "max_queue = 200"]),
            (5 * limits, &["max_connections = 100", "max_connections = 2000"]),
            (
                12,
                &[
                    "health_check { path = \"/healthz\", every = 5s }",
                    "health_check { path = \"/up\", every = 30s, deep = true }",
                ],
            ),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
    }

    pub(super) fn client(&mut self) {
        let n = self.names.clients.len();
        let name = if n == 0 { "web".to_owned() } else { format!("app{n}") };
        let mut a = Vec::new();
        let users = self.rng.pick(&["10k", "200k", "2M"]);
        a.push(format!("users = {users}"));
        if self.rng.chance(30) {
            a.push("cache { hit = 20%, ttl = 60s }".to_owned());
        }
        if self.regions.len() > 1 {
            a.push("regions { us-east-1 = 60%, eu-west-1 = 40% }".to_owned());
        }
        for text in ["optimistic = true", "connections = 2000"] {
            if self.rng.chance(8) {
                a.push(text.to_owned());
            }
        }
        self.line(&format!("client {name} {}", block(&a)));
        self.names.clients.push(name);
    }

    pub(super) fn cdn(&mut self) {
        let name = format!("edge{}", self.names.cdns.len());
        let hit = self.ratio(&[30, 60, 85, 95]);
        let mut a = vec![format!("hit = {hit}")];
        for (percent, texts) in [
            (70, &["ttl = 1min", "ttl = 5min", "ttl = 1 day"][..]),
            (20, &["stale_while_revalidate = 30s"]),
            (20, &["stale_if_error = 1h"]),
            (30, &["waf = true", "compress = true", "tls = terminate", "age = false"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.common(&mut a, &["99.9%", "99.99%"]);
        self.line(&format!("cdn {name} {}", block(&a)));
        self.names.cdns.push(name);
    }

    /// With or without what says that it is run by the design's owner: `cpu`, `ops`, `instance`.
    pub(super) fn own_process(&mut self, a: &mut Vec<String>) {
        match self.rng.below(7) {
            0 => {
                let cpu = self.cpu(&[50, 100, 300]);
                a.push(format!("cpu = {cpu}"));
                self.pieces(a, 4);
            }
            1 => {
                a.push("ops { call { cpu = 80us, wait = 100us } }".to_owned());
                self.pieces(a, 4);
            }
            2 => {
                self.machine(a, 100);
                self.pieces(a, 4);
            }
            3 => {
                let cpu = self.cpu(&[50, 100, 300]);
                a.push(format!("cpu = {cpu}"));
                self.machine(a, 60);
                self.pieces(a, 4);
            }
            4 => self.pieces(a, 4),
            _ => {}
        }
    }

    pub(super) fn balancer(&mut self) {
        let name = format!("lb{}", self.names.balancers.len());
        let mut a = Vec::new();
        for (percent, texts) in [
            (
                60,
                &[
                    "policy = round_robin",
                    "policy = random",
                    "policy = least_connections",
                    "policy = hash",
                    "policy = failover",
                    "policy = nearest",
                    "policy = weighted",
                ][..],
            ),
            (50, &["tls = terminate", "tls = passthrough", "tls = none"]),
            (10, &["cache { hit = 15%, ttl = 10s }"]),
            (15, &["wait = 0.2ms", "idle_timeout = 60s"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.own_process(&mut a);
        self.common(&mut a, &["99.9%", "99.99%"]);
        self.line(&format!("balancer {name} {}", block(&a)));
        self.names.balancers.push(name);
    }

    pub(super) fn gateway(&mut self) {
        let name = format!("gate{}", self.names.gateways.len());
        let mut a = Vec::new();
        for (percent, texts) in [
            (70, &["auth = jwt", "auth = api_key", "auth = oauth2", "auth = mtls", "auth = none"][..]),
            (
                if self.modest { 10 } else { 45 },
                &[
                    "rate_limit = 100 rps per client",
                    "rate_limit = 50 rps",
                    "rate_limit = 2k rps",
                    "rate_limit = 5 rps per user, burst = 10",
                    "rate_limit = 20 rps per ip",
                    "rate_limit = 300 rps per route",
                ],
            ),
            (15, &["log = true", "authorize = scopes", "authorize = roles"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.own_process(&mut a);
        self.common(&mut a, &["99.5%", "99.9%"]);
        self.line(&format!("gateway {name} {}", block(&a)));
        self.names.gateways.push(name);
    }

    pub(super) fn service(&mut self) {
        let n = self.names.services.len();
        let name = ["catalog", "cart", "orders_api", "mailer", "reports"]
            .get(n)
            .map_or(format!("svc{n}"), |s| (*s).to_owned());
        let preset = self.presets && self.rng.chance(30);
        let mut a = Vec::new();
        if !preset || self.rng.chance(30) {
            let cpu = if self.rng.chance(20) {
                "page_cpu".to_owned()
            } else {
                self.cpu(&[200, 500, 1000, 2000, 5000, 12_000])
            };
            a.push(format!("cpu = {cpu}"));
        }
        if self.rng.chance(30) {
            let wait = self.time(&[500, 2000, 8000]);
            a.push(format!("wait = {wait}"));
        }
        self.pieces(&mut a, 8);
        agree(&mut a, preset);
        self.machine(&mut a, 45);
        if self.rng.chance(12) {
            let (min, max) = (1 + self.rng.below(3), 6 + self.rng.below(20));
            let open = self.rng.chance(self.holes / 2);
            let max = if open { "?".to_owned() } else { max.to_string() };
            let react = self.rng.pick(&["", ", react = 2min"]);
            a.push(format!("autoscale {{ min = {min}, max = {max}, target = 60%{react} }}"));
        }
        for (percent, texts) in [
            (45, &["timeout = 100ms", "timeout = 300ms", "timeout = 1s"][..]),
            (15, &["retries = 1", "retries = 2", "retries = 2, backoff = 50ms"]),
            (12, &["breaker = true", "retry_budget = 10%", "breaker = true, retry_budget = 20%"]),
            (12, &["state = sticky", "state = local"]),
            (
                10,
                &[
                    "cache { hit = 30%, ttl = 30s }",
                    "cache { entries = 5000, items = 100k, skew = 0.9, entry_size = 2KB, ttl = 1min }",
                ],
            ),
            (25, &["ops { export { cpu = 20ms }, peek { cpu = 300us, wait = 1ms } }"]),
            (25, &["image = \"registry/app:1.4\"", "image = \"registry/app:1.4\", port = 9000"]),
            (30, &["idempotent = true"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.common(&mut a, &["99%", "99.5%", "99.9%"]);
        let base = if preset { " : small" } else { "" };
        self.line(&format!("service {name}{base} {}", block(&a)));
        // Only services that name them have operations of their own.
        let name = if a.iter().any(|x| x.starts_with("ops")) { format!("{name}.") } else { name };
        self.names.services.push(name);
    }

    pub(super) fn external(&mut self) {
        let name = format!("partner{}", self.names.externals.len());
        let mut a = Vec::new();
        for (percent, texts) in [
            (
                90,
                &["latency = p50 180ms p99 650ms", "latency = 40ms", "latency = const 25ms", "latency = exp 90ms"][..],
            ),
            (if self.modest { 10 } else { 40 }, &["limit = 3k rps", "limit = 50 rps"]),
            (30, &["price = $0.40 per 1M", "price = $99/month"]),
            (20, &["consistency = eventual", "consistency = linearizable", "idempotent = true"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.common(&mut a, &["99.5%", "99.95%"]);
        self.line(&format!("external {name} {}", block(&a)));
        self.names.externals.push(name);
    }
}
