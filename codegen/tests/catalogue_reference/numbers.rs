//! Status codes, flags and other numbers.

use mapi_provider_codegen::ir::interface::Catalogue;

use crate::data::Reference;

/// Those of `winerror.h`, which are COM's and not MAPI's.
const COM: [(&str, u32); 8] = [
    ("S_OK", 0),
    ("S_FALSE", 1),
    ("E_NOTIMPL", 0x8000_4001),
    ("E_NOINTERFACE", 0x8000_4002),
    ("E_FAIL", 0x8000_4005),
    ("E_UNEXPECTED", 0x8000_FFFF),
    ("E_OUTOFMEMORY", 0x8007_000E),
    ("E_INVALIDARG", 0x8007_0057),
];

pub(crate) fn numbers(catalogue: &Catalogue, reference: &Reference, problems: &mut Vec<String>) {
    let mut found = 0;
    for module in &catalogue.modules {
        let flags = module.flags.iter().flat_map(|flags| &flags.values);
        for number in flags.chain(&module.statuses).chain(&module.constants) {
            let com = COM
                .iter()
                .find(|(name, _)| *name == number.name)
                .map(|(_, value)| value);
            match reference.numbers.get(&number.name).or(com) {
                Some(theirs) if *theirs == number.value => found += 1,
                Some(theirs) => problems.push(format!(
                    "{} is {theirs:#x}, not {:#x}",
                    number.name, number.value
                )),
                None => problems.push(format!("{} is in no header and on no page", number.name)),
            }
        }
    }
    assert!(found > 0, "no number is in the data: the walk is broken");
}
