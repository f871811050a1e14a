//! Counts and durations of requests, by route and never by what was in it.

use crate::problem::Problem;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};
use std::time::Duration;

/// What `/metrics` shows.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
}

impl Metrics {
    /// Metrics that start at nought.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(Opts::new("http_requests_total", "Requests answered"), &["method", "route", "status"])?;
        let seconds = HistogramVec::new(HistogramOpts::new("http_request_duration_seconds", "Time to answer"), &["method", "route"])?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Metrics { registry, requests, seconds })
    }

    /// Counts one request.
    pub fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// In Prometheus' text format.
    pub fn text(&self) -> Result<String, Problem> {
        TextEncoder::new().encode_to_string(&self.registry.gather()).map_err(Problem::internal)
    }
}
