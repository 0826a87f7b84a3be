//! Stores: databases, caches, object stores.
//!
//! In: managed services of those kinds. Out: servers from official images, notes on what
//! differs here. Never: callers (those are in `wiring`).

use super::project::{Access, Check, Container, Made, Net, Project, Secret, Value, Wait};
use super::text;
use crate::resource::{
    Eviction, Failover, Host, Managed, Memory, Objects, ReadFrom, Records, Replication, StorageClass,
};

const POSTGRES: &str = "postgres:17-alpine";
const MAX_SHARDS: u32 = 2;
const MAX_COPIES: u32 = 3;

/// Settings that a primary and its replicas share.
struct Shard<'a> {
    m: &'a Managed,
    memory: u64,
    owner: String,
    replication: String,
    connections: u32,
    copies: u32,
    in_step: u32,
}

/// A database: a primary and its replicas for each shard.
pub(super) fn records(p: &mut Project, m: &Managed, r: &Records) {
    let of = &m.name;
    match m.engine.as_deref() {
        Some("postgres") => {}
        Some(other) => p.note(of, format!("engine {other}: no generator yet, PostgreSQL stands in")),
        None => p.note(of, "the design names no engine: PostgreSQL is used"),
    }
    let shards = p.capped(of, "shards", m.shards, MAX_SHARDS);
    let copies = p.capped(of, "copies of each shard", m.replicas, MAX_COPIES);
    let memory = p.memory(of, m.memory, 256, 512);
    let in_step = in_step(p, of, r, copies);
    remarks(p, m, r, shards, copies);
    let owner = secret(p, &format!("{}_password", text::ident(of)), &format!("password of {of}'s owner"));
    let replication = if copies > 1 {
        secret(p, &format!("{}_replication", text::ident(of)), &format!("password with which {of}'s replicas follow"))
    } else {
        String::new()
    };
    let asked = r.max_connections.unwrap_or(100.0);
    // Each costs memory; 200 fit into the limit.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let connections = asked.clamp(10.0, 200.0) as u32;
    if asked > 200.0 {
        p.note(of, format!("connections: {asked} in the design, 200 here"));
    }
    let shard = Shard { m, memory, owner: owner.clone(), replication, connections, copies, in_step };
    let (variable, db) = (text::variable(of), text::ident(of));
    let mut access = Access {
        net: Net::Data,
        env: vec![
            (format!("{variable}_PASSWORD_FILE"), Value::Text(format!("/run/secrets/{owner}"))),
            (format!("{variable}_USER"), Value::Text("app".to_owned())),
        ],
        secrets: vec![owner],
        wait: Vec::new(),
        members: Vec::new(),
        http: None,
        slots: 1,
        health: None,
        admin: None,
    };
    if shards > 1 {
        access.env.push((format!("{variable}_SHARDS"), Value::Text(shards.to_string())));
        if let Some(key) = &r.shard_key {
            access.env.push((format!("{variable}_SHARD_KEY"), Value::Text(key.clone())));
        }
    }
    for n in 0..shards {
        let base = p.plan.slug(of);
        let wanted = if shards > 1 { format!("{base}-{n}") } else { base };
        let prefix = if shards > 1 { format!("{variable}_{n}") } else { variable.clone() };
        let primary = if shards > 1 { p.name(&wanted) } else { wanted };
        let replicas: Vec<String> = (1..copies).map(|i| p.name(&format!("{primary}-replica-{i}"))).collect();
        add_primary(p, &shard, &primary, &replicas);
        for (i, name) in replicas.iter().enumerate() {
            add_replica(p, &shard, &primary, name, i + 1);
        }
        let port = m.port;
        let rw = format!("postgres://app@{primary}:{port}/{db}");
        let ro = if replicas.is_empty() {
            rw.clone()
        } else {
            let hosts: Vec<String> = replicas.iter().map(|h| format!("{h}:{port}")).collect();
            format!("postgres://app@{}/{db}?load_balance_hosts=random", hosts.join(","))
        };
        access.env.push((format!("{prefix}_RW"), Value::Text(rw)));
        access.env.push((format!("{prefix}_RO"), Value::Text(ro)));
        for name in std::iter::once(primary).chain(replicas) {
            access.wait.push((name.clone(), Wait::Healthy));
            access.members.push(name);
        }
    }
    p.access.insert(of.clone(), access);
}

/// How many replicas a commit waits for.
fn in_step(p: &mut Project, of: &str, r: &Records, copies: u32) -> u32 {
    if copies < 2 {
        return 0;
    }
    match r.replication.unwrap_or_default() {
        Replication::None | Replication::Async => 0,
        Replication::Sync => 1,
        Replication::SemiSync => {
            p.note(of, "replication semi_sync is approximated: a commit waits for one replica to have it on disk");
            1
        }
        way @ (Replication::Quorum | Replication::Consensus) => {
            let (n, word) = (copies / 2, way.word());
            p.note(of, format!("replication {word} is approximated: one primary whose commits wait for {n} replicas; reads ask one copy, and no replica takes over by itself"));
            n
        }
        Replication::MultiPrimary => {
            p.note(of, "replication multi_primary is approximated: one primary writes, the others follow");
            0
        }
    }
}

/// Notes on what differs here.
fn remarks(p: &mut Project, m: &Managed, r: &Records, shards: u32, copies: u32) {
    let of = &m.name;
    if shards > 1 {
        let key = r.shard_key.as_deref().map_or(String::new(), |k| format!(" by {k}"));
        p.note(of, format!("the program chooses the shard{key}: no router is generated"));
    }
    if copies > 1 && r.failover == Some(Failover::Auto) {
        p.note(of, "failover is by hand here (see Failover below): nothing promotes a replica by itself");
    }
    if copies > 1 && r.read_from != ReadFrom::Primary {
        p.note(
            of,
            format!(
                "read_from = {}: the program reads through the RO address; nothing here bounds the lag of a replica",
                r.read_from.word()
            ),
        );
    }
    if r.backup.is_some() {
        p.note(of, "backups are not taken here (see Copies of data below)");
    }
    sameness(p, m);
}

/// Notes on what every managed service loses here.
pub(super) fn sameness(p: &mut Project, m: &Managed) {
    if m.encrypted {
        p.note(&m.name, "data at rest is not encrypted here, beyond what this machine's disk does");
    }
    if matches!(m.runs, Some(Host::Machine { named: true, .. })) {
        p.note(&m.name, "its machine type has no meaning here");
    }
}

fn secret(p: &mut Project, name: &str, about: &str) -> String {
    p.secrets.insert(Secret { name: name.to_owned(), about: about.to_owned(), made: Made::Random });
    name.to_owned()
}

fn settings(shard: &Shard) -> Vec<String> {
    let buffers = (shard.memory / 4).max(16);
    let mut out = Vec::new();
    let mut set = |s: String| {
        out.push("-c".to_owned());
        out.push(s);
    };
    set(format!("port={}", shard.m.port));
    set(format!("max_connections={}", shard.connections));
    set(format!("shared_buffers={buffers}MB"));
    if shard.copies > 1 {
        for s in [
            "wal_level=replica",
            "hot_standby=on",
            "max_wal_senders=10",
            "max_replication_slots=10",
            "wal_keep_size=128MB",
            "max_slot_wal_keep_size=1GB",
            "wal_sender_timeout=10s",
        ] {
            set(s.to_owned());
        }
    }
    out
}

fn server(shard: &Shard, name: &str) -> Container {
    let pg = "uid=70,gid=70,mode=0775";
    Container {
        name: name.to_owned(),
        component: shard.m.name.clone(),
        image: POSTGRES.to_owned(),
        user: Some("70:70"),
        volumes: vec![(format!("{name}-data"), "/var/lib/postgresql/data".to_owned())],
        tmpfs: vec![format!("/var/run/postgresql:size=1m,{pg}"), "/tmp:size=64m,mode=1777".to_owned()],
        // Over TCP: while it sets itself up, the server listens on its socket only.
        check: Some(Check::shell(format!("pg_isready -q -h 127.0.0.1 -p {} -U app", shard.m.port), 60)),
        replicas: 1,
        cpus: 1.0,
        memory: shard.memory,
        pids: shard.connections + 64,
        grace: 60,
        shm: Some(shard.memory / 4),
        ..Container::default()
    }
}

fn add_primary(p: &mut Project, shard: &Shard, name: &str, replicas: &[String]) {
    let mut c = server(shard, name);
    if replicas.is_empty() { "PostgreSQL" } else { "PostgreSQL, primary" }.clone_into(&mut c.about);
    c.doc.clone_from(&shard.m.doc);
    c.command = ["postgres".to_owned()].into_iter().chain(settings(shard)).collect();
    let mut env = |k: &str, v: String| c.environment.insert(k.to_owned(), Value::Text(v));
    env("POSTGRES_USER", "app".to_owned());
    env("POSTGRES_DB", text::ident(&shard.m.name));
    env("POSTGRES_PASSWORD_FILE", format!("/run/secrets/{}", shard.owner));
    env("POSTGRES_INITDB_ARGS", "--data-checksums --auth-host=scram-sha-256".to_owned());
    c.secrets.insert(shard.owner.clone());
    if !replicas.is_empty() {
        env("REPLICATION_PASSWORD_FILE", format!("/run/secrets/{}", shard.replication));
        let slots: Vec<String> = (1..=replicas.len()).map(|i| format!("replica_{i}")).collect();
        env("REPLICATION_SLOTS", slots.join(" "));
        env("SYNCHRONOUS_REPLICAS", shard.in_step.to_string());
        c.secrets.insert(shard.replication.clone());
        let file = p.file("config/postgres/primary.sh", super::PRIMARY_SH.to_owned());
        c.files.push((file, "/docker-entrypoint-initdb.d/10-replication.sh".to_owned()));
    }
    p.containers.push(c);
}

fn add_replica(p: &mut Project, shard: &Shard, primary: &str, name: &str, n: usize) {
    let mut c = server(shard, name);
    c.about = format!("PostgreSQL, replica {n} of {primary}: reads only");
    c.command = settings(shard);
    c.entrypoint = vec!["/bin/sh".to_owned(), "/replica.sh".to_owned()];
    let mut env = |k: &str, v: String| c.environment.insert(k.to_owned(), Value::Text(v));
    env("PRIMARY_HOST", primary.to_owned());
    env("PRIMARY_PORT", shard.m.port.to_string());
    env("REPLICATION_SLOT", format!("replica_{n}"));
    env("REPLICATION_PASSWORD_FILE", format!("/run/secrets/{}", shard.replication));
    c.secrets.insert(shard.replication.clone());
    let file = p.file("config/postgres/replica.sh", super::REPLICA_SH.to_owned());
    c.files.push((file, "/replica.sh".to_owned()));
    c.networks.insert(Net::Data);
    c.depends.insert(primary.to_owned(), Wait::Healthy);
    p.containers.push(c);
}

/// A cache.
pub(super) fn memory(p: &mut Project, m: &Managed, service: &Memory) {
    let of = &m.name;
    let slug = p.plan.slug(of);
    match m.engine.as_deref() {
        Some("redis" | "valkey") => p.note(of, "Valkey stands in for Redis: the same protocol under the BSD licence"),
        Some(other) => p.note(of, format!("engine {other}: no generator yet, Valkey stands in")),
        None => p.note(of, "the design names no engine: Valkey is used"),
    }
    for (what, n) in [("nodes", m.nodes), ("shards", m.shards), ("copies", m.replicas)] {
        if n > 1 {
            p.note(
                of,
                format!(
                    "{what}: {n} in the design, 1 here: no cluster and no failover are generated for what may be lost"
                ),
            );
        }
    }
    p.note(of, "it asks for no password: only the network data leads to it");
    sameness(p, m);
    let limit = p.memory(of, m.memory, 128, 512);
    let policy = match service.eviction {
        Eviction::Lru => "allkeys-lru",
        Eviction::Lfu => "allkeys-lfu",
        Eviction::Random => "allkeys-random",
        Eviction::Ttl => "volatile-ttl",
        Eviction::None => "noeviction",
        Eviction::Fifo => {
            p.note(of, "eviction fifo is approximated by allkeys-lru: Valkey has no fifo");
            "allkeys-lru"
        }
    };
    // A quarter is left for connections, fragments and the process itself.
    let max = limit * 3 / 4;
    let (port, max) = (m.port.to_string(), format!("{max}mb"));
    let command = ["valkey-server", "--port", &port, "--maxmemory", &max, "--maxmemory-policy", policy];
    let command = command.into_iter().chain(["--appendonly", "no", "--save", ""]).map(str::to_owned).collect();
    p.containers.push(Container {
        name: slug.clone(),
        component: of.clone(),
        about: "Valkey: entries in memory, nothing on disk".to_owned(),
        doc: m.doc.clone(),
        image: "valkey/valkey:8.1-alpine".to_owned(),
        user: Some("999:1000"),
        command,
        // The image declares a volume here; without this each start would leave one behind.
        tmpfs: vec!["/data:size=1m,uid=999,gid=1000".to_owned()],
        check: Some(Check::shell(format!("valkey-cli -p {} ping | grep -q PONG", m.port), 10)),
        replicas: 1,
        cpus: 1.0,
        memory: limit,
        pids: 64,
        grace: 10,
        ..Container::default()
    });
    let url = format!("redis://{slug}:{}", m.port);
    p.access.insert(of.clone(), one(Net::Data, &slug, vec![(format!("{}_URL", text::variable(of)), Value::Text(url))]));
}

/// Access to a component of one container, which callers wait for until it is healthy.
pub(super) fn one(net: Net, slug: &str, env: Vec<(String, Value)>) -> Access {
    Access {
        net,
        env,
        secrets: Vec::new(),
        wait: vec![(slug.to_owned(), Wait::Healthy)],
        members: vec![slug.to_owned()],
        http: None,
        slots: 1,
        health: None,
        admin: None,
    }
}

/// An object store.
pub(super) fn objects(p: &mut Project, m: &Managed, service: &Objects) {
    let of = &m.name;
    let slug = p.plan.slug(of);
    p.note(of, "SeaweedFS stands in for the provider's object store: the S3 protocol without keys, inside the network data; the program makes its bucket itself");
    p.note(of, "the object store's container was checked for structure only: it is not among the servers that the generator's tests run");
    if service.class != StorageClass::Standard {
        p.note(of, format!("storage class {} has no meaning here", service.class.word()));
    }
    sameness(p, m);
    let memory = p.memory(of, m.memory, 384, 512);
    let s3 = format!("-s3.port={}", m.port);
    let command =
        ["server", "-dir=/data", "-ip.bind=0.0.0.0", "-master.volumeSizeLimitMB=256", "-volume.max=0", "-s3", &s3];
    p.containers.push(Container {
        name: slug.clone(),
        component: of.clone(),
        about: "SeaweedFS: an object store that speaks S3".to_owned(),
        doc: m.doc.clone(),
        image: "chrislusf/seaweedfs:3.97".to_owned(),
        command: command.map(str::to_owned).to_vec(),
        volumes: vec![(format!("{slug}-data"), "/data".to_owned())],
        tmpfs: vec!["/tmp:size=64m,mode=1777".to_owned()],
        check: Some(Check::http(9333, "/cluster/healthz")),
        replicas: 1,
        cpus: 1.0,
        memory,
        pids: 256,
        grace: 30,
        ..Container::default()
    });
    let v = text::variable(of);
    let env = vec![
        (format!("{v}_URL"), Value::Text(format!("http://{slug}:{}", m.port))),
        (format!("{v}_BUCKET"), Value::Text(slug.clone())),
    ];
    let mut access = one(Net::Data, &slug, env);
    access.http = Some((slug, m.port));
    p.access.insert(of.clone(), access);
}
