//! `archc`: a compiler and analyzer for system designs.
//!
//! [`api`] is the library's interface. All other modules are internal: they are visible to the tests and chores of
//! this package alone, and change without notice. ARCHITECTURE.md describes them.

#[doc(hidden)]
pub mod advise;
#[doc(hidden)]
pub mod analysis;
pub mod api;
#[doc(hidden)]
pub mod base;
#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod diag;
#[doc(hidden)]
pub mod emit;
#[doc(hidden)]
pub mod format;
#[doc(hidden)]
pub mod graph;
#[doc(hidden)]
pub mod kinds;
#[doc(hidden)]
pub mod lint;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod resource;
#[doc(hidden)]
pub mod session;
#[doc(hidden)]
pub mod simulate;
#[doc(hidden)]
pub mod sizing;
#[doc(hidden)]
pub mod syntax;
#[doc(hidden)]
pub mod theory;
#[doc(hidden)]
pub mod units;
