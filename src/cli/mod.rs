//! The command line: one file per verb.
//!
//! In: arguments. Out: results on stdout, messages on stderr, an exit status: 0 success, 1
//! findings, 2 wrong usage or unreadable input, 3 a bug in archc. Never: a computation.

#![expect(clippy::disallowed_methods, reason = "the command line writes files")]

mod advise;
mod analyze;
mod assumptions;
mod build;
mod check;
mod commit;
mod diagram;
mod explain;
mod fmt;
mod missing;
mod new;
mod robust;
mod screen;
mod simulate;
mod size;
mod size_check;
mod table;
mod words;

use crate::diag::{Diagnostic, render};
use crate::session::{Design, Judged, Prepared, judge, prepare};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::io::{IsTerminal, Write};

/// Exit status: success.
pub const FINE: i32 = 0;
/// Exit status: findings.
pub const FINDINGS: i32 = 1;
/// Exit status: wrong usage or unreadable input.
pub const USAGE: i32 = 2;
/// Exit status: a bug in archc.
pub const FAULT: i32 = 3;

#[derive(Parser, Debug)]
#[command(
    name = "archc",
    version,
    about = "A compiler and analyzer for system designs",
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    after_help = "Example: archc shop.arch"
)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// A design: the same as `check`, and a one-screen summary
    file: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Options of every verb.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct Common {
    /// Colours: auto looks at the terminal
    #[arg(long, global = true, value_enum, default_value = "auto")]
    color: Color,
    /// Say less: results only
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Override a `let` of the design
    #[arg(long, global = true, value_name = "NAME=EXPR")]
    set: Vec<String>,
    /// The day that `allow … until` is judged on; the system's by default
    #[arg(long, global = true, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

#[derive(ValueEnum, Debug, Clone, Copy, Default, PartialEq)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// The format of a verb's numbers.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Format {
    Human,
    Json,
}

impl Common {
    fn today(&self) -> Date {
        self.today.unwrap_or_else(|| jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date())
    }

    fn colored(&self, stdout: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::env::var_os("NO_COLOR").is_none()
                    && if stdout { std::io::stdout().is_terminal() } else { std::io::stderr().is_terminal() }
            }
        }
    }

    fn open(&self, file: &str) -> Design {
        crate::session::open(file, &self.set)
    }

    /// Reads a design and fills its variables, without judging it.
    ///
    /// # Errors
    /// The exit status; the errors are already shown.
    fn open_prepared(&self, file: &str) -> Result<Prepared, i32> {
        let design = self.open(file);
        let prepared = prepare(&design);
        if !prepared.errors.is_empty() {
            return Err(refuse(&design, &prepared.errors, self));
        }
        self.warn(&prepared.warnings);
        Ok(prepared)
    }

    /// Opens and judges a design for its numbers. With errors of the language it has none, and the
    /// errors are shown.
    ///
    /// # Errors
    /// The exit status; the errors are already shown.
    fn open_sound(&self, file: &str) -> Result<(Design, Judged), i32> {
        let design = self.open(file);
        let judged = judge(&design, self.today(), false);
        let errors = judged.language_errors();
        if !errors.is_empty() {
            return Err(refuse(&design, &errors, self));
        }
        self.warn(&judged.filled.warnings(&judged.model, design.name()));
        Ok((design, judged))
    }

    /// Prints each warning on one line.
    fn warn(&self, all: &[Diagnostic]) {
        for d in all.iter().filter(|_| !self.quiet) {
            let help = d.help.as_ref().map_or_else(String::new, |h| format!("; {h}"));
            tell(&format!("archc: {}{help}\n", d.message));
        }
    }
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Write a commented design that checks clean
    #[command(after_help = "Example: archc new my-design --template web")]
    New(new::NewArgs),
    /// Find what is wrong with a design
    #[command(after_help = "Example: archc check shop.arch --format sarif > shop.sarif")]
    Check(check::CheckArgs),
    /// Bring designs into canonical form
    #[command(after_help = "Example: archc fmt --check *.arch")]
    Fmt(fmt::FmtArgs),
    /// Compute every number of a design
    #[command(after_help = "Example: archc analyze shop.arch --at 3x")]
    Analyze(analyze::AnalyzeArgs),
    /// The same numbers by event simulation, with intervals, beside the formulas
    #[command(
        after_help = "Examples: archc simulate shop.arch\n          archc simulate shop.arch --at 3x --seed 7\n\nExit status: 0 when no flow collapses, 1 when one does."
    )]
    Simulate(simulate::SimulateArgs),
    /// A rule's page, or the derivation of a number
    #[command(after_help = "Examples: archc explain ARC080\n          archc explain shop.arch catalog.utilization")]
    Explain(explain::ExplainArgs),
    /// List every default used, with its source
    #[command(after_help = "Example: archc assumptions shop.arch")]
    Assumptions(assumptions::AssumptionsArgs),
    /// Solve every `?` at the least cost and write the plan file
    #[command(
        after_help = "Examples: archc size shop.arch\n          archc size shop.arch --check\n          archc size shop.arch --at 3x"
    )]
    Size(size::SizeArgs),
    /// The next step of the scaling ladder that holds, its cost, and why the earlier ones do not
    #[command(
        after_help = "Examples: archc advise shop.arch\n          archc advise shop.arch --at 3x -o shop-3x.arch\n\nExit status: 0 when nothing fails or a step holds, 1 when something fails and no step does."
    )]
    Advise(advise::AdviseArgs),
    /// Write what runs a design: a Compose project, Terraform, diagrams
    #[command(after_help = "Example: archc build shop.arch -o shop-out")]
    Build(build::BuildArgs),
    /// Draw a design
    #[command(after_help = "Example: archc diagram shop.arch -o shop.svg")]
    Diagram(diagram::DiagramArgs),
    /// Completions for a shell
    #[command(after_help = "Example: archc completions bash > ~/.local/share/bash-completion/completions/archc")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page, as roff
    #[command(after_help = "Example: archc man > archc.1")]
    Man,
}

/// Runs the command line of this process; returns the exit status.
#[must_use]
pub fn run() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // For clap, `--help` is a message but not an error.
            let code = e.exit_code();
            let _ = e.print();
            return code;
        }
    };
    let common = &cli.common;
    match (&cli.verb, &cli.file) {
        (Some(Verb::New(a)), _) => new::run(a, common),
        (Some(Verb::Check(a)), _) => check::run(a, common),
        (Some(Verb::Fmt(a)), _) => fmt::run(a, common),
        (Some(Verb::Analyze(a)), _) => analyze::run(a, common),
        (Some(Verb::Simulate(a)), _) => simulate::run(a, common),
        (Some(Verb::Explain(a)), _) => explain::run(a, common),
        (Some(Verb::Assumptions(a)), _) => assumptions::run(a, common),
        (Some(Verb::Size(a)), _) => size::run(a, common),
        (Some(Verb::Advise(a)), _) => advise::run(a, common),
        (Some(Verb::Build(a)), _) => build::run(a, common),
        (Some(Verb::Diagram(a)), _) => diagram::run(a, common),
        (Some(Verb::Completions { shell }), _) => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "archc", &mut out);
            print(&String::from_utf8_lossy(&out));
            FINE
        }
        (Some(Verb::Man), _) => {
            let mut out = Vec::new();
            match clap_mangen::Man::new(Cli::command()).render(&mut out) {
                Ok(()) => {
                    print(&String::from_utf8_lossy(&out));
                    FINE
                }
                Err(e) => {
                    tell(&format!("archc: {e}\n"));
                    FAULT
                }
            }
        }
        (None, Some(file)) => check::summary(file, common),
        (None, None) => {
            let _ = Cli::command().print_help();
            USAGE
        }
    }
}

/// The command, for generated pages.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Writes to stdout; a closed reader (`| head`) is not an error.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes to stderr.
fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Shows findings that stop a verb; returns the exit status.
fn refuse(design: &Design, list: &[Diagnostic], common: &Common) -> i32 {
    tell(&render(list, &design.sources, common.colored(false)));
    if design.unreadable { USAGE } else { FINDINGS }
}

/// Writes a file, or prints the reason why it cannot.
fn write_file(path: &std::path::Path, text: &str) -> i32 {
    match std::fs::write(path, text) {
        Ok(()) => FINE,
        Err(e) => {
            tell(&format!("archc: cannot write `{}`: {e}\n", path.display()));
            USAGE
        }
    }
}

/// A value as pretty JSON with a line end.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).map_or_else(
        |e| format!("{{\"fault\": \"{e}\"}}\n"),
        |mut s| {
            s.push('\n');
            s
        },
    )
}
