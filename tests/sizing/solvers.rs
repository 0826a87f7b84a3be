//! The selection program against brute force and against a solver of the whole program: the
//! same cost on every program, whatever proves it. With `--features highs` the other solver is
//! HiGHS, else `microlp`.

use crate::support::{milp, open};
use archc::sizing::milp::{Core, FORMS, Failure, Form, engine};
use archc::sizing::program::{Cut, Program, Solution};
use archc::sizing::solve::{Effort, MOST_BINARIES};
use archc::sizing::{Proof, Reason};
use std::cell::RefCell;

/// A solver of a core.
type Engine = dyn Fn(&Core) -> Result<Vec<usize>, Failure>;

/// The least cost over all choices that meet every cut.
fn brute(p: &Program) -> Option<f64> {
    let mut best: Option<f64> = None;
    let mut x = vec![0; p.costs.len()];
    loop {
        if p.holds(&x) {
            let c = p.cost(&x);
            best = Some(best.map_or(c, |b: f64| b.min(c)));
        }
        let Some(i) = (0..x.len()).find(|i| x[*i] + 1 < p.costs[*i].len()) else { return best };
        x[i] += 1;
        x[..i].fill(0);
    }
}

/// A program whose cuts are any sets of options of two or three components, not only
/// thresholds. Some have no choice.
fn program(seed: u64) -> Program {
    let mut r = open::Random(seed);
    let n = 3 + r.below(4) as usize;
    let costs: Vec<Vec<f64>> =
        (0..n).map(|_| (0..=1 + r.below(3)).map(|_| (1 + r.below(6)) as f64 / 7.0).collect()).collect();
    let mut cuts: Vec<Cut> = Vec::new();
    for _ in 0..2 + r.below(12) {
        let from = r.below(n as u64) as usize;
        let members: std::collections::BTreeSet<usize> =
            (0..2 + r.below(2)).map(|k| (from + (k * (1 + r.below(2))) as usize) % n).collect();
        cuts.push(members.into_iter().map(|i| (i, costs[i].iter().map(|_| r.below(8) < 3).collect())).collect());
    }
    Program { costs, cuts }
}

fn full(p: &Program) -> Solution {
    p.solve()
}

#[test]
fn every_choice_of_small_programs_agrees() {
    let (mut infeasible, mut by_milp, mut by_lagrange) = (0, 0, 0);
    for seed in 0..2000 {
        let p = program(seed);
        let got = full(&p);
        match (brute(&p), &got.choice) {
            (None, None) => {
                assert!(got.bound.is_infinite(), "seed {seed}: {got:?}");
                infeasible += 1;
            }
            (Some(least), Some(x)) => {
                assert!(p.holds(x), "seed {seed}: {p:?}");
                assert!((least - got.cost).abs() < 1e-9, "seed {seed}: {least} is least, {got:?}\n{p:?}");
                assert!(got.gap() <= 0.0, "seed {seed}: {got:?}");
                match got.proof() {
                    Proof::Lagrange => by_lagrange += 1,
                    Proof::Milp => by_milp += 1,
                    Proof::Gap(why) => panic!("seed {seed}: {why:?}"),
                }
            }
            other => panic!("seed {seed}: {other:?}\n{p:?}"),
        }
        // The same program gives the same answer.
        assert_eq!(got, full(&p), "seed {seed}");
    }
    assert!(infeasible > 100 && by_milp > 20 && by_lagrange > 500, "{infeasible} {by_milp} {by_lagrange}");
}

#[test]
fn both_solvers_give_the_same_cost() {
    let (mut by_milp, mut by_lagrange) = (0, 0);
    for seed in 0..200 {
        let mut r = open::Random(seed);
        let (groups, options) = (4 + r.below(12) as usize, 2 + r.below(12) as usize);
        let p = milp::selection(groups, options, 4 + r.below(40) as usize, seed * 7 + 1);
        let ours = full(&p);
        let theirs = milp::other(&p).expect("thresholds can always be met");
        let x = ours.choice.as_ref().expect("a choice");
        assert!(p.holds(x), "seed {seed}");
        assert!((ours.cost - theirs).abs() <= 1e-6 * theirs, "seed {seed}: {} here, {theirs} there", ours.cost);
        match ours.proof() {
            Proof::Lagrange => by_lagrange += 1,
            Proof::Milp => by_milp += 1,
            Proof::Gap(why) => panic!("seed {seed}: {why:?}"),
        }
    }
    assert!(by_milp > 20 && by_lagrange > 20, "{by_milp} by MILP, {by_lagrange} by the bound");
}

#[test]
fn a_known_choice_is_beaten_or_proven() {
    for seed in 0..400 {
        let p = milp::selection(6, 5, 10, seed);
        let best = full(&p);
        let x = best.choice.clone().expect("a choice");
        // The optimum itself: nothing is cheaper.
        let none = p.solve_with(Some(&x), Effort::Milp(MOST_BINARIES), &engine);
        assert_eq!(none.choice, None, "seed {seed}");
        assert!((none.bound - best.cost).abs() < 1e-9, "seed {seed}: {none:?} {best:?}");
        // The dearest choice: the optimum is found.
        let dear: Vec<usize> = p.costs.iter().map(|l| l.len() - 1).collect();
        assert!(p.holds(&dear), "the most capable options meet every threshold");
        let found = p.solve_with(Some(&dear), Effort::Milp(MOST_BINARIES), &engine);
        assert!((found.cost - best.cost).abs() < 1e-9, "seed {seed}: {found:?} {best:?}");
    }
}

/// A program that presolve alone leaves open, with its optimum.
fn open_program() -> (Program, f64) {
    // Three components, two options each; any two of the three must be the dear one, by pairs:
    // each pair needs one. The Lagrangian bound is 1.5 (half of each), the optimum 2.
    let pair = |a: usize, b: usize| vec![(a, vec![false, true]), (b, vec![false, true])];
    let p = Program { costs: vec![vec![0.0, 1.0]; 3], cuts: vec![pair(0, 1), pair(1, 2), pair(0, 2)] };
    (p, 2.0)
}

#[test]
fn presolve_alone_leaves_a_gap_that_the_milp_closes() {
    let (p, least) = open_program();
    let quick = p.solve_with(None, Effort::Presolve, &engine);
    assert!((quick.bound - 1.5).abs() < 1e-2, "{quick:?}");
    assert_eq!((quick.cost, quick.proof()), (least, Proof::Gap(Reason::Limit)));
    let whole = full(&p);
    assert_eq!((whole.cost, whole.bound, whole.proof()), (least, least, Proof::Milp));
    // A core of three binaries where two are allowed.
    let capped = p.solve_with(None, Effort::Milp(2), &engine);
    assert_eq!((capped.cost, capped.proof()), (least, Proof::Gap(Reason::Core(3))));
}

/// Solves with an engine that fails in the formulations before `works`; the formulations that
/// were tried.
fn failing(works: Option<Form>, fail: &dyn Fn(&Core) -> Result<Vec<usize>, Failure>) -> (Solution, Vec<Form>) {
    let tried = RefCell::new(Vec::new());
    let with = |core: &Core, form: Form| {
        tried.borrow_mut().push(form);
        if works == Some(form) { engine(core, form) } else { fail(core) }
    };
    let solved = open_program().0.solve_with(None, Effort::Milp(MOST_BINARIES), &with);
    (solved, tried.into_inner())
}

#[test]
fn each_formulation_stands_in_for_the_one_before() {
    let singular = |_: &Core| Err(Failure::Numeric("Singular matrix".to_owned()));
    // Breaks every cut.
    let breaks = |core: &Core| Ok(vec![0; core.costs.len()]);
    // Meets every cut at the most cost: above the incumbent.
    let dear = |core: &Core| Ok(core.costs.iter().map(|l| l.len() - 1).collect());
    // Denies the incumbent.
    let denies = |_: &Core| Err(Failure::Infeasible);
    let fails: [&Engine; 4] = [&singular, &breaks, &dear, &denies];
    for fail in fails {
        for (n, form) in FORMS.into_iter().enumerate() {
            let (solved, tried) = failing(Some(form), fail);
            assert_eq!(tried, FORMS[..=n], "{form:?}");
            assert_eq!((solved.cost, solved.bound, solved.proof()), (2.0, 2.0, Proof::Milp), "{form:?}");
        }
        let (solved, tried) = failing(None, fail);
        assert_eq!(tried, FORMS);
        assert_eq!(solved.cost, 2.0, "the incumbent stands");
        assert!((solved.gap() - 0.25).abs() < 1e-2, "(2 - 1.5) / 2: {solved:?}");
        assert!(matches!(solved.proof(), Proof::Gap(Reason::Solver(_))), "{solved:?}");
    }
    let (solved, _) = failing(None, &singular);
    assert_eq!(solved.proof(), Proof::Gap(Reason::Solver("Singular matrix".to_owned())));
}

#[test]
fn that_nothing_meets_the_cuts_takes_two_formulations() {
    // Each component alone must be both of its options: no choice, and no incumbent.
    let only = |k: usize| vec![(0, (0..3).map(|j| j == k).collect::<Vec<bool>>()), (1, vec![k == 2, false])];
    let p = Program { costs: vec![vec![1.0, 2.0, 3.0], vec![1.0, 5.0]], cuts: vec![only(0), only(1), only(2)] };
    assert_eq!(brute(&p), None);
    let got = full(&p);
    assert!(got.choice.is_none() && got.bound.is_infinite(), "{got:?}");
}

/// The cost of each formulation alone.
#[test]
fn all_formulations_agree() {
    let mut by_milp = 0;
    for seed in 0..150 {
        let p = milp::selection(12, 8, 40, seed);
        let costs: Vec<f64> = FORMS
            .into_iter()
            .map(|only| {
                let with = |core: &Core, _: Form| engine(core, only);
                let solved = p.solve_with(None, Effort::Milp(MOST_BINARIES), &with);
                assert!(solved.gap() <= 0.0, "seed {seed} {only:?}: {solved:?}");
                by_milp += usize::from(solved.milp);
                solved.cost
            })
            .collect();
        assert!(costs.iter().all(|c| (c - costs[0]).abs() < 1e-9 * c), "seed {seed}: {costs:?}");
    }
    assert!(by_milp > 60, "{by_milp}");
}
