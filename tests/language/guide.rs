//! Every design in the guide is whole, checks clean and is in canonical form.

use archc::base::FileId;
use archc::diag::Sink;
use archc::session::{judge, open, open_text};
use std::path::Path;

struct Block {
    /// The file that the guide gives it: `` `shop.arch`: `` above the fence.
    name: Option<String>,
    line: usize,
    text: String,
}

fn blocks() -> Vec<Block> {
    let guide =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide.md")).expect("the guide");
    let mut out = Vec::new();
    let mut inside: Option<Block> = None;
    let mut name = None;
    for (i, line) in guide.lines().enumerate() {
        match &mut inside {
            Some(_) if line == "```" => out.extend(inside.take()),
            Some(block) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line == "```arch" => inside = Some(Block { name: name.take(), line: i + 1, text: String::new() }),
            None if line.starts_with("```") => panic!("line {}: a fence that no test looks at", i + 1),
            None => {
                if let Some(file) = line.strip_prefix('`').and_then(|l| l.strip_suffix("`:")) {
                    name = Some(file.to_owned());
                }
            }
        }
    }
    assert!(inside.is_none(), "a fence stays open");
    out
}

fn findings(design: &archc::session::Design) -> Vec<String> {
    let judged = judge(design, jiff::civil::date(2026, 11, 25), false);
    judged.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

#[test]
fn every_design_checks_clean() {
    let all = blocks();
    assert!(all.len() >= 10, "{} designs", all.len());
    let dir = std::env::temp_dir().join(format!("archc-guide-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("made");
    for b in &all {
        if let Some(name) = &b.name {
            std::fs::write(dir.join(name), &b.text).expect("written");
        }
    }
    let mut wrong = Vec::new();
    for b in &all {
        let design = match &b.name {
            Some(name) => open(dir.join(name).to_str().expect("a plain path"), &[]),
            None => open_text("guide.arch", &b.text, &[]),
        };
        for f in findings(&design) {
            wrong.push(format!("the design in line {}: {f}", b.line));
        }
    }
    std::fs::remove_dir_all(&dir).expect("removed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_design_is_in_canonical_form() {
    for b in blocks() {
        assert!(b.text.starts_with("arch 1\n"), "the design in line {}", b.line);
        let file = archc::syntax::parse(&b.text, FileId(0), &mut Sink::default());
        assert_eq!(archc::format::format(&file, &b.text), b.text, "the design in line {}", b.line);
    }
}

#[test]
fn the_guide_has_twelve_sections() {
    let guide =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide.md")).expect("the guide");
    let sections: Vec<&str> = guide.lines().filter(|l| l.starts_with("## ")).collect();
    assert_eq!(sections.len(), 12, "{sections:?}");
}
