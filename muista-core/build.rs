//! Has cargo notice a new migration: the macro that embeds them only names the files there were.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
