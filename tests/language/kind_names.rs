//! Kinds are not reserved as names: a design whose components are named like kinds means what it means under other names.

use crate::support::run;
use archc::diag::{Severity, Sink};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Each component has the name of a kind, mostly of another than its own; `NAME_x` is its name elsewhere.
const DESIGN: &str = r#"arch 1

system shop { zones = 3 }

let queue_x = 2ms
let client_x = 4

client database_x { users = 10k * client_x / client_x }
cdn queue_x { hit = 50%, ttl = 1min }
balancer gateway_x { policy = least_connections }
gateway balancer_x { rate_limit = 100 rps per client, replicas = 2, cpu = 0.2ms }
preset service for service { replicas = 3, memory = 512MiB }
service cache_x : service { cpu = queue_x, timeout = 300ms }
service client_x : service { cpu = 3ms, replicas = ? in 2..8 }
cache service_x : redis { hit = 90%, ttl = 3min, nodes = 2 }
database bucket_x : postgres { data = 40GB, replicas = 3, replication = sync, failover = auto, fenced = true, backup { every = 1h } }
queue timer_x : kafka { partitions = 24, retention = 7 days }
bucket external_x { data = 1TB }
external monitor_x { latency = 100ms, availability = 99.95%, limit = 1k rps }
monitor cdn_x { of = [cache_x, bucket_x], metrics = true }

flow cache {
  rate = 400 rps
  slo { p99 <= 2s }
  database_x -> queue_x -> gateway_x -> balancer_x -> cache_x {
    -> service_x.get else { -> bucket_x.read x2, -> service_x.set }
    parallel { -> monitor_x, -> external_x.get }
    -> bucket_x.write
    ~> timer_x.publish { size = 2KB }
  }
}

flow queue { timer_x ~> client_x }

scenario database { fail = [service_x], expect flow cache { availability >= 1% } }
scenario service { slow = monitor_x 50ms, cache_x { cpu = 3ms }, flow cache { rate = 500 rps } }
scenario client { cut = [zone a] | [zone b, zone c], expect flow cache = ok on majority }

rule external { deny path monitor -> monitor_x, max_depth 9 }
"#;

/// An empty folder of that name.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("made");
    dir
}

/// The design with kinds as names. A rule and an `allow` keep their other name.
fn named_like_kinds() -> String {
    DESIGN.replace("monitor_x", "psp").replace("_x", "")
}

fn named_otherwise() -> String {
    DESIGN.replace("monitor_x", "psp")
}

#[test]
fn a_design_named_like_kinds_is_analyzed_like_any_other() {
    for args in [
        vec!["analyze", "--format", "json", "-"],
        vec!["analyze", "--format", "json", "--scenario", "database", "-"],
        vec!["analyze", "--format", "json", "--scenario", "service", "-"],
        vec!["assumptions", "--format", "json", "-"],
        vec!["diagram", "--format", "mermaid", "-"],
        vec!["diagram", "--format", "dot", "-"],
    ] {
        let kinds = run::archc(&args, &named_like_kinds());
        let others = run::archc(&args, &named_otherwise());
        let text = |o: &std::process::Output| String::from_utf8(o.stdout.clone()).expect("UTF-8");
        assert_eq!(kinds.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&kinds.stderr));
        assert!(!text(&kinds).is_empty());
        let other = text(&others).replace("_x", "");
        // Columns after a name and the digest of the text depend on the spelling.
        for (a, b) in text(&kinds)
            .lines()
            .zip(other.lines())
            .filter(|(a, _)| !a.contains("column\"") && !a.contains("\"digest\""))
        {
            assert_eq!(a, b, "{args:?}");
        }
        assert_eq!(text(&kinds).lines().count(), other.lines().count(), "{args:?}");
    }
}

#[test]
fn a_design_named_like_kinds_is_sized_and_set_from_outside() {
    let design = named_like_kinds();
    let sized = run::archc(&["size", "--json", "-"], &design);
    let others = run::archc(&["size", "--json", "-"], &named_otherwise());
    assert_eq!(sized.status.code(), Some(0), "{}", String::from_utf8_lossy(&sized.stderr));
    let values =
        |o: &std::process::Output| serde_json::from_slice::<Value>(&o.stdout).expect("JSON")["choices"].clone();
    assert_eq!(values(&sized)["client"], values(&others)["client_x"]);
    // 400 rps x 3 ms are 1.2 cores: two replicas of one core at 60%.
    assert_eq!(values(&sized)["client"]["replicas"], 2, "{}", values(&sized));
    // Twice the time is twice the utilization: the `let` named `queue` is what is set.
    let one = run::analyze_with(&["--set", "queue=4ms"], &design);
    let two = run::analyze_with(&["--set", "queue=8ms"], &design);
    let busy = |v: &Value| run::number(&v["components"]["cache"]["utilization"]);
    assert!((busy(&two) / busy(&one) - 2.0).abs() < 1e-9, "{} and {}", busy(&one), busy(&two));
}

#[test]
fn a_design_named_like_kinds_is_formatted() {
    let design = named_like_kinds();
    let mut sink = Sink::default();
    let file = archc::syntax::parse(&design, archc::base::FileId(0), &mut sink);
    let once = archc::format::format(&file, &design);
    let again = archc::syntax::parse(&once, archc::base::FileId(0), &mut sink);
    assert!(sink.list().iter().all(|d| d.severity != Severity::Error), "{:?}", sink.list());
    assert_eq!(archc::format::format(&again, &once), once);
}

#[test]
fn a_design_named_like_kinds_is_built() {
    let dir = folder("kind_names_built");
    let build = |name: &str, text: &str| {
        let file = dir.join(format!("{name}.arch"));
        std::fs::write(&file, text).expect("written");
        let out = dir.join(name);
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_archc"))
            .args(["build", "--today", "2026-11-25", "-o"])
            .arg(&out)
            .arg(&file)
            .output()
            .expect("archc runs");
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        out
    };
    let kinds = build("kinds", &named_like_kinds());
    let others = build("others", &named_otherwise());
    let compose = |out: &Path| std::fs::read_to_string(out.join("compose/compose.yaml")).expect("compose");
    let services = |text: &str| {
        text.lines()
            .filter(|l| l.starts_with("  ") && !l.starts_with("   ") && l.ends_with(':'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let without = |all: Vec<String>| all.into_iter().map(|l| l.replace("_x", "").replace("-x", "")).collect::<Vec<_>>();
    assert!(services(&compose(&kinds)).iter().any(|l| l.trim() == "\"cache\":"), "{:?}", services(&compose(&kinds)));
    assert_eq!(services(&compose(&kinds)), without(services(&compose(&others))));
}

#[test]
fn files_and_prefixes_may_be_named_like_kinds() {
    let dir = folder("kind_names_files");
    std::fs::write(
        dir.join("part.arch"),
        "arch 1\nservice cache { cpu = 1ms, replicas = 2 }\ndatabase queue { replicas = 2 }\n",
    )
    .expect("written");
    let root = "arch 1\nuse \"part.arch\" as database\nclient web { }\nbalancer lb { }\nflow f { rate = 10 rps, web -> lb -> database.cache { -> database.queue.read } }\nrule own { only database.cache calls database.queue, deny call client -> database }\nallow ARC001 on database.queue because \"a test\"\n";
    std::fs::write(dir.join("root.arch"), root).expect("written");
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(["analyze", "--format", "json", "--today", "2026-11-25", "root.arch"])
        .current_dir(&dir)
        .output()
        .expect("archc runs");
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn keywords_stay_reserved() {
    for word in ["arch", "system", "let", "use", "preset", "engine", "flow", "scenario", "rule", "allow"] {
        let design =
            format!("arch 1\nclient web {{ }}\nservice {word} {{ }}\nflow f {{ rate = 1 rps, web -> {word} }}\n");
        let output = run::archc(&["check", "--format", "json", "-"], &design);
        assert_eq!(output.status.code(), Some(1), "{word}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("ARC533"), "{word}");
    }
}
