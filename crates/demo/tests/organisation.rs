//! What a generated organisation is like once it is written.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crm::{App, Caller, Row, identity::SetUp};
use demo::{Plan, Report, Sizes};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use model::{ColumnType, Filter, TableKind, Value};

/// A written organisation of 60 leads.
struct Organisation {
    app: App,
    engine: Caller,
    report: Report,
    plan: Plan,
    _folder: tempfile::TempDir,
}

async fn organisation(seed: u64) -> Organisation {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("demo.db").display());
    let app = App::open(&url.parse().unwrap()).await.unwrap();
    let set_up = SetUp {
        organization: demo::ORGANIZATION.to_owned(),
        admin_email: format!("admin@{}", demo::DOMAIN),
        currency: "EUR".to_owned(),
        ..SetUp::default()
    };
    app.identity().set_up(set_up).await.unwrap();
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let plan = Plan { leads: 60, seed, today };
    let report = demo::load(&app, &plan, |_, _| {}).await.unwrap();
    let engine = app.engine().await.unwrap();
    Organisation { app, engine, report, plan, _folder: folder }
}

impl Organisation {
    async fn rows(&self, table: &str, filter: Filter) -> Vec<Row> {
        let columns: Vec<String> =
            self.app.table(table).unwrap().columns.values().filter(|c| c.is_stored()).map(|c| c.name.clone()).collect();
        let query = self
            .app
            .new_query(&self.engine, table)
            .select(columns.iter().map(String::as_str))
            .matching(filter)
            .take(5000);
        self.app.query(&self.engine, query).await.unwrap().to_rows().collect()
    }

    /// Everything that is written, without what depends on the moment of writing.
    async fn content(&self) -> Vec<String> {
        let mut content = Vec::new();
        for table in
            ["account", "contact", "lead", "opportunity", "phonecall", "email", "task", "appointment", "annotation"]
        {
            for row in self.rows(table, Filter::everything()).await {
                let told: Vec<String> = row
                    .iter()
                    .filter(|(name, value)| {
                        !matches!(value, Value::Id(_) | Value::Reference(_) | Value::Null) && *name != "versionnumber"
                    })
                    .map(|(name, value)| format!("{name}={value:?}"))
                    .collect();
                content.push(format!("{table}: {}", told.join(" ")));
            }
        }
        content.sort();
        content
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_makes_the_same_organisation_and_another_one_another() {
    let (first, again, other) = tokio::join!(organisation(3), organisation(3), organisation(4));
    let content = first.content().await;
    assert_eq!(content, again.content().await);
    assert_ne!(content, other.content().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_are_accepted_and_there_are_as_many_as_promised() {
    let organisation = organisation(1).await;
    let sizes = Sizes::of(60);
    assert!(organisation.report.is_complete_for(&sizes), "{:?} is not {sizes:?}", organisation.report);
    for (table, count) in [("lead", 60), ("account", 12), ("contact", 60), ("opportunity", 30)] {
        assert_eq!(organisation.rows(table, Filter::everything()).await.len(), count, "{table}");
    }
    let qualified = organisation.rows("lead", Filter::eq("statecode", 1)).await;
    assert_eq!(qualified.len(), 15);
    assert!(qualified.iter().all(|lead| lead.has("qualifyingopportunityid")));
    let findings = organisation.app.store().check().await.unwrap();
    assert!(findings.is_sound(), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_lies_within_the_twelve_months_before_today() {
    let organisation = organisation(1).await;
    let today = moment(organisation.plan.today);
    let year_ago = today - jiff::SignedDuration::from_hours(24 * 366);
    for table in
        ["account", "contact", "lead", "opportunity", "opportunityclose", "phonecall", "email", "task", "annotation"]
    {
        for row in organisation.rows(table, Filter::everything()).await {
            for column in ["createdon", "modifiedon", "actualend", "senton"] {
                if let Some(at) = row.value(column).as_date_time() {
                    assert!(at >= year_ago && at <= today, "{table}.{column} is {at}");
                }
            }
            let created = row.value("createdon").as_date_time().unwrap();
            assert!(row.value("modifiedon").as_date_time().unwrap() >= created, "{table} changed before it was made");
            assert!(row.has("createdby"), "{table} has no author");
        }
    }
    let lead = organisation.rows("lead", Filter::eq("statecode", 1)).await.remove(0);
    let id = lead.value("leadid").as_id().unwrap();
    let (history, _) = organisation.app.history(&organisation.engine, "lead", id, 100).await.unwrap();
    let first = history.last().unwrap().at;
    assert_eq!(Some(first), lead.value("createdon").as_date_time(), "its history begins when it was made");
    let won = organisation.rows("opportunity", Filter::eq("statecode", 1)).await;
    assert!(won.iter().all(|deal| deal.value("actualclosedate").as_date().unwrap() <= organisation.plan.today));
    let to_do = organisation.rows("task", Filter::eq("statecode", 0)).await;
    assert!(to_do.iter().all(|task| {
        let due = task.value("scheduledend").as_date_time().unwrap();
        (due.duration_since(today).as_hours() / 24).abs() <= 15
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_leads_out_of_the_reserved_domain() {
    let organisation = organisation(2).await;
    let model = organisation.app.model();
    let mut seen = 0;
    for table in model.tables.values().filter(|table| table.kind != TableKind::Pointer) {
        for row in organisation.rows(&table.name, Filter::everything()).await {
            for (column, value) in row.iter() {
                let Some(text) = value.as_text() else { continue };
                for (position, _) in text.match_indices('@') {
                    let domain: String = text[position + 1..]
                        .chars()
                        .take_while(|sign| sign.is_alphanumeric() || "-.".contains(*sign))
                        .collect();
                    assert!(domain.ends_with(".example"), "{}.{column} holds {text}", table.name);
                    seen += 1;
                }
                let is_url = text.starts_with("http");
                assert!(!is_url || text.ends_with(".example"), "{}.{column} holds {text}", table.name);
            }
        }
    }
    assert!(seen > 100, "only {seen} addresses were seen");
    assert!(model.table("lead").unwrap().columns.values().any(|column| matches!(column.kind, ColumnType::Text { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_organisation_in_the_same_database_is_refused() {
    let organisation = organisation(1).await;
    let refusal = demo::load(&organisation.app, &organisation.plan, |_, _| {}).await.unwrap_err();
    assert!(refusal.to_string().contains("already"), "{refusal}");
}

fn moment(day: Date) -> Timestamp {
    day.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp()
}
