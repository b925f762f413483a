//! `cargo xtask windows build`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::arch::Arch;
use crate::workspace::Package;
use crate::{command, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
    /// Optimise.
    #[arg(long)]
    release: bool,
    /// The crate: its name in the workspace, or its folder.
    #[arg(short, long, value_name = "CRATE")]
    package: String,
    #[command(flatten)]
    program: Program,
}

/// A program of the crate to build instead of its library.
#[derive(clap::Args, Default)]
#[group(multiple = false)]
struct Program {
    /// Build this program instead of the library.
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// Build this example instead of the library.
    #[arg(long, value_name = "NAME")]
    example: Option<String>,
    /// Build this integration test instead of the library.
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
}

impl Program {
    fn cargo_args(&self) -> Vec<&str> {
        let choices = [
            ("--bin", &self.bin),
            ("--example", &self.example),
            ("--test", &self.test),
        ];
        choices
            .into_iter()
            .filter_map(|(option, name)| Some([option, name.as_deref()?]))
            .flatten()
            .collect()
    }
}

/// Builds, and prints the path of the result as the last line.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let package = workspace::find_package(&args.package)?;
    let built = build(args.arch, &package, args.release, &args.program)?;
    println!("{}", built.display());
    Ok(())
}

/// Builds a program of a package for tests.
pub(crate) fn debug_program(arch: Arch, package: &str, name: &str) -> Result<PathBuf, String> {
    let program = Program {
        bin: Some(name.to_owned()),
        ..Program::default()
    };
    build(arch, &workspace::find_package(package)?, false, &program)
}

fn build(
    arch: Arch,
    package: &Package,
    release: bool,
    program: &Program,
) -> Result<PathBuf, String> {
    let mut cargo = arch
        .toolchain()?
        .cargo("build", &Arch::target_dir(), &arch.test_flags());
    cargo.arg("--message-format=json-render-diagnostics");
    cargo
        .args(["--package", &package.name, "--manifest-path"])
        .arg(&package.manifest);
    cargo
        .args(release.then_some("--release"))
        .args(program.cargo_args());
    command::say(&format!("building {} for {}", package.name, arch.target()));
    let built = Built::parse(&command::output(&mut cargo)?, package);
    let wanted = if program.cargo_args().is_empty() {
        built.dll.or(built.program)
    } else {
        built.program
    };
    let file = wanted.ok_or_else(|| {
        format!(
            "{} has neither a DLL (crate-type cdylib) nor a program",
            package.name
        )
    })?;
    check_imports(arch, &file)?;
    Ok(file)
}

/// What cargo says it built from a package.
#[derive(Debug, Default)]
struct Built {
    dll: Option<PathBuf>,
    program: Option<PathBuf>,
}

impl Built {
    fn parse(messages: &str, package: &Package) -> Self {
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of_package = |message: &Value| {
            let manifest = message["manifest_path"].as_str().map(Path::new);
            message["reason"] == "compiler-artifact" && manifest == Some(&package.manifest)
        };
        let mut built = Self::default();
        for message in messages.filter(of_package) {
            let files = message["filenames"].as_array().into_iter().flatten();
            let mut files = files.filter_map(Value::as_str).map(PathBuf::from);
            built.dll = files
                .find(|file| file.extension().is_some_and(|ending| ending == "dll"))
                .or(built.dll);
            built.program = message["executable"]
                .as_str()
                .map(PathBuf::from)
                .or(built.program);
        }
        built
    }
}

/// Refuses a file that needs one of the compiler's DLLs: no Windows has them.
pub(super) fn check_imports(arch: Arch, file: &Path) -> Result<(), String> {
    let tables = command::output(Command::new(arch.mingw("objdump")).arg("-p").arg(file))?;
    match compilers_dll(&tables) {
        Some(dll) => Err(format!(
            "{} needs {dll}, which Windows doesn't have",
            file.display()
        )),
        None => Ok(()),
    }
}

fn compilers_dll(objdump: &str) -> Option<&str> {
    let imports = objdump
        .lines()
        .filter_map(|line| line.trim().strip_prefix("DLL Name: "));
    let mut imports = imports.map(str::trim);
    imports.find(|dll| {
        ["libgcc", "libstdc++", "libwinpthread"]
            .iter()
            .any(|of_mingw| dll.starts_with(of_mingw))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_own_dlls_are_told_from_the_systems() {
        assert_eq!(
            compilers_dll("\tDLL Name: KERNEL32.dll\n\tDLL Name: libgcc_s_dw2-1.dll\n"),
            Some("libgcc_s_dw2-1.dll")
        );
        assert_eq!(compilers_dll("\tDLL Name: KERNEL32.dll\n"), None);
    }

    #[test]
    fn the_dll_and_the_program_are_found_among_the_messages() {
        let package = Package {
            name: "p".into(),
            manifest: "/p/Cargo.toml".into(),
            tests: vec![],
        };
        let message = |manifest: &str, files: &[&str], executable: Option<&str>| {
            let message = serde_json::json!({
                "reason": "compiler-artifact",
                "manifest_path": manifest,
                "filenames": files,
                "executable": executable,
            });
            message.to_string()
        };
        let messages = [
            message("/p/Cargo.toml", &["/t/libp32.rlib", "/t/p32.dll"], None),
            message("/p/Cargo.toml", &["/t/p.exe"], Some("/t/p.exe")),
            message("/q/Cargo.toml", &["/t/q.dll"], Some("/t/q.exe")),
            "not JSON".to_owned(),
        ];
        let built = Built::parse(&messages.join("\n"), &package);
        assert_eq!(built.dll, Some("/t/p32.dll".into()));
        assert_eq!(built.program, Some("/t/p.exe".into()));
    }
}
