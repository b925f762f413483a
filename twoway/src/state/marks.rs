//! Whether a store and its state belong to the same moment: both have the mark of the last run that did something.

use rusqlite::Transaction;

use super::{Result, State};

/// Whether a store with this mark is the one that the state is of, as it was then. The store may have got the next mark, and
/// the process may have ended before that was kept.
pub(super) fn fit(tx: &Transaction<'_>, mark: Option<&str>) -> Result<bool> {
    let Some(mark) = mark else { return Ok(true) };
    let known = tx.query_row("SELECT mark, next_mark FROM twoway_meta", [], |row| {
        Ok([row.get::<_, String>(0)?, row.get::<_, String>(1)?])
    })?;
    let [last, next] = &known;
    Ok(mark == last || !next.is_empty() && mark == next)
}

impl State {
    /// A new mark, which the store may have from now on.
    pub(crate) fn next_mark(&mut self) -> Result<String> {
        self.write(|tx| {
            let sql =
                "UPDATE twoway_meta SET next_mark = lower(hex(randomblob(16))) RETURNING next_mark";
            Ok(tx.query_row(sql, [], |row| row.get(0))?)
        })
    }

    /// The store has it.
    pub(crate) fn keep_mark(&mut self) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE twoway_meta SET mark = next_mark, next_mark = ''",
                [],
            )?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Begun;

    fn state() -> State {
        let db = rusqlite::Connection::open_in_memory().expect("memory");
        State::with(db).expect("new")
    }

    #[test]
    fn twoway_06_a_store_is_known_by_its_mark_while_that_changes_and_afterwards() {
        let mut state = state();
        let begin = |state: &mut State, mark: &str| -> Begun {
            state.begin_run("ann", "store", Some(mark)).expect("begun")
        };
        assert!(begin(&mut state, "").is_of_now);
        let first = state.next_mark().expect("made");
        // The process ends before the store has it, or right after.
        assert!(begin(&mut state, "").is_of_now);
        assert_eq!(begin(&mut state, &first).run, 3);
        state.keep_mark().expect("kept");
        assert_eq!(begin(&mut state, &first).run, 4);
        // An older store.
        let old = begin(&mut state, "");
        assert_eq!((old.run, old.is_of_now), (1, false));
        // From now on the state is of that one.
        assert!(begin(&mut state, "").is_of_now);
        assert!(!begin(&mut state, &first).is_of_now);
    }
}
