//! What imports keep of a person: the rows that did not come in, and what is told of them.

use language::tr;
use model::{Filter, Reference};
use store::{Query, Row};
use uuid::Uuid;

use super::{
    find::{Item, Kind},
    terms::Terms,
};
use crate::{App, Caller, Error, Result, import, records::Work};

const JOBS: &str = "importjob";

/// Imports that left out rows about the person, or tell of them otherwise.
pub(super) async fn find(app: &App, caller: &Caller, terms: &Terms) -> Result<Vec<Item>> {
    let mut query = app.new_query(caller, JOBS).select(["importjobid", "name", "definition"]).take(50);
    let mut items = Vec::new();
    loop {
        let rows = app.query(caller, query.clone()).await?;
        let jobs: Vec<Row> = rows.to_rows().collect();
        for job in jobs {
            let count = count(app, caller, &job, terms).await?;
            let told = terms.spoken(job.text("definition")).is_some();
            if count == 0 && !told {
                continue;
            }
            let id = job.value("importjobid").as_id().unwrap_or_default();
            items.push(Item {
                kind: Kind::Import,
                record: Reference::new(JOBS, id),
                name: job.text("name").to_owned(),
                reason: match count {
                    0 => tr!("its report tells of them"),
                    count => tr!("left out one row about them" | "left out {n} rows about them" % count),
                },
                certain: true,
                held: false,
                sequences: Vec::new(),
            });
        }
        match rows.next {
            Some(next) => query.page.cursor = Some(next),
            None => return Ok(items),
        }
    }
}

async fn count(app: &App, caller: &Caller, job: &Row, terms: &Terms) -> Result<usize> {
    let mut count = 0;
    for part in import::kept_files(job) {
        let content = app.file(caller, part).await?.unwrap_or_default();
        count += rows(&content)?.into_iter().filter(|row| is_about(row, terms)).count();
    }
    Ok(count)
}

/// The rows about a person that an import left out, as CSV.
pub(super) async fn theirs(app: &App, caller: &Caller, job: Uuid, terms: &Terms) -> Result<Vec<u8>> {
    let job = app.get(caller, JOBS, job, Some(vec!["definition".to_owned()])).await?;
    let mut theirs = Vec::new();
    for part in import::kept_files(&job) {
        let content = app.file(caller, part).await?.unwrap_or_default();
        for row in rows(&content)?.into_iter().filter(|row| is_about(row, terms)) {
            theirs.extend_from_slice(row.written);
        }
    }
    Ok(theirs)
}

/// Takes the rows about a person out of what an import keeps; how many that were.
pub(super) fn take_out(work: &mut Work<'_, '_>, job: Uuid, terms: &Terms) -> Result<u64> {
    let table = work.table(JOBS)?;
    let query = Query::of(JOBS, work.caller().scope().clone(), work.caller().zone())
        .select(["definition"])
        .matching(Filter::eq("importjobid", job))
        .take(1);
    let Some(found) = work.query(&query)?.pop() else { return Ok(0) };
    let mut taken = 0;
    for part in import::kept_files(&found) {
        let content = work.writer().file(part)?.unwrap_or_default();
        let mut kept = Vec::with_capacity(content.len());
        let mut taken_here = 0;
        for row in rows(&content)? {
            if is_about(&row, terms) {
                taken_here += 1;
            } else {
                kept.extend_from_slice(row.written);
            }
        }
        if taken_here > 0 {
            work.writer().put_file(part, &kept)?;
            taken += taken_here;
        }
    }
    let definition = found.text("definition");
    if terms.spoken(definition).is_some()
        && let Some(old) = work.writer().lock(JOBS, job)?
    {
        let definition = terms.without(definition);
        work.write_row(&table, &old, Row::new().with("definition", definition))?;
    }
    Ok(taken)
}

/// One row of a CSV file, with the bytes it takes.
struct CsvRow<'c> {
    cells: csv::ByteRecord,
    written: &'c [u8],
}

fn rows(content: &[u8]) -> Result<Vec<CsvRow<'_>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
    let mut rows = Vec::new();
    let mut cells = csv::ByteRecord::new();
    let mut start = 0;
    let unreadable = |error: csv::Error| Error::File(tr!("the rows an import left out cannot be read: {error}", error));
    while reader.read_byte_record(&mut cells).map_err(unreadable)? {
        let end = usize::try_from(reader.position().byte()).unwrap_or(content.len()).min(content.len());
        rows.push(CsvRow { cells: cells.clone(), written: &content[start..end] });
        start = end;
    }
    Ok(rows)
}

fn is_about(row: &CsvRow<'_>, terms: &Terms) -> bool {
    row.cells.iter().any(|cell| terms.spoken(&String::from_utf8_lossy(cell)).is_some())
        // First and last name stand in cells of their own.
        || terms.spoken(&row.cells.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")).is_some()
}
