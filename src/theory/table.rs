//! A time given by a table of its survival function, exponential between the rows.
//!
//! In: times (seconds) and survival probabilities. Out: survival, moments, transform. Never: a jump.
//!
//! An exponential piece is exact for exponential tails. Its transform is rational times an
//! exponential, so a table can be a part of a longer path.

use super::complex::Complex;

/// One stretch of the table: from `start`, survival `begin` falls at `rate` to `end`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    start: f64,
    begin: f64,
    end: f64,
    rate: f64,
}

/// A survival function of exponential pieces; the last one is unbounded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SurvivalTable {
    stretches: Vec<Stretch>,
    /// The different lengths of all stretches except the last, seconds.
    lengths: Vec<f64>,
    /// Index of each stretch's length.
    length_of: Vec<usize>,
}

/// Least survival that is kept; smaller values are within the error of an inversion.
const FLOOR: f64 = 1e-9;
/// Parts of a transform below this are left out.
const NOTHING: f64 = 1e-18;
/// Maximum number of stretches of a table.
const MOST: usize = 240;

impl SurvivalTable {
    /// Tabulates `survival`, a falling function from 1 at time 0, without jumps.
    ///
    /// `breaks` are the times (from 0) at which it may have a kink; at the last one it is nearly zero.
    /// Stretches are halved until the midpoint fits to `2e-6`, or to 0.02% of the survival and of its
    /// complement.
    pub fn sample(survival: impl Fn(f64) -> f64, breaks: &[f64]) -> Option<Self> {
        let mut times: Vec<f64> = breaks.iter().copied().filter(|t| *t > 0.0).collect();
        times.sort_by(f64::total_cmp);
        times.dedup_by(|later, earlier| *later - *earlier <= 1e-12 * *later);
        let last = *times.last()?;
        let value = |t: f64| survival(t).clamp(FLOOR, 1.0);
        let mut rows = vec![(0.0, 1.0)];
        let mut lowest = 1.0_f64;
        for time in times {
            lowest = lowest.min(value(time));
            rows.push((time, lowest));
        }
        for _ in 0..14 {
            let mut finer = Vec::with_capacity(rows.len() * 2);
            let room = MOST.saturating_sub(rows.len());
            let mut added = 0;
            let mut previous: Option<(f64, f64)> = None;
            for &(time, end) in &rows {
                if let Some((from, begin)) = previous {
                    let middle = f64::midpoint(from, time);
                    let guess = (begin * end).sqrt();
                    if added < room && begin > 4.0 * FLOOR && time - from > 1e-9 * last {
                        let real = value(middle).clamp(end, begin);
                        let error = (real - guess).abs();
                        if error > 2e-6 && error > 2e-4 * real.min(1.0 - real) {
                            finer.push((middle, real));
                            added += 1;
                        }
                    }
                }
                finer.push((time, end));
                previous = Some((time, end));
            }
            rows = finer;
            if added == 0 {
                break;
            }
        }
        Self::of_rows(&rows)
    }

    /// Joins the rows `(time, survival)` into stretches.
    fn of_rows(rows: &[(f64, f64)]) -> Option<Self> {
        let mut stretches = Vec::with_capacity(rows.len());
        let mut tail_rate: Option<f64> = None;
        for (&(start, begin), &(time, end)) in rows.iter().zip(rows.iter().skip(1)) {
            let rate = (begin / end).ln() / (time - start);
            if !rate.is_finite() {
                return None;
            }
            if rate > 0.0 && end > 4.0 * FLOOR {
                tail_rate = Some(rate);
            }
            stretches.push(Stretch { start, begin, end, rate });
        }
        let &(start, begin) = rows.last()?;
        let fallback = stretches.iter().rev().map(|piece| piece.rate).find(|rate| *rate > 0.0)?;
        let rate = tail_rate.unwrap_or(fallback);
        stretches.push(Stretch { start, begin, end: 0.0, rate });
        let (mut lengths, mut length_of) = (Vec::new(), Vec::new());
        for (piece, next) in stretches.iter().zip(stretches.iter().skip(1)) {
            let length = next.start - piece.start;
            let alike = |other: &f64| (length - other).abs() <= 1e-14 * start + 1e-12 * length;
            length_of.push(lengths.iter().position(alike).unwrap_or(lengths.len()));
            if !lengths.iter().any(alike) {
                lengths.push(length);
            }
        }
        Some(Self { stretches, lengths, length_of })
    }

    /// Probability of more than `seconds`.
    pub fn survival(&self, seconds: f64) -> f64 {
        let index = self.stretches.partition_point(|piece| piece.start <= seconds);
        let piece = index.checked_sub(1).and_then(|i| self.stretches.get(i));
        piece.map_or(1.0, |piece| piece.begin * (-piece.rate * (seconds - piece.start)).exp())
    }

    /// Mean (seconds) and variance (seconds squared), exact for the table.
    pub fn moments(&self) -> (f64, f64) {
        let (mut mean, mut half_square) = (0.0, 0.0);
        let ends = self.stretches.iter().skip(1).map(|piece| piece.start);
        for (piece, end) in self.stretches.iter().zip(ends.chain([f64::INFINITY])) {
            let length = end - piece.start;
            let decay = piece.rate * length;
            // Integrals over the stretch of the survival, and of the survival times its age.
            let (area, moment) = if decay < 1e-4 {
                let area = piece.begin * length * (1.0 - 0.5 * decay);
                (area, piece.begin * length * length * (0.5 - decay / 3.0))
            } else if end.is_finite() {
                let area = (piece.begin - piece.end) / piece.rate;
                (area, (area - piece.end * length) / piece.rate)
            } else {
                let area = piece.begin / piece.rate;
                (area, area / piece.rate)
            };
            mean += area;
            half_square += piece.start * area + moment;
        }
        (mean, (2.0 * half_square - mean * mean).max(0.0))
    }

    /// Laplace-Stieltjes transform.
    ///
    /// Halved stretches have few lengths: their exponentials are shared.
    pub fn lst(&self, s: Complex) -> Complex {
        let falls: Vec<Complex> = self.lengths.iter().map(|length| (-s * *length).exp()).collect();
        let mut sum = Complex::ZERO;
        let mut phase = Complex::ONE; // exp(-s t)
        let mut begin = Complex::ONE; // survival * exp(-s t)
        let each = self.length_of.iter().map(|i| falls.get(*i).copied()).chain([None]);
        for (piece, fall) in self.stretches.iter().zip(each) {
            phase = fall.map_or(Complex::ZERO, |fall| phase * fall);
            let finish = phase * piece.end;
            if piece.rate > 0.0 {
                // rate / (s + rate)
                let (re, im) = (s.re + piece.rate, s.im);
                let scale = piece.rate / (re * re + im * im);
                sum = sum + (begin - finish) * Complex::new(re * scale, -im * scale);
            }
            begin = finish;
            // Further terms are below the precision of an inversion.
            if begin.re.abs() + begin.im.abs() < NOTHING {
                break;
            }
        }
        sum
    }
}
