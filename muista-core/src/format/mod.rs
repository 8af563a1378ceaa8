//! Formats of files that Muista writes and reads itself.

pub mod archive;
