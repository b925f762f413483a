//! What `rundll32` passes on: `"PROFILE" [/OPTION ...] [NAME=VALUE ...]`.

use std::ffi::OsString;

use super::{AddOptions, ServiceSpec, ServiceUid};
use crate::settings::Secret;
use crate::settings::assignment::{AssignmentError, Assignments};

/// What is asked for on a command line.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) profile: String,
    pub(super) values: Assignments,
    pub(super) options: AddOptions,
    /// The service that is meant, where there are several.
    pub(super) which: Option<ServiceUid>,
}

/// Whether a command line asks for silence, also one that is wrong: nobody may be there to close a box.
pub(super) fn is_quiet(line: &Secret) -> bool {
    const QUIET: &str = "/quiet";
    match words(line) {
        Ok(words) => words.iter().any(|word| is_option(word.expose(), QUIET)),
        // Whatever is within the quotes.
        Err(_) => {
            let bytes = line.expose().as_bytes();
            let mut parts = bytes.windows(QUIET.len());
            parts.any(|part| part.eq_ignore_ascii_case(QUIET.as_bytes()))
        }
    }
}

/// What is wrong with a command line, in a sentence, and what to write instead.
pub(super) type Wrong = (String, String);

/// Reads a command line. `variable` is the environment, as far as that is believed.
///
/// # Errors
///
/// It makes no sense, or a setting refuses its value.
pub(super) fn parse(
    line: &Secret,
    service: &ServiceSpec,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Wish, Wrong> {
    let (mut profile, mut values) = (None, Assignments::default());
    let (mut options, mut which) = (AddOptions::default(), None);
    let words = words(line).map_err(wrong)?;
    for word in words {
        let word = word.expose();
        match word.split_once(':') {
            _ if is_option(word, "/quiet") => {}
            _ if is_option(word, "/create") => options.create_profile = true,
            _ if is_option(word, "/another") => options.another = true,
            Some((option, uid)) if is_option(option, "/uid") => {
                let uid = ServiceUid::parse(uid);
                which = Some(uid.ok_or_else(|| wrong("/uid: wants 32 hexadecimal digits"))?);
            }
            Some((option, rest)) if is_option(option, "/env") => {
                let (name, value) = from_environment(rest, &variable)?;
                let set = values.set(service.settings(), name, value.expose());
                set.map_err(refused)?;
            }
            _ if word.starts_with('/') => {
                // It may be a value whose name was forgotten: no more of it than an option's name is told.
                return Err(wrong("there is an option that is not known"));
            }
            // It is a setting, perhaps a secret, and the profile's name was forgotten: no profile can have such a name.
            _ if profile.is_none() && word.contains('=') => {
                return Err(wrong("there is no profile's name"));
            }
            _ if profile.is_none() => profile = Some(word.to_owned()),
            _ => values.assign(service.settings(), word).map_err(refused)?,
        }
    }
    let profile = profile.filter(|profile| !profile.is_empty());
    Ok(Wish {
        profile: profile.ok_or_else(|| wrong("there is no profile's name"))?,
        values,
        options,
        which,
    })
}

fn is_option(word: &str, name: &str) -> bool {
    word.eq_ignore_ascii_case(name)
}

fn wrong(what: &str) -> Wrong {
    let help = "write \"PROFILE\" [NAME=VALUE ...] [/env:NAME=VARIABLE] [/uid:UID] [/create] [/another] [/quiet]";
    (
        format!("the command line makes no sense: {what}"),
        help.into(),
    )
}

/// What a setting refuses. A name that no setting has may be the beginning of a secret whose name was forgotten, so it is
/// not told (ENTRY-11): the help has the names that there are.
fn refused(error: AssignmentError) -> Wrong {
    let is_unknown = matches!(error, AssignmentError::Unknown { .. });
    let error = super::ProfileError::Setting(error);
    let text = if is_unknown {
        "the command line names a setting that the provider doesn't have".to_owned()
    } else {
        error.to_string()
    };
    (text, error.help())
}

/// The value of a setting that is in a variable, so that it stands on no command line.
fn from_environment(
    word: &str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(&str, Secret), Wrong> {
    let pair = word.split_once('=');
    let (name, from) = pair.ok_or_else(|| wrong("/env: wants NAME=VARIABLE"))?;
    let value = variable(from).and_then(|value| value.into_string().ok());
    let value = value.ok_or_else(|| {
        // What was given may be the secret itself (ENTRY-11).
        let text = "there is no environment variable of the name that /env: gives".to_owned();
        let help = "set it in the process that starts rundll32; in an elevated process and in a service's the environment \
                    is not believed (SYNC-23)";
        (text, help.to_owned())
    })?;
    Ok((name, Secret::new(value)))
}

/// Each word has room for the whole line, so there must not be too many.
const MOST_WORDS: usize = 256;

/// The words of a command line, by the rules that C programs have on Windows: spaces separate, quotes keep together,
/// backslashes mean something before a quote only, and two quotes within quotes are one.
fn words(line: &Secret) -> Result<Vec<Secret>, &'static str> {
    let line = line.expose();
    let (mut words, mut word) = (Vec::new(), None);
    let (mut quoted, mut backslashes) = (false, 0);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\\' {
            backslashes += 1;
            continue;
        }
        let before = std::mem::take(&mut backslashes);
        let is_mark = c == '"' && before % 2 == 0;
        let kept = if c == '"' { before / 2 } else { before };
        if kept > 0 || quoted || !c.is_ascii_whitespace() {
            let word: &mut Word = word.get_or_insert_with(|| Word::new(line.len()));
            (0..kept).for_each(|_| word.push('\\'));
            match c {
                '"' if is_mark && quoted && rest.next_if_eq(&'"').is_some() => word.push('"'),
                '"' if is_mark => quoted = !quoted,
                c if c.is_ascii_whitespace() && !quoted => {}
                c => word.push(c),
            }
        }
        if c.is_ascii_whitespace() && !quoted {
            words.extend(word.take().map(Word::finish));
            if words.len() > MOST_WORDS {
                return Err("it has more words than anybody writes");
            }
        }
    }
    if backslashes > 0 {
        let word = word.get_or_insert_with(|| Word::new(line.len()));
        (0..backslashes).for_each(|_| word.push('\\'));
    }
    words.extend(word.map(Word::finish));
    if quoted {
        Err("a quote is not closed")
    } else {
        Ok(words)
    }
}

/// A word that is being read. It may become a secret: it has room for all from the start (ENTRY-11).
struct Word(String);

impl Word {
    fn new(longest: usize) -> Self {
        Self(String::with_capacity(longest))
    }

    fn push(&mut self, c: char) {
        self.0.push(c);
    }

    fn finish(self) -> Secret {
        Secret::new(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::assignment::AssignedValue;
    use crate::settings::{SettingKind, SettingSpec};

    const fn setting(name: &'static str, tag: u16, kind: SettingKind) -> SettingSpec {
        SettingSpec {
            name,
            tag,
            kind,
            required: true,
            default: None,
            label: name,
            page: "",
        }
    }

    fn service() -> ServiceSpec {
        let settings = [
            setting("server", 0x6601, SettingKind::String),
            setting("password", 0x67F0, SettingKind::Secret),
        ];
        ServiceSpec::new("contoso", "Contoso", &settings, false)
    }

    fn parsed(line: &str) -> Result<Wish, Wrong> {
        let environment = |name: &str| (name == "PASSWORD").then(|| "hunter2".into());
        parse(&Secret::new(line.to_owned()), &service(), environment)
    }

    fn texts(wish: &Wish) -> Vec<&str> {
        let texts = wish.values.iter().map(|(_, value)| match value {
            AssignedValue::Text(text) => text,
            _ => "",
        });
        texts.collect()
    }

    #[test]
    fn a_line_names_a_profile_and_values() {
        let wish = parsed(r#" "My Outlook" "server=a b" /env:password=PASSWORD /Create /quiet"#);
        let wish = wish.expect("right");
        assert_eq!(wish.profile, "My Outlook");
        assert_eq!(texts(&wish), ["a b", "hunter2"]);
        assert!(wish.options.create_profile && !wish.options.another);
        assert_eq!(wish.which, None);
    }

    #[test]
    fn words_are_cut_as_c_programs_cut_them() {
        for (line, expected) in [
            ("", &[][..]),
            (" a  b\tc ", &["a", "b", "c"]),
            (r#"x="a b" y"#, &["x=a b", "y"]),
            (r#""C:\a b\\" \\s\x"#, &[r"C:\a b\", r"\\s\x"]),
            (r#"a\"b "c""d" """#, &["a\"b", "c\"d", ""]),
            (r"a\ \", &[r"a\", r"\"]),
        ] {
            let found = words(&Secret::new(line.to_owned())).expect("closed");
            let found: Vec<&str> = found.iter().map(Secret::expose).collect();
            assert_eq!(found, expected, "{line}");
        }
        assert!(words(&Secret::new("\"a".to_owned())).is_err());
        assert!(words(&Secret::new("a ".repeat(MOST_WORDS))).is_ok());
        assert!(words(&Secret::new("a ".repeat(MOST_WORDS + 1))).is_err());
    }

    #[test]
    fn entry_11_what_is_wrong_is_told_without_values() {
        for line in [
            "",
            "\"\"",
            "/quiet",
            "Outlook \"password=hunter2",
            "Outlook hunter2",
            "Outlook /hunter2",
            "Outlook pasword=hunter2",
            "Outlook password=hunter2 password=hunter2",
            "Outlook /env:password",
            "Outlook /env:password=NOBODY",
            "Outlook /env:password=hunter2",
            "Outlook hunter2=",
            "password=hunter2 server=a",
            "/create password=hunter2",
            "Outlook /uid:12",
        ] {
            let (text, help) = parsed(line).expect_err(line);
            assert!(!text.is_empty() && !help.is_empty(), "{line}");
            assert!(
                !format!("{text} {help}").contains("hunter2"),
                "{text} {help}"
            );
        }
    }

    #[test]
    fn silence_is_heard_on_a_line_that_is_wrong() {
        let is_quiet = |line: &str| is_quiet(&Secret::new(line.to_owned()));
        assert!(is_quiet("/QUIET what is this"));
        assert!(is_quiet("\"Outlook /Quiet"));
        assert!(!is_quiet("Outlook quiet"));
    }
}
