//! Checked interface definitions: the catalogue as the emitters see it.

/// All definitions, a module for each definition file.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// The modules, sorted by name.
    pub modules: Vec<Module>,
}

impl Catalogue {
    /// The interface with this name; the last one, because a later module hides names of
    /// earlier ones.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        let modules = self.modules.iter().rev();
        modules
            .flat_map(|module| &module.interfaces)
            .find(|interface| interface.name == name)
    }

    /// The last `count` modules: a team's own, if there are any on top of ours.
    pub fn last_modules(&self, count: usize) -> &[Module] {
        let first = self.modules.len().saturating_sub(count);
        &self.modules[first..]
    }

    /// All interfaces, module by module.
    pub fn interfaces(&self) -> impl Iterator<Item = &Interface> {
        self.modules.iter().flat_map(|module| &module.interfaces)
    }

    /// An interface's bases and itself, root first.
    pub fn chain<'a>(&'a self, interface: &'a Interface) -> Vec<&'a Interface> {
        let mut chain = vec![interface];
        while let Some(base) = chain.last().and_then(|last| last.base.as_deref()) {
            match self.interface(base) {
                Some(base) => chain.push(base),
                None => break,
            }
        }
        chain.reverse();
        chain
    }
}

/// The definitions of one file; becomes one module of Rust.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// The file's base name and the module's.
    pub name: String,
    /// What the module is about: its documentation.
    pub doc: String,
    /// The cargo feature that it needs; `None` if it is always there.
    pub feature: Option<String>,
    /// COM interfaces.
    pub interfaces: Vec<Interface>,
    /// Structures and unions.
    pub structures: Vec<Structure>,
    /// Types that are only passed through by pointer.
    pub opaques: Vec<Opaque>,
    /// Families of flags.
    pub flags: Vec<Flags>,
    /// Status codes.
    pub statuses: Vec<Named>,
    /// Other numbers.
    pub constants: Vec<Named>,
    /// Property tags.
    pub tags: Vec<Tag>,
    /// GUIDs that are not IIDs: property sets, classes, providers.
    pub guids: Vec<NamedGuid>,
    /// Function types.
    pub callbacks: Vec<Callback>,
}

/// A COM interface.
#[derive(Debug, Clone)]
pub struct Interface {
    /// Its name: `IMsgStore`.
    pub name: String,
    /// The interface that it extends; `None` only for `IUnknown`.
    pub base: Option<String>,
    /// The IID as a number, in the order in which it is written; `None` if nobody has
    /// published it.
    pub iid: Option<u128>,
    /// The methods that it adds to its base, in slot order.
    pub methods: Vec<Method>,
    /// Whether its objects may be used from any thread.
    pub free_threaded: bool,
    /// Whether it has a forwarder. `None` if the definition doesn't say: then a team's
    /// own have one, and those that we ship have none.
    pub forward: Option<bool>,
    /// Defined by another crate (`windows_core`): only checks are generated.
    pub external: Option<String>,
    /// Documentation.
    pub docs: Docs,
}

/// A method of an interface.
#[derive(Debug, Clone)]
pub struct Method {
    /// Its name: `GetProps`.
    pub name: String,
    /// Its place in the vtable, counting inherited methods.
    pub slot: usize,
    /// Its parameters without `this`.
    pub params: Vec<Param>,
    /// What it returns.
    pub returns: Return,
    /// A slot whose signature nobody has published: nobody can call it.
    pub placeholder: bool,
    /// Status codes that it answers.
    pub results: Vec<Outcome>,
    /// Documentation.
    pub docs: Docs,
}

/// A status code that a method answers.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its name: `MAPI_E_NO_SUPPORT`.
    pub status: String,
    /// When it is answered.
    pub when: String,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name in the reference: `lppPropArray`.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Which way the data goes.
    pub direction: Direction,
    /// The caller must pass a pointer that is not NULL.
    pub required: bool,
    /// The method sets it on failure too, so a thunk clears it only before the call.
    pub kept_on_failure: bool,
    /// What it is, in a phrase.
    pub doc: Option<String>,
}

/// Which way a parameter's data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the method, or unknown.
    In,
    /// From the method: cleared before it is called.
    Out,
    /// Both ways: never cleared.
    InOut,
}

/// What a method or callback returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// Nothing.
    Unit,
    /// An HRESULT.
    HResult,
    /// A number that is not an HRESULT.
    U32,
    /// A signed number that is not an HRESULT (`SCODE`).
    I32,
}

/// A type: pointers around a base, or an array of a base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The pointers, outermost first; true for `*const`.
    pub pointers: Vec<bool>,
    /// What they point at in the end.
    pub base: Base,
    /// The length, if it is an array in a structure.
    pub array: Option<usize>,
}

/// The innermost part of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// One of Rust's number types.
    Number(&'static str),
    /// `c_void`.
    Void,
    /// `GUID`.
    Guid,
    /// `HRESULT`.
    HResult,
    /// `TCHAR`: a character whose width depends on a `MAPI_UNICODE` flag.
    TChar,
    /// `PropTag`: a property tag, which to C is a number.
    PropTag,
    /// A family of flags from the catalogue.
    Flags(String),
    /// A structure, union or opaque structure from the catalogue.
    Structure(String),
    /// An interface, known or opaque.
    Interface(String),
    /// A function type: a nullable function pointer.
    Callback(String),
}

/// A structure or union.
#[derive(Debug, Clone)]
pub struct Structure {
    /// Its name in the reference.
    pub name: String,
    /// Its fields overlap.
    pub union: bool,
    /// Without padding.
    pub packed: bool,
    /// Fields in order.
    pub fields: Vec<Field>,
    /// Size and alignment in bytes, for 64 and 32 bits.
    pub layout: [Layout; 2],
    /// Documentation.
    pub docs: Docs,
}

/// Size and alignment in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Size.
    pub size: usize,
    /// Alignment.
    pub align: usize,
}

/// A field of a structure or union.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the reference.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its offset in bytes, for 64 and 32 bits.
    pub offsets: [usize; 2],
    /// What it is, in a phrase.
    pub doc: Option<String>,
}

/// A type that is only passed through by pointer.
#[derive(Debug, Clone)]
pub struct Opaque {
    /// Its name in the reference.
    pub name: String,
    /// It is an interface: no separate type is generated.
    pub interface: bool,
    /// Documentation.
    pub docs: Docs,
}

/// A family of flags.
#[derive(Debug, Clone)]
pub struct Flags {
    /// The name of the type.
    pub name: String,
    /// The prefix of its bits' names in the reference, which they don't have in Rust.
    pub prefix: String,
    /// Its bits.
    pub values: Vec<Named>,
    /// Documentation.
    pub docs: Docs,
}

/// A number with a name.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name in the reference.
    pub name: String,
    /// Its value.
    pub value: u32,
    /// What it means.
    pub summary: Option<String>,
}

/// A property tag.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its name in the headers, its value and what it means.
    pub named: Named,
    /// Its name in the protocol specifications: `PidTagSubject`.
    pub canonical: Option<String>,
    /// The name of Microsoft's page on it.
    pub page: Option<String>,
}

/// A GUID with a name.
#[derive(Debug, Clone)]
pub struct NamedGuid {
    /// Its name in the reference.
    pub name: String,
    /// Its value as a number, in the order in which it is written.
    pub value: u128,
    /// What it means.
    pub summary: Option<String>,
}

/// A function type.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Its name in the reference.
    pub name: String,
    /// `cdecl` on x86; otherwise `stdcall`.
    pub cdecl: bool,
    /// Parameters.
    pub params: Vec<Param>,
    /// What it returns.
    pub returns: Return,
    /// Documentation.
    pub docs: Docs,
}

/// Documentation of an item.
#[derive(Debug, Clone, Default)]
pub struct Docs {
    /// One sentence.
    pub summary: Option<String>,
    /// What one sentence can't hold.
    pub more: Option<String>,
    /// The name of Microsoft's page on it.
    pub page: Option<String>,
}
