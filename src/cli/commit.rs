//! Commitments of `archc size --commit`, as text.

use crate::analysis::Product;
use crate::sizing::{Commitments, Committed, Group, Mix};
use crate::units::{show_money, significant};

/// The table, its totals, and machines without a committed price.
pub(super) fn table(all: &Commitments) -> String {
    let mut rows = vec![["machines", "on demand", "1 year", "3 years", "commit"].map(str::to_owned).to_vec()];
    let money = |mix: &Option<Mix>| mix.as_ref().map_or_else(|| "-".to_owned(), |m| show_money(m.cost));
    for g in &all.groups {
        let best = g.three_years.as_ref().or(g.one_year.as_ref());
        let commit: Vec<String> = best.iter().flat_map(|m| &m.committed).map(|c| words(g, c)).collect();
        rows.push(vec![
            name(g),
            show_money(g.on_demand),
            money(&g.one_year),
            money(&g.three_years),
            if commit.is_empty() { "nothing".to_owned() } else { commit.join(", ") },
        ]);
    }
    let (on_demand, one, three) = all.totals();
    rows.push(vec!["all".to_owned(), show_money(on_demand), show_money(one), show_money(three), String::new()]);
    let mut out =
        format!("\ncommitments, per month, with terms of at most 1 and 3 years:\n{}", super::table::table(&rows));
    let best = || all.groups.iter().filter_map(|g| g.three_years.as_ref().or(g.one_year.as_ref()));
    let upfront: Vec<Option<f64>> = best().flat_map(|m| &m.committed).map(|c| c.upfront).collect();
    let known: f64 = upfront.iter().flatten().sum();
    if known > 0.0 {
        let at_least = if upfront.contains(&None) { "at least " } else { "" };
        out.push_str(&format!("  paid at the start of three years: {at_least}{}\n", show_money(known)));
    }
    for (years, of) in
        [(1, &(|g: &Group| g.one_year.clone()) as &dyn Fn(&Group) -> Option<Mix>), (3, &|g| g.three_years.clone())]
    {
        let estimated =
            |g: &&Group| of(g).is_some_and(|m| m.committed.iter().any(|c| c.offer.estimated && c.offer.years == years));
        let names: Vec<String> = all.groups.iter().filter(estimated).map(plain).collect();
        if !names.is_empty() {
            out.push_str(&format!(
                "  {years} year, estimated from an average over all families: {}\n",
                names.join(", ")
            ));
        }
    }
    for g in all.groups.iter().filter(|g| g.three_years.is_none() && g.one_year.is_none()) {
        let why =
            g.failed.as_ref().map_or("no committed price is known".to_owned(), |e| format!("the solver failed: {e}"));
        out.push_str(&format!("  {} stays on demand: {why}\n", name(g)));
    }
    for why in &all.unknown {
        out.push_str(&format!("  not included: {why}\n"));
    }
    out
}

/// `m7g.large x 3`, with the mean count over the day.
fn name(g: &Group) -> String {
    match &g.product {
        Product::Machine { name, .. } => format!("{name} x {}", significant(g.units.1, 3)),
        Product::Containers => plain(g),
    }
}

fn plain(g: &Group) -> String {
    match &g.product {
        Product::Machine { name, .. } => name.clone(),
        Product::Containers => "containers".to_owned(),
    }
}

/// `2 x 3y, all upfront (estimated)`; of containers `$0.3/h for 3y`.
fn words(g: &Group, c: &Committed) -> String {
    let units = match &g.product {
        Product::Machine { .. } => format!("{} x", significant(c.units, 4)),
        Product::Containers => format!("${}/h for", significant(c.units, 3)),
    };
    let estimated = if c.offer.estimated { " (estimated)" } else { "" };
    format!("{units} {}y, {}{estimated}", c.offer.years, c.offer.payment.words())
}
