//! Where the controls of the sheet are, and what they are: the rows of its display table.
//!
//! A page has a label and a control for each setting, one below the other. Where something has to be told, it stands above
//! them.

use super::structure;
use crate::manifest::Manifest;
use crate::settings::{SettingKind, SettingSpec};
use mapi_provider_abi::mapi::{
    ControlFlags, DTCT_CHECKBOX, DTCT_EDIT, DTCT_LABEL, DTCT_PAGE, PT_BOOLEAN, PT_UNICODE, PropTag,
};

/// The most settings that a page has room for; those that are more are on another page after it.
pub(super) const MOST_ON_A_PAGE: usize = 10;

/// Sizes in dialog units: a page is as large as Windows' own of middle size.
const PAGE_WIDTH: i32 = 227;
const PAGE_HEIGHT: i32 = 215;
const MARGIN: i32 = 7;
const LABEL_WIDTH: i32 = 78;
const GAP: i32 = 4;
const CONTROL_HEIGHT: i32 = 12;
/// A label's text is a little lower than its control, so that both stand on one line.
const LABEL_DROP: i32 = 2;
const LABEL_HEIGHT: i32 = 8;
const LINE: i32 = 17;
/// Three lines of text.
const COMPLAINT_HEIGHT: i32 = 26;

/// The most characters of a text: more than any server's name, path or token has.
const LONGEST_TEXT: u32 = 4096;

/// A minus and ten digits.
const LONGEST_INTEGER: u32 = 11;

/// A row of the display table.
pub(super) struct Control {
    /// One of `DTCT_*`.
    pub(super) kind: u32,
    /// What the user can do with it.
    pub(super) flags: ControlFlags,
    /// Where it is: left, top, width and height.
    pub(super) place: [i32; 4],
    /// Its `PR_CONTROL_STRUCTURE`.
    pub(super) structure: Vec<u8>,
}

/// What is wrong with what was entered, and the setting that it is about, by its place in the manifest.
#[derive(Debug, Clone)]
pub(super) struct Complaint {
    pub(super) setting: Option<usize>,
    pub(super) text: String,
}

/// A sheet: its controls, page by page, and the page that is on top.
pub(super) struct Sheet {
    pub(super) controls: Vec<Control>,
    pub(super) top: u32,
}

impl Sheet {
    /// The sheet of a provider's settings. Nobody can change them if it is `read_only`; `complaint` is told on the page of
    /// the setting that it is about, which is then on top.
    pub(super) fn new(manifest: &Manifest, read_only: bool, complaint: Option<&Complaint>) -> Self {
        let pages = pages(manifest);
        let top = complaint
            .and_then(|complaint| complaint.setting)
            .and_then(|setting| pages.iter().position(|page| page.has(setting)))
            .unwrap_or_default();
        let mut controls = Vec::new();
        for (index, page) in pages.iter().enumerate() {
            let complaint = complaint.filter(|_| index == top);
            page.lay_out(read_only, complaint, &mut controls);
        }
        Self {
            controls,
            top: top as u32,
        }
    }
}

/// A page: its title, and its settings, the first of which has a place in the manifest.
struct Page<'a> {
    title: String,
    first: usize,
    settings: &'a [SettingSpec],
}

/// Settings that stand together and name one page are on it, in their order.
fn pages(manifest: &Manifest) -> Vec<Page<'_>> {
    let mut pages = Vec::new();
    let mut first = 0;
    for settings in manifest
        .settings
        .chunk_by(|one, next| one.page == next.page)
    {
        let title = settings.first().map_or("", |setting| setting.page);
        for (part, settings) in settings.chunks(MOST_ON_A_PAGE).enumerate() {
            let title = match part {
                0 => title.to_owned(),
                _ => format!("{title} ({})", part + 1),
            };
            pages.push(Page {
                title,
                first,
                settings,
            });
            first += settings.len();
        }
    }
    if pages.is_empty() {
        // A sheet has a page, also that of a provider without settings.
        pages.push(Page {
            title: manifest.name.to_owned(),
            first: 0,
            settings: &[],
        });
    }
    pages
}

impl Page<'_> {
    fn has(&self, setting: usize) -> bool {
        (self.first..self.first + self.settings.len()).contains(&setting)
    }

    fn lay_out(&self, read_only: bool, complaint: Option<&Complaint>, controls: &mut Vec<Control>) {
        controls.push(page(&self.title));
        let mut top = MARGIN;
        let width = PAGE_WIDTH - 2 * MARGIN;
        if let Some(complaint) = complaint {
            let place = [MARGIN, top, width, COMPLAINT_HEIGHT];
            // A single `&` would be taken for the mark of a letter.
            controls.push(label(place, &complaint.text.replace('&', "&&")));
            top += COMPLAINT_HEIGHT + GAP;
        }
        for setting in self.settings {
            let place = [MARGIN, top + LABEL_DROP, LABEL_WIDTH, LABEL_HEIGHT];
            controls.push(label(place, setting.label));
            let left = MARGIN + LABEL_WIDTH + GAP;
            let place = [left, top, PAGE_WIDTH - MARGIN - left, CONTROL_HEIGHT];
            controls.push(control(place, setting, read_only));
            top += LINE;
        }
    }
}

/// A page without anything on it yet.
pub(super) fn page(title: &str) -> Control {
    Control {
        kind: DTCT_PAGE,
        flags: ControlFlags::empty(),
        place: [0, 0, PAGE_WIDTH, PAGE_HEIGHT],
        structure: structure::page(title),
    }
}

/// A text with its label that nobody can change, in a line of a page.
#[cfg(feature = "address-book")]
pub(super) fn shown(line: usize, text: &str, tag: PropTag) -> [Control; 2] {
    let top = MARGIN + LINE * i32::try_from(line).unwrap_or_default();
    let left = MARGIN + LABEL_WIDTH + GAP;
    let edit = Control {
        kind: DTCT_EDIT,
        flags: ControlFlags::empty(),
        place: [left, top, PAGE_WIDTH - MARGIN - left, CONTROL_HEIGHT],
        structure: structure::edit(tag, LONGEST_TEXT, "*"),
    };
    let place = [MARGIN, top + LABEL_DROP, LABEL_WIDTH, LABEL_HEIGHT];
    [label(place, text), edit]
}

fn label(place: [i32; 4], text: &str) -> Control {
    Control {
        kind: DTCT_LABEL,
        flags: ControlFlags::empty(),
        place,
        structure: structure::label(text),
    }
}

/// The control that shows a setting, and takes it where it may be changed.
fn control(place: [i32; 4], setting: &SettingSpec, read_only: bool) -> Control {
    let mut flags = match read_only {
        // ENTRY-14: MSG_SERVICE_UI_READ_ONLY.
        true => ControlFlags::empty(),
        false => ControlFlags::DT_EDITABLE,
    };
    let edit = |longest, allowed| {
        let tag = PropTag::new(setting.tag, PT_UNICODE);
        structure::edit(tag, longest, allowed)
    };
    let (kind, structure) = match setting.kind {
        SettingKind::Boolean => {
            let tag = PropTag::new(setting.tag, PT_BOOLEAN);
            (DTCT_CHECKBOX, structure::check_box(tag, ""))
        }
        // An edit shows a text: the object with the values makes one of the number, and a number of the text.
        SettingKind::Integer => (DTCT_EDIT, edit(LONGEST_INTEGER, r"[\-0-9]")),
        SettingKind::String | SettingKind::Path | SettingKind::Secret => {
            flags |= ControlFlags::DT_ACCEPT_DBCS;
            (DTCT_EDIT, edit(LONGEST_TEXT, "*"))
        }
    };
    if setting.kind == SettingKind::Secret {
        flags |= ControlFlags::DT_PASSWORD_EDIT; // ENTRY-11
    }
    if setting.required && kind == DTCT_EDIT {
        flags |= ControlFlags::DT_REQUIRED;
    }
    Control {
        kind,
        flags,
        place,
        structure,
    }
}
