//! When a request was made before: what its idempotency key and its content decide.

use crate::{Code, Refusal};

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt<A> {
    /// It is done for the first time.
    New,
    /// It was done before: the first answer is given again.
    Again(A),
}

/// What came first under a request's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before<A> {
    /// What was asked for: its SHA-256.
    pub request_sha256: String,
    /// What was answered.
    pub answer: A,
}

/// Whether a request is new, given what came before under its key; none, it has no key or the key is new. Refused, the key came first
/// with another request.
pub fn attempt<A>(before: Option<Before<A>>, request_sha256: &str) -> Result<Attempt<A>, Refusal> {
    match before {
        None => Ok(Attempt::New),
        Some(before) if before.request_sha256 == request_sha256 => Ok(Attempt::Again(before.answer)),
        Some(_) => {
            let detail = "Use a new key for a new request; this one came first with another path or body.";
            Err(Refusal::new(Code::IdempotencyKeyReused, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_is_answered_again_and_another_is_refused() {
        let before = |request: &str| Some(Before { request_sha256: request.to_owned(), answer: "the first answer" });
        for (before, request, decided) in [
            (None, "one", Ok(Attempt::New)),
            (before("one"), "one", Ok(Attempt::Again("the first answer"))),
            (before("one"), "two", Err(Code::IdempotencyKeyReused)),
        ] {
            assert_eq!(attempt(before.clone(), request).map_err(|refusal| refusal.code), decided, "{before:?} {request}");
        }
    }
}
