//! Secrets that must be read again, such as the one an authenticator app shares with us, are sealed
//! with a key that is not in the database, so that neither it nor a backup gives them away.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use language::tr;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{Error, Result};

/// Length of the key in bytes.
const KEY_BYTES: usize = 32;

/// Where the key comes from; it is read when it is first needed. There may be several while one is
/// exchanged for another: the first seals, all open.
#[derive(Clone, Default)]
pub struct Vault {
    source: Source,
    keys: Arc<OnceLock<Vec<LessSafeKey>>>,
}

#[derive(Clone, Default)]
enum Source {
    #[default]
    Nowhere,
    Given(String),
    File(PathBuf),
}

impl Vault {
    /// A key in base64, 32 bytes, such as `openssl rand -base64 32` prints; or several, the one to
    /// seal with first, and space between them.
    ///
    /// # Errors
    /// Refused where it is something else.
    pub fn of_key(text: &str) -> Result<Self> {
        decode(text)?;
        Ok(Self { source: Source::Given(text.to_owned()), keys: Arc::default() })
    }

    /// A file with such a key, or one a line; it is made, readable by its owner only, when a key is first needed.
    pub fn in_file(path: impl Into<PathBuf>) -> Self {
        Self { source: Source::File(path.into()), keys: Arc::default() }
    }

    /// The key file beside an embedded database: `crm.db.key` beside `crm.db`.
    pub fn beside(database: &Path) -> Self {
        let mut name = database.file_name().unwrap_or_default().to_owned();
        name.push(".key");
        Self::in_file(database.with_file_name(name))
    }

    /// Seals a secret for one purpose and owner; it cannot be opened for another.
    pub(crate) fn seal(&self, purpose: &str, plain: &[u8]) -> Result<String> {
        use rand::RngCore;
        let mut nonce = [0_u8; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let mut sealed = plain.to_vec();
        let key = self.keys()?.first().ok_or_else(no_key)?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| Error::refused(tr!("the secret cannot be sealed")))?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what [`Vault::seal`] has sealed.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>> {
        let foreign = || {
            Error::refused(tr!(
                "this was set up with another secret key; bring back the key file (or PIPEWRIGHT_SECRET_KEY), \
                 or ask an administrator to reset the sign-in"
            ))
        };
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| foreign())?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(foreign)?;
        let open = |key: &LessSafeKey| {
            let mut plain = rest.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut plain).ok().map(|plain| plain.to_vec())
        };
        self.keys()?.iter().find_map(open).ok_or_else(foreign)
    }

    fn keys(&self) -> Result<&[LessSafeKey]> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let read = match &self.source {
            Source::Given(text) => decode(text)?,
            Source::File(path) => read_or_make(path)?,
            Source::Nowhere => {
                return Err(Error::refused(tr!(
                    "no secret key is configured; make one with `openssl rand -base64 32` and give it to every server \
                     as PIPEWRIGHT_SECRET_KEY or `secret_key_file`"
                )));
            }
        };
        let usable = |bytes: &[u8; KEY_BYTES]| UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new);
        let keys: std::result::Result<Vec<LessSafeKey>, _> = read.iter().map(usable).collect();
        let keys = keys.map_err(|_| Error::refused(tr!("the secret key is not usable")))?;
        Ok(self.keys.get_or_init(|| keys))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self.source {
            Source::Nowhere => "Vault(no key)",
            Source::Given(_) => "Vault(a given key)",
            Source::File(_) => "Vault(a key file)",
        })
    }
}

/// The keys of a text; there is at least one.
fn decode(text: &str) -> Result<Vec<[u8; KEY_BYTES]>> {
    let one = |word: &str| STANDARD_NO_PAD.decode(word.trim_end_matches('=')).ok()?.try_into().ok();
    let keys: Option<Vec<[u8; KEY_BYTES]>> = text.split_whitespace().map(one).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(no_key)
}

fn no_key() -> Error {
    Error::refused(tr!("the secret key is not 32 bytes in base64; make one with `openssl rand -base64 32`"))
}

fn read_or_make(path: &Path) -> Result<Vec<[u8; KEY_BYTES]>> {
    match fs::read_to_string(path) {
        Ok(text) => decode(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(path),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// Writes a new key under another name first: whoever reads the file finds a whole key. Of two who
/// make one at once the first wins, and both use it.
fn make(path: &Path) -> Result<Vec<[u8; KEY_BYTES]>> {
    use rand::RngCore;
    let mut key = [0_u8; KEY_BYTES];
    rand::rng().fill_bytes(&mut key);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", uuid::Uuid::now_v7().simple()));
    let partial = path.with_file_name(name);
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
        writeln!(file, "{}", STANDARD_NO_PAD.encode(key))?;
        file.sync_all()?;
        fs::hard_link(&partial, path)
    })();
    let _ = fs::remove_file(&partial);
    match written {
        Ok(()) => Ok(vec![key]),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            decode(&fs::read_to_string(path).map_err(|error| unusable(path, &error))?)
        }
        Err(error) => Err(unusable(path, &error)),
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::File(tr!("the secret key {} cannot be used: {error}", path.display(), error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_opens_for_its_purpose_only_and_only_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipewright.db.key");
        let sealed = Vault::in_file(&path).seal("code of ada", b"planted").unwrap();
        assert!(!sealed.contains("planted"));
        assert_eq!(Vault::in_file(&path).open("code of ada", &sealed).unwrap(), b"planted");
        assert!(Vault::in_file(&path).open("code of sam", &sealed).is_err());
        assert!(Vault::in_file(folder.path().join("other.key")).open("code of ada", &sealed).is_err());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "nobody else reads the key");
    }

    #[test]
    fn a_key_is_asked_for_where_none_is_configured() {
        let message = Vault::default().seal("x", b"y").unwrap_err().to_string();
        assert!(message.contains("PIPEWRIGHT_SECRET_KEY"), "{message}");
        assert!(Vault::of_key("c2hvcnQ=").is_err());
    }
}
