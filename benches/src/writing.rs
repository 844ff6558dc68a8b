//! What people change: each turn is an act of its own, durable when it is answered.

use std::{path::Path, sync::Arc};

use crm::{NewRecord, Origin, Row, process::Move};
use model::Reference;
use rusqlite::{Connection, params_from_iter, types::Value as Raw};
use uuid::Uuid;

use crate::{
    Result, aims,
    arguments::Arguments,
    measure::{Limits, Measured, measure, measure_raw_writer},
    raw,
    report::Case,
    subject::{Subject, of_turn},
    whole,
};

/// All writing cases.
pub(crate) async fn cases(arguments: &Arguments, subject: &Subject) -> Result<Vec<Case>> {
    let limits = Limits::of(arguments.time());
    let mut cases = Vec::new();
    if arguments.wants(aims::CREATE) {
        let raw = subject.file.as_deref().map(|file| RawTable::copied(file)?.inserts(limits)).transpose()?;
        let ours = create(subject, limits).await?;
        cases.push(Case::beside(aims::CREATE, ours, raw));
        if let Some(file) = &subject.file {
            cases.push(Case::beside(aims::CREATE_WHOLE, ours, Some(whole::creates(file, limits, 1)?)));
        }
    }
    if arguments.wants(aims::UPDATE) {
        let raw = subject.file.as_deref().map(|file| RawTable::copied(file)?.updates(limits)).transpose()?;
        let ours = update(subject, limits).await?;
        cases.push(Case::beside(aims::UPDATE, ours, raw));
        if let Some(file) = &subject.file {
            cases.push(Case::beside(aims::UPDATE_WHOLE, ours, Some(whole::updates(file, limits)?)));
        }
    }
    if arguments.wants(aims::STAGE) {
        cases.push(Case::beside(aims::STAGE, stage(subject, limits).await?, None));
    }
    if arguments.wants(aims::QUALIFY) {
        cases.push(Case::beside(aims::QUALIFY, qualify(subject, limits).await?, None));
    }
    Ok(cases)
}

/// A seller captures a lead.
async fn create(subject: &Subject, limits: Limits) -> Result<Measured> {
    let (app, sellers) = (subject.app.clone(), Arc::clone(&subject.sellers));
    measure(limits, move |turn| {
        let (app, seller) = (app.clone(), of_turn(&sellers, turn).clone());
        async move { Ok(app.create(&seller, Origin::Page, NewRecord::of("lead", lead(turn))).await.map(|_| 1)?) }
    })
    .await
}

/// What a seller types about a lead.
pub(crate) fn lead(number: u64) -> Row {
    Row::new()
        .with("subject", format!("Robotics line for plant {number}"))
        .with("firstname", "Ada")
        .with("lastname", format!("Lovelace {number}"))
        .with("companyname", "Analytical Engines Ltd.")
        .with("jobtitle", "Head of Production")
        .with("emailaddress1", format!("ada.{number}@engines.example"))
        .with("telephone1", "+44 20 7946 0000")
        .with("address1_city", "London")
        .with("leadsourcecode", 2)
        .with("numberofemployees", 250)
}

/// A seller changes the telephone number and the rating of a lead.
async fn update(subject: &Subject, limits: Limits) -> Result<Measured> {
    let (app, caller, leads) = (subject.app.clone(), subject.administrator.clone(), Arc::clone(&subject.open_leads));
    measure(limits, move |turn| {
        let (app, caller, id) = (app.clone(), caller.clone(), *of_turn(&leads, turn));
        let changes =
            Row::new().with("telephone1", format!("+49 30 {turn}")).with("leadqualitycode", (turn % 3) as i32 + 1);
        async move { Ok(app.update(&caller, Origin::Page, "lead", id, changes, None).await.map(|_| 1)?) }
    })
    .await
}

/// A deal goes on to the next stage and comes back.
async fn stage(subject: &Subject, limits: Limits) -> Result<Measured> {
    let (app, caller, deals) = (subject.app.clone(), subject.administrator.clone(), Arc::clone(&subject.open_deals));
    measure(limits, move |turn| {
        let (app, caller, id) = (app.clone(), caller.clone(), deals[(turn / 2) as usize % deals.len()]);
        let step = if turn % 2 == 0 { Move::Next } else { Move::Back };
        async move {
            let deal = Reference::new("opportunity", id);
            Ok(app.processes().carry_out(&caller, Origin::Page, deal, step).await.map(|_| 1)?)
        }
    })
    .await
}

/// A lead becomes account, contact and opportunity; its notes and activities follow.
async fn qualify(subject: &Subject, limits: Limits) -> Result<Measured> {
    let (app, caller, leads) = (subject.app.clone(), subject.administrator.clone(), Arc::clone(&subject.open_leads));
    let limits = Limits { turns: leads.len() as u64, ..limits };
    measure(limits, move |turn| {
        // In order: each lead is qualified once.
        let (app, caller, id) = (app.clone(), caller.clone(), leads[turn as usize % leads.len()]);
        async move {
            let everything = (true, true, true);
            Ok(app.leads().qualify_plainly(&caller, Origin::Page, id, everything, |_| ()).await.map(|_| 1)?)
        }
    })
    .await
}

/// The table of leads with its indexes and some of its rows, in a file of its own.
struct RawTable {
    connection: Connection,
    /// Values of whole rows, without the row's number.
    rows: Vec<Vec<Raw>>,
    columns: Vec<String>,
    keys: Vec<Vec<u8>>,
    _folder: tempfile::TempDir,
}

impl RawTable {
    /// The whole table, so that its indexes are as large as the product's.
    fn copied(file: &Path) -> Result<Self> {
        // Beside the database, so that it lies on the same disk.
        let folder = tempfile::tempdir_in(file.parent().unwrap_or(Path::new(".")))?;
        let source = raw::reader(file)?;
        let statements = definition(&source)?;
        let mut select = source.prepare("SELECT * FROM lead ORDER BY leadid LIMIT 5000")?;
        let columns: Vec<String> = select.column_names().skip(1).map(str::to_owned).collect();
        let width = columns.len();
        let rows = select
            .query_map([], |row| {
                (1..=width).map(|column| row.get::<_, Raw>(column)).collect::<rusqlite::Result<Vec<_>>>()
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let key = columns.iter().position(|column| column == "leadid").unwrap_or_default();
        let keys =
            rows.iter().filter_map(|row| if let Raw::Blob(id) = &row[key] { Some(id.clone()) } else { None }).collect();
        let connection = raw::writer(&folder.path().join("raw.db"))?;
        connection.execute_batch(&statements)?;
        connection.execute("ATTACH ?1 AS source", [file.to_string_lossy()])?;
        connection.execute_batch(
            "INSERT INTO main.lead SELECT * FROM source.lead; DETACH source; PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        Ok(Self { connection, rows, columns, keys, _folder: folder })
    }

    fn insert(&self, connection: &Connection, row: &[Raw]) -> Result<()> {
        let places = vec!["?"; self.columns.len()].join(", ");
        let sql = format!("INSERT INTO lead ({}) VALUES ({places})", self.columns.join(", "));
        connection.prepare_cached(&sql)?.execute(params_from_iter(row))?;
        Ok(())
    }

    fn inserts(&self, limits: Limits) -> Result<Measured> {
        let key = self.columns.iter().position(|column| column == "leadid").unwrap_or_default();
        measure_raw_writer(limits, &self.connection, |connection, turn| {
            let mut row = of_turn(&self.rows, turn).clone();
            row[key] = Raw::Blob(Uuid::now_v7().as_bytes().to_vec());
            self.insert(connection, &row)
        })
    }

    fn updates(&self, limits: Limits) -> Result<Measured> {
        let sql = "UPDATE lead SET telephone1 = ?1, leadqualitycode = ?2, modifiedon = ?3, versionnumber = ?4 WHERE leadid = ?5";
        measure_raw_writer(limits, &self.connection, |connection, turn| {
            let now = jiff::Timestamp::now().as_millisecond();
            let id = of_turn(&self.keys, turn);
            let values = rusqlite::params![format!("+49 30 {turn}"), (turn % 3) as i64 + 1, now, turn as i64, id];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
    }
}

/// What creates the table of leads and its indexes, the table first.
fn definition(source: &Connection) -> Result<String> {
    let sql = "SELECT sql FROM sqlite_master WHERE tbl_name = 'lead' AND sql IS NOT NULL ORDER BY type DESC";
    let mut statement = source.prepare(sql)?;
    let statements = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(statements.join(";\n"))
}
