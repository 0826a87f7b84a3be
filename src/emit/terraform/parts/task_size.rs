//! The size of a task.
//!
//! In: what runs a workload. Out: CPU units and MiB. The plan decides the size; here it is
//! only written in the units of ECS. Never: another size than the one that is priced.

use crate::catalog;
use crate::emit::terraform::numbers::MIB;
use crate::emit::terraform::types::Reading;
use crate::resource::{Host, Workload};

/// CPU units (1024 are a vCPU) and MiB of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskSize {
    pub(super) cpu: u32,
    pub(super) memory: u32,
}

/// The largest task that Fargate sells.
const LARGEST: TaskSize = TaskSize { cpu: 16_384, memory: 122_880 };

/// The size of a workload's task: the container that the design is priced with.
pub(super) fn task_size(r: &mut Reading, w: &Workload) -> TaskSize {
    let (vcpu, gib) = match &w.runs {
        Some(Host::Fargate { vcpu, gib }) => {
            let size = task(*vcpu, *gib);
            if w.memory.is_none() {
                r.note(
                    &w.name,
                    format!("the design does not say its memory: {} MiB, the least for its vCPUs", size.memory),
                );
            }
            return size;
        }
        Some(Host::Machine { name, vcpu, gib }) => {
            r.note(&w.name, format!("`{name}`: not a machine but a Fargate task at least as large, so its vCPUs may be of another generation"));
            (*vcpu, *gib)
        }
        None => (w.cpus, 0.0),
    };
    if let Some((vcpu, gib)) = catalog::container(vcpu.max(w.cpus), w.memory.unwrap_or(gib * 1024.0 * MIB)) {
        return task(vcpu, gib);
    }
    r.note(&w.name, "larger than the largest Fargate task (16 vCPU, 120 GiB), which stands for it");
    LARGEST
}

/// A sold size in CPU units and MiB.
fn task(vcpu: f64, gib: f64) -> TaskSize {
    TaskSize { cpu: whole(vcpu * 1024.0), memory: whole(gib * 1024.0) }
}

/// A count that is whole and small.
fn whole(n: f64) -> u32 {
    // Between 0 and the largest.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    n
}
