//! Words, lists and strings in the text of a source file. A `mask` is the text with its strings blanked.

pub fn is_of_word(sign: u8) -> bool {
    sign.is_ascii_alphanumeric() || sign == b'_'
}

/// Where `word` stands as a whole word.
pub fn places_of<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    let starts_word = word.as_bytes().first().is_some_and(|sign| is_of_word(*sign));
    let is_whole = move |at: usize| {
        let before = at == 0 || !starts_word || !is_of_word(bytes[at - 1]);
        let after = bytes.get(at + word.len()).is_none_or(|sign| !is_of_word(*sign) || !is_of_word(word.as_bytes()[word.len() - 1]));
        before && after
    };
    text.match_indices(word).map(|(at, _)| at).filter(move |at| is_whole(*at))
}

/// The places, from `from` on, of the first of `ends` that lies in no bracket; the mask's end otherwise.
pub fn end_of(mask: &str, from: usize, ends: &[u8]) -> usize {
    let (bytes, mut depth, mut at) = (mask.as_bytes(), 0_usize, from);
    while at < bytes.len() {
        let sign = bytes[at];
        if depth == 0 && ends.contains(&sign) {
            return at;
        }
        match sign {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' | b'}' => depth -= 1,
            // A sign in quotes is no bracket.
            b'\'' if bytes.get(at + 2) == Some(&b'\'') => at += 2,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The ranges between the commas of the list that begins after `open`.
pub fn list(mask: &str, open: usize) -> Vec<(usize, usize)> {
    let (mut from, mut ranges) = (open + 1, Vec::new());
    loop {
        let end = end_of(mask, from, b",");
        if !mask[from..end].trim().is_empty() || mask.as_bytes().get(end) == Some(&b',') {
            ranges.push((from, end));
        }
        if mask.as_bytes().get(end) != Some(&b',') {
            return ranges;
        }
        from = end + 1;
    }
}

/// The text of a string literal that is all of the expression.
pub fn literal(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut signs = inner.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => return None,
            '\\' => match signs.next()? {
                '\n' => {
                    let rest = signs.as_str().trim_start();
                    signs = rest.chars();
                }
                'n' => text.push('\n'),
                'u' => {
                    let (code, rest) = signs.as_str().strip_prefix('{')?.split_once('}')?;
                    text.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
                    signs = rest.chars();
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    Some(text)
}

pub fn split(mask: &str, from: usize, to: usize) -> Vec<(usize, usize)> {
    let (mut start, mut ranges) = (from, Vec::new());
    while start < to {
        let end = end_of(mask, start, b",|").min(to);
        ranges.push((start, end));
        start = end + 1;
    }
    ranges
}

/// Whether `fn` at this place begins a function, and is no type of one.
pub fn starts_item(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[line..at].split_whitespace().all(|word| word.starts_with("pub") || ["const", "async", "unsafe"].contains(&word))
}

pub fn string_end(text: &str, open: usize) -> usize {
    let mut signs = text[open + 1..].char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => drop(signs.next()),
            '"' => return open + 2 + at,
            _ => {}
        }
    }
    text.len()
}

/// Where the chain of calls begins that ends at a place: `a` of `a(b).c(d)`.
pub fn chain_start(mask: &str, end: usize) -> usize {
    let (bytes, mut at) = (mask.as_bytes(), end);
    while at > 0 {
        match bytes[at - 1] {
            b')' => {
                let mut depth = 0_usize;
                while at > 0 {
                    at -= 1;
                    match bytes[at] {
                        b')' => depth += 1,
                        b'(' if depth == 1 => break,
                        b'(' => depth -= 1,
                        _ => {}
                    }
                }
            }
            sign if is_of_word(sign) || b".:?".contains(&sign) => at -= 1,
            // A chain may go on in the next line, with a point.
            sign if sign.is_ascii_whitespace() && mask[at..].trim_start().starts_with('.') => at -= 1,
            _ => break,
        }
    }
    at
}
