//! Sizing: the cheapest values of the decision variables (`?`) that meet every constraint.
//!
//! In: the design at the corners of its intervals. Out: values, cost, proof, reasons and runners-up; or why there are
//! none. Capacity of each component decides its options (`options`). Latency and availability couple components:
//! the selection program picks the cheapest options (`program`, `solve`), and the analyses judge the choice. A target
//! that it misses becomes a cut (`benders`; valid because capability never raises latency and never lowers
//! availability). So an optimum is one of the exact analyses, not of a surrogate. Headroom and targets hold in the
//! unchanged design; targets and utilization below 100% hold after each loss of `survive` and in each scenario; all
//! with the data of the horizon, at today's cost. Never: a change of the design, a written file.

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
