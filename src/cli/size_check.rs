//! `archc size --check`: whether the plan file is still feasible and cheapest.
//!
//! In: the design, its plan, its fresh solution. Out: a verdict and an exit status: 0 if the plan's
//! values meet every requirement and no feasible values are cheaper. Never: a file written.

use super::{FINDINGS, FINE, USAGE, print, tell};
use crate::model::{Choices, Model};
use crate::session::plan_file::{self, path_of};
use crate::session::{Design, SizingInputs, plan_state, price};
use crate::sizing::{Held, Sizes, Status, words};
use std::path::Path;

/// Relative difference below which prices count as equal.
const SAME: f64 = 1e-6;

/// A fresh solution of a design.
pub(super) struct Fresh<'a> {
    pub model: &'a Model,
    pub sizes: &'a Sizes,
    pub held: Option<&'a Held>,
    pub digest: &'a str,
}

/// Judges the plan file of a design; `design` has its variables, also those of engines.
pub(super) fn run(file: &str, design: &Design, asked: &SizingInputs, fresh: &Fresh) -> i32 {
    let path = path_of(Path::new(file));
    let shown = path.display();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            print(&format!("{shown}: there is no plan; `archc size {file}` writes it\n"));
            return FINDINGS;
        }
        Err(e) => {
            tell(&format!("archc: cannot read `{shown}`: {e}\n"));
            return USAGE;
        }
    };
    let plan = match plan_file::parse(&text) {
        Ok(plan) => plan,
        Err(why) => {
            print(&format!("{shown}: it is no plan file: {why}; `archc size {file}` writes it anew\n"));
            return FINDINGS;
        }
    };
    let now = plan_state(design, &plan.choices, asked, fresh.sizes);
    let none = fresh.sizes.status == Status::Infeasible;
    let amount = |x: f64| super::analyze::amount(x, fresh.model.system.has_provider);
    if !now.holds() {
        print(&format!("{shown}: the plan no longer fits\n"));
        for why in &now.plan_mismatches {
            print(&format!("  {why}\n"));
        }
        for (name, attr) in &now.missing {
            print(&format!("  `{attr}` of `{name}` is open, and the plan has no value for it\n"));
        }
        for why in &now.broken {
            print(&format!("  {why}\n"));
        }
        if none {
            print("no other plan meets every requirement either:\n");
            for why in fresh.sizes.conflict.iter().filter(|why| !now.broken.contains(why)) {
                print(&format!("  {why}\n"));
            }
            print(&format!("`archc size {file}` shows what is feasible\n"));
            return FINDINGS;
        }
        print(&differences(&plan.choices, &fresh.sizes.choices));
        print(&format!("`archc size {file}` writes it anew\n"));
        return FINDINGS;
    }
    let cheapest = price(fresh.model, fresh.sizes, fresh.held, asked.load);
    if !none && cheapest < now.cost * (1.0 - SAME) - 0.005 {
        let (here, there) = (amount(now.cost), amount(cheapest));
        print(&format!("{shown}: the plan holds, and a cheaper one does too: {here} with it, {there} at the least\n"));
        print(&differences(&plan.choices, &fresh.sizes.choices));
        print(&format!("`archc size {file}` writes it anew\n"));
        return FINDINGS;
    }
    let changed = if plan.digest == fresh.digest {
        ""
    } else {
        "; the design or the catalog has changed since it was solved, in nothing that makes other sizes cheaper"
    };
    print(&format!("{shown}: the plan still holds, at {}{changed}\n", amount(now.cost)));
    FINE
}

/// Components whose values differ.
fn differences(plan: &Choices, now: &Choices) -> String {
    let differ = now.iter().filter_map(|(name, choice)| Some((name, plan.get(name)?, choice)));
    let each = differ.filter(|(_, old, new)| old != new);
    each.fold(String::new(), |text, (name, old, new)| {
        text + &format!("  {name}: {} in the plan, {} now\n", words(old), words(new))
    })
}
