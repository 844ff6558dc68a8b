//! Files as people have them, and how they are brought in.

use std::path::PathBuf;

use crate::world::World;
use crm::{
    App, Caller, Origin, Row,
    import::{Control, FileReport, InputFile, ProposeOptions, Report, RunOptions, plan::Mapping},
};
use model::Filter;
use pipewright_crm as crm;
use testkit::Scratch;

pub const ACCOUNTS: &str = "\
account,sector,year_established,revenue,employees,office_location,subsidiary_of
Bluth Company,technolgy,1993,1242.32,3027,United States,Acme Corporation
Acme Corporation,technolgy,1996,1100.04,2822,United States,
Ganjaflex,retail,1995,5158.71,17479,Japan,
Cheers,entertainment,1993,4269.9,6472,Kenya,
";
pub const PRODUCTS: &str =
    "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\nGTX Basic,GTX,550\nMG Advanced,MG,3393\n";
pub const TEAMS: &str = "\
sales_agent,manager,regional_office
Anna Snelling,Dustin Brinkmann,Central
Mei-Mei Johns,Dustin Brinkmann,Central
Carl Lin,Summer Sewald,West
";
pub const PIPELINE: &str = "\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
1C1I7A6R,Anna Snelling,GTXPro,Ganjaflex,Won,10/20/2016,3/1/2017,4514
Z063OYW0,Mei-Mei Johns,MG Special,Cheers,Won,10/25/2016,3/18/2017,50
EC4QE1BX,Carl Lin,GTXPro,Acme Corporation,Lost,10/25/2016,3/7/2017,0
HAXMC4IX,Anna Snelling,MG Advanced,,Engaging,11/3/2016,,
9ME3374G,Carl Lin,GTX Basic,Bluth Company,Prospecting,,,
";
pub const DICTIONARY: &str = "\
accounts,,,,,,sales_teams,,
account,sector,year_established,revenue,employees,office_location,sales_agent,manager,regional_office
,,,,,,,,
products,,,sales_pipeline,,,,,
product,series,sales_price,opportunity_id,sales_agent,product,account,deal_stage,engage_date
";
pub const LEADS: &str = "\
Prospect ID,Lead Number,Lead Source,Do Not Email,Converted,TotalVisits,Specialization,City,Page Views Per Visit
7927b2df-8bba-4d29-b9a2-b6e0beafe620,660737,Olark Chat,No,0,0,Select,Mumbai,0
2a272436-5132-4136-86fa-dcc88c88f482,660728,google,No,0,5,Select,Mumbai,2.5
8cc8c611-a219-4f35-ad23-fdfd2656bd8a,660727,Google,Yes,1,2,Business Administration,Select,2
0cc2df48-7cf4-4e39-9de9-19797f9b38cc,660719,Google,No,0,1,Business Administration,,1
";

pub struct Files {
    pub scratch: Scratch,
}

impl Files {
    pub fn new() -> Self {
        Self { scratch: Scratch::new().unwrap() }
    }

    pub fn put(&self, name: &str, text: &str) -> InputFile {
        let path: PathBuf = self.scratch.file(name);
        std::fs::write(&path, text).unwrap();
        InputFile::at(path)
    }

    pub fn sales(&self) -> Vec<InputFile> {
        [
            ("sales_pipeline.csv", PIPELINE),
            ("data_dictionary.csv", DICTIONARY),
            ("sales_teams.csv", TEAMS),
            ("products.csv", PRODUCTS),
            ("accounts.csv", ACCOUNTS),
        ]
        .map(|(name, text)| self.put(name, text))
        .to_vec()
    }
}

pub async fn propose(world: &World, files: &[InputFile], create_missing: bool) -> Mapping {
    let options = ProposeOptions { create_missing, ..ProposeOptions::default() };
    world.app.imports().propose(&world.admin, files.to_vec(), options).await.unwrap().mapping
}

pub async fn run(world: &World, files: Vec<InputFile>, mapping: Mapping) -> Report {
    run_with(world, files, mapping, RunOptions::default()).await
}

pub async fn run_with(world: &World, files: Vec<InputFile>, mapping: Mapping, options: RunOptions) -> Report {
    world.app.imports().run(&world.admin, Origin::Import, files, mapping, options, Control::default()).await.unwrap()
}

pub fn part<'r>(report: &'r Report, file: &str) -> &'r FileReport {
    report.files.iter().find(|part| part.file == file).unwrap()
}

pub async fn rows(app: &App, caller: &Caller, table: &str, filter: Filter) -> Vec<Row> {
    let columns: Vec<String> =
        app.table(table).unwrap().columns.values().filter(|c| c.is_stored()).map(|c| c.name.clone()).collect();
    let query = app.new_query(caller, table).select(columns.iter().map(String::as_str)).matching(filter).take(5000);
    app.query(caller, query).await.unwrap().to_rows().collect()
}

impl World {
    pub async fn one(&self, table: &str, column: &str, value: &str) -> Row {
        let mut found = rows(&self.app, &self.admin, table, Filter::eq(column, value)).await;
        assert_eq!(found.len(), 1, "{table} with {column} = {value}");
        found.remove(0)
    }

    pub async fn number(&self, table: &str) -> usize {
        rows(&self.app, &self.admin, table, Filter::everything()).await.len()
    }
}
