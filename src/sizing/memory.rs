//! Values for `memory = ?`.
//!
//! In: a component, its machines and cores to try. Out: the memory sizes to try with each: on a machine all of its
//! memory, up to the bound of the variable; in a container the sizes sold with its cores; without a provider powers
//! of two and 1.5 times these. If nothing in the design depends on memory: the least that the variable and an
//! in-process cache allow; else the reason why none is chosen. Never: more memory than a machine has.

use crate::catalog;
use crate::model::keys::{self, Key, Number};
use crate::model::{Choice, Chosen, Component, Hole, Model};

/// Bytes of a MiB.
const MIB: f64 = 1024.0 * 1024.0;
/// Exponents of two of the MiB that are tried without a provider: 64 MiB to 16 TiB.
const POWERS: std::ops::RangeInclusive<i32> = 6..=24;

/// The choices, each with a memory size. Choices with too small a machine are left out.
///
/// # Errors
/// In words, when nothing says how much is needed.
pub(super) fn with_memory(model: &Model, c: &Component, bases: Vec<Choice>) -> Result<Vec<Choice>, String> {
    let asked = c.attrs.read(keys::MEMORY).map(|m| m.mid);
    let hole = c.attrs.hole_at(keys::MEMORY);
    if hole.is_none() && asked.is_none() {
        return Ok(bases);
    }
    let mut out = Vec::new();
    for base in bases {
        let machine = machine(model, c, &base);
        let Some(hole) = hole else {
            // The memory set in the design must fit on the machine.
            if machine.is_none_or(|m| asked.is_none_or(|a| a <= m.memory * (1.0 + 1e-9))) {
                out.push(base);
            }
            continue;
        };
        for n in sizes(model, c, &base, machine, hole)? {
            let mut with = base.clone();
            with.insert("memory".to_owned(), Chosen::Count(n));
            out.push(with);
        }
    }
    Ok(out)
}

/// The machine of a component with these values, if its memory is known.
fn machine(model: &Model, c: &Component, base: &Choice) -> Option<&'static catalog::Machine> {
    let name = match base.get("instance") {
        Some(Chosen::Name(n)) => n.as_str(),
        _ => c.attrs.read(keys::INSTANCE)?,
    };
    catalog::machine(name).filter(|m| model.system.has_provider && m.memory > 0.0)
}

fn sizes(
    model: &Model,
    c: &Component,
    base: &Choice,
    machine: Option<&catalog::Machine>,
    hole: &Hole,
) -> Result<Vec<f64>, String> {
    if let Some(m) = machine {
        // All of it: less is no cheaper.
        let most = match hole {
            Hole::Between(_, most) => m.memory.min(*most),
            Hole::Among(all) => all.iter().copied().filter(|n| *n <= m.memory).fold(0.0, f64::max),
            _ => m.memory,
        };
        return Ok(Some(most).filter(|n| hole.allows(&Chosen::Count(*n))).into_iter().collect());
    }
    let least = hole.least().unwrap_or(0.0).max(in_process(c));
    if !depends(c) {
        if least <= 0.0 {
            return Err(format!(
                "nothing says how much memory `{}` needs: write `memory = 512MiB`, or at least `memory = ? >= 512MiB`",
                c.name
            ));
        }
        return Ok(hole.allows(&Chosen::Count(least)).then_some(least).into_iter().collect());
    }
    let own = match base.get("cores") {
        Some(Chosen::Count(n)) => Some(*n),
        _ => c.attrs.read(keys::CORES).map(|n| n.mid),
    };
    let mut all = match hole {
        Hole::Among(all) => return Ok(all.clone()),
        _ if model.system.has_provider => sold(own.unwrap_or(1.0)),
        _ => POWERS.flat_map(|k| [2.0_f64.powi(k) * MIB, 1.5 * 2.0_f64.powi(k) * MIB]).collect(),
    };
    all.extend([least].into_iter().filter(|n| *n > 0.0));
    if let Hole::Between(_, most) = hole {
        all.push(*most);
    }
    all.retain(|n| hole.allows(&Chosen::Count(*n)));
    all.sort_by(f64::total_cmp);
    all.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    Ok(all)
}

/// Bytes that are sold with at least so many vCPUs.
fn sold(cores: f64) -> Vec<f64> {
    let mut out = Vec::new();
    for c in catalog::CONTAINERS.iter().filter(|c| c.vcpu >= cores - 1e-9) {
        let mut gb = c.least;
        while gb <= c.most + 1e-9 {
            out.push(gb * 1024.0 * MIB);
            gb += c.step;
        }
    }
    out
}

/// Bytes of a full cache in the process, which its memory must hold.
fn in_process(c: &Component) -> f64 {
    let of = |key: Key<Number>| c.attrs.read(keys::CACHE).and_then(|b| b.read(key)).map(|n| n.mid);
    of(keys::ENTRIES).zip(of(keys::ENTRY_SIZE)).map_or(0.0, |(n, size)| n * size)
}

/// Whether a result depends on the memory of a component: the hit ratio of a cache, or the disk reads of a store.
fn depends(c: &Component) -> bool {
    let has = |key: Key<Number>| c.attrs.peek_at(key).is_some();
    if c.kind.facets.misses {
        return !has(keys::HIT) && has(keys::ENTRIES);
    }
    c.kind.facets.stores && !has(keys::BUFFER) && (has(keys::WORKING_SET) || has(keys::SKEW))
}
