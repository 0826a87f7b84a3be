//! Pictures: no text of a design breaks out of any of their languages, the
//! shop's pictures are pinned, the same input gives the same bytes.
//! `ARCHC_BLESS=1 cargo test --test emit diagram::` rewrites the pinned pictures; look
//! at them before committing.

use crate::support::generate;
use archc::emit::diagram::{Edge, Node, Scene, Shape, dot, mermaid, scene, svg};
use archc::session::{judge, open_text};
use proptest::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn picture(text: &str) -> Scene {
    let judged = judge(&open_text("a.arch", text, &[]), jiff::civil::date(2026, 11, 25), false);
    assert_eq!(judged.language_errors().len(), 0, "{:?}", judged.language_errors());
    scene(&judged.model, &judged.graph, &judged.facts)
}

fn shop() -> Scene {
    picture(&std::fs::read_to_string(root("examples/shop/shop.arch")).expect("the shop"))
}

/// Compares with a pinned file, or rewrites it.
fn pinned(path: &str, text: &str) {
    let path = root(path);
    if std::env::var_os("ARCHC_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(want == text, "{} is not what is drawn; ARCHC_BLESS=1 rewrites it", path.display());
}

#[test]
fn the_shop_is_pinned() {
    let scene = shop();
    pinned("tests/golden/shop.svg", &svg(&scene));
    pinned("tests/golden/shop.dot", &dot(&scene));
    pinned("tests/golden/shop.mmd", &mermaid(&scene));
    pinned("docs/shop.svg", &svg(&scene));
}

#[test]
fn the_command_chooses_by_extension() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let archc = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_archc"))
            .args(["diagram", "examples/shop/shop.arch"])
            .args(args)
            .current_dir(root(""))
            .output()
            .expect("archc runs")
    };
    let scene = shop();
    let files = [("a.svg", svg(&scene)), ("a.GV", dot(&scene)), ("a.dot", dot(&scene)), ("a.mmd", mermaid(&scene))];
    for (file, drawn) in files {
        let path = dir.join(file);
        let output = archc(&["-o", path.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(std::fs::read_to_string(&path).expect("written") == drawn, "{file}");
    }
    assert_eq!(archc(&["-o", "a.bmp"]).status.code(), Some(2));
    assert_eq!(archc(&["-o", "noextension"]).status.code(), Some(2));
    assert!(archc(&["--format", "svg"]).stdout == svg(&scene).as_bytes());
    assert!(archc(&[]).stdout == mermaid(&scene).as_bytes());
}

#[test]
fn the_scene_says_what_is_known() {
    let scene = shop();
    let node = |name: &str| scene.nodes.iter().find(|n| n.label == name).expect("a component");
    assert_eq!(node("psp").facts, "400 rps · 13.3% limit");
    assert_eq!(node("orders").facts, "400 rps · 3.25% cpu");
    assert_eq!(node("orders").detail, "database postgres");
    assert_eq!(node("watch").shape, Shape::Watcher);
    // A consumer is fed by its queue, and nobody waits.
    let name = |i: usize| scene.nodes[i].label.as_str();
    let fed = scene.edges.iter().find(|e| name(e.to) == "mailer").expect("an edge");
    assert_eq!((name(fed.from), fed.sync, fed.label.as_str()), ("events", false, "400 rps"));
}

#[test]
fn what_is_unknown_has_no_number() {
    let scene = picture("arch 1\nclient web {}\nservice a { cpu = 1ms }\nflow f {\n  web -> a\n}\n");
    assert_eq!(scene.edges[0].label, "");
    assert_eq!(scene.nodes[1].facts, "");
}

#[test]
fn an_empty_design_has_a_picture() {
    let scene = picture("arch 1\n");
    check_svg(&scene);
    check_dot(&scene);
    check_mermaid(&scene);
}

#[test]
fn a_large_design_is_drawn() {
    let scene = picture(&generate::large(1000, 200, 10_000));
    check_svg(&scene);
    assert_eq!(svg(&scene), svg(&scene));
}

#[test]
fn colours_serve_light_and_dark() {
    let text = svg(&shop());
    assert!(text.contains("@media (prefers-color-scheme:dark)"));
    for outside in ["<script", "href", "url(", "@import", "<image", "<foreignObject"] {
        assert!(!text.contains(outside), "{outside}");
    }
}

/// Parses the picture back: one group per node that holds its texts, a fixed set
/// of elements and attributes whatever the texts.
fn check_svg(scene: &Scene) {
    let text = svg(scene);
    let doc = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let svg = doc.root_element();
    let children: Vec<&str> = svg.children().filter(|c| c.is_element()).map(|c| c.tag_name().name()).collect();
    assert_eq!(children[..3], ["title", "desc", "style"]);
    let mut groups = 0;
    for e in doc.descendants().filter(roxmltree::Node::is_element) {
        let name = e.tag_name().name();
        assert!(
            ["svg", "title", "desc", "style", "g", "rect", "path", "text"].contains(&name),
            "element {name} in:\n{text}"
        );
        for a in e.attributes() {
            assert!(
                [
                    "class",
                    "width",
                    "height",
                    "viewBox",
                    "role",
                    "aria-labelledby",
                    "id",
                    "x",
                    "y",
                    "rx",
                    "d",
                    "transform"
                ]
                .contains(&a.name()),
                "attribute {} in:\n{text}",
                a.name()
            );
        }
        if name == "g" && e.parent().is_some_and(|p| p.tag_name().name() == "g") {
            groups += 1;
        }
    }
    assert_eq!(groups, scene.nodes.len());
    // A short text without strange characters arrives as it is.
    let plain = |t: &str| t.len() < 30 && t.chars().all(|c| c.is_ascii_graphic());
    let texts: Vec<&str> = doc
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .filter_map(|n| n.text())
        .collect();
    for n in scene.nodes.iter().filter(|n| !n.label.is_empty() && plain(&n.label)) {
        assert!(texts.contains(&n.label.as_str()), "{:?} in {texts:?}", n.label);
    }
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}

/// A token of DOT: a sign, a bare word, or a quoted string as it stands.
fn dot_tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_ascii_whitespace() => {}
            '"' => {
                let mut s = String::from('"');
                loop {
                    match chars.next().expect("a closing quote") {
                        '"' => break,
                        '\\' => {
                            let next = chars.next().expect("what is escaped");
                            assert!("\\\"n".contains(next), "\\{next}");
                            s.push('\\');
                            s.push(next);
                        }
                        c => {
                            assert!(!c.is_control(), "{c:?} in a string");
                            s.push(c);
                        }
                    }
                }
                tokens.push(s);
            }
            '-' if chars.peek() == Some(&'>') => {
                chars.next();
                tokens.push("->".to_owned());
            }
            '{' | '}' | '[' | ']' | ',' | ';' | '=' => tokens.push(c.to_string()),
            c if c.is_ascii_alphanumeric() => {
                let mut word = c.to_string();
                while let Some(next) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '.' || *c == '_') {
                    word.push(next);
                }
                tokens.push(word);
            }
            c => panic!("{c:?} outside a string:\n{text}"),
        }
    }
    tokens
}

/// The shape of the text: what stays when strings are taken out must not depend
/// on what the strings say.
fn check_dot(scene: &Scene) {
    let text = dot(scene);
    let skeleton = |s: &Scene| -> Vec<String> {
        dot_tokens(&dot(s)).into_iter().map(|t| if t.starts_with('"') { "\"".to_owned() } else { t }).collect()
    };
    let mut plain = scene.clone();
    plain.title = "t".to_owned();
    for n in &mut plain.nodes {
        n.label = "a".to_owned();
        n.detail = "b".to_owned();
        n.facts = keep_signs(&n.facts);
    }
    for e in &mut plain.edges {
        e.label = keep_signs(&e.label);
    }
    assert_eq!(skeleton(scene), skeleton(&plain), "{text}");
}

/// A plain text that asks for the same legend.
fn keep_signs(text: &str) -> String {
    let mut out = String::new();
    for sign in ["rps", "?"] {
        if text.contains(sign) {
            out.push_str(sign);
        }
    }
    if out.is_empty() && !text.is_empty() {
        out.push('x');
    }
    out
}

fn is_safe(text: &str) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(entity) = rest.strip_prefix('#') {
            let Some((number, after)) = entity.split_once(';') else { return false };
            if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) {
                return false;
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix("<br/>") {
            rest = after;
        } else if c.is_ascii_alphanumeric() || " _-.".contains(c) {
            rest = &rest[c.len_utf8()..];
        } else {
            return false;
        }
    }
    true
}

/// Each line is a node, an edge, the title or a style, with nothing but safe
/// text between its quotes.
fn check_mermaid(scene: &Scene) {
    let text = mermaid(scene);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("flowchart LR"));
    let (mut nodes, mut edges) = (0, 0);
    for line in lines {
        let line = line.strip_prefix("  ").unwrap_or_else(|| panic!("{line:?}"));
        if let Some(title) = line.strip_prefix("accTitle: ") {
            assert!(is_safe(title), "{line}");
            continue;
        }
        if line.starts_with("classDef ") {
            assert!(
                ["classDef external stroke-dasharray: 5 4", "classDef key fill:none,stroke:none,text-align:left"]
                    .contains(&line),
                "{line}"
            );
            continue;
        }
        let parts: Vec<&str> = line.split('"').collect();
        let id = |t: &str| t.strip_prefix('n').is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
        match parts.as_slice() {
            [open, label, close] if line.contains("\"| n") => {
                assert!(is_safe(label), "{line}");
                let from = open.strip_suffix(" -->|").or_else(|| open.strip_suffix(" -.->|"));
                assert!(from.is_some_and(id) && close.strip_prefix("| ").is_some_and(id), "{line}");
                edges += 1;
            }
            [open, label, close] => {
                assert!(is_safe(label) && !label.is_empty(), "{line}");
                let name = open.trim_end_matches(|c: char| "([{>/".contains(c));
                let shape = format!("{}{close}", &open[name.len()..]);
                assert!(
                    ["([])", "[//]", "{{}}", "[]", "()", "[[]]", "[()]", "[]:::external", ">]", "[]:::key"]
                        .contains(&shape.as_str()),
                    "{line}"
                );
                assert!(id(name) || name == "key", "{line}");
                nodes += usize::from(id(name));
            }
            [bare] => {
                let ends = bare.split_once(" --> ").or_else(|| bare.split_once(" -.-> "));
                assert!(ends.is_some_and(|(a, b)| id(a) && id(b)), "{line}");
                edges += 1;
            }
            _ => panic!("{line}"),
        }
    }
    assert_eq!((nodes, edges), (scene.nodes.len(), scene.edges.len()));
}

/// Graphviz reads it, and gives the labels back.
fn graphviz(text: &str) -> Option<Vec<String>> {
    let spawned =
        Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: no `dot` here");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("dot ends");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}\n{text}");
    assert!(!errors.to_lowercase().contains("syntax error"), "{errors}\n{text}");
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let svg = String::from_utf8(output.stdout).expect("UTF-8");
    let doc = roxmltree::Document::parse_with_options(&svg, options).expect("an SVG");
    Some(
        doc.descendants()
            .filter(|n| n.tag_name().name() == "text")
            .filter_map(|n| n.text())
            .map(|t| t.replace('\u{a0}', " "))
            .collect(),
    )
}

const SPITEFUL: [&str; 24] = [
    "\"]; evil [label=\"",
    "\\",
    "\\\"",
    "a\\n\\N\\G\\l",
    "</text><script>alert(1)</script>",
    "]]>",
    "<![CDATA[",
    "--><!--",
    "&amp;&lt;&#0;",
    "&",
    "\" onload=\"alert(1)",
    "' x='",
    "end",
    "subgraph",
    "%%{init: {}}%%",
    "#quot;",
    "`**md**`",
    "a\nb\r\nc",
    "\0\u{1}\u{b}\u{fffe}\u{ffff}\u{7f}\u{85}",
    "\u{202e}txt.exe\u{2066}",
    "日本語の名前",
    "👩‍👩‍👧 é",
    "<b>html</b>",
    "}}\n}\n",
];

/// A scene with those texts everywhere.
fn full_of(texts: &[String]) -> Scene {
    let text = |i: usize| texts.get(i % texts.len().max(1)).cloned().unwrap_or_default();
    let n = Shape::ALL.len() * 2;
    Scene {
        title: text(0),
        nodes: (0..n)
            .map(|i| Node {
                label: text(i),
                detail: text(i + 1),
                facts: text(i + 2),
                rps: i % 2 == 0,
                has_hole: i % 3 == 0,
                shape: Shape::ALL[i % Shape::ALL.len()],
            })
            .collect(),
        edges: (0..n)
            .map(|i| Edge { from: i, to: (i * 5 + 1) % n, sync: i % 2 == 0, label: text(i + 3), rps: false })
            .collect(),
    }
}

#[test]
fn spiteful_texts_stay_texts() {
    for s in SPITEFUL {
        let scene = full_of(&[s.to_owned()]);
        check_svg(&scene);
        check_mermaid(&scene);
        check_dot(&scene);
    }
    let scene = full_of(&SPITEFUL.map(str::to_owned));
    check_svg(&scene);
    check_mermaid(&scene);
    check_dot(&scene);
}

#[test]
fn graphviz_reads_it() {
    for scene in [shop(), full_of(&SPITEFUL.map(str::to_owned))] {
        let Some(texts) = graphviz(&dot(&scene)) else { return };
        for n in scene.nodes.iter().filter(|n| n.label.len() < 30 && n.label.is_ascii()) {
            if !n.label.chars().any(char::is_control) {
                assert!(texts.contains(&n.label), "{:?} in {texts:?}", n.label);
            }
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::collection::vec(any::<char>(), 0..60).prop_map(|c| c.into_iter().collect()),
        "[\\\\\"'<>&;#|\\[\\](){}%`$ \\n-]{0,20}",
        prop::sample::select(SPITEFUL.to_vec()).prop_map(str::to_owned),
    ]
}

fn any_scene() -> impl Strategy<Value = Scene> {
    let node = (any_text(), any_text(), any_text(), prop::sample::select(Shape::ALL.to_vec()))
        .prop_map(|(label, detail, facts, shape)| Node { label, detail, facts, shape, rps: false, has_hole: false });
    (any_text(), prop::collection::vec(node, 1..12)).prop_flat_map(|(title, nodes)| {
        let n = nodes.len();
        let edge = (0..n, 0..n, any::<bool>(), any_text()).prop_map(|(from, to, sync, label)| Edge {
            from,
            to,
            sync,
            label,
            rps: false,
        });
        prop::collection::vec(edge, 0..20).prop_map(move |edges| Scene {
            title: title.clone(),
            nodes: nodes.clone(),
            edges,
        })
    })
}

proptest! {
    #[test]
    fn no_text_breaks_out(scene in any_scene()) {
        check_svg(&scene);
        check_mermaid(&scene);
        check_dot(&scene);
        prop_assert_eq!(svg(&scene), svg(&scene.clone()));
    }
}

proptest! {
    // Each case starts a process.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn graphviz_reads_any_text(scene in any_scene()) {
        let _ = graphviz(&dot(&scene));
    }
}

/// `ARCHC_MERMAID` is a command that reads a folder of diagrams with Mermaid's own parser.
#[test]
fn mermaid_reads_any_text() {
    let Some(command) = std::env::var_os("ARCHC_MERMAID") else {
        println!("skipped: ARCHC_MERMAID names no parser of Mermaid");
        return;
    };
    let dir = std::env::temp_dir().join(format!("archc-mermaid-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("shop.mmd"), mermaid(&shop())).expect("written");
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for i in 0..300 {
        use proptest::strategy::ValueTree;
        let scene = any_scene().new_tree(&mut runner).expect("a scene").current();
        std::fs::write(dir.join(format!("{i:03}.mmd")), mermaid(&scene)).expect("written");
    }
    let command = command.into_string().expect("UTF-8");
    let mut words = command.split_whitespace();
    let status = Command::new(words.next().expect("a command")).args(words).arg(&dir).status().expect("it runs");
    assert!(status.success(), "{}", dir.display());
    let _ = std::fs::remove_dir_all(&dir);
}

#[test]
fn the_table_of_formats_is_the_command_line() {
    use archc::emit::diagram::FORMATS;
    let mut words: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    words.sort_unstable();
    assert_eq!(words, ["dot", "mermaid", "svg"]);
    let mut extensions: Vec<&str> = FORMATS.iter().flat_map(|f| f.extensions).copied().collect();
    let all = extensions.len();
    extensions.sort_unstable();
    extensions.dedup();
    assert_eq!(extensions.len(), all, "two formats share an extension: {extensions:?}");
    let archc = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_archc")).args(args).current_dir(root("")).output().expect("archc runs")
    };
    let help = String::from_utf8(archc(&["diagram", "--help"]).stdout).expect("text");
    let refused =
        String::from_utf8(archc(&["diagram", "examples/shop/shop.arch", "-o", "a.xyz"]).stderr).expect("text");
    for f in FORMATS {
        assert!(help.contains(f.name) && help.contains(f.doc), "{} is not in {help}", f.name);
        let extension = format!("`.{}`", f.extensions[0]);
        assert!(refused.contains(&extension), "{extension} is not in {refused}");
    }
}
