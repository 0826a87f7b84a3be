//! Findings drawn for a terminal by miette.
//!
//! In: findings, sources. Out: text. miette has one source for each finding, so related locations
//! in other files are drawn as findings below the first. Never: a finding changed.

use super::{Diagnostic, Severity};
use crate::base::{FileId, SourceFile, SourceMap, Span};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents, ThemeStyles,
};
use std::fmt;

/// Most findings that are drawn.
const MAX_DRAWN: usize = 500;

/// Draws each finding, with a blank line between two. `color` adds ANSI colors.
#[must_use]
pub fn render(list: &[Diagnostic], sources: &SourceMap, color: bool) -> String {
    let theme = GraphicalTheme {
        styles: if color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        ..if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() }
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(110)
        .with_context_lines(1)
        .without_cause_chain();
    let named: Vec<Lines> = sources.iter().map(|(_, f)| Lines(f.clone())).collect();
    let mut out = String::new();
    for d in list.iter().take(MAX_DRAWN) {
        let drawn = Drawn::new(d, &named);
        if !out.is_empty() {
            out.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = handler.render_report(&mut out, &drawn);
    }
    if list.len() > MAX_DRAWN {
        out.push_str(&format!("\n... and {} more findings; `--format json` lists them all\n", list.len() - MAX_DRAWN));
    }
    // Trailing blanks are noise in a golden file and in copied text.
    let mut clean: String = out.lines().map(str::trim_end).fold(String::new(), |mut all, line| {
        all.push_str(line);
        all.push('\n');
        all
    });
    while clean.starts_with('\n') {
        clean.remove(0);
    }
    clean
}

/// A file that finds its lines by index. miette's own sources walk from the start of the file for
/// each label, which is quadratic in the number of findings.
struct Lines(SourceFile);

impl SourceCode for Lines {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let (start, end) = self.0.lines_around(span.offset(), span.offset() + span.len(), before, after);
        // Without context the part begins at the location itself: miette heads the drawing with it.
        let start = if before == 0 { span.offset().max(start) } else { start };
        let (line, column) = self.0.line_column(start);
        let text = self.0.text.get(start..end).ok_or(MietteError::OutOfBounds)?;
        let lines = text.matches('\n').count();
        let part = SourceSpan::new(start.into(), end - start);
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name.clone(),
            text.as_bytes(),
            part,
            line - 1,
            column - 1,
            lines,
        )))
    }
}

struct Drawn<'a> {
    code: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<&'a Lines>,
    elsewhere: Vec<Drawn<'a>>,
}

impl<'a> Drawn<'a> {
    fn new(d: &Diagnostic, named: &'a [Lines]) -> Self {
        let find = |id: FileId| named.get(usize::from(id.0));
        let mark = |span: Span, label: &str, primary: bool| {
            let text = (!label.is_empty()).then(|| label.to_owned());
            // An empty location (the end of a file) still gets a marker.
            let range = (span.start as usize, span.len());
            if primary {
                LabeledSpan::new_primary_with_span(text, range)
            } else {
                LabeledSpan::new_with_span(text, range)
            }
        };
        let label = if d.label.is_empty() { "here" } else { &d.label };
        let mut labels = vec![mark(d.span, label, true)];
        let mut elsewhere = Vec::new();
        for r in &d.related {
            if r.span.file == d.span.file {
                labels.push(mark(r.span, &r.label, false));
            } else {
                elsewhere.push(Drawn {
                    code: String::new(),
                    severity: Severity::Info,
                    message: r.label.clone(),
                    help: None,
                    labels: vec![mark(r.span, "here", true)],
                    source: find(r.span.file),
                    elsewhere: Vec::new(),
                });
            }
        }
        Self {
            code: d.code.to_owned(),
            severity: d.severity,
            message: d.message.clone(),
            help: d.help.clone(),
            labels,
            source: find(d.span.file),
            elsewhere,
        }
    }
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        (!self.code.is_empty()).then(|| Box::new(&self.code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.map(|s| s as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        (!self.elsewhere.is_empty())
            .then(|| Box::new(self.elsewhere.iter().map(|d| d as &dyn miette::Diagnostic)) as Box<_>)
    }
}
