//! The binary: arguments, then the command line.

fn main() -> std::process::ExitCode {
    roster::cli::run()
}
