//! The rate over a day, and the backlog while it exceeds a capacity.
//!
//! In: peak over mean, trough over mean, the time of the peak; rates per second. Out: the rate at
//! any time, its integral, backlogs (requests), times (seconds). Never: a day of another shape.
//!
//! The curve over its mean is a raised cosine to a power:
//!
//! `s(x) = trough + (peak - trough) cos(pi x / T)^(2k)`, `x` seconds from the peak, `T` a day,
//!
//! with `k` such that its mean is 1: `Gamma(k + 1/2) / (sqrt(pi) Gamma(k + 1)) = (1 - trough) /
//! (peak - trough)`. Its integral is an incomplete beta function, so backlogs are exact for the
//! curve. Backlogs are fluid: L. Kleinrock, *Queueing Systems* II (1976), section 2.7.

use super::beta::{beta_cdf, ln_gamma};
use super::numeric::{find_root, finite, non_negative, positive};

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

/// The daily profile of a rate, relative to its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    peak: f64,
    trough: f64,
    peak_time: f64,
    power: f64,
    /// Mean of the cosine part.
    share: f64,
}

/// A rate with a constant part and a part that follows the daily profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyRate {
    day: Day,
    flat: f64,
    varying: f64,
}

/// The daily backlog.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyBacklog {
    /// Start of the backlog, seconds after midnight.
    pub starts: f64,
    /// Duration of the backlog, seconds.
    pub lasts: f64,
    /// Maximum number of waiting requests.
    pub most: f64,
    /// Longest delay under first come, first served, seconds.
    pub longest_delay: f64,
}

impl Day {
    /// The profile with the given `peak` and `trough` over the mean; the peak is at `peak_time` seconds
    /// after midnight.
    ///
    /// `None` unless `0 <= trough <= 1 <= peak`, all finite.
    #[must_use]
    pub fn new(peak: f64, trough: f64, peak_time: f64) -> Option<Self> {
        let usable = non_negative(trough) && trough <= 1.0 && peak >= 1.0 && peak.is_finite();
        if !usable || !peak_time.is_finite() {
            return None;
        }
        let spread = peak - trough;
        let share = if spread > 0.0 { (1.0 - trough) / spread } else { 1.0 };
        let mean = |k: f64| (ln_gamma(k + 0.5) - ln_gamma(k + 1.0)).exp() / std::f64::consts::PI.sqrt();
        let power = if share >= 1.0 {
            0.0
        } else if share <= 0.0 {
            return None;
        } else {
            let mut high = 1.0;
            while mean(high) > share {
                high *= 2.0;
                if high > 1e12 {
                    return None;
                }
            }
            find_root(|k| mean(k) - share, 0.0, high)?
        };
        Some(Self { peak, trough, peak_time, power, share })
    }

    /// Seconds from the peak, `-T/2 ..= T/2`.
    fn off_peak(&self, time: f64) -> f64 {
        (time - self.peak_time + 0.5 * DAY).rem_euclid(DAY) - 0.5 * DAY
    }

    /// The rate over its mean, at `time` seconds after midnight.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        let angle = std::f64::consts::PI * self.off_peak(time) / DAY;
        self.trough + (self.peak - self.trough) * angle.cos().abs().powf(2.0 * self.power)
    }

    /// Integral of the rate over its mean from the peak to `x` seconds after it.
    fn since_peak(&self, x: f64) -> f64 {
        let whole = (x / DAY).round();
        let rest = x - whole * DAY;
        let square = (std::f64::consts::PI * rest / DAY).sin().powi(2).min(1.0);
        let part = beta_cdf(square, 0.5, self.power + 0.5).unwrap_or(0.0);
        let cosine = self.share * DAY * (whole + 0.5 * part * rest.signum());
        self.trough * x + (self.peak - self.trough) * cosine
    }

    /// Integral of the rate over its mean between two times in seconds; the end may be on a later day.
    #[must_use]
    pub fn between(&self, start: f64, end: f64) -> f64 {
        self.since_peak(end - self.peak_time) - self.since_peak(start - self.peak_time)
    }

    /// Seconds from the peak at which the rate over its mean falls to `level`.
    fn falls_to(&self, level: f64) -> Option<f64> {
        let height = (level - self.trough) / (self.peak - self.trough);
        if !(0.0..1.0).contains(&height) || self.power <= 0.0 {
            return None;
        }
        finite(DAY / std::f64::consts::PI * height.powf(0.5 / self.power).acos())
    }

    /// A rate with a given mean and peak, whose varying part follows this profile.
    ///
    /// `None` if the peak is below the mean or above this profile's peak, or a number is not finite.
    #[must_use]
    pub fn rate(self, mean: f64, peak: f64) -> Option<DailyRate> {
        let over = peak - mean;
        if !non_negative(mean) || !non_negative(peak) || over < -1e-9 * mean {
            return None;
        }
        let varying = if over <= 1e-12 * mean { 0.0 } else { over / (self.peak - 1.0) };
        (varying.is_finite() && varying <= mean * (1.0 + 1e-9)).then_some(DailyRate {
            day: self,
            flat: (mean - varying).max(0.0),
            varying,
        })
    }
}

impl DailyRate {
    /// The rate per second at `time` seconds after midnight.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        self.flat + self.varying * self.day.at(time)
    }

    /// Number of arrivals between two times in seconds after midnight.
    #[must_use]
    pub fn between(&self, start: f64, end: f64) -> f64 {
        self.flat * (end - start) + self.varying * self.day.between(start, end)
    }

    /// The daily backlog before a constant `capacity` per second.
    ///
    /// `Some(None)` if there is no backlog. `None` if the capacity is not above the mean: the backlog
    /// never drains.
    #[must_use]
    #[allow(clippy::option_option)] // "never drains" and "nothing" differ
    pub fn daily_backlog(&self, capacity: f64) -> Option<Option<DailyBacklog>> {
        let mean = self.flat + self.varying;
        if !positive(capacity) || capacity <= mean {
            return None;
        }
        if self.varying <= 0.0 || capacity >= self.flat + self.varying * self.day.peak {
            return Some(None);
        }
        let half = self.day.falls_to((capacity - self.flat) / self.varying)?;
        let start = self.day.peak_time - half;
        let level = |after: f64| self.between(start, start + after) - capacity * after;
        let most = level(2.0 * half);
        let lasts = find_root(level, 2.0 * half, DAY)?;
        Some(Some(DailyBacklog { starts: start.rem_euclid(DAY), lasts, most, longest_delay: most / capacity }))
    }

    /// Seconds from `opening` (seconds after midnight) until the waiting work is done, at
    /// `capacity` per
    /// second for `length` seconds a day.
    ///
    /// Requests that arrived outside the window wait at its opening. `None` if a day's work does
    /// not fit.
    #[must_use]
    pub fn drained(&self, opening: f64, length: f64, capacity: f64) -> Option<f64> {
        let closed = self.between(opening + length - DAY, opening);
        let level = |after: f64| closed + self.between(opening, opening + after) - capacity * after;
        if level(length) > 0.0 {
            return None;
        }
        // The first time at which the queue is empty. The level may rise again if the rate exceeds the
        // capacity later.
        let steps = 96.0;
        let mut low = 0.0;
        let mut step = 1.0;
        while step <= steps {
            let high = length * step / steps;
            if level(high) <= 0.0 {
                return if low <= 0.0 && closed <= 0.0 { Some(0.0) } else { find_root(level, low, high) };
            }
            low = high;
            step += 1.0;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_peak_and_trough_are_exact() {
        for (peak, trough) in [(2.0, 0.25), (3.0, 0.1), (1.2, 0.9), (10.0, 0.0), (1.5, 0.0), (24.0, 0.5)] {
            let day = Day::new(peak, trough, 20.0 * 3600.0).expect("a day");
            assert!((day.at(72_000.0) - peak).abs() < 1e-12);
            assert!((day.at(28_800.0) - trough).abs() < 1e-12);
            assert!((day.between(1234.0, 1234.0 + DAY) / DAY - 1.0).abs() < 1e-11, "{peak} {trough}");
            // The integral is that of the curve: midpoints, independently.
            let mut sum = 0.0;
            for i in 0..40_000_u32 {
                let t = 3000.0 + (f64::from(i) + 0.5) * 0.75;
                sum += day.at(t) * 0.75;
            }
            assert!((sum / day.between(3000.0, 33_000.0) - 1.0).abs() < 1e-6, "{peak} {trough}");
        }
        let flat = Day::new(1.0, 1.0, 0.0).expect("a day");
        assert!((flat.between(0.0, 7.0) - 7.0).abs() < 1e-12 && flat.at(5.0).total_cmp(&1.0).is_eq());
        assert_eq!((Day::new(0.9, 0.5, 0.0), Day::new(2.0, 1.5, 0.0)), (None, None));
    }

    #[test]
    fn never_above_its_peak_nor_below_its_trough() {
        let day = Day::new(3.0, 0.25, 0.0).expect("a day");
        let all: Vec<f64> = (0..1440_u32).map(|m| day.at(f64::from(m) * 60.0)).collect();
        assert!(all.iter().all(|x| (0.25 - 1e-12..=3.0 + 1e-12).contains(x)));
        assert!(all.windows(2).take(720).all(|w| w[0] >= w[1]) && all.windows(2).skip(720).all(|w| w[0] <= w[1]));
    }

    #[test]
    fn nothing_piles_up_below_the_peak_and_for_ever_below_the_mean() {
        let course = Day::new(2.0, 0.25, 72_000.0).and_then(|d| d.rate(100.0, 200.0)).expect("a course");
        assert_eq!(course.daily_backlog(200.0), Some(None));
        assert_eq!(course.daily_backlog(100.0), None);
        assert!(course.daily_backlog(150.0).flatten().is_some_and(|p| p.most > 0.0 && p.lasts < DAY));
        let half = Day::new(2.0, 0.25, 72_000.0).and_then(|d| d.rate(100.0, 150.0)).expect("a course");
        assert!((half.at(72_000.0) - 150.0).abs() < 1e-9 && (half.between(0.0, DAY) - 100.0 * DAY).abs() < 1e-4);
        assert_eq!(Day::new(1.0, 1.0, 0.0).and_then(|d| d.rate(100.0, 150.0)), None);
    }
}
