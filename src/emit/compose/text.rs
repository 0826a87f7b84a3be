//! Names, paths and numbers of a design as parts of server configurations.
//!
//! In: texts of a design. Out: texts of a few harmless characters, which end no line, word
//! or quote. Never: a text that is passed through unchecked.

use crate::emit::escape::yaml;
use crate::emit::render::render;
use askama::Template;

/// The text of a template, which ends in a line end.
pub(super) fn page(template: &impl Template) -> String {
    let mut text = render(template);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A double-quoted YAML scalar for Compose.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", yaml(text))
}

/// A flow sequence of quoted scalars.
pub(super) fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|i| quoted(i)).collect();
    format!("[{}]", items.join(", "))
}

/// A name as an environment variable: capitals, digits and `_`, a letter first.
pub(super) fn variable(name: &str) -> String {
    let text: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) { text } else { format!("X_{text}") }
}

/// A name as an identifier of SQL, a secret or a topic: lower case, digits and `_`.
pub(super) fn ident(name: &str) -> String {
    variable(name).to_ascii_lowercase()
}

/// A path as in a request, other characters percent-encoded.
pub(super) fn uri_path(path: &str) -> String {
    let mut out = String::new();
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"/._~-".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    if out.starts_with('/') { out } else { format!("/{out}") }
}

/// Method and path of a route, as a proxy matches them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    /// The method; `None` is any.
    pub method: Option<&'static str>,
    /// A regular expression of letters, digits and `/ - _ ~ [ ^ ] + .`: needs no quotes anywhere.
    pub regex: String,
    /// Whether a segment of it matches more than one text.
    pub variable: bool,
    /// Whether characters that are no parameter became "anything but `/`".
    pub widened: bool,
}

impl Pattern {
    /// The expression without `^`, to follow other text.
    pub(super) fn body(&self) -> &str {
        self.regex.strip_prefix('^').unwrap_or(&self.regex)
    }
}

/// The pattern of a route such as `POST /orders/{id}`; `{id}`, `:id` and `*` match any segment.
pub(super) fn pattern(route: &str) -> Pattern {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let route = route.trim();
    let (first, rest) = route.split_once(' ').unwrap_or(("", route));
    let method = METHODS.into_iter().find(|m| first.eq_ignore_ascii_case(m));
    let path = if method.is_some() { rest.trim() } else { route };
    let (mut regex, mut variable, mut widened) = (String::new(), false, false);
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        regex.push('/');
        if segment == "**" {
            regex.push_str(".*");
        } else if segment.starts_with(['{', ':', '*']) {
            regex.push_str("[^/]+");
            variable = true;
        } else {
            let mut wild = false;
            for c in segment.chars() {
                match c {
                    c if c.is_ascii_alphanumeric() || "-_~".contains(c) => regex.push(c),
                    '.' => regex.push_str("[.]"),
                    _ if wild => continue,
                    _ => {
                        regex.push_str("[^/]+");
                        variable = true;
                    }
                }
                wild = !(c.is_ascii_alphanumeric() || "-_~.".contains(c));
                widened |= wild;
            }
        }
    }
    if regex.is_empty() {
        regex.push('/');
    }
    Pattern { method, regex: format!("^{regex}$"), variable, widened }
}

/// The path of a route with `1` for each parameter, for a schedule that calls it.
pub(super) fn example_path(route: &str) -> String {
    let path = route.trim().split_once(' ').map_or(route, |(_, p)| p.trim());
    let parts: Vec<&str> = path
        .split('/')
        .filter(|s| !s.is_empty())
        .map(|s| if s.starts_with(['{', ':', '*']) { "1" } else { s })
        .collect();
    uri_path(&format!("/{}", parts.join("/")))
}

/// Seconds as a whole number, at least `least`.
pub(super) fn seconds(s: f64, least: u64) -> u64 {
    // Clamped to a thousand years.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let s = s.round().clamp(0.0, 3.2e10) as u64;
    s.max(least)
}

/// Milliseconds as a whole number, at least one.
pub(super) fn millis(s: f64) -> u64 {
    seconds(s * 1000.0, 1)
}
