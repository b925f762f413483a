//! Properties to be written: values of ours as MAPI takes them.

use super::properties::Value;
use super::text::to_utf16;
use mapi_provider_abi::internal::wipe;
use mapi_provider_abi::mapi::{
    PT_BINARY, PT_BOOLEAN, PT_LONG, PT_UNICODE, PropTag, SBinary, SPropValue, SPropValueUnion,
};

/// An array of properties, and the memory that they point into.
pub(super) struct Outgoing {
    /// Pointed into, and wiped in the end.
    _buffers: Vec<Buffer>,
    values: Vec<SPropValue>,
}

impl Outgoing {
    /// The properties with these values.
    pub(super) fn new(properties: &[(PropTag, Value)]) -> Self {
        let mut buffers: Vec<Buffer> = properties
            .iter()
            .map(|(_, value)| Buffer::new(value))
            .collect();
        let values = properties
            .iter()
            .zip(&mut buffers)
            .map(|((tag, value), buffer)| buffer.property(*tag, value))
            .collect();
        // What the values point to doesn't move with the buffers.
        Self {
            _buffers: buffers,
            values,
        }
    }

    /// How many there are, as MAPI counts them.
    pub(super) fn count(&self) -> u32 {
        self.values.len() as u32
    }

    /// The array, as MAPI takes it; it is there for as long as this.
    pub(super) fn as_mut_ptr(&mut self) -> *mut SPropValue {
        self.values.as_mut_ptr()
    }
}

/// An SPropValue; all of it that the tag does not use is zero.
pub(super) fn property(tag: PropTag, set: impl FnOnce(&mut SPropValueUnion)) -> SPropValue {
    // SAFETY: all zeros is a value of every field.
    let mut value: SPropValueUnion = unsafe { std::mem::zeroed() };
    set(&mut value);
    SPropValue {
        ulPropTag: tag,
        dwAlignPad: 0,
        Value: value,
    }
}

/// Memory that a property points into. It is wiped, for it may be a secret (ENTRY-11); that is why
/// properties to be written are not built with MAPI's allocators, whose memory is freed as it is.
enum Buffer {
    None,
    Wide(Vec<u16>),
    Bytes(Vec<u8>),
}

impl Buffer {
    fn new(value: &Value) -> Self {
        match value {
            Value::Text(text) => Self::Wide(to_utf16(text.expose())),
            Value::Binary(bytes) => Self::Bytes(bytes.clone()),
            Value::Long(_) | Value::Boolean(_) => Self::None,
        }
    }

    /// The property; it points into the buffer.
    fn property(&mut self, asked: PropTag, value: &Value) -> SPropValue {
        let id = asked.id();
        match (self, value) {
            (Self::Wide(text), _) => property(PropTag::new(id, PT_UNICODE), |value| {
                value.lpszW = text.as_mut_ptr()
            }),
            (Self::Bytes(bytes), _) => {
                let bin = SBinary {
                    cb: bytes.len() as u32,
                    lpb: bytes.as_mut_ptr(),
                };
                property(PropTag::new(id, PT_BINARY), |value| value.bin = bin)
            }
            (Self::None, Value::Boolean(yes)) => property(PropTag::new(id, PT_BOOLEAN), |value| {
                value.b = u16::from(*yes)
            }),
            (Self::None, Value::Long(number)) => {
                property(PropTag::new(id, PT_LONG), |value| value.l = *number)
            }
            (Self::None, Value::Text(_) | Value::Binary(_)) => property(asked, |_| {}),
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        match self {
            Self::Wide(text) => wipe(text),
            Self::Bytes(bytes) => wipe(bytes),
            Self::None => {}
        }
    }
}
