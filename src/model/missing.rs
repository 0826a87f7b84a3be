//! The text that gives a question the input that it lacks.
//!
//! In: a reason, the model. Out: the attribute to write, and where. Never: its value.

use super::Model;
use super::reason::{Reason, ReasonKind, Subject};
use crate::kinds::{CALL, FLOW, Property, SYSTEM, Type};

impl Reason {
    /// What to write where, as a sentence; none if no attribute of the design is missing.
    #[must_use]
    pub fn text_to_add(&self, model: &Model) -> Option<String> {
        let name = self.attribute().filter(|_| self.kind() == ReasonKind::Missing)?;
        match self.subject() {
            Subject::System => Some(format!("write `{}` in the system", entry(&mut SYSTEM.iter(), name)?)),
            Subject::Flow(flow) => Some(format!("write `{}` in flow `{flow}`", entry(&mut FLOW.iter(), name)?)),
            Subject::Call(from, to) => Some(format!("write `{from} -> {to} {{ {} }}`", entry(&mut CALL.iter(), name)?)),
            Subject::Component(of) => {
                let kind = model.component(model.find(of)?).kind;
                Some(format!("write `{}` in `{of}`", entry(&mut kind.properties(), name)?))
            }
        }
    }

    /// Each reason of the question, with the text to add.
    #[must_use]
    pub fn inputs(&self, model: &Model) -> Vec<String> {
        let one = |r: &Self| match r.text_to_add(model) {
            Some(text) => format!("{}: {text}", r.sentence()),
            None => r.sentence(),
        };
        self.all().map(one).collect()
    }
}

/// An attribute as an entry of a block, inside of its own block if it has one.
fn entry(properties: &mut dyn Iterator<Item = &'static Property>, name: &str) -> Option<String> {
    let mut inner = None;
    for p in properties {
        match p.ty {
            Type::Block(_) if p.name == name => return Some(format!("{name} {{ … }}")),
            _ if p.name == name => return Some(format!("{name} = …")),
            Type::Block(all) => {
                inner = inner.or_else(|| Some(format!("{} {{ {} }}", p.name, entry(&mut all.iter(), name)?)));
            }
            _ => {}
        }
    }
    inner
}
