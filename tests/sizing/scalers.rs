//! `autoscale { min = ?, max = ?, target = ? }` against every target written in its place, through the
//! whole analysis; and the cost of what follows its load against a sum over the day.

use crate::support::judged::{broken, judged, sizes};
use archc::model::Chosen;
use archc::session::Judged;
use archc::sizing::Status;
use archc::theory::day::{DAY, Day};
use std::process::Command;

fn number(j: &Judged, attr: &str) -> f64 {
    match sizes(j).choices["app"].get(attr) {
        Some(Chosen::Count(n)) => *n,
        other => panic!("{attr}: {other:?} {:?}", sizes(j)),
    }
}

fn text(scale: &str, rate: u32, p99: u32, extra: &str) -> String {
    format!(
        "arch 1\nsystem s {{ zones = 3{extra}, profile {{ peak_to_mean = 2.5, trough = 20%, peak_hour = 20:00 }} }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 10ms, instance = m7g.large, autoscale {{ {scale} }} }}\nservice side {{ cpu = 2ms, instance = m7g.large, replicas = ? in 1..9 }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= {p99}ms }}, web -> lb -> app -> side }}\n"
    )
}

#[test]
fn no_target_is_cheaper() {
    let mut seen = Vec::new();
    for (rate, p99, extra) in [
        (500, 400, ""),
        (2000, 130, ""),
        (2000, 110, ""),
        (5000, 125, ", headroom = 30%"),
        (900, 150, ", survive = zone"),
        (900, 75, ""),
    ] {
        let open = judged(&text("min = ?, max = ?, target = ?", rate, p99, extra));
        let mut best: Option<(f64, String)> = None;
        for percent in (10..=90).step_by(5) {
            for side in 1..=9 {
                let scale =
                    format!("min = {}, max = 500, target = {percent}%", if extra.contains("zone") { 2 } else { 1 });
                let fixed = text(&scale, rate, p99, extra).replace("? in 1..9", &side.to_string());
                let j = judged(&fixed);
                let cost = j.facts.cost.at_least();
                if broken(&j).is_empty() && best.as_ref().is_none_or(|(b, _)| cost < b - 1e-9) {
                    best = Some((cost, format!("{percent}%, side {side}")));
                }
            }
        }
        let Some((cost, which)) = best else {
            assert_eq!(sizes(&open).status, Status::Infeasible, "{rate} {p99} {extra}: {:?}", sizes(&open));
            seen.push(0.0);
            continue;
        };
        assert_eq!(sizes(&open).status, Status::Optimal);
        assert!(broken(&open).is_empty(), "{rate} {p99} {extra}: {:?}", broken(&open));
        let got = open.facts.cost.at_least();
        assert!(
            (got - cost).abs() < 1e-6 * cost,
            "{rate} {p99} {extra}: {got} is not {cost} of {which}, {:?}",
            sizes(&open).choices
        );
        seen.push(number(&open, "autoscale.target"));
    }
    seen.sort_by(f64::total_cmp);
    seen.dedup();
    assert!(seen.len() >= 3 && seen[0] == 0.0, "targets differ, and one is out of reach: {seen:?}");
}

#[test]
fn floor_and_ceiling_are_those_of_the_profile() {
    // 2000 rps x 10 ms = 20 cores at the peak of the day, 1.6 at its trough, on 2 x 1.009 cores each.
    let j = judged(&text("min = ?, max = ?, target = 50%", 2000, 400, ""));
    assert!((number(&j, "autoscale.max") - 20.0).abs() < 1e-9, "{:?}", sizes(&j).choices);
    assert!((number(&j, "autoscale.min") - 2.0).abs() < 1e-9, "{:?}", sizes(&j).choices);
    // A scenario is in the ceiling, not in what is there every day.
    let sale = format!(
        "{}scenario sale {{ load = 2x, expect flow f {{ p99 <= 1s }} }}\n",
        text("min = ?, max = ?, target = 50%", 2000, 400, "")
    );
    let j = judged(&sale);
    assert!((number(&j, "autoscale.max") - 40.0).abs() < 1e-9, "{:?}", sizes(&j).choices);
    let app = j.model.component(j.model.find("app").expect("it"));
    assert!((archc::analysis::count(app, "replicas").expect("known") - 20.0).abs() < 1e-9);
    assert!(broken(&j).is_empty(), "{:?}", broken(&j));
    // Where something is to be survived two are always there.
    let j = judged(&text("min = ?, max = ?, target = 50%", 100, 400, ", survive = zone"));
    assert!(number(&j, "autoscale.min") >= 2.0, "{:?}", sizes(&j).choices);
    // What a hole does not allow is said.
    let j = judged(&text("min = 2, max = ? in 2..12, target = 50%", 2000, 400, ""));
    assert_eq!(sizes(&j).status, Status::Infeasible);
    assert!(
        sizes(&j).conflict[0].contains("autoscale.max = 20") && sizes(&j).conflict[0].contains("? in 2..12"),
        "{:?}",
        sizes(&j).conflict
    );
}

#[test]
fn the_cost_is_that_of_the_mean() {
    for (rate, percent, least, most) in
        [(2000, 50, 2, 500), (2000, 70, 1, 500), (800, 30, 6, 500), (2000, 50, 2, 15), (50, 50, 1, 9)]
    {
        let text = text(&format!("min = {least}, max = {most}, target = {percent}%"), rate, 5000, "")
            .replace("? in 1..9", "9");
        let j = judged(&text);
        let id = j.model.find("app").expect("it");
        let bill = &j.facts.cost.components[id.0];
        let usd = bill.parts.iter().find(|p| p.name == "machines").expect("a line").usd.clone().expect("known");
        // The day by itself: 0.4 of the peak on average, 0.08 at the trough.
        let day = Day::new(2.5, 0.2, 20.0 * 3600.0).expect("a day");
        let steps = 86_400;
        let replicas = (0..steps).map(|i| {
            let cores = f64::from(rate) * 0.010 * 0.4 * day.at(f64::from(i) * DAY / f64::from(steps));
            let wanted = (cores / (f64::from(percent) / 100.0 * 2.0 * speed()) - 1e-9).ceil();
            wanted.clamp(f64::from(least), f64::from(most)).max(1.0)
        });
        let mean = replicas.sum::<f64>() / f64::from(steps);
        let want = mean * 730.0 * archc::catalog::Service::Ec2.hourly("m7g.large", None).expect("a price");
        assert!((usd - want).abs() < 0.01 * want, "{rate} {percent}%: {usd} is not {want}");
        let peak = archc::analysis::count(j.model.component(id), "replicas").expect("known");
        assert!(usd <= peak * 730.0 * archc::catalog::Service::Ec2.hourly("m7g.large", None).expect("a price") + 1e-9);
    }
}

/// Of an m7g.large, over the reference.
fn speed() -> f64 {
    archc::catalog::machine("m7g.large").and_then(|m| m.speed).expect("a speed") / archc::catalog::REFERENCE_SPEED
}

#[test]
fn a_plan_keeps_them() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("scalers");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a folder");
    let write = |t: &str| std::fs::write(dir.join("d.arch"), t).expect("written");
    let archc = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_archc"))
            .args(args)
            .arg("d.arch")
            .current_dir(&dir)
            .output()
            .expect("runs");
        (out.status.code().expect("a status"), String::from_utf8(out.stdout).expect("UTF-8"))
    };
    write(&text("min = ?, max = ?, target = ?", 2000, 400, ""));
    let (code, out) = archc(&["size"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("on average over the day") && out.contains("autoscale.target = 90%"), "{out}");
    let plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dir.join("d.plan.json")).expect("a plan")).expect("JSON");
    assert_eq!(plan["choices"]["app"]["autoscale.target"], 0.9);
    assert_eq!(archc(&["size", "--check"]).0, 0);
    let (code, out) = archc(&["check", "--deny", "warnings"]);
    assert!(!out.contains("ARC566") && !out.contains("ARC640"), "{code} {out}");
    // Of a higher load it no longer carries the peak.
    write(&text("min = ?, max = ?, target = ?", 4000, 400, ""));
    let (code, out) = archc(&["size", "--check"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("no longer fits") && out.contains("autoscale.max"), "{out}");
}
