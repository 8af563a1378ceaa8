//! `muista mcp`: serves an MCP client over standard input and output, on the connection that every verb has. The tools are
//! the core's.

use std::collections::VecDeque;
use std::time::Duration;

use clap_complete::engine::ArgValueCompleter;
use jiff::tz::TimeZone;
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::config::Config;
use muista_core::error::{Error, ErrorKind, Result as CoreResult};
use muista_core::mcp::{ContextProvider, RequestContext, RequestKind, Toolsets, serve_stdio};
use muista_core::model::{AgentName, Identity};
use muista_core::rpc::Client;
use muista_core::service::Caller;
use muista_core::time::{self, Context};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::client::Session;
use crate::complete;
use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::Result;

/// How many requests that do something an agent makes in a second, and how long one waits for its turn, as at the
/// daemon's `/mcp`.
const RATE: usize = 5;
const SECOND: Duration = Duration::from_secs(1);

/// Serve an MCP client on standard input and output
///
/// For the configuration of an agent's program, which starts it; docs/AGENTS.md has the lines for some. What the agent does
/// is recorded under its name: muista log --actor zoe.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: claude mcp add muista -- muista mcp --name claude")]
pub(crate) struct Args {
    /// Name of the agent in the audit log, as in --name zoe. With --remote its key's name counts
    #[arg(long, value_name = "NAME", default_value = "agent")]
    name: AgentName,

    /// The sets of tools that it is offered: default, planning, or both, as in --tools default,planning
    #[arg(long, value_name = "SETS", default_value_t, add = ArgValueCompleter::new(complete::toolsets))]
    tools: Toolsets,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    if args.name.is_reserved() {
        return Err(Error::invalid("name", format!("{} is not an agent's name", &*args.name))
            .hint("choose another, as in --name zoe")
            .into());
    }
    let config = app.config()?;
    let zone = time::zone(config.timezone.as_deref().unwrap_or("system"))?;
    let provider = OneClient {
        config: config.clone(),
        target: app.target()?,
        agent: args.name,
        zone,
        sessions: Mutex::default(),
        turns: Turns::default(),
    };
    // What cannot be reached is said now, and not with the first thing that the agent wants.
    provider.open().await?;
    if let Some(session) = &provider.sessions.lock().await.here {
        app.tell_made(session);
    }
    Ok(serve_stdio(provider, args.tools).await?)
}

/// Answers the one client. It may stay for weeks, in which daemons come and go: the connection is made anew where a
/// daemon was started again, without one the database is opened here, and each call looks for one that has come since.
struct OneClient {
    config: Config,
    target: ConnectionTarget,
    agent: AgentName,
    /// The zone of the configuration, or else of this machine.
    zone: TimeZone,
    sessions: Mutex<Sessions>,
    turns: Turns,
}

/// When the last requests were let in, the latest of them perhaps in a moment.
#[derive(Default)]
struct Turns(Mutex<VecDeque<Instant>>);

impl Turns {
    /// Waits for a turn.
    ///
    /// # Errors
    /// `RateLimited` when that would take longer than a second.
    async fn take(&self) -> CoreResult<()> {
        let now = Instant::now();
        let mut last = self.0.lock().await;
        let first_free = last.front().filter(|_| last.len() == RATE).map(|first| *first + SECOND);
        let turn = first_free.map_or(now, |free| free.max(now));
        if turn > now + SECOND {
            return Err(Error::rate_limited(format!("more than {RATE} requests in a second"), 1)
                .hint("wait a second before the next request"));
        }
        if first_free.is_some() {
            last.pop_front();
        }
        last.push_back(turn);
        drop(last);
        sleep_until(turn).await;
        Ok(())
    }
}

/// The connections that are open.
#[derive(Default)]
struct Sessions {
    daemon: Option<Session>,
    /// The database in this process. It stays open beside a daemon, which it disturbs in nothing: calls may be at work on
    /// it, and the daemon may go again.
    here: Option<Session>,
}

impl OneClient {
    /// Returns a connection that is of use.
    async fn open(&self) -> CoreResult<Opened> {
        let mut sessions = self.sessions.lock().await;
        let Sessions { daemon, here } = &mut *sessions;
        if daemon.is_none() && here.is_some() {
            *daemon = Session::daemon(&self.config, &self.zone, Some(&self.agent)).await;
        }
        for known in [daemon, here] {
            if let Some(session) = known {
                match of_use(session).await {
                    Err(error) if error.kind == ErrorKind::Unavailable => {}
                    told => return told,
                }
            }
            if let Some(broken) = known.take() {
                broken.close();
            }
        }
        let new = Session::open(&self.config, &self.target, &self.zone, Some(&self.agent)).await?;
        let place = if new.is_daemon() { &mut sessions.daemon } else { &mut sessions.here };
        of_use(place.insert(new)).await
    }
}

/// A connection that is of use.
struct Opened {
    client: Client,
    /// On whose behalf it is, and what may be done on it.
    identity: Identity,
    /// Whether a daemon is at its other end.
    daemon: bool,
}

async fn of_use(session: &Session) -> CoreResult<Opened> {
    let client = session.client();
    Ok(Opened { identity: client.whoami().await?, client, daemon: session.is_daemon() })
}

impl ContextProvider for OneClient {
    async fn request_context(&self, _: Option<&Caller>, kind: RequestKind) -> CoreResult<RequestContext> {
        // What a client asks as it connects is no burden to its own machine.
        if kind == RequestKind::Work {
            self.turns.take().await?;
        }
        let Opened { client, identity, daemon } = self.open().await?;
        // The account's zone may change while the client stays.
        let zone = match identity.timezone.filter(|_| self.config.timezone.is_none()) {
            Some(name) => time::zone(&name)?,
            None => self.zone.clone(),
        };
        let time = Context { now: SystemClock.now(), zone, date_order: self.config.date_order };
        Ok(RequestContext { client, scopes: identity.scopes, time, daemon })
    }

    fn is_here(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_requests_a_second_have_their_turn_and_few_more_wait_for_it() {
        let (turns, began) = (Turns::default(), Instant::now());
        let taken = futures::future::join_all((0..13).map(|_| turns.take())).await;
        assert_eq!(began.elapsed(), SECOND, "five more wait");
        let refused: Vec<_> = taken.into_iter().filter_map(Result::err).map(|error| error.kind).collect();
        assert_eq!(refused, [ErrorKind::RateLimited; 3]);
        tokio::time::advance(SECOND).await;
        assert!(turns.take().await.is_ok());
        assert_eq!(began.elapsed(), 2 * SECOND);
    }
}
