//! The property sheet that a message service has MAPI show (ENTRY-14): what is on it, and what a user answers.

mod player;
mod read;
mod text;

use mapi_provider::abi::{ControlFlags, PropTag};
use windows_core::HRESULT;

use crate::property::{Property, Value};

pub(crate) use self::player::Player;
pub(crate) use self::read::{give, read};

/// A property sheet: what `DoConfigPropsheet` was called with. It prints as text, without secrets.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sheet {
    /// `lpszTitle`, which MAPI takes as 8-bit text.
    pub title: String,
    /// `ulUIParam`
    pub window: usize,
    /// `ulTopPage`
    pub top_page: u32,
    /// The pages, from left to right.
    pub pages: Vec<SheetPage>,
}

/// A page of a sheet.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SheetPage {
    /// What its tab says.
    pub title: String,
    /// The controls in the order of the table, without the page itself.
    pub controls: Vec<SheetControl>,
}

/// A control of a sheet.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SheetControl {
    /// What it is.
    pub kind: ControlKind,
    /// `PR_CONTROL_FLAGS`
    pub flags: ControlFlags,
    /// `PR_XPOS`, `PR_YPOS`, `PR_DELTAX` and `PR_DELTAY`, in dialog units.
    pub place: [i32; 4],
    /// `PR_CONTROL_STRUCTURE`
    pub structure: Vec<u8>,
    /// `PR_CONTROL_ID`
    pub id: Vec<u8>,
    /// What it shows first; none for an empty one, and for a label.
    pub value: Option<Value>,
}

/// The kinds of controls that the host can read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlKind {
    /// A text.
    Label {
        /// The text, with its `&`.
        text: String,
    },
    /// A field for a text.
    Edit {
        /// The property that it shows and sets.
        tag: PropTag,
        /// Which characters it takes: `*`, or a set.
        allowed: String,
        /// At most how many.
        longest: u32,
    },
    /// A check box.
    CheckBox {
        /// The property that it shows and sets.
        tag: PropTag,
        /// Its text.
        text: String,
    },
}

/// What a user does with a sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum SheetAnswer {
    /// Enters these, and closes it with OK.
    Ok(Vec<Property>),
    /// Closes it with Cancel.
    Cancel,
    /// There is no user: the sheet can't be shown.
    Fail(HRESULT),
}

impl SheetControl {
    /// The property that the user changes by it.
    pub fn tag(&self) -> Option<PropTag> {
        match self.kind {
            ControlKind::Label { .. } => None,
            ControlKind::Edit { tag, .. } | ControlKind::CheckBox { tag, .. } => Some(tag),
        }
    }

    /// Whether what is typed is not shown.
    pub fn is_hidden(&self) -> bool {
        self.flags.contains(ControlFlags::DT_PASSWORD_EDIT)
    }
}

/// It may have a secret in it: that is not printed.
impl std::fmt::Debug for SheetControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("SheetControl");
        shown.field("kind", &self.kind).field("flags", &self.flags);
        if !self.is_hidden() {
            shown.field("value", &self.value);
        }
        shown.finish_non_exhaustive()
    }
}
