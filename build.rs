//! Migrations, menus, journeys and the simulator's page are read while compiling; a change of them compiles anew.

fn main() {
    for folder in ["migrations", "menus", "journeys", "src/web/simulator/page"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
