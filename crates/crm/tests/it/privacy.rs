//! Everything about one person is found, handed out and erased; what is old goes by itself.

use std::io::{Cursor, Read as _};

use crate::world::{World, crm, in_every_world, to};
use crm::{
    App, Error, Origin, Row,
    import::{Control, InputFile, ProposeOptions, RunOptions},
    privacy::{Did, ErasureRequest, Findings, Kind, Person, RetentionAction, Treatment},
};
use model::{Filter, Reference, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

/// What must not be left: nobody else has these in their data.
const TELLING: [&str; 4] = ["zerbinetta", "quappenhorst", "zq@quappe.example", "7654321"];
const EMAIL: &str = "zq@quappe.example";

/// A person with everything a CRM knows about people.
struct Known {
    contact: Uuid,
    lead: Uuid,
    won: Uuid,
    bought: Uuid,
    call: Uuid,
    email: Uuid,
    note: Uuid,
    colleague: Uuid,
    gone: Uuid,
}

impl Known {
    async fn in_world(world: &World) -> Self {
        let company = world.create("account", Row::new().with("name", "Fabrikam")).await;
        let contact = Row::new()
            .with("firstname", "Zerbinetta")
            .with("lastname", "Quappenhorst")
            .with("emailaddress1", EMAIL)
            .with("mobilephone", "+43 660 7654321")
            .with("description", "Zerbinetta likes tea")
            .with("birthdate", jiff::civil::date(1980, 5, 17))
            .with("gendercode", 2)
            .with("parentcustomerid", to("account", company));
        let contact = world.create("contact", contact).await;
        world.update("contact", contact, Row::new().with("jobtitle", "Chief Quappenhorst")).await.unwrap();
        let lead = Row::new()
            .with("subject", "Zerbinetta wants pumps")
            .with("lastname", "Quappenhorst")
            .with("emailaddress1", "ZQ@quappe.example")
            .with("companyname", "Quappenhorst Ltd")
            .with("estimatedamount", Decimal::new(700, 0));
        let lead = world.create("lead", lead).await;
        let deal = |customer: Value| {
            Row::new()
                .with("name", "Pumps")
                .with("customerid", customer)
                .with("parentcontactid", to("contact", contact))
                .with("estimatedvalue", Decimal::new(900, 0))
        };
        let won = world.create("opportunity", deal(to("account", company))).await;
        let bought = world.create("opportunity", deal(to("contact", contact))).await;
        let regarding = Row::new().with("regardingobjectid", to("contact", contact));
        let call = regarding.clone().with("subject", "Called Zerbinetta").with("description", "Quappenhorst was out");
        let call = world.create("phonecall", call).await;
        let email = Row::new().with("subject", "Offer").with("regardingobjectid", to("opportunity", won));
        let email = world.create("email", email).await;
        let party = Row::new()
            .with("activityid", to("email", email))
            .with("partyid", to("contact", contact))
            .with("participationtypemask", 2)
            .with("addressused", EMAIL);
        world.create("activityparty", party).await;
        let file = world.store_file(b"Zerbinetta Quappenhorst signed").await;
        let note = Row::new()
            .with("objectid", to("contact", contact))
            .with("subject", "Contract of Zerbinetta")
            .with("notetext", "<p>Signed by Quappenhorst</p>")
            .with("filename", "quappenhorst.txt")
            .with("documentbody", file);
        let note = world.create("annotation", note).await;
        let colleague =
            world.create("contact", Row::new().with("lastname", "Byron").with("emailaddress1", EMAIL)).await;
        world.update("contact", colleague, Row::new().with("emailaddress1", "ada@byron.example")).await.unwrap();
        let gone = Row::new().with("lastname", "Quappenhorst").with("emailaddress1", EMAIL);
        let gone = world.create("contact", gone).await;
        world.delete_as_admin("contact", gone).await;
        Self { contact, lead, won, bought, call, email, note, colleague, gone }
    }

    fn person(&self) -> Person {
        Person::of(Reference::new("contact", self.contact))
    }
}

fn kinds(findings: &Findings, kind: Kind) -> Vec<(&str, Uuid)> {
    let of_kind = findings.items.iter().filter(|item| item.kind == kind);
    of_kind.map(|item| (item.record.table.as_str(), item.record.id)).collect()
}

fn request(known: &Known) -> ErasureRequest {
    ErasureRequest { person: known.person(), reference: "R-17".to_owned(), ..ErasureRequest::default() }
}

/// Whether any of these texts stands in a file, in upper or lower case.
fn holds(bytes: &[u8]) -> Vec<&'static str> {
    let bytes = bytes.to_ascii_lowercase();
    let stands = |text: &&str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    TELLING.into_iter().filter(|text| stands(text)).collect()
}

/// Everything in the database as one file, whatever the engine.
async fn everything(world: &World, name: &str) -> Vec<u8> {
    let file = world.file(name);
    world.app.store().backup(&file).await.unwrap();
    std::fs::read(file).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_about_a_person_is_found_from_a_record_or_an_address() {
    in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        let by_email = Person { emails: vec!["zq@QUAPPE.example".to_owned()], ..Person::default() };
        for person in [known.person(), by_email] {
            let found = world.app.privacy().find(&world.admin, person).await.unwrap();
            let mut people = kinds(&found, Kind::Person);
            people.sort_unstable();
            let mut expected = vec![("contact", known.contact), ("lead", known.lead)];
            expected.sort_unstable();
            assert_eq!(people, expected);
            let about = kinds(&found, Kind::About);
            assert!(
                about.contains(&("phonecall", known.call)) && about.contains(&("annotation", known.note)),
                "{about:?}"
            );
            let business = kinds(&found, Kind::Business);
            assert!(business.contains(&("opportunity", known.won)), "{business:?}");
            assert!(business.contains(&("opportunity", known.bought)), "{business:?}");
            assert_eq!(kinds(&found, Kind::Party).len(), 1);
            assert_eq!(kinds(&found, Kind::FormerValue), [("contact", known.colleague)]);
            assert!(kinds(&found, Kind::Deleted).contains(&("contact", known.gone)), "{found:?}");
        }
        let nobody = Person { emails: vec!["nobody@quappe.example".to_owned()], ..Person::default() };
        let found = world.app.privacy().find(&world.admin, nobody).await.unwrap();
        assert_eq!((found.items.len(), found.mentions.len()), (0, 0));
        assert!(world.app.privacy().find(&world.admin, Person::default()).await.is_err());
        let seller = world.app.privacy().find(&world.seller, known.person()).await;
        assert!(matches!(seller, Err(Error::Forbidden(_))), "{seller:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_gone_for_good_and_the_business_stays() {
    in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        world.app.store().seal(std::time::Duration::from_secs(60)).await.unwrap();
        assert_eq!(holds(&everything(&world, "before.backup").await), TELLING, "the test would find them");
        let report = world.app.privacy().erase(&world.admin, Origin::Page, request(&known)).await.unwrap();
        assert_eq!(report.left_behind, None);
        assert!(report.history_entries >= 8 && report.files == 1, "{report:?}");

        // The rows of business say what they said.
        for deal in [known.won, known.bought] {
            let row = world.get("opportunity", deal).await;
            assert_eq!(row.value("estimatedvalue").as_decimal(), Some(Decimal::new(900, 0)));
            assert_eq!(row.value("parentcontactid"), &to("contact", known.contact));
        }
        let contact = world.get("contact", known.contact).await;
        assert_eq!((contact.text("lastname"), contact.text("fullname")), ("(erased)", "(erased)"));
        let columns =
            ["firstname", "emailaddress1", "mobilephone", "description", "jobtitle", "birthdate", "gendercode"];
        assert!(columns.iter().all(|column| !contact.has(column)), "{contact:?}");
        let lead = world.get("lead", known.lead).await;
        assert_eq!(lead.value("estimatedamount").as_decimal(), Some(Decimal::new(700, 0)));
        assert_eq!(world.get("contact", known.colleague).await.text("emailaddress1"), "ada@byron.example");
        assert_eq!(world.get("email", known.email).await.text("subject"), "Offer");
        let query = world.app.new_query(&world.admin, "activityparty").select(["partyid", "partyname", "addressused"]);
        let query = query
            .matching(Filter::eq("activityid", to("email", known.email)).and(Filter::eq("participationtypemask", 2)));
        let party = world.app.query(&world.admin, query).await.unwrap().to_rows().next().unwrap();
        assert!(!party.has("partyid") && !party.has("addressused"), "{party:?}");

        // Neither the history nor anything else tells of them, and all of it is still sound.
        assert_eq!(holds(&everything(&world, "after.backup").await), [] as [&str; 0]);
        let check = world.app.store().check().await.unwrap();
        assert!(check.is_sound(), "{check}");
        let by_email = Person { emails: vec![EMAIL.to_owned()], ..Person::default() };
        let found = world.app.privacy().find(&world.admin, by_email).await.unwrap();
        assert_eq!(found.items, []);
        let kept = world.app.privacy().report(&world.admin, report.id).await.unwrap();
        assert_eq!((kept.steps, kept.reference.as_str()), (report.steps, "R-17"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_a_byte_of_an_erased_person_is_left_in_the_database_file() {
    for treatment in [Treatment::Anonymise, Treatment::Delete] {
        let world = World::new(false).await;
        let known = Known::in_world(&world).await;
        let request = ErasureRequest { people: treatment, about: treatment, ..request(&known) };
        world.app.privacy().erase(&world.admin, Origin::CommandLine, request).await.unwrap();
        // While the database is open and its log lies beside it.
        for name in ["crm.db", "crm.db-wal"] {
            let bytes = std::fs::read(world.file(name)).unwrap();
            assert_eq!(holds(&bytes), [] as [&str; 0], "{name} after {treatment:?}");
        }
        let check = world.app.store().check().await.unwrap();
        assert!(check.is_sound(), "{check}");
        // Their calls and notes are gone; the contact stays, since a deal is with it.
        let is_there = |table, id| world.app.get(&world.admin, table, id, None);
        assert_eq!(is_there("phonecall", known.call).await.is_ok(), treatment == Treatment::Anonymise);
        assert_eq!(is_there("lead", known.lead).await.is_ok(), treatment == Treatment::Anonymise);
        assert!(is_there("contact", known.contact).await.is_ok());
        assert!(is_there("opportunity", known.bought).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_cannot_be_undone_and_leaves_nothing_to_bring_back() {
    in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        let request = ErasureRequest { about: Treatment::Delete, ..request(&known) };
        world.app.privacy().erase(&world.admin, Origin::Page, request).await.unwrap();
        let (deletions, ..) = world.app.deletions(&world.admin, None).await.unwrap();
        assert_eq!(deletions, []);
        let (entries, _) = world.app.history(&world.admin, "contact", known.contact, 50).await.unwrap();
        assert!(entries.iter().skip(1).all(|entry| entry.erased), "{entries:?}");
        let refused = world.app.undo(&world.admin, Origin::Page, entries[0].actor.act).await.unwrap_err();
        assert!(refused.to_string().contains("erased"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legal_hold_and_a_reference_that_tells_the_name_stop_an_erasure() {
    in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        let telling = ErasureRequest { reference: "Zerbinetta Quappenhorst".to_owned(), ..request(&known) };
        let refused = world.app.privacy().erase(&world.admin, Origin::Page, telling).await.unwrap_err();
        assert!(refused.to_string().contains("reference"), "{refused}");
        let unknown = ErasureRequest { chosen: Some(vec![format!("lead/{}", Uuid::nil())]), ..request(&known) };
        let refused = world.app.privacy().erase(&world.admin, Origin::Page, unknown).await.unwrap_err();
        assert!(refused.to_string().contains("not found any more"), "{refused}");
        world.update("lead", known.lead, Row::new().with("legalhold", true)).await.unwrap();
        let refused = world.app.privacy().erase(&world.admin, Origin::Page, request(&known)).await.unwrap_err();
        assert!(refused.to_string().contains("legal hold"), "{refused}");
        assert_eq!(world.get("contact", known.contact).await.text("firstname"), "Zerbinetta");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_chosen_is_erased() {
    in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        let chosen = Some(vec![format!("annotation/{}", known.note)]);
        let request = ErasureRequest { chosen, about: Treatment::Delete, ..request(&known) };
        let report = world.app.privacy().erase(&world.admin, Origin::Page, request).await.unwrap();
        assert_eq!(
            report.steps.iter().map(|step| (&step.did, step.id)).collect::<Vec<_>>(),
            [(&Did::Deleted, known.note)]
        );
        assert!(report.kept.iter().any(|kept| kept.id == known.contact && kept.why == "not chosen"), "{report:?}");
        assert_eq!(world.get("contact", known.contact).await.text("firstname"), "Zerbinetta");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_package_for_a_person_holds_their_records_files_and_history() {
    Box::pin(in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        let target = Cursor::new(Vec::new());
        let package =
            world.app.privacy().export(&world.admin, Origin::Page, known.person(), "R-18", target).await.unwrap();
        let mut archive = zip::ZipArchive::new(package.target).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        let file = names.iter().find(|name| name.ends_with("quappenhorst.txt")).unwrap().clone();
        let mut read = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(read(&file), "Zerbinetta Quappenhorst signed");
        let page = read("index.html");
        for told in ["Zerbinetta Quappenhorst", "Chief Quappenhorst", "Called Zerbinetta", "Birthday", "was deleted"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let data: serde_json::Value = serde_json::from_str(&read("data.json")).unwrap();
        let records = data["records"].as_array().unwrap();
        let contact = records.iter().find(|record| record["id"] == known.contact.to_string()).unwrap();
        let value =
            |column: &str| contact["values"].as_array().unwrap().iter().find(|v| v["column"] == column).unwrap();
        assert_eq!(value("gendercode")["text"], "Female");
        assert_eq!(value("birthdate")["value"], "1980-05-17");
        assert_eq!(contact["history"].as_array().unwrap().len(), 2);
        assert!(read("tables/contact.csv").contains("Quappenhorst"));
        // The report of it says nothing about them.
        let report = world.app.get(&world.admin, "privacyrequest", package.report.id, None).await.unwrap();
        assert_eq!(holds(format!("{report:?}").as_bytes()), [] as [&str; 0]);
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_an_import_left_out_are_found_and_taken_out() {
    in_every_world(async |world| {
        let path = world.file("people.csv");
        let mut rows = "Last name,E-mail,Birthday\nQuappenhorst,zq@quappe.example,never\n".to_owned();
        rows.push_str("Byron,ada@byron.example,soon\n");
        for day in 10..20 {
            let row = format!("Contact{day},c{day}@contoso.example,1980-05-{day}\n");
            rows.push_str(&row);
        }
        std::fs::write(&path, rows).unwrap();
        let files = vec![InputFile::called("contacts.csv", path)];
        let imports = world.app.imports();
        let proposal = imports.propose(&world.admin, files.clone(), ProposeOptions::default()).await.unwrap();
        let mut mapping = proposal.mapping;
        mapping.files[0].table = "contact".to_owned();
        let run = imports.run(&world.admin, Origin::Import, files, mapping, RunOptions::default(), Control::default());
        let report = run.await.unwrap();
        let left_out = async || {
            let kept = imports.failed_rows(&world.admin, report.act).await.unwrap();
            kept.into_iter().map(|file| String::from_utf8(file.content).unwrap()).collect::<String>()
        };
        assert!(left_out().await.contains("Quappenhorst"), "{report:?}");
        let person = Person { emails: vec![EMAIL.to_owned()], ..Person::default() };
        let request = ErasureRequest { person: person.clone(), ..ErasureRequest::default() };
        world.app.privacy().erase(&world.admin, Origin::Page, request).await.unwrap();
        let left = left_out().await;
        assert!(!left.contains("Quappenhorst") && left.contains("Byron"), "{left}");
        assert_eq!(world.app.privacy().find(&world.admin, person).await.unwrap().items, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_done_again_after_an_older_backup_was_restored() {
    in_every_world(async |world| {
        let known = Known::in_world(&world).await;
        let backup = world.file("older.backup");
        world.app.store().backup(&backup).await.unwrap();
        let request = ErasureRequest { about: Treatment::Delete, ..request(&known) };
        world.app.privacy().erase(&world.admin, Origin::Page, request).await.unwrap();
        let ledger = world.app.privacy().ledger(&world.admin).await.unwrap();
        assert_eq!(holds(serde_json::to_string(&ledger).unwrap().as_bytes()), [] as [&str; 0]);
        // Where it was done, nothing is to be done again.
        let again = world.app.privacy().again(&world.admin, Origin::CommandLine, ledger.clone()).await.unwrap();
        assert_eq!((again.erasures, again.done_again), (1, 0));

        let restored = world.file("restored.db");
        let url = store::DatabaseUrl::Sqlite(restored.clone());
        store::Store::restore(&url, &backup).await.unwrap();
        let app = App::open(&url).await.unwrap();
        let engine = app.engine().await.unwrap();
        let again = app.privacy().again(&engine, Origin::CommandLine, ledger).await.unwrap();
        assert_eq!((again.erasures, again.done_again), (1, 1));
        assert_eq!(holds(&std::fs::read(&restored).unwrap()), [] as [&str; 0]);
        let check = app.store().check().await.unwrap();
        assert!(check.is_sound(), "{check}");
        assert_eq!(app.get(&engine, "contact", known.contact, None).await.unwrap().text("lastname"), "(erased)");
        app.close().await;
    })
    .await;
}

/// A rule over leads.
async fn rule(world: &World, action: i64, changes: Row) -> Uuid {
    let mut row = Row::new()
        .with("name", "Old leads")
        .with("targetentityname", "lead")
        .with("actioncode", action)
        .with("amount", 24)
        .with("unitcode", 2);
    row.merge(&changes);
    world.create_as_admin("retentionrule", row).await
}

/// Makes a lead look as if nobody had touched it since.
async fn age(world: &World, lead: Uuid) {
    let long_ago: jiff::Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    world
        .app
        .store()
        .write(move |writer: &mut store::Writer<'_>| -> crm::Result<()> {
            let actor =
                store::Actor { user: Uuid::nil(), origin: "test".to_owned(), act: Uuid::now_v7(), at: Some(long_ago) };
            let old = writer.lock("lead", lead)?.unwrap();
            writer.update(
                &actor,
                "lead",
                &old,
                Row::new().with("modifiedon", long_ago).with("numberofemployees", 3),
            )?;
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retention_rule_concerns_what_is_old_and_leaves_what_is_held() {
    in_every_world(async |world| {
        let (old, held, open, new) =
            (world.lead("Old").await, world.lead("Held").await, world.lead("Open").await, world.lead("New").await);
        for lead in [old, held, new] {
            world.update("lead", lead, Row::new().with("statecode", 2).with("statuscode", 4)).await.unwrap();
        }
        // Also what is closed, and can otherwise not be changed, may have to be kept.
        let hold = Row::new().with("legalhold", true);
        world.app.update(&world.admin, Origin::Page, "lead", held, hold, None).await.unwrap();
        for lead in [old, held, open] {
            age(&world, lead).await;
        }
        let note = Row::new().with("objectid", to("lead", old)).with("subject", "Lena said no");
        let note = world.create_as_admin("annotation", note).await;
        let rule = rule(&world, 1, Row::new().with("rowstate", 2)).await;
        let preview = world.app.privacy().retention(&world.admin).await.unwrap();
        let [preview] = preview.as_slice() else { panic!("{preview:?}") };
        assert_eq!((preview.concerned, preview.on, preview.action), (1, false, RetentionAction::Anonymise));

        let reports = world.app.privacy().carry_out(&world.admin, Origin::CommandLine, rule).await.unwrap();
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert_eq!(world.get("lead", old).await.text("lastname"), "(erased)");
        assert_eq!(world.app.get(&world.admin, "annotation", note, None).await.unwrap().text("subject"), "");
        for lead in [held, open, new] {
            assert_eq!(world.get("lead", lead).await.text("lastname"), "Lead");
        }
        let preview = world.app.privacy().retention(&world.admin).await.unwrap();
        assert_eq!((preview[0].concerned, preview[0].last_run.is_some()), (0, true));
        assert!(world.app.store().check().await.unwrap().is_sound());
        assert!(world.app.privacy().retention(&world.seller).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_history_and_that_of_deleted_records_goes_by_a_rule() {
    in_every_world(async |world| {
        let lead = world.lead("Kept").await;
        age(&world, lead).await;
        let old_history = rule(&world, 3, Row::new()).await;
        let reports = world.app.privacy().carry_out(&world.admin, Origin::CommandLine, old_history).await.unwrap();
        assert_eq!(reports.iter().map(|report| report.history_entries).sum::<u64>(), 1);
        let (entries, _) = world.app.history(&world.admin, "lead", lead, 10).await.unwrap();
        let erased: Vec<bool> = entries.iter().map(|entry| entry.erased).collect();
        assert_eq!(erased, [false, true, false], "the erasure, the old change, the making of today");
        assert_eq!(world.get("lead", lead).await.text("subject"), "Kept");
        assert!(world.app.store().check().await.unwrap().is_sound());
    })
    .await;
}
