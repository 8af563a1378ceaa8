//! `/metrics`: the counters of requests, of the database's lanes, of the engine and of the process, as Prometheus reads
//! them.

use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use muista_core::metrics::{Breaker, ChannelSnapshot, LATENESS};
use muista_core::service::{Service, usage};

use super::BUCKETS;
use super::METHODS;
use super::Metrics;
use super::Route;
use super::STATUSES;
use super::process;
use super::text::{Kind, Text};
use crate::http::app::App;
use crate::http::call::Call;
use crate::http::problem::Reply;

/// How long the database may take to say how much waits in it; else that is left out.
const BACKLOG_TIME: Duration = Duration::from_secs(1);

/// The daemon's counters
///
/// In Prometheus' text format: requests by route, method and status with how long they took, connections, the
/// database's lanes, what the engine did, and the process. Everything counts from the daemon's start, and for this daemon
/// alone; only `muista_backlog` is the database's.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "The counters", body = String, content_type = "text/plain; version=0.0.4"),
))]
pub(crate) async fn metrics(call: Call) -> Reply {
    let mut text = Text::default();
    let build = [("version", env!("CARGO_PKG_VERSION"))];
    text.family("muista_build_info", Kind::Gauge, "Which Muista this is.");
    text.sample("muista_build_info", &build, 1);
    requests(&mut text, &call.app.metrics);
    connections(&mut text, &call.app.metrics);
    lanes(&mut text, call.service());
    backlog(&mut text, call.service()).await;
    backups(&mut text, call.service()).await;
    usage(&mut text, call.service()).await;
    engine(&mut text, &call.app);
    channels(&mut text, &call.service().metrics().snapshot().channels);
    process::show(&mut text, call.service().started_at().as_micros() as f64 / 1e6);
    let mut response = Response::new(Body::from(text.finish()));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// What the accounts take that take the most: so few that the number of series is bounded.
async fn usage(text: &mut Text, service: &Service) {
    let Ok(Ok(accounts)) = tokio::time::timeout(BACKLOG_TIME, usage::largest(service)).await else { return };
    let name = "muista_account_usage";
    text.family(name, Kind::Gauge, "What the 20 accounts take that take the most bytes, local left out.");
    for (account, amounts) in &accounts {
        for (of, amount) in amounts {
            text.sample(name, &[("account", account), ("of", of)], u64::try_from(*amount).unwrap_or_default());
        }
    }
}

fn requests(text: &mut Text, metrics: &Metrics) {
    let routes = metrics.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let all: Vec<&Route> = routes.iter().map(|route| &**route).chain([&metrics.unmatched]).collect();
    let counted = || {
        let methods =
            all.iter().flat_map(|route| route.methods.iter().zip(METHODS).map(|(it, name)| (*route, name, it)));
        methods.filter_map(|(route, method, counts)| Some((route.path.as_str(), method, counts.get()?)))
    };
    let name = "muista_http_requests_total";
    text.family(name, Kind::Counter, "Requests that were answered.");
    for (route, method, counts) in counted() {
        for (status, count) in STATUSES.iter().zip(&counts.statuses) {
            let count = count.load(Relaxed);
            if count > 0 {
                let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                text.sample(name, &[("method", method), ("route", route), ("status", &status)], count);
            }
        }
    }
    let name = "muista_http_request_duration_seconds";
    text.family(name, Kind::Histogram, "How long requests took until their answer began.");
    for (route, method, counts) in counted() {
        let buckets: Vec<u64> = counts.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
        let labels = [("method", method), ("route", route)];
        text.histogram(name, &labels, (&BUCKETS, 1e6), &buckets, counts.micros.load(Relaxed));
    }
}

fn connections(text: &mut Text, metrics: &Metrics) {
    let traffic = &metrics.traffic;
    let help = "Requests that are being worked on or whose answer is being sent.";
    text.single("muista_http_requests_in_flight", Kind::Gauge, help, traffic.in_flight.load(Relaxed));
    let help = "Requests that were given up by those who made them before there was an answer.";
    text.single("muista_http_requests_abandoned_total", Kind::Counter, help, traffic.abandoned.load(Relaxed));
    text.single("muista_http_connections", Kind::Gauge, "Open connections.", traffic.connections.load(Relaxed));
    let help = "Connections that were accepted.";
    text.single("muista_http_connections_total", Kind::Counter, help, traffic.accepted.load(Relaxed));
    let help = "Connections that were closed at once, since their address had too many.";
    text.single("muista_http_connections_refused_total", Kind::Counter, help, traffic.refused.load(Relaxed));
    let help = "Connections that were closed since their clients read nothing of an answer.";
    text.single("muista_http_connections_stalled_total", Kind::Counter, help, traffic.stalled.load(Relaxed));
}

fn lanes(text: &mut Text, service: &Service) {
    let (read, write) = service.load();
    let both = [("read", read), ("write", write)];
    let mut family = |name: &str, kind: Kind, help: &str, value: fn(&muista_core::store::Load) -> u64| {
        text.family(name, kind, help);
        for (lane, load) in &both {
            text.sample(name, &[("lane", lane)], value(load));
        }
    };
    family("muista_database_lanes", Kind::Gauge, "Connections to the database.", |load| load.workers as u64);
    family("muista_database_lanes_busy", Kind::Gauge, "How many of them work.", |load| load.busy as u64);
    family("muista_database_queue", Kind::Gauge, "What waits for one of them.", |load| load.waiting as u64);
    family("muista_database_work_total", Kind::Counter, "What they have done.", |load| load.done);
    let help = "What they cut off, or did not begin, since its time was over.";
    family("muista_database_cut_total", Kind::Counter, help, |load| load.cut);
}

/// What is done by schedule: when it last succeeded, and whether it fails now.
async fn backups(text: &mut Text, service: &Service) {
    let Ok(Ok(status)) = tokio::time::timeout(BACKLOG_TIME, service.status()).await else { return };
    if status.backups.is_empty() {
        return;
    }
    let name = "muista_backup_last_success_timestamp_seconds";
    text.family(name, Kind::Gauge, "When a backup was last made by schedule, and when one was last tried.");
    for duty in &status.backups {
        let at = duty.succeeded_at.map_or(0.0, |at| at.as_micros() as f64 / 1e6);
        text.sample(name, &[("kind", &duty.kind)], at);
    }
    let name = "muista_backup_failing";
    text.family(name, Kind::Gauge, "Whether it failed since it last succeeded.");
    for duty in &status.backups {
        text.sample(name, &[("kind", &duty.kind)], u64::from(duty.failed_at.is_some()));
    }
}

async fn backlog(text: &mut Text, service: &Service) {
    let Ok(Ok(backlog)) = tokio::time::timeout(BACKLOG_TIME, service.backlog()).await else { return };
    text.family("muista_backlog", Kind::Gauge, "What waits in the database for the engine of any daemon.");
    text.sample("muista_backlog", &[("of", "messages")], backlog.messages);
    text.sample("muista_backlog", &[("of", "runs")], backlog.runs);
}

fn engine(text: &mut Text, app: &App) {
    if let Some(watchdog) = &app.vitals.watchdog {
        let name = "muista_engine_duty_age_seconds";
        text.family(name, Kind::Gauge, "How long ago a duty looked around; more than 90 is ill.");
        for (duty, age) in watchdog.ages() {
            text.sample(name, &[("duty", duty)], age.as_secs_f64());
        }
    }
    let counters = app.service.metrics().snapshot();
    let name = "muista_engine_lateness_seconds";
    text.family(name, Kind::Histogram, "How late reminders and jobs fired.");
    text.histogram(name, &[], (&LATENESS, 1e3), &counters.lateness, counters.lateness_micros);
    let (total, free) = counters.slots;
    text.single("muista_run_slots", Kind::Gauge, "How many scripts this daemon runs at a time.", total);
    text.single("muista_run_slots_free", Kind::Gauge, "How many more it could run now.", free);
    let (name, runs) = ("muista_runs_total", counters.runs);
    text.family(name, Kind::Counter, "Runs of scripts, by what became of them.");
    let events = [
        ("started", runs.started),
        ("finished", runs.finished),
        ("failed", runs.failed),
        ("retried", runs.retried),
        ("rescued", runs.rescued),
    ];
    for (event, count) in events {
        text.sample(name, &[("event", event)], count);
    }
}

fn channels(text: &mut Text, channels: &[ChannelSnapshot]) {
    let name = "muista_deliveries_total";
    text.family(name, Kind::Counter, "Messages by channel and what became of them.");
    for one in channels {
        let results = [
            ("claimed", one.claimed),
            ("rescued", one.rescued),
            ("sent", one.sent),
            ("retried", one.retried),
            ("failed", one.failed),
            ("released", one.released),
        ];
        for (result, count) in results {
            text.sample(name, &[("channel", one.channel.as_str()), ("result", result)], count);
        }
    }
    let name = "muista_channel_open";
    text.family(
        name,
        Kind::Gauge,
        "Whether a channel rests since it failed again and again: 1, or 0.5 while it is tried.",
    );
    for one in channels {
        let open = match one.breaker {
            Breaker::Closed => 0.0,
            Breaker::HalfOpen => 0.5,
            Breaker::Open => 1.0,
        };
        text.sample(name, &[("channel", one.channel.as_str())], open);
    }
}
