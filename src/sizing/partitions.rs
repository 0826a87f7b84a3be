//! `partitions = ?` of a queue.
//!
//! In: a design, the sizes of its other components. Out: the partitions of each queue, or why none
//! is chosen. Never: another value.

use super::sizes::Sizes;
use crate::model::{Chosen, Hole, Model};

/// `partitions = ?`: as many as the largest group of consumers has slots, for each needs one.
pub(super) fn partitions(model: &Model, out: &mut Sizes) {
    let open =
        || model.all().filter_map(|(id, c)| Some((id, c, c.holes().into_iter().find(|(n, _)| *n == "partitions")?)));
    if open().next().is_none() {
        return;
    }
    let mut filled = model.clone();
    filled.fill(&out.choices, &crate::model::Origin::Solved);
    for (id, c, (_, hole)) in open() {
        let mut most: f64 = 1.0;
        for (f, _) in model.flows.iter().enumerate().filter(|(_, f)| f.origin == id) {
            let Some(to) = crate::analysis::consumer_of(&filled, crate::model::FlowId(f)) else { continue };
            let replicas = crate::analysis::count(filled.component(to), "replicas").unwrap_or(1.0);
            most = most.max(replicas * crate::analysis::in_one_replica(&filled, to).unwrap_or(1.0));
        }
        let wanted = match &hole {
            Hole::Among(all) => all.iter().copied().find(|n| *n >= most).unwrap_or(most),
            _ => most.max(hole.least().unwrap_or(1.0)),
        };
        let chosen = Chosen::Count(wanted);
        if hole.allows(&chosen) {
            out.choices.entry(c.name.clone()).or_default().insert("partitions".to_owned(), chosen);
        } else {
            out.unsolved
                .push(format!("`{}`: {most} consumers want as many partitions, and its hole allows fewer", c.name));
        }
    }
}
