//! Filters of the templates.

// The signature is what askama's macro asks for.
#![allow(clippy::inline_always, clippy::unused_self, clippy::unnecessary_wraps)]

/// A text behind a `#`.
#[askama::filter_fn]
pub(crate) fn comment(text: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(crate::emit::escape::comment(&text.to_string()))
}
