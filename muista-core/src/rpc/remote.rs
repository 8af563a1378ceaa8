//! The daemon's side of a connection from another machine: who is it, and for how long. The stream comes as the listener
//! made it, with TLS or without.

use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::hello::{read_line, write_line};
use super::transport::{PREAMBLE_TIME, refuse, serve_until};
use super::{Hello, Proof, Server, Welcome};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Origin;
use crate::service::account::{Credentials, authenticate};
use crate::service::{Caller, Service, Topic};

/// How long a client waits for its refusal, whatever it is refused for.
const REFUSAL_TIME: Duration = Duration::from_millis(500);
/// How long a connection that was opened by a password is served.
const PASSWORD_TIME: Duration = Duration::from_secs(60);
/// How often a token is looked at again, where nothing is said to have changed.
const LOOK_TIME: Duration = Duration::from_secs(60);

/// Serves one accepted connection until the client closes it, until `stop` comes, or until what the client showed is not
/// worth the same any more: then no further call is taken and those in flight are answered.
///
/// A token is looked at again whenever accounts change, and every minute; a password is good for one minute, since to
/// check it again would cost a guess.
///
/// # Errors
/// When the preamble fails or takes longer than 5 s, or nobody is known by what the client shows; the client has been
/// told why where that was possible.
pub async fn serve_remote<S>(
    mut stream: S,
    service: Service,
    peer: IpAddr,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut stop = Box::pin(stop);
    let line = tokio::select! {
        line = read_line(&mut stream) => line?,
        () = &mut stop => return Ok(()),
        () = tokio::time::sleep(PREAMBLE_TIME) => {
            return Err(Error::unavailable(format!("no hello within {} s", PREAMBLE_TIME.as_secs())));
        }
    };
    // Before it is known who asks: nothing that happens from now on may depend on it in time.
    let refusal = tokio::time::Instant::now() + REFUSAL_TIME;
    let admitted = match Hello::read(&line) {
        Ok(hello) => admit(&service, hello, peer).await,
        Err(error) => Err(error),
    };
    let visitor = match admitted {
        Ok(visitor) => visitor,
        Err(error) => {
            tokio::time::sleep_until(refusal).await;
            return refuse(&mut stream, error).await.map(|_| ());
        }
    };
    write_line(&mut stream, &Welcome::greeting()).await?;
    let server = Server::new(service.clone(), visitor.caller.clone());
    let over = async move {
        tokio::select! {
            () = stop => {}
            () = visitor.unknown(&service) => {}
        }
    };
    serve_until(stream, server, over).await;
    Ok(())
}

/// A client of whom it is known who it is.
struct Visitor {
    caller: Caller,
    proof: Proof,
    address: String,
}

/// Finds out who says `hello`.
async fn admit(service: &Service, hello: Hello, peer: IpAddr) -> Result<Visitor> {
    let Some(proof) = hello.proof else {
        return Err(Error::unauthenticated("this daemon wants to know who asks")
            .hint("`muista login HOST:PORT`, or set MUISTA_REMOTE_TOKEN"));
    };
    // What stands in the record of changes is not for the other side to make up.
    let origin = if hello.origin == Origin::Mcp { Origin::Mcp } else { Origin::Cli };
    let (address, shown) = (peer.to_string(), Credentials::from(&proof));
    let caller = authenticate(service, shown, origin, hello.timezone, Some(&address)).await?;
    Ok(Visitor { caller, proof, address })
}

impl Visitor {
    /// Returns once the client is not who it was.
    async fn unknown(&self, service: &Service) {
        if matches!(self.proof, Proof::Password { .. }) {
            return tokio::time::sleep(PASSWORD_TIME).await;
        }
        let mut accounts = service.subscribe(Topic::Accounts);
        loop {
            tokio::select! {
                () = accounts.woken() => {}
                () = tokio::time::sleep(LOOK_TIME) => {}
            }
            if !self.is_still(service).await {
                return;
            }
        }
    }

    /// Returns whether the token still shows the same caller. While nobody can tell, nothing can be asked for either.
    async fn is_still(&self, service: &Service) -> bool {
        let shown = Credentials::from(&self.proof);
        let Caller { origin, timezone, .. } = self.caller.clone();
        match authenticate(service, shown, origin, timezone, Some(&self.address)).await {
            Ok(now) => (now.user, now.role, now.scopes) == (self.caller.user, self.caller.role, self.caller.scopes),
            Err(error) => {
                !matches!(error.kind, ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::NotFound)
            }
        }
    }
}
