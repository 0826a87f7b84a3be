//! Lines under construction, and their alignment in columns.
//!
//! In: pieces of text. Out: lines. Never: a node of the AST.

/// The alignment of a line with its neighbors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// None.
    Plain,
    /// `key = value`: signs in one column.
    Equals,
    /// `kind name : base { … }`: four columns.
    Declaration,
}

#[derive(Clone, Debug)]
struct Line {
    indent: usize,
    layout: Layout,
    cells: Vec<String>,
    comment: Option<String>,
    blank: bool,
}

/// Widest text that comments are aligned after.
const COMMENT_COLUMN: usize = 100;

#[derive(Default)]
pub(super) struct Lines {
    done: Vec<Line>,
    current: Option<Line>,
    depth: usize,
    blank_next: bool,
}

impl Lines {
    fn line(&mut self) -> &mut Line {
        let (indent, blank) = (self.depth, self.blank_next);
        self.blank_next = false;
        self.current.get_or_insert_with(|| Line {
            indent,
            layout: Layout::Plain,
            cells: vec![String::new()],
            comment: None,
            blank,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.done.is_empty() && self.current.is_none()
    }

    /// Adds text to the current line.
    pub(super) fn put(&mut self, text: &str) {
        let line = self.line();
        line.layout = Layout::Plain;
        line.cells = vec![format!("{}{text}", join(&line.cells, &[]))];
    }

    /// Makes the current line a row of columns.
    pub(super) fn cells(&mut self, layout: Layout, cells: Vec<String>) {
        let line = self.line();
        line.layout = layout;
        line.cells = cells;
    }

    /// Appends a comment to the current or the last line.
    pub(super) fn comment(&mut self, text: &str) {
        let depth = self.depth;
        let target = self.current.as_mut().or(self.done.last_mut());
        match target {
            Some(line) if line.comment.is_none() && !is_comment(line) => line.comment = Some(text.to_owned()),
            _ => {
                self.end();
                self.done.push(Line {
                    indent: depth,
                    layout: Layout::Plain,
                    cells: vec![text.to_owned()],
                    comment: None,
                    blank: false,
                });
            }
        }
    }

    /// Ends the current line, if there is one.
    pub(super) fn end(&mut self) {
        if let Some(line) = self.current.take() {
            self.done.push(line);
        }
    }

    /// Puts a blank line before the next line.
    pub(super) fn blank(&mut self) {
        self.blank_next = true;
    }

    /// Ends the current line, then indents the following lines.
    pub(super) fn indent(&mut self, by: i32) {
        // The opening brace of a block ends its line.
        self.end();
        self.shift(by);
    }

    /// Indents the following lines.
    pub(super) fn shift(&mut self, by: i32) {
        self.depth = if by > 0 { self.depth + 1 } else { self.depth.saturating_sub(1) };
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        self.end();
        let mut texts: Vec<String> = Vec::with_capacity(self.done.len());
        let mut start = 0;
        while start < self.done.len() {
            let end = self.run_end(start, |a, b| {
                a.layout == b.layout && a.layout != Layout::Plain && a.indent == b.indent && !b.blank
            });
            let group = self.done.get(start..end).unwrap_or(&[]);
            let widths = widths(group);
            for line in group {
                let text =
                    if line.layout == Layout::Plain { join(&line.cells, &[]) } else { join(&line.cells, &widths) };
                texts.push(format!("{}{}", "  ".repeat(line.indent), text.trim_end()));
            }
            start = end;
        }
        let mut out = String::new();
        let mut start = 0;
        while start < self.done.len() {
            let end = self.run_end(start, |a, b| a.comment.is_some() && b.comment.is_some() && !b.blank);
            let width = texts
                .get(start..end)
                .unwrap_or(&[])
                .iter()
                .map(|t| t.chars().count())
                .filter(|n| *n <= COMMENT_COLUMN)
                .max()
                .unwrap_or(0);
            for i in start..end {
                let (Some(line), Some(text)) = (self.done.get(i), texts.get(i)) else { continue };
                if line.blank && !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(text);
                if let Some(c) = &line.comment {
                    let pad = width.saturating_sub(text.chars().count()) + 2;
                    out.push_str(&" ".repeat(pad));
                    out.push_str(c);
                }
                out.push('\n');
            }
            start = end;
        }
        out
    }

    fn run_end(&self, start: usize, same: impl Fn(&Line, &Line) -> bool) -> usize {
        let mut end = start + 1;
        while let (Some(a), Some(b)) = (self.done.get(end - 1), self.done.get(end)) {
            if !same(a, b) {
                break;
            }
            end += 1;
        }
        end
    }
}

fn is_comment(line: &Line) -> bool {
    line.cells.first().is_some_and(|c| c.starts_with('#') || c.starts_with("//"))
}

fn widths(group: &[Line]) -> Vec<usize> {
    let columns = group.iter().map(|l| l.cells.len()).max().unwrap_or(0);
    (0..columns)
        .map(|i| group.iter().filter_map(|l| l.cells.get(i)).map(|c| c.chars().count()).max().unwrap_or(0))
        .collect()
}

/// Cells next to each other, each padded to its column; empty columns vanish.
fn join(cells: &[String], widths: &[usize]) -> String {
    let mut out = String::new();
    for (i, cell) in cells.iter().enumerate() {
        let width = widths.get(i).copied().unwrap_or_else(|| cell.chars().count());
        if width == 0 {
            continue;
        }
        if i > 0 && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(cell);
        out.push_str(&" ".repeat(width.saturating_sub(cell.chars().count())));
    }
    out
}
