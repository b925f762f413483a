//! What is told of objects, and what another logon sees.

use std::time::{Duration, Instant};

use mapi_provider::abi::{
    IMAPIAdviseSink, MessageFlags, NotificationEvents, PR_CONTENT_COUNT, PR_SUBJECT_W, S_OK,
    StoreSupportMask,
};
use mapi_provider::view::{EntryId, Notification, ObjectEvent};
use windows_core::Interface;

use super::calls::{Answer, built, done};
use super::sink::{Heard, Listener};
use super::{Mail, Played, Stage, with_mail};

const NOTIFY: StoreSupportMask = StoreSupportMask::NOTIFY_OK;
/// How long to wait for something that must not happen.
const A_MOMENT: Duration = Duration::from_millis(100);

fn all_events() -> NotificationEvents {
    NotificationEvents::fnevNewMail
        | NotificationEvents::fnevObjectCreated
        | NotificationEvents::fnevObjectDeleted
        | NotificationEvents::fnevObjectModified
        | NotificationEvents::fnevObjectMoved
        | NotificationEvents::fnevObjectCopied
}

/// `IMsgStore::Advise`, of the whole store if there is no ID.
fn advise(
    mail: &Mail<'_>,
    id: &[u8],
    events: NotificationEvents,
    sink: &IMAPIAdviseSink,
) -> Answer<usize> {
    let mut id = id.to_vec();
    let mut connection = 0;
    let bytes = if id.is_empty() {
        std::ptr::null_mut()
    } else {
        id.as_mut_ptr().cast()
    };
    // SAFETY: the bytes of the ID or NULL, a live sink and a live variable.
    done("IMsgStore::Advise", unsafe {
        mail.store().Advise(
            id.len() as u32,
            bytes,
            events,
            sink.as_raw(),
            &mut connection,
        )
    })?;
    Ok(connection)
}

fn unadvise(mail: &Mail<'_>, connection: usize) -> Answer<()> {
    // SAFETY: it takes nothing but a number.
    done("IMsgStore::Unadvise", unsafe {
        mail.store().Unadvise(connection)
    })
}

/// What happened to this object, in the order in which it was told.
fn of(heard: &[Heard], wanted: &[u8]) -> Vec<ObjectEvent> {
    let event = |heard: &Heard| match heard {
        Heard::Object { event, id, .. } if id == wanted => Some(*event),
        _ => None,
    };
    heard.iter().filter_map(event).collect()
}

pub(in super::super) fn events(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-39";
    with_mail(stage, &[RULE], NOTIFY, |mail| {
        let folder_id = mail.folder.entry_id()?.as_bytes().to_vec();
        let other = mail.folder.create_folder("Other")?;
        let other_id = other.entry_id()?.as_bytes().to_vec();
        let (of_store, of_other, only_deleted) =
            (Listener::new(), Listener::new(), Listener::new());
        let everything = advise(mail, &[], all_events(), &of_store.sink)?;
        let connections = [
            everything,
            advise(mail, &other_id, all_events(), &of_other.sink)?,
            advise(
                mail,
                &[],
                NotificationEvents::fnevObjectDeleted,
                &only_deleted.sink,
            )?,
        ];
        mail.holds(RULE, connections.iter().all(|one| *one != 0), || {
            "Advise gave the connection 0".to_owned()
        });
        let until = |id: &[u8], wanted: ObjectEvent| -> Vec<Heard> {
            let id = id.to_vec();
            of_store.wait(stage.soon(), move |heard| of(heard, &id).contains(&wanted))
        };
        let told = |what: &str, heard: &[Heard], id: &[u8], wanted: ObjectEvent| {
            let events = of(heard, id);
            let times = events.iter().filter(|event| **event == wanted).count();
            mail.holds(RULE, times == 1, || format!("{what}: the store’s sink was told {wanted:?} {times} times, not once; of that object it heard {events:?}"));
        };
        mail.step(RULE, "a message that is created");
        let message = mail.folder.create_message()?;
        message.set_subject("told")?;
        std::thread::sleep(A_MOMENT);
        let early = of_store.take();
        mail.holds(RULE, early.is_empty(), || {
            format!("something was told of a message before it was saved: {early:?}")
        });
        message.save()?;
        let id = message.entry_id()?.as_bytes().to_vec();
        let heard = until(&id, ObjectEvent::Created);
        told(
            "a message that is saved for the first time",
            &heard,
            &id,
            ObjectEvent::Created,
        );
        if heard.is_empty() {
            // Whoever tells nothing of this tells nothing at all, and each wait would take its time.
            return Ok(());
        }
        let parent = heard.iter().find_map(|heard| match heard {
            Heard::Object {
                event: ObjectEvent::Created,
                id: told,
                parent,
                ..
            } if *told == id => Some(parent.clone()),
            _ => None,
        });
        mail.same(
            RULE,
            "the parent that fnevObjectCreated names",
            &parent,
            &Some(folder_id.clone()),
        );
        mail.step(RULE, "a message that is changed");
        message.set_subject("changed")?;
        message.save()?;
        told(
            "a message that is saved again",
            &until(&id, ObjectEvent::Modified),
            &id,
            ObjectEvent::Modified,
        );
        drop(message);

        mail.step(RULE, "a message that is moved");
        of_other.take();
        let entry = EntryId::from(id.clone());
        mail.folder
            .move_messages(std::slice::from_ref(&entry), &other)?;
        let is_move = |heard: &Heard| {
            matches!(
                heard,
                Heard::Object {
                    event: ObjectEvent::Moved,
                    ..
                }
            )
        };
        let heard = of_store.wait(stage.soon(), move |heard| heard.iter().any(is_move));
        let moved = heard.iter().find(|heard| is_move(heard));
        let names = matches!(moved, Some(Heard::Object { parent, old_id, old_parent, .. }) if *parent == other_id && *old_id == id && *old_parent == folder_id);
        mail.holds(RULE, names, || format!("a message that is moved: expected fnevObjectMoved with its old and new parent and its old ID, got {}", super::brief(&heard)));
        let heard = of_other.wait(stage.soon(), move |heard| !heard.is_empty());
        mail.holds(RULE, !heard.is_empty(), || {
            "a sink of the folder that a message was moved to was told nothing".to_owned()
        });

        mail.step(RULE, "a message that is deleted");
        let row = other
            .messages()
            .columns(&[mapi_provider::abi::PR_ENTRYID])
            .first()?;
        let there = row
            .and_then(|row| row.entry_id())
            .unwrap_or_default()
            .into_owned();
        other.delete_messages(std::slice::from_ref(&there))?;
        told(
            "a message that is deleted",
            &until(there.as_bytes(), ObjectEvent::Deleted),
            there.as_bytes(),
            ObjectEvent::Deleted,
        );
        let heard = only_deleted.wait(stage.soon(), move |heard| !heard.is_empty());
        let masked = heard.iter().all(|heard| {
            matches!(
                heard,
                Heard::Object {
                    event: ObjectEvent::Deleted,
                    ..
                }
            )
        });
        mail.holds(RULE, masked && !heard.is_empty(), || {
            format!(
                "a sink for fnevObjectDeleted alone was told {}",
                super::brief(&heard)
            )
        });

        mail.step(RULE, "a folder that is created");
        let late = mail
            .folder
            .create_folder("Late")?
            .entry_id()?
            .as_bytes()
            .to_vec();
        told(
            "a folder that is created",
            &until(&late, ObjectEvent::Created),
            &late,
            ObjectEvent::Created,
        );
        mail.step(RULE, "Unadvise");
        for connection in connections {
            unadvise(mail, connection)?;
        }
        of_store.take();
        mail.deliver("quiet")?;
        std::thread::sleep(A_MOMENT);
        let after = of_store.take();
        mail.holds(RULE, after.is_empty(), || {
            format!("after Unadvise a sink was told {}", super::brief(&after))
        });
        Ok(())
    })
}

pub(in super::super) fn new_mail(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-38";
    with_mail(stage, &[RULE], NOTIFY, |mail| {
        mail.step(RULE, "NotifyNewMail");
        let id = mail.deliver("new")?;
        let folder = mail.folder.entry_id()?.as_bytes().to_vec();
        let other = mail
            .folder
            .create_folder("Other")?
            .entry_id()?
            .as_bytes()
            .to_vec();
        let listeners = [
            Listener::new(),
            Listener::new(),
            Listener::new(),
            Listener::new(),
        ];
        let new = NotificationEvents::fnevNewMail;
        let deleted = NotificationEvents::fnevObjectDeleted;
        let connections = [
            advise(mail, &[], new, &listeners[0].sink)?,
            advise(mail, &folder, new, &listeners[1].sink)?,
            advise(mail, &other, new, &listeners[2].sink)?,
            advise(mail, &[], deleted, &listeners[3].sink)?,
        ];
        let notification = Notification::NewMail {
            entry_id: EntryId::from(id.as_bytes().to_vec()),
            parent_id: EntryId::from(folder.clone()),
            message_class: None,
            message_flags: MessageFlags::empty().bits(),
        };
        let notification = built(mail.caller.allocators.build(&[notification][..]))?;
        // SAFETY: one notification.
        let status = unsafe { mail.store().NotifyNewMail(notification.as_ptr()) };
        mail.answers(RULE, "NotifyNewMail", status, &[S_OK]);
        let expected = vec![Heard::NewMail {
            id: id.as_bytes().to_vec(),
            parent: folder,
        }];
        for (listener, what) in listeners.iter().zip(["the store", "the folder"]) {
            let heard = listener.wait(stage.soon(), |heard| !heard.is_empty());
            mail.same(
                RULE,
                &format!("what a sink of {what} was told"),
                &heard,
                &expected,
            );
        }
        std::thread::sleep(A_MOMENT);
        for (listener, what) in listeners[2..]
            .iter()
            .zip(["another folder", "fnevObjectDeleted"])
        {
            let heard = listener.take();
            mail.holds(RULE, heard.is_empty(), || {
                format!("a sink of {what} was told of new mail")
            });
        }
        for connection in connections {
            unadvise(mail, connection)?;
        }
        Ok(())
    })
}

pub(in super::super) fn second_logon(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-41";
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        mail.step(RULE, "a second logon");
        let again = mail.rig.provider.logon()?;
        {
            let client = again.client();
            let folder = client.open_folder(&mail.folder.entry_id()?)?;
            let open = folder.messages().columns(&[PR_SUBJECT_W]);
            mail.same(
                RULE,
                "rows that a second logon sees of an empty folder",
                &open.count()?,
                &0,
            );
            mail.step(RULE, "a change, seen through a second logon");
            let id = mail.deliver("seen")?;
            // The rule gives it a second where the other is another process.
            let since = Instant::now();
            while open.count()? == 0 && since.elapsed() < Duration::from_secs(1) {
                std::thread::sleep(Duration::from_millis(10));
            }
            mail.same(
                RULE,
                "rows that a second logon sees within a second",
                &open.count()?,
                &1,
            );
            let folder = client.open_folder(&mail.folder.entry_id()?)?;
            mail.same(
                RULE,
                "PR_CONTENT_COUNT that a second logon sees",
                &folder.long(PR_CONTENT_COUNT)?,
                &Some(1),
            );
            let message = client.open_message(&id)?;
            message.set_subject("from the second")?;
            message.save()?;
            let here = mail.client().open_message(&id)?;
            mail.same(
                RULE,
                "what a second logon has saved, seen by the first",
                &here.text(PR_SUBJECT_W)?.as_deref(),
                &Some("from the second"),
            );
        }
        again.logoff();
        mail.same(
            RULE,
            "what the first logon sees when the second has logged off",
            &mail.folder.messages().count()?,
            &1,
        );
        Ok(())
    })
}
