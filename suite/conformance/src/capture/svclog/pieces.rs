//! Cutting a log into its elements, whatever happened to it.

/// A part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// An element from its start tag to its end tag.
    Whole { start: usize, bytes: &'a [u8] },
    /// An element that does not end before the next starts, or before the file ends.
    Cut { start: usize, bytes: &'a [u8], at_end: bool },
    /// What stands before, between and after the elements; never empty.
    Between { start: usize, bytes: &'a [u8] },
}

/// The parts of a log, in order, without gap or overlap.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    text: &'a [u8],
    tag: &'static str,
    at: usize,
    /// The next end of a CDATA section and the next start of an element, found once and kept: both only grow.
    section_end: Option<usize>,
    next_start: Option<usize>,
}

impl Piece<'_> {
    pub(super) const fn start(&self) -> usize {
        match self {
            Self::Whole { start, .. } | Self::Cut { start, .. } | Self::Between { start, .. } => *start,
        }
    }
}

impl<'a> Pieces<'a> {
    /// Elements of this name, in any namespace.
    pub(super) fn of(text: &'a [u8], tag: &'static str) -> Self {
        Self { text, tag, at: 0, section_end: Some(0), next_start: Some(0) }
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether a start tag of the element stands at `at`.
    fn starts_at(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        let Some(rest) = rest.strip_prefix(b"<").and_then(|rest| rest.strip_prefix(self.tag.as_bytes()))
        else {
            return false;
        };
        matches!(rest.first(), Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/'))
    }

    fn next_start_from(&mut self, from: usize) -> Option<usize> {
        let mut at = self.next_start?.max(from);
        while !self.starts_at(at) {
            let rest = self.text.get(at + 1..).unwrap_or_default();
            match memchr::memchr(b'<', rest) {
                Some(skip) => at += 1 + skip,
                None => {
                    self.next_start = None;
                    return None;
                }
            }
        }
        self.next_start = Some(at);
        Some(at)
    }

    fn section_end_from(&mut self, from: usize) -> Option<usize> {
        let known = self.section_end?;
        if known < from || known == 0 {
            let rest = self.text.get(from..).unwrap_or_default();
            self.section_end = memchr::memmem::find(rest, b"]]>").map(|at| from + at);
        }
        self.section_end
    }

    /// The element that starts at `start`.
    fn element(&mut self, start: usize) -> Piece<'a> {
        let mut at = start + 1;
        let end_tag = format!("</{}", self.tag);
        while let Some(skip) = memchr::memchr(b'<', self.text.get(at..).unwrap_or_default()) {
            at += skip;
            let rest = self.text.get(at..).unwrap_or_default();
            if rest.starts_with(end_tag.as_bytes()) {
                let Some(close) = memchr::memchr(b'>', rest) else { break };
                let end = at + close + 1;
                self.at = end;
                return Piece::Whole { start, bytes: self.slice(start, end) };
            }
            if self.starts_at(at) {
                self.at = at;
                return Piece::Cut { start, bytes: self.slice(start, at), at_end: false };
            }
            at = if rest.starts_with(b"<![CDATA[") { self.behind_section(at) } else { at + 1 };
        }
        self.at = self.text.len();
        Piece::Cut { start, bytes: self.slice(start, self.text.len()), at_end: true }
    }

    /// Behind the CDATA section at `at`; only behind its start, where it was cut before its end.
    fn behind_section(&mut self, at: usize) -> usize {
        let end = self.section_end_from(at);
        let next = self.next_start_from(at + 1);
        match (end, next) {
            (Some(end), None) => end,
            (Some(end), Some(next)) if end < next => end,
            _ => at + 1,
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let next = self.next_start_from(start);
        if next == Some(start) {
            return Some(self.element(start));
        }
        self.at = next.unwrap_or(self.text.len());
        Some(Piece::Between { start, bytes: self.slice(start, self.at) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn shape(text: &str) -> String {
        let pieces = Pieces::of(text.as_bytes(), "E").map(|piece| {
            let (sign, bytes) = match piece {
                Piece::Whole { bytes, .. } => ("=", bytes),
                Piece::Cut { bytes, at_end: false, .. } => ("!", bytes),
                Piece::Cut { bytes, at_end: true, .. } => ("$", bytes),
                Piece::Between { bytes, .. } => ("~", bytes),
            };
            format!("{sign}{}", String::from_utf8_lossy(bytes))
        });
        pieces.collect::<Vec<_>>().join(" | ")
    }

    #[rstest]
    #[case::two("<E>a</E><E x='1'>b</E >", "=<E>a</E> | =<E x='1'>b</E >")]
    #[case::cut_at_end("<E>a</E><E>b", "=<E>a</E> | $<E>b")]
    #[case::cut_in_end_tag("<E>a</E", "$<E>a</E")]
    #[case::appended("<E>a<E>b</E>", "!<E>a | =<E>b</E>")]
    #[case::start_gone("a</E> <E/>", "~a</E>  | $<E/>")]
    #[case::wrapped("<Es><E>a</E></Es>", "~<Es> | =<E>a</E> | ~</Es>")]
    #[case::section("<E><![CDATA[</E>]]></E>", "=<E><![CDATA[</E>]]></E>")]
    #[case::two_sections(
        "<E><![CDATA[</E>]]><![CDATA[</E>]]></E>b",
        "=<E><![CDATA[</E>]]><![CDATA[</E>]]></E> | ~b"
    )]
    #[case::section_cut("<E><![CDATA[a<E>b</E>", "!<E><![CDATA[a | =<E>b</E>")]
    #[case::section_cut_before_another(
        "<E><![CDATA[a<E><![CDATA[</E>]]></E>",
        "!<E><![CDATA[a | =<E><![CDATA[</E>]]></E>"
    )]
    #[case::nothing("", "")]
    fn cuts(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(shape(text), expected);
    }

    proptest! {
        #[test]
        fn leaves_no_gap(parts in proptest::collection::vec("(<E>|</E>|<E |<!\\[CDATA\\[|\\]\\]>|a|<|>)", 0..40)) {
            let text = parts.concat();
            let mut at = 0;
            for piece in Pieces::of(text.as_bytes(), "E") {
                let (Piece::Whole { start, bytes } | Piece::Cut { start, bytes, .. } | Piece::Between { start, bytes }) =
                    piece;
                prop_assert_eq!(start, at);
                prop_assert!(!bytes.is_empty());
                at += bytes.len();
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
