//! How restrictions lie in the file: packed as properties are, so that a process of any width reads them. Their strings are
//! Unicode, whatever they were set as (STORE-27).

use mapi_provider_abi::mapi::{
    PropTag, RES_AND, RES_ANNOTATION, RES_BITMASK, RES_COMMENT, RES_COMPAREPROPS, RES_CONTENT,
    RES_COUNT, RES_EXIST, RES_NOT, RES_OR, RES_PROPERTY, RES_SIZE, RES_SUBRESTRICTION,
};
use mapi_provider_abi::view::{BitTest, Property, RelOp, Restriction};

use super::decoder::Decoder;
use super::{Encoder, VERSION};
use crate::database::error::{Error, Result};
use crate::database::property::unicode;

/// The deepest nesting that is kept.
const DEEPEST: usize = 64;

/// The bytes of a restriction.
///
/// # Errors
///
/// [`Error::Invalid`]: it is nested more than 64 deep, or of a kind that is not known.
pub fn encode_restriction(restriction: &Restriction<'_>) -> Result<Vec<u8>> {
    let mut to = Encoder(vec![VERSION]);
    to.restriction(restriction, DEEPEST)?;
    Ok(to.0)
}

/// The restriction of some bytes.
///
/// # Errors
///
/// They are none, or damaged.
pub fn decode_restriction(bytes: &[u8]) -> Result<Restriction<'static>> {
    let mut from = Decoder(bytes);
    let read = match from.take() {
        Some([VERSION]) => from.restriction(DEEPEST),
        _ => None,
    };
    let whole = read.filter(|_| from.0.is_empty());
    whole.ok_or_else(|| Error::Corrupt("the criteria of a search folder make no sense".into()))
}

impl Encoder {
    fn restriction(&mut self, restriction: &Restriction<'_>, depth: usize) -> Result<()> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::Invalid("the restriction is nested too deep"));
        };
        match restriction {
            Restriction::And(parts) => self.parts(RES_AND, parts, depth)?,
            Restriction::Or(parts) => self.parts(RES_OR, parts, depth)?,
            Restriction::Not(part) => {
                self.kind(RES_NOT);
                self.restriction(part, depth)?;
            }
            Restriction::Content {
                fuzzy_level,
                tag,
                property,
            } => {
                self.kind(RES_CONTENT);
                self.number(u64::from(*fuzzy_level));
                self.tag(*tag);
                self.property(property);
            }
            Restriction::Property {
                relop,
                tag,
                property,
            } => {
                self.kind(RES_PROPERTY);
                self.relop(*relop);
                self.tag(*tag);
                self.property(property);
            }
            Restriction::CompareProps { relop, left, right } => {
                self.kind(RES_COMPAREPROPS);
                self.relop(*relop);
                self.tag(*left);
                self.tag(*right);
            }
            Restriction::BitMask { test, tag, mask } => {
                self.kind(RES_BITMASK);
                self.number(u64::from(test.code()));
                self.tag(*tag);
                self.number(u64::from(*mask));
            }
            Restriction::Size { relop, tag, bytes } => {
                self.kind(RES_SIZE);
                self.relop(*relop);
                self.tag(*tag);
                self.number(u64::from(*bytes));
            }
            Restriction::Exist(tag) => {
                self.kind(RES_EXIST);
                self.tag(*tag);
            }
            Restriction::Sub {
                object,
                restriction,
            } => {
                self.kind(RES_SUBRESTRICTION);
                self.tag(*object);
                self.restriction(restriction, depth)?;
            }
            Restriction::Count { count, restriction } => {
                self.kind(RES_COUNT);
                self.number(u64::from(*count));
                self.restriction(restriction, depth)?;
            }
            Restriction::Comment {
                properties,
                restriction,
            } => self.comment(RES_COMMENT, properties, restriction.as_deref(), depth)?,
            Restriction::Annotation {
                properties,
                restriction,
            } => self.comment(RES_ANNOTATION, properties, restriction.as_deref(), depth)?,
            _ => return Err(Error::Invalid("this kind of restriction can't be kept")),
        }
        Ok(())
    }

    fn kind(&mut self, kind: u32) {
        self.number(u64::from(kind));
    }

    fn tag(&mut self, tag: PropTag) {
        self.number(u64::from(tag.unicode().0));
    }

    fn relop(&mut self, relop: RelOp) {
        self.number(u64::from(relop.code()));
    }

    fn property(&mut self, property: &Property<'_>) {
        self.tag(property.tag);
        self.value(&unicode(property.value.clone().into_owned()));
    }

    fn parts(&mut self, kind: u32, parts: &[Restriction<'_>], depth: usize) -> Result<()> {
        self.kind(kind);
        self.count(parts.len());
        parts
            .iter()
            .try_for_each(|part| self.restriction(part, depth))
    }

    fn comment(
        &mut self,
        kind: u32,
        properties: &[Property<'_>],
        restriction: Option<&Restriction<'_>>,
        depth: usize,
    ) -> Result<()> {
        self.kind(kind);
        self.count(properties.len());
        properties.iter().for_each(|one| self.property(one));
        self.count(usize::from(restriction.is_some()));
        restriction.map_or(Ok(()), |inner| self.restriction(inner, depth))
    }
}

impl Decoder<'_> {
    fn restriction(&mut self, depth: usize) -> Option<Restriction<'static>> {
        let depth = depth.checked_sub(1)?;
        Some(match self.long()? {
            RES_AND => Restriction::And(self.restrictions(depth)?),
            RES_OR => Restriction::Or(self.restrictions(depth)?),
            RES_NOT => Restriction::Not(Box::new(self.restriction(depth)?)),
            RES_CONTENT => Restriction::Content {
                fuzzy_level: self.long()?,
                tag: self.tag()?,
                property: self.tagged()?,
            },
            RES_PROPERTY => Restriction::Property {
                relop: self.relop()?,
                tag: self.tag()?,
                property: self.tagged()?,
            },
            RES_COMPAREPROPS => Restriction::CompareProps {
                relop: self.relop()?,
                left: self.tag()?,
                right: self.tag()?,
            },
            RES_BITMASK => Restriction::BitMask {
                test: BitTest::from_code(self.long()?)?,
                tag: self.tag()?,
                mask: self.long()?,
            },
            RES_SIZE => Restriction::Size {
                relop: self.relop()?,
                tag: self.tag()?,
                bytes: self.long()?,
            },
            RES_EXIST => Restriction::Exist(self.tag()?),
            RES_SUBRESTRICTION => Restriction::Sub {
                object: self.tag()?,
                restriction: Box::new(self.restriction(depth)?),
            },
            RES_COUNT => Restriction::Count {
                count: self.long()?,
                restriction: Box::new(self.restriction(depth)?),
            },
            RES_COMMENT => {
                let (properties, restriction) = self.comment(depth)?;
                Restriction::Comment {
                    properties,
                    restriction,
                }
            }
            RES_ANNOTATION => {
                let (properties, restriction) = self.comment(depth)?;
                Restriction::Annotation {
                    properties,
                    restriction,
                }
            }
            _ => return None,
        })
    }

    fn long(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn tag(&mut self) -> Option<PropTag> {
        self.long().map(PropTag)
    }

    fn relop(&mut self) -> Option<RelOp> {
        self.long().and_then(RelOp::from_code)
    }

    fn tagged(&mut self) -> Option<Property<'static>> {
        let tag = self.tag()?;
        let prop_type = self.long()?;
        let value = self.value(prop_type)?;
        Some(Property { tag, value })
    }

    fn restrictions(&mut self, depth: usize) -> Option<Vec<Restriction<'static>>> {
        (0..self.count()?)
            .map(|_| self.restriction(depth))
            .collect()
    }

    #[allow(clippy::type_complexity, reason = "the two members of a comment")]
    fn comment(
        &mut self,
        depth: usize,
    ) -> Option<(Vec<Property<'static>>, Option<Box<Restriction<'static>>>)> {
        let properties: Option<Vec<_>> = (0..self.count()?).map(|_| self.tagged()).collect();
        let restriction = match self.number()? {
            0 => None,
            1 => Some(Box::new(self.restriction(depth)?)),
            _ => return None,
        };
        Some((properties?, restriction))
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::{
        FL_IGNORECASE, FL_SUBSTRING, PR_DISPLAY_NAME_W, PR_HASATTACH, PR_MESSAGE_DELIVERY_TIME,
        PR_MESSAGE_FLAGS, PR_MESSAGE_RECIPIENTS, PR_MESSAGE_SIZE, PR_SUBJECT_A, PR_SUBJECT_W,
    };
    use mapi_provider_abi::view::{FileTime, PropValue};
    use proptest::prelude::*;

    use super::*;

    /// One of each kind.
    fn sample() -> Restriction<'static> {
        let name = || Property::new(PR_DISPLAY_NAME_W, "Ännchen");
        let explained = || vec![Property::new(PR_MESSAGE_SIZE, 7), name()];
        let time = Property::new(PR_MESSAGE_DELIVERY_TIME, FileTime::from_ticks(1 << 60));
        Restriction::And(vec![
            Restriction::Or(vec![]),
            Restriction::Not(Box::new(Restriction::Exist(PR_HASATTACH))),
            Restriction::Content {
                fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
                tag: PR_SUBJECT_W,
                property: Property::new(PR_SUBJECT_W, "lunch"),
            },
            Restriction::property(RelOp::Ge, time),
            Restriction::CompareProps {
                relop: RelOp::Ne,
                left: PR_SUBJECT_W,
                right: PR_DISPLAY_NAME_W,
            },
            Restriction::BitMask {
                test: BitTest::AllClear,
                tag: PR_MESSAGE_FLAGS,
                mask: u32::MAX,
            },
            Restriction::Size {
                relop: RelOp::Lt,
                tag: PR_SUBJECT_W,
                bytes: 300,
            },
            Restriction::Sub {
                object: PR_MESSAGE_RECIPIENTS,
                restriction: Box::new(Restriction::property(RelOp::Eq, name())),
            },
            Restriction::Count {
                count: 3,
                restriction: Box::new(Restriction::Exist(PR_SUBJECT_W)),
            },
            Restriction::Comment {
                properties: explained(),
                restriction: Some(Box::new(Restriction::And(vec![]))),
            },
            Restriction::Annotation {
                properties: explained(),
                restriction: None,
            },
        ])
    }

    #[test]
    fn store_42_a_restriction_comes_back() {
        let bytes = encode_restriction(&sample()).expect("kept");
        assert_eq!(decode_restriction(&bytes).expect("whole"), sample());
    }

    #[test]
    fn store_42_the_form_is_the_same_for_every_width() {
        let restriction = Restriction::And(vec![
            Restriction::Exist(PR_HASATTACH),
            Restriction::property(RelOp::Gt, Property::new(PR_MESSAGE_SIZE, 300)),
        ]);
        let bytes = encode_restriction(&restriction).expect("kept");
        let expected = [
            1, 0, 2, // version, AND, two parts
            8, 0x8B, 0x80, 0xEC, 0x70, // EXIST PR_HASATTACH
            4, 2, 0x83, 0x80, 0xA0, 0x70, // PROPERTY > PR_MESSAGE_SIZE
            0x83, 0x80, 0xA0, 0x70, 3, 0xD8, 4, // PR_MESSAGE_SIZE, PT_LONG, 300
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn store_27_strings_of_restrictions_are_unicode() {
        let narrow = Restriction::Content {
            fuzzy_level: 0,
            tag: PR_SUBJECT_A,
            property: Property::new(PR_SUBJECT_A, PropValue::ansi("a")),
        };
        let wide = Restriction::Content {
            fuzzy_level: 0,
            tag: PR_SUBJECT_W,
            property: Property::new(PR_SUBJECT_W, "a"),
        };
        let bytes = encode_restriction(&narrow).expect("kept");
        assert_eq!(decode_restriction(&bytes).expect("whole"), wide);
    }

    #[test]
    fn what_is_cut_short_is_not_read() {
        let bytes = encode_restriction(&sample()).expect("kept");
        for end in 0..bytes.len() {
            assert!(decode_restriction(&bytes[..end]).is_err(), "{end} bytes");
        }
        assert!(decode_restriction(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn deep_nesting_is_refused_both_ways() {
        let mut deep = Restriction::Exist(PR_SUBJECT_W);
        for _ in 0..DEEPEST {
            deep = Restriction::Not(Box::new(deep));
        }
        assert!(encode_restriction(&deep).is_err());
        let bytes = [&[VERSION][..], &[2; 100_000]].concat();
        assert!(decode_restriction(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(mut bytes: Vec<u8>) {
            let _ = decode_restriction(&bytes);
            bytes.insert(0, VERSION);
            let _ = decode_restriction(&bytes);
        }
    }
}
