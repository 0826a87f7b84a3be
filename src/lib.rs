//! `archc`: a compiler and analyzer for system designs.
pub mod base;
pub mod diag;
pub mod syntax;
pub mod units;
pub mod kinds;
pub mod catalog; pub mod model;
pub mod analysis; pub mod graph; pub mod session;
pub mod lint;
pub mod format;
pub mod emit;
pub mod cli;
