//! `muistad`, the program. What it does is the library's.

use std::process::ExitCode;

fn main() -> ExitCode {
    muistad::main()
}
