//! Facts: a value, or the reason why there is none.
//!
//! In: the inputs that an analysis lacks. Out: the reason as data (kind, subject, attribute) and as
//! one sentence. Never: a sentence parsed back into a reason.

use super::Component;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A value, or the reason why it is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact<T> {
    /// The value.
    Known(T),
    /// It grows as long as the load lasts.
    Unbounded(Reason),
    /// It cannot be computed.
    Unknown(Reason),
}

/// A number in SI units, or why it is unknown. Unknown is never 0.
pub type Known = Result<f64, Reason>;

impl<T> Fact<T> {
    /// The value, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unbounded(_) | Self::Unknown(_) => None,
        }
    }

    /// The reason why there is no value.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Known(_) => None,
            Self::Unbounded(reason) | Self::Unknown(reason) => Some(reason),
        }
    }
}

impl<T: Copy> From<&Result<T, Reason>> for Fact<T> {
    fn from(known: &Result<T, Reason>) -> Self {
        match known {
            Ok(value) => Self::Known(*value),
            Err(reason) => Self::Unknown(reason.clone()),
        }
    }
}

/// Classes of reasons for a missing value, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonKind {
    /// An attribute is not set.
    Missing,
    /// A variable (`?`) has no value yet.
    Variable,
    /// archc does not model it.
    NotModelled,
    /// The question has no answer for this design: nothing calls the component, the flow waits for nothing.
    NotApplicable,
    /// A resource is used beyond its capacity.
    Overload,
    /// A component is lost.
    Lost,
    /// The catalog has no price for it.
    Unpriced,
    /// An iteration did not converge.
    NotConverged,
    /// A number is beyond the range of the formulas.
    OutOfRange,
    /// The search or enumeration would exceed its limit.
    TooLarge,
    /// The settings of the design contradict each other.
    Contradiction,
}

impl ReasonKind {
    /// The word of the JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Variable => "variable",
            Self::NotModelled => "not_modelled",
            Self::NotApplicable => "not_applicable",
            Self::Overload => "overload",
            Self::Lost => "lost",
            Self::Unpriced => "unpriced",
            Self::NotConverged => "not_converged",
            Self::OutOfRange => "out_of_range",
            Self::TooLarge => "too_large",
            Self::Contradiction => "contradiction",
        }
    }
}

/// The subject of a reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The system, or no single part of it.
    System,
    /// A component, by name.
    Component(String),
    /// A flow, by name.
    Flow(String),
    /// A call: caller and callee, by name.
    Call(String, String),
}

/// The reason why a value is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    kind: ReasonKind,
    subject: Subject,
    attribute: Option<&'static str>,
    /// Results that are unknown because of it, outermost first.
    context: Vec<String>,
    sentence: String,
    /// Other missing inputs of the same question.
    others: Vec<Reason>,
}

impl Reason {
    fn build(kind: ReasonKind, subject: Subject, attribute: Option<&'static str>, sentence: String) -> Self {
        Self(Arc::new(Inner { kind, subject, attribute, context: Vec::new(), sentence, others: Vec::new() }))
    }

    /// A reason about any subject; `attribute` is the missing one.
    pub fn about(
        kind: ReasonKind,
        subject: Subject,
        attribute: Option<&'static str>,
        sentence: impl Into<String>,
    ) -> Self {
        Self::build(kind, subject, attribute, sentence.into())
    }

    /// A reason about the system, or about no single part of it.
    pub fn new(kind: ReasonKind, sentence: impl Into<String>) -> Self {
        Self::build(kind, Subject::System, None, sentence.into())
    }

    /// A reason about a component.
    pub fn of(kind: ReasonKind, c: &Component, sentence: impl Into<String>) -> Self {
        Self::build(kind, Subject::Component(c.name.clone()), None, sentence.into())
    }

    /// A reason about a flow.
    pub fn of_flow(kind: ReasonKind, flow: &str, sentence: impl Into<String>) -> Self {
        Self::build(kind, Subject::Flow(flow.to_owned()), None, sentence.into())
    }

    /// A component does not set an attribute.
    #[must_use]
    pub fn missing(c: &Component, attribute: &'static str) -> Self {
        Self::missing_as(c, attribute, format!("`{}` does not say its `{attribute}`", c.name))
    }

    /// A component does not set an attribute; the sentence adds more.
    pub fn missing_as(c: &Component, attribute: &'static str, sentence: impl Into<String>) -> Self {
        Self::build(ReasonKind::Missing, Subject::Component(c.name.clone()), Some(attribute), sentence.into())
    }

    /// A call does not set an attribute.
    pub fn missing_on_call(from: &str, to: &str, attribute: &'static str, sentence: impl Into<String>) -> Self {
        let subject = Subject::Call(from.to_owned(), to.to_owned());
        Self::build(ReasonKind::Missing, subject, Some(attribute), sentence.into())
    }

    /// A variable (`?`) of a component has no value yet.
    #[must_use]
    pub fn variable(c: &Component, attribute: &'static str) -> Self {
        let sentence = format!("`{attribute}` of `{}` is a hole (`?`) that is not solved yet", c.name);
        Self::build(ReasonKind::Variable, Subject::Component(c.name.clone()), Some(attribute), sentence)
    }

    /// This reason, with an unknown result put in front.
    #[must_use]
    pub fn under(&self, what: impl Into<String>) -> Self {
        let what = what.into();
        let inner = &self.0;
        if inner.context.first() == Some(&what) {
            return self.clone();
        }
        let context = std::iter::once(what).chain(inner.context.iter().cloned()).collect();
        Self(Arc::new(Inner {
            kind: inner.kind,
            subject: inner.subject.clone(),
            attribute: inner.attribute,
            context,
            sentence: inner.sentence.clone(),
            others: inner.others.clone(),
        }))
    }

    /// This reason, with a consequence appended to its sentence.
    #[must_use]
    pub fn so(&self, consequence: impl fmt::Display) -> Self {
        let inner = &self.0;
        Self(Arc::new(Inner {
            kind: inner.kind,
            subject: inner.subject.clone(),
            attribute: inner.attribute,
            context: inner.context.clone(),
            sentence: format!("{}{consequence}", inner.sentence),
            others: inner.others.clone(),
        }))
    }

    /// Both reasons of one question.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let known = |r: &Self| r.0.sentence == other.0.sentence;
        if known(&self) || self.0.others.iter().any(known) {
            return self;
        }
        let inner = &self.0;
        let others = inner.others.iter().cloned().chain([other.clone()]).collect();
        Self(Arc::new(Inner {
            kind: inner.kind,
            subject: inner.subject.clone(),
            attribute: inner.attribute,
            context: inner.context.clone(),
            sentence: inner.sentence.clone(),
            others,
        }))
    }

    /// Its class.
    #[must_use]
    pub fn kind(&self) -> ReasonKind {
        self.0.kind
    }

    /// Its subject.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// The attribute that is missing or a variable.
    #[must_use]
    pub fn attribute(&self) -> Option<&'static str> {
        self.0.attribute
    }

    /// This reason, then all others of the same question.
    pub fn all(&self) -> impl Iterator<Item = &Reason> {
        std::iter::once(self).chain(self.0.others.iter().flat_map(|r| r.flat()))
    }

    fn flat(&self) -> Vec<&Reason> {
        std::iter::once(self).chain(self.0.others.iter().flat_map(Self::flat)).collect()
    }
}

impl PartialOrd for Reason {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Ordered by sentence, as reports list reasons.
impl Ord for Reason {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.0.context, &self.0.sentence).cmp(&(&other.0.context, &other.0.sentence))
    }
}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for what in &self.0.context {
            write!(f, "{what}: ")?;
        }
        f.write_str(&self.0.sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_told_once() {
        let why = Reason::new(ReasonKind::OutOfRange, "a number is too large");
        let told = why.under("errors are unknown").under("errors are unknown");
        assert_eq!(told.to_string(), "errors are unknown: a number is too large");
        assert_eq!(told.kind(), ReasonKind::OutOfRange);
    }

    #[test]
    fn two_reasons_are_both_kept_once() {
        let first = Reason::new(ReasonKind::Missing, "a");
        let second = Reason::new(ReasonKind::Unpriced, "b");
        let both = first.clone().and(&second).and(&second).and(&first);
        let all: Vec<String> = both.all().map(ToString::to_string).collect();
        assert_eq!(all, ["a", "b"]);
    }
}
