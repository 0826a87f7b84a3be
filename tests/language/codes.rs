//! Every code has one page, and every page is true.

use archc::diag::{CODES, Severity};
use archc::lint::LINTS;
use archc::session::{Design, judge, open, open_text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Their examples are several files, or bytes that no page can hold.
const FRAGMENTS: [&str; 9] = ["ARC500", "ARC501", "ARC502", "ARC504", "ARC561", "ARC563", "ARC564", "ARC565", "ARC566"];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Codes written as `"ARC123"`, pages and tests left out.
fn used_codes() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut out = BTreeSet::new();
    for path in files.iter().filter(|p| !p.ends_with("diag/codes.rs")) {
        let text = std::fs::read_to_string(path).expect("text");
        for (at, _) in text.match_indices("\"ARC") {
            let rest = &text[at + 1..];
            if rest.len() > 6 && rest.as_bytes()[6] == b'"' && rest[3..6].bytes().all(|b| b.is_ascii_digit()) {
                out.insert(rest[..6].to_owned());
            }
        }
    }
    out
}

/// The contents of all fences of that kind.
fn fences(text: &str, kind: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut inside: Option<String> = None;
    for line in text.lines() {
        match &mut inside {
            Some(body) if line == "```" => {
                out.push(std::mem::take(body));
                inside = None;
            }
            Some(body) => {
                body.push_str(line);
                body.push('\n');
            }
            None if line == format!("```{kind}") => inside = Some(String::new()),
            None => {}
        }
    }
    assert!(inside.is_none(), "a fence stays open in:\n{text}");
    out
}

fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 25)
}

fn found(design: &Design) -> Vec<(String, Severity, String)> {
    judge(design, today(), false)
        .diagnostics
        .iter()
        .map(|d| (d.code.to_owned(), d.severity, d.message.clone()))
        .collect()
}

#[test]
fn every_code_has_one_page() {
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    for code in CODES.iter().map(|i| i.code).chain(LINTS.iter().map(|l| l.code)) {
        *pages.entry(code).or_default() += 1;
    }
    let used = used_codes();
    assert!(used.len() > 50, "{used:?}");
    for code in &used {
        assert_eq!(pages.get(code.as_str()), Some(&1), "{code} has one page");
    }
    for code in pages.keys() {
        assert!(used.contains(*code), "nothing says {code}");
    }
}

#[test]
fn pages_are_ordered_and_whole() {
    assert!(CODES.windows(2).all(|w| w[0].code < w[1].code), "codes are in order, each once");
    assert!(LINTS.windows(2).all(|w| w[0].code < w[1].code), "rules are in order, each once");
    for page in CODES.iter() {
        assert!(
            !page.title.is_empty() && page.title.len() <= 40 && !page.title.ends_with('.'),
            "{}: {}",
            page.code,
            page.title
        );
        let prose: String = page.text.split("```").step_by(2).collect();
        let sentences = prose.matches(". ").count() + prose.matches(".\n").count();
        assert!((2..=10).contains(&sentences), "{}: {sentences} sentences", page.code);
        let (whole, fragments) = (fences(page.text, "arch").len(), fences(page.text, "arch-fragment").len());
        assert_eq!(page.text.matches("```").count(), 2 * (whole + fragments), "{}: a fence of another kind", page.code);
        if FRAGMENTS.contains(&page.code) {
            assert_eq!((whole, fragments), (0, 2), "{}", page.code);
        } else {
            assert_eq!(whole, 2, "{}: a bad design and a good one", page.code);
        }
    }
}

#[test]
fn examples_of_pages_do_what_they_say() {
    let mut wrong = Vec::new();
    for page in CODES.iter().filter(|p| !FRAGMENTS.contains(&p.code)) {
        let all = fences(page.text, "arch");
        let bad = found(&open_text("bad.arch", &all[0], &[]));
        // One mistake, one error; an expired `allow` shows what it hid, a warning.
        let says = bad.iter().any(|(c, _, _)| c == page.code);
        let more = bad.iter().any(|(c, s, _)| c != page.code && *s == Severity::Error);
        if !says || more {
            wrong.push(format!("{}, the bad one: {bad:?}", page.code));
        }
        let good = found(&open_text("good.arch", &all[1], &[]));
        let about = good.iter().any(|(c, s, _)| c == page.code || *s != Severity::Info);
        if about || !all[1].starts_with("arch 1\n") {
            wrong.push(format!("{}, the good one: {good:?}", page.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_of_rules_do_what_they_say() {
    for lint in LINTS {
        let bad = found(&open_text("bad.arch", lint.bad, &[]));
        assert!(bad.iter().any(|(c, s, _)| c == lint.code && *s == lint.severity), "{}: {bad:?}", lint.code);
        let good = found(&open_text("good.arch", lint.good, &[]));
        assert!(good.iter().all(|(c, s, _)| c != lint.code && *s != Severity::Error), "{}: {good:?}", lint.code);
    }
}

/// Writes files under a folder of this process's own.
fn tree(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("archc-codes-{}-{name}", std::process::id()));
    for (path, bytes) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }
    dir
}

fn codes_of(path: &Path) -> Vec<String> {
    found(&open(path.to_str().expect("a plain path"), &[])).into_iter().map(|(c, _, _)| c).collect()
}

#[test]
fn findings_of_reading_files() {
    let large = vec![b' '; 16 * 1024 * 1024 + 1];
    let dir = tree(
        "bytes",
        &[("latin.arch", b"arch 1\nservice caf\xe9 {}\n"), ("nul.arch", b"arch 1\n\0"), ("large.arch", &large)],
    );
    assert_eq!(codes_of(&dir.join("latin.arch")), ["ARC500"]);
    assert_eq!(codes_of(&dir.join("nul.arch")), ["ARC501"]);
    assert_eq!(codes_of(&dir.join("large.arch")), ["ARC502"]);
    assert_eq!(codes_of(&dir.join("none.arch")), ["ARC504"]);
    assert_eq!(codes_of(&dir), ["ARC504"]);
    std::fs::remove_dir_all(&dir).expect("removed");
}

#[test]
fn findings_of_use() {
    let mut files: Vec<(String, String)> = vec![
        ("outside.arch".into(), "arch 1\n".into()),
        ("in/out.arch".into(), "arch 1\nuse \"../outside.arch\"\n".into()),
        ("in/a.arch".into(), "arch 1\nuse \"b.arch\"\n".into()),
        ("in/b.arch".into(), "arch 1\nuse \"a.arch\"\n".into()),
        ("in/csv.arch".into(), "arch 1\nuse \"numbers.csv\"\n".into()),
        ("in/numbers.csv".into(), "1,2\n".into()),
        ("in/level_10.arch".into(), "arch 1\n".into()),
    ];
    for i in 0..10 {
        let next = i + 1;
        files.push((
            format!("in/level_{i}.arch"),
            format!("arch 1\nuse \"level_{next}.arch\" as left\nuse \"level_{next}.arch\" as right\n"),
        ));
    }
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(p, t)| (p.as_str(), t.as_bytes())).collect();
    let dir = tree("use", &borrowed);
    assert_eq!(codes_of(&dir.join("in/out.arch")), ["ARC561"]);
    assert_eq!(codes_of(&dir.join("in/a.arch")), ["ARC563"]);
    assert_eq!(codes_of(&dir.join("in/csv.arch")), ["ARC564"]);
    assert!(codes_of(&dir.join("in/level_0.arch")).contains(&"ARC565".to_owned()));
    std::fs::remove_dir_all(&dir).expect("removed");
}
