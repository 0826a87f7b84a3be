use super::*;
use ast::{EntryKind, ItemKind};

fn parsed(text: &str) -> (ast::File, Vec<Diagnostic>) {
    let mut sink = Sink::default();
    let file = parse(text, FileId(0), &mut sink);
    (file, sink.into_sorted())
}

fn codes(text: &str) -> Vec<&'static str> {
    parsed(text).1.iter().map(|d| d.code).collect()
}

#[test]
fn a_small_design_parses_without_recovery() {
    let (file, errors) = parsed(
        "arch 1 # one\nlet v = 20M / day * (1 + 2)\nservice a : ? in [x, y] { cpu = 3ms .. 5ms, hit = 92% +- 3% }\nflow f {\n  web -> edge\n    -> a x3 30% { timeout = 1s\n -> b } else { -> c }\n}\n",
    );
    assert_eq!(errors, vec![]);
    assert_eq!(file.items.len(), 4);
    assert_eq!(file.comments.len(), 1);
    let Some(ItemKind::Decl(flow)) = file.items.last().map(|i| &i.kind) else { panic!("a flow") };
    let block = flow.block.as_ref().expect("its block");
    assert_eq!(block.entries.len(), 1);
    let EntryKind::Chain(chain) = &block.entries[0].kind else { panic!("a chain") };
    assert_eq!(chain.calls.len(), 2);
    assert!(chain.calls[1].else_block.is_some());
}

#[test]
fn one_mistake_gives_one_error_and_hides_no_other() {
    assert_eq!(codes("service a { cpu: 3ms }\nservice b { cpu 3ms }\n"), ["ARC516", "ARC510"]);
    assert_eq!(codes("service a { cpu = 3ms\nservice b { cpu = }\n"), ["ARC511", "ARC515"]);
    assert_eq!(codes("service a { image = \"x }\nservice b { cpu = 3Mi }\n"), ["ARC513", "ARC520"]);
    assert_eq!(codes("service a { zones = [a, b\n cpu = 3ms }\n"), ["ARC511"]);
    assert_eq!(codes("}\nservice a {}\n"), ["ARC512"]);
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("service a {}", "{".repeat(100_000));
    assert_eq!(codes(&deep), ["ARC503"]);
    let holes = format!("service a {{ replicas = {} }}", "? in ".repeat(50_000));
    assert_eq!(codes(&holes), Vec::<&str>::new(), "a long phrase is the model's to refuse");
    let minus = format!("let a = {}1", "-".repeat(100_000));
    assert!(!codes(&minus).is_empty());
}
