//! Programs: services, external systems, schedules.
//!
//! In: workloads and externals. Out: containers. If the design names no image, a stand-in
//! answers every request. Never: a proxy (those are in `fronts`).

use super::project::{Access, Check, Container, Net, Project, Value, Wait};
use super::text::{self, page};
use crate::resource::{External, Workload};
use askama::Template;

/// Most replicas of one program on one machine.
pub(super) const MAX_REPLICAS: u32 = 2;
/// nginx that runs without root.
pub(super) const NGINX: &str = "nginxinc/nginx-unprivileged:1.28-alpine";

#[derive(Template)]
#[template(path = "compose/stand-in.conf", whitespace = "preserve")]
struct StandIn<'a> {
    name: &'a str,
    port: u16,
}

/// Makes a container answer every request with 200.
fn stand_in(p: &mut Project, c: &mut Container, port: u16) {
    let text = page(&StandIn { name: &c.name, port });
    let path = p.file(&format!("config/{}/stand-in.conf", c.name), text);
    NGINX.clone_into(&mut c.image);
    c.user = Some("101:101");
    c.files.push((path, "/etc/nginx/conf.d/default.conf".to_owned()));
    c.tmpfs = vec!["/tmp:size=16m,mode=1777".to_owned()];
    c.check = Some(Check::http(port, "/healthz"));
    c.memory = c.memory.min(64);
    c.cpus = c.cpus.min(0.25);
}

/// A program of the design.
pub(super) fn service(p: &mut Project, w: &Workload) {
    let slug = p.plan.slug(&w.name);
    let memory = p.memory(&w.name, w.memory, 256, 1024);
    let replicas = p.capped(&w.name, "replicas", w.replicas, MAX_REPLICAS);
    if w.cpus > 1.0 {
        p.note(&w.name, format!("CPUs of one replica: {} in the design, 1 here", w.cpus));
    }
    let mut c = Container {
        name: slug.clone(),
        component: w.name.clone(),
        doc: w.doc.clone(),
        calls: true,
        told: true,
        replicas,
        cpus: w.cpus.clamp(0.05, 1.0),
        memory,
        pids: 256,
        grace: 30,
        tmpfs: vec!["/tmp:size=64m,mode=1777".to_owned()],
        ..Container::default()
    };
    c.environment.insert("PORT".to_owned(), Value::Text(w.port.to_string()));
    if let Some(image) = &w.image {
        "the design's own program".clone_into(&mut c.about);
        c.image.clone_from(image);
        p.note(
            &w.name,
            "its image is not known here: it has no health check in Compose (put a HEALTHCHECK into the image), it may write to /tmp only, and it finds what it calls in its environment",
        );
    } else {
        "STAND-IN: the design names no image; answers 200 to every request and calls nobody".clone_into(&mut c.about);
        p.note(
            &w.name,
            "STAND-IN: the design names no image, so a small nginx answers 200 to every request and calls nobody; name one with image = in the design, or in compose.override.yaml",
        );
        stand_in(p, &mut c, w.port);
    }
    if let Some(scale) = &w.scale {
        p.note(
            &w.name,
            format!(
                "autoscaling ({} to {} replicas at {:.0} % CPU) is not generated: try docker compose up -d --no-recreate --scale {slug}=N",
                scale.min,
                scale.max,
                scale.target * 100.0
            ),
        );
    }
    if w.runs.as_ref().is_some_and(|h| h.machine().is_some()) {
        p.note(&w.name, "its machine type has no meaning here");
    }
    let wait = if c.check.is_some() { Wait::Healthy } else { Wait::Started };
    p.containers.push(c);
    let variable = text::variable(&w.name);
    let env = if w.serves {
        vec![(format!("{variable}_URL"), Value::Text(format!("http://{slug}:{}", w.port)))]
    } else {
        Vec::new()
    };
    let most = w.scale.as_ref().map_or(0, |s| s.max).max(w.replicas).clamp(2, 40);
    let access = Access {
        net: Net::App,
        env,
        secrets: Vec::new(),
        wait: vec![(slug.clone(), wait)],
        members: vec![slug.clone()],
        http: Some((slug, w.port)),
        slots: most,
        health: w.health.clone(),
        admin: None,
    };
    p.access.insert(w.name.clone(), access);
}

/// An external system.
pub(super) fn external(p: &mut Project, e: &External) {
    let slug = p.plan.slug(&e.name);
    let mut c = Container {
        name: slug.clone(),
        component: e.name.clone(),
        about: "STAND-IN for a system of others: answers 200 to every request".to_owned(),
        doc: e.doc.clone(),
        replicas: 1,
        cpus: 0.25,
        memory: 64,
        pids: 64,
        grace: 5,
        ..Container::default()
    };
    stand_in(p, &mut c, 8080);
    p.containers.push(c);
    let variable = format!("{}_URL", text::variable(&e.name));
    let url = format!("http://{slug}:8080");
    p.note(
        &e.name,
        format!("STAND-IN: a small nginx answers 200 at once, whatever its latency, limit and availability in the design; set {variable} in .env to the real one"),
    );
    p.variables.push((variable.clone(), url.clone(), format!("where {} answers; the default is a stand-in", e.name)));
    let access = Access {
        net: Net::Outside,
        env: vec![(variable.clone(), Value::Or(variable, url))],
        secrets: Vec::new(),
        wait: vec![(slug.clone(), Wait::Healthy)],
        members: vec![slug.clone()],
        http: Some((slug, 8080)),
        slots: 1,
        health: None,
        admin: None,
    };
    p.access.insert(e.name.clone(), access);
}

/// A schedule; `wiring` fills in what it calls.
pub(super) fn schedule(p: &mut Project, w: &Workload, every: Option<f64>, at: Option<u32>) {
    let slug = p.plan.slug(&w.name);
    let script = p.file("config/schedule/schedule.sh", super::SCHEDULE_SH.to_owned());
    let every = every.map_or(86_400, |s| text::seconds(s, 1));
    let mut c = Container {
        name: slug,
        component: w.name.clone(),
        about: "a clock: asks what it starts over HTTP".to_owned(),
        doc: w.doc.clone(),
        calls: true,
        image: "alpine:3.22".to_owned(),
        user: Some("65534:65534"),
        entrypoint: vec!["/bin/sh".to_owned(), "/schedule.sh".to_owned()],
        files: vec![(script, "/schedule.sh".to_owned())],
        replicas: 1,
        cpus: 0.1,
        memory: 32,
        pids: 32,
        grace: 5,
        ..Container::default()
    };
    c.environment.insert("EVERY_SECONDS".to_owned(), Value::Text(every.to_string()));
    if let Some(minutes) = at {
        c.environment.insert("AT_SECONDS".to_owned(), Value::Text((u64::from(minutes) * 60).to_string()));
    }
    p.note(&w.name, "the clock does not catch up on starts that fell into a time when the project was down");
    p.containers.push(c);
}
