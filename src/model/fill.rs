//! Filling variables: the design with values in place of `?`.
//!
//! In: a model, values by component and attribute. Out: a model whose filled attributes have the
//! plan or the solver as their origin. A value that its variable does not allow is left out and
//! reported. Never: a value chosen.

use super::keys;
use super::value::{SCALED, scaled};
use super::{Attrs, CompId, Component, Hole, Interval, Model, Origin, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Chosen {
    /// A count.
    Count(f64),
    /// The name of a machine.
    Name(String),
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Name(n) => f.write_str(n),
        }
    }
}

/// Values of one component by attribute.
pub type Choice = BTreeMap<String, Chosen>;
/// An assignment: values by component.
pub type Choices = BTreeMap<String, Choice>;

impl Hole {
    /// Whether the variable allows a value.
    #[must_use]
    pub fn allows(&self, chosen: &Chosen) -> bool {
        match (self, chosen) {
            (Self::AtLeast(least), Chosen::Count(n)) => n >= least,
            (Self::Between(least, most), Chosen::Count(n)) => (*least..=*most).contains(n),
            (Self::Among(all), Chosen::Count(n)) => all.iter().any(|x| (x - n).abs() <= 1e-9 * x.abs()),
            (Self::OneOf(names), Chosen::Name(n)) => names.contains(n),
            (Self::AtLeast(_), Chosen::Name(n)) => crate::catalog::machine(n).is_some(),
            _ => false,
        }
    }

    /// The least number that it allows; `None` if it allows names.
    #[must_use]
    pub fn least(&self) -> Option<f64> {
        match self {
            Self::AtLeast(n) | Self::Between(n, _) => Some(*n),
            Self::Among(all) => all.first().copied(),
            Self::OneOf(_) => None,
        }
    }

    /// Its only value, if it allows exactly one number.
    #[must_use]
    pub fn only(&self) -> Option<f64> {
        match self {
            Self::Between(least, most) if least >= most => Some(*most),
            Self::Among(all) if all.len() == 1 => all.first().copied(),
            _ => None,
        }
    }
}

fn hole_of(value: &Value) -> Option<&Hole> {
    match value {
        Value::Hole(h) => Some(h),
        Value::Shards(inner, _) => hole_of(inner),
        _ => None,
    }
}

impl Component {
    /// Its attributes that are variables, in order.
    #[must_use]
    pub fn holes(&self) -> Vec<(&'static str, Hole)> {
        let own = self.attrs.iter().filter_map(|a| Some((a.property.name, hole_of(&a.value)?.clone())));
        let scale = self
            .attrs
            .peek_at(keys::AUTOSCALE)
            .and_then(|a| if let Value::Block(b) = &a.value { Some(b) } else { None });
        let inner =
            SCALED.iter().filter_map(|(path, _, name)| Some((*path, hole_of(&scale?.peek(name)?.value)?.clone())));
        own.chain(inner).collect()
    }

    /// Sets the value of a count that is set already.
    pub fn set_count(&mut self, name: &str, n: f64, origin: &Origin) {
        set(&mut self.attrs, name, &Chosen::Count(n), origin);
    }

    /// Replaces its variables by values; returns the attributes that do not accept theirs.
    pub fn fill(&mut self, choice: &Choice, origin: &Origin) -> Vec<String> {
        let mut plan_mismatches = Vec::new();
        for (name, chosen) in choice {
            match self.holes().iter().find(|(n, _)| n == name) {
                Some((_, hole)) if hole.allows(chosen) => set(&mut self.attrs, name, chosen, origin),
                _ => plan_mismatches.push(name.clone()),
            }
        }
        plan_mismatches
    }
}

fn set(attrs: &mut Attrs, name: &str, chosen: &Chosen, origin: &Origin) {
    if let Some((block, inner)) = scaled(name) {
        let Some(mut attr) = attrs.peek(block).cloned() else { return };
        if let Value::Block(b) = &mut attr.value {
            set(b, inner, chosen, origin);
        }
        attrs.set(attr);
        return;
    }
    let Some(mut attr) = attrs.peek(name).cloned() else { return };
    let value = match chosen {
        Chosen::Count(n) => Value::Number(Interval::fixed(*n)),
        Chosen::Name(n) => Value::Word(n.clone()),
    };
    attr.value = match attr.value {
        Value::Shards(_, by) => Value::Shards(Box::new(value), by),
        _ => value,
    };
    attr.origin = origin.clone();
    attrs.set(attr);
}

impl Model {
    /// Whether any variable is open.
    #[must_use]
    pub fn has_holes(&self) -> bool {
        self.components.iter().any(|c| !c.holes().is_empty() || !c.engine_hole.is_empty())
    }

    /// Restricts variables to one value each; they stay variables.
    pub fn close(&mut self, choices: &Choices) {
        for (name, choice) in choices {
            let Some(c) = self.find(name).and_then(|CompId(i)| self.components.get_mut(i)) else { continue };
            for (attr, chosen) in choice {
                c.attrs.set_hole(attr, &|_| match chosen {
                    Chosen::Count(n) => Hole::Between(*n, *n),
                    Chosen::Name(n) => Hole::OneOf(vec![n.clone()]),
                });
            }
        }
    }

    /// Fills variables; returns each (component, attribute) that does not accept its value.
    pub fn fill(&mut self, choices: &Choices, origin: &Origin) -> Vec<(String, String)> {
        let mut plan_mismatches = Vec::new();
        for (name, choice) in choices {
            match self.find(name).and_then(|CompId(i)| self.components.get_mut(i)) {
                Some(c) => plan_mismatches.extend(c.fill(choice, origin).into_iter().map(|a| (name.clone(), a))),
                None => plan_mismatches.extend(choice.keys().map(|a| (name.clone(), a.clone()))),
            }
        }
        plan_mismatches
    }
}
