//! Names of a component in Terraform and in AWS.
//!
//! In: the plan's names. Out: identifiers that are unique in a module, and parts of AWS
//! names that fit the service with the tightest limit. Never: a text of the design as it
//! is.

use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Names that every module uses.
const RESERVED: [&str; 7] = ["main", "public", "private", "data", "flow_logs", "alarms", "cloudfront"];
/// Characters of an AWS name that are left for a component. Balancers and target groups
/// have 32; `var.name` takes 12 and a hyphen one.
const ROOM: usize = 19;

/// The names of a plan.
pub(super) struct Names {
    ids: BTreeMap<String, String>,
    slugs: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    /// Names of all components that own a resource.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut out = Self {
            ids: BTreeMap::new(),
            slugs: BTreeMap::new(),
            taken: RESERVED.iter().map(|r| (*r).to_owned()).collect(),
        };
        for resource in &plan.resources {
            let name = resource.owner();
            if out.ids.contains_key(name) {
                continue;
            }
            let slug = plan.slug(name);
            let id = out.unused(&identifier(&slug));
            out.ids.insert(name.to_owned(), id);
            out.slugs.insert(name.to_owned(), slug);
        }
        out
    }

    /// The Terraform name of a component: lower case, digits, single underscores.
    pub(super) fn id(&self, name: &str) -> String {
        self.ids.get(name).cloned().unwrap_or_else(|| identifier(name))
    }

    /// The DNS label of a component.
    pub(super) fn slug(&self, name: &str) -> String {
        self.slugs.get(name).cloned().unwrap_or_else(|| self.id(name).replace('_', "-"))
    }

    /// An unused name: `wanted`, or `wanted` with a number.
    pub(super) fn unused(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        let mut n = 2;
        while !self.taken.insert(id.clone()) {
            id = format!("{wanted}_{n}");
            n += 1;
        }
        id
    }
}

/// A text as a Terraform identifier without `__`, which joins two names to one.
pub(super) fn identifier(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        if c != '_' || !out.ends_with('_') {
            out.push(c);
        }
    }
    let out = out.trim_matches('_');
    if out.starts_with(|c: char| c.is_ascii_lowercase()) { out.to_owned() } else { format!("c_{out}") }
}

/// The part of an AWS name for an identifier: at most 19 letters, digits and single
/// hyphens. A digest of the whole replaces what is cut off.
pub(super) fn short(id: &str) -> String {
    let text = id.replace("__", "-").replace('_', "-");
    let text = text.trim_matches('-');
    if text.len() <= ROOM {
        return text.to_owned();
    }
    // FNV-1a, 32 bits: enough to keep the names of one design apart.
    let digest = id.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    let head: String = text.chars().take(ROOM - 7).collect();
    format!("{}-{:06x}", head.trim_end_matches('-'), digest & 0x00ff_ffff)
}

/// The name of an environment variable.
pub(super) fn env(id: &str) -> String {
    id.to_ascii_uppercase()
}

/// A text with those characters only that EC2 takes in the description of a security
/// group or rule, at most 250.
pub(super) fn description(text: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    text.chars().map(|c| if fine(c) { c } else { '_' }).take(250).collect()
}

/// Method and path pattern of a route: `POST /notes/{id}` is `POST`, `/notes/*`.
pub(super) fn path_pattern(route: &str) -> (Option<String>, String) {
    let (method, path) = match route.split_once(char::is_whitespace) {
        Some((m, rest)) if !m.is_empty() && m.chars().all(|c| c.is_ascii_uppercase()) => {
            (Some(m.to_owned()), rest.trim())
        }
        Some(_) | None => (None, route.trim()),
    };
    let parts =
        path.split('/').map(|p| if (p.starts_with('{') && p.ends_with('}')) || p.starts_with(':') { "*" } else { p });
    let path = parts.collect::<Vec<_>>().join("/");
    (method, if path.starts_with('/') { path } else { format!("/{path}") })
}
