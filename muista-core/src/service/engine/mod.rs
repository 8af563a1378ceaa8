//! The engine's use cases: what a daemon does by itself, on nobody's behalf.

pub mod run;
mod run_end;
