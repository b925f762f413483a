//! A server that speaks JSON over HTTP, as JMAP and ticket systems do: items have IDs that stay, are in several folders at
//! once, and one list tells what has changed since a state.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

/// How many items one answer tells.
const PAGE: usize = 2;

#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) folders: BTreeSet<String>,
    pub(crate) flags: BTreeSet<String>,
    pub(crate) content: Vec<u8>,
    date: i64,
    token: Option<String>,
    version: u64,
    changed: u64,
}

/// When a request is not answered: the number of the request, and whether it is carried out.
pub(crate) type Cut = (usize, bool);

#[derive(Default)]
pub(crate) struct Data {
    pub(crate) items: BTreeMap<u64, Item>,
    /// Name, and the folder that it is in.
    pub(crate) folders: BTreeMap<u64, (String, Option<u64>)>,
    blobs: BTreeMap<u64, Vec<u8>>,
    gone: Vec<(u64, u64)>,
    clock: u64,
    next: u64,
    pub(crate) requests: usize,
    pub(crate) cut: Option<Cut>,
    is_over: bool,
}

type Answer = Result<Value, u16>;

impl Data {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn make_folder(&mut self, name: &str, parent: Option<u64>) -> u64 {
        let id = self.number();
        self.folders.insert(id, (name.to_owned(), parent));
        id
    }

    pub(crate) fn add(&mut self, folders: &[u64], content: &str) -> u64 {
        let id = self.number();
        let item = Item {
            folders: folders.iter().map(|id| format!("F{id}")).collect(),
            flags: BTreeSet::new(),
            content: content.as_bytes().to_vec(),
            date: 1_700_000_000,
            token: None,
            version: 1,
            changed: 0,
        };
        self.items.insert(id, item);
        self.touch(id);
        id
    }

    pub(crate) fn touch(&mut self, id: u64) -> &mut Item {
        self.clock += 1;
        let item = self.items.get_mut(&id).expect("there");
        item.changed = self.clock;
        item
    }

    pub(crate) fn edit(&mut self, id: u64, content: &str) {
        let item = self.touch(id);
        item.content = content.as_bytes().to_vec();
        item.version += 1;
    }

    pub(crate) fn remove(&mut self, id: u64) {
        if self.items.remove(&id).is_some() {
            self.clock += 1;
            self.gone.push((self.clock, id));
        }
    }

    fn told(&self, id: u64) -> Value {
        let item = &self.items[&id];
        let text = String::from_utf8_lossy(&item.content);
        let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
        json!({
            "id": format!("I{id}"), "folders": item.folders, "flags": item.flags, "date": item.date,
            "version": item.version.to_string(), "subject": subject.unwrap_or_default(),
        })
    }

    /// What has changed since a state, a page of it.
    fn changes(&self, since: u64) -> Value {
        let mut changed: Vec<(u64, u64)> = self
            .items
            .iter()
            .map(|(id, item)| (item.changed, *id))
            .filter(|(at, _)| *at > since)
            .collect();
        changed.sort_unstable();
        let is_last = changed.len() <= PAGE;
        changed.truncate(PAGE);
        let state = if is_last {
            self.clock
        } else {
            changed.last().map_or(since, |(at, _)| *at)
        };
        let items: Vec<Value> = changed.into_iter().map(|(_, id)| self.told(id)).collect();
        let gone = self.gone.iter();
        let gone = gone.filter(|(at, _)| *at > since && *at <= state);
        let gone: Vec<String> = gone.map(|(_, id)| format!("I{id}")).collect();
        json!({"state": state.to_string(), "items": items, "gone": gone, "more": !is_last})
    }

    fn answer(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Vec<u8>, u16> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: BTreeMap<&str, &str> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let value = match (method, &parts[..]) {
            ("GET", ["items", id, "content"]) => {
                return Ok(self.item(id)?.content.clone());
            }
            ("GET", ["changes"]) => {
                let since = query.get("since").and_then(|since| since.parse().ok());
                self.changes(since.unwrap_or(0))
            }
            ("GET", ["items"]) => {
                let token = query.get("token").copied();
                let items = self.items.iter();
                let found = items.filter(|(_, item)| item.token.as_deref() == token);
                json!({"items": found.map(|(id, _)| self.told(*id)).collect::<Vec<_>>()})
            }
            ("POST", ["blobs"]) => {
                let id = self.number();
                self.blobs.insert(id, body.to_vec());
                json!({"blob": id})
            }
            ("POST", ["items"]) => self.create(&json)?,
            ("PATCH", ["items", id]) => self.change(id, &json)?,
            ("DELETE", ["items", id]) => {
                let known = query.get("version").copied();
                let version = self.item(id)?.version.to_string();
                if known.is_some_and(|known| known != version) {
                    return Err(409);
                }
                self.remove(number(id)?);
                json!({})
            }
            ("GET", ["folders"]) => {
                let folders = self.folders.keys();
                json!({"folders": folders.map(|id| self.folder(*id)).collect::<Vec<_>>()})
            }
            ("POST", ["folders"]) => {
                let (name, parent) = place(&json)?;
                let mut there = self.folders.iter();
                let there = there.find(|(_, one)| **one == (name.clone(), parent));
                let id = match there.map(|(id, _)| *id) {
                    Some(id) => id,
                    None => self.make_folder(&name, parent),
                };
                self.folder(id)
            }
            ("PATCH", ["folders", id]) => {
                let place = place(&json)?;
                *self.folders.get_mut(&number(id)?).ok_or(404_u16)? = place;
                self.folder(number(id)?)
            }
            ("DELETE", ["folders", id]) => {
                let number = number(id)?;
                let is_used = self.items.values().any(|item| item.folders.contains(*id))
                    || self
                        .folders
                        .values()
                        .any(|(_, parent)| *parent == Some(number));
                if is_used {
                    return Err(409);
                }
                self.folders.remove(&number).ok_or(404_u16)?;
                json!({})
            }
            _ => return Err(400),
        };
        Ok(value.to_string().into_bytes())
    }

    fn item(&mut self, id: &str) -> Result<&mut Item, u16> {
        self.items.get_mut(&number(id)?).ok_or(404)
    }

    fn folder(&self, id: u64) -> Value {
        let (name, parent) = &self.folders[&id];
        let parent = parent.map(|parent| format!("F{parent}"));
        json!({"id": format!("F{id}"), "name": name, "parent": parent})
    }

    fn create(&mut self, json: &Value) -> Answer {
        let blob = json["blob"].as_u64().ok_or(400_u16)?;
        let content = self.blobs.remove(&blob).ok_or(404_u16)?;
        let folder = json["folder"].as_str().ok_or(400_u16)?;
        let id = self.add(&[number(folder)?], "");
        let item = self.touch(id);
        item.content = content;
        item.date = json["date"].as_i64().unwrap_or_default();
        item.token = json["token"].as_str().map(str::to_owned);
        let flags = json["flags"].as_array().ok_or(400_u16)?;
        item.flags = flags
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        Ok(self.told(id))
    }

    /// Flags and folders one by one: `true` sets, `null` takes away.
    fn change(&mut self, id: &str, json: &Value) -> Answer {
        let known = json["version"].as_str();
        if self.item(id)?.version.to_string() != known.unwrap_or_default() && json["blob"].is_u64()
        {
            return Err(409);
        }
        let blob = json["blob"]
            .as_u64()
            .and_then(|blob| self.blobs.remove(&blob));
        let item = self.touch(number(id)?);
        for (set, changes) in [
            (&mut item.flags, &json["flags"]),
            (&mut item.folders, &json["folders"]),
        ] {
            for (name, value) in changes.as_object().into_iter().flatten() {
                match value.as_bool() {
                    Some(true) => drop(set.insert(name.clone())),
                    _ => drop(set.remove(name)),
                }
            }
        }
        if let Some(content) = blob {
            item.content = content;
            item.version += 1;
        }
        Ok(self.told(number(id)?))
    }
}

fn place(json: &Value) -> Result<(String, Option<u64>), u16> {
    let name = json["name"].as_str().ok_or(400_u16)?.to_owned();
    let parent = json["parent"].as_str().map(number).transpose()?;
    Ok((name, parent))
}

/// The number of an ID: `I7`.
fn number(id: &str) -> Result<u64, u16> {
    id.get(1..)
        .and_then(|number| number.parse().ok())
        .ok_or(404)
}

/// A server in a thread of its own, on loopback.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    data: Arc<Mutex<Data>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let data = Arc::new(Mutex::new(Data::default()));
        let shared = data.clone();
        let serve = move || {
            for stream in listener.incoming() {
                if shared.lock().expect("whole").is_over {
                    return;
                }
                // Whoever hangs up has no answer.
                let _ = stream.and_then(|stream| serve(&shared, &stream));
            }
        };
        Self {
            address,
            data,
            thread: Some(thread::spawn(serve)),
        }
    }

    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().expect("whole")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut data) = self.data.lock() {
            data.is_over = true;
        }
        // It is waiting for somebody.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(data: &Mutex<Data>, mut stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let request: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let mut length = 0;
    while !line.trim_end().is_empty() {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim_end().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut data = data.lock().expect("whole");
    data.requests += 1;
    let cut = data.cut.filter(|(at, _)| *at == data.requests);
    if let Some((_, false)) = cut {
        return Ok(());
    }
    let (method, path) = (&request[0], &request[1]);
    let (status, answer) = match data.answer(method, path, &body) {
        Ok(answer) => (200, answer),
        Err(status) => (status, Vec::new()),
    };
    if cut.is_some() {
        return Ok(());
    }
    let length = answer.len();
    let mut bytes = format!("HTTP/1.1 {status} -\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend(answer);
    // In one piece: the second of two would wait for the first one's receipt.
    stream.write_all(&bytes)
}
