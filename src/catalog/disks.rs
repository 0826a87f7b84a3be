//! Disks: limits, speeds, and the catalog rows that price them.
//!
//! In: rows of the catalog. Out: a disk for a machine, a managed database or a broker. Shapes are
//! from AWS's documentation: "General Purpose SSD volumes" of EBS (64 TiB since September 2025, 16
//! TiB before), "DB instance storage" of RDS, "Broker storage" of MSK; read 2026-09, confidence
//! high. Mean read latency is from the service capacity models of Netflix for gp3 (0.8 / 1.05 / 1.8
//! ms low, middle, high), confidence medium. Never: the data on it.

/// A disk of one machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk {
    /// The provider's name for it.
    pub name: &'static str,
    /// The smallest size sold, bytes.
    pub least: f64,
    /// The largest size sold, bytes.
    pub most: f64,
    /// Included I/O operations per second; the size in bytes from which more are included; how many then.
    iops: (f64, f64, f64),
    /// Included bytes per second below and from that size on.
    throughput: (f64, f64),
    /// Mean time of a read, seconds.
    pub read: f64,
    /// Coefficient of variation of that time.
    pub read_cv: f64,
    /// Service and name of the row with the price of a GiB for a month.
    pub bytes_row: (&'static str, &'static str),
    /// The row with the price of an I/O operation per second above the included ones, if sold.
    pub iops_row: Option<(&'static str, &'static str)>,
    /// The row with the price of a MiB per second above the included ones, if sold.
    pub throughput_row: Option<(&'static str, &'static str)>,
    /// The row with the price of a GiB of backup beyond the free part, if sold.
    pub backup_row: Option<(&'static str, &'static str)>,
}

/// GiB of the root volume of a machine that runs containers: its image is a snapshot of 30 GiB, and no
/// volume can be smaller (Amazon ECS documentation, "Amazon ECS-optimized Linux AMIs", read 2026-11).
pub const ROOT_GIB: u32 = 30;

const MIB: f64 = 1024.0 * 1024.0;
const GIB: f64 = 1024.0 * MIB;
const TIB: f64 = 1024.0 * GIB;

/// The disk of a machine or container of the design.
const MACHINE_DISK: Disk = Disk {
    name: "gp3",
    least: 0.0,
    most: 64.0 * TIB,
    iops: (3000.0, f64::INFINITY, 3000.0),
    throughput: (125.0 * MIB, 125.0 * MIB),
    read: 1.05e-3,
    read_cv: 0.3,
    bytes_row: ("ebs", "gp3 storage"),
    iops_row: Some(("ebs", "gp3 iops over 3000")),
    throughput_row: Some(("ebs", "gp3 throughput over 125 MiB/s")),
    backup_row: None,
};
/// The disk of a managed database: four striped volumes from 400 GiB on.
const DATABASE: Disk = Disk {
    name: "gp3 of the managed database",
    least: 20.0 * GIB,
    iops: (3000.0, 400.0 * GIB, 12_000.0),
    throughput: (125.0 * MIB, 500.0 * MIB),
    bytes_row: ("rds-storage", "gp3"),
    iops_row: Some(("rds-storage", "gp3 iops above baseline")),
    throughput_row: None,
    backup_row: Some(("rds-storage", "backup over free")),
    ..MACHINE_DISK
};
/// The disk of a managed broker.
const BROKER: Disk = Disk {
    name: "the disk of a managed broker",
    most: 16.0 * TIB,
    bytes_row: ("msk-storage", "standard broker"),
    iops_row: None,
    throughput_row: None,
    ..MACHINE_DISK
};

impl Disk {
    /// I/O operations per second that are included for a disk of that many bytes.
    #[must_use]
    pub fn base_iops(&self, bytes: f64) -> f64 {
        if bytes >= self.iops.1 { self.iops.2 } else { self.iops.0 }
    }

    /// Bytes per second that are included for a disk of that many bytes.
    #[must_use]
    pub fn base_throughput(&self, bytes: f64) -> f64 {
        if bytes >= self.iops.1 { self.throughput.1 } else { self.throughput.0 }
    }
}

/// The disk of a machine by name, or of a container.
#[must_use]
pub fn disk(instance: Option<&str>) -> &'static Disk {
    match instance.and_then(|i| i.split('.').next()) {
        Some("db") => &DATABASE,
        Some("kafka" | "express") => &BROKER,
        _ => &MACHINE_DISK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::price;

    #[test]
    fn every_row_is_there_and_large_databases_are_faster() {
        for d in [MACHINE_DISK, DATABASE, BROKER] {
            let more = [d.iops_row, d.throughput_row, d.backup_row];
            for (service, name) in more.into_iter().flatten().chain([d.bytes_row]) {
                assert!(price(service, name).usd > 0.0, "{service},{name}");
            }
        }
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(close(disk(Some("db.m7g.large")).base_iops(399.0 * GIB), 3000.0));
        assert!(close(disk(Some("db.m7g.large")).base_iops(400.0 * GIB), 12_000.0));
        assert!(close(disk(None).base_iops(4000.0 * GIB), 3000.0));
        assert!(close(disk(Some("kafka.m7g.large")).most, 16.0 * TIB));
    }
}
