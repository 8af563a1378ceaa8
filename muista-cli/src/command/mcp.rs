//! `muista mcp`: serves an MCP client over standard input and output, on the connection that every verb has. The tools are
//! the core's.

use jiff::tz::TimeZone;
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::config::Config;
use muista_core::error::{Error, ErrorKind, Result as CoreResult};
use muista_core::mcp::{Desk, Seat, serve_stdio};
use muista_core::model::{AgentName, Scopes};
use muista_core::rpc::Client;
use muista_core::service::Caller;
use muista_core::time::{Context, DateOrder};
use tokio::sync::Mutex;

use crate::app::App;
use crate::client::Session;
use crate::error::Result;
use crate::place::Address;

/// Serve an MCP client on standard input and output
///
/// For the configuration of an agent's program, which starts it; docs/AGENTS.md has the lines for some. What the agent does
/// is recorded under its name: muista log --actor zoe.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: claude mcp add muista -- muista mcp --name claude")]
pub(crate) struct Args {
    /// What the agent is called in the record of changes, as in --name zoe. With --remote its key's name counts
    #[arg(long, value_name = "NAME", default_value = "agent")]
    name: AgentName,
}

pub(crate) async fn run(app: &App, args: Args) -> Result<()> {
    if args.name.is_reserved() {
        return Err(Error::invalid("name", format!("{} is not an agent's name", &*args.name))
            .hint("choose another, as in --name zoe")
            .into());
    }
    let Context { zone, date_order, .. } = app.context()?.clone();
    let desk = OneDesk {
        config: app.config()?.clone(),
        address: app.address()?,
        agent: args.name,
        zone,
        date_order,
        sessions: Mutex::default(),
    };
    // What cannot be reached is said now, and not with the first thing that the agent wants.
    desk.open().await?;
    Ok(serve_stdio(desk).await?)
}

/// The desk of the one client. It may stay for weeks, in which daemons come and go: the connection is made anew where a
/// daemon was started again, without one the database is opened here, and each call looks for one that has come since.
struct OneDesk {
    config: Config,
    address: Address,
    agent: AgentName,
    zone: TimeZone,
    date_order: Option<DateOrder>,
    sessions: Mutex<Sessions>,
}

/// The connections that are open.
#[derive(Default)]
struct Sessions {
    daemon: Option<Session>,
    /// The database in this process. It stays open beside a daemon, which it disturbs in nothing: calls may be at work on
    /// it, and the daemon may go again.
    here: Option<Session>,
}

impl OneDesk {
    /// A connection that is of use, what may be done on it, and whether a daemon is at its other end.
    async fn open(&self) -> CoreResult<(Client, Scopes, bool)> {
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
        let new = Session::open(&self.config, &self.address, &self.zone, Some(&self.agent)).await?;
        let place = if new.is_daemon() { &mut sessions.daemon } else { &mut sessions.here };
        of_use(place.insert(new)).await
    }
}

async fn of_use(session: &Session) -> CoreResult<(Client, Scopes, bool)> {
    let scopes = session.client().whoami().await?.scopes;
    Ok((session.client(), scopes, session.is_daemon()))
}

impl Desk for OneDesk {
    async fn seat(&self, _: Option<&Caller>) -> CoreResult<Seat> {
        let (client, scopes, daemon) = self.open().await?;
        let context = Context { now: SystemClock.now(), zone: self.zone.clone(), date_order: self.date_order };
        Ok(Seat { client, scopes, context, daemon })
    }

    fn is_here(&self) -> bool {
        true
    }
}
