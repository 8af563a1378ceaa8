//! `muista user`: the accounts, making and changing one, its password, disabling one.

use std::str::FromStr;

use clap::Subcommand;
use muista_core::error::Error;
use muista_core::model::{
    Change, Channel, Email, FullName, NewPassword, NewUser, Password, PasswordSet, Role, User, UserPatch, UserQuery,
    UserRef, Username,
};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape, due};
use crate::secret;

/// List, add, change and disable accounts, and set passwords
///
/// Alone it is muista user ls. What is done at this machine is done by the account local, which manages the others.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista user add eva --email eva@example.org")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the accounts
    #[command(visible_alias = "list")]
    Ls,
    /// Create an account; on a terminal it asks for the password
    Add {
        /// Its login name, as in muista user add eva
        name: Username,
        /// Its email address, as in --email eva@example.org
        #[arg(long, value_name = "ADDRESS")]
        email: Option<Email>,
        /// The full name of the person, as in --name "Eva Virtanen"
        #[arg(long = "name", value_name = "NAME")]
        full_name: Option<FullName>,
        /// Its role: admin, user or agent, as in --role admin [default: user]
        #[arg(long, value_name = "ROLE")]
        role: Option<Role>,
        /// Read the password from the first line of stdin, as in muista user add eva --password-stdin < password.txt
        #[arg(long)]
        password_stdin: bool,
        /// Succeed if the account exists already, and print it unchanged, as in muista user add eva --if-missing
        #[arg(long)]
        if_missing: bool,
    },
    /// Change an account: your own, or that of NAME
    Edit {
        /// The account, as in muista user edit eva
        name: Option<UserRef>,
        #[command(flatten)]
        changes: Changes,
    },
    /// Set a password: your own, or that of NAME; its sessions end
    Passwd {
        /// The account, as in muista user passwd eva
        name: Option<UserRef>,
        /// Read the password from the first line of stdin, as in muista user passwd --password-stdin < password.txt
        #[arg(long)]
        password_stdin: bool,
        /// Revoke the account's API keys too, as in muista user passwd eva --revoke-keys
        #[arg(long)]
        revoke_keys: bool,
    },
    /// Confirm an address of your account with the code that was sent there
    Confirm {
        /// The code, as in muista user confirm 7KQ2M-XW4PD
        #[arg(required_unless_present = "send")]
        code: Option<String>,
        /// Have another code sent to your email or your phone instead, as in --send email
        #[arg(long, value_name = "CHANNEL", conflicts_with = "code")]
        send: Option<Channel>,
    },
    /// Disable an account: its sessions end, its keys and its password are refused
    Disable {
        /// The account, as in muista user disable eva
        name: UserRef,
    },
    /// Enable a disabled account
    Enable {
        /// The account, as in muista user enable eva
        name: UserRef,
    },
}

/// What `muista user edit` changes.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Its email address, or none, as in --email eva@example.org
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Its phone number, or none, as in --phone +358401234567
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// The zone in which the account reads dates, or none for that of the machine, as in --timezone Europe/Helsinki
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
}

impl Changes {
    /// Reads the values.
    ///
    /// # Errors
    /// `Invalid` for the first that cannot be read.
    fn patch(self) -> Result<UserPatch> {
        Ok(UserPatch {
            email: change(self.email)?,
            phone_number: change(self.phone)?,
            timezone: change(self.timezone)?,
            ..UserPatch::default()
        })
    }
}

/// Reads the value of a flag; `none` empties the field.
fn change<T: FromStr<Err = Error>>(text: Option<String>) -> Result<Change<T>> {
    match text {
        None => Ok(Change::Keep),
        Some(text) if text.eq_ignore_ascii_case("none") => Ok(Change::Clear),
        Some(text) => Ok(Change::Set(text.parse()?)),
    }
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Add { name, email, full_name, role, password_stdin, if_missing } => {
            if if_missing && let Some(user) = named(app, &name).await? {
                return changed(app, "Kept the account", &user);
            }
            let password = match password_stdin || app.can_ask() {
                true => Some(new_password(password_stdin)?),
                false => None,
            };
            let new =
                NewUser { username: name, password, email, name: full_name, phone_number: None, role, timezone: None };
            let open = new.password.is_none();
            let added = app.client().await?.add_user(new).await?;
            if open {
                app.note(&format!("It has no password yet. Set one with: muista user passwd {}", added.username));
            }
            changed(app, "Added the account", &added)
        }
        Verb::Edit { name, changes } => {
            let edited = app.client().await?.edit_user(name, changes.patch()?).await?;
            changed(app, "Changed the account", &edited)
        }
        Verb::Passwd { name, password_stdin, revoke_keys } => passwd(app, name, password_stdin, revoke_keys).await,
        Verb::Confirm { send: Some(channel), .. } => {
            app.client().await?.send_address_code(channel).await?;
            app.note(&format!("A code is on its way by {channel}. Confirm the address with: muista user confirm CODE"));
            Ok(())
        }
        Verb::Confirm { code, .. } => {
            let confirmed = app.client().await?.confirm_address(code.unwrap_or_default()).await?;
            changed(app, "Confirmed an address of", &confirmed)
        }
        Verb::Disable { name } => {
            let disabled = app.client().await?.disable_user(name).await?;
            changed(app, "Disabled the account", &disabled)
        }
        Verb::Enable { name } => {
            let enabled = app.client().await?.enable_user(name).await?;
            changed(app, "Enabled the account", &enabled)
        }
    }
}

/// Returns the account of that name; none where there is none.
async fn named(app: &CommandContext, name: &Username) -> Result<Option<User>> {
    let client = app.client().await?;
    let mut query = UserQuery::default();
    loop {
        let page = client.list_users(query.clone()).await?;
        if let Some(user) = page.items.into_iter().find(|user| user.username.eq_ignore_ascii_case(name)) {
            return Ok(Some(user));
        }
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(None);
        }
    }
}

async fn passwd(app: &CommandContext, user: Option<UserRef>, from_stdin: bool, revoke_keys: bool) -> Result<()> {
    if !from_stdin && !app.can_ask() {
        return Err(Error::invalid("password", "cannot ask for a password: not a terminal")
            .hint("give it on stdin, with --password-stdin")
            .into());
    }
    let client = app.client().await?;
    let password = new_password(from_stdin)?;
    let new = NewPassword { user, old_password: None, password, revoke_keys };
    let set = match client.set_password(new.clone()).await {
        // Asked for only where it is needed: at this machine it is not.
        Err(error) if error.field.as_deref() == Some("oldPassword") && app.can_ask() => {
            let old = secret::ask("Current password")?;
            client.set_password(NewPassword { old_password: Some(old), ..new }).await?
        }
        set => set?,
    };
    if let [_, ..] = set.keys.as_slice() {
        let names: Vec<_> = set.keys.iter().map(|key| key.name.as_str()).collect();
        app.note(&format!(
            "API keys of the account still work: {}. Revoke one with: muista token revoke NAME, or all with --revoke-keys",
            names.join(", ")
        ));
    }
    let out = app.out()?;
    if out.is_table() { changed(app, "Set the password of", &set.user) } else { out.one(&set) }
}

/// The first line of stdin, or what is typed twice.
fn new_password(from_stdin: bool) -> Result<Password> {
    if from_stdin {
        return Ok(Password::parse(secret::from_stdin("password")?.reveal().to_owned())?);
    }
    let typed = secret::ask("New password")?;
    let password = Password::parse(typed.reveal().to_owned())?;
    if secret::ask("Again")? != typed {
        return Err(Error::invalid("password", "the two passwords differ").hint("try again").into());
    }
    Ok(password)
}

async fn ls(app: &CommandContext) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let mut list = out.begin::<User>();
    let mut query = UserQuery::default();
    loop {
        let page = client.list_users(query.clone()).await?;
        list.rows(&page.items)?;
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return list.end();
        }
    }
}

fn changed(app: &CommandContext, what: &str, user: &User) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} {}", user.username)) } else { out.one(user) }
}

impl Noun for PasswordSet {
    const FIELDS: &'static [&'static str] = &["id", "username", "keys"];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("Account", Shape::Text, |set: &Self, _| Cell::new(set.user.username.clone()))]
    }

    fn key(&self) -> String {
        self.user.username.clone()
    }
}

impl Noun for User {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "username",
        "email",
        "emailConfirmedAt",
        "name",
        "phoneNumber",
        "phoneConfirmedAt",
        "role",
        "timezone",
        "disabledAt",
        "version",
        "createdAt",
        "updatedAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        let text = |text: &Option<String>| Cell::new(text.clone().unwrap_or_default());
        vec![
            Column::new("Account", Shape::Text, |user: &Self, _| Cell::new(user.username.clone()).paint(Paint::Label)),
            Column::new("Role", Shape::Short, |user: &Self, _| Cell::new(user.role.as_str())),
            Column::new("Name", Shape::Text, move |user: &Self, _| text(&user.name)),
            Column::new("Mail", Shape::Text, move |user: &Self, _| text(&user.email)),
            Column::new("Disabled", Shape::Short, |user: &Self, view| {
                Cell::new(user.disabled_at.map_or_else(String::new, |at| due::full(at, &view.context)))
            }),
        ]
    }

    fn key(&self) -> String {
        self.username.clone()
    }
}
