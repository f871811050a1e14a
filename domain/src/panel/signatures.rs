//! Signatures of panel members: whoever sits has signed both documents, each for as long as the profile says.

use crate::panel::SignedDocument;
use crate::profile::Number;
use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::{Months, NaiveDate};

/// What must be signed before a seat is taken.
const DOCUMENTS: [SignedDocument; 2] = [SignedDocument::TermsOfReference, SignedDocument::Confidentiality];

/// The days for which a signature counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// What was signed.
    pub document: SignedDocument,
    /// The first day on which it counts.
    pub signed_on: NaiveDate,
    /// The first day on which it no longer counts.
    pub expires_on: NaiveDate,
}

/// A document that a member has no current signature under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacking {
    /// The document.
    pub document: SignedDocument,
    /// The day on which the last signature before that day stopped counting; none, there was none.
    pub expired_on: Option<NaiveDate>,
}

/// What a member would sit without on a day; nothing where the profile asks for no signature.
pub fn lacking(lasts_months: Option<&Number>, signatures: &[Signature], day: NaiveDate) -> Vec<Lacking> {
    if lasts_months.is_none() {
        return Vec::new();
    }
    let lacks = |document: &SignedDocument| {
        let begun = || signatures.iter().filter(|signature| signature.document == *document && signature.signed_on <= day);
        if begun().any(|signature| day < signature.expires_on) {
            return None;
        }
        Some(Lacking { document: *document, expired_on: begun().map(|signature| signature.expires_on).max() })
    };
    DOCUMENTS.iter().filter_map(lacks).collect()
}

/// The first day on which a document will need another signature; none where one was never signed.
pub fn may_sit_until(signatures: &[Signature]) -> Option<NaiveDate> {
    let last = |document| signatures.iter().filter(|signature| signature.document == document).map(|signature| signature.expires_on).max();
    DOCUMENTS.iter().map(|document| last(*document)).min().flatten()
}

/// Refuses a seat at a panel held on a day to a member whose signatures are lacking or lapsed.
pub fn refuse_unsigned(lasts_months: Option<&Number>, signatures: &[Signature], held_on: NaiveDate) -> Result<(), Refusal> {
    let errors: Vec<_> = lacking(lasts_months, signatures, held_on)
        .into_iter()
        .map(|lack| match lack.expired_on {
            Some(day) => FieldError::new("/member_id", "expired", format!("the signature under `{}` expired on {day}", lack.document)),
            None => FieldError::new("/member_id", "missing", format!("no signature under `{}` by {held_on}", lack.document)),
        })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let clause = lasts_months.map(|months| format!(" ({})", months.clause)).unwrap_or_default();
    let detail = format!("Nobody sits without current signatures{clause}; `errors` lists what is missing on {held_on}.");
    Err(Refusal::with_errors(Code::NotReady, errors).detailed(detail))
}

/// The days for which a signature given on a day counts, if it may be recorded today.
pub fn signature(
    lasts_months: Option<&Number>,
    document: SignedDocument,
    signed_on: NaiveDate,
    today: NaiveDate,
) -> Result<Signature, Refusal> {
    let refuse = |field: &str, code: &str, detail: &str| Err(Refusal::invalid(vec![FieldError::new(field, code, detail)]));
    let Some(months) = lasts_months else {
        return refuse("/document", "not_asked_for", "the profile asks for no signature of panel members");
    };
    if signed_on > today {
        return refuse("/signed_on", "future", "a signature is recorded once it is given");
    }
    let expires_on = signed_on.checked_add_months(Months::new(u32::from(months.value)));
    match (expires_on, FinancialYear::of(signed_on)) {
        (Some(expires_on), Ok(_)) => Ok(Signature { document, signed_on, expires_on }),
        _ => refuse("/signed_on", "out_of_range", "the day is outside the supported years"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SignedDocument::{Confidentiality, TermsOfReference};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn year() -> Number {
        Number { value: 12, clause: "Terms 4".to_owned() }
    }

    fn signed(document: SignedDocument, from: &str, to: &str) -> Signature {
        Signature { document, signed_on: day(from), expires_on: day(to) }
    }

    #[test]
    fn a_member_lacks_each_document_that_was_not_signed_or_has_lapsed() {
        let terms = signed(TermsOfReference, "2024-04-08", "2025-04-08");
        let both = [terms, signed(Confidentiality, "2024-05-01", "2025-05-01")];
        let never = |document| Lacking { document, expired_on: None };
        let lapsed = |document, on: &str| Lacking { document, expired_on: Some(day(on)) };
        for (signatures, on, lacks) in [
            (&[] as &[Signature], "2024-06-10", vec![never(TermsOfReference), never(Confidentiality)]),
            (&both[..1], "2024-06-10", vec![never(Confidentiality)]),
            (&both[..], "2024-06-10", vec![]),
            // The first day counts, the day before does not.
            (&both[..], "2024-05-01", vec![]),
            (&both[..], "2024-04-30", vec![never(Confidentiality)]),
            // The last day counts, the day after does not.
            (&both[..], "2025-04-07", vec![]),
            (&both[..], "2025-04-08", vec![lapsed(TermsOfReference, "2025-04-08")]),
            (&both[..], "2025-05-01", vec![lapsed(TermsOfReference, "2025-04-08"), lapsed(Confidentiality, "2025-05-01")]),
        ] {
            assert_eq!(lacking(Some(&year()), signatures, day(on)), lacks, "{on}");
        }
        assert_eq!(lacking(None, &[], day("2024-06-10")), []);
    }

    #[test]
    fn an_earlier_signature_that_lasts_longer_still_counts() {
        let signatures = [
            signed(TermsOfReference, "2024-04-08", "2026-04-08"),
            signed(TermsOfReference, "2024-05-01", "2025-05-01"),
            signed(Confidentiality, "2024-04-08", "2027-04-08"),
        ];
        assert_eq!(lacking(Some(&year()), &signatures, day("2025-06-01")), []);
        assert_eq!(may_sit_until(&signatures), Some(day("2026-04-08")));
        assert_eq!(may_sit_until(&signatures[..2]), None);
        assert_eq!(may_sit_until(&[]), None);
    }

    #[test]
    fn a_seat_is_refused_with_everything_that_is_missing() {
        let terms = [signed(TermsOfReference, "2023-04-08", "2024-04-08")];
        let refusal = refuse_unsigned(Some(&year()), &terms, day("2024-06-10")).unwrap_err();
        assert_eq!(refusal.code, Code::NotReady);
        assert_eq!(refusal.detail, "Nobody sits without current signatures (Terms 4); `errors` lists what is missing on 2024-06-10.");
        let said: Vec<_> = refusal.errors.iter().map(|error| (error.code.as_str(), error.detail.as_str())).collect();
        assert_eq!(
            said,
            [
                ("expired", "the signature under `terms_of_reference` expired on 2024-04-08"),
                ("missing", "no signature under `confidentiality` by 2024-06-10"),
            ]
        );
        assert_eq!(refuse_unsigned(None, &[], day("2024-06-10")), Ok(()));
    }

    #[test]
    fn a_signature_counts_from_its_day_for_the_months_of_the_profile() {
        let today = day("2024-06-10");
        let code = |months: Option<&Number>, on: &str| {
            let signed = signature(months, Confidentiality, day(on), today);
            signed.map(|signed| signed.expires_on).map_err(|refusal| refusal.errors[0].code.clone())
        };
        for (on, expected) in [
            ("2024-06-10", Ok(day("2025-06-10"))),
            ("2024-02-29", Ok(day("2025-02-28"))),
            ("2024-06-11", Err("future".to_owned())),
            ("1066-10-14", Err("out_of_range".to_owned())),
        ] {
            assert_eq!(code(Some(&year()), on), expected, "{on}");
        }
        assert_eq!(code(None, "2024-06-10"), Err("not_asked_for".to_owned()));
    }
}
