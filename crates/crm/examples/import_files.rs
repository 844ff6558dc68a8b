//! Brings files into a new database and prints mapping and report:
//! `cargo run -p pipewright-crm --example import_files -- DATABASE [--create-missing] [--dry-run] FILES…`

use pipewright_crm::{
    App, Origin, Result,
    identity::SetUp,
    import::{Control, InputFile, ProposeOptions, RunOptions},
};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let create_missing = take(&mut arguments, "--create-missing");
    let dry_run = take(&mut arguments, "--dry-run");
    let undo = take(&mut arguments, "--undo");
    let database = arguments.remove(0);
    let app = App::open(&database.parse()?).await?;
    if !app.identity().is_set_up().await? {
        app.identity().set_up(SetUp { admin_email: "admin@example.com".to_owned(), ..SetUp::default() }).await?;
    }
    let engine = app.engine().await?;
    let files: Vec<InputFile> = arguments.iter().map(InputFile::at).collect();
    let options = ProposeOptions { create_missing, ..ProposeOptions::default() };
    let proposal = app.imports().propose(&engine, files.clone(), options).await?;
    println!("{}", proposal.mapping.to_toml()?);
    let report = app
        .imports()
        .run(
            &engine,
            Origin::CommandLine,
            files,
            proposal.mapping,
            RunOptions { dry_run, ..RunOptions::default() },
            Control::default(),
        )
        .await?;
    println!("{report:#?}");
    if undo {
        let began = std::time::Instant::now();
        let rows = app.imports().undo(&engine, Origin::CommandLine, report.act).await?;
        println!("undone {rows} rows in {:?}", began.elapsed());
    }
    app.store().clone().close().await;
    Ok(())
}

fn take(arguments: &mut Vec<String>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| argument != flag);
    arguments.len() != before
}
