//! Which logon of this process has locked which message that waits to be sent. The database knows only the process
//! (STORE-36).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use super::shared::lock;
use crate::database::MessageId;

/// What a logon is known by, as long as it lives.
pub(super) type Token = Arc<()>;

/// Who has locked what. What the database does not call locked is not, whatever stands here.
#[derive(Default)]
pub(super) struct Locks(Mutex<HashMap<MessageId, Weak<()>>>);

impl Locks {
    /// A logon has locked a message.
    pub(super) fn take(&self, message: MessageId, by: &Token) {
        let mut holders = lock(&self.0);
        holders.retain(|_, holder| holder.strong_count() > 0);
        holders.insert(message, Arc::downgrade(by));
    }

    /// Whether a message, if it is locked by this process, is so by another logon than this one, which is still there.
    pub(super) fn is_others(&self, message: MessageId, than: &Token) -> bool {
        let holder = lock(&self.0).get(&message).and_then(Weak::upgrade);
        holder.is_some_and(|holder| !Arc::ptr_eq(&holder, than))
    }
}
