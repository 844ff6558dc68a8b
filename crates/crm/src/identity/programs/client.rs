//! Who asks for a token: the program must be registered, and prove itself by a secret unless it
//! keeps none.

use super::{Identity, Program, RefusalCode, refusal::refuse};
use crate::{
    Error, Result,
    identity::{Device, throttle::FREE_SECRETS},
};

/// Longest secret that is looked at, in bytes.
const LONGEST: usize = 500;

/// How a program names itself and proves who it is.
#[derive(Debug, Clone, Default)]
pub struct ClientCredentials {
    /// `client_id`.
    pub id: String,
    /// `client_secret`, of a program that keeps one.
    pub secret: Option<String>,
}

impl Identity<'_> {
    /// The program that asks. Wrong secrets are counted for the address they come from, and for nothing
    /// else: everybody knows a program's id, and nobody may shut it out by naming it. Whoever knows the
    /// secret never waits.
    ///
    /// # Errors
    /// `invalid_client`, or [`Error::TooManyAttempts`] while one must wait.
    pub(super) async fn client(&self, credentials: &ClientCredentials, device: &Device) -> Result<Program> {
        if credentials.id.is_empty() {
            return Err(refuse(RefusalCode::InvalidClient, "client_id is missing; send the program's application id"));
        }
        let program = self.program_named(&credentials.id).await?;
        if let (Some(program), None) = (program.as_ref().filter(|program| program.public), &credentials.secret) {
            return Ok(program.clone());
        }
        let Some(secret) = credentials.secret.as_deref() else {
            let message = "the program is unknown, disabled, or must send its client_secret";
            return Err(refuse(RefusalCode::InvalidClient, message));
        };
        let proved = match &program {
            Some(program) if secret.len() <= LONGEST => self.is_client_secret(program, secret).await?,
            _ => false,
        };
        match program {
            Some(program) if proved && !program.public => Ok(program),
            _ => {
                tracing::warn!(target: "security", address = device.address_text(), "a program's secret was refused");
                self.program_failed(device, FREE_SECRETS).await?;
                Err(wrong())
            }
        }
    }
}

fn wrong() -> Error {
    let message = "the program is unknown or disabled, or its client_secret is wrong or has ended; an administrator makes a new one on the program's page";
    refuse(RefusalCode::InvalidClient, message)
}
