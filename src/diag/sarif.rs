//! Findings as SARIF 2.1.0 (OASIS), the format that code hosts read.
//!
//! In: findings, titles of codes. Out: a log. Never: a file written.

use super::{Diagnostic, Severity, code_info};
use crate::base::{SourceMap, Span};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A SARIF log of several runs.
#[must_use]
pub fn sarif(runs: &[Value]) -> Value {
    json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs })
}

/// The run of one design. `titles` returns the title of a rule's code; titles of language errors
/// are known here.
#[must_use]
pub fn sarif_run(list: &[Diagnostic], sources: &SourceMap, titles: &dyn Fn(&str) -> Option<&'static str>) -> Value {
    let codes: BTreeSet<&str> = list.iter().map(|d| d.code).collect();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            let title = code_info(code).map(|i| i.title).or_else(|| titles(code)).unwrap_or(code);
            json!({ "id": code, "shortDescription": { "text": title } })
        })
        .collect();
    let results: Vec<Value> = list
        .iter()
        .map(|d| {
            let level = match d.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "note",
            };
            let text = d.help.as_ref().map_or_else(|| d.message.clone(), |h| format!("{}\nhelp: {h}", d.message));
            let related: Vec<Value> = d
                .related
                .iter()
                .enumerate()
                .map(|(i, r)| {
                    let mut place = location(r.span, sources);
                    if let Some(place) = place.as_object_mut() {
                        place.insert("id".to_owned(), json!(i));
                        place.insert("message".to_owned(), json!({ "text": r.label }));
                    }
                    place
                })
                .collect();
            let mut result = json!({
                "ruleId": d.code,
                "level": level,
                "message": { "text": text },
                "locations": [location(d.span, sources)],
            });
            if let Some(result) = result.as_object_mut().filter(|_| !related.is_empty()) {
                result.insert("relatedLocations".to_owned(), json!(related));
            }
            result
        })
        .collect();
    json!({
            "tool": { "driver": {
                "name": "archc",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

fn location(span: Span, sources: &SourceMap) -> Value {
    let Some(file) = sources.get(span.file) else { return json!({}) };
    let (line, column) = file.line_column(span.start as usize);
    let (end_line, end_column) = file.line_column(span.end as usize);
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&file.name) },
        "region": {
            "startLine": line, "startColumn": column,
            "endLine": end_line, "endColumn": end_column,
        },
    } })
}

/// A relative reference by RFC 3986: characters other than unreserved ones and `/` are escaped.
fn uri(name: &str) -> String {
    name.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}
