//! What every request passes on its way in, and every answer on its way out: the stack, who calls, how often they may, and
//! entity tags. It knows routes by their specification, and no noun.

pub(super) mod auth;
pub(super) mod cors;
pub(super) mod etag;
pub(super) mod rate_limit;
pub(super) mod request_context;
pub(super) mod sse_limit;
pub(super) mod stack;
