//! What must hold of any sizing: more asked never costs less, freedom never costs more, what
//! is dominated changes nothing, order and names do not matter.

use crate::support::milp;
use archc::session::open_text;
use archc::sizing::milp::engine;
use archc::sizing::program::Program;
use archc::sizing::solve::Effort;
use archc::sizing::{Sizes, Status, size};
use proptest::prelude::*;

fn sizes(text: &str) -> Sizes {
    let design = open_text("x.arch", text, &[]);
    let mut sink = design.sink.clone();
    let model = design.model(&mut sink);
    assert!(!sink.has_errors(), "{text}\n{:?}", sink.list());
    let sizes = size(&model, std::slice::from_ref(&model), 1.0, false);
    assert!(sizes.unsolved.is_empty(), "{text}\n{:?}", sizes.unsolved);
    assert!(!matches!(sizes.status, Status::WithinGap(_)), "{text}\n{:?}", sizes.status);
    sizes
}

/// What it costs; more than anything if nothing does.
fn cost(text: &str) -> f64 {
    let s = sizes(text);
    if s.status == Status::Infeasible { f64::INFINITY } else { s.cost }
}

/// What a design asks, and what it is made of.
#[derive(Clone, Debug)]
struct SizingInputs {
    rate: u32,
    p99: u32,
    nines: usize,
    headroom: u32,
    survive: usize,
    cpu: (u32, u32),
    machines: Vec<&'static str>,
    /// Replicas of the second service.
    within: (u32, u32),
    names: [&'static str; 3],
    turned: bool,
    sale: u32,
}

const NINES: [&str; 4] = ["90%", "99%", "99.9%", "99.99%"];
const SURVIVE: [&str; 3] = ["none", "replica", "zone"];

impl SizingInputs {
    fn text(&self) -> String {
        let [a, b, d] = self.names;
        let mut parts = [
            format!(
                "service {a} {{ cpu = {}ms, instance = ? in [{}], replicas = ?, availability = 99.5% }}\n",
                self.cpu.0,
                self.machines.join(", ")
            ),
            format!(
                "service {b} {{ cpu = {}ms, instance = m7g.large, replicas = ? in {}..{}, availability = 99.5% }}\n",
                self.cpu.1, self.within.0, self.within.1
            ),
            format!(
                "database {d} : postgres {{ data = 50GB, instance = db.m7g.large, replicas = 3, replication = sync, read_from = replica, failover = auto, shards = ? in 1..6 by id, availability = 99.9% }}\n"
            ),
            format!(
                "flow f {{ rate = {} rps, slo {{ p99 <= {}ms, availability >= {} }}, web -> lb -> {a} {{ -> {b}, -> {d}.read x3 }} }}\n",
                self.rate, self.p99, NINES[self.nines]
            ),
            format!("flow g {{ rate = 40 rps, slo {{ p95 <= 150ms }}, web -> lb -> {b} -> {d}.write }}\n"),
        ];
        if self.turned {
            parts.reverse();
        }
        format!(
            "arch 1\nsystem s {{ zones = 3, survive = {}, headroom = {}% }}\nclient web {{ }}\nbalancer lb {{ policy = least_connections, availability = 99.99% }}\n{}scenario sale {{ load = {}%, expect flow f {{ p99 <= 400ms }} }}\n",
            SURVIVE[self.survive],
            self.headroom,
            parts.concat(),
            self.sale,
        )
    }
}

prop_compose! {
    fn asked()(
        rate in 50_u32..1500, p99 in 90_u32..200, nines in 0_usize..3, headroom in 0_u32..40, survive in 0_usize..3,
        cpu in (1_u32..10, 1_u32..10), list in 0_usize..3, sale in 100_u32..200,
    ) -> SizingInputs {
        let machines = [vec!["m7g.large"], vec!["m7g.large", "c7g.xlarge"], vec!["m7g.large", "m7g.xlarge"]][list].clone();
        SizingInputs { rate, p99, nines, headroom, survive, cpu, machines, within: (1, 40), names: ["front", "back", "store"], turned: false, sale }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn more_asked_never_costs_less(base in asked(), which in 0_usize..6, by in 1_u32..30) {
        let mut harder = base.clone();
        match which {
            0 => harder.p99 = base.p99 * (100 - by) / 100,
            1 => harder.nines += 1,
            2 => harder.rate = base.rate * (100 + by) / 100 + 1,
            3 => harder.headroom += by / 2,
            4 => harder.survive = (base.survive + 1).min(2),
            _ => harder.sale += by,
        }
        let (before, after) = (cost(&base.text()), cost(&harder.text()));
        prop_assert!(after >= before - 1e-6, "{after} < {before}\n{}\n{}", base.text(), harder.text());
    }

    #[test]
    fn less_freedom_never_costs_less(base in asked(), from in 1_u32..8, to in 8_u32..30, one in any::<bool>()) {
        let mut bound = base.clone();
        if one { bound.machines.truncate(1) } else { bound.within = (from, to) }
        let (free, bound) = (cost(&base.text()), cost(&bound.text()));
        prop_assert!(bound >= free - 1e-6, "{bound} < {free}\n{}", base.text());
    }

    /// The m5 is slower than the m7g of its size and dearer.
    #[test]
    fn a_dominated_machine_changes_nothing(base in asked(), first in any::<bool>()) {
        let mut more = base.clone();
        more.machines.insert(if first { 0 } else { base.machines.len() }, "m5.large");
        let (with, without) = (sizes(&more.text()), sizes(&base.text()));
        prop_assert_eq!(with.status == Status::Infeasible, without.status == Status::Infeasible);
        prop_assert!((with.cost - without.cost).abs() < 1e-6, "{} {}\n{}", with.cost, without.cost, more.text());
    }

    #[test]
    fn order_and_names_change_nothing(base in asked(), names in 0_usize..3) {
        let mut other = base.clone();
        other.turned = true;
        let turned = sizes(&other.text());
        let before = sizes(&base.text());
        prop_assert_eq!(&turned.choices, &before.choices);
        other.names = [["x", "y", "z"], ["z", "y", "x"], ["y", "aa", "b"]][names];
        let renamed = sizes(&other.text());
        prop_assert_eq!(renamed.status == Status::Infeasible, before.status == Status::Infeasible);
        prop_assert!((renamed.cost - before.cost).abs() < 1e-6, "{} {}\n{}", renamed.cost, before.cost, other.text());
    }
}

fn solved(p: &Program) -> f64 {
    let s = p.solve();
    assert!(s.gap() <= 0.0);
    s.cost
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Prices are of the catalog, so they are raised in the program.
    #[test]
    fn a_higher_price_never_costs_less(seed in any::<u64>(), group in 0_usize..8, option in 0_usize..8, by in 1_u32..400) {
        let mut p = milp::selection(8, 8, 10, seed);
        let before = solved(&p);
        p.costs[group][option] += f64::from(by);
        prop_assert!(solved(&p) >= before - 1e-9);
    }

    #[test]
    fn a_dominated_option_changes_nothing(seed in any::<u64>(), group in 0_usize..8, like in 0_usize..8, by in 0_u32..400) {
        let p = milp::selection(8, 8, 10, seed);
        let before = p.solve();
        let mut more = p.clone();
        let dear = more.costs[group][like] + f64::from(by);
        more.costs[group].push(dear);
        // It meets no cut that its like does not meet.
        for cut in &mut more.cuts {
            for (_, ok) in cut.iter_mut().filter(|(i, _)| *i == group) {
                ok.push(ok[like] && by % 2 == 0);
            }
        }
        let after = more.solve();
        prop_assert_eq!(after.choice.is_some(), before.choice.is_some());
        prop_assert!(after.choice.is_none() || (after.cost - before.cost).abs() < 1e-9, "{} {}", after.cost, before.cost);
    }

    #[test]
    fn the_order_of_a_program_changes_nothing(seed in any::<u64>(), turn in 1_usize..8) {
        let p = milp::selection(8, 6, 12, seed);
        let mut other = p.clone();
        other.costs.rotate_left(turn);
        let at = |i: usize| (i + 8 - turn) % 8;
        other.cuts.iter_mut().flatten().for_each(|(i, _)| *i = at(*i));
        other.cuts.reverse();
        let (a, b) = (p.solve(), other.solve());
        prop_assert_eq!(a.choice.is_some(), b.choice.is_some());
        prop_assert!(a.choice.is_none() || (a.cost - b.cost).abs() < 1e-9, "{} {}", a.cost, b.cost);
    }

    /// Presolve alone, and a core that is too large: within the gap that is told, and the same each time.
    #[test]
    fn what_presolve_finds_is_within_its_gap(seed in any::<u64>(), most in 0_usize..40) {
        let p = milp::selection(14, 10, 40, seed);
        let best = p.solve();
        for effort in [Effort::Presolve, Effort::Milp(most)] {
            let some = p.solve_with(None, effort, &engine);
            prop_assert!(some.bound <= best.cost + 1e-9, "{} {}", some.bound, best.cost);
            prop_assert!(some.cost >= best.cost - 1e-9);
            prop_assert!(some.choice.as_ref().is_some_and(|x| p.holds(x)));
            prop_assert_eq!(&some, &p.solve_with(None, effort, &engine));
        }
    }
}
