//! How a flow starts: its rate, its consumers, the work of a service that starts it.
//!
//! In: a flow. Out: its arrivals, its group of consumers. Never: a step.

use super::super::program::{Arrivals, Call as CallOp, Choice, Copies, Group, NONE, OnFailure};
use super::stations::{cpu, wait, whole};
use super::{Compiler, next};
use crate::kinds::Serve;
use crate::model::keys::{self, Key, Number};
use crate::model::{Attrs, CompId, Component, Flow, Reason, ReasonKind, Step, Value};
use crate::resource::{MessageDelivery, MessageOrder};
use crate::units::DAY;

/// Deliveries of a message whose work fails, unless the queue delivers at most once.
const DELIVERIES: u32 = 3;

impl Compiler<'_> {
    /// How often a flow starts at the peak.
    pub(super) fn rate(&self, flow: &Flow) -> Result<Arrivals, Reason> {
        let (model, load) = (self.model, self.load * flow.load);
        let origin = model.component(flow.origin);
        let ptm = model.system.peak_to_mean;
        let peak = flow.rate.map(|r| r.mid).or_else(|| flow.volume.map(|v| v.mid * ptm));
        if let Some(Value::Window(from, to)) = flow.attrs.attr(keys::WINDOW).map(|a| &a.value) {
            let (opening, closing) = (f64::from(*from) * 60.0, f64::from(*to) * 60.0);
            let length = Some((closing - opening).rem_euclid(DAY)).filter(|l| *l > 0.0).unwrap_or(DAY);
            let why = |text: &str| {
                Err(Reason::of_flow(ReasonKind::NotApplicable, &flow.name, format!("flow `{}` {text}", flow.name)))
            };
            if (model.system.peak_hour - opening).rem_euclid(DAY) >= length {
                return why("has a `window` that is not at the peak, which is what is simulated");
            }
            return match peak {
                Some(p) => Ok(Arrivals::Poisson(p / ptm * DAY / length * load)),
                None => why("takes the messages of a day in a `window`, which is not simulated yet"),
            };
        }
        if let Some(p) = peak {
            return Ok(Arrivals::Poisson(p * load));
        }
        if origin.kind.facets.buffers {
            return Ok(Arrivals::Messages);
        }
        if let Some(every) = origin.attrs.read(keys::EVERY) {
            return Ok(Arrivals::Every(every.mid / load));
        }
        if origin.attrs.attr(keys::AT).is_some() {
            let why = format!("flow `{}` runs once a day, which a run at the peak does not show", flow.name);
            return Err(Reason::of_flow(ReasonKind::NotApplicable, &flow.name, why));
        }
        let why = format!("flow `{}` has no `rate` or `volume`", flow.name);
        Err(Reason::about(ReasonKind::Missing, crate::model::Subject::Flow(flow.name.clone()), Some("rate"), why))
    }

    /// The consumers of a flow that starts at a queue.
    pub(super) fn group(&mut self, flow: &Flow, number: u32) -> Result<u32, Reason> {
        let why = |text: String| Reason::of_flow(ReasonKind::NotModelled, &flow.name, text);
        let [Step::Call(call)] = flow.steps.as_slice() else {
            return Err(why(format!("flow `{}` does not start with one call of who takes its messages", flow.name)));
        };
        let c = self.model.component(call.target);
        if c.kind.facets.serve != Some(Serve::Processes) || c.is_provided() {
            return Err(why(format!("how many messages `{}` takes at once is not known", c.name)));
        }
        let queue = self.model.component(flow.origin);
        let replicas = whole(c, c.replicas_left(&self.model.system)?, 1e5, "replicas")?.max(1);
        let cores = (c.processor(&self.model.system)?.cores - 1e-9).ceil().max(1.0);
        let each = c.attrs.read(keys::THREADS).map_or(cores, |n| n.mid);
        let mut slots = replicas * whole(c, each, 1e5, "slots")?.max(1);
        let order = queue.attrs.read(keys::ORDERING).and_then(MessageOrder::of).unwrap_or_default();
        let number_of = |key: Key<Number>| queue.attrs.read(key).map(|n| n.mid);
        let mut partitions = 0;
        if order == MessageOrder::Total {
            (slots, partitions) = (1, 1);
        } else if flow.attrs.read(keys::PARALLEL) != Some(true) {
            match number_of(keys::PARTITIONS) {
                Some(n) => {
                    partitions = whole(queue, n, 1e6, "partitions")?.max(1);
                    slots = slots.min(partitions);
                }
                None if order == MessageOrder::Key || queue.attrs.hole_at(keys::PARTITIONS).is_some() => {
                    return Err(Reason::missing(queue, "partitions"));
                }
                None => {}
            }
        }
        let batch = whole(c, flow.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid), 1e6, "messages")?.max(1);
        // At least once: again a few times, then to the dead letters.
        let once = queue.attrs.read(keys::DELIVERY) == Some(MessageDelivery::AtMostOnce);
        let deliveries = if once { 1 } else { DELIVERIES };
        self.out.groups.push(Group { flow: number, slots, partitions, batch, deliveries });
        let group = next(&self.out.groups) - 1;
        if flow.rate.is_none() && flow.volume.is_none() {
            self.groups.push((group, flow.origin));
        }
        Ok(group)
    }

    /// The work of a service on a flow that it starts itself.
    pub(super) fn own_work(&mut self, id: CompId, c: &Component, op: &str) -> Result<u32, Reason> {
        let (target, _) = self.station(id)?;
        let none = Attrs::default();
        let (cpu, wait) = (cpu(self.model, c, op, &none)?, wait(self.model, c, op, &none)?);
        self.out.calls.push(CallOp {
            caller: target,
            target,
            pair: self.out.pairs,
            half_trip: 0.0,
            cpu,
            wait,
            slow: c.slow,
            is_async: false,
            choice: Choice::Random,
            copies: Copies::Any,
            between: 0.0,
            policy: NONE,
            absorbs: None,
            looks_up: None,
            body: NONE,
            pool: NONE,
            on_failure: OnFailure::Fails,
            groups: (0, 0),
        });
        self.out.pairs += 1;
        Ok(next(&self.out.calls) - 1)
    }
}
