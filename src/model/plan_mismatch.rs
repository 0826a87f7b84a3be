//! Plan mismatches: plan values without a variable, variables without a value.
//!
//! In: a model with its variables, values by component. Out: each plan mismatch: a value that no
//! variable accepts, with its location and a sentence, and a variable without a value. Never: a
//! value changed.

use super::{Choices, Chosen, CompId, Component, Hole, Model};
use crate::units::{show_ratio, show_size};

/// A plan mismatch: a value that the design has no variable for.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanMismatch {
    /// The component, if there is one of that name.
    pub of: Option<CompId>,
    /// The component's name.
    pub name: String,
    /// The attribute.
    pub attribute: String,
    /// The reason, as a sentence: `` `replicas = 8` of `app` is outside of `? in 1..4` ``.
    pub why: String,
}

impl Chosen {
    /// The value as its attribute is written, memory with a unit.
    #[must_use]
    pub fn words(&self, attribute: &str) -> String {
        match self {
            Self::Count(n) => amount(attribute, *n),
            Self::Name(name) => name.clone(),
        }
    }
}

impl Hole {
    /// The variable as it is written for an attribute.
    #[must_use]
    pub fn words(&self, attribute: &str) -> String {
        let show = |n: &f64| amount(attribute, *n);
        match self {
            Self::AtLeast(n) if *n <= 1.0 && attribute != "autoscale.target" || *n <= 0.0 => "?".to_owned(),
            Self::AtLeast(n) => format!("? >= {}", show(n)),
            Self::Between(a, b) => format!("? in {}..{}", show(a), show(b)),
            Self::Among(all) => format!("? in [{}]", all.iter().map(show).collect::<Vec<_>>().join(", ")),
            Self::OneOf(names) => format!("? in [{}]", names.join(", ")),
        }
    }
}

fn amount(attribute: &str, n: f64) -> String {
    match attribute {
        "memory" => show_size(n).replace(' ', ""),
        "autoscale.target" => show_ratio(n),
        _ => format!("{n}"),
    }
}

impl Model {
    /// The values that no variable of the design accepts.
    #[must_use]
    pub fn plan_mismatches(&self, choices: &Choices) -> Vec<PlanMismatch> {
        let mut out = Vec::new();
        for (name, choice) in choices {
            let of = self.find(name);
            let Some(id) = of else {
                let attribute = choice.keys().next().cloned().unwrap_or_default();
                let why = format!("the design has no `{name}` any more");
                out.push(PlanMismatch { of, name: name.clone(), attribute, why });
                continue;
            };
            let each = choice.iter().filter_map(|(a, chosen)| Some((a, misfit(self.component(id), a, chosen)?)));
            out.extend(each.map(|(a, why)| PlanMismatch { of, name: name.clone(), attribute: a.clone(), why }));
        }
        out
    }

    /// Variables without a value: component and attribute.
    #[must_use]
    pub fn missing(&self, choices: &Choices) -> Vec<(String, &'static str)> {
        let mut out = Vec::new();
        for c in &self.components {
            let has = |attr: &str| choices.get(&c.name).is_some_and(|choice| choice.contains_key(attr));
            let engine = (!c.engine_hole.is_empty() && !has("engine")).then_some("engine");
            let open = c.holes().into_iter().map(|(attr, _)| attr).filter(|attr| !has(attr));
            out.extend(engine.into_iter().chain(open).map(|attr| (c.name.clone(), attr)));
        }
        out
    }
}

/// The reason why a component does not accept a value.
fn misfit(c: &Component, attr: &str, chosen: &Chosen) -> Option<String> {
    let value = format!("`{attr} = {}` of `{}`", chosen.words(attr), c.name);
    if attr == "engine" && !c.engine_hole.is_empty() {
        let fits = matches!(chosen, Chosen::Name(n) if c.engine_hole.contains(n));
        return (!fits).then(|| format!("{value} is none of `? in [{}]`", c.engine_hole.join(", ")));
    }
    match c.holes().into_iter().find(|(n, _)| *n == attr) {
        Some((_, hole)) if hole.allows(chosen) => None,
        Some((_, hole)) => Some(format!("{value} is outside of `{}`", hole.words(attr))),
        None => Some(format!("{value} is in the plan, and the design leaves it open no longer")),
    }
}
