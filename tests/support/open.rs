//! Designs whose sizes are open: so many components, each asked by a flow with targets.
#![allow(dead_code, reason = "each user takes a part")]

use std::fmt::Write as _;

/// The same numbers on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        // SplitMix64 (Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// A design of so many components, nearly all with open sizes: two services, a cache and
/// a database to each flow, some shared with the flow before, targets of p99 and of
/// availability, a zone to be survived.
pub fn design(components: usize, seed: u64) -> String {
    let mut r = Random(seed);
    let mut out = "arch 1\nsystem s { zones = 3, survive = zone, headroom = 30% }\nclient web { }\nbalancer lb { policy = least_connections, availability = 99.99% }\n".to_owned();
    let mut before: Option<usize> = None;
    let mut i = 0;
    let mut n = 2;
    while n + 4 <= components {
        let rate = 200 + r.below(3000);
        let machine = r.one(&[
            "instance = m7g.large",
            "instance = ? in [m7g.large, m7g.xlarge, c7g.xlarge]",
            "instance = m7g.xlarge",
        ]);
        let (cpu_a, cpu_b) = (1 + r.below(9), 1 + r.below(12));
        let _ = writeln!(
            out,
            "service a{i} {{ cpu = {cpu_a}ms, {machine}, replicas = ?, availability = 99.5% }}\nservice b{i} {{ cpu = {cpu_b}ms, instance = m7g.large, replicas = ?, availability = 99.5% }}\ncache c{i} : redis {{ hit = 8{}%, nodes = ?, availability = 99.5% }}\ndatabase d{i} : postgres {{ data = {}GB, instance = db.m7g.2xlarge, replicas = 3, shards = ? by id, replication = sync, read_from = replica, failover = auto, fenced = true, availability = 99.9% }}",
            r.below(10),
            20 + r.below(400)
        );
        n += 4;
        let shared = before.filter(|_| r.below(2) == 0).map_or(String::new(), |k| format!(", -> b{k}"));
        let (p99, up) = (110 + r.below(90), r.one(&["99%", "99.5%", "99.9%"]));
        let _ = writeln!(
            out,
            "flow f{i} {{ rate = {rate} rps, slo {{ p99 <= {p99}ms, availability >= {up} }}, web -> lb -> a{i} {{ -> b{i}, -> c{i}.get else {{ -> d{i}.read }}, -> d{i}.write{shared} }} }}"
        );
        before = Some(i);
        i += 1;
    }
    while n < components {
        let _ = writeln!(
            out,
            "service x{n} {{ cpu = 2ms, instance = m7g.large, replicas = ?, availability = 99.5% }}\nflow g{n} {{ rate = 100 rps, slo {{ p99 <= 120ms }}, web -> lb -> x{n} }}"
        );
        n += 1;
    }
    out
}
