//! `muista job ls`: the jobs.

use muista_core::model::{Job, JobQuery};

use crate::context::CommandContext;
use crate::error::Result;

/// List the jobs, when they run next and how they ended
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Example: muista job ls -o json")]
pub(super) struct Args {
    /// Jobs of all accounts, for admins, as in muista job ls --all
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let (mut list, mut query, mut listed) = (out.begin::<Job>(), JobQuery { all: args.all, ..JobQuery::default() }, 0);
    loop {
        let page = client.list_jobs(query.clone()).await?;
        list.rows(&page.items)?;
        listed += page.items.len();
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    list.end()?;
    if out.is_table() && listed == 0 {
        app.note("No jobs. Make one with: muista job add weather --script weather --cron \"0 7 * * *\"");
    }
    Ok(())
}
