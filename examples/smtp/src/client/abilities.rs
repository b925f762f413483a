//! What a server says that it can do.

use super::reply::Reply;

/// What a server can do.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) start_tls: bool,
    /// How somebody may log on, in capitals.
    pub(super) auth: Vec<String>,
    /// It wants to hear how large a message is; how large one may be, if there is a limit.
    pub(super) size: Option<Option<u64>>,
    pub(super) eight_bit: bool,
    pub(super) utf8: bool,
    /// It reports what becomes of a message (RFC 3461).
    pub(super) reports: bool,
}

impl Abilities {
    /// Reads the reply to `EHLO`.
    pub(super) fn read(reply: &Reply) -> Self {
        let mut abilities = Self::default();
        // The first line is the server's name.
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Old servers write `AUTH=LOGIN`.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => abilities.start_tls = true,
                Some("AUTH") => abilities.auth.extend(words.map(str::to_owned)),
                Some("SIZE") => {
                    let most = words.next().and_then(|most| most.parse().ok());
                    abilities.size = Some(most.filter(|most| *most > 0));
                }
                Some("8BITMIME") => abilities.eight_bit = true,
                Some("SMTPUTF8") => abilities.utf8 = true,
                Some("DSN") => abilities.reports = true,
                _ => {}
            }
        }
        abilities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_can_do_is_read_whatever_its_case() {
        let lines = [
            "STARTTLS",
            "8bitmime",
            "SIZE 1000",
            "AUTH PLAIN login",
            "AUTH=LOGIN",
            "DSN",
            "SMTPUTF8",
            "X-ODD",
        ];
        let reply = Reply {
            code: 250,
            lines: lines.map(str::to_owned).to_vec(),
        };
        let abilities = Abilities::read(&reply);
        assert!(!abilities.start_tls, "the first line is a name");
        assert!(abilities.eight_bit && abilities.reports && abilities.utf8);
        assert_eq!(abilities.size, Some(Some(1000)));
        assert_eq!(abilities.auth, ["PLAIN", "LOGIN", "LOGIN"]);
        let reply = Reply {
            code: 250,
            lines: vec!["x".to_owned(), "SIZE 0".to_owned()],
        };
        assert_eq!(Abilities::read(&reply).size, Some(None));
    }
}
