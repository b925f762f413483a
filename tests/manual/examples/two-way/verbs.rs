//! The verbs of the board: what the library asks of a server.

use mapi_provider::twoway::{
    Abilities, Answer, Cursor, Deletion, Editing, Feed, Flags, FolderKey, ItemKey, ItemRef, Listed,
    Listing, Monitor, PairId, Part, Placed, Proof, Remote, RemoteEntry, RemoteFolder, Session,
    Trouble, Upload, Version,
};

use super::board::{Board, Ticket};

/// What Outlook calls read, the board calls done.
const SEEN: &str = "\\Seen";

impl Remote for Board {
    fn account(&self) -> String {
        format!("board://{}", self.name)
    }

    fn connect<'r>(&'r self, _: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        Ok(Box::new(Logon { board: self }))
    }
}

/// A logon to the board.
struct Logon<'r> {
    board: &'r Board,
}

impl Session for Logon<'_> {
    fn abilities(&self) -> Abilities {
        let mut abilities = Abilities::all();
        abilities.editing = Editing::InPlace;
        abilities.folders = false; // Labels come and go with their tickets.
        abilities
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        let labels = self.board.ask().labels.clone();
        let folder = |label: String| RemoteFolder::new(FolderKey::new(&label), &label);
        Ok(labels.into_iter().map(folder).collect())
    }

    fn changes(
        &mut self,
        _: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        let since = since.and_then(revision_of).unwrap_or(0);
        let tickets = self.board.ask();
        for (id, ticket) in &tickets.all {
            if ticket.revision > since {
                listing.entry(entry(id, ticket))?;
            }
        }
        for (id, revision) in &tickets.gone {
            if *revision > since {
                listing.gone(ItemKey::new(id))?;
            }
        }
        Ok(Listed {
            proof: Proof::Told,
            cursor: Some(Cursor(tickets.revision.to_be_bytes().to_vec())),
        })
    }

    fn fetch(&mut self, item: &ItemRef, _: Part) -> Answer<Vec<u8>> {
        let tickets = self.board.ask();
        let ticket = tickets.all.get(item.key.as_str());
        Ok(ticket.ok_or_else(Trouble::gone)?.text.clone())
    }

    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        let mut tickets = self.board.ask();
        let id = tickets.create(Ticket {
            label: item.folder.as_str().to_owned(),
            text: item.content.to_vec(),
            done: item.flags.contains(SEEN),
            created: item.date,
            client_id: Some(item.token.as_str().to_owned()),
            ..Ticket::default()
        });
        placed(&id, tickets.all.get(&id))
    }

    fn find(&mut self, _: &FolderKey, token: &PairId, _: Option<&str>) -> Answer<Vec<RemoteEntry>> {
        let tickets = self.board.ask();
        let with_token = |ticket: &Ticket| ticket.client_id.as_deref() == Some(token.as_str());
        let found = tickets.all.iter().filter(|(_, ticket)| with_token(ticket));
        Ok(found.map(|(id, ticket)| entry(id, ticket)).collect())
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        let mut tickets = self.board.ask();
        let changed = tickets.change(item.key.as_str(), |ticket| {
            ticket.done = (ticket.done || add.contains(SEEN)) && !remove.contains(SEEN);
        });
        Ok(Some(version(changed.ok_or_else(Trouble::gone)?)))
    }

    fn move_item(&mut self, item: &ItemRef, _: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        let mut tickets = self.board.ask();
        let id = item.key.as_str();
        placed(
            id,
            tickets.change(id, |ticket| ticket.label = to.as_str().to_owned()),
        )
    }

    fn replace(&mut self, item: &ItemRef, content: &[u8]) -> Answer<Placed> {
        let mut tickets = self.board.ask();
        let id = item.key.as_str();
        let now = tickets.all.get(id).ok_or_else(Trouble::gone)?;
        if item.version.as_ref() != Some(&version(now)) {
            return Err(Trouble::stale());
        }
        placed(
            id,
            tickets.change(id, |ticket| ticket.text = content.to_vec()),
        )
    }

    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        let mut tickets = self.board.ask();
        let item = deletion.what();
        let now = tickets.all.get(item.key.as_str());
        let now = version(now.ok_or_else(Trouble::gone)?);
        if item.version.as_ref().is_some_and(|known| *known != now) {
            return Err(Trouble::stale());
        }
        tickets.delete(item.key.as_str());
        Ok(())
    }
}

fn entry(id: &str, ticket: &Ticket) -> RemoteEntry {
    let mut entry = RemoteEntry::new(ItemKey::new(id), ticket.created);
    entry.folders.insert(FolderKey::new(&ticket.label));
    entry.version = Some(version(ticket));
    if ticket.done {
        entry.flags.insert(SEEN);
    }
    entry
}

fn version(ticket: &Ticket) -> Version {
    Version::new(ticket.text_revision.to_string())
}

fn placed(id: &str, ticket: Option<&Ticket>) -> Answer<Placed> {
    Ok(Placed {
        key: Some(ItemKey::new(id)),
        version: Some(version(ticket.ok_or_else(Trouble::gone)?)),
    })
}

fn revision_of(cursor: &Cursor) -> Option<u64> {
    let bytes = cursor.0.as_slice().try_into().ok()?;
    Some(u64::from_be_bytes(bytes))
}
