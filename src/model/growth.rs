//! The design at a later time: its data grown, all else unchanged.
//!
//! In: `growth` (a ratio per time, compounding), `horizon` (seconds). Out: a model with more data.
//! A component without `horizon` uses the longest `horizon` of the design; none grows beyond its
//! own. Never: a growth or horizon that is not set.

use super::keys;
use super::{Component, Interval, Model, Value};

impl Component {
    /// Its growth: a ratio, and the seconds in which its data grows by it.
    #[must_use]
    pub fn growth(&self) -> Option<(f64, f64)> {
        match self.attrs.attr(keys::GROWTH)?.value {
            Value::Growth(g, per) => Some((g.mid, per)),
            _ => None,
        }
    }

    /// Its data after `seconds`, divided by today's.
    fn grown(&self, seconds: f64) -> f64 {
        self.growth().map_or(1.0, |(ratio, per)| (1.0 + ratio).powf(seconds / per))
    }

    /// Seconds until a use that is `share` of a limit today reaches the limit; 0 if it has,
    /// infinite if it never does.
    #[must_use]
    pub fn grows_to(&self, share: f64) -> f64 {
        if share >= 1.0 {
            return 0.0;
        }
        match self.growth().filter(|(ratio, _)| *ratio > 0.0 && share > 0.0) {
            Some((ratio, per)) => -share.ln() / ratio.ln_1p() * per,
            None => f64::INFINITY,
        }
    }
}

impl Model {
    /// The longest `horizon` of the design, seconds.
    #[must_use]
    pub fn horizon(&self) -> Option<f64> {
        let all = self.components.iter().filter_map(|c| c.attrs.read(keys::HORIZON).map(|h| h.mid));
        all.max_by(f64::total_cmp)
    }

    /// The horizon of a component, seconds.
    #[must_use]
    pub fn horizon_of(&self, c: &Component) -> Option<f64> {
        c.attrs.read(keys::HORIZON).map(|h| h.mid).or_else(|| self.horizon())
    }

    /// Whether any component's data grows.
    #[must_use]
    pub fn grows(&self) -> bool {
        self.components.iter().any(|c| c.growth().is_some())
    }

    /// The design after `seconds`; each component stops growing at its horizon.
    #[must_use]
    pub fn after(&self, seconds: f64) -> Self {
        let mut out = self.clone();
        let all = self.horizon();
        for c in &mut out.components {
            let most = c.attrs.read(keys::HORIZON).map(|h| h.mid).or(all).unwrap_or(seconds);
            let factor = c.grown(seconds.min(most));
            for name in ["data", "working_set"] {
                let Some(mut attr) = c.attrs.peek(name).cloned() else { continue };
                if let Value::Number(n) = attr.value {
                    let more = Interval { low: n.low * factor, mid: n.mid * factor, high: n.high * factor };
                    attr.value = Value::Number(more);
                    c.attrs.set(attr);
                }
            }
        }
        out
    }

    /// The design at its horizon; unchanged if nothing grows or no `horizon` is set.
    #[must_use]
    pub fn at_horizon(self) -> Self {
        match self.horizon().filter(|_| self.grows()) {
            Some(seconds) => self.after(seconds),
            None => self,
        }
    }
}
