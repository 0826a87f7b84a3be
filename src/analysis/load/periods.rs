//! The hours of a day that a design is judged at: the peak, and each window of off-peak work.
//!
//! In: `window` of flows, the system's `profile`. Out: own rates and gains of one hour, for the
//! traffic equations. A flow with a `window` works its day's requests off evenly over it: its rate
//! is its mean times a day over the window's length; that is the least with which the day's work
//! fits. At the peak it does not run, unless its window holds `peak_hour`. In a window all other
//! flows run at `trough` times their mean; if the window holds `peak_hour`, at their peak: then
//! the peak and the window are one hour. What a windowed flow publishes, it publishes in its
//! window. Never: the shape of the day between these hours.

use crate::model::keys;
use crate::model::{Flow, Model, Value};
use crate::theory::day::DAY;

/// Hours of a day in which a flow works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Seconds after midnight.
    pub opening: f64,
    /// Seconds; a whole day where both ends are the same.
    pub length: f64,
}

impl Window {
    /// Of a flow, if it has one. A clock that strikes inside opens it then.
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

    /// Whether a time of the day, seconds, is in it.
    #[must_use]
    pub fn holds(&self, time: f64) -> bool {
        (time - self.opening).rem_euclid(DAY) < self.length
    }

    fn meets(&self, other: &Self) -> bool {
        self.holds(other.opening) || other.holds(self.opening)
    }
}

/// An hour to judge at.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::analysis) struct Hour {
    /// By flow: whether it has a window and does not run now.
    pub idle: Vec<bool>,
    /// What flows without a window run at, over their mean; at their peak where there is none.
    trough: Option<f64>,
}

/// The peak first, then every window that does not hold it; nothing where no flow has a window.
pub(in crate::analysis) fn hours(model: &Model) -> Vec<Hour> {
    let windows: Vec<Option<Window>> = model.flows.iter().map(|f| Window::of(model, f)).collect();
    if windows.iter().all(Option::is_none) {
        return Vec::new();
    }
    let peak = model.system.peak_hour;
    let idle = |w: &dyn Fn(&Window) -> bool| windows.iter().map(|x| x.is_some_and(|x| !w(&x))).collect::<Vec<_>>();
    let mut out = vec![Hour { idle: idle(&|w| w.holds(peak)), trough: None }];
    for window in windows.iter().flatten().filter(|w| !w.holds(peak)) {
        let hour = Hour { idle: idle(&|w| w.meets(window)), trough: Some(model.system.trough) };
        if !out.contains(&hour) {
            out.push(hour);
        }
    }
    out
}

/// How much faster than in the mean a flow works in its window.
pub(in crate::analysis) fn haste(model: &Model, flow: usize) -> Option<f64> {
    model.flows.get(flow).and_then(|f| Window::of(model, f)).map(|w| DAY / w.length)
}

/// Own rates and gains of an hour: `own` are (peak, mean), `means` the solved means.
#[allow(clippy::type_complexity)] // what the traffic equations take
pub(in crate::analysis) fn at(
    model: &Model,
    hour: &Hour,
    own: &[(f64, f64)],
    gain: &[Vec<(usize, f64)>],
    means: &[f64],
) -> (Vec<f64>, Vec<Vec<(usize, f64)>>) {
    let haste: Vec<Option<f64>> = (0..own.len()).map(|f| haste(model, f)).collect();
    let rates = own.iter().enumerate().map(|(f, (peak, mean))| match haste.get(f).copied().flatten() {
        Some(_) if hour.idle.get(f) == Some(&true) => 0.0,
        Some(haste) => means.get(f).copied().unwrap_or(0.0) * haste,
        None => match hour.trough {
            // What does not follow the day does not fall at night.
            Some(trough) if peak > mean => mean * trough,
            Some(_) => *mean,
            None => *peak,
        },
    });
    let open = |f: &usize| haste.get(*f).copied().flatten().is_none();
    let gains = gain.iter().map(|list| list.iter().filter(|(f, _)| open(f)).copied().collect());
    (rates.collect(), gains.collect())
}
