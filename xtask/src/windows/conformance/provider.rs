//! The provider in C++, compiled with mingw-w64.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use crate::windows::arch::Arch;
use crate::windows::driver;
use crate::{command, workspace};

/// Where its files are.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("tests/cpp-provider")
}

/// The folders of its files: the provider's, the mailbox's, and the transport's.
fn folders() -> [PathBuf; 3] {
    [folder(), folder().join("mail"), folder().join("transport")]
}

/// Its source files.
fn sources() -> Result<Vec<Source>, String> {
    let mut all = Vec::new();
    for folder in folders() {
        for path in driver::sources(&folder)? {
            all.push(Source::read(path)?);
        }
    }
    Ok(all)
}

/// Its headers, but for the one that lists the mistakes.
fn headers() -> Result<Vec<Source>, String> {
    let mut all = Vec::new();
    for folder in folders() {
        let files = folder
            .read_dir()
            .map_err(|error| format!("can't read {}: {error}", folder.display()))?;
        let files = files.flatten().map(|file| file.path());
        let is_header = |path: &PathBuf| {
            path.extension().is_some_and(|end| end == "h") && !path.ends_with("broken.h")
        };
        for path in files.filter(is_header) {
            all.push(Source::read(path)?);
        }
    }
    Ok(all)
}

/// A file, and what is in it.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn read(path: PathBuf) -> Result<Self, String> {
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("can't read {}: {error}", path.display()))?;
        Ok(Self { path, text })
    }

    /// Its name without the ending, which no other source has.
    fn name(&self) -> String {
        let name = self.path.file_stem().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The headers that it includes from elsewhere.
    fn standard_headers(&self) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .filter(|line| line.starts_with("#include <"))
    }
}

/// All its code, to look for mistakes in.
#[cfg(test)]
pub(super) fn code() -> Result<String, String> {
    let files = sources()?.into_iter().chain(headers()?);
    Ok(files.map(|source| source.text).collect())
}

/// What takes most of the time, in a file of ours: the headers of Windows, of MAPI and of C++.
const SLOW_HEADERS: &str = "headers.h";

/// The DLLs: the same code with other exports.
#[derive(Debug)]
pub(super) struct Dlls {
    pub(super) store: PathBuf,
    pub(super) transport: PathBuf,
}

/// Compiles the provider.
pub(super) fn compile(arch: Arch) -> Result<Dlls, String> {
    let folder = Arch::target_dir().join("cpp-provider").join(arch.name());
    fs::create_dir_all(&folder)
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    let compiler = Compiler {
        arch,
        folder,
        sources: sources()?,
    };
    compiler.compile_headers()?;
    compiler.compile_sources()?;
    compiler.compile_guids()?;
    Ok(Dlls {
        store: compiler.link("provider")?,
        transport: compiler.link("transport")?,
    })
}

struct Compiler {
    arch: Arch,
    folder: PathBuf,
    sources: Vec<Source>,
}

impl Compiler {
    fn gcc(&self) -> Command {
        let mut command = Command::new(self.arch.mingw("g++"));
        command.args(["-O1", "-std=c++17", "-Wall", "-Wextra", "-Werror"]);
        command
    }

    fn slow_headers(&self) -> PathBuf {
        self.folder.join(SLOW_HEADERS)
    }

    fn compile_headers(&self) -> Result<(), String> {
        let headers = headers()?;
        let files = self.sources.iter().chain(&headers);
        let mut standard: Vec<&str> = files.flat_map(Source::standard_headers).collect();
        standard.sort_unstable();
        standard.dedup();
        // MAPI's headers come first, in an order of their own.
        let mapi = include_line(&workspace::root().join("tests/cpp/sync_family.h"));
        let slow = self.slow_headers();
        fs::write(&slow, format!("{mapi}{}\n", standard.join("\n")))
            .map_err(|error| format!("can't write {}: {error}", slow.display()))?;
        let mut command = self.gcc();
        command.args(["-x", "c++-header"]).arg(&slow).arg("-o");
        command::run(command.arg(slow.with_extension("h.gch")))
    }

    /// Compiles all sources, as many at once as there are processors.
    fn compile_sources(&self) -> Result<(), String> {
        let waiting = Mutex::new(self.sources.iter());
        let compile_rest = || -> Result<(), String> {
            loop {
                let next = waiting.lock().map_or(None, |mut waiting| waiting.next());
                let Some(source) = next else {
                    return Ok(());
                };
                let mut command = self.gcc();
                command.arg("-include").arg(self.slow_headers());
                command.arg("-c").arg(&source.path);
                command::run(command.arg("-o").arg(self.object(source)))?;
            }
        };
        let at_once = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(compile_rest)).collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|_| Err("a thread panicked".to_owned()))
                })
                .fold(Ok(()), Result::and)
        })
    }

    /// The compiled form of a source.
    fn object(&self, source: &Source) -> PathBuf {
        self.folder.join(format!("{}.o", source.name()))
    }

    fn guids(&self) -> PathBuf {
        self.folder.join("guids.o")
    }

    /// GUIDs are defined in a separate file, which reads the headers differently.
    fn compile_guids(&self) -> Result<(), String> {
        let mut command = self.gcc();
        command
            .arg("-c")
            .arg(workspace::root().join("tests/cpp/guids.cpp"));
        command::run(command.arg("-o").arg(self.guids()))
    }

    /// Links the DLL with the exports of this file.
    fn link(&self, exports: &str) -> Result<PathBuf, String> {
        let dll = self.folder.join(format!("{exports}32.dll"));
        let mut command = self.gcc();
        command.args(["-shared", "-static", "-o"]).arg(&dll);
        command.args(self.sources.iter().map(|source| self.object(source)));
        command.arg(self.guids());
        command.arg(folder().join(exports).with_extension("def"));
        // On x86 the compiler decorates names that are plain in the .def file.
        command.args(["-Wl,--enable-stdcall-fixup", "-lole32", "-luuid"]);
        command::run(&mut command)?;
        Ok(dll)
    }
}

/// A line that includes a file.
fn include_line(path: &Path) -> String {
    format!("#include \"{}\"\n", path.display())
}
