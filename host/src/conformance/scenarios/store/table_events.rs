//! What a table tells: applied to the rows that were read before, it gives the rows that are read now.

use std::time::Duration;

use mapi_provider::abi::{PR_IMPORTANCE, PR_INSTANCE_KEY, PR_SUBJECT_W, PropTag, StoreSupportMask};
use mapi_provider::view::{PropValue, Property, RelOp, Restriction, Row, SortDirection};

use super::calls::Answer;
use super::sink::{Heard, Listener};
use super::table::{Table, by, order};
use super::{Mail, Played, Stage, with_mail};

const RULE: &str = "STORE-40";
const COLUMNS: [PropTag; 3] = [PR_INSTANCE_KEY, PR_SUBJECT_W, PR_IMPORTANCE];

/// Rows as a client keeps them.
struct View {
    rows: Vec<Row<'static>>,
}

fn key(row: &Row<'_>) -> Vec<u8> {
    let key = row.get(PR_INSTANCE_KEY).and_then(PropValue::as_binary);
    key.unwrap_or_default().to_vec()
}

impl View {
    /// What a client does when it is told something; what makes no sense to it.
    fn apply(&mut self, heard: Heard, table: &Table) -> Answer<Option<String>> {
        match heard {
            Heard::Added {
                key: own,
                prior,
                row,
            } => {
                if self.place(&own).is_some() {
                    return Ok(Some("TABLE_ROW_ADDED of a row that is there".to_owned()));
                }
                Ok(self.insert(prior.as_deref(), row))
            }
            Heard::Modified {
                key: own,
                prior,
                row,
            } => {
                let Some(place) = self.place(&own) else {
                    return Ok(Some(
                        "TABLE_ROW_MODIFIED of a row that is not there".to_owned(),
                    ));
                };
                self.rows.remove(place);
                Ok(self.insert(prior.as_deref(), row))
            }
            Heard::Deleted { key: own } => match self.place(&own) {
                Some(place) => {
                    self.rows.remove(place);
                    Ok(None)
                }
                None => Ok(Some(
                    "TABLE_ROW_DELETED of a row that is not there".to_owned(),
                )),
            },
            Heard::Changed => {
                self.rows = table.all()?;
                Ok(None)
            }
            other => Ok(Some(format!(
                "a notification that no client understands: {other:?}"
            ))),
        }
    }

    fn place(&self, wanted: &[u8]) -> Option<usize> {
        self.rows.iter().position(|row| key(row) == wanted)
    }

    /// Puts a row behind another one, or first.
    fn insert(&mut self, prior: Option<&[u8]>, row: Row<'static>) -> Option<String> {
        let place = match prior {
            None => Some(0),
            Some(prior) => self.place(prior).map(|place| place + 1),
        };
        match place {
            Some(place) => {
                self.rows.insert(place, row);
                None
            }
            None => Some("propPrior names a row that is not there".to_owned()),
        }
    }

    fn shown(&self) -> Vec<String> {
        super::table::texts(&self.rows, PR_SUBJECT_W)
    }
}

/// A table with a view of it.
struct Followed {
    what: &'static str,
    table: Table,
    listener: Listener,
    view: View,
    /// Whether what was told so far has led to what the table shows.
    is_right: bool,
}

impl Followed {
    fn new(what: &'static str, table: Table) -> Answer<Self> {
        let listener = Listener::new();
        let view = View { rows: table.all()? };
        table.advise(&listener.sink)?;
        Ok(Self {
            what,
            table,
            listener,
            view,
            is_right: true,
        })
    }

    /// Follows what was told, until the view is what the table shows; says so if it never is. After
    /// that, nothing more can be said of the table.
    fn follow(&mut self, mail: &Mail<'_>, after: &str, longest: Duration) -> Played {
        if !self.is_right {
            return Ok(());
        }
        mail.step(
            RULE,
            &format!("what a table {} tells after {after}", self.what),
        );
        let begin = std::time::Instant::now();
        let (mut odd, mut said) = (Vec::new(), Vec::new());
        loop {
            for heard in self.listener.take() {
                said.push(super::brief(&heard));
                odd.extend(self.view.apply(heard, &self.table)?);
            }
            let expected = self.table.all()?;
            if self.view.rows == expected || begin.elapsed() > longest {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let (what, shown) = (self.what, self.table.texts(PR_SUBJECT_W)?);
        mail.holds(RULE, odd.is_empty(), || {
            format!("a table {what} told after {after}: {}", odd.join("; "))
        });
        let rows = self.table.all()?;
        mail.holds(RULE, self.view.rows == rows, || {
            format!(
                "a table {what} after {after}: its {} notifications lead to the rows {:?}, but QueryRows gives {shown:?} with other values or in another order",
                said.len(),
                self.view.shown()
            )
        });
        self.is_right = odd.is_empty() && self.view.rows == rows;
        Ok(())
    }
}

pub(in super::super) fn table_events(stage: &Stage<'_>) -> Played {
    let needs =
        StoreSupportMask::NOTIFY_OK | StoreSupportMask::SORT_OK | StoreSupportMask::RESTRICTION_OK;
    with_mail(stage, &[RULE], needs, |mail| {
        let sorted = mail.table(&COLUMNS)?;
        sorted.sort(&order(&[by(PR_SUBJECT_W, SortDirection::Ascend)]))?;
        let restricted = mail.table(&COLUMNS)?;
        restricted.restrict(&Restriction::property(
            RelOp::Eq,
            Property::new(PR_IMPORTANCE, 2),
        ))?;
        restricted.sort(&order(&[by(PR_SUBJECT_W, SortDirection::Descend)]))?;
        let mut tables = [
            Followed::new("in its own order", mail.table(&COLUMNS)?)?,
            Followed::new("in the order of PR_SUBJECT", sorted)?,
            Followed::new("of important messages, PR_SUBJECT descending", restricted)?,
        ];
        let mut follow = |after: &str| -> Played {
            // Once a table was wrong, it is known what to mend: the others are not waited for.
            let mut longest = stage.soon() / 3;
            for table in &mut tables {
                table.follow(mail, after, longest)?;
                if !table.is_right {
                    longest = Duration::ZERO;
                }
            }
            Ok(())
        };
        let mut ids = Vec::new();
        for (subject, importance) in [("m", 1), ("c", 2), ("x", 2), ("a", 2)] {
            ids.push(mail.deliver_with(subject, |message| message.set(PR_IMPORTANCE, importance))?);
            follow(&format!("{subject} was created"))?;
        }
        let change = |index: usize, subject: &str, importance: i32| -> Played {
            let message = mail.client().open_message(&ids[index])?;
            message.set_subject(subject)?;
            message.set(PR_IMPORTANCE, importance)?;
            message.save()?;
            Ok(())
        };
        change(0, "z", 1)?;
        follow("m was renamed to z")?;
        change(1, "c", 1)?;
        follow("c lost its importance")?;
        change(0, "b", 2)?;
        follow("z was renamed to b and became important")?;
        let other = mail.folder.create_folder("Other")?;
        mail.folder
            .move_messages(std::slice::from_ref(&ids[2]), &other)?;
        follow("x was moved away")?;
        mail.folder.copy_messages(&ids[..2], &other)?;
        follow("messages were copied to another folder")?;
        mail.folder.delete_messages(&ids[..1])?;
        follow("b was deleted")?;
        mail.folder.set_read(&ids[1..2], true)?;
        follow("c was read")?;
        for number in 0..80 {
            mail.deliver_with(&format!("n{number:02}"), |message| {
                message.set(PR_IMPORTANCE, 2)
            })?;
        }
        follow("80 messages were created")?;
        mail.folder.empty()?;
        follow("the folder was emptied")
    })
}

pub(in super::super) fn unread_table_events(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], StoreSupportMask::NOTIFY_OK, |mail| {
        mail.step(RULE, "a table that nobody has read");
        let table = mail.table(&COLUMNS)?;
        let listener = Listener::new();
        let connection = table.advise(&listener.sink)?;
        mail.deliver("first")?;
        let heard = listener.wait(stage.soon(), |heard| !heard.is_empty());
        mail.holds(RULE, !heard.is_empty(), || {
            "a table of an empty folder that nobody has read told nothing of a new message"
                .to_owned()
        });
        mail.step(RULE, "Unadvise of a table");
        // SAFETY: it takes nothing but a number.
        let status = unsafe { table.table.Unadvise(connection) };
        mail.answers(
            RULE,
            "Unadvise of a table",
            status,
            &[mapi_provider::abi::S_OK],
        );
        listener.take();
        mail.deliver("second")?;
        std::thread::sleep(Duration::from_millis(100));
        let after = listener.take();
        mail.holds(RULE, after.is_empty(), || {
            format!("after Unadvise a table told {}", super::brief(&after))
        });
        Ok(())
    })
}
