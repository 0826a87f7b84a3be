//! The README of a module: how to use it, and what it does not do.
//!
//! In: a stack. Out: Markdown. Invariants: every gap is listed; design text never ends a
//! line or opens markup.

use super::stack::Stack;
use crate::emit::escape::markdown;

/// The README of a design without a provider, which has no module.
pub(super) fn no_provider(name: &str) -> String {
    format!(
        "# {}\n\nThe design says `provider = none`: it means nobody's machines, so there is no Terraform for it.\nSay `provider = aws` in its `system` block to get some.\n",
        markdown(name)
    )
}

/// The README of a module.
pub(super) fn readme(s: &Stack) -> String {
    let mut out = format!("# {} on AWS\n\n", markdown(&s.title));
    out.push_str(
        "Generated from the design; changes belong there. Files of your own beside these (`backend.tf`, `extra.tf`,\n\
         `terraform.tfvars`) are never touched.\n\n\
         ## How to use it\n\n\
         1. Say where the state is, in a `backend.tf`: an S3 bucket with `use_lockfile = true` and encryption.\n\
         2. Give values to the variables below in a `terraform.tfvars`.\n\
         3. `terraform init && terraform plan -out plan && terraform apply plan`. Commit `.terraform.lock.hcl`.\n\
         4. Point your DNS to what `terraform output` prints.\n\n\
         To take it down, set `deletion_protection = false` and apply first.\n\n",
    );
    let mut need: Vec<String> = Vec::new();
    if s.certificate() {
        need.push("`certificate_arn`".to_owned());
    }
    need.extend(s.required_variables.iter().map(|v| format!("`{v}`")));
    if need.is_empty() {
        out.push_str("All variables have defaults.\n\n");
    } else {
        out.push_str(&format!("Variables without a default: {}.\n\n", need.join(", ")));
    }
    out.push_str("## What programs are told\n\nEach gets `PORT`, and for what it calls:\n\n");
    for (program, names) in s.environments.iter().filter(|(_, names)| !names.is_empty()) {
        out.push_str(&format!("- `{program}`: {}\n", names.join(", ")));
    }
    out.push_str(
        "\nA `_LOGIN` is JSON with `username` and `password`. Where there are no read replicas RDS changes the password\n\
         every seven days, so read it again when a login fails. A `_BROKERS` or `_HOST` of a cache takes IAM tokens of the task's role, over TLS.\n\n\
         ## What is not as the design has it\n\n\
         Of the design's numbers only counts, sizes and bounds are here. Time-outs, retries, breakers, batch sizes and\n\
         cache times inside a program are for its code.\n\n",
    );
    for gap in &s.notes {
        out.push_str(&format!(
            "- `{}`: {}.\n",
            markdown(&gap.of).replace('`', "'"),
            markdown(gap.what.trim_end_matches('.'))
        ));
    }
    out.push_str(
        "\n## Not built for any design\n\n\
         DNS zones and certificates; image repositories; access logs of balancers, buckets and CloudFront,\n\
         logs of the firewall; enhanced monitoring of RDS; a firewall at balancers that no cache is in front of;\n\
         interface endpoints (AWS is reached through the NAT gateways); AWS Backup; rotation of secrets that people put in;\n\
         a newer image on machines that run already; a second region; tables and users inside databases.\n",
    );
    out
}
