//! Personal API tokens.

use crm::App;

use crate::{arguments::Token, failure::Failure};

/// Prints a new token and nothing else.
pub async fn run(app: &App, command: Token) -> Result<(), Failure> {
    let Token::Create { user, name, days } = command;
    let user = app.identity().find(&user).await?;
    println!("{}", app.identity().create_token(&app.engine().await?, user, &name, days).await?);
    Ok(())
}
