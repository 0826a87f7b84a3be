//! Numerical tools shared by the theories: root of a function, normal distribution, quadrature.
//!
//! In: finite numbers. Out: numbers with a relative error of about `1e-14` unless stated otherwise.
//! Never: a model.

/// Zero of `function` between `low` and `high`, whose values there must differ in sign.
///
/// Method: Chandrupatla (1997), inverse quadratic interpolation kept safe by bisection. Ends at
/// `4e-16` relative width, or after 200 steps. `None` if the signs do not differ or a bound is
/// not finite.
pub fn find_root(function: impl FnMut(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    find_root_within(function, low, high, 2.0 * f64::EPSILON)
}

/// [`find_root`] that ends at the relative width `precision` (not below `4e-16`).
pub fn find_root_within(mut function: impl FnMut(f64) -> f64, low: f64, high: f64, precision: f64) -> Option<f64> {
    if !low.is_finite() || !high.is_finite() {
        return None;
    }
    let (at_high, at_low) = (function(high), function(low));
    find_root_between(function, (low, at_low), (high, at_high), precision)
}

/// [`find_root_within`] for two bounds with known values: `(place, value)`.
pub fn find_root_between(
    mut function: impl FnMut(f64) -> f64,
    (low, at_low): (f64, f64),
    (high, at_high): (f64, f64),
    precision: f64,
) -> Option<f64> {
    if !low.is_finite() || !high.is_finite() {
        return None;
    }
    let (mut near, mut far) = (high, low);
    let (mut at_near, mut at_far) = (at_high, at_low);
    if at_near.abs() <= 0.0 {
        return Some(near);
    }
    if at_far.abs() <= 0.0 {
        return Some(far);
    }
    if at_near.is_nan() || at_far.is_nan() || (at_near > 0.0) == (at_far > 0.0) {
        return None;
    }
    let mut step = 0.5;
    for _ in 0..200 {
        let next = near + step * (far - near);
        let at_next = function(next);
        if at_next.is_nan() {
            return None;
        }
        let (third, at_third);
        if (at_next > 0.0) == (at_near > 0.0) {
            (third, at_third) = (near, at_near);
        } else {
            (third, at_third) = (far, at_far);
            (far, at_far) = (near, at_near);
        }
        (near, at_near) = (next, at_next);
        let best = if at_far.abs() < at_near.abs() { far } else { near };
        if at_near.abs() <= 0.0 {
            return Some(near);
        }
        let width = (far - near).abs();
        let tolerance = precision.max(2.0 * f64::EPSILON) * best.abs() + f64::MIN_POSITIVE;
        if width <= 2.0 * tolerance {
            return Some(best);
        }
        let margin = (tolerance / width).min(0.5);
        let place = (near - far) / (third - far);
        let value = (at_near - at_far) / (at_third - at_far);
        let smooth = value * value < place && (1.0 - value) * (1.0 - value) < 1.0 - place;
        step = 0.5;
        if smooth {
            let first = at_near / (at_far - at_near) * at_third / (at_far - at_third);
            let second = (third - near) / (far - near) * at_near / (at_third - at_near) * at_far / (at_third - at_far);
            if (first + second).is_finite() {
                step = first + second;
            }
        }
        step = step.clamp(margin, 1.0 - margin);
    }
    Some(near)
}

/// Complementary error function.
///
/// Series below 2, continued fraction above (Abramowitz and Stegun 7.1.6 and 7.1.14); relative
/// error below `1e-13`.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.0 {
        let square = 2.0 * x * x;
        let mut term = x;
        let mut sum = x;
        let mut odd = 1.0;
        while term > 1e-18 * sum {
            odd += 2.0;
            term *= square / odd;
            sum += term;
        }
        return 1.0 - std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum;
    }
    let mut tail = 0.0;
    for step in (1..=90_u32).rev() {
        tail = 0.5 * f64::from(step) / (x + tail);
    }
    0.5 * std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() / (x + tail)
}

/// Distribution function of the standard normal.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Density of the standard normal.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Quantile of the standard normal for `0 < probability < 1`, else `None`.
///
/// Start: Abramowitz and Stegun 26.2.23; then Newton steps on the tail. Error below `1e-13`.
#[must_use]
pub fn normal_quantile(probability: f64) -> Option<f64> {
    if !(probability > 0.0 && probability < 1.0) {
        return None;
    }
    let upper = probability > 0.5;
    let tail = if upper { 1.0 - probability } else { probability };
    let root = (-2.0 * tail.ln()).sqrt();
    let mut x = root
        - (2.515_517 + 0.802_853 * root + 0.010_328 * root * root)
            / (1.0 + 1.432_788 * root + 0.189_269 * root * root + 0.001_308 * root * root * root);
    for _ in 0..4 {
        x += (normal_cdf(-x) - tail) / normal_density(x).max(f64::MIN_POSITIVE);
    }
    if !x.is_finite() {
        return None;
    }
    Some(if upper { x } else { -x })
}

/// Positive nodes and weights of the 16-point Gauss-Legendre rule on `-1..=1`
/// (Abramowitz and Stegun, table 25.4).
pub const GAUSS_LEGENDRE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// Whether `value` is a finite number above zero.
#[must_use]
pub fn positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// Whether `value` is a finite number, zero or above.
#[must_use]
pub fn non_negative(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

/// `value` if it is finite, else `None`.
#[must_use]
pub fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// A count as a float (exact up to 2^53).
#[must_use]
#[allow(clippy::cast_precision_loss)] // counts above 2^53 do not occur
pub fn count(value: u64) -> f64 {
    value as f64
}
