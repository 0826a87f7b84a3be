//! Terraform for AWS from a plan.
//!
//! In: a plan. Out: a root module, and a README that lists what is missing or
//! approximated. Never: a text of the design outside a quoted string or a comment, a
//! secret, a call to AWS.

mod alarms;
mod expr;
mod filters;
mod names;
mod numbers;
mod parts;
mod readme;
mod security;
mod stack;
mod tidy;
mod types;

use super::file::OutFile;
use super::render::render;
use crate::plan::Plan;
use askama::Template;
use stack::Stack;
use std::collections::BTreeMap;

/// A template over the stack.
macro_rules! page {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path, whitespace = "preserve")]
        struct $name<'a> {
            s: &'a Stack,
        }
    };
}

/// Versions of Terraform and of its provider.
#[derive(Template)]
#[template(path = "terraform/versions.tf", whitespace = "preserve")]
struct Versions;

/// The KMS key.
#[derive(Template)]
#[template(path = "terraform/keys.tf", whitespace = "preserve")]
struct Keys;

page!(Providers, "terraform/providers.tf");
page!(Variables, "terraform/variables.tf");
page!(Network, "terraform/network.tf");
page!(Security, "terraform/security.tf");
page!(Iam, "terraform/iam.tf");
page!(Observability, "terraform/observability.tf");
page!(Outputs, "terraform/outputs.tf");

/// The files of the root module.
#[must_use]
pub fn files(plan: &Plan) -> Vec<OutFile> {
    if !plan.has_provider {
        return vec![OutFile::new("README.md", readme::no_provider(&plan.name))];
    }
    let stack = stack::stack(plan);
    let s = &stack;
    // Texts of a file: what the module has around its parts, then the parts.
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut add = |name, text: &str| {
        if !text.trim().is_empty() {
            texts.entry(name).or_default().push_str(text);
        }
    };
    add("versions.tf", &render(&Versions));
    add("providers.tf", &render(&Providers { s }));
    add("variables.tf", &render(&Variables { s }));
    add("outputs.tf", &render(&Outputs { s }));
    add("iam.tf", &render(&Iam { s }));
    add("observability.tf", &render(&Observability { s }));
    if s.key() {
        add("keys.tf", &render(&Keys));
    }
    if s.networked() {
        add("network.tf", &render(&Network { s }));
        add("security.tf", &render(&Security { s }));
    }
    for (file, text) in &s.texts {
        add(file, &text.resources);
    }
    let mut out: Vec<OutFile> = texts.iter().map(|(name, text)| OutFile::new(*name, tidy::tidy(text))).collect();
    out.push(OutFile::new("README.md", readme::readme(s)));
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
