//! What the analysis claims of caches, queues, quorums and failovers, against every
//! interleaving and every choice of a small world. Nothing of the analysis is used to
//! find what is right, only to be compared with it.

use archc::analysis::consistency::copies::{Ask, Copies, Copy, Fate, Flag, Primary, Rules};
use archc::analysis::consistency::fill::{Fill, Invalidation, kept};
use archc::analysis::consistency::guarantee::Bits;
use archc::analysis::consistency::hops::{Hop, Level};
use archc::analysis::consistency::net::Net;
use archc::analysis::consistency::races::{RACES, race_of_cache};
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};

/// Every state that can be reached; whether one of them is bad.
fn reaches<S: Ord + Clone>(start: Vec<S>, next: impl Fn(&S) -> Vec<S>, bad: impl Fn(&S) -> bool) -> bool {
    let mut seen: BTreeSet<S> = start.iter().cloned().collect();
    let mut open: VecDeque<S> = start.into();
    while let Some(s) = open.pop_front() {
        if bad(&s) {
            return true;
        }
        for n in next(&s) {
            if seen.insert(n.clone()) {
                open.push_back(n);
            }
        }
        assert!(seen.len() < 3_000_000, "the world is too large");
    }
    false
}

/// A cache beside a store of one record, whose value goes from 0 to 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    db: u8,
    entry: Option<u8>,
    /// Changes of the entry so far; what a compare-and-set remembers.
    changes: u8,
    /// The least version that may come in.
    floor: u8,
    /// Tokens that are out, by reader.
    tokens: [bool; 2],
    /// By reader: 0 idle, 1 missed, 2 has read, 3 done; what it read, what it remembers.
    readers: [(u8, u8, u8); 2],
    /// Steps of the writer so far.
    writer: u8,
    acked: bool,
    /// The most that the observer saw, and whether it then saw less.
    saw: u8,
    back: bool,
    /// Whether the session that wrote saw the old value after its answer.
    missed_own: bool,
    expired: bool,
}

fn start() -> Vec<World> {
    [None, Some(0)]
        .into_iter()
        .map(|entry| World {
            db: 0,
            entry,
            changes: 0,
            floor: 0,
            tokens: [false; 2],
            readers: [(0, 0, 0); 2],
            writer: 0,
            acked: false,
            saw: 0,
            back: false,
            missed_own: false,
            expired: false,
        })
        .collect()
}

fn drop_entry(w: &mut World, fill: Fill, version: u8) {
    w.entry = None;
    // A compare-and-set forgets what was deleted: a later miss looks like an earlier one.
    w.changes = 0;
    if fill == Fill::Versioned {
        w.floor = w.floor.max(version);
    }
    w.tokens = [false; 2];
}

fn put(w: &mut World, value: u8) {
    w.entry = Some(value);
    w.changes = (w.changes + 1).min(9);
}

fn steps(w: &World, fill: Fill, does: Invalidation) -> Vec<World> {
    let mut out = Vec::new();
    for i in 0..2 {
        let (state, value, remembered) = w.readers[i];
        let mut n = w.clone();
        match state {
            0 if w.entry.is_none() => {
                if fill == Fill::SingleFlight && w.tokens[1 - i] {
                    continue; // Another one fetches already.
                }
                n.readers[i] = (1, 0, w.changes);
                n.tokens[i] = true;
            }
            1 => n.readers[i] = (2, w.db, remembered),
            2 => {
                let allowed = match fill {
                    Fill::Set => true,
                    Fill::Add => w.entry.is_none(),
                    Fill::Cas => w.changes == remembered,
                    Fill::Lease | Fill::SingleFlight => w.tokens[i],
                    Fill::Versioned => value >= w.floor && w.entry.is_none_or(|e| value >= e),
                };
                if allowed {
                    put(&mut n, value);
                }
                n.tokens[i] = false;
                n.readers[i] = (3, value, remembered);
            }
            _ => continue,
        }
        out.push(n);
    }
    // The writer: its steps in order, the last one is the answer.
    let order: &[&str] = match does {
        Invalidation::None => &["commit", "ack"],
        Invalidation::Delete => &["commit", "drop", "ack"],
        Invalidation::Early => &["drop", "commit", "ack"],
        Invalidation::Update => &["commit", "put", "ack"],
    };
    if let Some(step) = order.get(usize::from(w.writer)) {
        let mut n = w.clone();
        n.writer += 1;
        match *step {
            "commit" => n.db = 1,
            "drop" => drop_entry(&mut n, fill, w.db),
            "put" => put(&mut n, 1),
            _ => n.acked = true,
        }
        out.push(n);
    }
    if let Some(e) = w.entry {
        let mut n = w.clone();
        n.back |= e < w.saw;
        n.saw = n.saw.max(e);
        n.missed_own |= w.acked && e == 0;
        out.push(n);
        // Its time to live ends, and with it all that is known of it; without invalidation
        // that is the only way an entry goes.
        if !w.expired && does == Invalidation::None {
            let mut n = w.clone();
            n.entry = None;
            n.expired = true;
            n.floor = 0;
            n.changes = 0;
            out.push(n);
        }
    }
    out
}

const FILLS: [Fill; 6] = [Fill::Set, Fill::Add, Fill::Cas, Fill::Lease, Fill::SingleFlight, Fill::Versioned];

#[test]
fn every_interleaving_of_a_cache_agrees_with_the_table() {
    for fill in FILLS {
        for does in [Invalidation::None, Invalidation::Early, Invalidation::Delete] {
            let k = kept(fill, does, true);
            let own = !reaches(start(), |w| steps(w, fill, does), |w| w.missed_own);
            let forth = !reaches(start(), |w| steps(w, fill, does), |w| w.back);
            // What is claimed must hold; what is not claimed must have a counterexample,
            // where the claim is about a drop in time or none at all.
            assert!(!k.bits.has(Bits::RYW) || own, "{fill:?} {does:?}: RYW is claimed");
            assert!(!k.bits.has(Bits::MR) || forth, "{fill:?} {does:?}: MR is claimed");
            if does == Invalidation::Delete {
                assert_eq!(k.bits.has(Bits::RYW), own, "{fill:?} {does:?}: RYW");
                assert_eq!(k.bits.has(Bits::MR), forth, "{fill:?} {does:?}: MR");
            }
            if does == Invalidation::None {
                assert!(!own, "{fill:?}: nothing tells the cache of a write");
                assert_eq!(k.bits.has(Bits::MR), forth, "{fill:?} {does:?}: MR");
            }
        }
        assert!(reaches(start(), |w| steps(w, fill, Invalidation::Early), |w| w.missed_own), "{fill:?} early");
    }
}

#[test]
fn an_entry_without_end_stays_old() {
    // After everything is done: does the cache hold something old?
    for fill in FILLS {
        for does in [Invalidation::None, Invalidation::Delete] {
            let done = |w: &World| w.acked && w.readers.iter().all(|r| r.0 == 0 || r.0 == 3);
            let no_expiry = |w: &World| steps(w, fill, does).into_iter().filter(|n| !n.expired).collect::<Vec<_>>();
            let old = reaches(start(), no_expiry, |w| done(w) && w.entry == Some(0));
            assert_eq!(kept(fill, does, false).bits.has(Bits::CONV), !old, "{fill:?} {does:?} without a ttl");
        }
    }
}

#[test]
fn two_writers_that_put_their_value() {
    // Each commits, then puts what it committed: (state of each, db, entry).
    type S = ([u8; 2], u8, u8);
    let next = |versioned: bool| {
        move |s: &S| -> Vec<S> {
            let mut out = Vec::new();
            for i in 0..2 {
                let mine = u8::try_from(i).expect("small") + 1;
                let mut n = *s;
                match s.0[i] {
                    0 => {
                        n.1 = s.1.max(mine);
                        // Commits are ordered: the second writer is later.
                        if mine < s.1 {
                            continue;
                        }
                    }
                    1 if !versioned || mine > s.2 => n.2 = mine,
                    1 => {}
                    _ => continue,
                }
                n.0[i] += 1;
                out.push(n);
            }
            out
        }
    };
    for versioned in [false, true] {
        let bad = reaches(vec![([0, 0], 0, 0)], next(versioned), |s| s.0 == [2, 2] && s.1 != s.2);
        let fill = if versioned { Fill::Versioned } else { Fill::Set };
        assert_eq!(kept(fill, Invalidation::Update, false).bits.has(Bits::CONV), !bad, "versioned: {versioned}");
    }
}

#[test]
fn every_way_to_apply_messages_agrees_with_the_table() {
    // Events 1 and 2 in order; consumers take and apply; the last may be repeated once.
    // (taken and not applied by each of two, next to take, repeats left, value, seen, back, applied)
    type S = ([u8; 2], u8, u8, u8, u8, bool, [bool; 2]);
    let next = |parallel: bool, versioned: bool, known: bool| {
        move |s: &S| -> Vec<S> {
            let mut out = Vec::new();
            for i in 0..2 {
                if i == 1 && !parallel {
                    continue;
                }
                let mut n = *s;
                if s.0[i] == 0 && s.1 <= 2 {
                    n.0[i] = s.1;
                    n.1 += 1;
                    out.push(n);
                } else if s.0[i] > 0 {
                    let e = s.0[i];
                    let again = s.6[usize::from(e) - 1];
                    if !(versioned && e < s.3 || known && again) {
                        n.3 = e;
                    }
                    n.6[usize::from(e) - 1] = true;
                    n.0[i] = 0;
                    out.push(n);
                }
            }
            // A consumer starts again from the last position it had committed.
            if s.2 > 0 && s.1 == 3 && s.0 == [0, 0] {
                let mut n = *s;
                n.1 = 1;
                n.2 -= 1;
                out.push(n);
            }
            let mut n = *s;
            n.5 |= s.3 < s.4;
            n.4 = s.4.max(s.3);
            out.push(n);
            out
        }
    };
    for (parallel, versioned, known) in [
        (false, false, false),
        (false, true, false),
        (false, false, true),
        (true, true, false),
        (true, false, false),
        (true, false, true),
    ] {
        let first: Vec<S> = vec![([0, 0], 1, 1, 0, 0, false, [false, false])];
        let back = reaches(first.clone(), next(parallel, versioned, known), |s| s.5);
        let done = |s: &S| s.1 == 3 && s.0 == [0, 0];
        let wrong = reaches(first, next(parallel, versioned, known), |s| done(s) && s.3 != 2);
        let hop = Hop::Projection {
            ordered: !parallel,
            guarded: versioned || known,
            versioned,
            outbox: true,
            lag: Some(1.0),
        };
        let bits = Level::new(Bits::ALL, 0.0).over(&hop).bits;
        let what = format!("parallel {parallel}, versioned {versioned}, knows repeats {known}");
        assert_eq!(bits.has(Bits::MR), !back, "{what}: MR");
        assert_eq!(bits.has(Bits::CONV), !wrong, "{what}: CONV");
    }
}

#[test]
fn each_claim_that_is_dropped_has_its_race() {
    for r in &RACES {
        assert!(r.trace.iter().all(|s| !s.is_empty()), "{}", r.name);
    }
    for fill in FILLS {
        for does in [Invalidation::None, Invalidation::Early, Invalidation::Update, Invalidation::Delete] {
            let all = Bits::RYW.or(Bits::MR).or(Bits::CONV);
            let lost = !kept(fill, does, false).bits.has(all);
            let told = race_of_cache(fill, does).is_some_and(|r| !r.trace.is_empty());
            assert_eq!(lost, told, "{fill:?} {does:?}");
        }
    }
}

/// All sets of that size.
fn choose(of: &[usize], k: usize) -> Vec<BTreeSet<usize>> {
    (0..1_usize << of.len())
        .filter(|b| b.count_ones() as usize == k)
        .map(|b| of.iter().enumerate().filter(|(i, _)| b >> i & 1 == 1).map(|(_, x)| *x).collect())
        .collect()
}

fn net(sides: &[usize]) -> Net {
    Net { groups: sides.iter().copied().enumerate().collect(), ..Net::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A quorum on a random placement: whether there is a set of copies to write to or read
    /// from, and whether a write elsewhere can be missed.
    #[test]
    fn quorums_by_brute_force(zones in prop::collection::vec(0_usize..4, 1..6), sides in prop::collection::vec(0_usize..3, 4), r in 1_usize..6, w in 1_usize..6, down in 0_u8..32) {
        let n = zones.len();
        let (r, w) = (r.min(n), w.min(n));
        let up = |i: usize| down >> i & 1 == 0;
        let all: Vec<Copy> = zones.iter().enumerate().map(|(i, z)| Copy { place: *z, up: up(i) }).collect();
        let store = Copies { all, rules: Rules::Quorum { r, w, sloppy: None } };
        let net = net(&sides);
        let on = |side: usize| (0..n).filter(|i| up(*i) && sides[zones[*i]] == side).collect::<Vec<_>>();
        for (entry, side) in sides.iter().copied().enumerate().take(4) {
            let here = on(side);
            let reads = choose(&here, r);
            let others: Vec<BTreeSet<usize>> = (0..3).filter(|s| *s != side).flat_map(|s| choose(&on(s), w)).collect();
            let want = if reads.is_empty() {
                Fate::Fails
            } else if reads.iter().any(|rs| others.iter().any(|ws| rs.is_disjoint(ws))) {
                Fate::Stale
            } else {
                Fate::Works
            };
            prop_assert_eq!(store.answer(&net, entry, Ask::Read).fate, want);
            let writes = choose(&here, w);
            let got = store.answer(&net, entry, Ask::Write);
            prop_assert_eq!(got.fate == Fate::Works, !writes.is_empty());
            if !writes.is_empty() {
                prop_assert_eq!(got.flags.contains(&Flag::Diverge), !others.is_empty());
            }
        }
        // One more lost node never makes what failed work.
        for i in 0..n {
            let mut less = store.clone();
            less.all[i].up = false;
            for entry in 0..4 {
                for ask in [Ask::Read, Ask::Write] {
                    prop_assert!(store.answer(&net, entry, ask).fate != Fate::Fails || less.answer(&net, entry, ask).fate == Fate::Fails);
                }
            }
        }
    }

    /// A majority that elects: two sides never both write.
    #[test]
    fn consensus_by_brute_force(zones in prop::collection::vec(0_usize..4, 1..7), sides in prop::collection::vec(0_usize..3, 4)) {
        let n = zones.len();
        let store = Copies { all: zones.iter().map(|z| Copy { place: *z, up: true }).collect(), rules: Rules::Consensus(None) };
        let net = net(&sides);
        let mut writers = BTreeSet::new();
        for entry in 0..4 {
            let here: Vec<usize> = (0..n).filter(|i| sides[zones[*i]] == sides[entry]).collect();
            let elects = 2 * here.len() > n;
            prop_assert_eq!(store.answer(&net, entry, Ask::Write).fate == Fate::Works, elects);
            let any = store.answer(&net, entry, Ask::ReadAny).fate;
            let elsewhere = (0..3).any(|s| s != sides[entry] && 2 * (0..n).filter(|i| sides[zones[*i]] == s).count() > n);
            prop_assert_eq!(any, if here.is_empty() { Fate::Fails } else if elsewhere { Fate::Stale } else { Fate::Works });
            if elects {
                writers.insert(sides[entry]);
            }
        }
        prop_assert!(writers.len() <= 1);
    }

    /// A failover: a write is lost if some choice of the copies that had it leaves none of
    /// them to be promoted; nobody is promoted without a majority of the voters.
    #[test]
    fn failovers_by_brute_force(zones in prop::collection::vec(0_usize..3, 2..5), voters in prop::collection::vec(0_usize..3, 1..6), sides in prop::collection::vec(0_usize..2, 3), fenced: bool, in_step in 0_usize..4) {
        let n = zones.len();
        let in_step = in_step.min(n - 1);
        let copies: Vec<Copy> = zones.iter().map(|z| Copy { place: *z, up: true }).collect();
        let rules = Rules::Primary(Primary {
            at: 0,
            voters: Some(voters.iter().map(|z| Copy { place: *z, up: true }).collect()),
            fenced,
            in_step,
            blocks: false,
            sure: in_step > 0,
            least: 0,
        });
        let store = Copies { all: copies, rules };
        let net = net(&sides);
        let home = sides[zones[0]];
        let votes = |s: usize| voters.iter().filter(|v| sides[**v] == s).count();
        let other = 1 - home;
        let followers: Vec<usize> = (1..n).collect();
        let reach: BTreeSet<usize> = followers.iter().copied().filter(|i| sides[zones[*i]] == other).collect();
        let safe = choose(&followers, in_step).iter().all(|s| !s.is_disjoint(&reach)) && in_step > 0;
        let elects = 2 * votes(other) > voters.len() && !reach.is_empty();
        // With copies in step, none is promoted that may lack a write.
        let promoted = elects && (in_step == 0 || safe);
        let stays = !fenced || 2 * votes(home) > voters.len();
        for (entry, side) in sides.iter().copied().enumerate().take(3) {
            let got = store.answer(&net, entry, Ask::Write);
            let here = side == home;
            let works = if here { stays } else { promoted };
            prop_assert_eq!(got.fate == Fate::Works, works, "{:?}", got);
            if works && here {
                // Two primaries: what the old one takes is thrown away.
                prop_assert_eq!(got.flags.contains(&Flag::Split), promoted);
                prop_assert_eq!(got.flags.contains(&Flag::Loss), promoted);
            } else if works {
                prop_assert_eq!(got.flags.contains(&Flag::Loss), in_step == 0);
            }
        }
    }

    /// A cache adds no guarantee, but by a session's own means, and makes nothing younger.
    #[test]
    fn caches_only_take(from in 0_usize..256, staleness in 0.0_f64..1e6, ttl in proptest::option::of(0.1_f64..1e5), fill in 0_usize..6, does in 0_usize..4, which in 0_usize..5, flag: bool, swr in 0.0_f64..100.0) {
        let each = Bits::ALL.each();
        let bits = each.iter().enumerate().filter(|(i, _)| from >> i & 1 == 1).fold(Bits::NONE, |b, (_, x)| b.or(*x)).close();
        let level = Level::new(bits, staleness);
        let does = [Invalidation::None, Invalidation::Early, Invalidation::Update, Invalidation::Delete][does];
        let hop = match which {
            0 => Hop::Aside { ttl, fill: FILLS[fill], invalidation: does },
            1 => Hop::Local { ttl, sticky: flag, through: flag },
            2 => Hop::Edge { ttl, revalidate: swr, on_error: 1.0, age: flag },
            3 => Hop::Private { ttl, same_uri: flag },
            _ => Hop::Projection { ordered: flag, guarded: !flag, versioned: false, outbox: true, lag: ttl },
        };
        let own = match which {
            1 | 3 if flag => Bits::RYW,
            _ => Bits::NONE,
        };
        let after = level.over(&hop);
        prop_assert!(level.bits.or(own).close().has(after.bits), "{} became {}", level.bits, after.bits);
        prop_assert!(after.staleness >= level.staleness);
        // Monotone: less below is never more above.
        for gone in each {
            let less = Level { bits: bits.less(gone), ..level };
            prop_assert!(after.bits.has(less.over(&hop).bits));
        }
        // A fault makes nothing better.
        let fault = level.over(&hop.after_fault());
        prop_assert!(after.bits.has(fault.bits) && fault.staleness >= after.staleness.min(fault.staleness));
    }
}
