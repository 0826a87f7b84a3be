//! The targets of a flow in a case with a choice.
//!
//! In: a case with its current choice. Out: the violation of a flow's targets, or the message of the one it misses.
//! A percentile is compared by the probability beyond its bound (one inversion of the transform); within a
//! millionth the quantile itself decides, as in `check`. Never: another choice.

use super::cases::Case;
use super::flow_values::{FlowKey, FlowValues, Formula, constrains, is_latency};
use crate::analysis::{
    Facts, Known, Measure, Station, Timed, demand, lag_of, latency_of, met, percentile, station, value,
};
use crate::kinds::MetricType;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, FlowId, Slo, Step};

/// A load so small that nothing queues.
const QUIET: f64 = 1e-9;
/// If the tail is closer to its limit than this share, the quantile decides.
const NEAR: f64 = 1e-6;
/// The least violation of a missed target.
const MISSED: f64 = 1e-12;

impl Case {
    /// Targets of a flow that depend on sizes.
    pub fn targets(&self, flow: usize) -> Vec<Slo> {
        let all = self.model.flows.get(flow).map(|f| f.slo.clone()).unwrap_or_default();
        all.into_iter().filter(constrains).collect()
    }

    /// Violation of a flow's targets, from -1; positive if one is missed. Unknown values are not missed. With
    /// `first`, any missed target will do.
    pub fn violation(&mut self, flow: usize, first: bool) -> f64 {
        if self.together {
            return self.violation_settled(flow);
        }
        let mut worst: f64 = -1.0;
        let mut targets = self.targets(flow);
        // Latencies are the slowest to compute.
        targets.sort_by_key(is_latency);
        let (key, mut values) = self.values_of(flow);
        for slo in targets {
            if first && worst > 0.0 {
                break;
            }
            if let Some(p) = percentile(slo.metric.name) {
                let (time, _) = values.time.get_or_insert_with(|| self.latency(flow));
                if let Timed::Known(d) = time {
                    let tail = d.survival(slo.target) / (1.0 - p) - 1.0;
                    if tail.abs() > NEAR {
                        worst = worst.max(tail);
                        continue;
                    }
                }
            }
            if let Some(measure) = self.measure(flow, &slo, &mut values) {
                worst = worst.max(beyond(&slo, &measure));
            }
        }
        self.flow_values.insert(key, values);
        worst
    }

    /// Message of the first target that a flow misses. Unknown values are not missed.
    pub fn misses(&mut self, flow: usize) -> Option<String> {
        if self.together {
            return self.misses_settled(flow);
        }
        let (key, mut values) = self.values_of(flow);
        let missed = self.targets(flow).into_iter().find_map(|slo| {
            let measure = self.measure(flow, &slo, &mut values)?;
            self.missed(flow, &slo, &measure)
        });
        self.flow_values.insert(key, values);
        missed
    }

    /// The stored values of a flow with the current options, with their key.
    fn values_of(&mut self, flow: usize) -> (FlowKey, FlowValues) {
        if !self.depends.contains_key(&flow) {
            let all = (0..self.model.components.len()).filter(|i| self.asks(flow, CompId(*i))).collect();
            self.depends.insert(flow, all);
        }
        let on = self.depends.get(&flow).into_iter().flatten();
        let key = (flow, on.map(|i| self.now.get(*i).copied().flatten()).collect());
        let values = self.flow_values.remove(&key).unwrap_or_default();
        (key, values)
    }

    fn latency(&self, flow: usize) -> (Timed, Known) {
        latency_of(&self.model, &self.demand.hits, FlowId(flow), &self.stations_now, &self.policies)
    }

    /// The value of a target's metric; `None` if it does not apply.
    fn measure(&mut self, flow: usize, slo: &Slo, values: &mut FlowValues) -> Option<Measure> {
        if slo.metric.name == "lag" {
            let lag = values.lag.get_or_insert_with(|| {
                let lag = lag_of(&self.model, &self.demand, &self.stations_now, &self.policies, FlowId(flow));
                lag.map(|l| l.time.measure("p99")).ok_or(())
            });
            return lag.clone().ok();
        }
        let (time, errors) = values.time.get_or_insert_with(|| self.latency(flow));
        Some(match slo.metric.name {
            "errors" => Measure::from(&*errors),
            "availability" => {
                let errors = errors.clone();
                let up = values.up.get_or_insert_with(|| self.availability(flow));
                Measure::from(&up.clone().and_then(|a| errors.map(|e| a * (1.0 - e))))
            }
            name => time.measure(name),
        })
    }

    /// The availability of a flow. Its formula is stored while it stays the same.
    fn availability(&mut self, flow: usize) -> Known {
        let f = self
            .model
            .flows
            .get(flow)
            .ok_or_else(|| Reason::new(ReasonKind::NotApplicable, "there is no such flow"))?;
        let mut asked = vec![f.origin];
        Step::walk(&f.steps, &mut |call| asked.push(call.target));
        let of = asked.into_iter().map(|id| {
            let up = self.ups_now.ups.get(id.0);
            let hard = |write: bool| up.is_some_and(|u| u.as_ref().is_ok_and(|u| u.is_hard(write)));
            let guards = self.ups_now.guards.get(&id).cloned().unwrap_or_default();
            (hard(false), hard(true), guards, up.is_some_and(Result::is_ok))
        });
        let (mut now, mut sure) = (Vec::new(), true);
        for (reads, writes, guards, known) in of {
            sure &= known && guards.iter().all(|g| self.ups_now.ups.get(g.0).is_some_and(Result::is_ok));
            now.push((reads, writes, guards));
        }
        if !sure {
            return self.ups_now.availability(&self.model, f);
        }
        if self.forms.get(&flow).is_none_or(|kept| kept.of != now) {
            let form = self.ups_now.form(&self.model, f);
            self.forms.insert(flow, Formula { of: now, form });
        }
        let form = self
            .forms
            .get(&flow)
            .map(|kept| kept.form.as_ref())
            .ok_or_else(|| Reason::new(ReasonKind::NotApplicable, "there is no formula"))?;
        let form = form.map_err(Clone::clone)?;
        Ok(self.ups_now.zones.mean(|s| form.probability(&|v| self.ups_now.at(v, s))))
    }

    /// Evaluates the current choice as a whole.
    fn settle_now(&mut self) {
        if self.settled.as_ref().is_none_or(|(of, _)| *of != self.now) {
            self.settled = Some((self.now.clone(), Facts::works(&self.model, self.load)));
        }
    }

    /// The first overloaded component that a flow calls, with its utilization.
    fn over(&self, flow: usize) -> Option<(CompId, f64)> {
        let (_, facts) = self.settled.as_ref()?;
        let hops = facts.demand.flows.get(flow).into_iter().flat_map(|f| &f.hops);
        let used = hops.filter_map(|h| Some((h.to, facts.utilization.get(h.to.0)?)));
        let known = used.filter_map(|(id, u)| Some((id, *u.utilization.as_ref().ok()?)));
        known.into_iter().find(|(_, x)| !(*x < self.bound.0 || self.bound.1 && *x <= self.bound.0 + 1e-9))
    }

    /// Whether a flow fails by too many connections: larger sizes do not help.
    pub fn crowded(&self, flow: usize) -> bool {
        let binding = |id: CompId| Some(self.settled.as_ref()?.1.utilization.get(id.0)?.binding);
        self.together && self.over(flow).is_some_and(|(id, _)| binding(id) == Some(Some("connections")))
    }

    fn violation_settled(&mut self, flow: usize) -> f64 {
        self.settle_now();
        if let Some((_, x)) = self.over(flow) {
            return (x / self.bound.0.max(1e-9) - 1.0).max(MISSED);
        }
        let Some((_, facts)) = self.settled.as_ref() else { return -1.0 };
        let all = self.targets(flow);
        all.iter().map(|slo| beyond(slo, &value(facts, flow, slo))).fold(-1.0, f64::max)
    }

    fn misses_settled(&mut self, flow: usize) -> Option<String> {
        self.settle_now();
        let (_, facts) = self.settled.as_ref()?;
        if let Some((id, x)) = self.over(flow) {
            let of = facts.utilization.get(id.0).and_then(|u| u.binding).unwrap_or("capacity");
            let (name, at) = (&self.model.component(id).name, crate::units::show_ratio(x));
            return Some(format!("the {of} of `{name}` would be at {at} under the whole load{}", self.what));
        }
        self.targets(flow).iter().find_map(|slo| self.missed(flow, slo, &value(facts, flow, slo)))
    }

    /// Message of a missed target.
    fn missed(&self, flow: usize, slo: &Slo, value: &Measure) -> Option<String> {
        if met(slo, value) != Some(false) {
            return None;
        }
        let (name, f) = (slo.metric.name, self.model.flows.get(flow)?);
        Some(match value {
            Measure::Known(x) => {
                let (is, asked) = (shown(slo, *x), shown(slo, slo.target));
                // Values that print the same are distinguished.
                let just = match slo.metric.ty {
                    _ if is != asked => "",
                    MetricType::RatioAtLeast => "just under ",
                    _ => "just over ",
                };
                format!("{name} of flow `{}` would be {just}{is}{} (target: {asked})", f.name, self.what)
            }
            _ => format!("{name} of flow `{}` would have no bound{}", f.name, self.what),
        })
    }

    /// Message of the first latency target that a flow misses even without queues: network and service alone.
    pub fn without_queues(&self, flow: usize) -> Option<String> {
        let quiet = demand(&self.model, QUIET);
        let stations: Vec<Station> = self.model.all().map(|(id, _)| station(&self.model, &quiet, id, None)).collect();
        let (time, _) = latency_of(&self.model, &quiet.hits, FlowId(flow), &stations, &self.policies);
        let nothing: Vec<Station> = self.model.all().map(|_| Station::none()).collect();
        let (network, _) = latency_of(&self.model, &quiet.hits, FlowId(flow), &nothing, &self.policies);
        self.targets(flow).iter().filter(|s| is_latency(s)).find_map(|slo| {
            let Measure::Known(least) = time.measure(slo.metric.name) else { return None };
            if least <= slo.target {
                return None;
            }
            let trips = match network.measure(slo.metric.name) {
                Measure::Known(x) if x > 0.0 => format!(" ({} of it network and waits)", shown(slo, x)),
                _ => String::new(),
            };
            Some(format!("; network and service alone, without any queue, take {}{trips}", shown(slo, least)))
        })
    }
}

/// Violation of a target by a value, as a share of the bound; positive if and only if it is missed.
fn beyond(slo: &Slo, measure: &Measure) -> f64 {
    let share = match measure {
        Measure::Known(x) if slo.metric.ty == MetricType::RatioAtLeast => {
            (1.0 - x) / (1.0 - slo.target).max(1e-12) - 1.0
        }
        Measure::Known(x) => x / slo.target.max(1e-12) - 1.0,
        Measure::Unbounded(_) => f64::INFINITY,
        Measure::Unknown(_) => -1.0,
    };
    if met(slo, measure) == Some(false) { share.max(MISSED) } else { share.clamp(-1.0, 0.0) }
}

fn shown(slo: &Slo, x: f64) -> String {
    match slo.metric.ty {
        MetricType::Time => crate::units::show_time(x),
        MetricType::RatioAtMost => crate::units::show_ratio(x),
        _ => crate::units::show_nines(x),
    }
}
