//! The `daftari` command. Everything is in the library; see `cli`.

/// A hop asks for memory more than a hundred times; with the C library's allocator it costs an eighth more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    daftari::cli::main()
}
