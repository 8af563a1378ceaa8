//! Files that Muista writes and reads: those that tasks come from and go to, and the archive of a backup ([`archive`]).
//! Reading tasks gives an [`Incoming`] for the service's import, writing takes its exported tasks; neither needs a
//! database, a terminal or a command line.

pub mod archive;
pub mod csv;
mod gather;
mod json;
mod notices;
mod read;
mod records;
pub mod safe;
mod source;
mod surrogates;
mod taskwarrior;
#[cfg(test)]
mod tests;
mod write;

pub use gather::Incoming;
pub use notices::Notices;
pub use read::{ReadFormat, read};
pub use write::{WriteFormat, Writer};
