//! HCL expressions as values.
//!
//! In: identifiers of the module, texts. Out: an [`Expr`]. A text becomes part of one
//! only between quotes and escaped. Never: a text of the design inside code.

use crate::emit::escape;
use std::fmt;

/// An HCL expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expr(String);

impl Expr {
    /// Code: references, functions and literals made of the module's own identifiers.
    pub(super) fn code(hcl: impl Into<String>) -> Self {
        Self(hcl.into())
    }

    /// A quoted string.
    pub(super) fn text(text: &str) -> Self {
        Self(format!("\"{}\"", escape::hcl(text)))
    }

    /// A quoted string with an expression between two texts.
    pub(super) fn around(before: &str, inner: &Self, after: &str) -> Self {
        Self(format!("\"{}${{{inner}}}{}\"", escape::hcl(before), escape::hcl(after)))
    }

    /// A list.
    pub(super) fn list(items: &[Self]) -> Self {
        let items: Vec<&str> = items.iter().map(|i| i.0.as_str()).collect();
        Self(format!("[{}]", items.join(", ")))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Expr;

    #[test]
    fn a_text_stays_in_its_quotes() {
        assert_eq!(Expr::text("a\"${b}").to_string(), r#""a\"$${b}""#);
        let url = Expr::around("http://", &Expr::code("aws_lb.door.dns_name"), "/\"x");
        assert_eq!(url.to_string(), r#""http://${aws_lb.door.dns_name}/\"x""#);
    }

    #[test]
    fn a_list_holds_expressions() {
        assert_eq!(Expr::list(&[Expr::code("a.b"), Expr::text("c")]).to_string(), r#"[a.b, "c"]"#);
    }
}
