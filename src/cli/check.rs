//! `archc check`, and `archc FILE`.

use super::missing::lines;
use super::screen::screen;
use super::{Common, FINDINGS, FINE, USAGE, json, print};
use crate::diag::{DiagnosticJson, Severity, render, sarif, sarif_run};
use crate::lint;
use crate::session::{Coverage, Design, Judged, judge};
use clap::{Args, ValueEnum};
use serde::Serialize;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Designs; `-` is standard input
    #[arg(required = true)]
    files: Vec<String>,
    /// How to write the findings
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Fail on warnings, or on unknown values, too
    #[arg(long, value_enum)]
    deny: Vec<Deny>,
    /// Ignore every `allow` of the design
    #[arg(long)]
    no_allow: bool,
    /// List what was not looked at: open questions, undecided rules, unread attributes
    #[arg(long)]
    coverage: bool,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Format {
    Human,
    Json,
    Sarif,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq)]
enum Deny {
    Warnings,
    Unknown,
}

#[derive(Serialize)]
struct CheckJson {
    schema: &'static str,
    design: String,
    today: String,
    diagnostics: Vec<DiagnosticJson>,
    coverage: Coverage,
}

pub(super) fn run(args: &CheckArgs, common: &Common) -> i32 {
    let mut status = FINE;
    let mut all: Vec<(Design, Judged)> = Vec::new();
    for file in &args.files {
        let design = common.open(file);
        let judged = judge(&design, common.today(), args.no_allow);
        let denied = (args.deny.contains(&Deny::Warnings) && judged.count(Severity::Warning) > 0)
            || (args.deny.contains(&Deny::Unknown) && !judged.coverage.unknown.is_empty());
        let this = if design.unreadable {
            USAGE
        } else if judged.count(Severity::Error) > 0 || denied {
            FINDINGS
        } else {
            FINE
        };
        status = status.max(this);
        all.push((design, judged));
    }
    match args.format {
        Format::Human => {
            for (design, judged) in &all {
                human(design, judged, args.coverage, common);
            }
        }
        Format::Json => {
            let docs: Vec<CheckJson> = all
                .iter()
                .map(|(design, judged)| CheckJson {
                    schema: "archc/check/1",
                    design: design.name().to_owned(),
                    today: common.today().to_string(),
                    diagnostics: judged.diagnostics.iter().map(|d| DiagnosticJson::new(d, &design.sources)).collect(),
                    coverage: judged.coverage.clone(),
                })
                .collect();
            match docs.as_slice() {
                [one] => print(&json(one)),
                many => print(&json(&many)),
            }
        }
        Format::Sarif => {
            let titles = |code: &str| lint::lint(code).map(|l| l.title);
            let runs: Vec<_> =
                all.iter().map(|(design, judged)| sarif_run(&judged.diagnostics, &design.sources, &titles)).collect();
            let log = sarif(&runs);
            print(&json(&log));
        }
    }
    status
}

fn human(design: &Design, judged: &Judged, coverage: bool, common: &Common) {
    let shown: Vec<_> =
        judged.diagnostics.iter().filter(|d| !common.quiet || d.severity > Severity::Info).cloned().collect();
    print(&render(&shown, &design.sources, common.colored(true)));
    if !common.quiet {
        print(&verdict(design, judged, common));
    }
    if coverage {
        print(&coverage_text(&judged.coverage));
    }
}

fn plural(n: usize, word: &str) -> String {
    match n {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}

/// One line: the number of findings, and the coverage.
fn verdict(design: &Design, judged: &Judged, common: &Common) -> String {
    let c = &judged.coverage;
    let mut line = format!(
        "{}: {}, {}",
        design.name(),
        plural(judged.count(Severity::Error), "error"),
        plural(judged.count(Severity::Warning), "warning")
    );
    if judged.model.allows.iter().any(|a| a.until.is_some()) {
        line.push_str(&format!("; judged on {}", common.today()));
    }
    line.push('\n');
    if !design.unreadable && judged.count(Severity::Error) == 0 {
        let mut gaps = Vec::new();
        if c.modelled < c.total {
            gaps.push(format!("{} of {} values computed", c.modelled, c.total));
        }
        if !c.undecided.is_empty() {
            gaps.push(format!("{} left undecided", plural(c.undecided.len(), "rule")));
        }
        if !c.unread.is_empty() {
            gaps.push(format!("{} without effect in this design", plural(c.unread.len(), "attribute")));
        }
        if !c.unchecked_allows.is_empty() {
            gaps.push(format!("{} allowed but not checked by this version", c.unchecked_allows.join(", ")));
        }
        if !gaps.is_empty() {
            line.push_str(&format!("coverage: {} (`archc check --coverage` lists them)\n", gaps.join("; ")));
        }
    }
    line
}

fn coverage_text(c: &Coverage) -> String {
    let mut out = format!("coverage: {} of {} values computed\n", c.modelled, c.total);
    if !c.unknown.is_empty() {
        out.push_str("unknown:\n");
        out.extend(c.unknown.iter().map(|u| lines(&u.value, &u.inputs)));
    }
    for (title, list) in [
        ("rules left undecided", &c.undecided),
        ("attributes that no number, rule or generated file of this design depends on", &c.unread),
        ("allowed codes that this version does not check", &c.unchecked_allows),
    ] {
        if !list.is_empty() {
            out.push_str(&format!("{title}:\n"));
            for item in list {
                out.push_str(&format!("  {item}\n"));
            }
        }
    }
    out
}

/// `archc FILE`: findings and a one-screen summary.
pub(super) fn summary(file: &str, common: &Common) -> i32 {
    let design = common.open(file);
    let judged = judge(&design, common.today(), false);
    human(&design, &judged, false, common);
    let errors = judged.count(Severity::Error) > 0;
    if !design.unreadable && !design.sink.has_errors() {
        print(&screen(&judged));
    }
    if design.unreadable {
        USAGE
    } else if errors {
        FINDINGS
    } else {
        FINE
    }
}
