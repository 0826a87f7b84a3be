//! A draft: the text of a design with its AST and model, and the source locations in it.
//!
//! In: the text of the root file. Out: declarations, calls with their callers, free names, edits
//! that set an attribute or add an item. Only the root file is changed. A declaration of another
//! file is not found, and the reason names that file. Never: a judgement.

use super::edit::{Edit, after, indent};
use crate::base::Span;
use crate::kinds;
use crate::model::{CompId, LoadedFile, Model};
use crate::syntax::ast::{Block, Call, Chain, Decl, Entry, EntryKind, Expr, File, Item, ItemKind, Word};

/// A design under change.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub text: String,
    /// All files, the root file first.
    pub files: Vec<LoadedFile>,
    /// The model, with open variables.
    pub model: Model,
}

/// A call in the text.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    /// The caller.
    pub caller: CompId,
    /// The callee and its operation.
    pub target: CompId,
    pub op: Option<&'a str>,
    pub call: &'a Call,
    /// Its chain, and its number in the chain.
    pub chain: &'a Chain,
    pub index: usize,
    /// The index of the chain's entry in its block; `None` for the flow's own chain.
    pub entry: Option<(&'a Block, usize)>,
    /// Whether it is part of a miss or an error branch.
    pub aside: bool,
    /// Whether it is in a `parallel` or `choose`.
    pub grouped: bool,
}

impl Draft {
    /// The root file.
    pub fn file(&self) -> Option<&File> {
        self.files.first().map(|f| &f.file)
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        self.file().into_iter().flat_map(|f| &f.items)
    }

    fn declared<'a>(&'a self, name: &str, is: &dyn Fn(&str) -> bool) -> Option<(&'a Item, &'a Decl)> {
        self.items().find_map(|item| match &item.kind {
            ItemKind::Decl(d) if d.name.text == name && is(&d.head.text) => Some((item, d)),
            _ => None,
        })
    }

    /// The declaration of a component.
    ///
    /// # Errors
    /// Another file declares it.
    pub fn component(&self, id: CompId) -> Result<&Decl, String> {
        let name = &self.model.component(id).name;
        let found = self.declared(name, &|head| kinds::kind(head).is_some());
        found
            .map(|(_, d)| d)
            .ok_or_else(|| format!("`{name}` is declared in another file, and only this one is changed"))
    }

    /// The declaration of a flow, if it is in this file.
    pub fn flow(&self, name: &str) -> Option<&Decl> {
        self.declared(name, &|head| head == "flow").map(|(_, d)| d)
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// An unused name: `word`, or `word` with the first free number.
    pub fn unused_name(&self, word: &str) -> String {
        let lets = self.items().filter_map(|i| match &i.kind {
            ItemKind::Let { name, .. } => Some(name.text.as_str()),
            ItemKind::Decl(d) => Some(d.name.text.as_str()),
            ItemKind::Use { alias, .. } => alias.as_ref().map(|a| a.text.as_str()),
            _ => None,
        });
        let taken: std::collections::BTreeSet<&str> = lets
            .chain(self.model.components.iter().map(|c| c.name.as_str()))
            .chain(self.model.flows.iter().map(|f| f.name.as_str()))
            .collect();
        let free = |name: &str| !taken.contains(name) && !kinds::opens_item(name);
        if free(word) {
            return word.to_owned();
        }
        // A range one longer than the number of names contains a free one.
        let many = taken.len() + 2;
        (2..=many + 1).map(|n| format!("{word}{n}")).find(|n| free(n)).unwrap_or_else(|| word.to_owned())
    }

    /// A word as a component and an operation of it.
    pub fn resolve<'a>(&self, word: &'a Word) -> Option<(CompId, Option<&'a str>)> {
        if let Some(id) = self.model.find(&word.text) {
            return Some((id, None));
        }
        let (name, op) = word.text.rsplit_once('.')?;
        Some((self.model.find(name)?, Some(op)))
    }

    /// All calls of a flow that is in this file, in order.
    pub fn calls(&self, flow: &str) -> Vec<Found<'_>> {
        let mut out = Vec::new();
        let block = self.flow(flow).and_then(|d| d.block.as_ref());
        for entry in block.into_iter().flat_map(|b| &b.entries) {
            if let EntryKind::Chain(chain) = &entry.kind
                && let Some((origin, _)) = chain.origin.as_ref().and_then(|o| self.resolve(o))
            {
                self.chain(origin, chain, None, (false, false), &mut out);
            }
        }
        out
    }

    fn chain<'a>(
        &'a self,
        caller: CompId,
        chain: &'a Chain,
        entry: Option<(&'a Block, usize)>,
        (aside, grouped): (bool, bool),
        out: &mut Vec<Found<'a>>,
    ) {
        let mut caller = caller;
        for (index, call) in chain.calls.iter().enumerate() {
            let Some((target, op)) = self.resolve(&call.target) else { return };
            out.push(Found { caller, target, op, call, chain, index, entry, aside, grouped });
            if let Some(b) = &call.block {
                self.block(target, b, (aside, false), out);
            }
            for b in call.else_block.iter().chain(&call.fallback) {
                self.block(caller, b, (true, grouped), out);
            }
            caller = target;
        }
    }

    fn block<'a>(&'a self, caller: CompId, block: &'a Block, at: (bool, bool), out: &mut Vec<Found<'a>>) {
        for (i, entry) in block.entries.iter().enumerate() {
            match &entry.kind {
                EntryKind::Chain(c) if c.origin.is_none() => self.chain(caller, c, Some((block, i)), at, out),
                EntryKind::Group { block, .. } | EntryKind::Arm { block, .. } => {
                    self.block(caller, block, (at.0, true), out);
                }
                _ => {}
            }
        }
    }

    /// The text of the value of a plain attribute in a block.
    pub fn written<'a>(block: Option<&'a Block>, name: &str) -> Option<&'a Expr> {
        attr(block, name).and_then(|e| match &e.kind {
            EntryKind::Attr(a) => a.value.as_ref().map(|(_, _, v)| v),
            _ => None,
        })
    }

    /// The sizes that a call sets, as a block for another call with the same bytes.
    pub fn bytes(&self, call: &Call) -> String {
        let said = ["size", "reply", "protocol"].into_iter().filter_map(|name| {
            let value = Self::written(call.block.as_ref(), name)?;
            Some(format!("{name} = {}", self.slice(value.span)))
        });
        let all: Vec<String> = said.collect();
        if all.is_empty() { String::new() } else { format!(" {{ {} }}", all.join(", ")) }
    }

    /// Sets attributes of a declaration to the given texts, with a comment above them.
    pub fn set(&self, decl: &Decl, values: &[(&str, String)], remark: Option<&str>) -> Vec<Edit> {
        let mut out = Vec::new();
        let mut new: Vec<String> = Vec::new();
        let block = decl.block.as_ref();
        for (name, value) in values {
            match Self::written(block, name) {
                Some(old) => out.push(Edit::replace(old.span, value.clone())),
                None => new.push(format!("{name} = {value}")),
            }
        }
        let new = new.join(", ");
        let Some(block) = block else {
            let end = decl.base.as_ref().map_or(decl.name.span.end, |b| b.span.end) as usize;
            let remark = remark.map_or_else(String::new, |r| format!("\n  # {r}\n "));
            if !new.is_empty() {
                out.push(Edit::insert(end, format!(" {{{remark} {new} }}")));
            }
            return out;
        };
        let open = block.span.start as usize + 1;
        if let Some(r) = remark {
            let blanks = indent(&self.text, block.span.start as usize);
            let rest = self.text.get(open..).unwrap_or_default().trim_start_matches([' ', '\t']);
            let end = if rest.starts_with(['\n', '\r']) { String::new() } else { format!("\n{blanks} ") };
            out.push(Edit::insert(open, format!("\n{blanks}  # {r}{end}")));
        }
        if new.is_empty() {
            return out;
        }
        // After the last plain attribute, on its line.
        let plain = block.entries.iter().rfind(|e| matches!(&e.kind, EntryKind::Attr(a) if a.value.is_some()));
        match plain {
            Some(e) => out.push(Edit::insert(Self::end(e), format!(", {new}"))),
            None if block.entries.is_empty() => out.push(Edit::insert(open, format!(" {new}"))),
            None => out.push(Edit::insert(open, format!(" {new},"))),
        }
        out
    }

    /// The end of an attribute's value, which may be before the end of its entry.
    fn end(entry: &Entry) -> usize {
        let value = match &entry.kind {
            EntryKind::Attr(a) => a.value.as_ref().map(|(_, _, v)| v.span.end),
            _ => None,
        };
        value.unwrap_or(entry.span.end) as usize
    }

    /// Adds the declaration of a component after the last one.
    pub fn declare(&self, text: &str) -> Edit {
        let last = self.items().filter(|i| matches!(&i.kind, ItemKind::Decl(d) if kinds::kind(&d.head.text).is_some()));
        match last.last() {
            Some(item) => {
                let (at, ends) = after(&self.text, item.span.end as usize);
                Edit::insert(at, format!("\n{text}{}", if ends { "" } else { "\n" }))
            }
            None => self.append(text),
        }
    }

    /// Adds an item at the end of the file.
    pub fn append(&self, text: &str) -> Edit {
        let end = if self.text.ends_with('\n') { "" } else { "\n" };
        Edit::insert(self.text.len(), format!("{end}\n{text}\n"))
    }
}

/// The entry of an attribute of a block.
fn attr<'a>(block: Option<&'a Block>, name: &str) -> Option<&'a Entry> {
    block?.entries.iter().find(
        |e| matches!(&e.kind, EntryKind::Attr(a) if a.key.len() == 1 && a.key.first().is_some_and(|k| k.text == name)),
    )
}
