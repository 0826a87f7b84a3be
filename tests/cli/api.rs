//! The library interface answers as the command line does.

use crate::support::run;
use archc::api::{Day, Design, Number, Severity, Status, TARGETS, Target};

const DESIGN: &str = "arch 1
system shop { zones = 3 }
client web { }
balancer lb { policy = least_connections, availability = 99.99% }
service app { cpu = 4ms, memory = 512MiB, replicas = ? in 1..20, availability = 99.9% }
flow browse { rate = 900 rps, slo { p99 <= 100ms }, web -> lb -> app }
";

fn all_targets() -> Vec<&'static Target> {
    TARGETS.iter().collect()
}

fn today() -> Day {
    Day::new(2026, 11, 25).expect("a day")
}

#[test]
fn numbers_are_those_of_analyze() {
    let numbers = Design::from_text("a.arch", DESIGN).analyze().expect("a valid design");
    let cli = run::analyze(DESIGN);
    let same = |got: &Number, want: &serde_json::Value| {
        let (got, want) = (got.known().expect("a number"), run::number(want));
        assert!((got - want).abs() <= 1e-12 * want.abs(), "{got} {want}");
    };
    let (app, told) = (&numbers.components["app"], &cli["components"]["app"]);
    same(&app.rate, &told["rate"]);
    same(&app.utilization, &told["utilization"]);
    same(&app.response, &told["response"]["mean"]);
    same(&app.availability, &told["availability"]);
    same(&app.cost, &told["cost"]);
    assert_eq!(app.binding.as_deref(), told["binding"].as_str());
    let (flow, told) = (&numbers.flows["browse"], &cli["flows"]["browse"]);
    same(&flow.rate, &told["rate"]);
    same(&flow.p50, &told["latency"]["p50"]);
    same(&flow.p99, &told["latency"]["p99"]);
    same(&flow.availability, &told["availability"]);
    assert_eq!(flow.rate, Number::Known(900.0));
}

#[test]
fn findings_have_their_place() {
    let broken =
        "arch 1\nclient web { }\nservice app { cpu = 4ms, replcas = 2 }\nflow f { rate = 1 rps, web -> app }\n";
    let design = Design::from_text("broken.arch", broken);
    let findings = design.judge(today());
    let found = findings.iter().find(|f| f.code == "ARC540").expect("an unknown attribute");
    assert_eq!((found.line, found.column, found.severity), (3, 26, Severity::Error));
    assert_eq!(found.file, "broken.arch");
    assert!(found.help.as_ref().is_some_and(|h| h.contains("`replicas`")));
    for errors in [design.analyze().err(), design.size().err(), design.build(&all_targets()).err()] {
        assert!(errors.is_some_and(|e| e.iter().any(|f| f.code == "ARC540")));
    }
    let missing = Design::open(std::path::Path::new("/nowhere/at/all.arch")).judge(today());
    assert_eq!(missing.first().map(|f| f.severity), Some(Severity::Error));
}

#[test]
fn sizes_and_files_are_those_of_the_command_line() {
    let design = Design::from_text("a.arch", DESIGN);
    let sizes = design.size().expect("a valid design");
    assert_eq!(sizes.status, Status::Optimal);
    let output = run::archc(&["size", "--json", "-"], DESIGN);
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(sizes.values["app"]["replicas"], plan["choices"]["app"]["replicas"].to_string());
    let files = design.build(&all_targets()).expect("a valid design");
    for path in ["compose/compose.yaml", "diagram/design.svg", "terraform/README.md"] {
        assert!(files.iter().any(|f| f.path == path && !f.text.is_empty()), "{path}");
    }
}
