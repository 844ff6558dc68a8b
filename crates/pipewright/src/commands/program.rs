//! Programs that sign in by OAuth 2.0.

use crm::{App, NewRecord, Origin, Row, identity};
use uuid::Uuid;

use crate::{
    arguments::{AddProgram, Program},
    failure::Failure,
};

/// How much of a key is enough to name a secret.
const SHORT: usize = 12;

/// Registers, lists and looks after programs.
pub async fn run(app: &App, command: Program) -> Result<(), Failure> {
    let engine = app.engine().await?;
    match command {
        Program::Add(add) => register(app, add).await,
        Program::List { json } => list(app, json).await,
        Program::Secret { program, days } => {
            let id = known(app, program).await?.id;
            println!("{}", app.identity().create_client_secret(&engine, id, days).await?);
            Ok(())
        }
        Program::Secrets { program } => {
            let id = known(app, program).await?.id;
            let moment = |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string()).unwrap_or_default();
            for secret in app.identity().client_secrets(&engine, id).await? {
                let key = secret.key.get(..SHORT).unwrap_or_default();
                println!("{key}  {}…  {}  until {}", secret.begins, moment(secret.created), moment(secret.expires));
            }
            Ok(())
        }
        Program::RemoveSecret { program, key } => {
            let id = known(app, program).await?.id;
            let secrets = app.identity().client_secrets(&engine, id).await?;
            let mut meant = secrets.into_iter().filter(|secret| !key.is_empty() && secret.key.starts_with(&key));
            let (Some(secret), None) = (meant.next(), meant.next()) else {
                return Err(Failure::Refused(format!(
                    "the program has no secret {key}, or several that begin so; see `pipewright program secrets {program}`"
                )));
            };
            app.identity().remove_client_secret(&engine, id, secret.key).await?;
            println!("removed");
            Ok(())
        }
    }
}

async fn register(app: &App, add: AddProgram) -> Result<(), Failure> {
    if add.public && !add.role.is_empty() {
        return Err(Failure::Refused(
            "a program on people's devices works for people only; leave --role out, or --public".to_owned(),
        ));
    }
    let engine = app.engine().await?;
    let row = Row::new()
        .with("name", add.name.as_str())
        .with("redirecturis", Some(add.redirect.join("\n")).filter(|addresses| !addresses.is_empty()))
        .with("ispublic", add.public)
        .with("accesscode", if add.read_only { 2_i64 } else { 1_i64 });
    let id = app.create(&engine, Origin::CommandLine, NewRecord::of("program", row)).await?;
    if !add.role.is_empty() {
        app.identity().make_application_user(&engine, id, None, add.role).await?;
    }
    println!("{}", app.identity().program(id).await?.client_id);
    Ok(())
}

async fn list(app: &App, json: bool) -> Result<(), Failure> {
    let engine = app.engine().await?;
    let columns = ["applicationid", "name", "ispublic", "accesscode", "isdisabled"];
    let query = app.new_query(&engine, "program").select(columns).take(5000);
    let rows: Vec<Row> = app.query(&engine, query).await?.to_rows().collect();
    let is = |row: &Row, column: &str| row.value(column).as_boolean() == Some(true);
    let id = |row: &Row| row.value("applicationid").as_id().unwrap_or_default();
    if json {
        let programs = rows.iter().map(|row| {
            serde_json::json!({
                "client_id": id(row), "name": row.text("name"), "public": is(row, "ispublic"),
                "read_only": row.value("accesscode").as_whole() == Some(2), "disabled": is(row, "isdisabled"),
            })
        });
        return super::print_json(&programs.collect::<Vec<_>>());
    }
    for row in &rows {
        println!("{}  {}{}", id(row), row.text("name"), if is(row, "isdisabled") { "  disabled" } else { "" });
    }
    Ok(())
}

/// The program with this client id, disabled ones, too.
async fn known(app: &App, client_id: Uuid) -> Result<identity::Program, Failure> {
    let engine = app.engine().await?;
    let query = app
        .new_query(&engine, "program")
        .select(["programid"])
        .matching(model::Filter::eq("applicationid", client_id))
        .take(1);
    let found = app.query(&engine, query).await?;
    let id = found.to_rows().next().and_then(|row| row.value("programid").as_id()).ok_or_else(|| {
        Failure::Refused(format!(
            "no program with the client id {client_id} is registered; see `pipewright program list`"
        ))
    })?;
    Ok(app.identity().program(id).await?)
}
