//! Findings: faults of a design with their source locations, as data.
//!
//! In: findings of any stage. Out: an ordered list, for a terminal, or as JSON or SARIF. Never: a
//! decision whether a design is faulty.

mod codes;
mod json;
mod render;
mod sarif;

pub use codes::{CODES, CodeInfo, code_info};
pub use json::DiagnosticJson;
pub use render::render;
pub use sarif::{sarif, sarif_run};

use crate::base::{Span, nearest};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Information; never changes the exit status.
    Info,
    /// Probably a fault; changes the exit status under `--deny warnings`.
    Warning,
    /// A fault: exit status 1.
    Error,
}

impl Severity {
    /// The word in JSON and on the terminal.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A related source location of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The location.
    pub span: Span,
    /// The label.
    pub label: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `ARC` and three digits; never reused.
    pub code: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// One sentence with the values involved.
    pub message: String,
    /// Its source location.
    pub span: Span,
    /// The label at the location.
    pub label: String,
    /// The fix.
    pub help: Option<String>,
    /// Related locations.
    pub related: Vec<Related>,
    /// Components and flows that it concerns; `allow` matches on these.
    pub subjects: Vec<String>,
    /// Whether an unknown value caused it (`--deny unknown`).
    pub unknown: bool,
}

impl Diagnostic {
    /// An error of a code at a location.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A warning of a code at a location.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    /// A finding of a severity.
    #[must_use]
    pub fn new(severity: Severity, code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            span,
            label: String::new(),
            help: None,
            related: Vec::new(),
            subjects: Vec::new(),
            unknown: false,
        }
    }

    /// Adds the label at the location.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the fix, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// Adds a related location.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push(Related { span, label: label.into() });
        self
    }

    /// Adds a component or flow that it concerns.
    #[must_use]
    pub fn about(mut self, name: impl Into<String>) -> Self {
        self.subjects.push(name.into());
        self
    }

    /// Marks it as caused by an unknown value.
    #[must_use]
    pub fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }
}

/// Number of findings after which no names are suggested.
const CROWD: usize = 200;

/// Collects findings.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    list: Vec<Diagnostic>,
}

impl Sink {
    /// Adds a finding.
    pub fn push(&mut self, d: Diagnostic) {
        self.list.push(d);
    }

    /// The nearest of some names of the design to a misspelled one. After [`CROWD`] findings
    /// nothing is suggested, because each suggestion reads all names and the first findings are
    /// fixed first.
    #[must_use]
    pub fn propose<'a>(&self, word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        if self.is_crowded() { None } else { nearest(word, names) }
    }

    /// Whether there are too many findings for suggestions.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.list.len() >= CROWD
    }

    /// Whether any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// The findings so far, in order of arrival.
    #[must_use]
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// The findings in order of file, location and code, without duplicates.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            (a.span, a.code, &a.message, std::cmp::Reverse(a.severity)).cmp(&(
                b.span,
                b.code,
                &b.message,
                std::cmp::Reverse(b.severity),
            ))
        });
        self.list.dedup();
        self.list
    }
}
