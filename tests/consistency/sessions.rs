//! Claims that are easily made too much of: sessions that stay, typical figures, lost events,
//! quorums that meet, entries without end, stores in one flow, replicas on the other side.

use archc::analysis::consistency::copies::{Ask, Copies, Copy, Fate, Flag, Primary, Rules};
use archc::analysis::consistency::fill::{Fill, Invalidation, kept};
use archc::analysis::consistency::guarantee::{Bits, named_model};
use archc::analysis::consistency::hops::{Hop, Level, over_stores};
use archc::analysis::consistency::net::Net;
use archc::analysis::consistency::source::{Repair, Session, Source};
use archc::session::{judge, open_text};

#[test]
fn a_session_that_stays_with_a_replica_does_not_read_its_writes() {
    // The primary takes the write, the replica of the session has not got it yet.
    let source = Source::Replica { lag: Some(1.0), session: Session::Sticky, agreed: false, lossy: false };
    let bits = source.nominal().bits;
    assert!(bits.has(Bits::MR) && !bits.has(Bits::RYW), "{bits}");
}

#[test]
fn a_typical_lag_is_no_bound() {
    let age = |lag: &str| {
        let text = format!(
            "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ replicas = 3 }}\ndatabase d {{ replicas = 3, replication = async, failover = manual, read_from = replica, {lag} = 2s }}\nflow f {{ rate = 1 rps, web -> app {{ -> d.read }} }}\n"
        );
        let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
        j.consistency.flows[0].as_ref().expect("it reads").level.staleness
    };
    assert!((age("max_lag") - 2.0).abs() < 1e-9);
    assert!(age("lag").is_infinite(), "{}", age("lag"));
}

#[test]
fn a_lost_event_is_never_made_up_for() {
    let over = |outbox: bool| {
        let hop = Hop::Projection { ordered: true, guarded: true, versioned: true, outbox, lag: Some(1.0) };
        Level::new(Bits::ALL, 0.0).over(&hop)
    };
    assert!(over(true).bits.has(Bits::CONV) && over(true).staleness.is_finite());
    assert!(!over(false).bits.has(Bits::CONV) && over(false).staleness.is_infinite());
}

/// The level of the one flow of a design of three zones.
fn level(parts: &str, calls: &str) -> Level {
    let text = format!(
        "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ replicas = 3 }}\n{parts}\nflow f {{ rate = 1 rps, web -> app {{ {calls} }} }}\n"
    );
    let j = judge(&open_text("x.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert!(j.language_errors().is_empty(), "{text}\n{:?}", j.language_errors());
    j.consistency.flows[0].as_ref().expect("it reads").level
}

#[test]
fn quorums_that_meet_are_not_yet_linearizable() {
    // R + W > N says that a read meets the last write that is done. A read that meets one in
    // progress, and the next that does not, go back in time, unless reads mend the copies
    // (Attiya, Bar-Noy and Dolev 1995). Clocks that are off let an older write win.
    let quorum = |repair, logical| Source::Quorum { strict: true, repair, logical }.nominal().bits;
    assert_eq!(quorum(Repair::Met, true), Bits::ALL);
    assert_eq!(quorum(Repair::Met, false), Bits::MR.or(Bits::CONV));
    // Mending copies that the next read need not ask is like mending none.
    for few in [Repair::None, Repair::Few] {
        assert_eq!(quorum(few, true), Bits::RT.or(Bits::RYW).or(Bits::CONV));
        assert_eq!(quorum(few, false), Bits::CONV);
    }
    let linearizable = named_model("linearizable").expect("a model");
    for (repair, clock, holds) in
        [("blocking", "logical", true), ("none", "logical", false), ("blocking", "wall", false)]
    {
        let d = format!(
            "database d {{ replicas = 3, replication = quorum, r = 2, w = 2, read_repair = {repair}, clock = {clock} }}"
        );
        let l = level(&d, "-> d.read { from = quorum }");
        assert_eq!(linearizable.satisfied(l.bits, l.staleness), holds, "{repair}, {clock}: {}", l.bits);
    }
    // And with R + W = N not even the last write is met.
    let few =
        "database d { replicas = 3, replication = quorum, r = 1, w = 2, read_repair = blocking, clock = logical }";
    assert_eq!(level(few, "-> d.read { from = quorum }").bits, Bits::CONV);
}

#[test]
fn an_entry_without_an_end_is_not_even_eventual() {
    for fill in [Fill::Set, Fill::Add, Fill::Cas, Fill::Lease, Fill::SingleFlight, Fill::Versioned] {
        for does in [Invalidation::None, Invalidation::Early, Invalidation::Update, Invalidation::Delete] {
            let (with, without) = (kept(fill, does, true), kept(fill, does, false));
            assert!(with.bits.has(Bits::CONV), "{fill:?} {does:?}");
            // What no late fill can leave behind needs no end.
            assert_eq!(without.bits.has(Bits::CONV), !with.ages, "{fill:?} {does:?}");
        }
    }
    let store = "database d { replicas = 1 }";
    let with = |ttl: &str| {
        level(&format!("cache hot {{ hit = 90%{ttl} }}\n{store}"), "-> hot.get else { -> d.read, -> hot.set }")
    };
    let (ends, stays) = (with(", ttl = 1min"), with(""));
    assert!(ends.bits.has(Bits::CONV) && ends.staleness >= 60.0 && ends.staleness.is_finite());
    assert!(!stays.bits.has(Bits::CONV) && stays.staleness.is_infinite(), "{}", stays.bits);
}

#[test]
fn only_linearizable_stores_compose() {
    // Herlihy and Wing 1990: linearizability is local, no weaker order is.
    let causal = [Bits::RYW, Bits::MR, Bits::MW, Bits::WFR, Bits::CONV].into_iter().fold(Bits::NONE, Bits::or);
    let sequential = causal.or(Bits::TO).or(Bits::CP);
    for bits in [sequential, causal] {
        assert_eq!(over_stores(bits), Bits::RYW.or(Bits::MR).or(Bits::CONV));
    }
    assert_eq!(over_stores(Bits::ALL), Bits::ALL);
    // Copies of one agreed log that sessions follow are sequential alone, and not together.
    let store = |n: &str| {
        format!(
            "database {n} {{ replicas = 3, replication = consensus, read_from = replica, session = token, max_lag = 1s }}"
        )
    };
    let both = format!("{}\n{}", store("d"), store("e"));
    let (one, two) = (level(&both, "-> d.read"), level(&both, "-> d.read, -> e.read"));
    assert!(one.bits.has(Bits::TO), "{}", one.bits);
    assert_eq!(two.bits, Bits::RYW.or(Bits::MR).or(Bits::CONV));
}

#[test]
fn replicas_count_on_the_primary_s_own_side() {
    // Redis: `min-replicas-to-write` counts the replicas that the primary itself hears.
    let at = |places: &[usize]| places.iter().map(|p| Copy { place: *p, up: true }).collect::<Vec<_>>();
    let store = |places: &[usize], least| Copies {
        all: at(places),
        rules: Rules::Primary(Primary {
            at: 0,
            voters: Some(at(&[0, 1, 2])),
            fenced: false,
            in_step: 0,
            blocks: false,
            sure: false,
            least,
        }),
    };
    let alone = Net::split(3, &[0].into());
    // Alone it refuses, though two replicas live on the other side.
    assert_eq!(store(&[0, 1, 2], 1).answer(&alone, 0, Ask::Write).fate, Fate::Fails);
    let split = store(&[0, 1, 2], 0).answer(&alone, 0, Ask::Write);
    assert_eq!((split.fate, split.flags.contains(&Flag::Split)), (Fate::Works, true));
    // A replica beside it makes it go on, and what it takes is lost: one is no fence.
    let near = store(&[0, 0, 1], 1).answer(&alone, 0, Ask::Write);
    assert_eq!((near.fate, near.flags.contains(&Flag::Loss)), (Fate::Works, true));
    assert_eq!(store(&[0, 0, 1], 2).answer(&alone, 0, Ask::Write).fate, Fate::Fails);
    // With nothing cut it writes.
    assert_eq!(store(&[0, 1, 2], 2).answer(&Net::default(), 0, Ask::Write).fate, Fate::Works);
}
