//! Why a profile was not changed.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use windows_core::HRESULT;

use super::ServiceUid;
use crate::settings::assignment::AssignmentError;
use crate::status::Status;

/// Why a profile was not changed. All is as it was, unless it is [`Self::Incomplete`] or [`Self::NotUndone`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ProfileError {
    /// There are MAPI's profiles on Windows only.
    NotHere,
    /// No MAPI is installed: what was looked at, and why that is none.
    NoMapi(Vec<String>),
    /// There is nothing but Windows' own `mapi32.dll`, which needs a mail program behind it.
    OnlyStub(PathBuf),
    /// The MAPI that is installed is that of a program of the other width.
    OtherWidth(PathBuf),
    /// The MAPI that is installed does not start.
    NotStarted(HRESULT),
    /// The MAPI that is installed lacks a function.
    NoFunction(&'static str),
    /// No profile can have this name.
    BadName(String, &'static str),
    /// There is no such profile: those that there are.
    NoProfile(String, Vec<String>),
    /// MAPI has several profiles of this name.
    SeveralProfiles(String),
    /// There is such a profile already.
    ProfileExists(String),
    /// The profile has no such service.
    NoService {
        /// The profile.
        profile: String,
        /// The service's name in `mapisvc.inf`.
        service: String,
    },
    /// The profile has this service more than once.
    SeveralServices {
        /// The profile.
        profile: String,
        /// The service's name in `mapisvc.inf`.
        service: String,
        /// What each is called, and its uid.
        found: Vec<(String, ServiceUid)>,
    },
    /// MAPI knows no service of this name: it is in no `mapisvc.inf`.
    NotInstalled(String),
    /// A setting does not take a value.
    Setting(AssignmentError),
    /// Settings that a service needs have no value.
    Missing(Vec<&'static str>),
    /// The values are written, and required settings of a service that was there before still have none.
    Incomplete {
        /// The profile.
        profile: String,
        /// What the service said about it.
        said: Option<String>,
    },
    /// MAPI, or the service, refused.
    Refused {
        /// What was wanted: "the service can't be added to the profile `Outlook`".
        what: String,
        /// What was answered.
        status: HRESULT,
        /// What was said about it.
        said: Option<String>,
    },
    /// Something was refused, and what had been done before it could not be undone.
    NotUndone {
        /// What went wrong first.
        cause: Box<ProfileError>,
        /// What is left over.
        left: String,
        /// Why.
        status: HRESULT,
    },
}

impl ProfileError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NotHere => {
                "run it on the Windows that has Outlook; to try a provider here, keep its settings in a profile file of \
                 the host's: `cargo mapi host sync . --profile FILE --set NAME=VALUE`"
                    .into()
            }
            Self::NoMapi(_) | Self::OnlyStub(_) => {
                "install Outlook; if it is there, repair its installation (Settings, Apps, Outlook, Modify)".into()
            }
            Self::OtherWidth(_) if cfg!(target_pointer_width = "64") => {
                "Outlook has 32 bits here: take the 32-bit DLL, by C:\\Windows\\SysWOW64\\rundll32.exe, or a 32-bit cargo-mapi"
                    .into()
            }
            Self::OtherWidth(_) => {
                "Outlook has 64 bits here: take the 64-bit DLL, by C:\\Windows\\System32\\rundll32.exe from a 64-bit \
                 program, or a 64-bit cargo-mapi"
                    .into()
            }
            Self::NotStarted(_) | Self::NoFunction(_) => {
                "start Outlook once, as this user; if that fails too, repair its installation".into()
            }
            Self::BadName(..) => {
                "take a name of at most 64 letters, digits, underscores and spaces".into()
            }
            Self::NoProfile(_, known) if known.is_empty() => {
                "start Outlook once, as this user, or make the profile: `cargo mapi profile create`, /create for \
                 AddToProfile"
                    .into()
            }
            Self::NoProfile(_, known) => format!("the profiles of this user: {}", known.join(", ")),
            Self::SeveralProfiles(_) => {
                "remove or rename one of them: Control Panel, Mail, Show Profiles".into()
            }
            Self::ProfileExists(_) => "take another name, or add the service to that one".into(),
            Self::NoService { .. } => {
                "add it: `cargo mapi profile add`, or AddToProfile of the DLL".into()
            }
            Self::SeveralServices { found, .. } => {
                let found: Vec<String> = found
                    .iter()
                    .map(|(name, uid)| format!("{uid} ({name})"))
                    .collect();
                format!("say which one by its uid: {}", found.join(", "))
            }
            Self::NotInstalled(_) => {
                "install the provider first: MergeWithMAPISVC of the DLL, or `cargo mapi install`".into()
            }
            Self::Setting(AssignmentError::Unknown { known, .. }) if known.is_empty() => {
                "it has no settings at all".into()
            }
            Self::Setting(AssignmentError::Unknown { known, .. }) => {
                format!("its settings are {}", known.join(", "))
            }
            Self::Setting(_) => "write it NAME=VALUE, as the provider's manifest declares it".into(),
            Self::Missing(names) => {
                let wanted: Vec<String> = names.iter().map(|name| format!("{name}=…")).collect();
                format!("give them values too: {}", wanted.join(" "))
            }
            Self::Incomplete { .. } => "give the others values too, in the same way".into(),
            Self::Refused { .. } => {
                "end Outlook and try again; the log that MAPI_PROVIDER_LOG names may tell more".into()
            }
            Self::NotUndone { left, .. } => {
                format!("remove {left} by hand: Control Panel, Mail, Show Profiles")
            }
        }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHere => f.write_str("MAPI has profiles on Windows only"),
            Self::NoMapi(seen) => {
                f.write_str("no MAPI was found")?;
                seen.iter().try_for_each(|why| write!(f, "; {why}"))
            }
            Self::OnlyStub(path) => write!(
                f,
                "{} is there, which passes on what it is asked to a mail program with MAPI, and none is installed",
                path.display()
            ),
            Self::OtherWidth(path) => {
                let bits = usize::BITS;
                write!(
                    f,
                    "the MAPI that is installed, {}, can't be loaded into a program of {bits} bits",
                    path.display()
                )
            }
            Self::NotStarted(status) => {
                write!(
                    f,
                    "the MAPI that is installed doesn't start: {}",
                    Status(*status)
                )
            }
            Self::NoFunction(name) => write!(f, "the MAPI that is installed has no {name}"),
            Self::BadName(name, why) => {
                write!(f, "no profile can be called `{name}`: {why}")
            }
            Self::NoProfile(name, _) => write!(f, "there is no profile `{name}`"),
            Self::SeveralProfiles(name) => {
                write!(f, "there are several profiles that are called `{name}`")
            }
            Self::ProfileExists(name) => write!(f, "there is a profile `{name}` already"),
            Self::NoService { profile, service } => {
                write!(f, "the profile `{profile}` has no service `{service}`")
            }
            Self::SeveralServices {
                profile,
                service,
                found,
            } => write!(
                f,
                "the profile `{profile}` has the service `{service}` {} times",
                found.len()
            ),
            Self::NotInstalled(id) => write!(f, "MAPI knows no service `{id}`"),
            Self::Setting(error) => error.fmt(f),
            Self::Missing(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let (noun, verb) = match names.len() {
                    1 => ("setting", "has"),
                    _ => ("settings", "have"),
                };
                write!(f, "the {noun} {} {verb} no value", names.join(", "))
            }
            Self::Incomplete { profile, said } => {
                write!(
                    f,
                    "the values are written to the profile `{profile}`, and required settings still have none"
                )?;
                said.iter().try_for_each(|said| write!(f, ": {said}"))
            }
            Self::Refused { what, status, said } => match said {
                Some(said) => write!(f, "{what}: {said} ({})", Status(*status)),
                None => write!(f, "{what}: {}", Status(*status)),
            },
            Self::NotUndone {
                cause,
                left,
                status,
            } => write!(
                f,
                "{cause}; and {left} could not be removed again: {}",
                Status(*status)
            ),
        }
    }
}

impl Error for ProfileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Setting(error) => Some(error),
            Self::NotUndone { cause, .. } => Some(cause.as_ref()),
            _ => None,
        }
    }
}

impl From<AssignmentError> for ProfileError {
    fn from(error: AssignmentError) -> Self {
        Self::Setting(error)
    }
}
