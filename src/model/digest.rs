//! The digest of a design: a hash of everything that its numbers depend on.
//!
//! In: the model before its variables are filled. Out: SHA-256 over it and the catalog's version.
//! Never: comments, source locations, layout.

use super::{Attrs, Expectation, Model, Slo, Step, Value};
use crate::resource::CountedPer;

impl Model {
    /// SHA-256 as 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut text = format!("catalog {}\n{}", crate::catalog::VERSION, of_attrs(&self.system.attrs));
        for c in &self.components {
            let attrs = of_attrs(&c.attrs);
            text.push_str(&format!("\n{} {} {:?} {:?} {attrs}", c.kind.name, c.name, c.engine, c.engine_hole));
        }
        for f in &self.flows {
            let attrs = of_attrs(&f.attrs);
            text.push_str(&format!("\nflow {} {:?} {:?} {:?} {attrs}", f.name, f.origin, f.rate, f.volume));
            text.push_str(&format!(" {}", of_slos(&f.slo)));
            steps(&f.steps, &mut text);
        }
        for s in &self.scenarios {
            text.push_str(&format!(
                "\nscenario {} {:?} {:?} {:?} {:?} {:?}",
                s.name, s.load, s.rates, s.faults, s.cut, s.slow
            ));
            for (id, attrs) in &s.changes {
                text.push_str(&format!("\n  {id:?} {}", of_attrs(attrs)));
            }
            for e in &s.expect {
                match e {
                    Expectation::Targets(id, slos) => text.push_str(&format!("\n  {id:?} {}", of_slos(slos))),
                    Expectation::Answer(id, outcome, side, _) => {
                        text.push_str(&format!("\n  {id:?} {outcome:?} {side:?}"));
                    }
                }
            }
        }
        crate::base::sha256(text.as_bytes())
    }
}

fn of_slos(slos: &[Slo]) -> String {
    let each = slos.iter().map(|s| format!("{}{}{:?}", s.metric.name, s.target, s.model));
    each.collect::<Vec<_>>().join(" ")
}

fn of_attrs(attrs: &Attrs) -> String {
    attrs.iter().map(|a| format!("{}={:?}", a.property.name, Plain(&a.value))).collect::<Vec<_>>().join(";")
}

fn steps(all: &[Step], text: &mut String) {
    for step in all {
        match step {
            Step::Call(c) => {
                let attrs = of_attrs(&c.attrs);
                text.push_str(&format!("\n  {:?} {} {} {} {} {attrs}", c.target, c.op, c.is_async, c.times, c.share));
                for (word, inner) in [("{", &c.body), ("else {", &c.on_miss), ("fallback {", &c.fallback)] {
                    if !inner.is_empty() {
                        text.push_str(word);
                        steps(inner, text);
                        text.push('}');
                    }
                }
            }
            Step::Parallel(inner) => {
                text.push_str("\n  parallel {");
                steps(inner, text);
                text.push('}');
            }
            Step::Choose(arms) => {
                for (share, inner) in arms {
                    text.push_str(&format!("\n  arm {share} {{"));
                    steps(inner, text);
                    text.push('}');
                }
            }
        }
    }
}

/// A value without its source locations.
struct Plain<'a>(&'a Value);

impl std::fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Value::Block(inner) => {
                inner.iter().try_for_each(|a| write!(f, "{{{}={:?}}}", a.property.name, Plain(&a.value)))
            }
            Value::Ops(ops) => ops.iter().try_for_each(|(n, inner)| {
                inner.iter().try_for_each(|a| write!(f, "{{{n}.{}={:?}}}", a.property.name, Plain(&a.value)))
            }),
            Value::Limit(n, per) => write!(f, "Limit({n:?}, {:?})", per.map(CountedPer::word)),
            other => write!(f, "{other:?}"),
        }
    }
}
