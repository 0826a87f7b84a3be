//! A component as its kind sees it when it lowers it.

use super::Host;

/// A resolved component: attributes by path, counts without variables.
pub struct View<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its doc comment.
    pub doc: Option<&'a str>,
    /// The shipped engine at the end of its bases.
    pub engine: Option<&'a str>,
    /// Replicas; 1 if unknown.
    pub replicas: u32,
    /// Shards; 1 if unknown.
    pub shards: u32,
    /// Machines; 1 if unknown.
    pub nodes: u32,
    /// vCPUs of one replica.
    pub cpus: f64,
    /// What runs one replica.
    pub runs: Option<&'a Host>,
    /// Whether the design runs it itself although the provider could.
    pub own: bool,
    /// Whether any component calls it.
    pub called: bool,
    /// Health check of the balancers before it: path, seconds between two checks.
    pub checked: Option<(&'a str, f64)>,
    /// The number of an attribute, by its path (`backup.every`), SI units.
    pub number: &'a dyn Fn(&str) -> Option<f64>,
    /// The word or string of an attribute.
    pub word: &'a dyn Fn(&str) -> Option<String>,
    /// The truth value of an attribute.
    pub flag: &'a dyn Fn(&str) -> Option<bool>,
}

impl View<'_> {
    /// The word of an attribute, else the default.
    #[must_use]
    pub fn word_or(&self, path: &str, default: &str) -> String {
        (self.word)(path).unwrap_or_else(|| default.to_owned())
    }

    /// The word of an attribute as a value of its vocabulary.
    #[must_use]
    pub fn value<T>(&self, path: &str, of: fn(&str) -> Option<T>) -> Option<T> {
        of(&(self.word)(path)?)
    }

    /// The number of an attribute, as a count.
    #[must_use]
    pub fn count(&self, path: &str) -> Option<u32> {
        let n = (self.number)(path)?.round().clamp(0.0, f64::from(u32::MAX));
        // Between 0 and the largest.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let n = n as u32;
        Some(n)
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self, default: u16) -> u16 {
        self.count("port").and_then(|p| u16::try_from(p).ok()).filter(|p| *p > 0).unwrap_or(default)
    }
}
