//! Resources of a component: use, capacity, and the binding resource.
//!
//! In: use and capacity of each resource. Out: the highest utilization and its resource.
//! Never: how use or capacity is computed.

use crate::analysis::ground::known::Known;
use crate::model::Reason;
use crate::model::ReasonKind;
use std::collections::BTreeMap;

/// The resource `memory`: it is shown and never binds.
pub const MEMORY: &str = "memory";

/// One resource of a component.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Use, in the unit of the resource: cores, requests or bytes per second, connections, threads,
    /// slots or bytes.
    pub used: Known,
    /// Capacity, in the same unit as `used`.
    pub capacity: Known,
    /// Use over capacity, 1 at 100%.
    pub utilization: Known,
    /// How it was computed, for `explain`.
    pub why: Vec<String>,
}

/// Utilization of a component.
#[derive(Clone, Debug)]
pub struct Utilization {
    /// By name: `cpu` `limit` `connections` `threads` `disk` `network`, and `memory`, which never binds.
    pub resources: BTreeMap<&'static str, Resource>,
    /// The highest utilization of a resource that can bind, or why it is unknown.
    pub utilization: Known,
    /// The resource with the highest utilization.
    pub binding: Option<&'static str>,
}

impl Utilization {
    /// The utilization of a component with these resources.
    pub(in crate::analysis) fn of(name: &str, resources: BTreeMap<&'static str, Resource>) -> Self {
        let none = Err(Reason::new(ReasonKind::NotApplicable, format!("no resource of `{name}` is modeled")));
        let mut all = Self { resources, utilization: none, binding: None };
        all.bind();
        all
    }

    /// Adds a resource, or replaces it.
    pub(in crate::analysis) fn insert(&mut self, name: &'static str, resource: Resource) {
        self.resources.insert(name, resource);
        self.bind();
    }

    /// The utilization without one resource; 0 if no other resource is left.
    #[must_use]
    pub fn but(mut self, name: &str) -> Self {
        self.resources.remove(name);
        if self.resources.is_empty() {
            self.utilization = Ok(0.0);
        }
        self.bind();
        self
    }

    /// Finds the highest utilization.
    ///
    /// `network` is unknown if only some calls set their sizes. An unknown network does not make the
    /// highest utilization unknown.
    fn bind(&mut self) {
        let open = |name: &str, r: &Resource| name == "network" && r.utilization.is_err();
        let mut best: Option<(&'static str, f64)> = None;
        let mut missing = None;
        for (name, r) in self.resources.iter().filter(|(n, r)| **n != MEMORY && !open(n, r)) {
            match &r.utilization {
                Ok(u) if best.is_none_or(|(_, b)| *u > b) => best = Some((name, *u)),
                Ok(_) => {}
                Err(e) => missing = missing.or_else(|| Some(e.clone())),
            }
        }
        match (missing, best) {
            (Some(e), _) => (self.utilization, self.binding) = (Err(e), None),
            (None, Some((name, u))) => (self.utilization, self.binding) = (Ok(u), Some(name)),
            (None, None) => self.binding = None,
        }
    }
}
