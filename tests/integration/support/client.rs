//! A caller of the server, and what it is answered.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

/// A caller with a token, or without.
#[derive(Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    /// Sent as a bearer token.
    pub token: Option<String>,
    /// Of a second administrator, who agrees what another opens.
    pub(super) second_administrator: String,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Client {
    /// A request to build on.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// Changes what is at a path, of which that version was read.
    pub async fn put(&self, path: &str, version: i64, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).header("If-Match", format!("\"{version}\"")).json(body)).await
    }

    /// With an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// With a body as it is, of a media type.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        send(self.request(Method::POST, path).header("Content-Type", content_type).body(body)).await
    }

    /// Records something and answers with it; anything but 201 fails the test.
    pub async fn record(&self, path: &str, body: &Value) -> Value {
        self.post(path, body).await.expect(201).body
    }

    /// Puts somebody in a post, which a second administrator then agrees where the post is over money; answers with the holding.
    pub async fn put_in_post(&self, holding: &Value) -> Value {
        let holding = self.record("/v1/post-holdings", holding).await;
        self.agree_holding(holding["holding_id"].as_str().unwrap()).await;
        holding
    }

    /// A second administrator agrees a time in a post, if it waits.
    pub async fn agree_holding(&self, holding: &str) {
        let other = Client { token: Some(self.second_administrator.clone()), ..self.clone() };
        let answer = other.post(&format!("/v1/post-holdings/{holding}/agreement"), &serde_json::json!({})).await;
        assert!(answer.status == 201 || answer.text.contains("waits for nobody's agreement"), "{}", answer.text);
    }

    /// All pages of a list, each of `limit` records.
    pub async fn all_pages(&self, path: &str, limit: usize) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{joint}limit={limit}{cursor}")).await.expect(200).body;
            pages.push(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return pages,
            }
        }
    }
}

/// Sends a request and reads the whole answer.
pub async fn send(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Answer { status, headers, text, body }
}

impl Answer {
    /// Fails the test, showing the answer, when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A problem with this status and code, in the form that problems have.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.body["code"], code, "{}", answer.text);
        assert_eq!(answer.body["status"], status);
        assert_eq!(answer.body["type"], format!("urn:short-breaks:problem:{code}"));
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["instance"], format!("urn:uuid:{}", answer.header("x-request-id")));
        answer
    }

    /// The pointers of the field errors, each once, in order of the alphabet.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
        pointers.sort();
        pointers.dedup();
        pointers
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body with ids, instants, hashes and tokens replaced, to be compared with a snapshot.
    pub fn redacted(&self) -> Value {
        redact(&self.body)
    }
}

fn redact(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(redact).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), redact(value))).collect(),
        Value::String(text) => Value::String(redact_text(text)),
        other => other.clone(),
    }
}

fn redact_text(text: &str) -> String {
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    if text.len() == 64 && is_hex(text) {
        return "[hash]".to_owned();
    }
    if text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T' {
        return "[instant]".to_owned();
    }
    if text.starts_with("eyJ") {
        return "[token]".to_owned();
    }
    // Ids stand alone, after `urn:uuid:`, or in a sentence.
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4 && is_hex(&word.replace('-', ""));
    text.split_inclusive([' ', ':', '/'])
        .map(|word| if is_id(word.trim_end()) { word.replace(word.trim_end(), "[id]") } else { word.to_owned() })
        .collect()
}
