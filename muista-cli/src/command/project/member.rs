//! `muista project members`, `share` and `unshare`: who is in a project, and what each may do there.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::ErrorKind;
use muista_core::model::{Member, NewMember, ProjectRef, ProjectRole, UserRef};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};

/// List who is in a project
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista project members house")]
pub(super) struct Members {
    /// The project, as in muista project members house
    #[arg(add = ArgValueCompleter::new(complete::projects))]
    project: ProjectRef,
}

/// Share a project with somebody, or change what a member may do
///
/// A member sees all tasks in the project, comments them, adds tasks and changes its own. An admin changes all of them and
/// manages members; an owner may delete the project as well.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista project share house eva --role admin")]
pub(super) struct Share {
    /// The project, as in muista project share house eva
    #[arg(add = ArgValueCompleter::new(complete::projects))]
    project: ProjectRef,

    /// The new member: a username, an email address or an ID, as in muista project share house eva@example.org
    user: UserRef,

    /// Their role: member, admin or owner, as in --role admin [default: member]
    #[arg(long, value_name = "ROLE")]
    role: Option<ProjectRole>,
}

/// Share a project with somebody no longer, or leave it
///
/// No tasks are lost: those of a member who leaves stay in the project, and stay theirs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista project unshare house eva")]
pub(super) struct Unshare {
    /// The project, as in muista project unshare house eva
    #[arg(add = ArgValueCompleter::new(complete::projects))]
    project: ProjectRef,

    /// The member, who may be yourself, as in muista project unshare house eva
    user: UserRef,
}

pub(super) async fn list(app: &CommandContext, args: Members) -> Result<()> {
    let members = app.client().await?.list_members(args.project).await?;
    app.out()?.list(&members)
}

pub(super) async fn share(app: &CommandContext, args: Share) -> Result<()> {
    let client = app.client().await?;
    let (project, user) = (args.project.clone(), args.user.clone());
    let new = NewMember { user: user.clone(), role: args.role.unwrap_or(ProjectRole::Member) };
    let member = match (client.add_member(project.clone(), new).await, args.role) {
        // Somebody who is in it is given the role that was asked for.
        (Err(error), Some(role)) if error.kind == ErrorKind::Conflict => {
            client.edit_member(project, user, role).await?
        }
        (added, _) => added?,
    };
    let role = member.role.as_str().to_lowercase();
    display(app, &member, &format!("Shared the project {} with {} ({role})", args.project, member.username))
}

pub(super) async fn unshare(app: &CommandContext, args: Unshare) -> Result<()> {
    let answer = app.client().await?.remove_member(args.project.clone(), args.user).await?;
    app.notices(&answer.notices);
    let member = answer.value;
    display(app, &member, &format!("The project {} is not shared with {} any more", args.project, member.username))
}

fn display(app: &CommandContext, member: &Member, line: &str) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(line) } else { out.one(member) }
}

impl Noun for Member {
    const FIELDS: &'static [&'static str] =
        &["id", "projectId", "userId", "username", "name", "role", "addedBy", "joinedAt", "createdAt", "updatedAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Member", Shape::Text, |member: &Self, _| {
                Cell::new(member.username.clone()).paint(Paint::Label)
            }),
            Column::new("Name", Shape::Text, |member: &Self, _| Cell::new(member.name.clone().unwrap_or_default())),
            Column::new("Role", Shape::Short, |member: &Self, _| Cell::new(member.role.as_str().to_lowercase())),
        ]
    }

    fn key(&self) -> String {
        self.username.clone()
    }
}
