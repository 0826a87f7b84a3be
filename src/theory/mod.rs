//! Formulas: queues, latency of paths, fork-join, retries, backlogs, caches, availability.
//!
//! In and out: plain numbers in seconds, requests per second, and probabilities in `0..=1`. Never: a
//! clock, a file, a random source.
//!
//! If there is no answer (an unstable queue, a probability outside `0..=1`, a rate that is not
//! finite), the result is `None` or an error, never `NaN`.
//!
//! | module | contents |
//! |---|---|
//! | [`erlang`] | blocking and delay probability of a group of servers |
//! | [`mmc`] | waits and response times of M/M/c |
//! | [`pool`] | threads that requests hold while they work and wait |
//! | [`mg`] | general service times: M/G/1 |
//! | [`gg`] | general arrivals too: G/G/c, GI/M/1 |
//! | [`distribution`] | a response time as a distribution: sequence, alternatives, slowest of several |
//! | [`transform`] | numerical inversion of Laplace-Stieltjes transforms |
//! | [`fork_join`] | first k of n |
//! | [`attempts`] | the time of a call with a timeout, retries, waits between them, a hedge |
//! | [`retry`] | mean attempts |
//! | [`backlog`] | fluid queue: backlog, drain time, longest delay |
//! | [`day`] | the rate over a day, its daily backlog, work in a window |
//! | [`beta`] | gamma and beta functions |
//! | [`cache`] | hit ratio of a cache, and the size for a hit ratio |
//! | [`reliability`] | k-of-n availability, downtime |
//! | [`bdd`] | exact availability of any structure, importance, cut sets |
//! | [`bounds`] | availability bounds under unknown dependence, or from cut and path sets |
//! | [`halton`] | points that fill a box evenly |
//! | [`jackson`] | traffic equations |

pub mod attempts;
pub mod backlog;
pub mod bdd;
pub mod beta;
pub mod bounds;
pub mod cache;
pub mod complex;
pub mod day;
pub mod distribution;
pub mod erlang;
pub mod fork_join;
pub mod gg;
mod groups;
pub mod halton;
pub mod jackson;
pub mod mg;
pub mod mmc;
mod node;
pub mod numeric;
mod panels;
mod parallel;
pub mod pool;
pub mod reliability;
pub mod retry;
mod table;
pub mod transform;

pub use complex::Complex;
pub use distribution::Distribution;
pub use mmc::Mmc;
