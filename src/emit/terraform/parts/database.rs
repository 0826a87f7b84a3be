//! Databases: `PostgreSQL` on RDS.
//!
//! In: records of the plan and their volumes. Out: one primary for each shard, and read
//! replicas. What RDS does not do (quorums, several primaries) becomes the nearest that
//! it does, and a note.

use super::machine::class;
use crate::catalog::Service;
use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::{env, short};
use crate::emit::terraform::numbers::{DAY, GIB, whole};
use crate::emit::terraform::types::{
    Call, Entry, EnvVar, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts, about,
};
use crate::resource::{Failover, Managed, ReadFrom, Records, Replication, Watched};
use askama::Template;

/// A database.
struct Database {
    id: String,
    short: String,
    about: String,
    /// Numbers of the shards, from 0.
    shards: Vec<u32>,
    /// Numbers of the read replicas of each shard, from 1.
    replicas: Vec<u32>,
    class: String,
    gib: u32,
    /// GiB up to which the volume grows by itself.
    max_gib: u32,
    multi_az: bool,
    /// Days that backups are kept.
    keep: u32,
    port: u16,
    connections: Option<u32>,
    encrypted: bool,
}

impl Database {
    /// Whether the module makes its password: RDS does not where there are read replicas.
    fn own_login(&self) -> bool {
        !self.replicas.is_empty()
    }
}

/// All databases.
#[derive(Template)]
#[template(
    path = "terraform/parts/database.tf",
    whitespace = "preserve",
    blocks = ["resources", "outputs", "alarms", "widgets"]
)]
pub(super) struct Databases {
    all: Vec<Database>,
}

/// The metric of an alarm on a database.
#[derive(Template)]
#[template(path = "terraform/metrics/database.tf", whitespace = "preserve")]
struct DatabaseMetric;

impl Databases {
    pub(super) fn build(r: &mut Reading, found: &[(&Managed, &Records)]) -> Self {
        Self { all: found.iter().map(|(m, d)| database(r, m, d)).collect() }
    }
}

/// Whether there is a Multi-AZ standby, and read replicas of each primary.
fn copies(r: &mut Reading, m: &Managed, d: &Records) -> (bool, u32) {
    let replication = d.replication.unwrap_or_default();
    let in_step = match replication {
        Replication::None | Replication::Async => false,
        Replication::SemiSync
        | Replication::Sync
        | Replication::Quorum
        | Replication::Consensus
        | Replication::MultiPrimary => true,
    };
    let takes_over = d.failover == Some(Failover::Auto);
    let multi_az = m.replicas >= 2 && (in_step || takes_over);
    match replication {
        Replication::Quorum | Replication::Consensus => r.note(
            &m.name,
            format!(
                "`{}` replication: RDS has one primary and a standby in step, not a quorum of {}",
                replication.word(),
                m.replicas
            ),
        ),
        Replication::MultiPrimary => r.note(&m.name, "several primaries: RDS has one; all writes go to it"),
        Replication::Async | Replication::None if multi_az => {
            r.note(&m.name, "automatic failover: the second copy is a Multi-AZ standby, in step and not readable");
        }
        Replication::Async | Replication::None | Replication::SemiSync | Replication::Sync => {}
    }
    let copies = m.replicas.saturating_sub(if multi_az { 2 } else { 1 });
    if copies > 15 {
        r.note(&m.name, format!("{copies} read replicas: RDS has 15 at most"));
    }
    if in_step && copies > 0 {
        r.note(
            &m.name,
            format!("{copies} of {} copies follow asynchronously: RDS keeps one standby in step", m.replicas),
        );
    }
    if multi_az && d.read_from != ReadFrom::Primary && copies == 0 {
        r.note(
            &m.name,
            format!("reads from `{}`: a Multi-AZ standby answers none, so all go to the primary", d.read_from.word()),
        );
    }
    (multi_az, copies.min(15))
}

/// Days that backups are kept.
fn backup_days(r: &mut Reading, m: &Managed, d: &Records) -> u32 {
    let Some((every, keep)) = d.backup else {
        r.note(&m.name, "no backups in the design: seven days are kept all the same");
        return 7;
    };
    if every.is_some_and(|e| e < 300.0) {
        r.note(&m.name, "backups: RDS can go back to any second, but not to the last five minutes");
    }
    let days = keep.map_or(7.0, |k| (k / DAY).ceil());
    if days > 35.0 {
        r.note(
            &m.name,
            format!("backups kept for {days:.0} days: RDS keeps 35; a plan of AWS Backup must keep the older ones"),
        );
    }
    whole(days, 1, 35)
}

fn database(r: &mut Reading, m: &Managed, d: &Records) -> Database {
    let id = r.names.id(&m.name);
    if let Some(engine) = m.engine.as_deref().filter(|e| *e != "postgres") {
        r.note(&m.name, format!("engine `{engine}` is not known here: PostgreSQL"));
    }
    let (multi_az, copies) = copies(r, m, d);
    let size = r.plan.bytes(&m.name);
    if size.is_none() {
        r.note(&m.name, "the design does not set its data size: 20 GiB to begin with");
    }
    let gib = whole((size.unwrap_or(0.0) / GIB).ceil(), 20, 32_768);
    if size.is_some_and(|b| b / GIB > 65_536.0) {
        r.note(&m.name, "more data than one RDS volume (64 TiB) holds: split it into more shards");
    }
    let keep = backup_days(r, m, d);
    if m.shards > 1 {
        let by = d.shard_key.as_deref().unwrap_or("a key");
        r.note(
            &m.name,
            format!(
                "{} shards by `{by}`: each is a database of its own, and callers choose among `{}_HOSTS`",
                m.shards,
                env(&id)
            ),
        );
    }
    r.note(&m.name, "callers are given the owner's login from Secrets Manager: make narrower users in the database and hand those out");
    let class = class(r, m, Service::Rds);
    Database {
        short: short(&id),
        about: about(m),
        shards: (0..m.shards.clamp(1, 500)).collect(),
        replicas: (1..=copies).collect(),
        class,
        gib,
        max_gib: gib.saturating_mul(2).min(65_536),
        multi_az,
        keep,
        port: m.port,
        connections: d.max_connections.map(|n| whole(n, 6, 262_143)),
        encrypted: m.encrypted,
        id,
    }
}

impl PartKind for Databases {
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
            outputs: render(&self.as_outputs()),
            alarms: render(&self.as_alarms()),
            widgets: render(&self.as_widgets()),
        }
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::DataSubnets, Need::Key, Need::DeletionProtection]
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        self.all.iter().map(|d| SecurityGroup::of(&d.id, "database")).collect()
    }

    fn rules(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn port(&self, id: &str) -> Option<u16> {
        Some(self.all.iter().find(|d| d.id == id)?.port)
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
        let d = self.all.iter().find(|d| d.id == call.id)?;
        let id = &d.id;
        let (primary, replica) = (format!("aws_db_instance.{id}_primary"), format!("aws_db_instance.{id}_replica"));
        let sharded = d.shards.len() > 1;
        let host = if sharded {
            ("HOSTS", Expr::code(format!("jsonencode({{ for k, d in {primary} : k => d.address }})")))
        } else {
            ("HOST", Expr::code(format!("{primary}[\"0\"].address")))
        };
        let mut grant = Grant::env(id, [("PORT", Expr::text(&d.port.to_string())), host]);
        if !d.replicas.is_empty() {
            let hosts = if sharded {
                format!("jsonencode({{ for k, d in {replica} : k => d.address }})")
            } else {
                format!("jsonencode([for d in values({replica}) : d.address])")
            };
            grant.env.extend(Grant::env(id, [("READ_HOSTS", Expr::code(hosts))]).env);
        }
        let name = format!("{}_LOGIN", env(id));
        if sharded {
            grant.shard_secrets.push(EnvVar { name, value: Expr::code(format!("local.{id}_logins")) });
        } else {
            grant.secrets.push(EnvVar { name, value: Expr::code(format!("local.{id}_logins[\"0\"]")) });
        }
        grant.readable.push(Expr::code(format!("values(local.{id}_logins)")));
        Some(grant)
    }

    fn metric(&self, watched: Watched, id: &str, bound: f64) -> Option<Metric> {
        match watched {
            Watched::Latency | Watched::Errors => None,
            Watched::Cpu => self.all.iter().any(|d| d.id == id).then(|| Metric {
                each: Some(format!("for_each = aws_db_instance.{id}_primary")),
                body: render(&DatabaseMetric),
                bound: bound * 100.0,
                note: None,
            }),
        }
    }

    fn required_variables(&self) -> Vec<String> {
        Vec::new()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
