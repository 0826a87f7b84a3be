//! What a kind sees of a component when it lowers it.

use super::Host;

/// A component, resolved: attributes by name, counts solved.
pub struct View<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its doc comment.
    pub doc: Option<&'a str>,
    /// The shipped engine at the end of its bases.
    pub engine: Option<&'a str>,
    /// Processes or copies, parts, machines; 1 where they are not known.
    pub replicas: u32,
    /// Parts.
    pub shards: u32,
    /// Machines.
    pub nodes: u32,
    /// vCPUs of one process.
    pub cpus: f64,
    /// What runs one of them.
    pub runs: Option<&'a Host>,
    /// Whether the design runs it itself though the provider could.
    pub own: bool,
    /// Whether something calls it.
    pub called: bool,
    /// How those that balance over it check its health: path and seconds between two checks.
    pub checked: Option<(&'a str, f64)>,
    /// An attribute's number, by its path (`backup.every`), SI units.
    pub number: &'a dyn Fn(&str) -> Option<f64>,
    /// An attribute's word or string.
    pub word: &'a dyn Fn(&str) -> Option<String>,
    /// An attribute's truth.
    pub flag: &'a dyn Fn(&str) -> Option<bool>,
}

impl View<'_> {
    /// A word, or what stands for it.
    #[must_use]
    pub fn word_or(&self, path: &str, default: &str) -> String {
        (self.word)(path).unwrap_or_else(|| default.to_owned())
    }

    /// A small count.
    #[must_use]
    pub fn count(&self, path: &str) -> Option<u32> {
        let n = (self.number)(path)?.round().clamp(0.0, f64::from(u32::MAX));
        // Between 0 and the largest.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let n = n as u32;
        Some(n)
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self, default: u16) -> u16 {
        self.count("port").and_then(|p| u16::try_from(p).ok()).filter(|p| *p > 0).unwrap_or(default)
    }
}
