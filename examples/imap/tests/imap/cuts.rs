//! Which command a connection is cut at, and when.

/// When a connection is cut, with a command that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The server does not get it.
    Before,
    /// It gets half of a message. Only messages count.
    Half,
    /// It does it, and its answer is lost.
    Done,
}

/// The command: 1 is the next one that writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) number: usize,
    pub(crate) moment: Moment,
}

/// Commands that write.
pub(crate) const WRITES: [&str; 8] = [
    " APPEND ", " STORE ", " EXPUNGE", " COPY ", " MOVE ", " CREATE ", " RENAME ", " DELETE ",
];

/// Where a connection is cut among some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// So many still pass.
    pub(crate) passing: usize,
    /// The answer with this tag is waited for; none: nothing is.
    pub(crate) tag: Option<String>,
}

/// Follows what a client says.
#[derive(Default)]
pub(crate) struct Watch {
    line: Vec<u8>,
    /// So much of a literal is still to come.
    literal: usize,
    /// What is left of the literal when the connection is cut.
    cut_at: Option<usize>,
    /// The command ends with the line after its literal.
    tag: Option<String>,
}

impl Watch {
    /// The client says more. Whether and where the connection is cut.
    pub(crate) fn hear(&mut self, bytes: &[u8], order: &mut Order) -> Option<Cut> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.literal > 0 {
                self.literal -= 1;
                if self.cut_at == Some(self.literal) {
                    return Some(Cut {
                        passing: at + 1,
                        tag: None,
                    });
                }
                continue;
            }
            self.line.push(*byte);
            if *byte != b'\n' {
                continue;
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            self.literal = literal(&line);
            if let Some(tag) = self.tag.take_if(|_| self.literal == 0) {
                return Some(Cut {
                    passing: at + 1,
                    tag: Some(tag),
                });
            }
            if self.is_it(&line, order) {
                let tag = line.split(' ').next().unwrap_or_default().to_owned();
                match order.moment {
                    // Without its end, it is none.
                    Moment::Before => {
                        return Some(Cut {
                            passing: at,
                            tag: None,
                        });
                    }
                    Moment::Half => self.cut_at = Some(self.literal / 2),
                    Moment::Done if self.literal > 0 => self.tag = Some(tag),
                    Moment::Done => {
                        return Some(Cut {
                            passing: at + 1,
                            tag: Some(tag),
                        });
                    }
                }
            }
        }
        None
    }

    fn is_it(&self, line: &str, order: &mut Order) -> bool {
        let verbs = match order.moment {
            Moment::Half => &WRITES[..1],
            _ => &WRITES[..],
        };
        if order.number == 0 || !verbs.iter().any(|verb| line.contains(verb)) {
            return false;
        }
        order.number -= 1;
        order.number == 0
    }
}

/// The length of the literal that follows a line.
fn literal(line: &str) -> usize {
    let open = line.trim_end().strip_suffix('}');
    let number = open.and_then(|line| line.rsplit('{').next());
    let number = number.and_then(|number| number.trim_end_matches('+').parse().ok());
    number.unwrap_or(0)
}

/// Whether an answer is the end of a command.
pub(crate) fn is_answer(said: &[u8], tag: &str) -> bool {
    let said = String::from_utf8_lossy(said);
    said.lines().any(|line| {
        line.strip_prefix(tag)
            .is_some_and(|rest| rest.starts_with(' '))
    }) && said.ends_with('\n')
}
