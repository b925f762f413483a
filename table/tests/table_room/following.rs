//! Whatever happens to a table and its rows: it shows what a naive table shows, and who does what he is told has the rows
//! that he would read (STORE-13, 14, 15, 17, 18, 40).

use crate::table_support;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use mapi_provider_abi::mapi::{BOOKMARK_BEGINNING, PR_IMPORTANCE, PR_SUBJECT_W};
use mapi_provider_abi::view::{PropValue, Row};
use mapi_provider_table::table::{MemoryRows, RowId, SortColumn, Table};
use proptest::prelude::*;
use table_support::{
    COLUMNS, Client, Filter, KEYWORD, Line, Mail, Model, PLAIN_COLUMNS, Sorting, What, key_of,
};

fn sortings() -> Vec<Sorting> {
    let (subject, importance) = ((PR_SUBJECT_W, false), (PR_IMPORTANCE, true));
    let sorting = |levels: &[&[_]], expanded, keys: &[_]| Sorting {
        levels: levels.iter().map(|level| level.to_vec()).collect(),
        largest: None,
        expanded,
        keys: keys.to_vec(),
    };
    vec![
        sorting(&[], 0, &[]),
        sorting(&[], 0, &[importance]),
        sorting(&[], 0, &[subject]),
        sorting(&[], 0, &[importance, subject]),
        sorting(&[&[subject]], 1, &[importance]),
        sorting(&[&[importance]], 0, &[subject]),
        sorting(&[&[subject], &[importance]], 1, &[]),
        sorting(&[&[importance], &[subject]], 2, &[]),
        sorting(&[&[subject, (PR_IMPORTANCE, false)]], 1, &[]),
        Sorting {
            largest: Some((0, PR_IMPORTANCE)),
            ..sorting(&[&[(PR_SUBJECT_W, true)]], 1, &[importance])
        },
        Sorting {
            largest: Some((0, PR_IMPORTANCE)),
            ..sorting(&[&[subject], &[importance]], 2, &[])
        },
        Sorting {
            largest: Some((0, PR_IMPORTANCE)),
            ..sorting(&[&[(KEYWORD, false)]], 1, &[subject])
        },
        Sorting {
            largest: Some((1, PR_IMPORTANCE)),
            ..sorting(&[&[importance], &[subject]], 1, &[])
        },
        sorting(&[], 0, &[(KEYWORD, false)]),
        sorting(&[&[(KEYWORD, false)]], 1, &[importance]),
    ]
}

const FILTERS: [Filter; 6] = [
    Filter::None,
    Filter::ImportanceAtLeast(1),
    Filter::SubjectContains("b"),
    Filter::NoSubject,
    Filter::Keyword("x"),
    Filter::FirstOf(3, 1),
];

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<(RowId, Option<Mail>)>),
    Sort(usize),
    Filter(usize),
    Seek(usize),
    Turn(usize, bool),
    Bookmark,
    Forget(RowId, Mail),
    Read(i32, bool),
}

fn mail() -> impl Strategy<Value = Mail> {
    let subject = prop::option::of(prop::sample::select(vec!["a", "A", "b", "B", "abc", ""]));
    let importance = prop::option::of(0..3_i32);
    let keywords = prop::collection::vec(prop::sample::select(vec!["x", "X", "y", "z"]), 0..3);
    (subject, importance, keywords, any::<bool>()).prop_map(|(subject, importance, words, read)| {
        Mail {
            subject: subject.map(str::to_owned),
            importance,
            keywords: words.into_iter().map(str::to_owned).collect(),
            read,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let one = || (1..12_u64, prop::option::weighted(0.7, mail()));
    prop_oneof![
        8 => one().prop_map(|one| Step::Put(vec![one])),
        3 => prop::collection::vec(one(), 0..6).prop_map(Step::Put),
        1 => prop::collection::vec((1..200_u64, prop::option::weighted(0.7, mail())), 60..100).prop_map(Step::Put),
        2 => (0..sortings().len()).prop_map(Step::Sort),
        2 => (0..FILTERS.len()).prop_map(Step::Filter),
        3 => (0..20_usize).prop_map(Step::Seek),
        3 => (0..6_usize, any::<bool>()).prop_map(|(number, open)| Step::Turn(number, open)),
        1 => Just(Step::Bookmark),
        1 => (1..12_u64, mail()).prop_map(|(id, mail)| Step::Forget(id, mail)),
        2 => (-5..5_i32, any::<bool>()).prop_map(|(count, advance)| Step::Read(count, advance)),
    ]
}

/// A table, the naive one, and a client that only listens.
struct Trial {
    source: Arc<MemoryRows>,
    table: Table,
    model: Model,
    client: Client,
    lines: Vec<Line>,
    bookmark: Option<(usize, usize)>,
    is_paged: bool,
}

impl Trial {
    fn new(is_paged: bool) -> Self {
        let mut source = MemoryRows::new(PLAIN_COLUMNS.to_vec());
        if is_paged {
            let column = |property, descending| SortColumn {
                property,
                descending,
            };
            source = source
                .with_index(vec![])
                .with_index(vec![column(PR_IMPORTANCE.id(), true)])
                .with_index(vec![column(PR_SUBJECT_W.id(), false)])
                .with_text_index();
        }
        let source = Arc::new(source);
        let mut table = Table::new(source.clone(), true).expect("a table");
        table.start_telling().expect("it tells");
        let model = Model {
            mails: BTreeMap::new(),
            filter: Filter::None,
            sorting: sortings().remove(0),
            open: HashMap::new(),
        };
        Self {
            source,
            table,
            model,
            client: Client::default(),
            lines: Vec::new(),
            bookmark: None,
            is_paged,
        }
    }

    fn put(&mut self, changes: Vec<(RowId, Option<Mail>)>) {
        for (id, mail) in &changes {
            match mail {
                Some(mail) => self.model.mails.insert(*id, mail.clone()),
                None => self.model.mails.remove(id),
            };
        }
        let rows = changes.into_iter();
        self.source
            .change(rows.map(|(id, mail)| (id, mail.map(|mail| mail.row()))));
    }

    fn run(&mut self, step: Step) -> Result<(), TestCaseError> {
        let cursor = self.table.query_position().expect("a position").row;
        let mut expected = Some(cursor);
        match step {
            Step::Put(changes) => {
                let is_single = changes.len() < 2;
                self.put(changes);
                self.listen()?;
                expected = self.followed(cursor, is_single);
                let place = self.bookmark.take();
                self.bookmark = place
                    .and_then(|(number, position)| Some((number, self.position_of(position)?)));
            }
            Step::Forget(id, mail) => {
                self.put(vec![(id, Some(mail))]);
                self.source.forget_changes();
                self.listen()?;
                prop_assert!(self.client.is_stale || self.lines.is_empty());
                expected = self.followed(cursor, true);
                self.bookmark = None;
            }
            Step::Sort(number) => {
                let sorting = sortings().remove(number);
                self.table.sort(sorting.set()).expect("an order");
                let columns = match sorting.has_instances() {
                    true => COLUMNS,
                    false => PLAIN_COLUMNS,
                };
                self.table
                    .set_columns(columns.to_vec(), false)
                    .expect("columns");
                self.model.sorting = sorting;
                self.begin_anew()?;
                expected = Some(0);
            }
            Step::Filter(number) => {
                let filter = FILTERS[number];
                self.table
                    .restrict(filter.restriction().as_ref())
                    .expect("a restriction");
                self.model.filter = filter;
                self.begin_anew()?;
                expected = Some(0);
            }
            Step::Seek(position) => {
                let found = self.table.seek_row(0, position as i32).expect("a seek");
                let to = position.min(self.lines.len());
                prop_assert_eq!(found.rows as usize, to);
                expected = Some(to);
            }
            Step::Turn(number, open) => expected = self.turn(number, open, cursor)?,
            Step::Bookmark => {
                let number = self.table.create_bookmark().expect("a bookmark");
                self.bookmark = Some((number, cursor));
            }
            Step::Read(0, _) => {}
            Step::Read(count, advance) => {
                let rows = self.table.query_rows(count, advance).expect("rows");
                let wanted = count.unsigned_abs() as usize;
                let (from, to) = match count < 0 {
                    true => (cursor.saturating_sub(wanted), cursor),
                    false => (cursor, (cursor + wanted).min(self.lines.len())),
                };
                self.check(&rows, from..to)?;
                expected = Some(if advance { to } else { from });
            }
        }
        self.check_all(expected)
    }

    /// Does what was told.
    fn listen(&mut self) -> Result<(), TestCaseError> {
        self.table.refresh().expect("rows");
        for event in self.table.take_events() {
            self.client.apply(event).map_err(TestCaseError::fail)?;
        }
        self.model.settle();
        Ok(())
    }

    fn begin_anew(&mut self) -> Result<(), TestCaseError> {
        prop_assert!(
            self.table.take_events().is_empty(),
            "nobody is told of what he did himself"
        );
        self.model.open.clear();
        self.client.is_stale = true;
        self.bookmark = None;
        Ok(())
    }

    /// Where a position of the rows before should be now.
    fn position_of(&self, position: usize) -> Option<usize> {
        let now = self.model.lines();
        let name = |line: &Line| match &line.what {
            What::Heading { path, .. } => (Some(path.clone()), 0, 0),
            What::Leaf { id, instance } => (None, *id, *instance),
        };
        let mut left = self.lines[position.min(self.lines.len())..].iter();
        let found = left.find_map(|old| now.iter().position(|line| name(line) == name(old)));
        Some(found.unwrap_or(now.len()))
    }

    fn followed(&self, cursor: usize, is_single: bool) -> Option<usize> {
        // Of several changes at once, where a row that is gone would be is a matter of taste.
        (is_single || !self.is_paged).then(|| {
            if cursor == 0 {
                Some(0)
            } else {
                self.position_of(cursor)
            }
        })?
    }

    fn turn(
        &mut self,
        number: usize,
        open: bool,
        cursor: usize,
    ) -> Result<Option<usize>, TestCaseError> {
        let headings = self.lines.iter().enumerate();
        let headings: Vec<usize> = headings
            .filter(|(_, line)| matches!(line.what, What::Heading { .. }))
            .map(|(position, _)| position)
            .collect();
        let Some(position) = headings.get(number).copied() else {
            return Ok(Some(cursor));
        };
        let What::Heading { path, .. } = &self.lines[position].what else {
            panic!("a heading");
        };
        self.model.open.insert(path.clone(), open);
        let before = self.lines.len();
        let now = self.model.lines();
        let key = key_of(&self.client.rows[position]);
        let cursor = if open {
            let (rows, come) = self.table.expand_row(&key, 2).expect("a heading");
            prop_assert_eq!(come, now.len() - before);
            self.lines = now;
            let given = come.min(2);
            prop_assert_eq!(rows.len(), given);
            self.check(&rows, position + 1..position + 1 + given)?;
            position + 1 + given
        } else {
            let gone = self.table.collapse_row(&key).expect("a heading");
            prop_assert_eq!(gone, before - now.len());
            match cursor {
                before if before <= position => before,
                within if within <= position + gone => position + 1,
                after => after - gone,
            }
        };
        prop_assert!(
            self.table.take_events().is_empty(),
            "nobody is told of what he did himself"
        );
        self.client.is_stale = true;
        self.bookmark = None;
        Ok(Some(cursor))
    }

    fn check(&self, rows: &[Row<'_>], range: std::ops::Range<usize>) -> Result<(), TestCaseError> {
        prop_assert_eq!(rows.len(), range.len());
        for (line, row) in self.lines[range].iter().zip(rows) {
            prop_assert!(
                self.model.is_shown_as(line, row),
                "{:?} is shown as {:?}",
                line,
                row
            );
        }
        Ok(())
    }

    fn check_all(&mut self, cursor: Option<usize>) -> Result<(), TestCaseError> {
        self.lines = self.model.lines();
        let position = self.table.query_position().expect("a position");
        if let Some(cursor) = cursor {
            prop_assert_eq!(position.row, cursor);
        }
        prop_assert_eq!(position.of, self.lines.len().max(1));
        prop_assert_eq!(self.table.row_count().expect("a count"), self.lines.len());
        if let Some((number, expected)) = self.bookmark {
            self.table.seek_row(number, 0).expect("a bookmark");
            prop_assert_eq!(
                self.table.query_position().expect("a position").row,
                expected
            );
        }
        let beginning = BOOKMARK_BEGINNING as usize;
        self.table.seek_row(beginning, 0).expect("a seek");
        let rows = self.table.query_rows(i32::MAX, false).expect("rows");
        self.check(&rows, 0..self.lines.len())?;
        if self.client.is_stale {
            self.client.rows = rows;
            self.client.is_stale = false;
        } else {
            prop_assert_eq!(&self.client.rows, &rows);
        }
        self.table
            .seek_row(beginning, position.row as i32)
            .expect("a seek");
        Ok(())
    }
}

fn try_out(is_paged: bool, sorting: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut trial = Trial::new(is_paged);
    trial.run(Step::Sort(sorting))?;
    steps.into_iter().try_for_each(|step| trial.run(step))
}

proptest! {
    #[test]
    fn store_40_who_does_what_he_is_told_has_the_rows(
        is_paged: bool,
        sorting in 0..sortings().len(),
        steps in prop::collection::vec(step(), 1..30),
    ) {
        try_out(is_paged, sorting, steps)?;
    }
}

/// What is read of a value that is not there is no value.
#[test]
fn the_model_knows_what_is_missing() {
    let mail = Mail::default();
    assert_eq!(mail.row().get(PR_SUBJECT_W.id()), None::<&PropValue<'_>>);
}
