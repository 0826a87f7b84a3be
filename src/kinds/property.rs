//! Descriptions of attributes: name, type, default, range, doc. Tables of these drive checking,
//! suggestions, completion and the reference pages.
//!
//! In: nothing. Out: types. Never: a value of a design.

/// The type of an attribute's value.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `true`, `false`
    Bool,
    /// A string.
    Text,
    /// A number without unit, at least 0.
    Count,
    /// `85%` or `0.85`
    Ratio,
    /// `3ms`; a bare time is constant.
    Time,
    /// A time or a distribution; a bare time is the mean of an exponential.
    Latency,
    /// `512MiB`
    Size,
    /// `400 rps`
    Rate,
    /// `10MB/s`
    Bandwidth,
    /// `$40k/month`, or `$0.40 per 1M` (per request)
    Price,
    /// `$40k/month`
    MoneyRate,
    /// `2x` or `2`
    Factor,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A word that the design chooses, or a string.
    Label,
    /// `[a, b]` of words that the design chooses.
    Labels,
    /// The name of a component, or several in a list.
    Components,
    /// `22:00`
    Clock,
    /// `22:00 to 05:00`
    Window,
    /// `100 rps [per client|ip|user|route]`
    Limit,
    /// `6% per month`
    Growth,
    /// `4`, `?` or `? by customer_id`
    Shards,
    /// `none`, `sticky`, `token`, `pin_primary 5s`
    Session,
    /// `all`, `2` or `[a, b]`
    Zones,
    /// A region, or several in a list.
    Regions,
    /// The name of a machine in the catalog.
    Instance,
    /// A table: zone or region to count.
    Place,
    /// A table: region to ratio.
    Shares,
    /// A time, or a table of pairs of regions to times.
    RegionTimes,
    /// A table: name of an operation to its own attributes.
    Ops,
    /// A block with these attributes.
    Block(&'static [Property]),
}

impl Type {
    /// Its name on the reference page.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Text => "string".to_owned(),
            Self::Count => "count".to_owned(),
            Self::Ratio => "ratio".to_owned(),
            Self::Time => "time".to_owned(),
            Self::Latency => "time or distribution".to_owned(),
            Self::Size => "size".to_owned(),
            Self::Rate => "rate".to_owned(),
            Self::Bandwidth => "bandwidth".to_owned(),
            Self::Price => "money per time, or per request".to_owned(),
            Self::MoneyRate => "money per time".to_owned(),
            Self::Factor => "factor".to_owned(),
            Self::Word(words) => words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" "),
            Self::Label => "word".to_owned(),
            Self::Labels => "list of words".to_owned(),
            Self::Components => "component or list of components".to_owned(),
            Self::Clock => "time of day, UTC".to_owned(),
            Self::Window => "`22:00 to 05:00`".to_owned(),
            Self::Limit => "rate, `per client`, `ip`, `user` or `route`".to_owned(),
            Self::Growth => "ratio per time".to_owned(),
            Self::Shards => "count, `by KEY`".to_owned(),
            Self::Session => "`none` `sticky` `token` `pin_primary TIME`".to_owned(),
            Self::Zones => "`all`, a count, or a list of zones".to_owned(),
            Self::Regions => "region or list of regions".to_owned(),
            Self::Instance => "machine of the catalog".to_owned(),
            Self::Place => "table: zone to count".to_owned(),
            Self::Shares => "table: region to ratio".to_owned(),
            Self::RegionTimes => "time, or table: two regions to time".to_owned(),
            Self::Ops => "table: operation to its attributes".to_owned(),
            Self::Block(_) => "block".to_owned(),
        }
    }
}

/// Allowed values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// At least 0; required of every quantity.
    NonNegative,
    /// More than 0.
    Positive,
    /// A whole number, at least this.
    Whole(f64),
    /// 0 to 100%.
    Unit,
    /// A whole number between these.
    Between(f64, f64),
}

impl Range {
    /// Whether `value` is allowed.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::NonNegative => value >= 0.0,
            Self::Positive => value > 0.0,
            Self::Whole(least) => value >= least && value.fract() == 0.0,
            Self::Unit => (0.0..=1.0).contains(&value),
            Self::Between(least, most) => (least..=most).contains(&value) && value.fract() == 0.0,
        }
    }

    /// The range as text, for an error message.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::NonNegative => "0 or more".to_owned(),
            Self::Positive => "more than 0".to_owned(),
            Self::Whole(least) => format!("a whole number, at least {least}"),
            Self::Unit => "between 0% and 100%".to_owned(),
            Self::Between(least, most) => format!("a whole number between {least} and {most}"),
        }
    }
}

/// One attribute.
#[derive(Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// The type of its value.
    pub ty: Type,
    /// One sentence.
    pub doc: &'static str,
    /// A literal, and the reason for it.
    pub default: Option<(&'static str, &'static str)>,
    /// Allowed values.
    pub range: Range,
    /// Whether `?` is a value.
    pub hole: bool,
}

/// A new attribute; the builder methods add to it.
#[must_use]
pub const fn prop(name: &'static str, ty: Type, doc: &'static str) -> Property {
    let range = match ty {
        Type::Ratio => Range::Unit,
        _ => Range::NonNegative,
    };
    Property { name, ty, doc, default: None, range, hole: false }
}

impl Property {
    /// Sets a default with its reason.
    #[must_use]
    pub const fn default(mut self, literal: &'static str, why: &'static str) -> Self {
        self.default = Some((literal, why));
        self
    }

    /// Requires more than 0.
    #[must_use]
    pub const fn positive(mut self) -> Self {
        self.range = Range::Positive;
        self
    }

    /// Requires a whole number, at least `n`.
    #[must_use]
    pub const fn whole(mut self, n: f64) -> Self {
        self.range = Range::Whole(n);
        self
    }

    /// Requires a whole number between two.
    #[must_use]
    pub const fn between(mut self, least: f64, most: f64) -> Self {
        self.range = Range::Between(least, most);
        self
    }

    /// Allows `?`.
    #[must_use]
    pub const fn hole(mut self) -> Self {
        self.hole = true;
        self
    }
}
