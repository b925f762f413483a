//! What a team has already: a client for its server. This one has nothing behind it.

use std::io;

/// A connection to a server.
pub(crate) struct Client {
    server: String,
}

/// What has changed on the server.
pub(crate) struct Changes {
    changes: Vec<Change>,
    cursor: Vec<u8>,
}

/// One change.
pub(crate) struct Change;

impl Client {
    pub(crate) fn new(server: &str) -> io::Result<Self> {
        if server.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Self {
            server: server.to_owned(),
        })
    }

    pub(crate) fn changes_since(&self, cursor: Option<&[u8]>) -> io::Result<Changes> {
        let mut next = cursor.unwrap_or(self.server.as_bytes()).to_vec();
        next.truncate(16);
        Ok(Changes {
            changes: vec![Change],
            cursor: next,
        })
    }
}

impl Changes {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.changes.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(crate) fn cursor(&self) -> &[u8] {
        &self.cursor
    }
}

impl Change {
    /// Puts the change where it belongs.
    pub(crate) fn apply(&self) -> io::Result<()> {
        Ok(())
    }
}
