//! `archc explain CODE` and `archc explain FILE NAME.metric`

mod component;
mod errors;
mod flow;
mod hit;
mod lag;
mod latency;
mod sizes;
mod storage;
mod story;

use super::{Common, FINDINGS, FINE, USAGE, print, tell};
use crate::base::nearest;
use crate::diag::{CODES, code_info};
use crate::lint::{LINTS, lint};
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// A code such as ARC080, or a design
    what: String,
    /// With a design: a component's or a flow's number, such as `catalog.utilization`
    number: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, common: &Common) -> i32 {
    match &args.number {
        None => page(&args.what),
        Some(number) => derivation(&args.what, number, common),
    }
}

/// The page of a code, as Markdown.
#[must_use]
pub(crate) fn code_page(code: &str) -> Option<String> {
    if let Some(l) = lint(code) {
        return Some(format!(
            "# {}: {}\n\nDefault severity: {}.\n\n{}\n\nIt speaks up on:\n\n```arch\n{}```\n\nand is content with:\n\n```arch\n{}```\n",
            l.code,
            l.title,
            l.severity.word(),
            l.page,
            l.bad,
            l.good
        ));
    }
    code_info(code).map(|i| format!("# {}: {}\n\n{}\n", i.code, i.title, i.text))
}

fn page(what: &str) -> i32 {
    let code = what.to_uppercase();
    if let Some(text) = code_page(&code) {
        print(&text);
        return FINE;
    }
    let all: Vec<&str> = CODES.iter().map(|i| i.code).chain(LINTS.iter().map(|l| l.code)).collect();
    if std::path::Path::new(what).extension().is_some_and(|e| e == "arch") {
        tell(&format!("archc: name a number of the design too: `archc explain {what} checkout.rate`\n"));
    } else {
        let help = nearest(&code.to_lowercase(), all.iter().copied())
            .map_or_else(String::new, |n| format!("; did you mean {n}?"));
        tell(&format!("archc: no rule or error has the code `{what}`{help}\n"));
    }
    USAGE
}

fn derivation(file: &str, number: &str, common: &Common) -> i32 {
    let (design, judged) = match common.open_sound(file) {
        Ok(both) => both,
        Err(status) => return status,
    };
    let Some((name, metric)) = number.rsplit_once('.') else {
        tell(&format!(
            "archc: `{number}` is not a number of the design; write NAME.metric, such as `catalog.utilization`\n"
        ));
        return USAGE;
    };
    let text = latency::explain(&design, &judged, name, metric)
        .or_else(|| sizes::explain(&design, &judged, name, metric))
        .or_else(|| component::explain(&judged, name, metric))
        .or_else(|| flow::explain(&judged, name, metric));
    match text {
        Some(Ok(text)) => {
            print(&text);
            FINE
        }
        Some(Err(e)) => {
            tell(&format!("archc: {e}\n"));
            FINDINGS
        }
        None => {
            let names: Vec<&str> = judged
                .model
                .components
                .iter()
                .map(|c| c.name.as_str())
                .chain(judged.model.flows.iter().map(|f| f.name.as_str()))
                .collect();
            let help = nearest(name, names).map_or_else(String::new, |n| format!("; did you mean `{n}.{metric}`?"));
            tell(&format!("archc: no component or flow is named `{name}`{help}\n"));
            USAGE
        }
    }
}
