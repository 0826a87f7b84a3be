//! Consistency of flows and stores as JSON, and the effects of partitions as text.

use super::fields::Fields;
use crate::analysis::consistency::copies::{Answer, Fate, Flag};
use crate::analysis::consistency::cut::{Expected, word};
use crate::analysis::consistency::guarantee::{Bits, Delivery, strongest};
use crate::analysis::consistency::labels::{Row, StoreFacts};
use crate::analysis::consistency::sides::{Kind, PartitionCase};
use crate::analysis::consistency::typing::Guarantee;
use crate::analysis::consistency::{Consistency, FlowRow};
use crate::analysis::{Known, Outcome, Verdicts};
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{FlowId, Locations, Model};
use serde_json::{Map, Value as Json, json as j};
use std::collections::{BTreeMap, BTreeSet};

/// All stores.
pub(super) fn stores(model: &Model, c: &Consistency) -> Json {
    let mut all = Map::new();
    for s in &c.stores {
        all.insert(model.component(s.id).name.clone(), store(s, &c.places));
    }
    Json::Object(all)
}

fn store(s: &StoreFacts, places: &Locations) -> Json {
    let mut f = Fields::new();
    let mut ops = Map::new();
    for op in &s.ops {
        let mut one = Fields::new();
        match &op.cap {
            Ok(cap) => one.put("cap", j!(cap.word())),
            Err(e) => one.known("cap", &Err(e.clone())),
        }
        one.put("guarantees", j!(op.level.bits.names()));
        one.known("staleness", &Ok(op.level.staleness));
        ops.insert(op.name.clone(), one.finish());
    }
    f.put("ops", Json::Object(ops));
    let pairs = s.pairs.iter().map(|p| {
        let mut one = Fields::new();
        one.put("write", j!(p.write));
        one.put("read", j!(p.read));
        match &p.pacelc {
            Ok(letters) => one.put("pacelc", j!(letters)),
            Err(e) => one.known("pacelc", &Err(e.clone())),
        }
        one.finish()
    });
    f.put("pairs", j!(pairs.collect::<Vec<_>>()));
    f.known("rpo", &s.rpo);
    match &s.unknown {
        Some(e) => f.known("partitions", &Err(e.clone())),
        None => f.put("partitions", j!(s.rows.iter().map(|r| row(r, places)).collect::<Vec<_>>())),
    }
    if !s.assumed.is_empty() {
        f.put("assumed", j!(s.assumed));
    }
    f.finish()
}

fn broken(f: &mut Fields, at: &PartitionCase, places: &Locations) {
    let names = |list: &[usize]| j!(list.iter().map(|p| places.name(*p)).collect::<Vec<_>>());
    f.put("side", names(&at.side));
    f.put("rest", names(&at.rest));
    let cut = at.links.iter().map(|(a, b)| vec![places.name(*a), places.name(*b)]);
    f.put("links_cut", j!(cut.collect::<Vec<_>>()));
    if at.kind == Kind::Lost {
        f.put("lost", names(&at.net.lost.iter().copied().collect::<Vec<_>>()));
    }
}

fn answer(f: &mut Fields, answer: &Result<Answer, Reason>) {
    match answer {
        Ok(a) => {
            f.put("verdict", j!(a.fate.word()));
            f.put("flags", flags(&a.flags));
        }
        Err(e) => {
            f.known("verdict", &Err(e.clone()));
            f.put("flags", j!([]));
        }
    }
}

fn flags(all: &BTreeSet<Flag>) -> Json {
    j!(all.iter().map(|x| x.word()).collect::<Vec<_>>())
}

fn row(r: &Row, places: &Locations) -> Json {
    let mut f = Fields::new();
    broken(&mut f, &r.at, places);
    f.put("client", j!(places.name(r.client)));
    f.put("op", j!(r.op));
    answer(&mut f, &r.answer);
    f.put("violated_after", Json::Null);
    f.put("transient", j!(r.transient));
    f.finish()
}

/// The guarantee of a flow, or the reason why there is none.
pub(super) fn flow(f: &mut Fields, model: &Model, i: usize, c: &Consistency) {
    let Some(Some(g)) = c.flows.get(i) else {
        let name = model.flows.get(i).map_or("", |x| x.name.as_str());
        f.known(
            "consistency",
            &Err(Reason::of_flow(
                ReasonKind::NotApplicable,
                name,
                format!("flow `{name}` reads and writes nothing that is kept"),
            )),
        );
        return;
    };
    let mut one = Fields::new();
    let kept = !g.paths.is_empty();
    let nothing = || Err(Reason::new(ReasonKind::NotApplicable, "nothing that is kept is read or written"));
    if kept {
        one.put("model", j!(strongest(g.level.bits, g.level.staleness)));
        one.put("guarantees", j!(g.level.bits.names()));
        one.known("staleness", &age(g));
    } else {
        one.known("model", &nothing());
        one.put("guarantees", j!([]));
        one.known("staleness", &nothing());
    }
    one.put("isolation", j!(g.isolation));
    one.known("rpo", &g.rpo);
    one.put("delivery", j!(g.delivery.map(Delivery::word)));
    one.put("proof", j!(if g.assumed.is_empty() { "proven" } else { "assumed" }));
    if !g.assumed.is_empty() {
        one.put("assumed", j!(g.assumed));
    }
    if !g.open.is_empty() {
        one.put("open", j!(g.open.iter().map(|(_, o)| o).collect::<Vec<_>>()));
    }
    let mut blame = Vec::new();
    let mut seen = Bits::NONE;
    for b in &g.blame {
        for bit in b.lost.less(seen).each() {
            blame.push(j!({ "lost": bit.to_string(), "at": model.component(b.at).name, "why": b.why }));
        }
        seen = seen.or(b.lost);
    }
    one.put("blame", j!(blame));
    let mut fault = Fields::new();
    fault.put("guarantees", j!(if kept { g.faulty.bits.names() } else { Vec::new() }));
    fault.known("staleness", &if kept { Ok(g.faulty.staleness) } else { nothing() });
    fault.known("rpo", &g.rpo.clone().map(|_| g.faulty.rpo));
    one.put("under_fault", fault.finish());
    let rows = c.rows.get(i).into_iter().flatten().map(|r| flow_row(r, &c.places));
    one.put("under_partition", j!(rows.collect::<Vec<_>>()));
    f.put("consistency", one.finish());
}

fn age(g: &Guarantee) -> Known {
    match &g.unknown_age {
        Some(e) if g.level.staleness.is_finite() => Err(e.clone()),
        _ => Ok(g.level.staleness),
    }
}

fn flow_row(r: &FlowRow, places: &Locations) -> Json {
    let mut f = Fields::new();
    broken(&mut f, &r.at, places);
    let client: Vec<&str> = r.at.entries.iter().map(|p| places.name(*p)).collect();
    f.put("client", j!(client.first()));
    answer(&mut f, &r.answer);
    f.put("why", j!(r.why));
    f.put("violated_after", j!(r.violated_after));
    f.put("transient", j!(if r.first.is_empty() { None } else { Some(r.first.join("; ")) }));
    f.finish()
}

/// An outcome that a scenario expects, with the computed one.
pub(super) fn expected(model: &Model, e: &Expected) -> Json {
    let mut f = Fields::new();
    f.put("flow", j!(model.flow(e.flow).name));
    f.put("side", j!(e.side));
    f.put("want", j!(word(e.want)));
    match &e.got {
        Ok(got) => f.put("got", j!(word(*got))),
        Err(why) => f.known("got", &Err(why.clone())),
    }
    f.put("flags", flags(&e.flags));
    f.put("why", j!(e.why));
    f.finish()
}

/// One sentence for each outcome of a flow in a partition case of one zone, and one for each partition
/// scenario and flow.
pub(super) fn told(model: &Model, c: &Consistency, verdicts: &Verdicts) -> String {
    let mut out = String::new();
    // Flows without state differ only in the locations of replicas.
    let kept = |i: &usize| c.flows.get(*i).is_some_and(Option::is_some);
    for (i, flow) in model.flows.iter().enumerate().filter(|(i, _)| kept(i)) {
        let asked = model.component(flow.origin).kind.facets.origin;
        for line in cut_off(&flow.name, asked, c.rows.get(i).map_or(&[], Vec::as_slice), &c.places) {
            out.push_str(&format!("  {line}\n"));
        }
    }
    if !out.is_empty() {
        out.insert_str(0, "\nif a zone is cut off:\n");
    }
    for (s, o) in model.scenarios.iter().zip(&verdicts.scenarios).filter(|(_, o)| !o.answers.is_empty()) {
        out.push_str(&scenario(model, &s.name, o));
    }
    out
}

/// Outcomes in the isolated zones; zones with equal outcomes share a sentence.
fn cut_off(flow: &str, asked: bool, rows: &[FlowRow], places: &Locations) -> Vec<String> {
    let mut by: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let single = |r: &&FlowRow| r.at.kind == Kind::Sides && r.at.side.len() == 1 && !r.at.rest.is_empty();
    let all = rows.iter().filter(single).count();
    for r in rows.iter().filter(single) {
        let other = rows.iter().find(|o| o.at.kind == Kind::Sides && o.at.side == r.at.rest);
        let zone = r.at.side.first().map_or("", |p| places.name(*p));
        by.entry(two(flow, asked, r, other.unwrap_or(r))).or_default().push(zone);
    }
    let mut lines = Vec::new();
    for (text, zones) in by {
        if text.is_empty() {
            continue;
        }
        let which = if zones.len() == all && zones.len() > 1 {
            "any one zone".to_owned()
        } else {
            format!("zone {}", zones.join(" or "))
        };
        lines.push(format!("if {which} is cut off, {text}"));
    }
    lines
}

fn two(flow: &str, asked: bool, here: &FlowRow, there: &FlowRow) -> String {
    let (a, b) = match (&here.answer, &there.answer) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(e), _) | (_, Err(e)) => return format!("what `{flow}` answers is unknown: {e}"),
    };
    if (a.fate, b.fate) == (Fate::Works, Fate::Works) && a.flags.is_empty() && b.flags.is_empty() {
        return String::new();
    }
    let does = |x: Fate| match x {
        Fate::Works => "works",
        Fate::Stale => "returns stale data",
        Fate::Fails if asked => "answers errors",
        Fate::Fails => "stops",
    };
    let mut text = format!("`{flow}` {} there", does(a.fate));
    match &here.first.first() {
        Some(first) if a.fate == Fate::Fails => text = format!("{text} (at first {first})"),
        _ => {}
    }
    text.push_str(&if a.fate == b.fate {
        " and elsewhere".to_owned()
    } else {
        format!(" and {} elsewhere", does(b.fate))
    });
    if let Some(x) = here.violated_after {
        text.push_str(&format!(", past its target after {}", crate::units::show_time(x)));
    }
    text.push_str(&format!("; {}", anomalies(a.flags.iter().chain(&b.flags))));
    text
}

fn anomalies<'a>(flags: impl Iterator<Item = &'a Flag>) -> String {
    let all: BTreeSet<&Flag> = flags.collect();
    let words: Vec<&str> = all
        .iter()
        .map(|f| match f {
            Flag::Loss => "acknowledged writes are lost",
            Flag::Split => "two primaries write",
            Flag::Diverge => "copies diverge, and one of two concurrent writes is lost",
        })
        .collect();
    if words.is_empty() { "nothing acknowledged is lost".to_owned() } else { words.join(", ") }
}

fn scenario(model: &Model, name: &str, o: &Outcome) -> String {
    let mut out = String::new();
    let mut flows: Vec<FlowId> = o.answers.iter().map(|e| e.flow).collect();
    flows.dedup();
    for id in flows {
        let mine: Vec<&Expected> = o.answers.iter().filter(|e| e.flow == id).collect();
        let sides: Vec<String> = mine
            .iter()
            .map(|e| match &e.got {
                Ok(got) if *got == e.want => format!("{} in {}", word(*got), e.side),
                Ok(got) => format!("{} in {} where {} is expected", word(*got), e.side, word(e.want)),
                Err(why) => format!("unknown in {} ({why})", e.side),
            })
            .collect();
        let anomalies = anomalies(mine.iter().flat_map(|e| &e.flags));
        out.push_str(&format!("  in `{name}`, `{}` answers {}; {anomalies}\n", model.flow(id).name, sides.join(", ")));
    }
    out
}
