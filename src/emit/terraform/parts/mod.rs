//! Parts of a module by kind, one file each.
//!
//! In: the plan. Out: [`Parts`], all kinds in the order in which they stand in a file.
//! A new service is a compile error here until it has a kind of part.

mod balancer;
mod broker;
mod bucket;
mod cache;
mod clock;
mod database;
mod edge;
mod external;
mod machine;
mod queue;
mod secret;
mod task;
mod task_size;

use super::types::{PartKind, Reading};
use crate::plan::Plan;
use crate::resource::{self, Managed, Resource, Role, Service, Workload};

/// The resources of a plan by the kind of part that they become.
#[derive(Default)]
struct Found<'a> {
    programs: Vec<&'a Workload>,
    schedules: Vec<(&'a Workload, clock::Times)>,
    edges: Vec<(&'a Managed, &'a resource::Edge)>,
    balancers: Vec<(&'a Managed, &'a resource::Balancer)>,
    databases: Vec<(&'a Managed, &'a resource::Records)>,
    caches: Vec<(&'a Managed, &'a resource::Memory)>,
    brokers: Vec<(&'a Managed, &'a resource::Log)>,
    queues: Vec<&'a Managed>,
    buckets: Vec<(&'a Managed, &'a resource::Objects)>,
    externals: Vec<&'a resource::External>,
    secrets: Vec<&'a resource::Secret>,
}

impl<'a> Found<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut out = Self::default();
        for resource in &plan.resources {
            match resource {
                Resource::Workload(w) => match w.role {
                    Role::Schedule { every, at } => out.schedules.push((w, (every, at))),
                    Role::Service | Role::Gateway { .. } | Role::Balancer { .. } => out.programs.push(w),
                },
                Resource::Managed(m) => match &m.service {
                    Service::Edge(x) => out.edges.push((m, x)),
                    Service::Balancer(x) => out.balancers.push((m, x)),
                    Service::Records(x) => out.databases.push((m, x)),
                    Service::Memory(x) => out.caches.push((m, x)),
                    Service::Log(x) if m.engine.is_some() || m.runs.is_some() => out.brokers.push((m, x)),
                    Service::Log(_) => out.queues.push(m),
                    Service::Objects(x) => out.buckets.push((m, x)),
                },
                Resource::External(x) => out.externals.push(x),
                Resource::Secret(x) => out.secrets.push(x),
                // Read by the parts that they belong to.
                Resource::Volume(_) | Resource::Topic(_) => {}
                // Read by the stack: subnets, rules, alarms, dashboards.
                Resource::Network(_) | Resource::Route(_) | Resource::Alert(_) | Resource::Dashboard(_) => {}
            }
        }
        out
    }
}

/// All parts of a module.
pub(super) struct Parts {
    buckets: bucket::Buckets,
    balancers: balancer::Balancers,
    edges: edge::Edges,
    tasks: task::Tasks,
    clocks: clock::Clocks,
    databases: database::Databases,
    caches: cache::Caches,
    brokers: broker::Brokers,
    queues: queue::Queues,
    externals: external::Externals,
    secrets: secret::Secrets,
}

impl Parts {
    /// Builds the parts. What depends on all others comes last: edges fetch from origins,
    /// programs get what they call.
    pub(super) fn new(r: &mut Reading) -> Self {
        let found = Found::new(r.plan);
        let balancers = balancer::Balancers::build(r, &found.balancers, &found.programs);
        let mut parts = Self {
            buckets: bucket::Buckets::build(r, &found.buckets),
            edges: edge::Edges::build(r, &[], &[]),
            tasks: task::Tasks::build(r, &found.programs, &balancers),
            clocks: clock::Clocks::build(r, &found.schedules),
            databases: database::Databases::build(r, &found.databases),
            caches: cache::Caches::build(r, &found.caches),
            brokers: broker::Brokers::build(r, &found.brokers),
            queues: queue::Queues::build(r, &found.queues),
            externals: external::Externals::build(r, &found.externals),
            secrets: secret::Secrets::build(r, &found.secrets),
            balancers,
        };
        parts.edges = edge::Edges::build(r, &found.edges, &parts.all());
        let grants = task::Tasks::grants(r, &found.programs, &parts.all(), &parts.secrets);
        parts.tasks.attach(grants);
        parts
    }

    /// All kinds, in the order in which they stand in a file.
    pub(super) fn all(&self) -> Vec<&dyn PartKind> {
        let Self { buckets, balancers, edges, tasks, clocks, databases, caches, brokers, queues, externals, secrets } =
            self;
        vec![buckets, balancers, edges, tasks, clocks, databases, caches, brokers, queues, externals, secrets]
    }
}
