//! Values for settings, from where secrets need not stand on the command line too.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};

use mapi_provider::Secret;
use mapi_provider::profile::{AssignmentError, Assignments};
use mapi_provider::spec::{SettingKind, SettingSpec};

use crate::assign::explained;
use crate::failure::Failure;

/// What is set.
#[derive(clap::Args)]
pub(super) struct Values {
    /// Set one of the provider's settings; may be repeated. Others may see a command line: there are other ways for a
    /// secret
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// Set one to what an environment variable says
    #[arg(long, value_name = "NAME=VARIABLE")]
    set_env: Vec<String>,

    /// Set one to a line of standard input; may be repeated, for one line each
    #[arg(long, value_name = "NAME")]
    set_stdin: Vec<String>,
}

impl Values {
    /// The values, checked. Nothing is read from standard input where something is wrong already.
    pub(super) fn read(&self, settings: &[SettingSpec]) -> Result<Assignments, Failure> {
        let mut values = Assignments::default();
        for assignment in &self.set {
            let assigned = values.assign(settings, assignment);
            assigned.map_err(|error| wrong(&error, "--set"))?;
        }
        for pair in &self.set_env {
            let (name, variable) = pair.split_once('=').ok_or_else(|| {
                Failure::new(
                    "`--set-env` wants NAME=VARIABLE, and there is no `=` in what it was given",
                )
            })?;
            let value = env::var(variable).map(Secret::new).map_err(|_| {
                Failure::new(format!(
                    "there is no environment variable `{variable}` that is Unicode, to take `{name}` from"
                ))
            })?;
            let set = values.set(settings, name, value.expose());
            set.map_err(|error| wrong(&error, "--set-env"))?;
        }
        for name in &self.set_stdin {
            let known = settings.iter().find(|setting| setting.name == name);
            if known.is_none() {
                // Nobody types a password for a setting that there isn't.
                let set = values.set(settings, name, "");
                set.map_err(|error| wrong(&error, "--set-stdin"))?;
            }
            let secret = known.is_some_and(|setting| setting.kind == SettingKind::Secret);
            let value = line(name, secret)?;
            let set = values.set(settings, name, value.expose());
            set.map_err(|error| wrong(&error, "--set-stdin"))?;
        }
        Ok(values)
    }
}

fn wrong(error: &AssignmentError, option: &str) -> Failure {
    Failure::new(explained(error, option))
}

/// A line of standard input, without its end. A person is asked for it.
fn line(name: &str, secret: bool) -> Result<Secret, Failure> {
    if io::stdin().is_terminal() {
        let warning = if secret {
            " (it is shown as you type)"
        } else {
            ""
        };
        // Where that can't be said the line is waited for all the same.
        let _ = write!(io::stderr(), "{name}{warning}: ");
    }
    let mut text = String::new();
    let read = io::stdin().lock().read_line(&mut text);
    let read = read.map_err(|error| Failure::new(format!("can't read standard input: {error}")))?;
    if read == 0 {
        return Err(Failure::new(format!(
            "standard input has no line for `{name}`"
        )));
    }
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    Ok(Secret::new(text))
}
