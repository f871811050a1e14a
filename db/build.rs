//! Builds the crate anew when a migration changes: the macro that embeds them does not see that by itself.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
