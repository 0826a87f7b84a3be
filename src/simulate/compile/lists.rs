//! Steps as lists of operations.
//!
//! In: steps of a flow. Out: operations, branches, arms. Never: what a call meets.

use super::super::program::{Arm, Branch, Op};
use super::stations::whole;
use super::{Compiler, NONE, Place, Rest, next};
use crate::model::keys;
use crate::model::{Call, CompId, Reason, ReasonKind, Step};

/// Branches of one `parallel` at most.
const MOST_BRANCHES: f64 = 1e5;

impl<'a> Compiler<'a> {
    /// Writes the lists that are still to be written.
    pub(super) fn finish(&mut self) -> Result<(), Reason> {
        while let Some(rest) = self.rest.pop() {
            match rest {
                Rest::Body(call, owner, steps) => {
                    let at = self.list(owner, steps)?;
                    if let Some(c) = self.out.calls.get_mut(call as usize) {
                        c.body = at;
                    }
                }
                Rest::Branch(branch, owner, step) => {
                    let at = self.list(owner, std::slice::from_ref(step))?;
                    self.place(Place::Branch(branch), at);
                }
                Rest::Once(place, owner, call) => {
                    let at = next(&self.out.ops);
                    self.once(owner, call)?;
                    self.op(Op::End)?;
                    self.place(place, at);
                }
            }
        }
        Ok(())
    }

    pub(super) fn place(&mut self, place: Place, at: u32) {
        match place {
            Place::Branch(i) => {
                if let Some(b) = self.out.branches.get_mut(i as usize) {
                    b.at = at;
                }
            }
            Place::Repeat(i) => {
                if let Some(Op::Repeat { body, .. }) = self.out.ops.get_mut(i as usize) {
                    *body = at;
                }
            }
        }
    }

    /// Writes a list; returns its start.
    pub(super) fn list(&mut self, owner: CompId, steps: &'a [Step]) -> Result<u32, Reason> {
        let at = next(&self.out.ops);
        self.steps(owner, steps)?;
        self.op(Op::End)?;
        Ok(at)
    }

    pub(super) fn steps(&mut self, owner: CompId, steps: &'a [Step]) -> Result<(), Reason> {
        for step in steps {
            match step {
                Step::Call(call) => self.call(owner, call)?,
                Step::Parallel(inner) => self.parallel(owner, inner)?,
                Step::Choose(arms) => self.choose(owner, arms)?,
            }
        }
        Ok(())
    }

    pub(super) fn parallel(&mut self, owner: CompId, inner: &'a [Step]) -> Result<(), Reason> {
        let first = next(&self.out.branches);
        let mut all = 0.0;
        for step in inner {
            let branch = next(&self.out.branches);
            let mut times = 1.0;
            match step {
                Step::Call(call) if call.share >= 1.0 && (call.times - 1.0).abs() > f64::EPSILON && !batched(call) => {
                    times = call.times;
                    self.rest.push(Rest::Once(Place::Branch(branch), owner, call));
                }
                other => self.rest.push(Rest::Branch(branch, owner, other)),
            }
            all += times;
            if all > MOST_BRANCHES {
                let why = format!("more than {MOST_BRANCHES} calls at once are not simulated");
                return Err(Reason::new(ReasonKind::TooLarge, why));
            }
            self.out.branches.push(Branch { at: NONE, times });
        }
        let count = next(&self.out.branches) - first;
        self.op(Op::Fork { first, count })?;
        Ok(())
    }

    pub(super) fn choose(&mut self, owner: CompId, arms: &'a [(f64, Vec<Step>)]) -> Result<(), Reason> {
        let (first, count) = (next(&self.out.arms), next(arms));
        let mut upto = 0.0;
        for (share, _) in arms {
            upto += share;
            self.out.arms.push(Arm { upto, at: NONE });
        }
        self.op(Op::Choose { first, count })?;
        // Less than the whole: nothing happens for the rest.
        let mut ends = vec![self.op(Op::Jump(NONE))?];
        for (i, (_, steps)) in arms.iter().enumerate() {
            let at = next(&self.out.ops);
            if let Some(arm) = self.out.arms.get_mut(first as usize + i) {
                arm.at = at;
            }
            self.steps(owner, steps)?;
            ends.push(self.op(Op::Jump(NONE))?);
        }
        let end = next(&self.out.ops);
        for e in ends {
            self.patch(e, Op::Jump(end));
        }
        Ok(())
    }

    pub(super) fn call(&mut self, owner: CompId, call: &'a Call) -> Result<(), Reason> {
        if !call.happens() {
            return Ok(());
        }
        let maybe = if call.share < 1.0 { Some(self.op(Op::End)?) } else { None };
        let batch = call.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid).max(1.0);
        let every = if batch > 1.0 { Some(self.op(Op::End)?) } else { None };
        if (call.times - 1.0).abs() > f64::EPSILON {
            let at = self.op(Op::Repeat { body: NONE, times: call.times })?;
            self.rest.push(Rest::Once(Place::Repeat(at), owner, call));
        } else {
            self.once(owner, call)?;
        }
        let skip = next(&self.out.ops);
        if let Some(at) = maybe {
            self.patch(at, Op::Maybe { probability: call.share, skip });
        }
        if let Some(at) = every {
            let counter = next(&self.out.counters);
            self.out.counters.push(whole(self.model.component(owner), batch, 1e9, "requests of a batch")?);
            self.patch(at, Op::Every { counter, skip });
        }
        Ok(())
    }

    /// One call with what follows a miss or a failure.
    pub(super) fn once(&mut self, owner: CompId, call: &'a Call) -> Result<(), Reason> {
        let index = self.make(owner, call)?;
        let at = self.op(Op::End)?;
        let (mut miss, mut fail) = (NONE, NONE);
        let mut ends = Vec::new();
        if !call.is_async && (!call.on_miss.is_empty() || !call.fallback.is_empty()) {
            ends.push(self.op(Op::Jump(NONE))?);
            if !call.on_miss.is_empty() {
                miss = next(&self.out.ops);
                self.steps(owner, &call.on_miss)?;
                ends.push(self.op(Op::Jump(NONE))?);
            }
            if !call.fallback.is_empty() {
                fail = next(&self.out.ops);
                self.steps(owner, &call.fallback)?;
                ends.push(self.op(Op::Jump(NONE))?);
            }
        }
        let end = next(&self.out.ops);
        for e in ends {
            self.patch(e, Op::Jump(end));
        }
        self.patch(at, Op::Call { call: index, miss, fail });
        Ok(())
    }
}

/// Whether only every so many-th call is made.
fn batched(call: &Call) -> bool {
    call.attrs.read(keys::BATCH).is_some_and(|b| b.mid > 1.0)
}
