//! `archc fmt`

use super::{Common, FINDINGS, FINE, USAGE, print, refuse, tell, write_file};
use crate::base::FileId;
use crate::diag::{Severity, Sink};
use crate::{format, syntax};
use clap::Args;
use std::path::Path;

#[derive(Args, Debug)]
pub(super) struct FmtArgs {
    /// Designs; `-` reads standard input and writes standard output
    #[arg(required = true)]
    files: Vec<String>,
    /// Change nothing; fail if a file is not in canonical form
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &FmtArgs, common: &Common) -> i32 {
    args.files.iter().map(|file| one(file, args.check, common)).max().unwrap_or(FINE)
}

fn one(file: &str, check: bool, common: &Common) -> i32 {
    let design = common.open(file);
    if design.unreadable {
        let list = design.sink.clone().into_sorted();
        return refuse(&design, &list, common);
    }
    let Some(root) = design.files.first() else { unreachable!("a readable design has its root file") };
    let (parsed, text) = (&root.file, &root.text);
    // Each file is formatted by itself: mistakes in files it uses, or in what `use`
    // names, do not matter here.
    let mut sink = Sink::default();
    if design.sink.has_errors() {
        let _ = syntax::parse(text, FileId(0), &mut sink);
    }
    let errors: Vec<_> = sink.into_sorted().into_iter().filter(|d| d.severity == Severity::Error).collect();
    if !errors.is_empty() {
        return refuse(&design, &errors, common);
    }
    let canonical = format::format(parsed, text);
    if check {
        if *canonical == **text {
            return FINE;
        }
        if !common.quiet {
            let line = canonical
                .lines()
                .zip(text.lines())
                .position(|(a, b)| a != b)
                .unwrap_or_else(|| canonical.lines().count().min(text.lines().count()))
                + 1;
            tell(&format!("{file}: not in canonical form, first in line {line}; `archc fmt {file}` mends it\n"));
        }
        return FINDINGS;
    }
    if file == "-" {
        print(&canonical);
        return FINE;
    }
    if *canonical == **text {
        return FINE;
    }
    let status = write_file(Path::new(file), &canonical);
    if status == FINE && !common.quiet {
        tell(&format!("{file}: formatted\n"));
    }
    status.min(USAGE)
}
