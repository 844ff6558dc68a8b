//! What a program asks for. The words of Dataverse's clients mean all that the program may do.

use super::{ProgramRefusal, RefusalCode};

/// Reads and changes, as far as the person and the program may.
pub const CHANGE: &str = "crm";
/// Only reads.
pub const READ: &str = "crm.read";
/// Goes on while nobody is there, by a refresh token.
pub const OFFLINE: &str = "offline_access";

/// Longest scope that is looked at, in bytes.
const LONGEST: usize = 1000;

/// What a program asks for, or was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// No more than reading.
    pub reading: bool,
    /// A refresh token, too.
    pub offline: bool,
}

impl Scope {
    /// Reads a `scope` parameter; one that says nothing asks for all that the program may do.
    ///
    /// # Errors
    /// `invalid_scope` where it holds a word that means nothing here.
    pub fn read(text: &str) -> Result<Self, ProgramRefusal> {
        if text.len() > LONGEST {
            return Err(unknown(&format!("the scope is longer than {LONGEST} bytes")));
        }
        let (mut changes, mut reads, mut offline) = (false, false, false);
        for word in text.split_ascii_whitespace() {
            match word {
                OFFLINE => offline = true,
                READ => reads = true,
                CHANGE | "user_impersonation" => changes = true,
                word if word.ends_with("/.default") || word.ends_with("/user_impersonation") => changes = true,
                word => return Err(unknown(&format!("there is no scope '{word}'"))),
            }
        }
        Ok(Self { reading: reads && !changes, offline })
    }

    /// The same, no farther than `most`.
    #[must_use]
    pub fn within(self, reading: bool) -> Self {
        Self { reading: self.reading || reading, ..self }
    }

    /// As it is told to programs.
    pub fn told(self) -> String {
        let access = if self.reading { READ } else { CHANGE };
        if self.offline { format!("{access} {OFFLINE}") } else { access.to_owned() }
    }
}

fn unknown(problem: &str) -> ProgramRefusal {
    let message = format!("{problem}; ask for {CHANGE} or {READ}, and for {OFFLINE} to get a refresh token");
    ProgramRefusal { code: RefusalCode::InvalidScope, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_and_told_and_words_of_dataverse_mean_everything() {
        let told = |text: &str| Scope::read(text).map(Scope::told);
        assert_eq!(told("").as_deref(), Ok("crm"));
        assert_eq!(told("crm.read offline_access").as_deref(), Ok("crm.read offline_access"));
        assert_eq!(told("https://crm.example/.default").as_deref(), Ok("crm"));
        assert_eq!(told("crm.read crm").as_deref(), Ok("crm"));
        assert!(told("openid").unwrap_err().message.contains("no scope 'openid'"));
        assert_eq!(Scope::read("crm").unwrap().within(true).told(), "crm.read");
    }
}
