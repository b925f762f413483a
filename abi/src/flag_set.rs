//! Flags: one type for all families of them.
//!
//! `bitflags!` writes fifty functions for a family, and there are a hundred families: that was two thirds of this
//! crate's functions, and a third of the time that the compiler took for it. As one generic type they are written once.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::{
    BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Not, Sub, SubAssign,
};

use bitflags::{Flag, Flags, iter};

/// Which flags a [`FlagSet`] may have, by name. Implemented by generated code.
pub trait FlagFamily: PartialEq + Sized + 'static {
    /// The name of the family's flags: `SyncFlags`.
    const NAME: &'static str;

    /// The flags, and one without a name that stands for all other bits.
    const FLAGS: &'static [Flag<FlagSet<Self>>];
}

/// The flags of one family, as a parameter or a field of type `ULONG` carries them.
///
/// Families have names of their own: [`SyncFlags`](crate::mapi::SyncFlags) is `FlagSet<SyncFlagsFamily>`. Its methods
/// and operators are those of the crate `bitflags`, and it has that crate's trait `Flags`. Unknown bits are kept.
///
/// ```
/// use mapi_provider::abi::SyncFlags;
///
/// let flags = SyncFlags::UPLOAD_CONTENTS | SyncFlags::from_bits_retain(0x8000);
/// assert!(flags.contains(SyncFlags::UPLOAD_CONTENTS));
/// assert_eq!(flags.bits() & 0x8000, 0x8000);
/// ```
// The derive makes the constants patterns.
#[derive(PartialEq)]
#[repr(transparent)]
pub struct FlagSet<F>(u32, PhantomData<F>);

impl<F> FlagSet<F> {
    /// No flag.
    #[inline]
    pub const fn empty() -> Self {
        Self::from_bits_retain(0)
    }

    /// All bits: the unknown ones too may be set.
    #[inline]
    pub const fn all() -> Self {
        Self::from_bits_retain(!0)
    }

    /// The bits as a number.
    #[inline]
    pub const fn bits(&self) -> u32 {
        self.0
    }

    /// The flags of a number. Every number has some, because unknown bits are kept.
    #[inline]
    pub const fn from_bits(bits: u32) -> Option<Self> {
        Some(Self::from_bits_retain(bits))
    }

    /// The flags of a number; no bit is lost.
    #[inline]
    pub const fn from_bits_truncate(bits: u32) -> Self {
        Self::from_bits_retain(bits)
    }

    /// The flags of a number.
    #[inline]
    pub const fn from_bits_retain(bits: u32) -> Self {
        Self(bits, PhantomData)
    }

    /// Whether no bit is set.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Whether every bit is set.
    #[inline]
    pub const fn is_all(&self) -> bool {
        self.0 == !0
    }

    /// Whether any bit of `other` is set here.
    #[inline]
    pub const fn intersects(&self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all bits of `other` are set here.
    #[inline]
    pub const fn contains(&self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets the bits of `other`.
    #[inline]
    pub const fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Clears the bits of `other`.
    #[inline]
    pub const fn remove(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    /// Changes the bits of `other`.
    #[inline]
    pub const fn toggle(&mut self, other: Self) {
        self.0 ^= other.0;
    }

    /// Sets or clears the bits of `other`.
    #[inline]
    pub const fn set(&mut self, other: Self, value: bool) {
        if value {
            self.insert(other);
        } else {
            self.remove(other);
        }
    }

    /// The bits that are set in both.
    #[inline]
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self::from_bits_retain(self.0 & other.0)
    }

    /// The bits that are set in one of them or in both.
    #[inline]
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self::from_bits_retain(self.0 | other.0)
    }

    /// The bits that are set here and not in `other`.
    #[inline]
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self::from_bits_retain(self.0 & !other.0)
    }

    /// The bits that are set in exactly one of them.
    #[inline]
    #[must_use]
    pub const fn symmetric_difference(self, other: Self) -> Self {
        Self::from_bits_retain(self.0 ^ other.0)
    }

    /// The bits that are not set here.
    #[inline]
    #[must_use]
    pub const fn complement(self) -> Self {
        Self::from_bits_retain(!self.0)
    }
}

impl<F: FlagFamily> FlagSet<F> {
    /// The flag with a name of the family.
    pub fn from_name(name: &str) -> Option<Self> {
        <Self as Flags>::from_name(name)
    }

    /// The flags one by one, and all unknown bits as the last.
    pub fn iter(&self) -> iter::Iter<Self> {
        <Self as Flags>::iter(self)
    }

    /// The flags with their names, without the unknown bits.
    pub fn iter_names(&self) -> iter::IterNames<Self> {
        <Self as Flags>::iter_names(self)
    }
}

impl<F: FlagFamily> Flags for FlagSet<F> {
    const FLAGS: &'static [Flag<Self>] = F::FLAGS;

    type Bits = u32;

    fn bits(&self) -> u32 {
        self.0
    }

    fn from_bits_retain(bits: u32) -> Self {
        Self(bits, PhantomData)
    }
}

impl<F: FlagFamily> fmt::Debug for FlagSet<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_flags(F::NAME, self, f)
    }
}

// What derives would ask the family itself for.

impl<F> Clone for FlagSet<F> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for FlagSet<F> {}

impl<F> Default for FlagSet<F> {
    #[inline]
    fn default() -> Self {
        Self::empty()
    }
}

impl<F: PartialEq> Eq for FlagSet<F> {}

impl<F> Hash for FlagSet<F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// The operators of sets, each with its assignment.
macro_rules! operators {
    ($($operator:ident::$operate:ident, $assigned:ident::$assign:ident = $method:ident;)*) => {$(
        impl<F> $operator for FlagSet<F> {
            type Output = Self;

            #[inline]
            fn $operate(self, other: Self) -> Self {
                self.$method(other)
            }
        }

        impl<F> $assigned for FlagSet<F> {
            #[inline]
            fn $assign(&mut self, other: Self) {
                *self = self.$method(other);
            }
        }
    )*};
}

operators! {
    BitOr::bitor, BitOrAssign::bitor_assign = union;
    BitAnd::bitand, BitAndAssign::bitand_assign = intersection;
    BitXor::bitxor, BitXorAssign::bitxor_assign = symmetric_difference;
    Sub::sub, SubAssign::sub_assign = difference;
}

impl<F> Not for FlagSet<F> {
    type Output = Self;

    #[inline]
    fn not(self) -> Self {
        self.complement()
    }
}

impl<F> Extend<Self> for FlagSet<F> {
    fn extend<I: IntoIterator<Item = Self>>(&mut self, flags: I) {
        for flag in flags {
            self.insert(flag);
        }
    }
}

impl<F> FromIterator<Self> for FlagSet<F> {
    fn from_iter<I: IntoIterator<Item = Self>>(flags: I) -> Self {
        flags.into_iter().fold(Self::empty(), Self::union)
    }
}

impl<F: FlagFamily> IntoIterator for FlagSet<F> {
    type Item = Self;
    type IntoIter = iter::Iter<Self>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The bits in another way of writing numbers.
macro_rules! numbers {
    ($($format:ident)*) => {$(
        impl<F> fmt::$format for FlagSet<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::$format::fmt(&self.0, f)
            }
        }
    )*};
}

numbers! { Binary Octal LowerHex UpperHex }

/// Flags by their names: `SyncFlags(DOWNLOAD_CONTENTS | 0x400)`.
pub fn debug_flags<F: bitflags::Flags<Bits = u32>>(
    name: &str,
    flags: &F,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{name}(")?;
    bitflags::parser::to_writer(flags, &mut *f)?;
    f.write_str(")")
}

#[cfg(test)]
mod tests {
    use bitflags::Flags;

    use crate::generated::{SyncFlags, UnicodeFlags};

    const BOTH: SyncFlags = SyncFlags::UPLOAD_CONTENTS.union(SyncFlags::DOWNLOAD_CONTENTS);
    const UNKNOWN: SyncFlags = SyncFlags::from_bits_retain(0x8000_0000);

    #[test]
    fn it_is_as_large_as_the_number() {
        assert_eq!(size_of::<SyncFlags>(), size_of::<u32>());
        assert_eq!(align_of::<SyncFlags>(), align_of::<u32>());
    }

    #[test]
    fn unknown_bits_are_kept() {
        let flags = SyncFlags::from_bits_truncate(0x8000_0080);
        assert_eq!(flags, SyncFlags::DOWNLOAD_CONTENTS | UNKNOWN);
        assert_eq!(SyncFlags::from_bits(flags.bits()), Some(flags));
        assert_eq!(SyncFlags::all().bits(), !0);
        assert_eq!(
            (!SyncFlags::empty(), !flags & flags),
            (SyncFlags::all(), SyncFlags::empty())
        );
    }

    #[test]
    fn operators_are_those_of_sets() {
        let (up, down) = (SyncFlags::UPLOAD_CONTENTS, SyncFlags::DOWNLOAD_CONTENTS);
        assert_eq!((BOTH & up, BOTH - up, BOTH ^ down), (up, down, up));
        let mut flags = up;
        flags |= down;
        assert_eq!(flags, BOTH);
        flags -= up;
        flags ^= up;
        flags &= down;
        assert_eq!(flags, down);
        flags.set(up, true);
        flags.remove(down);
        assert!(flags.contains(up) && !flags.intersects(down));
        flags.toggle(up);
        assert!(flags.is_empty() && SyncFlags::all().is_all());
        assert_eq!([up, down].into_iter().collect::<SyncFlags>(), BOTH);
    }

    #[test]
    fn flags_have_names() {
        let flags = BOTH | UNKNOWN;
        let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
        assert_eq!(names, ["UPLOAD_CONTENTS", "DOWNLOAD_CONTENTS"]);
        assert_eq!(flags.into_iter().count(), 3);
        assert_eq!(
            SyncFlags::from_name("ON_DEMAND"),
            Some(SyncFlags::ON_DEMAND)
        );
        assert_eq!(SyncFlags::from_name(""), None);
        assert_eq!(
            format!("{flags:?} {flags:#x}"),
            "SyncFlags(UPLOAD_CONTENTS | DOWNLOAD_CONTENTS | 0x80000000) 0x800000c0"
        );
    }

    #[test]
    fn constants_are_patterns() {
        assert!(matches!(
            BOTH - SyncFlags::UPLOAD_CONTENTS,
            SyncFlags::DOWNLOAD_CONTENTS
        ));
    }

    /// The trait of `bitflags` says the same as our own methods.
    #[test]
    fn the_trait_agrees() {
        assert_eq!(<SyncFlags as Flags>::all(), SyncFlags::all());
        assert_eq!(<SyncFlags as Flags>::complement(BOTH), !BOTH);
        assert_eq!(<UnicodeFlags as Flags>::FLAGS.len(), 2);
        assert!(SyncFlags::FLAGS.len() > 10);
    }
}
