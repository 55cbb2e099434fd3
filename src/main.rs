//! The `daftari` command. Everything is in the library; see `cli`.

fn main() -> std::process::ExitCode {
    daftari::cli::main()
}
