//! Stands between a run and its server: counts, cuts, delays and edits.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::cuts::{self, Order, Watch};

type Edit = Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send>;

#[derive(Default)]
struct Shared {
    /// Everything that the client said.
    said: Mutex<Vec<u8>>,
    is_server_last: AtomicBool,
    round_trips: AtomicU64,
    connections: AtomicU64,
    to_client: AtomicU64,
    /// How many bytes may still pass in this direction before the connection is cut; negative: all.
    up: AtomicI64,
    down: AtomicI64,
    /// The command at which the connection is cut.
    order: Mutex<Option<Order>>,
    /// The answer that is lost, and the connection with it.
    awaited: Mutex<Option<String>>,
    /// From here on nothing comes any more, and nothing is cut.
    is_stalled: AtomicBool,
    edit: Mutex<Option<Edit>>,
    /// What happens when the connection is cut.
    at_cut: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    pub(crate) port: u16,
}

impl Proxy {
    pub(crate) fn new(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let shared = Arc::new(Shared::default());
        let proxy = Self { shared, port };
        proxy.let_pass();
        let shared = proxy.shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Where nobody listens, nobody answers.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server)) {
                    shared.connections.fetch_add(1, Ordering::SeqCst);
                    join(&shared, client, server);
                }
            }
        });
        proxy
    }

    /// Nothing is cut any more.
    pub(crate) fn let_pass(&self) {
        self.shared.up.store(-1, Ordering::SeqCst);
        self.shared.down.store(-1, Ordering::SeqCst);
    }

    /// The connection is cut after so many bytes to the server, or to the client. It happens once.
    pub(crate) fn cut(&self, up: Option<i64>, down: Option<i64>) {
        self.shared.up.store(up.unwrap_or(-1), Ordering::SeqCst);
        self.shared.down.store(down.unwrap_or(-1), Ordering::SeqCst);
    }

    /// The connection is cut at a command that writes. It happens once.
    pub(crate) fn cut_at(&self, order: Order) {
        *self.shared.order.lock().expect("whole") = Some(order);
    }

    /// Nothing is cut at a command any more. Whether something was.
    pub(crate) fn was_cut(&self) -> bool {
        self.shared.order.lock().expect("whole").take().is_none()
    }

    /// Waits until the cut that was ordered has happened, with everything that comes of it.
    pub(crate) fn wait_for_cut(&self) {
        for _ in 0..4_000 {
            let up = self.shared.up.load(Ordering::SeqCst);
            if up < 0 && self.shared.down.load(Ordering::SeqCst) < 0 {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("nothing was cut");
    }

    pub(crate) fn at_cut(&self, act: impl FnOnce() + Send + 'static) {
        *self.shared.at_cut.lock().expect("whole") = Some(Box::new(act));
    }

    pub(crate) fn stall(&self, is_stalled: bool) {
        self.shared.is_stalled.store(is_stalled, Ordering::SeqCst);
    }

    /// What the server says becomes something else, piece by piece.
    pub(crate) fn edit(&self, edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) {
        *self.shared.edit.lock().expect("whole") = Some(Box::new(edit));
    }

    /// Forgets what it has counted.
    pub(crate) fn reset(&self) {
        self.shared.said.lock().expect("whole").clear();
        self.shared.round_trips.store(0, Ordering::SeqCst);
        self.shared.connections.store(0, Ordering::SeqCst);
        self.shared.to_client.store(0, Ordering::SeqCst);
    }

    pub(crate) fn round_trips(&self) -> u64 {
        self.shared.round_trips.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn bytes_to_client(&self) -> u64 {
        self.shared.to_client.load(Ordering::SeqCst)
    }

    pub(crate) fn bytes_to_server(&self) -> usize {
        self.shared.said.lock().expect("whole").len()
    }

    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.shared.said.lock().expect("whole")).into_owned()
    }

    /// How many commands have this in them.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.said().matches(text).count()
    }

    /// Commands that write.
    pub(crate) fn writes(&self) -> Vec<String> {
        let said = self.said();
        let lines = said
            .lines()
            .filter(|line| cuts::WRITES.iter().any(|verb| line.contains(verb)));
        lines.map(str::to_owned).collect()
    }
}

fn join(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) {
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    for is_up in [true, false] {
        let both = (client.try_clone(), server.try_clone());
        let (Ok(client), Ok(server)) = both else {
            return;
        };
        let shared = shared.clone();
        thread::spawn(move || {
            let (from, to) = if is_up {
                (client, server)
            } else {
                (server, client)
            };
            carry(&shared, from, to, is_up);
        });
    }
}

fn carry(shared: &Shared, mut from: TcpStream, mut to: TcpStream, is_up: bool) {
    let mut buffer = vec![0; 64 * 1024];
    let mut watch = Watch::default();
    let mut dropped = Vec::new();
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        let mut bytes = buffer[..count].to_vec();
        if is_up {
            if shared.is_server_last.swap(false, Ordering::SeqCst) {
                shared.round_trips.fetch_add(1, Ordering::SeqCst);
            }
        } else {
            shared.is_server_last.store(true, Ordering::SeqCst);
            while shared.is_stalled.load(Ordering::SeqCst) {
                thread::sleep(std::time::Duration::from_millis(5));
            }
            if let Some(edit) = &*shared.edit.lock().expect("whole") {
                bytes = edit(bytes);
            }
        }
        let mut cut = None;
        if is_up {
            let mut order = shared.order.lock().expect("whole");
            cut = order.as_mut().and_then(|order| watch.hear(&bytes, order));
            if let Some(cut) = &cut {
                bytes.truncate(cut.passing);
                *order = None;
                // Before the server can answer.
                shared.awaited.lock().expect("whole").clone_from(&cut.tag);
            }
        } else if let Some(tag) = &*shared.awaited.lock().expect("whole") {
            dropped.append(&mut bytes);
            if cuts::is_answer(&dropped, tag) {
                break;
            }
            continue;
        }
        let left = if is_up { &shared.up } else { &shared.down };
        let may = left.load(Ordering::SeqCst);
        let is_cut = may >= 0 && may < bytes.len() as i64;
        if is_cut {
            bytes.truncate(may as usize);
        } else if may >= 0 {
            left.fetch_sub(bytes.len() as i64, Ordering::SeqCst);
        }
        if is_up {
            shared.said.lock().expect("whole").extend_from_slice(&bytes);
        } else {
            shared
                .to_client
                .fetch_add(bytes.len() as u64, Ordering::SeqCst);
        }
        if to.write_all(&bytes).is_err() {
            break;
        }
        match cut {
            None => {}
            Some(cut) if cut.tag.is_none() => break,
            // The answer ends it. Nothing more is said before.
            Some(_) => {
                let _ = io::copy(&mut from, &mut io::sink());
                break;
            }
        }
        if is_cut {
            if let Some(act) = shared.at_cut.lock().expect("whole").take() {
                act();
            }
            left.store(-1, Ordering::SeqCst);
            break;
        }
    }
    if !is_up {
        *shared.awaited.lock().expect("whole") = None;
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
