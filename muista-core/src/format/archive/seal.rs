//! Encryption of an archive with age, for X25519 recipients. No key is kept here.

use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::str::FromStr;

use super::write::failed;
use crate::error::{Error, Result};

/// The first bytes of an age file.
pub(super) const AGE: &[u8] = b"age-encryption.org/";

/// Who can read an encrypted archive: a public key, as in `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

impl FromStr for Recipient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.trim().parse().map(Self).map_err(|_| {
            Error::invalid("encrypt_to", format!("`{}` is not an age recipient", crate::model::clip(text)))
                .hint("write the public key that `age-keygen` prints, as in age1…; never the secret key")
        })
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The secret keys that encrypted archives are read with.
#[derive(Default)]
pub struct Identities(Vec<Box<dyn age::Identity + Send + Sync>>);

impl Identities {
    /// Reads an identity file, as `age-keygen` writes it.
    ///
    /// # Errors
    /// When it cannot be read or holds no X25519 key.
    pub fn read(path: &Path) -> Result<Self> {
        let remedy = "name the file that `age-keygen -o FILE` wrote";
        let wrong = |why: String| {
            Error::invalid("identity", format!("cannot read the identity file {}: {why}", path.display())).hint(remedy)
        };
        let file = std::fs::File::open(path).map_err(|e| wrong(e.to_string()))?;
        let identities = age::IdentityFile::from_buffer(BufReader::new(file)).map_err(|e| wrong(e.to_string()))?;
        let identities = identities.into_identities().map_err(|e| wrong(e.to_string()))?;
        if identities.is_empty() {
            return Err(wrong("it holds no key".to_owned()));
        }
        Ok(Self(identities))
    }

    /// Makes a key that is forgotten with this value, and its recipient: what is encrypted for it, too, can be read back
    /// for as long.
    #[must_use]
    pub fn passing() -> (Self, Recipient) {
        let identity = age::x25519::Identity::generate();
        let recipient = Recipient(identity.to_public());
        (Self(vec![Box::new(identity)]), recipient)
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} identities", self.0.len())
    }
}

/// Where an archive goes, encrypted or not.
pub(super) enum Sealed<W: Write> {
    /// As it is.
    Plain(W),
    /// Encrypted.
    Age(age::stream::StreamWriter<W>),
}

impl<W: Write> Sealed<W> {
    pub(super) fn new(out: W, recipients: &[Recipient]) -> Result<Self> {
        if recipients.is_empty() {
            return Ok(Self::Plain(out));
        }
        let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(recipients)
            .map_err(|e| Error::internal(format!("cannot encrypt the backup: {e}")))?;
        encryptor.wrap_output(out).map(Self::Age).map_err(|e| failed(&e))
    }

    pub(super) fn finish(self) -> Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Age(out) => out.finish().map_err(|e| failed(&e)),
        }
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Age(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Age(out) => out.flush(),
        }
    }
}

/// Decrypts what `input` holds.
pub(super) fn unseal<R: Read + Send + 'static>(
    input: R,
    name: &str,
    identities: &Identities,
) -> Result<Box<dyn Read + Send>> {
    if identities.0.is_empty() {
        return Err(Error::invalid("identity", format!("{name} is encrypted"))
            .hint("name the file with the secret key: --identity KEYFILE, or backup.identity in the configuration"));
    }
    let unreadable = |e: age::DecryptError| match e {
        age::DecryptError::NoMatchingKeys => Error::invalid("identity", format!("{name} is encrypted for another key"))
            .hint("name the file with the secret key of one of its recipients with --identity"),
        e => Error::internal(format!("{name} is damaged: {e}")).hint("take another backup: `muista backup ls`"),
    };
    let decryptor = age::Decryptor::new(input).map_err(unreadable)?;
    let keys = identities.0.iter().map(|identity| &**identity as &dyn age::Identity);
    Ok(Box::new(decryptor.decrypt(keys).map_err(unreadable)?))
}
