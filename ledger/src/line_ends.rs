//! Line ends of any kind as one: LF, CRLF, and CR alone, mixed in one file too. What comes out has LF, so that lines can be counted.

/// The next line mark of Unicode, in UTF-8: what some mainframes end lines with.
const NEXT_LINE: [u8; 2] = [0xc2, 0x85];

/// Which line ends a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnds {
    /// CR, LF or both.
    Usual,
    /// Next line marks and nothing else. In a file that has the usual ones such a mark is a badly converted sign within a cell.
    NextLine,
}

impl LineEnds {
    /// Those of a file that starts so.
    pub(crate) fn of(head: &[u8]) -> Self {
        // One at the very end of the file is the editor's.
        let head = head.trim_ascii_end();
        let has_usual = head.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        let has_mark = head.windows(2).any(|pair| pair == NEXT_LINE);
        if has_mark && !has_usual && std::str::from_utf8(whole_letters(head)).is_ok() { LineEnds::NextLine } else { LineEnds::Usual }
    }
}

/// Without the letter that the end of the start may have cut.
fn whole_letters(head: &[u8]) -> &[u8] {
    let cut = head.iter().rev().take(4).position(|byte| byte & 0xc0 != 0x80).map_or(0, |continued| continued + 1);
    &head[..head.len() - cut]
}

/// Makes every line end of a stream LF, piece by piece.
#[derive(Debug)]
pub(crate) struct Plainer {
    ends: LineEnds,
    is_after_cr: bool,
    /// Whether the piece before ended with the first byte of what may be a next line mark.
    is_held: bool,
}

impl Plainer {
    pub(crate) fn new(ends: LineEnds) -> Self {
        Plainer { ends, is_after_cr: false, is_held: false }
    }

    /// How many bytes the next piece must leave free at its start.
    pub(crate) fn room(&self) -> usize {
        usize::from(self.is_held)
    }

    /// Rewrites a piece where it lies; how many bytes of it are left. After the last piece, which has nothing but [`Plainer::room`],
    /// nothing is held.
    pub(crate) fn take(&mut self, piece: &mut [u8]) -> usize {
        let is_last = piece.len() == self.room();
        if self.is_held {
            piece[0] = NEXT_LINE[0];
        }
        self.is_held = false;
        let (mut kept, mut at) = (0, 0);
        while at < piece.len() {
            let byte = piece[at];
            at += 1;
            let is_after_cr = std::mem::replace(&mut self.is_after_cr, byte == b'\r');
            let plain = match byte {
                // Its CR has become a line end already.
                b'\n' if is_after_cr => continue,
                b'\r' => b'\n',
                _ if byte == NEXT_LINE[0] && self.ends == LineEnds::NextLine => match piece.get(at) {
                    Some(next) if *next == NEXT_LINE[1] => {
                        at += 1;
                        b'\n'
                    }
                    None if !is_last => {
                        self.is_held = true;
                        continue;
                    }
                    _ => byte,
                },
                _ => byte,
            };
            piece[kept] = plain;
            kept += 1;
        }
        kept
    }
}

/// The parts of a record that are parted by what other systems end lines with, where there are any: a form feed, a vertical tab, separators
/// of ASCII, and the marks of Unicode.
pub(crate) fn unusual_parts(record: &[u8]) -> Option<Vec<&[u8]>> {
    let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
    while at < record.len() {
        let length = match &record[at..] {
            [0x0b | 0x0c | 0x1c..=0x1e, ..] => 1,
            [0xc2, 0x85, ..] => 2,
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
            _ => 0,
        };
        if length > 0 {
            parts.push(&record[from..at]);
            from = at + length;
        }
        at += length.max(1);
    }
    parts.push(&record[from..]);
    (parts.len() > 1).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(bytes: &[u8], pieces: usize) -> String {
        let mut plainer = Plainer::new(LineEnds::of(bytes));
        let mut plain = Vec::new();
        for piece in bytes.chunks(pieces.max(1)).chain([&[][..]]) {
            let mut piece = [&vec![0; plainer.room()], piece].concat();
            let kept = plainer.take(&mut piece);
            plain.extend_from_slice(&piece[..kept]);
        }
        String::from_utf8_lossy(&plain).into_owned()
    }

    #[test]
    fn every_line_end_becomes_one() {
        for (text, expected) in [
            ("a\nb\nc", "a\nb\nc"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb\rc\r", "a\nb\nc\n"),
            ("a\rb\rc\r\n", "a\nb\nc\n"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("a\r\r\nb", "a\n\nb"),
            ("a\n\rb", "a\n\nb"),
            ("a\n\nb", "a\n\nb"),
        ] {
            for pieces in 1..5 {
                assert_eq!(plain(text.as_bytes(), pieces), expected, "{text:?} in pieces of {pieces}");
            }
        }
    }

    #[test]
    fn a_next_line_mark_ends_lines_where_nothing_else_does() {
        for pieces in 1..5 {
            assert_eq!(plain("a\u{85}b£\u{85}c\u{a0}".as_bytes(), pieces), "a\nb£\nc\u{a0}", "pieces of {pieces}");
        }
        assert_eq!(plain("a\u{85}b\nc".as_bytes(), 3), "a\u{85}b\nc", "where others do, it is a sign");
        assert_eq!(plain("a\u{85}b\r\n".as_bytes(), 3), "a\nb\n");
        assert_eq!(LineEnds::of(b"a\x85b"), LineEnds::Usual, "in Windows-1252 it is three dots");
        assert_eq!(
            LineEnds::of("a\u{85}bé".as_bytes().split_last().map_or(&[][..], |(_, rest)| rest)),
            LineEnds::NextLine,
            "cut in a letter"
        );
    }

    #[test]
    fn marks_that_part_a_record_are_found() {
        assert_eq!(unusual_parts("a\u{85}b\u{2028}c\u{c}d".as_bytes()).map(|parts| parts.len()), Some(4));
        assert_eq!(unusual_parts("a,b\r\n".as_bytes()), None);
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_end(lines in proptest::collection::vec("[a-z]{1,5}", 1..6), ends in proptest::collection::vec(0_usize..3, 6), pieces in 1_usize..7) {
            let text: String = lines.iter().zip(&ends).map(|(line, end)| line.clone() + ["\n", "\r\n", "\r"][*end]).collect();
            prop_assert_eq!(plain(text.as_bytes(), pieces).lines().map(str::to_owned).collect::<Vec<_>>(), lines);
        }
    }
}
