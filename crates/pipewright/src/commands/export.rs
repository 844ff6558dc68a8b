//! Take the rows of a view out as CSV or XLSX, or with their files as a ZIP.

use std::{io::Write, path::Path};

use crm::{
    App,
    export::{ExportRequest, Format},
};

use crate::{arguments::Export, failure::Failure, output::Stream};

/// Writes the rows to a file, or as CSV to standard output.
pub async fn run(app: &App, arguments: Export) -> Result<(), Failure> {
    let caller = super::import::caller(app, arguments.user.as_deref()).await?;
    let format = arguments.output.as_deref().map_or(Ok(Format::Csv), format_of)?;
    let request = ExportRequest {
        table: arguments.table,
        view: arguments.view,
        format,
        raw: arguments.raw,
        ..ExportRequest::default()
    };
    let Some(path) = arguments.output else {
        let stream = Stream::default();
        let result = app.exports().run(&caller, request, stream.clone()).await;
        // Whoever reads has enough; `… | head` is no failure.
        if stream.is_unread() {
            return Ok(());
        }
        result?;
        return Ok(stream.clone().flush()?);
    };
    let cannot = |error: std::io::Error| Failure::Environment(format!("{} cannot be written: {error}", path.display()));
    let file = std::fs::File::create(&path).map_err(cannot)?;
    let exported = app.exports().run(&caller, request, std::io::BufWriter::new(file)).await?;
    println!("{}: {} rows with {} columns", path.display(), exported.rows, exported.columns);
    if exported.cut_cells > 0 {
        eprintln!(
            "{} texts were cut because a workbook's cell holds no more; export as CSV to keep them whole",
            exported.cut_cells
        );
    }
    Ok(())
}

fn format_of(path: &Path) -> Result<Format, Failure> {
    match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("xlsx") => Ok(Format::Xlsx),
        Some("zip") => Ok(Format::Zip),
        _ => Err(Failure::Usage(format!("{} should end in .csv, .xlsx or .zip", path.display()))),
    }
}
