//! Where a link may lead.

use std::fmt;

/// Where a link leads: a page, a mailbox, a telephone, a place in this document or in this system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// What is no address that a document may lead to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a link leads to https://…, mailto:…, tel:… or a heading of the document (#…), not to {0:?}")]
pub struct NotAnAddress(pub String);

/// What an address may begin with.
const BEGINNINGS: [&str; 3] = ["https://", "mailto:", "tel:"];

impl Address {
    /// An address for readers outside: `https://…`, `mailto:…`, `tel:…`, or `#…` for a heading of the same document.
    pub fn public(text: &str) -> Result<Address, NotAnAddress> {
        let whole = |rest: &str| !rest.is_empty() && !rest.chars().any(|sign| sign.is_whitespace() || sign.is_control());
        let known = BEGINNINGS.iter().any(|beginning| text.strip_prefix(beginning).is_some_and(whole));
        let inside = text.strip_prefix('#').is_some_and(whole);
        if known || inside { Ok(Address(text.to_owned())) } else { Err(NotAnAddress(text.to_owned())) }
    }

    /// An address for officers, in this system: `/v1/…`.
    pub fn internal(path: &str) -> Result<Address, NotAnAddress> {
        let well_formed =
            path.starts_with('/') && !path.starts_with("//") && !path.chars().any(|sign| sign.is_whitespace() || sign.is_control());
        if well_formed { Ok(Address(path.to_owned())) } else { Err(NotAnAddress(path.to_owned())) }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The anchor that it names, where it leads to a heading of the same document.
    pub fn anchor(&self) -> Option<&str> {
        self.0.strip_prefix('#')
    }

    /// Whether it leads to this system.
    pub fn is_internal(&self) -> bool {
        self.0.starts_with('/')
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_places_are_led_to() {
        for good in ["https://www.example.org/breaks?x=1", "mailto:breaks@example.org", "tel:+441613428355", "#definitions"] {
            assert_eq!(Address::public(good).unwrap().as_str(), good);
        }
        for bad in [
            "http://example.org",
            "javascript:alert(1)",
            "/v1/lineage",
            "https://",
            "#",
            "",
            "data:text/html,x",
            "https://a b",
            "mailto:a\n",
        ] {
            assert_eq!(Address::public(bad), Err(NotAnAddress(bad.to_owned())));
        }
        assert!(Address::internal("/v1/lineage/x").unwrap().is_internal());
        for bad in ["v1/lineage", "//elsewhere.org", "https://example.org", "/a b"] {
            assert!(Address::internal(bad).is_err(), "{bad}");
        }
    }
}
