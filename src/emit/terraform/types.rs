//! Types that the parts of a module share, and the questions that each kind of part
//! answers.
//!
//! In: a plan. Out: [`Reading`], [`PartKind`] and what its answers are made of. Fields
//! of type [`Expr`] are code; all other texts are escaped by the templates. Never: a
//! question with a default answer.

use super::expr::Expr;
use super::names::{Names, description};
use crate::plan::{Gap, Plan};
use crate::resource::{Managed, Route, Service, Watched, Workload};

/// The plan, the names of its components in AWS, and the notes taken so far.
pub(super) struct Reading<'a> {
    pub(super) plan: &'a Plan,
    pub(super) names: Names,
    /// Letters of the zones, two at least.
    pub(super) zones: Vec<String>,
    pub(super) notes: Vec<Gap>,
}

impl<'a> Reading<'a> {
    /// Notes a difference between the design and what is built.
    pub(super) fn note(&mut self, of: &str, what: impl Into<String>) {
        self.notes.push(Gap { of: of.to_owned(), what: what.into() });
    }

    /// All routes. A pair of components has one for messages taken and one for calls.
    pub(super) fn routes(&self) -> Vec<&'a Route> {
        self.plan.routes().collect()
    }

    /// The program of that name. Schedules are none: they start tasks of others.
    pub(super) fn program(&self, name: &str) -> Option<&'a Workload> {
        self.plan.workloads().find(|w| w.name == name && w.role.is_program())
    }

    /// Whether a component caches at the edge of the internet.
    pub(super) fn is_edge(&self, name: &str) -> bool {
        self.plan.managed().any(|m| m.name == name && matches!(m.service, Service::Edge(_)))
    }

    /// Callers of a component; `None` is the internet.
    pub(super) fn callers(&self, name: &str) -> Vec<Option<&'a str>> {
        let mut all: Vec<_> =
            self.plan.routes().filter(|r| r.to == name && !r.consumes).map(|r| r.from.as_deref()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether the internet calls a component, through an edge or not.
    pub(super) fn is_public(&self, name: &str) -> bool {
        self.callers(name).iter().any(|c| c.is_none_or(|c| self.is_edge(c)))
    }
}

/// The doc comment of a managed service, else its name.
pub(super) fn about(m: &Managed) -> String {
    m.doc.clone().unwrap_or_else(|| m.name.clone())
}

/// A variable of the environment, or a secret that becomes one.
pub(super) struct EnvVar {
    pub(super) name: String,
    pub(super) value: Expr,
}

/// A statement of a task's IAM policy.
pub(super) struct Permission {
    pub(super) actions: Vec<&'static str>,
    pub(super) resources: Vec<Expr>,
}

/// A call from a program to a component.
pub(super) struct Call<'a> {
    /// The calling component and its Terraform name.
    pub(super) from: &'a str,
    pub(super) from_id: &'a str,
    /// The called component and its Terraform name.
    pub(super) to: &'a str,
    pub(super) id: &'a str,
    /// Whether messages are taken, not sent.
    pub(super) consumes: bool,
}

/// What a call gives to its caller.
#[derive(Default)]
pub(super) struct Grant {
    pub(super) env: Vec<EnvVar>,
    pub(super) secrets: Vec<EnvVar>,
    /// Maps of secrets, one secret for each shard.
    pub(super) shard_secrets: Vec<EnvVar>,
    /// Lists of the secrets that the agent reads for the task.
    pub(super) readable: Vec<Expr>,
    pub(super) permissions: Vec<Permission>,
    /// The external system behind the call.
    pub(super) external: Option<String>,
}

impl Grant {
    /// A grant of environment variables: suffix and value, prefixed with the callee's name.
    pub(super) fn env<const N: usize>(id: &str, vars: [(&str, Expr); N]) -> Self {
        let prefix = super::names::env(id);
        let env = vars.into_iter().map(|(suffix, value)| EnvVar { name: format!("{prefix}_{suffix}"), value });
        Self { env: env.collect(), ..Self::default() }
    }

    /// The same grant with one more permission.
    pub(super) fn allow(mut self, actions: &[&'static str], resources: Vec<Expr>) -> Self {
        self.permissions.push(Permission { actions: actions.to_vec(), resources });
        self
    }
}

/// A security group.
pub(super) struct SecurityGroup {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) about: String,
}

impl SecurityGroup {
    /// The group of a part; `what` names its members.
    pub(super) fn of(id: &str, what: &str) -> Self {
        Self { id: id.to_owned(), short: super::names::short(id), about: description(&format!("{id} {what}")) }
    }
}

/// One direction of a connection in one security group. Exactly one of `peer`, `cidr`
/// and `prefix_list` names the other end.
pub(super) struct Rule {
    /// Its Terraform name.
    pub(super) id: String,
    /// The group that it belongs to.
    pub(super) group: String,
    /// The group at the other end.
    pub(super) peer: Option<String>,
    /// A block of addresses at the other end.
    pub(super) cidr: Option<&'static str>,
    /// A list of prefixes at the other end.
    pub(super) prefix_list: Option<&'static str>,
    pub(super) port: u16,
    pub(super) about: String,
    pub(super) ingress: bool,
}

/// Where requests from the internet enter a component.
pub(super) struct Entry {
    /// The Terraform name of the balancer.
    pub(super) id: String,
    pub(super) port: u16,
    pub(super) tls: bool,
}

/// Where an edge fetches an object that it does not have.
pub(super) struct Origin {
    pub(super) id: String,
    pub(super) bucket: bool,
    pub(super) tls: bool,
    pub(super) paths: Vec<String>,
}

/// A `CloudWatch` metric that an alarm reads.
pub(super) struct Metric {
    /// The `for_each` line, for parts of several members.
    pub(super) each: Option<String>,
    /// Lines of the alarm that name the metric.
    pub(super) body: String,
    /// The bound in the metric's unit.
    pub(super) bound: f64,
    /// How the metric differs from what the design asks to watch.
    pub(super) note: Option<String>,
}

/// What the module must have around a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Subnets for programs and balancers.
    PrivateSubnets,
    /// Subnets for data, without a way out.
    DataSubnets,
    /// A way out of the private subnets, which ECS tasks need.
    Tasks,
    /// The architecture of images of tasks on Fargate.
    Fargate,
    /// The KMS key.
    Key,
    /// A TLS certificate of the region.
    Certificate,
    /// The variable that keeps parts from being deleted.
    DeletionProtection,
}

/// Texts of a kind of part, HCL that is not laid out yet. Empty: it has none.
pub(super) struct Texts {
    /// Its resources.
    pub(super) resources: String,
    /// Roles and policies in `iam.tf`.
    pub(super) iam: String,
    /// Input variables.
    pub(super) variables: String,
    pub(super) outputs: String,
    /// Alarms that no objective of the design asks for.
    pub(super) alarms: String,
    /// Widgets of a dashboard.
    pub(super) widgets: String,
}

/// All parts of one kind, and their answers. No answer has a default: a new question
/// is a compile error in each kind, and a new kind one for each question.
pub(super) trait PartKind {
    /// Whether there are no parts of this kind.
    fn is_empty(&self) -> bool;
    /// The file that holds its resources.
    fn file(&self) -> &'static str;
    fn texts(&self) -> Texts;
    /// What the module must have around its parts; not asked if there are none.
    fn needs(&self) -> Vec<Need>;
    /// Security groups of those in the network.
    fn groups(&self) -> Vec<SecurityGroup>;
    /// Rules that no route asks for.
    fn rules(&self) -> Vec<Rule>;
    /// The port of the part of that Terraform name, if it is in the network.
    fn port(&self, id: &str) -> Option<u16>;
    /// Whether the part of that Terraform name opens connections to what it calls.
    fn connects(&self, id: &str) -> bool;
    /// Where requests from the internet enter that component.
    fn entry(&self, component: &str) -> Option<Entry>;
    /// Where an edge fetches from that component. The caller fills in the paths.
    fn origin(&self, r: &Reading, component: &str) -> Option<Origin>;
    /// What a call to a part of this kind gives to the caller.
    fn grant(&self, r: &mut Reading, call: &Call) -> Option<Grant>;
    /// The metric behind an alert on the part of that Terraform name, or on all flows.
    fn metric(&self, watched: Watched, id: &str, bound: f64) -> Option<Metric>;
    /// Variables without a default.
    fn required_variables(&self) -> Vec<String>;
    /// Programs, and the variables of the environment that each gets.
    fn environments(&self) -> Vec<(String, Vec<String>)>;
}
