//! Node types of managed services.

use crate::emit::terraform::numbers::GIB;
use crate::emit::terraform::types::Reading;
use crate::resource::{Host, Managed};

/// The node type of a service, with the service's prefix: the design's machine, else the
/// smallest cache node that holds the memory, else `default`.
pub(super) fn class(r: &mut Reading, m: &Managed, prefix: &str, default: &str) -> String {
    if let Some(machine) = m.runs.as_ref().and_then(Host::machine) {
        return machine.to_owned();
    }
    let class = match m.memory {
        Some(b) if prefix == "cache." => {
            // Usable memory of an m7g and r7g node, GiB.
            let sizes = [
                (1.3, "cache.t4g.small"),
                (3.0, "cache.t4g.medium"),
                (6.3, "cache.m7g.large"),
                (13.0, "cache.r7g.large"),
                (26.3, "cache.r7g.xlarge"),
                (52.8, "cache.r7g.2xlarge"),
                (105.8, "cache.r7g.4xlarge"),
            ];
            sizes.iter().find(|(gib, _)| *gib >= b / GIB).map_or("cache.r7g.8xlarge", |(_, name)| name)
        }
        _ => default,
    };
    r.note(&m.name, format!("the design names no machine: `{class}`"));
    class.to_owned()
}
