//! Mutation tests: classic mistakes put into the analysis, one at a time.
//!
//! In: `tests/mutants/*.patch`, each with its mistake in words and the tests that must
//! catch it. Out: for each whether they do, and `docs/verified.md`. Never: a change of
//! the tree itself; a copy of its sources under `target/mutants` is changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

/// What stands above the diff of a patch.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    mistake: String,
    tests: Vec<String>,
}

/// One mistake.
struct Mutant {
    name: String,
    patch: PathBuf,
    head: Header,
}

/// How a mutant ends.
enum End {
    /// The tests that fail; never none.
    Caught(Vec<String>),
    /// All tests pass.
    Survived,
    /// Why it says nothing about the tests: it does not apply, or does not compile.
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

/// The names of the tests that failed.
fn failures(stdout: &str) -> Vec<&str> {
    stdout.lines().filter_map(|l| l.strip_prefix("test ")?.strip_suffix(" ... FAILED")).collect()
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

/// Arguments of `cargo test` that run the modules `BINARY::MODULE`.
fn test_args<'a>(tests: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let (mut binaries, mut filters) = (BTreeSet::new(), BTreeSet::new());
    for (binary, module) in tests.into_iter().filter_map(|t| t.split_once("::")) {
        binaries.insert(binary);
        filters.insert(format!("{module}::"));
    }
    let binaries = binaries.into_iter().flat_map(|b| ["--test".to_owned(), b.to_owned()]);
    binaries.chain(["--".to_owned()]).chain(filters).collect()
}

/// Builds and runs some tests of the copy.
fn run_tests<'a>(tree: &Path, tests: impl IntoIterator<Item = &'a String>) -> Result<End, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--no-fail-fast"]).args(test_args(tests));
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", tree.with_file_name("build"));
    cargo.env("CARGO_TERM_COLOR", "never");
    let out = told("cargo", cargo.output())?;
    if out.status.success() {
        return Ok(End::Survived);
    }
    let stdout = words(&out.stdout);
    let failed: Vec<String> = failures(&stdout).into_iter().map(str::to_owned).collect();
    if !failed.is_empty() {
        return Ok(End::Caught(failed));
    }
    let stderr = words(&out.stderr);
    let why = stderr.lines().find(|l| l.starts_with("error")).unwrap_or("no test failed by name");
    Ok(End::Broken(format!("does not compile or run: {why}")))
}

fn one(root: &Path, tree: &Path, mutant: &Mutant) -> Result<End, String> {
    let (inside, patch) = ("--directory=target/mutants/tree", mutant.patch.to_string_lossy());
    let applied = git(root, &["apply", inside, &patch])?;
    if !applied.status.success() {
        return Ok(End::Broken(format!("does not apply: {}", words(&applied.stderr))));
    }
    let end = run_tests(tree, &mutant.head.tests);
    let back = git(root, &["apply", "-R", inside, &patch])?;
    if !back.status.success() {
        return Err(format!("cannot take the patch back: {}", words(&back.stderr)));
    }
    end
}

/// The tree of the project.
fn tree() -> Result<PathBuf, String> {
    told("the tree", PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize())
}

/// All mutants, by name.
fn mutants(root: &Path) -> Result<Vec<Mutant>, String> {
    let mut patches: Vec<PathBuf> = told("tests/mutants", std::fs::read_dir(root.join("tests/mutants")))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "patch"))
        .collect();
    patches.sort();
    let one = |patch: PathBuf| {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = told(&name, std::fs::read_to_string(&patch))?;
        let head = header(&text).map_err(|e| format!("`{name}`: {e}"))?;
        Ok(Mutant { name, patch, head })
    };
    patches.into_iter().map(one).collect()
}

/// Which tests caught a mutant: the first by name, and how many more.
fn caught(tests: &[String]) -> String {
    let more = match tests.len().saturating_sub(1) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("caught by `{}`{more}", tests.first().map_or("", String::as_str))
}

/// All mutants; an error if one survives or is broken.
pub fn verify(today: Option<&str>) -> Result<(), String> {
    let today = match today {
        Some(day) => day.parse::<jiff::civil::Date>().map_err(|_| format!("`{day}` is not a date YYYY-MM-DD"))?,
        None => jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date(),
    };
    let root = tree()?;
    let all = mutants(&root)?;
    let tree = root.join("target/mutants/tree");
    copy(&root, &tree)?;
    let sources = words(&git(&root, &["rev-parse", "--short=12", "HEAD:src"])?.stdout);
    let clean = git(&root, &["diff", "--quiet", "HEAD", "--", "src"])?.status.success();
    let beside = if clean { "" } else { " and changes that are not committed" };
    // A test that fails anyway would catch everything.
    let tests: BTreeSet<&String> = all.iter().flat_map(|m| &m.head.tests).collect();
    match run_tests(&tree, tests)? {
        End::Survived => {}
        End::Caught(names) => return Err(format!("`{}` fails without a mutant", names.join("`, `"))),
        End::Broken(why) => return Err(format!("without a mutant the tree {why}")),
    }
    for (name, filter) in LONG {
        long(&root, name, filter)?;
    }
    let (mut rows, mut bad) = (String::new(), 0);
    for m in &all {
        let (name, head) = (&m.name, &m.head);
        let start = Instant::now();
        let shown = match one(&root, &tree, m)? {
            End::Caught(tests) => caught(&tests),
            End::Survived => {
                bad += 1;
                "SURVIVED".to_owned()
            }
            End::Broken(why) => {
                bad += 1;
                format!("ERROR: {why}")
            }
        };
        let seconds = start.elapsed().as_secs();
        println!("{name}: {shown}, {seconds} s");
        let cell = shown.replace(['\n', '|'], " ");
        rows.push_str(&format!("| `{name}` | {} | {} | {cell} | {seconds} |\n", head.mistake, head.tests.join(", ")));
    }
    let page = format!(
        "# Verified\n\nWritten by `cargo xtask verify --full` on {today}, of sources `{sources}`{beside} (`git rev-parse HEAD:src`).\nEach classic mistake is put into the analysis alone, and one of the tests named beside it must fail. Without a mistake\nthey pass. Seconds are for building and running.\n\n| mutant | mistake | tests | result | seconds |\n|---|---|---|---|---|\n{rows}\n{} of {} mutants are caught.\n",
        all.len() - bad,
        all.len()
    );
    told("docs/verified.md", std::fs::write(root.join("docs/verified.md"), page))?;
    if bad == 0 { Ok(()) } else { Err(format!("{bad} of {} mutants are not caught", all.len())) }
}

/// Tests that take minutes, by binary and name: sizing against every combination, the event simulation
/// against closed forms and another simulation.
const LONG: [(&str, &str); 2] = [("sizing", "brute::"), ("numbers", "simulate")];

fn long(root: &Path, name: &str, filter: &str) -> Result<(), String> {
    let args = ["test", "--release", "--test", name, filter, "--", "--ignored", "--nocapture"];
    let status = Command::new(env!("CARGO")).args(args).current_dir(root).status();
    let fine = status.map_err(|e| format!("cargo: {e}"))?.success();
    if fine { Ok(()) } else { Err(format!("`cargo {}` fails", args.join(" "))) }
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
    fn every_mutant_applies_and_names_tests_that_exist() {
        let root = tree().expect("the tree");
        let all = mutants(&root).expect("mutants");
        assert!(!all.is_empty());
        for m in all {
            let applied = git(&root, &["apply", "--check", &m.patch.to_string_lossy()]).expect("git");
            assert!(applied.status.success(), "`{}` does not apply: {}", m.name, words(&applied.stderr));
            for test in &m.head.tests {
                let file = test.split_once("::").map(|(binary, module)| format!("tests/{binary}/{module}.rs"));
                let found = file.is_some_and(|file| root.join(file).is_file());
                assert!(found, "`{}`: no tests `{test}`", m.name);
            }
        }
    }

    #[test]
    fn the_tests_that_fail_are_named() {
        let out = "running 2 tests\ntest a::b ... ok\ntest c ... FAILED\ntest d ... FAILED\n";
        assert_eq!(failures(out), ["c", "d"]);
        assert!(failures("test a ... ok\n").is_empty());
        assert_eq!(caught(&["c".to_owned(), "d".to_owned()]), "caught by `c` and 1 more");
        assert_eq!(caught(&["c".to_owned()]), "caught by `c`");
    }
}
