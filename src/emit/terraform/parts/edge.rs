//! Caches at the edge: `CloudFront`.
//!
//! In: edges of the plan, and the parts that answer as origins. Out: one distribution
//! each, its cache policy and firewall. An edge without an origin is not built.

use crate::emit::render::render;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::{identifier, path_pattern, short};
use crate::emit::terraform::numbers::whole;
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts, about,
};
use crate::resource::{Edge as Asked, Managed, Watched};
use askama::Template;

/// A distribution.
struct Edge {
    id: String,
    short: String,
    about: String,
    /// Seconds that an answer without `Cache-Control` is fresh.
    ttl: u32,
    waf: bool,
    compress: bool,
    origins: Vec<Origin>,
    /// The origin of all that no path pattern matches.
    default: String,
    default_bucket: bool,
}

/// All distributions.
#[derive(Template)]
#[template(path = "terraform/parts/edge.tf", whitespace = "preserve", blocks = ["resources", "variables", "outputs"])]
pub(super) struct Edges {
    all: Vec<Edge>,
}

impl Edges {
    pub(super) fn build(r: &mut Reading, found: &[(&Managed, &Asked)], parts: &[&dyn PartKind]) -> Self {
        Self { all: found.iter().filter_map(|(m, e)| edge(r, m, e, parts)).collect() }
    }
}

fn edge(r: &mut Reading, m: &Managed, e: &Asked, parts: &[&dyn PartKind]) -> Option<Edge> {
    let mut origins: Vec<Origin> = Vec::new();
    for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(m.name.as_str())) {
        let paths: Vec<String> = route.paths.iter().map(|p| path_pattern(p).1).collect();
        match parts.iter().find_map(|p| p.origin(r, &route.to)) {
            Some(o) if origins.iter().all(|x| x.id != o.id) => origins.push(Origin { paths, ..o }),
            // An origin stands once, with the paths of its first route.
            Some(_) => {}
            None => r.note(&m.name, format!("it fetches from `{}`, which is no web origin: left out", route.to)),
        }
    }
    let first = origins.iter().find(|o| o.paths.is_empty()).or(origins.first());
    let Some((default, default_bucket)) = first.map(|o| (o.id.clone(), o.bucket)) else {
        r.note(&m.name, "it has nothing to fetch from: not built");
        return None;
    };
    for o in &mut origins {
        if o.id == default {
            o.paths.clear();
        } else if o.paths.is_empty() {
            let path = format!("/{}/*", o.id.replace('_', "-"));
            r.note(&m.name, format!("no flow says which requests `{}` answers: `{path}` stands for them", o.id));
            o.paths.push(path);
        }
        o.paths.sort();
        o.paths.dedup();
    }
    if e.stale_while_revalidate.is_some() || e.stale_if_error.is_some() {
        let what = "stale answers: CloudFront serves them as the origin's `Cache-Control` says, so the origin must send `stale-while-revalidate` and `stale-if-error`";
        r.note(&m.name, what);
    }
    r.note(&m.name, "`ttl` holds for answers without `Cache-Control`; answers for one person must carry `private`");
    let id = identifier(&r.names.id(&m.name));
    Some(Edge {
        short: short(&id),
        about: about(m),
        ttl: whole(e.ttl.unwrap_or(0.0), 0, 31_536_000),
        waf: e.waf,
        compress: e.compress,
        origins,
        default,
        default_bucket,
        id,
    })
}

impl PartKind for Edges {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "edge.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: String::new(),
            variables: render(&self.as_variables()),
            outputs: render(&self.as_outputs()),
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
