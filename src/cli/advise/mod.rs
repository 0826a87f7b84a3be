//! `archc advise`

mod json;
mod text;

use super::{Common, FINDINGS, FINE, Format, USAGE, print, refuse, tell, write_file};
use crate::advise::{Advice, Source, advise};
use crate::diag::Severity;
use crate::session::Design;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct AdviseArgs {
    /// A design; `-` is standard input
    file: String,
    /// Advise for so many times the load: `3x`; else for the design as it is, or for the first of 2x, 3x, 5x, 10x at which something fails
    #[arg(long, value_name = "FACTOR", value_parser = super::analyze::factor)]
    at: Option<f64>,
    /// Write the changed design to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite that file if it exists
    #[arg(long)]
    force: bool,
    /// How to write the advice
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(args: &AdviseArgs, common: &Common) -> i32 {
    let design = common.open(&args.file);
    let mut sink = design.sink.clone();
    let _ = design.model(&mut sink);
    if sink.has_errors() {
        let errors: Vec<_> = sink.into_sorted().into_iter().filter(|d| d.severity == Severity::Error).collect();
        return refuse(&design, &errors, common);
    }
    // Refused before the computation, not after it.
    if let Some(path) = &args.output
        && let Err(why) = writable(&design, &args.file, path, args.force)
    {
        tell(&format!("archc: {why}; nothing was written\n"));
        return USAGE;
    }
    let plan = design.plan.iter().flatten().map(|p| p.choices.clone()).next().unwrap_or_default();
    let source =
        Source { files: design.files.clone(), overrides: design.overrides.clone(), plan, today: common.today() };
    let advice = match advise(&source, args.at) {
        Ok(a) => a,
        Err(e) => {
            tell(&format!("archc: {e}\n"));
            return USAGE;
        }
    };
    let before = source.files.first().map_or("", |f| &*f.text);
    match args.format {
        Format::Human => print(&text::human(&advice, &args.file, before, args.output.is_none())),
        Format::Json => print(&super::json(&json::document(&advice, design.name(), before))),
    }
    let status = if failed(&advice) && advice.chosen.is_none() { FINDINGS } else { FINE };
    let Some(path) = &args.output else { return status };
    let Some(proposal) = advice.chosen.and_then(|i| advice.rungs.get(i)?.proposal()) else {
        tell(&format!("archc: there is no step to write to `{}`\n", path.display()));
        return status;
    };
    if proposal.text == before {
        tell(&format!("archc: the text does not change; `{}` was not written\n", path.display()));
        return status;
    }
    let written = write_file(path, &proposal.text);
    if written == FINE && !common.quiet && args.format == Format::Human {
        print(&format!("written to {}\n", path.display()));
    }
    if written == FINE { status } else { written }
}

fn failed(advice: &Advice) -> bool {
    !advice.rungs.is_empty()
}

/// Whether a file may be written: never a file of the design; an existing file only with force.
fn writable(design: &Design, input: &str, path: &Path, force: bool) -> Result<(), String> {
    let shown = path.display();
    let same = |other: &Path| match (path.canonicalize(), other.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => path == other,
    };
    let own = design.sources.iter().any(|(_, f)| same(Path::new(&f.name)));
    if input != "-" && (own || same(Path::new(input))) {
        return Err(format!("`{shown}` is a file of the design itself"));
    }
    if path.is_dir() {
        return Err(format!("`{shown}` is a folder"));
    }
    if path.exists() && !force {
        return Err(format!("`{shown}` exists already; `--force` overwrites it"));
    }
    Ok(())
}
