//! Contents of a container or a list as a source of tables (AB-18, AB-22, AB-28).
//!
//! ```text
//! Contents: nothing yet ─ready→ browsed once, then as it is
//!           └─narrowed: PR_ANR, a prefix → asked again → rows of their own, for as long as the table is restricted so
//! ```

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::asker::Trouble;
use super::directory::{Answer, Directory};
use super::logic::AddressBook;
use super::question::{Question, Wanted};
use super::rows;
use mapi_provider_abi::mapi::{
    E_UNEXPECTED, FL_PREFIX, HRESULT, MAPI_E_NETWORK_ERROR, MAPI_E_NO_SUPPORT, PR_ANR_W,
    PR_DISPLAY_NAME_W, PropTag,
};
use mapi_provider_abi::view::{RelOp, Restriction, SortOrderSet};
use mapi_provider_table::table::{
    Abilities, Fault, MemoryRows, NameWords, Result, Rows, Source, Watcher,
};

/// The most questions that one restriction asks.
const MOST_QUESTIONS: usize = 8;

impl Trouble {
    /// What a method answers (AB-32): never that something is gone.
    pub(crate) fn status(self) -> HRESULT {
        match self {
            Self::Network => MAPI_E_NETWORK_ERROR,
            Self::Panicked => E_UNEXPECTED,
            Self::LoggedOff => MAPI_E_NO_SUPPORT, // AB-34
        }
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        let text = match trouble {
            Trouble::Network => "the address book does not answer in time",
            Trouble::Panicked => "the address book's logic panicked",
            Trouble::LoggedOff => "the logon is over",
        };
        Self::new(trouble.status(), text)
    }
}

/// Whose contents they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Of {
    /// A container's, by its key.
    Container(String),
    /// A list's: its members.
    List(String),
}

/// Entries, which are asked for when somebody wants to see them.
pub(crate) struct Contents<L: AddressBook> {
    directory: Arc<Directory<L>>,
    of: Of,
    /// Once they were asked for.
    rows: Mutex<Option<Arc<MemoryRows>>>,
}

impl<L: AddressBook> Contents<L> {
    pub(crate) fn new(directory: Arc<Directory<L>>, of: Of) -> Self {
        Self {
            directory,
            of,
            rows: Mutex::default(),
        }
    }

    fn known(&self) -> Option<Arc<MemoryRows>> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.clone()
    }

    /// The rows, asked for if nobody has yet. Of two who ask at once both wait, and the first answer counts.
    fn rows(&self) -> Result<Arc<MemoryRows>> {
        if let Some(rows) = self.known() {
            return Ok(rows);
        }
        let end = self.directory.deadline();
        let answer = match &self.of {
            Of::Container(key) => {
                let question = Question {
                    container: key.clone(),
                    wanted: Wanted::All,
                };
                self.directory.search(&question, end)?
            }
            Of::List(key) => self.directory.members(key, end)?,
        };
        let new = Arc::new(rows::contents(&self.directory.book, [&answer]));
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(rows.get_or_insert(new)))
    }
}

impl<L: AddressBook> Source for Contents<L> {
    fn look(&self, work: &mut dyn FnMut(&dyn Rows) -> Result<()>) -> Result<()> {
        self.rows()?.look(work)
    }

    fn watch(&self, _: Weak<dyn Watcher>) {
        // AB-31: nobody is told.
    }

    fn columns(&self) -> Vec<PropTag> {
        rows::contents_columns()
    }

    fn default_order(&self) -> SortOrderSet {
        rows::contents_order()
    }

    fn ready(&self) -> Result<()> {
        self.rows().map(drop)
    }

    /// AB-22: what lies beyond the limit of a browse is found all the same.
    fn narrowed(&self, restriction: &Restriction<'_>) -> Result<Option<Arc<dyn Source>>> {
        let Of::Container(container) = &self.of else {
            return Ok(None);
        };
        let Some(questions) = questions(restriction) else {
            return Ok(None);
        };
        let end = self.directory.deadline();
        let mut answers: Vec<Arc<Answer>> = Vec::new();
        for wanted in questions {
            let container = container.clone();
            let question = Question { container, wanted };
            answers.push(self.directory.search(&question, end)?);
        }
        let rows = rows::contents(&self.directory.book, &answers);
        Ok(Some(Arc::new(rows)))
    }

    fn abilities(&self) -> Abilities {
        rows::ABILITIES
    }
}

/// What to ask so that all is there that a restriction may find; none where only a browse would do.
fn questions(restriction: &Restriction<'_>) -> Option<Vec<Wanted>> {
    match restriction {
        Restriction::Property {
            relop: RelOp::Eq,
            tag,
            property,
        } if tag.id() == PR_ANR_W.id() => {
            let words = NameWords::new(&property.value.to_text()?);
            // Nobody is meant (AB-17): nothing is asked.
            Some(match words.typed() {
                [] => Vec::new(),
                _ => vec![Wanted::Words(words)],
            })
        }
        Restriction::Content {
            fuzzy_level,
            tag,
            property,
        } if tag.id() == PR_DISPLAY_NAME_W.id() && fuzzy_level & 0xFFFF == FL_PREFIX => {
            let prefix = property.value.to_text()?;
            (!prefix.is_empty()).then(|| vec![Wanted::Prefix(prefix)])
        }
        Restriction::And(parts) => parts.iter().find_map(questions),
        Restriction::Or(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(questions).collect();
            let all: Vec<Wanted> = all?.into_iter().flatten().collect();
            (!parts.is_empty() && all.len() <= MOST_QUESTIONS).then_some(all)
        }
        Restriction::Comment { restriction, .. } | Restriction::Annotation { restriction, .. } => {
            questions(restriction.as_deref()?)
        }
        _ => None,
    }
}
