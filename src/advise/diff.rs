//! Differing lines of two texts.
//!
//! In: the text before and after. Out: hunks of removed and added lines, with the number of the
//! first. Method: longest common subsequence of lines (Hunt and `McIlroy` 1976); one hunk if the
//! differing part is too long for that. Never: a change inside a line.

/// Lines that replace others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The number of the first line in the text before, from 1.
    pub line: usize,
    /// Removed lines.
    pub old: Vec<String>,
    /// Added lines.
    pub new: Vec<String>,
}

/// Largest product of line counts that are compared.
const MOST: usize = 4_000_000;

/// The hunks between two texts.
#[must_use]
pub fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let rest = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(x, y)| x == y).count();
    let old = a.get(head..a.len() - tail).unwrap_or_default();
    let new = b.get(head..b.len() - tail).unwrap_or_default();
    let mut out: Vec<Hunk> = Vec::new();
    let mut put = |line: usize, taken: Option<&str>, given: Option<&str>| {
        let joins = out.last().is_some_and(|h| h.line + h.old.len() == line);
        if !joins {
            out.push(Hunk { line, old: Vec::new(), new: Vec::new() });
        }
        if let Some(h) = out.last_mut() {
            h.old.extend(taken.map(str::to_owned));
            h.new.extend(given.map(str::to_owned));
        }
    };
    if old.len().saturating_mul(new.len()) > MOST {
        for (i, l) in old.iter().enumerate() {
            put(head + i + 1, Some(l), None);
        }
        for l in new {
            put(head + old.len() + 1, None, Some(l));
        }
        return out;
    }
    // Length of the longest common subsequence of the remainders from each pair of lines on.
    let width = new.len() + 1;
    let mut table = vec![0u32; (old.len() + 1) * width];
    let get = |t: &[u32], i: usize, j: usize| t.get(i * width + j).copied().unwrap_or(0);
    for (i, x) in old.iter().enumerate().rev() {
        for (j, y) in new.iter().enumerate().rev() {
            let n =
                if x == y { get(&table, i + 1, j + 1) + 1 } else { get(&table, i + 1, j).max(get(&table, i, j + 1)) };
            if let Some(slot) = table.get_mut(i * width + j) {
                *slot = n;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        match (old.get(i), new.get(j)) {
            (Some(x), Some(y)) if x == y => {
                i += 1;
                j += 1;
            }
            (Some(x), y) if y.is_none() || get(&table, i + 1, j) >= get(&table, i, j + 1) => {
                put(head + i + 1, Some(x), None);
                i += 1;
            }
            (_, Some(y)) => {
                put(head + i + 1, None, Some(y));
                j += 1;
            }
            _ => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_rebuild_the_text() {
        let before = "a\nb\nc\nd\ne\n";
        for after in ["a\nb\nc\nd\ne\n", "x\na\nb\nc\nd\ne\n", "a\nB\nc\ne\nf\n", "", "c\n"] {
            let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
            for h in hunks(before, after).into_iter().rev() {
                let at = h.line - 1;
                assert_eq!(lines[at..at + h.old.len()], h.old);
                lines.splice(at..at + h.old.len(), h.new);
            }
            assert_eq!(lines, after.lines().map(str::to_owned).collect::<Vec<_>>(), "{after:?}");
        }
        assert_eq!(hunks("a\nb\n", "a\nx\nb\n"), [Hunk { line: 2, old: vec![], new: vec!["x".to_owned()] }]);
    }
}
