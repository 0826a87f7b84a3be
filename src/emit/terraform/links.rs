//! Who may talk to whom: security groups and their rules.
//!
//! In: the routes. Out: one group for each component inside the network, and for each
//! route one rule at either end. Never: a rule that no route asks for, but for the way
//! out to AWS and to systems of others.

use super::names::{plain, short};
use super::stack::{Group, Node, Reading, Rule, Stack};
use std::collections::BTreeSet;

/// The group and port behind a component, if it is in the network.
fn end(r: &Reading, s: &Stack, name: &str) -> Option<(String, u16)> {
    let id = r.names.id(name);
    let port = match r.node(name)? {
        Node::Unit => s.units.iter().find(|u| u.id == id)?.port,
        Node::Lb => s.lbs.iter().find(|l| l.id == id)?.port(),
        Node::Store => s.stores.iter().find(|d| d.id == id)?.port,
        Node::Cache => s.caches.iter().find(|c| c.id == id)?.port,
        Node::Broker => 9098,
        _ => return None,
    };
    Some((id, port))
}

/// The rules of one edge, at both ends.
fn pair(from: &str, to: &str, port: u16, about: &str) -> [Rule; 2] {
    let rule = |group: &str, peer: &str, ingress: bool| Rule {
        id: format!("{from}__{to}"),
        group: group.to_owned(),
        peer: Some(peer.to_owned()),
        cidr: None,
        prefix_list: None,
        port,
        about: plain(about),
        ingress,
    };
    [rule(from, to, false), rule(to, from, true)]
}

fn groups(s: &mut Stack) {
    let mut all: Vec<(String, &str)> = Vec::new();
    all.extend(s.lbs.iter().map(|l| (l.id.clone(), "balancer")));
    all.extend(s.units.iter().map(|u| (u.id.clone(), "tasks")));
    all.extend(s.stores.iter().map(|d| (d.id.clone(), "database")));
    all.extend(s.caches.iter().map(|c| (c.id.clone(), "cache")));
    all.extend(s.brokers.iter().map(|b| (b.id.clone(), "brokers")));
    all.sort();
    s.groups = all
        .into_iter()
        .map(|(id, what)| Group { short: short(&id), about: plain(&format!("{id} {what}")), id })
        .collect();
}

/// Groups, then rules.
pub(super) fn all(r: &mut Reading, s: &mut Stack) {
    groups(s);
    let mut done: BTreeSet<(String, String)> = BTreeSet::new();
    let mut rules: Vec<Rule> = Vec::new();
    let open = |to: &str, port: u16, list: bool, about: String| Rule {
        id: if list { format!("{to}__from_cloudfront") } else { format!("{to}__from_internet_{port}") },
        group: to.to_owned(),
        peer: None,
        cidr: (!list).then_some("0.0.0.0/0"),
        prefix_list: list.then_some("data.aws_ec2_managed_prefix_list.cloudfront.id"),
        port,
        about: plain(&about),
        ingress: true,
    };
    for route in r.routes() {
        let from = route.from.as_deref();
        let outside = from.is_none_or(|f| r.node(f) == Some(Node::Edge));
        if outside {
            let Some(lb) = s.lbs.iter().find(|l| l.of == route.to) else {
                if from.is_none() && !matches!(r.node(&route.to), Some(Node::Edge)) {
                    r.note(&route.to, "the internet calls it in the design: nothing lets it in");
                }
                continue;
            };
            let who = from.unwrap_or("the internet");
            if done.insert((from.unwrap_or("").to_owned(), lb.id.clone()))
                && !(from.is_some() && rules.iter().any(|x| x.group == lb.id && x.prefix_list.is_some()))
            {
                rules.push(open(&lb.id, lb.port(), from.is_some(), format!("{who} to {}", route.to)));
                if lb.tls && from.is_none() {
                    rules.push(open(&lb.id, 80, false, format!("{who} to {}, sent on to TLS", route.to)));
                }
            }
            // The way in that was added is a balancer of no route: its own edge follows from this one.
            if r.node(&route.to) == Some(Node::Unit)
                && let Some((id, port)) = end(r, s, &route.to)
                && done.insert((lb.id.clone(), id.clone()))
            {
                rules.extend(pair(&lb.id, &id, port, &format!("{who} to {} through its balancer", route.to)));
            }
            continue;
        }
        let Some(from) = from else { continue };
        if !matches!(r.node(from), Some(Node::Unit | Node::Lb)) {
            continue;
        }
        let id = r.names.id(from);
        if let Some((to, port)) = end(r, s, &route.to)
            && done.insert((id.clone(), to.clone()))
        {
            rules.extend(pair(&id, &to, port, &format!("{from} to {}", route.to)));
        }
    }
    for u in &s.units {
        let mut about = "AWS: images, logs, secrets".to_owned();
        for name in &u.outside {
            about.push_str(&format!("; {name}"));
        }
        rules.push(Rule {
            id: format!("{}__out", u.id),
            group: u.id.clone(),
            peer: None,
            cidr: Some("0.0.0.0/0"),
            prefix_list: None,
            port: 443,
            about: plain(&about),
            ingress: false,
        });
    }
    rules.sort_by(|a, b| (&a.id, a.ingress).cmp(&(&b.id, b.ingress)));
    s.rules = rules;
}
