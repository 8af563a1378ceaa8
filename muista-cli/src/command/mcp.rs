//! `muista mcp`: serves an MCP client over standard input and output, on the connection that every verb has. The tools are
//! the core's.

use jiff::tz::TimeZone;
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::error::{Error, Result as CoreResult};
use muista_core::mcp::{Desk, Seat, serve_stdio};
use muista_core::model::{AgentName, Scopes};
use muista_core::rpc::Client;
use muista_core::service::Caller;
use muista_core::time::{Context, DateOrder};

use crate::app::App;
use crate::error::Result;

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
    let client = app.client_of(args.name).await?;
    let scopes = client.whoami().await?.scopes;
    let Context { zone, date_order, .. } = app.context()?.clone();
    Ok(serve_stdio(OneDesk { client, scopes, zone, date_order }).await?)
}

/// The desk of the one client.
struct OneDesk {
    client: Client,
    scopes: Scopes,
    zone: TimeZone,
    date_order: Option<DateOrder>,
}

impl Desk for OneDesk {
    fn seat(&self, _: Option<&Caller>) -> CoreResult<Seat> {
        let context = Context { now: SystemClock.now(), zone: self.zone.clone(), date_order: self.date_order };
        Ok(Seat { client: self.client.clone(), scopes: self.scopes, context })
    }
}
