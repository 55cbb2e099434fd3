//! Migrations, menus and journeys are read while compiling; a change of them compiles anew.

fn main() {
    for folder in ["migrations", "menus", "journeys"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
