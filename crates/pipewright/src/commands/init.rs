//! First set-up and password links.

use crm::{App, identity::SetUp};

use crate::{
    arguments::{Init, User},
    configuration::Configuration,
    failure::Failure,
};

/// Sets up an empty database.
pub async fn run(app: &App, configuration: &Configuration, init: Init) -> Result<(), Failure> {
    let admin_password = match &init.admin_password_file {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::Usage(format!("the password file {} cannot be read: {error}", path.display()))
            })?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
    };
    let has_password = admin_password.is_some();
    let admin = app
        .identity()
        .set_up(SetUp {
            organization: init.organization,
            admin_email: init.admin_email.clone(),
            admin_password,
            currency: init.currency,
            time_zone: init.time_zone,
            locale: init.locale,
            ..SetUp::default()
        })
        .await?;
    if has_password {
        println!("set up; {} signs in with the given password", init.admin_email);
    } else {
        println!("{}", link(app, &configuration.address(), admin).await?);
    }
    Ok(())
}

/// Helps a user to sign in, or shuts them out.
pub async fn user(app: &App, configuration: &Configuration, command: User) -> Result<(), Failure> {
    let identity = app.identity();
    match command {
        User::PasswordLink { user } => {
            let user = identity.find(&user).await?;
            println!("{}", link(app, &configuration.address(), user).await?);
        }
        User::Reset { user } => {
            let user = identity.find(&user).await?;
            let secret = identity.reset(&app.engine().await?, user).await?;
            println!("{}/password/{secret}", configuration.address());
        }
        User::SignOut { user: email } => {
            let user = identity.find(&email).await?;
            identity.end_sessions(&app.engine().await?, user, None).await?;
            println!("{email} is signed out everywhere");
        }
    }
    Ok(())
}

/// Exchanges the key that secrets are sealed with.
pub async fn reseal(app: &App) -> Result<(), Failure> {
    let resealed = app.identity().reseal().await?;
    println!("sealed anew with the first key: {resealed}; no other key is needed any more");
    Ok(())
}

/// A one-time link by which `user` sets a password on the server at `address`.
pub async fn link(app: &App, address: &str, user: uuid::Uuid) -> Result<String, Failure> {
    let secret = app.identity().password_link(&app.engine().await?, user).await?;
    Ok(format!("{address}/password/{secret}"))
}
