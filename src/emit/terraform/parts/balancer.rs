//! Application load balancers.
//!
//! In: balancers of the plan, and programs that the internet calls. Out: one balancer
//! each. A program that the internet calls without a balancer gets one, and the notes
//! say so. Never: a rule about requests that no route of a flow gives.

use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::{path_pattern, short};
use crate::emit::terraform::numbers::whole;
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts, about,
};
use crate::resource::{Balancer as Asked, Health, Managed, Policy, Watched, Workload};
use askama::Template;

/// Requests that a target takes.
struct Match {
    id: String,
    method: Option<String>,
    path: String,
    priority: usize,
}

/// A target group.
struct Target {
    id: String,
    short: String,
    /// The program behind it.
    task: String,
    port: u16,
    health: Health,
    /// Seconds between two health checks, and until one has failed.
    every: u32,
    wait: u32,
    matches: Vec<Match>,
}

impl Target {
    fn new(id: String, task: String, w: &Workload, health: Health, matches: Vec<Match>) -> Self {
        let every = whole(health.every, 5, 300);
        let wait = (every - 1).clamp(2, 10);
        Self { short: short(&id), id, task, port: w.port, health, every, wait, matches }
    }
}

/// A balancer.
struct Balancer {
    id: String,
    short: String,
    about: String,
    internal: bool,
    tls: bool,
    algorithm: &'static str,
    sticky: bool,
    /// Seconds without a byte after which a connection is closed.
    idle: u32,
    targets: Vec<Target>,
    /// The target of all that no rule matches.
    default: String,
    /// The component that requests from outside enter through it.
    of: String,
}

impl Balancer {
    fn port(&self) -> u16 {
        if self.tls { 443 } else { 80 }
    }
}

/// All balancers.
#[derive(Template)]
#[template(
    path = "terraform/parts/balancer.tf",
    whitespace = "preserve",
    blocks = ["resources", "variables", "outputs", "widgets"]
)]
pub(super) struct Balancers {
    all: Vec<Balancer>,
}

/// The metric of an alarm on latency.
#[derive(Template)]
#[template(path = "terraform/metrics/latency.tf", whitespace = "preserve")]
struct LatencyMetric<'a> {
    id: &'a str,
}

/// The metric of an alarm on failures.
#[derive(Template)]
#[template(path = "terraform/metrics/errors.tf", whitespace = "preserve")]
struct ErrorMetric<'a> {
    id: &'a str,
}

impl Balancers {
    pub(super) fn build(r: &mut Reading, found: &[(&Managed, &Asked)], programs: &[&Workload]) -> Self {
        let mut all: Vec<Balancer> = found.iter().filter_map(|(m, b)| balancer(r, m, b)).collect();
        for w in programs {
            if r.is_public(&w.name) {
                all.push(entry(r, w));
            }
        }
        Self { all }
    }

    /// Target groups of a program, each with the listener that forwards to it.
    pub(super) fn targets(&self, task: &str) -> Vec<(String, String)> {
        let all = self.all.iter().flat_map(|l| l.targets.iter().map(move |t| (l, t)));
        all.filter(|(_, t)| t.task == task).map(|(l, t)| (t.id.clone(), l.id.clone())).collect()
    }
}

/// The health check of targets that have none of their own.
fn default_health() -> Health {
    Health { path: "/healthz".to_owned(), every: 10.0 }
}

/// Target groups of a balancer, and the default one.
fn targets(r: &mut Reading, lb: &str, id: &str, default: &Health) -> (Vec<Target>, String) {
    let mut out: Vec<Target> = Vec::new();
    let mut priority = 1;
    let mut bare = None;
    let mut left_out = Vec::new();
    for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(lb) && !x.consumes) {
        let Some(w) = r.plan.workloads().find(|w| w.name == route.to) else {
            left_out.push(route.to.clone());
            continue;
        };
        let task = r.names.id(&w.name);
        if out.iter().any(|t| t.task == task) {
            continue;
        }
        let tg = format!("{id}__{task}");
        let mut matches = Vec::new();
        for (n, p) in route.paths.iter().enumerate() {
            let (method, path) = path_pattern(p);
            matches.push(Match { id: format!("{tg}__{n}"), method, path, priority });
            priority += 1;
        }
        if matches.is_empty() {
            if bare.is_none() {
                bare = Some(tg.clone());
            } else {
                let what = format!("no flow says which requests `{lb}` passes on to it: `/{task}/*` stands for them");
                r.note(&w.name, what);
                let path = format!("/{}/*", task.replace('_', "-"));
                matches.push(Match { id: format!("{tg}__0"), method: None, path, priority });
                priority += 1;
            }
        }
        let health = w.health.clone().unwrap_or_else(|| default.clone());
        out.push(Target::new(tg, task, w, health, matches));
    }
    for to in left_out {
        r.note(lb, format!("it calls `{to}`, which no target group can hold: left out"));
    }
    let default = bare.or_else(|| out.first().map(|t| t.id.clone())).unwrap_or_default();
    // One target takes all: rules would only say it again.
    if let [only] = out.as_mut_slice() {
        only.matches.clear();
    }
    (out, default)
}

/// The algorithm of target groups, and whether a cookie keeps a client at its target.
fn algorithm(r: &mut Reading, name: &str, policy: Policy) -> (&'static str, bool) {
    match policy {
        Policy::RoundRobin => ("round_robin", false),
        Policy::LeastConnections => ("least_outstanding_requests", false),
        Policy::Random => ("weighted_random", false),
        Policy::Hash => {
            r.note(name, "policy `hash`: a cookie keeps a client at its target; ALB has no hashing");
            ("round_robin", true)
        }
        Policy::Nearest | Policy::Failover | Policy::Weighted => {
            let word = policy.word();
            r.note(name, format!("policy `{word}`: ALB has none like it inside a region; round robin"));
            ("round_robin", false)
        }
    }
}

/// A balancer of the design.
fn balancer(r: &mut Reading, m: &Managed, b: &Asked) -> Option<Balancer> {
    let id = r.names.id(&m.name);
    let (algorithm, sticky) = algorithm(r, &m.name, b.policy);
    let (targets, default) = targets(r, &m.name, &id, &b.health.clone().unwrap_or_else(default_health));
    if targets.is_empty() {
        r.note(&m.name, "it passes nothing on: not built");
        return None;
    }
    if b.health.is_none() {
        r.note(&m.name, "no health check in the design: targets without one of their own are asked for `/healthz`");
    }
    let outside = r.is_public(&m.name);
    if !b.terminates_tls && outside {
        r.note(&m.name, "TLS does not end here: it listens for plain HTTP, on the internet");
    }
    Some(Balancer {
        short: short(&id),
        about: about(m),
        internal: !outside,
        tls: b.terminates_tls,
        algorithm,
        sticky,
        idle: whole(b.idle_timeout.unwrap_or(60.0), 1, 4000),
        targets,
        default,
        of: m.name.clone(),
        id,
    })
}

/// The balancer of a program that the internet calls without one.
fn entry(r: &mut Reading, w: &Workload) -> Balancer {
    r.note(&w.name, "the internet calls it without a balancer: one was added, with TLS, as its way in");
    let task = r.names.id(&w.name);
    let id = r.names.unused(&format!("{task}_entry"));
    let target = format!("{id}__{task}");
    let health = w.health.clone().unwrap_or_else(default_health);
    Balancer {
        short: short(&id),
        about: format!("The way in to {}", w.name),
        internal: false,
        tls: true,
        algorithm: "least_outstanding_requests",
        sticky: false,
        idle: 60,
        targets: vec![Target::new(target.clone(), task, w, health, Vec::new())],
        default: target,
        of: w.name.clone(),
        id,
    }
}

impl PartKind for Balancers {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "balancer.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: String::new(),
            variables: render(&self.as_variables()),
            outputs: render(&self.as_outputs()),
            alarms: String::new(),
            widgets: render(&self.as_widgets()),
        }
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = vec![Need::PrivateSubnets, Need::DeletionProtection];
        if self.all.iter().any(|l| l.tls) {
            needs.push(Need::Certificate);
        }
        needs
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        self.all.iter().map(|l| SecurityGroup::of(&l.id, "balancer")).collect()
    }

    fn rules(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn port(&self, id: &str) -> Option<u16> {
        Some(self.all.iter().find(|l| l.id == id)?.port())
    }

    fn connects(&self, id: &str) -> bool {
        self.all.iter().any(|l| l.id == id)
    }

    fn entry(&self, component: &str) -> Option<Entry> {
        let l = self.all.iter().find(|l| l.of == component)?;
        Some(Entry { id: l.id.clone(), port: l.port(), tls: l.tls })
    }

    fn origin(&self, _: &Reading, component: &str) -> Option<Origin> {
        let l = self.all.iter().find(|l| l.of == component)?;
        Some(Origin { id: l.id.clone(), bucket: false, tls: l.tls, paths: Vec::new() })
    }

    fn grant(&self, _: &mut Reading, call: &Call) -> Option<Grant> {
        let l = self.all.iter().find(|l| l.id == call.id)?;
        let id = &l.id;
        let url = if l.tls {
            Expr::around("https://", &Expr::code(format!("var.{id}_domain_name")), "")
        } else {
            Expr::around("http://", &Expr::code(format!("aws_lb.{id}.dns_name")), "")
        };
        Some(Grant::env(id, [("URL", url)]))
    }

    fn metric(&self, watched: Watched, _: &str, bound: f64) -> Option<Metric> {
        let id = &self.all.iter().find(|l| !l.internal).or(self.all.first())?.id;
        let (body, bound) = match watched {
            Watched::Latency => (render(&LatencyMetric { id }), bound),
            Watched::Errors => (render(&ErrorMetric { id }), bound * 100.0),
            Watched::Cpu => return None,
        };
        let note = format!("AWS measures all flows at `{id}` together, not this one alone");
        Some(Metric { each: None, body, bound, note: Some(note) })
    }

    fn required_variables(&self) -> Vec<String> {
        self.all.iter().filter(|l| l.tls).map(|l| format!("{}_domain_name", l.id)).collect()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
