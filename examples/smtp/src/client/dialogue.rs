//! The dialogue about one message: `MAIL`, `RCPT` for each recipient alone, `DATA`.

use super::abilities::Abilities;
use super::guard::Guard;
use super::logon::Session;
use super::reply::{Meaning, Reply};
use super::wire::Wire;
use super::{Fate, Letter, Problem, To};

/// RFC 3461, 4.4.
const LONGEST_ENVELOPE_ID: usize = 100;

pub(super) struct Dialogue<'r> {
    wire: Wire<'r>,
    abilities: Abilities,
    letter: &'r Letter<'r>,
    guard: &'r Guard<'r>,
}

impl<'r> Dialogue<'r> {
    pub(super) fn new(session: Session<'r>, letter: &'r Letter<'r>, guard: &'r Guard<'r>) -> Self {
        Self {
            wire: session.wire,
            abilities: session.abilities,
            letter,
            guard,
        }
    }

    /// Sends to these recipients, whose addresses are good.
    pub(super) fn run(mut self, open: &[usize]) -> Result<(), Problem> {
        let sent = self.transfer(open);
        if !matches!(sent, Err(Problem::Cancelled | Problem::Network(_))) {
            self.wire.goodbye();
        }
        sent
    }

    fn transfer(&mut self, open: &[usize]) -> Result<(), Problem> {
        let open = self.without_foreign(open);
        if open.is_empty() {
            return Ok(());
        }
        let mail = self.mail(&open)?;
        let reply = self.wire.ask(&mail)?;
        match reply.meaning() {
            Meaning::Done => {}
            // It wants to know who this is, and the settings don't say.
            Meaning::Never if reply.code == 530 => return Err(Problem::LockedOut(reply.text())),
            _ => return Err(problem(&reply)),
        }
        let (accepted, left) = self.recipients(&open)?;
        if !accepted.is_empty() {
            self.data(&accepted)?;
        }
        match left {
            Some(text) => Err(Problem::Later(text)),
            None => Ok(()),
        }
    }

    /// Refuses those whose addresses the server can't understand.
    fn without_foreign(&self, open: &[usize]) -> Vec<usize> {
        let (good, foreign): (Vec<usize>, Vec<usize>) = open
            .iter()
            .partition(|index| self.abilities.utf8 || self.to(**index).address.is_ascii());
        for index in foreign {
            let text = "the server takes no address with letters that are not ASCII";
            self.guard
                .watch
                .became(index, Fate::Refused(text.to_owned()));
        }
        good
    }

    /// The command `MAIL`, with what the server wants to know of the message.
    fn mail(&self, open: &[usize]) -> Result<String, Problem> {
        let Letter { from, octets, .. } = *self.letter;
        let mut command = format!("MAIL FROM:<{from}>");
        if let Some(limit) = self.abilities.size {
            let size = octets.len() as u64;
            if let Some(most) = limit.filter(|most| size > *most) {
                return Err(Problem::Refused(format!(
                    "the message has {size} octets, and the server takes {most} at most"
                )));
            }
            command.push_str(&format!(" SIZE={size}"));
        }
        let is_foreign = !from.is_ascii()
            || !header(octets).is_ascii()
            || open.iter().any(|index| !self.to(*index).address.is_ascii());
        if is_foreign {
            if !self.abilities.utf8 {
                let text = "the server takes no address with letters that are not ASCII";
                return Err(Problem::Refused(text.to_owned()));
            }
            command.push_str(" SMTPUTF8");
        }
        if !octets.is_ascii() {
            if !self.abilities.eight_bit {
                let text = "the server takes no message with octets that are not ASCII";
                return Err(Problem::Refused(text.to_owned()));
            }
            command.push_str(" BODY=8BITMIME");
        }
        if self.abilities.reports && open.iter().any(|index| self.to(*index).report_delivery) {
            // The header is enough to know which message is meant.
            command.push_str(" RET=HDRS");
            let id = xtext(self.letter.id);
            if !id.is_empty() && id.len() <= LONGEST_ENVELOPE_ID {
                command.push_str(&format!(" ENVID={id}"));
            }
        }
        Ok(command)
    }

    /// Names each recipient alone, because a server may refuse one and take the others. Who was taken, and why somebody is
    /// left for later.
    fn recipients(&mut self, open: &[usize]) -> Result<(Vec<usize>, Option<String>), Problem> {
        let (mut accepted, mut left) = (Vec::new(), None);
        for index in open {
            let command = self.recipient(self.to(*index));
            let reply = self.wire.ask(&command)?;
            match reply.meaning() {
                Meaning::Done => accepted.push(*index),
                Meaning::Never => {
                    let fate = Fate::Refused(reply.text());
                    self.guard.watch.became(*index, fate);
                }
                Meaning::Later => left = Some(reply.text()),
                Meaning::GoOn | Meaning::Goodbye => return Err(problem(&reply)),
            }
        }
        Ok((accepted, left))
    }

    fn recipient(&self, to: To<'_>) -> String {
        let mut command = format!("RCPT TO:<{}>", to.address);
        if self.abilities.reports && to.report_delivery {
            command.push_str(" NOTIFY=SUCCESS,FAILURE,DELAY");
            if to.address.is_ascii() {
                command.push_str(&format!(" ORCPT=rfc822;{}", xtext(to.address)));
            }
        }
        command
    }

    /// The message itself, for all who were taken.
    fn data(&mut self, accepted: &[usize]) -> Result<(), Problem> {
        // From here on there is a moment after which nothing can be called back.
        if self.guard.is_cancelled() {
            return Err(Problem::Cancelled);
        }
        let ready = self.wire.ask("DATA")?;
        let (reply, is_sent) = match ready.code {
            354 => (self.wire.message(self.letter.octets)?, true),
            _ => (ready, false),
        };
        let fate = match reply.meaning() {
            Meaning::Done if is_sent => Fate::Accepted,
            Meaning::Never => Fate::Refused(reply.text()),
            _ => return Err(problem(&reply)),
        };
        for index in accepted {
            self.guard.watch.became(*index, fate.clone());
        }
        Ok(())
    }

    fn to(&self, index: usize) -> To<'r> {
        self.letter.to[index]
    }
}

/// What a reply other than `Done` says of all who are left.
fn problem(reply: &Reply) -> Problem {
    match reply.meaning() {
        Meaning::Never => Problem::Refused(reply.text()),
        Meaning::Later | Meaning::Goodbye => Problem::Later(reply.text()),
        Meaning::Done | Meaning::GoOn => Problem::Network(format!(
            "the server answers something else: {}",
            reply.text()
        )),
    }
}

/// The header of a message.
fn header(octets: &[u8]) -> &[u8] {
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n");
    &octets[..end.unwrap_or(octets.len())]
}

/// A value of a parameter (RFC 3461, 4): what is no plain sign is written in hexadecimal digits.
fn xtext(text: &str) -> String {
    let letter = |octet: u8| match octet {
        b'!'..=b'~' if octet != b'+' && octet != b'=' => char::from(octet).to_string(),
        _ => format!("+{octet:02X}"),
    };
    text.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_nothing_in_them_ends_one() {
        assert_eq!(xtext("a+b=c d@x\r\n"), "a+2Bb+3Dc+20d@x+0D+0A");
    }

    #[test]
    fn a_header_ends_with_an_empty_line() {
        assert_eq!(header(b"A: b\r\n\r\nc"), b"A: b");
        assert_eq!(header(b"A: b"), b"A: b");
    }
}
