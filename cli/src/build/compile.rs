//! Cargo builds the library, only as a DLL.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::package::Package;
use crate::doctor::Route;
use crate::failure::Failure;

/// Builds the DLL for an architecture, and returns its path. Cargo's output goes to standard error unchanged.
pub(super) fn compile(package: &Package, route: Route, release: bool) -> Result<PathBuf, Failure> {
    let (name, arch) = (&package.name, route.arch.name());
    let output = command(package, route, release)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("can't start cargo to build {name}: {error}")))?;
    if !output.status.success() {
        return Err(Failure::new(format!(
            "{name} could not be built for {arch}"
        )));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let dll = messages
        .lines()
        .find_map(|line| dll_in(line, &package.manifest));
    dll.ok_or_else(|| Failure::new(format!("cargo built no DLL from {name} for {arch}")))
}

/// The cargo that runs this program, or the one on the path.
pub(super) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

fn command(package: &Package, route: Route, release: bool) -> Command {
    let mut command = if route.std_from_source {
        // Rustup's, which knows toolchains by name. The toolchain decides which compiler cargo runs.
        let mut command = Command::new("cargo");
        command.arg("+nightly").env_remove("RUSTC");
        command
    } else {
        cargo()
    };
    if route.xwin {
        command.arg("xwin");
    }
    command.args(["rustc", "--lib", "--crate-type", "cdylib"]);
    command.args([
        "--message-format=json-render-diagnostics",
        "--manifest-path",
    ]);
    command.arg(&package.manifest);
    command.args(["--target", route.target]);
    // Relative to the folder that we were started in.
    command.arg("--target-dir").arg(&package.target);
    if route.std_from_source {
        command.arg("-Zbuild-std=std,panic_unwind");
    }
    if release {
        command.arg("--release");
    }
    if route.target == "i686-pc-windows-gnu" {
        // Exports and imports have no `@N`; without this, the linker warns about each.
        command.args(["--", "-Clink-arg=-Wl,--enable-stdcall-fixup"]);
    }
    // There cargo also reads the crate's settings, so a DLL to ship is built with them from any folder.
    command.current_dir(package.folder());
    command
}

/// The DLL in one of cargo's messages, if it belongs to the crate with this `Cargo.toml`.
fn dll_in(message: &str, manifest: &Path) -> Option<PathBuf> {
    let message: Json = serde_json::from_str(message).ok()?;
    let kinds = message.get("target")?.get("crate_types")?.as_array()?;
    let of = Path::new(message.get("manifest_path")?.as_str()?);
    let ours = message.get("reason")? == "compiler-artifact"
        && of.canonicalize().ok()? == manifest.canonicalize().ok()?
        && kinds.iter().any(|kind| kind == "cdylib");
    let files = message.get("filenames")?.as_array()?.iter();
    let mut files = files.filter_map(Json::as_str).map(PathBuf::from);
    files.find(|file| ours && file.extension().is_some_and(|ending| ending == "dll"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Arch;

    fn shown(route: Route, release: bool) -> String {
        let package = Package {
            name: "contoso".to_owned(),
            manifest: PathBuf::from("a/Cargo.toml"),
            root: PathBuf::from("a"),
            target: PathBuf::from("a/target"),
        };
        let command = command(&package, route, release);
        assert_eq!(command.get_current_dir(), Some(Path::new("a")));
        let args = command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned());
        args.collect::<Vec<String>>().join(" ")
    }

    #[test]
    fn cargo_builds_a_dll_and_nothing_else() {
        let route = Route {
            arch: Arch::X64,
            target: "x86_64-pc-windows-msvc",
            std_from_source: false,
            xwin: false,
        };
        let rest = "rustc --lib --crate-type cdylib --message-format=json-render-diagnostics \
                    --manifest-path a/Cargo.toml --target";
        assert_eq!(
            shown(route, true),
            format!("{rest} x86_64-pc-windows-msvc --target-dir a/target --release")
        );
        let xwin = Route {
            xwin: true,
            ..route
        };
        assert_eq!(
            shown(xwin, false),
            format!("xwin {rest} x86_64-pc-windows-msvc --target-dir a/target")
        );
        let gnu = Route {
            arch: Arch::X86,
            target: "i686-pc-windows-gnu",
            std_from_source: true,
            xwin: false,
        };
        assert_eq!(
            shown(gnu, true),
            format!(
                "+nightly {rest} i686-pc-windows-gnu --target-dir a/target -Zbuild-std=std,panic_unwind --release -- \
                 -Clink-arg=-Wl,--enable-stdcall-fixup"
            )
        );
    }

    #[test]
    fn the_dll_is_that_of_our_crate() {
        let folder = tempfile::tempdir().expect("a folder");
        let [ours, other] = ["Cargo.toml", "Other.toml"].map(|name| {
            let path = folder.path().join(name);
            std::fs::write(&path, "").expect("written");
            path
        });
        let message = |of: &Path, kind: &str| {
            serde_json::json!({
                "reason": "compiler-artifact",
                "manifest_path": of,
                "target": {"crate_types": [kind]},
                "filenames": ["contoso32.lib", "contoso32.dll"],
            })
            .to_string()
        };
        let found = |message: &str| dll_in(message, &ours);
        assert_eq!(
            found(&message(&ours, "cdylib")),
            Some("contoso32.dll".into())
        );
        assert_eq!(found(&message(&ours, "proc-macro")), None);
        assert_eq!(found(&message(&other, "cdylib")), None);
        assert_eq!(found("what is this?"), None);
    }
}
