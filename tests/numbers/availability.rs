//! Availability against brute force over all states of zones and nodes, by an oracle that
//! knows nothing of the analysis: it makes random small designs together with what they
//! mean. Cut sets, importance and losses of zones against the same.

use crate::support::Says;
use crate::support::generate;
use crate::support::generate::Rng;
use archc::analysis::{Facts, Reliability, reliability};
use archc::model::Model;
use archc::session::{judge, open_text};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const ZONES: [&str; 3] = ["a", "b", "c"];

fn model(text: &str) -> Model {
    let judged = judge(&open_text("x.arch", text, &[]), jiff::civil::date(2026, 11, 25), false);
    let errors = judged.language_errors();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    judged.model
}

fn analysed(text: &str) -> (Facts, Reliability) {
    let model = model(text);
    let facts = Facts::new(&model, 1.0);
    let more = reliability(&model, &facts, 1.0);
    (facts, more)
}

/// One thing that works or fails.
struct Atom {
    /// What it is called in a cut set, without its count.
    class: String,
    /// The zone that takes it with it.
    zone: Option<usize>,
    up: f64,
}

#[derive(Clone, Copy, Debug)]
enum Rule {
    AtLeast(usize, usize),
    Voters(usize),
    Primary(usize),
    Promoted(usize, bool),
    Whole,
}

struct Comp {
    name: String,
    kind: &'static str,
    rule: Rule,
    /// Atoms: the primary first where there is one.
    pieces: Vec<usize>,
    /// Whether it matters which is the primary.
    has_primary: bool,
    /// Atoms that may be the primary; several where nobody says its zone.
    firsts: Vec<usize>,
    /// The one that is.
    first: Cell<usize>,
    witnesses: Vec<usize>,
    guard: Option<usize>,
    text: String,
}

enum Step {
    Call { to: usize, write: bool, optional: bool, wait: bool, body: Vec<Step>, fallback: Option<Vec<Step>> },
    Cached { cache: usize, miss: Vec<Step> },
    Parallel(Vec<Step>),
    Choose(Vec<Step>, Vec<Step>),
}

struct Design {
    zones: usize,
    zone_up: Option<f64>,
    atoms: Vec<Atom>,
    comps: Vec<Comp>,
    steps: Vec<Step>,
    /// Visits of each component by a request.
    visits: Vec<f64>,
}

impl Design {
    fn zone(&self, bits: u32, zone: usize) -> bool {
        bits >> zone & 1 == 0
    }

    /// `down` has a bit for each zone, then for each atom.
    fn alive(&self, down: u32, atom: usize) -> bool {
        down >> (self.zones + atom) & 1 == 0 && self.atoms[atom].zone.is_none_or(|z| self.zone(down, z))
    }

    fn works(&self, down: u32, comp: usize, write: bool, forced: Option<(usize, bool)>) -> bool {
        if let Some((c, up)) = forced
            && c == comp
        {
            return up;
        }
        let c = &self.comps[comp];
        let up = |list: &[usize]| list.iter().filter(|a| self.alive(down, **a)).count();
        let (pieces, votes) = (up(&c.pieces), up(&c.witnesses));
        let primary = self.alive(down, c.first.get());
        match c.rule {
            Rule::AtLeast(read, all) => pieces >= if write { all } else { read },
            Rule::Voters(majority) => pieces > 0 && pieces + votes >= majority,
            Rule::Primary(others) => primary && (!write || pieces > others),
            Rule::Promoted(majority, fenced) => pieces > 0 && (votes >= majority || !fenced && primary),
            Rule::Whole => pieces == 1,
        }
    }

    /// With the cache that it cannot do without.
    fn answers(&self, down: u32, comp: usize, write: bool, forced: Option<(usize, bool)>) -> bool {
        let guard = self.comps[comp].guard.is_none_or(|g| self.works(down, g, false, forced));
        guard && self.works(down, comp, write, forced)
    }

    fn all(&self, steps: &[Step], down: u32, forced: Option<(usize, bool)>) -> bool {
        steps.iter().all(|s| match s {
            Step::Call { optional: true, .. } | Step::Call { wait: false, .. } => true,
            Step::Call { to, write, body, fallback, .. } => {
                let this = self.answers(down, *to, *write, forced) && self.all(body, down, forced);
                this || fallback.as_ref().is_some_and(|f| self.all(f, down, forced))
            }
            Step::Cached { miss, .. } => self.all(miss, down, forced),
            Step::Parallel(inner) => self.all(inner, down, forced),
            Step::Choose(a, b) => self.all(a, down, forced) && self.all(b, down, forced),
        })
    }

    /// `lb` is component 0, the first service component 1; both are always needed.
    fn phi(&self, down: u32, forced: Option<(usize, bool)>) -> bool {
        (0..2).all(|c| self.answers(down, c, false, forced)) && self.all(&self.steps, down, forced)
    }

    fn bits(&self) -> usize {
        self.zones + self.atoms.len()
    }

    /// Every way to place the primaries whose zone nobody says, one after the other.
    fn ways(&self) -> Vec<Vec<usize>> {
        let mut out = vec![Vec::new()];
        for c in &self.comps {
            let more = |w: &Vec<usize>| c.firsts.iter().map(|f| [w.clone(), vec![*f]].concat()).collect::<Vec<_>>();
            out = out.iter().flat_map(more).collect();
        }
        out
    }

    fn place(&self, way: &[usize]) {
        self.comps.iter().zip(way).for_each(|(c, f)| c.first.set(*f));
    }

    /// Primaries where these words put them, as in `u.primary in zone b`.
    fn place_as(&self, given: &[String]) {
        for c in &self.comps {
            let at = |f: &usize| {
                let zone = self.atoms[*f].zone.map_or("", |z| ZONES[z]);
                given.contains(&format!("{}.primary in zone {zone}", c.name))
            };
            c.first.set(c.firsts.iter().copied().find(at).unwrap_or(c.firsts[0]));
        }
    }

    /// The probability over all states, primaries where they are.
    fn brute(&self, forced: Option<(usize, bool)>) -> f64 {
        self.brute_without(None, forced)
    }

    /// The same in the worst way, in which the primaries are left.
    fn worst(&self) -> f64 {
        let mut all: Vec<(f64, Vec<usize>)> = Vec::new();
        for way in self.ways() {
            self.place(&way);
            all.push((self.brute(None), way));
        }
        let least = all.iter().map(|(a, _)| *a).fold(f64::INFINITY, f64::min);
        let worst = all.iter().find(|(a, _)| *a < least + 1e-13).expect("one");
        self.place(&worst.1);
        worst.0
    }

    /// The same with a zone that is down for good.
    fn brute_without(&self, zone: Option<usize>, forced: Option<(usize, bool)>) -> f64 {
        let zones = (0..self.zones).map(|z| if zone == Some(z) { 0.0 } else { self.zone_up.unwrap_or(1.0) });
        let up: Vec<f64> = zones.chain(self.atoms.iter().map(|a| a.up)).collect();
        self.sum(&up, 0, 0, 1.0, forced)
    }

    /// Over the states of the bits from `bit` on.
    fn sum(&self, up: &[f64], bit: usize, down: u32, mass: f64, forced: Option<(usize, bool)>) -> f64 {
        let Some(p) = up.get(bit) else {
            return if self.phi(down, forced) { mass } else { 0.0 };
        };
        let failed = 1.0 - p;
        let lost = if failed > 0.0 { self.sum(up, bit + 1, down | 1 << bit, mass * failed, forced) } else { 0.0 };
        let kept = if *p > 0.0 { self.sum(up, bit + 1, down, mass * p, forced) } else { 0.0 };
        kept + lost
    }

    /// Minimal failing sets of at most `order`, as `analyze` names them.
    fn cut_sets(&self, order: u32) -> BTreeSet<Vec<String>> {
        let mut minimal: Vec<u32> = Vec::new();
        let mut states: Vec<u32> = (1..1_u32 << self.bits()).filter(|d| d.count_ones() <= order).collect();
        states.sort_by_key(|d| d.count_ones());
        for down in states {
            if !minimal.iter().any(|m| m & down == *m) && !self.phi(down, None) {
                minimal.push(down);
            }
        }
        let words = |down: &u32| {
            let mut count: BTreeMap<String, usize> = BTreeMap::new();
            for bit in (0..self.bits()).filter(|b| down >> b & 1 == 1) {
                let class = if bit < self.zones {
                    format!("zone {}", ZONES[bit])
                } else {
                    let atom = bit - self.zones;
                    let of = self.comps.iter().find(|c| c.has_primary && c.first.get() == atom);
                    let class = &self.atoms[atom].class;
                    of.map_or_else(
                        || class.clone(),
                        |c| class.replace(&format!("{}#", c.name), &format!("{}.primary", c.name)),
                    )
                };
                *count.entry(class).or_default() += 1;
            }
            let mut out: Vec<String> = count
                .into_iter()
                .map(|(c, n)| if n == 1 { c.replace('#', "") } else { c.replace('#', &format!(" x{n}")) })
                .collect();
            out.sort();
            out
        };
        minimal.iter().map(words).collect()
    }
}

struct Maker<'a> {
    rng: &'a mut Rng,
    d: Design,
    room: usize,
}

impl Maker<'_> {
    fn up(&mut self) -> f64 {
        f64::from(u32::try_from(500 + self.rng.below(499)).expect("small")) / 1000.0
    }

    /// Zones of `n` pieces, and the attribute that says so.
    fn place(&mut self, n: usize) -> (Vec<usize>, String) {
        let nz = self.d.zones;
        match self.rng.below(4) {
            0 => {
                let mut each = vec![0; nz];
                let mut at = Vec::new();
                for _ in 0..n {
                    let z = self.rng.below(nz);
                    each[z] += 1;
                }
                for (z, k) in each.iter().enumerate() {
                    at.extend(std::iter::repeat_n(z, *k));
                }
                let list: Vec<String> = each.iter().enumerate().map(|(z, k)| format!("{} = {k}", ZONES[z])).collect();
                (at, format!(", place {{ {} }}", list.join(", ")))
            }
            1 => {
                let own: Vec<usize> = (0..nz).filter(|_| self.rng.chance(60)).collect();
                let own = if own.is_empty() { vec![nz - 1] } else { own };
                let list: Vec<&str> = own.iter().map(|z| ZONES[*z]).collect();
                ((0..n).map(|i| own[i % own.len()]).collect(), format!(", zones = [{}]", list.join(", ")))
            }
            _ => ((0..n).map(|i| i % nz).collect(), String::new()),
        }
    }

    fn atom(&mut self, class: String, zone: Option<usize>, up: f64) -> usize {
        self.d.atoms.push(Atom { class, zone, up });
        self.room -= 1;
        self.d.atoms.len() - 1
    }

    fn push(&mut self, c: Comp) -> usize {
        self.d.comps.push(c);
        self.d.visits.push(0.0);
        self.d.comps.len() - 1
    }

    fn whole(&mut self, name: &str, kind: &'static str) {
        let up = self.up();
        let atom = self.atom(name.to_owned(), None, up);
        let more = if kind == "external" { ", latency = 1ms" } else { "" };
        let text = format!("{kind} {name} {{ availability = {up}{more} }}\n");
        let name = name.to_owned();
        let firsts = vec![atom];
        self.push(Comp {
            name,
            kind,
            rule: Rule::Whole,
            pieces: vec![atom],
            has_primary: false,
            firsts,
            first: Cell::new(atom),
            witnesses: vec![],
            guard: None,
            text,
        });
    }

    fn pieces(&mut self, name: &str, zones: &[usize], up: f64) -> Vec<usize> {
        zones.iter().map(|z| self.atom(format!("{name}# in zone {}", ZONES[*z]), Some(*z), up)).collect()
    }

    /// Its cpu follows from its visits, so that `k` replicas are needed.
    fn service(&mut self, name: &str) {
        let n = 1 + self.rng.below(3.min(self.room));
        let k = 1 + self.rng.below(n);
        let (zones, place) = self.place(n);
        let up = self.up();
        let pieces = self.pieces(name, &zones, up);
        let text = format!("service {name} {{ cpu = CPUms, replicas = {n}, availability = {up}{place} }}\n");
        let name = name.to_owned();
        self.push(Comp {
            name,
            kind: "service",
            rule: Rule::AtLeast(k, k),
            has_primary: false,
            firsts: vec![pieces[0]],
            first: Cell::new(pieces[0]),
            pieces,
            witnesses: vec![],
            guard: None,
            text,
        });
    }

    fn store(&mut self, name: &str) {
        let n = 1 + self.rng.below(3.min(self.room));
        let (mut zones, place) = self.place(n);
        let up = self.up();
        let mut text = format!("database {name} {{ cpu = DBms, replicas = {n}, availability = {up}{place}");
        let majority = |n: usize| n / 2 + 1;
        let mut votes: Vec<usize> = Vec::new();
        let replication =
            *["async", "sync", "quorum", "consensus", "multi_primary"].get(self.rng.below(5)).expect("one of them");
        let _ = write!(text, ", replication = {replication}");
        let can_vote = !["multi_primary"].contains(&replication) && self.room > n + 2;
        let witnessed = can_vote && self.rng.chance(30);
        if witnessed {
            let nz = self.d.zones;
            let each: Vec<usize> = (0..nz).map(|_| self.rng.below(2)).collect();
            let list: Vec<String> = each.iter().enumerate().map(|(z, k)| format!("{} = {k}", ZONES[z])).collect();
            for (z, k) in each.iter().enumerate() {
                votes.extend(std::iter::repeat_n(z, *k));
            }
            let _ = write!(text, ", witnesses {{ {} }}", list.join(", "));
        }
        let (mut has_primary, mut named) = (false, true);
        let rule = match replication {
            "quorum" if !witnessed => {
                let (mut r, mut w) = (majority(n), majority(n));
                if self.rng.chance(60) {
                    (r, w) = (1 + self.rng.below(n), 1 + self.rng.below(n));
                    let _ = write!(text, ", r = {r}, w = {w}");
                }
                Rule::AtLeast(r, w)
            }
            "quorum" | "consensus" => Rule::Voters(majority(n + votes.len())),
            "multi_primary" => Rule::AtLeast(1, 1),
            _ => {
                let waits = replication == "sync" && self.rng.chance(40) && n > 1;
                let others = if waits { 1 + self.rng.below(n - 1) } else { 0 };
                if waits {
                    let _ = write!(text, ", on_sync_loss = block, sync_replicas = {others}");
                }
                if self.rng.chance(50) {
                    let z = zones[self.rng.below(n)];
                    let _ = write!(text, ", primary = {}", ZONES[z]);
                    let at = zones.iter().position(|o| *o == z).expect("there");
                    zones.swap(0, at);
                } else {
                    // Any zone that holds a copy.
                    zones.sort_unstable();
                    named = false;
                }
                let how = ["auto", "auto", "manual", "none", ""][self.rng.below(5)];
                if !how.is_empty() {
                    let _ = write!(text, ", failover = {how}");
                }
                let fenced = self.rng.chance(50);
                if fenced {
                    text.push_str(", fenced = true");
                }
                has_primary = how != "auto" || witnessed && !fenced;
                match (how, witnessed) {
                    ("auto", false) => Rule::AtLeast(1, 1 + others),
                    ("auto", true) => Rule::Promoted(majority(votes.len()), fenced),
                    _ => Rule::Primary(others),
                }
            }
        };
        let mut pieces = self.pieces(name, &zones, up);
        let mut firsts: Vec<usize> = Vec::new();
        for (atom, zone) in pieces.iter().zip(&zones) {
            let known = |f: &usize| self.d.atoms[*f].zone == Some(*zone);
            if firsts.is_empty() || has_primary && !named && !firsts.iter().any(known) {
                firsts.push(*atom);
            }
        }
        let witnesses = votes
            .iter()
            .map(|z| self.atom(format!("a witness# of {name} in zone {}", ZONES[*z]), Some(*z), up))
            .collect();
        pieces.truncate(n);
        text.push_str(" }\n");
        let name = name.to_owned();
        let first = Cell::new(pieces[0]);
        self.push(Comp {
            name,
            kind: "database",
            rule,
            pieces,
            has_primary,
            firsts,
            first,
            witnesses,
            guard: None,
            text,
        });
    }

    fn cache(&mut self, name: &str, of: usize) {
        let n = 1 + self.rng.below(2.min(self.room));
        let (zones, place) = self.place(n);
        let up = self.up();
        let pieces = self.pieces(name, &zones, up);
        let text = format!("cache {name} {{ cpu = 0.001ms, hit = 90%, nodes = {n}, availability = {up}{place} }}\n");
        let name = name.to_owned();
        let id = self.push(Comp {
            name,
            kind: "cache",
            rule: Rule::AtLeast(1, 1),
            has_primary: false,
            firsts: vec![pieces[0]],
            first: Cell::new(pieces[0]),
            pieces,
            witnesses: vec![],
            guard: None,
            text,
        });
        if self.rng.chance(60) {
            self.d.comps[of].guard = Some(id);
        }
    }

    /// Steps of component `owner`, which calls only later ones.
    fn steps(&mut self, owner: usize, depth: usize, visits: f64, cached: Option<(usize, usize)>) -> Vec<Step> {
        let mut out = Vec::new();
        let n = 1 + self.rng.below(3);
        for _ in 0..n {
            match self.rng.below(12) {
                0 if depth > 0 => {
                    let inner = self.steps(owner, depth - 1, visits, cached);
                    out.push(Step::Parallel(inner));
                }
                1 if depth > 0 => {
                    let (a, b) = (
                        self.steps(owner, depth - 1, visits / 2.0, cached),
                        self.steps(owner, depth - 1, visits / 2.0, cached),
                    );
                    out.push(Step::Choose(a, b));
                }
                _ => out.extend(self.call(owner, depth, visits, cached)),
            }
        }
        out
    }

    fn call(&mut self, owner: usize, depth: usize, visits: f64, cached: Option<(usize, usize)>) -> Option<Step> {
        let spared = |c: usize| cached.is_some_and(|(cache, store)| c == cache || c == store);
        let to: Vec<usize> = (owner + 1..self.d.comps.len()).filter(|c| !spared(*c)).collect();
        if to.is_empty() {
            return None;
        }
        let to = to[self.rng.below(to.len())];
        let (kind, wait) = (self.d.comps[to].kind, self.rng.chance(90));
        let optional = wait && self.rng.chance(10);
        self.d.visits[to] += visits;
        let body = if kind == "service" && depth > 0 && self.rng.chance(60) && wait {
            self.steps(to, depth - 1, visits, cached)
        } else {
            Vec::new()
        };
        let fallback =
            (wait && !optional && depth > 0 && self.rng.chance(40)).then(|| self.steps(owner, depth - 1, 0.0, cached));
        Some(Step::Call { to, write: kind == "database" && self.rng.chance(50), optional, wait, body, fallback })
    }
}

fn show(d: &Design, steps: &[Step], out: &mut String) {
    for s in steps {
        match s {
            Step::Call { to, write, optional, wait, body, fallback } => {
                let c = &d.comps[*to];
                let op = match (c.kind, write) {
                    ("database", true) => ".write",
                    ("database", false) => ".read",
                    _ => "",
                };
                let arrow = if *wait { "->" } else { "~>" };
                let _ = write!(out, "{arrow} {}{op}", c.name);
                if *optional || !body.is_empty() {
                    out.push_str(" {\n");
                    if *optional {
                        out.push_str("optional = true\n");
                    }
                    show(d, body, out);
                    out.push('}');
                }
                if let Some(f) = fallback.as_ref().filter(|f| !f.is_empty()) {
                    out.push_str(" fallback {\n");
                    show(d, f, out);
                    out.push('}');
                }
                out.push('\n');
            }
            Step::Cached { cache, miss } => {
                let _ = writeln!(out, "-> {}.get else {{", d.comps[*cache].name);
                show(d, miss, out);
                out.push_str("}\n");
            }
            Step::Parallel(inner) => {
                out.push_str("parallel {\n");
                show(d, inner, out);
                out.push_str("}\n");
            }
            Step::Choose(a, b) => {
                out.push_str("choose {\n50% {\n");
                show(d, a, out);
                out.push_str("}\n50% {\n");
                show(d, b, out);
                out.push_str("}\n}\n");
            }
        }
    }
}

/// A fallback that holds no call stands for nothing, in the text and in the meaning.
fn tidy(steps: &mut Vec<Step>) {
    for s in steps.iter_mut() {
        match s {
            Step::Call { body, fallback, .. } => {
                tidy(body);
                if let Some(f) = fallback {
                    tidy(f);
                }
                if fallback.as_ref().is_some_and(Vec::is_empty) {
                    *fallback = None;
                }
            }
            Step::Cached { miss, .. } => tidy(miss),
            Step::Parallel(inner) => tidy(inner),
            Step::Choose(a, b) => {
                tidy(a);
                tidy(b);
            }
        }
    }
    // Who has nobody to call calls nobody, in either arm.
    steps.retain(|s| match s {
        Step::Parallel(inner) => !inner.is_empty(),
        Step::Choose(a, b) => !a.is_empty() && !b.is_empty(),
        _ => true,
    });
}

/// A random design of at most `room` atoms beside the zones, and its text.
fn random(seed: u64, room: usize) -> (Design, String) {
    let mut rng = Rng(seed);
    let zones = 1 + rng.below(3);
    let zone_up = rng.chance(75).then(|| 0.5 + f64::from(u32::try_from(rng.below(499)).expect("small")) / 1000.0);
    let d = Design { zones, zone_up, atoms: vec![], comps: vec![], steps: vec![], visits: vec![] };
    let mut m = Maker { rng: &mut rng, d, room };
    m.whole("lb", "balancer");
    m.service("app");
    let mut cached = None;
    if m.room >= 4 && m.rng.chance(40) {
        m.store("held");
        if m.room > 0 {
            m.cache("hot", 2);
            cached = Some((3, 2));
        }
    }
    for name in ["u", "v", "w", "x"] {
        if m.room == 0 {
            break;
        }
        match m.rng.below(3) {
            0 => m.whole(name, "external"),
            1 => m.service(name),
            _ => m.store(name),
        }
    }
    m.d.visits[1] = 1.0;
    m.d.visits[0] = 1.0;
    let mut steps = m.steps(1, 2, 1.0, cached);
    if let Some((cache, store)) = cached {
        let write = m.rng.chance(30);
        let read = Step::Call { to: store, write, optional: false, wait: true, body: vec![], fallback: None };
        steps.push(Step::Cached { cache, miss: vec![read] });
        m.d.visits[store] = 0.1;
    }
    tidy(&mut steps);
    let mut d = m.d;
    d.steps = steps;
    let up = zone_up.map_or_else(String::new, |u| format!(", zone_availability = {u}"));
    let mut text = format!("arch 1\nsystem s {{ provider = none, zones = {zones}{up} }}\nclient web {{ }}\n");
    for (c, visits) in d.comps.iter().zip(&d.visits) {
        let Rule::AtLeast(k, _) = c.rule else {
            text.push_str(&c.text.replace("DB", if c.guard.is_some() { "50" } else { "0.001" }));
            continue;
        };
        // 100 requests a second: k - 1/2 cores are busy; none where nothing is asked.
        let k = f64::from(u32::try_from(k).expect("small"));
        let cpu = if *visits > 0.0 { (k - 0.5) * 10.0 / visits } else { 1.0 };
        text.push_str(
            &c.text.replace("CPU", &cpu.to_string()).replace("DB", if c.guard.is_some() { "50" } else { "0.001" }),
        );
    }
    for (i, c) in d.comps.iter_mut().enumerate() {
        if c.kind == "service" && d.visits[i] <= 0.0 {
            c.rule = Rule::AtLeast(1, 1);
        }
    }
    text.push_str("flow f { rate = 100 rps\nweb -> lb -> app {\n");
    show(&d, &d.steps, &mut text);
    text.push_str("} }\n");
    (d, text)
}

#[test]
fn exact_as_brute_force_over_all_states() {
    let (mut seen, mut fallbacks, mut guarded, mut unsaid) = (0, 0, 0, 0);
    for seed in 0..2000 {
        let room = match seed % 2000 {
            0 => 17,
            r if r % 200 == 0 => 13,
            r => 5 + (r % 5) as usize,
        };
        let (d, text) = random(seed, room);
        if d.bits() > 20 {
            continue;
        }
        let (facts, more) = analysed(&text);
        let got = facts.availability.flows[0].clone().unwrap_or_else(|e| panic!("{e}\n{text}"));
        let want = d.worst();
        assert!((got - want).abs() < 1e-12, "seed {seed}: {got} instead of {want}\n{text}");
        let before = want;
        let best = d
            .ways()
            .iter()
            .map(|w| {
                d.place(w);
                d.brute(None)
            })
            .fold(0.0, f64::max);
        let note = more.flows[0].primaries.as_deref().unwrap_or("");
        assert_eq!(
            best - before > 1e-12,
            note.contains("say `primary`"),
            "seed {seed}: {before} {best} {note}\n{text}"
        );
        unsaid += usize::from(!note.is_empty());
        let given = more.flows[0].cut_sets.as_ref().expect("known").given.clone();
        d.place_as(&given);
        assert!((d.brute(None) - want).abs() < 1e-12, "seed {seed}: {given:?} is not the worst\n{text}");
        let one = &more.flows[0].importance;
        let (low, high) = one.bounds.clone().expect("known");
        assert!(low <= got + 1e-12 && got <= high + 1e-12, "seed {seed}: {low} {got} {high}\n{text}");
        seen += 1;
        fallbacks += usize::from(text.contains("fallback"));
        guarded += usize::from(d.comps.iter().any(|c| c.guard.is_some()));
        if seed % 5 == 0 && d.bits() <= 12 {
            for i in one.ranking.as_ref().expect("known") {
                let Some(c) = d.comps.iter().position(|c| c.name == i.what) else { continue };
                let (with, without) = (d.brute(Some((c, true))), d.brute(Some((c, false))));
                assert!((i.perfect - with).abs() < 1e-12, "seed {seed}, {}: {} {with}\n{text}", i.what, i.perfect);
                assert!((i.birnbaum - (with - without)).abs() < 1e-12, "seed {seed}, {}\n{text}", i.what);
                assert!(i.birnbaum >= -1e-12, "seed {seed}, {}: mending lowers it\n{text}", i.what);
            }
        }
    }
    assert!(seen > 1900 && fallbacks > 600 && guarded > 150 && unsaid > 15, "{seen} {fallbacks} {guarded} {unsaid}");
}

#[test]
fn cut_sets_are_those_of_brute_force() {
    let mut sets = 0;
    for seed in 0..600 {
        let (d, text) = random(seed * 7 + 1, 8);
        let (_, more) = analysed(&text);
        let smallest = more.flows[0].cut_sets.clone().unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(smallest.order, 3);
        let got: BTreeSet<Vec<String>> = smallest
            .sets
            .iter()
            .cloned()
            .map(|mut s| {
                s.parts.sort();
                s.parts
            })
            .collect();
        assert_eq!(got.len(), smallest.sets.len(), "one twice\n{text}");
        d.place_as(&smallest.given);
        let want = d.cut_sets(3);
        assert_eq!(got, want, "seed {seed}\n{text}");
        sets += want.len();
    }
    assert!(sets > 3000, "{sets}");
}

#[test]
fn a_lost_zone_stops_what_it_must() {
    let (mut yes, mut no, mut unsaid) = (0, 0, 0);
    for seed in 0..600 {
        let (d, text) = random(seed * 11 + 3, 8);
        let (_, more) = analysed(&text);
        for (z, zone) in more.zones.iter().enumerate() {
            assert_eq!(zone.what, format!("zone {}", ZONES[z]));
            let ways: Vec<bool> = d
                .ways()
                .iter()
                .map(|w| {
                    d.place(w);
                    d.phi(1 << z, None)
                })
                .collect();
            match &zone.flows[0].0 {
                // What stands in may be overloaded, which the structure alone does not say.
                Ok(true) => {
                    yes += 1;
                    assert!(ways.iter().all(|holds| *holds), "seed {seed}, zone {z}\n{text}");
                }
                Ok(false) => no += 1,
                Err(why) => {
                    unsaid += usize::from(why.contains("`primary`"));
                    let known = ["failover", "promotes", "`primary`"].iter().any(|w| why.contains(w));
                    assert!(known, "{why}\n{text}");
                }
            }
            if ways.contains(&true) && !text.contains("fallback") && !text.contains("CPU") {
                let sure = zone.flows[0].0.as_ref().copied();
                assert!(sure != Ok(false), "seed {seed}, zone {z}: {}\n{text}", zone.flows[0].1);
            }
        }
    }
    assert!(yes > 200 && no > 200 && unsaid > 12, "{yes} {no} {unsaid}");
}

/// A flow over one component, written as given; the zones at `z`.
fn alone(zones: usize, z: &str, component: &str, calls: &str) -> (Facts, Reliability) {
    analysed(&format!(
        "arch 1\nsystem s {{ provider = none, zones = {zones}{z} }}\nclient web {{ }}\nbalancer lb {{ availability = 100% }}\nservice app {{ cpu = 0.001ms, replicas = {zones}, availability = 100% }}\n{component}\nflow f {{ rate = 100 rps, web -> lb -> app {{ {calls} }} }}\n"
    ))
}

fn reference() -> serde_json::Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/availability.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("JSON")
}

fn case(name: &str) -> f64 {
    reference()["availability_cases"][name]["value"].as_f64().unwrap_or_else(|| panic!("no case {name}"))
}

#[track_caller]
fn near(got: f64, name: &str) {
    let want = case(name);
    assert!((got - want).abs() < 1e-12, "{name}: {got} instead of {want}");
}

/// The share of time that the component works, its zones of 99.95% and its nodes of 99.5%:
/// the service in front is perfect and in other zones than none.
fn zoned(zones: usize, attrs: &str) -> f64 {
    let c = format!("database d {{ cpu = 0.001ms, availability = 99.5%, {attrs} }}");
    let (facts, _) = alone(zones, ", zone_availability = 99.95%", &c, "-> d.write");
    facts.availability.components[3].clone().expect("known")
}

#[test]
fn reference_cases_of_zones_through_the_language() {
    near(zoned(3, "replication = consensus, replicas = 3"), "A07_zone_3x1_q2");
    near(zoned(3, "replication = consensus, replicas = 3, place { a = 3 }"), "A07_zone_3+0_q2");
    near(zoned(3, "replication = consensus, replicas = 5"), "A07_zone_5_221_q3");
    near(zoned(5, "replication = consensus, replicas = 5"), "A07_zone_5_11111_q3");
    near(zoned(3, "replication = consensus, replicas = 4"), "A07_zone_4_211_q3");
    near(zoned(3, "replication = consensus, replicas = 6"), "A07_zone_6_222_q4");
    near(zoned(3, "replication = quorum, replicas = 6, w = 4, r = 3"), "A08_aurora_write_4of6_222");
    near(zoned(2, "replication = async, failover = auto, replicas = 2"), "A09_stateless_2_in_2az_need1");
    near(zoned(2, "replication = async, failover = auto, replicas = 2, zones = [a]"), "A09_stateless_2_same_az_need1");
    // 2 + 1 over two zones is worse than all three in one.
    let two_one = zoned(2, "replication = consensus, replicas = 3");
    assert!((two_one - 0.999_420).abs() < 5e-7 && two_one < case("A07_zone_3+0_q2"), "{two_one}");
    // Reads of the quorum of six need three of them.
    let quorum = "database d { cpu = 0.001ms, availability = 99.5%, replication = quorum, replicas = 6, w = 4, r = 3 }";
    let read = zoned_flow(quorum, "-> d.read");
    assert!((read - in_zones(case("A08_aurora_read_3of6_222"))).abs() < 1e-12, "{read}");
    let service = |n: usize, zones: usize, k: f64| {
        let cpu = (k - 0.5) * 10.0;
        let c = format!("service s {{ cpu = {cpu}ms, replicas = {n}, availability = 99.5% }}");
        alone(zones, ", zone_availability = 99.95%", &c, "-> s").0.availability.components[3].clone().expect("known")
    };
    near(service(6, 3, 4.0), "A09_stateless_6_in_3az_need4");
    near(service(4, 2, 2.0), "A09_stateless_4_in_2az_need2");
}

/// A flow whose service needs only that one of the three zones works.
fn zoned_flow(component: &str, calls: &str) -> f64 {
    alone(3, ", zone_availability = 99.95%", component, calls).0.availability.flows[0].clone().expect("known")
}

/// Three of six in pairs need two zones, so the one zone of the service is no loss.
fn in_zones(a: f64) -> f64 {
    a
}

#[test]
fn reference_cases_of_flows_through_the_language() {
    let series = |list: &[f64]| {
        let parts: String = list
            .iter()
            .enumerate()
            .map(|(i, a)| format!("external x{i} {{ latency = 1ms, availability = {a} }}\n"))
            .collect();
        let calls: String = (0..list.len()).map(|i| format!("-> x{i}\n")).collect();
        let (facts, more) = alone(1, "", &parts, &calls);
        (facts.availability.flows[0].clone().expect("known"), more.flows[0].importance.bounds.clone().expect("known"))
    };
    near(series(&[0.999, 0.9995, 0.9995, 0.9999]).0, "A02_cdn_apigw_lambda_dynamo");
    near(series(&[0.9999; 20]).0, "A03_20_deps_9999");
    near(series(&[0.9999; 30]).0, "A04_30_deps_9999");
    let (a, (low, high)) = series(&[0.9999, 0.9999, 0.9995]);
    near(a, "A01_alb_ecs_rds_series");
    near(low, "A23_frechet_lower_series");
    near(high, "A23_frechet_upper_series");
    let two =
        "external x { latency = 1ms, availability = 99.9% }\nexternal y { latency = 1ms, availability = 99.9% }\n";
    let (facts, more) = alone(1, "", two, "-> x fallback { -> y }");
    near(facts.availability.flows[0].clone().expect("known"), "A24_parallel_indep");
    let (low, high) = more.flows[0].importance.bounds.clone().expect("known");
    near(low, "A24_frechet_parallel_2x999_lower");
    assert!((high - 1.0).abs() < 1e-15);
    let regions = "external glb { latency = 1ms, availability = 99.99% }\nexternal x { latency = 1ms, availability = 99.95% }\nexternal y { latency = 1ms, availability = 99.95% }\n";
    let (facts, _) = alone(1, "", regions, "-> glb\n-> x fallback { -> y }");
    near(facts.availability.flows[0].clone().expect("known"), "A16_active_active_2regions_glb");
    let mesh = "service l { cpu = 0.001ms, replicas = 2, availability = 99.9% }\nservice s { cpu = 0.001ms, replicas = 2, availability = 99.5% }\nexternal db { latency = 1ms, availability = 99.95% }\n";
    let (facts, _) = alone(1, "", mesh, "-> l { -> s { -> db } }");
    near(facts.availability.flows[0].clone().expect("known"), "A11_lb2_svc2_fullmesh_db");
    // Two ways over one database are one database.
    let shared = "external x { latency = 1ms, availability = 99% }\nexternal y { latency = 1ms, availability = 99% }\nexternal db { latency = 1ms, availability = 99.9% }\nservice p { cpu = 0.001ms, availability = 100% }\nservice q { cpu = 0.001ms, availability = 100% }\n";
    let calls = "-> p { -> x\n-> db } fallback { -> q { -> y\n-> db } }";
    let got = alone(1, "", shared, calls).0.availability.flows[0].clone().expect("known");
    near(got, "A05_shared_db_right");
    assert!((got - case("A05_wrong_paths_independent")).abs() > 1e-4);
    // What may be left out is not needed.
    let reco =
        "external core { latency = 1ms, availability = 99.95% }\nexternal reco { latency = 1ms, availability = 99% }\n";
    let optional = alone(1, "", reco, "-> core\n-> reco { optional = true }").0.availability.flows[0].clone();
    near(optional.expect("known"), "A13_optional_reco_core_flow");
    near(alone(1, "", reco, "-> core\n-> reco").0.availability.flows[0].clone().expect("known"), "A13_hard_reco");
    // Ten shards of 99.9%: a request meets one.
    let ten = "database d { cpu = 0.001ms, shards = 10, availability = 99.9% }";
    let (facts, more) = alone(1, "", ten, "-> d.write");
    near(facts.availability.flows[0].clone().expect("known"), "A15_10shards_expected_fraction");
    near(more.flows[0].importance.all_shards.clone().expect("known"), "A15_10shards_all_up");
    // Two redundant 99.5% are not 99% of anything.
    let pair = "database d { cpu = 0.001ms, replicas = 2, failover = auto, availability = 99.5% }";
    let got = alone(2, "", pair, "-> d.write").0.availability.flows[0].clone().expect("known");
    assert!((got - 0.999_975).abs() < 1e-12);
}

#[test]
fn what_is_not_said_is_not_known() {
    let without = |system: &str, c: &str| {
        let (facts, more) = alone(3, system, c, "-> d.write");
        assert_eq!(facts.availability.flows[0].is_err(), more.flows[0].importance.ranking.is_err());
        facts.availability.flows[0].clone().expect_err("unknown")
    };
    let e = without("", "database d { cpu = 0.001ms }");
    assert_eq!(e.to_string(), "`d` does not set the `availability` of one replica");
    let c = "database d { cpu = 0.001ms, availability = 99%, replicas = 2, place { a = 1, b = 1 }, primary = c, failover = none }";
    let e = without(", zone_availability = 99.9%", c);
    assert_eq!(e.to_string(), "`d` has no copy in the zone of its `primary`");
    let e = without(
        ", zone_availability = 99.9%, regions = [us-east-1, eu-west-1]",
        "database d { cpu = 0.001ms, availability = 99% }",
    );
    assert!(e.contains("failover between regions is not modeled"), "{e}");
    // A cache that is needed must say it too.
    let hot = "cache d { cpu = 0.001ms, hit = 90% }\ndatabase store { cpu = 30ms, availability = 99% }";
    let (facts, _) = alone(3, "", hot, "-> d.get else { -> store.read }");
    let e = facts.availability.flows[0].clone().expect_err("unknown");
    assert!(e.contains("`d` does not set") && e.contains("overloads"), "{e}");
}

#[test]
fn a_thousand_atoms_are_quick() {
    let text = generate::replicated(250, "");
    let model = model(&text);
    let start = std::time::Instant::now();
    let facts = Facts::new(&model, 1.0);
    let middle = start.elapsed();
    let more = reliability(&model, &facts, 1.0);
    let all = start.elapsed();
    assert!(facts.availability.flows.iter().all(Result::is_ok));
    assert!(more.flows.iter().all(|f| f.cut_sets.as_ref().is_ok_and(|s| s.order == 3)));
    println!("facts {middle:?}, all {all:?}");
    let limit = if cfg!(debug_assertions) { 30.0 } else { 1.0 };
    assert!(all.as_secs_f64() < limit, "{all:?}");
}

/// Machines of the cheapest sizes, tried one by one by hand.
#[test]
fn sizes_under_zones_and_a_needed_cache_are_the_cheapest() {
    let design = |app: &str, hot: &str, store: &str, rate: u32, target: &str| {
        format!(
            "arch 1\nsystem s {{ provider = none, zones = 3, zone_availability = 99.9% }}\nclient web {{ }}\nbalancer lb {{ availability = 99.99% }}\nservice app {{ cpu = 5ms, replicas = {app}, availability = 99% }}\ncache hot {{ cpu = 0.01ms, hit = 90%, nodes = {hot}, availability = 98% }}\ndatabase store {{ cpu = 25ms, shards = {store}, replicas = 2, replication = sync, failover = auto, availability = 99% }}\nflow f {{ rate = {rate} rps, slo {{ availability >= {target} }}, web -> lb -> app {{ -> hot.get else {{ -> store.read }} }} }}\nflow g {{ rate = 1 rps, slo {{ availability >= {target} }}, web -> lb -> app {{ -> store.read }} }}\n"
        )
    };
    let (mut cached, mut sharded) = (0, 0);
    for (rate, target) in [(150, "99%"), (150, "99.8%"), (250, "99%"), (250, "99.85%"), (350, "99.7%"), (450, "99.5%")]
    {
        let mut best: Option<(u32, [u32; 3])> = None;
        for app in 1..=7_u32 {
            for hot in 1..=4_u32 {
                for store in 1..=6_u32 {
                    let cost = app + hot + 2 * store;
                    if best.is_some_and(|(b, _)| b <= cost) {
                        continue;
                    }
                    let text = design(&app.to_string(), &hot.to_string(), &store.to_string(), rate, target);
                    let m = model(&text);
                    let facts = Facts::new(&m, 1.0);
                    let enough = facts.utilization.iter().all(|u| u.utilization.as_ref().map_or(true, |x| *x < 1.0));
                    let least: f64 = target.trim_end_matches('%').parse::<f64>().expect("a number") / 100.0;
                    let kept = facts.availability.flows.iter().all(|a| a.as_ref().is_ok_and(|a| *a >= least));
                    if enough && kept {
                        best = Some((cost, [app, hot, store]));
                    }
                }
            }
        }
        let (want, which) = best.expect("some do");
        let m = model(&design("?", "?", "?", rate, target));
        let count = |c: &str, name: &str| {
            let id = m.find(c).expect("declared");
            archc::analysis::count(m.component(id), name).expect("solved")
        };
        let got = count("app", "replicas") + count("hot", "nodes") + 2.0 * count("store", "shards");
        assert!((got - f64::from(want)).abs() < 1e-9, "{rate} rps, {target}: {got} instead of {want}, {which:?}");
        cached += usize::from(which[1] > 1);
        sharded += usize::from(which[2] > 1);
    }
    assert!(cached > 0 && sharded > 0, "{cached} {sharded}");
}

#[test]
fn what_a_loss_leaves_is_the_state_without_it() {
    let (mut zones, mut replicas) = (0, 0);
    for seed in 0..400 {
        let (d, text) = random(seed * 13 + 5, 7);
        let m = model(&text);
        let before = Facts::new(&m, 1.0).availability.flows[0].clone().expect("known");
        for (z, zone) in m.system.zones.iter().enumerate() {
            let lossy = m.without_zone(zone);
            let Ok(after) = Facts::new(&lossy.model, 1.0).availability.flows[0].clone() else { continue };
            if !lossy.doubts.is_empty() || text.contains("fallback") {
                continue;
            }
            let each = d.ways();
            let each = each.iter().map(|w| {
                d.place(w);
                d.brute_without(Some(z), None)
            });
            let want = each.fold(f64::INFINITY, f64::min);
            assert!((after - want).abs() < 1e-12, "seed {seed}, zone {zone}: {after} instead of {want}\n{text}");
            assert!(after <= before + 1e-12, "seed {seed}, zone {zone}\n{text}");
            zones += 1;
        }
        for i in 0..m.components.len() {
            let mut less = m.clone();
            if less.components[i].lose(1.0, &m.system) != archc::model::Left::Some(None) {
                continue;
            }
            if let Ok(after) = Facts::new(&less, 1.0).availability.flows[0] {
                assert!(after <= before + 1e-12, "seed {seed}, {}: {before} to {after}\n{text}", m.components[i].name);
                replicas += 1;
            }
        }
    }
    assert!(zones > 150 && replicas > 200, "{zones} {replicas}");
}
