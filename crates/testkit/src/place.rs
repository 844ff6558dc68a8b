//! Where the data of one test lies.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Postgres, Result, Scratch, TestDatabase};

/// The database file of a place on `SQLite`.
const FILE: &str = "crm.db";

/// A folder, and a database nobody else uses: a file in that folder, or one of the shared server.
/// Both are gone when this is dropped.
#[derive(Debug)]
pub struct Place {
    scratch: Scratch,
    database: Option<TestDatabase>,
}

impl Place {
    /// An empty database on `PostgreSQL` or on `SQLite`, where the file does not exist yet.
    pub fn empty(postgres: bool) -> Result<Self> {
        let database = if postgres { Some(Postgres::shared()?.database()?) } else { None };
        Ok(Self { scratch: Scratch::new()?, database })
    }

    /// A place of its own with the same data and files. Nobody may be using this one: of a file
    /// that is written to, half a change would be copied, and a server refuses to copy a database
    /// somebody is connected to.
    pub fn copy(&self) -> Result<Self> {
        let database = self.database.as_ref().map(TestDatabase::copy).transpose()?;
        let scratch = Scratch::new()?;
        copy_files(self.scratch.path(), scratch.path())?;
        Ok(Self { scratch, database })
    }

    /// The database's address: `sqlite:PATH` or `postgres://…`.
    pub fn address(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite:{}", self.file(FILE).display()),
        }
    }

    /// The database on the server, if it is on one.
    pub fn database(&self) -> Option<&TestDatabase> {
        self.database.as_ref()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// The path of a file of that name in the folder; the file is not created.
    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.file(name)
    }
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).map_err(Error::file("cannot list", from))? {
        let source = entry.map_err(Error::file("cannot list", from))?.path();
        let Some(name) = source.file_name() else { continue };
        let target = to.join(name);
        if source.is_dir() {
            fs::create_dir(&target).map_err(Error::file("cannot create", &target))?;
            copy_files(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(Error::file("cannot copy", &source))?;
        }
    }
    Ok(())
}
