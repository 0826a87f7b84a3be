//! Designs made by program: large ones for benchmarks, random ones for fuzzing.
//! Shared by tests, benchmarks and xtask through `#[path]`.
#![allow(dead_code, reason = "each user takes a part")]

use std::fmt::Write;

/// A seeded generator of numbers (`SplitMix64`, Steele, Lea, Flood 2014): the same
/// on every machine.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// A design of `components` components and `flows` flows that checks clean, of
/// about `lines` lines: components are written over several lines, with comments.
pub fn large(components: usize, flows: usize, lines: usize) -> String {
    let mut out = String::from(
        "arch 1\n\nsystem big { zones = 3 }\n\nclient web { users = 2M }\nbalancer lb { tls = terminate }\ngateway api { auth = jwt, cpu = 0.1ms, replicas = 4 }\n",
    );
    let services = components.saturating_sub(3) * 7 / 10;
    let stores = components.saturating_sub(3) - services;
    for i in 0..services {
        let _ = write!(
            out,
            "\n/// Service number {i}.\nservice svc_{i} {{\n  image = \"registry/svc-{i}:1.{i}\"\n  cpu = {}ms .. {}ms\n  memory = 512MiB\n  replicas = 40\n  timeout = 300ms\n  tags = [tier_{}, web]\n}}\n",
            1 + i % 5,
            2 + i % 5,
            i % 9
        );
    }
    for i in 0..stores {
        let _ = match i % 3 {
            0 => write!(out, "\ncache cache_{i} : redis {{\n  hit = 9{}%\n  ttl = 3min\n  nodes = 3\n}}\n", i % 9),
            1 => write!(
                out,
                "\ndatabase db_{i} : postgres {{\n  data = 40GB\n  replication = async\n  replicas = 3\n  read_from = replica\n  max_lag = 30s\n  backup {{ every = 1h, keep = 30 days }}\n}}\n"
            ),
            _ => write!(out, "\nqueue queue_{i} : kafka {{\n  partitions = 24 # a comment\n  retention = 7 days\n}}\n"),
        };
    }
    let pick = |kind: usize, i: usize| {
        let n = (stores + 2 - kind) / 3;
        if n == 0 { 0 } else { (i % n) * 3 + kind }
    };
    for f in 0..flows {
        let a = f % services.max(1);
        let b = (f * 7 + 1) % services.max(1);
        let c = (f * 13 + 2) % services.max(1);
        let _ = write!(
            out,
            "\nflow flow_{f} {{\n  rate = {} rps\n  route = \"GET /f/{f}\"\n  slo {{ p99 <= 250ms, availability >= 99.9% }}\n  web -> lb -> api -> svc_{a} {{\n    -> cache_{}.get else {{\n      -> db_{}.read x2\n      -> cache_{}.set\n    }}\n",
            1 + f % 20,
            pick(0, f),
            pick(1, f),
            pick(0, f)
        );
        if b > a {
            let _ = writeln!(out, "    -> svc_{b} {{ timeout = 100ms, -> db_{}.read }}", pick(1, f + 1));
        }
        if c > a && c != b {
            let _ = writeln!(out, "    ~> queue_{}.publish {{ size = 2KB }}", pick(2, f));
        }
        out.push_str("  }\n}\n");
    }
    let have = out.lines().count();
    for i in have..lines {
        // Filled up with what real designs have between their items.
        let _ = writeln!(out, "{}", if i % 3 == 0 { "" } else { "# a remark on the design, as people write them" });
    }
    out
}

/// A random design: mostly well-formed, with every construct of the grammar, in
/// places broken.
pub fn random(seed: u64) -> String {
    let mut g = Random { rng: Rng(seed), out: String::from("arch 1\n"), depth: 0 };
    let items = 1 + g.rng.below(12);
    for _ in 0..items {
        g.item();
    }
    g.out
}

struct Random {
    rng: Rng,
    out: String,
    depth: usize,
}

// Some are kinds: those are names like any other.
const NAMES: [&str; 18] = [
    "web", "lb", "api", "cart", "orders", "hot", "events", "psp", "images", "edge", "nightly", "watch", "v", "w",
    "cache", "queue", "client", "database",
];
const KINDS: [&str; 12] = [
    "client", "timer", "cdn", "balancer", "gateway", "service", "cache", "queue", "database", "bucket", "external",
    "monitor",
];
const ATTRS: [&str; 40] = [
    "cpu",
    "wait",
    "replicas",
    "shards",
    "hit",
    "ttl",
    "data",
    "growth",
    "latency",
    "limit",
    "rate_limit",
    "users",
    "regions",
    "place",
    "zones",
    "instance",
    "image",
    "backup",
    "cache",
    "ops",
    "health_check",
    "retention",
    "every",
    "at",
    "session",
    "read_from",
    "replication",
    "tls",
    "auth",
    "policy",
    "fill",
    "tags",
    "availability",
    "cost",
    "timeout",
    "size",
    "from",
    "batch",
    "window",
    "price",
];

impl Random {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self) -> &'static str {
        self.rng.pick(&NAMES)
    }

    fn blank(&mut self) {
        let text = self.rng.pick(&[" ", " ", " ", "  ", "\t", ""]);
        self.put(text);
    }

    fn separator(&mut self) {
        let text = self.rng.pick(&["\n", "\n", ", ", "; ", "\n\n", " # note\n", "\r\n", " // x\n"]);
        self.put(text);
    }

    fn item(&mut self) {
        match self.rng.below(14) {
            0 => {
                let n = self.name();
                self.put(&format!("let {n} = "));
                self.value();
            }
            1 => self.put("use \"part.arch\" as pay"),
            2 => {
                let n = self.name();
                self.put(&format!("allow ARC001 on {n} because \"so\" until 2031-03-31"));
            }
            3 => {
                let (a, b) = (self.name(), self.name());
                self.put(&format!("rule r {{ deny path {a} -> {b} avoiding gateway, \"no\"\n max_depth 5 }}"));
            }
            4..=7 => self.flow(),
            8 => {
                self.put("scenario s {");
                for _ in 0..self.rng.below(4) {
                    let text = self.rng.pick(&[
                        " load = 3x,",
                        " fail = [zone a, orders.primary, cart x2]\n",
                        " cut = [zone a] | [zone b, zone c]\n",
                        " expect flow f { p99 <= 1s }\n",
                        " flow f { rate = 3 rps }\n",
                        " slow = psp 300ms\n",
                        " expect flow f = error on minority\n",
                    ]);
                    self.put(text);
                }
                self.put("}");
            }
            9 => {
                self.put("system shop ");
                self.block();
            }
            10 => {
                let (n, k) = (self.name(), self.rng.pick(&KINDS));
                self.put(&format!("preset {n} for {k} "));
                self.block();
            }
            _ => {
                let (k, n) = (self.rng.pick(&KINDS), self.name());
                self.put(&format!("{k} {n}"));
                if self.rng.chance(30) {
                    let base =
                        self.rng.pick(&[" : postgres", " : redis", " : kafka", ": ? in [postgres, redis]", " : v"]);
                    self.put(base);
                }
                if self.rng.chance(90) {
                    self.blank();
                    self.block();
                }
            }
        }
        if self.rng.chance(3) {
            let junk =
                self.rng.pick(&["}", "{", "\"", "=>", "-->", "…", "]", "(", "\u{0}", "/*", "\\", "$", "?", "\u{202e}"]);
            self.put(junk);
        }
        self.separator();
    }

    fn block(&mut self) {
        self.put("{");
        self.depth += 1;
        for _ in 0..self.rng.below(5) {
            self.blank();
            let a = self.rng.pick(&ATTRS);
            self.put(a);
            if self.rng.chance(15) && self.depth < 6 {
                self.put(" ");
                self.block();
            } else {
                let op = self.rng.pick(&[" = ", " = ", " = ", "=", " <= ", ": ", " "]);
                self.put(op);
                self.value();
            }
            self.separator();
        }
        self.depth -= 1;
        self.put("}");
    }

    fn value(&mut self) {
        let terms = 1 + self.rng.below(3) / 2;
        for i in 0..terms {
            if i > 0 {
                let op = self.rng.pick(&[" + ", " - ", " * ", " / ", " per ", " .. ", " +- ", " ", " | "]);
                self.put(op);
            }
            self.operand();
        }
    }

    fn operand(&mut self) {
        match self.rng.below(12) {
            0 => {
                let n = self.name();
                self.put(n);
            }
            1 => {
                self.depth += 1;
                self.put("(");
                if self.depth < 8 {
                    self.value();
                } else {
                    self.put("1");
                }
                self.put(")");
                self.depth -= 1;
            }
            2 => {
                self.put("[");
                for _ in 0..self.rng.below(4) {
                    let n = self.name();
                    self.put(n);
                    self.put(", ");
                }
                self.put("]");
            }
            3 => {
                let text = self.rng.pick(&["?", "? in 2..40", "? >= 2", "? in [m7g.large, c7g.large]"]);
                self.put(text);
            }
            4 => {
                let text = self.rng.pick(&["\"a\\n\\u{e9}\"", "\"\"", "\"${x} {{y}} </svg>\"", "\"\t\""]);
                self.put(text);
            }
            5 => {
                let text = self.rng.pick(&["true", "false", "primary", "day", "month", "all", "us-east-1", "none"]);
                self.put(text);
            }
            6 => {
                let text = self.rng.pick(&[
                    "22:00 to 05:00",
                    "p50 180ms p99 650ms",
                    "exp 3ms",
                    "mean 3ms cv 0.5",
                    "pin_primary 5s",
                    "-3",
                    "400 rps",
                    "20M / day",
                    "100 rps per client",
                ]);
                self.put(text);
            }
            _ => {
                let n = self.rng.below(1000);
                let unit = self.rng.pick(&[
                    "", "ms", "%", "k", "M", "GB", "MiB", " rps", " days", "x", "s", ".5", "e3", "min", "Mi", "h",
                ]);
                self.put(&format!("{n}{unit}"));
            }
        }
    }

    fn flow(&mut self) {
        let n = self.name();
        self.put(&format!("flow {n} {{\n  rate = "));
        self.value();
        self.put("\n  slo { p99 <= 250ms }\n  ");
        let origin = self.name();
        self.put(origin);
        self.chain();
        self.put("\n}");
    }

    fn chain(&mut self) {
        for i in 0..=self.rng.below(3) {
            if i > 0 && self.rng.chance(20) {
                self.put("\n");
            }
            let arrow = self.rng.pick(&[" -> ", " -> ", " ~> ", "->"]);
            self.put(arrow);
            let n = self.name();
            self.put(n);
            let op = self.rng.pick(&["", "", ".read", ".write", ".get", ".set", ".publish", ".call"]);
            self.put(op);
            if self.rng.chance(20) {
                self.put(" x3");
            }
            if self.rng.chance(20) {
                self.put(" 30%");
            }
        }
        if self.rng.chance(50) && self.depth < 6 {
            self.depth += 1;
            self.put(" {\n");
            for _ in 0..self.rng.below(4) {
                match self.rng.below(6) {
                    0 => {
                        self.put("parallel {\n");
                        self.chain();
                        self.put("\n}");
                    }
                    1 => {
                        self.put("choose { 90% {");
                        self.chain();
                        self.put("} 10% { } }");
                    }
                    2 => {
                        self.put("timeout = ");
                        self.value();
                    }
                    _ => self.chain(),
                }
                self.separator();
            }
            self.put("}");
            self.depth -= 1;
            if self.rng.chance(30) {
                self.put(" else {");
                self.chain();
                self.put("}");
            }
        }
    }
}

/// Random bytes changed, doubled or cut in a text.
pub fn mutate(text: &str, seed: u64) -> Vec<u8> {
    let mut rng = Rng(seed);
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=rng.below(8) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.below(bytes.len());
        match rng.below(5) {
            0 => bytes[at] = (rng.next() & 0xff) as u8,
            1 => bytes.insert(at, b"{}[]()\"\\#/=-><~?.,;:%$\n\0 "[rng.below(25)]),
            2 => {
                bytes.remove(at);
            }
            3 => {
                let end = (at + rng.below(40)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// So many services and as many databases in 3 zones that fail, 200 flows over them; `store` is
/// what each database says beside its replication.
pub fn replicated(pairs: usize, store: &str) -> String {
    let mut text = String::from(
        "arch 1\nsystem s { zones = 3, zone_availability = 99.99% }\nclient web { }\nbalancer lb { availability = 99.99% }\n",
    );
    for i in 0..pairs {
        let _ = writeln!(text, "service s{i} {{ cpu = 1ms, replicas = 4, availability = 99.5% }}");
        let _ = writeln!(
            text,
            "database d{i} : postgres {{ data = 1GB, replicas = 3, replication = sync, failover = auto, {store}availability = 99.5% }}"
        );
    }
    for f in 0..200 {
        let (a, b) = (f % 248, f * 7 % 248);
        let _ = writeln!(
            text,
            "flow f{f} {{ rate = 10 rps, web -> lb -> s{a} {{ -> d{a}.write\n-> s{} fallback {{ -> d{b}.read }}\n-> d{b}.read }} }}",
            a + 1
        );
    }
    text
}
