//! Systems that others run.
//!
//! In: externals that a program calls. Out: one variable each, for the address. A
//! variable for a system that no program calls would only be in the way.

use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts,
};
use crate::resource::{External as Asked, Watched};
use askama::Template;

/// A system that others run.
struct External {
    id: String,
    about: String,
}

/// All systems that others run and programs call.
#[derive(Template)]
#[template(path = "terraform/parts/external.tf", whitespace = "preserve")]
pub(super) struct Externals {
    all: Vec<External>,
}

impl Externals {
    pub(super) fn build(r: &mut Reading, found: &[&Asked]) -> Self {
        let called = |name: &str| {
            let mut routes = r.plan.routes().filter(|x| x.to == name);
            routes.any(|x| x.from.as_deref().is_some_and(|from| r.program(from).is_some()))
        };
        let all = found
            .iter()
            .filter(|e| called(&e.name))
            .map(|e| External { id: r.names.id(&e.name), about: e.doc.clone().unwrap_or_else(|| e.name.clone()) });
        Self { all: all.collect() }
    }
}

impl PartKind for Externals {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "variables.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: String::new(),
            iam: String::new(),
            variables: render(self),
            outputs: String::new(),
            alarms: String::new(),
            widgets: String::new(),
        }
    }

    fn needs(&self) -> Vec<Need> {
        Vec::new()
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
        let id = &self.all.iter().find(|e| e.id == call.id)?.id;
        let grant = Grant::env(id, [("URL", Expr::code(format!("var.{id}_url")))]);
        Some(Grant { external: Some(call.to.to_owned()), ..grant })
    }

    fn metric(&self, _: Watched, _: &str, _: f64) -> Option<Metric> {
        None
    }

    fn required_variables(&self) -> Vec<String> {
        self.all.iter().map(|e| format!("{}_url", e.id)).collect()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
