//! The table of machine shapes and prices, `catalog/aws.csv`, as lines and fields.
//!
//! In: the embedded file. Out: fields of a line. Never: their meaning.

/// The file.
pub(super) const CSV: &str = include_str!("../../catalog/aws.csv");

/// Splits a CSV line; quoted fields may contain commas.
pub(super) fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => {
                if let Some(last) = out.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    out
}
