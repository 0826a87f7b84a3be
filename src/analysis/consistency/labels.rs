//! CP, AP or neither, and PACELC, by store, operation and setting.
//!
//! In: the copies of a store in all ways that the design leaves open, its operations.
//! Out: fates under every break, and labels by the rules of the theorem: linearizable and
//! never stale, lost, split or diverged is CP; answered wherever a copy lives is AP. An
//! operation is never both where there are two copies. Labels are of operations, not of
//! products, and AP is no uptime. Sources: Gilbert and Lynch 2002; Abadi 2012.

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
use super::setting::Way;
use super::setting::ways;
use super::sides::Break;
use super::sides::Kind;
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
    /// Linearizable through every break.
    Cp,
    /// Answered wherever a copy lives.
    Ap,
    /// None of both.
    Neither,
}

impl Cap {
    /// The word that JSON shows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cp => "CP",
            Self::Ap => "AP",
            Self::Neither => "neither",
        }
    }
}

/// An operation of a store, in the way flows use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// Its name; `@replica` where any copy may answer.
    pub name: String,
    /// Whether it writes.
    pub writes: bool,
    /// What it asks of the copies.
    pub ask: Ask,
    /// What it gives with nothing failed.
    pub level: Level,
    /// Whether it reads a log in order, whenever that comes: being late is no wrong answer.
    pub ordered: bool,
    /// Its label, or what the design does not say.
    pub cap: Result<Cap, Reason>,
}

/// A write and a read with their letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The write.
    pub write: String,
    /// The read.
    pub read: String,
    /// `PC/EC` and so on, or what the design does not say.
    pub pacelc: Result<String, Reason>,
}

/// How an operation fares under one break.
#[derive(Clone, Debug)]
pub struct Row {
    /// What breaks.
    pub at: Break,
    /// Where the request comes in.
    pub client: Place,
    /// The operation.
    pub op: String,
    /// How it fares in the steady state, or what the design does not say.
    pub answer: Result<Answer, Reason>,
    /// What it is like before the steady state.
    pub transient: Option<String>,
}

/// All about a store.
#[derive(Clone, Debug)]
pub struct StoreFacts {
    /// The store.
    pub id: CompId,
    /// Its operations.
    pub ops: Vec<Op>,
    /// Its letters.
    pub pairs: Vec<Pair>,
    /// Acknowledged writes that one failure may lose, in seconds.
    pub rpo: Known,
    /// Its fates.
    pub rows: Vec<Row>,
    /// What is taken for granted.
    pub assumed: Vec<String>,
    /// Why its copies are not known.
    pub unknown: Option<Reason>,
}

/// The copies of a store, in all ways that are open.
#[derive(Clone, Debug)]
pub struct Open {
    /// Ways that are all so at once: parts of a log, each with its leader.
    pub parts: bool,
    /// The ways.
    pub ways: Vec<Way>,
    /// The bound of a replica's lag, beyond which it does not answer.
    pub max_lag: Option<f64>,
    name: String,
}

impl Open {
    /// Of a component.
    ///
    /// # Errors
    /// When its copies are not known.
    pub fn new(c: &Component, system: &System) -> Result<Self, Reason> {
        let ways = ways(c, system)?;
        let parts = ways.iter().all(|w| w.unsaid.is_empty());
        let max_lag = c.attrs.read(keys::MAX_LAG).map(|n| n.mid).filter(|_| !c.kind.facets.buffers);
        Ok(Self { parts, ways, max_lag, name: c.name.clone() })
    }

    /// Without its primary, or another leader of its copies.
    pub fn behead(&mut self) {
        for w in &mut self.ways {
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

    fn one(&self, copies: &Copies, net: &Net, entry: Place, ask: Ask) -> Answer {
        let mut a = copies.answer(net, entry, ask);
        if ask == Ask::ReadAny && a.fate == Fate::Stale && self.max_lag.is_some() {
            a.fate = Fate::Fails;
        }
        a
    }

    /// The best and the worst that an operation may come to.
    #[must_use]
    pub fn range(&self, net: &Net, entry: Place, ask: Ask) -> (Answer, Answer) {
        let mut each = self.ways.iter().map(|w| self.one(&w.copies, net, entry, ask));
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

    /// What an operation comes to, or what the design does not say.
    ///
    /// # Errors
    /// When the ways that are open differ.
    pub fn answer(&self, net: &Net, entry: Place, ask: Ask) -> Result<Answer, Reason> {
        let (best, worst) = self.range(net, entry, ask);
        if best == worst { Ok(worst) } else { Err(self.doubt()) }
    }

    /// What the design does not say of it.
    #[must_use]
    pub fn doubt(&self) -> Reason {
        let unsaid: BTreeSet<&'static str> = self.ways.iter().flat_map(|w| w.unsaid.iter().copied()).collect();
        let names: Vec<String> = unsaid.iter().map(|u| format!("`{u}`")).collect();
        let sentence = format!("`{}` does not say its {}", self.name, names.join(", "));
        Reason::about(ReasonKind::Missing, Subject::Component(self.name.clone()), unsaid.first().copied(), sentence)
    }
}

/// All about a store of a design.
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
            // A publish that nobody confirms, or a read before it is applied, is not recent.
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

/// What a set of copies comes to over all breaks.
#[derive(Clone, Copy, Default)]
struct Sum {
    stale: bool,
    harmed: bool,
    refused: bool,
}

impl StoreFacts {
    fn label(&mut self, system: &System, open: &Open) {
        let breaks: Vec<Break> = sides(system).into_iter().chain(links(system)).chain(losses(system)).collect();
        for b in &breaks {
            for client in &b.entries {
                for op in &self.ops {
                    let answer = open.answer(&b.net, *client, op.ask);
                    let plain = match &answer {
                        Ok(a) => a.plain(),
                        // That more is open than single sides goes without saying.
                        Err(_) => b.kind == Kind::Links,
                    };
                    if b.kind == Kind::Sides || !plain {
                        let transient = transient(open, &b.net, *client, op, &answer);
                        self.rows.push(Row { at: b.clone(), client: *client, op: op.name.clone(), answer, transient });
                    }
                }
            }
        }
        // Parts of a log are all so at once; ways that are open must agree.
        let groups: Vec<Vec<&Way>> =
            if open.parts { vec![open.ways.iter().collect()] } else { open.ways.iter().map(|w| vec![w]).collect() };
        let each: Vec<Vec<Sum>> =
            groups.iter().map(|g| self.ops.iter().map(|op| sum(open, g, &breaks, op)).collect()).collect();
        let agree = |f: &dyn Fn(&[Sum]) -> String| {
            let mut all = each.iter().map(|s| f(s));
            let first = all.next().unwrap_or_default();
            if all.all(|x| x == first) { Ok(first) } else { Err(open.doubt()) }
        };
        let mut caps = Vec::new();
        for (i, op) in self.ops.iter().enumerate() {
            let lin = op.level.bits == Bits::ALL && op.level.staleness <= 0.0;
            let word = agree(&|s: &[Sum]| cap(lin, s.get(i).copied().unwrap_or_default()).word().to_owned());
            caps.push(word.map(|w| match w.as_str() {
                "CP" => Cap::Cp,
                "AP" => Cap::Ap,
                _ => Cap::Neither,
            }));
        }
        for (i, w) in self.ops.iter().enumerate().filter(|(_, o)| o.writes) {
            for (k, r) in self.ops.iter().enumerate().filter(|(_, o)| !o.writes) {
                let pacelc = agree(&|s: &[Sum]| {
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

fn cap(lin: bool, s: Sum) -> Cap {
    if lin && !s.stale && !s.harmed {
        Cap::Cp
    } else if s.refused {
        Cap::Neither
    } else {
        Cap::Ap
    }
}

/// P: A if something is lost, split or diverges, or what is read gets older than it may be
/// with nothing broken. E: C if the pair is linearizable then.
fn letters(w: &Op, r: &Op, write: Sum, read: Sum) -> String {
    let older = read.stale && r.level.staleness.is_finite() && !r.ordered;
    let p = if write.harmed || read.harmed || older { "A" } else { "C" };
    let lin = |o: &Op| o.level.bits == Bits::ALL && o.level.staleness <= 0.0;
    let e = if lin(w) && lin(r) { "C" } else { "L" };
    format!("P{p}/E{e}")
}

fn sum(open: &Open, group: &[&Way], breaks: &[Break], op: &Op) -> Sum {
    let mut out = Sum::default();
    for way in group {
        let homes = setting::homes(way);
        let mut take = |copies: &Copies, net: &Net, entry: Place| {
            let a = open.one(copies, net, entry, op.ask);
            out.stale |= a.fate == Fate::Stale;
            out.harmed |= !a.flags.is_empty();
            out.refused |= a.fate == Fate::Fails && holds(copies, net, entry);
        };
        for b in breaks {
            for entry in &b.entries {
                take(&way.copies, &b.net, *entry);
            }
        }
        // Each copy alone is lost.
        let entry = homes.iter().next().copied().unwrap_or(0);
        for i in 0..way.copies.all.len() {
            let mut less = way.copies.clone();
            if let Some(c) = less.all.get_mut(i) {
                c.up = false;
            }
            take(&less, &Net::default(), entry);
        }
        // Availability asks for a response; nobody responds to such a write.
        out.refused |= op.ask == Ask::WriteBlind;
        if let Rules::Log { least, .. } = &way.copies.rules {
            // Acknowledged by one copy, which may then be lost.
            out.harmed |= op.ask == Ask::Write && *least < 2 && way.copies.all.len() > 1;
        }
        if let Rules::Quorum { w, .. } = &way.copies.rules {
            out.harmed |= op.writes && *w < 2 && way.copies.all.len() > 1;
        }
    }
    out
}

/// Whether a copy that is up is on the side of a request.
fn holds(copies: &Copies, net: &Net, entry: Place) -> bool {
    matches!(copies.rules, Rules::Everywhere)
        || copies.all.iter().any(|c: &Copy| c.up && !net.lost.contains(&c.place) && net.reaches(entry, c.place))
}

/// What comes before the steady state.
fn transient(open: &Open, net: &Net, entry: Place, op: &Op, answer: &Result<Answer, Reason>) -> Option<String> {
    let answer = answer.as_ref().ok()?;
    if op.ask == Ask::ReadAny && answer.fate == Fate::Fails && open.max_lag.is_some() {
        let bound = open.max_lag.unwrap_or(0.0);
        let first = open.ways.iter().any(|w| w.copies.answer(net, entry, op.ask).fate == Fate::Stale);
        return first.then(|| format!("answers with what is up to {} old first", crate::units::show_time(bound)));
    }
    // Until the old primary misses its replicas it goes on, and what it takes then is lost.
    let goes_on = open.ways.iter().any(|w| match &w.copies.rules {
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
    let moved = open.ways.iter().any(|w| match &w.copies.rules {
        Rules::Primary(p) => {
            let away = |c: &Copy| !net.reaches(entry, c.place) || net.lost.contains(&c.place);
            w.copies.all.get(p.at).is_some_and(|c| c.up && away(c))
        }
        _ => false,
    });
    (moved && answer.fate == Fate::Works && op.ask != Ask::ReadAny)
        .then(|| "answers errors until the failover is done".to_owned())
}
