//! Proxies: balancers, gateways, caches at the edge.
//!
//! In: workloads and managed services of those roles; later, their callees. Out: `HAProxy`
//! and nginx with their configurations. Never: a text of the design in a configuration,
//! except through `text`.

use super::programs::{MAX_REPLICAS, NGINX};
use super::project::{Access, Check, Container, Made, Net, Project, Secret, Wait};
use super::text::{self, Pattern, page};
use crate::resource::{Auth, Balancer, Edge, Health, Managed, Policy, Workload};
use askama::Template;

const HAPROXY: &str = "haproxy:3.2-alpine";

/// How the proxy checks callers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum CallerCheck {
    None,
    /// By a key from the secret of that name.
    Keys(String),
    /// By a token, checked with the public key in the secret of that name.
    Jwt(String),
}

/// A proxy that is configured when all its callees are known.
#[derive(Clone, Debug)]
pub(super) enum Front {
    Proxy(Box<Proxy>),
    Cache { of: String, port: u16, edge: Edge },
}

impl Front {
    /// The component and the port of a proxy, which exposes metrics.
    pub(super) fn proxy(&self) -> Option<(&str, u16)> {
        match self {
            Self::Proxy(p) => Some((&p.of, p.port)),
            Self::Cache { .. } => None,
        }
    }

    /// The component of a cache at the edge.
    pub(super) fn cache(&self) -> Option<&str> {
        match self {
            Self::Proxy(_) => None,
            Self::Cache { of, .. } => Some(of),
        }
    }
}

/// `HAProxy`.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    of: String,
    port: u16,
    policy: Policy,
    idle: Option<f64>,
    /// Health check of callees that have none of their own.
    health: Option<Health>,
    /// The path of its own health check.
    own_health: Option<String>,
    gateway: Option<Gate>,
}

#[derive(Clone, Debug)]
struct Gate {
    auth: CallerCheck,
    limit: Option<Limit>,
}

/// A rate limit: most requests in a window of seconds.
#[derive(Clone, Debug)]
struct Limit {
    window: u64,
    most: u64,
    per: Option<String>,
}

/// The port of a proxy's own health check and metrics.
pub(super) fn admin_port(port: u16) -> u16 {
    if port == 8405 { 8406 } else { 8405 }
}

/// A callee of a proxy.
struct Target {
    slug: String,
    port: u16,
    slots: u32,
    check: Option<(String, u64)>,
    /// The port of the health check, if it is not the port of requests.
    admin: Option<u16>,
}

/// Requests that go to one callee.
struct Rule {
    pattern: Pattern,
    to: String,
}

/// A balancer of the provider.
pub(super) fn balancer(p: &mut Project, m: &Managed, b: &Balancer) -> Front {
    if b.terminates_tls {
        p.note(&m.name, "TLS does not end here: it listens for plain HTTP on the loopback interface of this machine");
    }
    policy_note(p, &m.name, b.policy);
    p.note(&m.name, "HAProxy stands in for the provider's balancer, once and not in several zones");
    add_haproxy(p, &m.name, m.doc.clone(), m.port, 1, "balancer");
    Front::Proxy(Box::new(Proxy {
        of: m.name.clone(),
        port: m.port,
        policy: b.policy,
        idle: b.idle_timeout,
        health: b.health.clone(),
        own_health: None,
        gateway: None,
    }))
}

/// A balancer that the design runs itself.
pub(super) fn own_balancer(p: &mut Project, w: &Workload, policy: Policy) -> Front {
    policy_note(p, &w.name, policy);
    image_note(p, w);
    let replicas = p.capped(&w.name, "replicas", w.replicas, MAX_REPLICAS);
    add_haproxy(p, &w.name, w.doc.clone(), w.port, replicas, "balancer");
    Front::Proxy(Box::new(Proxy {
        of: w.name.clone(),
        port: w.port,
        policy,
        idle: None,
        health: w.health.clone(),
        own_health: None,
        gateway: None,
    }))
}

/// A gateway.
pub(super) fn gateway(
    p: &mut Project,
    w: &Workload,
    auth: Auth,
    limit: Option<&(f64, Option<String>)>,
    burst: Option<f64>,
) -> Front {
    let of = &w.name;
    image_note(p, w);
    let auth = match auth {
        Auth::Jwt | Auth::Oauth2 => {
            let name = format!("{}_jwt_key", text::ident(of));
            let about = format!("public key (PEM) that {of} checks tokens with");
            p.secrets.insert(Secret { name: name.clone(), about, made: Made::PublicKey });
            p.note(of, "tokens must be JWTs signed with RS256, in time (exp, nbf); issuer, audience, scopes and roles are not looked at");
            if auth == Auth::Oauth2 {
                p.note(of, "auth oauth2 is approximated: access tokens must be JWTs; no log-in and no provider of identities is generated");
            }
            CallerCheck::Jwt(name)
        }
        Auth::ApiKey => {
            let name = format!("{}_api_keys", text::ident(of));
            let about = format!("keys that {of} lets in, one a line");
            p.secrets.insert(Secret { name: name.clone(), about, made: Made::Random });
            CallerCheck::Keys(name)
        }
        Auth::Mtls => {
            p.note(of, "auth mtls is NOT generated: every caller is let in");
            CallerCheck::None
        }
        Auth::None => CallerCheck::None,
    };
    let limit = limit.map(|(rate, per)| bucket(*rate, burst, per.clone()));
    let replicas = p.capped(of, "replicas", w.replicas, MAX_REPLICAS);
    if let Some(l) = &limit {
        if replicas > 1 {
            p.note(of, format!("each replica counts requests for itself: up to {replicas} times the limit passes"));
        }
        let per = l.per.as_deref();
        if per == Some("ip") {
            p.note(of, "limit per ip: Docker shows one address for all callers from this machine");
        }
        if matches!(per, Some("client" | "user")) && auth == CallerCheck::None {
            p.note(of, "limit per caller: callers prove nothing, so they are told apart by the X-Api-Key or Authorization that they send, else by address");
        }
    }
    add_haproxy(p, of, w.doc.clone(), w.port, replicas, "gateway");
    let slug = p.plan.slug(of);
    if let (CallerCheck::Keys(secret) | CallerCheck::Jwt(secret), Some(c)) =
        (&auth, p.containers.iter_mut().find(|c| c.name == slug))
    {
        c.secrets.insert(secret.clone());
    }
    Front::Proxy(Box::new(Proxy {
        of: of.clone(),
        port: w.port,
        policy: Policy::RoundRobin,
        idle: None,
        health: None,
        own_health: w.health.as_ref().map(|h| text::uri_path(&h.path)),
        gateway: Some(Gate { auth, limit }),
    }))
}

/// A rate per second as a count in a window of whole seconds.
fn bucket(rate: f64, burst: Option<f64>, per: Option<String>) -> Limit {
    let window = if rate >= 1.0 || rate <= 0.0 { 1 } else { text::seconds((1.0 / rate).ceil(), 1).min(86_400) };
    // Windows are far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let most = text::seconds(rate * window as f64, 1) + text::seconds(burst.unwrap_or(0.0), 0);
    Limit { window, most, per }
}

fn policy_note(p: &mut Project, of: &str, policy: Policy) {
    match policy {
        Policy::Nearest => p.note(of, "policy nearest means nothing on one machine: replicas take turns"),
        Policy::Weighted => p.note(of, "policy weighted: all replicas weigh the same here"),
        Policy::Hash => p.note(of, "policy hash: by path, since all callers from this machine have one address"),
        Policy::Failover => p.note(of, "policy failover: the first replica that is up takes all"),
        Policy::RoundRobin | Policy::Random | Policy::LeastConnections => {}
    }
}

fn image_note(p: &mut Project, w: &Workload) {
    if w.image.is_some() {
        p.note(&w.name, "its image is not used: its configuration is generated for HAProxy");
    }
    if w.runs.as_ref().is_some_and(|h| h.machine().is_some()) {
        p.note(&w.name, "its machine type has no meaning here");
    }
}

fn add_haproxy(p: &mut Project, of: &str, doc: Option<String>, port: u16, replicas: u32, what: &str) {
    let slug = p.plan.slug(of);
    p.containers.push(Container {
        name: slug.clone(),
        component: of.to_owned(),
        about: format!("HAProxy as {what}; numbers for Prometheus on port {}", admin_port(port)),
        doc,
        calls: true,
        image: HAPROXY.to_owned(),
        user: Some("99:99"),
        files: vec![(format!("./config/{slug}/haproxy.cfg"), "/usr/local/etc/haproxy/haproxy.cfg".to_owned())],
        tmpfs: vec!["/tmp:size=4m,mode=1777".to_owned()],
        check: Some(Check::http(admin_port(port), "/healthz")),
        replicas,
        cpus: 0.5,
        memory: 128,
        pids: 64,
        grace: 30,
        ..Container::default()
    });
    reach(p, of, slug, port, replicas);
}

fn reach(p: &mut Project, of: &str, slug: String, port: u16, slots: u32) {
    let url = super::project::Value::Text(format!("http://{slug}:{port}"));
    let access = Access {
        net: Net::Edge,
        env: vec![(format!("{}_URL", text::variable(of)), url)],
        secrets: Vec::new(),
        wait: vec![(slug.clone(), Wait::Healthy)],
        members: vec![slug.clone()],
        http: Some((slug, port)),
        slots: slots.max(2),
        // Of its own, on a port of its own: on that of requests, it would answer for what it leads to.
        health: Some(Health { path: "/healthz".to_owned(), every: 5.0 }),
        admin: Some(admin_port(port)),
    };
    p.access.insert(of.to_owned(), access);
}

/// A cache at the edge.
pub(super) fn edge(p: &mut Project, m: &Managed, e: &Edge) -> Front {
    let of = &m.name;
    let slug = p.plan.slug(of);
    p.note(of, "one nginx on this machine stands in for a network of caches near the callers; TLS does not end here");
    p.note(of, "answers to requests with an Authorization header are never kept (RFC 9111, section 3.5); a provider's network may be told otherwise");
    if e.waf {
        p.note(of, "the web application firewall is not generated");
    }
    if e.ttl.is_none() {
        p.note(
            of,
            "the design sets no `ttl`: an answer is kept as long as its Cache-Control or Expires says, else not at all",
        );
    }
    if e.stale_while_revalidate.is_some() || e.stale_if_error.is_some() {
        p.note(
            of,
            "stale answers are served as long as they are in the cache: nginx has no bound of its own for their age",
        );
    }
    p.containers.push(Container {
        name: slug.clone(),
        component: of.clone(),
        about: "nginx as a cache at the edge: X-Cache says HIT or MISS".to_owned(),
        doc: m.doc.clone(),
        calls: true,
        image: NGINX.to_owned(),
        user: Some("101:101"),
        files: vec![(format!("./config/{slug}/edge.conf"), "/etc/nginx/conf.d/default.conf".to_owned())],
        tmpfs: vec!["/tmp:size=96m,mode=1777".to_owned()],
        check: Some(Check::http(admin_port(m.port), "/healthz")),
        replicas: 1,
        cpus: 0.5,
        memory: 160,
        pids: 64,
        grace: 15,
        ..Container::default()
    });
    reach(p, of, slug, m.port, 1);
    Front::Cache { of: of.clone(), port: m.port, edge: e.clone() }
}

#[derive(Template)]
#[template(path = "compose/haproxy.cfg", whitespace = "preserve")]
struct HaproxyCfg<'a> {
    name: &'a str,
    proxy: &'a Proxy,
    admin: u16,
    balance: &'a str,
    idle: u64,
    targets: &'a [Target],
    rules: &'a [Rule],
    default: &'a str,
}

impl HaproxyCfg<'_> {
    fn jwt(&self) -> Option<&str> {
        match &self.proxy.gateway.as_ref()?.auth {
            CallerCheck::Jwt(secret) => Some(secret),
            CallerCheck::None | CallerCheck::Keys(_) => None,
        }
    }

    fn keys(&self) -> Option<&str> {
        match &self.proxy.gateway.as_ref()?.auth {
            CallerCheck::Keys(secret) => Some(secret),
            CallerCheck::None | CallerCheck::Jwt(_) => None,
        }
    }

    fn limit(&self) -> Option<&Limit> {
        self.proxy.gateway.as_ref()?.limit.as_ref()
    }
}

#[derive(Template)]
#[template(path = "compose/edge.conf", whitespace = "preserve")]
struct EdgeConf<'a> {
    name: &'a str,
    port: u16,
    admin: u16,
    ttl: Option<u64>,
    revalidate: bool,
    on_error: bool,
    compress: bool,
    rules: &'a [Rule],
    default: &'a str,
}

/// Writes a proxy's configuration.
pub(super) fn configure(p: &mut Project, front: &Front) {
    match front {
        Front::Proxy(proxy) => {
            let (targets, rules, default) = leads(p, &proxy.of, proxy.health.as_ref());
            let slug = p.plan.slug(&proxy.of);
            let text = page(&HaproxyCfg {
                name: &slug,
                proxy,
                admin: admin_port(proxy.port),
                balance: match proxy.policy {
                    Policy::LeastConnections => "leastconn",
                    Policy::Random => "random",
                    Policy::Hash => "uri",
                    Policy::Failover => "first",
                    Policy::RoundRobin | Policy::Nearest | Policy::Weighted => "roundrobin",
                },
                idle: proxy.idle.map_or(30_000, text::millis),
                targets: &targets,
                rules: &rules,
                default: &default,
            });
            p.file(&format!("config/{slug}/haproxy.cfg"), text);
        }
        Front::Cache { of, port, edge } => {
            let (targets, rules, default) = leads(p, of, None);
            let at = |slug: &str| {
                targets.iter().find(|t| t.slug == slug).map(|t| format!("{}:{}", t.slug, t.port)).unwrap_or_default()
            };
            let rules: Vec<Rule> = rules.into_iter().map(|r| Rule { to: at(&r.to), pattern: r.pattern }).collect();
            let slug = p.plan.slug(of);
            let text = page(&EdgeConf {
                name: &slug,
                port: *port,
                admin: admin_port(*port),
                ttl: edge.ttl.map(|s| text::seconds(s, 1)),
                revalidate: edge.stale_while_revalidate.is_some(),
                on_error: edge.stale_if_error.is_some(),
                compress: edge.compress,
                rules: &rules,
                default: &at(&default),
            });
            p.file(&format!("config/{slug}/edge.conf"), text);
        }
    }
}

/// Callees of a proxy, rules in the order in which they are tried, and the default callee
/// (empty: none).
fn leads(p: &mut Project, of: &str, health: Option<&Health>) -> (Vec<Target>, Vec<Rule>, String) {
    let routes: Vec<_> = p.plan.routes().filter(|r| r.from.as_deref() == Some(of)).cloned().collect();
    let (mut targets, mut rules): (Vec<Target>, Vec<Rule>) = (Vec::new(), Vec::new());
    let mut open: Vec<String> = Vec::new();
    for r in &routes {
        let Some((slug, port)) = p.access.get(&r.to).and_then(|a| a.http.clone()) else {
            p.note(of, format!("what it passes on to {} is not generated: no HTTP is spoken there", r.to));
            continue;
        };
        let (slots, own, admin) = p.access.get(&r.to).map_or((1, None, None), |a| (a.slots, a.health.clone(), a.admin));
        if targets.iter().all(|t| t.slug != slug) {
            let check = own.as_ref().or(health).map(|h| (text::uri_path(&h.path), text::millis(h.every.max(1.0))));
            targets.push(Target { slug: slug.clone(), port, slots, check, admin });
        }
        for path in &r.paths {
            let pattern = text::pattern(path);
            if pattern.widened {
                p.note(of, format!("route {path}: letters that no path has as they are match anything but /"));
            }
            rules.push(Rule { pattern, to: slug.clone() });
        }
        if r.paths.is_empty() && !open.contains(&slug) {
            open.push(slug);
        }
    }
    // Routes without parameters before those with, so that `/a/new` is not taken by `/a/{id}`.
    rules.sort_by(|a, b| (a.pattern.variable, &a.pattern, &a.to).cmp(&(b.pattern.variable, &b.pattern, &b.to)));
    rules.dedup_by(|a, b| {
        let same = a.pattern == b.pattern;
        if same && a.to != b.to {
            p.note(of, format!("one route leads to both {} and {}: the first gets it", b.to, a.to));
        }
        same
    });
    for slug in open.iter().skip(1) {
        p.note(of, format!("no flow through {slug} says its route: requests below /{slug}/ go there"));
        let regex = format!("^/{slug}/");
        rules
            .push(Rule { pattern: Pattern { method: None, regex, variable: false, widened: false }, to: slug.clone() });
    }
    // What has one way on needs no rules.
    let default = match (targets.as_slice(), open.first()) {
        ([only], _) => {
            rules.clear();
            only.slug.clone()
        }
        (_, Some(first)) => first.clone(),
        (_, None) => String::new(),
    };
    (targets, rules, default)
}
