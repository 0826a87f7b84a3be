//! `archc assumptions`: the defaults that a number, a rule or a generated file of the design reads.
//!
//! In: a judged design, its record of reads. Out: a table or JSON, each default with its source.
//! Never: a default that nothing reads, a value that the design sets.

use super::table::table;
use super::{Common, FINE, Format, json, print};
use crate::kinds::{SYSTEM, Type};
use crate::model::keys;
use crate::model::trace::Reads;
use crate::model::{Attrs, Basis, Component, Law, Model, Origin, Runs, Value};
use crate::resource::Replication;
use crate::units::{show, show_ratio};
use clap::Args;
use serde::Serialize;

#[derive(Args, Debug)]
pub(super) struct AssumptionsArgs {
    /// A design; `-` is standard input
    file: String,
    /// How to write the list
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Serialize)]
struct Assumption {
    of: String,
    attribute: String,
    value: String,
    origin: &'static str,
    source: Option<String>,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    design: String,
    assumptions: Vec<Assumption>,
}

pub(super) fn run(args: &AssumptionsArgs, common: &Common) -> i32 {
    let (design, judged) = match common.open_sound(&args.file) {
        Ok(both) => both,
        Err(status) => return status,
    };
    let mut list = Vec::new();
    let reads = judged.all_reads();
    collect("system", "", &judged.model.system.attrs, &reads, &mut list);
    list.extend(peak(&judged.model));
    for c in &judged.model.components {
        collect(&c.name, "", &c.attrs, &reads, &mut list);
        derived(&judged.model, c, &mut list);
        if let Some(Value::Word(name)) = c.attrs.peek_at(keys::INSTANCE).map(|a| &a.value)
            && let Some(m) = c.machine(&judged.model.system)
        {
            let price = c.hourly(name).map_or_else(|_| "price unknown".to_owned(), |usd| format!("${usd}/h"));
            list.push(Assumption {
                of: c.name.clone(),
                attribute: format!("instance {name}"),
                value: format!("{} vCPU, {}, {price}", m.vcpu, crate::units::show_size(m.memory)),
                origin: "catalog",
                source: Some(m.source.clone()),
            });
        }
    }
    match args.format {
        Format::Json => print(&json(&Document {
            schema: "archc/assumptions/1",
            design: design.name().to_owned(),
            assumptions: list,
        })),
        Format::Human => {
            let mut rows = vec![["of", "attribute", "value", "from", "because"].map(str::to_owned).to_vec()];
            rows.extend(
                list.into_iter()
                    .map(|a| vec![a.of, a.attribute, a.value, a.origin.to_owned(), a.source.unwrap_or_default()]),
            );
            print(&table(&rows));
        }
    }
    FINE
}

/// Peak over mean, if the system does not set it.
fn peak(model: &Model) -> Option<Assumption> {
    let written = model.system.attrs.peek_at(keys::PROFILE).map(|a| &a.value);
    if matches!(written, Some(Value::Block(b)) if b.peek_at(keys::PEAK_TO_MEAN).is_some()) {
        return None;
    }
    let profile = SYSTEM.iter().find(|p| p.name == "profile")?;
    let Type::Block(inner) = profile.ty else { return None };
    let (_, why) = inner.iter().find(|p| p.name == "peak_to_mean")?.default?;
    Some(Assumption {
        of: "system".to_owned(),
        attribute: "profile.peak_to_mean".to_owned(),
        value: crate::units::significant(model.system.peak_to_mean, 4),
        origin: "kind",
        source: Some(why.to_owned()),
    })
}

/// Assumptions about attributes without a default in a table.
fn derived(model: &Model, c: &Component, list: &mut Vec<Assumption>) {
    let mut add = |attribute: &str, value: &str, why: &str| {
        list.push(Assumption {
            of: c.name.clone(),
            attribute: attribute.to_owned(),
            value: value.to_owned(),
            origin: "kind",
            source: Some(why.to_owned()),
        });
    };
    let machine = model.system.has_provider && c.attrs.peek_at(keys::INSTANCE).is_some();
    if c.kind.facets.serve.is_some() && !c.is_provided() && !machine && c.attrs.peek_at(keys::CORES).is_none() {
        add("cores", "1", "a replica without `cores` and `instance` has one vCPU of the reference speed");
    }
    if let Runs::Machine(m) = c.deployment(&model.system).runs
        && !m.named
    {
        add(
            "instance",
            m.name,
            "a store that names no machine is priced and built on the smallest usual one that holds it",
        );
    }
    if c.kind.facets.calls && c.kind.facets.starts && c.attrs.peek_at(keys::TIMEOUT).is_none() {
        add("timeout", "none", "a call that says none waits for its answer as long as that takes");
    }
    if let Some((value, why)) = placed(model, c) {
        add("place", &value, why);
    }
    let replication = c.replication();
    if c.kind.facets.buffers && c.attrs.peek_at(keys::MIN_INSYNC).is_none() {
        add("min_insync", "1", "one copy in step is enough where the design asks for no more");
    }
    if c.attrs.peek_at(keys::SYNC_REPLICAS).is_none() {
        match replication {
            Some(Replication::Sync) => add("sync_replicas", "all", "a write in step waits for every other copy"),
            Some(Replication::SemiSync) => {
                add("sync_replicas", "1", "a write half in step waits for one other copy");
            }
            Some(
                Replication::None
                | Replication::Async
                | Replication::Quorum
                | Replication::Consensus
                | Replication::MultiPrimary,
            )
            | None => {}
        }
    }
    let reads = replication == Some(Replication::Quorum);
    let writes = matches!(replication, Some(Replication::Quorum | Replication::Consensus));
    for (name, _) in [("r", reads), ("w", writes)].into_iter().filter(|(n, voted)| *voted && c.attrs.peek(n).is_none())
    {
        add(name, "a majority", "a quorum that is not given is a majority of the copies");
    }
}

/// The assumed locations of its replicas if the design does not set them, and the reason.
fn placed(model: &Model, c: &Component) -> Option<(String, &'static str)> {
    let locations = &model.system.locations;
    let own = c.locations(&model.system);
    if c.kind.facets.serve.is_none() || c.is_provided() || own.len() < 2 {
        return None;
    }
    let Ok(placement) = c.placement(&model.system) else {
        return Some((
            "evenly".to_owned(),
            "replicas without `place` are spread evenly, the first zones take the odd ones",
        ));
    };
    if placement.basis == Basis::Declared {
        return None;
    }
    let each = placement.designed().iter().enumerate().filter(|(_, n)| **n > 0);
    let value = each.map(|(at, n)| format!("{} = {n}", locations.name(at))).collect::<Vec<_>>().join(", ");
    let why = if placement.leaves_out(&own) {
        "replicas without `place` stand in the first zones: those of several components fail together"
    } else {
        "replicas without `place` are spread evenly, the first zones take the odd ones"
    };
    Some((value, why))
}

/// The defaults that were read.
fn collect(of: &str, path: &str, attrs: &Attrs, reads: &Reads, list: &mut Vec<Assumption>) {
    for a in attrs.iter() {
        let name = if path.is_empty() { a.property.name.to_owned() } else { format!("{path}.{}", a.property.name) };
        let before = list.len();
        match &a.value {
            Value::Block(inner) => collect(of, &name, inner, reads, list),
            Value::Ops(ops) => {
                for (op, inner) in ops {
                    collect(of, &format!("{name}.{op}"), inner, reads, list);
                }
            }
            value if reads.contains(a.id) => {
                let origin = match &a.origin {
                    Origin::Engine(_) | Origin::Kind => a.origin.word(),
                    _ => continue,
                };
                list.push(Assumption {
                    of: of.to_owned(),
                    attribute: name.clone(),
                    value: text(value, a.property),
                    origin,
                    source: None,
                });
            }
            _ => {}
        }
        // The source belongs to the outermost attribute.
        for added in list.iter_mut().skip(before) {
            added.source = added.source.take().or_else(|| a.source.clone());
        }
    }
}

pub(super) fn text(value: &Value, property: &crate::kinds::Property) -> String {
    use crate::units::Dim;
    let dim = match property.ty {
        Type::Time | Type::Latency | Type::RegionTimes => Dim::TIME,
        Type::Size => Dim::SIZE,
        Type::Rate | Type::Limit => Dim::RATE,
        Type::Bandwidth => Dim::BANDWIDTH,
        Type::MoneyRate => Dim::MONEY_RATE,
        _ => Dim::NONE,
    };
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Word(w) => w.clone(),
        Value::Words(w) => w.join(", "),
        Value::Number(n) if matches!(property.ty, Type::Ratio) => show_ratio(n.mid),
        Value::Number(n) => show(n.mid, dim),
        Value::Shards(inner, _) => text(inner, property),
        Value::Latency(l) => {
            let law = match l.law {
                Law::Exponential => "exp ",
                Law::Constant => "const ",
                Law::Cv(_) | Law::LogNormal { .. } => "mean ",
            };
            format!("{law}{}", show(l.mean.mid, Dim::TIME))
        }
        Value::Clock(m) => format!("{:02}:{:02}", m / 60, m % 60),
        other => format!("{other:?}"),
    }
}
