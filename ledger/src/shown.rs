//! What a message may repeat of a file. A moved cell puts a payee where a date or an amount should be, so only what cannot name anybody
//! is shown: figures, signs, months, and the words that headers are made of.

use crate::text::{is_failed_formula, tidy};

/// A cell is cut after this many letters.
const MOST_LETTERS: usize = 60;
/// Words that dates and amounts are written with.
const OF_DATES_AND_AMOUNTS: [&str; 52] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "am",
    "pm",
    "t",
    "z",
    "st",
    "nd",
    "rd",
    "th",
    "gbp",
    "cr",
    "dr",
];
/// Words that headers are made of. Whole words: many a name begins with one.
const OF_HEADERS: [&str; 158] = [
    "account",
    "accounts",
    "accounting",
    "activity",
    "actual",
    "allocation",
    "amount",
    "amounts",
    "amt",
    "analysis",
    "and",
    "area",
    "authority",
    "beneficiary",
    "body",
    "budget",
    "by",
    "cap",
    "card",
    "category",
    "centre",
    "center",
    "charge",
    "class",
    "classification",
    "cleared",
    "code",
    "codes",
    "coding",
    "company",
    "contract",
    "cost",
    "costs",
    "council",
    "credit",
    "creditor",
    "currency",
    "customer",
    "date",
    "dated",
    "day",
    "debit",
    "department",
    "dept",
    "description",
    "desc",
    "detail",
    "details",
    "directorate",
    "division",
    "doc",
    "document",
    "effective",
    "entry",
    "expenditure",
    "expense",
    "expenses",
    "financial",
    "for",
    "fund",
    "gbp",
    "gl",
    "gross",
    "group",
    "header",
    "id",
    "identifier",
    "in",
    "incl",
    "including",
    "inv",
    "invoice",
    "irrecoverable",
    "item",
    "journal",
    "key",
    "ledger",
    "level",
    "line",
    "local",
    "merchant",
    "month",
    "name",
    "narrative",
    "net",
    "no",
    "nominal",
    "notes",
    "num",
    "number",
    "objective",
    "of",
    "off",
    "on",
    "or",
    "order",
    "org",
    "organisation",
    "organisational",
    "organization",
    "orig",
    "original",
    "paid",
    "pay",
    "payable",
    "payee",
    "paying",
    "payment",
    "payments",
    "period",
    "po",
    "posted",
    "posting",
    "pounds",
    "proclass",
    "procurement",
    "project",
    "purchase",
    "purpose",
    "r",
    "rec",
    "ref",
    "reference",
    "registered",
    "responsible",
    "seq",
    "sequence",
    "sector",
    "service",
    "services",
    "site",
    "spend",
    "status",
    "sub",
    "subcategory",
    "subjective",
    "sum",
    "supplier",
    "suppliers",
    "tax",
    "text",
    "the",
    "to",
    "total",
    "trans",
    "transaction",
    "transactions",
    "type",
    "unit",
    "uri",
    "url",
    "value",
    "values",
    "vat",
    "vendor",
    "voucher",
    "year",
    "yr",
];

/// A cell where a date or an amount should be: as it is, or how long it is.
pub(crate) fn shown(text: &str) -> String {
    let tidied: String = tidy(text).chars().filter(|letter| !letter.is_control()).collect();
    if tidied.is_empty() {
        return "an empty cell".to_owned();
    }
    let folded = tidied.to_lowercase();
    let is_harmless = is_failed_formula(&folded) && !folded.starts_with('=')
        || (tidied.chars().count() <= MOST_LETTERS && words(&folded).all(|word| OF_DATES_AND_AMOUNTS.contains(&word)));
    if is_harmless {
        return format!("\u{201c}{tidied}\u{201d}");
    }
    let letters = match tidied.chars().count() {
        1 => "1 letter".to_owned(),
        several => format!("{several} letters"),
    };
    format!("a text of {letters}, not repeated here as it may name somebody")
}

/// Whether a header is made of nothing but the words of headers.
pub(crate) fn is_plain_header(header: &str) -> bool {
    let folded = header.to_lowercase();
    let is_known = |word: &str| OF_HEADERS.contains(&word);
    header.chars().count() <= MOST_LETTERS && words(&folded).next().is_some() && words(&folded).all(is_known)
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_name_somebody_is_not_repeated() {
        for name in [
            "Ann Example",
            "02/04/2024 Ann Example",
            "100.00 to A. Example",
            "Mr May Example",
            "=CONCAT(Ann)",
            "#Ann!",
            "Ann",
            "ЖЗ",
            "Example (Ann)",
        ] {
            let said = shown(name);
            assert!(said.contains("letters") && !said.contains("Ann") && !said.contains("Example") && !said.contains('Ж'), "{said}");
            assert!(!is_plain_header(name), "{name}");
        }
        for plain in ["31/02/2024", "02/04/2024 700002", "£1,23.4", "31 April 2024", "#N/A", "12.00 CR-", "2024-13-01T00:00Z"] {
            assert_eq!(shown(plain), format!("\u{201c}{plain}\u{201d}"));
        }
        assert_eq!(shown(" \t"), "an empty cell");
        assert!(shown(&"9".repeat(200)).starts_with("a text of 200 letters"));
    }

    #[test]
    fn headers_are_known_by_their_words() {
        for header in
            ["Dated", "Net Amount (£)", "Cost Centre", "Supplier Name", "Transaction No.", "Body Name", "Merchant Category", "Date Paid"]
        {
            assert!(is_plain_header(header), "{header}");
        }
        for other in ["", "6401", "Ann", "Direct payment to Ann", "Example Ltd", "Noah Costain", "Ida Payne"] {
            assert!(!is_plain_header(other), "{other}");
        }
    }
}
