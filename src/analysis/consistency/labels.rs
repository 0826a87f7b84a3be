//! CAP and PACELC labels of stores, by operation and setting.
//!
//! In: all possible variants of a store's copies, its operations. Out: outcomes under every
//! network failure, and labels by the rules of the theorem. CP: linearizable and
//! never stale, lost, split or diverged. AP: answered wherever a live copy is. An
//! operation is never both if there are two copies. Labels are of operations, not of
//! products, and AP is not uptime. Never: a product's name.
//! Sources: Gilbert and Lynch 2002; Abadi 2012.

use super::copies::Answer;
use super::copies::Ask;
use super::copies::Copies;
use super::copies::Copy;
use super::copies::Fate;
use super::copies::Rules;
use super::guarantee::Bits;
use super::hops::Level;
use super::net::Net;
use super::net::Place;
use super::setting;
use super::setting::CopyVariant;
use super::setting::variants;
use super::sides::Kind;
use super::sides::PartitionCase;
use super::sides::links;
use super::sides::losses;
use super::sides::sides;
use super::timeline::Failover;
use crate::analysis::ground::known::Known;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Subject;
use crate::model::keys;
use crate::model::{CompId, Component, Model, System};
use std::collections::BTreeSet;

/// CP, AP or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// Linearizable under every network failure.
    Cp,
    /// Answered wherever a live copy is.
    Ap,
    /// Neither of the two.
    Neither,
}

impl Cap {
    /// The word in JSON output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cp => "CP",
            Self::Ap => "AP",
            Self::Neither => "neither",
        }
    }
}

/// An operation of a store, with the setting that flows use.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// Its name, with `@replica` if any copy may answer.
    pub name: String,
    /// Whether it writes.
    pub writes: bool,
    /// The kind of operation on the copies.
    pub ask: Ask,
    /// Its guarantee without faults.
    pub level: Level,
    /// Whether it reads a log in order: a late read is not stale.
    pub ordered: bool,
    /// Its label, or the missing attribute that decides it.
    pub cap: Result<Cap, Reason>,
}

/// The PACELC label of a write and a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The write.
    pub write: String,
    /// The read.
    pub read: String,
    /// The label, as `PC/EC`, or the missing attribute that decides it.
    pub pacelc: Result<String, Reason>,
}

/// The outcome of an operation under one network failure.
#[derive(Clone, Debug)]
pub struct Row {
    /// The network failure.
    pub at: PartitionCase,
    /// The location at which the request enters.
    pub client: Place,
    /// The operation.
    pub op: String,
    /// The outcome in the steady state, or the missing attribute that decides it.
    pub answer: Result<Answer, Reason>,
    /// Transient behavior before the steady state, as text.
    pub transient: Option<String>,
}

/// Consistency facts of a store.
#[derive(Clone, Debug)]
pub struct StoreFacts {
    /// The store.
    pub id: CompId,
    /// Its operations.
    pub ops: Vec<Op>,
    /// PACELC labels of its writes and reads.
    pub pairs: Vec<Pair>,
    /// Largest loss of acknowledged writes by one failure, in seconds.
    pub rpo: Known,
    /// Outcomes under network failures.
    pub rows: Vec<Row>,
    /// Assumptions, as text.
    pub assumed: Vec<String>,
    /// The reason why its copies are unknown.
    pub unknown: Option<Reason>,
}

/// All possible variants of a store's copies.
#[derive(Clone, Debug)]
pub struct Open {
    /// Whether all variants exist at once: partitions of a log, each with its leader.
    pub parts: bool,
    /// The variants.
    pub variants: Vec<CopyVariant>,
    /// Replica lag in seconds above which a replica does not answer.
    pub max_lag: Option<f64>,
    name: String,
}

impl Open {
    /// For a component.
    ///
    /// # Errors
    /// The reason why its copies are unknown.
    pub fn new(c: &Component, system: &System) -> Result<Self, Reason> {
        let variants = variants(c, system)?;
        let parts = variants.iter().all(|w| w.unsaid.is_empty());
        let max_lag = c.attrs.read(keys::MAX_LAG).map(|n| n.mid).filter(|_| !c.kind.facets.buffers);
        Ok(Self { parts, variants, max_lag, name: c.name.clone() })
    }

    /// Takes down its primary, or the leader of its copies, in every variant.
    pub fn take_down_primary(&mut self) {
        for w in &mut self.variants {
            let at = match &w.copies.rules {
                Rules::Primary(p) => p.at,
                Rules::Log { leader, .. } => *leader,
                Rules::Consensus(leader) => leader.unwrap_or(0),
                Rules::Quorum { .. } | Rules::LocalQuorum(_) | Rules::MultiPrimary | Rules::Everywhere => continue,
            };
            if let Some(c) = w.copies.all.get_mut(at) {
                c.up = false;
            }
        }
    }

    /// The answer of one variant. A stale replica with a lag bound does not answer.
    fn one(&self, copies: &Copies, net: &Net, entry: Place, ask: Ask) -> Answer {
        let mut a = copies.answer(net, entry, ask);
        if ask == Ask::ReadAny && a.fate == Fate::Stale && self.max_lag.is_some() {
            a.fate = Fate::Fails;
        }
        a
    }

    /// The best and the worst answer over all variants.
    #[must_use]
    pub fn range(&self, net: &Net, entry: Place, ask: Ask) -> (Answer, Answer) {
        let mut each = self.variants.iter().map(|w| self.one(&w.copies, net, entry, ask));
        let Some(first) = each.next() else {
            let works = Answer { fate: Fate::Works, flags: BTreeSet::new() };
            return (works.clone(), works);
        };
        let (mut best, mut worst) = (first.clone(), first);
        for a in each {
            worst = worst.meet(&a);
            best = if self.parts { worst.clone() } else { best.min(a) };
        }
        (best, worst)
    }

    /// The answer to an operation, if all variants agree.
    ///
    /// # Errors
    /// The missing attributes, if variants differ.
    pub fn answer(&self, net: &Net, entry: Place, ask: Ask) -> Result<Answer, Reason> {
        let (best, worst) = self.range(net, entry, ask);
        if best == worst { Ok(worst) } else { Err(self.doubt()) }
    }

    /// The missing attributes that make its variants differ.
    #[must_use]
    pub fn doubt(&self) -> Reason {
        let unsaid: BTreeSet<&'static str> = self.variants.iter().flat_map(|w| w.unsaid.iter().copied()).collect();
        let names: Vec<String> = unsaid.iter().map(|u| format!("`{u}`")).collect();
        let sentence = format!("`{}` does not set its {}", self.name, names.join(", "));
        Reason::about(ReasonKind::Missing, Subject::Component(self.name.clone()), unsaid.first().copied(), sentence)
    }
}

/// The consistency facts of one store. `used` are its operations by name, whether each writes, and
/// the call's `from`.
#[must_use]
pub fn store_facts(model: &Model, id: CompId, used: &BTreeSet<(String, bool, Option<String>)>) -> StoreFacts {
    let c = model.component(id);
    let mut ops: Vec<Op> = Vec::new();
    let mut add = |name: &str, writes: bool, from: Option<&str>| {
        let given = setting::source(c, writes, from);
        let any = !writes && setting::any_copy(setting::from(c, from));
        let shown = if any && !c.kind.facets.buffers { format!("{name}@replica") } else { name.to_owned() };
        if !ops.iter().any(|o| o.name == shown) {
            let ask = setting::ask(c, writes, from);
            let level = given.source.nominal();
            // An unconfirmed publish guarantees nothing.
            let level = if ask == Ask::WriteBlind { Level::new(Bits::NONE, f64::INFINITY) } else { level };
            let ordered = !writes && c.kind.facets.buffers;
            ops.push(Op { name: shown, writes, ask, level, ordered, cap: Ok(Cap::Neither) });
        }
    };
    for (name, writes, from) in used {
        add(name, *writes, from.as_deref());
    }
    let first = |writes: bool| c.kind.ops.iter().find(|o| o.writes == writes).map(|o| o.name);
    for writes in [false, true] {
        if let Some(name) = first(writes) {
            add(name, writes, None);
        }
    }
    if c.kind.facets.buffers {
        add("consume", false, Some("primary"));
    }
    let mut out = StoreFacts {
        id,
        ops,
        pairs: Vec::new(),
        rpo: setting::rpo(c),
        rows: Vec::new(),
        assumed: setting::assumptions(c),
        unknown: None,
    };
    match Open::new(c, &model.system) {
        Ok(open) => out.label(&model.system, &open),
        Err(e) => {
            out.ops.iter_mut().for_each(|o| o.cap = Err(e.clone()));
            out.unknown = Some(e);
        }
    }
    out
}

/// The behavior of some variants over all network failures.
#[derive(Clone, Copy, Default)]
struct Behavior {
    /// Some answer is stale.
    stale: bool,
    /// Data is lost, split or diverges.
    harmed: bool,
    /// Some request fails although a live copy is in reach.
    refused: bool,
}

impl StoreFacts {
    /// Fills in outcomes and labels.
    fn label(&mut self, system: &System, open: &Open) {
        let cases: Vec<PartitionCase> = sides(system).into_iter().chain(links(system)).chain(losses(system)).collect();
        for b in &cases {
            for client in &b.entries {
                for op in &self.ops {
                    let answer = open.answer(&b.net, *client, op.ask);
                    let plain = match &answer {
                        Ok(a) => a.plain(),
                        // An unknown outcome with cut links adds nothing: the single sides report the missing attribute.
                        Err(_) => b.kind == Kind::Links,
                    };
                    if b.kind == Kind::Sides || !plain {
                        let transient = transient(open, &b.net, *client, op, &answer);
                        self.rows.push(Row { at: b.clone(), client: *client, op: op.name.clone(), answer, transient });
                    }
                }
            }
        }
        // Partitions of a log exist at once and count together; possible variants must agree.
        let groups: Vec<Vec<&CopyVariant>> = if open.parts {
            vec![open.variants.iter().collect()]
        } else {
            open.variants.iter().map(|w| vec![w]).collect()
        };
        let each: Vec<Vec<Behavior>> =
            groups.iter().map(|g| self.ops.iter().map(|op| behavior(open, g, &cases, op)).collect()).collect();
        let agree = |f: &dyn Fn(&[Behavior]) -> String| {
            let mut all = each.iter().map(|s| f(s));
            let first = all.next().unwrap_or_default();
            if all.all(|x| x == first) { Ok(first) } else { Err(open.doubt()) }
        };
        let mut caps = Vec::new();
        for (i, op) in self.ops.iter().enumerate() {
            let lin = op.level.bits == Bits::ALL && op.level.staleness <= 0.0;
            let word = agree(&|s: &[Behavior]| cap(lin, s.get(i).copied().unwrap_or_default()).word().to_owned());
            caps.push(word.map(|w| match w.as_str() {
                "CP" => Cap::Cp,
                "AP" => Cap::Ap,
                _ => Cap::Neither,
            }));
        }
        for (i, w) in self.ops.iter().enumerate().filter(|(_, o)| o.writes) {
            for (k, r) in self.ops.iter().enumerate().filter(|(_, o)| !o.writes) {
                let pacelc = agree(&|s: &[Behavior]| {
                    let (write, read) = (s.get(i).copied().unwrap_or_default(), s.get(k).copied().unwrap_or_default());
                    letters(w, r, write, read)
                });
                self.pairs.push(Pair { write: w.name.clone(), read: r.name.clone(), pacelc });
            }
        }
        for (op, cap) in self.ops.iter_mut().zip(caps) {
            op.cap = cap;
        }
    }
}

/// The CAP label of an operation; `lin` if it is linearizable without faults.
fn cap(lin: bool, s: Behavior) -> Cap {
    if lin && !s.stale && !s.harmed {
        Cap::Cp
    } else if s.refused {
        Cap::Neither
    } else {
        Cap::Ap
    }
}

/// The PACELC label of a write and a read. P is A if data is lost, split or diverges, or a read
/// exceeds its staleness bound without faults. E is C if the pair is linearizable without faults.
fn letters(w: &Op, r: &Op, write: Behavior, read: Behavior) -> String {
    let older = read.stale && r.level.staleness.is_finite() && !r.ordered;
    let p = if write.harmed || read.harmed || older { "A" } else { "C" };
    let lin = |o: &Op| o.level.bits == Bits::ALL && o.level.staleness <= 0.0;
    let e = if lin(w) && lin(r) { "C" } else { "L" };
    format!("P{p}/E{e}")
}

/// Sums up the behavior of one operation over all network failures and single lost copies.
fn behavior(open: &Open, group: &[&CopyVariant], cases: &[PartitionCase], op: &Op) -> Behavior {
    let mut out = Behavior::default();
    for variant in group {
        let homes = setting::homes(variant);
        let mut take = |copies: &Copies, net: &Net, entry: Place| {
            let a = open.one(copies, net, entry, op.ask);
            out.stale |= a.fate == Fate::Stale;
            out.harmed |= !a.flags.is_empty();
            out.refused |= a.fate == Fate::Fails && holds(copies, net, entry);
        };
        for b in cases {
            for entry in &b.entries {
                take(&variant.copies, &b.net, *entry);
            }
        }
        // The loss of each single copy.
        let entry = homes.iter().next().copied().unwrap_or(0);
        for i in 0..variant.copies.all.len() {
            let mut less = variant.copies.clone();
            if let Some(c) = less.all.get_mut(i) {
                c.up = false;
            }
            take(&less, &Net::default(), entry);
        }
        // Availability requires a response; an unacknowledged write has none.
        out.refused |= op.ask == Ask::WriteBlind;
        if let Rules::Log { least, .. } = &variant.copies.rules {
            // A write acknowledged by one copy may be lost with it.
            out.harmed |= op.ask == Ask::Write && *least < 2 && variant.copies.all.len() > 1;
        }
        if let Rules::Quorum { w, .. } = &variant.copies.rules {
            out.harmed |= op.writes && *w < 2 && variant.copies.all.len() > 1;
        }
    }
    out
}

/// Whether a copy that is up is in reach of a request.
fn holds(copies: &Copies, net: &Net, entry: Place) -> bool {
    matches!(copies.rules, Rules::Everywhere)
        || copies.all.iter().any(|c: &Copy| c.up && !net.lost.contains(&c.place) && net.reaches(entry, c.place))
}

/// Transient behavior before the steady state, as text.
fn transient(open: &Open, net: &Net, entry: Place, op: &Op, answer: &Result<Answer, Reason>) -> Option<String> {
    let answer = answer.as_ref().ok()?;
    if op.ask == Ask::ReadAny && answer.fate == Fate::Fails && open.max_lag.is_some() {
        let bound = open.max_lag.unwrap_or(0.0);
        let first = open.variants.iter().any(|w| w.copies.answer(net, entry, op.ask).fate == Fate::Stale);
        return first.then(|| format!("first answers with data up to {} old", crate::units::show_time(bound)));
    }
    // The old primary continues until it misses its replicas; its writes in that time are lost.
    let goes_on = open.variants.iter().any(|w| match &w.copies.rules {
        Rules::Primary(p) => {
            let old = w.copies.all.get(p.at).map(|c| c.place);
            p.least > 0 && !p.fenced && p.voters.is_some() && old.is_some_and(|at| net.reaches(entry, at))
        }
        _ => false,
    });
    if goes_on
        && op.ask == Ask::Write
        && answer.fate == Fate::Fails
        && let Some(lease) = open.max_lag
    {
        let t = Failover { lease, elect: 0.0, lag: 0.0 };
        let (until, lost) = (crate::units::show_time(t.accepts_until()), crate::units::show_time(t.lost()));
        return Some(format!("takes writes for up to {until} first: {lost} of them are lost"));
    }
    let moved = open.variants.iter().any(|w| match &w.copies.rules {
        Rules::Primary(p) => {
            let away = |c: &Copy| !net.reaches(entry, c.place) || net.lost.contains(&c.place);
            w.copies.all.get(p.at).is_some_and(|c| c.up && away(c))
        }
        _ => false,
    });
    (moved && answer.fate == Fate::Works && op.ask != Ask::ReadAny)
        .then(|| "answers errors until the failover is done".to_owned())
}
