//! The catalogue against a C++ compiler: generates both sides, compiles them, and lets them call each other.
//! `tests/abi/README.md` says what this proves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mapi_provider_codegen::catalogue;

use super::arch::{Arch, wine_path};
use super::test::run_by_wine;
use crate::abi_cpp::{self, Compiler, Exceptions, Generated, Width};
use crate::{command, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
}

/// Runs `cargo xtask windows abi`.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    check(args.arch)
}

/// Generates, compiles, runs, and says what has been checked.
pub(crate) fn check(arch: Arch) -> Result<(), String> {
    let sides = Sides::make(arch)?;
    sides.test()?;
    command::say(&format!("{}: {}", arch.name(), sides.generated.figures));
    Ok(())
}

/// The C++ side, compiled, and the sources of the Rust side.
pub(crate) struct Sides {
    arch: Arch,
    folder: PathBuf,
    dll: PathBuf,
    generated: Generated,
}

impl Sides {
    /// Generates both and compiles the C++.
    pub(crate) fn make(arch: Arch) -> Result<Self, String> {
        let generated = generate(arch)?;
        let folder = Arch::target_dir().join("abi").join(arch.name());
        write(&folder, &generated)?;
        command::say(&format!(
            "compiling the catalogue as C++ for {}",
            arch.target()
        ));
        let dll = compile(arch, &folder, &generated)?;
        Ok(Self {
            arch,
            folder,
            dll,
            generated,
        })
    }

    /// Builds the Rust side.
    pub(crate) fn cargo(&self) -> Result<Command, String> {
        let arch = self.arch;
        let toolchain = arch.toolchain()?;
        let mut cargo = toolchain.cargo("test", &Arch::target_dir(), &arch.test_flags());
        cargo.args(["--package", "abi", "--test", "abi"]);
        cargo.env("MAPI_ABI_RECORDERS", self.folder.join("recorders.rs"));
        Ok(cargo)
    }

    /// Tells the Rust side where the other one is.
    pub(crate) fn pass_dll(&self, command: &mut Command) {
        command.env("MAPI_ABI_DLL", wine_path(&self.dll));
    }

    /// Runs the Rust side under Wine; it loads the other one.
    fn test(&self) -> Result<(), String> {
        let mut cargo = self.cargo()?;
        let _awake = run_by_wine(&mut cargo, self.arch)?;
        self.pass_dll(&mut cargo);
        cargo.args(["--", "--nocapture"]);
        let output = cargo
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("can't start cargo: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        print!("{said}");
        // A program that crashes under Wine may still end with 0.
        if output.status.success() && said.contains("test result: ok.") {
            Ok(())
        } else {
            Err(format!(
                "the two sides of the catalogue don't understand each other ({})",
                output.status
            ))
        }
    }
}

fn generate(arch: Arch) -> Result<Generated, String> {
    let catalogue = catalogue::shipped().map_err(|report| report.to_string())?;
    let path = workspace::root().join("tests/abi/exceptions.toml");
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("can't read {}: {error}", path.display()))?;
    let exceptions = Exceptions::parse(&text)?;
    let width = match arch {
        Arch::X64 => Width::Wide,
        Arch::X86 => Width::Narrow,
    };
    let macros = macros(arch)?;
    abi_cpp::generate(&catalogue, &exceptions, &Compiler { width, macros })
}

/// The names of all macros that the headers define.
fn macros(arch: Arch) -> Result<BTreeSet<String>, String> {
    let mut compiler = Command::new(arch.mingw("g++"));
    let headers = by_hand().join("headers.h");
    let text = command::output(compiler.args(["-E", "-dM", "-x", "c++"]).arg(headers))?;
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split([' ', '(']).next());
    Ok(names.map(str::to_owned).collect())
}

/// The C++ that people write.
fn by_hand() -> PathBuf {
    workspace::root().join("tests/abi/cpp")
}

fn write(folder: &Path, generated: &Generated) -> Result<(), String> {
    fs::create_dir_all(folder)
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    for (name, text) in &generated.files {
        let path = folder.join(name);
        // An unchanged file keeps its time, so cargo doesn't rebuild.
        if fs::read_to_string(&path).is_ok_and(|old| old == *text) {
            continue;
        }
        fs::write(&path, text)
            .map_err(|error| format!("can't write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// The parts of the DLL that people write.
const BY_HAND: [&str; 2] = ["abi.cpp", "forward.cpp"];

/// Compiles the generated files and those of `tests/abi/cpp` into a DLL.
fn compile(arch: Arch, folder: &Path, generated: &Generated) -> Result<PathBuf, String> {
    let by_hand = by_hand();
    let generated = generated.files.iter().map(|(name, _)| folder.join(name));
    let sources = generated.filter(|path| path.extension().is_some_and(|ending| ending == "cpp"));
    let compilers = sources
        .chain(BY_HAND.map(|name| by_hand.join(name)))
        .map(|source| {
            let object = folder
                .join(source.file_name().unwrap_or_default())
                .with_extension("o");
            let mut compiler = Command::new(arch.mingw("g++"));
            compiler
                .args(["-c", "-O1", "-fno-omit-frame-pointer", "-fno-defer-pop"])
                .args(["-std=c++17", "-Wall", "-Werror", "-I"])
                .arg(&by_hand)
                .arg("-I")
                .arg(folder)
                .arg(source)
                .arg("-o")
                .arg(&object);
            (compiler, object)
        });
    let objects = run_all(compilers.collect())?;
    let dll = folder.join("abi.dll");
    let mut linker = Command::new(arch.mingw("g++"));
    linker
        .args(["-shared", "-static", "-o"])
        .arg(&dll)
        .args(objects);
    command::run(linker.args(["-lole32", "-luuid"]))?;
    Ok(dll)
}

/// Runs the compilers, as many at once as there are processors; returns what they have made.
fn run_all(compilers: Vec<(Command, PathBuf)>) -> Result<Vec<PathBuf>, String> {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut objects = Vec::new();
    let mut failed = 0;
    let mut compilers = compilers.into_iter().peekable();
    while compilers.peek().is_some() {
        let mut running: Vec<(Child, PathBuf)> = Vec::new();
        for (mut compiler, object) in compilers.by_ref().take(at_once) {
            let child = compiler
                .spawn()
                .map_err(|error| format!("can't start the compiler: {error}"))?;
            running.push((child, object));
        }
        for (mut child, object) in running {
            let status = child.wait().map_err(|error| error.to_string())?;
            failed += usize::from(!status.success());
            objects.push(object);
        }
    }
    if failed == 0 {
        return Ok(objects);
    }
    Err(format!(
        "{failed} files of C++ don't compile: the catalogue and the headers disagree, or an exception in \
         tests/abi/exceptions.toml is missing or no longer needed"
    ))
}
