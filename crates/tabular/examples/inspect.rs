//! Shows how files are written and what their columns seem to hold:
//! `cargo run -p pipewright-tabular --example inspect -- FILES…`

use std::path::Path;

use pipewright_tabular::{Options, Profile, Source, TabularError};

fn main() -> Result<(), TabularError> {
    for file in std::env::args().skip(1) {
        inspect(Path::new(&file))?;
    }
    Ok(())
}

fn inspect(path: &Path) -> Result<(), TabularError> {
    let mut source = Source::open(path, &Options::default())?;
    println!("{}: {:?}", path.display(), source.detected());
    let headers = source.headers().to_vec();
    let (mut failed, mut surplus) = (0, 0);
    let rows = source.rows().filter_map(|row| match row {
        Ok(row) => {
            surplus += u64::from(!row.surplus.is_empty());
            Some(row)
        }
        Err(error) => {
            println!("  {error}");
            failed += 1;
            None
        }
    });
    let mut profile = Profile::of(&headers, rows);
    profile.settle_dates();
    println!("  {} rows, {failed} unreadable, {surplus} with surplus cells", profile.rows);
    for column in &profile.columns {
        println!(
            "  {:<40} {:?} filled {} distinct {}{} longest {} exceptions {}{}{}",
            column.header,
            column.kind,
            column.filled,
            column.distinct.len(),
            if column.distinct_complete { "" } else { "+" },
            column.max_length,
            column.exceptions,
            column
                .evidence
                .as_ref()
                .map_or(String::new(), |e| format!(", because of {:?} in {:?}, row {}", e.value, e.column, e.row)),
            column.first_exception.as_ref().map_or(String::new(), |e| format!(", but {:?} in row {}", e.value, e.row)),
        );
    }
    Ok(())
}
