//! Sources of answers as text, and a counterexample for each weak one.
//!
//! In: the source of an answer. Out: text, a race. Never: a decision.

use super::races::Race;
use super::races::race_named;
use super::source::Repair;
use super::source::Session;
use super::source::Source;
use crate::units::show_time;

/// The description of a source.
pub(super) fn describe(name: &str, source: &Source, writes: bool) -> String {
    let does = if writes { "is written" } else { "answers" };
    match source {
        Source::Agreed => format!("`{name}` {does} by the one state that all agree on"),
        Source::Primary { .. } => format!("the primary of `{name}` {does}"),
        Source::Replica { lag, session, .. } => {
            let late = lag.map_or_else(
                || "without a `max_lag`: a typical lag is no bound".to_owned(),
                |l| format!("at most {} behind", show_time(l)),
            );
            let who = match session {
                Session::None => "any replica",
                Session::Sticky => "one replica per session",
                Session::Token => "a replica that has waited for the session's position",
                Session::PinPrimary(_) => "any replica, and for a while after a write the primary,",
            };
            format!("{who} of `{name}` answers, {late}")
        }
        Source::Quorum { strict: false, .. } if writes => {
            format!("a write of `{name}` may be on none of the copies that the next read asks")
        }
        Source::Quorum { strict: false, .. } => {
            format!("a read of `{name}` may ask none of the copies that have the last write")
        }
        Source::Quorum { logical: false, .. } => {
            format!("`{name}` orders writes by clocks: one that lags loses")
        }
        Source::Quorum { repair, .. } if writes => {
            let seen = match repair {
                Repair::Met => "",
                Repair::None | Repair::Few => "; while it is under way a read may see it and the next may not",
            };
            format!("each write of `{name}` is on a copy that every later read asks{seen}")
        }
        Source::Quorum { repair, .. } => {
            let mends = match repair {
                Repair::None => ", and mends none",
                Repair::Few => ", and mends so few that the next read may ask none of them",
                Repair::Met => ", and what it sees the next read sees too",
            };
            format!("each read of `{name}` asks a copy that has the last write{mends}")
        }
        Source::MultiPrimary => format!("every copy of `{name}` takes writes, and the others follow"),
        Source::Index { refresh } => {
            let late = refresh.map_or_else(String::new, |r| format!(" {} later", show_time(r)));
            format!("the index of `{name}` shows a write{late}")
        }
        Source::Promised(bits) => format!("`{name}` promises {bits}"),
    }
}

/// The shortest interleaving that breaks a property the source lacks, if one is known.
pub(super) fn race_of_source(source: &Source) -> Option<&'static Race> {
    race_named(match source {
        Source::Quorum { strict: false, .. } => "quorum_R1W2N3__recency_after_ack",
        Source::Quorum { logical: false, .. } => "lww_clock_skew_quorum__RYW",
        Source::Quorum { repair: Repair::None, .. } => "quorum_R2W2N3_no_writeback__monotonic",
        Source::Quorum { repair: Repair::Few, .. } => "quorum_R1W3N3_writeback__monotonic",
        _ => return None,
    })
}
