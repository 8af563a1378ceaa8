//! A client for agents: typed messages to a Muista daemon's `/agent/message`. What fails for a while is tried again, and a
//! change is made once however often it is tried; what fails for good comes back as one kind of error with a code to go by.
//!
//! ```no_run
//! use muista_agent::{Agent, AskOverdue, CreateTask, ErrorCode, Reminder};
//!
//! # async fn plan() -> Result<(), muista_agent::Error> {
//! let agent = Agent::new("http://127.0.0.1:3000", "muista_…")?.named("zoe");
//! let made = agent
//!     .send(CreateTask {
//!         title: "Buy cat food".into(),
//!         due_date: Some("tomorrow 18:00".into()),
//!         reminders: vec![Reminder::at("30min before")],
//!         ..CreateTask::default()
//!     })
//!     .await?;
//! println!("task {} is due {:?}", made.task.number, made.task.due_date);
//! match agent.send(AskOverdue::default()).await {
//!     Ok(page) => page.items.iter().for_each(|task| println!("{}  {}", task.number, task.title)),
//!     Err(error) if error.code == ErrorCode::Forbidden => println!("ask for a token: {error}"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It knows nothing of how Muista works inside, and needs a tokio runtime.

mod client;
mod error;
mod intent;
mod retry;

pub use client::Agent;
pub use error::{Error, ErrorCode};
pub use intent::{
    AskByCategory, AskOverdue, AskUpcoming, Changed, CreateTask, DeleteTask, Deleted, Intent, Reminder, Run, Started,
    Task, TaskPage, TriggerScript, UpdateTask,
};
pub use retry::Retry;
