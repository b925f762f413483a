//! StartMessage: a message that has come in is written into MAPI's, and saved (XP-26 to XP-28).

use std::time::SystemTime;

use windows_core::HRESULT;

use super::received::Received;
use crate::log;
use crate::mime::{Line, Who};
use crate::store::{Message, OneOff, StoreError};
use crate::sync::CancelToken;
use crate::transport::mail::Person;
use crate::transport::sender::{RECEIVED_BY, RECEIVED_FOR, REPRESENTING, SENDER};
use crate::transport::{MailTransport, Session};
use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_E_COMPUTED, MAPI_E_NO_SUPPORT, MAPI_E_USER_CANCEL, MAPI_MAILUSER,
    MAPI_TO, MessageFlags, PR_ADDRTYPE_W, PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_NAME_W,
    PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_MESSAGE_CC_ME, PR_MESSAGE_CLASS_W,
    PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS, PR_MESSAGE_RECIP_ME, PR_MESSAGE_TO_ME,
    PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_SEARCH_KEY, PropTag, S_OK,
};
use mapi_provider_abi::view::{FileTime, Property, Row};

/// `PR_DISPLAY_TYPE` of somebody who can get mail.
const DT_MAILUSER: i32 = 0;

/// What a message that comes in asks of MAPI besides the message.
pub(crate) trait Incoming {
    /// `CreateOneOff`: the entry ID of somebody whom no address book knows; none if MAPI makes none.
    fn one_off(&self, name: &str, kind: &str, address: &str) -> Option<Vec<u8>>;
}

/// Gives one message to the spooler. `put_reference` is told its reference before the message is touched.
pub(crate) fn start<L: MailTransport>(
    session: &Session<L>,
    message: &Message<'_>,
    incoming: &impl Incoming,
    put_reference: impl FnOnce(u32),
) -> HRESULT {
    if session.is_closed() {
        return MAPI_E_NO_SUPPORT; // XP-33
    }
    // XP-26: nothing is ready, so nothing is set, and nothing saved.
    let Some(running) = session.begin_incoming() else {
        return S_OK;
    };
    let Some(taken) = session.receiver.ready.take() else {
        return S_OK;
    };
    put_reference(running.reference);
    let writing = Writing {
        message,
        incoming,
        identity: session.identity(),
        cancel: &running.cancel,
    };
    match writing.write(&taken.mail) {
        Ok(()) => {
            if let Some(report) = taken.report {
                session.report_saved(report);
            }
            taken.saved();
            S_OK
        }
        Err(error) => {
            log::warn!(%error, "a message that came in was not saved");
            let report = taken.report;
            if let (true, Some(report)) = (taken.failed(), report) {
                session.report_set_aside(report);
            }
            error.status()
        }
    }
}

struct Writing<'a, I> {
    message: &'a Message<'a>,
    incoming: &'a I,
    identity: &'a Person,
    cancel: &'a CancelToken,
}

impl<I: Incoming> Writing<'_, I> {
    fn write(&self, received: &Received) -> Result<(), StoreError> {
        let all = properties(received, self.identity, SystemTime::now());
        let more = more_properties(received, &all);
        let mut problems = self.message.set_some(&all)?;
        // A store may compute some itself.
        problems.retain(|problem| problem.status != MAPI_E_COMPUTED);
        if !problems.is_empty() {
            return Err(StoreError::refused("set properties", problems));
        }
        // What a store refuses of the rest is no reason to lose the message.
        if !more.is_empty() {
            self.message.set_some(&more)?;
        }
        let mut rows: Vec<Row<'static>> = received
            .mail
            .recipients
            .iter()
            .map(|to| self.recipient(line(to.line), &to.who))
            .collect();
        rows.extend(received.rows.iter().cloned());
        if !rows.is_empty() {
            self.message.add_rows(rows)?;
        }
        self.message.attach_all(&received.mail)?;
        // XP-12: the last moment.
        if self.cancel.is_cancelled() {
            return Err(StoreError::new("save a message", MAPI_E_USER_CANCEL, None));
        }
        self.message.save_arrived()
    }

    /// XP-28
    fn recipient(&self, line: u32, who: &Who) -> Row<'static> {
        let one_off = OneOff::new(&who.name, "SMTP", &who.address);
        let mut row = one_off
            .properties([
                PR_DISPLAY_NAME_W,
                PR_ADDRTYPE_W,
                PR_EMAIL_ADDRESS_W,
                PR_ENTRYID,
                PR_SEARCH_KEY,
            ])
            .to_vec();
        if let Some(id) = self.incoming.one_off(who.shown(), "SMTP", &who.address) {
            row.retain(|property| property.tag != PR_ENTRYID);
            row.push(Property::new(PR_ENTRYID, id));
        }
        row.push(Property::new(PR_RECIPIENT_TYPE, line as i32));
        row.push(Property::new(PR_OBJECT_TYPE, MAPI_MAILUSER as i32));
        row.push(Property::new(PR_DISPLAY_TYPE, DT_MAILUSER));
        Row::from(row)
    }
}

fn line(line: Line) -> u32 {
    match line {
        Line::To => MAPI_TO,
        Line::Cc => MAPI_CC,
        Line::Bcc => MAPI_BCC,
    }
}

/// XP-27: all that the message has besides recipients and attachments.
fn properties(received: &Received, identity: &Person, now: SystemTime) -> Vec<Property<'static>> {
    let mail = &received.mail;
    let nobody = Who::default();
    let from = mail.from.as_ref().or(mail.sender.as_ref());
    let sender = mail.sender.as_ref().or(from).unwrap_or(&nobody);
    let from = from.unwrap_or(&nobody);
    let arrived = received.arrived.unwrap_or(now);
    let arrived = FileTime::try_from(arrived).unwrap_or_default();
    let is_me = |who: &Who| who.address.eq_ignore_ascii_case(&identity.address.value);
    let is_in = |line| {
        let mut there = mail.recipients.iter().filter(|to| to.line == line);
        there.any(|to| is_me(&to.who))
    };
    let (to_me, cc_me) = (is_in(Line::To), is_in(Line::Cc));
    let mut flags = MessageFlags::empty();
    flags.set(MessageFlags::FROMME, is_me(sender));
    let mut all = mail.header_properties();
    all.extend(mail.body_properties());
    all.extend(who(sender).properties(SENDER));
    all.extend(who(from).properties(REPRESENTING));
    let me = OneOff::new(
        &identity.name,
        &identity.address.kind,
        &identity.address.value,
    );
    all.extend(me.properties(RECEIVED_BY));
    all.extend(me.properties(RECEIVED_FOR));
    all.extend([
        Property::new(
            PR_MESSAGE_CLASS_W,
            crate::store::text_value(&received.class),
        ),
        Property::new(PR_MESSAGE_DELIVERY_TIME, arrived),
        Property::new(PR_CLIENT_SUBMIT_TIME, mail.sent.unwrap_or(arrived)),
        Property::new(PR_MESSAGE_TO_ME, to_me),
        Property::new(PR_MESSAGE_CC_ME, cc_me),
        Property::new(PR_MESSAGE_RECIP_ME, to_me || cc_me || is_in(Line::Bcc)),
        Property::new(PR_MESSAGE_FLAGS, flags.bits() as i32),
    ]);
    all
}

/// What the logic has added to what the message has anyway.
fn more_properties(received: &Received, all: &[Property<'static>]) -> Vec<Property<'static>> {
    let is_ours = |tag: PropTag| all.iter().any(|one| one.tag.id() == tag.id());
    let more = received.properties.iter();
    more.filter(|one| is_transmittable(one.tag) && !is_ours(one.tag))
        .cloned()
        .collect()
}

fn who(who: &Who) -> OneOff<'_> {
    OneOff::new(&who.name, "SMTP", &who.address)
}

/// Whether a message takes a property along to another store: MAPI's `FIsTransmittable`. A named property has another
/// number in each store, so that its number says nothing here.
fn is_transmittable(tag: PropTag) -> bool {
    matches!(tag.id(), 0x0001..0x0E00 | 0x1000..0x6000 | 0x6800..0x7C00)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_abi::mapi::PT_LONG;

    #[test]
    fn xp_27_what_belongs_to_a_store_is_not_taken_from_the_logic() {
        for id in [0x0E07, 0x0FFF, 0x6000, 0x67FF, 0x7C00, 0x8000, 0xFFFE] {
            assert!(!is_transmittable(PropTag::new(id, PT_LONG)), "{id:x}");
        }
        for id in [0x0017, 0x0DFF, 0x1000, 0x5FFF, 0x6800, 0x7BFF] {
            assert!(is_transmittable(PropTag::new(id, PT_LONG)), "{id:x}");
        }
    }
}
