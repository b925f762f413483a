//! Status codes, flags and other numbers, property tags, GUIDs.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider_codegen::ir::interface::{Catalogue, Named};

use crate::{
    data::{Number, Reference},
    exceptions::{Problems, Subject},
};

pub(crate) fn numbers(catalogue: &Catalogue, reference: &Reference, problems: &mut Problems) {
    let ours = catalogue.modules.iter().flat_map(|module| {
        let flags = module.flags.iter().flat_map(|flags| &flags.values);
        flags.chain(&module.statuses).chain(&module.constants)
    });
    both_ways(Subject::Number, ours, &reference.numbers, problems);
}

pub(crate) fn tags(catalogue: &Catalogue, reference: &Reference, problems: &mut Problems) {
    let tags = catalogue.modules.iter().flat_map(|module| &module.tags);
    let ours = tags.map(|tag| &tag.named);
    both_ways(Subject::Tag, ours, &reference.prop_tags, problems);
}

/// Each of ours is theirs, with the same value, and each of theirs is ours.
fn both_ways<'a>(
    subject: Subject,
    ours: impl Iterator<Item = &'a Named>,
    theirs: &BTreeMap<String, Number>,
    problems: &mut Problems,
) {
    let mut left: BTreeSet<&str> = theirs.keys().map(String::as_str).collect();
    for Named { name, value, .. } in ours {
        left.remove(name.as_str());
        let known = theirs.get(name).map(|number| number.value);
        let text = match known.or_else(|| problems.value_of(subject, name)) {
            Some(theirs) if theirs == *value => continue,
            Some(theirs) => format!("{name} is {theirs:#x}, not {value:#x}"),
            None => format!("{name} is in no header and on no page"),
        };
        problems.add(subject, name, "", text);
    }
    for name in left {
        let text = format!("{name} is missing");
        problems.add(subject, name, &theirs[name].source, text);
    }
}

/// GUIDs with names, and IIDs of interfaces under the names that the headers give them.
pub(crate) fn guids(catalogue: &Catalogue, reference: &Reference, problems: &mut Problems) {
    let guids = catalogue.modules.iter().flat_map(|module| &module.guids);
    let mut ours: BTreeMap<String, u128> = BTreeMap::new();
    for interface in catalogue.interfaces() {
        let theirs = reference.interfaces.get(&interface.name);
        let symbol = theirs.and_then(|theirs| theirs["iid_symbol"].as_str());
        if let (Some(symbol), Some(iid)) = (symbol, interface.iid) {
            ours.insert(symbol.to_owned(), iid);
        }
    }
    ours.extend(guids.map(|guid| (guid.name.clone(), guid.value)));
    for (name, value) in &ours {
        let text = match reference.guids.get(name) {
            Some(theirs) if theirs.value == *value => continue,
            Some(theirs) => format!("{name} is {:032x}, not {value:032x}", theirs.value),
            None => format!("{name} is in no header and on no page"),
        };
        problems.add(Subject::Guid, name, "", text);
    }
    for (name, theirs) in &reference.guids {
        if !ours.contains_key(name) {
            let text = format!("{name} is missing");
            problems.add(Subject::Guid, name, &theirs.source, text);
        }
    }
}

/// The catalogue has numbers and GUIDs only.
pub(crate) fn others(_: &Catalogue, reference: &Reference, problems: &mut Problems) {
    for (name, source) in &reference.others {
        let text = format!("{name} is missing");
        problems.add(Subject::Other, name, source, text);
    }
}
