//! Outages that heal, and those that retries keep alive.

use archc::model::Model;
use archc::session::{judge, open_text};
use archc::simulate::{Options, outage};

fn model(text: &str) -> Model {
    judge(&open_text("outage.arch", text, &[]), jiff::civil::date(2026, 11, 25), false).model
}

fn of(model: &Model, name: &str, retry_budget: Option<f64>) -> archc::simulate::Healing {
    let id = model.find(name).expect("a component");
    outage(model, id, retry_budget, &Options::default()).expect("it is simulated")
}

/// Retries one hop above the bottleneck. The store serves 80 requests a second and gets 50.
fn retries(retries: u32) -> Model {
    model(&format!(
        "arch 1
system s {{ provider = none, zones = 1 }}
client web {{ }}
service edge {{ cpu = 1ms, cores = 4, timeout = 1s, retries = {retries} }}
service api {{ cpu = 10ms, cores = 4 }}
database db {{ cpu = const 100ms, cores = 8, backup {{ every = 1h }} }}
flow f {{ rate = 50 rps, web -> edge -> api {{ -> db.read }} }}
"
    ))
}

#[test]
fn retries_keep_an_overload_alive_and_a_budget_ends_it() {
    // While the outage lasts, 50 d requests come and 50 (d - 1) are tried again. Once what waits takes
    // longer than the timeout of 1 s, (50 d + 50 (d - 1)) / 80 > 1, three times the load of 50 goes to
    // a store that serves 80: d is about 1.3 s, by a fluid. Independent simulations of ten times as
    // much traffic say that 1.2 s heals and 1.5 s does not.
    let design = retries(2);
    let found = of(&design, "db", None);
    let (heals, never) = (found.heals.expect("a short one heals"), found.never.expect("a long one does not"));
    assert!((0.6..1.45).contains(&heals), "{found:?}");
    assert!((1.1..2.2).contains(&never) && heals < never, "{found:?}");
    let with_budget = of(&design, "db", Some(0.1));
    assert_eq!(with_budget.heals, Some(with_budget.tried), "{with_budget:?}");
}

#[test]
fn without_retries_every_outage_heals() {
    let found = of(&retries(0), "db", None);
    assert_eq!((found.heals, found.never), (Some(found.tried), None), "{found:?}");
    // What waits after 60 s is 60 x 50 requests; a store that serves 80 and gets 50 needs 100 s for them.
    assert!((80.0..130.0).contains(&found.after), "{found:?}");
}

#[test]
fn a_component_that_no_flow_waits_for_has_no_answer() {
    let design = model(
        "arch 1\nsystem s { provider = none }\nclient web { }\nservice app { cpu = 1ms }\nservice idle { cpu = 1ms }\nflow f { rate = 9 rps, web -> app }\n",
    );
    let id = design.find("idle").expect("a component");
    let why = outage(&design, id, None, &Options::default()).expect_err("nothing waits for it");
    assert_eq!(why.to_string(), "no flow waits for `idle`");
}
