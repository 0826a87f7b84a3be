//! `archc build` beside what people edit: nothing of theirs is overwritten, nothing is
//! written outside of the folder, the same design gives the same bytes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("archc-build-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop/shop.arch");
        std::fs::copy(shop, dir.join("shop.arch")).expect("copied");
        Self(dir)
    }

    fn build(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_archc"))
            .args(["build", "shop.arch", "-o", "out"])
            .args(args)
            .current_dir(&self.0)
            .output()
            .expect("archc runs")
    }

    fn read(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.0.join("out").join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Every file below `out` with its bytes.
    fn all(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut out = Vec::new();
        let mut stack = vec![self.0.join("out")];
        while let Some(dir) = stack.pop() {
            for entry in std::fs::read_dir(dir).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    stack.push(path);
                } else {
                    let bytes = std::fs::read(&path).expect("readable");
                    out.push((path, bytes));
                }
            }
        }
        out.sort();
        out
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn twice_the_same_bytes() {
    let f = Folder::new("twice");
    assert_eq!(f.build(&[]).status.code(), Some(0));
    let first = f.all();
    assert!(first.len() > 15, "{} files", first.len());
    let again = f.build(&[]);
    assert_eq!(again.status.code(), Some(0));
    assert!(text(&again.stdout).contains(", 0 written"), "{}", text(&again.stdout));
    assert!(f.all() == first);
    assert_eq!(f.build(&["--check"]).status.code(), Some(0));
    let other = Folder::new("other");
    assert_eq!(other.build(&[]).status.code(), Some(0));
    let names = |f: &Folder| {
        f.all().into_iter().map(|(p, b)| (p.strip_prefix(&f.0).expect("below").to_path_buf(), b)).collect::<Vec<_>>()
    };
    assert!(names(&f) == names(&other));
}

#[test]
fn edits_by_hand_stay() {
    let f = Folder::new("edited");
    assert_eq!(f.build(&["--target", "diagram"]).status.code(), Some(0));
    let own = f.0.join("out/diagram/design.dot");
    std::fs::write(&own, "mine").expect("written");
    std::fs::write(f.0.join("out/diagram/notes.md"), "mine").expect("written");
    let svg = f.read("diagram/design.svg");
    std::fs::write(
        f.0.join("shop.arch"),
        text(&std::fs::read(f.0.join("shop.arch")).expect("the shop")).replace("400 rps", "500 rps"),
    )
    .expect("written");
    let refused = f.build(&["--target", "diagram"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("out/diagram/design.dot"), "{}", text(&refused.stderr));
    // Nothing at all was written.
    assert_eq!(f.read("diagram/design.dot"), b"mine");
    assert!(f.read("diagram/design.svg") == svg);
    let check = f.build(&["--target", "diagram", "--check"]);
    assert_eq!(check.status.code(), Some(1));
    let says = text(&check.stdout);
    assert!(says.contains("design.dot: edited by hand") && says.contains("design.svg: stale"), "{says}");
    assert_eq!(f.build(&["--target", "diagram", "--force"]).status.code(), Some(0));
    assert_ne!(f.read("diagram/design.dot"), b"mine");
    assert_eq!(f.read("diagram/notes.md"), b"mine");
    assert_eq!(f.build(&["--target", "diagram", "--check"]).status.code(), Some(0));
    // A file that was never ours is not ours to overwrite.
    let g = Folder::new("theirs");
    std::fs::create_dir_all(g.0.join("out/diagram")).expect("a folder");
    std::fs::write(g.0.join("out/diagram/design.svg"), "theirs").expect("written");
    assert_eq!(g.build(&["--target", "diagram"]).status.code(), Some(1));
    assert_eq!(g.read("diagram/design.svg"), b"theirs");
}

#[test]
fn what_is_no_longer_generated_goes() {
    let f = Folder::new("left");
    assert_eq!(f.build(&[]).status.code(), Some(0));
    let list = text(&f.read(".archc.json"));
    // As if an earlier version had written one file more.
    std::fs::write(f.0.join("out/compose/old.conf"), "old").expect("written");
    let wrong =
        list.replacen("\"files\": {", &format!("\"files\": {{\n    \"compose/old.conf\": \"{}\",", "0".repeat(64)), 1);
    std::fs::write(f.0.join("out/.archc.json"), &wrong).expect("written");
    // Its text is not what was written: it was edited, and stays.
    assert_eq!(f.build(&[]).status.code(), Some(1));
    std::fs::write(f.0.join("out/.archc.json"), wrong.replace(&"0".repeat(64), &sha256(b"old"))).expect("written");
    assert_eq!(f.build(&["--target", "diagram"]).status.code(), Some(0), "another target leaves it alone");
    assert!(f.0.join("out/compose/old.conf").exists());
    let out = f.build(&[]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(text(&out.stdout).contains("1 removed"), "{}", text(&out.stdout));
    assert!(!f.0.join("out/compose/old.conf").exists());
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"))
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let f = Folder::new("link");
    let outside = f.0.join("outside");
    std::fs::create_dir_all(&outside).expect("a folder");
    std::fs::create_dir_all(f.0.join("out")).expect("a folder");
    std::os::unix::fs::symlink(&outside, f.0.join("out/diagram")).expect("a link");
    let out = f.build(&["--target", "diagram"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("is a link"), "{}", text(&out.stderr));
    assert_eq!(std::fs::read_dir(&outside).expect("a folder").count(), 0);
    // A list that names paths outside is not believed.
    let g = Folder::new("escape");
    std::fs::write(g.0.join("victim"), "x").expect("written");
    std::fs::create_dir_all(g.0.join("out")).expect("a folder");
    let list = format!("{{\"about\": \"\", \"files\": {{\"diagram/../../victim\": \"{}\"}}}}", sha256(b"x"));
    std::fs::write(g.0.join("out/.archc.json"), list).expect("written");
    assert_eq!(g.build(&["--target", "diagram"]).status.code(), Some(2));
    assert!(g.0.join("victim").exists());
}
