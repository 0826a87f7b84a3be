//! `archc`: a compiler and analyzer for system designs.
//!
//! A design goes one way through these modules, each of which knows only those
//! above it:
//!
//! | module | what goes in and comes out |
//! |---|---|
//! | [`base`], [`units`], [`theory`], [`diag`] | text and places; quantities; queueing and reliability formulas; findings |
//! | [`syntax`] | text to AST |
//! | [`resource`] | the closed list of what must exist for a design to run |
//! | [`format`], [`kinds`], [`catalog`] | AST to canonical text; what components may say; facts of the world |
//! | [`model`] | names to ids, dimensions checked, each value with its origin |
//! | [`graph`] | topology alone |
//! | [`analysis`] | facts: rates, utilisation, latency, availability; verdicts on slos and scenarios |
//! | [`lint`] | rules over facts |
//! | [`sizing`] | the cheapest values of the holes that keep every promise |
//! | [`advise`] | the next step of the scaling ladder that holds, and why the earlier ones do not |
//! | [`plan`] | what must exist, kinds gone |
//! | [`emit`] | files from a design |
//! | [`session`] | the only module that reads files |
//! | [`cli`] | one file per verb |

pub mod advise;
pub mod analysis;
pub mod base;
pub mod catalog;
pub mod cli;
pub mod diag;
pub mod emit;
pub mod format;
pub mod graph;
pub mod kinds;
pub mod lint;
pub mod model;
pub mod plan;
pub mod resource;
pub mod session;
pub mod sizing;
pub mod syntax;
pub mod theory;
pub mod units;
