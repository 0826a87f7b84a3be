//! The AST of a file: nothing resolved and nothing lost.
//!
//! In: nothing. Out: types. Spans point into the original text; comments are listed separately, in
//! order. Never: a resolved name.

use super::scan::Comment;
use crate::base::{FileId, Span};
use crate::units::Quantity;

/// A parsed file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its number.
    pub id: FileId,
    /// Items in order.
    pub items: Vec<Item>,
    /// Comments in order.
    pub comments: Vec<Comment>,
}

/// A word with its source location: a name, a kind, an attribute, an enum value, or dotted names.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The text.
    pub text: String,
    /// Its source location.
    pub span: Span,
}

/// A string literal with its escapes resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Its text.
    pub text: String,
    /// Its source location, quotes included.
    pub span: Span,
}

/// A top-level item.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its span.
    pub span: Span,
    /// Its content.
    pub kind: ItemKind,
    /// Whether its text has an error: then missing parts are not reported.
    pub broken: bool,
}

/// The kinds of items.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each variant shows its syntax")]
pub enum ItemKind {
    /// `arch 1`
    Edition(Expr),
    /// `let name = value`
    Let { name: Word, value: Expr },
    /// `use "path" [as name]`
    Use { path: Text, alias: Option<Word> },
    /// `allow CODE on [flow] NAME because "…" [until DATE]`
    Allow { code: Word, on: Vec<Word>, because: Option<Text>, until: Option<Word> },
    /// `rule NAME { … }`
    Rule { name: Word, lines: Vec<RuleLine> },
    /// `head NAME [for KIND] [: base] [{ … }]`: system, component, preset, engine, flow, scenario.
    Decl(Decl),
    /// Text that is not an item; already reported.
    Bad,
}

/// A declaration with a block.
#[derive(Clone, Debug)]
pub struct Decl {
    /// `system`, `service`, `preset`, `flow` …
    pub head: Word,
    /// Its name.
    pub name: Word,
    /// `for KIND` of presets and engines.
    pub for_kind: Option<Word>,
    /// `: base`; a word or a variable.
    pub base: Option<Expr>,
    /// Its block, if it has one.
    pub block: Option<Block>,
}

/// `{ … }`
#[derive(Clone, Debug)]
pub struct Block {
    /// Braces included.
    pub span: Span,
    /// In order.
    pub entries: Vec<Entry>,
}

/// One entry of a block.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its span.
    pub span: Span,
    /// Its content.
    pub kind: EntryKind,
}

/// The kinds of entries.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each variant shows its syntax")]
pub enum EntryKind {
    /// `key = value`, `key <= value`, `key { … }`, or a bare `key`.
    Attr(Attr),
    /// `a -> b -> c`, or `-> b` with no origin.
    Chain(Chain),
    /// `parallel { … }` or `choose { … }`
    Group { word: Word, block: Block },
    /// `99% { … }` in a choose
    Arm { share: Number, span: Span, block: Block },
    /// Text that is not an entry; already reported.
    Bad,
}

/// An attribute.
#[derive(Clone, Debug)]
pub struct Attr {
    /// One word, except in scenarios (`expect flow f`) and tables of pairs.
    pub key: Vec<Word>,
    /// `=`, `<=`, `>=` with its source location, and the value.
    pub value: Option<(Compare, Span, Expr)>,
    /// `{ … }`
    pub block: Option<Block>,
}

impl Attr {
    /// The span of the whole key.
    #[must_use]
    pub fn key_span(&self) -> Span {
        match (self.key.first(), self.key.last()) {
            (Some(a), Some(b)) => a.span.to(b.span),
            _ => Span::default(),
        }
    }
}

/// The sign between key and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Is,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
}

impl Compare {
    /// The sign as text.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
        }
    }
}

/// A chain of calls.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The origin of a chain at flow level.
    pub origin: Option<Word>,
    /// The calls in order.
    pub calls: Vec<Call>,
}

/// `-> target …`
#[derive(Clone, Debug)]
pub struct Call {
    /// From the arrow to the end of its last block.
    pub span: Span,
    /// `~>`
    pub is_async: bool,
    /// `name`, `name.op`, `alias.name.op`
    pub target: Word,
    /// `x3`
    pub times: Option<(Number, Span)>,
    /// `30%`
    pub share: Option<(Number, Span)>,
    /// Attributes and inner calls.
    pub block: Option<Block>,
    /// Steps on a miss.
    pub else_block: Option<Block>,
    /// Steps on an error or a timeout.
    pub fallback: Option<Block>,
}

/// One statement of a rule.
#[derive(Clone, Debug)]
pub struct RuleLine {
    /// Its span.
    pub span: Span,
    /// Its parts in order.
    pub parts: Vec<RulePart>,
}

/// A part of a rule's statement.
#[derive(Clone, Debug, PartialEq)]
pub enum RulePart {
    /// A word or a name.
    Word(Word),
    /// `->`
    Arrow(Span),
    /// `=`
    Equals(Span),
    /// A number.
    Number(Number, Span),
    /// A string: the message, or a value.
    Text(Text),
}

/// A number literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// In SI.
    pub quantity: Quantity,
    /// Whether its unit is time, as in `30s` (for "a bare time").
    pub text: String,
}

/// An expression with its span.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Its span.
    pub span: Span,
    /// Its content.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `3ms`, `$40k`, `85%`
    Number(Number),
    /// `22:00`, in minutes after midnight
    Clock(u32),
    /// `2031-03-31`
    Date(String),
    /// `"text"`
    Text(String),
    /// A name, an enum word, or a bare unit after `/` or `per`.
    Word(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `(a + b)`
    Paren(Box<Expr>),
    /// `-a`
    Negative(Box<Expr>),
    /// `?`, `? in …`, `? >= n`
    Hole(HoleBound),
    /// `a + b * c`, flat; `*` `/` `per` bind tighter than `+` `-`.
    Arith(Box<Expr>, Vec<(BinOp, Span, Expr)>),
    /// `a .. b` or `a +- b`
    Range(Box<Expr>, RangeOp, Box<Expr>),
    /// `p50 180ms p99 650ms`: terms side by side.
    Phrase(Vec<Expr>),
    /// `[zone a] | [zone b]`
    Alternatives(Vec<Expr>),
    /// An error; already reported.
    Bad,
}

/// The values that a variable allows.
#[derive(Clone, Debug)]
pub enum HoleBound {
    /// `?`
    Any,
    /// `? in [a, b]` or `? in 2..40`
    In(Box<Expr>),
    /// `? >= n`
    AtLeast(Box<Expr>),
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `per`
    Per,
}

impl BinOp {
    /// The operator as text.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Per => "per",
        }
    }
}

/// The two ways to write an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeOp {
    /// `a .. b`
    To,
    /// `a +- b`
    PlusMinus,
}
