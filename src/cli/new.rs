//! `archc new`

use super::{Common, FINE, USAGE, print, tell, write_file};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// The folder to make
    dir: PathBuf,
    /// What to start from
    #[arg(long, value_enum, default_value = "web")]
    template: Template,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Template {
    /// A client, a service, a database
    Minimal,
    /// A balanced service with a cache and a replicated database
    Web,
    /// Services that talk through a queue
    EventDriven,
    /// Two regions
    MultiRegion,
}

/// The templates: name and text.
pub const TEMPLATES: [(&str, &str); 4] = [
    ("minimal", include_str!("../../templates/new/minimal.arch")),
    ("web", include_str!("../../templates/new/web.arch")),
    ("event-driven", include_str!("../../templates/new/event-driven.arch")),
    ("multi-region", include_str!("../../templates/new/multi-region.arch")),
];

pub(super) fn run(args: &NewArgs, common: &Common) -> i32 {
    let name = match args.template {
        Template::Minimal => "minimal",
        Template::Web => "web",
        Template::EventDriven => "event-driven",
        Template::MultiRegion => "multi-region",
    };
    let Some((_, text)) = TEMPLATES.iter().find(|(n, _)| *n == name) else {
        unreachable!("each template has its text")
    };
    let path = args.dir.join("design.arch");
    if path.exists() {
        tell(&format!("archc: `{}` exists already; nothing was written\n", path.display()));
        return USAGE;
    }
    if let Err(e) = std::fs::create_dir_all(&args.dir) {
        tell(&format!("archc: cannot make `{}`: {e}\n", args.dir.display()));
        return USAGE;
    }
    let status = write_file(&path, text);
    if status == FINE && !common.quiet {
        print(&format!("wrote {}\nnext: archc {}\n", shown(&path), shown(&path)));
    }
    status
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
