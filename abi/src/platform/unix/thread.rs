//! A thread of the library's own. A library is never unloaded here while Rust code runs in it: std's thread-locals see to
//! that.

use std::io;
use std::thread::{self, JoinHandle};

/// A thread that keeps the library loaded. Dropping this leaves it to itself.
pub struct OwnThread(JoinHandle<()>);

impl OwnThread {
    /// Runs `body` on a new thread.
    ///
    /// # Errors
    ///
    /// The process has no thread left; `body` is dropped then.
    pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let builder = thread::Builder::new().name(name.to_owned());
        builder.spawn(body).map(Self)
    }

    /// Whether it is the thread that asks.
    pub fn is_current(&self) -> bool {
        self.0.thread().id() == thread::current().id()
    }

    /// Waits until it has left.
    pub fn join(self) {
        // A panic was told where it happened.
        let _ = self.0.join();
    }
}
