//! Terraform for AWS from a plan.
//!
//! In: a plan. Out: a root module, one file for each tier that has something in it, and a
//! README that lists all that is missing or approximated. Never: a text of the design
//! outside of a quoted string or a comment, a secret, a call to AWS.

mod compute;
mod data;
mod entry;
mod links;
mod names;
mod notes;
mod stack;
mod tidy;
mod watch;

use super::OutFile;
use crate::plan::Plan;
use askama::Template;
use stack::Stack;

/// Filters of the templates. What is allowed is the way that askama's macro writes them.
#[allow(clippy::inline_always, clippy::unused_self, clippy::unnecessary_wraps)]
mod filters {
    /// A text behind a `#`.
    #[askama::filter_fn]
    pub(super) fn comment(text: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(crate::emit::escape::comment(&text.to_string()))
    }
}

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

/// The versions it is for.
#[derive(Template)]
#[template(path = "terraform/versions.tf", whitespace = "preserve")]
struct Versions;

page!(Providers, "terraform/providers.tf");
page!(Variables, "terraform/variables.tf");
page!(Keys, "terraform/keys.tf");
page!(Network, "terraform/network.tf");
page!(Security, "terraform/security.tf");
page!(Edges, "terraform/edge.tf");
page!(Balancers, "terraform/balancer.tf");
page!(Services, "terraform/services.tf");
page!(Iam, "terraform/iam.tf");
page!(Schedule, "terraform/schedule.tf");
page!(Data, "terraform/data.tf");
page!(Messages, "terraform/messages.tf");
page!(Objects, "terraform/objects.tf");
page!(Observability, "terraform/observability.tf");
page!(Outputs, "terraform/outputs.tf");

/// The files of the root module.
#[must_use]
pub fn files(plan: &Plan) -> Vec<OutFile> {
    if !plan.has_provider {
        return vec![OutFile::new("README.md", notes::no_provider(&plan.name))];
    }
    let stack = stack::stack(plan);
    let s = &stack;
    let mut out = Vec::new();
    let mut add = |name: &str, wanted: bool, page: askama::Result<String>| {
        // Writing to a string cannot fail.
        if let (true, Ok(text)) = (wanted, page) {
            out.push(OutFile::new(name, tidy::tidy(&text)));
        }
    };
    let any_role = s.has_units() || s.networked();
    add("versions.tf", true, Versions.render());
    add("providers.tf", true, Providers { s }.render());
    add("variables.tf", true, Variables { s }.render());
    add("keys.tf", s.has_key() || !s.secrets.is_empty(), Keys { s }.render());
    add("network.tf", s.networked(), Network { s }.render());
    add("security.tf", s.networked(), Security { s }.render());
    add("edge.tf", !s.edges.is_empty(), Edges { s }.render());
    add("balancer.tf", !s.lbs.is_empty(), Balancers { s }.render());
    add("services.tf", s.has_units(), Services { s }.render());
    add("iam.tf", any_role, Iam { s }.render());
    add("schedule.tf", !s.clocks.is_empty(), Schedule { s }.render());
    add("data.tf", !(s.stores.is_empty() && s.caches.is_empty()), Data { s }.render());
    add("messages.tf", !(s.brokers.is_empty() && s.queues.is_empty()), Messages { s }.render());
    add("objects.tf", !s.buckets.is_empty(), Objects { s }.render());
    let seen = s.watched() || !s.dashboards.is_empty();
    add("observability.tf", seen, Observability { s }.render());
    add("outputs.tf", s.networked() || !s.buckets.is_empty() || !s.queues.is_empty(), Outputs { s }.render());
    out.push(OutFile::new("README.md", notes::readme(s)));
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
