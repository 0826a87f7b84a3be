//! Contents of a cache: which keys are in it.
//!
//! In: keys in the order in which they are asked for, times. Out: hit or miss. A missed key is
//! stored at once; it expires `ttl` after that. A full cache evicts by LRU, LFU (perfect: by all
//! requests so far), FIFO or at random. Never: a formula.

#![allow(clippy::indexing_slicing)] // all lists have a place for each key

use super::program::{Contents, NONE};
use super::random::Stream;
use crate::resource::Eviction;
use std::collections::BTreeSet;

/// A cache with its entries.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    spec: Contents,
    /// By key: the time at which its entry expires; negative if there is none.
    expires: Vec<f64>,
    /// By key: neighbours in the list of entries, the most recent first.
    before: Vec<u32>,
    after: Vec<u32>,
    newest: u32,
    oldest: u32,
    held: u32,
    /// By key: requests so far; and the entries by these. Only for LFU.
    asked: Vec<u32>,
    ranked: BTreeSet<(u32, u32)>,
    /// Entries in any order, and the place of each. Only for random eviction.
    bag: Vec<u32>,
    place: Vec<u32>,
}

impl Cache {
    /// An empty cache.
    pub fn new(spec: Contents) -> Self {
        let n = spec.keys.count() as usize;
        let only = |wanted: bool| if wanted { vec![0; n] } else { Vec::new() };
        Self {
            spec,
            expires: vec![-1.0; n],
            before: vec![NONE; n],
            after: vec![NONE; n],
            newest: NONE,
            oldest: NONE,
            held: 0,
            asked: only(spec.eviction == Eviction::Lfu),
            ranked: BTreeSet::new(),
            bag: Vec::new(),
            place: only(spec.eviction == Eviction::Random),
        }
    }

    /// Asks for a drawn key; whether its entry is there. A missed key is stored.
    pub fn ask(&mut self, now: f64, stream: &mut Stream) -> bool {
        let key = self.spec.keys.draw(stream);
        self.ask_for(key, now, stream)
    }

    fn ask_for(&mut self, key: u32, now: f64, stream: &mut Stream) -> bool {
        let at = key as usize;
        if let Some(n) = self.asked.get_mut(at) {
            let old = *n;
            *n += 1;
            if self.ranked.remove(&(old, key)) {
                self.ranked.insert((old + 1, key));
            }
        }
        if self.expires[at] >= 0.0 {
            if self.expires[at] > now {
                if self.spec.eviction == Eviction::Lru {
                    self.unlink(key);
                    self.link(key);
                }
                return true;
            }
            self.remove(key);
        }
        if self.spec.entries == 0 {
            return false;
        }
        if self.held >= self.spec.entries && !self.evict(now, key, stream) {
            return false;
        }
        self.expires[at] = self.spec.ttl.map_or(f64::INFINITY, |t| now + t);
        self.link(key);
        self.held += 1;
        if self.spec.eviction == Eviction::Lfu {
            self.ranked.insert((self.asked[at], key));
        }
        if let Some(place) = self.place.get_mut(at) {
            *place = u32::try_from(self.bag.len()).unwrap_or(NONE);
            self.bag.push(key);
        }
        false
    }

    /// Makes room; whether there is some.
    fn evict(&mut self, now: f64, wanted: u32, stream: &mut Stream) -> bool {
        let victim = match self.spec.eviction {
            Eviction::None => return false,
            Eviction::Lru | Eviction::Fifo | Eviction::Ttl => self.oldest,
            Eviction::Random => self.bag[stream.below(self.held) as usize],
            Eviction::Lfu => match self.ranked.first() {
                // An entry that is asked for less often than those inside does not come in.
                Some((asked, key)) if *asked <= self.asked[wanted as usize] || self.expires[*key as usize] <= now => {
                    *key
                }
                _ => return false,
            },
        };
        if victim == NONE {
            return false;
        }
        self.remove(victim);
        true
    }

    fn remove(&mut self, key: u32) {
        self.unlink(key);
        self.expires[key as usize] = -1.0;
        self.held -= 1;
        if self.spec.eviction == Eviction::Lfu {
            self.ranked.remove(&(self.asked[key as usize], key));
        }
        if let Some(place) = self.place.get(key as usize).copied() {
            self.bag.swap_remove(place as usize);
            if let Some(moved) = self.bag.get(place as usize) {
                self.place[*moved as usize] = place;
            }
        }
    }

    fn link(&mut self, key: u32) {
        self.before[key as usize] = NONE;
        self.after[key as usize] = self.newest;
        match self.newest {
            NONE => self.oldest = key,
            old => self.before[old as usize] = key,
        }
        self.newest = key;
    }

    fn unlink(&mut self, key: u32) {
        let (before, after) = (self.before[key as usize], self.after[key as usize]);
        match before {
            NONE => self.newest = after,
            b => self.after[b as usize] = after,
        }
        match after {
            NONE => self.oldest = before,
            a => self.before[a as usize] = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::Contents;
    use super::super::random::{Keys, Stream};
    use super::Cache;
    use crate::resource::Eviction;
    use std::collections::VecDeque;

    fn cache(eviction: Eviction, entries: u32, ttl: Option<f64>) -> Cache {
        Cache::new(Contents { keys: Keys::new(50, 0.8), entries, ttl, eviction })
    }

    #[test]
    fn lru_and_fifo_are_as_lists_say() {
        for (eviction, moves) in [(Eviction::Lru, true), (Eviction::Fifo, false)] {
            let (mut c, mut stream) = (cache(eviction, 7, None), Stream::new(1, 0, "keys"));
            let mut list: VecDeque<u32> = VecDeque::new();
            let keys = Keys::new(50, 0.8);
            for _ in 0..20_000 {
                let key = keys.draw(&mut stream);
                let at = list.iter().position(|k| *k == key);
                if let (Some(i), true) = (at, moves) {
                    list.remove(i);
                    list.push_front(key);
                } else if at.is_none() {
                    list.push_front(key);
                    list.truncate(7);
                }
                assert_eq!(c.ask_for(key, 0.0, &mut Stream::new(2, 0, "")), at.is_some());
            }
        }
    }

    #[test]
    fn lfu_keeps_the_most_popular_and_random_keeps_its_books() {
        let mut stream = Stream::new(1, 0, "keys");
        for (eviction, least, most) in [(Eviction::Lfu, 0.535, 0.56), (Eviction::Random, 0.30, 0.53)] {
            let mut c = cache(eviction, 10, None);
            let hits = (0..200_000).filter(|_| c.ask(0.0, &mut stream)).count();
            let ratio = f64::from(u32::try_from(hits).unwrap()) / 200_000.0;
            // The ten most popular of 50 keys have 54.7% of the requests.
            assert!((least..most).contains(&ratio), "{eviction:?}: {ratio}");
        }
    }

    #[test]
    fn an_entry_expires() {
        let (mut c, mut stream) = (cache(Eviction::Lru, 10, Some(5.0)), Stream::new(1, 0, ""));
        assert!(!c.ask_for(3, 0.0, &mut stream));
        assert!(c.ask_for(3, 4.9, &mut stream));
        assert!(!c.ask_for(3, 5.1, &mut stream), "it counts from the fetch");
        assert!(c.ask_for(3, 10.0, &mut stream));
    }
}
