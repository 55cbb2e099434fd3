//! Migrations and menus are read while compiling; a change of them compiles anew.

fn main() {
    for folder in ["migrations", "menus"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
