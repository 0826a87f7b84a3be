//! `archc build`

use super::words::words;
use super::{Common, FINDINGS, FINE, USAGE, print, tell};
use crate::emit::{TARGETS, Target};
use crate::session::{Change, OutputError, compare, generate, write};
use clap::Args;
use clap::builder::TypedValueParser;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct BuildArgs {
    /// A design; `-` is standard input
    file: String,
    /// The folder to write to
    #[arg(long, short)]
    output: PathBuf,
    /// What to write; everything by default
    #[arg(long, value_parser = target(), value_delimiter = ',')]
    target: Vec<&'static Target>,
    /// Write nothing: compare with what is there, and fail if it differs
    #[arg(long)]
    check: bool,
    /// Overwrite files that were edited by hand
    #[arg(long)]
    force: bool,
}

/// A parser of the words of [`TARGETS`].
fn target() -> impl TypedValueParser<Value = &'static Target> {
    words(TARGETS.iter().map(|t| (t.name, t.doc, t)))
}

pub(super) fn run(args: &BuildArgs, common: &Common) -> i32 {
    let design = match common.open_prepared(&args.file) {
        Ok(design) => design,
        Err(status) => return status,
    };
    let asked = |t: &&Target| args.target.is_empty() || args.target.iter().any(|a| a.name == t.name);
    let targets: Vec<&Target> = TARGETS.iter().filter(asked).collect();
    let files = generate(&design, &targets);
    let scope: Vec<&str> = targets.iter().map(|t| t.name).collect();
    let result = if args.check {
        compare(&args.output, &files, &scope)
    } else {
        write(&args.output, &files, &scope, args.force)
    };
    let shown = args.output.display();
    match result {
        Err(OutputError::Edited(paths)) => {
            let mut text = String::from("archc: nothing was written: these files were edited by hand\n");
            for p in &paths {
                text.push_str(&format!("  {shown}/{p}\n"));
            }
            text.push_str("help: move your edits into a file of your own, or overwrite them with `--force`\n");
            tell(&text);
            FINDINGS
        }
        Err(OutputError::Io(e)) => {
            tell(&format!("archc: {e}\n"));
            USAGE
        }
        Ok(changes) if args.check => {
            for (path, change) in &changes {
                print(&format!("{shown}/{path}: {}\n", change.word()));
            }
            if changes.is_empty() {
                print(&format!("{shown}: {} files, all as the design has them\n", files.len()));
                return FINE;
            }
            FINDINGS
        }
        Ok(changes) => {
            let written = changes.iter().filter(|(_, c)| *c != Change::Left).count();
            let removed = changes.len() - written;
            let removed = if removed > 0 { format!(", {removed} removed") } else { String::new() };
            if !common.quiet {
                print(&format!("{shown}: {} files, {written} written{removed}\n", files.len()));
                for t in &targets {
                    print(&format!("  {shown}/{}\n", t.name));
                }
            }
            FINE
        }
    }
}
