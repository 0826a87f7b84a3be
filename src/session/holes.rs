//! Holes: values from the plan file, and for what it leaves open from sizing in memory.
//!
//! In: a design, its model. Out: the model filled, and where each value is from.

use super::Design;
use super::asked::Asked;
use super::engines::{Engines, Found, choose};
use super::uncertain::sized;
use crate::base::{FileId, Span};
use crate::diag::{Diagnostic, Sink};
use crate::model::{Choices, Chosen, Ends, Misfit, Model, Origin};
use crate::sizing::{Sizes, Status};
use std::borrow::Cow;

/// What the holes of a design are filled with.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// Values of the plan file.
    pub plan: Choices,
    /// Values solved in memory, with why.
    pub sizes: Option<Sizes>,
    /// Engines in the place of those that are open.
    pub engines: Engines,
    /// What the plan file says that the design no longer has, or does not allow.
    pub misfits: Vec<Misfit>,
    /// Why the plan file cannot be used at all.
    pub unusable: Option<String>,
}

impl Filled {
    /// The design's model at given ends of its intervals, filled alike.
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

    /// The same, if its values are sound there: within what each attribute may be.
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

    /// What its plan has no place for in the design, each as a warning where it belongs.
    #[must_use]
    pub fn warnings(&self, model: &Model, file: &str) -> Vec<Diagnostic> {
        let top = Span::new(FileId(0), 0, 0);
        let help = format!("it is left out, and solved in memory; `archc size {file}` writes the plan anew");
        let misfits = self.misfits.iter().map(|m| {
            let c = m.of.map(|id| model.component(id));
            let at = c.and_then(|c| c.attrs.peek(&m.attribute)?.span.or(Some(c.span))).or(c.map(|c| c.span));
            (at.unwrap_or(top), format!("the plan no longer fits: {}", m.why))
        });
        let unusable = self.unusable.iter().map(|why| (top, why.clone()));
        misfits.chain(unusable).map(|(at, why)| Diagnostic::warning("ARC566", at, why).help(help.clone())).collect()
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
            out.plan.clone_from(&plan.choices);
            planned_engines(model, &mut out);
            if !out.engines.is_empty() {
                *model = out.design(design).model_at(&Ends::new());
            }
            out.misfits = model.misfits(&out.plan);
            model.fill(&out.plan, &Origin::Plan);
        }
        Some(Err(e)) => out.unusable = Some(e.clone()),
        None => {}
    }
    let asked = Asked { robust: design.robust(), ..Asked::at(load) };
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
        // Which engine it is stays open, and what depends on it is unknown.
        Some(Found::Unsolved(_) | Found::Infeasible(_)) | None => {}
    }
    if model.has_holes() {
        let sizes = solve(&out.design(design), model, &out.plan, load, false);
        model.fill(&sizes.choices, &Origin::Solved);
        out.sizes = Some(sizes);
    }
    out
}

/// Takes the engines out of a plan's values, those that the holes allow.
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

/// Solves what is open in a model of a design, given values being kept, as its plan was made; `why`
/// asks for what binds.
#[must_use]
pub fn solve(design: &Design, model: &Model, given: &Choices, load: f64, why: bool) -> Sizes {
    let asked = Asked { given: given.clone(), robust: design.robust(), ..Asked::at(load) };
    sized(design, model, &asked, why, false).1.sizes
}
