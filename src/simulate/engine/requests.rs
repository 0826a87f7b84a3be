//! Requests and messages: how flows start and end.
//!
//! In: starts, published messages, ended roots. Out: new roots, counted times. Never: a call.

#![allow(clippy::indexing_slicing)] // all indices are made by this module and by `compile`

use super::super::events::Happening;
use super::super::program::{Arrivals, NONE};
use super::frame::{FREE, Frame, Kind, Result};
use super::{Engine, Todo};

impl Engine<'_> {
    /// The time to the next start of a flow.
    pub(super) fn gap(&mut self, flow: usize) -> Option<f64> {
        match self.program.flows[flow].1.arrivals {
            Arrivals::Poisson(rate) if rate > 0.0 => Some(self.arrivals[flow].exponential() / rate),
            Arrivals::Every(period) => Some(period),
            Arrivals::Poisson(_) | Arrivals::Messages => None,
        }
    }

    pub(super) fn start_after(&mut self, flow: usize, gap: Option<f64>) {
        if let Some(gap) = gap {
            self.events.add(self.now + gap, Happening::Start, u32::try_from(flow).unwrap_or(0));
        }
    }

    pub(super) fn start(&mut self, flow: usize) {
        let gap = self.gap(flow);
        self.start_after(flow, gap);
        let spec = &self.program.flows[flow].1;
        if spec.group != NONE {
            self.publish(spec.group);
            return;
        }
        self.flows[flow].started += 1;
        if let Some(lookup) = spec.absorbs
            && self.finds(lookup, NONE, NONE)
        {
            self.record(flow, 0.0);
            return;
        }
        let index = u32::try_from(flow).unwrap_or(0);
        let who = if spec.users > 0 { self.arrivals[flow].below(spec.users) } else { NONE };
        let root = self.frame(Frame { kind: Kind::Root, at: spec.at, number: self.now, flow: index, who, ..FREE });
        self.in_flow[flow] += 1;
        self.todo.push(Todo::Advance(root));
    }

    pub(super) fn record(&mut self, flow: usize, seconds: f64) {
        self.flows[flow].times.add(seconds);
        // Windows are at most a few thousand.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let at = (self.now / self.window) as usize;
        let series = &mut self.series[flow];
        if series.len() <= at {
            series.resize(at + 1, (0.0, 0.0));
        }
        series[at].0 += seconds;
        series[at].1 += 1.0;
    }

    /// A root has ended.
    pub(super) fn finish(&mut self, root: u32, result: Result) {
        let frame = &self.frames[root as usize];
        let (flow, slot, since) = (frame.flow, frame.slot, frame.number);
        self.in_flow[flow as usize] -= 1;
        self.release(root);
        let spec = &self.program.flows[flow as usize].1;
        if slot == NONE {
            if result == Result::Failure {
                self.flows[flow as usize].failed.add(self.now - since);
            } else {
                self.record(flow as usize, self.now - since);
            }
            return;
        }
        let group = spec.group as usize;
        let taken = std::mem::take(&mut self.consumers[group].taken[slot as usize]);
        let most = self.consumers[group].spec.deliveries;
        for (published, delivered) in taken {
            if result != Result::Failure {
                self.record(flow as usize, self.now - published);
            } else if delivered < most {
                let of = if self.consumers[group].spec.partitions > 0 { slot as usize } else { 0 };
                self.consumers[group].waiting[of].push_front((published, delivered));
            } else {
                self.flows[flow as usize].failed.add(self.now - published);
            }
        }
        self.take_messages(group, slot);
    }

    pub(super) fn publish(&mut self, group: u32) {
        let consumers = &mut self.consumers[group as usize];
        self.flows[consumers.spec.flow as usize].started += 1;
        let partitions = consumers.spec.partitions;
        if partitions > 0 {
            let slot = self.choices.below(partitions) % consumers.spec.slots;
            consumers.waiting[slot as usize].push_back((self.now, 0));
            if let Some(at) = consumers.idle.iter().position(|s| *s == slot) {
                consumers.idle.swap_remove(at);
                self.take_messages(group as usize, slot);
            }
            return;
        }
        consumers.waiting[0].push_back((self.now, 0));
        if !consumers.idle.is_empty() {
            let n = u32::try_from(consumers.idle.len()).unwrap_or(1);
            let slot = consumers.idle.swap_remove(self.choices.below(n) as usize);
            self.take_messages(group as usize, slot);
        }
    }

    /// A slot takes what is there, at most a batch; without messages it is idle.
    pub(super) fn take_messages(&mut self, group: usize, slot: u32) {
        let consumers = &mut self.consumers[group];
        let of = if consumers.spec.partitions > 0 { slot as usize } else { 0 };
        let taken = &mut consumers.taken[slot as usize];
        while taken.len() < consumers.spec.batch as usize {
            let Some((published, delivered)) = consumers.waiting[of].pop_front() else { break };
            taken.push((published, delivered + 1));
        }
        if taken.is_empty() {
            consumers.idle.push(slot);
            return;
        }
        let flow = consumers.spec.flow;
        let at = self.program.flows[flow as usize].1.at;
        let root = self.frame(Frame { kind: Kind::Root, at, number: self.now, flow, slot, ..FREE });
        self.in_flow[flow as usize] += 1;
        self.todo.push(Todo::Advance(root));
    }
}
