//! Writes random designs that type-check, for comparing what two builds print about them.

use crate::designs;
use archc::diag::Sink;
use archc::session::open_text;
use std::path::Path;

/// Writes `count` designs to `folder` as `001.arch` and on, and names those with language errors.
pub fn run(count: &str, folder: &str, seed: &str) -> Result<(), String> {
    let count: u64 = count.parse().map_err(|_| format!("`{count}` is not a number of designs"))?;
    let seed: u64 = seed.parse().map_err(|_| format!("`{seed}` is not a seed"))?;
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut sound = 0;
    for index in 1..=count {
        let path = folder.join(format!("{index:03}.arch"));
        let text = designs::sound(seed, index);
        std::fs::write(&path, &text).map_err(|e| format!("{}: {e}", path.display()))?;
        let design = open_text("random.arch", &text, &[]);
        let mut sink = Sink::default();
        let _ = design.model(&mut sink);
        let errors = design.sink.has_errors() || sink.has_errors();
        if errors {
            println!("{}: language errors", path.display());
        }
        sound += u64::from(!errors);
    }
    println!("{count} designs in {} (seed {seed}), {sound} without language errors", folder.display());
    Ok(())
}
