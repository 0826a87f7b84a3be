//! The one walk over the calls of a flow.
//!
//! In: steps, who performs them. Out: a visit of every call, in the order of the text, with its
//! caller and with what the calls around it hand down. Never: a decision about a call.

use super::{Call, CompId, Step};

impl Step {
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
            match step {
                Self::Call(call) => {
                    let below = visit(caller, call, above);
                    Self::descend(call.target, &call.body, &below, visit);
                    Self::descend(caller, &call.on_miss, above, visit);
                    Self::descend(caller, &call.fallback, above, visit);
                }
                Self::Parallel(inner) => Self::descend(caller, inner, above, visit),
                Self::Choose(arms) => arms.iter().for_each(|(_, inner)| Self::descend(caller, inner, above, visit)),
            }
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
            match step {
                Self::Call(call) => {
                    visit(call);
                    Self::walk_mut(&mut call.body, visit);
                    Self::walk_mut(&mut call.on_miss, visit);
                    Self::walk_mut(&mut call.fallback, visit);
                }
                Self::Parallel(inner) => Self::walk_mut(inner, visit),
                Self::Choose(arms) => arms.iter_mut().for_each(|(_, inner)| Self::walk_mut(inner, visit)),
            }
        }
    }
}
