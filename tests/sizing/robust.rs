//! Sizes of designs with intervals, in each mode, against every combination of small designs, each
//! judged by the whole analysis in each world.

use crate::support::open::Random;
use archc::analysis::{Facts, component_cost, corners, demand, drawn, followed, judge_cases};
use archc::model::{Choice, Choices, Chosen, Ends, Model, Origin};
use archc::session::plan_file::parse;
use archc::session::{Design, SizingInputs, open_text, sized};
use archc::sizing::{Mode, Robust, Robustly, Status};
use std::process::Command;

/// Worlds that are drawn, and of these as many as 95% leave.
const WORLDS: usize = 40;
const SPARE: usize = 2;

fn design(r: &mut Random, intervals: u64) -> String {
    let provider = r.one(&["none", "aws"]);
    let net = if provider == "aws" { ", network { client = 40ms, zone = 0.3ms, cross_zone = 1ms }" } else { "" };
    let survive = r.one(&["none", "none", "replica", "zone"]);
    let headroom = r.one(&["0%", "20%"]);
    let (cpu, side, rate) = (2 + r.below(6), 1 + r.below(6), 60 + r.below(160));
    let (more, wide, high) = (1 + r.below(8), 1 + r.below(5), 20 + r.below(140));
    let base = if provider == "aws" { 45 } else { 0 };
    let target = match r.below(3) {
        0 => format!("mean <= {}ms", base + 8 + r.below(30)),
        1 => format!("p95 <= {}ms", base + 20 + r.below(70)),
        _ => format!("p99 <= {}ms", base + 25 + r.below(110)),
    };
    let a = if intervals > 0 { format!("{cpu}ms .. {}ms", cpu + more) } else { format!("{cpu}ms") };
    let b = if intervals > 2 { format!("{side}ms .. {}ms", side + wide) } else { format!("{side}ms") };
    let n = if intervals > 1 { format!("{rate} rps .. {} rps", rate + high) } else { format!("{rate} rps") };
    let sale = r.one(&["", "scenario sale { load = 1.3x, expect flow f { p99 <= 1s } }\n"]);
    format!(
        "arch 1\nsystem s {{ provider = {provider}, zones = 3, survive = {survive}, headroom = {headroom}{net} }}\nclient web {{ }}\nbalancer lb {{ policy = least_connections }}\nservice a {{ cpu = {a}, replicas = ? in 1..7 }}\nservice b {{ cpu = {b}, replicas = ? in 1..5 }}\nflow f {{ rate = {n}, slo {{ {target} }}, web -> lb -> a -> b }}\n{sale}"
    )
}

fn read(text: &str) -> (Design, Model) {
    let design = open_text("x.arch", text, &[]);
    let mut sink = design.sink.clone();
    let model = design.model(&mut sink);
    assert!(!sink.has_errors(), "{text}\n{:?}", sink.list());
    (design, model)
}

fn solve(text: &str, mode: Mode, seed: u64) -> Robustly {
    let (design, model) = read(text);
    let asked = SizingInputs { robust: Robust { mode, seed, samples: Some(WORLDS) }, ..SizingInputs::at(1.0) };
    sized(&design, &model, &asked, true, true).1
}

/// Whether all that is promised holds in one world with these values: utilisation, targets,
/// what is to be survived, scenarios.
fn holds(open: &Model, values: &Choices) -> bool {
    let mut model = open.clone();
    model.intervals.clear();
    model.fill(values, &Origin::Solved);
    let model = followed(model, 1.0);
    let facts = Facts::new(&model, 1.0);
    if facts.utilization.iter().any(|u| u.utilization.as_ref().is_ok_and(|x| *x >= 1.0)) {
        return false;
    }
    let all = judge_cases(&model, &facts, 1.0, &|_| unreachable!("there are no intervals"));
    all.slo.iter().flatten().all(|v| v.met != Some(false))
        && all.system_requirements.iter().all(|p| p.met != Some(false))
        && all.scenarios.iter().all(|s| s.holds != Some(false))
}

/// What is sized costs in a world.
fn cost(open: &Model, values: &Choices) -> f64 {
    let count = |name: &str| match values[name]["replicas"] {
        Chosen::Count(n) => n,
        Chosen::Name(_) => unreachable!("it is a count"),
    };
    if !open.system.has_provider {
        return count("a") + count("b");
    }
    let mut model = open.clone();
    model.fill(values, &Origin::Solved);
    let demand = demand(&model, 1.0);
    ["a", "b"].iter().map(|n| component_cost(&model, &demand, model.find(n).unwrap()).at_least()).sum()
}

fn plans() -> Vec<Choices> {
    let one = |n: u32| Choice::from([("replicas".to_owned(), Chosen::Count(f64::from(n)))]);
    let all = (1..=7).flat_map(|a| (1..=5).map(move |b| (a, b)));
    all.map(|(a, b)| Choices::from([("a".to_owned(), one(a)), ("b".to_owned(), one(b))])).collect()
}

/// The least of some plans' values; `None` if there is none.
fn least(plans: &[&Choices], of: &dyn Fn(&Choices) -> f64) -> Option<f64> {
    plans.iter().map(|p| of(p)).min_by(f64::total_cmp)
}

#[test]
fn no_combination_is_better_in_any_mode() {
    let (mut solved, mut apart, mut between) = (0, 0, 0);
    for case in 0..14 {
        let mut r = Random(case * 7_919 + 3);
        let text = design(&mut r, 1 + case % 3);
        let (design, middle) = read(&text);
        let at = |e: &Ends| design.model_at(e);
        let ends: Vec<Model> = corners(&middle.intervals, 4).unwrap().iter().map(at).collect();
        let inside: Vec<Model> = drawn(&middle.intervals, 9, WORLDS).iter().map(at).collect();
        let all = plans();
        let in_middle: Vec<&Choices> = all.iter().filter(|p| holds(&middle, p)).collect();
        let at_ends: Vec<&Choices> = all.iter().filter(|p| ends.iter().all(|w| holds(w, p))).collect();
        let kept = |p: &Choices| inside.iter().filter(|w| holds(w, p)).count();
        let in_most: Vec<&Choices> = in_middle.iter().copied().filter(|p| kept(p) + SPARE >= WORLDS).collect();
        let now = |p: &Choices| cost(&middle, p);
        let mean = |p: &Choices| inside.iter().map(|w| cost(w, p)).sum::<f64>() / WORLDS as f64;
        let own = |w: &Model| least(&all.iter().filter(|p| holds(w, p)).collect::<Vec<_>>(), &|p| cost(w, p));
        let paid: Vec<(&Model, Option<f64>)> = ends.iter().chain([&middle]).map(|w| (w, own(w))).collect();
        let regret = |p: &Choices| paid.iter().filter_map(|(w, own)| Some(cost(w, p) - (*own)?)).fold(0.0, f64::max);
        let mut costs = Vec::new();
        for mode in Mode::ALL {
            let (among, value): (_, &dyn Fn(&Choices) -> f64) = match mode {
                Mode::Worst => (&at_ends, &now),
                Mode::Mid => (&in_middle, &now),
                Mode::Expected => (&in_middle, &mean),
                Mode::Regret => (&at_ends, &regret),
                Mode::P95 => (&in_most, &now),
            };
            let got = solve(&text, mode, 9);
            let Some(best) = least(among, value) else {
                assert_eq!(got.sizes.status, Status::Infeasible, "{mode:?}\n{text}");
                continue;
            };
            assert_eq!(got.sizes.status, Status::Optimal, "{mode:?} {best}\n{text}\n{:?}", got.sizes);
            let choices = &got.sizes.choices;
            assert!(among.contains(&choices), "{mode:?} {choices:?} does not hold\n{text}");
            let mine = value(choices);
            assert!((mine - best).abs() < 1e-6, "{mode:?}: {mine} is not {best}, {choices:?}\n{text}");
            let held = got.held.expect("it has intervals");
            assert_eq!(held.samples, (kept(choices), WORLDS), "{mode:?} {choices:?}\n{text}");
            let at = ends.iter().filter(|w| holds(w, choices)).count();
            assert_eq!(held.ends, (at, ends.len()), "{mode:?}\n{text}");
            if let Some((value, bound)) = held.value {
                assert!(
                    (value - mine).abs() < 1e-6 && bound <= value + 1e-9,
                    "{mode:?} {value} {mine} {bound}\n{text}"
                );
            }
            costs.push((mode, got.sizes.cost));
            solved += 1;
        }
        let of = |mode: Mode| costs.iter().find(|(m, _)| *m == mode).map(|(_, c)| *c);
        if let (Some(mid), Some(p95)) = (of(Mode::Mid), of(Mode::P95)) {
            assert!(mid <= p95 + 1e-9, "{text}");
            if let Some(worst) = of(Mode::Worst) {
                assert!(p95 <= worst + 1e-9, "{text}");
                apart += usize::from(mid < worst - 1e-9);
                between += usize::from(mid < p95 - 1e-9 && p95 < worst - 1e-9);
            }
        }
    }
    assert!(solved > 30 && apart > 3 && between > 0, "{solved} solved, {apart} apart, {between} between");
}

#[test]
fn without_intervals_all_modes_are_one() {
    for case in 0..6 {
        let text = design(&mut Random(case + 50), 0);
        let worst = solve(&text, Mode::Worst, 1);
        assert!(worst.held.is_none());
        for mode in Mode::ALL {
            let other = solve(&text, mode, 1);
            assert_eq!(format!("{:?}", other.sizes), format!("{:?}", worst.sizes), "{mode:?}\n{text}");
            assert!(other.held.is_none());
        }
    }
}

#[test]
fn many_intervals_are_kept_at_their_ends() {
    // Six: their middle is not enough, and all 64 corners are looked at.
    let text = "arch 1\nsystem s { provider = none, headroom = 0% }\nclient web { }\nbalancer lb { policy = least_connections }\nservice a { cpu = 2ms .. 6ms, wait = 1ms .. 3ms, replicas = ? in 1..20 }\nservice b { cpu = 1ms .. 4ms, wait = 1ms .. 2ms, replicas = ? in 1..20 }\nservice c { cpu = 3ms .. 4ms, replicas = 2 }\nflow f { rate = 200 rps .. 300 rps, slo { p99 <= 120ms }, web -> lb -> a -> b -> c }\n";
    let (design, middle) = read(text);
    let all: Vec<Model> = corners(&middle.intervals, 8).unwrap().iter().map(|e| design.model_at(e)).collect();
    assert_eq!(all.len(), 64);
    let found = solve(text, Mode::Worst, 1);
    assert_eq!(found.sizes.status, Status::Optimal);
    assert_eq!(found.held.unwrap().ends, (64, 64));
    assert!(all.iter().all(|w| holds(w, &found.sizes.choices)));
    let mid = solve(text, Mode::Mid, 1);
    assert!(mid.sizes.cost < found.sizes.cost && !all.iter().all(|w| holds(w, &mid.sizes.choices)));
}

fn archc(dir: &std::path::Path, args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_archc")).args(args).current_dir(dir).output().unwrap();
    (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
}

#[test]
fn a_plan_says_how_it_was_made_and_is_checked_so() {
    let dir = std::env::temp_dir().join(format!("archc-robust-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let text = "arch 1\nsystem s { provider = none, headroom = 0% }\nclient web { }\nbalancer lb { policy = least_connections }\nservice a { cpu = 4ms .. 12ms, replicas = ? in 1..20 }\nflow f { rate = 200 rps .. 400 rps, slo { p99 <= 80ms }, web -> lb -> a }\n";
    std::fs::write(dir.join("x.arch"), text).unwrap();
    let (code, said) = archc(&dir, &["size", "x.arch", "--robust", "p95", "--seed", "5", "--samples", "60"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("p95: the plan meets every requirement at the midpoints of the intervals and in 95% of samples"),
        "{said}"
    );
    let plan = std::fs::read_to_string(dir.join("x.plan.json")).unwrap();
    assert_eq!(parse(&plan).unwrap().robust, Robust { mode: Mode::P95, seed: 5, samples: Some(60) });
    let doc: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../docs/schema/plan-1.json")).unwrap();
    for (key, value) in doc["robust"].as_object().unwrap() {
        assert!(schema["properties"]["robust"]["properties"][key].is_object(), "{key}: {value}");
    }
    let holds = doc["robust"]["holds"].as_u64().unwrap();
    assert!((57..=60).contains(&holds), "{plan}");
    assert!(said.contains(&format!("feasible in {holds} of 60 samples (seed 5)")), "{said}");
    // The same bytes again, and a check that solves as the plan was made; as another mode it differs.
    archc(&dir, &["size", "x.arch", "--robust", "p95", "--seed", "5", "--worlds", "60"]);
    assert_eq!(std::fs::read_to_string(dir.join("x.plan.json")).unwrap(), plan);
    assert_eq!(archc(&dir, &["size", "x.arch", "--check"]).0, 0);
    assert_eq!(archc(&dir, &["size", "x.arch", "--check", "--robust", "mid"]).0, 1);
    assert_eq!(archc(&dir, &["size", "x.arch", "--robust", "best"]).0, 2);
    std::fs::remove_dir_all(&dir).unwrap();
}
