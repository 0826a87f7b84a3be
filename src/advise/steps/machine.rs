//! A larger machine: `instance = ?` among machines that are faster and have at least as much
//! memory; for a container, `cores = ?` above the current number.
//!
//! In: a limiting component. Out: the variable. Never: a machine of another service, or a burstable
//! machine.

use super::{At, Made, each, quoted};
use crate::advise::limiting::{Cause, Limiting};
use crate::catalog::{self, Machine};
use crate::kinds::Serve;
use crate::model::keys;
use crate::model::{CompId, Component, Hole};

pub(super) fn make(at: &At) -> Result<Made, String> {
    each(at, &|at, component| apply(at, component))
}

fn apply(at: &At, component: &Limiting) -> Result<Made, String> {
    let decl = at.draft.component(component.id)?;
    let (what, value) = opening(at, component)?;
    Ok(Made { edits: at.draft.set(decl, &[(what, value)], None), ..Made::default() })
}

/// The attribute to open for a larger machine, with a description.
pub(super) fn opening(at: &At, component: &Limiting) -> Result<(&'static str, String), String> {
    let id = component.id;
    let name = quoted(&at.draft.model, id);
    if component.causes == [Cause::Down] {
        return Err(format!("{name} is {}: a bigger machine is down as often", component.why));
    }
    let open = at.draft.model.component(id);
    if open.attrs.hole_at(keys::INSTANCE).is_some() || open.attrs.hole_at(keys::CORES).is_some() {
        return Err(format!("the machine of {name} is open already"));
    }
    let counts = open.holes().into_iter().find(|(_, h)| matches!(h, Hole::AtLeast(_)));
    if let Some((count, _)) = counts {
        return Err(format!("`{count}` of {name} is open already: more of them do what a bigger machine does"));
    }
    hole(at.was(id), id, at)
}

/// The attribute to open, with a description.
fn hole(c: &Component, id: CompId, at: &At) -> Result<(&'static str, String), String> {
    let name = quoted(&at.draft.model, id);
    if c.kind.facets.serve.is_none() || c.is_provided() {
        return Err(if c.kind.facets.external {
            format!("{name} is an external system: agree on a higher `limit`, or call it less")
        } else {
            format!("{name} has no machine of its own")
        });
    }
    if let Some(now) = c.attrs.read(keys::INSTANCE) {
        let bigger =
            bigger(c, now).ok_or_else(|| format!("{name} runs on `{now}`, which the catalog has no speed of"))?;
        if bigger.is_empty() {
            return Err(format!("{name} runs on `{now}`, and the catalog sells no faster one for it"));
        }
        return Ok(("instance", format!("? in [{}]", names(&bigger))));
    }
    if c.kind.facets.serve != Some(Serve::Processes) && at.state.model.system.has_provider {
        return Err(format!("{name} does not set its `instance`"));
    }
    let now = c.attrs.read(keys::CORES).map_or(1.0, |n| n.mid);
    let most = catalog::CONTAINERS.iter().map(|c| c.vcpu).fold(0.0, f64::max);
    if now >= most {
        return Err(format!("{name} has {now} cores, and no larger container is sold"));
    }
    Ok(("cores", format!("? in {now}..{most}")))
}

fn names(all: &[&Machine]) -> String {
    all.iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn power(m: &Machine) -> f64 {
    m.vcpu * m.speed.unwrap_or(0.0)
}

/// Machines of the same service that are faster in total and have at least as much memory, slowest
/// first. Empty for a machine of unknown speed.
fn bigger(c: &Component, now: &str) -> Option<Vec<&'static Machine>> {
    let old = catalog::machine(now)?;
    old.speed?;
    let burstable = |name: &str| name.split('.').any(|part| part.starts_with("t3") || part.starts_with("t4g"));
    let fits =
        |m: &Machine| m.vcpu > old.vcpu && m.memory >= old.memory && power(m) > power(old) && !burstable(&m.name);
    let mut all: Vec<(&Machine, f64)> =
        c.offers().filter(|(m, _)| fits(m)).filter_map(|(m, usd)| Some((m, usd.ok()?))).collect();
    // A machine that costs more and is not faster than another is never optimal, and would take
    // time to try.
    all.sort_by(|(a, x), (b, y)| x.total_cmp(y).then(power(b).total_cmp(&power(a))).then_with(|| a.name.cmp(&b.name)));
    let mut most = 0.0;
    all.retain(|(m, _)| {
        let faster = power(m) > most;
        most = power(m).max(most);
        faster || family(&m.name) == family(now)
    });
    let mut all: Vec<&Machine> = all.into_iter().map(|(m, _)| m).collect();
    all.sort_by(|a, b| power(a).total_cmp(&power(b)).then_with(|| a.name.cmp(&b.name)));
    Some(all)
}

/// `db.m7g` of `db.m7g.large`.
fn family(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(family, _)| family)
}

/// The largest machine of the same family, else of the same service; the machine itself if none is
/// larger.
pub(super) fn largest(c: &Component, now: &str) -> String {
    let all = bigger(c, now).unwrap_or_default();
    let kin = |m: &&&Machine| family(&m.name) == family(now);
    let top = all.iter().rfind(kin).or_else(|| all.last());
    top.map_or_else(|| now.to_owned(), |m| m.name.clone())
}
