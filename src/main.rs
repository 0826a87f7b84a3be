//! The `archc` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic is a fault of our own and has its own status.
    let status = std::panic::catch_unwind(archc::cli::run).unwrap_or_else(|_| {
        eprintln!(
            "archc: this is a fault of archc itself, not of the design; please report it with the design that shows it"
        );
        archc::cli::FAULT
    });
    ExitCode::from(u8::try_from(status).unwrap_or(3))
}
