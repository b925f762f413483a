//! What has changed in a folder, and what is proven to be gone.

use std::collections::BTreeSet;

use mapi_provider::twoway::{
    Answer, Cursor, Flags, FolderKey, ItemKey, Listed, Listing, Proof, RemoteEntry, Warning,
};

use super::dates::from_internal_date;
use super::folders::Snapshot;
use super::names;
use super::session::{ImapSession, attribute, found_in, key, uid_of};
use super::value::{Response, Value};

/// What is asked of a message that may be new. `ENVELOPE` and `BODYSTRUCTURE` are where servers and parsers break.
const ALL: &str =
    "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID SUBJECT)])";
/// What can be different in one that is known.
const FLAGS: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE)";

type Told<'t> = &'t mut dyn Listing<RemoteEntry, ItemKey>;

/// What was heard in one listing.
#[derive(Default)]
struct Heard {
    /// Messages that were told with everything that was asked.
    uids: BTreeSet<u32>,
    /// Those of them that are marked as deleted.
    deleted: BTreeSet<u32>,
    /// Something was said that nobody understands.
    is_odd: bool,
}

impl ImapSession<'_> {
    pub(crate) fn list_changes(
        &mut self,
        folder: &FolderKey,
        since: Option<&Cursor>,
        told: Told<'_>,
    ) -> Answer<Listed> {
        let known = since.and_then(from_cursor);
        let snapshot = self.snapshots.remove(folder.as_str());
        // TWOWAY-26: nothing is new, and listing the folders has said so already.
        if let (Some(known), true) = (known, snapshot == known && self.can("CONDSTORE"))
            && known.modseq != 0
        {
            return Ok(told_only(known));
        }
        let open = self.open_again(folder)?;
        let now = Snapshot {
            validity: open.validity,
            next: open.next,
            modseq: open.modseq,
            messages: 0,
        };
        // TWOWAY-05
        let is_new_time = known.is_some_and(|known| known.validity != now.validity);
        if is_new_time {
            told.reset()?;
        }
        let known = known.filter(|_| !is_new_time);
        let is_same = known.is_some_and(|known| {
            known.modseq != 0
                && known
                    == Snapshot {
                        messages: known.messages,
                        ..now
                    }
                && known.messages == self.wire.exists
        });
        if let (Some(known), true) = (known, is_same) {
            return Ok(told_only(known));
        }
        let mut heard = Heard::default();
        self.hear_entries(known, now, &mut heard, told)?;
        self.prove(folder, known, now, heard, told)
    }

    /// Tells what is new and what is different.
    fn hear_entries(
        &mut self,
        known: Option<Snapshot>,
        now: Snapshot,
        heard: &mut Heard,
        told: Told<'_>,
    ) -> Answer<()> {
        if self.wire.exists == 0 {
            return Ok(());
        }
        let Some(known) = known else {
            return self.hear_some("1:*", ALL, "", heard, told);
        };
        if known.modseq != 0 && now.modseq != 0 {
            let since = format!(" (CHANGEDSINCE {})", known.modseq);
            return self.hear_some("1:*", ALL, &since, heard, told);
        }
        // TWOWAY-28: without CONDSTORE all flags are compared, every time.
        if known.next > 1 {
            let old = format!("1:{}", known.next - 1);
            self.hear_some(&old, FLAGS, "", heard, told)?;
        }
        if now.next == 0 || now.next > known.next {
            self.hear_some(&format!("{}:*", known.next.max(1)), ALL, "", heard, told)?;
        }
        Ok(())
    }

    fn hear_some(
        &mut self,
        set: &str,
        what: &str,
        since: &str,
        heard: &mut Heard,
        told: Told<'_>,
    ) -> Answer<()> {
        let has_header = what == ALL;
        let validity = self.open.as_ref().map_or(0, |open| open.validity);
        let command = format!("UID FETCH {set} {what}{since}");
        let done = self.wire.ask(&command, &mut |response| {
            let values = match &response {
                Response::Numbered { word, values, .. } if word == "FETCH" => values,
                Response::Odd => {
                    heard.is_odd = true;
                    return Ok(());
                }
                _ => return Ok(()),
            };
            // What was not asked for says only a part of it: it is told when it is asked for.
            let Some((uid, entry)) = entry(values, validity, has_header) else {
                return Ok(());
            };
            heard.uids.insert(uid);
            if entry.flags.contains("\\Deleted") {
                heard.deleted.insert(uid);
                return told.gone(entry.key);
            }
            heard.deleted.remove(&uid);
            told.entry(entry)
        })?;
        match done.is_ok() {
            true => Ok(()),
            false => Err(self.refusal(&done)),
        }
    }

    /// Finds out what is gone, unless the numbers say that nothing is (TWOWAY-07).
    fn prove(
        &mut self,
        folder: &FolderKey,
        known: Option<Snapshot>,
        now: Snapshot,
        heard: Heard,
        told: Told<'_>,
    ) -> Answer<Listed> {
        let last = heard.uids.last().copied().unwrap_or_default();
        let mut cursor = Snapshot {
            next: now.next.max(last.saturating_add(1)),
            messages: self.wire.exists,
            ..now
        };
        let old_next = known.map_or(0, |known| known.next);
        let new = heard.uids.range(old_next..).count();
        let is_none_gone = known.is_some_and(|known| {
            let count = u64::from(known.messages) + u64::try_from(new).unwrap_or(u64::MAX);
            count == u64::from(self.wire.exists)
        });
        if is_none_gone && !heard.is_odd {
            return Ok(told_only(cursor));
        }
        let [all, deleted] = self.search_all()?;
        for uid in all.difference(&deleted) {
            told.present(self.key(*uid))?;
        }
        // What was told a moment ago and is not found any more is gone since.
        let gone = heard.uids.difference(&all).chain(&deleted);
        for uid in gone {
            told.gone(self.key(*uid))?;
        }
        let exists = self.wire.exists;
        let is_all = u32::try_from(all.len()) == Ok(exists);
        let below = all.range(..cursor.next).count();
        // If that does not fit, the next run asks again.
        cursor.messages = match is_all {
            true => u32::try_from(below).unwrap_or(u32::MAX),
            false => u32::MAX,
        };
        self.warn_of_untold(folder, old_next, cursor.next, &all, &heard);
        let gone = all.intersection(&deleted).count();
        let count = u64::from(exists).saturating_sub(u64::try_from(gone).unwrap_or(u64::MAX));
        Ok(Listed {
            proof: Proof::Complete { count },
            cursor: Some(to_cursor(cursor)),
        })
    }

    /// All messages, and those that are marked as deleted: one round trip.
    fn search_all(&mut self) -> Answer<[BTreeSet<u32>; 2]> {
        let commands = ["UID SEARCH ALL", "UID SEARCH DELETED"].map(str::to_owned);
        let mut found = [BTreeSet::new(), BTreeSet::new()];
        let done = self.wire.ask_all(&commands, &mut |number, response| {
            found[number].extend(found_in(&response));
            Ok(())
        })?;
        match done.iter().find(|done| !done.is_ok()) {
            None => Ok(found),
            Some(done) => Err(self.refusal(done)),
        }
    }

    /// New messages that the server could not describe so that it can be understood. They are not lost: they are there,
    /// and stay there.
    fn warn_of_untold(
        &self,
        folder: &FolderKey,
        from: u32,
        to: u32,
        all: &BTreeSet<u32>,
        heard: &Heard,
    ) {
        if from >= to {
            return;
        }
        let count = all
            .range(from..to)
            .filter(|uid| !heard.uids.contains(uid))
            .count();
        if count > 0 {
            // TWOWAY-30
            self.monitor.warning(&Warning {
                folder: names::decode(folder.as_str()),
                title: String::new(),
                text: format!("{count} new messages can't be understood, and stay at the server"),
            });
        }
    }
}

fn told_only(cursor: Snapshot) -> Listed {
    Listed {
        proof: Proof::Told,
        cursor: Some(to_cursor(cursor)),
    }
}

fn to_cursor(known: Snapshot) -> Cursor {
    let Snapshot {
        validity,
        next,
        modseq,
        messages,
    } = known;
    Cursor(format!("1 {validity} {next} {modseq} {messages}").into_bytes())
}

/// A cursor of another making is none: then everything is told.
fn from_cursor(cursor: &Cursor) -> Option<Snapshot> {
    let text = std::str::from_utf8(&cursor.0).ok()?;
    let mut parts = text.strip_prefix("1 ")?.split(' ');
    Some(Snapshot {
        validity: parts.next()?.parse().ok()?,
        next: parts.next()?.parse().ok()?,
        modseq: parts.next()?.parse().ok()?,
        messages: parts.next()?.parse().ok()?,
    })
}

/// A message, if everything that was asked is there.
fn entry(values: &[Value], validity: u32, has_header: bool) -> Option<(u32, RemoteEntry)> {
    let list = values.first()?.list()?;
    let uid = uid_of(values)?;
    let flags = attribute(list, |name| name == "FLAGS")?;
    let date = attribute(list, |name| name == "INTERNALDATE")?;
    let date = from_internal_date(date.text()?)?;
    let size = attribute(list, |name| name == "RFC822.SIZE").and_then(Value::number);
    let mut entry = RemoteEntry::new(key(validity, uid), date);
    entry.flags = flags.texts().filter_map(names::flag).collect::<Flags>();
    entry.size = size;
    if has_header {
        let header = attribute(list, |name| name.starts_with("BODY[HEADER.FIELDS"))?;
        let header = match header {
            Value::Octets(octets) => String::from_utf8_lossy(octets),
            _ => "".into(),
        };
        entry.title = field(&header, "subject").unwrap_or_default();
        entry.identity = identity(&header, date, size);
    }
    Some((uid, entry))
}

/// A `Message-ID` alone says too little: a draft keeps it when it is edited. With size and time it is the same message.
fn identity(header: &str, date: i64, size: Option<u64>) -> Option<String> {
    let id = field(header, "message-id").filter(|id| !id.is_empty())?;
    let id: String = id.chars().take(500).collect();
    Some(format!("{id} {date} {}", size?))
}

/// The text of a header's field, unfolded.
fn field(header: &str, name: &str) -> Option<String> {
    let mut lines = header.lines().skip_while(|line| {
        let both = line.split_once(':');
        !both.is_some_and(|(one, _)| one.trim().eq_ignore_ascii_case(name))
    });
    let first = lines.next()?.split_once(':')?.1.trim().to_owned();
    let folded = lines.take_while(|line| line.starts_with([' ', '\t']));
    let text = folded.fold(first, |text, line| format!("{text} {}", line.trim()));
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded() {
        let header = "Message-ID:\r\n <a@b>\r\nSubject: one\r\n\ttwo\r\n\r\n";
        assert_eq!(field(header, "message-id").as_deref(), Some("<a@b>"));
        assert_eq!(field(header, "subject").as_deref(), Some("one two"));
        assert_eq!(field(header, "x"), None);
    }

    #[test]
    fn cursors_are_read_again() {
        let known = Snapshot {
            validity: 1,
            next: 2,
            modseq: 3,
            messages: 4,
        };
        assert_eq!(from_cursor(&to_cursor(known)), Some(known));
        assert_eq!(from_cursor(&Cursor(b"2 1 2 3 4".to_vec())), None);
        assert_eq!(from_cursor(&Cursor(vec![0xff])), None);
    }
}
