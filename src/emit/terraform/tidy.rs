//! Layout as `terraform fmt` writes it.
//!
//! In: HCL with its final line breaks. Out: the same lines, indented by open brackets,
//! `=` aligned in runs of one-line attributes, one empty line between blocks. Never: a
//! token added, removed or moved to another line.

/// A line of output.
struct Line {
    indent: usize,
    text: String,
    /// The byte offset of its `=`, if it is aligned.
    equals: Option<usize>,
    blank_before: bool,
}

/// Brackets opened less those closed, and where the first bare `=` stands.
fn scan(line: &str) -> (i32, Option<usize>, i32) {
    let bytes = line.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let (mut net, mut equals, mut since) = (0, None, 0);
    // Open strings and the `${` in them: a string ends where the innermost is one and a quote comes.
    let mut inside: Vec<u8> = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let c = at(i);
        if inside.last() == Some(&b'"') {
            let marker = matches!(c, b'$' | b'%');
            if c == b'\\' {
                i += 1;
            } else if c == b'"' {
                inside.pop();
            } else if marker && at(i + 1) == c && at(i + 2) == b'{' {
                i += 2;
            } else if marker && at(i + 1) == b'{' {
                inside.push(b'{');
                i += 1;
            }
        } else if c == b'"' {
            inside.push(c);
        } else if inside.is_empty() {
            let compares = |b: u8| matches!(b, b'=' | b'!' | b'<' | b'>');
            if matches!(c, b'{' | b'[' | b'(') {
                net += 1;
            } else if matches!(c, b'}' | b']' | b')') {
                net -= 1;
            } else if c == b'='
                && equals.is_none()
                && !matches!(at(i + 1), b'=' | b'>')
                && !compares(at(i.wrapping_sub(1)))
            {
                equals = Some(i);
                since = net;
            }
        } else if c == b'{' {
            inside.push(c);
        } else if c == b'}' {
            inside.pop();
        }
        i += 1;
    }
    (net, equals, net - since)
}

/// Whether a line opens a block: a name, labels, and a brace; no `=`.
fn opens_block(text: &str) -> bool {
    text.ends_with('{') && text.starts_with(|c: char| c.is_ascii_lowercase()) && scan(text).1.is_none()
}

/// The text in that layout.
pub(super) fn tidy(text: &str) -> String {
    let source: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let mut open: Vec<i32> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    // Whether the last block that closed was inside another one.
    let mut blocks: Vec<(usize, bool)> = Vec::new();
    let mut closed_block = false;
    for (n, line) in source.iter().enumerate() {
        let note = line.starts_with('#');
        let (net, equals, after) = if note { (0, None, 0) } else { scan(line) };
        if net < 0 {
            close(&mut open, -net);
        }
        let indent = open.len();
        let mut block_ends = false;
        if net < 0 && blocks.last().is_some_and(|(depth, _)| *depth == indent) {
            block_ends = blocks.pop().is_some();
        }
        let next = source.get(n..).unwrap_or_default().iter().find(|l| !l.starts_with('#'));
        let before = lines.last();
        let first = before.is_none_or(|l| l.text.ends_with(['{', '[', '(']) && l.indent < indent);
        let after_note = before.is_some_and(|l| l.text.starts_with('#'));
        let begins = next.is_some_and(|l| opens_block(l));
        let blank_before = !first && !after_note && net >= 0 && (begins || closed_block || (indent == 0 && note));
        if net > 0 {
            if opens_block(line) {
                blocks.push((indent, indent > 0));
            }
            open.push(net);
        }
        closed_block = block_ends;
        let equals = equals.filter(|_| after == 0 && net == 0);
        lines.push(Line { indent, text: (*line).to_owned(), equals, blank_before });
    }
    align(&mut lines);
    let mut out = String::new();
    for l in &lines {
        if l.blank_before {
            out.push('\n');
        }
        out.push_str(&"  ".repeat(l.indent));
        out.push_str(&l.text);
        out.push('\n');
    }
    out
}

/// Closes so many brackets, as the formatter of HCL does: those opened on one line
/// are one step of indentation.
fn close(open: &mut Vec<i32>, mut n: i32) {
    while let Some(last) = open.last_mut() {
        if n < *last {
            *last -= n;
            return;
        }
        n -= *last;
        open.pop();
        if n == 0 {
            return;
        }
    }
}

fn align(lines: &mut [Line]) {
    let mut from = 0;
    while from < lines.len() {
        let run = lines.get(from..).unwrap_or_default();
        let mut len = run.iter().take_while(|l| l.equals.is_some()).count();
        if let Some(cut) = run.iter().take(len).skip(1).position(|l| l.blank_before) {
            len = cut + 1;
        }
        let lead = |l: &Line| l.text.get(..l.equals.unwrap_or(0)).unwrap_or("").trim_end().chars().count();
        let width = run.iter().take(len).map(lead).max().unwrap_or(0);
        for l in lines.iter_mut().skip(from).take(len) {
            let at = l.equals.unwrap_or(0);
            let name = l.text.get(..at).unwrap_or("").trim_end().to_owned();
            let value = l.text.get(at + 1..).unwrap_or("").trim_start().to_owned();
            l.text = format!("{name:<width$} = {value}");
        }
        from += len.max(1);
    }
}
