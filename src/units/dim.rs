//! Dimensions as exponents, and quantities that carry them.
//!
//! In: nothing. Out: types. Never: a unit's name.

use std::fmt;

/// Exponents of time, size and money. A count, a ratio and a factor have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dim {
    /// Exponent of seconds.
    pub time: i8,
    /// Exponent of bytes.
    pub size: i8,
    /// Exponent of dollars.
    pub money: i8,
}

impl Dim {
    /// No dimension: counts, ratios, factors.
    pub const NONE: Self = Self { time: 0, size: 0, money: 0 };
    /// Seconds.
    pub const TIME: Self = Self { time: 1, size: 0, money: 0 };
    /// Per second.
    pub const RATE: Self = Self { time: -1, size: 0, money: 0 };
    /// Bytes.
    pub const SIZE: Self = Self { time: 0, size: 1, money: 0 };
    /// Bytes per second.
    pub const BANDWIDTH: Self = Self { time: -1, size: 1, money: 0 };
    /// US dollars.
    pub const MONEY: Self = Self { time: 0, size: 0, money: 1 };
    /// US dollars per second.
    pub const MONEY_RATE: Self = Self { time: -1, size: 0, money: 1 };

    /// The dimension of a product.
    #[must_use]
    pub fn times(self, o: Self) -> Self {
        Self {
            time: self.time.saturating_add(o.time),
            size: self.size.saturating_add(o.size),
            money: self.money.saturating_add(o.money),
        }
    }

    /// The dimension of a quotient.
    #[must_use]
    pub fn over(self, o: Self) -> Self {
        Self {
            time: self.time.saturating_sub(o.time),
            size: self.size.saturating_sub(o.size),
            money: self.money.saturating_sub(o.money),
        }
    }

    /// Its name in messages, with its article: "a time", "a rate".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NONE => "a plain number",
            Self::TIME => "a time",
            Self::RATE => "a rate",
            Self::SIZE => "a size",
            Self::BANDWIDTH => "a bandwidth",
            Self::MONEY => "an amount of money",
            Self::MONEY_RATE => "money per time",
            _ => "a mixed quantity",
        }
    }

    /// Literals of this dimension, as examples in a help line.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::TIME => "`3ms`, `5min` or `30 days`",
            Self::RATE => "`400 rps`, `20M / day` or `8 per 30s`",
            Self::SIZE => "`512MiB` or `40GB`",
            Self::BANDWIDTH => "`10MB/s` or `1Gbps`",
            Self::MONEY => "`$12` or `$0.40 per 1M`",
            Self::MONEY_RATE => "`$40k/month` or `$0.08/h`",
            _ => "`3`, `10k` or `2M`",
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The form of a number without dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// `3`, `10k`
    #[default]
    Plain,
    /// `85%`
    Percent,
    /// `5x`
    Factor,
}

/// A number in SI units with its dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantity {
    /// In seconds, bytes, dollars, and products of their powers.
    pub value: f64,
    /// Its dimension.
    pub dim: Dim,
    /// Its form, if it has no dimension.
    pub flavor: Flavor,
}

impl Quantity {
    /// A quantity of that dimension, as a plain number.
    #[must_use]
    pub fn new(value: f64, dim: Dim) -> Self {
        Self { value, dim, flavor: Flavor::Plain }
    }

    /// Its name in messages: "a ratio", "a factor", or its dimension.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match (self.dim, self.flavor) {
            (Dim::NONE, Flavor::Percent) => "a ratio",
            (Dim::NONE, Flavor::Factor) => "a factor",
            (dim, _) => dim.name(),
        }
    }
}
