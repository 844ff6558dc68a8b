//! Recompiles the crate when a shipped declaration changes: they are embedded in it.

fn main() {
    println!("cargo::rerun-if-changed=base");
    println!("cargo::rerun-if-changed=build.rs");
}
