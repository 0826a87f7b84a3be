//! Formulas that the program does not use: what its results are compared with.
#![allow(dead_code, reason = "each user takes a part")]

pub mod cache;
pub mod failover;
pub mod feedback;
pub mod finite;
pub mod fork_join;
pub mod mg;
pub mod reliability;
