//! The derivation of a flow's consistency, hop by hop, and of a store's labels.
//!
//! In: a judged design. Out: text. If a hop loses a guarantee and an interleaving that shows it is
//! known, the shortest one is printed. Never: a guarantee derived here.

use crate::analysis::Known;
use crate::analysis::consistency::guarantee::{Bits, strongest};
use crate::analysis::consistency::labels::StoreFacts;
use crate::analysis::consistency::pbs;
use crate::analysis::consistency::races::Race;
use crate::analysis::consistency::typing::{Guarantee, Path};
use crate::analysis::consistency::why_rpo;
use crate::model::{CompId, FlowId, Model};
use crate::session::Judged;
use crate::units::{show_ratio, show_time};

fn time(x: f64) -> String {
    if x.is_infinite() {
        "without a bound".to_owned()
    } else if x <= 0.0 {
        "0 s".to_owned()
    } else {
        show_time(x)
    }
}

fn known(x: &Known) -> String {
    match x {
        Ok(x) => time(*x),
        Err(e) => format!("unknown: {e}"),
    }
}

/// The derivation of a flow.
pub(super) fn flow(judged: &Judged, id: FlowId) -> Result<String, String> {
    let model = &judged.model;
    let name = &model.flow(id).name;
    let Some(Some(g)) = judged.consistency.flows.get(id.0) else {
        return Err(format!("flow `{name}` reads and writes nothing that is kept"));
    };
    let mut out = head(name, g);
    for p in &g.paths {
        out.push_str(&path(model, p));
    }
    for b in g.blame.iter().filter(|b| !g.paths.iter().any(|p| p.stops.iter().any(|s| s.text == b.why))) {
        out.push_str(&format!("then {}: {} is lost\n", b.why, b.lost));
    }
    if !g.paths.is_empty() {
        let age = if g.faulty.staleness <= g.level.staleness {
            String::new()
        } else {
            format!(", {} old", time(g.faulty.staleness))
        };
        out.push_str(&format!("after one fault: {}{age}\n", g.faulty.bits));
    }
    let why = match (&g.rpo, g.rpo_at) {
        (Ok(x), Some(at)) if x.is_infinite() => format!(": {}", why_rpo(model, at)),
        (Ok(x), Some(at)) if *x > 0.0 => format!(", of `{}`", model.component(at).name),
        _ => String::new(),
    };
    out.push_str(&format!("acknowledged writes that one failure may lose: {}{why}\n", known(&g.rpo)));
    if let Some(d) = g.delivery {
        out.push_str(&format!("messages: {}\n", d.word().replace('_', " ")));
    }
    if let Some(i) = &g.isolation {
        out.push_str(&format!("isolation of its transactions: {}\n", i.replace('_', " ")));
    }
    for a in &g.assumed {
        out.push_str(&format!("taken for granted: {a}\n"));
    }
    for (_, o) in &g.open {
        out.push_str(&format!("could be stronger: {o}\n"));
    }
    Ok(out)
}

fn head(name: &str, g: &Guarantee) -> String {
    if g.paths.is_empty() {
        return format!("{name}.consistency: it reads and writes nothing that is kept\n");
    }
    let age = match &g.unknown_age {
        Some(e) if g.level.staleness.is_finite() => format!("unknown: {e}"),
        _ => time(g.level.staleness),
    };
    let model = strongest(g.level.bits, g.level.staleness).unwrap_or("none of the models");
    format!(
        "{name}.consistency = {}\n  holds: {}\n  what it reads is at most this old: {age}\n",
        model.replace('_', " "),
        g.level.bits
    )
}

fn path(model: &Model, p: &Path) -> String {
    let mut out = format!("{}.{}\n", model.component(p.store).name, p.op);
    let mut before = 0.0;
    for (i, s) in p.stops.iter().enumerate() {
        out.push_str(&format!("  {}. {}\n", i + 1, s.text));
        let mut what = Vec::new();
        if s.lost != Bits::NONE {
            what.push(format!("drops {} ({})", s.lost, s.lost.words().join(", ")));
        }
        if s.level.staleness > before {
            what.push(format!("{} old so far", time(s.level.staleness)));
        }
        before = s.level.staleness;
        if !what.is_empty() {
            out.push_str(&format!("     {}\n", what.join("; ")));
        }
        if s.lost != Bits::NONE {
            let fits = |r: &&Race| tells(r, s.lost, s.level.bits);
            out.push_str(&s.race.filter(fits).map_or_else(String::new, interleaving));
        }
    }
    out
}

/// Whether a race shows the loss of a guarantee that held before.
fn tells(race: &Race, lost: Bits, left: Bits) -> bool {
    let bit = Bits::ALL.each().into_iter().find(|b| b.words() == [race.property]);
    bit.is_none_or(|b| lost.has(b) || (b == Bits::CONV && !left.has(b)))
}

fn interleaving(race: &Race) -> String {
    if race.trace.is_empty() {
        return String::new();
    }
    let steps: Vec<String> = race.trace.iter().map(|t| format!("       {t}\n")).collect();
    format!("     the shortest way to lose `{}`:\n{}", race.property, steps.concat())
}

/// The derivation of a store.
pub(super) fn store(judged: &Judged, id: CompId) -> Result<String, String> {
    let model = &judged.model;
    let c = model.component(id);
    let Some(s) = judged.consistency.stores.iter().find(|s| s.id == id) else {
        return Err(format!("`{}` keeps nothing: consistency is of stores, queues and flows", c.name));
    };
    let mut out = format!("{}.consistency\n", c.name);
    for op in &s.ops {
        let label = match &op.cap {
            Ok(cap) => cap.word().to_owned(),
            Err(e) => format!("unknown: {e}"),
        };
        out.push_str(&format!("  {}: {label}; holds {}, {} old\n", op.name, op.level.bits, time(op.level.staleness)));
    }
    for p in &s.pairs {
        let letters = p.pacelc.clone().unwrap_or_else(|e| format!("unknown: {e}"));
        out.push_str(&format!("  {} then {}: {letters}\n", p.write, p.read));
    }
    let why = match &s.rpo {
        Ok(x) if x.is_infinite() => format!(": {}", why_rpo(model, id)),
        _ => String::new(),
    };
    out.push_str(&format!("  acknowledged writes that one failure may lose: {}{why}\n", known(&s.rpo)));
    out.push_str(&chance(judged, id));
    out.push_str(&fates(judged, s));
    for a in &s.assumed {
        out.push_str(&format!("  taken for granted: {a}\n"));
    }
    out.push_str("CP, AP and neither are of operations under a cut, not of products; AP is no uptime\n");
    Ok(out)
}

/// The probability of a stale read of a partial quorum.
fn chance(judged: &Judged, id: CompId) -> String {
    use crate::analysis::consistency::copies::Rules;
    use crate::analysis::consistency::setting::variants;
    let c = judged.model.component(id);
    let Ok(variants) = variants(c, &judged.model.system) else { return String::new() };
    let Some(Rules::Quorum { r, w, .. }) = variants.first().map(|w| &w.copies.rules) else { return String::new() };
    let n = variants.first().map_or(0, |w| w.copies.all.len());
    let small = |x: usize| u32::try_from(x).unwrap_or(0);
    let p = pbs::stale(small(n), small(*r), small(*w));
    if p <= 0.0 {
        return String::new();
    }
    format!(
        "  a read right after a write asks none of its copies with probability {}; within the last 3 versions it is with {}\n",
        show_ratio(p),
        show_ratio(pbs::within_versions(small(n), small(*r), small(*w), 3))
    )
}

fn fates(judged: &Judged, s: &StoreFacts) -> String {
    use crate::analysis::consistency::sides::Kind;
    let places = &judged.consistency.places;
    let mut out = String::new();
    for r in s.rows.iter().filter(|r| r.at.kind == Kind::Sides) {
        let names = |list: &[usize]| list.iter().map(|p| places.name(*p)).collect::<Vec<_>>().join(", ");
        let answer = match &r.answer {
            Ok(a) => {
                let flags: Vec<&str> = a.flags.iter().map(|f| f.word()).collect();
                let flags = if flags.is_empty() { String::new() } else { format!(" {}", flags.join(" ")) };
                format!("{}{flags}", a.fate.word())
            }
            Err(e) => format!("unknown: {e}"),
        };
        let first = r.transient.as_ref().map_or_else(String::new, |t| format!("; {t}"));
        out.push_str(&format!(
            "  {} | {}: {} from {}: {answer}{first}\n",
            names(&r.at.side),
            names(&r.at.rest),
            r.op,
            places.name(r.client)
        ));
    }
    out
}
