//! A Compose project under construction: containers, files, secrets, notes.
//!
//! In: nothing. Out: types that the other files of this folder fill and the templates
//! print.

use super::text::quoted;
use crate::emit::escape::yaml;
use crate::emit::file::OutFile;
use crate::plan::{Gap, Plan};
use crate::resource::Health;
use std::collections::{BTreeMap, BTreeSet};

/// Networks, by the class of the callee. Internal ones have no way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Net {
    /// Between the internet and the entry points.
    Edge,
    /// Between programs.
    App,
    /// Between programs and stores.
    Data,
    /// Between programs and external systems.
    Outside,
    /// Between exporters and the collector of metrics.
    Watch,
    /// Between this machine and the pages with metrics.
    Ui,
}

impl Net {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::App => "app",
            Self::Data => "data",
            Self::Outside => "outside",
            Self::Watch => "watch",
            Self::Ui => "ui",
        }
    }

    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Edge => "the world to the entry points, and entry points among themselves",
            Self::App => "programs among themselves; no way out",
            Self::Data => "programs to what keeps data; no way out",
            Self::Outside => "programs to systems of others; the only one that leads out of programs",
            Self::Watch => "what exposes numbers to what collects them; no way out",
            Self::Ui => "this machine to what shows numbers",
        }
    }

    pub(super) fn internal(self) -> bool {
        matches!(self, Self::App | Self::Data | Self::Watch)
    }
}

/// The state of a container that a dependent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wait {
    Started,
    Healthy,
    Done,
}

impl Wait {
    pub(super) fn condition(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::Done => "service_completed_successfully",
        }
    }
}

/// The value of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// This text.
    Text(String),
    /// A variable of the project's environment, else the text.
    Or(String, String),
}

impl Value {
    /// As a YAML scalar. The name of a variable and its default are made of slugs.
    pub(super) fn yaml(&self) -> String {
        match self {
            Self::Text(t) => quoted(t),
            Self::Or(name, default) => format!("\"${{{name}:-{}}}\"", yaml(default)),
        }
    }
}

/// A published port, on the loopback interface only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    /// Variable that overrides the port of the machine.
    pub variable: String,
    /// Port of this machine.
    pub host: u16,
    /// Port of the container.
    pub inside: u16,
    /// The service that answers there, for the README.
    pub about: String,
}

/// The health check of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub test: Vec<String>,
    pub every: u32,
    pub start: u32,
}

impl Check {
    pub(super) fn shell(command: impl Into<String>, start: u32) -> Self {
        Self { test: vec!["CMD-SHELL".to_owned(), command.into()], every: 5, start }
    }

    /// Asks over HTTP on the loopback interface by its number: `localhost` may mean IPv6.
    pub(super) fn http(port: u16, path: &str) -> Self {
        let url = format!("http://127.0.0.1:{port}{path}");
        let test = ["CMD", "wget", "-q", "-T", "2", "-O", "/dev/null", &url].map(str::to_owned).to_vec();
        Self { test, every: 5, start: 10 }
    }
}

/// One service of the project.
#[derive(Clone, Debug, Default)]
pub(super) struct Container {
    /// The service's name.
    pub name: String,
    /// The component it belongs to.
    pub component: String,
    /// One line about it.
    pub about: String,
    /// The doc comment.
    pub doc: Option<String>,
    /// Whether it makes the component's calls.
    pub calls: bool,
    /// Whether its environment names its callees.
    pub told: bool,
    pub image: String,
    pub user: Option<&'static str>,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub environment: BTreeMap<String, Value>,
    pub networks: BTreeSet<Net>,
    pub ports: Vec<Port>,
    /// Mounted files: path in the project, path in the container.
    pub files: Vec<(String, String)>,
    /// Volumes: name, path in the container.
    pub volumes: Vec<(String, String)>,
    pub tmpfs: Vec<String>,
    pub secrets: BTreeSet<String>,
    pub check: Option<Check>,
    pub depends: BTreeMap<String, Wait>,
    pub replicas: u32,
    pub cpus: f64,
    pub memory: u64,
    pub pids: u32,
    pub grace: u32,
    /// Why it may write to its own file system; `None`: it may not.
    pub writable: Option<&'static str>,
    pub shm: Option<u64>,
    /// Whether it is a job, which ends by itself.
    pub job: bool,
}

/// How callers reach a component.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub net: Net,
    /// Environment variables of its callers and consumers.
    pub env: Vec<(String, Value)>,
    /// Secrets that its callers read.
    pub secrets: Vec<String>,
    /// Containers that its callers wait for.
    pub wait: Vec<(String, Wait)>,
    /// Containers that callers talk to.
    pub members: Vec<String>,
    /// Service and port that answer HTTP.
    pub http: Option<(String, u16)>,
    /// Most replicas under its name.
    pub slots: u32,
    pub health: Option<Health>,
    /// The port of its health check, if it is not the port of requests.
    pub admin: Option<u16>,
}

/// A secret in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Secret {
    pub name: String,
    pub about: String,
    pub made: Made,
}

/// How a secret is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Made {
    /// Random characters.
    Random,
    /// The public key of an RSA pair; the private key lies beside it.
    PublicKey,
}

impl Secret {
    /// The shell function that makes it.
    pub(super) fn command(&self) -> &'static str {
        match self.made {
            Made::Random => "random",
            Made::PublicKey => "pair",
        }
    }
}

/// The project.
pub(super) struct Project<'a> {
    pub plan: &'a Plan,
    pub containers: Vec<Container>,
    pub access: BTreeMap<String, Access>,
    pub secrets: BTreeSet<Secret>,
    pub files: Vec<OutFile>,
    /// Gaps and approximations, for the README.
    pub notes: BTreeSet<Gap>,
    /// Variables that a user may set: name, default, meaning.
    pub variables: Vec<(String, String, String)>,
    taken: BTreeSet<String>,
    next_port: u16,
}

impl<'a> Project<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let taken = plan.resources.iter().map(|r| plan.slug(r.owner())).collect();
        Self {
            plan,
            containers: Vec::new(),
            access: BTreeMap::new(),
            secrets: BTreeSet::new(),
            files: Vec::new(),
            notes: plan.gaps.iter().cloned().collect(),
            variables: Vec::new(),
            taken,
            next_port: 8080,
        }
    }

    /// An unused service name.
    pub(super) fn name(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}-x{n}");
            n += 1;
        }
        name
    }

    pub(super) fn note(&mut self, of: &str, what: impl Into<String>) {
        self.notes.insert(Gap { of: of.to_owned(), what: what.into() });
    }

    /// Publishes a port of a container on the loopback interface.
    pub(super) fn publish(&mut self, container: &str, inside: u16, about: &str) {
        let host = self.next_port;
        self.next_port = self.next_port.saturating_add(1);
        let variable = format!("{}_PORT", super::text::variable(container));
        if let Some(c) = self.containers.iter_mut().find(|c| c.name == container) {
            c.ports.push(Port { variable: variable.clone(), host, inside, about: about.to_owned() });
            self.variables.push((variable, host.to_string(), format!("port of this machine: {about}")));
        }
    }

    /// Adds a file that containers mount; returns its path for a mount.
    pub(super) fn file(&mut self, path: &str, text: String) -> String {
        if !self.files.iter().any(|f| f.path == path) {
            self.files.push(OutFile::new(path, text));
        }
        format!("./{path}")
    }

    /// Bytes of memory as MiB, at most `cap`. A note says if the design has more.
    pub(super) fn memory(&mut self, of: &str, asked: Option<f64>, default: u64, cap: u64) -> u64 {
        let Some(bytes) = asked else { return default };
        // Clamped to what a machine has.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mib = (bytes / 1_048_576.0).round().clamp(16.0, 1e9) as u64;
        if mib > cap {
            self.note(of, format!("memory: {mib} MiB in the design, {cap} MiB here"));
        }
        mib.min(cap)
    }

    /// A count, at most `cap`. A note says if the design has more.
    pub(super) fn capped(&mut self, of: &str, what: &str, n: u32, cap: u32) -> u32 {
        if n > cap {
            self.note(of, format!("{what}: {n} in the design, {cap} here, for one machine"));
        }
        n.min(cap)
    }

    /// Lets one service wait for another, unless that would close a cycle. Returns whether it waits.
    pub(super) fn depend(&mut self, name: &str, on: &str, wait: Wait) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![on.to_owned()];
        while let Some(at) = open.pop() {
            if at == name {
                return false;
            }
            if seen.insert(at.clone()) {
                let next = self.containers.iter().filter(|c| c.name == at);
                open.extend(next.flat_map(|c| c.depends.keys().cloned()));
            }
        }
        if let Some(c) = self.containers.iter_mut().find(|c| c.name == name) {
            let held = c.depends.entry(on.to_owned()).or_insert(wait);
            *held = (*held).max(wait);
        }
        true
    }
}
