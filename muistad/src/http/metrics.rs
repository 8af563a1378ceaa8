//! What is counted of requests.

use std::time::Duration;

use axum::response::Response;
use hyper::Method;

/// What is counted of requests.
#[derive(Default)]
pub(crate) struct Metrics {}

impl Metrics {
    /// Counts a request that was answered.
    pub(crate) fn request(&self, _: &Method, _: &Response, _: Duration) {}
}
