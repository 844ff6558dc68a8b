//! What can be said on the command line.

#![allow(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    rustdoc::bare_urls,
    reason = "these comments are help texts on a terminal, where markup is noise"
)]

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

/// Pipewright, the sales pipeline CRM.
///
/// Exit codes: 0 done, 1 refused, 2 used wrongly, 3 findings (check) or rows left out (import),
/// 4 database, network or disk failed.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Where the data is: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME
    /// [default: sqlite:pipewright.db]
    #[arg(long, global = true, env = "PIPEWRIGHT_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// Where the server listens [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "PIPEWRIGHT_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// The address people use, where a proxy stands in front: https://crm.example.com
    #[arg(long, global = true, env = "PIPEWRIGHT_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Folder for the copy of the database that is made before a release changes it, or `none`
    /// [default: beside an SQLite file, else the working directory]
    #[arg(long, global = true, env = "PIPEWRIGHT_UPGRADE_COPIES")]
    pub upgrade_copies: Option<String>,
    /// Configuration file [default: pipewright.toml, where it exists]
    #[arg(long, global = true, env = "PIPEWRIGHT_CONFIG")]
    pub config: Option<PathBuf>,
    /// File with the key that secrets in the database are sealed with
    /// [default: beside an SQLite file, its name with .key added]
    #[arg(long, global = true, env = "PIPEWRIGHT_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// File with the SHA-1 of passwords known from breaches, sorted, one a line as `HASH:COUNT`: the
    /// list of "Have I Been Pwned"; nobody can set one of them
    #[arg(long, global = true, env = "PIPEWRIGHT_BREACHED_PASSWORDS")]
    pub breached_passwords: Option<PathBuf>,
    /// How the log is written to standard error: text, or json with one object a line [default: text]
    #[arg(long, global = true, env = "PIPEWRIGHT_LOG_FORMAT", hide_possible_values = true)]
    pub log_format: Option<LogFormat>,
    /// That key itself; only from the environment
    #[arg(skip = std::env::var("PIPEWRIGHT_SECRET_KEY").ok())]
    pub secret_key: Option<String>,
    /// Secret of the single sign-on client; only from the environment
    #[arg(skip = std::env::var("PIPEWRIGHT_SINGLE_SIGN_ON_SECRET").ok())]
    pub single_sign_on_secret: Option<String>,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one object of JSON a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server; prints one line when it is ready, ends cleanly on SIGTERM
    Serve {
        /// Into an empty database load a small demonstration organisation first
        #[arg(long)]
        demo: bool,
    },
    /// Set up an empty database with its first administrator
    Init(Init),
    /// Make, list and revoke personal API tokens
    #[command(subcommand)]
    Token(Token),
    /// Register programs that sign in by OAuth 2.0, and make their secrets
    #[command(subcommand)]
    Program(Program),
    /// Help users to sign in, or shut them out
    #[command(subcommand)]
    User(User),
    /// Seal the secrets in the database anew with the first of several secret keys, so that the
    /// others can be taken away
    Reseal,
    /// Load a generated organisation with people, leads, deals and history
    Demo {
        /// How many leads; everything else grows with them
        #[arg(long, default_value_t = 400)]
        leads: u32,
        /// The same seed gives the same organisation
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring CSV and XLSX files in
    Import(Import),
    /// Take the rows of a view out as CSV or XLSX
    Export(Export),
    /// Write a consistent copy of everything to one file, also while the server runs
    Backup {
        /// The file to write; must not exist
        file: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring a backup into an empty database of either kind
    Restore {
        /// The backup
        file: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify integrity, references, totals and search
    Check {
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shape the model: see, take out, bring in an organisation's customisations
    #[command(subcommand)]
    Customize(Customize),
    /// Answer people who ask for their data: find, hand out, erase; and retention rules
    #[command(subcommand)]
    Privacy(Privacy),
}

/// First set-up.
#[derive(Debug, Args)]
pub struct Init {
    /// First administrator's e-mail address
    #[arg(long)]
    pub admin_email: String,
    /// File with the first administrator's password; a one-time link is printed where none is given
    #[arg(long)]
    pub admin_password_file: Option<PathBuf>,
    /// Name of the organisation
    #[arg(long, default_value = "My organisation")]
    pub organization: String,
    /// ISO code of the base currency
    #[arg(long, default_value = "USD")]
    pub currency: String,
    /// IANA time zone
    #[arg(long, default_value = "UTC")]
    pub time_zone: String,
    /// Language and region for numbers and dates
    #[arg(long, default_value = "en-US")]
    pub locale: String,
}

/// API tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token; prints only the token
    Create {
        /// E-mail address of the user
        #[arg(long)]
        user: String,
        /// What it is for
        #[arg(long, default_value = "command line")]
        name: String,
        /// Days until it ends
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// List the tokens of a user; the tokens themselves are shown once only, when they are made
    List {
        /// E-mail address of the user
        #[arg(long)]
        user: String,
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token
    Revoke {
        /// E-mail address of the user
        #[arg(long)]
        user: String,
        /// The token's key as `token list` prints it, or its beginning
        key: String,
    },
}

/// Programs.
#[derive(Debug, Subcommand)]
pub enum Program {
    /// Register a program; prints only its client id
    Add(AddProgram),
    /// List the programs that are registered
    List {
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a secret for a program; prints only the secret. Two may be valid at a time
    Secret {
        /// The program's client id
        program: uuid::Uuid,
        /// Days until it ends
        #[arg(long, default_value_t = 180)]
        days: u32,
    },
    /// List the secrets of a program; the secrets themselves are shown once only, when they are made
    Secrets {
        /// The program's client id
        program: uuid::Uuid,
    },
    /// Remove a secret of a program
    RemoveSecret {
        /// The program's client id
        program: uuid::Uuid,
        /// The secret's key as `program secrets` prints it, or its beginning
        key: String,
    },
}

/// A program to be registered.
#[derive(Debug, Args)]
pub struct AddProgram {
    /// What people call it
    #[arg(long)]
    pub name: String,
    /// Address that people may be sent back to; can be given several times
    #[arg(long)]
    pub redirect: Vec<String>,
    /// It runs on people's devices and keeps no secret
    #[arg(long)]
    pub public: bool,
    /// It may only read
    #[arg(long)]
    pub read_only: bool,
    /// Make the user that it works as by itself, with this security role; can be given several times
    #[arg(long)]
    pub role: Vec<String>,
}

/// Users.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Print a one-time link by which the user sets a password
    PasswordLink {
        /// E-mail address of the user
        #[arg(long)]
        user: String,
    },
    /// Take away a user's password, second factors, sessions and tokens, and print a one-time link
    /// by which they begin anew
    Reset {
        /// E-mail address of the user
        #[arg(long)]
        user: String,
    },
    /// Sign a user out everywhere
    SignOut {
        /// E-mail address of the user
        #[arg(long)]
        user: String,
    },
}

/// Bring files in.
#[derive(Debug, Args)]
pub struct Import {
    /// CSV or XLSX files, or ZIP files that hold some; those that belong together in one command
    #[arg(required_unless_present_any = ["undo", "left_out", "report"])]
    pub files: Vec<PathBuf>,
    /// A saved mapping; proposed from the files where none is given
    #[arg(long)]
    pub mapping: Option<PathBuf>,
    /// Write the mapping used (or proposed) to this file
    #[arg(long)]
    pub write_mapping: Option<PathBuf>,
    /// Only report what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Let columns, choice options and named records that are missing be created
    #[arg(long)]
    pub create_missing: bool,
    /// What is done with a row that is there already: skip, update or create (another one)
    /// [default: as the mapping says]
    #[arg(long)]
    pub duplicates: Option<crm::import::plan::Duplicates>,
    /// Columns by which a row that is there already is found, + between columns that count
    /// together; repeated, they are tried in this order; the word rules stands for the published
    /// duplicate rules [default: as the mapping says]
    #[arg(long = "match", value_name = "COLUMN[+COLUMN]")]
    pub match_by: Vec<String>,
    /// Write rows that could not be brought in to files in this folder, with the reason
    #[arg(long)]
    pub failed_rows: Option<PathBuf>,
    /// Instead of importing, write the rows that the import with this number left out (`last` for
    /// the last one) to the folder of --failed-rows
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["files", "mapping", "undo"])]
    pub left_out: Option<String>,
    /// Instead of importing, tell how the import with this number stands (`last` for the last one)
    /// and what came in; makes sure that one which was interrupted is known to be
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["files", "mapping", "undo", "left_out"])]
    pub report: Option<String>,
    /// With --report, --left-out and --undo: how many seconds an import that looks at work must give
    /// no sign of life before it counts as interrupted, 10 or more
    #[arg(long, value_name = "SECONDS", default_value_t = crm::import::SILENCE.as_secs())]
    #[arg(value_parser = clap::value_parser!(u64).range(10..))]
    pub silence: u64,
    /// Undo the import with this number (`last` for the last one) instead of importing
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["files", "mapping"])]
    pub undo: Option<String>,
    /// Import in this user's name [default: the engine]
    #[arg(long)]
    pub user: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Take rows out.
#[derive(Debug, Args)]
pub struct Export {
    /// Table: lead, opportunity …
    pub table: String,
    /// View of the table; all rows with all columns where none is given
    #[arg(long)]
    pub view: Option<String>,
    /// File to write, by its ending CSV, XLSX or ZIP (with the files of notes, pictures …); standard
    /// output as CSV where none is given
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// Logical names, numbers and identifiers instead of labels and names; comes back without loss
    #[arg(long)]
    pub raw: bool,
    /// Export what this user may see [default: everything]
    #[arg(long)]
    pub user: Option<String>,
}

/// Customisations.
#[derive(Debug, Subcommand)]
pub enum Customize {
    /// List what was customised, or with --all everything there is
    List(ListParts),
    /// Print the declaration of one part as it is in force, to be edited and put back
    Show(ShowPart),
    /// Add one part, or change it, and publish
    Put(PutPart),
    /// Remove an own part, or give a changed one its shipped declaration back, and publish
    Remove(RemovePart),
    /// Validate a customisation file and tell what publishing it would change
    Check {
        /// The file; - for standard input
        #[arg(long)]
        file: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell who published customisations, when, by what way, and what that changed, the newest first
    History(CustomizeHistory),
    /// Take away for good what was taken out of the model and is still kept, or list it
    Purge(Purge),
    /// Add a column to a table and publish (in short for put column)
    AddColumn(AddColumn),
    /// Print all customisations as one file for version control
    Export,
    /// Validate a customisation file, migrate the database and publish it
    Import {
        /// The file; - for standard input
        file: PathBuf,
        /// Only validate
        #[arg(long)]
        dry_run: bool,
    },
}

/// Which publications are told.
#[derive(Debug, Args)]
pub struct CustomizeHistory {
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub count: u32,
    /// Only publications before this version of the model
    #[arg(long, value_name = "VERSION")]
    pub before: Option<u64>,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// What is purged.
#[derive(Debug, Args)]
pub struct Purge {
    /// TABLE, or TABLE.COLUMN; without it, everything kept is listed with the number of its rows
    pub name: Option<String>,
    /// Only list what is kept, and what was purged so far
    #[arg(long, conflicts_with = "yes")]
    pub list: bool,
    /// Do not ask
    #[arg(long, requires = "name")]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Which parts.
#[derive(Debug, Args)]
pub struct ListParts {
    /// Kind: table, column, choice, option, state, status, relationship, many_to_many, view, form,
    /// summary, key, index, process, mapping [default: every kind]
    pub kind: Option<String>,
    /// Of this table only
    #[arg(long)]
    pub table: Option<String>,
    /// Also what is shipped and not changed
    #[arg(long)]
    pub all: bool,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// Which part.
#[derive(Debug, Args)]
pub struct ShowPart {
    /// Kind: table, column, choice, option, state, status, relationship, many_to_many, view, form,
    /// summary, key, index, process, mapping
    pub kind: String,
    /// Name: lead (table), lead/new_score (column, choice, view, form, summary, key,
    /// many_to_many), lead/leadsourcecode/1 (option), lead/0 (state), lead/3 (status),
    /// lead/ownerid,-createdon (index), lead/customerid/account (relationship), lead/contact (mapping), new_flow (process)
    pub name: String,
    /// Print JSON instead of TOML
    #[arg(long)]
    pub json: bool,
}

/// A part with its declaration.
#[derive(Debug, Args)]
pub struct PutPart {
    /// Kind: table, column, choice, option, state, status, relationship, many_to_many, view, form,
    /// summary, key, index, process, mapping
    pub kind: String,
    /// Name, as `customize list` prints it; lead/leadsourcecode/next has an option's number chosen
    pub name: String,
    /// File with the whole declaration, TOML or JSON; - for standard input
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Change only this property, a TOML value or plain text: label=Score, length=500,
    /// 'options=["Hot", "Cold"]'; nothing behind the = takes it out. Can be given several times
    #[arg(long, value_name = "PROPERTY=VALUE")]
    pub set: Vec<String>,
    /// Only validate, and tell what publishing would change
    #[arg(long)]
    pub dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// A part to be removed.
#[derive(Debug, Args)]
pub struct RemovePart {
    /// Kind: table, column, choice, option, state, status, relationship, many_to_many, view, form,
    /// summary, key, index, process, mapping
    pub kind: String,
    /// Name, as `customize list` prints it
    pub name: String,
    /// Only validate, and tell what publishing would change
    #[arg(long)]
    pub dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// A column to be added.
#[derive(Debug, Args)]
pub struct AddColumn {
    /// Table: lead
    pub table: String,
    /// Logical name with a prefix: new_score
    pub column: String,
    /// Type: text, memo, rich_text, whole, decimal, money, boolean, choice, multi_choice, date,
    /// date_time, lookup, file, image
    #[arg(long = "type")]
    pub kind: String,
    /// What people read
    #[arg(long)]
    pub label: String,
    /// Labels of a choice's options, or target tables of a lookup
    #[arg(long, value_delimiter = ',')]
    pub options: Vec<String>,
    /// Length of a text
    #[arg(long)]
    pub length: Option<u32>,
}

/// People's data.
#[derive(Debug, Subcommand)]
pub enum Privacy {
    /// List everything that is kept about a person
    Find {
        #[command(flatten)]
        person: PersonArguments,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write everything about a person into one ZIP file: a page to read, JSON, CSV, files, history
    Export {
        #[command(flatten)]
        person: PersonArguments,
        /// The file to write; must not exist
        #[arg(long, short)]
        output: PathBuf,
        /// The number you keep the request under; never a name
        #[arg(long, default_value = "")]
        reference: String,
    },
    /// Erase everything about a person for good, from rows, history, search, files and imports
    Erase(ErasePerson),
    /// Print the ledger of all erasures, to be kept apart from the backups
    Ledger {
        /// The file to write [default: standard output]
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// After restoring a backup, do those erasures again that it does not know
    Again {
        /// The ledger
        ledger: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// List the retention rules with what each would do now, or carry one out
    Retention(Retention),
}

/// Whose data is meant; each can be given several times.
#[derive(Debug, Args)]
pub struct PersonArguments {
    /// A record about them: contact/IDENTIFIER, lead/IDENTIFIER
    #[arg(long, value_name = "TABLE/IDENTIFIER", required_unless_present_any = ["email", "phone", "name"])]
    pub record: Vec<String>,
    /// Their e-mail address
    #[arg(long)]
    pub email: Vec<String>,
    /// Their telephone number
    #[arg(long)]
    pub phone: Vec<String>,
    /// Their first and last name
    #[arg(long)]
    pub name: Vec<String>,
}

/// What is erased.
#[derive(Debug, Args)]
pub struct ErasePerson {
    #[command(flatten)]
    pub person: PersonArguments,
    /// Only these of what `find` lists, by what it names them [default: everything certain]
    #[arg(long, value_name = "KEY")]
    pub only: Vec<String>,
    /// Delete their contacts and leads instead of anonymising them
    #[arg(long)]
    pub delete: bool,
    /// Delete activities and notes about them instead of anonymising them
    #[arg(long)]
    pub delete_activities: bool,
    /// The number you keep the request under; never a name
    #[arg(long, default_value = "")]
    pub reference: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Retention rules.
#[derive(Debug, Args)]
pub struct Retention {
    /// Carry out the rule with this name, be it on or off
    #[arg(long, value_name = "RULE")]
    pub run: Option<String>,
    /// Do not ask
    #[arg(long, requires = "run")]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
