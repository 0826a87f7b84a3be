//! What the block of a flow does.

use super::{Scope, Sound, some};

impl Sound {
    pub(super) fn call_sizes(&mut self) -> Vec<String> {
        if !self.rng.chance(self.sizes) {
            return Vec::new();
        }
        let (size, reply) = (self.rng.pick(&["100B", "1KB", "4KB"]), self.rng.pick(&["200B", "3KB", "60KB"]));
        vec![format!("size = {size}"), format!("reply = {reply}")]
    }

    /// The block behind a call of a service: its attributes, then what it calls.
    pub(super) fn body(&mut self, scope: Scope, indent: usize) -> String {
        let mut attrs = self.call_sizes();
        if self.rng.chance(12) {
            let cpu = self.cpu(&[1000, 4000]);
            attrs.push(format!("cpu = {cpu}"));
        }
        let pad = "  ".repeat(indent);
        let calls = if scope.depth == 0 { 1 + self.rng.below(4) } else { self.rng.below(3) };
        let mut lines = Vec::new();
        for _ in 0..calls {
            let entry = self.entry(scope, indent);
            lines.push(entry);
        }
        if lines.is_empty() {
            return some(&attrs);
        }
        let head = if attrs.is_empty() { String::new() } else { format!("{pad}{}\n", attrs.join(", ")) };
        let lines = lines.iter().fold(String::new(), |text, l| text + &pad + l + "\n");
        format!(" {{\n{head}{lines}{}}}", "  ".repeat(indent - 1))
    }

    pub(super) fn entry(&mut self, scope: Scope, indent: usize) -> String {
        let pad = "  ".repeat(indent + 1);
        let end = "  ".repeat(indent);
        let inner = Scope { depth: scope.depth + 1, ..scope };
        match self.rng.below(14) {
            0 | 1 if scope.depth < 2 => {
                let calls: Vec<String> =
                    (0..2 + self.rng.below(2)).map(|_| format!("{pad}{}\n", self.call(inner, indent + 1))).collect();
                format!("parallel {{\n{}{end}}}", calls.concat())
            }
            2 if scope.depth < 2 => {
                let share = [1, 10, 50, 90][self.rng.below(4)];
                let (one, other) = (self.call(inner, indent + 2), self.call(inner, indent + 2));
                let other = if self.rng.chance(25) { String::new() } else { other };
                let deep = "  ".repeat(indent + 2);
                format!(
                    "choose {{\n{pad}{share}% {{\n{deep}{one}\n{pad}}}\n{pad}{}% {{\n{deep}{other}\n{pad}}}\n{end}}}",
                    100 - share
                )
            }
            3..=5 if !self.names.caches.is_empty() => {
                let caches = self.names.caches.clone();
                let cache = self.one(&caches);
                let mut attrs = self.call_sizes();
                if self.rng.chance(15) {
                    attrs.push("hit = 75%".to_owned());
                }
                let miss = self.call(inner, indent + 1);
                let back = match self.rng.below(3) {
                    0 => String::new(),
                    _ => format!("{pad}-> {cache}.set{}\n", some(&self.call_sizes())),
                };
                match self.rng.below(6) {
                    0 => format!("-> {cache}.get{}", some(&attrs)),
                    1 => format!("-> {cache}.delete{}", some(&attrs)),
                    _ => format!("-> {cache}.get{} else {{\n{pad}{miss}\n{back}{end}}}", some(&attrs)),
                }
            }
            _ => self.call(scope, indent),
        }
    }

    /// One call in a line of its own.
    pub(super) fn call(&mut self, scope: Scope, indent: usize) -> String {
        for _ in 0..8 {
            match self.rng.below(12) {
                0..=4 if !self.names.databases.is_empty() => return self.store_call(),
                5 | 6 if scope.service < self.names.services.len() && scope.depth < 3 => {
                    return self.service_call(scope, indent);
                }
                7 if !self.names.externals.is_empty() => {
                    let list = self.names.externals.clone();
                    let target = self.one(&list);
                    let mut attrs = self.policy(70);
                    if self.rng.chance(30) {
                        attrs.push("idempotency_key = true".to_owned());
                    }
                    return self.modified(&format!("-> {target}"), &attrs);
                }
                8 if !self.names.buckets.is_empty() => {
                    let list = self.names.buckets.clone();
                    let (target, op) = (self.one(&list), self.rng.pick(&["get", "put"]));
                    let attrs = self.call_sizes();
                    return self.modified(&format!("-> {target}.{op}"), &attrs);
                }
                9 | 10 if scope.queue < self.names.queues.len() => {
                    let queue = scope.queue + self.rng.below(self.names.queues.len() - scope.queue);
                    let mut attrs = Vec::new();
                    for (percent, texts) in [
                        (60, &["size = 2KB", "size = 300B"][..]),
                        (20, &["outbox = true"]),
                        (8, &["batch = 5", "key = order_id"]),
                    ] {
                        if self.rng.chance(percent) {
                            attrs.push(self.rng.pick(texts).to_owned());
                        }
                    }
                    let arrow = self.rng.pick(&["~>", "~>", "->"]);
                    let times = self.rng.pick(&["", "", "", "", " x2", " 30%"]);
                    return format!("{arrow} {}.publish{times}{}", self.names.queues[queue], some(&attrs));
                }
                11 if !self.names.caches.is_empty() => {
                    let list = self.names.caches.clone();
                    let (target, op) = (self.one(&list), self.rng.pick(&["set", "delete", "get"]));
                    let attrs = self.call_sizes();
                    return format!("-> {target}.{op}{}", some(&attrs));
                }
                _ => {}
            }
        }
        // Nothing else can be called from here: a service that exists if none is left.
        let last = self.plain(self.names.services.len() - 1);
        if scope.service < self.names.services.len() {
            format!("-> {last}")
        } else if let Some(db) = self.names.databases.first() {
            format!("-> {db}.read")
        } else if let Some(cache) = self.names.caches.first() {
            format!("-> {cache}.get")
        } else if let Some(partner) = self.names.externals.first() {
            format!("-> {partner}")
        } else {
            // A new system outside of the design, declared behind the flows.
            if !self.names.externals.iter().any(|x| x == "outside") {
                self.line("external outside { latency = 30ms, availability = 99.9% }");
                self.names.externals.push("outside".to_owned());
            }
            "-> outside".to_owned()
        }
    }

    /// Timeouts, retries, hedges.
    pub(super) fn policy(&mut self, percent: u64) -> Vec<String> {
        let mut a = Vec::new();
        if self.rng.chance(percent) {
            for (percent, texts) in [
                (70, &["timeout = 50ms", "timeout = 300ms", "timeout = 1.2s"][..]),
                (
                    40,
                    &[
                        "retries = 1",
                        "retries = 2, backoff = 100ms",
                        "retries = 2, backoff = 50ms, jitter = true",
                        "retries = 3, backoff = 20ms, jitter = false",
                    ],
                ),
                (10, &["hedge = 20ms", "hedge = 200ms"]),
            ] {
                if self.rng.chance(percent) {
                    a.push(self.rng.pick(texts).to_owned());
                }
            }
        }
        a.extend(self.call_sizes());
        a
    }

    pub(super) fn store_call(&mut self) -> String {
        let list = self.names.databases.clone();
        let target = self.one(&list);
        let op = self.rng.pick(&["read", "read", "read", "write", "write", "txn", "scan"]);
        let mut attrs = self.policy(12);
        for (percent, texts) in [
            (10, &["from = primary", "from = replica", "from = any"][..]),
            (8, &["transaction = two_phase", "transaction = saga", "transaction = saga, compensated = true"]),
            (10, &["idempotent = true", "versioned = true"]),
            (5, &["optional = true", "key = id", "wait = 1ms"]),
        ] {
            let fits = match texts[0] {
                "from = primary" => op == "read" || op == "scan",
                "transaction = two_phase" | "idempotent = true" => op == "write" || op == "txn",
                _ => true,
            };
            if fits && self.rng.chance(percent) {
                attrs.push(self.rng.pick(texts).to_owned());
            }
        }
        self.modified(&format!("-> {target}.{op}"), &attrs)
    }

    pub(super) fn service_call(&mut self, scope: Scope, indent: usize) -> String {
        let next = scope.service + self.rng.below(self.names.services.len() - scope.service);
        let name = self.plain(next);
        let own = self.names.services[next].ends_with('.') && self.rng.chance(50);
        let op = if own { self.rng.pick(&[".export", ".peek"]) } else { "" };
        let arrow = self.rng.pick(&["->", "->", "->", "->", "~>"]);
        let times = self.times();
        let inner = Scope { service: next + 1, queue: scope.queue, depth: scope.depth + 1 };
        if self.rng.chance(55) {
            let body = self.body(inner, indent + 1);
            format!("{arrow} {name}{op}{times}{body}")
        } else {
            let attrs = self.policy(40);
            let back = if arrow == "->" && self.rng.chance(15) { self.fallback() } else { String::new() };
            format!("{arrow} {name}{op}{times}{}{back}", some(&attrs))
        }
    }

    pub(super) fn times(&mut self) -> &'static str {
        self.rng.pick(&["", "", "", "", "", "", "", " x2", " x3", " x0.5", " 30%", " 90%", " x2 50%"])
    }

    pub(super) fn modified(&mut self, head: &str, attrs: &[String]) -> String {
        let times = self.times();
        let back = if self.rng.chance(8) { self.fallback() } else { String::new() };
        format!("{head}{times}{}{back}", some(attrs))
    }

    /// What is called when a call fails: something that calls no further.
    pub(super) fn fallback(&mut self) -> String {
        let mut list: Vec<String> = Vec::new();
        list.extend(self.names.databases.iter().map(|d| format!("{d}.read")));
        list.extend(self.names.caches.iter().map(|c| format!("{c}.get")));
        list.extend(self.names.externals.iter().cloned());
        if list.is_empty() { String::new() } else { format!(" fallback {{ -> {} }}", self.one(&list)) }
    }
}
