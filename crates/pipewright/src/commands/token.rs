//! Personal API tokens.

use crm::App;

use crate::{arguments::Token, failure::Failure};

/// How much of a key is enough to name a token.
const SHORT: usize = 12;

/// Makes, lists or revokes a token.
pub async fn run(app: &App, command: Token) -> Result<(), Failure> {
    match command {
        Token::Create { user, name, days } => {
            let user = app.identity().find(&user).await?;
            println!("{}", app.identity().create_token(&app.engine().await?, user, &name, days).await?);
            Ok(())
        }
        Token::List { user, json } => list(app, &user, json).await,
        Token::Revoke { user, key } => {
            let id = app.identity().find(&user).await?;
            if !app.identity().revoke_token(&app.engine().await?, id, key.clone()).await? {
                return Err(Failure::Refused(format!(
                    "{user} has no token {key}, or several that begin so; see `pipewright token list --user {user}`"
                )));
            }
            println!("revoked");
            Ok(())
        }
    }
}

async fn list(app: &App, user: &str, json: bool) -> Result<(), Failure> {
    let id = app.identity().find(user).await?;
    let tokens = app.identity().tokens(&app.engine().await?, id).await?;
    let moment = |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string()).unwrap_or_default();
    if json {
        let rows = tokens.iter().map(|token| {
            serde_json::json!({
                "key": token.key.get(..SHORT), "name": token.name,
                "created": moment(token.created), "expires": moment(token.expires),
            })
        });
        return super::print_json(&rows.collect::<Vec<_>>());
    }
    for token in &tokens {
        println!(
            "{}  {}  until {}  {}",
            token.key.get(..SHORT).unwrap_or_default(),
            moment(token.created),
            moment(token.expires),
            token.name
        );
    }
    Ok(())
}
