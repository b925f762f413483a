//! Restrictions: conditions for rows of a table.

mod build;
mod read;

use super::property::Property;
use crate::mapi::{
    BMR_EQZ, BMR_NEZ, PropTag, RELOP_EQ, RELOP_GE, RELOP_GT, RELOP_LE, RELOP_LT,
    RELOP_MEMBER_OF_DL, RELOP_NE, RELOP_RE,
};

/// A complete restriction: an `SRestriction` and everything below it.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_OBJECT_TYPE};
/// use mapi_provider::view::{Property, RelOp, Restriction};
///
/// let folders = Restriction::And(vec![
///     Restriction::Exist(PR_DISPLAY_NAME_W),
///     Restriction::property(RelOp::Eq, Property::new(PR_OBJECT_TYPE, 3)),
/// ]);
/// # assert!(matches!(folders, Restriction::And(parts) if parts.len() == 2));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Restriction<'a> {
    /// `RES_AND`: all of these hold.
    And(Vec<Restriction<'a>>),
    /// `RES_OR`: one of these holds.
    Or(Vec<Restriction<'a>>),
    /// `RES_NOT`: this does not hold.
    Not(Box<Restriction<'a>>),
    /// `RES_CONTENT`: a string or binary property contains a value.
    Content {
        /// How exactly: `FL_FULLSTRING`, `FL_SUBSTRING` or `FL_PREFIX`, with
        /// `FL_IGNORECASE` and similar flags.
        fuzzy_level: u32,
        /// The property to search.
        tag: PropTag,
        /// What to look for; its tag has the type of the value.
        property: Property<'a>,
    },
    /// `RES_PROPERTY`: a property compares with a value in a given way.
    Property {
        /// How; the property is on the left.
        relop: RelOp,
        /// The property.
        tag: PropTag,
        /// What to compare it with; its tag has the type of the value.
        property: Property<'a>,
    },
    /// `RES_COMPAREPROPS`: two properties of the row compare in a given way.
    CompareProps {
        /// How.
        relop: RelOp,
        /// The property on the left.
        left: PropTag,
        /// The property on the right.
        right: PropTag,
    },
    /// `RES_BITMASK`: bits of a property are set or not.
    BitMask {
        /// Whether they are set.
        test: BitTest,
        /// The property.
        tag: PropTag,
        /// The bits.
        mask: u32,
    },
    /// `RES_SIZE`: a property's value has a certain length.
    Size {
        /// How its length compares with `bytes`.
        relop: RelOp,
        /// The property.
        tag: PropTag,
        /// What to compare the length with.
        bytes: u32,
    },
    /// `RES_EXIST`: there is such a property.
    Exist(PropTag),
    /// `RES_SUBRESTRICTION`: one of a message's recipients or attachments matches this.
    Sub {
        /// `PR_MESSAGE_RECIPIENTS` or `PR_MESSAGE_ATTACHMENTS`.
        object: PropTag,
        /// What it has to match.
        restriction: Box<Restriction<'a>>,
    },
    /// `RES_COMMENT`: properties that explain a restriction and don't change it.
    Comment {
        /// The explanation.
        properties: Vec<Property<'a>>,
        /// What is explained, if anything is.
        restriction: Option<Box<Restriction<'a>>>,
    },
    /// `RES_COUNT`: at most this many matching rows.
    Count {
        /// How many.
        count: u32,
        /// What they have to match.
        restriction: Box<Restriction<'a>>,
    },
    /// `RES_ANNOTATION`: as a comment.
    Annotation {
        /// The annotation.
        properties: Vec<Property<'a>>,
        /// What is annotated, if anything is.
        restriction: Option<Box<Restriction<'a>>>,
    },
}

impl<'a> Restriction<'a> {
    /// A property compares with a value with the same tag.
    pub fn property(relop: RelOp, property: Property<'a>) -> Self {
        let tag = property.tag;
        Self::Property {
            relop,
            tag,
            property,
        }
    }

    /// The restriction without a borrow.
    pub fn into_owned(self) -> Restriction<'static> {
        match self {
            Self::And(parts) => Restriction::And(all_owned(parts)),
            Self::Or(parts) => Restriction::Or(all_owned(parts)),
            Self::Not(part) => Restriction::Not(boxed(*part)),
            Self::Content {
                fuzzy_level,
                tag,
                property,
            } => Restriction::Content {
                fuzzy_level,
                tag,
                property: property.into_owned(),
            },
            Self::Property {
                relop,
                tag,
                property,
            } => Restriction::Property {
                relop,
                tag,
                property: property.into_owned(),
            },
            Self::CompareProps { relop, left, right } => {
                Restriction::CompareProps { relop, left, right }
            }
            Self::BitMask { test, tag, mask } => Restriction::BitMask { test, tag, mask },
            Self::Size { relop, tag, bytes } => Restriction::Size { relop, tag, bytes },
            Self::Exist(tag) => Restriction::Exist(tag),
            Self::Sub {
                object,
                restriction,
            } => Restriction::Sub {
                object,
                restriction: boxed(*restriction),
            },
            Self::Comment {
                properties,
                restriction,
            } => Restriction::Comment {
                properties: properties.into_iter().map(Property::into_owned).collect(),
                restriction: restriction.map(|part| boxed(*part)),
            },
            Self::Count { count, restriction } => Restriction::Count {
                count,
                restriction: boxed(*restriction),
            },
            Self::Annotation {
                properties,
                restriction,
            } => Restriction::Annotation {
                properties: properties.into_iter().map(Property::into_owned).collect(),
                restriction: restriction.map(|part| boxed(*part)),
            },
        }
    }
}

fn all_owned(parts: Vec<Restriction<'_>>) -> Vec<Restriction<'static>> {
    parts.into_iter().map(Restriction::into_owned).collect()
}

fn boxed(part: Restriction<'_>) -> Box<Restriction<'static>> {
    Box::new(part.into_owned())
}

/// How two values compare: `RELOP_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelOp {
    /// `RELOP_LT`: less.
    Lt,
    /// `RELOP_LE`: less or equal.
    Le,
    /// `RELOP_GT`: greater.
    Gt,
    /// `RELOP_GE`: greater or equal.
    Ge,
    /// `RELOP_EQ`: equal.
    Eq,
    /// `RELOP_NE`: not equal.
    Ne,
    /// `RELOP_RE`: like a regular expression.
    Re,
    /// `RELOP_MEMBER_OF_DL`: a member of a distribution list.
    MemberOfDl,
}

impl RelOp {
    const ALL: [Self; 8] = [
        Self::Lt,
        Self::Le,
        Self::Gt,
        Self::Ge,
        Self::Eq,
        Self::Ne,
        Self::Re,
        Self::MemberOfDl,
    ];

    /// MAPI's number for it.
    pub fn code(self) -> u32 {
        match self {
            Self::Lt => RELOP_LT,
            Self::Le => RELOP_LE,
            Self::Gt => RELOP_GT,
            Self::Ge => RELOP_GE,
            Self::Eq => RELOP_EQ,
            Self::Ne => RELOP_NE,
            Self::Re => RELOP_RE,
            Self::MemberOfDl => RELOP_MEMBER_OF_DL,
        }
    }

    /// The meaning of MAPI's number; `None` if it is not a `RELOP_*`.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|relop| relop.code() == code)
    }
}

/// How bits of a property are: `BMR_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BitTest {
    /// `BMR_EQZ`: none of them is set.
    AllClear,
    /// `BMR_NEZ`: at least one of them is set.
    AnySet,
}

impl BitTest {
    /// MAPI's number for it.
    pub fn code(self) -> u32 {
        match self {
            Self::AllClear => BMR_EQZ,
            Self::AnySet => BMR_NEZ,
        }
    }

    /// The meaning of MAPI's number; `None` if it is not a `BMR_*`.
    pub fn from_code(code: u32) -> Option<Self> {
        match code {
            BMR_EQZ => Some(Self::AllClear),
            BMR_NEZ => Some(Self::AnySet),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for relop in RelOp::ALL {
            assert_eq!(RelOp::from_code(relop.code()), Some(relop));
        }
        assert_eq!(RelOp::from_code(4), Some(RelOp::Eq));
        assert_eq!(RelOp::from_code(7), None);
        for code in [0, 1] {
            assert_eq!(BitTest::from_code(code).map(BitTest::code), Some(code));
        }
        assert_eq!(BitTest::from_code(2), None);
    }
}
