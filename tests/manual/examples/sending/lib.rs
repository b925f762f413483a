//! The manual's transport: mail goes out through a gateway.

use std::io;

use mapi_provider::LogonError;
use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};

mapi_provider::provider!("examples/sending/provider.toml");

/// A gateway's client, which a team has already.
struct Gateway {
    server: String,
}

/// What the gateway says to a message for one recipient.
enum Answer {
    Taken,
    NotNow,
    Never(String),
}

impl Gateway {
    fn offer(&self, id: &str, to: &str, _octets: &[u8]) -> io::Result<Answer> {
        if self.server.is_empty() {
            return Err(io::ErrorKind::NotConnected.into());
        }
        Ok(match to.split_once('@') {
            None => Answer::Never(format!("{to} is no address")),
            Some(_) if id.is_empty() => Answer::NotNow,
            Some(_) => Answer::Taken,
        })
    }
}

/// An account at the gateway.
pub struct Contoso {
    gateway: Gateway,
    address: String,
}

impl MailTransport for Contoso {
    type Settings = Settings;

    fn open(settings: Settings, _link: &Link) -> Result<Self, LogonError> {
        if !settings.address.contains('@') {
            return Err(LogonError::unconfigured("`address` is no address"));
        }
        let server = settings.server;
        Ok(Self {
            gateway: Gateway { server },
            address: settings.address,
        })
    }

    fn identity(&self) -> Identity {
        Identity::smtp("", self.address.as_str())
    }

    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
        let octets = mail.to_mime();
        let octets = octets.map_err(|error| SendError::refused(error.to_string()))?;
        let mut is_left = false;
        for to in mail.envelope() {
            delivery.check()?; // Outlook may have cancelled
            let address = &to.person.address.value;
            match self.gateway.offer(mail.id(), address, &octets)? {
                Answer::Taken => delivery.accepted(to),
                Answer::NotNow => is_left = true,
                Answer::Never(why) => delivery.refused(to, why),
            }
        }
        match is_left {
            true => Err(SendError::later("the gateway takes no more now")),
            false => Ok(()),
        }
    }
}
