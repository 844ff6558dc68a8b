//! The whole benchmark, from the organisation to the report.

use std::fs;

use store::DatabaseUrl;

use crate::{
    Arguments, Result, children, importing, listening,
    organization::{Kept, fill_in_a_child},
    reading,
    report::{Report, Sized},
    served,
    subject::Subject,
    tools, writing,
};

/// Measures everything and prints it.
pub(crate) async fn everything(arguments: &Arguments) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let engine = if arguments.postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    let mut report = Report { engine: engine.to_owned(), cores, sizes: Vec::new() };
    if let Some(address) = &arguments.postgres {
        let url = address.parse()?;
        fill_in_a_child(arguments, arguments.leads, &url)?;
        report.sizes.push(measured(arguments, arguments.leads, &url, None).await?);
    } else {
        let sizes = if arguments.times_ten { vec![1, 10] } else { vec![1] };
        for times in sizes {
            let leads = arguments.leads * times;
            let kept = Kept::find_or_make(arguments, leads)?;
            let copy = if arguments.consume { kept.consume()? } else { kept.copy()? };
            let url = DatabaseUrl::Sqlite(copy.path().to_owned());
            report.sizes.push(measured(arguments, leads, &url, Some(kept.size()?)).await?);
        }
    }
    println!("{}", report.table());
    if let Some(file) = &arguments.json {
        fs::write(file, serde_json::to_vec_pretty(&report)?)?;
    }
    Ok(())
}

async fn measured(arguments: &Arguments, leads: u32, url: &DatabaseUrl, file_bytes: Option<u64>) -> Result<Sized> {
    eprintln!("measuring with {leads} leads …");
    // First, while nobody else has the file open.
    let mut figures = children::figures(arguments, url)?;
    figures.extend(listening::figures(arguments, url)?);
    let subject = Subject::open(url).await?;
    let mut cases = reading::cases(arguments, &subject).await?;
    cases.extend(served::cases(arguments, &subject).await?);
    cases.extend(tools::cases(arguments, &subject).await?);
    cases.extend(writing::cases(arguments, &subject).await?);
    figures.extend(importing::figure(arguments, &subject).await?);
    subject.app.close().await;
    Ok(Sized { leads, file_bytes, cases, figures })
}
