//! Buckets of S3.
//!
//! In: object stores of the plan. Out: one bucket each, its policy, what its callers get.

use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::short;
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts, about,
};
use crate::resource::{Managed, Objects, StorageClass, Watched};
use askama::Template;

/// A bucket.
struct Bucket {
    id: String,
    short: String,
    about: String,
    /// The storage class that objects move to, and after how many days.
    class: Option<(&'static str, u32)>,
    /// Edges that read it.
    edges: Vec<String>,
}

/// All buckets.
#[derive(Template)]
#[template(path = "terraform/parts/bucket.tf", whitespace = "preserve", blocks = ["resources", "outputs"])]
pub(super) struct Buckets {
    all: Vec<Bucket>,
}

impl Buckets {
    pub(super) fn build(r: &mut Reading, found: &[(&Managed, &Objects)]) -> Self {
        Self { all: found.iter().map(|(m, d)| bucket(r, m, d)).collect() }
    }
}

fn bucket(r: &mut Reading, m: &Managed, d: &Objects) -> Bucket {
    let id = r.names.id(&m.name);
    let class = match d.class {
        StorageClass::Standard => None,
        StorageClass::Infrequent => Some(("STANDARD_IA", 30)),
        StorageClass::Archive => Some(("GLACIER", 1)),
    };
    if class.is_some() {
        r.note(&m.name, format!("class `{}`: objects arrive as standard and move later", d.class.word()));
    }
    if !m.encrypted {
        r.note(&m.name, "`encrypted = false`: S3 always encrypts");
    }
    let edges = r.callers(&m.name).into_iter().flatten().filter(|c| r.is_edge(c));
    let mut edges: Vec<String> = edges.map(|c| r.names.id(c)).collect();
    edges.sort();
    Bucket { short: short(&id), about: about(m), class, edges, id }
}

impl PartKind for Buckets {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "objects.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: String::new(),
            variables: String::new(),
            outputs: render(&self.as_outputs()),
            alarms: String::new(),
            widgets: String::new(),
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

    fn origin(&self, r: &Reading, component: &str) -> Option<Origin> {
        let id = r.names.id(component);
        self.all.iter().any(|b| b.id == id).then(|| Origin { id, bucket: true, tls: true, paths: Vec::new() })
    }

    fn grant(&self, r: &mut Reading, call: &Call) -> Option<Grant> {
        let id = &self.all.iter().find(|b| b.id == call.id)?.id;
        r.note(
            call.to,
            format!("`{}` may read and write its objects: the plan does not say which of the two it does", call.from),
        );
        let arn = Expr::code(format!("aws_s3_bucket.{id}.arn"));
        let grant = Grant::env(id, [("BUCKET", Expr::code(format!("aws_s3_bucket.{id}.bucket")))])
            .allow(&["s3:GetObject", "s3:PutObject"], vec![Expr::around("", &arn, "/*")])
            .allow(&["s3:ListBucket"], vec![arn])
            .allow(&["kms:Decrypt", "kms:GenerateDataKey"], vec![Expr::code("aws_kms_key.main.arn")]);
        Some(grant)
    }

    fn metric(&self, _: Watched, _: &str, _: f64) -> Option<Metric> {
        None
    }

    fn required_variables(&self) -> Vec<String> {
        Vec::new()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
