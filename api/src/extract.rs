//! Reading a request: a JSON body checked against its own schema, parameters of which every unknown one is refused.

use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, IF_MATCH};
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use domain::{Code, FieldError, Refusal};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::Duration;
use utoipa::ToSchema;

/// The largest JSON body taken, in bytes.
pub const MOST_BODY_BYTES: usize = 256 * 1024;
/// How long a body may take to arrive.
const MOST_BODY_TIME: Duration = Duration::from_secs(30);
/// Field errors told at once; a body cannot make an answer grow without bound.
const MOST_ERRORS: usize = 50;

/// A JSON body that fits the schema the OpenAPI document shows for it.
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// SHA-256 of method, path and bytes: what makes two requests the same for an idempotency key.
    pub request_sha256: String,
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_of_type(request, "application/json");
        let (method, path) = (request.method().to_string(), request.path().to_owned());
        let payload = payload.take();
        async move {
            if !is_json {
                return Err(Problem::new(Code::UnsupportedMediaType, "Send the body as application/json."));
            }
            let bytes = body_in_time(payload).await?;
            let mut digest = Sha256::new();
            for part in [method.as_bytes(), b"\n", path.as_bytes(), b"\n", &bytes] {
                digest.update(part);
            }
            Ok(Body { value: parse(&bytes)?, request_sha256: db::audit::hex(&digest.finalize()) })
        }
        .boxed_local()
    }
}

fn is_of_type(request: &HttpRequest, wanted: &str) -> bool {
    let sent = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

/// A body that may also come as a form, as OAuth's token requests do.
pub struct FormOrJson<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for FormOrJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_of_type(request, "application/x-www-form-urlencoded") {
            return Body::from_request(request, payload).map(|body| body.map(|body| FormOrJson(body.value))).boxed_local();
        }
        let payload = payload.take();
        async move {
            let bytes = body_in_time(payload).await?;
            let fields: serde_json::Map<_, _> =
                form_urlencoded::parse(&bytes).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect();
            parse(Value::Object(fields).to_string()).map(FormOrJson)
        }
        .boxed_local()
    }
}

async fn body_in_time(payload: Payload) -> Result<Bytes, Problem> {
    let body = timeout(MOST_BODY_TIME, whole_body(payload)).await;
    body.unwrap_or_else(|_| Err(Problem::new(Code::TooSlow, "The body did not arrive within half a minute.")))
}

async fn whole_body(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::MalformedJson, "The body broke off."))?;
        if bytes.len() + chunk.len() > MOST_BODY_BYTES {
            return Err(Problem::new(Code::TooLarge, format!("The largest body taken is {MOST_BODY_BYTES} bytes.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Parses JSON and checks it against `T`'s schema, telling every bad field.
pub fn parse<T: DeserializeOwned + ToSchema>(bytes: impl AsRef<[u8]>) -> Result<T, Problem> {
    let value: Value = serde_json::from_slice(bytes.as_ref())
        .map_err(|error| Problem::new(Code::MalformedJson, format!("At line {}, column {} of the body.", error.line(), error.column())))?;
    let errors: Vec<_> =
        validator::<T>()?.iter_errors(&value).take(MOST_ERRORS).flat_map(|error| field_errors(&error)).take(MOST_ERRORS).collect();
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors).into());
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = format!("/{}", error.path().to_string().replace('.', "/"));
        Refusal::invalid(vec![FieldError { pointer, code: "invalid".into(), detail: error.inner().to_string() }]).into()
    })
}

/// What a mistake is for whoever sent the body. A field that is missing, and each one too many, is named itself and not the
/// object around it. Masked: the answer says what is wrong with a value without repeating it.
fn field_errors(error: &ValidationError<'_>) -> Vec<FieldError> {
    let (code, around) = (error.kind().keyword().to_string(), error.instance_path().to_string());
    let within = |field: &str| format!("{around}/{}", field.replace('~', "~0").replace('/', "~1"));
    let at = |pointer: String, detail: String| FieldError { pointer, code: code.clone(), detail };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![at(within(property.as_str().unwrap_or_default()), "this field is missing".to_owned())]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|field| at(within(field), "there is no such field".to_owned())).collect()
        }
        // Of a body that has no fields at all: the library does not say which one was sent.
        ValidationErrorKind::FalseSchema => vec![at(around.clone(), "there are no fields here".to_owned())],
        // The expression of a line of text helps nobody; a short one, as of a code, does.
        ValidationErrorKind::Pattern { pattern } if pattern.len() > 80 => {
            vec![at(around.clone(), "this has a control character, or a space at an end, or nothing in it".to_owned())]
        }
        _ => vec![at(around.clone(), error.masked().to_string())],
    }
}

/// The validator of a type's schema, made once.
fn validator<T: ToSchema>() -> Result<Arc<Validator>, Problem> {
    static MADE: LazyLock<RwLock<HashMap<String, Arc<Validator>>>> = LazyLock::new(RwLock::default);
    let name = T::name().into_owned();
    if let Some(made) = MADE.read().unwrap_or_else(PoisonError::into_inner).get(&name) {
        return Ok(made.clone());
    }
    let mut schemas = vec![(name.clone(), T::schema())];
    T::schemas(&mut schemas);
    let schemas: HashMap<_, _> = schemas.into_iter().collect();
    let root = json!({ "$ref": format!("#/components/schemas/{name}"), "components": { "schemas": schemas } });
    let made = jsonschema::options().should_validate_formats(true).build(&root).map_err(Problem::internal)?;
    let made = Arc::new(made);
    MADE.write().unwrap_or_else(PoisonError::into_inner).insert(name, made.clone());
    Ok(made)
}

/// The version that a change is of, from `If-Match`: as the `ETag` of what was read.
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get(IF_MATCH) else {
            let detail = "Send `If-Match` with the `ETag` of what you read, such as \"3\".";
            return ready(Err(Problem::new(Code::VersionNeeded, detail)));
        };
        let version = value.to_str().ok().map(|text| text.trim().trim_matches('"')).and_then(|text| text.parse().ok());
        ready(match version.filter(|version| *version >= 0) {
            Some(version) => Ok(IfMatch(version)),
            None => Err(Problem::new(Code::InvalidParameter, "`If-Match` is the `ETag` of what you read, such as \"3\".")),
        })
    }
}

/// Query parameters. An unknown one, or one out of its range, is refused by name.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string().as_bytes();
        if form_urlencoded::parse(query).any(|(name, value)| name.chars().chain(value.chars()).any(char::is_control)) {
            return ready(Err(Problem::new(Code::InvalidParameter, "A parameter holds a control character.")));
        }
        let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query));
        ready(serde_path_to_error::deserialize(deserializer).map(Params).map_err(|error| {
            let pointer = format!("?{}", error.path());
            Refusal::bad_parameter(&pointer, "invalid", error.inner().to_string()).into()
        }))
    }
}

/// Several values in one parameter, separated by commas; at most 100.
#[derive(Debug, Clone)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Many<T>
where
    T::Err: Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let values: Vec<T> = text.split(',').map(|one| one.parse().map_err(D::Error::custom)).collect::<Result<_, _>>()?;
        if values.len() <= 100 { Ok(Many(values)) } else { Err(D::Error::custom("at most 100 values")) }
    }
}
