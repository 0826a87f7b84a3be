//! Variables: values from the plan file, and from sizing in memory for the variables that it leaves
//! open.
//!
//! In: a design, its model. Out: the filled model, and the origin of each value. Never: a file
//! written.

use super::Design;
use super::engines::{Engines, Found, choose};
use super::sizing_inputs::SizingInputs;
use super::uncertain::sized;
use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Sink};
use crate::model::{Choices, Chosen, Ends, Model, Origin, PlanMismatch};
use crate::sizing::{Sizes, Status};
use std::borrow::Cow;

/// Values of the variables of a design, by origin.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// Values of the plan file.
    pub plan: Choices,
    /// Values solved in memory, with their binding requirements.
    pub sizes: Option<Sizes>,
    /// Engines chosen for components that leave theirs open.
    pub engines: Engines,
    /// Plan mismatches: values of the plan file that the design has no variable for or does not
    /// allow.
    pub plan_mismatches: Vec<PlanMismatch>,
    /// The reason why the plan file cannot be used.
    pub unusable: Option<String>,
}

impl Filled {
    /// The design's model at given endpoints of its intervals, filled with the same values.
    #[must_use]
    pub fn model_at(&self, design: &Design, ends: &Ends) -> Model {
        let mut model = self.design(design).model_at(ends);
        self.put(&mut model);
        model
    }

    /// The design with its engines.
    #[must_use]
    pub fn design<'a>(&self, design: &'a Design) -> Cow<'a, Design> {
        if self.engines.is_empty() { Cow::Borrowed(design) } else { Cow::Owned(design.with_engines(&self.engines)) }
    }

    /// Like `model`, but only if each value is in the range of its attribute there.
    #[must_use]
    pub fn sound_at(&self, design: &Design, ends: &Ends) -> Option<Model> {
        let mut sink = Sink::default();
        let design = self.design(design);
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

    /// Plan mismatches as warnings, each at its component.
    #[must_use]
    pub fn warnings(&self, model: &Model, file: &str) -> Vec<Diagnostic> {
        let top = Span::new(FileId(0), 0, 0);
        let help = format!("it is left out, and solved in memory; `archc size {file}` writes the plan anew");
        let plan_mismatches = self.plan_mismatches.iter().map(|m| {
            let c = m.of.map(|id| model.component(id));
            let at = c.and_then(|c| c.attrs.peek(&m.attribute)?.span.or(Some(c.span))).or(c.map(|c| c.span));
            (at.unwrap_or(top), format!("the plan no longer fits: {}", m.why))
        });
        let unusable = self.unusable.iter().map(|why| (top, why.clone()));
        plan_mismatches
            .chain(unusable)
            .map(|(at, why)| Diagnostic::warning("ARC566", at, why).help(help.clone()))
            .collect()
    }

    /// The requirements that contradict each other, if no plan is feasible.
    #[must_use]
    pub fn conflict(&self) -> &[String] {
        self.sizes.as_ref().filter(|s| s.status == Status::Infeasible).map_or(&[], |s| &s.conflict)
    }
}

/// Fills the variables of a design's model, at a multiple of its load.
#[must_use]
pub fn fill(design: &Design, model: &mut Model, load: f64) -> Filled {
    let mut out = Filled::default();
    match &design.plan {
        Some(Ok(plan)) => {
            out.plan.clone_from(&plan.choices);
            planned_engines(model, &mut out);
            if !out.engines.is_empty() {
                *model = out.design(design).model_at(&Ends::new());
            }
            out.plan_mismatches = model.plan_mismatches(&out.plan);
            model.fill(&out.plan, &Origin::Plan);
        }
        Some(Err(e)) => out.unusable = Some(e.clone()),
        None => {}
    }
    let asked = SizingInputs { robust: design.robust(), ..SizingInputs::at(load) };
    match choose(&out.design(design), model, &asked, false) {
        Some(Found::Chosen(chosen)) => {
            let (with, engines, sizes) = *chosen;
            out.engines.extend(engines);
            *model = with.model_at(&Ends::new());
            model.fill(&out.plan, &Origin::Plan);
            model.fill(&sizes.choices, &Origin::Solved);
            out.sizes = Some(sizes);
            return out;
        }
        // The engine stays open, and every number that depends on it is unknown.
        Some(Found::Unsolved(_) | Found::Infeasible(_)) | None => {}
    }
    if model.has_holes() {
        let sizes = solve(&out.design(design), model, &out.plan, load, false);
        model.fill(&sizes.choices, &Origin::Solved);
        out.sizes = Some(sizes);
    }
    out
}

/// Removes the engines from a plan's values and returns those that the variables allow.
fn planned_engines(model: &Model, out: &mut Filled) {
    for c in model.components.iter().filter(|c| !c.engine_hole.is_empty()) {
        let Some(choice) = out.plan.get_mut(&c.name) else { continue };
        if let Some(Chosen::Name(engine)) = choice.get("engine")
            && c.engine_hole.contains(engine)
        {
            out.engines.insert(c.name.clone(), engine.clone());
            choice.remove("engine");
        }
    }
}

/// Solves the open variables of a model with given values fixed, with the method of its plan. `why`
/// adds the binding requirements.
#[must_use]
pub fn solve(design: &Design, model: &Model, given: &Choices, load: f64, why: bool) -> Sizes {
    let asked = SizingInputs { given: given.clone(), robust: design.robust(), ..SizingInputs::at(load) };
    sized(design, model, &asked, why, false).1.sizes
}
