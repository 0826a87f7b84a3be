//! The scaling story: each stage holds at its load and fails at the next, where its
//! comments say. `ARCHC_BLESS=1 cargo test --test cli story::` rewrites what its README shows.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// File, visitors a day, and those of the next stage; after the last, three times as many.
const STAGES: [(&str, &str, &str); 5] = [
    ("1-one-server.arch", "50k / day", "500k / day"),
    ("2-many-servers.arch", "500k / day", "5M / day"),
    ("3-database.arch", "5M / day", "20M / day"),
    ("4-services.arch", "20M / day", "60M / day"),
    ("5-final.arch", "60M / day", "180M / day"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn story(file: &str) -> PathBuf {
    root().join("examples/story").join(file)
}

fn text(file: &str) -> String {
    std::fs::read_to_string(story(file)).expect("readable")
}

fn archc(dir: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(args)
        .args(["--today", "2026-11-25", "--color", "never"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("archc runs");
    // A run that does not read its input closes the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("archc ends")
}

fn run(args: &[&str], input: &str) -> Output {
    archc(&root().join("examples/story"), args, input)
}

fn json(args: &[&str], input: &str) -> Value {
    let output = run(args, input);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {output:?}"))
}

fn analyze(file: &str) -> Value {
    json(&["analyze", "--format", "json", file], "")
}

fn analyze_text(text: &str, set: &str) -> Value {
    let mut args = vec!["analyze", "--format", "json", "-"];
    if !set.is_empty() {
        args.extend(["--set", set]);
    }
    json(&args, text)
}

fn object(v: &Value) -> impl Iterator<Item = (&String, &Value)> {
    v.as_object().expect("an object").iter()
}

/// What a stage's comment `# breaks first: NAME` says.
fn breaks_first(file: &str) -> String {
    let text = text(file);
    let mut named = text.lines().filter_map(|l| l.strip_prefix("# breaks first: "));
    let name = named.next().unwrap_or_else(|| panic!("{file} says what breaks first"));
    assert_eq!(named.next(), None, "{file} says it once");
    name.to_owned()
}

/// The plan's values written into the design, so that another load finds them fixed.
fn pinned(file: &str) -> String {
    let text = text(file);
    let plan = story(&file.replace(".arch", ".plan.json"));
    let Ok(plan) = std::fs::read_to_string(plan) else { return text };
    let plan: Value = serde_json::from_str(&plan).expect("a plan");
    let mut of = "";
    let mut out = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match (line.starts_with(|c: char| c.is_ascii_lowercase()), words.next()) {
            (true, Some("service" | "gateway" | "cache" | "database" | "queue")) => of = words.next().unwrap_or(""),
            (true, _) => of = "",
            _ => {}
        }
        let mut line = line.to_owned();
        for key in ["replicas", "nodes", "shards", "partitions"] {
            if let (Some(at), Some(n)) = (line.find(&format!("{key} = ?")), plan["choices"][of][key].as_u64()) {
                let after = at + key.len() + " = ?".len();
                let rest = line[after..].to_owned();
                let rest = if rest.starts_with(" in ") { &rest[rest.find(',').expect("more")..] } else { &rest };
                line = format!("{}{key} = {n}{rest}", &line[..at]);
            }
        }
        out.push_str(&line);
        out.push('\n');
    }
    assert!(!out.contains("= ?"), "{file}: every hole has a value of the plan");
    out
}

/// The design with a piece replaced, which must be there.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} in:\n{text}");
    text.replace(from, to)
}

/// Every known target is met, every promise kept, every scenario holds; only `lag` is unknown.
fn holds(what: &str, doc: &Value) {
    let lag_alone = |why: &Value| why.as_array().is_some_and(|a| a.iter().all(|w| w.to_string().contains("lag")));
    let mut judged = 0;
    for (name, flow) in object(&doc["flows"]) {
        for slo in flow["slo"].as_array().expect("targets") {
            match slo["met"].as_bool() {
                Some(met) => assert!(met, "{what}: {name}: {slo}"),
                None => assert_eq!(slo["metric"], "lag", "{what}: {name}: {slo}"),
            }
            judged += usize::from(slo["met"] == true);
        }
    }
    assert!(judged >= 7, "{what}: {judged} targets are met");
    let system = &doc["system"];
    for promise in ["headroom", "survive", "budget"] {
        let p = &system[promise];
        assert!(p.is_null() || p["met"] == true || (p["met"].is_null() && lag_alone(&p["why"])), "{what}: {p}");
    }
    let most = system["headroom"]["target"].as_str().map_or(1.0, |_| 0.7);
    for (name, c) in object(&doc["components"]) {
        let used = c["utilization"].as_f64().unwrap_or(0.0);
        assert!(used <= most + 1e-9, "{what}: {name} is at {used}");
    }
    for (name, s) in object(&doc["scenarios"]) {
        assert_ne!(s["holds"], false, "{what}: {name}");
    }
}

#[test]
fn each_stage_checks_clean_in_canonical_form() {
    for (file, visitors, _) in STAGES {
        let output = run(&["check", "--deny", "warnings", file], "");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        let output = run(&["fmt", "--check", file], "");
        assert_eq!(output.status.code(), Some(0), "{file}");
        assert!(text(file).contains(&format!("let visitors = {visitors}")), "{file} is for {visitors}");
    }
}

#[test]
fn each_stage_holds_at_its_own_load() {
    for (file, _, _) in STAGES {
        let doc = analyze(file);
        holds(file, &doc);
        assert_eq!(doc["system"]["bottleneck"], breaks_first(file).as_str(), "{file}");
        let at = doc["system"]["saturates_at"].as_f64().expect("known");
        assert!(at > 1.4 && at < 4.0, "{file} breaks at {at}");
    }
}

#[test]
fn each_stage_fails_at_the_load_of_the_next() {
    for (file, _, next) in STAGES {
        let name = breaks_first(file);
        let doc = analyze_text(&pinned(file), &format!("visitors={next}"));
        let system = &doc["system"];
        assert_eq!(system["bottleneck"], name.as_str(), "{file} at {next}");
        assert!(system["saturates_at"].as_f64().expect("known") < 1.0, "{file} at {next}");
        let used = doc["components"][&name]["utilization"].as_f64().expect("known");
        assert!(used > 1.0, "{file} at {next}: {name} is at {used}");
        let missed = object(&doc["flows"]).any(|(_, f)| {
            let calls = f["hops"].as_array().expect("calls").iter().any(|h| h["to"] == name.as_str());
            calls && f["slo"].as_array().expect("targets").iter().any(|s| s["metric"] == "p99" && s["met"] == false)
        });
        assert!(missed, "{file} at {next}: no flow through {name} misses its p99");
    }
}

#[test]
fn the_plans_are_what_sizing_finds() {
    for (file, _, _) in &STAGES[3..] {
        let output = run(&["size", "--check", file], "");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn a_bigger_server_carries_the_load_and_not_the_promises() {
    let one = text("1-one-server.arch");
    let bigger = with(&one, "m7g.large", "m7g.2xlarge").replace("db.m7g.2xlarge", "db.m7g.xlarge");
    let doc = analyze_text(&bigger, "visitors=500k/day");
    let used = doc["components"]["app"]["utilization"].as_f64().expect("known");
    assert!((used - 0.84).abs() < 0.005, "{used}");
    let bigger = with(&bigger, "availability >= 99%", "availability >= 99.9%");
    let bigger = with(&bigger, "  region ", "  survive = replica\n  region ");
    let doc = analyze_text(&bigger, "visitors=500k/day");
    let slo = doc["flows"]["open"]["slo"].as_array().expect("targets");
    assert!(slo.iter().any(|s| s["metric"] == "availability" && s["met"] == false), "{slo:?}");
    assert_eq!(doc["system"]["survive"]["met"], false);
    assert!(doc["system"]["survive"]["why"].to_string().contains("`app` is lost"));
}

/// Stage 3, every open asking the database.
fn without_cache() -> String {
    let text = text("3-database.arch");
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        inside |= line.contains("hot.get");
        let skipped = line.contains("hot.") || line.starts_with("cache") || line.starts_with("scenario cold");
        if inside && line == "    }" {
            inside = false;
        } else if !skipped {
            out.push_str(line);
            out.push('\n');
        }
    }
    assert!(!out.contains(" hot"), "{out}");
    out
}

#[test]
fn a_cache_comes_before_a_shard() {
    let shards = |text: &str| {
        let plan = json(&["size", "--json", "-"], &with(text, "shards = 2", "shards = ?"));
        assert_eq!(plan["status"], "optimal");
        let db = &plan["choices"]["db"];
        (db["shards"].as_u64().expect("solved"), db["cost"].as_f64().expect("known"))
    };
    let (with_it, cost) = shards(&text("3-database.arch"));
    let (without, more) = shards(&without_cache());
    assert_eq!((with_it, without), (2, 4));
    let cache = analyze("3-database.arch")["components"]["hot"]["cost"].as_f64().expect("known");
    assert!(more - cost > 5.0 * cache, "{more} - {cost} against {cache}");
    // With two shards and no cache the same load does not fit.
    let doc = analyze_text(&without_cache(), "");
    assert!(doc["components"]["db"]["utilization"].as_f64().expect("known") > 1.0);
    assert_eq!(doc["flows"]["open"]["slo"][0]["met"], false);
}

#[test]
fn each_step_of_the_database_is_needed() {
    let three = text("3-database.arch");
    // Replicas are for the hour when the cache is cold.
    let doc = analyze_text(&with(&three, "read_from = replica", "read_from = primary"), "");
    assert_eq!(doc["scenarios"]["cold"]["holds"], false);
    assert_eq!(doc["scenarios"]["busy_day"]["holds"], true);
    // On one shard the saves alone leave no headroom.
    let doc = analyze_text(&with(&three, "shards = 2", "shards = 1"), "");
    let cores = doc["components"]["db"]["resources"]["cpu"]["utilization"].as_f64().expect("known");
    assert!(cores > 0.98, "{cores}");
    assert_eq!(doc["system"]["headroom"]["met"], false);
}

#[test]
fn a_flood_of_sign_ins_stops_at_its_service() {
    let p99 = |doc: &Value, flow: &str| {
        let slo = doc["flows"][flow]["slo"].as_array().expect("targets");
        slo.iter().find(|s| s["metric"] == "p99").expect("a p99")["met"].clone()
    };
    // 1562 a second at the peak in both.
    let shared = analyze_text(&pinned("3-database.arch"), "sign_ins=9");
    assert_eq!((p99(&shared, "open"), p99(&shared, "sign_in")), (Value::Bool(false), Value::Bool(false)));
    let split = analyze_text(&pinned("4-services.arch"), "sign_ins=2.25");
    assert_eq!((p99(&split, "open"), p99(&split, "sign_in")), (Value::Bool(true), Value::Bool(false)));
    assert_eq!(shared["flows"]["sign_in"]["rate"], split["flows"]["sign_in"]["rate"]);
    assert!(split["components"]["accounts"]["utilization"].as_f64().expect("known") > 1.0);
}

#[test]
fn documents_take_shards_off_the_sql_database() {
    let plan = json(&["size", "--json", "--at", "3x", "4-services.arch"], "");
    let before = plan["choices"]["db"]["shards"].as_u64().expect("solved");
    let plan: Value = serde_json::from_str(&text("5-final.plan.json")).expect("a plan");
    let (sql, documents) = (&plan["choices"]["db"]["shards"], &plan["choices"]["pages"]["shards"]);
    assert_eq!((before, sql.as_u64(), documents.as_u64()), (20, Some(8), Some(6)));
}

/// Blocks of ```console: `$ archc …`, then its output.
fn shown(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a closed block");
        for part in block.split("$ archc ").skip(1) {
            let (command, output) = part.split_once('\n').expect("a command and its output");
            out.push((command.trim().to_owned(), output.trim_end().to_owned()));
        }
    }
    out
}

/// Three digits, as people write them.
fn short(x: f64) -> String {
    let (x, unit) = if x >= 1000.0 { (x / 1000.0, "k") } else { (x, "") };
    let digits = if x >= 100.0 { 0 } else { usize::from(x >= 10.0).max(1) };
    format!("{x:.digits$}{unit}")
}

fn table() -> String {
    let mut out = String::from(
        "| stage | visitors a day | p99 of `open` | p99 of `save` | a month | used up first | at |\n|---|---|---|---|---|---|---|\n",
    );
    for (file, visitors, _) in STAGES {
        let doc = analyze(file);
        let p99 = |flow: &str| short(doc["flows"][flow]["latency"]["p99"].as_f64().expect("known") * 1000.0) + " ms";
        out.push_str(&format!(
            "| [{}]({file}) | {} | {} | {} | ${} | `{}` | {:.2}x |\n",
            file.trim_end_matches(".arch"),
            visitors.trim_end_matches(" / day"),
            p99("open"),
            p99("save"),
            short(doc["system"]["cost"].as_f64().expect("known")),
            doc["system"]["bottleneck"].as_str().expect("known"),
            doc["system"]["saturates_at"].as_f64().expect("known"),
        ));
    }
    out
}

#[test]
fn the_readme_shows_real_output() {
    let old = text("README.md");
    let bless = std::env::var_os("ARCHC_BLESS").is_some();
    let mut new = old.clone();
    let commands = shown(&old);
    assert!(commands.len() >= 5, "one command a stage");
    for (command, output) in commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        let got = String::from_utf8(archc(root(), &words, "").stdout).expect("UTF-8");
        if bless {
            let line = format!("$ archc {command}\n");
            let was = if output.is_empty() { line.clone() } else { format!("{line}{output}\n") };
            new = new.replacen(&was, &format!("{line}{}\n", got.trim_end()), 1);
        } else {
            assert_eq!(got.trim_end(), output, "$ archc {command}");
        }
    }
    let (before, shown) = new.split_once("## All stages\n\n").expect("the table's heading");
    let new = format!("{before}## All stages\n\n{}", table());
    if bless {
        std::fs::write(story("README.md"), new).expect("written");
    } else {
        assert_eq!(shown, table());
    }
}
