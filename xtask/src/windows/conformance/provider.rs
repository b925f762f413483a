//! The provider in C++, compiled with mingw-w64.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use super::Subject;
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

    /// Whether it has the code of that mistake.
    fn makes(&self, name: &str) -> bool {
        self.text.contains(&format!("Mistake::{name}"))
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

/// Compiles the provider, again and again: with a mistake, only the file in which it is.
pub(super) struct Compiler {
    arch: Arch,
    folder: PathBuf,
    sources: Vec<Source>,
    headers: Vec<Source>,
    guids: PathBuf,
}

/// What takes most of the time, in a file of ours: the headers of Windows, of MAPI and of C++.
const SLOW_HEADERS: &str = "headers.h";
/// All sources in one, for mistakes in headers.
const WHOLE: &str = "whole.cpp";

impl Compiler {
    /// Writes down what is compiled, and compiles what is always the same.
    pub(super) fn prepare(arch: Arch) -> Result<Self, String> {
        let folder = Arch::target_dir().join("cpp-provider").join(arch.name());
        fs::create_dir_all(&folder)
            .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
        let compiler = Self {
            arch,
            guids: folder.join("guids.o"),
            sources: sources()?,
            headers: headers()?,
            folder,
        };
        compiler.write_files()?;
        let slow = compiler.folder.join(SLOW_HEADERS);
        let mut command = compiler.gcc();
        command.args(["-x", "c++-header"]).arg(&slow).arg("-o");
        command.arg(slow.with_extension("h.gch"));
        command::run(&mut command)?;
        // GUIDs are defined in a separate file, which reads the headers differently.
        let guids = workspace::root().join("tests/cpp/guids.cpp");
        let mut command = compiler.gcc();
        command.arg("-c").arg(guids).arg("-o").arg(&compiler.guids);
        command::run(&mut command)?;
        compiler.compile_all()?;
        Ok(compiler)
    }

    fn write_files(&self) -> Result<(), String> {
        let files = self.sources.iter().chain(&self.headers);
        let mut standard: Vec<&str> = files.flat_map(Source::standard_headers).collect();
        standard.sort_unstable();
        standard.dedup();
        // MAPI's headers come first, in an order of their own.
        let mapi = include_line(&workspace::root().join("tests/cpp/sync_family.h"));
        let sources = self.sources.iter().map(|source| include_line(&source.path));
        for (name, text) in [
            (SLOW_HEADERS, format!("{mapi}{}\n", standard.join("\n"))),
            (WHOLE, sources.collect()),
        ] {
            let path = self.folder.join(name);
            fs::write(&path, text)
                .map_err(|error| format!("can't write {}: {error}", path.display()))?;
        }
        Ok(())
    }

    fn gcc(&self) -> Command {
        let mut command = Command::new(self.arch.mingw("g++"));
        command.args(["-O1", "-std=c++17", "-Wall", "-Wextra", "-Werror"]);
        command
    }

    /// Where the compiled form of a source is if it makes no mistake.
    fn object(&self, source: &Source) -> PathBuf {
        self.folder.join(format!("{}.o", source.name()))
    }

    /// Compiles the provider as it is, as many files at once as there are processors.
    fn compile_all(&self) -> Result<(), String> {
        let waiting = Mutex::new(self.sources.iter());
        let compile_rest = || -> Result<(), String> {
            loop {
                let next = waiting.lock().map_or(None, |mut waiting| waiting.next());
                let Some(source) = next else {
                    return Ok(());
                };
                self.compile_file(&source.path, "none", &self.object(source))?;
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

    fn compile_file(&self, source: &Path, mistake: &str, object: &Path) -> Result<(), String> {
        let mut command = self.gcc();
        command
            .arg(format!("-DBROKEN={mistake}"))
            .arg("-include")
            .arg(self.folder.join(SLOW_HEADERS));
        command.arg("-c").arg(source).arg("-o").arg(object);
        command::run(&mut command)
    }

    /// Compiles the provider as it is, or with a mistake; returns the DLL, which has a store or a transport.
    pub(super) fn compile(&self, subject: &Subject) -> Result<PathBuf, String> {
        let (mistake, exports) = match subject {
            Subject::Store => (None, "provider.def"),
            Subject::Transport => (None, "transport.def"),
            Subject::Mistake(mistake) if mistake.is_of_transport() => {
                (Some(mistake), "transport.def")
            }
            Subject::Mistake(mistake) => (Some(mistake), "provider.def"),
        };
        let name = mistake.map_or("none", |mistake| &mistake.name);
        let dll = self.folder.join(match subject {
            Subject::Transport => "transport32.dll".to_owned(),
            _ => format!("{name}32.dll"),
        });
        let mut command = self.gcc();
        command.args(["-shared", "-static", "-o"]).arg(&dll);
        command.args(self.objects(name)?);
        command.arg(&self.guids).arg(folder().join(exports));
        // On x86 the compiler decorates names that are plain in the .def file.
        command.args(["-Wl,--enable-stdcall-fixup", "-lole32", "-luuid"]);
        command::run(&mut command)?;
        Ok(dll)
    }

    /// The compiled forms of all sources. What has the code of the mistake is compiled for it.
    fn objects(&self, mistake: &str) -> Result<Vec<PathBuf>, String> {
        let compiled = |source: &Path, ending: &str| {
            let object = self.folder.join(format!("{mistake}.{ending}.o"));
            self.compile_file(source, mistake, &object)?;
            Ok(object)
        };
        // All sources have what is in headers.
        if self.headers.iter().any(|header| header.makes(mistake)) {
            return Ok(vec![compiled(&self.folder.join(WHOLE), "whole")?]);
        }
        let object = |source: &Source| match source.makes(mistake) {
            true => compiled(&source.path, &source.name()),
            false => Ok(self.object(source)),
        };
        self.sources.iter().map(object).collect()
    }
}

/// A line that includes a file.
fn include_line(path: &Path) -> String {
    format!("#include \"{}\"\n", path.display())
}
