//! The verbs of that server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use mapi_provider::twoway::{
    Abilities, Answer, Cursor, Deletion, Feed, Flags, FolderKey, ItemKey, ItemRef, Listed, Listing,
    Monitor, PairId, Part, Placed, Proof, Remote, RemoteEntry, RemoteFolder, Session, Trouble,
    Upload, Version,
};
use serde_json::{Map, Value, json};

/// Every wait has an end.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct JsonServer(pub(crate) SocketAddr);

impl Remote for JsonServer {
    fn account(&self) -> String {
        format!("json://{}", self.0)
    }

    fn connect<'r>(&'r self, _: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        Ok(Box::new(Client(self.0)))
    }
}

struct Client(SocketAddr);

impl Client {
    fn send(&self, method: &str, path: &str, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(self.0)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
        // In one piece: the second of two would wait for the first one's receipt.
        stream.write_all(&[head.as_bytes(), body].concat())?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::UnexpectedEof)?;
        while !line.trim_end().is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
        }
        let mut answer = Vec::new();
        reader.read_to_end(&mut answer)?;
        Ok((status, answer))
    }

    fn bytes(&self, method: &str, path: &str, body: &[u8]) -> Answer<Vec<u8>> {
        match self.send(method, path, body) {
            Ok((200, answer)) => Ok(answer),
            Ok((404, _)) => Err(Trouble::gone()),
            Ok((409, _)) => Err(Trouble::stale()),
            Ok((status, _)) => Err(Trouble::refused(format!("the server says {status}"))),
            Err(error) => Err(Trouble::lost(error.to_string())),
        }
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Answer<Value> {
        let answer = self.bytes(method, path, body.to_string().as_bytes())?;
        serde_json::from_slice(&answer).map_err(|error| Trouble::lost(error.to_string()))
    }

    fn blob(&self, content: &[u8]) -> Answer<Value> {
        let answer = self.bytes("POST", "/blobs", content)?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        Ok(answer["blob"].clone())
    }

    fn change(&self, item: &ItemRef, mut change: Value) -> Answer<Placed> {
        change["version"] = item.version.as_ref().map(Version::as_str).into();
        Ok(placed(&self.json(
            "PATCH",
            &format!("/items/{}", item.key),
            &change,
        )?))
    }
}

impl Session for Client {
    fn abilities(&self) -> Abilities {
        Abilities::all()
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        let answer = self.json("GET", "/folders", &Value::Null)?;
        Ok(array(&answer["folders"]).map(folder).collect())
    }

    fn changes(
        &mut self,
        _: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        let mut state = since.map_or("0".into(), |since| {
            String::from_utf8_lossy(&since.0).into_owned()
        });
        let mut count = 0;
        loop {
            let answer = self.json("GET", &format!("/changes?since={state}"), &Value::Null)?;
            for item in array(&answer["items"]) {
                count += 1;
                listing.entry(entry(item))?;
            }
            for id in array(&answer["gone"]) {
                listing.gone(ItemKey::new(text(id)))?;
            }
            state = text(&answer["state"]);
            if answer["more"] != true {
                break;
            }
        }
        Ok(Listed {
            proof: match since {
                Some(_) => Proof::Told,
                None => Proof::Complete { count },
            },
            cursor: Some(Cursor(state.into_bytes())),
        })
    }

    fn fetch(&mut self, item: &ItemRef, part: Part) -> Answer<Vec<u8>> {
        let mut content = self.bytes("GET", &format!("/items/{}/content", item.key), &[])?;
        if part == Part::Header {
            let end = content.windows(4).position(|four| four == b"\r\n\r\n");
            content.truncate(end.map_or(content.len(), |end| end + 4));
        }
        Ok(content)
    }

    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        let new = json!({
            "blob": self.blob(item.content)?, "folder": item.folder.as_str(), "date": item.date,
            "token": item.token.as_str(), "flags": item.flags.iter().collect::<Vec<_>>(),
        });
        Ok(placed(&self.json("POST", "/items", &new)?))
    }

    fn find(
        &mut self,
        folder: &FolderKey,
        token: &PairId,
        _: Option<&str>,
    ) -> Answer<Vec<RemoteEntry>> {
        let answer = self.json("GET", &format!("/items?token={token}"), &Value::Null)?;
        let found = array(&answer["items"]).map(entry);
        Ok(found
            .filter(|entry| entry.folders.contains(folder))
            .collect())
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        let mut flags = Map::new();
        flags.extend(remove.iter().map(|flag| (flag.to_owned(), Value::Null)));
        flags.extend(add.iter().map(|flag| (flag.to_owned(), true.into())));
        let placed = self.change(item, json!({"flags": flags}))?;
        Ok(placed
            .version
            .filter(|version| Some(version) == item.version.as_ref()))
    }

    fn move_item(&mut self, item: &ItemRef, from: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        let mut placed = self.change(
            item,
            json!({"folders": {from.as_str(): null, to.as_str(): true}}),
        )?;
        placed.version = placed
            .version
            .filter(|version| Some(version) == item.version.as_ref());
        Ok(placed)
    }

    fn replace(&mut self, item: &ItemRef, content: &[u8]) -> Answer<Placed> {
        let blob = self.blob(content)?;
        self.change(item, json!({"blob": blob}))
    }

    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        let item = deletion.what();
        let version = item
            .version
            .as_ref()
            .map(|version| format!("?version={version}"));
        let path = format!("/items/{}{}", item.key, version.unwrap_or_default());
        self.json("DELETE", &path, &Value::Null).map(drop)
    }

    fn create_folder(&mut self, parent: Option<&FolderKey>, name: &str) -> Answer<RemoteFolder> {
        let new = json!({"name": name, "parent": parent.map(FolderKey::as_str)});
        Ok(folder(&self.json("POST", "/folders", &new)?))
    }

    fn rename_folder(
        &mut self,
        key: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        let place = json!({"name": name, "parent": parent.map(FolderKey::as_str)});
        Ok(folder(&self.json(
            "PATCH",
            &format!("/folders/{key}"),
            &place,
        )?))
    }

    fn delete_folder(&mut self, deletion: &Deletion<FolderKey>) -> Answer<()> {
        let path = format!("/folders/{}", deletion.what());
        self.json("DELETE", &path, &Value::Null).map(drop)
    }
}

fn entry(item: &Value) -> RemoteEntry {
    let date = item["date"].as_i64().unwrap_or_default();
    let mut entry = RemoteEntry::new(ItemKey::new(text(&item["id"])), date);
    entry.folders = array(&item["folders"])
        .map(|id| FolderKey::new(text(id)))
        .collect();
    entry.flags = array(&item["flags"]).map(text).collect();
    entry.version = Some(Version::new(text(&item["version"])));
    entry.title = text(&item["subject"]);
    entry
}

fn placed(item: &Value) -> Placed {
    Placed {
        key: Some(ItemKey::new(text(&item["id"]))),
        version: Some(Version::new(text(&item["version"]))),
    }
}

fn folder(told: &Value) -> RemoteFolder {
    let mut folder = RemoteFolder::new(FolderKey::new(text(&told["id"])), text(&told["name"]));
    folder.parent = told["parent"].as_str().map(FolderKey::new);
    folder
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
