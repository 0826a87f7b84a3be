//! What a loss leaves: capacity, fallbacks, caches, and what the system promises,
//! against counts made by hand.

use crate::support::judged::judged;
use archc::session::Judged;

/// Whether a promise is kept, and why not.
fn promise(j: &Judged, name: &str) -> (Option<bool>, String) {
    let p = j.verdicts.system_requirements.iter().find(|p| p.name == name).expect("promised");
    (p.met, p.why().join("; "))
}

fn survive(what: &str, service: &str, rate: u32) -> (Option<bool>, String) {
    let j = judged(&format!(
        "arch 1\nsystem s {{ provider = none, zones = 3, survive = {what} }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 10ms, {service} }}\nflow f {{ rate = {rate} rps, web -> lb -> app }}\n"
    ));
    promise(&j, "survive")
}

#[test]
fn a_zone_takes_its_share_rounded_up() {
    // Each replica carries 100 requests a second. Of 4, zone a has 2.
    assert_eq!(survive("zone", "replicas = 4", 199).0, Some(true));
    let (met, why) = survive("zone", "replicas = 4", 200);
    assert_eq!((met, why.as_str()), (Some(false), "`app` is at 100% of its cpu without zone a"));
    assert_eq!(survive("zone", "replicas = 6", 399).0, Some(true));
    assert_eq!(survive("replica", "replicas = 4", 299).0, Some(true));
    assert_eq!(survive("replica", "replicas = 4", 300).0, Some(false));
    let (met, why) = survive("zone", "replicas = 1", 10);
    assert_eq!((met, why.as_str()), (Some(false), "`app` is lost without zone a"));
    // Where they are is decided by `place` and `zones`: every zone is tried.
    assert_eq!(survive("zone", "replicas = 4, place { a = 1, b = 1, c = 2 }", 199).0, Some(true));
    let (met, why) = survive("zone", "replicas = 4, place { a = 1, b = 0, c = 3 }", 150);
    assert_eq!((met, why.as_str()), (Some(false), "`app` is at 150% of its cpu without zone c"));
    assert_eq!(survive("zone", "replicas = 4, zones = [b, c]", 199).0, Some(true));
    assert_eq!(survive("zone", "replicas = 2, zones = 1", 10).0, Some(false));
}

#[test]
fn headroom_is_of_every_resource() {
    let at = |rate: u32| {
        let j = judged(&format!(
            "arch 1\nsystem s {{ provider = none, headroom = 30% }}\nclient web {{ }}\nservice app {{ cpu = 10ms }}\nexternal x {{ latency = 1ms, limit = 100 rps }}\nflow f {{ rate = {rate} rps, web -> app {{ -> x x0.5 }} }}\n"
        ));
        promise(&j, "headroom").0
    };
    assert_eq!(at(70), Some(true));
    assert_eq!(at(71), Some(false));
}

const STORE: &str = "arch 1
system s { provider = none, zones = 3, survive = zone }
client web { }
balancer lb { }
service app { cpu = 1ms, replicas = 3 }
database d { cpu = 1ms, replicas = 2, replication = async FAILOVER }
flow f { rate = 10 rps, slo { p99 <= 100ms }, web -> lb -> app { -> d.write } }
";

#[test]
fn a_lost_primary_needs_somebody_to_take_over() {
    let met = |how: &str| promise(&judged(&STORE.replace("FAILOVER", how)), "survive");
    assert_eq!(met(", failover = auto").0, Some(true));
    assert_eq!(met(", failover = none").0, Some(false));
    for (how, says) in
        [("", "does not set its `failover`"), (", failover = manual", "when somebody promotes a replica")]
    {
        let (met, why) = met(how);
        assert!(met.is_none() && why.contains(says), "{why}");
    }
    // A majority of voters: two of three are one, one of two is none.
    let voters = |n: u32| {
        let text = STORE
            .replace("replicas = 2, replication = async FAILOVER", &format!("replicas = {n}, replication = consensus"));
        promise(&judged(&text), "survive").0
    };
    assert_eq!((voters(2), voters(3), voters(4), voters(5)), (Some(false), Some(true), Some(false), Some(true)));
}

/// Whether the scenario holds.
fn holds(text: &str) -> Option<bool> {
    judged(text).verdicts.scenarios[0].holds
}

#[test]
fn what_is_gone_has_a_fallback_a_miss_or_no_answer() {
    let with = |call: &str, fail: &str| {
        holds(&format!(
            "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nservice app {{ cpu = 1ms }}\nexternal psp {{ latency = const 10ms }}\nexternal bank {{ latency = const 40ms }}\ncache hot {{ hit = 90%, cpu = 0.1ms, ttl = 1min }}\ndatabase d {{ cpu = 5ms }}\nflow f {{ rate = 100 rps, slo {{ p99 <= 90ms }}, web -> app {{ {call} }} }}\nscenario x {{ fail = [{fail}] }}\n"
        ))
    };
    assert_eq!(with("-> psp", "psp"), Some(false));
    assert_eq!(with("-> psp fallback { -> bank }", "psp"), Some(true));
    assert_eq!(with("-> psp fallback { -> bank x2 }", "psp"), Some(true));
    assert_eq!(with("-> psp fallback { -> bank x3 }", "psp"), Some(false));
    assert_eq!(with("-> psp { optional = true }", "psp"), Some(true));
    assert_eq!(with("~> psp, -> bank", "psp"), Some(true));
    // One read in ten reaches the store; without the cache each one does, 1000 ms of work a second at x2.
    assert_eq!(with("-> hot.get else { -> d.read }", "hot"), Some(true));
    assert_eq!(with("-> hot.get else { -> d.read x2 }", "hot"), Some(false));
    assert_eq!(with("-> psp, -> d.read", "bank"), Some(true));
}

#[test]
fn replicas_that_a_scenario_takes() {
    let with = |fail: &str, rate: u32| {
        holds(&format!(
            "arch 1\nsystem s {{ provider = none, zones = 3 }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 10ms, replicas = 5 }}\ndatabase d {{ cpu = 1ms, replicas = 2, failover = auto }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= 100 s }}, web -> lb -> app {{ -> d.read }} }}\nscenario x {{ fail = [{fail}] }}\n"
        ))
    };
    assert_eq!(with("app x2", 299), Some(true));
    assert_eq!(with("app x2", 300), Some(false));
    assert_eq!(with("app x2, app x1", 200), Some(false));
    // Two of five, the primary's place is taken.
    assert_eq!(with("zone a", 299), Some(true));
    assert_eq!(with("zone a", 300), Some(false));
    assert_eq!(with("d.primary", 400), Some(true));
    assert_eq!(with("d x2", 100), Some(false));
}
