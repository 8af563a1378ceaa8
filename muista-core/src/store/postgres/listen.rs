//! LISTEN, on a connection of its own, which belongs to the caller's runtime and not to a worker.

use std::convert::Infallible;
use std::pin::pin;

use futures::{StreamExt as _, stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};

use super::connect::is_clear;
use super::{Postgres, SIGNALS, state};
use crate::error::{Error, Result};
use crate::store::change_listener::{ChangeNotification, RESTORED};
use crate::store::tls;

/// Listens until the connection ends.
pub(crate) async fn listen(postgres: &Postgres, heard: impl Fn(ChangeNotification<'_>)) -> Result<Infallible> {
    let mut config = postgres.config()?;
    let hosts = config.get_hosts().len();
    if is_clear(&config) {
        let connected = config.ssl_mode(SslMode::Disable).connect(NoTls).await;
        let (client, connection) = connected.map_err(|e| state::of_connection(&e, &postgres.name, hosts))?;
        return follow(&client, connection, heard).await;
    }
    let tls = tls::connector(postgres.ca.as_deref())?;
    let connected = config.ssl_mode(SslMode::Require).connect(tls).await;
    let (client, connection) = connected.map_err(|e| state::of_connection(&e, &postgres.name, hosts))?;
    follow(&client, connection, heard).await
}

async fn follow<S, T>(
    client: &Client,
    mut connection: Connection<S, T>,
    heard: impl Fn(ChangeNotification<'_>),
) -> Result<Infallible>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    // The connection does nothing unless it is asked for messages, not even what the client sends.
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let command = format!("LISTEN {SIGNALS}");
    let mut listening = pin!(client.batch_execute(&command));
    let mut begun = false;
    loop {
        tokio::select! {
            answer = &mut listening, if !begun => {
                answer.map_err(|e| state::of_query(&e))?;
                begun = true;
                heard(ChangeNotification::Listening);
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(said))) if said.payload() == RESTORED => heard(ChangeNotification::Restored),
                Some(Ok(AsyncMessage::Notification(said))) => heard(ChangeNotification::Said(said.payload())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(state::of_query(&error)),
                None => return Err(Error::unavailable("the database closed the connection")),
            }
        }
    }
}
