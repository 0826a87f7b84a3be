//! `expected` and `regret` where what is paid depends on the world: a cache before a store that is
//! paid by request, with a popularity and a rate that are not known. Each mode against every
//! combination, priced by the whole analysis in each world.

use archc::analysis::{Facts, corners, drawn, followed};
use archc::model::{Choice, Choices, Chosen, Ends, Model, Origin};
use archc::session::{SizingInputs, open_text, sized};
use archc::sizing::{Mode, Robust, Status};

const WORLDS: usize = 24;

fn text(items: u32, skew: (f64, f64), rate: (u32, u32), size: u32) -> String {
    format!(
        "arch 1\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 0.1ms, replicas = 20 }}\ncache hot : redis {{ entries = {items}M, entry_size = {size}KB, skew = {:.2} .. {:.2}, instance = cache.r7g.large, nodes = ? in 1..8 }}\nbucket logs {{ }}\nflow f {{ rate = {} rps .. {} rps, web -> lb -> app {{ -> hot.get else {{ -> logs.get }} }} }}\n",
        skew.0, skew.1, rate.0, rate.1
    )
}

fn nodes(n: u32) -> Choices {
    Choices::from([("hot".to_owned(), Choice::from([("nodes".to_owned(), Chosen::Count(f64::from(n)))]))])
}

/// The bill of the whole design in a world.
fn bill(world: &Model, plan: &Choices) -> f64 {
    let mut m = world.clone();
    m.intervals.clear();
    m.fill(plan, &Origin::Solved);
    Facts::new(&followed(m, 1.0), 1.0).cost.at_least()
}

#[test]
fn both_differ_from_their_neighbours_where_prices_depend_on_the_world() {
    let (mut expected_apart, mut regret_apart) = (0, 0);
    let all: Vec<Choices> = (1..=8).map(nodes).collect();
    for (items, skew, rate, size) in [
        (40, (0.3, 1.1), (200, 3000), 2),
        (40, (0.1, 1.3), (500, 1500), 2),
        (90, (0.5, 1.2), (300, 2500), 1),
        (60, (0.2, 0.9), (800, 6000), 1),
        (30, (0.0, 1.2), (1200, 2000), 3),
        (25, (0.6, 1.4), (300, 6000), 4),
    ] {
        let text = text(items, skew, rate, size);
        let design = open_text("x.arch", &text, &[]);
        let mut sink = design.sink.clone();
        let middle = design.model(&mut sink);
        assert!(!sink.has_errors(), "{:?}", sink.list());
        let at = |e: &Ends| design.model_at(e);
        let ends: Vec<Model> = corners(&middle.intervals, 4).expect("few").iter().map(at).collect();
        let inside: Vec<Model> = drawn(&middle.intervals, 3, WORLDS).iter().map(at).collect();
        let mean = |p: &Choices| inside.iter().map(|w| bill(w, p)).sum::<f64>() / WORLDS as f64;
        let paid: Vec<(&Model, f64)> = ends
            .iter()
            .chain([&middle])
            .map(|w| (w, all.iter().map(|p| bill(w, p)).fold(f64::INFINITY, f64::min)))
            .collect();
        let regret = |p: &Choices| paid.iter().map(|(w, own)| bill(w, p) - own).fold(0.0, f64::max);
        let now = |p: &Choices| bill(&middle, p);
        let mut chosen = Vec::new();
        for (mode, value) in [
            (Mode::Mid, &now as &dyn Fn(&Choices) -> f64),
            (Mode::Worst, &now),
            (Mode::Expected, &mean),
            (Mode::Regret, &regret),
        ] {
            let robust = Robust { mode, seed: 3, samples: Some(WORLDS) };
            let got = sized(&design, &middle, &SizingInputs { robust, ..SizingInputs::at(1.0) }, true, true).1;
            assert_ne!(got.sizes.status, Status::Infeasible, "{mode:?}\n{text}");
            let best = all.iter().map(value).fold(f64::INFINITY, f64::min);
            let mine = value(&got.sizes.choices);
            assert!((mine - best).abs() < 0.01, "{mode:?}: {mine} is not {best}, {:?}\n{text}", got.sizes.choices);
            if mode == Mode::Regret {
                let (said, bound) = got.held.expect("it has intervals").value.expect("a regret");
                assert!((said - mine).abs() < 0.01 && bound <= said + 1e-9, "{said} {mine} {bound}\n{text}");
            }
            chosen.push(got.sizes.choices);
        }
        expected_apart += usize::from(mean(&chosen[0]) > mean(&chosen[2]) + 1.0);
        regret_apart += usize::from(regret(&chosen[1]) > regret(&chosen[3]) + 1.0);
    }
    assert!(expected_apart > 0 && regret_apart > 0, "{expected_apart} {regret_apart}");
}
