//! Optimistic relaxations of untried options: as capable as any of them, at their least cost.
//!
//! In: the options of a component with some left out. Out: for each of its machines, every count at its
//! maximum. If no choice with these is cheaper, none with an untried option is. Never: a proposed value.

use super::options::{MOST, Options, SizeOption, ends};
use crate::model::{Choice, Chosen, Hole};
use std::collections::BTreeSet;

/// A relaxation of untried options.
pub(super) struct RelaxedOption {
    pub choice: Choice,
    /// The attributes that are counts.
    counts: BTreeSet<&'static str>,
}

impl RelaxedOption {
    /// Whether it is at least as capable as `option`, an option of `list`.
    pub fn is_above(&self, option: &SizeOption, list: &[SizeOption]) -> bool {
        let own = |c: &Choice| {
            self.counts.iter().fold(c.clone(), |mut c, n| {
                c.remove(*n);
                c
            })
        };
        let base = own(&self.choice);
        list.iter().any(|o| own(&o.choice) == base && option.at_most(o))
    }
}

/// The relaxed options of a component; `None` if an untried option may be more capable than all of them.
pub(super) fn relaxed_options(o: &Options) -> Option<Vec<RelaxedOption>> {
    let holes = o.open.holes();
    let fixed = |name: &str| ["instance", "cores", "memory"].contains(&name);
    let counts: BTreeSet<&'static str> =
        holes.iter().map(|(n, _)| *n).filter(|n| !fixed(n) && *n != "partitions").collect();
    // A larger count must never be less capable.
    let as_many = |a: &Choice, b: &Choice| {
        a.iter().all(|(n, a)| match (a, b.get(n)) {
            (Chosen::Count(a), Some(Chosen::Count(b))) if counts.contains(n.as_str()) => a <= b,
            (a, b) => Some(a) == b,
        })
    };
    let alike = o.list.iter().all(|a| o.list.iter().all(|b| !as_many(&a.choice, &b.choice) || a.at_most(b)));
    if !alike {
        return None;
    }
    let mut bases: Vec<Choice> = Vec::new();
    for (name, hole) in holes.iter().filter(|(n, _)| fixed(n)) {
        // Unlisted machines come from the catalog: the untried ones are unknown here.
        let Hole::OneOf(names) = hole else { return None };
        if !bases.is_empty() {
            return None;
        }
        bases.extend(names.iter().map(|m| Choice::from([((*name).to_owned(), Chosen::Name(m.clone()))])));
    }
    if bases.is_empty() {
        bases.push(Choice::new());
    }
    for (name, hole) in holes.iter().filter(|(n, _)| counts.contains(n)) {
        let (_, most) = ends(hole);
        for base in &mut bases {
            base.insert((*name).to_owned(), Chosen::Count(most.min(MOST)));
        }
    }
    Some(bases.into_iter().map(|choice| RelaxedOption { choice, counts: counts.clone() }).collect())
}
