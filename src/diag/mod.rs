//! What is wrong with a design, and where: data first, drawing second.
//!
//! In: findings of any stage. Out: an ordered list, drawn for a terminal, or as
//! JSON or SARIF. Never: the decision what is wrong.

mod codes;
mod json;
mod render;
mod sarif;

pub use codes::{CODES, CodeInfo, code_info};
pub use json::DiagnosticJson;
pub use render::render;
pub use sarif::{sarif, sarif_run};

use crate::base::{Span, nearest};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; never changes the exit status.
    Info,
    /// Probably wrong; changes the exit status under `--deny warnings`.
    Warning,
    /// Wrong: exit status 1.
    Error,
}

impl Severity {
    /// The word that JSON and the terminal show.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub label: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `ARC` and three digits; never reused.
    pub code: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// One sentence with the values involved.
    pub message: String,
    /// The exact place.
    pub span: Span,
    /// A few words to stand at the place.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// Components and flows it speaks of; `allow` matches on these.
    pub subjects: Vec<String>,
    /// Whether an unknown value caused it (`--deny unknown`).
    pub unknown: bool,
}

impl Diagnostic {
    /// An error of that code at that place.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A warning of that code at that place.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    /// A finding of that weight.
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

    /// Adds the words at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do, if there is something to propose.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push(Related { span, label: label.into() });
        self
    }

    /// Names what it speaks of.
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

/// Findings after which no more names are proposed.
const CROWD: usize = 200;

/// Collects findings.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    list: Vec<Diagnostic>,
}

impl Sink {
    /// Takes a finding.
    pub fn push(&mut self, d: Diagnostic) {
        self.list.push(d);
    }

    /// The nearest of some names of the design to a misspelt one. After
    /// [`CROWD`] findings no more is proposed: each proposal reads all names, and
    /// whoever has that many findings mends the first ones first.
    #[must_use]
    pub fn propose<'a>(&self, word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        if self.is_crowded() { None } else { nearest(word, names) }
    }

    /// Whether there are too many findings for proposals.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.list.len() >= CROWD
    }

    /// Whether an error is among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// The findings so far, in order of arrival.
    #[must_use]
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// The findings in order of file, place and code, without repetitions.
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
