//! How fast a large folder is opened. It is not as large as the rule’s: what costs much a message is seen nevertheless.

use std::time::{Duration, Instant};

use mapi_provider::abi::{
    IMAPIFolder, PR_MESSAGE_DELIVERY_TIME, PR_SUBJECT_W, QueryRowsFlags, S_OK, SaveChangesFlags,
    StoreSupportMask,
};
use mapi_provider::store::Folder;
use mapi_provider::view::{FileTime, Property, SortDirection};

use super::calls::save;
use super::table::{by, order};
use super::{Halt, Mail, Played, Stage, with_mail};

const RULE: &str = "STORE-20";

/// How many messages the small folder has.
const FEW: u32 = 100;
/// And the large one.
const MANY: u32 = 2000;

/// How much longer the large one may take.
const TIMES: u32 = 3;
/// What a user hardly notices, however small the other one is: a store without optimisation on a busy machine takes a fifth
/// of a second.
const NOTICED: Duration = Duration::from_millis(500);

/// So often it is tried: a machine with much else to do is no fault of the store's.
const TRIALS: usize = 5;

pub(in super::super) fn large_folders(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        let few = filled(mail, "Few", FEW)?;
        let many = filled(mail, "Many", MANY)?;
        mail.step(RULE, "opening a small folder");
        let small = opened(mail, &few)?;
        mail.step(RULE, "opening a large folder");
        let large = opened(mail, &many)?;
        let limit = small * TIMES + NOTICED;
        mail.holds(RULE, large <= limit, || {
            format!(
                "the first rows of a folder of {MANY} messages, by delivery time, took {large:.1?}, and {small:.1?} of \
                 one of {FEW}"
            )
        });
        Ok(())
    })
}

/// A folder with so many messages.
fn filled(mail: &Mail<'_>, name: &str, count: u32) -> Result<IMAPIFolder, Halt> {
    let folder: Folder<'_> = mail.folder.create_folder(name)?;
    let id = folder.entry_id()?;
    let folder = mail.caller.folder(mail.store(), id.as_bytes())?;
    for number in 0..count {
        // It may take a while, and is no silence.
        if number % 100 == 0 {
            mail.step(RULE, &format!("message {number} of a folder of {count}"));
        }
        let flags = mapi_provider::abi::CreateMessageFlags::empty();
        let message = mail.caller.create_message(&folder, flags)?;
        // Not in the order of their times.
        let minute = u64::from(number * 7 % count) * 600_000_000;
        let time = FileTime::from_ticks(134_116_992_000_000_000 + minute);
        let values = [
            Property::new(PR_SUBJECT_W, &*format!("Message {number}")).into_owned(),
            Property::new(PR_MESSAGE_DELIVERY_TIME, time),
        ];
        mail.caller.set(&message, &values)?;
        let saved = save(&message, SaveChangesFlags::empty());
        if saved != S_OK {
            return Err(crate::status::Failure::new("IMAPIProp::SaveChanges", saved).into());
        }
    }
    Ok(folder)
}

/// How long it takes to show the first rows.
fn opened(mail: &Mail<'_>, folder: &IMAPIFolder) -> Result<Duration, Halt> {
    let mut best = Duration::MAX;
    let newest = order(&[by(PR_MESSAGE_DELIVERY_TIME, SortDirection::Descend)]);
    for _ in 0..TRIALS {
        let begun = Instant::now();
        let columns = [PR_SUBJECT_W, PR_MESSAGE_DELIVERY_TIME];
        let table = mail.table_of(folder, &columns)?;
        table.sort(&newest)?;
        let rows = table.query(50, QueryRowsFlags::empty())?;
        best = best.min(begun.elapsed());
        mail.same(RULE, "how many rows came first", &rows.len(), &50);
    }
    Ok(best)
}
