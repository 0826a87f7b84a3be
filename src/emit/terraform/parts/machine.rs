//! Node types of managed services.

use crate::catalog::Service;
use crate::emit::terraform::types::Reading;
use crate::resource::{Host, Managed};

/// The node type of a managed service: the priced machine, else the smallest that holds the memory.
pub(super) fn class(r: &mut Reading, m: &Managed, service: Service) -> String {
    let usual = service.usual_machine(0.0, m.memory.unwrap_or(0.0)).or_else(|| service.usual_machine(0.0, 0.0));
    let usual = usual.map_or_else(String::new, |u| u.name.clone());
    let (what, class) = match &m.runs {
        Some(Host::Machine { name, named: true, .. }) if !name.ends_with(".search") => return name.clone(),
        Some(Host::Machine { name, named: true, .. }) => {
            (format!("`{name}` is a machine of OpenSearch, which is not generated: `{usual}`"), usual)
        }
        Some(Host::Machine { name, named: false, .. }) => {
            (format!("the design names no machine: `{name}`"), name.clone())
        }
        Some(Host::Fargate { .. }) | None => (format!("nothing decides its machine: `{usual}`"), usual),
    };
    r.note(&m.name, what);
    class
}
