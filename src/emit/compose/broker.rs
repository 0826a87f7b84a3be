//! Queues and logs: Kafka if the design names it, else NATS.
//!
//! In: managed logs and their topics. Out: brokers, and a job that makes topics. Never:
//! publishers or consumers (those are in `wiring`).

use super::project::{Access, Check, Container, Net, Project, Value, Wait};
use super::stores::{one, sameness};
use super::text;
use crate::resource::{Log, Managed, Topic};

const KAFKA: &str = "apache/kafka:4.1.0";
/// Any 22 letters of base64: clusters do not share a network of their own, but names.
const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";
const MAX_PARTITIONS: u32 = 64;

/// Adds the containers of a log.
pub(super) fn log(p: &mut Project, m: &Managed, log: &Log) {
    let topics: Vec<Topic> = p.plan.topics(&m.name).cloned().collect();
    sameness(p, m);
    match m.engine.as_deref() {
        Some("kafka") => kafka(p, m, log, &topics),
        Some(other) => {
            p.note(&m.name, format!("engine {other}: no generator yet, NATS with JetStream stands in"));
            nats(p, m, &topics);
        }
        None => {
            p.note(
                &m.name,
                "the design names no engine: NATS with JetStream is used, the smallest broker that keeps messages",
            );
            nats(p, m, &topics);
        }
    }
}

fn kafka(p: &mut Project, m: &Managed, log: &Log, topics: &[Topic]) {
    let of = &m.name;
    let slug = p.plan.slug(of);
    // Two voters are worse than one: either lost, none can be elected.
    let brokers: u32 = if m.nodes >= 3 { 3 } else { 1 };
    if brokers != m.nodes {
        p.note(of, format!("brokers: {} in the design, {brokers} here, for one machine", m.nodes));
    }
    let names: Vec<String> =
        if brokers == 1 { vec![slug.clone()] } else { (1..=brokers).map(|n| p.name(&format!("{slug}-{n}"))).collect() };
    let memory = p.memory(of, m.memory, 640, 768);
    p.note(of, "Kafka's containers were checked for structure only: it is not among the servers that the generator's tests run");
    let controller = if m.port == 9093 { 9094 } else { 9093 };
    let copies = topics.iter().map(|t| t.replicas).max().unwrap_or(m.replicas).clamp(1, brokers);
    let in_step = log.min_insync.unwrap_or(1).clamp(1, copies);
    if copies < m.replicas || log.min_insync.is_some_and(|n| n > in_step) {
        p.note(
            of,
            format!("copies of a message: {} in the design, {copies} here, of which {in_step} in step", m.replicas),
        );
    }
    let voters: Vec<String> = names.iter().enumerate().map(|(i, n)| format!("{}@{n}:{controller}", i + 1)).collect();
    for (i, name) in names.iter().enumerate() {
        p.containers.push(broker(m, log, name, i + 1, controller, &voters.join(","), (copies, in_step), memory));
    }
    let list: Vec<String> = names.iter().map(|n| format!("{n}:{}", m.port)).collect();
    let variable = text::variable(of);
    let mut env = vec![(format!("{variable}_BROKERS"), Value::Text(list.join(",")))];
    let mut script = Vec::new();
    for t in topics {
        let topic = text::ident(&t.name);
        let parts = t.partitions.unwrap_or(1);
        let parts = p.capped(&t.name, "partitions", parts, MAX_PARTITIONS);
        let retention = t.retention.map(|s| text::millis(s).to_string());
        script.push(create(&topic, parts, copies, in_step, retention.as_deref()));
        env.push((format!("{variable}_TOPIC"), Value::Text(topic.clone())));
        if t.dead_letter {
            let dead = format!("{topic}.dead");
            script.push(create(&dead, 1, copies, in_step, retention.as_deref()));
            env.push((format!("{variable}_DEAD_LETTER_TOPIC"), Value::Text(dead)));
            p.note(
                &t.name,
                "the topic for messages that fail is made; the program that takes messages moves them there",
            );
        }
        if t.ordered {
            p.note(&t.name, "order holds in a partition: the program publishes with a key");
        }
    }
    let mut wait: Vec<(String, Wait)> = names.iter().map(|n| (n.clone(), Wait::Healthy)).collect();
    let used = p.plan.routes().any(|r| r.to == *of);
    if !script.is_empty() && used {
        let job = p.name(&format!("{slug}-topics"));
        let head = format!(
            "#!/bin/sh\n# Makes the topics of {slug}; doing it twice changes nothing.\nset -eu\n\ncreate() {{\n  /opt/kafka/bin/kafka-topics.sh --bootstrap-server \"$BROKERS\" --create --if-not-exists \"$@\"\n}}\n\n"
        );
        let file = p.file(&format!("config/{slug}/topics.sh"), head + &script.concat());
        let mut c = Container {
            name: job.clone(),
            component: of.clone(),
            about: "makes topics, then ends".to_owned(),
            image: KAFKA.to_owned(),
            user: Some("1000:1000"),
            entrypoint: vec!["/bin/sh".to_owned(), "/topics.sh".to_owned()],
            files: vec![(file, "/topics.sh".to_owned())],
            tmpfs: kafka_tmpfs(&["/var/lib/kafka/data:size=1m,uid=1000,gid=1000"]),
            replicas: 1,
            cpus: 1.0,
            memory: 320,
            pids: 128,
            grace: 10,
            job: true,
            ..Container::default()
        };
        c.environment.insert("BROKERS".to_owned(), Value::Text(list.join(",")));
        c.environment.insert("KAFKA_HEAP_OPTS".to_owned(), Value::Text("-Xmx128m".to_owned()));
        c.environment.insert("LOG_DIR".to_owned(), Value::Text("/tmp".to_owned()));
        c.networks.insert(Net::Data);
        for n in &names {
            c.depends.insert(n.clone(), Wait::Healthy);
        }
        p.containers.push(c);
        wait.push((job, Wait::Done));
    } else if !script.is_empty() {
        p.note(of, "nobody publishes or takes: its topics are not made");
    }
    let access = Access {
        net: Net::Data,
        env,
        secrets: Vec::new(),
        wait,
        members: names,
        http: None,
        slots: 1,
        health: None,
        admin: None,
    };
    p.access.insert(of.clone(), access);
}

/// The image declares volumes here; without these mounts each start would leave some behind.
fn kafka_tmpfs(more: &[&str]) -> Vec<String> {
    let fixed = [
        "/tmp:size=64m,mode=1777",
        "/etc/kafka/secrets:size=1m,uid=1000,gid=1000",
        "/mnt/shared/config:size=1m,uid=1000,gid=1000",
    ];
    fixed.iter().chain(more).map(|s| (*s).to_owned()).collect()
}

/// The command that makes a topic; `topic` comes from [`text::ident`].
fn create(topic: &str, parts: u32, copies: u32, in_step: u32, retention: Option<&str>) -> String {
    let mut out = format!(
        "create --topic {topic} --partitions {parts} --replication-factor {copies} --config min.insync.replicas={in_step}"
    );
    if let Some(ms) = retention {
        out.push_str(&format!(" \\\n  --config retention.ms={ms}"));
    }
    out.push('\n');
    out
}

#[allow(clippy::too_many_arguments)]
fn broker(
    m: &Managed,
    log: &Log,
    name: &str,
    id: usize,
    controller: u16,
    voters: &str,
    (copies, in_step): (u32, u32),
    memory: u64,
) -> Container {
    let mut c = Container {
        name: name.to_owned(),
        component: m.name.clone(),
        about: format!("Kafka, broker and controller {id}"),
        doc: m.doc.clone().filter(|_| id == 1),
        image: KAFKA.to_owned(),
        user: Some("1000:1000"),
        volumes: vec![(format!("{name}-data"), "/var/lib/kafka/data".to_owned())],
        tmpfs: kafka_tmpfs(&[]),
        // A Java client takes two seconds of CPU each time; a connection is enough.
        check: Some(Check::shell(format!("nc -z 127.0.0.1 {}", m.port), 60)),
        writable: Some("its start script writes its configuration beside the program"),
        replicas: 1,
        cpus: 1.0,
        memory,
        pids: 512,
        grace: 60,
        ..Container::default()
    };
    c.networks.insert(Net::Data);
    let port = m.port;
    let mut env = |k: &str, v: String| c.environment.insert(k.to_owned(), Value::Text(v));
    env("CLUSTER_ID", CLUSTER.to_owned());
    env("KAFKA_NODE_ID", id.to_string());
    env("KAFKA_PROCESS_ROLES", "broker,controller".to_owned());
    env("KAFKA_CONTROLLER_QUORUM_VOTERS", voters.to_owned());
    env("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER".to_owned());
    env("KAFKA_INTER_BROKER_LISTENER_NAME", "INTERNAL".to_owned());
    env("KAFKA_LISTENERS", format!("INTERNAL://:{port},CONTROLLER://:{controller}"));
    env("KAFKA_ADVERTISED_LISTENERS", format!("INTERNAL://{name}:{port}"));
    env("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned());
    env("KAFKA_LOG_DIRS", "/var/lib/kafka/data".to_owned());
    env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false".to_owned());
    env("KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE", log.unclean_election.to_string());
    env("KAFKA_DEFAULT_REPLICATION_FACTOR", copies.to_string());
    env("KAFKA_MIN_INSYNC_REPLICAS", in_step.to_string());
    env("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", copies.to_string());
    env("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", copies.to_string());
    env("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", in_step.to_string());
    env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0".to_owned());
    env("KAFKA_HEAP_OPTS", format!("-Xms{0}m -Xmx{0}m", (memory / 2).max(128)));
    c
}

fn nats(p: &mut Project, m: &Managed, topics: &[Topic]) {
    let of = &m.name;
    let slug = p.plan.slug(of);
    if m.nodes > 1 || m.replicas > 1 {
        p.note(of, format!("brokers: {} in the design, 1 here", m.nodes.max(m.replicas)));
    }
    for t in topics {
        if t.retention.is_some() || t.dead_letter || t.partitions.is_some() || t.ordered {
            p.note(&t.name, "streams are not made: partitions, retention, order and dead letters are for the program to ask of JetStream");
        }
    }
    let memory = p.memory(of, m.memory, 128, 256);
    let port = m.port.to_string();
    let monitor: u16 = if m.port == 8222 { 8223 } else { 8222 };
    let watch = monitor.to_string();
    let command = ["-js", "-sd", "/data", "-p", &port, "-m", &watch];
    p.containers.push(Container {
        name: slug.clone(),
        component: of.clone(),
        about: "NATS with JetStream: a broker that keeps messages".to_owned(),
        doc: m.doc.clone(),
        image: "nats:2.12-alpine".to_owned(),
        command: command.map(str::to_owned).to_vec(),
        volumes: vec![(format!("{slug}-data"), "/data".to_owned())],
        tmpfs: vec!["/tmp:size=16m,mode=1777".to_owned()],
        check: Some(Check::http(monitor, "/healthz?js-enabled-only=true")),
        replicas: 1,
        cpus: 1.0,
        memory,
        pids: 64,
        grace: 15,
        ..Container::default()
    });
    let env = vec![(format!("{}_URL", text::variable(of)), Value::Text(format!("nats://{slug}:{port}")))];
    p.access.insert(of.clone(), one(Net::Data, &slug, env));
}
