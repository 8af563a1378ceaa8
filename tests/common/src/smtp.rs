//! A mail server of 127.0.0.1 that does what a test tells it, message by message, and keeps what it got. It knows the
//! commands of RFC 5321 that a client needs, logins, and no encryption.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::serving::{Serving, lock};

/// What the server does with the next message or connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Takes the message.
    Accept,
    /// Greets the next connection with this code.
    Greet(u16),
    /// Greets the next connection once [`SmtpServer::answer`] is called.
    GreetLater,
    /// Answers the sender with this code.
    RefuseSender(u16),
    /// Answers the next login with this code.
    RefuseLogin(u16),
    /// Answers the recipient with this code.
    RefuseRecipient(u16),
    /// Answers the end of the text with this code.
    RefuseText(u16),
    /// Takes the message, and closes the connection instead of saying so.
    DropAfterText,
    /// Takes the message, and says nothing until the client goes.
    Hold,
    /// Takes the message, and says so once [`SmtpServer::answer`] is called.
    Later,
}

/// A message that the server took, whether or not it said so.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// The sender's address on the envelope.
    pub from: String,
    /// The recipients' addresses on the envelope.
    pub to: Vec<String>,
    /// Headers and text, lines ended by `\n`, dots unstuffed.
    pub text: String,
}

impl Mail {
    /// The header's value, on one line.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// The `Message-ID`, with its angle brackets.
    pub fn message_id(&self) -> Option<String> {
        self.header("Message-ID")
    }
}

#[derive(Default)]
struct State {
    acts: VecDeque<Act>,
    mails: Vec<Mail>,
    logins: Vec<String>,
    greetings: Vec<String>,
    goodbyes: usize,
    connections: usize,
    answering: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The server; dropping it stops it.
pub struct SmtpServer {
    port: u16,
    shared: Arc<Shared>,
    serving: Option<Serving>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl SmtpServer {
    /// A server on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// A server on `port`.
    ///
    /// # Panics
    /// When the port is in use.
    pub fn start_at(port: u16) -> Self {
        let mut server = Self { port, shared: Arc::default(), serving: None };
        server.restart();
        server
    }

    /// Where it listens, also while it is stopped.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes the port and every connection. What was kept and told stays.
    pub fn stop(&mut self) {
        self.answer();
        self.serving = None;
        lock(&self.shared.state).answering = false;
    }

    /// Answers what was taken and not answered yet ([`Act::Later`]), and from now on at once.
    pub fn answer(&self) {
        lock(&self.shared.state).answering = true;
        self.shared.changed.notify_all();
    }

    /// Listens again on the same port.
    ///
    /// # Panics
    /// When the port is in use.
    pub fn restart(&mut self) {
        self.stop();
        let shared = Arc::clone(&self.shared);
        let talk = move |stream: TcpStream| {
            // A client that goes in the middle is the test's business.
            let _ = talk(&shared, &stream);
        };
        match Serving::start(self.port, talk) {
            Ok(serving) => {
                self.port = serving.port();
                self.serving = Some(serving);
            }
            Err(error) => panic!("no mail server for the test: {error}"),
        }
    }

    /// Tells what to do with the next messages, one after the other; those after them are taken.
    pub fn will(&self, acts: impl IntoIterator<Item = Act>) {
        lock(&self.shared.state).acts.extend(acts);
    }

    /// The messages so far.
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.shared.state).mails.clone()
    }

    /// What clients said to log in, without `AUTH `: the mechanism, and login and password in base 64.
    pub fn logins(&self) -> Vec<String> {
        lock(&self.shared.state).logins.clone()
    }

    /// What clients said to greet: what stood behind `EHLO `.
    pub fn greetings(&self) -> Vec<String> {
        lock(&self.shared.state).greetings.clone()
    }

    /// How many clients said goodbye.
    pub fn goodbyes(&self) -> usize {
        lock(&self.shared.state).goodbyes
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        lock(&self.shared.state).connections
    }

    /// Waits until there are `count` messages.
    ///
    /// # Panics
    /// When there are fewer after `limit`.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Mail> {
        let deadline = Instant::now() + limit;
        let mut state = lock(&self.shared.state);
        while state.mails.len() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                panic!("{} of {count} mails after {limit:?}: {:#?}", state.mails.len(), state.mails);
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.mails.clone()
    }
}

impl Shared {
    /// The next act, if it is one for this moment.
    fn next(&self, fits: fn(Act) -> bool) -> Option<Act> {
        let mut state = lock(&self.state);
        match state.acts.front() {
            Some(act) if fits(*act) => state.acts.pop_front(),
            _ => None,
        }
    }

    /// Waits until answers are wanted.
    fn wait(&self) {
        let state = lock(&self.state);
        drop(self.changed.wait_while(state, |state| !state.answering).unwrap_or_else(PoisonError::into_inner));
    }

    fn keep(&self, mail: Mail) {
        lock(&self.state).mails.push(mail);
        self.changed.notify_all();
    }
}

fn talk(shared: &Shared, stream: &TcpStream) -> io::Result<()> {
    let mut session =
        Session { shared, reader: BufReader::new(stream), writer: stream, mail: Mail::default(), act: Act::Accept };
    lock(&shared.state).connections += 1;
    match shared.next(|act| matches!(act, Act::Greet(_) | Act::GreetLater)) {
        Some(Act::Greet(code)) => return session.say(&format!("{code} not now")),
        Some(Act::GreetLater) => shared.wait(),
        _ => {}
    }
    session.say("220 mail.test ESMTP")?;
    let mut line = String::new();
    loop {
        line.clear();
        if session.reader.read_line(&mut line)? == 0 || !session.obey(line.trim_end())? {
            return Ok(());
        }
    }
}

/// A connection.
struct Session<'a> {
    shared: &'a Shared,
    reader: BufReader<&'a TcpStream>,
    writer: &'a TcpStream,
    mail: Mail,
    act: Act,
}

impl Session<'_> {
    fn say(&mut self, line: &str) -> io::Result<()> {
        self.writer.write_all(format!("{line}\r\n").as_bytes())
    }

    /// Whether the connection goes on.
    fn obey(&mut self, command: &str) -> io::Result<bool> {
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                lock(&self.shared.state).greetings.push(command[4..].trim().to_owned());
                self.say("250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")?;
            }
            "AUTH" => {
                lock(&self.shared.state).logins.push(command[4..].trim().to_owned());
                match self.shared.next(|act| matches!(act, Act::RefuseLogin(_))) {
                    Some(Act::RefuseLogin(code)) => self.say(&format!("{code} login refused"))?,
                    _ => self.say("235 welcome")?,
                }
            }
            "MAIL" => {
                let next =
                    self.shared.next(|act| !matches!(act, Act::Greet(_) | Act::GreetLater | Act::RefuseLogin(_)));
                self.act = next.unwrap_or(Act::Accept);
                self.mail = Mail { from: address(command), ..Mail::default() };
                match self.act {
                    Act::RefuseSender(code) => self.say(&format!("{code} no more of you"))?,
                    _ => self.say("250 go on")?,
                }
            }
            "RCPT" => match self.act {
                Act::RefuseRecipient(code) => self.say(&format!("{code} no such user here"))?,
                _ => {
                    self.mail.to.push(address(command));
                    self.say("250 go on")?;
                }
            },
            "DATA" => return self.take(),
            "NOOP" | "RSET" => self.say("250 fine")?,
            "QUIT" => {
                lock(&self.shared.state).goodbyes += 1;
                self.say("221 bye")?;
                return Ok(false);
            }
            _ => self.say("502 not here")?,
        }
        Ok(true)
    }

    /// Takes the text, and does with it what was told. Whether the connection goes on.
    fn take(&mut self) -> io::Result<bool> {
        self.say("354 send it")?;
        self.mail.text = text(&mut self.reader)?;
        if let Act::RefuseText(code) = self.act {
            return self.say(&format!("{code} text refused")).map(|()| true);
        }
        self.shared.keep(std::mem::take(&mut self.mail));
        match self.act {
            Act::DropAfterText => Ok(false),
            Act::Hold => io::copy(&mut self.reader, &mut io::sink()).map(|_| false),
            Act::Later => {
                self.shared.wait();
                self.say("250 taken at last").map(|()| true)
            }
            _ => self.say("250 taken").map(|()| true),
        }
    }
}

/// What stands between the angle brackets.
fn address(command: &str) -> String {
    let inner = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

/// The lines up to the one with a single dot.
fn text(reader: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let shown = String::from_utf8_lossy(&line);
        match shown.trim_end_matches(['\r', '\n']) {
            "." => return Ok(text),
            line => {
                text.push_str(line.strip_prefix('.').unwrap_or(line));
                text.push('\n');
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn say(stream: &TcpStream, line: &str) -> String {
        let mut writer = stream;
        writer.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_keeps_what_it_takes_across_a_restart() {
        let mut server = SmtpServer::start();
        server.will([Act::RefuseRecipient(550)]);
        for (round, code) in ["550", "250"].into_iter().enumerate() {
            let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
            let mut greeting = String::new();
            BufReader::new(&stream).read_line(&mut greeting).unwrap();
            assert!(say(&stream, "MAIL FROM:<a@b>").starts_with("250"));
            assert!(say(&stream, "RCPT TO:<c@d>").starts_with(code), "{round}");
            if code == "250" {
                say(&stream, "DATA");
                say(&stream, "Message-ID:\r\n <x@y>\r\n\r\n..\r\n.");
            }
            server.stop();
            assert!(TcpStream::connect(("127.0.0.1", server.port())).is_err());
            server.restart();
        }
        let mails = server.wait_for(1, Duration::from_secs(5));
        assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("a@b", &["c@d".to_owned()][..]));
        assert!(mails[0].text.ends_with("\n\n.\n"), "{:?}", mails[0]);
        assert_eq!(server.connections(), 2);
    }
}
