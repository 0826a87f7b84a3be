//! Complex numbers for the inversion of transforms.
//!
//! In and out: numbers. Never: a transform.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number `re + i im`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

impl Complex {
    /// Zero.
    pub const ZERO: Self = Self { re: 0.0, im: 0.0 };
    /// One.
    pub const ONE: Self = Self { re: 1.0, im: 0.0 };

    /// The number `re + i im`.
    #[must_use]
    pub const fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    /// The real number `re`.
    #[must_use]
    pub const fn real(re: f64) -> Self {
        Self { re, im: 0.0 }
    }

    /// Modulus, without overflow.
    #[must_use]
    pub fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }

    /// Exponential.
    #[must_use]
    pub fn exp(self) -> Self {
        let modulus = self.re.exp();
        if modulus <= 0.0 {
            return Self::ZERO;
        }
        let (sin, cos) = self.im.sin_cos();
        Self::new(modulus * cos, modulus * sin)
    }

    /// Principal logarithm.
    #[must_use]
    pub fn ln(self) -> Self {
        Self::new(self.abs().ln(), self.im.atan2(self.re))
    }

    /// Principal value of the real power `exponent`.
    #[must_use]
    pub fn powf(self, exponent: f64) -> Self {
        (self.ln() * exponent).exp()
    }

    /// Reciprocal (Smith's method: no overflow in the squares).
    #[must_use]
    pub fn recip(self) -> Self {
        if self.re.abs() >= self.im.abs() {
            let ratio = self.im / self.re;
            let scale = (self.re + self.im * ratio).recip();
            Self::new(scale, -ratio * scale)
        } else {
            let ratio = self.re / self.im;
            let scale = (self.re * ratio + self.im).recip();
            Self::new(ratio * scale, -scale)
        }
    }

    /// Whether both parts are finite.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Add<f64> for Complex {
    type Output = Self;
    fn add(self, other: f64) -> Self {
        Self::new(self.re + other, self.im)
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl Sub<f64> for Complex {
    type Output = Self;
    fn sub(self, other: f64) -> Self {
        Self::new(self.re - other, self.im)
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

impl Mul<f64> for Complex {
    type Output = Self;
    fn mul(self, other: f64) -> Self {
        Self::new(self.re * other, self.im * other)
    }
}

impl Div for Complex {
    type Output = Self;
    // Division is multiplication by the reciprocal here.
    #[allow(clippy::suspicious_arithmetic_impl)]
    fn div(self, other: Self) -> Self {
        self * other.recip()
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.re, -self.im)
    }
}
