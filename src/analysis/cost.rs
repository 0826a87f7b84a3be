//! Cost: US dollars a month (730 h), on demand, by component, part and flow.
//!
//! In: rates, bytes of calls, counts, machines, prices of the catalog. Out: parts, each
//! known or with the reason why not; a sum is known only if all its parts are, and the
//! sum of the known ones is a lower bound.
//!
//! What is provisioned counts machines (a container in the next size that is sold);
//! what is metered counts the mean load. Bytes between zones pay in both directions,
//! for the share of calls that cross zones; replies to clients and requests to externals
//! pay egress by tiers. A balancer's LCUs take every request as a new connection, the
//! most it can be. Prices are of one region; elsewhere cost is unknown.
//!
//! Not counted, and said in the decisions: backups beyond the free copy, I/O above the
//! base of a disk, requests to queues, addresses. Source of the rules: AWS price pages
//! as in `catalog/aws.csv`.

use super::Known;
use super::demand::{Demand, FlowDemand, Hop};
use super::utilization::{count, cpu_time, provided};
use crate::catalog::{self, EDGE, EGRESS, PRICED_REGION, price, tiered};
use crate::kinds::{Bill as Kind, Serve};
use crate::model::{CompId, Component, Model, Value};
use crate::units::{MONTH, show_rate, show_ratio, show_size, significant};
use std::collections::BTreeMap;

const HOURS: f64 = 730.0;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
/// The smallest disk that the managed databases sell, GiB (AWS documentation, gp3).
const LEAST_DISK: f64 = 20.0;

/// One line of a bill.
#[derive(Clone, Debug)]
pub struct CostPart {
    /// What is paid for: `machines` `storage` `requests` `transfer` …
    pub name: &'static str,
    /// US dollars a month.
    pub usd: Known,
    /// How it is computed.
    pub why: String,
    /// What each flow uses of it, in any unit.
    by_flow: BTreeMap<usize, f64>,
}

/// What one component costs.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// Its lines.
    pub parts: Vec<CostPart>,
}

impl Bill {
    /// The sum, if all of it is known.
    ///
    /// # Errors
    /// The reason of the first line that is not known.
    pub fn total(&self) -> Known {
        self.parts.iter().map(|p| p.usd.clone()).sum()
    }

    /// The sum of what is known.
    #[must_use]
    pub fn at_least(&self) -> f64 {
        // An empty sum of floats is -0.
        self.parts.iter().filter_map(|p| p.usd.as_ref().ok()).sum::<f64>() + 0.0
    }

    fn add(&mut self, name: &'static str, usd: Known, why: impl Into<String>, by_flow: BTreeMap<usize, f64>) {
        self.parts.push(CostPart { name, usd, why: why.into(), by_flow });
    }
}

/// What a flow costs.
#[derive(Clone, Debug)]
pub struct FlowCost {
    /// US dollars a month.
    pub usd: Known,
    /// US dollars per 1000 of its requests.
    pub per_1k: Known,
}

/// What the design costs.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// By component.
    pub components: Vec<Bill>,
    /// What belongs to no single component: bytes to the internet and between zones, address translation.
    pub network: Bill,
    /// By flow.
    pub flows: Vec<FlowCost>,
}

impl Cost {
    /// All bills.
    fn bills(&self) -> impl Iterator<Item = &Bill> {
        self.components.iter().chain([&self.network])
    }

    /// US dollars a month of the whole design.
    ///
    /// # Errors
    /// The first reason why it is unknown.
    pub fn total(&self) -> Known {
        if self.bills().all(|b| b.parts.is_empty()) {
            return Err("nothing in this design has a price".to_owned());
        }
        self.bills().map(Bill::total).sum()
    }

    /// The sum of what is known.
    #[must_use]
    pub fn at_least(&self) -> f64 {
        self.bills().map(Bill::at_least).sum::<f64>() + 0.0
    }

    /// Every reason why a part is unknown, each once.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let mut out: Vec<String> =
            self.bills().flat_map(|b| &b.parts).filter_map(|p| p.usd.as_ref().err().cloned()).collect();
        let mut seen = std::collections::BTreeSet::new();
        out.retain(|e| seen.insert(e.clone()));
        out
    }

    /// The sums by part.
    #[must_use]
    pub fn parts(&self) -> BTreeMap<&'static str, Known> {
        let mut out: BTreeMap<&'static str, Known> = BTreeMap::new();
        for p in self.bills().flat_map(|b| &b.parts) {
            let slot = out.entry(p.name).or_insert(Ok(0.0));
            *slot = match (slot.clone(), &p.usd) {
                (Ok(a), Ok(b)) => Ok(a + b),
                (Err(e), _) => Err(e),
                (_, Err(e)) => Err(e.clone()),
            };
        }
        out
    }
}

/// One call of one flow, with its mean rate.
struct Metered<'a> {
    flow: usize,
    hop: &'a Hop,
    rate: Known,
}

/// The cost of a design.
#[must_use]
pub fn cost(model: &Model, demand: &Demand) -> Cost {
    let all: Vec<Metered> = demand
        .flows
        .iter()
        .enumerate()
        .flat_map(|(flow, fd)| fd.hops.iter().map(move |hop| Metered { flow, hop, rate: mean_rate(fd, hop) }))
        .collect();
    let mut into: Vec<Vec<&Metered>> = model.components.iter().map(|_| Vec::new()).collect();
    for m in &all {
        if let Some(list) = into.get_mut(m.hop.to.0) {
            list.push(m);
        }
    }
    let components = model
        .all()
        .map(|(id, c)| component(model, demand, id, c, into.get(id.0).map_or(&[][..], Vec::as_slice), &all))
        .collect();
    let mut out = Cost { components, network: network(model, &all), flows: Vec::new() };
    let doubts = doubts(model, &into, &all);
    out.flows = demand.flows.iter().enumerate().map(|(i, fd)| flow(&out, &doubts, i, fd)).collect();
    out
}

/// What one component costs: its machines, what it keeps.
#[must_use]
pub fn component_cost(model: &Model, demand: &Demand, id: CompId) -> Bill {
    let own: Vec<Metered> =
        demand.calls_of(id).map(|(flow, fd, hop)| Metered { flow: flow.0, hop, rate: mean_rate(fd, hop) }).collect();
    let into: Vec<&Metered> = own.iter().collect();
    component(model, demand, id, model.component(id), &into, &own)
}

fn mean_rate(fd: &FlowDemand, hop: &Hop) -> Known {
    match (&fd.volume, &hop.visits) {
        (_, Ok(0.0)) => Ok(0.0),
        (Ok(r), Ok(v)) => Ok(r * v),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    }
}

/// Why the flows' shares of each bill are unknown: some flow asks for an unknown part of it.
fn doubts(model: &Model, into: &[Vec<&Metered>], all: &[Metered]) -> Vec<Option<String>> {
    let own = |((_, c), calls): ((CompId, &Component), &Vec<&Metered>)| {
        let works = c.kind.facets.serve.is_some() && !provided(c);
        calls.iter().find_map(|m| {
            let cpu = m.hop.cpu.map_or_else(|| cpu_time(c, &m.hop.op), Ok);
            m.rate.as_ref().err().cloned().or_else(|| cpu.err().filter(|_| works))
        })
    };
    let mut out: Vec<Option<String>> = model.all().zip(into).map(own).collect();
    out.push(all.iter().find_map(|m| m.rate.as_ref().err().cloned()));
    out
}

fn flow(cost: &Cost, doubts: &[Option<String>], index: usize, fd: &FlowDemand) -> FlowCost {
    let mut usd: Known = Ok(0.0);
    let mut any = false;
    for (bill, doubt) in cost.bills().zip(doubts) {
        for part in &bill.parts {
            let total: f64 = part.by_flow.values().sum();
            let Some(own) = part.by_flow.get(&index).filter(|w| **w > 0.0 && total > 0.0) else { continue };
            any = true;
            // The tiers of a price, and who pays which, are those of all that is sold.
            let lack = bill.parts.iter().find_map(|p| p.usd.as_ref().err().filter(|_| p.name == part.name));
            usd = match (usd, lack.or(doubt.as_ref())) {
                (Ok(a), None) => part.usd.clone().map(|b| a + b * own / total),
                (Ok(_), Some(e)) => Err(e.clone()),
                (Err(e), _) => Err(e),
            };
        }
    }
    if !any {
        usd = Err("nothing that it uses has a price".to_owned());
    }
    let per_1k = match (&usd, &fd.volume) {
        (Ok(usd), Ok(v)) if *v > 0.0 => Ok(usd / (v * MONTH) * 1000.0),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
        _ => Err("it has no requests".to_owned()),
    };
    FlowCost { usd, per_1k }
}

/// Requests a second in the mean, with each flow's share.
fn requests(into: &[&Metered]) -> (Known, BTreeMap<usize, f64>) {
    let mut by_flow = BTreeMap::new();
    let mut sum: Known = Ok(0.0);
    for m in into {
        if let Ok(r) = &m.rate {
            *by_flow.entry(m.flow).or_insert(0.0) += r;
        }
        sum = match (sum, &m.rate) {
            (Ok(s), Ok(r)) => Ok(s + r),
            (Err(e), _) => Err(e),
            (_, Err(e)) => Err(e.clone()),
        };
    }
    (sum, by_flow)
}

/// Which bytes of a call count.
#[derive(Clone, Copy)]
enum Way {
    Request,
    Reply,
    Both,
}

/// Bytes a second in the mean, of which only some calls may say how many.
#[derive(Default)]
struct Bytes {
    /// Of the calls that say.
    known: f64,
    /// Each flow's share of those.
    by_flow: BTreeMap<usize, f64>,
    /// What the others lack, and whose they are.
    lacks: Option<(String, BTreeMap<usize, f64>)>,
}

impl Bytes {
    /// All of them, if all are known.
    fn all(&self) -> Known {
        self.lacks.as_ref().map_or(Ok(self.known), |(e, _)| Err(e.clone()))
    }

    /// A line for what is known, and one for what is not.
    fn bill(self, bill: &mut Bill, name: &'static str, usd: impl Fn(f64) -> f64, what: &str) {
        if self.known > 0.0 || self.lacks.is_none() {
            let why = format!("{} GiB {what}", significant(gib(self.known), 4));
            bill.add(name, Ok(usd(gib(self.known))), why, self.by_flow);
        }
        if let Some((e, by_flow)) = self.lacks {
            bill.add(name, Err(e), "", by_flow);
        }
    }
}

/// The bytes of some calls, each with the way that counts.
fn bytes<'a>(model: &Model, calls: impl Iterator<Item = (&'a Metered<'a>, Way)>) -> Bytes {
    let mut out = Bytes::default();
    for (m, way) in calls {
        if m.rate.as_ref().is_ok_and(|r| *r <= 0.0) {
            continue;
        }
        let lacks = |word: &str| {
            let name = |id: CompId| model.component(id).name.as_str();
            format!("the call from `{}` to `{}` has no `{word}`", name(m.hop.from), name(m.hop.to))
        };
        let (size, reply) = m.hop.bytes;
        let one = match way {
            Way::Request => size.ok_or_else(|| lacks("size")),
            Way::Reply => reply.ok_or_else(|| lacks("reply")),
            Way::Both => size.ok_or_else(|| lacks("size")).and_then(|s| Ok(s + reply.ok_or_else(|| lacks("reply"))?)),
        };
        match m.rate.clone().and_then(|r| Ok(r * one?)) {
            Ok(b) => {
                out.known += b;
                *out.by_flow.entry(m.flow).or_insert(0.0) += b;
            }
            Err(e) => {
                let (_, by_flow) = out.lacks.get_or_insert_with(|| (e, BTreeMap::new()));
                by_flow.insert(m.flow, 1.0);
            }
        }
    }
    out
}

/// GiB in a month of a rate of bytes.
fn gib(bytes_per_second: f64) -> f64 {
    bytes_per_second * MONTH / GIB
}

fn component(model: &Model, demand: &Demand, id: CompId, c: &Component, into: &[&Metered], all: &[Metered]) -> Bill {
    let mut bill = Bill::default();
    let (requests, by_rate) = requests(into);
    if let Some(attr) = c.attrs.get("cost").or_else(|| c.attrs.get("price")) {
        if let Value::Price(p, per_second) = attr.value {
            let (usd, why) = if per_second {
                (Ok(p.mid * MONTH), "what the design says".to_owned())
            } else {
                let each = format!("what the design says: ${} per request", significant(p.mid, 4));
                (requests.map(|r| r * MONTH * p.mid), each)
            };
            bill.add("given", usd, why, by_rate);
        }
        return bill;
    }
    if !model.system.has_provider || c.kind.facets.bill == Kind::Nothing {
        return bill;
    }
    if c.kind.facets.bill == Kind::Price {
        bill.add("given", Err(format!("`{}` does not say its `price`", c.name)), "", by_rate);
        return bill;
    }
    if model.system.regions.len() > 1 || model.system.regions.first().is_some_and(|r| r != PRICED_REGION) {
        let where_else = model.system.regions.iter().find(|r| *r != PRICED_REGION);
        let why = format!(
            "the catalog has prices of {PRICED_REGION} alone, not of {}",
            where_else.map_or("several regions", String::as_str)
        );
        bill.add("machines", Err(why), "", by_rate);
        return bill;
    }
    match c.kind.facets.bill {
        Kind::Machines => machines(model, demand, id, c, into, &by_rate, &mut bill),
        Kind::Balancer if !provided(c) => machines(model, demand, id, c, into, &by_rate, &mut bill),
        Kind::Balancer => balancer(model, into, &requests, &by_rate, &mut bill),
        Kind::Edge => edge(model, id, into, &requests, &by_rate, all, &mut bill),
        Kind::Objects => objects(c, into, &mut bill),
        Kind::Unlisted => {
            let why = format!("the catalog has no price for a {} such as `{}`", c.kind.name, c.name);
            bill.add("observability", Err(why), "", BTreeMap::new());
        }
        Kind::Nothing | Kind::Price => {}
    }
    bill
}

/// What one machine or container costs an hour, and in which words.
fn hourly(model: &Model, c: &Component) -> Result<(f64, String), String> {
    for hole in ["instance", "cores", "memory"] {
        if c.attrs.hole(hole).is_some() {
            return Err(format!("`{hole}` of `{}` is a hole (`?`) that is not solved", c.name));
        }
    }
    if let Some(name) = c.attrs.word("instance").filter(|_| model.system.has_provider) {
        let usd = catalog::hourly(name, c.product.as_deref().unwrap_or(""));
        let usd = usd.ok_or_else(|| format!("the catalog has no price of `{name}`"))?;
        return Ok((usd, format!("{name} at ${}/h", significant(usd, 4))));
    }
    let cores = c.attrs.number("cores").map_or(1.0, |n| n.mid);
    let bytes = c.attrs.number("memory").map_or(0.0, |n| n.mid);
    let (vcpu, gb) = catalog::container(cores, bytes)
        .ok_or_else(|| format!("no container is sold with {cores} vCPUs and {} for `{}`", show_size(bytes), c.name))?;
    let usd = vcpu * price("fargate-vcpu", "fargate x86 vCPU").usd + gb * price("fargate-gb", "fargate x86 GB").usd;
    Ok((usd, format!("a container of {vcpu} vCPU and {gb} GB at ${}/h", significant(usd, 4))))
}

fn machines(
    model: &Model,
    demand: &Demand,
    id: CompId,
    c: &Component,
    into: &[&Metered],
    by_rate: &BTreeMap<usize, f64>,
    bill: &mut Bill,
) {
    let serve = c.kind.facets.serve.unwrap_or(Serve::Processes);
    let number = if serve == Serve::Processes { "replicas" } else { "nodes" };
    let machines = count(c, number).value;
    let each = hourly(model, c);
    let (usd, why) = match (&machines, &each) {
        (Ok(n), Ok((usd, what))) => (Ok(n * usd * HOURS), format!("{n} x {what}")),
        (Err(e), _) | (_, Err(e)) => (Err(e.clone()), String::new()),
    };
    bill.add("machines", usd, why, by_work(demand, id, c, into));
    if !c.kind.facets.stores {
        return;
    }
    let family = c.attrs.word("instance").and_then(|i| i.split('.').next()).unwrap_or("");
    let per_gib = match family {
        "db" => price("rds-storage", "gp3").usd,
        "kafka" | "express" => price("msk-storage", "standard broker").usd,
        _ => price("ebs", "gp3 storage").usd,
    };
    let copies = count(c, "replicas").value;
    let (kept, what) = if c.kind.facets.buffers {
        // A log keeps what was published until its retention ends.
        let seconds = c.attrs.number("retention").map(|r| r.mid);
        let rate = bytes(model, into.iter().map(|m| (*m, Way::Request))).all();
        let kept = match seconds {
            Some(s) => rate.map(|r| r * s),
            None => Err(format!("`{}` does not say its `retention`", c.name)),
        };
        (kept, "published within the retention")
    } else {
        let data = c.attrs.number("data").map(|d| d.mid);
        (data.ok_or_else(|| format!("`{}` does not say its `data`", c.name)), "of data")
    };
    let shards = count(c, "shards").value.unwrap_or(1.0);
    let usd = match (kept, copies) {
        (Ok(kept), Ok(copies)) => {
            let least = if family == "db" { LEAST_DISK } else { 0.0 };
            let gib = (kept / GIB / shards).max(least) * shards * copies;
            let why = format!(
                "{} {what}, {copies} copies: {} GiB at ${}/GiB",
                show_size(kept),
                significant(gib, 4),
                significant(per_gib, 4)
            );
            (Ok(gib * per_gib), why)
        }
        (Err(e), _) | (_, Err(e)) => (Err(e), String::new()),
    };
    bill.add("storage", usd.0, usd.1, by_rate.clone());
}

/// Each flow's share of the machines: of their CPU work, or of the requests.
fn by_work(demand: &Demand, id: CompId, c: &Component, into: &[&Metered]) -> BTreeMap<usize, f64> {
    let mut out = BTreeMap::new();
    let mut plain = BTreeMap::new();
    let mut all_known = true;
    for m in into {
        let Ok(rate) = m.rate else { continue };
        let cpu = m.hop.cpu.map_or_else(|| cpu_time(c, &m.hop.op), Ok);
        all_known &= cpu.is_ok();
        *plain.entry(m.flow).or_insert(0.0) += rate;
        *out.entry(m.flow).or_insert(0.0) += rate * cpu.map_or(0.0, |l| l.mean.mid);
    }
    if out.is_empty() {
        // What starts flows by itself, or gives what was published.
        for (i, fd) in demand.flows.iter().enumerate() {
            if fd.hops.iter().any(|h| h.from == id) {
                plain.insert(i, *fd.volume.as_ref().unwrap_or(&0.0));
            }
        }
    }
    if all_known && out.values().sum::<f64>() > 0.0 { out } else { plain }
}

fn balancer(model: &Model, into: &[&Metered], requests: &Known, by_rate: &BTreeMap<usize, f64>, bill: &mut Bill) {
    let hour = price("alb", "hour").usd;
    bill.add("machines", Ok(hour * HOURS), format!("one balancer at ${hour}/h"), by_rate.clone());
    let moved = bytes(model, into.iter().map(|m| (*m, Way::Both))).all();
    let lcu = requests.clone().and_then(|r| {
        let connections = r / 25.0;
        let gib_per_hour = moved? * 3600.0 / GIB;
        Ok((connections, gib_per_hour))
    });
    let each = price("alb", "LCU").usd;
    let why = lcu.as_ref().map_or_else(
        |_| String::new(),
        |(c, b)| {
            format!(
                "the larger of {} LCU for connections (each request a new one, at most) and {} for bytes, at ${each}/h",
                significant(*c, 3),
                significant(*b, 3)
            )
        },
    );
    bill.add("requests", lcu.map(|(c, b)| c.max(b) * each * HOURS), why, by_rate.clone());
}

fn edge(
    model: &Model,
    id: CompId,
    into: &[&Metered],
    requests: &Known,
    by_rate: &BTreeMap<usize, f64>,
    all: &[Metered],
    bill: &mut Bill,
) {
    let each = price("cloudfront", "HTTPS requests US").usd / 10_000.0;
    let why = requests.as_ref().map_or_else(|_| String::new(), |r| format!("{} at $0.01 per 10k", show_rate(*r)));
    bill.add("requests", requests.clone().map(|r| r * MONTH * each), why, by_rate.clone());
    let out = bytes(model, into.iter().map(|m| (*m, Way::Reply)));
    out.bill(bill, "transfer", |gib| tiered(EDGE, gib), "to clients, by tiers");
    let back = bytes(model, all.iter().filter(|m| m.hop.from == id).map(|m| (m, Way::Request)));
    let usd = price("cloudfront", "DTO to origin US").usd;
    back.bill(bill, "transfer", |gib| gib * usd, "of requests to the origin");
}

fn objects(c: &Component, into: &[&Metered], bill: &mut Bill) {
    let class = c.attrs.word("class").unwrap_or("standard");
    let usd = if class == "standard" {
        let data = c.attrs.number("data").map(|d| d.mid / GIB * price("s3", "standard storage first 50TB").usd);
        data.ok_or_else(|| format!("`{}` does not say its `data`", c.name))
    } else {
        Err(format!("the catalog has no price of the storage class `{class}` of `{}`", c.name))
    };
    let (_, by_rate) = requests(into);
    bill.add("storage", usd, "all bytes at the price of the first 50 TB", by_rate);
    for (writes, name) in [(true, "PUT/COPY/POST/LIST"), (false, "GET")] {
        let of: Vec<&Metered> =
            into.iter().copied().filter(|m| c.kind.op(&m.hop.op).is_some_and(|o| o.writes) == writes).collect();
        if of.is_empty() {
            continue;
        }
        let (rate, by_rate) = requests(&of);
        bill.add("requests", rate.map(|r| r * MONTH / 1000.0 * price("s3", name).usd), name, by_rate);
    }
}

/// Bytes that leave the region or change zones, and the gateways that translate addresses.
fn network(model: &Model, all: &[Metered]) -> Bill {
    let mut bill = Bill::default();
    let priced = model.system.regions.len() <= 1 && model.system.regions.iter().all(|r| r == PRICED_REGION);
    // What the whole design gives as its own price has no bill of the provider's.
    let on_list = |c: &Component| !matches!(c.kind.facets.bill, Kind::Nothing | Kind::Price | Kind::Unlisted);
    if !model.system.has_provider || !priced || !model.components.iter().any(on_list) {
        return bill;
    }
    let facets = |id: CompId| model.component(id).kind.facets;
    let at_edge = |id: CompId| facets(id).bill == Kind::Edge;
    let people = |id: CompId| facets(id).origin && facets(id).target;
    let inside = |id: CompId| on_list(model.component(id)) && !at_edge(id);
    // Replies to clients, what is pushed to them, and requests to others leave the region.
    let outward = || all.iter().filter(|m| inside(m.hop.from) && facets(m.hop.to).external);
    let replies = all.iter().filter(|m| people(m.hop.from) && inside(m.hop.to)).map(|m| (m, Way::Reply));
    let pushed = all.iter().filter(|m| inside(m.hop.from) && people(m.hop.to)).map(|m| (m, Way::Request));
    let mut leaving = replies.chain(pushed).chain(outward().map(|m| (m, Way::Request))).peekable();
    if leaving.peek().is_some() {
        bytes(model, leaving).bill(&mut bill, "transfer", |gib| tiered(EGRESS, gib), "to the internet, by tiers");
    }
    let zones = crate::theory::numeric::count(model.system.zones.len() as u64).max(1.0);
    if zones > 1.0 {
        let in_zone = |flow: usize| model.flows.get(flow).is_some_and(|f| f.attrs.word("affinity") == Some("zone"));
        let managed = |id: CompId| facets(id).bill == Kind::Balancer && provided(model.component(id));
        let crossing = || {
            all.iter().filter(|m| {
                let (from, to) = (m.hop.from, m.hop.to);
                inside(from) && inside(to) && !managed(from) && facets(to).bill != Kind::Objects && !in_zone(m.flow)
            })
        };
        if crossing().next().is_some() {
            let share = (zones - 1.0) / zones;
            let each = 2.0 * price("dto", "cross-AZ each direction").usd;
            let what = format!("between machines, of which {} cross zones, in both directions", show_ratio(share));
            bytes(model, crossing().map(|m| (m, Way::Both))).bill(
                &mut bill,
                "transfer",
                |gib| gib * share * each,
                &what,
            );
        }
    }
    let works = |c: &Component| c.kind.facets.serve == Some(Serve::Processes) && !provided(c);
    if model.components.iter().any(works) {
        let usd = zones * price("nat", "hour").usd * HOURS;
        bill.add("network", Ok(usd), format!("one address translator a zone, {zones} x $0.045/h"), BTreeMap::new());
        if outward().next().is_some() {
            let usd = price("nat", "data").usd;
            bytes(model, outward().map(|m| (m, Way::Both))).bill(&mut bill, "network", |gib| gib * usd, "translated");
        }
    }
    bill
}
