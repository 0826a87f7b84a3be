//! A plan translated to AWS, before it is text.
//!
//! In: a plan. Out: a [`Stack`], what the templates of the module print.

use super::alarms::{Watch, watch};
use super::names::{Names, identifier};
use super::parts::Parts;
use super::security::{groups, rules};
use super::types::{Need, Reading, Rule, SecurityGroup, Texts};
use crate::plan::{Gap, Plan};

/// All that is built.
pub(super) struct Stack {
    /// The design's name.
    pub(super) title: String,
    /// The default of `var.name`.
    pub(super) prefix: String,
    pub(super) region: String,
    /// Letters of the zones.
    pub(super) zones: Vec<String>,
    /// Kinds of part that the design has: their files and texts, in order.
    pub(super) texts: Vec<(&'static str, Texts)>,
    pub(super) needs: Vec<Need>,
    pub(super) groups: Vec<SecurityGroup>,
    pub(super) rules: Vec<Rule>,
    pub(super) watch: Watch,
    /// Variables of parts without a default.
    pub(super) required_variables: Vec<String>,
    /// Programs, and the variables of the environment that each gets.
    pub(super) environments: Vec<(String, Vec<String>)>,
    /// What differs from the design, or is not built.
    pub(super) notes: Vec<Gap>,
}

/// Translates a plan.
pub(super) fn stack(plan: &Plan) -> Stack {
    let mut r = Reading { plan, names: Names::new(plan), zones: Vec::new(), notes: Vec::new() };
    let prefix = identifier(&plan.name).replace('_', "-").chars().take(12).collect::<String>();
    let region = plan.network().region;
    r.zones = zones(&mut r);
    let parts = Parts::new(&mut r);
    let groups = groups(&parts);
    let rules = rules(&mut r, &parts);
    let watch = watch(&mut r, &parts);
    let present: Vec<_> = parts.all().into_iter().filter(|p| !p.is_empty()).collect();
    let mut notes = std::mem::take(&mut r.notes);
    notes.extend(plan.gaps.iter().cloned());
    notes.sort();
    notes.dedup();
    Stack {
        title: plan.name.clone(),
        prefix: prefix.trim_end_matches('-').to_owned(),
        region: if region.is_empty() { "us-east-1".to_owned() } else { region },
        zones: r.zones,
        texts: present.iter().map(|p| (p.file(), p.texts())).collect(),
        needs: present.iter().flat_map(|p| p.needs()).collect(),
        groups,
        rules,
        watch,
        required_variables: present.iter().flat_map(|p| p.required_variables()).collect(),
        environments: present.iter().flat_map(|p| p.environments()).collect(),
        notes,
    }
}

/// Letters of the zones: two at least, six at most.
fn zones(r: &mut Reading) -> Vec<String> {
    let letter = |z: &String| z.rsplit(['.', '-']).next().unwrap_or("a").to_owned();
    let mut zones: Vec<String> = r.plan.network().zones.iter().map(letter).collect();
    zones.retain(|z| z.len() == 1 && z.chars().all(|c| c.is_ascii_lowercase()));
    zones.sort();
    zones.dedup();
    let title = &r.plan.name;
    if zones.len() > 6 {
        r.note(title, format!("{} zones: no region has more than six, so six are used", zones.len()));
        zones.truncate(6);
    }
    if zones.len() < 2 {
        r.note(title, "one zone: balancers and databases of AWS want subnets in two, so there are two");
        zones = vec!["a".to_owned(), "b".to_owned()];
    }
    zones
}

impl Stack {
    /// Whether anything runs in the network.
    pub(super) fn networked(&self) -> bool {
        !self.groups.is_empty()
    }

    pub(super) fn private_subnets(&self) -> bool {
        self.needs.contains(&Need::PrivateSubnets)
    }

    pub(super) fn data_subnets(&self) -> bool {
        self.needs.contains(&Need::DataSubnets)
    }

    pub(super) fn tasks(&self) -> bool {
        self.needs.contains(&Need::Tasks)
    }

    pub(super) fn fargate(&self) -> bool {
        self.needs.contains(&Need::Fargate)
    }

    pub(super) fn certificate(&self) -> bool {
        self.needs.contains(&Need::Certificate)
    }

    pub(super) fn deletion_protection(&self) -> bool {
        self.needs.contains(&Need::DeletionProtection)
    }

    /// Whether the KMS key is used: by a part, by logs of the network or by alarms.
    pub(super) fn key(&self) -> bool {
        self.needs.contains(&Need::Key) || self.networked() || self.watched()
    }

    /// Whether a balancer takes requests from `CloudFront`.
    pub(super) fn behind_edge(&self) -> bool {
        self.rules.iter().any(|r| r.prefix_list.is_some())
    }

    /// Whether there is a topic for alarms.
    pub(super) fn watched(&self) -> bool {
        !self.watch.alarms.is_empty()
    }
}
