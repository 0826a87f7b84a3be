//! `archc advise`: each step of the ladder has a design for which it is the first that holds, and
//! the earlier ones are refused for the right reason; the story is walked from its first stage.

use archc::advise::{Advice, Source, Step, StepVerdict, advise};
use archc::model::Chosen;
use archc::session::{Design, open, open_text};
use std::path::Path;

fn source(design: &Design) -> Source {
    let mut sink = design.sink.clone();
    let _ = design.model(&mut sink);
    assert!(!sink.has_errors(), "{:?}", sink.list());
    let plan = design.plan.iter().flatten().map(|p| p.choices.clone()).next().unwrap_or_default();
    let (files, overrides) = (design.files.clone(), design.overrides.clone());
    Source { files, overrides, plan, today: "2026-11-01".parse().expect("a day") }
}

fn of(text: &str, at: Option<f64>) -> Advice {
    advise(&source(&open_text("t.arch", text, &[])), at).expect("it is read")
}

fn story(name: &str) -> Design {
    open(&format!("{}/examples/story/{name}.arch", env!("CARGO_MANIFEST_DIR")), &[])
}

fn chosen(a: &Advice) -> &archc::advise::Rung {
    let rung = a.chosen.and_then(|i| a.rungs.get(i));
    rung.unwrap_or_else(|| panic!("no step holds: {:#?}", a.rungs))
}

/// Why a step does not hold, or is none.
fn why(a: &Advice, step: Step) -> String {
    let rung = a.rungs.iter().find(|r| r.steps == [step]).unwrap_or_else(|| panic!("{step:?} was not tried"));
    match &rung.outcome {
        StepVerdict::Infeasible(why) => why.join("; "),
        StepVerdict::NotApplicable(why) | StepVerdict::Unknown(why) => why.clone(),
        other => panic!("{step:?}: {other:?}"),
    }
}

fn value<'a>(a: &'a Advice, name: &str, attr: &str) -> Option<&'a Chosen> {
    let p = chosen(a).proposal()?;
    p.values.iter().find(|v| v.component == name && v.attribute == attr).map(|v| &v.new)
}

/// The step is the first that holds; the design with it is sound and nothing of it fails.
fn holds(text: &str, step: Step) -> Advice {
    let a = of(text, None);
    assert!((a.load - 1.0).abs() < 1e-9, "{}", a.load);
    assert_eq!(chosen(&a).steps, [step], "{:#?}", a.rungs);
    let p = chosen(&a).proposal().expect("a proposal");
    let again = of(&p.text, Some(1.0));
    assert!(again.rungs.is_empty(), "with it something fails: {:?}\n{}", again.failed, p.text);
    a
}

const STORE: &str = r"arch 1
client web { }
balancer lb { }
service app { cpu = 1ms, instance = m7g.large, replicas = 300 }
database db : postgres { instance = db.m7g.2xlarge, data = 20GB, backup { every = 1h, keep = 30 days } }
flow look {  # people look
  rate = LOOK
  slo { p99 <= 150ms }
  web -> lb { size = 1KB, reply = 2KB } -> app { size = 1KB, reply = 2KB
    -> db.scan { size = 200B, reply = 2KB } # the list
  }
}
flow save {
  rate = SAVE
  web -> lb { size = 1KB, reply = 2KB } -> app { size = 1KB, reply = 2KB, -> db.write { size = 1KB, reply = 100B } }
}
";

fn store(look: &str, save: &str) -> String {
    STORE.replace("LOOK", look).replace("SAVE", save)
}

/// One that a CDN may not answer: it reads what is secret.
fn private(look: &str, save: &str) -> String {
    store(look, save).replace("data = 20GB", "data = 20GB, data_class = secret")
}

#[test]
fn a_bigger_machine_is_the_first_step_of_one_that_is_full() {
    let a = holds(
        "arch 1\nclient web {}\nservice app { cpu = 1ms, instance = m7g.large }\nflow f { rate = 3k rps, slo { p99 <= 150ms }, web -> app }\n",
        Step::Machines,
    );
    assert_eq!(a.limiting[0].0, "app");
    assert!(a.limiting[0].1.contains("149%"), "{:?}", a.limiting);
    // Three kilocores of milliseconds, and no machine smaller than the one it has.
    let Some(Chosen::Name(to)) = value(&a, "app", "instance") else { panic!("{:?}", chosen(&a)) };
    let (old, new) = (archc::catalog::machine("m7g.large").expect("m"), archc::catalog::machine(to).expect("m"));
    assert!(new.vcpu > old.vcpu && new.memory >= old.memory);
    let p = chosen(&a).proposal().expect("a proposal");
    assert!(p.cost.at_least > a.cost.at_least);
}

#[test]
fn replicas_behind_a_balancer_where_one_machine_is_down_too_often() {
    let a = holds(
        "arch 1\nclient web {}\nservice app { cpu = 4ms, instance = m7g.large, availability = 99.5% }\nflow page {\n  rate = 100 rps\n  slo { availability >= 99.9% }\n  web -> app { size = 1KB, reply = 2KB }\n}\n",
        Step::Replicas,
    );
    assert!(why(&a, Step::Machines).contains("a bigger machine is down as often"));
    assert_eq!(value(&a, "app", "replicas"), Some(&Chosen::Count(2.0)));
    let p = chosen(&a).proposal().expect("a proposal");
    // The balancer passes on the same bytes, and what it is promised to be up is said.
    assert!(p.text.contains("web -> lb { size = 1KB, reply = 2KB } -> app { size = 1KB, reply = 2KB }"), "{}", p.text);
    assert!(p.assumed.iter().any(|s| s.contains("`lb` is up 99.99%")), "{:?}", p.assumed);
}

#[test]
fn a_cdn_where_state_stays_in_the_process() {
    let a = holds(
        "arch 1\nclient web {}\nservice app { cpu = 4ms, instance = m7g.16xlarge, state = local }\nflow page {\n  rate = 40k rps\n  slo { p99 <= 150ms }\n  web -> app { size = 1KB, reply = 2KB }\n}\n",
        Step::Cdn,
    );
    assert!(why(&a, Step::Machines).contains("the catalog sells no faster one"));
    assert!(why(&a, Step::Replicas).contains("`state = local`"));
    // Demand 160 cores, capacity 61.8: 1 - 61.8/160 = 61.4%, so 62 of 100 are the least whole share.
    let (hit, of) = chosen(&a).proposal().expect("a proposal").hit.clone().expect("a hit ratio");
    assert!((hit - 0.62).abs() < 1e-9, "{hit}");
    assert_eq!(of, "`page`");
}

#[test]
fn a_cache_where_reads_press_and_are_not_for_everybody() {
    let a = holds(&private("20k rps", "100 rps"), Step::Cache);
    assert!(why(&a, Step::Replicas).contains("read replicas"));
    assert!(why(&a, Step::Cdn).contains("reads `db`, which is secret"));
    let p = chosen(&a).proposal().expect("a proposal");
    // The comment stays behind the reads, and who writes drops what was kept.
    assert!(p.text.contains("# the list") && p.text.contains("-> hot.delete"), "{}", p.text);
    // The least: with a hundredth less it does not hold.
    let (hit, _) = p.hit.clone().expect("a hit ratio");
    let less = p.text.replace(&format!("hit = {:.0}%", hit * 100.0), &format!("hit = {:.0}%", hit * 100.0 - 1.0));
    assert_ne!(less, p.text);
    assert!(!of(&less, Some(1.0)).rungs.is_empty(), "{hit} is not the least");
}

#[test]
fn copies_where_what_is_read_is_written_in_the_same_request() {
    let text = store("20k rps", "100 rps").replace(
        "-> db.scan { size = 200B, reply = 2KB } # the list",
        "-> db.scan { size = 200B, reply = 2KB }, -> db.write { cpu = 10us, size = 1KB, reply = 100B }",
    );
    let a = holds(&text, Step::Copies);
    assert!(why(&a, Step::Cdn).contains("`look` writes to `db`"));
    assert!(why(&a, Step::Cache).contains("reads and writes `db` in one request"));
    let p = chosen(&a).proposal().expect("a proposal");
    assert!(p.text.contains("read_from = replica") && p.text.contains("replication = sync"), "{}", p.text);
    assert!(p.assumed.iter().any(|s| s.contains("before the last write")));
}

#[test]
fn shards_where_writes_press() {
    let a = holds(&private("200 rps", "100k rps"), Step::Shards);
    for step in [Step::Cache, Step::Copies] {
        // 100k times 164us are 16.4 cores.
        assert!(why(&a, step).contains("its writes alone ask for 16.4 cores"), "{}", why(&a, step));
    }
    // 16.5 cores over 7.78 a machine: three.
    assert_eq!(value(&a, "db", "shards"), Some(&Chosen::Count(3.0)));
    assert!(chosen(&a).proposal().expect("a proposal").assumed[0].contains("asks one shard"));
}

#[test]
fn a_queue_where_an_answer_waits_for_slow_work() {
    let a = holds(
        "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 2ms, replicas = 3 }\nservice printer { cpu = 300ms, replicas = 10, idempotent = true }\ndatabase db : postgres { instance = db.m7g.large, data = 20GB }\nflow print {\n  rate = 5 rps\n  slo { p99 <= 200ms }\n  web -> lb -> app {\n    -> printer { size = 2KB\n      -> db.write }\n  }\n}\n",
        Step::Queue,
    );
    // No machine and no number of them makes the work itself shorter.
    for step in [Step::Machines, Step::Replicas] {
        assert!(why(&a, step).contains("without any queue"), "{}", why(&a, step));
    }
    let p = chosen(&a).proposal().expect("a proposal");
    assert!(p.text.contains("-> jobs.publish { size = 2KB }") && p.text.contains("jobs ~> printer"), "{}", p.text);
    assert!(p.assumed[0].contains("does not need what `printer` does"));
}

const STATEFUL: &str = "arch 1\nclient web {}\nservice app { instance = m7g.16xlarge, state = local, ops { a { cpu = 4ms }, b { cpu = 4ms } } }\ndatabase db : postgres { instance = db.m7g.large, data = 20GB }\nflow one { rate = 9k rps, slo { p99 <= 150ms }, web -> app.a { -> db.write { cpu = 10us } } }\nflow two { rate = 8k rps, slo { p99 <= 150ms }, web -> app.b { -> db.write { cpu = 10us } } }\n";

#[test]
fn a_split_where_nothing_else_does() {
    let a = holds(STATEFUL, Step::Split);
    assert!(why(&a, Step::Queue).contains("no failing flow waits for"));
    let p = chosen(&a).proposal().expect("a proposal");
    // The flow that works it most moves, the other stays.
    assert!(p.text.contains("web -> app_one.a") && p.text.contains("web -> app.b"), "{}", p.text);
}

#[test]
fn no_step_for_what_somebody_else_limits() {
    let a = of(
        "arch 1\nclient web {}\nservice app { cpu = 1ms, instance = m7g.large }\nexternal psp { limit = 100 rps, latency = 50ms, availability = 99.9% }\nflow pay { rate = 150 rps, slo { p99 <= 500ms }, web -> app { -> psp } }\n",
        None,
    );
    assert_eq!(a.chosen, None);
    assert!(why(&a, Step::Machines).contains("agree on a higher `limit`"));
    assert!(why(&a, Step::Cdn).contains("`pay` calls `psp`"));
    // Every step of the ladder but the sizes, for nothing is left open, was tried and says why not.
    assert_eq!(a.rungs.len(), Step::LADDER.len() - 1);
}

#[test]
fn a_consistency_promise_is_never_given_for_capacity() {
    let text = store("20k rps", "100 rps").replace("p99 <= 150ms", "p99 <= 150ms, consistency = linearizable");
    let a = holds(&text, Step::Shards);
    for step in [Step::Cdn, Step::Cache, Step::Copies] {
        let why = why(&a, step);
        assert!(why.contains("misses a requirement") && why.contains("(target: linearizable)"), "{why}");
    }
}

#[test]
fn a_budget_that_is_kept_is_not_broken_in_silence() {
    // One more machine than the budget has.
    let a = of(
        "arch 1\nsystem s { budget = $165/month }\nclient web {}\nservice app { cpu = 1ms, instance = m7g.large }\nflow f { rate = 3k rps, slo { p99 <= 150ms }, web -> app { size = 1B, reply = 1B } }\n",
        None,
    );
    assert!(!a.failed.iter().any(|m| m.what.starts_with("budget")), "{:?}", a.failed);
    assert!(a.rungs.iter().all(|r| !matches!(r.outcome, StepVerdict::Feasible(_))), "{:#?}", a.rungs);
    let StepVerdict::OverBudget(_, why) = &chosen(&a).outcome else { panic!("{:?}", chosen(&a)) };
    assert!(why[0].contains("budget $165.00/month"), "{why:?}");
    // Of those that hold but for money, the cheapest.
    let cost = |r: &archc::advise::Rung| r.proposal().map(|p| p.cost.at_least);
    let least = a.rungs.iter().filter_map(cost).fold(f64::INFINITY, f64::min);
    assert_eq!(cost(chosen(&a)), Some(least));
}

#[test]
fn a_design_that_holds_says_until_when() {
    let text = "arch 1\nclient web {}\nservice app { cpu = 1ms, instance = m7g.large }\nflow f { rate = 10 rps, slo { p99 <= 150ms }, web -> app }\n";
    let a = of(text, None);
    assert!(a.rungs.is_empty() && a.failed.is_empty() && a.open.is_empty());
    let first = a.first.expect("what breaks first");
    // The queue passes 150 ms near 2018 rps over 10.
    assert!(first.at > 150.0 && first.at < 202.0, "{first:?}");
    // At that load it does fail, and just below it does not.
    assert!(!of(text, Some(first.at * 1.01)).rungs.is_empty());
    let below = of(text, Some(first.at * 0.99));
    assert!(below.rungs.is_empty());
    assert!((below.first.expect("the same").at - first.at).abs() < first.at * 2e-3);
}

#[test]
fn without_a_load_the_first_multiple_that_fails_is_taken() {
    // 2018 rps is all of one machine: at 3x of 900 it is over.
    let text = "arch 1\nclient web {}\nservice app { cpu = 1ms, instance = m7g.large }\nflow f { rate = 900 rps, slo { p99 <= 150ms }, web -> app }\n";
    assert!((of(text, None).load - 3.0).abs() < 1e-9);
}

#[test]
fn what_is_not_known_is_said_and_nothing_is_made_up() {
    let base = "arch 1\nclient web {}\nservice app { instance = m7g.large }\ndatabase db : postgres { instance = db.m7g.large, data = 1GB }\nflow pay { rate = 150 rps, slo { p99 <= 500ms }, web -> app { -> db.read } }\n";
    let a = of(base, None);
    assert!(a.rungs.is_empty() && a.failed.is_empty());
    assert!(a.open.iter().any(|o| o.why == "`app` does not set the `cpu` of `call`"), "{:?}", a.open);
    // Where something known fails too, a step that leaves a target unknown does not count as holding.
    let both = base.replace("150 rps", "60k rps");
    let a = of(&both, None);
    assert!(a.failed.iter().any(|m| m.what == "`db`"), "{:?}", a.failed);
    assert!(why(&a, Step::Machines).contains("`app` does not set the `cpu` of `call`"));
    assert!(a.rungs.iter().all(|r| r.proposal().is_none()), "{:#?}", a.rungs);
}

#[test]
fn holes_are_solved_anew_before_anything_is_built() {
    let text = "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 1ms, instance = m7g.large, replicas = ? }\nflow f { rate = 900 rps, slo { p99 <= 150ms }, web -> lb -> app }\n";
    let a = of(text, Some(10.0));
    assert_eq!(chosen(&a).steps, [Step::Sizes]);
    let p = chosen(&a).proposal().expect("a proposal");
    assert_eq!(p.text, text, "the text stays");
    // 9 cores over 2.018 a machine.
    assert_eq!(value(&a, "app", "replicas"), Some(&Chosen::Count(5.0)));
}

#[test]
fn what_another_file_declares_is_left_alone() {
    let dir = std::env::temp_dir().join(format!("archc-advise-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(
        dir.join("pay.arch"),
        "arch 1\nservice ledger { cpu = 1ms, instance = m7g.large }\nexternal bank { latency = 5ms }\nflow settle { rate = 1 rps, ledger -> bank }\n",
    )
    .expect("written");
    let root = dir.join("root.arch");
    std::fs::write(
        &root,
        "arch 1\nuse \"pay.arch\" as pay\nclient web {}\nservice app { cpu = 1ms, instance = m7g.2xlarge }\nflow f { rate = 3k rps, slo { p99 <= 150ms }, web -> app { -> pay.ledger, -> psp } }\nexternal psp { latency = 5ms }\n",
    )
    .expect("written");
    let a = advise(&source(&open(&root.to_string_lossy(), &[])), None).expect("read");
    assert_eq!(a.chosen, None);
    assert!(
        why(&a, Step::Machines).contains("`pay.ledger` is declared in another file"),
        "{}",
        why(&a, Step::Machines)
    );
    std::fs::remove_dir_all(&dir).expect("removed");
}

#[test]
fn the_story_from_its_first_stage_to_its_second() {
    // Stage 1 at the load of stage 2: a bigger machine holds what stage 1 asks, cheaper than stage 2.
    let one = story("1-one-server");
    let a = advise(&source(&one), Some(10.0)).expect("read");
    assert_eq!(chosen(&a).steps, [Step::Machines]);
    // Asked for what stage 2 asks, it is stage 2's step: replicas behind a balancer, a copy of the database.
    let text =
        one.files[0].text.replace("availability >= 99%", "availability >= 99.9%").replace("zones  = 1", "zones = 3");
    let a = of(&text, Some(10.0));
    assert_eq!(chosen(&a).steps, [Step::Replicas], "{:#?}", a.rungs);
    assert!(why(&a, Step::Machines).contains("availability of flow `open` would be 99.0025%"));
    let p = chosen(&a).proposal().expect("a proposal");
    assert!(p.text.contains("balancer lb") && p.text.contains("replication = sync, failover = auto, fenced = true"));
    assert_eq!(value(&a, "db", "replicas"), Some(&Chosen::Count(2.0)));
}

#[test]
fn the_story_from_its_second_stage_to_its_third() {
    // Stage 2 at the load of stage 3: shards, and with stage 3's cache as few as stage 3 has.
    let a = advise(&source(&story("2-many-servers")), Some(10.0)).expect("read");
    assert_eq!(chosen(&a).steps, [Step::Shards]);
    assert!(why(&a, Step::Cache).contains("its writes alone ask for 7.642 cores"));
    assert_eq!(value(&a, "db", "shards"), Some(&Chosen::Count(5.0)));
    let last = a.cheaper.last().expect("something cheaper");
    assert_eq!(last.steps, [Step::Cache, Step::Shards]);
    let shards = last.proposal().expect("holds").values.iter().find(|v| v.attribute == "shards").map(|v| v.new.clone());
    assert_eq!(shards, Some(Chosen::Count(2.0)));
}

#[test]
fn the_story_from_its_third_stage_to_its_fourth() {
    // Four times the load asks for more of the same, not for services, and for less than stage 4 costs ($109k).
    let a = advise(&source(&story("3-database")), Some(4.0)).expect("read");
    assert_eq!(chosen(&a).steps, [Step::Shards]);
    assert!(why(&a, Step::Copies).contains("its writes alone ask for 30.57 cores"));
    let p = chosen(&a).proposal().expect("a proposal");
    assert!(p.text.contains("shards = 8 by notebook"), "the key stays: {}", p.text);
    assert!(p.cost.total.as_ref().is_ok_and(|c| *c < 109_000.0), "{:?}", p.cost);
    // Steps that leave the database as it is are refused for that.
    for step in [Step::Machines, Step::Replicas] {
        assert_eq!(why(&a, step), "`db` stays at 226% of its cpu");
    }
}

#[test]
fn the_story_from_its_fourth_stage_to_its_last() {
    // Stage 4 at the load of stage 5: what it leaves open, solved anew.
    let a = advise(&source(&story("4-services")), Some(3.0)).expect("read");
    assert_eq!(chosen(&a).steps, [Step::Sizes]);
    let shards = value(&a, "db", "shards");
    assert_eq!(shards, Some(&Chosen::Count(20.0)));
}

#[test]
fn new_names_never_meet_old_ones() {
    let text = private("20k rps", "100 rps")
        .replace("client web", "let hot = 3\nservice hot2 { }\nclient web")
        .replace("flow save", "flow hot3 { rate = 1 rps, web -> lb -> hot2 }\nflow save");
    let a = of(&text, Some(1.0));
    let p = chosen(&a).proposal().expect("a proposal");
    assert!(p.text.contains("cache hot4 : redis"), "{}", p.text);
}

mod layouts {
    use super::*;

    struct Rng(u64);

    impl Rng {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }
    }

    /// Another layout of the same design: separators, line ends, comments with brackets and quotes in them.
    fn twisted(text: &str, rng: &mut Rng) -> String {
        let mut out = String::new();
        let crlf = rng.below(3) == 0;
        let mut comment = false;
        for c in text.chars() {
            comment = (comment || c == '#') && c != '\n';
            match c {
                _ if comment => out.push(c),
                '\n' => {
                    if rng.below(4) == 0 {
                        out.push_str([" # } { \"", " // -> db, ?", "\t#", "  ///x [("][rng.below(4) as usize]);
                    }
                    out.push_str(if crlf { "\r\n" } else { "\n" });
                    if rng.below(5) == 0 {
                        out.push_str(["\n", "\t", "      ", "# note = {\n"][rng.below(4) as usize]);
                    }
                }
                ',' if rng.below(3) == 0 => out.push_str([";", ",,", "\n", " ,\t", ", # and\n"][rng.below(5) as usize]),
                '{' if rng.below(4) == 0 => out.push_str(["{\n", "{ # in\n", "{,", "{\t "][rng.below(4) as usize]),
                '}' if rng.below(4) == 0 => out.push_str(["\n}", " ,}", "# end }\n}", "}"][rng.below(4) as usize]),
                ' ' if rng.below(6) == 0 => out.push_str(["  ", "\t", " "][rng.below(3) as usize]),
                _ => out.push(c),
            }
        }
        if rng.below(3) == 0 {
            out.truncate(out.trim_end().len());
        }
        out
    }

    fn comments(text: &str) -> Vec<String> {
        let mut sink = archc::diag::Sink::default();
        let file = archc::syntax::parse(text, archc::base::FileId(0), &mut sink);
        let at = |c: &archc::syntax::Comment| text[c.span.start as usize..c.span.end as usize].trim_end().to_owned();
        file.comments.iter().map(at).collect()
    }

    fn formatted(text: &str) -> String {
        let mut sink = archc::diag::Sink::default();
        let file = archc::syntax::parse(text, archc::base::FileId(0), &mut sink);
        assert!(!sink.has_errors(), "{:?}\n{text}", sink.list());
        archc::format::format(&file, text)
    }

    #[test]
    fn edits_survive_odd_layouts() {
        let designs = [
            private("20k rps", "100 rps"),
            private("200 rps", "100k rps").replace("data = 20GB", "data = 20GB, shards = 1 by owner"),
            store("20k rps", "100 rps"),
            STATEFUL.to_owned(),
            "arch 1\nclient web {}\nservice app : tier\npreset tier for service { cpu = 4ms, instance = m7g.large, availability = 99.5% }\nflow page {\n  rate = 100 rps\n  slo { availability >= 99.9% }\n  web -> app\n}\n".to_owned(),
            "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 0.1ms, instance = m7g.large, replicas = 9 }\ndatabase db : postgres { instance = db.m7g.2xlarge, data_class = secret }\nflow a { rate = 20k rps, web -> lb -> app { cpu = 0.1ms } -> db.scan }\nflow b { rate = 1 rps, web -> lb -> app -> db.write }\n".to_owned(),
            "arch 1\nclient web {}\nbalancer lb {}\nservice app { cpu = 2ms, replicas = 3 }\nservice printer { cpu = 300ms, replicas = 10, idempotent = true }\ndatabase db : postgres { instance = db.m7g.large, data = 20GB }\nflow print {\n  rate = 5 rps\n  slo { p99 <= 200ms }\n  web -> lb -> app {\n    -> printer { size = 2KB, -> db.write }\n  }\n}\n".to_owned(),
        ];
        let mut rng = Rng(20_261_125);
        let mut written = 0;
        for text in &designs {
            let plain = of(text, None);
            let step = chosen(&plain).steps.clone();
            for _ in 0..4 {
                let odd = twisted(text, &mut rng);
                let design = open_text("t.arch", &odd, &[]);
                let mut sink = design.sink.clone();
                let _ = design.model(&mut sink);
                if sink.has_errors() {
                    // What is no design any more is not this test's.
                    continue;
                }
                let a = advise(&source(&design), Some(1.0)).expect("read");
                assert_eq!(chosen(&a).steps, step, "{odd}");
                for rung in a.rungs.iter().chain(&a.cheaper) {
                    let Some(p) = rung.proposal() else { continue };
                    written += 1;
                    let once = formatted(&p.text);
                    assert_eq!(formatted(&once), once, "{odd}");
                    for c in comments(&odd) {
                        assert!(comments(&p.text).contains(&c), "the comment {c:?} is lost:\n{}", p.text);
                    }
                    // Canonical or not, it is the same design.
                    assert!(of(&once, Some(1.0)).rungs.is_empty(), "{}", p.text);
                }
            }
        }
        assert!(written > 20, "{written} changed designs were looked at");
    }
}

mod command {
    use super::*;
    use std::process::{Command, Output};

    fn run(args: &[&str]) -> Output {
        let out = Command::new(env!("CARGO_BIN_EXE_archc")).args(args).args(["--today", "2026-11-01"]).output();
        out.expect("it runs")
    }

    fn text(o: &Output) -> String {
        String::from_utf8_lossy(&o.stdout).into_owned()
    }

    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("archc-advise-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&dir).expect("a folder");
            Self(dir)
        }

        fn put(&self, name: &str, text: &str) -> String {
            let path = self.0.join(name);
            std::fs::write(&path, text).expect("written");
            path.to_string_lossy().into_owned()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_written_is_checked_clean_and_never_over_the_input() {
        let f = Folder::new("out");
        let input = f.put("in.arch", &private("20k rps", "100 rps"));
        let output = f.0.join("out.arch").to_string_lossy().into_owned();
        let made = run(&["advise", &input, "-o", &output]);
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        assert_eq!(run(&["check", &output]).status.code(), Some(0));
        // Again: it exists.
        let again = run(&["advise", &input, "-o", &output]);
        assert_eq!(again.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&again.stderr).contains("`--force` overwrites it"));
        assert_eq!(run(&["advise", &input, "-o", &output, "--force"]).status.code(), Some(0));
        // Over itself: not even by force.
        let before = std::fs::read_to_string(&input).expect("read");
        let over = run(&["advise", &input, "-o", &input, "--force"]);
        assert_eq!(over.status.code(), Some(2));
        assert_eq!(std::fs::read_to_string(&input).expect("read"), before);
    }

    #[test]
    fn exit_statuses() {
        let f = Folder::new("exit");
        let fine = f.put(
            "fine.arch",
            "arch 1\nclient web {}\nservice app { cpu = 1ms }\nflow f { rate = 1 rps, web -> app }\n",
        );
        assert_eq!(run(&["advise", &fine]).status.code(), Some(0));
        let none = f.put(
            "none.arch",
            "arch 1\nclient web {}\nservice app { cpu = 1ms }\nexternal psp { limit = 1 rps, latency = 5ms }\nflow f { rate = 2 rps, web -> app { -> psp } }\n",
        );
        assert_eq!(run(&["advise", &none]).status.code(), Some(1));
        let broken = f.put("broken.arch", "arch 1\nclient web {\n");
        assert_eq!(run(&["advise", &broken]).status.code(), Some(1));
        assert_eq!(run(&["advise", &f.0.join("no.arch").to_string_lossy()]).status.code(), Some(2));
        assert_eq!(run(&["advise", &fine, "--at", "much"]).status.code(), Some(2));
    }

    #[test]
    fn same_input_same_bytes() {
        let f = Folder::new("same");
        let input = f.put("in.arch", &store("20k rps", "100 rps"));
        assert_eq!(text(&run(&["advise", &input])), text(&run(&["advise", &input])));
    }

    fn known(schema: &serde_json::Value, doc: &serde_json::Value, what: &str, root: &serde_json::Value) {
        let schema = match schema["$ref"].as_str() {
            Some(r) => &root["$defs"][r.trim_start_matches("#/$defs/")],
            None => schema,
        };
        match doc {
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    let at = &schema["properties"][key];
                    let at = if at.is_null() { &schema["additionalProperties"] } else { at };
                    assert!(at.is_object(), "{what}: `{key}` is not in the schema");
                    known(at, value, &format!("{what}.{key}"), root);
                }
            }
            serde_json::Value::Array(all) => {
                all.iter().for_each(|one| known(&schema["items"], one, &format!("{what}[]"), root));
            }
            _ => {}
        }
    }

    #[test]
    fn the_schema_knows_every_field() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../docs/schema/advice-1.json")).expect("JSON");
        let f = Folder::new("json");
        let input = f.put("in.arch", &store("20k rps", "100 rps"));
        for (file, at) in
            [(input, "1x"), (format!("{}/examples/story/2-many-servers.arch", env!("CARGO_MANIFEST_DIR")), "10x")]
        {
            assert!(Path::new(&file).exists());
            let doc: serde_json::Value =
                serde_json::from_str(&text(&run(&["advise", &file, "--at", at, "--format", "json"]))).expect("JSON");
            assert_eq!(doc["schema"], "archc/advice/1");
            known(&schema, &doc, "advice", &schema);
            for key in schema["required"].as_array().expect("a list") {
                assert!(doc.get(key.as_str().expect("a name")).is_some(), "{key} is missing");
            }
        }
    }
}
