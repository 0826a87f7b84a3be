//! Values of attributes, checked and in SI units.
//!
//! In: nothing. Out: types of values, and attributes by name. Never: an expression.

use super::keys;
use super::keys::{Block, Flag, Key, Number, Shape, Text, Texts, Time};
use super::trace::{self, AttrId};
use crate::base::Span;
use crate::kinds::Property;

/// An uncertain number: its endpoints and its midpoint. For a certain number all three are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lowest.
    pub low: f64,
    /// The value of analyses without intervals.
    pub mid: f64,
    /// The highest.
    pub high: f64,
}

impl Interval {
    /// A certain number.
    #[must_use]
    pub fn fixed(x: f64) -> Self {
        Self { low: x, mid: x, high: x }
    }

    /// Whether low and high differ.
    #[must_use]
    pub fn is_spread(self) -> bool {
        self.low < self.high
    }
}

/// The law of a random time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Exponential: coefficient of variation 1.
    Exponential,
    /// Always the same.
    Constant,
    /// Given mean and coefficient of variation.
    Cv(f64),
    /// Log-normal through the median and this 99th percentile (seconds).
    LogNormal {
        /// Median, seconds.
        p50: f64,
        /// 99th percentile, seconds.
        p99: f64,
    },
}

/// A random time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// Its mean in seconds, also for a log-normal.
    pub mean: Interval,
    /// Its law.
    pub law: Law,
}

/// The values that a variable allows.
#[derive(Clone, Debug, PartialEq)]
pub enum Hole {
    /// Any allowed value, at least this.
    AtLeast(f64),
    /// Between two, endpoints included.
    Between(f64, f64),
    /// One of these numbers, in ascending order.
    Among(Vec<f64>),
    /// One of these names.
    OneOf(Vec<String>),
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true`, `false`
    Bool(bool),
    /// A string, a word, a label, the name of a machine.
    Word(String),
    /// A quantity in SI units.
    Number(Interval),
    /// A time with its law.
    Latency(Latency),
    /// `?`
    Hole(Hole),
    /// A rate with its scope (`client`, `ip`, `user`, `route`).
    Limit(Interval, Option<String>),
    /// Money per request, or (`true`) per second.
    Price(Interval, bool),
    /// A ratio, and the seconds that it refers to.
    Growth(Interval, f64),
    /// Words.
    Words(Vec<String>),
    /// A table of words to numbers.
    Table(Vec<(String, Interval)>),
    /// A table of pairs.
    Pairs(Vec<(String, String, Interval)>),
    /// Minutes after midnight.
    Clock(u32),
    /// From and to, in minutes after midnight.
    Window(u32, u32),
    /// A session mechanism, with its time.
    Session(String, Option<f64>),
    /// A count or a variable, and the key that it splits by.
    Shards(Box<Value>, Option<String>),
    /// Names of operations with their attributes.
    Ops(Vec<(String, Attrs)>),
    /// A block.
    Block(Attrs),
}

/// The origin of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Set in the component.
    Written,
    /// Set in the component, through a `let`.
    Let,
    /// In a preset.
    Preset(String),
    /// In an engine.
    Engine(String),
    /// The default of its kind.
    Kind,
    /// In a scenario.
    Scenario(String),
    /// In the plan file next to the design.
    Plan,
    /// Found by this run of sizing.
    Solved,
    /// The sum of `place`.
    Placed,
    /// The desired replicas of `autoscale` at the load.
    Followed,
}

impl Origin {
    /// The word in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Let => "let",
            Self::Preset(_) => "preset",
            Self::Engine(_) => "engine",
            Self::Kind => "kind",
            Self::Scenario(_) => "scenario",
            Self::Plan => "plan",
            Self::Solved => "solved",
            Self::Placed => "place",
            Self::Followed => "autoscale",
        }
    }
}

/// An attribute with its value.
#[derive(Clone, Debug)]
pub struct Attr {
    /// Its number in the design.
    pub id: AttrId,
    /// Its property.
    pub property: &'static Property,
    /// Its value.
    pub value: Value,
    /// Its origin.
    pub origin: Origin,
    /// Its source location; `None` for a kind's default.
    pub span: Option<Span>,
    /// Source, date and confidence of a catalog value; the reason for a default.
    pub source: Option<String>,
}

impl PartialEq for Attr {
    fn eq(&self, other: &Self) -> bool {
        self.property.name == other.property.name && self.value == other.value
    }
}

/// The attributes of one owner, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attrs {
    list: Vec<Attr>,
}

impl Attr {
    /// This attribute; attributes of operations may override it.
    fn without_in_ops(&self, names: &[&str]) -> Self {
        let mut out = self.clone();
        if let Value::Ops(ops) = &mut out.value {
            for (_, op) in ops {
                op.list.retain(|a| !names.contains(&a.property.name));
            }
        }
        out
    }
}

impl Attrs {
    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Attr> {
        self.list.iter()
    }

    /// Visits all, including those of blocks and operations, without recording reads.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Attr)) {
        for a in &self.list {
            visit(a);
            match &a.value {
                Value::Block(inner) => inner.each(visit),
                Value::Ops(ops) => ops.iter().for_each(|(_, inner)| inner.each(visit)),
                _ => {}
            }
        }
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The attribute of a name, without recording the read.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Attr> {
        self.list.iter().find(|a| a.property.name == name)
    }

    /// The attribute of a key.
    #[must_use]
    pub fn attr<T>(&self, key: Key<T>) -> Option<&Attr> {
        self.get(key.name())
    }

    /// The attribute of a key, without recording the read.
    #[must_use]
    pub fn peek_at<T>(&self, key: Key<T>) -> Option<&Attr> {
        self.peek(key.name())
    }

    /// The value of a key, if it has the type of the key.
    #[must_use]
    pub fn read<T: Read>(&self, key: Key<T>) -> Option<T::Out<'_>> {
        T::read(&self.get(key.name())?.value)
    }

    /// The variable (`?`) of a key, if its value is open.
    #[must_use]
    pub fn hole_at<T>(&self, key: Key<T>) -> Option<&Hole> {
        self.hole(key.name())
    }

    /// The attribute of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attr> {
        let attr = self.peek(name)?;
        trace::note(attr.id);
        Some(attr)
    }

    /// Its number, if it has one.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<Interval> {
        match &self.get(name)?.value {
            Value::Number(n) => Some(*n),
            Value::Shards(inner, _) => match **inner {
                Value::Number(n) => Some(n),
                _ => None,
            },
            Value::Latency(l) => Some(l.mean),
            Value::Limit(n, _) | Value::Price(n, _) => Some(*n),
            _ => None,
        }
    }

    /// Its time with its law, if it has one; a plain number is constant.
    #[must_use]
    pub fn latency(&self, name: &str) -> Option<Latency> {
        match &self.get(name)?.value {
            Value::Latency(l) => Some(*l),
            Value::Number(n) => Some(Latency { mean: *n, law: Law::Constant }),
            _ => None,
        }
    }

    /// Its word, if it has one.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.value {
            Value::Word(w) => Some(w),
            _ => None,
        }
    }

    /// Its truth value, if it has one.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// Its block, if it has one.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&Attrs> {
        match &self.get(name)?.value {
            Value::Block(b) => Some(b),
            _ => None,
        }
    }

    /// Its words, if it has any.
    #[must_use]
    pub fn words(&self, name: &str) -> &[String] {
        match self.get(name).map(|a| &a.value) {
            Some(Value::Words(w)) => w,
            _ => &[],
        }
    }

    /// The attributes of one operation.
    #[must_use]
    pub fn op(&self, name: &str) -> Option<&Attrs> {
        match &self.attr(keys::OPS)?.value {
            Value::Ops(ops) => ops.iter().find(|(n, _)| n == name).map(|(_, a)| a),
            _ => None,
        }
    }

    /// The variable, if its value is open.
    #[must_use]
    pub fn hole(&self, name: &str) -> Option<&Hole> {
        match &self.get(name)?.value {
            Value::Hole(h) => Some(h),
            Value::Shards(inner, _) => match &**inner {
                Value::Hole(h) => Some(h),
                _ => None,
            },
            _ => None,
        }
    }

    /// Replaces the variable of an attribute, if it has one.
    pub(crate) fn set_hole(&mut self, name: &str, to: &dyn Fn(&Hole) -> Hole) {
        let (name, inner) = name.split_once('.').map_or((name, None), |(block, inner)| (block, Some(inner)));
        let Some(attr) = self.list.iter_mut().find(|a| a.property.name == name) else { return };
        match &mut attr.value {
            Value::Block(b) => inner.into_iter().for_each(|i| b.set_hole(i, &to)),
            Value::Hole(h) => *h = to(h),
            Value::Shards(inner, _) => {
                if let Value::Hole(h) = &mut **inner {
                    *h = to(h);
                }
            }
            _ => {}
        }
    }

    /// Adds or replaces.
    pub fn set(&mut self, attr: Attr) {
        match self.list.iter_mut().find(|a| a.property.name == attr.property.name) {
            Some(old) => *old = attr,
            None => self.list.push(attr),
        }
    }

    /// Adds attributes that are missing; blocks and operations merge attribute by attribute. A
    /// value set here for all operations (`cpu`) overrides one that a base sets for one operation.
    pub fn fill_from(&mut self, base: &Attrs) {
        let said: Vec<&'static str> = self.list.iter().map(|a| a.property.name).collect();
        for theirs in &base.list {
            let theirs = &theirs.without_in_ops(&said);
            match self.list.iter_mut().find(|a| a.property.name == theirs.property.name) {
                None => self.list.push(theirs.clone()),
                Some(mine) => match (&mut mine.value, &theirs.value) {
                    (Value::Block(mine), Value::Block(theirs)) => mine.fill_from(theirs),
                    (Value::Ops(mine), Value::Ops(theirs)) => {
                        for (name, attrs) in theirs {
                            match mine.iter_mut().find(|(n, _)| n == name) {
                                Some((_, a)) => a.fill_from(attrs),
                                None => mine.push((name.clone(), attrs.clone())),
                            }
                        }
                    }
                    _ => {}
                },
            }
        }
    }
}

/// Reading a value as a type.
pub trait Read {
    /// The type of the result.
    type Out<'a>;

    /// The value as that type, if it has it.
    fn read(value: &Value) -> Option<Self::Out<'_>>;
}

impl Read for Number {
    type Out<'a> = Interval;

    fn read(value: &Value) -> Option<Interval> {
        match value {
            Value::Number(n) => Some(*n),
            Value::Shards(inner, _) => match **inner {
                Value::Number(n) => Some(n),
                _ => None,
            },
            Value::Latency(l) => Some(l.mean),
            Value::Limit(n, _) | Value::Price(n, _) => Some(*n),
            _ => None,
        }
    }
}

impl Read for Time {
    type Out<'a> = Latency;

    fn read(value: &Value) -> Option<Latency> {
        match value {
            Value::Latency(l) => Some(*l),
            Value::Number(n) => Some(Latency { mean: *n, law: Law::Constant }),
            _ => None,
        }
    }
}

impl Read for Flag {
    type Out<'a> = bool;

    fn read(value: &Value) -> Option<bool> {
        if let Value::Bool(b) = value { Some(*b) } else { None }
    }
}

impl Read for Text {
    type Out<'a> = &'a str;

    fn read(value: &Value) -> Option<&str> {
        if let Value::Word(w) = value { Some(w) } else { None }
    }
}

impl Read for Texts {
    type Out<'a> = &'a [String];

    fn read(value: &Value) -> Option<&[String]> {
        if let Value::Words(w) = value { Some(w) } else { None }
    }
}

impl Read for Block {
    type Out<'a> = &'a Attrs;

    fn read(value: &Value) -> Option<&Attrs> {
        if let Value::Block(b) = value { Some(b) } else { None }
    }
}

impl Read for Shape {
    type Out<'a> = &'a Value;

    fn read(value: &Value) -> Option<&Value> {
        Some(value)
    }
}
