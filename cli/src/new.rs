//! `cargo mapi new`: a provider crate from the template.
//!
//! The template is the one that cargo-generate uses, built in. The same answers make the same crate.

mod answers;
mod fill;
mod folder;
mod options;
mod render;
mod value;
mod workspace;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::manifest;
use mapi_provider_templates::provider::{FILES, OPTIONS, SCRIPT};

use self::fill::Names;
use self::options::{Kind, Options};
use self::render::Renderer;
use self::value::{Answers, Value};
use self::workspace::Workspace;
use crate::demo::checkout;
use crate::{failure::Failure, output};

/// The question about a checkout of this repository.
const CHECKOUT: &str = "mapi_provider_path";

/// The file that plays the server, where the template has one.
const MESSAGES: &str = "messages.txt";

/// Make a new provider crate
///
/// The crate has a manifest, sync logic that works, tests that run it in a host that plays Outlook, and whatever
/// else the options say. By default it is a mailbox: folders and messages in a file of its own, with a text file in place of
/// a server. In a terminal, it asks for options that were not defined. Nothing is ever overwritten.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi new contoso-mail
  cargo mapi new contoso-mail --define kind=wrapped-store
  cargo mapi new contoso-mail --define display_name='Contoso Mail' --define licence=MIT --silent
  cargo mapi new --list")]
pub(crate) struct Args {
    /// The crate's folder, which must be new or empty; the current one by default
    path: Option<PathBuf>,

    /// The crate's name, if it isn't the folder's
    #[arg(long)]
    name: Option<String>,

    /// Answer an option of the template
    #[arg(short, long, value_name = "NAME=VALUE")]
    define: Vec<String>,

    /// Ask nothing: options that are not defined have the template's defaults
    #[arg(long)]
    silent: bool,

    /// List the options of the template
    #[arg(long, exclusive = true)]
    list: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.list {
        return list();
    }
    let folder = args.path.as_deref().unwrap_or(Path::new("."));
    folder::refuse_unless_empty(folder)?;
    let names = names(args, folder)?;
    let options = options()?;
    let mut answers = answers::given(&options, &args.define)?;
    if !args.silent && io::stdin().is_terminal() && io::stderr().is_terminal() {
        answers::ask(
            &options,
            &mut answers,
            &mut io::stdin().lock(),
            &mut io::stderr(),
        )?;
    } else {
        answers::by_default(&options, &mut answers);
    }
    fill::fill(&names, SCRIPT, &mut answers)?;
    let files = render(&options, &answers).map_err(|error| broken(&error))?;
    check(&files)?;
    for (name, text) in &files {
        folder::write_new(&folder.join(name), text)?;
    }
    say_what_is_there(&names, folder, &files)
}

fn names(args: &Args, folder: &Path) -> Result<Names, Failure> {
    match args.name.clone().or_else(|| folder::name_of(folder)) {
        Some(name) => Names::new(&name),
        None => Err(Failure::new(
            "the folder has no name: add `--name contoso-mail`",
        )),
    }
}

/// The options of the template. If this program was built in a checkout, that is the one to use.
fn options() -> Result<Options, Failure> {
    let mut options = Options::parse(OPTIONS).map_err(|error| broken(&error))?;
    let checkout = checkout().map(|path| path.to_string_lossy().into_owned());
    for option in options
        .placeholders
        .iter_mut()
        .filter(|it| it.name == CHECKOUT)
    {
        let checkout = checkout.as_deref().and_then(|path| option.kind.value(path));
        option.default = checkout.unwrap_or(option.default.clone());
    }
    Ok(options)
}

/// The resulting files: their names and texts.
fn render(options: &Options, answers: &Answers) -> Result<Vec<(&'static str, String)>, String> {
    let renderer = Renderer::new(answers)?;
    let mut left_out: Vec<&str> = Vec::new();
    for (condition, paths) in &options.left_out {
        if renderer.holds(condition)? {
            left_out.extend(paths.iter().map(String::as_str));
        }
    }
    let is_left_out = |name: &str| {
        left_out.iter().any(|path| {
            let rest = name.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let files = FILES
        .iter()
        .map(|file| (written_name(file.path), file.text));
    let rendered = files
        .filter(|(name, _)| !is_left_out(name))
        .map(|(name, text)| {
            let text = renderer.render(text);
            Ok((name, text.map_err(|error| format!("{name}: {error}"))?))
        });
    rendered.collect()
}

/// The name of a file when it is written: in the template, files that cargo must not recognise have an extra
/// ending.
fn written_name(file: &str) -> &str {
    file.strip_suffix(".liquid").unwrap_or(file)
}

/// The result must pass `cargo mapi check`: names have more rules than a template can express.
fn check(files: &[(&str, String)]) -> Result<(), Failure> {
    const MANIFEST: &str = "provider.toml";
    for (_, text) in files.iter().filter(|(name, _)| *name == MANIFEST) {
        manifest::load(&Source::new(MANIFEST, text.as_str())).map_err(|report| {
            Failure::Mistakes {
                shown: MANIFEST.to_owned(),
                report,
            }
        })?;
    }
    Ok(())
}

/// The template is built in, and tests make sure that it is right: nobody should ever read this.
fn broken(error: &str) -> Failure {
    Failure::new(format!("the template is broken: {error}"))
}

fn say_what_is_there(
    names: &Names,
    folder: &Path,
    files: &[(&str, String)],
) -> Result<(), Failure> {
    let mut said = format!("The crate {} is in {}:\n", names.package, folder.display());
    for (name, _) in files {
        said += &format!("   {name}\n");
    }
    if let Some(workspace) = Workspace::around(folder) {
        said += &workspace.what_to_do(files);
    }
    said += "Next:\n";
    if folder != Path::new(".") {
        said += &format!("   cd {}\n", folder.display());
    }
    said += "   cargo test\n";
    if files.iter().any(|(name, _)| *name == MESSAGES) {
        said += &format!(
            "   cargo mapi host sync . --profile test.profile --set server={MESSAGES}\n   \
             cargo mapi host show . --profile test.profile\n"
        );
    }
    output::say(&said)
}

fn list() -> Result<(), Failure> {
    let options = Options::parse(OPTIONS).map_err(|error| broken(&error))?;
    let widths = options.placeholders.iter().map(|it| it.name.len());
    let width = widths.max().unwrap_or(0);
    let mut said = String::new();
    for option in &options.placeholders {
        let (name, prompt) = (&option.name, &option.prompt);
        said += &format!("{name:width$}  {prompt}\n");
        for line in values(&option.kind, &option.default) {
            said += &format!("{:width$}    {line}\n", "");
        }
    }
    output::print(said.as_bytes())
}

/// What an option can be, one a line.
fn values(kind: &Kind, default: &Value) -> Vec<String> {
    let mark = |value: &str| {
        if default.to_string() == value {
            " (default)"
        } else {
            ""
        }
    };
    match kind {
        Kind::Text(_) => Vec::new(),
        Kind::Bool => vec![format!("true{}, false{}", mark("true"), mark("false"))],
        Kind::Choice(choices) => {
            let line = |value: &str, label: &str| {
                let label = label.strip_prefix(value).unwrap_or(label);
                format!("{value}{label}{}", mark(value))
            };
            choices
                .iter()
                .map(|choice| line(&choice.value, &choice.label))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_asks_for_our_own_compiler_and_repository() {
        let version = concat!("rust-version = \"", env!("CARGO_PKG_RUST_VERSION"), "\"\n");
        let repository = concat!("{ git = \"", env!("CARGO_PKG_REPOSITORY"), "\"");
        let cargo_toml = FILES.iter().find(|file| file.path == "Cargo.toml.liquid");
        let cargo_toml = cargo_toml.expect("there").text;
        assert!(cargo_toml.contains(version));
        let ours = cargo_toml.lines().filter(|line| line.contains("git = "));
        for line in ours {
            assert!(line.contains(repository), "{line}");
        }
    }
}
