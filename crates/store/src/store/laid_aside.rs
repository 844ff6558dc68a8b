//! The copy of a database that is laid aside before a release changes it.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Copies, Reader, backup,
    job::{Read, Shared},
};
use crate::{
    DatabaseUrl, StoreError,
    migrate::{self, Found},
    url::without_password,
};

/// Where Debian keeps the programs of each version of PostgreSQL.
const DEBIANS: &str = "/usr/lib/postgresql";

/// Copies a database that is in use and has to be changed: SQLite's to a backup, PostgreSQL's by its
/// own `pg_dump`, since a backup of ours is written by the model, which the tables do not fit yet.
///
/// # Errors
/// Where the copy cannot be made; the database must not be changed then.
pub(super) async fn lay_aside(shared: &Arc<Shared>, url: &DatabaseUrl, copies: &Copies) -> Result<(), StoreError> {
    let needed = Read::run(shared, |reader: &mut Reader<'_>| {
        let in_use = migrate::find(reader.connection)? == Found::Pipewright;
        Ok::<_, StoreError>(in_use && !migrate::plan(reader.connection)?.is_empty())
    });
    if *copies == Copies::Nowhere || !needed.await? {
        return Ok(());
    }
    let copy = place(url, copies);
    let made = match url {
        DatabaseUrl::Sqlite(_) => backup::backup(shared, &copy).await.map(drop),
        DatabaseUrl::Postgres(url) => dump(url.clone(), copy.clone()).await,
    };
    made.map_err(|error| {
        StoreError::Migration(format!(
            "this release has to change the database, and the copy to be made before, {}, failed: {error}; see to it \
             and start again, nothing was changed. Copies go elsewhere with --upgrade-copies DIR, and are left to you \
             with --upgrade-copies none",
            copy.display()
        ))
    })?;
    tracing::warn!(copy = %copy.display(), "this release changes the database; as it was, it is kept in a copy");
    Ok(())
}

/// A name that tells what the copy is of, and before which release it was made.
fn place(url: &DatabaseUrl, copies: &Copies) -> PathBuf {
    let moment = Timestamp::now().strftime("%Y%m%dT%H%M%S");
    let before = format!(".before-{}-{moment}", env!("CARGO_PKG_VERSION"));
    let (beside, mut name) = match url {
        DatabaseUrl::Sqlite(path) => {
            let name = path.file_name().unwrap_or_default().to_owned();
            (path.parent().unwrap_or(Path::new("")).to_owned(), name)
        }
        DatabaseUrl::Postgres(url) => {
            let address = without_password(url);
            let named = address.split('?').next().and_then(|address| address.rsplit('/').next());
            (PathBuf::new(), named.unwrap_or("pipewright").into())
        }
    };
    name.push(before);
    name.push(if matches!(url, DatabaseUrl::Sqlite(_)) { ".backup" } else { ".dump" });
    match copies {
        Copies::In(folder) => folder.join(name),
        Copies::Usual | Copies::Nowhere => beside.join(name),
    }
}

async fn dump(url: String, to: PathBuf) -> Result<(), StoreError> {
    let done = tokio::task::spawn_blocking(move || run_dump(&url, &to));
    done.await.map_err(|error| StoreError::Database(format!("pg_dump was not waited for: {error}")))?
}

fn run_dump(url: &str, to: &Path) -> Result<(), StoreError> {
    // It holds what people sign in with: nobody else may read it.
    File::options().write(true).create_new(true).mode(0o600).open(to)?;
    let parsed: tokio_postgres::Config = url.parse().map_err(|error| StoreError::BadUrl(format!("{error}")))?;
    let mut command = Command::new(program());
    command.args(["--format=custom", "--no-password", "--file"]).arg(to).arg("--dbname").arg(without_password(url));
    if let Some(password) = parsed.get_password() {
        command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
    }
    let ended = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::Unavailable(
            "pg_dump is not there; install it with: apt-get install postgresql-client".to_owned(),
        ),
        _ => error.into(),
    });
    let problem = match ended {
        Ok(output) if output.status.success() => return Ok(OpenOptions::new().write(true).open(to)?.sync_all()?),
        Ok(output) => StoreError::Unavailable(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => error,
    };
    // What is there is no copy.
    std::fs::remove_file(to)?;
    Err(problem)
}

/// The newest `pg_dump` of Debian's, as it reads all older servers; else the one on the path.
fn program() -> PathBuf {
    let versions = std::fs::read_dir(DEBIANS).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|folder| {
            Some((folder.file_name().to_str()?.parse::<u32>().ok()?, folder.path().join("bin/pg_dump")))
        })
        .filter(|(_, program)| program.exists())
        .max();
    newest.map_or_else(|| PathBuf::from("pg_dump"), |(_, program)| program)
}
