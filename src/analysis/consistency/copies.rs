//! Copies of a store under a partition: who can write, and who reads stale data.
//!
//! In: copies and voters with their locations, rules of the store, a network, the entry of the
//! request. Out: works, stale or fails, and whether data is lost, split or diverges, in
//! the steady state after all failovers. Reachability is direct: nobody relays.
//! Sources: section 4 of Gilbert and Lynch 2002 for the model; documentation of etcd,
//! Cassandra, Patroni, Redis Sentinel and Kafka for the rules. Never: a transient state.

use super::net::Net;
use super::net::Place;
use std::collections::BTreeSet;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A normal answer.
    Works,
    /// An answer with possibly stale data.
    Stale,
    /// No answer, or an error.
    Fails,
}

impl Fate {
    /// The word in JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Works => "WORKS",
            Self::Stale => "STALE",
            Self::Fails => "FAILS",
        }
    }
}

/// An effect on data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Acknowledged writes are lost.
    Loss,
    /// Two primaries accept writes.
    Split,
    /// Copies accept different writes; of two concurrent writes one is discarded.
    Diverge,
}

impl Flag {
    /// The word in JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Loss => "LOSS",
            Self::Split => "SPLIT",
            Self::Diverge => "DIVERGE",
        }
    }
}

/// The outcome of an operation, with its effects on data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// Works, stale or fails.
    pub fate: Fate,
    /// Effects on data.
    pub flags: BTreeSet<Flag>,
}

impl Answer {
    fn only(fate: Fate) -> Self {
        Self { fate, flags: BTreeSet::new() }
    }

    fn works(flags: &[Flag]) -> Self {
        Self { fate: Fate::Works, flags: flags.iter().copied().collect() }
    }

    /// Whether it works without any effect on data.
    #[must_use]
    pub fn plain(&self) -> bool {
        self.fate == Fate::Works && self.flags.is_empty()
    }

    /// The worse outcome, with the flags of both.
    #[must_use]
    pub fn meet(mut self, other: &Self) -> Self {
        self.fate = self.fate.max(other.fate);
        self.flags.extend(&other.flags);
        self
    }
}

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// A write, with all the acknowledgements that the store waits for.
    Write,
    /// A write that one copy acknowledges.
    WriteOne,
    /// A write without acknowledgement.
    WriteBlind,
    /// A read that sees the latest write, as far as the store can.
    Read,
    /// A read from any copy.
    ReadAny,
}

/// A copy or a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Its location.
    pub place: Place,
    /// Whether it is up.
    pub up: bool,
}

/// The rules of copies that follow a primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primary {
    /// The index of the primary's copy.
    pub at: usize,
    /// Voters that promote a replica; none without automatic failover.
    pub voters: Option<Vec<Copy>>,
    /// Whether a primary without a majority of its voters stops.
    pub fenced: bool,
    /// Number of synchronous replicas that have each acknowledged write; 0 if commits do not wait.
    pub in_step: usize,
    /// Whether a commit waits for them forever.
    pub blocks: bool,
    /// Whether only synchronous replicas are promoted.
    pub sure: bool,
    /// Number of other copies that a write requires in reach.
    pub least: usize,
}

/// The rules of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rules {
    /// A majority of voters agrees on a leader; which one leads, if it is known.
    Consensus(Option<usize>),
    /// Reads use `r` copies, writes `w`; a sloppy quorum also uses other nodes.
    Quorum {
        /// Copies that a read uses.
        r: usize,
        /// Copies a write waits for.
        w: usize,
        /// All nodes of a sloppy quorum; none if the quorum is strict.
        sloppy: Option<Vec<Copy>>,
    },
    /// A majority of the copies in the region of the request; the region of each place.
    LocalQuorum(Vec<usize>),
    /// One copy accepts writes, the others follow.
    Primary(Primary),
    /// A log with a leader, synchronous replicas and controllers that elect.
    Log {
        /// The leader.
        leader: usize,
        /// Synchronous replicas, the leader included.
        in_step: BTreeSet<usize>,
        /// Synchronous replicas that a write with all acknowledgements requires.
        least: usize,
        /// The controllers that elect.
        controllers: Vec<Copy>,
        /// Whether a copy that lags may become leader.
        unclean: bool,
    },
    /// Every copy accepts writes.
    MultiPrimary,
    /// Provider-managed: at all locations.
    Everywhere,
}

/// Copies with their rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copies {
    /// The copies.
    pub all: Vec<Copy>,
    /// The rules.
    pub rules: Rules,
}

fn majority(n: usize) -> usize {
    n / 2 + 1
}

/// Whether a copy and its location are up.
fn up(net: &Net, c: &Copy) -> bool {
    c.up && !net.lost.contains(&c.place)
}

/// The copies that are up and in reach of a location.
fn reachable<'a>(net: &'a Net, from: Place, all: &'a [Copy]) -> impl Iterator<Item = &'a Copy> {
    all.iter().filter(move |c| up(net, c) && net.reaches(from, c.place))
}

impl Copies {
    /// The outcome of an operation that enters at a location.
    #[must_use]
    pub fn answer(&self, net: &Net, entry: Place, ask: Ask) -> Answer {
        if net.lost.contains(&entry) {
            return Answer::only(Fate::Fails);
        }
        if ask == Ask::WriteBlind {
            // Without acknowledgement the writer sees no failure, so the write may be lost.
            return Answer::works(&[Flag::Loss]);
        }
        match &self.rules {
            Rules::Everywhere => Answer::works(&[]),
            Rules::Consensus(leader) => self.consensus(net, entry, ask, *leader),
            Rules::Quorum { r, w, sloppy } => self.quorum(net, entry, ask, (*r, *w), sloppy.as_deref()),
            Rules::LocalQuorum(regions) => self.local_quorum(net, entry, ask, regions),
            Rules::MultiPrimary => self.multi(net, entry, ask),
            Rules::Primary(p) => self.primary(net, entry, ask, p),
            Rules::Log { leader, in_step, least, controllers, unclean } => {
                self.log(net, entry, ask, (*leader, in_step, *least), controllers, *unclean)
            }
        }
    }

    fn live<'a>(&'a self, net: &'a Net) -> impl Iterator<Item = &'a Copy> {
        self.all.iter().filter(move |c| up(net, c))
    }

    /// Locations that may coordinate a request: its own and those of reachable copies.
    fn coordinators(&self, net: &Net, entry: Place) -> BTreeSet<Place> {
        reachable(net, entry, &self.all).map(|c| c.place).chain([entry]).collect()
    }

    fn consensus(&self, net: &Net, entry: Place, ask: Ask, leader: Option<usize>) -> Answer {
        let needed = majority(self.all.len());
        let leads = |c: &Copy| up(net, c) && reachable(net, c.place, &self.all).count() >= needed;
        let now = leader.and_then(|l| self.all.get(l)).filter(|c| leads(c));
        let leaders: Vec<&Copy> = match now {
            Some(c) => vec![c],
            None => self.all.iter().filter(|c| leads(c)).collect(),
        };
        let coordinators = self.coordinators(net, entry);
        let works = leaders.iter().any(|l| coordinators.iter().any(|d| net.reaches(*d, l.place)));
        match ask {
            Ask::ReadAny => {
                let mut copies = reachable(net, entry, &self.all).peekable();
                if copies.peek().is_none() {
                    return Answer::only(Fate::Fails);
                }
                let behind = leaders.iter().any(|l| !net.reaches(entry, l.place)) && !works;
                Answer::only(if behind { Fate::Stale } else { Fate::Works })
            }
            _ => Answer::only(if works { Fate::Works } else { Fate::Fails }),
        }
    }

    fn quorum(&self, net: &Net, entry: Place, ask: Ask, needed: (usize, usize), sloppy: Option<&[Copy]>) -> Answer {
        let (r, w) = needed;
        let n = self.all.len();
        let nodes = sloppy.unwrap_or(&self.all);
        let most = |from: Place| {
            let coordinators = reachable(net, from, nodes).map(|c| c.place).chain([from]);
            coordinators.map(|d| reachable(net, d, nodes).count()).max().unwrap_or(0)
        };
        let here = most(entry);
        let apart = || nodes.iter().filter(|c| up(net, c) && !net.reaches(entry, c.place)).any(|c| most(c.place) >= w);
        match ask {
            Ask::Read | Ask::ReadAny => {
                if here < r {
                    return Answer::only(Fate::Fails);
                }
                let old = sloppy.is_some() || (r + w <= n && apart());
                Answer::only(if old { Fate::Stale } else { Fate::Works })
            }
            _ if here < w => Answer::only(Fate::Fails),
            _ => Answer::works(if (sloppy.is_some() || 2 * w <= n) && apart() { &[Flag::Diverge] } else { &[] }),
        }
    }

    fn local_quorum(&self, net: &Net, entry: Place, ask: Ask, regions: &[usize]) -> Answer {
        let region = |p: Place| regions.get(p).copied();
        let own = |of: Option<usize>| self.all.iter().filter(move |c| region(c.place) == of);
        let can = |from: Place| {
            let of = region(from);
            let here = own(of).filter(|c| up(net, c) && net.reaches(from, c.place)).count();
            here >= majority(own(of).count())
        };
        if !can(entry) {
            return Answer::only(Fate::Fails);
        }
        let apart = self.live(net).any(|c| !net.reaches(entry, c.place) && can(c.place));
        match ask {
            Ask::Read | Ask::ReadAny => Answer::only(if apart { Fate::Stale } else { Fate::Works }),
            _ => Answer::works(if apart { &[Flag::Diverge] } else { &[] }),
        }
    }

    fn multi(&self, net: &Net, entry: Place, ask: Ask) -> Answer {
        if reachable(net, entry, &self.all).next().is_none() {
            return Answer::only(Fate::Fails);
        }
        let apart = self.live(net).any(|c| !net.reaches(entry, c.place));
        match ask {
            Ask::Read | Ask::ReadAny => Answer::only(if apart { Fate::Stale } else { Fate::Works }),
            _ => Answer::works(if apart { &[Flag::Diverge] } else { &[] }),
        }
    }

    /// The location of the copy that is promoted, and whether it may lack acknowledged writes.
    fn promoted(&self, net: &Net, p: &Primary) -> Option<(Place, bool)> {
        let voters = p.voters.as_ref()?;
        let old = self.all.get(p.at)?;
        let alone: Vec<&Copy> =
            voters.iter().filter(|v| up(net, v) && !(up(net, old) && net.reaches(v.place, old.place))).collect();
        let others = self.all.len().saturating_sub(1);
        let mut best: Option<(Place, bool)> = None;
        for (i, c) in self.all.iter().enumerate().filter(|(i, c)| *i != p.at && up(net, c)) {
            let votes = alone.iter().filter(|v| net.reaches(v.place, c.place)).count();
            if votes < majority(voters.len()) {
                continue;
            }
            // At most `others - in_step` copies lack a write. If more copies than that are in reach,
            // one of them has it.
            let reach = self.all.iter().enumerate();
            let reach = reach.filter(|(k, o)| *k != p.at && up(net, o) && (*k == i || net.reaches(c.place, o.place)));
            let lossy = reach.count() + p.in_step <= others;
            if lossy && p.sure && p.in_step > 0 {
                continue;
            }
            let lossy = lossy || (p.in_step > 0 && !p.sure && !p.blocks);
            if best.is_none_or(|(_, b)| b && !lossy) {
                best = Some((c.place, lossy));
            }
        }
        best
    }

    /// Whether a primary at a location reaches the copies that a commit requires.
    fn commits(&self, net: &Net, p: &Primary, place: Place, skip: usize, least: usize) -> bool {
        let near = self.all.iter().enumerate();
        let near = near.filter(|(i, c)| *i != skip && up(net, c) && net.reaches(place, c.place)).count();
        near >= least && (!p.blocks || near >= p.in_step)
    }

    fn primary(&self, net: &Net, entry: Place, ask: Ask, p: &Primary) -> Answer {
        let Some(old) = self.all.get(p.at) else { return Answer::only(Fate::Fails) };
        let new = self.promoted(net, p);
        let leased = match &p.voters {
            Some(v) if p.fenced => reachable(net, old.place, v).count() >= majority(v.len()),
            _ => true,
        };
        let old_is = up(net, old) && leased;
        let old_writes = old_is && self.commits(net, p, old.place, p.at, p.least);
        let new_index =
            new.and_then(|(at, _)| self.all.iter().position(|c| c.place == at && up(net, c))).unwrap_or(p.at);
        let new_writes = new.is_some_and(|(at, _)| self.commits(net, p, at, new_index, 0));
        let split: &[Flag] = if old_writes && new.is_some() { &[Flag::Split] } else { &[] };
        let to_new = new.filter(|(at, _)| net.reaches(entry, *at));
        let to_old = old_is && net.reaches(entry, old.place);
        match ask {
            Ask::ReadAny => {
                if reachable(net, entry, &self.all).next().is_none() {
                    return Answer::only(Fate::Fails);
                }
                let behind = match new {
                    Some((at, _)) => !net.reaches(entry, at) && (new_writes || old_writes),
                    None => old_writes && !net.reaches(entry, old.place),
                };
                Answer::only(if behind { Fate::Stale } else { Fate::Works })
            }
            Ask::Read => {
                if to_new.is_some() {
                    Answer::only(Fate::Works)
                } else if to_old {
                    let fate = if new.is_some() { Fate::Stale } else { Fate::Works };
                    Answer { fate, flags: split.iter().copied().collect() }
                } else {
                    Answer::only(Fate::Fails)
                }
            }
            _ => match to_new {
                Some((_, lossy)) if new_writes => Answer::works(if lossy { &[Flag::Loss] } else { &[] }),
                Some(_) => Answer::only(Fate::Fails),
                None if to_old && old_writes => {
                    Answer::works(if new.is_some() { &[Flag::Loss, Flag::Split] } else { &[] })
                }
                None => Answer::only(Fate::Fails),
            },
        }
    }

    fn log(
        &self,
        net: &Net,
        entry: Place,
        ask: Ask,
        (leader, in_step, least): (usize, &BTreeSet<usize>, usize),
        controllers: &[Copy],
        unclean: bool,
    ) -> Answer {
        let elected = |c: &Copy| reachable(net, c.place, controllers).count() >= majority(controllers.len());
        let live = |i: usize| self.all.get(i).filter(|c| up(net, c));
        let old = live(leader);
        let stays = old.is_some_and(elected);
        let leads = |i: &usize| live(*i).is_some_and(elected);
        let mut lossy = false;
        let new = if stays {
            Some(leader)
        } else {
            in_step.iter().copied().find(leads).or_else(|| {
                lossy = unclean;
                if unclean { (0..self.all.len()).find(leads) } else { None }
            })
        };
        let at = new.and_then(live);
        let step = at.map_or(0, |at| {
            in_step.iter().filter_map(|i| live(*i)).filter(|c| net.reaches(at.place, c.place)).count().max(1)
        });
        let to_new = at.is_some_and(|c| net.reaches(entry, c.place));
        let to_old = !stays && old.is_some_and(|c| net.reaches(entry, c.place));
        let loss: &[Flag] = if lossy { &[Flag::Loss] } else { &[] };
        match ask {
            Ask::Write if to_new && step >= least => Answer::works(loss),
            Ask::Write => Answer::only(Fate::Fails),
            Ask::WriteOne if to_new => Answer::works(loss),
            Ask::WriteOne if to_old => Answer::works(if at.is_some() { &[Flag::Loss, Flag::Split] } else { &[] }),
            Ask::WriteOne | Ask::WriteBlind => Answer::only(Fate::Fails),
            Ask::Read | Ask::ReadAny if to_new => Answer::works(loss),
            Ask::Read | Ask::ReadAny if to_old => Answer::only(if at.is_some() { Fate::Stale } else { Fate::Works }),
            Ask::Read | Ask::ReadAny => Answer::only(Fate::Fails),
        }
    }
}
