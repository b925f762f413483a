//! A restriction is looked at once, before any row is: what can't be decided is refused.

use mapi_provider_abi::mapi::{
    MAPI_E_TOO_COMPLEX, MV_FLAG, PR_ACCOUNT_W, PR_ANR_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W,
    PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS, PR_SMTP_ADDRESS_W, PT_ERROR, PT_LONG, PT_NULL,
    PT_OBJECT, PT_UNSPECIFIED, PropTag,
};
use mapi_provider_abi::view::{BitTest, PropValue, Property, RelOp, Restriction};

use super::super::fault::{Fault, Result};
use super::super::source::{Parts, PropId};
use super::super::value::{widened, without_instances};
use super::names::NameWords;
use super::needle::Needle;
use super::{Column, Condition, Counted, Node};

/// The deepest nesting (STORE-15).
const DEEPEST: usize = 32;

/// The names of a row that `PR_ANR` looks in (AB-17).
pub(super) const NAMES: [PropTag; 4] = [
    PR_DISPLAY_NAME_W,
    PR_ACCOUNT_W,
    PR_EMAIL_ADDRESS_W,
    PR_SMTP_ADDRESS_W,
];

/// Makes a restriction ready. `names` says whether `PR_ANR` may be asked for.
///
/// # Errors
///
/// It can't be decided: `MAPI_E_TOO_COMPLEX` (STORE-15).
pub(in super::super) fn compile(restriction: &Restriction<'_>, names: bool) -> Result<Condition> {
    let mut compiler = Compiler {
        names,
        within_part: false,
        counts: Vec::new(),
        properties: Vec::new(),
    };
    let root = compiler.node(restriction, DEEPEST)?;
    Ok(compiler.finish(root))
}

struct Compiler {
    names: bool,
    /// Of a recipient or an attachment.
    within_part: bool,
    counts: Vec<Counted>,
    properties: Vec<PropId>,
}

impl Compiler {
    fn finish(mut self, root: Node) -> Condition {
        self.properties.sort_unstable();
        self.properties.dedup();
        Condition {
            root,
            counts: self.counts,
            properties: self.properties,
        }
    }

    fn node(&mut self, restriction: &Restriction<'_>, depth: usize) -> Result<Node> {
        let Some(depth) = depth.checked_sub(1) else {
            return too_complex("the restriction is nested too deep");
        };
        Ok(match restriction {
            Restriction::And(parts) => Node::All(self.nodes(parts, depth)?),
            Restriction::Or(parts) => Node::Any(self.nodes(parts, depth)?),
            Restriction::Not(part) => Node::Not(Box::new(self.node(part, depth)?)),
            Restriction::Content {
                fuzzy_level,
                tag,
                property,
            } => self.content(*fuzzy_level, *tag, property)?,
            Restriction::Property {
                relop,
                tag,
                property,
            } => self.compare(*relop, *tag, property)?,
            Restriction::CompareProps { relop, left, right } => {
                self.columns(*relop, *left, *right)?
            }
            Restriction::BitMask { test, tag, mask } => self.bits(*test, *tag, *mask)?,
            Restriction::Size { relop, tag, bytes } => Node::Size {
                relop: relation(*relop)?,
                column: self.column(*tag),
                bytes: *bytes as usize,
            },
            Restriction::Exist(tag) => Node::Exists(self.column(*tag)),
            Restriction::Sub {
                object,
                restriction,
            } => self.part(*object, restriction, depth)?,
            // It explains, and changes nothing.
            Restriction::Comment { restriction, .. }
            | Restriction::Annotation { restriction, .. } => match restriction {
                Some(inner) => self.node(inner, depth)?,
                None => Node::All(Vec::new()),
            },
            Restriction::Count { count, restriction } => self.count(*count, restriction, depth)?,
            _ => return too_complex("this kind of restriction is not supported"),
        })
    }

    fn nodes(&mut self, parts: &[Restriction<'_>], depth: usize) -> Result<Vec<Node>> {
        parts.iter().map(|part| self.node(part, depth)).collect()
    }

    /// STORE-18: a row for each value means any value here.
    fn column(&mut self, tag: PropTag) -> Column {
        self.properties.push(tag.id());
        Column {
            property: tag.id(),
            prop_type: without_instances(tag.prop_type()),
        }
    }

    fn content(&mut self, fuzzy: u32, tag: PropTag, property: &Property<'_>) -> Result<Node> {
        let column = self.column(tag);
        check_types(tag, column.prop_type & !MV_FLAG, &property.value)?;
        let needle = Needle::new(fuzzy, &property.value);
        let Some(needle) = needle else {
            return too_complex(format!("{tag} can't be searched like this"));
        };
        Ok(Node::Content { column, needle })
    }

    fn compare(&mut self, relop: RelOp, tag: PropTag, property: &Property<'_>) -> Result<Node> {
        let relop = relation(relop)?;
        if tag.id() == PR_ANR_W.id() {
            return self.ambiguous(relop, tag, &property.value);
        }
        let column = self.column(tag);
        let value = &property.value;
        let is_list = value.prop_type() & MV_FLAG != 0;
        if is_list {
            if !matches!(relop, RelOp::Eq | RelOp::Ne) {
                return too_complex("a list is larger or smaller than none");
            }
            check_types(tag, column.prop_type, value)?;
        } else {
            check_types(tag, column.prop_type & !MV_FLAG, value)?;
        }
        Ok(Node::Compare {
            column,
            relop,
            with: value.clone().into_owned(),
        })
    }

    /// AB-17
    fn ambiguous(&mut self, relop: RelOp, tag: PropTag, value: &PropValue<'_>) -> Result<Node> {
        let text = value.to_text();
        let (Some(text), RelOp::Eq, true) = (text, relop, self.names && !self.within_part) else {
            return too_complex(format!("{tag} can't be asked for like this"));
        };
        self.properties.extend(NAMES.map(PropTag::id));
        Ok(Node::Names(NameWords::new(&text)))
    }

    fn columns(&mut self, relop: RelOp, left: PropTag, right: PropTag) -> Result<Node> {
        let relop = relation(relop)?;
        let (left_column, right_column) = (self.column(left), self.column(right));
        let (one, other) = (left_column.prop_type, right_column.prop_type);
        let is_open = one == PT_UNSPECIFIED || other == PT_UNSPECIFIED;
        if !is_open && widened(one) != widened(other) {
            return too_complex(format!("{left} and {right} are not of one type"));
        }
        if !is_open && (!is_value(one) || one & MV_FLAG != 0) {
            return too_complex(format!("{left} has nothing to compare"));
        }
        Ok(Node::Columns {
            relop,
            left: left_column,
            right: right_column,
        })
    }

    fn bits(&mut self, test: BitTest, tag: PropTag, mask: u32) -> Result<Node> {
        let column = self.column(tag);
        if !matches!(column.prop_type, PT_LONG | PT_UNSPECIFIED) {
            return too_complex(format!("{tag} has no bits"));
        }
        Ok(Node::Bits {
            column,
            mask,
            set: test == BitTest::AnySet,
        })
    }

    fn part(
        &mut self,
        object: PropTag,
        restriction: &Restriction<'_>,
        depth: usize,
    ) -> Result<Node> {
        let parts = match object.id() {
            id if id == PR_MESSAGE_RECIPIENTS.id() => Parts::Recipients,
            id if id == PR_MESSAGE_ATTACHMENTS.id() => Parts::Attachments,
            _ => return too_complex(format!("{object} has no rows to look at")),
        };
        if self.within_part {
            return too_complex("recipients and attachments have none of their own");
        }
        let mut inner = Self {
            names: false,
            within_part: true,
            counts: Vec::new(),
            properties: Vec::new(),
        };
        let root = inner.node(restriction, depth)?;
        if !inner.counts.is_empty() {
            return too_complex("recipients and attachments are not counted");
        }
        Ok(Node::Part {
            parts,
            condition: Box::new(inner.finish(root)),
        })
    }

    fn count(&mut self, most: u32, restriction: &Restriction<'_>, depth: usize) -> Result<Node> {
        let node = self.node(restriction, depth)?;
        self.counts.push(Counted { most, node });
        Ok(Node::Count(self.counts.len() - 1))
    }
}

/// STORE-15: the six relations, and no other.
fn relation(relop: RelOp) -> Result<RelOp> {
    match relop {
        RelOp::Lt | RelOp::Le | RelOp::Gt | RelOp::Ge | RelOp::Eq | RelOp::Ne => Ok(relop),
        _ => too_complex("this relation is not supported"),
    }
}

/// Whether there are values of a type that can be compared.
fn is_value(prop_type: u32) -> bool {
    !matches!(prop_type & !MV_FLAG, PT_NULL | PT_ERROR | PT_OBJECT)
}

/// STORE-15: types that don't match are refused, whether or not any row has such a property.
fn check_types(tag: PropTag, prop_type: u32, value: &PropValue<'_>) -> Result<()> {
    let own = value.prop_type();
    let matches = prop_type == PT_UNSPECIFIED || widened(prop_type) == widened(own);
    if matches && is_value(own) && own != PT_UNSPECIFIED {
        return Ok(());
    }
    too_complex(format!(
        "{tag} can't be compared with a value of type 0x{own:04X}"
    ))
}

fn too_complex<T>(text: impl Into<std::borrow::Cow<'static, str>>) -> Result<T> {
    Err(Fault::new(MAPI_E_TOO_COMPLEX, text))
}
