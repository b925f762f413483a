//! A mail server and its client. The server is a value in this process, so that tests can have many.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use mapi_provider::Secret;

/// Why the server doesn't do what it is asked for.
#[derive(Debug)]
pub enum ServerError {
    /// It can't be reached.
    Offline(io::Error),
    /// It doesn't know the token.
    Refused,
    /// It has forgotten the revision: everything has to be fetched again.
    TooOld,
    /// This message can't be fetched; others can.
    Broken(u64),
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline(_) => f.write_str("can't reach the server"),
            Self::Refused => f.write_str("the server doesn't know this token"),
            Self::TooOld => f.write_str("the server has forgotten this revision"),
            Self::Broken(revision) => write!(f, "message {revision} can't be read"),
        }
    }
}

impl Error for ServerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Offline(error) => Some(error),
            _ => None,
        }
    }
}

/// A server's state, by name of the server.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Texts of messages; the revision of the first is 1. An empty one is broken.
    pub messages: Vec<String>,
    /// What has arrived here.
    pub arrived: Vec<String>,
    /// Nobody answers.
    pub offline: bool,
    /// The token that is to take the place of the old one.
    pub renewed: Option<String>,
    /// Revisions up to this one are forgotten.
    pub oldest: u64,
}

static WORLDS: LazyLock<Mutex<HashMap<String, World>>> = LazyLock::new(Mutex::default);

fn worlds() -> MutexGuard<'static, HashMap<String, World>> {
    WORLDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets up a server.
pub fn set(name: &str, world: World) {
    worlds().insert(name.to_owned(), world);
}

/// Changes a server.
pub fn change<T>(name: &str, how: impl FnOnce(&mut World) -> T) -> T {
    how(worlds().entry(name.to_owned()).or_default())
}

/// A connection to a server.
pub struct Client {
    server: String,
    token: Secret,
}

impl Client {
    /// A client of the server; nothing is sent yet.
    pub fn new(server: &str, _port: i32, token: Secret) -> Self {
        Self {
            server: server.to_owned(),
            token,
        }
    }

    /// Whether the server is there and knows the token.
    ///
    /// # Errors
    ///
    /// It isn't, or doesn't.
    pub fn check(&self) -> Result<(), ServerError> {
        if !self.token.expose().starts_with("sesame") {
            return Err(ServerError::Refused);
        }
        if change(&self.server, |world| world.offline) {
            let error = io::Error::from(io::ErrorKind::ConnectionRefused);
            return Err(ServerError::Offline(error));
        }
        Ok(())
    }

    /// The token that the server gives in place of the old one, if it does.
    pub fn renewed_token(&self) -> Option<Secret> {
        change(&self.server, |world| world.renewed.take()).map(Secret::new)
    }

    /// The revisions of the messages that came after one.
    ///
    /// # Errors
    ///
    /// The server is away, or has forgotten that revision.
    pub fn since(&self, revision: u64) -> Result<Vec<u64>, ServerError> {
        self.check()?;
        change(&self.server, |world| {
            if revision != 0 && revision < world.oldest {
                return Err(ServerError::TooOld);
            }
            Ok((revision + 1..=world.messages.len() as u64).collect())
        })
    }

    /// A message's text.
    ///
    /// # Errors
    ///
    /// The server is away, or can't read it.
    pub fn fetch(&self, revision: u64) -> Result<String, ServerError> {
        self.check()?;
        let index = usize::try_from(revision)
            .unwrap_or(usize::MAX)
            .wrapping_sub(1);
        change(&self.server, |world| match world.messages.get(index) {
            Some(text) if !text.is_empty() => Ok(text.clone()),
            _ => Err(ServerError::Broken(revision)),
        })
    }

    /// Puts a message where it belongs; doing it twice does no harm.
    pub fn keep(&self, text: String) {
        change(&self.server, |world| {
            if !world.arrived.contains(&text) {
                world.arrived.push(text);
            }
        });
    }
}
