//! What machine a library is built for, from its first bytes.

use std::env::consts::DLL_EXTENSION;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How much of a file is read: the PE header follows a stub of a few hundred bytes.
const HEAD: u64 = 4096;

/// The format of a library and the machine in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Image {
    format: Format,
    machine: Machine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Elf,
    Pe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Machine {
    X86,
    X64,
    Arm64,
    Other(u16),
}

impl Image {
    /// What this program itself is.
    pub(super) const OURS: Self = Self {
        format: match DLL_EXTENSION.as_bytes() {
            b"dll" => Format::Pe,
            _ => Format::Elf,
        },
        machine: if cfg!(target_arch = "x86_64") {
            Machine::X64
        } else if cfg!(target_arch = "x86") {
            Machine::X86
        } else if cfg!(target_arch = "aarch64") {
            Machine::Arm64
        } else {
            Machine::Other(0)
        },
    };

    /// Examines a file; `None` if it isn't a library at all.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        File::open(path)?.take(HEAD).read_to_end(&mut head)?;
        Ok(Self::parse(&head))
    }

    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\x7FELF") {
            let machine = half(head, 18)?;
            return Some(Self {
                format: Format::Elf,
                machine: Machine::of_elf(machine),
            });
        }
        let header = Self::pe_header(head)?;
        Some(Self {
            format: Format::Pe,
            machine: Machine::of_pe(half(header, 0)?),
        })
    }

    /// What follows the signature of the Windows format; `None` if it is another format.
    pub(super) fn pe_header(bytes: &[u8]) -> Option<&[u8]> {
        if !bytes.starts_with(b"MZ") {
            return None;
        }
        let start = word(bytes, 0x3C)? as usize;
        bytes.get(start..)?.strip_prefix(b"PE\0\0")
    }

    /// The machine's name on command lines; `None` for those that Outlook doesn't run on.
    pub(super) fn arch(self) -> Option<&'static str> {
        match self.machine {
            Machine::X86 => Some("x86"),
            Machine::X64 => Some("x64"),
            Machine::Arm64 => Some("arm64"),
            Machine::Other(_) => None,
        }
    }
}

impl Machine {
    fn of_elf(number: u16) -> Self {
        match number {
            3 => Self::X86,
            62 => Self::X64,
            183 => Self::Arm64,
            other => Self::Other(other),
        }
    }

    fn of_pe(number: u16) -> Self {
        match number {
            0x014C => Self::X86,
            0x8664 => Self::X64,
            0xAA64 => Self::Arm64,
            other => Self::Other(other),
        }
    }
}

pub(super) fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.format {
            Format::Elf => "Linux ",
            Format::Pe => "Windows ",
        })?;
        match self.machine {
            Machine::X86 => f.write_str("on 32-bit x86"),
            Machine::X64 => f.write_str("on 64-bit x86"),
            Machine::Arm64 => f.write_str("on 64-bit ARM"),
            Machine::Other(number) => write!(f, "on machine 0x{number:04X}"),
        }
    }
}
