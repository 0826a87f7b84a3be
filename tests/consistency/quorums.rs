//! What quorums give, against every interleaving of a write and two reads of a small world.
//! The world knows nothing of the analysis: copies, sets of them, and messages in any order.

use archc::analysis::consistency::guarantee::Bits;
use archc::analysis::consistency::races::race_named;
use archc::session::{Judged, judge, open_text};
use std::collections::{BTreeSet, VecDeque};

/// Copies as sets of bits: which have the new value, which a read has asked and must mend.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    /// Copies that have the new value.
    new: u8,
    /// Whether the write has its acknowledgements.
    acked: bool,
    /// By read: copies asked so far; what it saw; whether it answered.
    reads: [(u8, bool, bool); 2],
    /// Whether the write was done when the first, and when the second read began.
    after: [bool; 2],
}

/// One write to all copies and two reads, the second after the first has answered.
fn steps(n: usize, r: usize, w: usize, mends: bool, s: &World) -> Vec<World> {
    let mut out = Vec::new();
    for i in (0..n).filter(|i| s.new >> i & 1 == 0) {
        out.push(World { new: s.new | 1 << i, ..*s });
    }
    if !s.acked && s.new.count_ones() as usize >= w {
        out.push(World { acked: true, ..*s });
    }
    let k = usize::from(s.reads[0].2);
    let (asked, saw, done) = s.reads[k];
    if done {
        return out;
    }
    if (asked.count_ones() as usize) < r {
        for i in (0..n).filter(|i| asked >> i & 1 == 0) {
            let mut t = *s;
            t.reads[k] = (asked | 1 << i, saw || s.new >> i & 1 == 1, false);
            if asked == 0 {
                t.after[k] = s.acked;
            }
            out.push(t);
        }
        return out;
    }
    let behind = (0..n).find(|i| mends && saw && asked >> i & 1 == 1 && s.new >> i & 1 == 0);
    let mut t = *s;
    match behind {
        Some(i) => t.new |= 1 << i,
        None => t.reads[k].2 = true,
    }
    out.push(t);
    out
}

/// Whether reads go back, and whether one that began after the write missed it.
fn found(n: usize, r: usize, w: usize, mends: bool) -> (bool, bool) {
    let start = World { new: 0, acked: false, reads: [(0, false, false); 2], after: [false; 2] };
    let (mut seen, mut open) = (BTreeSet::from([start]), VecDeque::from([start]));
    let (mut back, mut missed) = (false, false);
    while let Some(s) = open.pop_front() {
        back |= s.reads[0].1 && s.reads[1].2 && !s.reads[1].1;
        missed |= (0..2).any(|k| s.after[k] && s.reads[k].2 && !s.reads[k].1);
        for t in steps(n, r, w, mends, &s) {
            if seen.insert(t) {
                open.push_back(t);
            }
        }
    }
    (back, missed)
}

fn judged(n: usize, r: usize, w: usize, repair: &str, call: &str) -> Judged {
    let text = format!(
        "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ replicas = 3 }}\ndatabase d {{ replicas = {n}, replication = quorum, r = {r}, w = {w}, {repair}clock = logical }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.{call} }} }}\n"
    );
    let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
    j
}

fn bits(j: &Judged) -> Bits {
    j.consistency.flows[0].as_ref().expect("it reads").level.bits
}

#[test]
fn every_quorum_of_up_to_five_copies() {
    let mut fewer = 0;
    for n in 1..=5 {
        for r in 1..=n {
            for w in 1..=n {
                for (repair, mends) in [("blocking", true), ("none", false)] {
                    let (back, missed) = found(n, r, w, mends);
                    let got = bits(&judged(n, r, w, &format!("read_repair = {repair}, "), "read"));
                    let what = format!("n {n}, r {r}, w {w}, read_repair {repair}: {got}");
                    // Nothing is claimed that an interleaving breaks.
                    assert!(!got.has(Bits::RT) || !missed, "{what}: a read misses a write that is done");
                    assert!(!got.has(Bits::MR) || !back, "{what}: reads go back");
                    assert!(!got.has(Bits::TO) || !(back || missed), "{what}: no one order");
                    // And where reads and writes share a copy, nothing less than what holds.
                    assert_eq!(r + w > n, !missed, "{what}");
                    if r + w > n {
                        assert!(got.has(Bits::RT), "{what}");
                        assert_eq!(got.has(Bits::MR), !back, "{what}");
                        assert_eq!(got == Bits::ALL, !back, "{what}");
                    }
                    fewer += usize::from(r + w > n && mends && back);
                }
            }
        }
    }
    // n = 3, r = 1, w = 3 and the like: mended copies that the next read does not ask.
    assert!(fewer >= 5, "{fewer}");
}

#[test]
fn the_interleaving_that_is_shown_is_one() {
    let race = race_named("quorum_R1W3N3_writeback__monotonic").expect("known");
    // As steps of the world: the write reaches a; a read of a; it mends a, which has it; a read of b.
    let mut s = World { new: 0, acked: false, reads: [(0, false, false); 2], after: [false; 2] };
    for want in race.trace.iter().take(4) {
        let next = steps(3, 1, 3, true, &s);
        let a = |t: &World| match *want {
            "W: replica a=1" => t.new == 1,
            "r1: read a -> 1" => t.reads[0] == (1, true, false),
            "r1: mend a" => t.reads[0].2,
            "r2: read b -> 0" => t.reads[1] == (2, false, false),
            other => panic!("no step {other}"),
        };
        s = next.into_iter().find(a).unwrap_or_else(|| panic!("{want} cannot happen"));
    }
}

#[test]
fn what_is_told_of_reads_and_of_writes() {
    let why = |n, r, w, repair: &str, call: &str| {
        let j = judged(n, r, w, &format!("read_repair = {repair}, "), call);
        j.consistency.flows[0].as_ref().expect("it is kept").paths[0].stops[0].text.clone()
    };
    let read = why(3, 1, 3, "blocking", "read");
    assert!(read.ends_with("mends so few that the next read may ask none of them"), "{read}");
    assert!(why(3, 2, 2, "blocking", "read").ends_with("what it sees the next read sees too"));
    let write = why(3, 1, 3, "blocking", "write");
    assert!(write.starts_with("each write of `d`") && !write.contains("each read"), "{write}");
    let write = why(3, 1, 1, "blocking", "write");
    assert!(write.starts_with("a write of `d`"), "{write}");
}

#[test]
fn repair_that_adds_nothing_is_not_asked_for() {
    // Whether reads mend decides for r = 2 of 3, and for r = 1 of 3 it does not.
    let open = |r, w| !judged(3, r, w, "", "read").consistency.flows[0].as_ref().expect("it reads").open.is_empty();
    assert!(open(2, 2));
    // Of few copies it adds nothing, and a read of all meets whatever one of them has.
    assert!(!open(1, 3));
    assert!(!open(3, 1));
}

#[test]
fn labels_of_few_copies() {
    // Reads are answered wherever a copy is, and are no longer called linearizable.
    let j = judged(3, 1, 3, "read_repair = blocking, ", "read");
    let store = &j.consistency.stores[0];
    let cap =
        |name: &str| store.ops.iter().find(|o| o.name == name).expect("asked").cap.as_ref().expect("known").word();
    assert_eq!((cap("read"), cap("write")), ("AP", "neither"));
    assert_eq!(store.pairs[0].pacelc.as_deref(), Ok("PC/EL"));
}
