//! Claims that are easily made too much of: sessions that stay, typical figures, lost events.

use archc::analysis::consistency::guarantee::Bits;
use archc::analysis::consistency::hops::{Hop, Level};
use archc::analysis::consistency::source::{Session, Source};
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
