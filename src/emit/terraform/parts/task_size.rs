//! The size of a task.
//!
//! In: vCPUs and memory of a workload, or its machine. Out: the smallest size that
//! Fargate sells and that holds both. This is the only place that decides it.

use crate::emit::terraform::numbers::MIB;
use crate::emit::terraform::types::Reading;
use crate::resource::Workload;

/// CPU units (1024 are a vCPU) and MiB of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskSize {
    pub(super) cpu: u32,
    pub(super) memory: u32,
}

/// The largest task that Fargate sells.
const LARGEST: TaskSize = TaskSize { cpu: 16_384, memory: 122_880 };

/// The size of a workload's task. Notes say what was rounded or guessed.
pub(super) fn task_size(r: &mut Reading, w: &Workload) -> TaskSize {
    let (mut cpus, mut memory) = (w.cpus, w.memory);
    if let Some(instance) = &w.instance {
        if let Some((vcpus, gib)) = machine(instance) {
            cpus = cpus.max(vcpus);
            memory = memory.or(Some(gib * 1024.0 * MIB));
        }
        r.note(&w.name, format!("`{instance}`: not a machine but a Fargate task at least as large, so its vCPUs may be of another generation"));
    }
    if let Some(size) = fargate(cpus, memory) {
        if memory.is_none() {
            r.note(
                &w.name,
                format!("the design does not say its memory: {} MiB, the least for its vCPUs", size.memory),
            );
        }
        return size;
    }
    r.note(&w.name, "larger than the largest Fargate task (16 vCPU, 120 GiB), which stands for it");
    LARGEST
}

/// The smallest size that Fargate sells and that holds both; `memory` is in bytes.
fn fargate(cpus: f64, memory: Option<f64>) -> Option<TaskSize> {
    // CPU units, least and most MiB, step.
    const SIZES: [(u32, u32, u32, u32); 7] = [
        (256, 512, 2048, 512),
        (512, 1024, 4096, 1024),
        (1024, 2048, 8192, 1024),
        (2048, 4096, 16_384, 1024),
        (4096, 8192, 30_720, 1024),
        (8192, 16_384, 61_440, 4096),
        (16_384, 32_768, 122_880, 8192),
    ];
    let units = (cpus * 1024.0).ceil();
    let mib = (memory.unwrap_or(0.0) / MIB).ceil();
    let (cpu, low, high, step) =
        SIZES.into_iter().find(|(cpu, _, high, _)| f64::from(*cpu) >= units && f64::from(*high) >= mib)?;
    let mut memory = low;
    while f64::from(memory) < mib && memory < high {
        memory += step;
        // 512 MiB is followed by 1024, 2048.
        if cpu == 256 && memory == 1536 {
            memory = 2048;
        }
    }
    Some(TaskSize { cpu, memory })
}

/// vCPUs and GiB of a machine, by the pattern of EC2's names: `m7g.xlarge`.
fn machine(name: &str) -> Option<(f64, f64)> {
    let (family, size) = name.rsplit_once('.')?;
    let vcpus = match size {
        "small" | "medium" if !family.starts_with('t') => 1.0,
        "small" | "medium" | "large" => 2.0,
        "xlarge" => 4.0,
        other => 4.0 * other.strip_suffix("xlarge")?.parse::<f64>().ok()?,
    };
    let per = match family.chars().next()? {
        'c' => 2.0,
        'r' => 8.0,
        't' => match size {
            "small" => 1.0,
            "medium" => 2.0,
            _ => 4.0,
        },
        _ => 4.0,
    };
    Some((vcpus, vcpus * per))
}

#[cfg(test)]
mod tests {
    use super::{TaskSize, fargate};

    #[test]
    fn sizes_are_those_that_fargate_sells() {
        let gib = 1024.0 * 1024.0 * 1024.0;
        let size = |cpu, memory| Some(TaskSize { cpu, memory });
        assert_eq!(fargate(0.25, None), size(256, 512));
        // 256 CPU units have 512, 1024 or 2048 MiB and nothing between.
        assert_eq!(fargate(0.25, Some(1.2 * gib)), size(256, 2048));
        // 3 GiB is more than 256 units can have.
        assert_eq!(fargate(0.25, Some(3.0 * gib)), size(512, 3072));
        // 8192 units step by 4 GiB from 16 GiB.
        assert_eq!(fargate(5.0, Some(17.0 * gib)), size(8192, 20_480));
        assert_eq!(fargate(17.0, None), None);
        assert_eq!(fargate(1.0, Some(121.0 * gib)), None);
    }
}
