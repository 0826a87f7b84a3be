//! Availability: the share of time that a component works, or that everything a flow requires works.
//!
//! In: component availability in each state of the zones
//! ([`crate::analysis::faults::component_availability`]), the structure function of each flow
//! ([`crate::analysis::faults::structure`]), the load. Out: exact probabilities. All states of the zones
//! are enumerated. Given one state, components are independent, and each counts once.
//! Never: the duration of a failover, the effect of a partition, or an overload at the peak,
//! whose duration is unknown. Source: Barlow and Proschan 1975.

use crate::analysis::faults::component_availability::{Up, any_node_up, component_up};
use crate::analysis::faults::critical_caches::{CacheLosses, caches};
use crate::analysis::faults::structure::{Form, MAX_NODES, Reader, StructureFunction, Var};
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
    /// The inputs of both; none before they are computed.
    pub structure: Option<Structure>,
}

/// Inputs of the availability of flows.
#[derive(Clone, Debug)]
pub struct Structure {
    /// The states of the zones.
    pub zones: Zones,
    /// Availability by component, as flows require it: one working node is enough for a cache.
    pub ups: Vec<Result<Up, Reason>>,
    /// Critical caches by component: the loss of any one of them overloads the component.
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
    /// Finds the critical caches of all components in flows whose availability can be computed.
    fn guard(&mut self, model: &Model, load: f64) {
        let mut needed = BTreeSet::new();
        for flow in &model.flows {
            let vars = self.vars(model, flow);
            if vars.iter().all(|(id, _)| self.ups.get(id.0).is_some_and(Result::is_ok)) {
                needed.extend(vars.into_iter().map(|(id, _)| id));
            }
        }
        // A store may also receive the misses of caches in other flows.
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

    /// The structure function of a flow.
    #[must_use]
    pub fn structure_function(&self, model: &Model, flow: &Flow) -> StructureFunction {
        let up = |id: CompId| self.ups.get(id.0).and_then(|u| u.as_ref().ok());
        let hard = |id: CompId, write: bool| up(id).is_some_and(|u| u.is_hard(write));
        Reader { model, hard: &hard, guards: &self.guards }.structure_function(flow)
    }

    fn vars(&self, model: &Model, flow: &Flow) -> BTreeSet<Var> {
        let mut vars = BTreeSet::new();
        self.structure_function(model, flow).vars(&mut vars);
        vars
    }

    /// The structure function of a flow, ready for its probability.
    ///
    /// # Errors
    /// Every reason why the availability is unknown: components without a known availability, a
    /// flow that waits for nothing, or a diagram above [`MAX_NODES`].
    pub fn form(&self, model: &Model, flow: &Flow) -> Result<Form, Reason> {
        let function = self.structure_function(model, flow);
        let mut vars = BTreeSet::new();
        function.vars(&mut vars);
        if vars.is_empty() {
            return Err(Reason::of_flow(
                ReasonKind::NotApplicable,
                &flow.name,
                format!("flow `{}` waits for nothing", flow.name),
            ));
        }
        let lacks: Vec<Reason> = vars
            .iter()
            .filter_map(|(id, _)| {
                let why = self.ups.get(id.0)?.as_ref().err()?;
                Some(if model.component(*id).kind.facets.misses {
                    why.so(", and its loss overloads the component behind it")
                } else {
                    why.clone()
                })
            })
            .collect();
        if let Some(why) = Reason::join(lacks.iter()) {
            return Err(why);
        }
        Form::new(&function, MAX_NODES).map_err(|bounds| {
            let between = bounds.map_or_else(String::new, |e| {
                let (low, high) = e.bounds(&self.zones, &|v, s| self.at(v, s));
                format!("; it is between {} and {}", show_nines(low), show_nines(high))
            });
            let sentence = format!("the fallbacks of flow `{}` are too entangled to be exact{between}", flow.name);
            Reason::of_flow(ReasonKind::TooLarge, &flow.name, sentence)
        })
    }

    /// The probability that a component works in a state of the zones; 0 if it is unknown.
    /// For the harder operation it is conditional on the easier one working.
    #[must_use]
    pub fn at(&self, var: Var, state: usize) -> f64 {
        self.ups.get(var.0.0).and_then(|u| u.as_ref().ok()).map_or(0.0, |u| u.at(state, var.1))
    }

    /// The availability of one flow, with undeclared primaries in their worst placement.
    ///
    /// # Errors
    /// The reason why it is unknown.
    pub fn availability(&self, model: &Model, flow: &Flow) -> Known {
        Ok(self.worst(model, flow)?.low)
    }
}
