//! The order of named values: each after the values that it uses.
//!
//! In: the lets of all files. Out: their order, and the finding for a cycle. Never: a value.

use super::expressions::{qualify, words};
use crate::base::Span;
use crate::diag::{Diagnostic, Sink};
use crate::syntax::ast::Expr;
use std::collections::{BTreeMap, BTreeSet};

/// A named value.
#[derive(Clone, Debug)]
pub struct LetValue {
    /// Its expression.
    pub expr: Expr,
    /// The prefix of its file.
    pub prefix: String,
    /// The source location of its name.
    pub span: Span,
}

/// The names, each after the names that it uses (Kahn's order). Names that remain form a cycle,
/// which is reported.
pub(super) fn order(table: &BTreeMap<String, LetValue>, sink: &mut Sink) -> Vec<String> {
    let uses: BTreeMap<String, BTreeSet<String>> = table
        .iter()
        .map(|(name, v)| {
            let all = words(&v.expr).into_iter().map(|w| qualify(&v.prefix, &w)).filter(|w| table.contains_key(w));
            (name.clone(), all.collect())
        })
        .collect();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, all) in &uses {
        missing.insert(name, all.len());
        for u in all {
            users.entry(u).or_default().push(name);
        }
    }
    let mut ready: Vec<&str> = missing.iter().filter(|(_, n)| **n == 0).map(|(n, _)| *n).rev().collect();
    let mut order = Vec::new();
    while let Some(name) = ready.pop() {
        order.push(name.to_owned());
        for user in users.get(name).into_iter().flatten() {
            if let Some(n) = missing.get_mut(user) {
                *n -= 1;
                if *n == 0 {
                    ready.push(user);
                }
            }
        }
    }
    if order.len() < table.len() {
        let left: BTreeSet<&str> = missing.iter().filter(|(_, n)| **n > 0).map(|(n, _)| *n).collect();
        report_ring(table, &left, &uses, sink);
    }
    order
}

fn report_ring(
    table: &BTreeMap<String, LetValue>,
    left: &BTreeSet<&str>,
    uses: &BTreeMap<String, BTreeSet<String>>,
    sink: &mut Sink,
) {
    // Follow the first use inside the rest until a name repeats.
    let Some(mut at) = left.first().copied() else { return };
    let mut path: Vec<&str> = Vec::new();
    while !path.contains(&at) {
        path.push(at);
        let next = uses.get(at).and_then(|u| u.iter().find(|n| left.contains(n.as_str())));
        let Some(next) = next else { break };
        at = next;
    }
    let start = path.iter().position(|n| *n == at).unwrap_or(0);
    let mut ring: Vec<&str> = path.get(start..).unwrap_or(&[]).to_vec();
    ring.push(at);
    if let Some(v) = table.get(at) {
        sink.push(
            Diagnostic::error("ARC536", v.span, format!("`{at}` is defined by itself: {}", ring.join(" -> "))).help(
                if ring.len() > 2 { "give one of them a value of its own" } else { "give it a value of its own" },
            ),
        );
    }
}
