//! A sheet that shows an entry of an address book (AB-29): the same controls, and nobody changes anything.

use super::layout::{Control, MOST_ON_A_PAGE, page, shown};
use super::table::COLUMNS;
use mapi_provider_abi::mapi::PropTag;
use mapi_provider_abi::view::Property;

/// The columns and rows of a display table of some fields, each a label and the property that it shows. The first row is a
/// page.
pub(in crate::entry) fn details(
    uid: &[u8; 16],
    title: &str,
    fields: &[(&str, PropTag)],
) -> (Vec<PropTag>, Vec<Vec<Property<'static>>>) {
    let mut controls: Vec<Control> = Vec::new();
    for fields in fields.chunks(MOST_ON_A_PAGE) {
        controls.push(page(title));
        for (line, (label, tag)) in fields.iter().enumerate() {
            controls.extend(shown(line, label, *tag));
        }
    }
    let row = |(index, control): (usize, &Control)| {
        let cell = |tag: &PropTag| {
            let value = control.cell(uid, index, *tag)?.into_owned();
            Some(Property::new(*tag, value))
        };
        COLUMNS.iter().filter_map(cell).collect()
    };
    let rows = controls.iter().enumerate().map(row).collect();
    (COLUMNS.to_vec(), rows)
}
