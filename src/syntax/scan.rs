//! The pass before the grammar: one walk over the bytes.
//!
//! In: the text of a file. Out: a text of the same length for the grammar, the comments, and
//! errors. Comments, tabs, carriage returns and newlines inside `( )` and `[ ]` become blanks, and
//! every bracket gets a partner. Errors are those that a grammar cannot locate well: unclosed
//! brackets and strings, nesting that is too deep. Never: the meaning of a word.

use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Sink};

/// Deepest nesting of brackets.
pub const MAX_NESTING: usize = 64;
/// Largest file, in bytes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Most bracket errors; the rest of the file is then skipped.
const MAX_CUTS: usize = 20;

/// A comment with its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the marker to the end of the line, without the line end.
    pub span: Span,
    /// `///`: belongs to the next item.
    pub doc: bool,
    /// Whether only blanks precede it on its line.
    pub own_line: bool,
}

/// The result of the walk.
#[derive(Debug)]
pub struct Scan {
    /// Text for the grammar.
    pub clean: String,
    /// All comments in order.
    pub comments: Vec<Comment>,
    /// Locations that already have an error; the grammar reports nothing there.
    pub reported: Vec<Span>,
}

/// Decodes a file; rejects text that is not UTF-8, too large, or contains a NUL byte.
///
/// # Errors
/// The finding with the reason.
pub fn decode(bytes: Vec<u8>, file: FileId) -> Result<String, Box<Diagnostic>> {
    if bytes.len() > MAX_BYTES {
        let message = format!("this file has {} bytes; a design has at most {MAX_BYTES} (16 MiB)", bytes.len());
        return Err(Box::new(
            Diagnostic::error("ARC502", Span::new(file, 0, 0), message)
                .help("split it and bring the parts together with `use \"part.arch\"`"),
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Box::new(
            Diagnostic::error("ARC500", Span::new(file, 0, 1), "this file is UTF-16, not UTF-8")
                .help("save the file as UTF-8; `iconv -f utf16 -t utf8` converts it"),
        ));
    }
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let message = format!("byte {at} of this file is NUL: it is not a text file");
        return Err(Box::new(
            Diagnostic::error("ARC501", Span::new(file, at, at + 1), message)
                .help("is this the right file? a design is UTF-8 text"),
        ));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Box::new(
            Diagnostic::error("ARC500", Span::new(file, at, at + 1), format!("byte {at} of this file is not UTF-8"))
                .help("save the file as UTF-8; `iconv -f latin1 -t utf8` converts an old one"),
        )
    })
}

struct Open {
    byte: u8,
    at: usize,
    indent: usize,
}

/// Walks over `text`.
#[must_use]
pub fn scan(text: &str, file: FileId, sink: &mut Sink) -> Scan {
    let mut walk = Walk {
        text,
        file,
        bytes: text.as_bytes().to_vec(),
        comments: Vec::new(),
        reported: Vec::new(),
        stack: Vec::new(),
        outer_open: None,
        cuts: 0,
        slips: 0,
    };
    walk.run(sink);
    let clean = String::from_utf8(walk.bytes).unwrap_or_else(|_| unreachable!("only whole ASCII ranges are replaced"));
    Scan { clean, comments: walk.comments, reported: walk.reported }
}

struct Walk<'a> {
    text: &'a str,
    file: FileId,
    bytes: Vec<u8>,
    comments: Vec<Comment>,
    reported: Vec<Span>,
    stack: Vec<Open>,
    /// The last tested outermost bracket, and whether it stays open.
    outer_open: Option<(usize, bool)>,
    cuts: usize,
    /// Number of brackets with the wrong partner so far.
    slips: usize,
}

impl Walk<'_> {
    fn byte(&self, i: usize) -> u8 {
        self.text.as_bytes().get(i).copied().unwrap_or(b'\n')
    }

    fn set(&mut self, i: usize, byte: u8) {
        if let Some(b) = self.bytes.get_mut(i) {
            *b = byte;
        }
    }

    fn blank(&mut self, start: usize, end: usize) {
        for i in start..end {
            self.set(i, b' ');
        }
    }

    fn report(&mut self, sink: &mut Sink, d: Diagnostic) {
        self.reported.push(d.span);
        sink.push(d);
    }

    fn line_end(&self, from: usize) -> usize {
        self.text
            .as_bytes()
            .get(from..)
            .and_then(|rest| rest.iter().position(|b| *b == b'\n'))
            .map_or(self.text.len(), |n| from + n)
    }

    fn run(&mut self, sink: &mut Sink) {
        let len = self.text.len();
        // A byte order mark is not part of the text.
        let mut i = if self.text.starts_with('\u{feff}') { 3 } else { 0 };
        self.blank(0, i);
        let mut line_start = i;
        let old_mac = !self.text.contains('\n') && self.text.trim_end_matches('\r').contains('\r');
        if old_mac {
            let at = self.text.find('\r').unwrap_or(0);
            let d = Diagnostic::error(
                "ARC516",
                Span::new(self.file, at, at + 1),
                "lines end with a carriage return alone in this file",
            )
            .help("save it with the line ends of Unix or Windows; `tr '\\r' '\\n'` converts it");
            self.report(sink, d);
        }
        while i < len {
            match self.byte(i) {
                b'\r' if old_mac => self.set(i, b'\n'),
                b'\n' => {
                    let in_list = self.stack.last().is_some_and(|o| o.byte != b'{');
                    if !self.stack.is_empty() && self.starts_item(i + 1) && (in_list || self.never_closed(i + 1)) {
                        self.cut(i, sink);
                    } else if in_list {
                        self.set(i, b' ');
                    }
                    line_start = i + 1;
                }
                b'\t' | b'\r' => self.set(i, b' '),
                b'"' => {
                    i = self.string(i, sink);
                    continue;
                }
                b'#' => i = self.comment(i, line_start),
                b'/' if self.byte(i + 1) == b'/' => i = self.comment(i, line_start),
                open @ (b'{' | b'[' | b'(') => {
                    if self.stack.len() >= MAX_NESTING {
                        let d = Diagnostic::error(
                            "ARC503",
                            Span::new(self.file, i, i + 1),
                            format!("brackets are nested deeper than {MAX_NESTING}"),
                        )
                        .help("a flow that deep is easier to read as several flows");
                        self.report(sink, d);
                        self.cut_from(len);
                        return;
                    }
                    let indent = self.text.get(line_start..i).map_or(0, |l| l.len() - l.trim_start().len());
                    self.stack.push(Open { byte: open, at: i, indent });
                }
                close @ (b'}' | b']' | b')') => self.close(close, i, sink),
                _ => {}
            }
            if self.cuts > MAX_CUTS {
                return;
            }
            i += 1;
        }
        if !self.stack.is_empty() {
            self.cut(len, sink);
        }
    }

    /// Blanks a comment; returns its last byte.
    fn comment(&mut self, start: usize, line_start: usize) -> usize {
        let mut end = self.line_end(start);
        if end > start && self.byte(end - 1) == b'\r' {
            end -= 1;
        }
        let body = self.text.get(start..end).unwrap_or("");
        let doc = body.starts_with("///") && !body.starts_with("////");
        let own_line = self.text.get(line_start..start).is_some_and(|t| t.trim().is_empty());
        self.comments.push(Comment { span: Span::new(self.file, start, end), doc, own_line });
        self.blank(start, end);
        end.saturating_sub(1)
    }

    /// Skips a string; returns the byte after it.
    fn string(&mut self, start: usize, sink: &mut Sink) -> usize {
        let mut i = start + 1;
        loop {
            match self.byte(i) {
                b'"' if i < self.text.len() => return i + 1,
                b'\\' if self.byte(i + 1) != b'\n' => i += 2,
                b'\n' => {
                    let mut end = i.min(self.text.len());
                    // A closing bracket at the end of the line is probably not part of the text.
                    let line = self.text.get(start..end).unwrap_or("");
                    end -= line.len() - line.trim_end_matches(['}', ' ', '\r']).len();
                    let d = Diagnostic::error(
                        "ARC513",
                        Span::new(self.file, start, end.max(start + 1)),
                        "this string has no end in its line",
                    )
                    .label("the string starts here")
                    .help("close it with `\"`; a line break inside a string is written `\\n`");
                    self.report(sink, d);
                    // A word replaces it, so that the rest of the line still parses.
                    let end = self.closes_below(i).unwrap_or(end.max(start + 1));
                    self.blank(start, end);
                    self.set(start, b'_');
                    return end;
                }
                _ => i += 1,
            }
        }
    }

    /// The end of a string that probably continues on the next lines.
    fn closes_below(&self, line_end: usize) -> Option<usize> {
        let mut line = line_end + 1;
        for _ in 0..10 {
            if line >= self.text.len() || self.starts_item(line) {
                return None;
            }
            let end = self.line_end(line);
            let text = self.text.get(line..end)?;
            if let Some(quote) = text.find('"') {
                let rest = text.get(quote + 1..)?;
                let closes = !rest.contains('"')
                    && (rest.trim().is_empty() || rest.trim_start().starts_with([',', ';', '}', ')', ']']));
                return closes.then_some(line + quote + 1);
            }
            line = end + 1;
        }
        None
    }

    /// Whether `depth` open brackets have partners in the rest of the text, up to the next item.
    fn balances(&self, from: usize, depth: usize) -> bool {
        let mut depth = depth;
        for (i, byte) in self.text.as_bytes().iter().enumerate().skip(from).take(10_000) {
            match byte {
                b'\n' if depth == 0 && self.starts_item(i + 1) => return true,
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' if depth == 0 => return false,
                b'}' | b']' | b')' => depth -= 1,
                _ => {}
            }
        }
        depth == 0
    }

    /// Whether a closing bracket of the wrong kind probably belongs to the innermost open one.
    fn is_misspelt(&mut self, want: u8, at: usize) -> bool {
        self.slips += 1;
        // Each test takes a walk; a file with many such brackets is not a design.
        if self.slips > MAX_CUTS || self.stack.is_empty() {
            return false;
        }
        let inside = self.stack.len() - 1;
        let otherwise = self.stack.iter().rposition(|o| o.byte == want).unwrap_or(self.stack.len());
        self.balances(at + 1, inside) && !self.balances(at + 1, otherwise)
    }

    fn close(&mut self, close: u8, at: usize, sink: &mut Sink) {
        let want = partner(close);
        let span = Span::new(self.file, at, at + 1);
        let misspelt = self.stack.last().is_some_and(|o| o.byte != want) && self.is_misspelt(want, at);
        match self.stack.last() {
            Some(open) if open.byte == want => {
                self.stack.pop();
            }
            Some(_) if misspelt => {
                if let Some(open) = self.stack.pop() {
                    let right = partner(open.byte);
                    let d = Diagnostic::error(
                        "ARC511",
                        span,
                        format!("`{}` closes a `{}`", char::from(close), char::from(open.byte)),
                    )
                    .related(Span::new(self.file, open.at, open.at + 1), "opened here")
                    .help(format!("write `{}`", char::from(right)));
                    self.report(sink, d);
                    self.set(at, right);
                }
            }
            Some(open) if self.stack.iter().any(|o| o.byte == want) => {
                // An inner bracket is unclosed: this bracket closes an outer one.
                let (byte, opened) = (open.byte, open.at);
                let d = Diagnostic::error(
                    "ARC511",
                    Span::new(self.file, opened, opened + 1),
                    format!("this `{}` is closed by `{}`", char::from(byte), char::from(close)),
                )
                .label("opened here")
                .related(span, "closed here")
                .help(format!("write `{}` where it ends", char::from(partner(byte))));
                self.report(sink, d);
                // Entries inside the broken bracket cannot be separated reliably.
                while self.stack.last().is_some_and(|o| o.byte != want) {
                    if let Some(o) = self.stack.pop() {
                        self.blank_keeping_lines(o.at, at);
                    }
                }
                self.stack.pop();
            }
            // A file with that many is not a design.
            _ if self.slips > 5 * MAX_CUTS => self.set(at, b' '),
            _ => {
                self.slips += 1;
                let d = Diagnostic::error("ARC512", span, format!("this `{}` closes nothing", char::from(close)))
                    .help(format!("remove it, or open with `{}` before", char::from(want)));
                self.report(sink, d);
                self.set(at, b' ');
            }
        }
    }

    /// Blanks a range, except line ends: its error is reported already.
    fn blank_keeping_lines(&mut self, start: usize, end: usize) {
        for i in start..end {
            if self.bytes.get(i).is_some_and(|b| *b != b'\n') {
                self.set(i, b' ');
            }
        }
    }

    /// Whether a line at column 0 opens a new item: `service b {`, `flow x {`.
    fn starts_item(&self, line: usize) -> bool {
        let text = self.text.get(line..self.line_end(line)).unwrap_or("");
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return false;
        }
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or("");
        let second = words.next().unwrap_or("");
        let is_name = |w: &str| {
            w.starts_with(|c: char| c.is_ascii_alphabetic()) && w.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let third = words.next().unwrap_or("");
        is_name(first)
            && is_name(second)
            && (third.starts_with('{') || third.starts_with(':') || (first == "let" && third.starts_with('=')))
    }

    /// Whether the outermost open brace has no partner in the rest of the text.
    fn never_closed(&mut self, from: usize) -> bool {
        let Some(outer) = self.stack.first() else { return false };
        // Only a bracket on a line without indentation can be ended by an item.
        if outer.indent != 0 {
            return false;
        }
        if let Some((at, answer)) = self.outer_open
            && at == outer.at
        {
            return answer;
        }
        let answer = self.stays_open(from);
        self.outer_open = Some((outer.at, answer));
        answer
    }

    fn stays_open(&self, from: usize) -> bool {
        let mut depth = self.stack.len();
        let mut i = from;
        while i < self.text.len() {
            match self.byte(i) {
                b'"' => {
                    i += 1;
                    while i < self.text.len() && self.byte(i) != b'"' && self.byte(i) != b'\n' {
                        i += if self.byte(i) == b'\\' { 2 } else { 1 };
                    }
                }
                b'#' => i = self.line_end(i),
                b'/' if self.byte(i + 1) == b'/' => i = self.line_end(i),
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => {
                    depth -= 1;
                    if depth == 0 {
                        return false;
                    }
                }
                _ => {}
            }
            i += 1;
        }
        true
    }

    /// Reports the outermost open bracket and drops its content up to `at`.
    fn cut(&mut self, at: usize, sink: &mut Sink) {
        if let Some(outer) = self.stack.first() {
            let (byte, opened) = (outer.byte, outer.at);
            let d = Diagnostic::error(
                "ARC511",
                Span::new(self.file, opened, opened + 1),
                format!("this `{}` is never closed", char::from(byte)),
            )
            .label("opened here")
            .help(format!("write `{}` where it ends", char::from(partner(byte))));
            self.report(sink, d);
            self.cuts += 1;
        }
        // A file with that many open brackets is not a design; each costs a walk to the end.
        self.cut_from(if self.cuts > MAX_CUTS { self.text.len() } else { at });
    }

    fn cut_from(&mut self, at: usize) {
        if let Some(outer) = self.stack.first().map(|o| o.at) {
            self.reported.push(Span::new(self.file, outer, outer + 1));
            self.blank_keeping_lines(outer, at);
        }
        self.stack.clear();
    }
}

fn partner(byte: u8) -> u8 {
    match byte {
        b'{' => b'}',
        b'[' => b']',
        b'(' => b')',
        b'}' => b'{',
        b']' => b'[',
        _ => b'(',
    }
}
