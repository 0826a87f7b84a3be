//! Groups: a distribution as a weighted sum of constant shifts, each followed by a time without a
//! jump above zero.
//!
//! In: groups. Out: sorted and merged groups. Never: a change of the total weight. A weight can be
//! negative; all weights sum to one.

use std::sync::Arc;

use super::node::{Branch, Node};

/// Maximum number of groups.
const MOST_GROUPS: usize = 48;
/// Probabilities closer than this count as equal; shifts too, relative to their size.
pub(super) const SAME: f64 = 1e-12;

/// Weight, constant shift in seconds, and the law after the shift (`None`: a constant).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub shift: f64,
    pub weight: f64,
    pub node: Option<Arc<Node>>,
}

impl Group {
    /// Mass of the jump at the shift.
    pub fn atom(&self) -> f64 {
        self.weight * self.node.as_ref().map_or(1.0, |node| node.atom)
    }

    /// Mean, seconds.
    pub fn mean(&self) -> f64 {
        self.shift + self.node.as_ref().map_or(0.0, |node| node.mean)
    }

    /// The group as a branch of a mixture that starts at `origin` and weighs `total`.
    pub fn branch(&self, total: f64, origin: f64) -> Branch {
        Branch { weight: self.weight / total, delay: self.shift - origin, node: self.node.clone() }
    }
}

/// Sorts groups by shift, joins those of one shift, and joins the lightest beyond the limit to
/// the group before them.
///
/// Groups of negative weight subtract the mass of others above their shift (a law cut off at a
/// time). They are joined only among themselves, so that every node is the law of a time.
pub(super) fn gather(groups: Vec<Group>) -> Vec<Group> {
    let (taken, mut given): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|group| group.weight < 0.0);
    if taken.is_empty() {
        return gather_alike(given);
    }
    let turn = |group: Group| Group { weight: -group.weight, ..group };
    given = gather_alike(given);
    given.extend(gather_alike(taken.into_iter().map(turn).collect()).into_iter().map(turn));
    given.sort_by(|a, b| a.shift.total_cmp(&b.shift));
    given
}

/// Like [`gather`], but also joins groups lighter than `least` to the group before them.
pub(super) fn heavy(groups: Vec<Group>, least: f64) -> Vec<Group> {
    let (taken, given): (Vec<Group>, Vec<Group>) = gather(groups).into_iter().partition(|group| group.weight < 0.0);
    let mut all = join(given, |_, next| next.weight < least);
    all.extend(join(taken, |_, next| -next.weight < least));
    all.sort_by(|a, b| a.shift.total_cmp(&b.shift));
    all
}

/// [`gather`] for weights of one sign.
fn gather_alike(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by(|a, b| a.shift.total_cmp(&b.shift));
    let same = |a: &Group, b: &Group| b.shift - a.shift <= SAME * b.shift;
    let mut joined = join(groups, |first, next| same(first, next));
    if joined.len() > MOST_GROUPS {
        let mut weights: Vec<f64> = joined.iter().map(|group| group.weight).collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        let least = weights.get(MOST_GROUPS - 1).copied().unwrap_or(0.0);
        joined = join(joined, |_, next| next.weight < least);
    }
    joined
}

/// Joins each group to the one before it if `belongs` holds.
fn join(groups: Vec<Group>, belongs: impl Fn(&Group, &Group) -> bool) -> Vec<Group> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    for group in groups {
        match runs.last_mut() {
            Some(run) if run.first().is_some_and(|first| belongs(first, &group)) => run.push(group),
            _ => runs.push(vec![group]),
        }
    }
    let merge = |mut run: Vec<Group>| {
        if run.len() == 1 {
            return run.pop();
        }
        let origin = run.first()?.shift;
        let weight: f64 = run.iter().map(|group| group.weight).sum();
        let same_place = |group: &Group| group.shift - origin <= SAME * group.shift;
        if run.iter().all(|group| group.node.is_none() && same_place(group)) {
            return Some(Group { shift: origin, weight, node: None });
        }
        let branch = |group: &Group| {
            let branch = group.branch(weight, origin);
            if same_place(group) { Branch { delay: 0.0, ..branch } } else { branch }
        };
        let node = Node::sum(run.iter().map(branch).collect());
        Some(Group { shift: origin, weight, node: Some(node) })
    };
    runs.into_iter().filter_map(merge).collect()
}
