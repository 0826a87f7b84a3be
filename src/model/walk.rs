//! Walks over the steps of a flow.
//!
//! In: steps, who performs them. Out: the parts of a step whatever its kind; a visit of every call,
//! in the order of the text, with its caller and with what the calls around it hand down. Never: a
//! decision about a call.

use super::{Call, CompId, Step};

impl Step {
    /// The call, if the step is one.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Call(call) => Some(call),
            Self::Parallel(_) | Self::Choose(_) => None,
        }
    }

    /// The blocks of steps of a step that is no call, each with its probability.
    pub fn blocks(&self) -> impl Iterator<Item = (f64, &[Self])> {
        let (whole, arms) = match self {
            Self::Call(_) => (None, [].as_slice()),
            Self::Parallel(inner) => (Some(inner.as_slice()), [].as_slice()),
            Self::Choose(arms) => (None, arms.as_slice()),
        };
        whole.map(|inner| (1.0, inner)).into_iter().chain(arms.iter().map(|(share, inner)| (*share, inner.as_slice())))
    }

    /// All blocks of steps inside a step, those of a call included.
    pub fn inner_mut(&mut self) -> Vec<&mut Vec<Self>> {
        match self {
            Self::Call(call) => vec![&mut call.body, &mut call.on_miss, &mut call.fallback],
            Self::Parallel(inner) => vec![inner],
            Self::Choose(arms) => arms.iter_mut().map(|(_, inner)| inner).collect(),
        }
    }

    /// Visits every call, those of blocks, misses and fallbacks included, in the order of the text.
    ///
    /// `visit` gets the caller, the call and the state above it, and gives the state for the calls
    /// that the callee makes. The caller's calls on a miss or an error keep the state above.
    pub fn descend<'a, S>(
        caller: CompId,
        steps: &'a [Step],
        above: &S,
        visit: &mut dyn FnMut(CompId, &'a Call, &S) -> S,
    ) {
        for step in steps {
            if let Some(call) = step.call() {
                let below = visit(caller, call, above);
                Self::descend(call.target, &call.body, &below, visit);
                Self::descend(caller, &call.on_miss, above, visit);
                Self::descend(caller, &call.fallback, above, visit);
            }
            step.blocks().for_each(|(_, inner)| Self::descend(caller, inner, above, visit));
        }
    }

    /// Visits every call, in the order of the text.
    pub fn walk<'a>(steps: &'a [Step], visit: &mut dyn FnMut(&'a Call)) {
        // Who calls does not matter here.
        Self::descend(CompId(0), steps, &(), &mut |_, call, ()| visit(call));
    }

    /// Visits every call to change it, in the order of the text.
    pub fn walk_mut(steps: &mut [Step], visit: &mut dyn FnMut(&mut Call)) {
        for step in steps {
            if let Self::Call(call) = step {
                visit(call);
            }
            step.inner_mut().into_iter().for_each(|inner| Self::walk_mut(inner, visit));
        }
    }
}
