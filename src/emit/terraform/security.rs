//! Security groups and their rules.
//!
//! In: the routes, the parts. Out: one group for each part in the network, and for each
//! route one rule at either end. Never: a rule that no route asks for, except those that
//! a part needs to work at all.

use super::names::description;
use super::parts::Parts;
use super::types::{Entry, PartKind, Reading, Rule, SecurityGroup};
use crate::resource::Route;
use std::collections::BTreeSet;

/// The groups of all parts in the network, by name.
pub(super) fn groups(parts: &Parts) -> Vec<SecurityGroup> {
    let mut all: Vec<SecurityGroup> = parts.all().iter().flat_map(|p| p.groups()).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// The rules of one connection, at both ends.
fn pair(from: &str, to: &str, port: u16, about: &str) -> [Rule; 2] {
    let rule = |group: &str, peer: &str, ingress: bool| Rule {
        id: format!("{from}__{to}"),
        group: group.to_owned(),
        peer: Some(peer.to_owned()),
        cidr: None,
        prefix_list: None,
        port,
        about: description(about),
        ingress,
    };
    [rule(from, to, false), rule(to, from, true)]
}

/// The rule of a balancer for requests from the internet, or from `CloudFront` alone.
fn open(entry: &Entry, port: u16, cloudfront: bool, about: &str) -> Rule {
    let to = &entry.id;
    Rule {
        id: if cloudfront { format!("{to}__from_cloudfront") } else { format!("{to}__from_internet_{port}") },
        group: to.clone(),
        peer: None,
        cidr: (!cloudfront).then_some("0.0.0.0/0"),
        prefix_list: cloudfront.then_some("data.aws_ec2_managed_prefix_list.cloudfront.id"),
        port,
        about: description(about),
        ingress: true,
    }
}

/// Rules under construction.
struct Rules<'a> {
    parts: Vec<&'a dyn PartKind>,
    /// Pairs of ends that have their rules.
    done: BTreeSet<(String, String)>,
    out: Vec<Rule>,
}

impl Rules<'_> {
    /// The Terraform name and the port of a component, if it is in the network.
    fn end(&self, r: &Reading, component: &str) -> Option<(String, u16)> {
        let id = r.names.id(component);
        let port = self.parts.iter().find_map(|p| p.port(&id))?;
        Some((id, port))
    }

    /// A route from the internet, or from the edge named.
    fn public_route(&mut self, r: &mut Reading, route: &Route, edge: Option<&str>) {
        let Some(entry) = self.parts.iter().find_map(|p| p.entry(&route.to)) else {
            if edge.is_none() && !r.is_edge(&route.to) {
                r.note(&route.to, "the internet calls it in the design: nothing lets it in");
            }
            return;
        };
        let who = edge.unwrap_or("the internet");
        // Edges share one rule: CloudFront has one list of addresses.
        let shared = edge.is_some() && self.out.iter().any(|x| x.group == entry.id && x.prefix_list.is_some());
        if self.done.insert((edge.unwrap_or("").to_owned(), entry.id.clone())) && !shared {
            self.out.push(open(&entry, entry.port, edge.is_some(), &format!("{who} to {}", route.to)));
            if entry.tls && edge.is_none() {
                self.out.push(open(&entry, 80, false, &format!("{who} to {}, sent on to TLS", route.to)));
            }
        }
        // No route leads from a balancer that was added to its program.
        if r.program(&route.to).is_some()
            && let Some((id, port)) = self.end(r, &route.to)
            && self.done.insert((entry.id.clone(), id.clone()))
        {
            self.out.extend(pair(&entry.id, &id, port, &format!("{who} to {} through its balancer", route.to)));
        }
    }

    /// A route between two components.
    fn private_route(&mut self, r: &Reading, route: &Route, from: &str) {
        let id = r.names.id(from);
        if self.parts.iter().any(|p| p.connects(&id))
            && let Some((to, port)) = self.end(r, &route.to)
            && self.done.insert((id.clone(), to.clone()))
        {
            self.out.extend(pair(&id, &to, port, &format!("{from} to {}", route.to)));
        }
    }
}

/// The rules of all groups, by name.
pub(super) fn rules(r: &mut Reading, parts: &Parts) -> Vec<Rule> {
    let mut rules = Rules { parts: parts.all(), done: BTreeSet::new(), out: Vec::new() };
    for route in r.routes() {
        match route.from.as_deref() {
            None => rules.public_route(r, route, None),
            Some(from) if r.is_edge(from) => rules.public_route(r, route, Some(from)),
            Some(from) => rules.private_route(r, route, from),
        }
    }
    let mut out = rules.out;
    out.extend(parts.all().iter().flat_map(|p| p.rules()));
    out.sort_by(|a, b| (&a.id, a.ingress).cmp(&(&b.id, b.ingress)));
    out
}
