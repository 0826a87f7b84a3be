//! Terraform for AWS from a plan.

use super::OutFile;
use crate::plan::Plan;

/// The files of the root module.
#[must_use]
pub fn files(_plan: &Plan) -> Vec<OutFile> {
    Vec::new()
}
