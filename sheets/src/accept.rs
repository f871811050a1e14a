//! What an asker takes: the media type that its `Accept` header likes best, and the name that a file is offered under.

/// The form an answer is wanted in: the one that is `named`, else of the offered ones, each with its media type, the one that the
/// `Accept` header likes best. None when the header takes none of them.
pub fn chosen<F: Copy, const N: usize>(named: Option<F>, header: Option<&str>, offered: [(F, &str); N]) -> Option<F> {
    named.or_else(|| best(header, offered.map(|(_, media_type)| media_type)).map(|place| offered[place].0))
}

/// Which of the offered media types the header likes best, by its place; of equals, the first. A type may carry parameters, which do not
/// count. No header takes anything. None when the header takes none of them.
fn best<const N: usize>(header: Option<&str>, offered: [&str; N]) -> Option<usize> {
    let header = header.unwrap_or("*/*");
    let likings = offered.map(|offer| liking(header, offer));
    let most = likings.into_iter().max().filter(|most| *most > 0)?;
    likings.iter().position(|liking| *liking == most)
}

/// How much a header likes a media type, in thousandths: of the ranges that cover it the most exact one says so.
fn liking(header: &str, offer: &str) -> u32 {
    let exact = offer.split(';').next().unwrap_or_default();
    let family = format!("{}/*", exact.split('/').next().unwrap_or_default());
    let of_range = |range: &str| header.split(',').find_map(|one| liking_of(one, range));
    [exact, &family, "*/*"].into_iter().find_map(of_range).unwrap_or(0)
}

/// How much `one` element of an `Accept` header likes a media range, if it is about that range: `text/csv;q=0.5` is 500.
fn liking_of(one: &str, range: &str) -> Option<u32> {
    let mut parts = one.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(range) {
        return None;
    }
    let quality = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u32>().ok()? * 1000 + thousandths.parse::<u32>().ok()?)
}

/// The `Content-Disposition` of a file that is offered under a name, of which only plain letters, digits and `-_.` remain.
pub fn attachment(name: &str, extension: &str) -> String {
    let is_safe = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
    let safe: String = name.chars().map(|sign| if is_safe(sign) { sign } else { '-' }).collect();
    format!("attachment; filename=\"{safe}.{extension}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: usize = 0;
    const CSV: usize = 1;
    const XLSX: usize = 2;
    const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    const OFFERED: [&str; 3] = ["application/json", "text/csv; charset=utf-8", WORKBOOK];

    #[test]
    fn the_header_decides_by_quality() {
        assert_eq!(best(None, OFFERED), Some(JSON));
        for (header, wanted) in [
            ("*/*", Some(JSON)),
            ("text/csv", Some(CSV)),
            ("TEXT/CSV", Some(CSV)),
            (WORKBOOK, Some(XLSX)),
            ("text/csv, */*;q=0.1", Some(CSV)),
            ("text/csv, application/json;q=0.5", Some(CSV)),
            ("application/json;q=0, text/*", Some(CSV)),
            ("application/json;q=0, application/*", Some(XLSX)),
            ("application/json, text/csv", Some(JSON)),
            (&format!("text/csv;q=0.8, {WORKBOOK};q=0.9"), Some(XLSX)),
            (&format!("{WORKBOOK};q=0.9, text/csv;q=0.9"), Some(CSV)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(JSON)),
            ("application/json;q=0.001, text/csv;q=0.01", Some(CSV)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("image/png", None),
            ("", None),
        ] {
            assert_eq!(best(Some(header), OFFERED), wanted, "{header}");
        }
    }

    #[test]
    fn the_form_that_is_named_comes_before_the_header() {
        let offered = [("json", OFFERED[JSON]), ("csv", OFFERED[CSV]), ("xlsx", OFFERED[XLSX])];
        for (named, header, wanted) in [
            (Some("xlsx"), Some("image/png"), Some("xlsx")),
            (Some("json"), Some("text/csv"), Some("json")),
            (None, Some("text/csv"), Some("csv")),
            (None, None, Some("json")),
            (None, Some("image/png"), None),
        ] {
            assert_eq!(chosen(named, header, offered), wanted, "{named:?} {header:?}");
        }
    }

    #[test]
    fn nothing_escapes_a_files_name() {
        assert_eq!(attachment("agenda \"2024\"\r\n/é", "xlsx"), "attachment; filename=\"agenda--2024-----.xlsx\"");
    }
}
