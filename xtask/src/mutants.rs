//! Mutation tests: classic mistakes put into the analysis, one at a time.
//!
//! In: `tests/mutants/*.patch`, each with its mistake in words and the tests that must
//! catch it. Out: for each whether they do, and `docs/verified.md`. Never: a change of
//! the tree itself; a copy of its sources under `target/mutants` is changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What stands above the diff of a patch.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    mistake: String,
    tests: Vec<String>,
}

/// How a mutant ends.
enum End {
    Caught(String),
    Survived,
    Broken(String),
}

/// Lines `mistake: WORDS` and `tests: NAMES` before the first line of the diff.
fn header(text: &str) -> Result<Header, String> {
    let head = || text.lines().take_while(|l| !l.starts_with("--- ") && !l.starts_with("diff "));
    let line = |key: &str| {
        let found = head().find_map(|l| l.strip_prefix(key)).map(str::trim).filter(|l| !l.is_empty());
        found.map(str::to_owned).ok_or_else(|| format!("its head has no line `{key} …`"))
    };
    let tests = line("tests:")?.split_whitespace().map(str::to_owned).collect();
    Ok(Header { mistake: line("mistake:")?, tests })
}

/// The name of the first test that failed.
fn first_failure(stdout: &str) -> Option<&str> {
    stdout.lines().find_map(|l| l.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
}

fn told<T>(what: &str, result: std::io::Result<T>) -> Result<T, String> {
    result.map_err(|e| format!("{what}: {e}"))
}

fn git(root: &Path, args: &[&str]) -> Result<Output, String> {
    told("git", Command::new("git").args(args).current_dir(root).output())
}

fn words(out: &[u8]) -> String {
    String::from_utf8_lossy(out).trim().to_owned()
}

/// Copies the sources into the scratch folder.
fn copy(root: &Path, tree: &Path) -> Result<(), String> {
    if tree.exists() {
        told("the old copy", std::fs::remove_dir_all(tree))?;
    }
    let list = git(root, &["ls-files", "-co", "--exclude-standard"])?;
    for file in words(&list.stdout).lines().filter(|f| root.join(f).is_file()) {
        let to = tree.join(file);
        if let Some(dir) = to.parent() {
            told(file, std::fs::create_dir_all(dir))?;
        }
        told(file, std::fs::copy(root.join(file), to))?;
    }
    Ok(())
}

/// Builds and runs some tests of the copy.
fn run_tests<'a>(tree: &Path, tests: impl IntoIterator<Item = &'a String>) -> Result<End, String> {
    let mut cargo = Command::new("cargo");
    cargo.arg("test").args(tests.into_iter().flat_map(|t| ["--test", t.as_str()]));
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", tree.with_file_name("build"));
    cargo.env("CARGO_TERM_COLOR", "never");
    let out = told("cargo", cargo.output())?;
    if out.status.success() {
        return Ok(End::Survived);
    }
    let stdout = words(&out.stdout);
    Ok(match first_failure(&stdout) {
        Some(name) => End::Caught(name.to_owned()),
        None => {
            let stderr = words(&out.stderr);
            let why = stderr.lines().find(|l| l.starts_with("error")).unwrap_or("no test failed by name");
            End::Broken(format!("does not compile or run: {why}"))
        }
    })
}

fn one(root: &Path, tree: &Path, patch: &Path, head: &Header) -> Result<End, String> {
    let (inside, patch) = ("--directory=target/mutants/tree", patch.to_string_lossy());
    let applied = git(root, &["apply", inside, &patch])?;
    if !applied.status.success() {
        return Ok(End::Broken(format!("does not apply: {}", words(&applied.stderr))));
    }
    let end = run_tests(tree, &head.tests);
    let back = git(root, &["apply", "-R", inside, &patch])?;
    if !back.status.success() {
        return Err(format!("cannot take the patch back: {}", words(&back.stderr)));
    }
    end
}

/// All mutants; an error if one survives or is broken.
pub fn verify(today: Option<&str>) -> Result<(), String> {
    let today = match today {
        Some(day) => day.parse::<jiff::civil::Date>().map_err(|_| format!("`{day}` is not a date YYYY-MM-DD"))?,
        None => jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = told("the tree", root.canonicalize())?;
    let mut patches: Vec<PathBuf> = told("tests/mutants", std::fs::read_dir(root.join("tests/mutants")))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "patch"))
        .collect();
    patches.sort();
    let mut all = Vec::new();
    for path in patches {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = told(&name, std::fs::read_to_string(&path))?;
        let head = header(&text).map_err(|e| format!("`{name}`: {e}"))?;
        all.push((name, path, head));
    }
    let tree = root.join("target/mutants/tree");
    copy(&root, &tree)?;
    // A test that fails anyway would catch everything.
    let tests: BTreeSet<&String> = all.iter().flat_map(|(_, _, h)| &h.tests).collect();
    match run_tests(&tree, tests)? {
        End::Survived => {}
        End::Caught(name) => return Err(format!("`{name}` fails without a mutant")),
        End::Broken(why) => return Err(format!("without a mutant the tree {why}")),
    }
    let (mut rows, mut bad) = (String::new(), 0);
    for (name, path, head) in &all {
        let shown = match one(&root, &tree, path, head)? {
            End::Caught(test) => format!("caught by `{test}`"),
            End::Survived => {
                bad += 1;
                "SURVIVED".to_owned()
            }
            End::Broken(why) => {
                bad += 1;
                format!("ERROR: {why}")
            }
        };
        println!("{name}: {shown}");
        let cell = shown.replace(['\n', '|'], " ");
        rows.push_str(&format!("| `{name}` | {} | {} | {cell} |\n", head.mistake, head.tests.join(", ")));
    }
    let commit = words(&git(&root, &["rev-parse", "--short=12", "HEAD"])?.stdout);
    let clean = git(&root, &["diff", "--quiet", "HEAD", "--", "src"])?.status.success();
    let beside = if clean { "" } else { ", with changes of src" };
    let page = format!(
        "# Verified\n\nWritten by `cargo xtask verify --full` on {today}, at commit `{commit}`{beside}: each classic mistake is put into\nthe analysis alone, and the tests named beside it must fail. They pass without a mistake.\n\n| mutant | mistake | tests | result |\n|---|---|---|---|\n{rows}\n{} of {} mutants are caught.\n",
        all.len() - bad,
        all.len()
    );
    told("docs/verified.md", std::fs::write(root.join("docs/verified.md"), page))?;
    if bad == 0 { Ok(()) } else { Err(format!("{bad} of {} mutants are not caught", all.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_patch_is_read() {
        let diff = "--- a/src/x.rs\n+++ b/src/x.rs\n@@ -1 +1 @@\n-tests: no\n+tests: yes\n";
        let got = header(&format!("mistake: one and one is three\ntests: a  b\n\n{diff}"));
        let want = Header { mistake: "one and one is three".to_owned(), tests: vec!["a".to_owned(), "b".to_owned()] };
        assert_eq!(got, Ok(want));
        assert!(header(&format!("mistake: x\n{diff}")).is_err_and(|e| e.contains("`tests: …`")));
        assert!(header(&format!("mistake:\ntests: a\n{diff}")).is_err_and(|e| e.contains("`mistake: …`")));
    }

    #[test]
    fn the_first_failure_is_named() {
        let out = "running 2 tests\ntest a::b ... ok\ntest c ... FAILED\ntest d ... FAILED\n";
        assert_eq!(first_failure(out), Some("c"));
        assert_eq!(first_failure("test a ... ok\n"), None);
    }
}
