//! Values of attributes, checked and in SI units.

use super::trace::{self, AttrId};
use crate::base::Span;
use crate::kinds::Property;
use crate::resource::CountedPer;

/// An uncertain number: its extremes and its mid value. A certain one has all three equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lowest.
    pub low: f64,
    /// What stands for it.
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
    /// Its mean in seconds; of a log-normal too.
    pub mean: Interval,
    /// Its law.
    pub law: Law,
}

/// The values that a variable allows.
#[derive(Clone, Debug, PartialEq)]
pub enum Hole {
    /// Any allowed value, at least this.
    AtLeast(f64),
    /// Between two, ends included.
    Between(f64, f64),
    /// One of these numbers, the least first.
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
    /// A rate with what it is counted per (`client`, `ip`, `user`, `route`).
    Limit(Interval, Option<CountedPer>),
    /// Money per request, or (`true`) per second.
    Price(Interval, bool),
    /// A ratio per so many seconds.
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
    /// A count or a variable, and the key it splits by.
    Shards(Box<Value>, Option<String>),
    /// Names of operations with their attributes.
    Ops(Vec<(String, Attrs)>),
    /// A block.
    Block(Attrs),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the component itself.
    Written,
    /// In the component, through a `let`.
    Let,
    /// In a preset.
    Preset(String),
    /// In an engine.
    Engine(String),
    /// The default of its kind.
    Kind,
    /// In a scenario.
    Scenario(String),
    /// In the plan file beside the design.
    Plan,
    /// Solved just now.
    Solved,
    /// What `place` sums to.
    Placed,
    /// What the load asks of `autoscale`.
    Followed,
}

impl Origin {
    /// The word that JSON shows.
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
    /// Its description.
    pub property: &'static Property,
    /// Its value.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
    /// Where it is written; of a kind's default nowhere.
    pub span: Option<Span>,
    /// Source, date and confidence, of catalog values; the reason, of defaults.
    pub source: Option<String>,
}

impl PartialEq for Attr {
    fn eq(&self, other: &Self) -> bool {
        self.property.name == other.property.name && self.value == other.value
    }
}

/// The attributes of something, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attrs {
    list: Vec<Attr>,
}

impl Attr {
    /// Itself, but for what its operations say of some attributes.
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

/// Variables inside a block: the name in choices, the block, the attribute in it.
pub(super) const SCALED: [(&str, &str, &str); 3] = [
    ("autoscale.min", "autoscale", "min"),
    ("autoscale.max", "autoscale", "max"),
    ("autoscale.target", "autoscale", "target"),
];

/// The block and the attribute that a name in choices means, if it is in a block.
#[must_use]
pub fn scaled(name: &str) -> Option<(&'static str, &'static str)> {
    SCALED.iter().find(|(path, ..)| *path == name).map(|(_, block, inner)| (*block, *inner))
}

impl Attrs {
    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Attr> {
        self.list.iter()
    }

    /// Visits all, those of blocks and of operations included, without noting that they were read.
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

    /// The attribute of that name, without noting that it was read.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Attr> {
        self.list.iter().find(|a| a.property.name == name)
    }

    /// The attribute of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attr> {
        let attr = self.peek(name)?;
        trace::note(attr.id);
        Some(attr)
    }

    /// The variable, if the value is open.
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

    /// Replaces the variable, if the attribute has one.
    pub(crate) fn set_hole(&mut self, name: &str, to: &dyn Fn(&Hole) -> Hole) {
        let (name, inner) = scaled(name).map_or((name, None), |(block, inner)| (block, Some(inner)));
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

    /// Adds what is not there yet; blocks and operations merge attribute by attribute. What
    /// is said here for all operations (`cpu`) comes before what a base says of one.
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
