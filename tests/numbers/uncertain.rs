//! Designs with many intervals: ranges and verdicts against all corners, samples, tornado.

use crate::support::generate;
use crate::support::run::{analyze, analyze_with, archc, near, number};
use serde_json::Value;

/// Six intervals, each a `let`, so that `--set` can take it to an end.
const LETS: [(&str, &str, &str); 6] = [
    ("visitors", "100", "140"),
    ("work", "3ms", "5ms"),
    ("pause", "1ms", "2ms"),
    ("share", "80%", "90%"),
    ("bank", "80ms", "120ms"),
    ("scan", "2ms", "3ms"),
];

fn design(lets: &[String], target: &str) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none, headroom = 20% }}\n{}\nclient web {{}}
service app {{ cpu = work, wait = pause }}\ncache hot {{ hit = share, cpu = 0.1ms }}\ndatabase db {{ cpu = scan }}
external psp {{ latency = bank, availability = 99% }}
flow a {{ rate = visitors / s, slo {{ p99 <= {target} }}
  web -> app {{\n    -> hot.get else {{ -> db.read x2 }}\n    -> psp\n  }}\n}}
flow b {{ rate = visitors * 0.2 / s, slo {{ mean <= 1s }}, web -> app {{ -> db.read }} }}
scenario sale {{ load = 1.2x }}\n",
        lets.join("\n")
    )
}

fn uncertain(target: &str) -> String {
    let lets: Vec<String> = LETS.iter().map(|(n, a, b)| format!("let {n} = {a} .. {b}")).collect();
    design(&lets, target)
}

/// The design at each of the 64 corners.
fn corners() -> Vec<Value> {
    let one = |bits: u32| {
        let end = |(i, (n, a, b)): (usize, &(&str, &str, &str))| {
            format!("let {n} = {}", if bits >> i & 1 == 1 { b } else { a })
        };
        analyze(&design(&LETS.iter().enumerate().map(end).collect::<Vec<_>>(), "1s"))
    };
    (0..64).map(one).collect()
}

fn extremes(all: &[Value], pointer: &str) -> (f64, f64) {
    let values = all.iter().map(|d| number(d.pointer(pointer).expect("a number")));
    values.fold((f64::INFINITY, 0.0), |(a, b), x| (a.min(x), b.max(x)))
}

#[test]
fn six_intervals_are_judged_at_their_worst_corner() {
    let all = corners();
    let (best, worst) = extremes(&all, "/flows/a/latency/p99");
    let doc = analyze(&uncertain("1s"));
    let latency = &doc["flows"]["a"]["latency"];
    assert_eq!(latency["range_by"], "samples");
    // All at their worse ends lies among the corners that are tried for the verdict, not for the range.
    let range = (number(&latency["range"]["p99"][0]), number(&latency["range"]["p99"][1]));
    assert!(best <= range.0 * (1.0 + 1e-9) && range.1 <= worst * (1.0 + 1e-9), "{range:?} in {best} .. {worst}");
    assert!(range.1 - range.0 > 0.6 * (worst - best), "{range:?} in {best} .. {worst}");
    // Rates and utilisation are over all 64 corners.
    let app = &doc["components"]["app"];
    assert_eq!(app["range_by"], "corners");
    let used = extremes(&all, "/components/app/utilization");
    near(&app["range"]["utilization"][0], used.0, 1e-9, "least");
    near(&app["range"]["utilization"][1], used.1, 1e-9, "most");
    // The verdict turns where the worst corner does.
    for (target, want) in [(worst * 1.001, true), (worst * 0.999, false)] {
        let doc = analyze(&uncertain(&format!("{}us", target * 1e6)));
        assert_eq!(doc["flows"]["a"]["slo"][0]["met"], want, "{target}");
    }
    // So does what the system promises: 80% is passed at the worst end alone.
    assert!(used.1 > 0.8 && number(&app["utilization"]) < 0.8, "{used:?}");
    assert_eq!(doc["system"]["headroom"]["met"], false);
    near(&doc["system"]["headroom"]["value"], used.1, 1e-9, "headroom");
}

#[test]
fn scenarios_are_judged_at_the_worst_corner_too() {
    let middle = |target: &str| {
        let lets: Vec<String> = LETS.iter().map(|(n, a, b)| format!("let {n} = ({a} + {b}) / 2")).collect();
        analyze(&design(&lets, target))["scenarios"]["sale"]["holds"].clone()
    };
    assert_eq!(
        (middle("700ms"), analyze(&uncertain("700ms"))["scenarios"]["sale"]["holds"].clone()),
        (true.into(), false.into())
    );
}

#[test]
fn samples_lie_inside_and_are_the_same_each_time() {
    let text = uncertain("1s");
    let (one, two) =
        (archc(&["analyze", "--format", "json", "-"], &text), archc(&["analyze", "--format", "json", "-"], &text));
    assert_eq!(one.stdout, two.stdout);
    let doc: Value = serde_json::from_slice(&one.stdout).expect("JSON");
    let samples = &doc["samples"];
    assert_eq!(samples["worlds"], 1000 - 14);
    let bands: Vec<f64> = samples["flows"]["a"]["p99"].as_array().expect("three").iter().map(number).collect();
    let range: Vec<f64> =
        doc["flows"]["a"]["latency"]["range"]["p99"].as_array().expect("two").iter().map(number).collect();
    assert!(
        range[0] < bands[0] && bands[0] < bands[1] && bands[1] < bands[2] && bands[2] < range[1],
        "{bands:?} {range:?}"
    );
}

#[test]
fn the_mean_of_the_samples_is_that_of_the_intervals() {
    // The median of a product of uniform factors, here of visitors alone: its middle.
    let text = "arch 1\nsystem s { provider = none }\nclient web {}\nexternal a { latency = const 10ms .. 30ms }
external b { latency = const 5ms .. 6ms }\nexternal c { latency = const 5ms .. 6ms }\nexternal d { latency = const 5ms .. 6ms }
external e { latency = const 5ms .. 6ms }\nservice app { cpu = const 0ms }
flow f { rate = 1 rps, web -> app {\n -> a\n -> b\n -> c\n -> d\n -> e\n } }\n";
    let doc = analyze(
        &text.replace("const 10ms .. 30ms", "const (10ms .. 30ms)").replace("const 5ms .. 6ms", "const (5ms .. 6ms)"),
    );
    let bands: Vec<f64> = doc["samples"]["flows"]["f"]["p99"].as_array().expect("three").iter().map(number).collect();
    // Uniform over 10 .. 30 ms, and four times uniform over 1 ms about 22 ms.
    assert!((bands[1] - 0.042).abs() < 2e-4, "{bands:?}");
    assert!((bands[0] - 0.033).abs() < 3e-4 && (bands[2] - 0.051).abs() < 3e-4, "{bands:?}");
}

#[test]
fn few_intervals_are_labelled_corners() {
    let lets: Vec<String> = LETS
        .iter()
        .enumerate()
        .map(|(i, (n, a, b))| if i < 2 { format!("let {n} = {a} .. {b}") } else { format!("let {n} = {a}") })
        .collect();
    let doc = analyze(&design(&lets, "1s"));
    assert_eq!(doc["flows"]["a"]["range_by"], "corners");
    assert_eq!(doc["flows"]["a"]["latency"]["range_by"], "corners");
    assert!(doc["samples"].is_null());
}

#[test]
fn a_design_too_large_for_samples_says_so() {
    // 357 services with an interval each.
    let text = generate::large(500, 200, 1000);
    let doc = analyze(&text);
    let slo = &doc["flows"]["flow_0"]["slo"][0];
    assert!(slo["met"].is_null());
    let why = slo["unknown"]["met"].as_str().expect("a reason");
    assert!(why.ends_with("intervals are too many to evaluate in a design of this size"), "{why}");
    assert!(doc["samples"].is_null() && doc["components"]["svc_0"]["range"].is_null());
}

#[test]
fn a_tornado_shows_what_each_interval_does_alone() {
    let text = uncertain("1s");
    let doc = analyze_with(&["--tornado"], &text);
    let all = doc["tornado"].as_array().expect("a list");
    let names: Vec<&str> = all.iter().map(|t| t["input"].as_str().expect("text")).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    for (name, low, high) in LETS {
        let swing = all.iter().find(|t| t["input"] == format!("let {name}")).expect("each interval");
        assert_eq!((&swing["low"], &swing["high"]), (&Value::from(low), &Value::from(high)));
        for (side, end) in [low, high].into_iter().enumerate() {
            let fixed = |(n, a, b): &(&str, &str, &str)| {
                let value = if *n == name { end.to_owned() } else { format!("({a} + {b}) / 2") };
                format!("let {n} = {value}")
            };
            let alone = analyze(&design(&LETS.iter().map(fixed).collect::<Vec<_>>(), "1s"));
            let want = number(&alone["flows"]["a"]["latency"]["p99"]);
            near(&swing["p99"]["a"][side], want, 1e-9, name);
        }
    }
    let swing = |t: &Value| {
        let flow = |f: &str| {
            let (a, b) = (number(&t["p99"][f][0]), number(&t["p99"][f][1]));
            (a - b).abs() / f64::midpoint(a, b)
        };
        flow("a").max(flow("b"))
    };
    assert!(all.windows(2).all(|w| swing(&w[0]) >= swing(&w[1])), "sorted by swing");
}

#[test]
fn a_tornado_of_all_numbers_moves_each_by_a_tenth() {
    let design = |cpu: &str| {
        format!(
            "arch 1\nsystem s {{}}\nclient web {{}}\nservice app {{ cpu = {cpu}, instance = m7g.large, replicas = 3 }}
flow f {{ rate = 100 rps, slo {{ p99 <= 1s }}, web -> app }}\n"
        )
    };
    let doc = analyze_with(&["--tornado", "all"], &design("4ms"));
    let all = doc["tornado"].as_array().expect("a list");
    let names: Vec<&str> = all.iter().map(|t| t["input"].as_str().expect("text")).collect();
    // Three tenths of a replica there are not; the target moves nothing.
    assert_eq!(names, ["app.cpu", "f.rate"]);
    near(&all[0]["p99"]["f"][0], number(&analyze(&design("3.6ms"))["flows"]["f"]["latency"]["p99"]), 1e-9, "less");
    near(&all[0]["p99"]["f"][1], number(&analyze(&design("4.4ms"))["flows"]["f"]["latency"]["p99"]), 1e-9, "more");
    assert_eq!(all[0]["where"], "standard input:4");
    let text = archc(&["analyze", "-", "--tornado", "all"], &design("4ms"));
    let text = String::from_utf8(text.stdout).expect("text");
    assert!(text.contains("what each input alone does:") && text.contains("app.cpu (standard input:4)"), "{text}");
}
