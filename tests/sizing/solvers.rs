//! The selection program against solvers that are not ours: the same cost on every program.
//! With `--features highs` the other is HiGHS, else `microlp`.

use crate::support::milp;
use crate::support::open;
use archc::sizing::program::WORK;

#[test]
fn both_solvers_give_the_same_cost() {
    let (mut infeasible, mut compared) = (0, 0);
    for seed in 0..400 {
        let mut r = open::Random(seed);
        let (groups, options) = (2 + r.below(9) as usize, 2 + r.below(9) as usize);
        let (cuts, rows) = (r.below(12) as usize, r.below(5) as usize);
        let mut p = milp::selection(groups, options, cuts, rows, seed * 7 + 1);
        if r.below(6) == 0 {
            // Nothing is as light as this.
            for row in &mut p.rows {
                row.most /= 8.0;
            }
        }
        let ours = p.solve(WORK);
        let theirs = milp::other(&p);
        match (&ours.choice, theirs) {
            (None, None) => {
                assert!(ours.bound.is_infinite(), "{ours:?}");
                infeasible += 1;
            }
            (Some(x), Some(cost)) => {
                assert!(p.holds(x), "seed {seed}");
                assert!((ours.cost - cost).abs() <= 1e-6 * cost, "seed {seed}: {} here, {cost} there", ours.cost);
                assert!(ours.gap() <= 0.0, "seed {seed}: {ours:?}");
                compared += 1;
            }
            other => panic!("seed {seed}: {other:?}"),
        }
    }
    assert!(compared > 250 && infeasible > 10, "{compared} compared, {infeasible} infeasible");
}
