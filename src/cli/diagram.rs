//! `archc diagram`

use super::words::words;
use super::{Common, FINE, USAGE, print, tell, write_file};
use crate::emit::diagram::{self, FORMATS, Format};
use clap::Args;
use clap::builder::TypedValueParser;
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct DiagramArgs {
    /// A design; `-` is standard input
    file: String,
    /// The file to write; standard output by default
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// The language of the diagram; by default the one that the extension of the output names, and Mermaid without an output
    #[arg(long, value_parser = format())]
    format: Option<&'static Format>,
}

/// A parser of the words of [`FORMATS`].
fn format() -> impl TypedValueParser<Value = &'static Format> {
    words(FORMATS.iter().map(|f| (f.name, f.doc, *f)))
}

/// The format that the extension of a file names.
fn named(path: &Path) -> Option<&'static Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    FORMATS.iter().copied().find(|f| f.extensions.contains(&extension.as_str()))
}

/// The first extension of each format, as a list in words.
fn extensions() -> String {
    let all: Vec<String> = FORMATS.iter().filter_map(|f| f.extensions.first()).map(|e| format!("`.{e}`")).collect();
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

pub(super) fn run(args: &DiagramArgs, common: &Common) -> i32 {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, None) => diagram::DEFAULT,
        (None, Some(path)) => match named(path) {
            Some(format) => format,
            None => {
                tell(&format!(
                    "archc: the extension of `{}` names no diagram this version draws; use {}, or say `--format`\n",
                    path.display(),
                    extensions()
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
    let text = (format.draw)(&scene);
    match &args.output {
        Some(path) => write_file(path, &text),
        None => {
            print(&text);
            FINE
        }
    }
}
