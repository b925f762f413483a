//! The options that say what is done, in the order in which they are written.

use std::path::{PathBuf, absolute};

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};

use crate::host::protocol::{Act, Action, Named};

/// What is to be done, in order: at least one action.
#[derive(Clone, Debug)]
pub(super) struct Actions(Vec<Action>);

impl Actions {
    pub(super) fn list(&self) -> &[Action] {
        &self.0
    }
}

/// Name, names of values, help.
type Described = (&'static str, &'static [&'static str], &'static str);

const OPTIONS: [Described; 13] = [
    (
        "message",
        &["MESSAGE"],
        "The message that the actions after this are for",
    ),
    ("read", &[], "Mark the message as read"),
    ("unread", &[], "Mark the message as unread"),
    ("flag", &[], "Flag the message for follow-up"),
    ("unflag", &[], "Clear the message's flag"),
    (
        "delete",
        &[],
        "Move the message to the deleted items; from there, delete it for good",
    ),
    ("move", &["PATH"], "Move the message to this folder"),
    ("send", &[], "Send the message, which must be a draft"),
    (
        "new",
        &["FILE"],
        "Make a message of this file of Internet mail; `--folder` must follow",
    ),
    ("folder", &["PATH"], "The folder for the message of `--new`"),
    ("new-folder", &["PATH"], "Make this folder"),
    (
        "rename-folder",
        &["PATH", "NAME"],
        "Give this folder another name",
    ),
    (
        "delete-folder",
        &["PATH"],
        "Move this folder to the deleted items; from there, delete it for good",
    ),
];

impl clap::Args for Actions {
    fn augment_args(command: Command) -> Command {
        command.args(OPTIONS.into_iter().map(|(name, values, help)| {
            let arg = Arg::new(name)
                .long(name)
                .help(help)
                .help_heading("Actions")
                .action(ArgAction::Append);
            match values {
                // Counted by their places, as those with values are.
                [] => arg.num_args(0).default_missing_value(""),
                values => arg.num_args(values.len()).value_names(values.iter()),
            }
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Actions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut reading = Reading::default();
        for (name, values) in written(matches) {
            reading.take(name, &values).map_err(wrong)?;
        }
        reading.finish().map(Self).map_err(wrong)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn wrong(sentence: String) -> Error {
    Error::raw(ErrorKind::ValueValidation, format!("{sentence}\n"))
}

/// The options with their values, in the order of the command line.
fn written(matches: &ArgMatches) -> Vec<(&'static str, Vec<String>)> {
    let mut found = Vec::new();
    for (name, values, _) in OPTIONS {
        let count = values.len().max(1);
        let all = matches.get_many::<String>(name).into_iter().flatten();
        let places = matches.indices_of(name).into_iter().flatten();
        let all: Vec<(usize, &String)> = places.zip(all).collect();
        found.extend(all.chunks(count).filter_map(|chunk| {
            let (place, _) = chunk.first()?;
            let values = chunk.iter().map(|(_, value)| (*value).clone());
            Some((*place, name, values.collect()))
        }));
    }
    found.sort_by_key(|(place, ..)| *place);
    found
        .into_iter()
        .map(|(_, name, values)| (name, values))
        .collect()
}

/// How far the command line was read.
#[derive(Default)]
struct Reading {
    actions: Vec<Action>,
    /// The message that is meant.
    message: Option<Named>,
    /// What has taken the message away that was meant before.
    gone: Option<&'static str>,
    /// A `--new` whose `--folder` is yet to come.
    file: Option<PathBuf>,
}

impl Reading {
    fn take(&mut self, name: &'static str, values: &[String]) -> Result<(), String> {
        if name != "folder" && self.file.is_some() {
            return Err(folder_missing());
        }
        let value = |place: usize| values.get(place).cloned().unwrap_or_default();
        match name {
            "message" => {
                self.message = Some(Named::As(value(0)));
                self.gone = None;
            }
            "new" => {
                let file = absolute(value(0)).map_err(|error| format!("`--new`: {error}"))?;
                self.file = Some(file);
            }
            "folder" => self.new_message(value(0))?,
            "new-folder" => self.actions.push(Action::NewFolder { path: value(0) }),
            "delete-folder" => self.actions.push(Action::DeleteFolder { path: value(0) }),
            "rename-folder" => self.actions.push(Action::RenameFolder {
                path: value(0),
                name: value(1),
            }),
            "read" => self.act(Act::Read, name)?,
            "unread" => self.act(Act::Unread, name)?,
            "flag" => self.act(Act::Flag, name)?,
            "unflag" => self.act(Act::Unflag, name)?,
            "delete" => self.act(Act::Delete, name)?,
            "move" => self.act(Act::Move { to: value(0) }, name)?,
            _ => self.act(Act::Send, name)?,
        }
        Ok(())
    }

    fn new_message(&mut self, folder: String) -> Result<(), String> {
        let missing =
            "`--folder` says where the message of `--new FILE` is made, and must follow it";
        let file = self.file.take().ok_or(missing)?;
        self.actions.push(Action::New {
            file,
            folder,
            draft: false,
        });
        self.message = Some(Named::New);
        self.gone = None;
        Ok(())
    }

    fn act(&mut self, act: Act, name: &'static str) -> Result<(), String> {
        let Some(named) = self.message.clone() else {
            return Err(match self.gone {
                Some(gone) => format!(
                    "after `--{gone}` the message may have another entry ID: name it again by `--message` before \
                     `--{name}`, or write `--{gone}` last"
                ),
                None => {
                    format!("`--{name}` is done to a message: name it by `--message` before that")
                }
            });
        };
        if act.takes_it_away() {
            (self.message, self.gone) = (None, Some(name));
        }
        if (&named, &act) == (&Named::New, &Act::Send) {
            self.mark_as_draft();
        }
        self.actions.push(Action::ToMessage { named, act });
        Ok(())
    }

    /// The message that was made last is to be sent.
    fn mark_as_draft(&mut self) {
        let made = self.actions.iter_mut().rev();
        let mut drafts = made.filter_map(|action| match action {
            Action::New { draft, .. } => Some(draft),
            _ => None,
        });
        if let Some(draft) = drafts.next() {
            *draft = true;
        }
    }

    fn finish(self) -> Result<Vec<Action>, String> {
        if self.file.is_some() {
            return Err(folder_missing());
        }
        if self.actions.is_empty() {
            return Err("there is nothing to do: write what is to be done, for example `--message 'Lunch?' --read`; \
                        `cargo mapi host edit --help` lists it all"
                .to_owned());
        }
        Ok(self.actions)
    }
}

fn folder_missing() -> String {
    "`--new FILE` needs `--folder PATH` right after it".to_owned()
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn read(args: &[&str]) -> Result<Vec<Action>, String> {
        let command = Actions::augment_args(Command::new("edit"));
        let args = ["edit"].iter().chain(args);
        let matches = command.try_get_matches_from(args);
        let matches = matches.map_err(|error| error.to_string())?;
        let actions = Actions::from_arg_matches(&matches);
        actions
            .map(|actions| actions.list().to_vec())
            .map_err(|error| error.to_string())
    }

    fn words(args: &[&str]) -> Vec<String> {
        let actions = read(args).expect("it makes sense");
        actions.iter().map(Action::words).collect()
    }

    #[test]
    fn the_order_is_that_of_the_command_line() {
        let args = "--message A --read --flag --new-folder X/Y --message B --read --move X/Y --rename-folder X Z \
                    --message A --unflag --delete";
        let args: Vec<&str> = args.split_whitespace().collect();
        assert_eq!(
            words(&args),
            [
                "read `A`",
                "flag `A`",
                "new-folder X/Y",
                "read `B`",
                "move `B` to X/Y",
                "rename-folder X to `Z`",
                "unflag `A`",
                "delete `A`",
            ]
        );
    }

    #[test]
    fn a_new_message_is_the_one_that_is_meant() {
        let actions = read(&["--new", "a.eml", "--folder", "Outbox", "--flag", "--send"]);
        let actions = actions.expect("it makes sense");
        assert!(matches!(actions[0], Action::New { draft: true, .. }));
        assert!(matches!(
            actions[2],
            Action::ToMessage {
                named: Named::New,
                act: Act::Send
            }
        ));
        let actions = read(&[
            "--new",
            "a.eml",
            "--folder",
            "Inbox",
            "--message",
            "B",
            "--send",
        ]);
        assert!(matches!(
            actions.expect("it makes sense")[0],
            Action::New { draft: false, .. }
        ));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (args, said) in [
            (&[][..], "nothing to do"),
            (&["--message", "A"], "nothing to do"),
            (&["--read"], "name it by `--message`"),
            (
                &["--message", "A", "--move", "X", "--read"],
                "after `--move` the message may have another",
            ),
            (&["--new", "a.eml"], "needs `--folder PATH`"),
            (
                &["--new", "a.eml", "--read", "--folder", "X"],
                "needs `--folder PATH`",
            ),
            (&["--folder", "X"], "must follow it"),
            (&["--rename-folder", "X"], "2 values required"),
        ] {
            let error = read(args).expect_err("it makes no sense");
            assert!(error.contains(said), "{args:?}: {error}");
        }
    }
}
