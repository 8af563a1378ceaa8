//! Compresses the files that the daemon serves of itself once, with the program, so that it need not compress them for
//! whoever asks.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{env, io};

use flate2::Compression;
use flate2::write::GzEncoder;

/// The files, in `assets`. Pictures are compressed already.
const FILES: [&str; 7] = [
    "docs.html",
    "docs.js",
    "swagger-ui/swagger-ui-bundle.js",
    "swagger-ui/swagger-ui.css",
    "password/reset.html",
    "password/reset.js",
    "password/reset.css",
];

fn main() -> Result<(), Box<dyn Error>> {
    let to = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    for name in FILES {
        let from = Path::new("assets").join(name);
        println!("cargo::rerun-if-changed={}", from.display());
        let packed = to.join(format!("{name}.gz"));
        fs::create_dir_all(packed.parent().unwrap_or(&to))?;
        let mut encoder = GzEncoder::new(File::create(packed)?, Compression::best());
        io::copy(&mut File::open(from)?, &mut encoder)?;
        encoder.finish()?;
    }
    Ok(())
}
