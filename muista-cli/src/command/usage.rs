//! `muista usage`: what an account takes, beside what it may take.

use muista_core::model::{Amount, Usage, UserQuery, UserRef};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};

/// Show the usage and the limits of your account
///
/// The account local has no limits. Limits are set by limits.tasks, limits.text_bytes and limits.file_bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista usage --all")]
pub(crate) struct Args {
    /// Show all accounts, for admins, as in muista usage --all
    #[arg(long, conflicts_with = "user")]
    all: bool,
    /// Show another account, for admins, as in --user eva
    #[arg(long, value_name = "NAME")]
    user: Option<UserRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    if !args.all {
        let usage = client.usage(args.user).await?;
        return if out.is_table() { out.list(&[usage]) } else { out.one(&usage) };
    }
    let mut list = out.begin::<Usage>();
    let mut query = UserQuery::default();
    loop {
        let page = client.list_usage(query.clone()).await?;
        list.rows(&page.items)?;
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return list.end();
        }
    }
}

impl Noun for Usage {
    const FIELDS: &'static [&'static str] = &["userId", "username", "tasks", "textBytes", "fileBytes", "files"];

    fn columns() -> Vec<Column<Self>> {
        let cell = |amount: Amount, show: fn(i64) -> String| {
            let text = match amount.limit {
                Some(limit) => format!("{} of {}", show(amount.used), show(limit)),
                None => show(amount.used),
            };
            let cell = Cell::new(text);
            if amount.is_near() { cell.paint(Paint::Alarm) } else { cell }
        };
        vec![
            Column::new("Account", Shape::Text, |usage: &Self, _| {
                Cell::new(usage.username.clone()).paint(Paint::Label)
            }),
            Column::new("Tasks", Shape::Short, move |usage: &Self, _| cell(usage.tasks, |count| count.to_string())),
            Column::new("Text", Shape::Short, move |usage: &Self, _| cell(usage.text_bytes, bytes)),
            Column::new("Files", Shape::Short, move |usage: &Self, _| cell(usage.file_bytes, bytes)),
        ]
    }

    fn key(&self) -> String {
        self.username.clone()
    }
}

/// A number of bytes in the largest unit of which there is one: `1.5 MiB`.
fn bytes(count: i64) -> String {
    let units = [(1_i64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) => {
            let tenths = count.saturating_mul(10) / size;
            if tenths % 10 == 0 {
                format!("{} {unit}", tenths / 10)
            } else {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            }
        }
        None => format!("{count} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_their_largest_unit() {
        for (count, shown) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1_600_000, "1.5 MiB"), (1 << 30, "1 GiB")]
        {
            assert_eq!(bytes(count), shown);
        }
    }
}
