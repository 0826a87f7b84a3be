//! Holes: values from the plan file, and for what it leaves open from sizing in memory.
//!
//! In: a design, its model. Out: the model filled, and where each value is from.

use super::Design;
use crate::analysis::{MAX_LATENCY_CORNERS, corners};
use crate::diag::Sink;
use crate::model::{Choices, Ends, Model, Origin};
use crate::sizing::{Sizes, Status, size};

/// What the holes of a design are filled with.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// Values of the plan file.
    pub plan: Choices,
    /// Values solved in memory, with why.
    pub sizes: Option<Sizes>,
    /// What the plan file says that the design no longer has, or does not allow.
    pub misfits: Vec<String>,
}

impl Filled {
    /// The design's model at given ends of its intervals, filled alike.
    #[must_use]
    pub fn model_at(&self, design: &Design, ends: &Ends) -> Model {
        let mut model = design.model_at(ends);
        self.put(&mut model);
        model
    }

    /// The same, if its values are sound there: within what each attribute may be.
    #[must_use]
    pub fn sound_at(&self, design: &Design, ends: &Ends) -> Option<Model> {
        let mut sink = Sink::default();
        let mut model = crate::model::build(&design.files, &design.overrides, ends, &mut sink);
        self.put(&mut model);
        (!sink.has_errors()).then_some(model)
    }

    fn put(&self, model: &mut Model) {
        model.fill(&self.plan, &Origin::Plan);
        if let Some(s) = &self.sizes {
            model.fill(&s.choices, &Origin::Solved);
        }
    }

    /// What cannot all hold, if no values do.
    #[must_use]
    pub fn conflict(&self) -> &[String] {
        self.sizes.as_ref().filter(|s| s.status == Status::Infeasible).map_or(&[], |s| &s.conflict)
    }
}

/// Fills the holes of a design's model, at so many times its load.
#[must_use]
pub fn fill(design: &Design, model: &mut Model, load: f64) -> Filled {
    let mut out = Filled::default();
    match &design.plan {
        Some(Ok(plan)) => {
            let misfits = model.fill(&plan.choices, &Origin::Plan);
            out.misfits = misfits.iter().map(|(name, attr)| format!("`{attr}` of `{name}`")).collect();
            out.plan.clone_from(&plan.choices);
        }
        Some(Err(e)) => out.misfits.push(e.clone()),
        None => {}
    }
    if model.has_holes() {
        let sizes = solve(design, model, &out.plan, load, false);
        model.fill(&sizes.choices, &Origin::Solved);
        out.sizes = Some(sizes);
    }
    out
}

/// Solves what is open in a model of a design, given values being kept; `why` asks for
/// what binds.
#[must_use]
pub fn solve(design: &Design, model: &Model, given: &Choices, load: f64, why: bool) -> Sizes {
    let with = |ends: &Ends| {
        let mut m = design.model_at(ends);
        m.fill(given, &Origin::Plan);
        m
    };
    let models = match corners(&model.intervals, MAX_LATENCY_CORNERS) {
        Some(all) if !all.is_empty() => all.iter().map(with).collect(),
        _ => vec![model.clone()],
    };
    size(model, models, load, why)
}
