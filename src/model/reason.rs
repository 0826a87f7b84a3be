//! Facts: a value, or the reason why there is none.
//!
//! In: the inputs that an analysis lacks. Out: the reason as data (kind, subject, attribute) and as
//! one sentence; all reasons of one question together. Never: a sentence parsed back into a reason.

use super::Component;
use std::cmp::Ordering;
use std::collections::BTreeSet;
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

/// The sum of numbers.
///
/// # Errors
/// Every reason why one of them is unknown.
pub fn sum<'a>(numbers: impl Iterator<Item = &'a Known> + Clone) -> Known {
    match Reason::join(numbers.clone().filter_map(|n| n.as_ref().err())) {
        Some(why) => Err(why),
        None => Ok(numbers.flatten().sum()),
    }
}

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

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ReasonKind,
    subject: Subject,
    attribute: Option<&'static str>,
    /// Results that are unknown because of it, outermost first.
    context: Vec<String>,
    sentence: String,
    /// Other missing inputs of the same question, each without others of its own.
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
        Self::missing_as(c, attribute, format!("`{}` does not set its `{attribute}`", c.name))
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
        let sentence = format!("`{attribute}` of `{}` is a variable (`?`) that is not solved yet", c.name);
        Self::build(ReasonKind::Variable, Subject::Component(c.name.clone()), Some(attribute), sentence)
    }

    /// This reason, with an unknown result put in front.
    #[must_use]
    pub fn under(&self, what: impl Into<String>) -> Self {
        let what = what.into();
        if self.0.context.first() == Some(&what) {
            return self.clone();
        }
        let others = self.0.others.iter().map(|r| r.under(what.as_str())).collect();
        let context = std::iter::once(what).chain(self.0.context.iter().cloned()).collect();
        Self(Arc::new(Inner { context, others, ..(*self.0).clone() }))
    }

    /// This reason, with a consequence appended to its sentence.
    #[must_use]
    pub fn so(&self, consequence: impl fmt::Display) -> Self {
        let sentence = format!("{}{consequence}", self.0.sentence);
        Self(Arc::new(Inner { sentence, ..(*self.0).clone() }))
    }

    /// All reasons of one question as one, each once; none if there is none.
    pub fn join<'a>(reasons: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut all = reasons.flat_map(Self::all);
        let first = all.next()?;
        let mut seen = BTreeSet::from([first]);
        let others: Vec<Self> = all.filter(|r| seen.insert(*r)).map(Self::alone).collect();
        if others.is_empty() {
            return Some(first.alone());
        }
        Some(Self(Arc::new(Inner { others, ..(*first.0).clone() })))
    }

    /// This reason without the reasons that were joined to it.
    #[must_use]
    pub fn alone(&self) -> Self {
        if self.0.others.is_empty() {
            return self.clone();
        }
        Self(Arc::new(Inner { others: Vec::new(), ..(*self.0).clone() }))
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
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.0.others)
    }

    /// Its sentence with its context, without the others of its question.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.0.context.iter().map(|what| format!("{what}: ")).chain([self.0.sentence.clone()]).collect()
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

/// Programs get every reason of the question.
impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.all().map(Self::sentence).collect::<Vec<_>>().join("; "))
    }
}

/// The first reason, and how many more the question has.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())?;
        match self.0.others.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
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
    fn each_reason_of_a_question_is_kept_once() {
        let first = Reason::new(ReasonKind::Missing, "a");
        let second = Reason::new(ReasonKind::Unpriced, "b");
        let both = Reason::join([&first, &second].into_iter()).expect("two reasons");
        let both = Reason::join([&both, &second, &first].into_iter()).expect("two reasons");
        let all: Vec<String> = both.under("it is unknown").all().map(Reason::sentence).collect();
        assert_eq!(all, ["it is unknown: a", "it is unknown: b"]);
        assert_eq!(both.to_string(), "a (and 1 more)");
        assert_eq!(serde_json::to_string(&both).expect("JSON"), "\"a; b\"");
        assert_eq!(Reason::join(std::iter::empty()), None);
    }

    #[test]
    fn a_sum_lacks_every_unknown_number() {
        let lack = |of: &str| Err(Reason::new(ReasonKind::Missing, of));
        assert_eq!(sum([Ok(1.0), Ok(2.0)].iter()), Ok(3.0));
        let why = sum([lack("a"), Ok(2.0), lack("b")].iter()).expect_err("two are unknown");
        assert_eq!(why.all().count(), 2);
    }
}
