//! Contents that are fetched, and those that are sent.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider::twoway::{Answer, FolderKey, ItemRef, Part, Placed, Trouble, Upload};

use super::dates::internal_date;
use super::logon::string;
use super::names;
use super::session::{ImapSession, attribute, key, uid_of};
use super::value::{Response, Value, argument};
use super::wire::Piece;

/// Contents come in parts of this size: a cut costs one of them, and memory holds one of them twice.
const PART: usize = 1024 * 1024;
/// More messages than this are not compared with one that was just sent.
const MOST_COMPARED: usize = 20;

type Take<'t> = &'t mut dyn FnMut(usize, Answer<Vec<u8>>) -> Answer<()>;

impl ImapSession<'_> {
    /// All of them are of one folder, and are asked for at once. Of those that are larger than a part, the rest is asked
    /// for one by one.
    pub(crate) fn fetch_contents(
        &mut self,
        items: &[ItemRef],
        part: Part,
        take: Take<'_>,
    ) -> Answer<()> {
        let mut wanted: BTreeMap<u32, usize> = BTreeMap::new();
        for (number, item) in items.iter().enumerate() {
            match self.open_item(item) {
                Ok(uid) => drop(wanted.insert(uid, number)),
                Err(Trouble::Stop(stop)) => return Err(stop.into()),
                failed => take(number, failed.map(|_| Vec::new()))?,
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let set: Vec<String> = wanted.keys().map(u32::to_string).collect();
        let mut large = Vec::new();
        let done = self.fetch_part(&set.join(","), part, 0, &mut |uid, octets| {
            let Some(number) = wanted.get(&uid).copied() else {
                return Ok(());
            };
            wanted.remove(&uid);
            if octets.len() >= PART {
                large.push((uid, number, octets));
                return Ok(());
            }
            take(number, Ok(octets))
        });
        let refused = match done {
            Err(Trouble::Item(failure)) => Some(failure),
            done => done.map(|()| None)?,
        };
        for (uid, number, octets) in large {
            let content = self.fetch_rest(uid, part, octets);
            if let Err(Trouble::Stop(stop)) = content {
                return Err(stop.into());
            }
            take(number, content)?;
        }
        for (uid, number) in wanted {
            let why = match &refused {
                Some(failure) => Err(failure.clone().into()),
                // TWOWAY-07: that it is not in the answer says nothing.
                None => self.check_there(uid),
            };
            if let Err(Trouble::Stop(stop)) = why {
                return Err(stop.into());
            }
            let failed = why.and_then(|()| Err(Trouble::failed("the server does not give it")));
            take(number, failed)?;
        }
        Ok(())
    }

    fn fetch_rest(&mut self, uid: u32, part: Part, mut content: Vec<u8>) -> Answer<Vec<u8>> {
        // TWOWAY-18: how much there is says the last part, and not what the server calls the size.
        loop {
            let from = content.len();
            let mut is_last = true;
            self.fetch_part(&uid.to_string(), part, from, &mut |one, octets| {
                if one == uid {
                    is_last = octets.len() < PART;
                    content.extend_from_slice(&octets);
                }
                Ok(())
            })?;
            if content.len() == from {
                // Nothing is left of it, or it is gone meanwhile.
                self.check_there(uid)?;
            }
            if is_last {
                return Ok(content);
            }
        }
    }

    /// A part of each of some messages, from an octet on.
    fn fetch_part(
        &mut self,
        set: &str,
        part: Part,
        from: usize,
        take: &mut dyn FnMut(u32, Vec<u8>) -> Answer<()>,
    ) -> Answer<()> {
        let section = match part {
            Part::Whole => "",
            Part::Header => "HEADER",
        };
        // TWOWAY-12: without PEEK it would be read.
        let command = format!("UID FETCH {set} (UID BODY.PEEK[{section}]<{from}.{PART}>)");
        let name = format!("BODY[{section}]<{from}>");
        let done = self.wire.ask(&command, &mut |response| {
            let Response::Numbered { word, values, .. } = response else {
                return Ok(());
            };
            let (Some(uid), true) = (uid_of(&values), word == "FETCH") else {
                return Ok(());
            };
            match octets_of(values, &name) {
                Some(octets) => take(uid, octets),
                None => Ok(()),
            }
        })?;
        match done.is_ok() {
            true => Ok(()),
            false => Err(self.refusal(&done)),
        }
    }

    /// Sends a new message. Where the server does not say its number, it is looked for.
    pub(crate) fn append(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        let has_uids = self.can("UIDPLUS");
        let before = match has_uids {
            true => 0,
            false => self.next_uid(item.folder)?,
        };
        let mut flags = names::keywords(item.flags);
        flags.retain(|flag| flag != "\\Deleted");
        let rest = format!(" ({}) \"{}\" ", flags.join(" "), internal_date(item.date));
        let command = [
            Piece::Text("APPEND ".to_owned()),
            string(item.folder.as_str()),
            Piece::Text(rest),
            Piece::Literal(item.content),
        ];
        let done = self.wire.run(&command, &mut |_| Ok(()))?;
        if !done.is_ok() {
            return Err(self.refusal(&done));
        }
        let told = argument(&done.code, "APPENDUID").and_then(|told| {
            let (validity, uid) = told.split_once(' ')?;
            Some(key(validity.parse().ok()?, uid.parse().ok()?))
        });
        let key = match told {
            Some(key) => Some(key),
            // It is there, whatever comes of the search.
            None => match self.find_sent(item, before) {
                Err(Trouble::Stop(stop)) => return Err(stop.into()),
                found => found.ok().flatten(),
            },
        };
        Ok(Placed { key, version: None })
    }

    fn next_uid(&mut self, folder: &FolderKey) -> Answer<u32> {
        let status = self.status(folder.as_str())?;
        Ok(status.map_or(0, |status| status.next))
    }

    /// Among the messages that came since, the one that is octet for octet what was sent (TWOWAY-04).
    fn find_sent(
        &mut self,
        item: &Upload<'_>,
        before: u32,
    ) -> Answer<Option<mapi_provider::twoway::ItemKey>> {
        if before == 0 {
            return Ok(None);
        }
        self.open_again(item.folder)?;
        let mut new: BTreeSet<u32> = self.search(&format!("UID {before}:* UNDELETED"))?;
        // `n:*` names the last message even if its number is smaller.
        new.retain(|uid| *uid >= before);
        for uid in new.into_iter().take(MOST_COMPARED) {
            let mut is_it = false;
            let found = ItemRef {
                folder: Some(item.folder.clone()),
                key: self.key(uid),
                version: None,
            };
            self.fetch_contents(&[found], Part::Whole, &mut |_, content| {
                is_it = content.is_ok_and(|content| content == item.content);
                Ok(())
            })?;
            if is_it {
                return Ok(Some(self.key(uid)));
            }
        }
        Ok(None)
    }
}

/// The octets of a section, taken out of a FETCH response.
fn octets_of(values: Vec<Value>, name: &str) -> Option<Vec<u8>> {
    let Some(Value::List(list)) = values.into_iter().next() else {
        return None;
    };
    let place = list
        .chunks_exact(2)
        .position(|pair| attribute(pair, |one| one == name).is_some())?;
    match list.into_iter().nth(place * 2 + 1) {
        Some(Value::Octets(octets)) => Some(octets),
        _ => None,
    }
}
