//! Where a run stands, as one line on a terminal of any width.

use std::fmt::Write;
use std::iter::repeat_n;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use mapi_provider_host::untrusted::Untrusted;

use crate::width;

/// A bar on standard error; nothing where that is no terminal.
pub(super) struct Bar {
    bar: ProgressBar,
    standing: Arc<Mutex<Option<Standing>>>,
}

impl Bar {
    pub(super) fn new() -> Self {
        // Asked each time: windows change.
        Self::on(ProgressDrawTarget::stderr(), || {
            Term::stderr().size().1.into()
        })
    }

    fn on(
        target: ProgressDrawTarget,
        columns: impl Fn() -> usize + Clone + Send + Sync + 'static,
    ) -> Self {
        let standing = Arc::<Mutex<Option<Standing>>>::default();
        let bar = ProgressBar::with_draw_target(None, target);
        let shown = Arc::clone(&standing);
        let line = move |_: &ProgressState, to: &mut dyn Write| {
            let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(standing) = &*shown {
                // Writing to a string can't fail.
                let _ = to.write_str(&standing.line(columns()));
            }
        };
        if let Ok(style) = ProgressStyle::with_template("{line}") {
            bar.set_style(style.with_key("line", line));
        }
        Self { bar, standing }
    }

    /// Shows where the run stands.
    pub(super) fn show(&self, text: &Untrusted, index: u64, max: u64) {
        *self.standing() = Some(Standing {
            text: text.to_string(),
            index: index.min(max),
            max,
        });
        self.bar.tick();
    }

    /// Does something that writes on the terminal, without the bar.
    pub(super) fn suspend<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    /// Takes the bar away. Answers where the run stood, if it has not been answered yet: what may stay on the terminal.
    pub(super) fn finish(&self) -> Option<String> {
        let last = self.standing().take();
        self.bar.finish_and_clear();
        last.map(|standing| words(&standing.text, standing.index, standing.max))
    }

    fn standing(&self) -> MutexGuard<'_, Option<Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a run stands, in words.
pub(super) fn words(text: &str, index: u64, max: u64) -> String {
    match max {
        0 => text.to_owned(),
        max => format!("[{index}/{max}] {text}"),
    }
}

/// Where a run stands. Nobody knows how long it is where `max` is 0.
#[derive(Debug)]
struct Standing {
    text: String,
    index: u64,
    max: u64,
}

/// Fewer columns are no bar, and more say nothing more.
const SHORTEST: usize = 4;
const LONGEST: usize = 32;

/// A text in fewer columns says nothing.
const TEXT: usize = 8;

impl Standing {
    /// A line of so many columns at most. As it becomes narrower first the text is cut and goes, then the bar, and then
    /// the numbers are a percentage.
    fn line(&self, columns: usize) -> String {
        if self.max == 0 {
            return width::cut(&self.text, columns);
        }
        let mut count = format!("{}/{}", self.index, self.max);
        if count.len() > columns.saturating_sub(SHORTEST + 1) {
            count = format!("{}%", u128::from(self.index) * 100 / u128::from(self.max));
        }
        let left = columns.saturating_sub(count.len() + 1);
        let quarter = (columns / 4).clamp(SHORTEST, LONGEST);
        if let Some(text) = left.checked_sub(quarter + 1).filter(|text| *text >= TEXT) {
            let text = width::cut(&self.text, text);
            return format!("{} {count} {text}", self.bar(quarter))
                .trim_end()
                .to_owned();
        }
        match left {
            SHORTEST.. => format!("{} {count}", self.bar(left.min(LONGEST))),
            _ => width::cut(&count, columns),
        }
    }

    fn bar(&self, columns: usize) -> String {
        // Of billions by dozens: no overflow, and no more than there is.
        let done = u128::from(self.index) * columns as u128 / u128::from(self.max.max(1));
        let done = usize::try_from(done).unwrap_or(columns).min(columns);
        let full = repeat_n('█', done);
        full.chain(repeat_n('░', columns - done)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use indicatif::TermLike;

    use super::*;

    const WIDTHS: std::ops::RangeInclusive<usize> = 12..=200;

    const TEXTS: [&str; 5] = [
        "",
        "Downloading: Lunch on Friday?",
        "ダウンロード中：来週の会議について",
        "👩\u{200D}🚀 ☎\u{FE0F} e\u{301}",
        "a very long text that is told by a provider that has much to say about each of the messages that it finds, and \
         which goes on until no terminal in the world is wide enough for all of it, at two hundred columns and more",
    ];

    const COUNTS: [(u64, u64); 7] = [
        (0, 0),
        (0, 1),
        (3, 7),
        (11, 11),
        (999, 100_000),
        (u32::MAX as u64, u32::MAX as u64),
        (u64::MAX, u64::MAX),
    ];

    fn standings() -> impl Iterator<Item = Standing> {
        let texts = TEXTS.iter();
        texts.flat_map(|text| {
            COUNTS.map(|(index, max)| Standing {
                text: (*text).to_owned(),
                index,
                max,
            })
        })
    }

    #[test]
    fn a_line_fits_every_width_and_says_how_far_it_is() {
        for columns in WIDTHS {
            for standing in standings() {
                let line = standing.line(columns);
                let shown = format!("{columns} columns: {line:?} of {standing:?}");
                assert!(width::of(&line) <= columns, "{shown}");
                if standing.max > 0 {
                    let count = format!("{}/{}", standing.index, standing.max);
                    assert!(line.contains(&count) || line.contains('%'), "{shown}");
                    let bar = line.chars().filter(|c| matches!(c, '█' | '░')).count();
                    assert!((SHORTEST..=LONGEST).contains(&bar), "{shown}");
                }
            }
        }
    }

    #[test]
    fn widths_that_no_terminal_has_are_kept_too() {
        for columns in 0..12 {
            for standing in standings() {
                assert!(width::of(&standing.line(columns)) <= columns.max(1));
            }
        }
    }

    #[test]
    fn lines_look_like_this() {
        let standing = Standing {
            text: "Downloading: Lunch on Friday?".to_owned(),
            index: 3,
            max: 6,
        };
        assert_eq!(standing.line(12), "████░░░░ 3/6");
        assert_eq!(standing.line(24), "███░░░ 3/6 Downloading:…");
        assert_eq!(
            standing.line(60),
            "███████░░░░░░░░ 3/6 Downloading: Lunch on Friday?"
        );
        let vast = Standing {
            max: u64::MAX,
            index: u64::MAX / 2,
            ..standing
        };
        assert_eq!(vast.line(12), "███░░░░░ 49%");
    }

    #[test]
    fn what_the_run_did_last_stays() {
        let bar = Bar::on(ProgressDrawTarget::hidden(), || 80);
        assert_eq!(bar.finish(), None);
        bar.show(&"one\n".into(), 1, 3);
        bar.show(&"two\u{1B}".into(), 7, 3);
        assert_eq!(bar.finish().as_deref(), Some(r"[3/3] two\u{1b}"));
        assert_eq!(bar.finish(), None, "once is enough");
    }

    /// A terminal that notes what is written on it.
    #[derive(Clone, Debug)]
    struct Screen {
        columns: u16,
        written: Arc<Mutex<Vec<String>>>,
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            self.columns
        }
        fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
            assert_eq!(lines, 0, "the bar never takes a second line");
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.written.lock().expect("whole").push(text.to_owned());
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_terminal_of_any_width_is_drawn_on_in_one_line() {
        for columns in WIDTHS {
            let screen = Screen {
                columns: columns.try_into().expect("small"),
                written: Arc::default(),
            };
            let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
            let bar = Bar::on(target, move || columns);
            for (text, (index, max)) in TEXTS.into_iter().zip(COUNTS) {
                bar.show(&text.into(), index, max);
            }
            bar.suspend(|| ());
            let written = screen.written.lock().expect("whole").clone();
            assert!(!written.is_empty());
            // A line, and blanks up to the edge.
            for part in &written {
                assert!(width::of(part) <= columns, "{columns} columns: {part:?}");
            }
            assert!(written.iter().any(|part| part.contains("0/1")));
        }
    }
}
