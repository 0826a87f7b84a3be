//! `archc diagram`

use super::{Common, FINE, USAGE, print, tell, write_file};
use crate::emit::diagram;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct DiagramArgs {
    /// A design; `-` is standard input
    file: String,
    /// The file to write; standard output by default
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// The language of the diagram; by default the one that the extension of the output names, and Mermaid without an output
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Format {
    Svg,
    Dot,
    Mermaid,
}

impl Format {
    /// The format that the extension of a file names.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "dot" | "gv" => Some(Self::Dot),
            "mmd" | "mermaid" => Some(Self::Mermaid),
            _ => None,
        }
    }
}

pub(super) fn run(args: &DiagramArgs, common: &Common) -> i32 {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, None) => Format::Mermaid,
        (None, Some(path)) => match Format::of(path) {
            Some(format) => format,
            None => {
                tell(&format!(
                    "archc: the extension of `{}` names no diagram this version draws; use `.svg`, `.dot` or `.mmd`, or say `--format`\n",
                    path.display()
                ));
                return USAGE;
            }
        },
    };
    let design = match common.open_prepared(&args.file) {
        Ok(design) => design,
        Err(status) => return status,
    };
    let scene = diagram::scene(&design.model, &design.graph, &design.facts);
    let text = match format {
        Format::Svg => diagram::svg(&scene),
        Format::Dot => diagram::dot(&scene),
        Format::Mermaid => diagram::mermaid(&scene),
    };
    match &args.output {
        Some(path) => write_file(path, &text),
        None => {
            print(&text);
            FINE
        }
    }
}
