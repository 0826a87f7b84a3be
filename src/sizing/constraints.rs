//! Constraints of a design, one by one: targets, system requirements, scenarios, bounds of variables.
//!
//! In: a model. Out: its constraints in words; the model without one of them, or with another bound.
//! Never: whether a constraint is met.

use super::flow_values::constrains;
use crate::kinds::MetricType;
use crate::model::keys;
use crate::model::{Attr, Attrs, CompId, Hole, Interval, Model, Slo, Value};
use crate::resource::Survive;
use crate::units::{show_nines, show_ratio, show_time};

/// One constraint.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constraint {
    /// A target: number of the flow, number of its target.
    Target(usize, usize),
    /// `headroom`: no utilization above 1 - headroom.
    Headroom,
    /// `survive`: every constraint holds after a loss.
    Survive,
    /// Every constraint holds in the scenario of this name.
    Scenario(String),
    /// A variable stays within its bounds.
    Bound(CompId, &'static str),
}

impl Constraint {
    /// All constraints that sizes can violate.
    pub fn all(model: &Model) -> Vec<Self> {
        let mut out = Vec::new();
        for (f, flow) in model.flows.iter().enumerate() {
            let bound = flow.slo.iter().enumerate().filter(|(_, s)| constrains(s));
            out.extend(bound.map(|(s, _)| Self::Target(f, s)));
        }
        if headroom(model) > 0.0 {
            out.push(Self::Headroom);
        }
        if survive(model) != Survive::None {
            out.push(Self::Survive);
        }
        out.extend(model.scenarios.iter().map(|s| Self::Scenario(s.name.clone())));
        for (id, c) in model.all() {
            let bounded = c.holes().into_iter().filter(|(_, h)| !matches!(h, Hole::AtLeast(_)));
            out.extend(bounded.map(|(name, _)| Self::Bound(id, name)));
        }
        out
    }

    /// The constraint in words.
    pub fn words(&self, model: &Model) -> String {
        match self {
            Self::Target(f, s) => target(model, *f, *s).map_or_else(String::new, |(flow, slo)| slo_words(flow, slo)),
            Self::Headroom => format!("`headroom = {}`", show_ratio(headroom(model))),
            Self::Survive => format!("`survive = {}`", survive(model).word()),
            Self::Scenario(name) => format!("scenario `{name}`"),
            Self::Bound(id, attr) => {
                let c = model.component(*id);
                let hole = c.holes().into_iter().find(|(n, _)| n == attr).map(|(_, h)| h.words(attr));
                format!("`{attr} = {}` of `{}`", hole.unwrap_or_default(), c.name)
            }
        }
    }

    /// Removes the constraint from a model.
    pub fn drop_from(&self, model: &mut Model) {
        match self {
            Self::Target(f, s) => {
                // Targets keep their numbers: the bound becomes one that everything meets.
                if let Some(slo) = model.flows.get_mut(*f).and_then(|flow| flow.slo.get_mut(*s)) {
                    slo.target = if slo.metric.ty == MetricType::RatioAtLeast { 0.0 } else { f64::MAX };
                }
            }
            Self::Headroom => set_headroom(model, 0.0),
            Self::Survive => set_survive(model, Survive::None),
            Self::Scenario(name) => model.scenarios.retain(|s| s.name != *name),
            Self::Bound(id, attr) => {
                if let Some(c) = model.components.get_mut(id.0) {
                    widen(&mut c.attrs, attr);
                }
            }
        }
    }
}

/// Name of a flow, and one of its targets.
pub(super) fn target(model: &Model, flow: usize, slo: usize) -> Option<(&str, &Slo)> {
    let f = model.flows.get(flow)?;
    Some((&f.name, f.slo.get(slo)?))
}

/// `p99 of flow browse <= 50ms`.
pub(super) fn slo_words(flow: &str, slo: &Slo) -> String {
    let op = if slo.metric.ty == MetricType::RatioAtLeast { ">=" } else { "<=" };
    format!("`{} {op} {}` of flow `{flow}`", slo.metric.name, bound_words(slo, slo.target))
}

/// A bound in the notation of its metric.
pub(super) fn bound_words(slo: &Slo, x: f64) -> String {
    match slo.metric.ty {
        MetricType::RatioAtLeast | MetricType::RatioAtMost => show_nines(x),
        _ => show_time(x),
    }
}

/// Sets the bound of a target.
pub(super) fn set_target(model: &mut Model, flow: usize, slo: usize, to: f64) {
    if let Some(s) = model.flows.get_mut(flow).and_then(|f| f.slo.get_mut(slo)) {
        s.target = to;
    }
}

/// `headroom` of the system; 0 if not set.
pub(super) fn headroom(model: &Model) -> f64 {
    model.system.attrs.read(keys::HEADROOM).map_or(0.0, |h| h.mid)
}

/// `survive` of the system; `none` if not set.
pub(super) fn survive(model: &Model) -> Survive {
    model.system.attrs.read(keys::SURVIVE).unwrap_or_default()
}

/// Sets `headroom`.
pub(super) fn set_headroom(model: &mut Model, to: f64) {
    change(&mut model.system.attrs, "headroom", |a| a.value = Value::Number(Interval::fixed(to)));
}

/// Sets `survive`.
pub(super) fn set_survive(model: &mut Model, to: Survive) {
    change(&mut model.system.attrs, "survive", |a| a.value = Value::Word(to.word().to_owned()));
}

fn widen(attrs: &mut Attrs, name: &str) {
    let open = |hole: &Hole| match hole {
        Hole::AtLeast(n) | Hole::Between(n, _) => Hole::AtLeast(*n),
        Hole::Among(_) | Hole::OneOf(_) => Hole::AtLeast(hole.least().unwrap_or(1.0)),
    };
    attrs.set_hole(name, &open);
}

fn change(attrs: &mut Attrs, name: &str, with: impl Fn(&mut Attr)) {
    if let Some(mut attr) = attrs.peek(name).cloned() {
        with(&mut attr);
        attrs.set(attr);
    }
}
