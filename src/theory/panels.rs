//! A bounded time, given by a table of its distribution function: quartic polynomials between rows.
//!
//! In: a function that rises from 0, and the time at which it ends (seconds). Out: distribution
//! function, moments, transform. Never: a jump.
//!
//! Each panel adds `exp(-s start) sum_n n c_n J_{n-1}(s h)` to the transform, where `J_n(z)` is the
//! integral of `u^n exp(-z u)` from 0 to 1. Panels of the same length share the `J_n`. Source:
//! composite Newton-Cotes interpolation with halving (Davis and Rabinowitz, *Methods of Numerical
//! Integration*, 2nd ed., 6.2).

use super::complex::Complex;
use super::numeric::count;

/// One panel: from `start`, `before + c1 u + .. + c4 u^4`, `u` from 0 to 1 along its length.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Panel {
    start: f64,
    before: f64,
    rises: [f64; 4],
    /// Index of its length.
    length: usize,
}

/// A distribution function without jumps that reaches 1 at a finite time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Panels {
    panels: Vec<Panel>,
    /// The different lengths, seconds.
    lengths: Vec<f64>,
}

/// A panel whose midpoints fit this well is halved a last time, which leaves at most a twentieth of
/// the error.
const FINE: f64 = 2e-5;
/// Maximum number of panels.
const MOST: usize = 160;
/// Maximum number of halvings.
const DEPTH: u32 = 16;
/// Parts of a transform below this are left out.
const NOTHING: f64 = 1e-18;

/// Five values of a panel, evenly spaced.
type Values = [f64; 5];

impl Panels {
    /// Tabulates `rise`, which goes from 0 at time 0 to its total at `end` seconds.
    ///
    /// Panels are halved until the polynomial fits the values between its nodes to `2e-5`, then once
    /// more. The tolerance is larger if `weighs`, the weight of the table in its law, is small. `None`
    /// if the function does not rise.
    pub fn sample(rise: impl Fn(f64) -> f64, end: f64, weighs: f64) -> Option<Self> {
        let all = rise(end);
        if !(all > 0.0 && all.is_finite() && end > 0.0 && end.is_finite()) {
            return None;
        }
        let value = |time: f64| (rise(time) / all).clamp(0.0, 1.0);
        let fine = FINE / weighs.abs().clamp(1e-9, 1.0);
        let mut out = Self { panels: Vec::new(), lengths: Vec::new() };
        let at = |k: u32| value(end * f64::from(k) / 4.0);
        out.halve(&value, (0.0, end), [0.0, at(1), at(2), at(3), 1.0], (DEPTH, fine));
        Some(out)
    }

    fn halve(&mut self, value: &impl Fn(f64) -> f64, (from, to): (f64, f64), v: Values, (depth, fine): (u32, f64)) {
        let rises = rises(&v);
        let at = |k: u32| value(from + (to - from) * f64::from(k) / 8.0);
        let [a, b, c, d] = [at(1), at(3), at(5), at(7)];
        let meets = [(0.125, a), (0.375, b), (0.625, c), (0.875, d)];
        let off = meets.iter().map(|(u, real)| (v[0] + along(&rises, *u) - real).abs()).fold(0.0, f64::max);
        let middle = f64::midpoint(from, to);
        let halves = [((from, middle), [v[0], a, v[1], b, v[2]]), ((middle, to), [v[2], c, v[3], d, v[4]])];
        for (ends, values) in halves {
            if off <= fine || depth == 0 || self.panels.len() >= MOST {
                self.push(ends, &values);
            } else {
                self.halve(value, ends, values, (depth - 1, fine));
            }
        }
    }

    fn push(&mut self, (from, to): (f64, f64), values: &Values) {
        let length = to - from;
        let alike = |other: &f64| (length - other).abs() <= 1e-14 * to + 1e-12 * length;
        let index = self.lengths.iter().position(alike).unwrap_or(self.lengths.len());
        if index == self.lengths.len() {
            self.lengths.push(length);
        }
        self.panels.push(Panel { start: from, before: values[0], rises: rises(values), length: index });
    }

    fn length(&self, panel: &Panel) -> f64 {
        self.lengths.get(panel.length).copied().unwrap_or(0.0)
    }

    /// Probability of at most `seconds`.
    pub fn cdf(&self, seconds: f64) -> f64 {
        let index = self.panels.partition_point(|panel| panel.start <= seconds);
        let Some(panel) = index.checked_sub(1).and_then(|i| self.panels.get(i)) else { return 0.0 };
        let u = (seconds - panel.start) / self.length(panel);
        if u >= 1.0 { 1.0 } else { (panel.before + along(&panel.rises, u)).clamp(0.0, 1.0) }
    }

    /// Density at the end (per second), and its derivative there (per second squared).
    pub fn end(&self) -> (f64, f64) {
        let Some(panel) = self.panels.last() else { return (0.0, 0.0) };
        let h = self.length(panel);
        let [a, b, c, d] = panel.rises;
        ((a + 2.0 * b + 3.0 * c + 4.0 * d) / h, (2.0 * b + 6.0 * c + 12.0 * d) / h / h)
    }

    /// Mean (seconds) and variance (seconds squared), exact for the table.
    pub fn moments(&self) -> (f64, f64) {
        let (mut mean, mut square) = (0.0, 0.0);
        for panel in &self.panels {
            let h = self.length(panel);
            // The integrals of u and u^2 over the density n c_n u^(n-1).
            let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
            for (rise, n) in panel.rises.iter().zip([1.0, 2.0, 3.0, 4.0]) {
                mass += rise;
                first += rise * n / (n + 1.0);
                second += rise * n / (n + 2.0);
            }
            mean += panel.start * mass + h * first;
            square += panel.start * panel.start * mass + 2.0 * panel.start * h * first + h * h * second;
        }
        (mean, (square - mean * mean).max(0.0))
    }

    /// Laplace-Stieltjes transform.
    pub fn lst(&self, s: Complex) -> Complex {
        let shared: Vec<(Complex, [Complex; 4])> = self.lengths.iter().map(|length| integrals(s * *length)).collect();
        let mut sum = Complex::ZERO;
        let mut phase = Complex::ONE; // exp(-s start)
        for panel in &self.panels {
            let Some((fall, parts)) = shared.get(panel.length) else { continue };
            let mut part = Complex::ZERO;
            for ((rise, n), integral) in panel.rises.iter().zip([1.0, 2.0, 3.0, 4.0]).zip(parts) {
                part = part + *integral * (rise * n);
            }
            sum = sum + phase * part;
            phase = phase * *fall;
            // Further terms are below the precision of an inversion.
            if phase.re.abs() + phase.im.abs() < NOTHING {
                break;
            }
        }
        sum
    }
}

/// Coefficients of the polynomial through five values, without the constant.
fn rises(v: &Values) -> [f64; 4] {
    let [a, b, c, d, e] = *v;
    // Newton's forward differences.
    let (d1, d2, d3, d4) = (b - a, c - 2.0 * b + a, d - 3.0 * c + 3.0 * b - a, e - 4.0 * d + 6.0 * c - 4.0 * b + a);
    [
        4.0 * (d1 - d2 / 2.0 + d3 / 3.0 - d4 / 4.0),
        16.0 * (d2 / 2.0 - d3 / 2.0 + 11.0 * d4 / 24.0),
        64.0 * (d3 / 6.0 - d4 / 4.0),
        256.0 * d4 / 24.0,
    ]
}

fn along(rises: &[f64; 4], u: f64) -> f64 {
    rises.iter().rev().fold(0.0, |sum, rise| (sum + rise) * u)
}

/// `exp(-z)`, and the integrals of `u^n exp(-z u)` from 0 to 1, n from 0 to 3.
fn integrals(z: Complex) -> (Complex, [Complex; 4]) {
    let fall = (-z).exp();
    let mut out = [Complex::ZERO; 4];
    if z.re.abs() + z.im.abs() < 2.0 {
        // The series in z: forward recursion would cancel.
        let mut term = Complex::ONE; // (-z)^k / k!
        for k in 0..24_u32 {
            if term.re.abs() + term.im.abs() < 1e-17 {
                break;
            }
            for (part, n) in out.iter_mut().zip([1.0, 2.0, 3.0, 4.0]) {
                *part = *part + term * (n + f64::from(k)).recip();
            }
            term = term * -z * count(u64::from(k) + 1).recip();
        }
    } else {
        let inverse = z.recip();
        let mut before = (Complex::ONE - fall) * inverse;
        let [first, rest @ ..] = &mut out;
        *first = before;
        for (part, n) in rest.iter_mut().zip([1.0, 2.0, 3.0]) {
            before = (before * n - fall) * inverse;
            *part = before;
        }
    }
    (fall, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_exponential(rate: f64, end: f64) -> Panels {
        Panels::sample(|t| 1.0 - (-rate * t).exp(), end, 1.0).unwrap()
    }

    #[test]
    fn an_exponential_cut_off_is_its_closed_form() {
        let (rate, end): (f64, f64) = (3.0, 2.0);
        let table = cut_exponential(rate, end);
        let all = 1.0 - (-rate * end).exp();
        for i in 0..=200 {
            let t = end * f64::from(i) / 200.0;
            let exact = (1.0 - (-rate * t).exp()) / all;
            assert!((table.cdf(t) - exact).abs() < 1e-6, "{t} {} {exact}", table.cdf(t));
        }
        let mean = (1.0 / rate - (-rate * end).exp() * (end + 1.0 / rate)) / all;
        assert!((table.moments().0 - mean).abs() < 1e-7, "{} {mean}", table.moments().0);
        for s in [Complex::new(0.01, 0.0), Complex::new(1.0, 0.5), Complex::new(8.0, -40.0), Complex::new(12.0, 300.0)]
        {
            let exact = (s + rate).recip() * rate * (Complex::ONE - (-(s + rate) * end).exp()) * all.recip();
            assert!((table.lst(s) - exact).abs() < 1e-6, "{s:?} {:?} {exact:?}", table.lst(s));
        }
    }

    #[test]
    fn what_never_rises_is_none() {
        assert!(Panels::sample(|_| 0.0, 1.0, 1.0).is_none());
        assert!(Panels::sample(|t| t, 0.0, 1.0).is_none());
        assert!(Panels::sample(|_| f64::NAN, 1.0, 1.0).is_none());
    }
}
