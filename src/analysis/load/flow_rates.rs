//! Rates of flows: set, of a timer, or of what is published to a queue.
//!
//! In: `rate`, `volume`, `every`, windows, the visits of each hop. Out: starts per second of each
//! flow at the peak, on average and in each window. Never: the rate of a component.

use crate::analysis::ground::known::Known;
use crate::analysis::load::hops::Hop;
use crate::analysis::load::periods;
use crate::analysis::load::traffic::{TrafficError, solve};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Subject;
use crate::model::keys;
use crate::model::{CompId, FlowId, Model};
use crate::units::significant;
use std::collections::BTreeMap;

/// Rate at the peak, mean rate, source of the rate.
pub(in crate::analysis) type FlowRate = (Known, Known, String);

/// Rates of all flows, and the flows that do not run, at the peak and in each window.
pub(in crate::analysis) struct Rates {
    pub peak: (Vec<FlowRate>, Vec<bool>),
    pub off_peak: Vec<(Vec<FlowRate>, Vec<bool>)>,
    pub unbounded: Option<Vec<FlowId>>,
}

/// Rates of all flows: set by the flow, by a timer, or equal to the publish rate of the queue.
pub(in crate::analysis) fn flow_rates(model: &Model, hops: &[Vec<Hop>], load: f64) -> Rates {
    let ptm = model.system.peak_to_mean;
    let consumers = |queue: CompId| {
        model
            .flows
            .iter()
            .enumerate()
            .filter(move |(_, f)| f.origin == queue && f.rate.is_none() && f.volume.is_none())
            .map(|(i, _)| i)
    };
    let mut own: Vec<(f64, f64)> = Vec::new();
    let mut why: Vec<String> = Vec::new();
    let mut unknown: Vec<Option<Reason>> = Vec::new();
    for flow in &model.flows {
        let origin = model.component(flow.origin);
        let load = load * flow.load;
        let (pair, reason, lack) = match (flow.rate, flow.volume) {
            (Some(r), _) => ((r.mid * load, r.mid * load / ptm), "its `rate`".to_owned(), None),
            (None, Some(v)) => {
                ((v.mid * load * ptm, v.mid * load), format!("its `volume` times peak_to_mean {ptm}"), None)
            }
            (None, None) if origin.kind.facets.buffers => {
                ((0.0, 0.0), format!("what is published to `{}`", origin.name), None)
            }
            (None, None) => match origin.attrs.read(keys::EVERY) {
                Some(t) => ((load / t.mid, load / t.mid), format!("`every` of `{}`", origin.name), None),
                None => {
                    let subject = Subject::Flow(flow.name.clone());
                    let sentence = format!("flow `{}` has no `rate` or `volume`", flow.name);
                    let why = Reason::about(ReasonKind::Missing, subject, Some("rate"), sentence);
                    ((0.0, 0.0), "unknown".to_owned(), Some(why))
                }
            },
        };
        own.push(pair);
        why.push(reason);
        unknown.push(lack);
    }
    let mut gain: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut feeds: Vec<Vec<usize>> = vec![Vec::new(); model.flows.len()];
    for (g, list) in hops.iter().enumerate() {
        let mut out: BTreeMap<usize, f64> = BTreeMap::new();
        for hop in list.iter().filter(|h| model.component(h.to).kind.facets.buffers) {
            for f in consumers(hop.to) {
                match &hop.visits {
                    Ok(v) => *out.entry(f).or_default() += v,
                    Err(e) => {
                        if let Some(slot) = unknown.get_mut(f) {
                            slot.get_or_insert_with(|| e.clone());
                        }
                    }
                }
                if let Some(list) = feeds.get_mut(f) {
                    list.push(g);
                }
            }
        }
        gain.push(out.into_iter().collect());
    }
    // A flow is unknown if a flow that publishes to its queue is unknown.
    for _ in 0..model.flows.len() {
        let mut changed = false;
        for f in 0..model.flows.len() {
            if unknown.get(f).is_some_and(Option::is_some) {
                continue;
            }
            let from = feeds.get(f).into_iter().flatten().find_map(|g| unknown.get(*g).cloned().flatten());
            if let (Some(reason), Some(slot)) = (from, unknown.get_mut(f)) {
                *slot = Some(reason);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let peaks: Vec<f64> = own.iter().map(|(p, _)| *p).collect();
    let means: Vec<f64> = own.iter().map(|(_, m)| *m).collect();
    let ring = |ring: Vec<usize>| {
        let reason = Reason::new(ReasonKind::Overload, "its queues feed each other without bound");
        let all = why.iter().map(|w| (Err(reason.clone()), Err(reason.clone()), w.clone())).collect();
        Rates { peak: (all, Vec::new()), off_peak: Vec::new(), unbounded: Some(ring.into_iter().map(FlowId).collect()) }
    };
    let means = match solve(&means, &gain) {
        Ok(means) => means,
        Err(TrafficError { ring: r }) => return ring(r),
    };
    for (i, slot) in unknown.iter_mut().enumerate() {
        let Some(f) = model.flows.get(i) else { continue };
        let origin = model.component(f.origin);
        let starved = f.rate.is_none() && f.volume.is_none() && origin.kind.facets.buffers;
        if starved && feeds.get(i).is_none_or(Vec::is_empty) {
            slot.get_or_insert_with(|| {
                Reason::of(ReasonKind::NotApplicable, origin, format!("nothing is published to `{}`", origin.name))
            });
        }
    }
    let shown = |peaks: Vec<f64>| -> Vec<FlowRate> {
        let each = peaks.into_iter().zip(&means).zip(&why).zip(&unknown).enumerate();
        each.map(|(f, (((peak, mean), why), lack))| {
            let why = periods::window_speedup(model, f).map_or_else(
                || why.clone(),
                |h| format!("{why}, a day's in its `window`: {} times the mean", significant(h, 3)),
            );
            match lack {
                None => (Ok(peak), Ok(*mean), why),
                Some(e) => (Err(e.clone()), Err(e.clone()), why),
            }
        })
        .collect()
    };
    let periods_of_day = periods::periods_of(model);
    if periods_of_day.is_empty() {
        return match solve(&peaks, &gain) {
            Ok(peaks) => Rates { peak: (shown(peaks), Vec::new()), off_peak: Vec::new(), unbounded: None },
            Err(TrafficError { ring: r }) => ring(r),
        };
    }
    let mut all = Vec::new();
    for period in periods_of_day {
        let (rates, gains) = periods::at(model, &period, &own, &gain, &means);
        match solve(&rates, &gains) {
            Ok(mut rates) => {
                // A flow that does not run now has the rate of its window.
                for (f, (rate, mean)) in rates.iter_mut().zip(&means).enumerate() {
                    if let Some(window_speedup) =
                        periods::window_speedup(model, f).filter(|_| period.idle.get(f) == Some(&true))
                    {
                        *rate = mean * window_speedup;
                    }
                }
                all.push((shown(rates), period.idle));
            }
            Err(TrafficError { ring: r }) => return ring(r),
        }
    }
    let off_peak = all.split_off(1);
    Rates { peak: all.pop().unwrap_or_default(), off_peak, unbounded: None }
}
