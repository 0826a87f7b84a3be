//! Messages without an engine and a machine: queues of SQS, and a topic of SNS before several.
//!
//! In: logs of the plan that name neither, their topics and consumers. Out: one queue,
//! or one for each consumer. Never: a message shared by consumers that each want all.

use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::short;
use crate::emit::terraform::numbers::{DAY, whole};
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts, about,
};
use crate::resource::{Managed, Watched};
use askama::Template;

/// Seconds that the oldest message may wait before an alarm.
const OLDEST: f64 = 300.0;

/// A queue of one consumer.
struct ConsumerQueue {
    id: String,
    short: String,
    consumer: Option<String>,
}

/// A component that keeps messages.
struct Queue {
    id: String,
    short: String,
    about: String,
    fifo: bool,
    retention: u32,
    /// Whether messages that fail again and again are set aside.
    dead: bool,
    /// Whether a topic gives each consumer a queue of its own.
    fan: bool,
    queues: Vec<ConsumerQueue>,
}

/// All queues.
#[derive(Template)]
#[template(path = "terraform/parts/queue.tf", whitespace = "preserve", blocks = ["resources", "alarms", "widgets"])]
pub(super) struct Queues {
    all: Vec<Queue>,
}

/// The metric of an alarm on a queue.
#[derive(Template)]
#[template(path = "terraform/metrics/queue.tf", whitespace = "preserve")]
struct QueueMetric<'a> {
    id: &'a str,
}

impl Queues {
    pub(super) fn build(r: &mut Reading, found: &[&Managed]) -> Self {
        Self { all: found.iter().map(|m| queue(r, m)).collect() }
    }
}

fn queue(r: &mut Reading, m: &Managed) -> Queue {
    let id = r.names.id(&m.name);
    let mut consumers: Vec<String> = Vec::new();
    for route in r.routes().iter().filter(|x| x.consumes && x.to == m.name) {
        let Some(from) = route.from.as_deref() else { continue };
        if r.program(from).is_some() {
            consumers.push(r.names.id(from));
        } else {
            r.note(&m.name, format!("`{from}` takes its messages: only programs can; left out"));
        }
    }
    consumers.sort();
    consumers.dedup();
    let fan = consumers.len() > 1;
    let queues = if fan {
        consumers
            .into_iter()
            .map(|c| {
                let id = format!("{id}__{c}");
                ConsumerQueue { short: short(&id), id, consumer: Some(c) }
            })
            .collect()
    } else {
        vec![ConsumerQueue { id: id.clone(), short: short(&id), consumer: consumers.pop() }]
    };
    let topic = r.plan.topics(&m.name).next();
    let retention = topic.and_then(|t| t.retention).unwrap_or(4.0 * DAY);
    if retention > 14.0 * DAY {
        r.note(&m.name, "messages are kept for 14 days, the most of SQS");
    }
    if topic.and_then(|t| t.partitions).is_some_and(|p| p > 1) {
        r.note(&m.name, "partitions: SQS has none, any number of consumers take side by side");
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false`: the queue is encrypted all the same");
    }
    let fifo = topic.is_some_and(|t| t.ordered);
    if fifo {
        r.note(&m.name, "order: a FIFO queue keeps it inside a message group, which the sender names");
    }
    Queue {
        short: short(&id),
        about: about(m),
        fifo,
        retention: whole(retention, 60, 1_209_600),
        dead: topic.is_some_and(|t| t.dead_letter),
        fan,
        queues,
        id,
    }
}

/// What a consumer gets: its own queue, to receive from and delete in.
fn consumer(q: &Queue, call: &Call) -> Option<Grant> {
    let own = q.queues.iter().find(|w| w.consumer.as_deref() == Some(call.from_id))?;
    let grant = Grant::env(call.id, [("QUEUE_URL", Expr::code(format!("aws_sqs_queue.{}_queue.url", own.id)))])
        .allow(
            &["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            vec![Expr::code(format!("aws_sqs_queue.{}_queue.arn", own.id))],
        )
        .allow(&["kms:Decrypt"], vec![Expr::code("aws_kms_key.main.arn")]);
    Some(grant)
}

/// What a publisher gets: the topic, else the queue.
fn publisher(q: &Queue) -> Grant {
    let id = &q.id;
    let grant = if q.fan {
        Grant::env(id, [("TOPIC_ARN", Expr::code(format!("aws_sns_topic.{id}_topic.arn")))])
            .allow(&["sns:Publish"], vec![Expr::code(format!("aws_sns_topic.{id}_topic.arn"))])
    } else {
        Grant::env(id, [("QUEUE_URL", Expr::code(format!("aws_sqs_queue.{id}_queue.url")))])
            .allow(&["sqs:SendMessage"], vec![Expr::code(format!("aws_sqs_queue.{id}_queue.arn"))])
    };
    grant.allow(&["kms:Decrypt", "kms:GenerateDataKey"], vec![Expr::code("aws_kms_key.main.arn")])
}

impl PartKind for Queues {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "messages.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: String::new(),
            variables: String::new(),
            outputs: String::new(),
            alarms: render(&self.as_alarms()),
            widgets: render(&self.as_widgets()),
        }
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::Key]
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        Vec::new()
    }

    fn rules(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn port(&self, _: &str) -> Option<u16> {
        None
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
        let q = self.all.iter().find(|q| q.id == call.id)?;
        if call.consumes { consumer(q, call) } else { Some(publisher(q)) }
    }

    fn metric(&self, watched: Watched, id: &str, _: f64) -> Option<Metric> {
        match watched {
            Watched::Latency | Watched::Errors => None,
            Watched::Cpu => {
                let first = self.all.iter().find(|q| q.id == id)?.queues.first()?;
                Some(Metric {
                    each: None,
                    body: render(&QueueMetric { id: &first.id }),
                    bound: OLDEST,
                    note: Some(
                        "SQS has no CPU; it watches that the oldest message waits no more than five minutes".to_owned(),
                    ),
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
