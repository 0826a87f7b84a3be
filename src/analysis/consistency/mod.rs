//! Consistency: guarantees of flows, and the behavior of stores under network partitions.
//!
//! In: the model. Out: guarantees of flows hop by hop, with the hop that drops each property; labels of
//! stores by operation and setting; outcomes of both under every partition. Never: a product's
//! name, uptime. Definitions of Gilbert and Lynch 2002, in the reading of Kleppmann 2015.

pub mod copies;
pub mod cut;
mod effects;
mod facts;
pub mod fill;
pub mod guarantee;
pub mod hops;
pub mod isolation;
pub mod labels;
pub mod net;
pub mod outcome;
pub mod patterns;
pub mod pbs;
pub mod races;
pub mod room;
pub mod setting;
pub mod sides;
pub mod source;
pub mod timeline;
pub mod typing;
mod words;

pub use facts::{Consistency, FlowRow, Needed, consistency, needs, slo_value, why_rpo};
