//! The stores that this process has open: one database per file, however many logons there are.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use super::database::Database;
use crate::fault::{Fault, Result};

/// Files by canonical path, and how many have each open.
static OPEN: LazyLock<Mutex<Open>> = LazyLock::new(Mutex::default);

type Open = HashMap<PathBuf, (Arc<Database>, usize)>;

/// A database that stays open as long as this lives. The last one closes the file, and at that moment it
/// is free for others.
pub(crate) struct OpenDatabase {
    key: PathBuf,
    /// None while it is being dropped.
    database: Option<Arc<Database>>,
}

impl OpenDatabase {
    /// The store in a file, which is created if there is none.
    ///
    /// # Errors
    ///
    /// Those of [`Database::open`].
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let key = canonical(path)?;
        let mut open = lock();
        if let Some((database, count)) = open.get_mut(&key) {
            *count += 1;
            let database = Some(Arc::clone(database));
            return Ok(Self { key, database });
        }
        let database = Arc::new(Database::open(&key)?);
        open.insert(key.clone(), (Arc::clone(&database), 1));
        let database = Some(database);
        Ok(Self { key, database })
    }

    /// The canonical path of the file.
    pub(crate) fn key(&self) -> &Path {
        &self.key
    }
}

impl Clone for OpenDatabase {
    fn clone(&self) -> Self {
        if let Some((_, count)) = lock().get_mut(&self.key) {
            *count += 1;
        }
        Self {
            key: self.key.clone(),
            database: self.database.clone(),
        }
    }
}

impl Drop for OpenDatabase {
    fn drop(&mut self) {
        let mut open = lock();
        // Under the lock, so whoever opens the file next finds it closed.
        self.database = None;
        if let Some((_, count)) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

impl Deref for OpenDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        self.database
            .as_deref()
            .expect("it is there until the drop")
    }
}

/// The path by which a file is known. The file need not exist; its folder must.
///
/// # Errors
///
/// There is no such folder.
pub(crate) fn canonical(path: &Path) -> Result<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let failed = |error: std::io::Error| Fault::of_file(&error, "open", path);
    let name = path.file_name();
    let name = name.ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))?;
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("."),
    };
    Ok(folder.canonicalize().map_err(failed)?.join(name))
}

fn lock() -> MutexGuard<'static, Open> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}
