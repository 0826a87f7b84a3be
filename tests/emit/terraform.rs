//! The Terraform backend: valid HCL, the same bytes each time, rules as routes say, and
//! no text of a design that gets out of its quotes.

use crate::support::designs;
use archc::diag::Sink;
use archc::graph::CallGraph;
use archc::plan::Plan;
use archc::resource::{Host, Managed, Resource, Service, Workload};
use archc::session::{open_text, prepare};
use hcl::{Body, Expression};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const DESIGNS: [&str; 7] = [
    "examples/shop/shop.arch",
    "templates/new/minimal.arch",
    "templates/new/web.arch",
    "templates/new/event-driven.arch",
    "templates/new/multi-region.arch",
    "tests/fixtures/terraform/everything.arch",
    "tests/fixtures/terraform/machines.arch",
];

/// A folder of this process's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("archc-terraform-{}-{name}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn build(design: &Path, to: &Path) -> PathBuf {
    let output = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(["build", design.to_str().expect("plain"), "-o", to.to_str().expect("plain"), "--target", "terraform"])
        .args(["--today", "2026-11-25"])
        .output()
        .expect("archc runs");
    assert_eq!(output.status.code(), Some(0), "{design:?}: {}", String::from_utf8_lossy(&output.stderr));
    to.join("terraform")
}

fn design(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(dir: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(dir).expect("a folder");
    let named = entries.map(|e| {
        let path = e.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("text"))
    });
    named.collect()
}

/// All blocks of the module.
fn module(files: &BTreeMap<String, String>) -> Vec<hcl::Block> {
    let tf = files.iter().filter(|(name, _)| name.ends_with(".tf"));
    tf.flat_map(|(name, text)| {
        let body: Body = hcl::parse(text).unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
        body.into_blocks().collect::<Vec<_>>()
    })
    .collect()
}

fn labels(b: &hcl::Block) -> Vec<&str> {
    b.labels().iter().map(hcl::BlockLabel::as_str).collect()
}

fn attribute<'a>(b: &'a hcl::Block, name: &str) -> Option<&'a Expression> {
    b.body().attributes().find(|a| a.key() == name).map(hcl::Attribute::expr)
}

fn of_type<'a>(blocks: &'a [hcl::Block], kind: &str) -> Vec<&'a hcl::Block> {
    blocks.iter().filter(|b| b.identifier() == "resource" && labels(b)[0] == kind).collect()
}

#[test]
fn builds_parse_and_repeat() {
    for (n, path) in DESIGNS.iter().enumerate() {
        let (one, two) = (Folder::new(&format!("one-{n}")), Folder::new(&format!("two-{n}")));
        let first = files(&build(&design(path), &one.0));
        assert_eq!(first, files(&build(&design(path), &two.0)), "{path}");
        assert!(first.contains_key("README.md") && first.contains_key("network.tf"), "{path}");
        let blocks = module(&first);
        let mut seen = BTreeSet::new();
        for b in &blocks {
            let key = (b.identifier().to_owned(), labels(b).join("."));
            assert!(key.0 == "locals" || seen.insert(key.clone()), "{path}: twice {key:?}");
        }
        let text: String = first.values().map(String::as_str).collect();
        assert!(!text.contains("prevent_destroy"), "{path}");
        // Nothing is written that a tool would have to fill in later.
        assert!(!text.contains("TODO"), "{path}");
    }
}

#[test]
fn every_alert_has_an_alarm() {
    for (n, (path, wanted)) in [
        (DESIGNS[0], vec!["browse_p99", "browse_availability", "checkout_p99", "checkout_availability", "cart_cpu"]),
        (
            DESIGNS[5],
            vec!["browse_p99", "buy_availability", "shop_cpu", "orders_cpu", "hot_cpu", "events_cpu", "jobs_cpu"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let out = Folder::new(&format!("alarms-{n}"));
        let blocks = module(&files(&build(&design(path), &out.0)));
        let alarms = of_type(&blocks, "aws_cloudwatch_metric_alarm");
        for name in wanted {
            assert!(alarms.iter().any(|b| labels(b)[1] == name), "{path}: no alarm for {name}");
        }
    }
}

/// Routes between things in the network, of `tests/fixtures/terraform/everything.arch`.
const EDGES: [(&str, &str); 25] = [
    ("alone_entry", "alone"),
    ("big", "-"),
    ("door", "shop"),
    ("front", "door"),
    ("front", "search"),
    ("front", "shop"),
    ("inner", "search"),
    ("ledger", "events"),
    ("ledger", "orders"),
    ("own_proxy", "big"),
    ("shop", "big"),
    ("shop", "events"),
    ("shop", "hot"),
    ("shop", "inner"),
    ("shop", "orders"),
    ("shop", "own_proxy"),
    ("shop", "pages"),
    ("shop", "pair"),
    ("shop", "votes"),
    ("search", "-"),
    ("mailer", "-"),
    ("alone", "-"),
    ("door", "-"),
    ("ledger", "-"),
    ("own_proxy", "-"),
];

#[test]
fn rules_are_the_routes() {
    let out = Folder::new("rules");
    let blocks = module(&files(&build(&design(DESIGNS[5]), &out.0)));
    let peers = |kind: &str| -> BTreeSet<(String, String)> {
        of_type(&blocks, kind)
            .into_iter()
            .filter_map(|b| {
                let group = attribute(b, "security_group_id")?.to_string();
                let peer = attribute(b, "referenced_security_group_id")?.to_string();
                let name = |e: &str| e.split('.').nth(1).unwrap_or("").to_owned();
                Some((name(&group), name(&peer)))
            })
            .collect()
    };
    let wanted: BTreeSet<(String, String)> =
        EDGES.iter().filter(|(_, to)| *to != "-").map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(peers("aws_vpc_security_group_egress_rule"), wanted);
    let turned: BTreeSet<_> = wanted.into_iter().map(|(a, b)| (b, a)).collect();
    assert_eq!(peers("aws_vpc_security_group_ingress_rule"), turned);
    for b in of_type(&blocks, "aws_security_group") {
        assert!(b.body().blocks().next().is_none(), "inline rules in {:?}", labels(b));
    }
}

#[test]
fn no_provider_no_module() {
    let out = Folder::new("none");
    std::fs::create_dir_all(&out.0).expect("made");
    let file = out.0.join("design.arch");
    std::fs::write(
        &file,
        "arch 1\n\nsystem x { provider = none }\nclient c\nservice s { cpu = 1ms }\nflow f { rate = 1 rps, c -> s }\n",
    )
    .expect("written");
    let made = files(&build(&file, &out.0.join("out")));
    assert_eq!(made.keys().collect::<Vec<_>>(), ["README.md"]);
}

/// All string literals and templates of a body, unescaped where they are whole.
fn strings(e: &Expression, out: &mut Vec<String>) {
    match e {
        Expression::String(s) => out.push(s.clone()),
        Expression::Array(list) => list.iter().for_each(|x| strings(x, out)),
        Expression::Object(o) => o.values().for_each(|x| strings(x, out)),
        Expression::FuncCall(f) => f.args.iter().for_each(|x| strings(x, out)),
        Expression::TemplateExpr(t) => {
            if let Ok(t) = hcl::Template::from_expr(t) {
                let parts: Vec<_> = t.elements().iter().collect();
                if let [hcl::template::Element::Literal(s)] = parts.as_slice() {
                    out.push(s.clone());
                }
            }
        }
        _ => {}
    }
}

/// The text as the escaper leaves it.
fn kept(text: &str) -> String {
    let banned = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            || matches!(u32::from(c), 0xfdd0..=0xfdef)
            || u32::from(c) & 0xfffe == 0xfffe
    };
    text.chars().map(|c| if banned(c) { '\u{fffd}' } else { c }).collect()
}

fn plan_of(image: &str, doc: &str, path: &str) -> archc::plan::Plan {
    use archc::resource::{External, Health, Network, Resource, Role, Route, Workload};
    let workload = Workload {
        name: "app".to_owned(),
        doc: Some(doc.to_owned()),
        role: Role::Service,
        image: Some(image.to_owned()),
        replicas: 2,
        cpus: 1.0,
        memory: None,
        runs: None,
        port: 8080,
        health: Some(Health { path: path.to_owned(), every: 5.0 }),
        scale: None,
        serves: true,
    };
    let route = |from: Option<&str>, to: &str| {
        Resource::Route(Route {
            from: from.map(str::to_owned),
            to: to.to_owned(),
            sync: true,
            consumes: false,
            paths: vec![format!("GET /{path}")],
        })
    };
    let mut plan = archc::plan::Plan::default();
    plan.name = doc.to_owned();
    plan.has_provider = true;
    plan.resources = vec![
        Resource::Network(Network { region: "us-east-1".to_owned(), zones: vec!["a".to_owned(), "b".to_owned()] }),
        Resource::Workload(workload),
        Resource::External(External { name: "psp".to_owned(), doc: Some(doc.to_owned()) }),
        route(None, "app"),
        route(Some("app"), "psp"),
    ];
    plan
}

/// Texts with all that could end a string, a comment or a line.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("${"),
        Just("%{"),
        Just("$${"),
        Just("$"),
        Just("%"),
        Just("\""),
        Just("\\"),
        Just("\n"),
        Just("\r"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("\u{0}"),
        Just("\u{202e}"),
        Just("*/"),
        Just("/*"),
        Just("#"),
        Just("//"),
        Just("}"),
        Just("{"),
        Just("<<EOT"),
        Just("EOT"),
        Just("resource \"x\" \"y\" {}"),
        Just("ä"),
        Just(" "),
        Just("a"),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_gets_out(image in hostile(), doc in hostile(), path in hostile()) {
        let plan = plan_of(&image, &doc, &path);
        let made: BTreeMap<String, String> =
            archc::emit::terraform::files(&plan).into_iter().map(|f| (f.path, f.text)).collect();
        let blocks = module(&made);
        // As many blocks as with harmless texts: nothing was added.
        let plain = archc::emit::terraform::files(&plan_of("a:1", "a", "a"));
        let plain: BTreeMap<String, String> = plain.into_iter().map(|f| (f.path, f.text)).collect();
        prop_assert_eq!(blocks.len(), module(&plain).len());
        let task = of_type(&blocks, "aws_ecs_task_definition")[0];
        let mut all = Vec::new();
        strings(attribute(task, "container_definitions").expect("there"), &mut all);
        prop_assert!(all.contains(&kept(&image)), "{:?} not in {:?}", image, all);
        let group = of_type(&blocks, "aws_lb_target_group")[0];
        let check = group.body().blocks().find(|b| b.identifier() == "health_check").expect("there");
        let mut all = Vec::new();
        strings(attribute(check, "path").expect("there"), &mut all);
        prop_assert_eq!(all, vec![kept(&path)]);
        for (name, text) in &made {
            prop_assert!(!text.contains(['\u{2028}', '\u{85}', '\u{0}', '\u{202e}', '\r']), "{}", name);
        }
    }
}

#[test]
fn real_tools_accept_it() {
    let formatted = Command::new("terraform").arg("version").output().is_ok();
    if !formatted {
        println!("skipped: `terraform fmt` (no terraform)");
    }
    let validate = std::env::var("ARCHC_TF_VALIDATE").ok();
    if validate.is_none() {
        println!("skipped: `terraform validate` (ARCHC_TF_VALIDATE is not set)");
    }
    for (n, path) in DESIGNS.iter().enumerate() {
        let out = Folder::new(&format!("tools-{n}"));
        let dir = build(&design(path), &out.0);
        if formatted {
            let fmt = Command::new("terraform").args(["fmt", "-check", "-diff"]).arg(&dir).output().expect("runs");
            assert!(fmt.status.success(), "{path}: {}", String::from_utf8_lossy(&fmt.stdout));
        }
        if let Some(command) = &validate {
            let mut words = command.split_whitespace();
            let run = Command::new(words.next().expect("a command")).args(words).arg(&dir).output().expect("runs");
            assert!(
                run.status.success(),
                "{path}: {}{}",
                String::from_utf8_lossy(&run.stdout),
                String::from_utf8_lossy(&run.stderr)
            );
        }
    }
}

#[test]
fn a_target_without_an_alarm_is_listed() {
    let out = Folder::new("unwatched");
    std::fs::create_dir_all(&out.0).expect("made");
    let file = out.0.join("design.arch");
    std::fs::write(
        &file,
        "arch 1\n\nclient c\nservice s { cpu = 1ms }\nflow f { rate = 1 rps, c -> s, slo { p95 <= 50ms, p99 <= 80ms } }\n",
    )
    .expect("written");
    let made = files(&build(&file, &out.0.join("out")));
    let readme = &made["README.md"];
    assert!(readme.contains("- `f`: its target for `p95` gets no alarm"), "{readme}");
    assert!(!readme.contains("`p99` gets no alarm"), "{readme}");
}

/// Arms that would let a generator drop a case without a word.
#[test]
fn no_generator_drops_a_case() {
    let mut open = vec![design("src/emit/compose"), design("src/emit/diagram"), design("src/emit/terraform")];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).expect("a folder").map(|e| e.expect("an entry").path()));
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("text");
        for arm in
            ["_ => {}", "_ => continue", "_ => return None", "_ => None", "_ => ()", "_ => false", "_ => String::new()"]
        {
            assert!(!text.contains(arm), "{}: `{arm}`", path.display());
        }
    }
    assert!(seen > 25, "the files were not found");
}

/// The plan of a design and the blocks that it becomes, in the order of the files. What is open is solved, or
/// stays open.
fn planned(name: &str, text: &str, solve: bool) -> (Plan, Vec<hcl::Block>) {
    let design = open_text(name, text, &[]);
    let model = if solve { prepare(&design).model } else { design.model(&mut Sink::default()) };
    let plan = archc::plan::plan(&model, &CallGraph::new(&model));
    let made = archc::emit::terraform::files(&plan).into_iter().map(|f| (f.path, f.text)).collect();
    let blocks = module(&made);
    (plan, blocks)
}

fn inner<'a>(b: &'a hcl::Block, name: &str) -> Option<&'a hcl::Block> {
    b.body().blocks().find(|x| x.identifier() == name)
}

/// An attribute as it is written, without quotes.
fn written(b: &hcl::Block, name: &str) -> Option<String> {
    Some(attribute(b, name)?.to_string().trim_matches('"').to_owned())
}

fn count(b: &hcl::Block, name: &str) -> u32 {
    written(b, name).and_then(|x| x.parse().ok()).unwrap_or_else(|| panic!("{:?} has no number `{name}`", labels(b)))
}

/// Architectures of the machines of EC2, from the catalog's column.
fn architectures() -> BTreeMap<String, &'static str> {
    let text = std::fs::read_to_string(design("catalog/aws.csv")).expect("readable");
    let rows = text.lines().filter_map(|line| {
        let f: Vec<&str> = line.split(',').collect();
        match (f[0], f[2]) {
            ("ec2", "arm64") => Some((f[1].to_owned(), "ARM64")),
            ("ec2", "x86_64") => Some((f[1].to_owned(), "X86_64")),
            _ => None,
        }
    });
    rows.collect()
}

/// Compares the machine of each store in the module with the plan's, which is the one that is priced.
fn stores_as_planned(what: &str, plan: &Plan, blocks: &[hcl::Block]) -> usize {
    let mut compared = 0;
    let mut compare = |kind: &str, of: fn(&Managed) -> bool, class: fn(&hcl::Block) -> Option<String>| {
        let built: Vec<String> = of_type(blocks, kind).into_iter().filter_map(class).collect();
        let planned: Vec<&Managed> = plan.managed().filter(|m| of(m)).collect();
        assert_eq!(built.len(), planned.len(), "{what}: {kind}");
        for (built, m) in built.iter().zip(planned) {
            // What is open has no machine yet.
            if let Some(host) = &m.runs {
                assert_eq!(Some(built.as_str()), host.machine(), "{what}: `{}`", m.name);
                compared += 1;
            }
        }
    };
    let primary =
        |b: &hcl::Block| labels(b)[1].ends_with("_primary").then(|| written(b, "instance_class").expect("a class"));
    compare("aws_db_instance", |m| matches!(m.service, Service::Records(_)), primary);
    let node = |b: &hcl::Block| written(b, "node_type");
    compare("aws_elasticache_replication_group", |m| matches!(m.service, Service::Memory(_)), node);
    let broker = |b: &hcl::Block| inner(b, "broker_node_group_info").and_then(|b| written(b, "instance_type"));
    let runs = |m: &Managed| matches!(m.service, Service::Log(_)) && (m.engine.is_some() || m.runs.is_some());
    compare("aws_msk_cluster", runs, broker);
    compared
}

/// Compares what runs each program in the module with the plan: machines that the groups start, or tasks of
/// Fargate and their size; and the machine of each store. Gives how many programs run on machines, how many on
/// Fargate, and how many stores were compared.
fn runs_as_planned(
    what: &str,
    text: &str,
    solve: bool,
    architectures: &BTreeMap<String, &'static str>,
) -> (usize, usize, usize) {
    let (plan, blocks) = planned(what, text, solve);
    if !plan.has_provider {
        assert!(blocks.is_empty(), "{what}");
        return (0, 0, 0);
    }
    let resource = |kind: &str, id: &str| of_type(&blocks, kind).into_iter().find(|b| labels(b)[1] == id);
    let programs: Vec<&Workload> = plan
        .resources
        .iter()
        .filter_map(|r| match r {
            Resource::Workload(w) if w.role.is_program() => Some(w),
            _ => None,
        })
        .collect();
    // Both are in order of declaration.
    let services = of_type(&blocks, "aws_ecs_service");
    assert_eq!(services.len(), programs.len(), "{what}");
    let (mut machines, mut fargate) = (0, 0);
    for (w, service) in programs.into_iter().zip(&services) {
        let id = labels(service)[1];
        let what = format!("{what}: `{}`", w.name);
        let replicas = w.scale.as_ref().map_or(w.replicas, |s| w.replicas.clamp(s.min.max(1), s.max.max(1)));
        assert_eq!(count(service, "desired_count"), replicas, "{what}");
        let task = resource("aws_ecs_task_definition", id).expect("a task");
        let (cpu, memory) = (f64::from(count(task, "cpu")), f64::from(count(task, "memory")));
        let platform = written(inner(task, "runtime_platform").expect("there"), "cpu_architecture").expect("there");
        let group = resource("aws_autoscaling_group", id);
        match &w.runs {
            Some(Host::Machine { name, vcpu, gib, root_gib, .. }) => {
                machines += 1;
                assert_eq!(written(service, "launch_type"), None, "{what}");
                let strategy = inner(service, "capacity_provider_strategy").expect("a strategy");
                assert_eq!(
                    written(strategy, "capacity_provider"),
                    Some(format!("aws_ecs_capacity_provider.{id}.name"))
                );
                let constraint = inner(service, "placement_constraints").expect("a constraint");
                assert_eq!(written(constraint, "type").as_deref(), Some("distinctInstance"), "{what}");
                let provider = resource("aws_ecs_capacity_provider", id).expect("a provider");
                let of =
                    written(inner(provider, "auto_scaling_group_provider").expect("there"), "auto_scaling_group_arn");
                assert_eq!(of, Some(format!("aws_autoscaling_group.{id}.arn")), "{what}");
                let group = group.expect("a group");
                assert_eq!(count(group, "desired_capacity"), replicas, "{what}");
                let (min, max) = (count(group, "min_size"), count(group, "max_size"));
                assert!(min <= replicas && max >= 2 * replicas, "{what}: {min} to {max}");
                let template = resource("aws_launch_template", id).expect("a template");
                assert_eq!(written(template, "instance_type").as_ref(), Some(name), "{what}");
                let root =
                    inner(template, "block_device_mappings").and_then(|b| inner(b, "ebs")).expect("a root volume");
                assert_eq!(count(root, "volume_size"), *root_gib, "{what}");
                assert_eq!(written(root, "volume_type").as_deref(), Some("gp3"), "{what}");
                let arm = architectures[name] == "ARM64";
                let image = written(template, "image_id").expect("an image");
                assert_eq!(image.contains("arm64"), arm, "{what}: {image}");
                assert_eq!(platform, architectures[name], "{what}");
                assert_eq!(cpu, vcpu * 1024.0, "{what}");
                assert!(memory < gib * 1024.0 && memory > 0.75 * gib * 1024.0, "{what}: {memory} MiB");
            }
            Some(Host::Fargate { vcpu, gib }) => {
                fargate += 1;
                assert_eq!(written(service, "launch_type").as_deref(), Some("FARGATE"), "{what}");
                assert!(inner(service, "capacity_provider_strategy").is_none() && group.is_none(), "{what}");
                assert_eq!((cpu, memory), (vcpu * 1024.0, gib * 1024.0), "{what}");
                assert_eq!(platform, "var.cpu_architecture", "{what}");
            }
            None => assert!(group.is_none(), "{what}"),
        }
    }
    let stores = stores_as_planned(what, &plan, &blocks);
    for kind in ["aws_autoscaling_group", "aws_launch_template", "aws_ecs_capacity_provider"] {
        assert_eq!(of_type(&blocks, kind).len(), machines, "{what}: {kind}");
    }
    let joined = of_type(&blocks, "aws_ecs_cluster_capacity_providers");
    assert_eq!(joined.len(), usize::from(machines > 0), "{what}");
    (machines, fargate, stores)
}

#[test]
fn machines_and_tasks_are_those_of_the_plan() {
    let architectures = architectures();
    let mut seen = (0, 0, 0);
    let mut add = |n: (usize, usize, usize)| seen = (seen.0 + n.0, seen.1 + n.1, seen.2 + n.2);
    for folder in ["examples/shop", "examples/story", "examples/mistake", "templates/new", "tests/fixtures/terraform"] {
        for entry in std::fs::read_dir(design(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "arch") {
                let text = std::fs::read_to_string(&path).expect("readable");
                add(runs_as_planned(&path.to_string_lossy(), &text, true, &architectures));
            }
        }
    }
    for index in 0..200 {
        add(runs_as_planned(&format!("design {index}"), &designs::sound(14, index), false, &architectures));
    }
    assert!(seen.0 > 100 && seen.1 > 100 && seen.2 > 100, "{seen:?} programs on machines, on Fargate, and stores");
}

#[test]
fn a_schedule_starts_its_task_where_the_program_runs() {
    let text = |runs: &str| {
        format!(
            "arch 1\nclient c\nservice s {{ cpu = 1ms, {runs} }}\ntimer t {{ every = 1 day }}\nflow f {{ rate = 1 rps, c -> s }}\nflow g {{ rate = 1 per day, t -> s }}\n"
        )
    };
    for (runs, provider) in [("instance = m7g.large", true), ("cores = 2", false)] {
        let (_, blocks) = planned("x.arch", &text(runs), true);
        let schedule = of_type(&blocks, "aws_scheduler_schedule")[0];
        let ecs = inner(inner(schedule, "target").expect("a target"), "ecs_parameters").expect("there");
        let strategy = inner(ecs, "capacity_provider_strategy").and_then(|b| written(b, "capacity_provider"));
        assert_eq!(strategy, provider.then(|| "aws_ecs_capacity_provider.s.name".to_owned()), "{runs}");
        assert_eq!(written(ecs, "launch_type"), (!provider).then(|| "FARGATE".to_owned()), "{runs}");
    }
}

#[test]
fn what_a_machine_cannot_hold_is_listed() {
    let out = Folder::new("machine-notes");
    let readme = files(&build(&design("tests/fixtures/terraform/machines.arch"), &out.0))["README.md"].clone();
    // 16 GiB less 7.5% and 256 MiB: 16384 x 0.925 - 256 = 14899.2.
    assert!(
        readme.contains("- `machines`: 16384 MiB of memory are more than a task can have on `m7g.xlarge`: 14899 MiB")
    );
    assert!(readme.contains("- `web`: one task on each `m7i.large`: its image must be built for x86-64"), "{readme}");
    // It is in the cost.
    assert!(!readme.contains("root volume"), "{readme}");
    assert!(!readme.contains("Fargate task at least as large"), "{readme}");
}
