//! Network locations: the zones of all regions, in which replicas can be placed.
//!
//! In: the names of regions and zones. Out: one location for each zone of each region, with its
//! name and its region. Never: the replicas in it.

/// A zone of a region, by its index: all zones of the first region, then those of the next.
pub type Location = usize;

/// All zones of all regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locations {
    /// Names, as scenarios write them: `a`, or `us-east-1.a` with several regions.
    pub names: Vec<String>,
    /// The region of each location, by index.
    pub region: Vec<usize>,
    /// Names of the regions.
    pub regions: Vec<String>,
    /// Names of the zones of each region.
    zones: Vec<String>,
}

impl Locations {
    /// The locations of these regions, each with these zones.
    #[must_use]
    pub fn new(regions: &[String], zones: &[String]) -> Self {
        let (mut names, mut region) = (Vec::new(), Vec::new());
        for (i, r) in regions.iter().enumerate() {
            for z in zones {
                names.push(if regions.len() > 1 { format!("{r}.{z}") } else { z.clone() });
                region.push(i);
            }
        }
        Self { names, region, regions: regions.to_vec(), zones: zones.to_vec() }
    }

    /// The number of locations.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The name of a location.
    #[must_use]
    pub fn name(&self, at: Location) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    /// The index of a location's zone within its region.
    #[must_use]
    pub fn zone_of(&self, at: Location) -> usize {
        at % self.zones.len().max(1)
    }

    /// The name of a location's zone, without its region.
    #[must_use]
    pub fn zone_name(&self, at: Location) -> &str {
        self.zones.get(self.zone_of(at)).map_or("", String::as_str)
    }

    /// The locations that a zone's name means. With several regions, a name without its region
    /// means that zone of each region.
    #[must_use]
    pub fn zone(&self, name: &str) -> Vec<Location> {
        let exact: Vec<Location> = self.matching(|at| self.name(at) == name);
        if !exact.is_empty() {
            return exact;
        }
        let bare = name.rsplit('.').next().unwrap_or(name);
        let region = name.rsplit_once('.').map(|(r, _)| r);
        let known = region.is_none_or(|r| self.regions.iter().any(|x| x == r));
        self.matching(|at| known && self.zone_name(at) == bare)
    }

    /// The locations of a region.
    #[must_use]
    pub fn in_region(&self, name: &str) -> Vec<Location> {
        let is = |at: &Location| self.region.get(*at).and_then(|r| self.regions.get(*r)).is_some_and(|r| r == name);
        (0..self.count()).filter(is).collect()
    }

    fn matching(&self, fits: impl Fn(Location) -> bool) -> Vec<Location> {
        (0..self.count()).filter(|at| fits(*at)).collect()
    }
}
