//! The Compose project of a design: parses, wired as the plan says, harmless whatever a
//! design calls things, and accepted by the real servers where they are installed.

use archc::emit::OutFile;
use archc::emit::compose::files;
use archc::plan::Plan;
use archc::resource::{
    Auth, Eviction, External, Managed, Memory, ReadFrom, Records, Resource, Role, Route, Service, Workload,
};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Shipped designs and one with every kind and engine.
fn designs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = vec![root.join("examples/shop/shop.arch"), root.join("tests/compose/kitchen.arch")];
    for e in std::fs::read_dir(root.join("templates/new")).expect("a folder") {
        out.push(e.expect("an entry").path());
    }
    out.sort();
    out
}

/// Builds a design into a fresh folder.
fn build(design: &Path, as_name: &str) -> PathBuf {
    let stem = design.file_stem().expect("a name").to_string_lossy().into_owned();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compose").join(as_name).join(stem);
    let _ = std::fs::remove_dir_all(&out);
    let run = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(["build", &design.to_string_lossy(), "-o", &out.to_string_lossy(), "--target", "compose"])
        .output()
        .expect("runs");
    assert!(run.status.success(), "{}: {}", design.display(), String::from_utf8_lossy(&run.stderr));
    out.join("compose")
}

fn all_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for e in std::fs::read_dir(dir).expect("a folder") {
        let path = e.expect("an entry").path();
        if path.is_dir() { all_files(&path, out) } else { out.push(path) }
    }
    out.sort();
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn parse(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn strings(v: &Value) -> Vec<String> {
    v.as_array().into_iter().flatten().map(|s| s.as_str().expect("a string").to_owned()).collect()
}

/// What a text becomes in a scalar: itself, but `$` doubled, and U+FFFD for what has no place in a file.
fn carried(text: &str) -> String {
    let odd = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || "\u{feff}\u{fffe}".contains(c)
    };
    text.replace('$', "$$").chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}

/// What must hold for any project.
fn sound(yaml: &Value) {
    let services = yaml["services"].as_object().expect("services");
    for (name, s) in services {
        for port in strings(&s["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name} publishes {port}");
        }
        for on in s["depends_on"].as_object().into_iter().flat_map(|d| d.keys()) {
            assert!(services.contains_key(on), "{name} waits for {on}, which is not there");
        }
        let networks = strings(&s["networks"]);
        assert!(!networks.is_empty(), "{name} is on no network");
        for n in networks {
            assert!(yaml["networks"].get(&n).is_some(), "{name} is on {n}, which is not there");
        }
        for secret in strings(&s["secrets"]) {
            assert!(yaml["secrets"].get(&secret).is_some(), "{name} reads {secret}, which is not there");
        }
        for mount in strings(&s["volumes"]) {
            let from = mount.split(':').next().expect("a source");
            assert!(from.starts_with("./") || yaml["volumes"].get(from).is_some(), "{name} mounts {from}");
        }
        let image = s["image"].as_str().expect("an image");
        assert!(!image.ends_with(":latest") && !image.starts_with("bitnami/"), "{image}");
        assert_eq!(s["cap_drop"][0], "ALL", "{name} has capabilities");
        assert!(s["deploy"]["resources"]["limits"]["memory"].is_string(), "{name} has no limit");
    }
    for (name, n) in yaml["networks"].as_object().expect("networks") {
        let inner = ["app", "data", "watch"].contains(&name.as_str());
        assert_eq!(n["internal"].as_bool().unwrap_or(false), inner, "network {name}");
    }
    circle_free(services);
}

/// Compose refuses services that wait for each other.
fn circle_free(services: &serde_json::Map<String, Value>) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while done.len() < services.len() {
        let before = done.len();
        for (name, s) in services {
            let mut on = s["depends_on"].as_object().into_iter().flat_map(|d| d.keys());
            if on.all(|d| done.contains(d.as_str())) {
                done.insert(name);
            }
        }
        assert!(done.len() > before, "a circle among {:?}", services.keys().collect::<Vec<_>>());
    }
}

#[test]
fn shipped_designs_become_sound_projects() {
    for design in designs() {
        let dir = build(&design, "sound");
        let yaml = parse(&read(&dir.join("compose.yaml")));
        sound(&yaml);
        for (name, s) in yaml["services"].as_object().expect("services") {
            for mount in strings(&s["volumes"]).iter().filter(|m| m.starts_with("./")) {
                let file = mount.split(':').next().expect("a source");
                assert!(dir.join(file).is_file(), "{name} mounts {file}, which is not written");
            }
        }
        for (name, s) in yaml["secrets"].as_object().into_iter().flatten() {
            assert_eq!(s["file"], format!("./secrets/{name}"));
            assert!(read(&dir.join("secrets.sh")).contains(&format!(" {name}\n")), "nothing makes {name}");
            assert!(!dir.join("secrets").join(name).exists(), "the value of {name} was generated");
        }
        assert!(!dir.join(".env").exists());
        let mut all = Vec::new();
        all_files(&dir, &mut all);
        for f in &all {
            assert!(read(f).ends_with('\n'), "{} ends in the middle of a line", f.display());
            if f.extension().is_some_and(|e| e == "yaml") {
                parse(&read(f));
            }
        }
    }
}

#[test]
fn the_same_design_gives_the_same_bytes() {
    for design in designs() {
        let (a, b) = (build(&design, "once"), build(&design, "twice"));
        let (mut x, mut y) = (Vec::new(), Vec::new());
        all_files(&a, &mut x);
        all_files(&b, &mut y);
        assert_eq!(x.len(), y.len());
        for (x, y) in x.iter().zip(&y) {
            assert_eq!(read(x), read(y), "{}", x.display());
        }
    }
}

/// Routes as the proxies' and services' networks show them: who may reach whom.
#[test]
fn both_ends_of_a_route_share_a_network() {
    let route = |from: &str, to: &str| {
        let from = Some(from.to_owned()).filter(|f| !f.is_empty());
        Resource::Route(Route { from, to: to.to_owned(), sync: true, consumes: false, paths: Vec::new() })
    };
    let mut plan = hostile_plan("image:1", "a doc", "GET /x", "/healthz");
    let pairs = [("gate", "app"), ("app", "store"), ("app", "near"), ("app", "other")];
    plan.resources.push(route("", "gate"));
    plan.resources.extend(pairs.iter().map(|(a, b)| route(a, b)));
    let out = files(&plan);
    let yaml = parse(text(&out, "compose.yaml"));
    for (from, to) in pairs {
        let mine: BTreeSet<String> = strings(&yaml["services"][from]["networks"]).into_iter().collect();
        let reached = yaml["services"]
            .as_object()
            .expect("services")
            .values()
            .filter(|s| s["labels"]["arch.component"] == to)
            .all(|s| strings(&s["networks"]).iter().any(|n| mine.contains(n)));
        assert!(reached, "{from} cannot reach {to}");
    }
    assert_eq!(yaml["services"]["gate"]["ports"][0], "127.0.0.1:${GATE_PORT:-8080}:8080");
    assert!(yaml["services"]["app"]["ports"].is_null() && yaml["services"]["store"]["ports"].is_null());
}

#[test]
fn programs_learn_of_what_they_call_and_read_passwords_from_files() {
    let dir = build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop/shop.arch"), "env");
    let yaml = parse(&read(&dir.join("compose.yaml")));
    let env = &yaml["services"]["cart"]["environment"];
    assert_eq!(env["PSP_URL"], "${PSP_URL:-http://psp:8080}");
    assert_eq!(env["ORDERS_RW"], "postgres://app@orders:5432/orders");
    assert_eq!(env["ORDERS_RO"], "postgres://app@orders-replica-1:5432/orders?load_balance_hosts=random");
    assert_eq!(env["ORDERS_PASSWORD_FILE"], "/run/secrets/orders_password");
    assert_eq!(yaml["services"]["catalog"]["environment"]["HOT_URL"], "redis://hot:6379");
    let job = &yaml["services"]["cart"]["depends_on"]["events-topics"]["condition"];
    assert_eq!(job, "service_completed_successfully");
}

/// A gateway that asks for a token must not seem lost to the balancer that checks it.
#[test]
fn proxies_are_checked_where_they_answer_for_themselves() {
    let dir = build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose/kitchen.arch"), "checks");
    let lb = read(&dir.join("config/lb/haproxy.cfg"));
    assert!(lb.contains("http-check send meth GET uri /healthz "), "{lb}");
    assert!(lb.contains("server-template s 1-2 door:8080 check port 8405 resolvers docker init-addr none"), "{lb}");
}

#[test]
fn nothing_is_left_out_in_silence() {
    let dir = build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose/kitchen.arch"), "readme");
    let readme = read(&dir.join("README.md"));
    for what in [
        "replicas: 10 in the design, 2 here",
        "shards: 4 in the design, 2 here",
        "replication quorum is approximated",
        "memory: 8192 MiB in the design, 1024 MiB here",
        "auth mtls is NOT generated",
        "web application firewall is not generated",
        "autoscaling (2 to 20 replicas",
        "they wait in a circle",
        "STAND-IN",
        "partitions: 240 in the design, 64 here",
        "traces are not collected",
        "backups are not taken here",
        "CPUs of one replica: 4 in the design, 1 here",
    ] {
        assert!(readme.contains(what), "the README does not say: {what}\n{readme}");
    }
}

fn text<'a>(out: &'a [OutFile], path: &str) -> &'a str {
    let found = out.iter().find(|f| f.path == path);
    &found.unwrap_or_else(|| panic!("{path} is not written")).text
}

/// A plan whose every free text is the caller's.
#[allow(clippy::field_reassign_with_default, reason = "a plan has parts of its own")]
fn hostile_plan(image: &str, doc: &str, path: &str, health: &str) -> Plan {
    let workload = |name: &str, role: Role, image: Option<&str>| {
        Resource::Workload(Workload {
            name: name.to_owned(),
            doc: Some(doc.to_owned()),
            role,
            image: image.map(str::to_owned),
            replicas: 1,
            cpus: 1.0,
            memory: None,
            runs: None,
            port: 8080,
            health: Some(archc::resource::Health { path: health.to_owned(), every: 5.0 }),
            scale: None,
            serves: true,
        })
    };
    let managed = |name: &str, service: Service, port: u16| {
        Resource::Managed(Managed {
            name: name.to_owned(),
            doc: Some(doc.to_owned()),
            service,
            engine: Some(image.to_owned()),
            replicas: 2,
            shards: 2,
            nodes: 1,
            runs: None,
            memory: None,
            port,
            encrypted: true,
        })
    };
    let gateway = Role::Gateway { auth: Auth::Jwt, limit: Some((10.0, Some(doc.to_owned()))), burst: None };
    let records = Records { shard_key: Some(doc.to_owned()), read_from: ReadFrom::Any, ..Records::default() };
    let to = |from: &str, to: &str| {
        Resource::Route(Route {
            from: Some(from.to_owned()),
            to: to.to_owned(),
            sync: true,
            consumes: false,
            paths: vec![path.to_owned()],
        })
    };
    let mut plan = Plan::default();
    plan.name = doc.to_owned();
    plan.resources = vec![
        workload("gate", gateway, None),
        workload("app", Role::Service, Some(image)),
        workload("clock", Role::Schedule { every: Some(60.0), at: None }, None),
        managed("store", Service::Records(records), 5432),
        managed("near", Service::Memory(Memory { eviction: Eviction::Fifo }), 6379),
        Resource::External(External { name: "other".to_owned(), doc: Some(doc.to_owned()) }),
        to("gate", "app"),
        to("gate", "other"),
        to("clock", "app"),
        to("app", "store"),
    ];
    plan
}

/// Texts that end quotes, lines, comments and expressions in some language.
fn hostile() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "\"",
        "'",
        "\\",
        "\n",
        "\r",
        "\t",
        "${HOME}",
        "$$",
        "$",
        "# ",
        ": ",
        "- ",
        "}",
        "{",
        "%",
        "`",
        "\u{2028}",
        "\u{2029}",
        "\u{85}",
        "\u{0}",
        "\u{1b}",
        "\u{202e}",
        "\u{feff}",
        "é",
        "a",
        "Z9",
        " ",
        "/",
        "|",
        "<b>",
        "*",
        "&x",
        "!tag",
        "---\n",
        "...",
        "\u{fffe}",
        "😀",
        "path_reg",
        "];",
        "services:\n  evil: {}\n",
    ]);
    prop::collection::vec(marks, 0..12).prop_map(|v| v.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_text_of_a_design_breaks_out(image in hostile(), doc in hostile(), path in hostile(), health in hostile()) {
        let plan = hostile_plan(&image, &doc, &path, &health);
        let out = files(&plan);
        let calm = files(&hostile_plan("x", "x", "/x", "/x"));
        prop_assert_eq!(
            out.iter().map(|f| &f.path).collect::<Vec<_>>(),
            calm.iter().map(|f| &f.path).collect::<Vec<_>>()
        );
        let yaml = parse(text(&out, "compose.yaml"));
        sound(&yaml);
        let names = |v: &Value| v["services"].as_object().expect("services").keys().cloned().collect::<Vec<_>>();
        prop_assert_eq!(names(&yaml), names(&parse(text(&calm, "compose.yaml"))));
        // One scalar, unchanged but for what has no place in a file and for `$`, which Compose would read.
        prop_assert_eq!(&yaml["services"]["app"]["image"], &Value::from(carried(&image)));
        let key = &yaml["services"]["app"]["environment"]["STORE_SHARD_KEY"];
        prop_assert_eq!(key, &Value::from(carried(&doc)));
        // No line of a server's configuration that the calm design has no counterpart of.
        for f in out.iter().filter(|f| f.path.starts_with("config/") || f.path.ends_with(".sh")) {
            let other = text(&calm, &f.path);
            prop_assert_eq!(f.text.lines().count(), other.lines().count(), "{}", f.path);
            let odd = f.text.chars().find(|c| !c.is_ascii() || (c.is_control() && *c != '\n'));
            prop_assert!(odd.is_none(), "{}: {:?}", f.path, odd);
            for line in f.text.lines().filter(|l| l.contains("{ path_reg ")) {
                prop_assert_eq!(line.matches(['{', '}']).count() % 2, 0);
                let regex = line.split("{ path_reg ").nth(1).and_then(|l| l.strip_suffix(" }")).expect("a rule");
                prop_assert!(regex.chars().all(|c| c.is_ascii_alphanumeric() || "^$/-_~.[]+*".contains(c)), "{regex}");
            }
        }
    }
}

fn installed(tool: &str, args: &[&str]) -> bool {
    let found = Command::new(tool).args(args).output().is_ok_and(|o| o.status.success());
    if !found {
        println!("skipped: {tool} {} does not run here", args.join(" "));
    }
    found
}

fn accepts(command: &mut Command) {
    let out = command.output().expect("runs");
    let said = [out.stdout, out.stderr].concat();
    assert!(out.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&said));
}

#[test]
fn real_tools_accept_the_project() {
    let compose = installed("docker", &["compose", "version"]);
    let haproxy = installed("haproxy", &["-v"]);
    let promtool = installed("promtool", &["--version"]);
    let shellcheck = installed("shellcheck", &["--version"]);
    for design in designs() {
        let dir = build(&design, "tools");
        if compose {
            accepts(Command::new("docker").args(["compose", "config", "-q"]).current_dir(&dir));
        }
        let mut all = Vec::new();
        all_files(&dir, &mut all);
        for f in &all {
            let name = f.file_name().expect("a name").to_string_lossy().into_owned();
            if haproxy && name == "haproxy.cfg" {
                // Secrets do not exist yet: the checks' files are replaced by ones that do.
                let keys = dir.join("keys");
                std::fs::write(&keys, "key\n").expect("written");
                let mut text = read(f);
                while let Some(at) = text.find("/run/secrets/") {
                    let end = text[at..].find(['"', ' ']).map_or(text.len(), |e| at + e);
                    text.replace_range(at..end, &keys.to_string_lossy());
                }
                let copy = dir.join("haproxy-check.cfg");
                std::fs::write(&copy, text).expect("written");
                accepts(Command::new("haproxy").args(["-c", "-f"]).arg(&copy));
            }
            if promtool && name == "rules.yaml" {
                accepts(Command::new("promtool").args(["check", "rules"]).arg(f));
            }
            if promtool && name == "prometheus.yaml" {
                accepts(Command::new("promtool").args(["check", "config"]).arg(f));
            }
            if shellcheck && f.extension().is_some_and(|e| e == "sh") {
                accepts(Command::new("shellcheck").arg(f));
            }
        }
    }
}

#[test]
fn the_readme_keeps_code_in_its_marks() {
    let workload = Resource::Workload(Workload {
        name: "app".to_owned(),
        doc: None,
        role: Role::Service,
        image: Some("a*b<c>".to_owned()),
        replicas: 1,
        cpus: 1.0,
        memory: None,
        runs: None,
        port: 8080,
        health: None,
        scale: None,
        serves: true,
    });
    let mut plan = Plan::default();
    plan.name = "[x](y)".to_owned();
    plan.resources = vec![workload];
    plan.gaps = vec![archc::plan::Gap { of: "app".to_owned(), what: "`replicas` is a variable (`?`)".to_owned() }];
    let made = files(&plan);
    let readme = &made.iter().find(|f| f.path == "README.md").expect("a README").text;
    assert!(readme.contains("`replicas` is a variable (`?`)"), "{readme}");
    assert!(readme.starts_with("# \\[x\\](y) on one machine"), "{readme}");
    assert!(readme.contains("a\\*b&lt;c>"), "{readme}");
}
