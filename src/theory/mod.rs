//! Pure formulas: queues, path latency, fork-join, retries, backlogs, caches, availability.
//!
//! Every function takes plain numbers and gives plain numbers: seconds, requests per second,
//! probabilities in `0..=1`. Nothing here reads a clock, a file or a random source.
//!
//! What has no answer (an unstable queue, a probability outside `0..=1`, a rate that is not
//! finite) is `None` or an error, never `NaN`.
//!
//! | module | answers |
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
//! | [`day`] | the rate over a day, what piles up in it, work in a window |
//! | [`beta`] | gamma and beta functions |
//! | [`cache`] | hit ratio of a cache and the size a hit ratio needs |
//! | [`reliability`] | k-of-n availability, downtime |
//! | [`bdd`] | exact availability of any structure, importance, cut sets |
//! | [`bounds`] | availability where dependence is unknown, or from cut and path sets |
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
