//! Advice where more than one component is the matter: what presses only once the first has
//! enough is taken in, and a dear step is not advised where a cheaper one holds.

use archc::advise::{Advice, Source, Step, StepVerdict, advise};
use archc::analysis::Facts;
use archc::model::{Ends, Origin};
use archc::session::open_text;
use archc::sizing::{Status, size};

fn of(text: &str) -> Advice {
    let design = open_text("t.arch", text, &[]);
    let mut sink = design.sink.clone();
    let _ = design.model(&mut sink);
    assert!(!sink.has_errors(), "{:?}", sink.list());
    let (files, overrides) = (design.files.clone(), design.overrides.clone());
    let plan = archc::model::Choices::new();
    advise(&Source { files, overrides, plan, today: "2026-11-01".parse().expect("a day") }, Some(1.0)).expect("read")
}

/// The servers ask for more than they have; behind them a database is at 94% (380 rps x 5 ms on two cores
/// of 1.006 of the reference speed).
fn text(app: &str, db: &str, p99: u32) -> String {
    format!(
        "arch 1\nclient web {{ }}\nbalancer lb {{ policy = least_connections }}\nservice app {{ cpu = 12ms, {app} }}\ndatabase db : postgres {{ data = 50GB, {db}, ops {{ read {{ cpu = 5ms }} }} }}\nflow f {{ rate = 380 rps, slo {{ p99 <= {p99}ms }}, web -> lb -> app {{ -> db.read }} }}\n"
    )
}

fn fixed(p99: u32) -> String {
    text("instance = m7g.large, replicas = 2", "instance = db.m7g.large", p99)
}

/// What the design costs with the best sizes of both, of what is known.
fn least(p99: u32) -> f64 {
    let open = text(
        "instance = m7g.large, replicas = ?",
        "instance = ? in [db.m7g.large, db.m6g.xlarge, db.m7g.xlarge, db.m7g.2xlarge]",
        p99,
    );
    let mut model = open_text("s.arch", &open, &[]).model_at(&Ends::new());
    let sizes = size(&model, std::slice::from_ref(&model), 1.0, false);
    assert_eq!(sizes.status, Status::Optimal);
    model.fill(&sizes.choices, &Origin::Solved);
    Facts::new(&model, 1.0).cost.at_least()
}

#[test]
fn a_component_that_presses_next_is_taken_in() {
    for p99 in [150, 200] {
        let a = of(&fixed(p99));
        assert_eq!(a.limiting.len(), 1, "the servers alone: {:?}", a.limiting);
        let rung = a.rungs.get(a.chosen.expect("a step holds")).expect("it");
        assert_eq!(rung.steps, [Step::Machines], "{:#?}", a.rungs);
        let p = rung.proposal().expect("a proposal");
        let names: Vec<&str> = p.values.iter().map(|v| v.component.as_str()).collect();
        assert!(names.contains(&"app") && names.contains(&"db"), "{names:?}");
        // The same by more replicas is named where it is cheaper, and is the best there is.
        let more = a.cheaper.first().expect("more replicas are cheaper");
        assert_eq!(more.steps, [Step::Replicas]);
        let StepVerdict::Feasible(replicas) = &more.outcome else { panic!("{more:?}") };
        assert!((replicas.cost.at_least - least(p99)).abs() < 0.01, "{} {}", replicas.cost.at_least, least(p99));
        assert!(p.cost.at_least - a.cost.at_least < 250.0, "{:?} {:?}", a.cost, p.cost);
        // With it nothing fails.
        assert!(of(&p.text).rungs.is_empty());
        assert!(of(&replicas.text).rungs.is_empty());
    }
}

#[test]
fn nothing_is_taken_in_where_one_is_enough() {
    let a = of(&fixed(260));
    let p = a.rungs[a.chosen.expect("a step holds")].proposal().expect("a proposal");
    assert!(p.values.iter().all(|v| v.component == "app"), "{:?}", p.values);
}
