//! Structures and unions.

use std::collections::BTreeMap;

use mapi_provider_codegen::ir::interface::{Base, Catalogue, Field, Structure};
use serde_json::Value;

use crate::{
    data::{Reference, entries, is_mapi, text},
    exceptions::{Problems, Subject},
    types::same_type,
};

const WIDTHS: [&str; 2] = ["x64", "x86"];

/// What C leaves without a name; the data calls it that. Ours is the field `u`.
const NAMELESS: &str = "<anonymous>";

pub(crate) fn structures(catalogue: &Catalogue, reference: &Reference, problems: &mut Problems) {
    let ours = catalogue.modules.iter();
    let ours = ours.flat_map(|module| &module.structures);
    let ours: BTreeMap<&str, &Structure> = ours.map(|it| (it.name.as_str(), it)).collect();
    let mut layouts = Layouts {
        left: ours.clone(),
        ours,
        reference,
        problems,
    };
    for (name, theirs) in &reference.structures {
        layouts.whole(name, theirs);
    }
    for name in layouts.left.keys() {
        let text = format!("{name} is in no header and on no page");
        layouts.problems.add(Subject::Structure, name, "", text);
    }
}

struct Layouts<'a> {
    ours: BTreeMap<&'a str, &'a Structure>,
    /// Those that nothing has been compared with yet.
    left: BTreeMap<&'a str, &'a Structure>,
    reference: &'a Reference,
    problems: &'a mut Problems,
}

impl<'a> Layouts<'a> {
    fn differs(&mut self, place: &str, how: String) {
        let text = format!("{place} {how}");
        self.problems.add(Subject::Structure, place, "", text);
    }

    /// A structure with its own name.
    fn whole(&mut self, name: &str, theirs: &Value) {
        let Some(ours) = self
            .ours
            .get(self.problems.ours(Subject::Structure, name))
            .copied()
        else {
            if is_mapi(theirs) {
                let source = text(&theirs["source"]);
                let text = format!("{name} is missing");
                self.problems.add(Subject::Structure, name, source, text);
            }
            return;
        };
        self.left.remove(ours.name.as_str());
        // Replication packs its identifiers, and lays the rest out around them.
        let packed = &theirs["packed1_variant"];
        let layout = if packed.is_null() { theirs } else { packed };
        for (width, bits) in WIDTHS.iter().enumerate() {
            let size = &layout[format!("size_{bits}")];
            let align = &layout[format!("align_{bits}")];
            let ours = ours.layout[width];
            if size.as_u64() != Some(ours.size as u64) || align.as_u64() != Some(ours.align as u64)
            {
                let how = format!("is {size}, alignment {align}, on {bits}");
                self.differs(&format!("{name}: size"), how);
            }
        }
        let fields: Vec<&Value> = entries(&theirs["fields"]).iter().collect();
        let inner = Inner {
            kind: text(&theirs["kind"]),
            fields: &fields,
            prefix: "",
            starts: [0, 0],
            packed,
        };
        self.inside(ours, &inner);
    }

    /// The fields of a structure, and of the nameless structures in it.
    fn inside(&mut self, ours: &'a Structure, theirs: &Inner) {
        let name = &ours.name;
        if ours.union != (theirs.kind == "union") {
            self.differs(&format!("{name}: kind"), format!("is {}", theirs.kind));
        }
        let direct = theirs.direct();
        let names: Vec<&str> = direct.iter().map(|field| field.name).collect();
        let our_names: Vec<&str> = ours.fields.iter().map(|it| it.name.as_str()).collect();
        if names != our_names {
            let how = format!("are {names:?}, not {our_names:?}");
            self.differs(&format!("{name}: fields"), how);
            return;
        }
        for (ours_in, direct) in ours.fields.iter().zip(&direct) {
            let place = format!("{name}::{}", ours_in.name);
            self.offsets(&place, ours_in, direct, theirs);
            if direct.is_nameless() {
                self.nameless(&place, name, ours_in, direct, theirs);
            } else if !same_type(&ours_in.ty, direct.value, self.reference, self.problems) {
                self.differs(&place, format!("{:?} is not {}", ours_in.ty, direct.value));
            }
        }
    }

    fn offsets(&mut self, place: &str, ours: &Field, theirs: &Direct, outer: &Inner) {
        for (width, bits) in WIDTHS.iter().enumerate() {
            let packed = &outer.packed[format!("offsets_{bits}")][theirs.name];
            let offset = packed.as_u64().or_else(|| theirs.number("off", width));
            let offset = offset.map(|offset| offset - outer.starts[width]);
            if offset != Some(ours.offsets[width] as u64) {
                self.differs(place, format!("lies at {offset:?} on {bits}"));
            }
        }
    }

    /// A structure or union that C leaves without a name: ours has the names of the outer one and of the field.
    fn nameless(&mut self, place: &str, outer: &str, ours: &Field, theirs: &Direct, all: &Inner) {
        let expected = format!("{outer}_{}", ours.name);
        let inner = match &ours.ty.base {
            Base::Structure(name) if *name == expected && ours.ty.pointers.is_empty() => name,
            other => return self.differs(place, format!("is {other:?}, not {expected}")),
        };
        let Some(ours) = self.left.remove(inner.as_str()) else {
            return self.differs(place, format!("{expected} is nowhere"));
        };
        for (width, bits) in WIDTHS.iter().enumerate() {
            let size = theirs.number("size", width);
            if size != Some(ours.layout[width].size as u64) {
                self.differs(&format!("{inner}: size"), format!("is {size:?} on {bits}"));
            }
        }
        let prefix = theirs.prefix();
        let members: Vec<&Value> = match prefix {
            Some(_) => all.fields.to_vec(),
            None => all.within(theirs),
        };
        let prefix = prefix.unwrap_or_else(|| all.prefix.to_owned());
        let theirs = Inner {
            kind: text(&theirs.value["canonical"]),
            fields: &members,
            prefix: &prefix,
            starts: [0, 1].map(|width| theirs.number("off", width).unwrap_or_default()),
            packed: &Value::Null,
        };
        self.inside(ours, &theirs);
    }
}

/// A structure of theirs, or a nameless one inside it.
struct Inner<'a> {
    kind: &'a str,
    /// Fields of the whole outer structure; those within one with a name have a dot in theirs.
    fields: &'a [&'a Value],
    /// What the names of its fields begin with: `info.`.
    prefix: &'a str,
    /// Where it begins within the outer one.
    starts: [u64; 2],
    packed: &'a Value,
}

/// A field directly in a structure.
struct Direct<'a> {
    name: &'a str,
    value: &'a Value,
}

impl<'a> Inner<'a> {
    fn direct(&self) -> Vec<Direct<'a>> {
        let mut direct: Vec<Direct> = Vec::new();
        let mut inside = Vec::new();
        for value in self.fields.iter().copied() {
            let name = text(&value["name"]).strip_prefix(self.prefix);
            let Some(name) = name.filter(|name| !name.contains('.')) else {
                continue;
            };
            // C puts the members of a nameless union beside it.
            if inside.contains(&text(&value["name"])) {
                continue;
            }
            let name = if name == NAMELESS { "u" } else { name };
            let field = Direct { name, value };
            if field.prefix().is_none() && field.is_nameless() {
                inside = self
                    .within(&field)
                    .iter()
                    .map(|it| text(&it["name"]))
                    .collect();
            }
            direct.push(field);
        }
        direct
    }

    /// The fields inside a nameless union: those after it that begin before it ends.
    fn within(&self, union: &Direct) -> Vec<&'a Value> {
        let start = union.number("off", 0).unwrap_or_default();
        let end = start + union.number("size", 0).unwrap_or_default();
        let fields = self.fields.iter().copied();
        let after = fields
            .skip_while(|it| it["name"] != union.value["name"])
            .skip(1);
        after
            .take_while(|it| {
                it["off_x64"]
                    .as_u64()
                    .is_some_and(|at| (start..end).contains(&at))
            })
            .collect()
    }
}

impl Direct<'_> {
    /// A structure or union that is defined where it is used.
    fn is_nameless(&self) -> bool {
        matches!(text(&self.value["canonical"]), "union" | "struct")
    }

    /// What the names of its fields begin with; none if C has no name for the field itself.
    fn prefix(&self) -> Option<String> {
        let name = text(&self.value["name"]);
        (name != NAMELESS).then(|| format!("{name}."))
    }

    fn number(&self, what: &str, width: usize) -> Option<u64> {
        self.value[format!("{what}_{}", WIDTHS[width])].as_u64()
    }
}
