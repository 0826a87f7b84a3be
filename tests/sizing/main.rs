//! Sizing and advice: optimality against enumeration and other solvers, and their output.

#[path = "../support/mod.rs"]
mod support;

mod advise;
mod advise_next;
mod brute;
mod caches;
mod commit;
mod engines;
mod holes;
mod messages;
mod properties;
mod reference;
mod regret;
mod robust;
mod scalers;
mod solvers;
mod staffing;
mod study;
