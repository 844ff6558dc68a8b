//! What comes in, what stays behind, and what becomes of an import.

use super::files::{Files, LEADS, part, propose, rows, run, run_with};
use crate::world::in_every_world;
use crm::{
    Origin, Row,
    import::{Control, ProposeOptions, RunOptions, plan::Mapping},
};
use model::{Filter, Value};
use pipewright_crm as crm;
use rust_decimal::Decimal;

#[tokio::test(flavor = "multi_thread")]
async fn a_sales_organisation_comes_in_from_its_files() {
    in_every_world(async |world| {
        let files = Files::new();
        let mapping = propose(&world, &files.sales(), true).await;
        assert_eq!(mapping.left_out.iter().map(|left| left.file.as_str()).collect::<Vec<_>>(), ["data_dictionary.csv"]);
        let report = run(&world, files.sales(), mapping).await;
        assert!(report.is_complete(), "{report:#?}");

        let bluth = world.one("account", "name", "Bluth Company").await;
        let acme = world.one("account", "name", "Acme Corporation").await;
        assert_eq!(
            bluth.value("parentaccountid").as_id(),
            acme.value("accountid").as_id(),
            "a parent that comes later in the file"
        );
        assert_eq!(acme.value("numberofemployees").as_whole(), Some(2822));
        assert_eq!(acme.text("address1_country"), "United States");
        assert_eq!(acme.value("new_yearestablished").as_whole(), Some(1996));
        let options = world.app.table("account").unwrap();
        let sector = options
            .column("industrycode")
            .unwrap()
            .options()
            .iter()
            .find(|option| option.label == "technolgy")
            .unwrap()
            .value;
        assert_eq!(
            acme.value("industrycode").as_whole(),
            Some(i64::from(sector)),
            "a misspelt word is kept as it stands, and told"
        );
        assert!(report.customisations.iter().any(|told| told.contains("technolgy")));

        let johns = world.one("systemuser", "fullname", "Mei-Mei Johns").await;
        let manager = world.one("systemuser", "fullname", "Dustin Brinkmann").await;
        let central = world.one("businessunit", "name", "Central").await;
        assert_eq!(johns.text("firstname"), "Mei-Mei");
        assert_eq!(johns.text("internalemailaddress"), "mei-mei.johns@contoso.example");
        assert_eq!(johns.value("parentsystemuserid").as_id(), manager.value("systemuserid").as_id());
        assert_eq!(johns.value("businessunitid").as_id(), central.value("businessunitid").as_id());
        assert_eq!(manager.value("businessunitid").as_id(), central.value("businessunitid").as_id());
        assert_eq!(central.value("parentbusinessunitid").as_id(), Some(world.admin.business_unit));

        let won = world.one("opportunity", "new_opportunityid", "1C1I7A6R").await;
        assert_eq!(won.value("statecode").as_whole(), Some(1));
        assert_eq!(won.value("actualvalue").as_decimal(), Some(Decimal::from(4514)));
        assert_eq!(won.value("actualclosedate").as_date().unwrap().to_string(), "2017-03-01");
        assert!(won.value("createdon").as_date_time().unwrap().to_string().starts_with("2016-10-20"));
        let anna = world.one("systemuser", "fullname", "Anna Snelling").await;
        assert_eq!(won.value("ownerid").as_id(), anna.value("systemuserid").as_id());
        let lost = world.one("opportunity", "new_opportunityid", "EC4QE1BX").await;
        assert_eq!(lost.value("statecode").as_whole(), Some(2));
        let engaging = world.one("opportunity", "new_opportunityid", "HAXMC4IX").await;
        assert_eq!(engaging.text("stepname"), "2-Develop");
        assert_eq!(engaging.value("customerid"), &Value::Null, "a deal without account stays without");
        let prospecting = world.one("opportunity", "new_opportunityid", "9ME3374G").await;
        assert_eq!(prospecting.text("stepname"), "1-Qualify");
        assert_eq!(prospecting.text("name"), "GTX Basic - Bluth Company");

        let lines = rows(
            &world.app,
            &world.admin,
            "opportunityproduct",
            Filter::eq("opportunityid", won.value("opportunityid").as_id().unwrap()),
        )
        .await;
        let product = world.one("product", "name", "GTX Pro").await;
        assert_eq!(lines[0].value("productid").as_id(), product.value("productid").as_id(), "GTXPro is GTX Pro");
        let told = part(&report, "sales_pipeline.csv")
            .warnings
            .iter()
            .find(|warning| warning.message.contains("'GTXPro'"))
            .unwrap();
        assert_eq!((told.count, told.rows.as_slice()), (2, &[2, 4][..]), "and it is told");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bringing_the_same_files_in_again_makes_nothing_twice() {
    in_every_world(async |world| {
        let files = Files::new();
        run(&world, files.sales(), propose(&world, &files.sales(), true).await).await;
        let before = (
            world.number("opportunity").await,
            world.number("account").await,
            world.number("systemuser").await,
            world.number("opportunityproduct").await,
        );
        let report = run(&world, files.sales(), propose(&world, &files.sales(), true).await).await;
        assert_eq!(part(&report, "sales_pipeline.csv").skipped, 5, "{report:#?}");
        assert!(report.customisations.is_empty(), "{:?}", report.customisations);
        let after = (
            world.number("opportunity").await,
            world.number("account").await,
            world.number("systemuser").await,
            world.number("opportunityproduct").await,
        );
        assert_eq!(before, after);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_would_be_done_and_writes_nothing() {
    in_every_world(async |world| {
        let files = Files::new();
        let people = world.number("systemuser").await;
        let options = RunOptions { dry_run: true, ..RunOptions::default() };
        let report = run_with(&world, files.sales(), propose(&world, &files.sales(), true).await, options).await;
        assert!(report.is_complete(), "{report:#?}");
        assert_eq!(part(&report, "accounts.csv").created, 4);
        assert_eq!(part(&report, "sales_pipeline.csv").created, 5);
        assert_eq!(world.number("account").await, 0);
        assert_eq!(world.number("opportunity").await, 0);
        assert_eq!(world.number("systemuser").await, people);
        assert!(world.app.table("account").unwrap().column("new_yearestablished").is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_columns_of_leads_become_columns_of_the_organisation() {
    in_every_world(async |world| {
        let files = Files::new();
        let input = vec![files.put("leads.csv", LEADS)];
        let report = run(&world, input.clone(), propose(&world, &input, true).await).await;
        assert_eq!(part(&report, "leads.csv").created, 4, "{report:#?}");
        let lead = world.one("lead", "new_prospectid", "8cc8c611-a219-4f35-ad23-fdfd2656bd8a").await;
        assert_eq!(lead.text("fullname"), "Lead 660727");
        assert_eq!(lead.value("statecode").as_whole(), Some(0), "a converted lead is not qualified by a guess");
        assert_eq!(lead.value("new_converted").as_boolean(), Some(true));
        assert_eq!(lead.value("donotemail").as_boolean(), Some(true));
        assert_eq!(lead.text("address1_city"), "", "'Select' is no city");
        let table = world.app.table("lead").unwrap();
        let sources: Vec<&str> = table
            .column("leadsourcecode")
            .unwrap()
            .options()
            .iter()
            .map(|option| option.label.as_str())
            .filter(|label| label.eq_ignore_ascii_case("google"))
            .collect();
        assert_eq!(sources, ["google"], "the same word in other letters is the same option");
        assert!(part(&report, "leads.csv").notes.iter().any(|note| note.contains("'Select'")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_nothing_is_added_to_the_model_and_what_stays_behind_is_told() {
    in_every_world(async |world| {
        let files = Files::new();
        let report = run(&world, files.sales(), propose(&world, &files.sales(), false).await).await;
        assert!(report.customisations.is_empty());
        assert_eq!(part(&report, "sales_pipeline.csv").created, 5, "{report:#?}");
        let accounts = part(&report, "accounts.csv");
        assert!(accounts.notes.iter().any(|note| note.contains("'year_established' was left out")), "{accounts:#?}");
        assert!(
            accounts.warnings.iter().any(|warning| warning.message.contains("'technolgy'") && warning.count == 2),
            "{accounts:#?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_are_kept_with_the_reason_and_come_in_once_corrected() {
    in_every_world(async |world| {
        let files = Files::new();
        let contacts = "First name,Last name,E-mail,Birthday\nAda,Good,ada@a.example,1980-02-01\nBob,Bad,bob@a.example,1980-02-31\nEve,Surplus,eve@a.example,1990-01-01,what\n";
        let input = vec![files.put("contacts.csv", contacts)];
        let mut mapping = propose(&world, &input, false).await;
        mapping.files[0].key = vec!["emailaddress1".to_owned()];
        let report = run(&world, input, mapping.clone()).await;
        let of_file = part(&report, "contacts.csv");
        assert_eq!((of_file.created, of_file.failed), (1, 2), "{report:#?}");
        let kept = world.app.imports().failed_rows(&world.admin, report.job.unwrap()).await.unwrap();
        let text = String::from_utf8(kept[0].content.clone()).unwrap();
        assert!(text.contains("Import error") && text.contains("1980-02-31") && text.contains("not a date"), "{text}");
        assert!(text.contains("Surplus") && text.contains("more cells"), "{text}");

        let corrected = files.put("contacts.csv", &text.replace("1980-02-31", "1980-02-28").lines().filter(|line| !line.contains("Surplus")).collect::<Vec<_>>().join("\n"));
        let report = run(&world, vec![corrected], mapping).await;
        assert_eq!(part(&report, "contacts.csv").created, 1, "{report:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_import_is_undone_unless_somebody_built_on_it() {
    in_every_world(async |world| {
        let files = Files::new();
        let people = world.number("systemuser").await;
        let report = run(&world, files.sales(), propose(&world, &files.sales(), true).await).await;
        let acme = world.one("account", "name", "Acme Corporation").await.value("accountid").as_id().unwrap();
        let phone = Row::new().with("telephone1", "+49 30 1");
        world.app.update(&world.admin, Origin::Page, "account", acme, phone, None).await.unwrap();
        let refused = world.app.imports().undo(&world.admin, Origin::Import, report.act).await.unwrap_err();
        assert!(refused.to_string().contains("Acme Corporation"), "{refused}");
        assert_eq!(world.number("opportunity").await, 5, "nothing is half undone");

        let other = Files::new();
        let input = vec![other.put("products.csv", "product,sales_price\nZ1,5\nZ2,6\n")];
        let mut mapping = propose(&world, &input, false).await;
        mapping.files[0].key = vec!["name".to_owned()];
        let second = run(&world, input, mapping).await;
        assert_eq!(world.number("product").await, 6);
        world.app.imports().undo(&world.admin, Origin::Import, second.job.unwrap()).await.unwrap();
        assert_eq!(world.number("product").await, 4);
        assert_eq!(world.number("systemuser").await, people + 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_an_import_wrote_goes_when_it_is_undone() {
    in_every_world(async |world| {
        let files = Files::new();
        let before = (world.number("systemuser").await, world.number("businessunit").await);
        let report = run(&world, files.sales(), propose(&world, &files.sales(), true).await).await;
        world.app.imports().undo(&world.admin, Origin::Import, report.act).await.unwrap();
        for table in ["account", "product", "opportunity", "opportunityproduct", "opportunityclose"] {
            assert_eq!(world.number(table).await, 0, "{table}");
        }
        assert_eq!((world.number("systemuser").await, world.number("businessunit").await), before);
        assert!(world.app.table("account").unwrap().column("new_yearestablished").is_some(), "added columns stay");
        let told = world.app.customization().history(&world.admin, None, 1).await.unwrap().value.remove(0);
        assert_eq!((told.origin.as_str(), told.user), ("import", world.admin.user));
        assert!(told.changes.iter().any(|change| change.contains("account/new_yearestablished")), "{told:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_written_out_edited_and_used() {
    in_every_world(async |world| {
        let files = Files::new();
        let mapping = propose(&world, &files.sales(), true).await;
        let text = mapping.to_toml().unwrap();
        assert_eq!(Mapping::from_toml(&text).unwrap(), mapping);
        let kept = world.app.imports().save_mapping(&world.admin, Origin::Import, "Sales", &mapping).await.unwrap();
        assert_eq!(world.app.imports().mapping(&world.admin, kept).await.unwrap(), mapping);

        let edited =
            text.replace("to = \"industrycode\"\n", "to = \"industrycode\"\nvalues = { technolgy = \"Technology\" }\n");
        let report = run(&world, files.sales(), Mapping::from_toml(&edited).unwrap()).await;
        assert!(report.customisations.iter().any(|told| told.contains("'Technology'")), "{report:#?}");
        assert!(!report.customisations.iter().any(|told| told.contains("technolgy")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_does_not_fit_is_refused_with_every_place() {
    in_every_world(async |world| {
        let files = Files::new();
        let input = vec![files.put("leads.csv", LEADS)];
        let text = "[[file]]\nname = \"leads.csv\"\ntable = \"lead\"\n[[file.column]]\nsource = \"Towm\"\nas = \"column\"\nto = \"address1_city\"\n[[file.column]]\nsource = \"City\"\nas = \"column\"\nto = \"town\"\n";
        let mapping = Mapping::from_toml(text).unwrap();
        let refused = world.app.imports().run(&world.admin, Origin::Import, input, mapping, RunOptions::default(), Control::default()).await.unwrap_err().to_string();
        assert!(refused.contains("leads.csv") && refused.contains("'Towm'") && refused.contains("'town'"), "{refused}");
        let unread = Mapping::from_toml(&text.replace("to = \"town\"", "too = \"town\"")).unwrap_err().to_string();
        assert!(unread.contains("too"), "{unread}");
        assert_eq!(world.number("lead").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_can_be_stopped_and_what_is_in_stays() {
    in_every_world(async |world| {
        let files = Files::new();
        let many: String = (0..5_000).map(|number| format!("Product {number},{number}\n")).collect();
        let input = vec![files.put("products.csv", &format!("product,sales_price\n{many}"))];
        let mapping = propose(&world, &input, false).await;
        let control = Control::default();
        let mut progress = control.progress();
        let stopper = control.clone();
        let watching = tokio::spawn(async move {
            let seen = progress.wait_for(|progress| progress.processed >= 500).await.unwrap().clone();
            stopper.cancel();
            seen
        });
        let imports = world.app.imports();
        let options = RunOptions::default();
        let report = imports.run(&world.admin, Origin::Import, input.clone(), mapping, options, control).await.unwrap();
        assert_eq!(watching.await.unwrap().total, 5_000);
        assert!(report.canceled);
        let of_file = part(&report, "products.csv");
        assert_eq!(of_file.created + of_file.unreached, 5_000, "{of_file:#?}");
        let kept = world.app.imports().failed_rows(&world.admin, report.act).await.unwrap();
        let text = String::from_utf8(kept[0].content.clone()).unwrap();
        assert_eq!(text.lines().count() as u64, 1 + of_file.unreached, "rows that nobody got to are kept");
        assert!(text.contains("Product 4999,4999,") && text.contains("not reached"), "{}", &text[..200]);
        let created = part(&report, "products.csv").created;
        assert!((500..5_000).contains(&created), "{created}");
        assert_eq!(world.count("product").await, created);
        world.app.imports().undo(&world.admin, Origin::Import, report.act).await.unwrap();
        assert_eq!(world.count("product").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_that_read_both_ways_are_refused_until_somebody_says_how() {
    in_every_world(async |world| {
        let files = Files::new();
        let input =
            vec![files.put("contacts.csv", "First name,Last name,Birthday\nAda,A,01/02/1980\nBob,B,03/04/1981\n")];
        let mapping = propose(&world, &input, false).await;
        assert!(mapping.files[0].notes.iter().any(|note| note.contains("day_first")), "{:?}", mapping.files[0].notes);
        let report = run(&world, input, mapping).await;
        assert_eq!(part(&report, "contacts.csv").failed, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_left_out_can_be_had_while_the_import_still_runs() {
    in_every_world(async |world| {
        let files = Files::new();
        let many: String = (0..20_000)
            .map(|number| {
                format!("Product {number},{}\n", if number == 7 { "seven".to_owned() } else { number.to_string() })
            })
            .collect();
        let input = vec![files.put("products.csv", &format!("product,sales_price\n{many}"))];
        let mapping = propose(&world, &input, false).await;
        let control = Control::default();
        let mut progress = control.progress();
        let (app, admin, watched) = (world.app.clone(), world.admin.clone(), control.clone());
        let running = tokio::spawn(async move {
            app.imports().run(&admin, Origin::Import, input, mapping, RunOptions::default(), watched).await.unwrap()
        });
        // As after a crash: all that is known is what the database holds.
        progress.wait_for(|progress| progress.processed >= 6_000).await.unwrap();
        let number = world.app.imports().last(&world.admin).await.unwrap().unwrap();
        let kept = world.app.imports().failed_rows(&world.admin, number).await.unwrap();
        let text = String::from_utf8(kept[0].content.clone()).unwrap();
        assert!(text.contains("Product 7,seven,") && text.contains("not a number"), "{text}");
        control.cancel();
        let report = running.await.unwrap();
        assert!(report.canceled);
        let kept = world.app.imports().failed_rows(&world.admin, number).await.unwrap();
        let text = String::from_utf8(kept[0].content.clone()).unwrap();
        let headers = text.lines().filter(|line| line.contains("Import error")).count();
        assert_eq!((kept.len(), headers), (1, 1), "the parts are one file");
        assert_eq!(text.lines().count() as u64, 1 + report.failed() + report.unreached());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_workbook_is_refused_before_anything_is_written() {
    in_every_world(async |world| {
        let files = Files::new();
        let input = vec![files.put("deals.xlsx", "PK\u{3}\u{4} and nothing else")];
        let refused = world.app.imports().propose(&world.admin, input, ProposeOptions::default()).await.unwrap_err();
        let words = refused.to_string();
        assert!(words.contains("the workbook deals.xlsx") && !words.contains("/deals.xlsx"), "{words}");
    })
    .await;
}
