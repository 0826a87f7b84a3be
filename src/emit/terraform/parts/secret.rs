//! Secrets whose values people put in.
//!
//! In: secrets of programs. Out: one secret each, without a value. Secrets of databases
//! are the databases' own.

use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::{env, identifier, short};
use crate::emit::terraform::types::{
    Call, Entry, EnvVar, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts,
};
use crate::resource::{Secret as Asked, Watched};
use askama::Template;

/// A secret.
struct Secret {
    id: String,
    short: String,
    about: String,
    /// The component that reads it.
    of: String,
}

/// All secrets.
#[derive(Template)]
#[template(path = "terraform/parts/secret.tf", whitespace = "preserve", blocks = ["resources", "outputs"])]
pub(super) struct Secrets {
    all: Vec<Secret>,
}

impl Secrets {
    pub(super) fn build(r: &mut Reading, found: &[&Asked]) -> Self {
        let mut all = Vec::new();
        for x in found {
            if r.program(&x.of).is_none() {
                continue;
            }
            let id = identifier(&x.name);
            r.note(&x.of, format!("put {} into the secret `{id}` before its tasks start", x.about));
            all.push(Secret { short: short(&id), about: format!("{}: {}", x.of, x.about), of: x.of.clone(), id });
        }
        Self { all }
    }

    /// What the owner of secrets gets.
    pub(super) fn owned(&self, component: &str) -> Grant {
        let mut grant = Grant::default();
        for k in self.all.iter().filter(|k| k.of == component) {
            let arn = Expr::code(format!("aws_secretsmanager_secret.{}.arn", k.id));
            grant.readable.push(Expr::list(std::slice::from_ref(&arn)));
            grant.secrets.push(EnvVar { name: env(&k.id), value: arn });
        }
        grant
    }
}

impl PartKind for Secrets {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "keys.tf"
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

    fn origin(&self, _: &Reading, _: &str) -> Option<Origin> {
        None
    }

    fn grant(&self, _: &mut Reading, _: &Call) -> Option<Grant> {
        None
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
