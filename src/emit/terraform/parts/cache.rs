//! Entries in memory: Valkey on `ElastiCache`.
//!
//! In: memory services of the plan. Out: one replication group each.

use super::machine::class;
use crate::catalog::Service;
use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::short;
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts, about,
};
use crate::resource::{Eviction, Managed, Memory, Watched};
use askama::Template;

/// A replication group.
struct Cache {
    id: String,
    short: String,
    about: String,
    class: String,
    groups: u32,
    /// Replicas of each primary.
    copies: u32,
    policy: &'static str,
    port: u16,
    encrypted: bool,
}

impl Cache {
    /// Whether keys are split over several groups.
    fn clustered(&self) -> bool {
        self.groups > 1
    }

    /// Whether a replica can take over.
    fn spread(&self) -> bool {
        self.copies > 0
    }

    /// Suffixes of the node names that `ElastiCache` makes.
    fn nodes(&self) -> Vec<Expr> {
        let copies = 1..=self.copies + 1;
        if !self.clustered() {
            return copies.map(|n| Expr::text(&format!("{n:03}"))).collect();
        }
        let of_group = |g: u32| copies.clone().map(move |n| Expr::text(&format!("{g:04}-{n:03}")));
        (1..=self.groups).flat_map(of_group).collect()
    }
}

/// All replication groups.
#[derive(Template)]
#[template(path = "terraform/parts/cache.tf", whitespace = "preserve", blocks = ["resources"])]
pub(super) struct Caches {
    all: Vec<Cache>,
}

/// The metric of an alarm on a replication group.
#[derive(Template)]
#[template(path = "terraform/metrics/cache.tf", whitespace = "preserve")]
struct CacheMetric<'a> {
    id: &'a str,
}

impl Caches {
    pub(super) fn build(r: &mut Reading, found: &[(&Managed, &Memory)]) -> Self {
        Self { all: found.iter().map(|(m, d)| cache(r, m, d)).collect() }
    }
}

fn cache(r: &mut Reading, m: &Managed, d: &Memory) -> Cache {
    let id = r.names.id(&m.name);
    let copies = m.replicas.max(1);
    let groups = m.shards.max(m.nodes / copies).clamp(1, 500);
    if copies > 6 {
        r.note(&m.name, "ElastiCache has five replicas of a primary at most");
    }
    if m.engine.as_deref() == Some("redis") {
        r.note(&m.name, "Redis is run as Valkey 8, its open fork with the same protocol");
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false` is obeyed at rest; connections are always encrypted");
    }
    let policy = match d.eviction {
        Eviction::Lru => "allkeys-lru",
        Eviction::Lfu => "allkeys-lfu",
        Eviction::Random => "allkeys-random",
        Eviction::Ttl => "volatile-ttl",
        Eviction::None => "noeviction",
        Eviction::Fifo => {
            r.note(&m.name, "eviction `fifo`: Valkey has none; `lru`");
            "allkeys-lru"
        }
    };
    let class = class(r, m, Service::ElastiCache);
    let (short, about) = (short(&id), about(m));
    let copies = (copies - 1).min(5);
    Cache { id, short, about, class, groups, copies, policy, port: m.port, encrypted: m.encrypted }
}

impl PartKind for Caches {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "data.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: String::new(),
            variables: String::new(),
            outputs: String::new(),
            alarms: String::new(),
            widgets: String::new(),
        }
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::DataSubnets, Need::Key]
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        self.all.iter().map(|c| SecurityGroup::of(&c.id, "cache")).collect()
    }

    fn rules(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn port(&self, id: &str) -> Option<u16> {
        Some(self.all.iter().find(|c| c.id == id)?.port)
    }

    fn connects(&self, _: &str) -> bool {
        false
    }

    fn entry(&self, _: &str) -> Option<Entry> {
        None
    }

    fn origin(&self, _: &Reading, _: &str) -> Option<Origin> {
        None
    }

    fn grant(&self, _: &mut Reading, call: &Call) -> Option<Grant> {
        let c = self.all.iter().find(|c| c.id == call.id)?;
        let (group, user) =
            (format!("aws_elasticache_replication_group.{}", c.id), format!("aws_elasticache_user.{}", c.id));
        let at = if c.clustered() { "configuration_endpoint_address" } else { "primary_endpoint_address" };
        let grant = Grant::env(
            &c.id,
            [
                ("HOST", Expr::code(format!("{group}.{at}"))),
                ("PORT", Expr::text(&c.port.to_string())),
                ("USER", Expr::code(format!("{user}.user_name"))),
            ],
        );
        let both = vec![Expr::code(format!("{group}.arn")), Expr::code(format!("{user}.arn"))];
        Some(grant.allow(&["elasticache:Connect"], both))
    }

    fn metric(&self, watched: Watched, id: &str, bound: f64) -> Option<Metric> {
        match watched {
            Watched::Latency | Watched::Errors => None,
            Watched::Cpu => {
                let c = self.all.iter().find(|c| c.id == id)?;
                Some(Metric {
                    each: Some(format!(
                        "# ElastiCache names its nodes so.\nfor_each = toset({})",
                        Expr::list(&c.nodes())
                    )),
                    body: render(&CacheMetric { id }),
                    bound: bound * 100.0,
                    note: None,
                })
            }
        }
    }

    fn required_variables(&self) -> Vec<String> {
        Vec::new()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
