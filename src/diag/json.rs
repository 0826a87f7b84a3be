//! Findings as JSON.
//!
//! In: findings. Out: values for serialization, the same in every JSON output. Never: text for a
//! terminal.

use super::Diagnostic;
use crate::base::SourceMap;
use serde::Serialize;

/// One finding as every JSON output of `archc` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnosticJson {
    code: &'static str,
    severity: &'static str,
    message: String,
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    help: Option<String>,
    related: Vec<RelatedJson>,
}

#[derive(Clone, Debug, Serialize)]
struct RelatedJson {
    message: String,
    file: String,
    line: usize,
    column: usize,
}

impl DiagnosticJson {
    /// A finding with its line and column, both from 1.
    #[must_use]
    pub fn new(d: &Diagnostic, sources: &SourceMap) -> Self {
        let place = |span: crate::base::Span, end: bool| {
            sources.get(span.file).map_or((String::new(), 1, 1), |f| {
                let (line, column) = f.line_column(if end { span.end } else { span.start } as usize);
                (f.name.clone(), line, column)
            })
        };
        let (file, line, column) = place(d.span, false);
        let (_, end_line, end_column) = place(d.span, true);
        let related = d.related.iter().map(|r| {
            let (file, line, column) = place(r.span, false);
            RelatedJson { message: r.label.clone(), file, line, column }
        });
        Self {
            code: d.code,
            severity: d.severity.word(),
            message: d.message.clone(),
            file,
            line,
            column,
            end_line,
            end_column,
            label: d.label.clone(),
            help: d.help.clone(),
            related: related.collect(),
        }
    }
}
