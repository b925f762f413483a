//! `cargo mapi build`: the DLLs to ship, one for each kind of Outlook.

mod compile;
mod ignored;
mod package;

use std::path::PathBuf;

use mapi_provider_host::Dll;
use serde_json::{Value as Json, json};

use self::package::Package;
use crate::doctor::{self, Arch, Route};
use crate::failure::Failure;
use crate::output;

/// Build the DLLs to ship
///
/// The library is built only as a DLL: if it is also an rlib, which tests need, cargo leaves out optimisation across
/// crates, and the DLL is more than twice as large. If this machine lacks something for one of the architectures,
/// nothing is built, and what is missing is shown as by `cargo mapi doctor`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi build --release
  cargo mapi build --release --arch x64,arm64
  cargo mapi build --release --package contoso --json | jq -r '.dlls[].path'")]
pub(crate) struct Args {
    /// Optimise, as for a DLL that ships
    #[arg(long)]
    release: bool,
    /// The kinds of Outlook, separated by commas [default: x64,x86]
    #[arg(long, value_enum, value_delimiter = ',')]
    arch: Vec<Arch>,
    /// The provider's package, if it isn't the one in this folder
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Print what was built as a JSON object
    #[arg(long)]
    json: bool,
}

/// What was built for one kind of Outlook.
struct Built {
    route: Route,
    path: PathBuf,
    dll: Dll,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let package = Package::find(args.package.as_deref())?;
    let routes = match doctor::routes(&args.arch) {
        Ok(routes) => routes,
        Err(missing) => {
            if args.json {
                output::json(&json!({"ok": false, "missing": missing.json()}))?;
            }
            return Err(missing.into());
        }
    };
    let mut notes = ignored::notes(&package, &routes);
    let mut built = Vec::new();
    for route in routes {
        built.push(build(&package, route, args.release)?);
    }
    notes.extend(built.iter().filter_map(Built::note));
    if args.json {
        return output::json(&json_of(&package, args.release, &built, &notes));
    }
    let pages: Vec<String> = built.iter().map(Built::page).collect();
    let notes: Vec<String> = notes
        .iter()
        .map(|note| format!("\nnote: {note}\n"))
        .collect();
    output::say(&format!("{}{}", pages.join("\n"), notes.concat()))
}

fn build(package: &Package, route: Route, release: bool) -> Result<Built, Failure> {
    let path = compile::compile(package, route, release)?;
    let wrong = |error: mapi_provider_host::LoadError| Failure::new(error.to_string());
    let dll = Dll::read(&path).map_err(wrong)?;
    dll.check_provider(&path).map_err(wrong)?;
    if dll.arch() != Some(route.arch.name()) {
        return Err(Failure::new(format!(
            "{} is built for {dll}, but {} was asked for",
            path.display(),
            route.arch.name()
        )));
    }
    Ok(Built { route, path, dll })
}

impl Built {
    fn page(&self) -> String {
        let Self { route, path, dll } = self;
        format!(
            "{}\n  {dll}, {}, {} kB\n  exports: {}\n  needs: {}\n",
            path.display(),
            route.target,
            dll.size().div_ceil(1000),
            dll.exports().join(", "),
            dll.needs().join(", ")
        )
    }

    /// Why it shouldn't ship, even if it works here.
    fn note(&self) -> Option<String> {
        let name = self.path.file_name().unwrap_or_default();
        let name = format!("{} for {}", name.to_string_lossy(), self.route.arch.name());
        if self.route.target.ends_with("-gnu") {
            return Some(format!(
                "{name} is built for {}, which is for tests: ship a DLL built for msvc",
                self.route.target
            ));
        }
        let is_runtime = |library: &&String| {
            let library = library.to_ascii_lowercase();
            library.starts_with("vcruntime") || library.starts_with("msvcp")
        };
        let runtime = self.dll.needs().iter().find(is_runtime)?;
        Some(format!(
            "{name} needs {runtime}, which not every Windows has, and Outlook doesn't say that it is missing: link the C \
             runtime into it, by {}",
            ignored::STATIC_RUNTIME
        ))
    }
}

fn json_of(package: &Package, release: bool, built: &[Built], notes: &[String]) -> Json {
    let dll = |built: &Built| {
        let Built { route, path, dll } = built;
        json!({
            "arch": route.arch.name(),
            "target": route.target,
            "path": path,
            "size": dll.size(),
            "exports": dll.exports(),
            "needs": dll.needs(),
        })
    };
    json!({
        "ok": true,
        "package": package.name,
        "release": release,
        "dlls": built.iter().map(dll).collect::<Vec<Json>>(),
        "notes": notes,
    })
}
