//! Files made from a design.
//!
//! In: the model, its graph and its facts. Out: text. Never: writing it to disk.

pub mod diagram;
