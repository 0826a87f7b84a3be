//! Files about the whole project: `compose.yaml`, README, secrets, variables.
//!
//! In: all containers, connected. Out: files. Never: a decision.

use super::project::{Container, Made, Net, Project, Secret, Value};
use super::text::{list, page, quoted};
use crate::emit::escape::{comment, markdown, yaml};
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "compose/compose.yaml", whitespace = "preserve")]
struct ComposeYaml<'a> {
    project: &'a str,
    design: String,
    services: &'a [Service<'a>],
    networks: &'a [Net],
    volumes: &'a [&'a str],
    secrets: &'a [&'a Secret],
    total: &'a Total,
}

/// Sums of the containers' limits.
struct Total {
    containers: u32,
    memory: u64,
    cpus: f64,
}

/// A container as the template prints it.
struct Service<'a> {
    c: &'a Container,
    head: Vec<String>,
}

impl Service<'_> {
    fn environment(&self) -> Vec<(&str, String)> {
        self.c.environment.iter().map(|(k, v)| (k.as_str(), v.yaml())).collect()
    }

    fn command(&self) -> String {
        list(&self.c.command)
    }

    fn entrypoint(&self) -> String {
        list(&self.c.entrypoint)
    }

    fn tmpfs(&self) -> String {
        list(&self.c.tmpfs)
    }

    fn secrets(&self) -> String {
        list(&self.c.secrets.iter().cloned().collect::<Vec<_>>())
    }

    fn networks(&self) -> String {
        list(&self.c.networks.iter().map(|n| n.name().to_owned()).collect::<Vec<_>>())
    }

    fn shown_image(&self) -> String {
        markdown(&self.c.image)
    }

    fn image(&self) -> String {
        quoted(&self.c.image)
    }

    fn mounts(&self) -> Vec<String> {
        let files = self.c.files.iter().map(|(from, to)| format!("{from}:{to}:ro"));
        files.chain(self.c.volumes.iter().map(|(v, to)| format!("{v}:{to}"))).map(|m| quoted(&m)).collect()
    }

    fn ports(&self) -> Vec<String> {
        let one =
            |p: &super::project::Port| format!("\"127.0.0.1:${{{}:-{}}}:{}\"", yaml(&p.variable), p.host, p.inside);
        self.c.ports.iter().map(one).collect()
    }

    fn test(&self) -> String {
        self.c.check.as_ref().map(|check| list(&check.test)).unwrap_or_default()
    }

    fn reserved(&self) -> u64 {
        (self.c.memory / 4).max(8)
    }
}

#[derive(Template)]
#[template(path = "compose/README.md", whitespace = "preserve", escape = "none")]
struct ReadmeMd<'a> {
    design: String,
    services: &'a [Service<'a>],
    entries: Vec<Entry>,
    secrets: &'a [&'a Secret],
    tokens: Vec<&'a str>,
    replicas: Vec<(String, String)>,
    left_out: Vec<(String, Vec<String>)>,
    databases: bool,
    total: &'a Total,
}

/// A published port.
struct Entry {
    about: String,
    port: u16,
    variable: String,
}

#[derive(Template)]
#[template(path = "compose/secrets.sh", whitespace = "preserve")]
struct SecretsSh<'a> {
    secrets: &'a [&'a Secret],
}

impl SecretsSh<'_> {
    fn pairs(&self) -> bool {
        self.secrets.iter().any(|s| s.made == Made::PublicKey)
    }
}

#[derive(Template)]
#[template(path = "compose/secrets.md", whitespace = "preserve")]
struct SecretsMd<'a> {
    secrets: &'a [&'a Secret],
}

#[derive(Template)]
#[template(path = "compose/env.example", whitespace = "preserve")]
struct EnvExample<'a> {
    variables: &'a [(String, String, String)],
}

/// Writes the pages.
pub(super) fn finish(p: &mut Project) {
    p.containers.sort_by_key(layer);
    let services: Vec<Service> = p
        .containers
        .iter()
        .map(|c| {
            let mut head = vec![format!("{}: {}", comment(&c.component), c.about)];
            head.extend(c.doc.iter().flat_map(|d| d.lines()).map(comment));
            if let Some(why) = c.writable {
                head.push(format!("Not read-only: {why}."));
            }
            Service { c, head }
        })
        .collect();
    let total = p.containers.iter().fold(Total { containers: 0, memory: 0, cpus: 0.0 }, |t, c| Total {
        containers: t.containers + c.replicas,
        memory: t.memory + c.memory * u64::from(c.replicas),
        cpus: t.cpus + c.cpus * f64::from(c.replicas),
    });
    let networks: BTreeSet<Net> = p.containers.iter().flat_map(|c| c.networks.iter().copied()).collect();
    let networks: Vec<Net> = networks.into_iter().collect();
    let mut volumes: Vec<&str> = p.containers.iter().flat_map(|c| c.volumes.iter().map(|v| v.0.as_str())).collect();
    volumes.sort_unstable();
    let secrets: Vec<&Secret> = p.secrets.iter().collect();
    let slug = p.plan.slug(&p.plan.name);
    let compose = page(&ComposeYaml {
        project: &slug,
        design: comment(&p.plan.name),
        services: &services,
        networks: &networks,
        volumes: &volumes,
        secrets: &secrets,
        total: &total,
    });
    let readme = readme(p, &services, &secrets, &total);
    let mut pages = vec![
        ("compose.yaml", compose),
        ("README.md", readme),
        (".env.example", page(&EnvExample { variables: &p.variables })),
    ];
    if !secrets.is_empty() {
        pages.push(("secrets.sh", page(&SecretsSh { secrets: &secrets })));
        pages.push(("secrets/README.md", page(&SecretsMd { secrets: &secrets })));
        pages.push(("secrets/.gitignore", "*\n!.gitignore\n!README.md\n".to_owned()));
    }
    if secrets.iter().any(|s| s.made == Made::PublicKey) {
        pages.push(("token.sh", super::TOKEN_SH.to_owned()));
    }
    for (path, text) in pages {
        p.file(path, text);
    }
}

/// Sort key: entry points, programs, stores, external systems, monitoring.
fn layer(c: &Container) -> u8 {
    if c.networks.contains(&Net::Watch) && !c.calls {
        4
    } else if c.calls && !c.told {
        0
    } else if c.told {
        1
    } else if c.networks.contains(&Net::Outside) {
        3
    } else {
        2
    }
}

fn readme(p: &Project, services: &[Service], secrets: &[&Secret], total: &Total) -> String {
    // What holds for several is said once.
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for gap in &p.notes {
        owners.entry(&gap.what).or_default().push(&gap.of);
    }
    let mut grouped: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
    for (what, of) in owners {
        let names: Vec<String> = of.iter().map(|n| markdown(n)).collect();
        grouped.entry((usize::from(of.len() > 1), names.join(", "))).or_default().push(markdown(what));
    }
    let left_out = grouped.into_iter().map(|((_, of), what)| (of, what)).collect();
    let ports = p.containers.iter().flat_map(|c| c.ports.iter());
    let entries =
        ports.map(|p| Entry { about: markdown(&p.about), port: p.host, variable: p.variable.clone() }).collect();
    let replicas = p
        .containers
        .iter()
        .filter_map(|c| c.environment.get("PRIMARY_HOST").map(|v| (v, c)))
        .filter_map(|(v, c)| match v {
            Value::Text(primary) => Some((primary.clone(), c.name.clone())),
            Value::Or(..) => None,
        })
        .collect();
    page(&ReadmeMd {
        design: markdown(&p.plan.name),
        services,
        entries,
        secrets,
        tokens: secrets.iter().filter(|s| s.made == Made::PublicKey).map(|s| s.name.as_str()).collect(),
        replicas,
        left_out,
        databases: p.containers.iter().any(|c| c.environment.contains_key("POSTGRES_DB")),
        total,
    })
}
