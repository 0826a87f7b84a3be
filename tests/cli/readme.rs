//! What the README and the changelog show is what the program prints.
//! `ARCHC_BLESS=1 cargo test --test cli readme::` rewrites it; read the diff before committing it.

use std::path::Path;
use std::process::Command;

/// Blocks of ```console: `$ archc …`, then its output.
fn shown(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a closed block");
        for part in block.split("$ ").skip(1) {
            let (command, output) = part.split_once('\n').expect("a command and its output");
            out.push((command.trim().to_owned(), output.trim_end().to_owned()));
        }
    }
    out
}

#[test]
fn consoles_show_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for file in ["README.md", "CHANGELOG.md", "examples/shop/README.md", "examples/mistake/README.md"] {
        let text = std::fs::read_to_string(root.join(file)).expect("readable");
        let mut blessed = text.clone();
        for (command, output) in shown(&text) {
            let words: Vec<&str> = command.split_whitespace().collect();
            assert_eq!(words[0], "archc", "{file}: {command}");
            // What is built is built anew, as for a reader who does it for the first time.
            if let Some(at) = words.iter().position(|w| *w == "-o") {
                let dir = words[at + 1];
                assert!(dir.starts_with("target/"), "{file}: {command} writes beside the sources");
                let _ = std::fs::remove_dir_all(root.join(dir));
            }
            let got = Command::new(env!("CARGO_BIN_EXE_archc"))
                .args(&words[1..])
                .args(["--today", "2026-11-25", "--color", "never"])
                .current_dir(root)
                .output()
                .expect("archc runs");
            let got = String::from_utf8(got.stdout).expect("UTF-8");
            if std::env::var_os("ARCHC_BLESS").is_some() {
                blessed =
                    blessed.replace(&format!("$ {command}\n{output}\n"), &format!("$ {command}\n{}\n", got.trim_end()));
            } else {
                assert_eq!(got.trim_end(), output, "{file}: $ {command}");
            }
            count += 1;
        }
        if blessed != text {
            std::fs::write(root.join(file), blessed).expect("written");
        }
    }
    assert!(count >= 4, "{count} commands are shown");
}
