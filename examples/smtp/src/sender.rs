//! What sends: the transport's logic.

use std::sync::{Mutex, PoisonError};

use mapi_provider::LogonError;
use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};

use super::Settings;
use super::account::Account;
use super::client::{self, Fate, Letter, Problem, To, Watch};

/// An account at a server.
pub struct Smtp {
    account: Account,
    /// Why the server lets nobody in with these settings, which are the same for as long as this value lives.
    locked_out: Mutex<Option<String>>,
}

impl MailTransport for Smtp {
    type Settings = Settings;

    fn open(settings: Settings, _link: &Link) -> Result<Self, LogonError> {
        let account = Account::new(&settings)?;
        Ok(Self {
            account,
            locked_out: Mutex::default(),
        })
    }

    fn identity(&self) -> Identity {
        Identity::smtp(self.account.name.as_str(), self.account.address.as_str())
    }

    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
        // A password that was refused is not tried again: servers lock accounts for that.
        if let Some(text) = self.locked_out() {
            return Err(SendError::broken(text));
        }
        let octets = mail.to_mime();
        let octets = octets.map_err(|error| SendError::refused(error.to_string()))?;
        let letter = Letter {
            id: mail.id(),
            from: &mail.sender().address.value,
            to: mail.envelope().iter().map(to).collect(),
            octets: &octets,
        };
        let watch = Told { mail, delivery };
        let sent = client::send(&self.account, &letter, &watch);
        sent.map_err(|problem| self.error(problem))
    }
}

impl Smtp {
    fn locked_out(&self) -> Option<String> {
        let text = self.locked_out.lock();
        text.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn error(&self, problem: Problem) -> SendError {
        match problem {
            Problem::Cancelled => SendError::cancelled(),
            Problem::Network(text) => SendError::network(text),
            Problem::Later(text) => SendError::later(text),
            Problem::Refused(text) => SendError::refused(text),
            Problem::LockedOut(text) => {
                let mut known = self.locked_out.lock();
                *known.as_deref_mut().unwrap_or(&mut None) = Some(text.clone());
                SendError::broken(text)
            }
        }
    }
}

fn to(recipient: &mapi_provider::transport::Recipient) -> To<'_> {
    To {
        address: &recipient.person.address.value,
        report_delivery: recipient.report_delivery,
    }
}

/// Tells the runtime what becomes of each recipient.
struct Told<'a> {
    mail: &'a Mail,
    delivery: &'a Delivery<'a>,
}

impl Watch for Told<'_> {
    fn is_cancelled(&self) -> bool {
        self.delivery.cancel_token().is_cancelled()
    }

    fn became(&self, index: usize, fate: Fate) {
        let Some(to) = self.mail.envelope().get(index) else {
            return;
        };
        match fate {
            Fate::Accepted => self.delivery.accepted(to),
            Fate::Refused(text) => self.delivery.refused(to, text),
        }
    }
}
