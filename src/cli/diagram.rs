//! `archc diagram`

use super::{Common, FINE, USAGE, print, refuse, tell, write_file};
use crate::emit::mermaid;
use crate::session::judge;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct DiagramArgs {
    /// A design; `-` is standard input
    file: String,
    /// The file to write; standard output by default
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// The language of the diagram; by the extension of the output by default
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Format {
    Mermaid,
}

pub(super) fn run(args: &DiagramArgs, common: &Common) -> i32 {
    if args.format.is_none()
        && let Some(path) = &args.output
        && !path.extension().is_some_and(|e| e == "mmd" || e == "mermaid")
    {
        tell(&format!(
            "archc: the extension of `{}` names no diagram this version draws; use `.mmd`, or say `--format mermaid`\n",
            path.display()
        ));
        return USAGE;
    }
    let design = common.open(&args.file);
    let judged = judge(&design, common.today(), false);
    let language = judged.language_errors();
    if !language.is_empty() {
        return refuse(&design, &language, common);
    }
    let text = mermaid(&judged.model, &judged.graph);
    match &args.output {
        Some(path) => write_file(path, &text),
        None => {
            print(&text);
            FINE
        }
    }
}
