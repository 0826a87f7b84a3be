//! Caches, queues and databases.

use super::{Sound, agree, block};

impl Sound {
    pub(super) fn cache(&mut self) {
        let name = format!("hot{}", self.names.caches.len());
        let engine = self.rng.chance(65);
        let mut a = Vec::new();
        let hit = self.ratio(&[50, 80, 90, 99]);
        match self.rng.below(4) {
            0 => a.push("entries = 2M, entry_size = 1KB, skew = 0.9".to_owned()),
            1 => a.push("entries = 50k, entry_size = 4KiB, skew = 0, memory = 128MiB".to_owned()),
            _ => a.push(format!("hit = {hit}")),
        }
        if !engine {
            let cpu = self.cpu(&[10, 20, 50]);
            a.push(format!("cpu = {cpu}"));
        }
        match self.rng.below(5) {
            0 => {
                let n = self.count(4);
                a.push(format!("nodes = {n}"));
            }
            1 => self.placed(&mut a, 1),
            2 => {
                let (n, m) = (self.count(2), self.count(3));
                a.push(format!("replicas = {n}"));
                a.push(format!("shards = {m}"));
            }
            3 => self.pieces(&mut a, 3),
            _ => {}
        }
        if self.aws && self.rng.chance(35) {
            let i =
                self.rng.pick(&["cache.r7g.large", "cache.r7g.xlarge", "cache.r8g.large", "r7g.large", "r8g.xlarge"]);
            a.push(format!("instance = {i}"));
        }
        for (percent, texts) in [
            (65, &["ttl = 10s", "ttl = 3min", "ttl = 1 day"][..]),
            (
                50,
                &["fill = set", "fill = add", "fill = cas", "fill = lease", "fill = single_flight", "fill = versioned"],
            ),
            (15, &["write = through", "write = behind, flush = 5s", "write = aside"]),
            (20, &["eviction = lru", "eviction = lfu", "eviction = fifo", "eviction = none"]),
            (10, &["jitter = 10%", "wait = 20us", "cores = 2"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.common(&mut a, &["99.5%", "99.9%"]);
        self.line(&format!("cache {name}{} {}", if engine { " : redis" } else { "" }, block(&a)));
        self.names.caches.push(name);
    }

    pub(super) fn queue(&mut self) {
        let name = format!("events{}", self.names.queues.len());
        let engine = self.rng.chance(65);
        let mut a = Vec::new();
        if !engine || self.rng.chance(30) {
            let cpu = self.cpu(&[20, 50, 100]);
            a.push(format!("cpu = {cpu}"));
        }
        if self.rng.chance(75) {
            let n = if self.rng.chance(self.holes / 2) { "?" } else { self.rng.pick(&["1", "4", "12", "24", "96"]) };
            a.push(format!("partitions = {n}"));
        }
        if self.rng.chance(if engine { 25 } else { 60 }) {
            self.pieces(&mut a, 3);
            agree(&mut a, engine);
        }
        if self.aws && self.rng.chance(35) {
            let i = self.rng.pick(&[
                "kafka.m7g.large",
                "kafka.m7g.xlarge",
                "kafka.t3.small",
                "kafka.m5.large",
                "m7g.large",
            ]);
            a.push(format!("instance = {i}"));
        }
        for (percent, texts) in [
            (65, &["retention = 1 day", "retention = 7 days", "retention = 1h"][..]),
            (45, &["acks = all", "acks = leader", "acks = none", "acks = all, min_insync = 2"]),
            (30, &["delivery = at_most_once", "delivery = at_least_once", "delivery = exactly_once"]),
            (40, &["dead_letter = true", "dead_letter = false"]),
            (25, &["ordering = none", "ordering = key", "ordering = total"]),
            (10, &["max_length = 10k", "max_length = 1M"]),
            (15, &["confirms = true", "unclean_election = true", "max_lag = 30s"]),
            (12, &["disk { size = 500GB }", "disk { size = 200GB, throughput = 125MB/s }"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.common(&mut a, &["99.5%", "99.9%"]);
        self.line(&format!("queue {name}{} {}", if engine { " : kafka" } else { "" }, block(&a)));
        self.names.queues.push(name);
    }

    pub(super) fn database(&mut self) {
        let name = ["orders", "ledger", "users"]
            .get(self.names.databases.len())
            .map_or_else(|| format!("db{}", self.names.databases.len()), |s| (*s).to_owned());
        let base = match self.rng.below(10) {
            0..=5 => " : postgres",
            6 if self.engine => " : fast_pg",
            7 if self.holes > 0 && self.engine => " : ? in [postgres, fast_pg]",
            _ => "",
        };
        let mut a = Vec::new();
        if base.is_empty() {
            let cpu = self.cpu(&[50, 200, 1000]);
            a.push(format!("cpu = {cpu}"));
        }
        for (percent, texts) in [
            (85, &["data = 1GB", "data = 40GB", "data = 300GB", "data = 900M * 4KiB"][..]),
            (25, &["growth = 6% per month", "growth = 6% per month, horizon = 18 months", "growth = 40% per year"]),
            (15, &["working_set = 5GB", "working_set = 60GB", "skew = 0.9", "working_set = 20GB, skew = 0.8"]),
            (8, &["cache = 2GiB", "disk { size = 500GB, iops = 6000 }", "disk { latency = 0.5ms }"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.replication(&mut a);
        agree(&mut a, base.contains("fast_pg"));
        if self.rng.chance(20) {
            let n = self.count(4);
            let key = self.rng.pick(&[" by customer_id", ""]);
            let key = if n.starts_with('?') && n != "?" { "" } else { key };
            a.push(format!("shards = {n}{key}"));
            if self.rng.chance(30) {
                a.push("shard_skew = 1.5x".to_owned());
            }
        }
        if self.rng.chance(if self.aws { 45 } else { 5 }) {
            let i = if self.rng.chance(self.holes / 2) {
                "? in [db.m7g.large, db.m7g.xlarge, db.r6g.large]"
            } else {
                self.rng.pick(&[
                    "db.t4g.medium",
                    "db.m7g.large",
                    "db.m7g.2xlarge",
                    "db.r6g.xlarge",
                    "r6g.2xlarge",
                    "m7g.large",
                    "m6g.xlarge",
                ])
            };
            a.push(format!("instance = {i}"));
        }
        for (percent, texts) in [
            (
                60,
                &["backup { every = 1h, keep = 30 days }", "backup { every = 1 day, keep = 7 days, tested = true }"][..],
            ),
            (if self.modest { 5 } else { 20 }, &["pool = 5", "pool = 20"]),
            (15, &["isolation = serializable", "isolation = read_committed", "isolation = snapshot"]),
            (if self.modest { 40 } else { 10 }, &["max_connections = 1000", "max_connections = 5000"]),
            (10, &["model = document", "model = relational", "refresh = 1s", "unique = true"]),
            (10, &["idempotent = true", "versioned = true"]),
            (8, &["threads = 8", "wait = 1ms", "max_queue = 50", "memory = 16GiB, cores = 4"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        self.common(&mut a, &["99.5%", "99.9%", "99.95%"]);
        self.line(&format!("database {name}{base} {}", block(&a)));
        self.names.databases.push(name);
    }

    /// How copies follow a write, where they are and what a read sees.
    pub(super) fn replication(&mut self, a: &mut Vec<String>) {
        match self.rng.below(8) {
            0 => {}
            1 | 2 => {
                a.push("replication = async".to_owned());
                self.pieces(a, 4);
                self.reads(a);
            }
            3 => {
                let kind = self.rng.pick(&["sync", "semi_sync"]);
                a.push(format!("replication = {kind}"));
                self.pieces(a, 4);
                if self.rng.chance(40) {
                    let text =
                        self.rng.pick(&["sync_replicas = 1", "on_sync_loss = block", "min_replicas_to_write = 1"]);
                    a.push(text.to_owned());
                }
                self.reads(a);
            }
            4 => {
                a.push("replication = quorum".to_owned());
                let text = self.rng.pick(&[
                    "replicas = 3",
                    "replicas = 3, r = 2, w = 2",
                    "replicas = 5, r = 1, w = 3",
                    "replicas = 2, r = 1, w = 1",
                ]);
                a.push(text.to_owned());
                for text in ["read_repair = blocking", "clock = wall", "sloppy = true"] {
                    if self.rng.chance(20) {
                        a.push(text.to_owned());
                    }
                }
                if self.rng.chance(30) {
                    a.push("read_from = quorum".to_owned());
                }
            }
            5 => {
                a.push("replication = consensus".to_owned());
                match self.rng.below(3) {
                    0 => self.placed(a, 1),
                    _ => a.push("replicas = 3".to_owned()),
                }
            }
            6 => {
                a.push("replication = multi_primary".to_owned());
                self.pieces(a, 3);
                if self.rng.chance(40) {
                    a.push("clock = wall".to_owned());
                }
            }
            _ => self.pieces(a, 3),
        }
        if a.iter().any(|x| x.contains("quorum")) {
            return;
        }
        for (percent, texts) in [
            (45, &["failover = auto", "failover = auto, fenced = true", "failover = manual", "failover = none"][..]),
            (20, &["session = sticky", "session = token", "session = pin_primary 5s", "session = none"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
        if self.rng.chance(15) && !a.iter().any(|x| x.starts_with("place") || x.starts_with("zones")) {
            let zone = self.zone();
            a.push(format!("primary = {zone}"));
        }
        if self.rng.chance(8) {
            let zone = self.zone();
            a.push(format!("witnesses {{ {zone} = 1 }}"));
        }
    }

    pub(super) fn reads(&mut self, a: &mut Vec<String>) {
        for (percent, texts) in [
            (50, &["read_from = replica", "read_from = any", "read_from = primary"][..]),
            (45, &["max_lag = 5s", "max_lag = 30s", "lag = 200ms"]),
        ] {
            if self.rng.chance(percent) {
                let text = self.rng.pick(texts);
                a.push(text.to_owned());
            }
        }
    }
}
