//! The generated organisation: made once, kept between runs, never measured on itself but on a
//! copy.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crm::{App, identity::SetUp};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use store::DatabaseUrl;

use crate::{Arguments, BenchError, Result};

/// Raise it when organisations generated before shall no longer be used.
const FORMAT: u32 = 1;
/// Who the benchmark's administrator is.
pub(crate) const ADMINISTRATOR: &str = "administrator@bench.example";

/// What is kept beside a complete organisation.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
struct Fingerprint {
    format: u32,
    leads: u32,
    seed: u64,
}

/// A complete organisation, kept.
pub(crate) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The organisation of this size, generated in a process of its own where it is not there.
    pub(crate) fn find_or_make(arguments: &Arguments, leads: u32) -> Result<Self> {
        let wanted = Fingerprint { format: FORMAT, leads, seed: arguments.seed };
        let kept = Self { folder: arguments.dir.join(format!("{leads}-leads-seed-{}", arguments.seed)) };
        let url = DatabaseUrl::Sqlite(kept.database());
        if kept.fingerprint().as_ref() == Some(&wanted) {
            // Where the model has changed since, the kept organisation is migrated once and for all.
            fill_in_a_child(arguments, leads, &url)?;
            return Ok(kept);
        }
        if kept.folder.exists() {
            fs::remove_dir_all(&kept.folder)?;
        }
        fs::create_dir_all(&kept.folder)?;
        eprintln!("generating an organisation of {leads} leads, through the write path …");
        let begun = Instant::now();
        fill_in_a_child(arguments, leads, &url)?;
        fs::write(kept.folder.join("complete.json"), serde_json::to_vec(&wanted)?)?;
        eprintln!("generated in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(kept)
    }

    /// A copy to work on; it is removed when dropped.
    pub(crate) fn copy(&self) -> Result<WorkingCopy> {
        // Two benchmarks at a time do not take each other's copy away.
        let copy = WorkingCopy { path: self.folder.join(format!("work-{}.db", std::process::id())) };
        fs::copy(self.database(), &copy.path)?;
        Ok(copy)
    }

    /// The organisation itself to work on; it is no longer kept.
    pub(crate) fn consume(&self) -> Result<WorkingCopy> {
        fs::remove_file(self.folder.join("complete.json"))?;
        Ok(WorkingCopy { path: self.database() })
    }

    /// Bytes of the database file.
    pub(crate) fn size(&self) -> Result<u64> {
        Ok(fs::metadata(self.database())?.len())
    }

    fn database(&self) -> PathBuf {
        self.folder.join("pipewright.db")
    }

    fn fingerprint(&self) -> Option<Fingerprint> {
        serde_json::from_slice(&fs::read(self.folder.join("complete.json")).ok()?).ok()
    }
}

/// A database that may be written to.
pub(crate) struct WorkingCopy {
    path: PathBuf,
}

impl WorkingCopy {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn remove(&self) {
        for ending in ["", "-wal", "-shm", "-lock"] {
            let mut name = self.path.clone().into_os_string();
            name.push(ending);
            // What is not there need not be removed.
            let _ = fs::remove_file(name);
        }
    }
}

impl Drop for WorkingCopy {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Generates an organisation into a database, in a process of its own.
pub(crate) fn fill_in_a_child(arguments: &Arguments, leads: u32, url: &DatabaseUrl) -> Result<()> {
    let status = Command::new(std::env::current_exe()?)
        .args(["--part", "fill", "--leads", &leads.to_string(), "--seed", &arguments.seed.to_string()])
        .args(["--database", &address(url)])
        .status()?;
    if status.success() { Ok(()) } else { Err(BenchError::other("the organisation could not be generated")) }
}

/// The child's part: sets the database up and fills it, unless it is filled already.
pub(crate) async fn fill(arguments: &Arguments) -> Result<()> {
    let app = App::open(&database(arguments)?).await?;
    if !app.identity().is_set_up().await? {
        let set_up = SetUp {
            organization: demo::ORGANIZATION.to_owned(),
            admin_email: ADMINISTRATOR.to_owned(),
            currency: "EUR".to_owned(),
            ..SetUp::default()
        };
        app.identity().set_up(set_up).await?;
        let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
        let plan = demo::Plan { leads: arguments.leads, seed: arguments.seed, today };
        let mut told = Instant::now();
        let report = demo::load(&app, &plan, |done, all| {
            if told.elapsed().as_secs() >= 10 {
                eprintln!("  {done} of {all} leads");
                told = Instant::now();
            }
        })
        .await?;
        eprintln!("  {}", serde_json::to_string(&report)?);
    }
    app.close().await;
    Ok(())
}

/// The database a child works on.
pub(crate) fn database(arguments: &Arguments) -> Result<DatabaseUrl> {
    let address = arguments.database.as_deref().ok_or_else(|| BenchError::other("--part needs --database"))?;
    Ok(address.parse()?)
}

/// The address with its password, for a child of ours.
pub(crate) fn address(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(address) => address.clone(),
    }
}
