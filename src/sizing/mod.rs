//! Sizing: the cheapest values of the holes that keep every promise.
//!
//! In: the design at the corners of its intervals. Out: values, what they cost, what
//! binds, the runner-up; or why there are none. Capacity is a matter of each component
//! alone and decides its options; latency and availability of a flow are checked by the
//! analyses themselves. What the cheapest choice misses becomes a cut: one component at
//! least must be more capable than the most capable choice that still misses it (logic-based
//! Benders, Hooker and Ottosson 2003; the cut is valid for latency never rises, and
//! availability never falls, with capability). So an optimum is one of the exact
//! analyses, not of a surrogate. Holds: headroom and targets as the design is; targets
//! and utilisation under 100% after each loss of `survive` and in each scenario; all with the
//! data of the horizon, at the cost of today. Never:
//! a design changed, a file written.

mod base;
mod benders;
mod caches;
mod capacity_steps;
mod cases;
mod chance_constraint;
mod commit;
mod conflict;
mod constraints;
mod flow_values;
mod frontier;
mod incumbent;
mod lagrange;
mod memory;
pub mod milp;
mod options;
mod partitions;
mod problem;
pub mod program;
mod reasons;
mod regret;
mod relaxed_options;
mod resize;
mod robust;
mod robustly;
mod scalers;
mod sensitivity;
mod settings;
mod size;
mod sizes;
pub mod solve;
mod study;
mod targets;
mod worst;

pub use capacity_steps::CapacityStep;
pub use commit::{Commitments, Committed, Group, Mix, commitments};
pub use conflict::Relaxation;
pub use frontier::{Frontier, Point};
pub use options::words;
pub use program::{Proof, Reason};
pub use resize::Resize;
pub use robust::{Held, Mode, Robust, Robustly, Uncertain};
pub use robustly::robustly;
pub use sensitivity::Sensitivity;
pub use size::size;
pub use sizes::{Sizes, Status, Why};
pub use study::Study;
