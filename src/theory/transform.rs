//! Laplace-Stieltjes transforms of times, and their numerical inversion.
//!
//! In: the transform `E[exp(-s T)]` of a time that is not negative. Out: its distribution
//! function. Never: a jump. Literature: J. Abate and W. Whitt, "A Unified Framework for Numerically
//! Inverting
//! Laplace Transforms", *INFORMS J. Computing* 18 (2006) (Euler algorithm, `M = 15`: error about
//! `1e-10` for smooth distributions); J. Abate and W. Whitt, "The Fourier-series method", *Queueing
//! Systems* 10 (1992) (the long form used where a distribution is sharp).
//!
//! An inversion oscillates at a jump. Jumps are therefore never inverted: constants are kept apart as
//! shifts, point masses as atoms (see [`super::distribution`]). If the deviation of a part is a small
//! share of its mean, 31 evaluations cannot tell it from a jump; it uses the longer sum.

use std::sync::LazyLock;

use super::complex::Complex;
use super::numeric::count;

/// Order of the Euler algorithm: `2 M + 1` evaluations, error about `10^(-2M/3)`.
const ORDER: usize = 15;

/// Weights and abscissae `(eta_k, beta_k)` of the Euler algorithm.
static EULER: LazyLock<Vec<(f64, Complex)>> = LazyLock::new(|| {
    let half = 0.5_f64.powi(15);
    let mut tail = Vec::with_capacity(ORDER + 1);
    let (mut binomial, mut xi) = (1.0, half);
    for k in 0..ORDER {
        tail.push(xi);
        binomial *= (count(ORDER as u64) - count(k as u64)) / (count(k as u64) + 1.0);
        xi += half * binomial;
    }
    // xi_0 = 1/2, xi_1..xi_M = 1, then down to xi_2M = 2^-M.
    let heads = (0..=ORDER).map(|k| if k == 0 { 0.5 } else { 1.0 });
    let all = heads.chain(tail.into_iter().rev());
    let real = count(ORDER as u64) * std::f64::consts::LN_10 / 3.0;
    let term = |(k, xi): (usize, f64)| {
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        (sign * xi, Complex::new(real, std::f64::consts::PI * count(k as u64)))
    };
    all.enumerate().map(term).collect()
});

/// Inverts `transform` (of a distribution without a jump above zero) at `seconds`: the
/// distribution function there, by the unified Euler algorithm.
///
/// `atom` is the mass at zero, taken out before the inversion and added after. 0 below zero.
pub fn invert(transform: impl Fn(Complex) -> Complex, atom: f64, seconds: f64) -> f64 {
    if seconds <= 0.0 {
        return if seconds < 0.0 { 0.0 } else { atom };
    }
    let scale = seconds.recip();
    let mut sum = 0.0;
    for &(weight, abscissa) in EULER.iter() {
        sum += weight * ((transform(abscissa * scale) - atom) / abscissa).re;
    }
    let value = atom + 10_f64.powi(5) * sum;
    if value.is_finite() { value.clamp(atom.min(1.0), 1.0) } else { atom }
}

/// [`invert`] in its long form: a Fourier series of `terms` terms, then Euler summation of 12
/// more. Resolves a distribution that rises within about `2 / terms` of `seconds`.
pub fn invert_long(transform: impl Fn(Complex) -> Complex, atom: f64, seconds: f64, terms: usize) -> f64 {
    const DAMPING: f64 = 23.0;
    let scale = seconds.recip();
    let value = |k: usize| {
        let abscissa = Complex::new(DAMPING / 2.0, std::f64::consts::PI * count(k as u64));
        ((transform(abscissa * scale) - atom) / abscissa).re
    };
    let signed = |k: usize| {
        if k.is_multiple_of(2) { value(k) } else { -value(k) }
    };
    let mut sum = 0.5 * value(0);
    for k in 1..=terms {
        sum += signed(k);
    }
    let (mut average, mut binomial) = (0.0, 0.5_f64.powi(11));
    for k in 0..=11_usize {
        average += binomial * sum;
        binomial *= (11.0 - count(k as u64)) / (count(k as u64) + 1.0);
        sum += signed(terms + k + 1);
    }
    let result = atom + (DAMPING / 2.0).exp() * average;
    if result.is_finite() { result.clamp(atom.min(1.0), 1.0) } else { atom }
}
