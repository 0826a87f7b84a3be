//! Small random queueing designs, by class.
//!
//! In: a seed, a number. Out: a class and the text of a design with zero network and its busiest resource at 30 to
//! 85%. Never: a design with a feature that is not simulated.

use crate::generate::Rng;
use std::fmt::Write;

const HEAD: &str = "arch 1\nsystem s { provider = none, network { client = 0ms, zone = 0ms, cross_zone = 0ms }, profile { peak_to_mean = 1, trough = 100% } }\nclient web { }\n";

/// Draws a design of one class.
pub type Draw = fn(&mut Maker);

/// The classes, in the order in which designs take them.
pub const CLASSES: [(&str, Draw); 26] = [
    ("one station", single),
    ("replicas, random", |m| balanced(m, "random")),
    ("replicas, round robin", |m| balanced(m, "round_robin")),
    ("replicas, least connections", |m| balanced(m, "least_connections")),
    ("series", series),
    ("shared store", shared),
    ("parallel, same store", parallel_same),
    ("parallel, different", parallel_different),
    ("repeated calls, xN", repeated),
    ("choose", choose),
    ("cache, hit ratio", cached),
    ("service time by percentiles", spread),
    ("threads", |m| threads(m, 4.0)),
    ("threads, few", |m| threads(m, 1.6)),
    ("pool of connections", pool),
    ("timeout", |m| attempts(m, 0, 3.0)),
    ("retries", |m| attempts(m, 2, 5.0)),
    ("retries, tight timeout", |m| {
        // Most retries come from the timeout, so there is less room for them.
        m.used *= 0.6;
        attempts(m, 2, 3.0);
    }),
    ("hedge", hedge),
    ("full queue", full_queue),
    ("rate limit", rate_limit),
    ("consumers", |m| consumers(m, "")),
    ("consumers, partitions", |m| consumers(m, "partitions")),
    ("consumers, batches", |m| consumers(m, "batch")),
    ("consumers, shared store", shared_consumer),
    ("mixed", mixed),
];

/// Design number `index` of a seed: its class and its text.
pub fn design(seed: u64, index: u64) -> (&'static str, String) {
    let mut rng = Rng(seed);
    let start = rng.next();
    let mut rng = Rng(start ^ Rng(index).next());
    let used = 0.3 + 0.55 * unit(&mut rng);
    // Work between 0.2ms and 20ms.
    let scale = 0.2e-3 * 100_f64.powf(unit(&mut rng));
    let (class, write) = CLASSES[((index - 1) % CLASSES.len() as u64) as usize];
    let mut maker =
        Maker { rng, used, scale, components: String::new(), flows: String::new(), servers: Vec::new(), least: 0.0 };
    write(&mut maker);
    (class, maker.text())
}

fn unit(rng: &mut Rng) -> f64 {
    (rng.next() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Three significant digits.
fn short(x: f64) -> String {
    let digits = (2 - x.abs().max(1e-12).log10().floor() as i32).max(0) as usize;
    format!("{x:.digits$}")
}

fn ms(seconds: f64) -> String {
    format!("{}ms", short(seconds * 1e3))
}

/// Cores of all replicas of a component, its work for one call, and the work that arrives a second if the design's
/// rate is 1.
struct Servers {
    cores: f64,
    cpu: f64,
    work: f64,
}

/// A design while it is drawn.
pub struct Maker {
    rng: Rng,
    /// Utilization of the busiest resource.
    used: f64,
    scale: f64,
    components: String,
    flows: String,
    servers: Vec<Servers>,
    /// The least time between requests that other resources allow.
    least: f64,
}

impl Maker {
    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * unit(&mut self.rng)
    }

    fn count(&mut self, from: usize, to: usize) -> usize {
        from + self.rng.below(to - from + 1)
    }

    /// Declares a component that computes; `factor` is its work in units of the design's.
    fn server(&mut self, kind: &str, factor: f64, replicas: usize, more: &str) -> usize {
        let cpu = self.scale * factor * self.between(0.5, 1.5);
        let cores = [1, 1, 2, 4][self.rng.below(4)];
        self.with(kind, cpu, cores, replicas, more)
    }

    fn with(&mut self, kind: &str, cpu: f64, cores: usize, replicas: usize, more: &str) -> usize {
        let name = self.servers.len();
        let mut attributes = format!("cpu = {}, cores = {cores}", ms(cpu));
        if replicas > 1 {
            let _ = write!(attributes, ", replicas = {replicas}");
        }
        let _ = writeln!(self.components, "{kind} c{name} {{ {attributes}{more} }}");
        self.servers.push(Servers { cores: (cores * replicas) as f64, cpu, work: 0.0 });
        name
    }

    /// A component that starts flows and is never the busiest.
    fn front(&mut self) -> usize {
        let cpu = self.scale * 0.1;
        self.with("service", cpu, 4, 1, "")
    }

    /// Counts visits of a component, for each request of the design.
    fn visit(&mut self, component: usize, visits: f64) {
        let s = &mut self.servers[component];
        s.work += visits * s.cpu;
    }

    /// A flow with `ratio` requests for each request of the design.
    fn flow(&mut self, name: &str, ratio: f64, steps: &str) {
        let _ = write!(self.flows, "flow {name} {{\n  rate = @rate{ratio}@ rps\n  {steps}\n}}\n");
    }

    fn rate(&self) -> f64 {
        let busiest = self.servers.iter().map(|s| s.work / s.cores).fold(self.least, f64::max);
        self.used / busiest
    }

    fn text(self) -> String {
        let rate = self.rate();
        let mut out = String::from(HEAD);
        let body = format!("{}{}", self.components, self.flows);
        // `@rateX@` stands for X times the rate.
        for (i, part) in body.split('@').enumerate() {
            let factor = part.strip_prefix("rate").filter(|_| i % 2 == 1).and_then(|f| f.parse::<f64>().ok());
            out.push_str(&factor.map_or_else(|| part.to_owned(), |f| format!("{:.5}", rate * f)));
        }
        out
    }
}

fn single(m: &mut Maker) {
    let app = m.server("service", 1.0, 1, "");
    m.visit(app, 1.0);
    m.flow("f", 1.0, &format!("web -> c{app}"));
}

fn balanced(m: &mut Maker, policy: &str) {
    let replicas = m.count(2, 6);
    let app = m.server("service", 1.0, replicas, "");
    m.visit(app, 1.0);
    let _ = writeln!(m.components, "balancer lb {{ policy = {policy}, wait = 0ms }}");
    m.flow("f", 1.0, &format!("web -> lb -> c{app}"));
}

fn series(m: &mut Maker) {
    let front = m.front();
    let all: Vec<usize> = (0..3).map(|i| m.server(if i == 0 { "service" } else { "database" }, 1.0, 1, "")).collect();
    m.visit(front, 1.0);
    all.iter().for_each(|c| m.visit(*c, 1.0));
    let steps = format!("web -> c{front} {{ -> c{} {{ -> c{}.read }}, -> c{}.read }}", all[0], all[1], all[2]);
    m.flow("f", 1.0, &steps);
}

fn shared(m: &mut Maker) {
    let (a, b) = (m.front(), m.front());
    let db = m.server("database", 1.0, 1, "");
    let own = m.server("database", 1.0, 1, "");
    let ratio = (m.between(0.3, 1.0) * 100.0).round() / 100.0;
    let cpu = m.servers[db].cpu;
    let (first, second) = (m.between(0.4, 1.0), m.between(1.0, 2.5));
    m.visit(a, 1.0);
    m.visit(b, ratio);
    m.visit(db, first + ratio * second);
    m.visit(own, 1.0);
    let steps = format!("web -> c{a} {{ -> c{db}.read {{ cpu = {} }}, -> c{own}.read }}", ms(cpu * first));
    m.flow("f", 1.0, &steps);
    m.flow("g", ratio, &format!("web -> c{b} {{ -> c{db}.read {{ cpu = {} }} }}", ms(cpu * second)));
}

fn parallel_same(m: &mut Maker) {
    let front = m.front();
    let db = m.server("database", 1.0, 1, "");
    let n = m.count(2, 5);
    m.visit(front, 1.0);
    m.visit(db, n as f64);
    m.flow("f", 1.0, &format!("web -> c{front} {{ parallel {{ {} }} }}", vec![format!("-> c{db}.read"); n].join(", ")));
}

fn parallel_different(m: &mut Maker) {
    let front = m.front();
    m.visit(front, 1.0);
    let mut steps = Vec::new();
    for _ in 0..m.count(2, 4) {
        let c = m.server("database", 1.0, 1, "");
        m.visit(c, 1.0);
        steps.push(format!("-> c{c}.read"));
    }
    m.flow("f", 1.0, &format!("web -> c{front} {{ parallel {{ {} }} }}", steps.join(", ")));
}

fn repeated(m: &mut Maker) {
    let front = m.front();
    let db = m.server("database", 1.0, 1, "");
    let n = m.count(2, 10);
    m.visit(front, 1.0);
    m.visit(db, n as f64);
    m.flow("f", 1.0, &format!("web -> c{front} {{ -> c{db}.read x{n} }}"));
}

fn choose(m: &mut Maker) {
    let front = m.front();
    let (a, b, c) =
        (m.server("database", 1.0, 1, ""), m.server("database", 3.0, 1, ""), m.server("database", 1.0, 1, ""));
    let (share, some) = (m.count(5, 95), m.count(5, 95));
    m.visit(front, 1.0);
    m.visit(a, share as f64 / 100.0);
    m.visit(b, 1.0 - share as f64 / 100.0);
    m.visit(c, some as f64 / 100.0);
    let arms = format!("choose {{ {share}% {{ -> c{a}.read }}, {}% {{ -> c{b}.read }} }}", 100 - share);
    m.flow("f", 1.0, &format!("web -> c{front} {{ {arms}, -> c{c}.read {some}% }}"));
}

fn cached(m: &mut Maker) {
    let front = m.front();
    let hit = m.count(40, 95);
    let hot = m.server("cache", 0.2, 1, &format!(", hit = {hit}%, ttl = 60s"));
    let db = m.server("database", 3.0, 1, "");
    m.visit(front, 1.0);
    m.visit(hot, 1.0);
    m.visit(db, 1.0 - hit as f64 / 100.0);
    m.flow("f", 1.0, &format!("web -> c{front} {{ -> c{hot}.get else {{ -> c{db}.read }} }}"));
}

fn spread(m: &mut Maker) {
    let front = m.front();
    let app = m.server("service", 1.0, 1, "");
    let db = m.server("database", 0.5, 1, "");
    // A lognormal time: its mean is the median times e to half of the variance of its logarithm.
    let (median, tail) = (m.servers[app].cpu, m.between(2.5, 12.0));
    let sigma = tail.ln() / 2.326_347_874;
    m.visit(front, 1.0);
    m.visit(app, (sigma * sigma / 2.0).exp());
    m.visit(db, 1.0);
    let law = format!("cpu = p50 {} p99 {}", ms(median), ms(median * tail));
    m.flow("f", 1.0, &format!("web -> c{front} {{ -> c{app} {{ {law}, -> c{db}.read }} }}"));
}

/// `room`: the capacity of the threads in units of what they are used for without waits.
fn threads(m: &mut Maker, room: f64) {
    let replicas = m.count(1, 3);
    let wait = m.scale * m.between(0.5, 4.0);
    let app = m.server("service", 1.0, replicas, ", threads = @threads@");
    let db = m.server("database", 1.0, 1, &format!(", wait = {}", ms(wait)));
    m.visit(app, 1.0);
    m.visit(db, 1.0);
    let hold = m.servers[app].cpu + m.servers[db].cpu + wait;
    let needed = m.rate() / m.used * hold / replicas as f64;
    let n = (needed * room * m.used).ceil().max(1.0);
    m.least = hold / (n * replicas as f64);
    m.components = m.components.replace("@threads@", &n.to_string());
    let _ = writeln!(m.components, "balancer lb {{ policy = round_robin, wait = 0ms }}");
    m.flow("f", 1.0, &format!("web -> lb -> c{app} {{ -> c{db}.read }}"));
}

fn pool(m: &mut Maker) {
    let replicas = m.count(1, 3);
    let app = m.server("service", 0.3, replicas, "");
    let size = m.count(2, 8);
    let wait = m.scale * m.between(0.0, 2.0);
    let db = m.server("database", 1.0, 1, &format!(", wait = {}, pool = {size}", ms(wait)));
    m.visit(app, 1.0);
    m.visit(db, 1.0);
    m.least = (m.servers[db].cpu + wait) / (size * replicas) as f64;
    let _ = writeln!(m.components, "balancer lb {{ policy = round_robin, wait = 0ms }}");
    m.flow("f", 1.0, &format!("web -> lb -> c{app} {{ -> c{db}.read }}"));
}

/// `tail`: the timeout in units of the mean time of an attempt.
fn attempts(m: &mut Maker, retries: usize, tail: f64) {
    let front = m.front();
    let app = m.server("service", 1.0, 1, "");
    m.visit(front, 1.0);
    m.visit(app, 1.0);
    // The cores are many, so this is more than the mean time.
    let timeout = m.servers[app].cpu / (1.0 - m.used) * tail;
    let mut policy = format!("timeout = {}", ms(timeout));
    if retries > 0 {
        let backoff = timeout * m.between(0.5, 2.0);
        let _ = write!(policy, ", retries = {retries}, backoff = {}", ms(backoff));
    }
    m.flow("f", 1.0, &format!("web -> c{front} {{ -> c{app} {{ {policy} }} }}"));
}

fn hedge(m: &mut Maker) {
    let front = m.front();
    let replicas = m.count(2, 4);
    let app = m.server("service", 1.0, replicas, "");
    m.used = m.used.min(0.6);
    m.visit(front, 1.0);
    m.visit(app, 1.05);
    let after = m.servers[app].cpu / (1.0 - m.used) * m.between(2.5, 4.0);
    m.flow("f", 1.0, &format!("web -> c{front} {{ -> c{app} {{ hedge = {} }} }}", ms(after)));
}

fn full_queue(m: &mut Maker) {
    let front = m.front();
    let most = m.count(2, 12);
    let app = m.server("service", 1.0, 1, &format!(", threads = 4, max_queue = {most}"));
    let capacity = m.servers[app].cores.min(4.0);
    m.servers[app].cores = capacity;
    m.visit(front, 1.0);
    m.visit(app, 1.0);
    m.flow("f", 1.0, &format!("web -> c{front} {{ -> c{app} }}"));
}

fn rate_limit(m: &mut Maker) {
    let burst = m.count(1, 20);
    let factor = (m.between(0.8, 1.6) * 100.0).round() / 100.0;
    let door = m.server("gateway", 0.2, 1, &format!(", auth = jwt, rate_limit = @rate{factor}@ rps, burst = {burst}"));
    let app = m.server("service", 1.0, 1, "");
    m.visit(door, 1.0);
    m.visit(app, 1.0);
    m.flow("f", 1.0, &format!("web -> c{door} -> c{app}"));
}

fn consumers(m: &mut Maker, how: &str) {
    let front = m.front();
    let replicas = m.count(1, 4);
    let work = m.server("service", 2.0, replicas, "");
    let slots = m.servers[work].cores;
    let partitions = if how == "partitions" { slots as usize * m.count(1, 3) } else { 0 };
    let more = if partitions > 0 { format!(", partitions = {partitions}") } else { String::new() };
    let _ = writeln!(m.components, "queue q {{ cpu = 0ms{more} }}");
    let batch = if how == "batch" { format!("  batch = {}\n", m.count(2, 20)) } else { String::new() };
    m.visit(front, 1.0);
    m.visit(work, 1.0);
    m.flow("f", 1.0, &format!("web -> c{front} {{ ~> q.publish }}"));
    let _ = write!(m.flows, "flow g {{\n{batch}  q ~> c{work}\n}}\n");
}

fn shared_consumer(m: &mut Maker) {
    let (front, other) = (m.front(), m.front());
    let replicas = m.count(1, 3);
    let work = m.server("service", 3.0, replicas, "");
    let db = m.server("database", 1.0, 1, "");
    let ratio = (m.between(0.5, 2.0) * 100.0).round() / 100.0;
    m.visit(front, 1.0);
    m.visit(other, ratio);
    m.visit(work, 1.0);
    m.visit(db, 1.0 + ratio);
    m.least = (m.servers[work].cpu + m.servers[db].cpu) / m.servers[work].cores;
    let _ = writeln!(m.components, "queue q {{ cpu = 0ms }}");
    m.flow("f", 1.0, &format!("web -> c{front} {{ ~> q.publish }}"));
    m.flow("h", ratio, &format!("web -> c{other} {{ -> c{db}.read }}"));
    let _ = write!(m.flows, "flow g {{\n  q ~> c{work} {{ -> c{db}.read }}\n}}\n");
}

fn mixed(m: &mut Maker) {
    let (a, b) = (m.front(), m.front());
    let hit = m.count(40, 90);
    let hot = m.server("cache", 0.2, 1, &format!(", hit = {hit}%, ttl = 60s"));
    let (db, app) = (m.server("database", 1.0, 1, ""), m.server("service", 1.0, 2, ""));
    let work = m.server("service", 2.0, 2, "");
    let ratio = (m.between(0.3, 1.0) * 100.0).round() / 100.0;
    let (times, some) = (m.count(2, 3), m.count(20, 90));
    let misses = 1.0 - hit as f64 / 100.0;
    m.visit(a, 1.0);
    m.visit(b, ratio);
    m.visit(hot, ratio);
    m.visit(app, 1.0 + ratio * some as f64 / 100.0);
    m.visit(db, times as f64 + 1.0 + ratio * misses);
    m.visit(work, 1.0);
    m.least = (m.servers[work].cpu + m.servers[db].cpu) / m.servers[work].cores;
    let _ = writeln!(m.components, "queue q {{ cpu = 0ms, partitions = 8 }}");
    m.flow("f", 1.0, &format!("web -> c{a} {{ parallel {{ -> c{app}, -> c{db}.read x{times} }}, ~> q.publish }}"));
    let steps = format!("web -> c{b} {{ -> c{hot}.get else {{ -> c{db}.read }}, -> c{app} {some}% }}");
    m.flow("h", ratio, &steps);
    let _ = write!(m.flows, "flow g {{\n  q ~> c{work} {{ -> c{db}.read }}\n}}\n");
}
