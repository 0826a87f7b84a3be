//! Programs: ECS services on Fargate, or on machines of their own.
//!
//! In: workloads, and the routes from them. Out: one service each, its machines, environment,
//! secrets and permissions. Never: a secret's value, a permission without a route, two tasks
//! on one machine.

use super::balancer::Balancers;
use super::secret::Secrets;
use super::task_size::{RESERVED, TaskMachine, TaskSize, runner};
use crate::emit::render::render;
use crate::emit::terraform::expr::Expr;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::{description, short};
use crate::emit::terraform::numbers::whole;
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts,
};
use crate::resource::{Role, Watched, Workload};
use askama::Template;

/// A target group that sends to a task, and the listener before it.
struct TargetRef {
    id: String,
    listener: String,
}

/// An ECS service.
struct Task {
    id: String,
    short: String,
    /// Its name for its callers.
    dns: String,
    about: String,
    image: Option<String>,
    size: TaskSize,
    /// What runs each task; none on Fargate.
    machine: Option<TaskMachine>,
    port: u16,
    count: u32,
    /// Fewest replicas, most, percent of CPU.
    scale: Option<(u32, u32, u32)>,
    /// Whether it listens at all.
    serves: bool,
    targets: Vec<TargetRef>,
    /// What its calls and its own secrets give it.
    gets: Grant,
    /// External systems that it calls.
    externals: Vec<String>,
}

impl Task {
    /// Fewest machines, and most: as many again as there are tasks, for a deployment starts new tasks
    /// before it stops old ones.
    fn machines(&self) -> (u32, u32) {
        let (min, max) = self.scale.map_or((self.count, self.count), |(min, max, _)| (min, max));
        (min, max.saturating_mul(2))
    }
}

/// All programs.
#[derive(Template)]
#[template(
    path = "terraform/parts/task.tf",
    whitespace = "preserve",
    blocks = ["resources", "iam", "variables", "widgets"]
)]
pub(super) struct Tasks {
    all: Vec<Task>,
    /// The security group of all machines.
    group: String,
}

/// The metric of an alarm on a program.
#[derive(Template)]
#[template(path = "terraform/metrics/task.tf", whitespace = "preserve")]
struct TaskMetric<'a> {
    id: &'a str,
}

impl Tasks {
    /// The programs, before anything is known of what they call.
    pub(super) fn build(r: &mut Reading, found: &[&Workload], balancers: &Balancers) -> Self {
        let all = found.iter().map(|w| task(r, w, balancers)).collect();
        Self { all, group: r.names.unused("machines") }
    }

    /// Whether any program runs on machines.
    fn on_machines(&self) -> bool {
        self.all.iter().any(|t| t.machine.is_some())
    }

    /// Whether any runs on machines with Arm processors, or on others.
    fn on_machines_of(&self, arm: bool) -> bool {
        self.all.iter().filter_map(|t| t.machine.as_ref()).any(|m| m.arm == arm)
    }

    /// What each program gets, in the order of the programs.
    pub(super) fn grants(
        r: &mut Reading,
        found: &[&Workload],
        parts: &[&dyn PartKind],
        secrets: &Secrets,
    ) -> Vec<Vec<Grant>> {
        found.iter().map(|w| grants(r, w, parts, secrets)).collect()
    }

    /// Gives the programs what their calls need.
    pub(super) fn attach(&mut self, grants: Vec<Vec<Grant>>) {
        for (task, grants) in self.all.iter_mut().zip(grants) {
            let gets = &mut task.gets;
            for g in grants {
                gets.env.extend(g.env);
                gets.secrets.extend(g.secrets);
                gets.shard_secrets.extend(g.shard_secrets);
                gets.readable.extend(g.readable);
                gets.permissions.extend(g.permissions);
                task.externals.extend(g.external);
            }
            gets.env.sort_by(|a, b| a.name.cmp(&b.name));
            gets.env.dedup_by(|a, b| a.name == b.name);
            gets.secrets.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }
}

/// Notes what an image must do because AWS does nothing for it.
fn role_notes(r: &mut Reading, w: &Workload) {
    match &w.role {
        Role::Gateway { auth, limit, burst } => {
            let mut asks = vec![format!("`auth = {}`", auth.word())];
            if let Some((rate, per)) = limit {
                let per = per.as_deref().map(|p| format!(" per {p}")).unwrap_or_default();
                asks.push(format!("at most {rate} requests a second{per}"));
            }
            if let Some(burst) = burst {
                asks.push(format!("a burst of {burst}"));
            }
            r.note(
                &w.name,
                format!(
                    "a gateway: its image must do what the design asks ({}); nothing in AWS was set up for it",
                    asks.join(", ")
                ),
            );
        }
        Role::Balancer { policy } => {
            r.note(&w.name, format!("a balancer of one's own: its image must spread requests by `{}`", policy.word()));
        }
        Role::Service | Role::Schedule { .. } => {}
    }
}

fn task(r: &mut Reading, w: &Workload, balancers: &Balancers) -> Task {
    let id = r.names.id(&w.name);
    let (size, machine) = runner(r, w);
    let scale = w.scale.as_ref().map(|x| {
        let (min, max) = (x.min.min(5000), x.max.clamp(1, 5000));
        (min.min(max), max, whole(x.target * 100.0, 10, 95))
    });
    role_notes(r, w);
    let targets: Vec<TargetRef> =
        balancers.targets(&id).into_iter().map(|(id, listener)| TargetRef { id, listener }).collect();
    if w.health.is_some() && targets.is_empty() {
        r.note(&w.name, "its health check is not done: no balancer asks, and the image may have nothing to ask with");
    }
    Task {
        short: short(&id),
        dns: r.names.slug(&w.name),
        about: w.doc.clone().unwrap_or_else(|| w.name.clone()),
        image: w.image.clone(),
        size,
        machine,
        port: w.port,
        count: scale.map_or(w.replicas, |(min, max, _)| w.replicas.clamp(min.max(1), max)),
        scale,
        serves: w.serves || !targets.is_empty(),
        targets,
        gets: Grant::default(),
        externals: Vec::new(),
        id,
    }
}

/// What the calls of a program and its own secrets give it.
fn grants(r: &mut Reading, w: &Workload, parts: &[&dyn PartKind], secrets: &Secrets) -> Vec<Grant> {
    let from_id = r.names.id(&w.name);
    let mut done: Vec<(&str, bool)> = Vec::new();
    let mut out = Vec::new();
    for route in r.routes().into_iter().filter(|x| x.from.as_deref() == Some(w.name.as_str())) {
        if done.contains(&(&route.to, route.consumes)) {
            continue;
        }
        done.push((&route.to, route.consumes));
        let id = r.names.id(&route.to);
        let call = Call { from: &w.name, from_id: &from_id, to: &route.to, id: &id, consumes: route.consumes };
        match parts.iter().find_map(|p| p.grant(r, &call)) {
            Some(grant) => out.push(grant),
            None => {
                let what = format!("it calls `{}`, which has no address inside the network: left out", route.to);
                r.note(&w.name, what);
            }
        }
    }
    out.push(secrets.owned(&w.name));
    out
}

impl PartKind for Tasks {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "services.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(&self.as_resources()),
            iam: render(&self.as_iam()),
            variables: render(&self.as_variables()),
            outputs: String::new(),
            alarms: String::new(),
            widgets: render(&self.as_widgets()),
        }
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = vec![Need::PrivateSubnets, Need::Tasks];
        if self.all.iter().any(|t| t.machine.is_none()) {
            needs.push(Need::Fargate);
        }
        needs
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        let tasks = self.all.iter().map(|t| SecurityGroup::of(&t.id, "tasks"));
        let machines = self.on_machines().then(|| SecurityGroup::of(&self.group, "under tasks"));
        tasks.chain(machines).collect()
    }

    fn rules(&self) -> Vec<Rule> {
        let out = |group: &str, about: &str| Rule {
            id: format!("{group}__out"),
            group: group.to_owned(),
            peer: None,
            cidr: Some("0.0.0.0/0"),
            prefix_list: None,
            port: 443,
            about: description(about),
            ingress: false,
        };
        let tasks = self.all.iter().map(|t| {
            let mut about = "AWS: images, logs, secrets".to_owned();
            for name in &t.externals {
                about.push_str(&format!("; {name}"));
            }
            out(&t.id, &about)
        });
        let machines = self.on_machines().then(|| out(&self.group, "AWS: the cluster, images"));
        tasks.chain(machines).collect()
    }

    fn port(&self, id: &str) -> Option<u16> {
        Some(self.all.iter().find(|t| t.id == id)?.port)
    }

    fn connects(&self, id: &str) -> bool {
        self.all.iter().any(|t| t.id == id)
    }

    fn entry(&self, _: &str) -> Option<Entry> {
        None
    }

    fn origin(&self, _: &Reading, _: &str) -> Option<Origin> {
        None
    }

    fn grant(&self, _: &mut Reading, call: &Call) -> Option<Grant> {
        let t = self.all.iter().find(|t| t.id == call.id)?;
        Some(Grant::env(&t.id, [("URL", Expr::text(&format!("http://{}:{}", t.dns, t.port)))]))
    }

    fn metric(&self, watched: Watched, id: &str, bound: f64) -> Option<Metric> {
        match watched {
            Watched::Latency | Watched::Errors => None,
            Watched::Cpu => self.all.iter().any(|t| t.id == id).then(|| Metric {
                each: None,
                body: render(&TaskMetric { id }),
                bound: bound * 100.0,
                note: None,
            }),
        }
    }

    fn required_variables(&self) -> Vec<String> {
        self.all.iter().filter(|t| t.image.is_none()).map(|t| format!("{}_image", t.id)).collect()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        let names = |t: &Task| {
            let mut names: Vec<String> = t.gets.env.iter().map(|e| format!("`{}`", e.name)).collect();
            names.extend(t.gets.secrets.iter().map(|e| format!("`{}` (secret)", e.name)));
            names.extend(t.gets.shard_secrets.iter().map(|e| format!("`{}_N` (secret, for each shard N)", e.name)));
            (t.id.clone(), names)
        };
        self.all.iter().map(names).collect()
    }
}
