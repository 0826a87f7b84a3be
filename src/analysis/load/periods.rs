//! Periods of a day in which a design is evaluated: the peak, and each off-peak window.
//!
//! In: `window` of flows, the system's `profile`. Out: own rates and gains of one period, for the
//! traffic equations. Never: the shape of the day between these periods.
//!
//! A flow with a `window` does the work of a day evenly over the window: its rate is its mean rate
//! times a day over the window's length. That is the lowest rate with which the day's work fits. It
//! does not run at the peak, unless its window contains `peak_hour`. In a window all other flows run
//! at `trough` times their mean. If the window contains `peak_hour`, peak and window are one period,
//! and the other flows run at their peak. A flow with a window publishes inside its window.

use crate::model::keys;
use crate::model::{Flow, Model, Value};
use crate::theory::day::DAY;

/// Hours of a day in which a flow runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Start, in seconds after midnight.
    pub opening: f64,
    /// Length in seconds; a whole day if both ends are the same.
    pub length: f64,
}

impl Window {
    /// The window of a flow, if it has one. If a timer starts the flow inside the window, it opens
    /// then.
    #[must_use]
    pub fn of(model: &Model, flow: &Flow) -> Option<Self> {
        let Value::Window(from, to) = flow.attrs.attr(keys::WINDOW)?.value else { return None };
        let (opening, closing) = (f64::from(from) * 60.0, f64::from(to) * 60.0);
        let length = (closing - opening).rem_euclid(DAY);
        let whole = Self { opening, length: if length > 0.0 { length } else { DAY } };
        let strikes = match model.component(flow.origin).attrs.attr(keys::AT).map(|a| &a.value) {
            Some(Value::Clock(minutes)) => f64::from(*minutes) * 60.0,
            _ => return Some(whole),
        };
        if !whole.holds(strikes) {
            return Some(whole);
        }
        Some(Self { opening: strikes, length: whole.length - (strikes - opening).rem_euclid(DAY) })
    }

    /// Whether a time of the day, in seconds after midnight, is in the window.
    #[must_use]
    pub fn holds(&self, time: f64) -> bool {
        (time - self.opening).rem_euclid(DAY) < self.length
    }

    fn meets(&self, other: &Self) -> bool {
        self.holds(other.opening) || other.holds(self.opening)
    }
}

/// One period: the peak, or a window.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::analysis) struct Period {
    /// Whether a flow has a window and does not run now, by flow.
    pub idle: Vec<bool>,
    /// Rate of flows without a window, over their mean; `None` at the peak.
    trough: Option<f64>,
}

/// The peak first, then every window that does not contain it; empty if no flow has a window.
pub(in crate::analysis) fn periods_of(model: &Model) -> Vec<Period> {
    let windows: Vec<Option<Window>> = model.flows.iter().map(|f| Window::of(model, f)).collect();
    if windows.iter().all(Option::is_none) {
        return Vec::new();
    }
    let peak = model.system.peak_hour;
    let idle = |w: &dyn Fn(&Window) -> bool| windows.iter().map(|x| x.is_some_and(|x| !w(&x))).collect::<Vec<_>>();
    let mut out = vec![Period { idle: idle(&|w| w.holds(peak)), trough: None }];
    for window in windows.iter().flatten().filter(|w| !w.holds(peak)) {
        let period = Period { idle: idle(&|w| w.meets(window)), trough: Some(model.system.trough) };
        if !out.contains(&period) {
            out.push(period);
        }
    }
    out
}

/// Rate of a flow in its window over its mean rate; `None` without a window.
pub(in crate::analysis) fn window_speedup(model: &Model, flow: usize) -> Option<f64> {
    model.flows.get(flow).and_then(|f| Window::of(model, f)).map(|w| DAY / w.length)
}

/// Own rates and gains of a period. `own` holds (peak, mean) by flow, `means` the solved mean rates.
#[allow(clippy::type_complexity)] // what the traffic equations take
pub(in crate::analysis) fn at(
    model: &Model,
    period: &Period,
    own: &[(f64, f64)],
    gain: &[Vec<(usize, f64)>],
    means: &[f64],
) -> (Vec<f64>, Vec<Vec<(usize, f64)>>) {
    let window_speedup: Vec<Option<f64>> = (0..own.len()).map(|f| window_speedup(model, f)).collect();
    let rates = own.iter().enumerate().map(|(f, (peak, mean))| match window_speedup.get(f).copied().flatten() {
        Some(_) if period.idle.get(f) == Some(&true) => 0.0,
        Some(window_speedup) => means.get(f).copied().unwrap_or(0.0) * window_speedup,
        None => match period.trough {
            // A flow with a constant rate keeps it in the trough.
            Some(trough) if peak > mean => mean * trough,
            Some(_) => *mean,
            None => *peak,
        },
    });
    let open = |f: &usize| window_speedup.get(*f).copied().flatten().is_none();
    let gains = gain.iter().map(|list| list.iter().filter(|(f, _)| open(f)).copied().collect());
    (rates.collect(), gains.collect())
}
