//! Designs that set every attribute, and which attributes are read of them.
//! Shared by tests and xtask through `#[path]`.
#![allow(clippy::expect_used, clippy::needless_for_each, reason = "designs of tests")]

use archc::kinds::{CALL, FLOW, KINDS, Property, SYSTEM, Type};
use archc::model::trace::recorded;
use archc::model::{Attrs, Model, Step};
use archc::session::{judge, open_text};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A value of that type.
fn literal(p: &Property) -> String {
    match p.ty {
        Type::Bool => "true".to_owned(),
        Type::Text => "\"text\"".to_owned(),
        Type::Count => if p.name == "zones" { "3" } else { "2" }.to_owned(),
        Type::Ratio => "50%".to_owned(),
        Type::Time | Type::Latency | Type::RegionTimes => "3s".to_owned(),
        Type::Size => "4GB".to_owned(),
        Type::Rate | Type::Limit => "40 rps".to_owned(),
        Type::Bandwidth => "10MB/s".to_owned(),
        Type::Price | Type::MoneyRate => "$40/month".to_owned(),
        Type::Factor => "2x".to_owned(),
        // With a provider, so that machines count.
        Type::Word(words) if p.name == "provider" => words.first().expect("words").to_string(),
        // Beside an `instance`.
        Type::Word(_) if p.name == "runtime" => "ec2".to_owned(),
        Type::Word(words) => words.last().expect("words").to_string(),
        Type::Label => "word".to_owned(),
        Type::Labels => "[word]".to_owned(),
        Type::Components => "[client_0]".to_owned(),
        Type::Clock => "22:00".to_owned(),
        Type::Window => "22:00 to 05:00".to_owned(),
        Type::Growth => "6% per month".to_owned(),
        Type::Shards => "2 by id".to_owned(),
        Type::Session => "token".to_owned(),
        Type::Zones => "all".to_owned(),
        Type::Regions => "us-east-1".to_owned(),
        Type::Instance => "m7g.large".to_owned(),
        Type::Place | Type::Shares | Type::Ops | Type::Block(_) => unreachable!("a block"),
    }
}

fn write(out: &mut String, p: &Property, ops: &[&str]) {
    match p.ty {
        Type::Block(inner) => {
            let _ = writeln!(out, "  {} {{", p.name);
            inner.iter().for_each(|i| write(out, i, ops));
            out.push_str("  }\n");
        }
        Type::Place => {
            let _ = writeln!(out, "  {} {{ a = 2 }}", p.name);
        }
        Type::Shares => {
            let _ = writeln!(out, "  {} {{ us-east-1 = 100% }}", p.name);
        }
        Type::Ops => {
            if let Some(op) = ops.first() {
                let _ = writeln!(out, "  ops {{ {op} {{ cpu = 1ms, wait = 1ms, size = 1KB, reply = 1KB }} }}");
            }
        }
        _ => {
            let _ = writeln!(out, "  {} = {}", p.name, literal(p));
        }
    }
}

/// A design that sets every attribute of every kind.
pub fn kitchen_sink() -> String {
    let mut out = String::from("arch 1\nsystem all {\n");
    SYSTEM.iter().filter(|p| !["regions", "runtime"].contains(&p.name)).for_each(|p| write(&mut out, p, &[]));
    out.push_str("  runtime = fargate\n}\n");
    for kind in KINDS {
        let _ = writeln!(out, "{} {}_0 {{", kind.name, kind.name);
        let ops: Vec<&str> = kind.ops.iter().map(|o| o.name).collect();
        let mut block = String::new();
        kind.properties().for_each(|p| write(&mut block, p, &ops));
        // Caches have no m7g.
        out.push_str(&if kind.name == "cache" { block.replace("m7g.large", "r7g.large") } else { block });
        out.push_str("}\n");
    }
    let mut call = String::new();
    CALL.iter().for_each(|p| write(&mut call, p, &[]));
    let mut flow = String::new();
    FLOW.iter().filter(|p| !["rate", "volume"].contains(&p.name)).for_each(|p| write(&mut flow, p, &[]));
    let _ = write!(
        out,
        "service plain {{ }}\n\
         flow f {{\n rate = 1 per user per day\n{flow} client_0 -> cdn_0 -> balancer_0 -> gateway_0 -> service_0 {{\n -> cache_0.get {{\n{call} }} else {{ -> database_0.read }}\n -> cache_0.set\n -> database_0.read {{\n{call} }}\n }} }}\n\
         flow f2 {{ rate = 1 rps, client_0 -> service_0 {{ -> external_0, -> database_0.write, -> bucket_0.get, ~> queue_0.publish }} }}\n\
         flow g {{ volume = 1 rps, timer_0 -> plain }}\n\
         flow h {{ timer_0 -> plain }}\n\
         flow i {{ queue_0 ~> plain }}\n\
         rule r {{ require tags on service }}\n\
         rule t {{ deny call word -> word }}\n"
    );
    out
}

/// What is only read where something else is not said.
pub const REST: &str = "arch 1
system rest { regions = [us-east-1], survive = zone, budget = $1k/month, headroom = 20% }
client web { }
service app { replicas = 1, availability = 99% }
cache hot { hit = 90%, fill = versioned, shards = 2 }
database db { replicas = 2, failover = none }
flow f {
  rate = 1 rps
  slo { availability >= 99.9% }
  web -> app {
    -> hot.get else { -> db.read }
    -> files.get, -> files.put, -> db.write, -> partner
    ~> events.publish { size = 1KB }
    ~> pile.publish
  }
}
flow later { events ~> worker }
flow slow { parallel = true, pile ~> slug }
queue pile { max_length = 10, max_lag = 1h }
service slug { cpu = 1ms, wait = 1.5s, threads = 1 }
service worker { memory = 1GiB, place { a = 1 }, cpu = 1ms }
service other { zones = 1, cpu = 1ms }
bucket files { data = 1TB }
external partner { price = $1 per 1k }
queue events { retention = 1 day }
database kept { data = 1GB, replicas = 2, availability = 99%, failover = auto, fenced = true, primary = b, witnesses { a = 1, b = 1, c = 1 } }
service held { cpu = 1ms, memory = 1GiB, state = sticky, cache { items = 1k, entries = 100, entry_size = 1KB, skew = 1, ttl = 1min, store = memory } }
database worn { cpu = 1ms, data = 1TB, working_set = 100GB, memory = 1GB, disk { iops = 1000, throughput = 1MB/s, latency = 1ms } }
cache warm { entries = 1k, entry_size = 1KB, skew = 1, memory = 1MiB }
database follows { replicas = 3, replication = async, read_from = replica, session = token, failover = auto, fenced = true, witnesses { a = 1 }, min_replicas_to_write = 1, region = us-east-1 }
database asks { regions = [us-east-1], replicas = 3, replication = quorum, read_repair = none, sloppy = true, local_quorum = true }
database view { versioned = true, idempotent = true }
service knows { idempotent = true }
service plain { }
queue log { ordering = key }
flow reads { rate = 1 rps, web -> app { -> follows.read { key = id }, -> asks.read, -> follows.write { key = id } } }
flow tells { rate = 1 rps, web -> app { -> kept.write, ~> log.publish { outbox = true } } }
flow shows { log ~> plain { -> view.write { parallel = true, versioned = false, idempotent = false } } }
gateway door { cpu = 1ms }
flow enters { rate = 1 rps, web -> door -> app }
flow pays { log ~> plain { -> partner { idempotency_key = true } } }
flow hears { parallel = true, log ~> knows { -> kept.write } }
";

/// Whether an analysis, a rule or the plan reads an attribute of the two designs. Kinds share
/// attributes: what is read of one kind is read.
pub struct Read(BTreeSet<usize>);

impl Read {
    /// Runs everything over the two designs.
    pub fn new() -> Self {
        let mut out = BTreeSet::new();
        for text in [kitchen_sink(), REST.to_owned()] {
            let ((judged, _), reads) = recorded(|| {
                let judged = judge(&open_text("sink.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
                let plan = archc::plan::plan(&judged.model, &judged.graph);
                (judged, plan)
            });
            let wrong = judged.language_errors();
            assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
            let mut note = |attrs: &Attrs| {
                attrs.each(&mut |a| {
                    if reads.contains(a.id) {
                        out.insert(address(a.property));
                    }
                });
            };
            let model: &Model = &judged.model;
            note(&model.system.attrs);
            model.components.iter().for_each(|c| note(&c.attrs));
            for f in &model.flows {
                note(&f.attrs);
                Step::walk(&f.steps, &mut |call| note(&call.attrs));
            }
        }
        // A flow keeps its rate itself: the builder of the model reads it.
        out.extend(FLOW.iter().filter(|p| ["rate", "volume"].contains(&p.name)).map(address));
        Self(out)
    }

    /// Whether it is read.
    pub fn reads(&self, p: &'static Property) -> bool {
        self.0.contains(&address(p))
    }
}

fn address(p: &'static Property) -> usize {
    std::ptr::from_ref(p).addr()
}
