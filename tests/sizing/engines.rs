//! Engines that are left open: which is chosen, why not the others, and what a plan does with it.

use archc::analysis::Facts;
use archc::model::{Chosen, Ends};
use archc::session::{Design, Found, SizingInputs, choose, fill, open_text};
use std::process::Command;

/// Three engines: a known one, one whose reads may be old, one that works long.
const ENGINES: &str = "
engine loose for database { model = document, replication = async, cpu = 50us, read_from = replica, instance = db.m7g.large }
engine slow for database { model = document, replication = sync, cpu = 40ms, instance = db.m7g.large }
";

fn text(open: &str, slo: &str) -> String {
    format!(
        "arch 1\nsystem shop {{ region = us-east-1, zones = 3 }}\nclient web {{ users = 100k }}\n\
         service api {{ cpu = 5ms, replicas = 4, instance = m7g.large }}\n{ENGINES}\
         database orders : {open} {{ data = 50GB, instance = ?, replicas = 2 }}\n\
         flow buy {{ rate = 200 rps\n slo {{ {slo} }}\n web -> api {{ -> orders.write {{ size = 1KB }}\n \
         -> orders.read {{ reply = 2KB }} }} }}\n"
    )
}

fn design(text: &str) -> Design {
    let design = open_text("t.arch", text, &[]);
    let mut sink = design.sink.clone();
    let _ = design.model(&mut sink);
    assert!(!sink.has_errors(), "{:?}", sink.list());
    design
}

fn found(text: &str) -> Option<Found> {
    let design = design(text);
    choose(&design, &design.model_at(&Ends::new()), &SizingInputs::at(1.0), true)
}

fn chosen(text: &str) -> (String, Vec<String>, f64) {
    match found(text) {
        Some(Found::Chosen(all)) => {
            let (design, engines, sizes) = *all;
            let mut model = design.model_at(&Ends::new());
            model.fill(&sizes.choices, &archc::model::Origin::Solved);
            let Some(Chosen::Name(engine)) = sizes.choices["orders"].get("engine") else { panic!("no engine") };
            assert_eq!(Some(engine), engines.get("orders"));
            assert_eq!(model.component(model.find("orders").unwrap()).engine.as_deref(), Some(engine.as_str()));
            (engine.clone(), sizes.why["orders"].binding.clone(), Facts::new(&model, 1.0).cost.at_least())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_engine_that_keeps_the_targets_is_chosen_and_the_others_say_why_not() {
    let (engine, why, _) = chosen(&text("? in [postgres, loose, slow]", "p99 <= 200ms, consistency = linearizable"));
    assert_eq!(engine, "postgres");
    assert!(why.iter().any(|w| w == "not loose: consistency of flow `buy` would be missed"), "{why:?}");
    assert!(why.iter().any(|w| w.starts_with("not slow: `orders` lacks capacity")), "{why:?}");
}

#[test]
fn of_those_that_will_do_the_cheapest_is_chosen() {
    let each = |list: &str| chosen(&text(list, "p99 <= 200ms"));
    let (engine, why, cost) = each("? in [postgres, loose]");
    let alone = [each("? in [postgres]"), each("? in [loose]")];
    let least = alone.iter().map(|a| a.2).fold(f64::INFINITY, f64::min);
    assert!((cost - least).abs() < 1e-9, "{cost} {least}");
    let other = if engine == "loose" { "postgres" } else { "loose" };
    assert!(why.iter().any(|w| w.starts_with(&format!("{other} is feasible, for $"))), "{why:?}");
}

#[test]
fn what_every_engine_misses_is_no_reason_against_one() {
    let (engine, why, _) = chosen(&text("? in [postgres, loose]", "consistency = linearizable, cost <= $1"));
    assert_eq!(engine, "postgres", "{why:?}");
}

#[test]
fn where_none_will_do_each_says_why() {
    match found(&text("? in [slow]", "p99 <= 200ms")) {
        Some(Found::Infeasible(why)) => {
            assert_eq!(why.len(), 1);
            assert!(why[0].starts_with("`orders` as slow: "), "{why:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_design_without_open_engines_is_left_alone() {
    assert!(found(&text("postgres", "p99 <= 200ms")).is_none());
}

#[test]
fn too_many_combinations_are_not_tried() {
    let mut design = text("? in [postgres, loose, slow]", "p99 <= 200ms");
    for i in 0..3 {
        design.push_str(&format!("database d{i} : ? in [postgres, loose, slow] {{ data = 1GB }}\n"));
    }
    match found(&design) {
        Some(Found::Unsolved(why)) => assert!(why[0].contains("81 combinations"), "{why:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_keeps_its_engine() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("engines");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("t.arch");
    std::fs::write(&file, text("? in [postgres, loose, slow]", "p99 <= 200ms, consistency = linearizable")).unwrap();
    let archc = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_archc")).args(args).arg(&file).output().unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    let (code, said) = archc(&["size"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("orders: engine = postgres, instance = "), "{said}");
    let (code, said) = archc(&["size", "--check"]);
    assert_eq!(code, Some(0), "{said}");
    // The plan decides, also where sizing would choose another.
    let plan = folder.join("t.plan.json");
    let changed = std::fs::read_to_string(&plan).unwrap().replace("\"engine\": \"postgres\"", "\"engine\": \"loose\"");
    std::fs::write(&plan, changed).unwrap();
    let design = archc::session::open(&file.to_string_lossy(), &[]);
    let mut model = design.model_at(&Ends::new());
    let filled = fill(&design, &mut model, 1.0);
    assert_eq!(filled.engines.get("orders").map(String::as_str), Some("loose"));
    assert!(filled.plan_mismatches.is_empty(), "{:?}", filled.plan_mismatches);
    assert_eq!(model.component(model.find("orders").unwrap()).engine.as_deref(), Some("loose"));
    assert_eq!(archc(&["size", "--check"]).0, Some(1));
}
