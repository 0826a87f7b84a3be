//! Text and source locations.
//!
//! In: file names and contents. Out: [`Span`]s, line and column numbers, and the nearest word to a
//! misspelled one. Never: reading a file, knowing the language.

mod nearest;
mod source;
mod whole;

pub use nearest::nearest;
pub use source::{FileId, SourceFile, SourceMap, Span};
pub use whole::whole;

/// SHA-256 as 64 hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |mut hex, b| {
        hex.push_str(&format!("{b:02x}"));
        hex
    })
}
