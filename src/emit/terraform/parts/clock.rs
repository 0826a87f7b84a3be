//! Schedules: `EventBridge` starts a task of the program.
//!
//! In: workloads that start flows by the clock, and the routes from them. Out: one
//! schedule for each program that one starts, and its role.

use crate::emit::render::render;
use crate::emit::terraform::filters;
use crate::emit::terraform::names::short;
use crate::emit::terraform::numbers::{DAY, whole};
use crate::emit::terraform::types::{
    Call, Entry, Grant, Metric, Need, Origin, PartKind, Reading, Rule, SecurityGroup, Texts,
};
use crate::resource::{Watched, Workload};
use askama::Template;

/// Seconds between two starts, and minutes after midnight UTC.
pub(super) type Times = (Option<f64>, Option<u32>);

/// A schedule that starts a task of one program.
struct Clock {
    id: String,
    short: String,
    name: String,
    about: String,
    expression: String,
    /// The program.
    task: String,
    /// Whether the program runs on machines; else on Fargate.
    on_machine: bool,
}

/// All schedules.
#[derive(Template)]
#[template(path = "terraform/parts/clock.tf", whitespace = "preserve")]
pub(super) struct Clocks {
    all: Vec<Clock>,
}

impl Clocks {
    pub(super) fn build(r: &mut Reading, found: &[(&Workload, Times)]) -> Self {
        let mut all = Vec::new();
        for (w, (every, at)) in found {
            clocks(r, &mut all, w, *every, *at);
        }
        Self { all }
    }
}

/// The schedule in the notation of `EventBridge`.
fn expression(r: &mut Reading, name: &str, every: Option<f64>, at: Option<u32>) -> String {
    if let Some(at) = at {
        let every = every.unwrap_or(DAY);
        if every < DAY {
            r.note(name, "a time of day and a period below a day: it starts once a day");
        }
        let days = (every / DAY).round();
        if days > 1.0 {
            r.note(name, format!("every {days} days at a time of day: counted from the first of each month"));
        }
        let day = if days > 1.0 { format!("1/{}", days.min(31.0)) } else { "*".to_owned() };
        return format!("cron({} {} {day} * ? *)", at % 60, at / 60 % 24);
    }
    let Some(every) = every else {
        r.note(name, "the design sets no interval: once a day");
        return "rate(1 day)".to_owned();
    };
    if every < 60.0 {
        r.note(name, "more often than once a minute: EventBridge starts it each minute");
    }
    let minutes = whole(every / 60.0, 1, 525_600);
    if minutes == 1 { "rate(1 minute)".to_owned() } else { format!("rate({minutes} minutes)") }
}

fn clocks(r: &mut Reading, all: &mut Vec<Clock>, w: &Workload, every: Option<f64>, at: Option<u32>) {
    let expression = expression(r, &w.name, every, at);
    let base = r.names.id(&w.name);
    let mut any = false;
    for route in r.routes().iter().filter(|x| x.from.as_deref() == Some(w.name.as_str())) {
        let Some(program) = r.program(&route.to) else {
            r.note(&w.name, format!("it starts `{}`, which is no program: left out", route.to));
            continue;
        };
        let task = r.names.id(&route.to);
        let id = format!("{base}__{task}");
        if all.iter().any(|c| c.id == id) {
            continue;
        }
        any = true;
        r.note(&w.name, format!("it starts a task of its own of `{}`, told by `SCHEDULE`, not one of the replicas that run; such a task does not know other programs by name", route.to));
        let on_machine = program.runs.as_ref().is_some_and(|h| h.machine().is_some());
        if on_machine {
            r.note(
                &w.name,
                format!("each such task of `{}` waits for a machine of its own, which ends with it", route.to),
            );
        }
        all.push(Clock {
            short: short(&id),
            name: r.names.slug(&w.name),
            about: w.doc.clone().unwrap_or_else(|| w.name.clone()),
            expression: expression.clone(),
            task,
            on_machine,
            id,
        });
    }
    if !any {
        r.note(&w.name, "no flow starts at it: no schedule");
    }
}

impl PartKind for Clocks {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn file(&self) -> &'static str {
        "schedule.tf"
    }

    fn texts(&self) -> Texts {
        Texts {
            resources: render(self),
            iam: String::new(),
            variables: String::new(),
            outputs: String::new(),
            alarms: String::new(),
            widgets: String::new(),
        }
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::Key]
    }

    fn groups(&self) -> Vec<SecurityGroup> {
        Vec::new()
    }

    fn rules(&self) -> Vec<Rule> {
        Vec::new()
    }

    fn port(&self, _: &str) -> Option<u16> {
        None
    }

    fn connects(&self, _: &str) -> bool {
        false
    }

    fn entry(&self, _: &str) -> Option<Entry> {
        None
    }

    fn origin(&self, _: &Reading, _: &str) -> Option<Origin> {
        None
    }

    fn grant(&self, _: &mut Reading, _: &Call) -> Option<Grant> {
        None
    }

    fn metric(&self, _: Watched, _: &str, _: f64) -> Option<Metric> {
        None
    }

    fn required_variables(&self) -> Vec<String> {
        Vec::new()
    }

    fn environments(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}
