//! Deployments: the provider, a machine of a service or a container that runs a component, or nothing.
//!
//! In: a component, the system, the catalog. Out: a [`Deployment`], read by prices, the plan,
//! rules, advice and `explain`; the machine that a name means at a component. Never: a rate,
//! a size that the design or the catalog does not give.

use super::keys;
use super::value::{Attr, Attrs, Hole, Origin, Value};
use super::{Component, System};
use crate::catalog::{self, Disk, Machine, ROOT_GIB, Service, price};
use crate::diag::{Diagnostic, Sink};
use crate::kinds::{Bill, Kind, Rents};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::resource::{Failover, Replication};
use crate::units::show_size;

/// The engine of a database whose design names neither an engine that is shipped nor a machine.
const BUILT_ENGINE: &str = "postgres";

/// A machine that is rented by the hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Rented {
    /// The service that rents it.
    pub service: Service,
    /// Its name at that service: `db.m7g.large`.
    pub name: &'static str,
    /// vCPUs.
    pub vcpu: f64,
    /// Memory in bytes; 0 if the catalog does not have it.
    pub memory: f64,
    /// Whether its processor is an Arm.
    pub arm: bool,
    /// Whether the design names it; else it is the smallest usual machine that holds the store.
    pub named: bool,
    /// GiB of its root volume, which is paid beside it; 0 if its service includes it.
    pub root_gib: u32,
    /// The catalog row that prices it, if one does.
    pub row: Option<&'static str>,
    /// US dollars an hour, or why that is unknown.
    pub hourly: Result<f64, Reason>,
}

/// A container of a size that the provider sells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sold {
    /// vCPUs.
    pub vcpu: f64,
    /// Memory in GiB.
    pub gib: f64,
    /// US dollars an hour.
    pub hourly: f64,
}

/// The cores of one replica.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Processor {
    /// Cores in use.
    pub cores: f64,
    /// Speed of each core, as a multiple of the reference speed.
    pub speed: f64,
}

/// The provider, machine or container of one replica, copy or node.
#[derive(Clone, Debug, PartialEq)]
pub enum Runs {
    /// Nothing: a client, a timer, a monitor or an external system.
    Outside,
    /// The provider: the design has no machine for it.
    Provider,
    /// A program on hardware that has no price: `provider = none`.
    Program,
    /// A machine of a service.
    Machine(Rented),
    /// A container.
    Container(Sold),
    /// Not decided, with the reason.
    Unknown(Reason),
}

/// The deployment of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// The provider, machine or container of one replica, copy or node.
    pub runs: Runs,
    /// Replicas, copies or nodes; `None` if a variable is not solved or nothing runs.
    pub pieces: Option<f64>,
    /// How its copies follow each other, if the design sets it.
    pub replication: Option<Replication>,
}

impl Component {
    /// Whether it is provider-managed: a managed kind without `replicas`, `cpu`, `ops` and
    /// `instance`.
    #[must_use]
    pub fn is_provided(&self) -> bool {
        let set = |a: Option<&Attr>| a.is_some_and(|a| a.origin != Origin::Kind);
        let own = || {
            set(self.attrs.attr(keys::REPLICAS))
                || set(self.attrs.attr(keys::CPU))
                || set(self.attrs.attr(keys::OPS))
                || set(self.attrs.attr(keys::INSTANCE))
        };
        self.kind.facets.managed && !own()
    }

    /// Whether it is a provider-managed queue: without an engine and without a machine.
    #[must_use]
    pub fn is_provided_queue(&self) -> bool {
        self.kind.facets.buffers && self.product.is_none() && self.attrs.attr(keys::INSTANCE).is_none()
    }

    /// How its copies follow each other, if the design sets it.
    #[must_use]
    pub fn replication(&self) -> Option<Replication> {
        self.attrs.read(keys::REPLICATION).and_then(Replication::of)
    }

    /// The promotion of a replica when its primary is lost, if the design sets it.
    #[must_use]
    pub fn failover(&self) -> Option<Failover> {
        self.attrs.read(keys::FAILOVER).and_then(Failover::of)
    }

    /// The engine whose rows of the catalog price its machines.
    #[must_use]
    pub fn priced_engine(&self) -> Option<&str> {
        self.product.as_deref().or(self.engine.as_deref())
    }

    /// The catalog machine of one replica or node; `None` in a container, without a provider, or if
    /// `instance` is a variable.
    #[must_use]
    pub fn machine(&self, system: &System) -> Option<&'static Machine> {
        let name = self.attrs.read(keys::INSTANCE).filter(|_| system.has_provider)?;
        service(self.kind, &self.attrs).machine(name, self.priced_engine())
    }

    /// The cores of one replica: those of its machine, of which it uses `cores`; in a container
    /// `cores`, or 1, at the reference speed.
    ///
    /// # Errors
    /// The reason, if `instance` or `cores` is a variable.
    pub fn processor(&self, system: &System) -> Result<Processor, Reason> {
        for name in [keys::INSTANCE.name(), keys::CORES.name()] {
            if self.attrs.hole(name).is_some() {
                return Err(Reason::variable(self, name));
            }
        }
        let cores = self.attrs.read(keys::CORES).map(|v| v.mid);
        Ok(match self.machine(system) {
            None => Processor { cores: cores.unwrap_or(1.0), speed: 1.0 },
            Some(m) => Processor {
                cores: cores.map_or(m.vcpu, |n| n.min(m.vcpu)),
                speed: m.speed.map_or(1.0, |s| s / catalog::REFERENCE_SPEED),
            },
        })
    }

    /// Hourly price in US dollars of a machine that could run it, by any name that `instance`
    /// accepts.
    ///
    /// # Errors
    /// The reason, if its service does not sell that machine or if the price depends on an unset
    /// engine.
    pub fn hourly(&self, name: &str) -> Result<f64, Reason> {
        let (service, engine) = (service(self.kind, &self.attrs), self.priced_engine());
        let name = service.machine(name, engine).map_or(name, |m| m.name.as_str());
        self.priced(service, name, engine)
    }

    /// Machines that its service sells for its engine; each with its price in US dollars an hour,
    /// or the reason why it has none.
    pub fn offers(&self) -> impl Iterator<Item = (&'static Machine, Result<f64, Reason>)> {
        service(self.kind, &self.attrs).machines(self.priced_engine()).map(|m| (m, self.hourly(&m.name)))
    }

    /// Its deployment.
    #[must_use]
    pub fn deployment(&self, system: &System) -> Deployment {
        let runs = self.runs(system);
        let total = || self.placement(system).ok().map(|p| f64::from(p.total()));
        let pieces = if matches!(runs, Runs::Outside | Runs::Provider) { None } else { total() };
        Deployment { runs, pieces, replication: self.replication() }
    }

    fn runs(&self, system: &System) -> Runs {
        let facets = self.kind.facets;
        let nothing = facets.origin || facets.external || !facets.target;
        if nothing {
            return Runs::Outside;
        }
        if facets.serve.is_none() || self.is_provided() || self.is_provided_queue() {
            return Runs::Provider;
        }
        if !system.has_provider {
            return Runs::Program;
        }
        for hole in ["instance", "cores", "memory"] {
            if self.attrs.hole(hole).is_some() {
                return Runs::Unknown(Reason::of(
                    ReasonKind::Variable,
                    self,
                    format!("`{hole}` of `{}` is a variable (`?`) that is not solved", self.name),
                ));
            }
        }
        if let Some(name) = self.attrs.read(keys::INSTANCE) {
            let service = service(self.kind, &self.attrs);
            return match service.machine(name, self.priced_engine()) {
                Some(m) => Runs::Machine(self.rented(service, m, true)),
                None => Runs::Unknown(Reason::of(
                    ReasonKind::Unpriced,
                    self,
                    format!("the catalog has no price of `{name}`"),
                )),
            };
        }
        let (cores, bytes) = self.asked();
        let (what, runs) = match store_service(self.kind) {
            Some(service) => {
                let machine = service.usual_machine(cores, bytes).map(|m| self.rented(service, m, false));
                (format!("no usual machine of {} is sold", service.title()), machine.map(Runs::Machine))
            }
            None => ("no container is sold".to_owned(), container(cores, bytes).map(Runs::Container)),
        };
        runs.unwrap_or_else(|| {
            let size = show_size(bytes);
            let why = format!("{what} with {cores} vCPUs and {size} for `{}`", self.name);
            Runs::Unknown(Reason::of(ReasonKind::Unpriced, self, why))
        })
    }

    /// vCPUs and bytes of memory of a replica, copy or node that names no machine.
    fn asked(&self) -> (f64, f64) {
        let cores = self.attrs.read(keys::CORES).map_or(1.0, |n| n.mid);
        (cores, self.attrs.read(keys::MEMORY).map_or(0.0, |n| n.mid))
    }

    /// A machine of a service that runs it, named by the design or not.
    fn rented(&self, service: Service, m: &'static Machine, named: bool) -> Rented {
        let engine = if named { self.priced_engine() } else { Some(BUILT_ENGINE) };
        Rented {
            service,
            name: &m.name,
            vcpu: m.vcpu,
            memory: m.memory,
            arm: m.arm,
            named,
            root_gib: match service {
                Service::Ec2 => ROOT_GIB,
                Service::Rds | Service::ElastiCache | Service::Msk | Service::OpenSearch => 0,
            },
            row: service.row(&m.name, engine),
            hourly: self.priced(service, &m.name, engine),
        }
    }

    fn priced(&self, service: Service, name: &str, engine: Option<&str>) -> Result<f64, Reason> {
        service
            .hourly(name, engine)
            .map_err(|e| Reason::of(ReasonKind::Unpriced, self, format!("{e} (`{}`)", self.name)))
    }

    /// The disk of one copy or node: of the machine that it names, else of the one that is built for it.
    #[must_use]
    pub fn disk(&self, system: &System) -> &'static Disk {
        if self.attrs.attr(keys::INSTANCE).is_some() || self.is_provided_queue() || !system.has_provider {
            return catalog::disk(self.attrs.read(keys::INSTANCE));
        }
        let (cores, bytes) = self.asked();
        let usual = store_service(self.kind).and_then(|service| service.usual_machine(cores, bytes));
        catalog::disk(usual.map(|m| m.name.as_str()))
    }
}

/// The smallest container sold with at least `vcpu` vCPUs and `bytes` of memory.
fn container(cores: f64, bytes: f64) -> Option<Sold> {
    let (vcpu, gib) = catalog::container(cores, bytes)?;
    let hourly = vcpu * price("fargate-vcpu", "fargate x86 vCPU").usd + gib * price("fargate-gb", "fargate x86 GB").usd;
    Some(Sold { vcpu, gib, hourly })
}

/// The service whose machines run components of a kind.
fn service(kind: &Kind, attrs: &Attrs) -> Service {
    match store_service(kind) {
        Some(Service::Rds) if attrs.read(keys::MODEL) == Some("search") => Service::OpenSearch,
        Some(service) => service,
        None => Service::Ec2,
    }
}

/// The service that a store is built on if it names no machine; none for programs.
fn store_service(kind: &Kind) -> Option<Service> {
    match kind.facets.bill {
        Bill::Machines(Rents::Databases) => Some(Service::Rds),
        Bill::Machines(Rents::Caches) => Some(Service::ElastiCache),
        Bill::Machines(Rents::Brokers) => Some(Service::Msk),
        Bill::Machines(Rents::Programs)
        | Bill::Balancer
        | Bill::Nothing
        | Bill::Edge
        | Bill::Objects
        | Bill::Price
        | Bill::Unlisted => None,
    }
}

/// Replaces the name in `instance` by its name at the service that runs the component, and reports
/// machines that the service does not sell. `attrs` are attributes of the component, or those that
/// a scenario changes.
pub(super) fn name_machines(of: &Component, attrs: &mut Attrs, sink: &mut Sink) {
    let Some(attr) = attrs.peek_at(keys::INSTANCE).cloned() else { return };
    let model = if attrs.peek_at(keys::MODEL).is_some() { &*attrs } else { &of.attrs };
    let (service, engine) = (service(of.kind, model), of.priced_engine());
    let mut lacks = Vec::new();
    let mut full = |name: &String| match service.machine(name, engine) {
        Some(m) => m.name.clone(),
        None => {
            lacks.push(name.clone());
            name.clone()
        }
    };
    let value = match &attr.value {
        Value::Word(name) => Value::Word(full(name)),
        Value::Hole(Hole::OneOf(names)) => Value::Hole(Hole::OneOf(names.iter().map(&mut full).collect())),
        other => other.clone(),
    };
    if lacks.is_empty() {
        attrs.set(Attr { value, ..attr });
        return;
    }
    let whose = engine.map_or_else(String::new, |e| format!(" for {e}"));
    for name in lacks {
        let near: Vec<String> = service.nearest(&name, engine).into_iter().map(|n| format!("`{n}`")).collect();
        let mut d = Diagnostic::error(
            "ARC551",
            attr.span.unwrap_or(of.span),
            format!("the catalog has no machine `{name}` of {}{whose}", service.title()),
        )
        .label(format!("`{}` runs on {}", of.name, service.title()))
        .help(format!("write one that is sold: {}", near.join(", ")));
        if attr.span.is_some_and(|s| s.file != of.span.file) || matches!(attr.origin, Origin::Preset(_)) {
            d = d.related(of.span, format!("`{}` here", of.name));
        }
        sink.push(d);
    }
}
