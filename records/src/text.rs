//! Strings that are checked where they enter: past the edge an invalid one cannot exist.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// No control characters, no marks that change the direction of writing; at either end no space either.
const PATTERN: &str = r"^[^\u0000-\u0020\u007f-\u00a0\u2028-\u202e\u2066-\u2069]([^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*[^\u0000-\u0020\u007f-\u00a0\u2028-\u202e\u2066-\u2069])?$";

/// A single line of text: 1 to `MAX` characters, none of them a control character, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(pub String);

impl<const MAX: usize> PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("One line, no control characters, no space at either end"))
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(PATTERN))
            .into()
    }
}

impl<const MAX: usize> ToSchema for Text<MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Text{MAX}"))
    }
}

/// As [`PATTERN`], with line breaks inside.
const PARAGRAPHS: &str = r"^[^\u0000-\u0020\u007f-\u00a0\u2028-\u202e\u2066-\u2069]([^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*[^\u0000-\u0020\u007f-\u00a0\u2028-\u202e\u2066-\u2069])?$";

/// Several lines of text: 1 to `MAX` characters, no control character but the line feed, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paragraphs<const MAX: usize>(pub String);

impl<const MAX: usize> PartialSchema for Paragraphs<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Paragraphs: line feeds but no other control characters, no space at either end"))
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(PARAGRAPHS))
            .into()
    }
}

impl<const MAX: usize> ToSchema for Paragraphs<MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Paragraphs{MAX}"))
    }
}

/// A record's id: a UUID in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Id(pub String);

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hyphen = |place: usize| matches!(place, 8 | 13 | 18 | 23);
        let is_uuid = text.len() == 36
            && text
                .bytes()
                .enumerate()
                .all(|(place, byte)| if is_hyphen(place) { byte == b'-' } else { byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) });
        if is_uuid { Ok(Id(text)) } else { Err("an id is a UUID in lower case") }
    }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A record's id"))
            .format(Some(SchemaFormat::Custom("uuid".to_owned())))
            .pattern(Some("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"))
            .examples(["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11"])
            .into()
    }
}

impl ToSchema for Id {}

/// A code, such as a budget line's: a lower-case letter, then letters, digits and underscores, 2 to 60 in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CodeText(pub String);

impl TryFrom<String> for CodeText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if domain::profile::is_code(&text) {
            Ok(CodeText(text))
        } else {
            Err("a code is 2 to 60 lower-case letters, digits and underscores, a letter first")
        }
    }
}

impl PartialSchema for CodeText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Lower-case letters, digits and underscores, a letter first"))
            .pattern(Some("^[a-z][a-z0-9_]{1,59}$"))
            .examples(["direct_payments"])
            .into()
    }
}

impl ToSchema for CodeText {}
