//! Refuses to build without the front end, with a message that says what to do.

use std::{env, path::PathBuf};

fn main() {
    let manifest =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../ui/dist/manifest.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    if !manifest.is_file() {
        println!("cargo::error=the front end is not built (ui/dist/manifest.json is missing): run `make ui` first");
    }
}
