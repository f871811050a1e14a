//! Lines to be looked at, of one kind: how many there are, and which are the first.

/// Lines named; the others are counted.
const MOST_NAMED: usize = 5;

/// Lines of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    pub(crate) count: i64,
    first: Vec<u64>,
}

impl Noted {
    pub(crate) fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first.len() < MOST_NAMED {
            self.first.push(line);
        }
    }

    /// `line 5`, `lines 5, 7 and 9`, `lines 5, 7, 9, 11, 12 and 40 more`.
    pub(crate) fn places(&self) -> String {
        let named: Vec<_> = self.first.iter().map(u64::to_string).collect();
        let more = self.count - i64::try_from(named.len()).unwrap_or(i64::MAX);
        match (named.split_last(), more) {
            (None, _) => "no line".to_owned(),
            (Some((one, [])), 0) => format!("line {one}"),
            (Some((last, others)), 0) => format!("lines {} and {last}", others.join(", ")),
            (Some(_), more) => format!("lines {} and {more} more", named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_are_named_and_the_rest_counted() {
        let mut noted = Noted::default();
        for (line, expected) in [
            (3, "line 3"),
            (5, "lines 3 and 5"),
            (6, "lines 3, 5 and 6"),
            (7, "lines 3, 5, 6 and 7"),
            (8, "lines 3, 5, 6, 7 and 8"),
            (9, "lines 3, 5, 6, 7, 8 and 1 more"),
        ] {
            noted.add(line);
            assert_eq!(noted.places(), expected);
        }
    }
}
