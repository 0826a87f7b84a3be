//! Fields of an object, with the reasons of those that are unknown.

use crate::analysis::{By, Known, LATENCY_METRICS, Measure, NOT_MODELLED, Timed};
use crate::model::Reason;
use crate::model::ReasonKind;
use serde_json::{Map, Value as Json, json as j};

/// Collects fields and the reasons of unknown ones.
pub(super) struct Fields {
    pub(super) map: Map<String, Json>,
    pub(super) unknown: Map<String, Json>,
    pub(super) range: Map<String, Json>,
    /// The cases that ranges cover.
    pub(super) by: Option<By>,
}

/// An endpoint of a range: `"unbounded"` if it has none.
pub(super) fn bound(x: f64) -> Json {
    if x.is_infinite() { j!("unbounded") } else { j!(x) }
}

impl Fields {
    pub(super) fn new() -> Self {
        Self { map: Map::new(), unknown: Map::new(), range: Map::new(), by: None }
    }

    pub(super) fn put(&mut self, name: &str, value: Json) {
        self.map.insert(name.to_owned(), value);
    }

    pub(super) fn known(&mut self, name: &str, value: &Known) {
        match value {
            Ok(x) if x.is_infinite() => self.put(name, j!("unbounded")),
            Ok(x) => self.put(name, j!(x)),
            Err(e) => {
                self.put(name, Json::Null);
                self.unknown.insert(name.to_owned(), j!(e));
            }
        }
    }

    /// A random time as its mean and percentiles.
    pub(super) fn timed(&mut self, name: &str, time: &Timed) {
        if let Timed::Unknown(e) = time {
            self.known(name, &Err(e.clone()));
            return;
        }
        let mut one = Fields::new();
        for metric in LATENCY_METRICS {
            one.measure(metric, &time.measure(metric));
        }
        self.put(name, one.finish());
    }

    pub(super) fn measure(&mut self, name: &str, value: &Measure) {
        match value {
            Measure::Known(x) => self.put(name, j!(x)),
            Measure::Unbounded(_) => self.put(name, j!("unbounded")),
            Measure::Unknown(e) => self.known(name, &Err(e.clone())),
        }
    }

    pub(super) fn not_modelled(&mut self, names: &[&str]) {
        for n in names {
            self.known(n, &Err(Reason::new(ReasonKind::NotModelled, NOT_MODELLED)));
        }
    }

    pub(super) fn ranged(&mut self, name: &str, range: Option<&Option<(f64, f64)>>) {
        if let Some(Some((low, high))) = range
            && low < high
        {
            self.range.insert(name.to_owned(), j!([bound(*low), bound(*high)]));
        }
    }

    pub(super) fn finish(mut self) -> Json {
        if !self.range.is_empty() {
            self.map.insert("range".to_owned(), Json::Object(self.range));
            if let Some(by) = self.by {
                self.map.insert("range_by".to_owned(), j!(by.word()));
            }
        }
        if !self.unknown.is_empty() {
            self.map.insert("unknown".to_owned(), Json::Object(self.unknown));
        }
        Json::Object(self.map)
    }
}
