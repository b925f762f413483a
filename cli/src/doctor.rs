//! `cargo mapi doctor`: what is missing to build for Windows, and how to get it.

mod goals;
mod hints;
mod machine;
mod way;
mod ways;

use clap::ValueEnum;
use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use self::goals::Goal;
use self::machine::ThisMachine;
use self::way::{Part, Way};
use crate::failure::Failure;
use crate::output;

pub(crate) use self::ways::Route;

/// Say what is missing to build for Windows, and how to get it
///
/// A provider can be built and tested on any system; you ship one DLL for each kind of Outlook. There may be
/// several ways to build it, and one is enough. The exit code is 0 if Rust is new enough and each requested
/// architecture can be built.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi doctor
  cargo mapi doctor --arch x64 --arch arm64
  cargo mapi doctor --json | jq '.goals[] | select(.ok | not)'")]
pub(crate) struct Args {
    /// An architecture that must be available; may be repeated [default: x64 and x86]
    #[arg(long, value_enum)]
    arch: Vec<Arch>,
    /// Print what was found as a JSON object
    #[arg(long)]
    json: bool,
}

/// The kinds of Outlook, by their processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arch {
    /// 64-bit Outlook
    X64,
    /// 32-bit Outlook
    X86,
    /// Outlook on ARM
    Arm64,
}

impl Arch {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Arch::X64 => "x64",
            Arch::X86 => "x86",
            Arch::Arm64 => "arm64",
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let asked = asked(&args.arch);
    let goals = goals::look(&ThisMachine, &asked);
    let missing: Vec<&str> = goals
        .iter()
        .filter(|goal| goal.needed && !goal.ok())
        .map(|goal| goal.name)
        .collect();
    if args.json {
        output::json(&json_of(&goals, missing.is_empty()))?;
    } else {
        output::print(page(&goals).as_bytes())?;
    }
    match missing.as_slice() {
        [] => Ok(()),
        missing => Err(Failure::new(format!("missing: {}", missing.join(", ")))),
    }
}

/// The requested architectures, each once; by default those that most Outlooks have.
fn asked(named: &[Arch]) -> Vec<Arch> {
    let mut asked = Vec::new();
    for arch in named {
        if !asked.contains(arch) {
            asked.push(*arch);
        }
    }
    if asked.is_empty() {
        asked = vec![Arch::X64, Arch::X86];
    }
    asked
}

/// What keeps this machine from building what was requested.
pub(crate) struct Missing(Vec<Goal>);

impl Missing {
    /// For programs.
    pub(crate) fn json(&self) -> Json {
        self.0.iter().map(goal_json).collect()
    }
}

impl From<Missing> for Failure {
    /// What doctor says about it, below a sentence.
    fn from(missing: Missing) -> Self {
        let goals: Vec<String> = missing
            .0
            .iter()
            .map(|goal| goal_text(goal, goal.title))
            .collect();
        let names: Vec<&str> = missing.0.iter().map(|goal| goal.name).collect();
        Failure::new(format!(
            "this machine can't build that; `cargo mapi doctor` says what is missing: {}\n\n{}",
            names.join(", "),
            goals.join("\n").trim_end()
        ))
    }
}

/// How this machine builds DLLs for the requested architectures: one way for each.
pub(crate) fn routes(named: &[Arch]) -> Result<Vec<Route>, Missing> {
    goals::routes(&ThisMachine, &asked(named)).map_err(Missing)
}

/// What was found, for people.
fn page(goals: &[Goal]) -> String {
    let text = |goal: &Goal| goal_text(goal, &output::bold(goal.title));
    let goals: Vec<String> = goals.iter().map(text).collect();
    format!("{}\n", goals.join("\n"))
}

fn goal_text(goal: &Goal, title: &str) -> String {
    let optional = if goal.needed { "" } else { " (optional)" };
    let mut text = format!("{title}{optional}\n");
    for way in &goal.ways {
        let mark = match (way.ok(), goal.ok()) {
            (true, _) => "ok",
            // There is another way, so this one may be missing.
            (false, true) => "-",
            (false, false) => "missing",
        };
        text += &format!("  {mark:<8}{}\n", way.name);
        for part in &way.parts {
            text += &part_text(part);
        }
    }
    text
}

fn part_text(part: &Part) -> String {
    let what = part.what;
    match &part.found {
        // Names of files and what programs say about themselves.
        Some(found) => format!("            {what}: {}\n", Untrusted::from(found.as_str())),
        None => {
            let ways: Vec<String> = part
                .get
                .iter()
                .map(|get| format!("              {get}\n"))
                .collect();
            format!(
                "            {what} is missing. To get it:\n{}",
                ways.concat()
            )
        }
    }
}

/// What was found, for programs.
fn json_of(goals: &[Goal], ok: bool) -> Json {
    json!({"ok": ok, "goals": goals.iter().map(goal_json).collect::<Vec<Json>>()})
}

fn goal_json(goal: &Goal) -> Json {
    let part = |part: &Part| json!({"what": part.what, "found": part.found, "get": part.get});
    let way = |way: &Way| {
        let parts: Vec<Json> = way.parts.iter().map(part).collect();
        json!({"name": way.name, "ok": way.ok(), "parts": parts})
    };
    let ways: Vec<Json> = goal.ways.iter().map(way).collect();
    json!({
        "name": goal.name,
        "title": goal.title,
        "needed": goal.needed,
        "ok": goal.ok(),
        "ways": ways,
    })
}

#[cfg(test)]
mod tests {
    use super::goals::Goal;
    use super::way::{Part, Way};
    use super::{json_of, page};

    fn goals() -> Vec<Goal> {
        let part = |found: Option<&str>| Part {
            what: "linker",
            found: found.map(str::to_owned),
            get: vec!["apt install it".to_owned()],
        };
        let way = |name: &str, found| Way {
            name: name.to_owned(),
            parts: vec![part(found)],
        };
        vec![
            Goal {
                name: "x64",
                title: "A DLL for 64-bit Outlook",
                needed: true,
                ways: vec![way("gnu", Some("gcc")), way("msvc", None)],
            },
            Goal {
                name: "x86",
                title: "A DLL for 32-bit Outlook",
                needed: true,
                ways: vec![way("gnu", None)],
            },
        ]
    }

    #[test]
    fn people_see_what_there_is_and_what_to_do() {
        assert_eq!(
            page(&goals()),
            "A DLL for 64-bit Outlook\n  ok      gnu\n            linker: gcc\n  -       msvc\n            \
             linker is missing. To get it:\n              apt install it\n\nA DLL for 32-bit Outlook\n  missing \
             gnu\n            linker is missing. To get it:\n              apt install it\n\n"
        );
    }

    #[test]
    fn programs_see_the_same() {
        let json = json_of(&goals(), false);
        assert_eq!(json["ok"], false);
        assert_eq!(json["goals"][0]["ok"], true);
        assert_eq!(
            json["goals"][0]["ways"][1]["parts"][0]["found"],
            serde_json::Value::Null
        );
        assert_eq!(
            json["goals"][1]["ways"][0]["parts"][0]["get"][0],
            "apt install it"
        );
    }
}
