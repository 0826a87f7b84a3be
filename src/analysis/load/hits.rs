//! Hit ratios: given, or computed from what a cache holds and what it is asked for.
//!
//! In: the cache's `hit`, or its items, their popularity (Zipf's exponent `skew`), its
//! size in entries and its `ttl` (seconds), and how often it is asked. Out: the share of
//! look-ups that find an entry, with its derivation, or what the design does not say.
//! One function answers for demand, latency, cost and what is shown.
//!
//! A cache on machines of its own splits its keys over them: it holds `memory` x `nodes` /
//! `replicas` / `entry_size` entries of a catalogue of `entries` keys. A cache in a process
//! holds `entries` of `items`; each replica sees its part of the requests and has a copy
//! of its own, with `state = sticky` of its own part of the items. LRU by Che 2002, FIFO and
//! RANDOM by its analogue, LFU exactly, under independent requests; a `ttl` counts from the
//! fetch, at the peak ([`crate::theory::cache::Zipf::limited`]). Never: a client's cache
//! (each user has one), a CDN's (it is shared with others).

use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::memory;
use crate::kinds::Absorb;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Attrs, CompId, Component, Model, System};
use crate::theory::cache::{Policy, Zipf};
use crate::units::{show_rate, show_ratio, show_size, show_time, significant};

/// The hit ratio of one component.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Share of look-ups that find an entry.
    pub value: Known,
    /// How it follows, line by line.
    pub why: Vec<String>,
    /// What it is computed from, where it is.
    pub held: Option<Held>,
}

/// What a cache holds, and of what.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Distinct keys that one copy is asked for.
    pub items: f64,
    /// Zipf's exponent.
    pub skew: f64,
    /// Entries that one copy holds.
    pub entries: f64,
    /// Bytes of one entry, if they are said.
    pub entry_size: Option<f64>,
    /// Seconds that an entry lives.
    ttl: Option<f64>,
    /// What a full one gives up.
    policy: Policy,
    /// Copies that share the look-ups.
    pub copies: f64,
}

impl Held {
    fn zipf(&self) -> Option<Zipf> {
        // Between one and what a count can be.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let items = self.items.round().clamp(1.0, 1e18) as u64;
        Zipf::new(items, self.skew)
    }

    /// Least entries for a hit ratio, were it not for the `ttl`; none if only all items give it.
    #[must_use]
    pub fn entries_for(&self, hit: f64) -> Option<f64> {
        self.zipf()?.entries_for(self.policy, hit).map(f64::ceil)
    }

    /// The hit ratio at so many look-ups a second of all copies.
    fn at(&self, rate: f64, why: &mut Vec<String>) -> Option<f64> {
        let zipf = self.zipf()?;
        let rate = rate / self.copies;
        let lifetime = self.ttl.map_or(f64::INFINITY, |t| t * rate);
        let fit = zipf.limited(self.policy, self.entries, lifetime)?;
        if let Some(ttl) = self.ttl {
            let binds = if lifetime <= fit.characteristic_time { "which binds" } else { "memory binds before" };
            why.push(format!("ttl {} at {} a copy: {binds}", show_time(ttl), show_rate(rate)));
        }
        Some(fit.hit_ratio)
    }
}

/// Whether and how the hit ratio of a component is known before its rate is.
#[derive(Clone, Debug)]
enum Source {
    /// It is.
    Now(Hit),
    /// It depends on how often it is asked.
    AtRate(Held, Vec<String>),
}

/// Hit ratios of all components, by their order; those of some only once their rates are known.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    list: Vec<Option<Hit>>,
    open: Vec<(CompId, Held, Vec<String>)>,
}

impl Hits {
    /// What is known without rates.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut out = Self::default();
        for (id, c) in model.all() {
            let hit = match source(model, c) {
                None => None,
                Some(Source::Now(hit)) => Some(hit),
                Some(Source::AtRate(held, why)) => {
                    out.open.push((id, held, why));
                    let value = Err(Reason::of(
                        ReasonKind::NotConverged,
                        c,
                        format!("the hit ratio of `{}` depends on its own misses", c.name),
                    ));
                    Some(Hit { value, why: Vec::new(), held: None })
                }
            };
            out.list.push(hit);
        }
        out
    }

    /// The hit ratio of a component, if it is a cache or has one.
    #[must_use]
    pub fn of(&self, id: CompId) -> Option<&Hit> {
        self.list.get(id.0)?.as_ref()
    }

    /// Whether some ratio depends on how often its cache is asked: then use is not in proportion to the load.
    pub(in crate::analysis) fn by_rate(&self) -> bool {
        self.list.iter().flatten().any(|h| h.held.as_ref().is_some_and(|held| held.ttl.is_some()))
    }

    /// Whether some wait for their rates.
    pub(in crate::analysis) fn waits(&self) -> bool {
        !self.open.is_empty()
    }

    /// Takes the look-ups a second of each that waits; those that are known decide, and if
    /// none are, what they lack.
    pub(in crate::analysis) fn settle(&mut self, asked: &dyn Fn(CompId) -> Known) {
        let open = std::mem::take(&mut self.open);
        let rates: Vec<Known> = open.iter().map(|(id, ..)| asked(*id)).collect();
        let none = rates.iter().all(Result::is_err);
        for ((id, held, mut why), rate) in open.into_iter().zip(rates) {
            let value = match rate {
                Ok(rate) => held
                    .at(rate, &mut why)
                    .ok_or_else(|| Reason::new(ReasonKind::OutOfRange, "its numbers are out of range")),
                Err(e) if none => Err(e),
                Err(_) => {
                    self.open.push((id, held, why));
                    continue;
                }
            };
            if let Some(slot) = self.list.get_mut(id.0) {
                *slot = Some(Hit { value, why, held: Some(held) });
            }
        }
    }
}

fn source(model: &Model, c: &Component) -> Option<Source> {
    let facets = c.kind.facets;
    let attrs = match facets.absorb {
        Some(Absorb::CacheBlock) => c.attrs.read(keys::CACHE)?,
        Some(Absorb::Hit) => &c.attrs,
        None if facets.misses => &c.attrs,
        None => return None,
    };
    let now = |value: Known, why: Vec<String>| Some(Source::Now(Hit { value, why, held: None }));
    if let Some(hit) = attrs.read(keys::HIT) {
        return now(Ok(hit.mid), vec!["its `hit`".to_owned()]);
    }
    let says = |name: &str| attrs.peek(name).is_some();
    let asked_for = if facets.misses { "entries" } else { "items" };
    let nothing = !says(asked_for) && !says("skew");
    if facets.origin || nothing || facets.absorb == Some(Absorb::Hit) {
        return now(
            Err(Reason::missing_as(c, "hit", format!("`{}` does not say its `hit` ratio", c.name))),
            Vec::new(),
        );
    }
    let mut why = Vec::new();
    let held =
        if facets.misses { on_machines(model, c, &mut why) } else { in_process(&model.system, c, attrs, &mut why) };
    match held {
        Err(e) => now(Err(e), Vec::new()),
        Ok(held) if held.ttl.is_some() => Some(Source::AtRate(held, why)),
        Ok(held) => {
            let value = held.at(0.0, &mut why).ok_or_else(|| {
                Reason::of(ReasonKind::OutOfRange, c, format!("the `skew` of `{}` is out of range", c.name))
            });
            Some(Source::Now(Hit { value, why, held: Some(held) }))
        }
    }
}

/// A number of a cache, or that it is not said.
fn said(c: &Component, attrs: &Attrs, name: &str, what: &str) -> Known {
    let number = attrs.number(name).map(|n| n.mid);
    number.ok_or_else(|| {
        Reason::of(
            ReasonKind::Missing,
            c,
            format!("`{}` does not say {what} (`{name}`), from which its hit ratio follows", c.name),
        )
    })
}

fn on_machines(model: &Model, c: &Component, why: &mut Vec<String>) -> Result<Held, Reason> {
    let items = said(c, &c.attrs, "entries", "how many keys are asked for")?;
    let entry_size = said(c, &c.attrs, "entry_size", "how large an entry is")?;
    let skew = said(c, &c.attrs, "skew", "how popularity falls")?;
    let memory = memory(model, c)?;
    let nodes = c.nodes_left(&model.system)?;
    let copies = c.replicas()?.min(nodes.max(1.0));
    let entries = (memory * nodes / copies / entry_size).floor();
    let ttl = c.attrs.read(keys::TTL).map(|t| t.mid);
    let policy = match c.attrs.read(keys::EVICTION).unwrap_or("lru") {
        "lfu" => Policy::Lfu,
        "lru" => Policy::Lru,
        "none" if entries < items => {
            return Err(Reason::of(
                ReasonKind::Contradiction,
                c,
                format!(
                    "`{}` evicts nothing and cannot hold all its `entries`: what it holds depends on its past",
                    c.name
                ),
            ));
        }
        _ => Policy::FifoOrRandom,
    };
    why.push(format!("{} keys are asked for, by Zipf's law of exponent {skew}", significant(items, 6)));
    why.push(format!(
        "{} of memory x {nodes} nodes / {copies} copies / {} an entry: {} entries, {} of the keys",
        show_size(memory),
        show_size(entry_size),
        significant(entries, 6),
        show_ratio((entries / items).min(1.0))
    ));
    Ok(Held { items, skew, entries, entry_size: Some(entry_size), ttl, policy, copies: 1.0 })
}

fn in_process(system: &System, c: &Component, block: &Attrs, why: &mut Vec<String>) -> Result<Held, Reason> {
    let items = said(c, block, "items", "how many things are asked for")?;
    let entries = said(c, block, "entries", "how many entries its cache holds")?;
    let skew = said(c, block, "skew", "how popularity falls")?;
    let copies = if c.is_provided() { 1.0 } else { c.replicas_left(system)?.max(1.0) };
    // A session stays at its replica, and with it what it asks for.
    let own = if c.attrs.read(keys::STATE) == Some("sticky") { (items / copies).max(1.0) } else { items };
    why.push(format!("{} things are asked for of each copy, by Zipf's law of exponent {skew}", significant(own, 6)));
    why.push(format!("each of {copies} copies holds {} of them", significant(entries.min(own), 6)));
    let (ttl, entry_size) = (block.read(keys::TTL).map(|t| t.mid), block.read(keys::ENTRY_SIZE).map(|s| s.mid));
    Ok(Held { items: own, skew, entries, entry_size, ttl, policy: Policy::Lru, copies })
}
