//! Options whose words come from a table.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A parser of the words of a table: word, help, entry.
pub(super) fn words<T: Sync + 'static>(
    table: impl Iterator<Item = (&'static str, &'static str, &'static T)> + Clone + Send + Sync + 'static,
) -> impl TypedValueParser<Value = &'static T> {
    let values: Vec<_> = table.clone().map(|(word, help, _)| PossibleValue::new(word).help(help)).collect();
    PossibleValuesParser::new(values).map(move |asked| {
        let found = table.clone().find(|(word, ..)| *word == asked);
        found.map_or_else(|| unreachable!("clap lets the words of the table through alone"), |(.., entry)| entry)
    })
}
