//! The tables of kinds, engines and machines keep what they promise.

use archc::base::FileId;
use archc::catalog;
use archc::diag::Sink;
use archc::kinds::{ITEM_WORDS, KINDS, METRICS, SYSTEM, Type};
use archc::session::{judge, open_text};
use archc::syntax;
use archc::syntax::ast::{Block, EntryKind, ItemKind};

#[test]
fn every_kind_has_an_example_that_checks() {
    for k in KINDS {
        // Names that an example may refer to are given beside it.
        let text = format!("arch 1\n{}\n", k.example);
        let judged = judge(&open_text("example.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
        assert!(judged.language_errors().is_empty(), "{}: {:#?}", k.name, judged.language_errors());
        assert!(k.example.starts_with(k.name), "{}", k.name);
        assert!(k.doc.ends_with('.'), "{}", k.name);
    }
}

#[test]
fn names_in_tables_are_names_and_unique() {
    let word = |n: &str| n.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    for k in KINDS {
        let mut names: Vec<&str> = k.properties().map(|p| p.name).collect();
        assert!(names.iter().all(|n| word(n)), "{}", k.name);
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{} has an attribute twice", k.name);
        assert!(!ITEM_WORDS.contains(&k.name));
    }
    assert!(METRICS.iter().all(|m| word(m.name) && m.doc.ends_with('.')));
}

#[test]
fn every_kind_file_is_registered() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kinds");
    let helpers = ["mod", "calls", "common", "facets", "property", "system"];
    let mut files: Vec<String> = std::fs::read_dir(dir)
        .expect("the folder of kinds")
        .map(|e| e.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|n| !helpers.contains(&n.as_str()))
        .collect();
    files.sort();
    let mut kinds: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
    kinds.sort_unstable();
    assert_eq!(files, kinds, "one file a kind");
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lint");
    let count = std::fs::read_dir(rules).expect("the folder of rules").count();
    // mod.rs and allows.rs are no rules.
    assert_eq!(count - 2, archc::lint::LINTS.len(), "one file a rule");
}

/// Number literals of a block, with their places.
fn numbers(block: &Block, out: &mut Vec<u32>) {
    for e in &block.entries {
        if let EntryKind::Attr(a) = &e.kind {
            if let Some((_, _, value)) = &a.value {
                out.push(value.span.start);
            }
            if let Some(inner) = &a.block {
                numbers(inner, out);
            }
        }
    }
}

#[test]
fn every_value_of_an_engine_has_its_source() {
    for (name, text) in archc::kinds::shipped_engines() {
        let mut sink = Sink::default();
        let file = syntax::parse(text, FileId(0), &mut sink);
        assert!(sink.list().is_empty(), "{name}");
        for item in &file.items {
            let ItemKind::Decl(d) = &item.kind else { continue };
            for entry in &d.block.as_ref().expect("an engine has a block").entries {
                let line_start = text[..entry.span.start as usize].rfind('\n').expect("not the first line");
                let above = text[..line_start].rsplit('\n').next().expect("a line above").trim();
                assert!(above.starts_with("/// source: ") && above.contains("confidence "), "{name}: {above}");
                if let EntryKind::Attr(a) = &entry.kind
                    && let Some(block) = &a.block
                {
                    let mut all = Vec::new();
                    numbers(block, &mut all);
                    assert!(!all.is_empty(), "{name}");
                }
            }
        }
    }
    assert!(catalog::machines().all(|m| m.source.contains("confidence")));
}

#[test]
fn valid_files_hold_no_recovery_node() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("examples/shop/shop.arch"), root.join("examples/shop/shop-draft.arch")];
    for dir in ["templates/new", "catalog/engines"] {
        files.extend(std::fs::read_dir(root.join(dir)).expect("a folder").map(|e| e.expect("an entry").path()));
    }
    for path in files {
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut sink = Sink::default();
        let file = syntax::parse(&text, FileId(0), &mut sink);
        assert!(sink.list().is_empty(), "{}", path.display());
        // `Bad` is the name of the recovery nodes of items, entries and expressions.
        assert!(!format!("{:?}", file.items).contains("Bad"), "{} holds a recovery node", path.display());
    }
}

#[test]
fn defaults_are_values_of_their_type() {
    // Building any design reads every default; a wrong one would stop it.
    for k in KINDS {
        let text = format!("arch 1\n{} one {{ }}\n", k.name);
        let judged = judge(&open_text("defaults.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
        assert!(judged.language_errors().is_empty(), "{}", k.name);
        for p in k.properties().filter(|p| p.default.is_some()) {
            let c = judged.model.find("one").map(|id| judged.model.component(id)).expect("declared");
            assert!(c.attrs.peek(p.name).is_some(), "{}.{}", k.name, p.name);
        }
    }
    assert!(SYSTEM.iter().any(|p| matches!(p.ty, Type::Block(_))));
}
