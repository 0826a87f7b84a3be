//! What runs the tasks of a workload, in the units of ECS.
//!
//! In: what runs a workload. Out: CPU units and MiB of its task, and the machine under it.
//! Never: a size or a machine other than the priced one, if the plan has one.

use crate::catalog::{self, CONTAINERS};
use crate::emit::terraform::numbers::{MIB, whole};
use crate::emit::terraform::types::Reading;
use crate::resource::{Host, Workload};

/// Share of a machine's memory that the hypervisor and the kernel take. It is Karpenter's default
/// (`VM_MEMORY_OVERHEAD_PERCENT`, karpenter.sh, "Settings", read 2026-11), found by starting all types.
const TAKEN: f64 = 0.075;

/// MiB of a machine that no task gets beside that share. [`RESERVED`] of them are the agent's; the rest covers
/// small machines, whose kernel takes more than the share (`c5.large`: 433 MiB of 4096).
const KEPT: f64 = 256.0;

/// MiB that the agent does not register (`ECS_RESERVED_MEMORY`; Amazon ECS documentation, "Reserving Amazon
/// ECS Linux container instance memory", read 2026-11): for itself, Docker and the system's services.
pub(super) const RESERVED: u32 = 128;

/// CPU units (1024 are a vCPU) and MiB of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskSize {
    pub(super) cpu: u32,
    pub(super) memory: u32,
}

/// A machine that runs one task.
///
/// A task has a network interface of its own (`awsvpc`) beside the machine's. Every type of EC2 takes two
/// or more, a `t4g.small` three (Amazon EC2 documentation, "Maximum IP addresses per network interface",
/// read 2026-11), so one task fits on each type without trunking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskMachine {
    /// As EC2 names it: `m7g.large`.
    pub(super) name: String,
    /// Whether images must be built for arm64.
    pub(super) arm: bool,
    /// GiB of its root volume.
    pub(super) root_gib: u32,
}

/// The size of a workload's task, and the machine that runs it; none on Fargate.
pub(super) fn runner(r: &mut Reading, w: &Workload) -> (TaskSize, Option<TaskMachine>) {
    match &w.runs {
        Some(Host::Fargate { vcpu, gib }) => {
            let size = fargate(*vcpu, *gib);
            if w.memory.is_none() {
                let what = format!("the design does not set its memory: {} MiB, the least for its vCPUs", size.memory);
                r.note(&w.name, what);
            }
            (size, None)
        }
        Some(Host::Machine { name, vcpu, gib, arm, root_gib, named: _ }) => {
            let size = TaskSize { cpu: units(*vcpu), memory: left(*gib) };
            machine_notes(r, w, name, *arm, size);
            (size, Some(TaskMachine { name: name.clone(), arm: *arm, root_gib: *root_gib }))
        }
        None => (unpriced(r, w), None),
    }
}

/// Notes what the design does not have of a machine: the architecture of images, memory.
fn machine_notes(r: &mut Reading, w: &Workload, name: &str, arm: bool, size: TaskSize) {
    let architecture = if arm { "arm64" } else { "x86-64" };
    let what = format!(
        "one task on each `{name}`: its image must be built for {architecture}, and a deployment has up to twice the machines until the old tasks have ended"
    );
    r.note(&w.name, what);
    if let Some(bytes) = w.memory.filter(|bytes| *bytes > f64::from(size.memory) * MIB) {
        let what = format!(
            "{:.0} MiB of memory are more than a task can have on `{name}`: {} MiB, the rest is the system's",
            bytes / MIB,
            size.memory
        );
        r.note(&w.name, what);
    }
}

/// The size of a task that no price is known for.
fn unpriced(r: &mut Reading, w: &Workload) -> TaskSize {
    if let Some((vcpu, gib)) = catalog::container(w.cpus, w.memory.unwrap_or(0.0)) {
        r.note(&w.name, format!("nothing decides what runs it: a Fargate task of {vcpu} vCPU and {gib} GiB"));
        return fargate(vcpu, gib);
    }
    let largest = CONTAINERS.last().map_or((0.0, 0.0), |c| (c.vcpu, c.most));
    let what =
        format!("larger than the largest Fargate task ({} vCPU, {} GiB), which stands for it", largest.0, largest.1);
    r.note(&w.name, what);
    fargate(largest.0, largest.1)
}

/// A sold size in CPU units and MiB.
fn fargate(vcpu: f64, gib: f64) -> TaskSize {
    TaskSize { cpu: units(vcpu), memory: whole(gib * 1024.0, 0, u32::MAX) }
}

fn units(vcpu: f64) -> u32 {
    whole(vcpu * 1024.0, 0, u32::MAX)
}

/// MiB that a task can have on a machine of so many GiB.
fn left(gib: f64) -> u32 {
    // A task has 6 MiB or more.
    whole((gib * 1024.0 * (1.0 - TAKEN) - KEPT).floor(), 6, u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task must fit into what the agent registers: what the kernel sees, less the reservation. What the kernel
    /// does not see was measured by Karpenter (`zz_generated.memory_overhead.go`, 2023-09), bytes.
    #[test]
    fn a_task_fits_on_every_measured_machine() {
        for (name, unseen) in [
            ("t3.small", 137_269_248.0),
            ("t4g.small", 206_204_928.0),
            ("t4g.medium", 268_038_144.0),
            ("c5.large", 453_677_056.0),
            ("c6i.large", 285_917_184.0),
            ("c7g.large", 293_154_816.0),
            ("m5.large", 585_805_824.0),
            ("m7g.large", 439_844_864.0),
            ("r5.large", 732_602_368.0),
            ("c5.xlarge", 586_280_960.0),
            ("m6g.16xlarge", 10_460_397_568.0),
            ("i4i.16xlarge", 17_407_643_648.0),
        ] {
            let m = catalog::machine(name).expect("in the catalog");
            let registered = (m.memory - unseen) / MIB - f64::from(RESERVED);
            let task = f64::from(left(m.memory / MIB / 1024.0));
            assert!(task <= registered, "{name}: {task} of {registered}");
            assert!(task > 0.75 * m.memory / MIB, "{name}: {task}");
        }
    }
}
