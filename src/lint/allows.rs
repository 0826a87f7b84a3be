//! Suppressions: `allow CODE on NAME because "…" until DATE`.

use crate::diag::{Diagnostic, Severity, code_info};
use crate::lint::lint;
use crate::model::Model;
use jiff::civil::Date;

/// Removes findings that the design suppresses, and reports suppressions that are expired or
/// unused. Returns the codes of suppressions whose rules this version does not check.
pub fn apply_allows(model: &Model, list: &mut Vec<Diagnostic>, today: Date) -> Vec<String> {
    let mut unchecked = Vec::new();
    let mut extra = Vec::new();
    for a in &model.allows {
        let expired = a.until.as_ref().and_then(|u| u.parse::<Date>().ok()).is_some_and(|until| until < today);
        let Some(rule) = lint(&a.code) else {
            // Errors of the language cannot be suppressed.
            if code_info(&a.code).is_some() {
                extra.push(
                    Diagnostic::warning(
                        "ARC611",
                        a.code_span,
                        format!("{} is an error of the language and cannot be allowed", a.code),
                    )
                    .help("fix it where it is reported")
                    .about(a.on.clone()),
                );
            } else {
                unchecked.push(a.code.clone());
            }
            continue;
        };
        if expired {
            let until = a.until.as_deref().unwrap_or("");
            extra.push(
                Diagnostic::warning(
                    "ARC610",
                    a.span,
                    format!("this `allow` of {} on `{}` ended on {until}, and today is {today}", a.code, a.on),
                )
                .help(format!("mend what it allowed, or give a new date; the reason was: {}", a.because))
                .about(a.on.clone()),
            );
            continue;
        }
        let before = list.len();
        list.retain(|d| !(d.code == rule.code && d.subjects.contains(&a.on)));
        if list.len() == before {
            extra.push(
                Diagnostic::new(
                    Severity::Warning,
                    "ARC611",
                    a.span,
                    format!("this `allow` is unused: {} reports nothing for `{}`", a.code, a.on),
                )
                .help("remove this line")
                .about(a.on.clone()),
            );
        }
    }
    list.extend(extra);
    unchecked.sort();
    unchecked.dedup();
    unchecked
}
