//! Availability: the share of time that a component, and all that a flow needs, works.
//!
//! In: what [`crate::analysis::faults::component_availability`] knows of components in each state of the zones, what
//! [`crate::analysis::faults::structure`] knows of flows, the load. Out: probabilities, exact: the states of the
//! zones are enumerated, given one of them components are independent, each counted once.
//! Never: the time that a failover takes, what a partition does, an overload at the peak
//! (how long it lasts is not known). Source: Barlow and Proschan 1975.

use crate::analysis::faults::component_availability::{Up, any_node_up, component_up};
use crate::analysis::faults::critical_caches::{CacheLosses, caches};
use crate::analysis::faults::structure::{Form, MAX_NODES, Need, Reader, Var};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Utilization;
use crate::analysis::ground::zones::Zones;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, Flow, Model};
use crate::units::show_nines;
use std::collections::{BTreeMap, BTreeSet};

/// Availability of components and flows.
#[derive(Clone, Debug, Default)]
pub struct Availability {
    /// By component.
    pub components: Vec<Known>,
    /// By flow.
    pub flows: Vec<Known>,
    /// What they were computed from.
    pub structure: Option<Structure>,
}

/// What the availability of flows is computed from.
#[derive(Clone, Debug)]
pub struct Structure {
    /// The states of the zones.
    pub zones: Zones,
    /// By component, as flows need it: a cache with any of its nodes.
    pub ups: Vec<Result<Up, Reason>>,
    /// Caches that a component cannot do without.
    pub guards: BTreeMap<CompId, Vec<CompId>>,
}

/// The availability of all components and flows.
#[must_use]
pub fn availability(model: &Model, utilization: &[Utilization], load: f64) -> Availability {
    let zones = Zones::new(model);
    let mut components = Vec::with_capacity(model.components.len());
    let mut ups = Vec::with_capacity(model.components.len());
    for (c, u) in model.components.iter().zip(utilization) {
        let up = component_up(model, &zones, c, u);
        components.push(up.as_ref().map(|up| up.availability(&zones)).map_err(Clone::clone));
        ups.push(if c.kind.facets.misses { any_node_up(model, &zones, c) } else { up });
    }
    let mut out = Structure { zones, ups, guards: BTreeMap::new() };
    out.guard(model, load);
    let flows = model.flows.iter().map(|f| out.availability(model, f)).collect();
    Availability { components, flows, structure: Some(out) }
}

impl Structure {
    /// Finds the caches that components cannot do without, for flows that have an answer.
    fn guard(&mut self, model: &Model, load: f64) {
        let mut needed = BTreeSet::new();
        for flow in &model.flows {
            let vars = self.vars(model, flow);
            if vars.iter().all(|(id, _)| self.ups.get(id.0).is_some_and(Result::is_ok)) {
                needed.extend(vars.into_iter().map(|(id, _)| id));
            }
        }
        // A store may be asked through the caches of other flows too.
        let caches = if needed.is_empty() { BTreeSet::new() } else { caches(model) };
        if caches.is_empty() {
            return;
        }
        let losses = CacheLosses::new(model, load, &caches);
        for id in needed {
            let of = losses.guards(model, id);
            if !of.is_empty() {
                self.guards.insert(id, of);
            }
        }
    }

    /// What a flow needs.
    #[must_use]
    pub fn need(&self, model: &Model, flow: &Flow) -> Need {
        let up = |id: CompId| self.ups.get(id.0).and_then(|u| u.as_ref().ok());
        let hard = |id: CompId, write: bool| up(id).is_some_and(|u| u.is_hard(write));
        Reader { model, hard: &hard, guards: &self.guards }.need(flow)
    }

    fn vars(&self, model: &Model, flow: &Flow) -> BTreeSet<Var> {
        let mut vars = BTreeSet::new();
        self.need(model, flow).vars(&mut vars);
        vars
    }

    /// The formula of a flow, if all its components are known.
    ///
    /// # Errors
    /// The reason why its availability is unknown.
    pub fn form(&self, model: &Model, flow: &Flow) -> Result<Form, Reason> {
        let need = self.need(model, flow);
        let mut vars = BTreeSet::new();
        need.vars(&mut vars);
        if vars.is_empty() {
            return Err(Reason::of_flow(
                ReasonKind::NotApplicable,
                &flow.name,
                format!("flow `{}` waits for nothing", flow.name),
            ));
        }
        for (id, _) in vars {
            match self.ups.get(id.0) {
                Some(Err(e)) if model.component(id).kind.facets.misses => {
                    return Err(e.so(", and without it what is behind it is asked for more than it has"));
                }
                Some(Err(e)) => return Err(e.clone()),
                _ => {}
            }
        }
        Form::new(&need, MAX_NODES).map_err(|entangled| {
            let between = entangled.map_or_else(String::new, |e| {
                let (low, high) = e.bounds(&self.zones, &|v, s| self.at(v, s));
                format!("; it is between {} and {}", show_nines(low), show_nines(high))
            });
            let sentence = format!("the fallbacks of flow `{}` are too entangled to be exact{between}", flow.name);
            Reason::of_flow(ReasonKind::TooLarge, &flow.name, sentence)
        })
    }

    /// The probability that a component works in a state of the zones.
    #[must_use]
    pub fn at(&self, var: Var, state: usize) -> f64 {
        self.ups.get(var.0.0).and_then(|u| u.as_ref().ok()).map_or(0.0, |u| u.at(state, var.1))
    }

    /// The availability of one flow, primaries that no zone is said of where they are worst.
    ///
    /// # Errors
    /// The reason why it is unknown.
    pub fn availability(&self, model: &Model, flow: &Flow) -> Known {
        Ok(self.worst(model, flow)?.low)
    }
}
