//! Two rows of one name are told apart: in an export for people, and when it comes back.

use crate::world::{World, in_every_world, to};
use crm::{
    Origin, Row,
    export::{ExportRequest, Format},
    import::Report,
};
use pipewright_crm as crm;
use uuid::Uuid;

async fn export(world: &World, table: &str, format: Format) -> Vec<u8> {
    let request = ExportRequest { table: table.to_owned(), format, ..ExportRequest::default() };
    world.exported(&world.admin, request).await
}

async fn text(world: &World, table: &str) -> String {
    String::from_utf8(export(world, table, Format::Csv).await).unwrap()
}

fn counts(report: &Report) -> Vec<[u64; 4]> {
    report.files.iter().map(|file| [file.created, file.updated, file.unchanged, file.failed]).collect()
}

/// An account of this name in a city.
async fn account(world: &World, name: &str, city: &str) -> Uuid {
    world.create("account", Row::new().with("name", name).with("address1_city", city)).await
}

async fn works_for(world: &World, person: &str, account: Uuid) -> Uuid {
    let row = Row::new().with("lastname", person).with("parentcustomerid", to("account", account));
    world.create("contact", row).await
}

/// Two companies of one name with a person each, and a third with a name of its own.
async fn fill(world: &World) -> [Uuid; 3] {
    let (berlin, oslo) = (account(world, "Contoso", "Berlin").await, account(world, "contoso", "Oslo").await);
    let other = account(world, "Fabrikam", "Rome").await;
    for (person, account) in [("Berliner", berlin), ("Osloer", oslo), ("Romer", other)] {
        works_for(world, person, account).await;
    }
    [berlin, oslo, other]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_two_rows_have_stands_with_its_key_and_only_that() {
    in_every_world(async |world| {
        let [berlin, oslo, _] = fill(&world).await;
        let file = text(&world, "contact").await;
        assert!(file.contains(&format!(",Contoso (account:{berlin}),")), "{file}");
        assert!(file.contains(&format!(",contoso (account:{oslo}),")), "{file}");
        assert!(file.contains(",Fabrikam,") && !file.contains("Fabrikam ("), "{file}");
        assert!(file.contains(",Sam Seller,") && !file.contains("Sam Seller ("), "{file}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_and_a_company_of_one_name_are_told_apart() {
    in_every_world(async |world| {
        let (company, person) = (
            account(&world, "Smith", "Leeds").await,
            world.create("contact", Row::new().with("lastname", "Smith")).await,
        );
        for (topic, customer) in [("Robots", to("account", company)), ("Belts", to("contact", person))] {
            world.create("opportunity", Row::new().with("name", topic).with("customerid", customer)).await;
        }
        let file = text(&world, "opportunity").await;
        assert!(file.contains(&format!("Smith (account:{company})")), "{file}");
        assert!(file.contains(&format!("Smith (contact:{person})")), "{file}");
        let same = world.bring_in(&[("opportunities.csv", file.as_bytes())]).await;
        assert_eq!(counts(&same), [[0, 0, 2, 0]], "{same:#?}");
        assert!(same.files[0].warnings.is_empty(), "{same:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_one_name_come_back_as_the_rows_they_are() {
    in_every_world(async |world| {
        fill(&world).await;
        for (format, ending) in [(Format::Csv, "csv"), (Format::Xlsx, "xlsx")] {
            let (accounts, contacts) =
                (export(&world, "account", format).await, export(&world, "contact", format).await);
            let (first, second) = (format!("accounts.{ending}"), format!("contacts.{ending}"));
            let same = world.bring_in(&[(&first, &accounts), (&second, &contacts)]).await;
            assert_eq!(counts(&same), [[0, 0, 3, 0], [0, 0, 3, 0]], "{same:#?}");
            assert!(same.files.iter().all(|file| file.warnings.is_empty()), "{same:#?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_moves_from_one_company_to_its_namesake_by_the_cell() {
    in_every_world(async |world| {
        let [berlin, oslo, _] = fill(&world).await;
        let file = text(&world, "contact").await;
        let edited = file.replace(&format!("Contoso (account:{berlin})"), &format!("Contoso (account:{oslo})"));
        let told = world.bring_in(&[("contacts.csv", edited.as_bytes())]).await;
        assert_eq!(counts(&told), [[0, 1, 2, 0]], "{told:#?}");
        let at_oslo = world.app.new_query(&world.admin, "contact").select(["lastname"]);
        let at_oslo = at_oslo.matching(model::Filter::eq("parentcustomerid", oslo));
        assert_eq!(world.app.query(&world.admin, at_oslo).await.unwrap().rows.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn namesakes_move_into_another_organisation_whichever_file_comes_first() {
    let (source, fresh) = (World::new(false).await, World::new(true).await);
    let companies = fill(&source).await;
    let (accounts, contacts) = (text(&source, "account").await, text(&source, "contact").await);
    let files = [("contacts.csv", contacts.as_bytes()), ("accounts.csv", accounts.as_bytes())];
    let told = fresh.bring_in(&files).await;
    assert!(told.files.iter().all(|file| (file.created, file.failed) == (3, 0)), "{told:#?}");
    for (person, company) in ["Berliner", "Osloer", "Romer"].into_iter().zip(companies) {
        let query = fresh.app.new_query(&fresh.admin, "contact").select(["parentcustomerid"]);
        let query = query.matching(model::Filter::eq("lastname", person));
        let rows = fresh.app.query(&fresh.admin, query).await.unwrap();
        assert_eq!(rows.rows[0][0].as_id(), Some(company), "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_changed_beside_its_key_is_told() {
    in_every_world(async |world| {
        let [berlin, ..] = fill(&world).await;
        let file = text(&world, "contact").await;
        let edited = file.replace(&format!("Contoso (account:{berlin})"), &format!("Fabrikam (account:{berlin})"));
        let told = world.bring_in(&[("contacts.csv", edited.as_bytes())]).await;
        assert_eq!(counts(&told), [[0, 0, 3, 0]], "{told:#?}");
        let message = &told.files[0].warnings[0].message;
        assert!(
            message.contains("'Fabrikam'") && message.contains("'Contoso'") && message.contains("key"),
            "{message}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_here_is_told_and_the_name_beside_it_not_guessed() {
    in_every_world(async |world| {
        fill(&world).await;
        let file = text(&world, "contact").await;
        let nowhere = Uuid::now_v7();
        let edited = file.replace(",Fabrikam,", &format!(",Fabrikam (account:{nowhere}),"));
        let told = world.bring_in(&[("contacts.csv", edited.as_bytes())]).await;
        assert_eq!(counts(&told), [[0, 0, 3, 0]], "{told:#?}");
        assert!(told.files[0].warnings[0].message.contains(&nowhere.to_string()), "{told:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_one_name_take_part_in_an_activity_as_who_they_are() {
    in_every_world(async |world| {
        let (first, second) = (
            world.create("contact", Row::new().with("firstname", "Ann").with("lastname", "Lee")).await,
            world.create("contact", Row::new().with("firstname", "Ann").with("lastname", "Lee")).await,
        );
        let call = world.create("phonecall", Row::new().with("subject", "About robots")).await;
        let party = |id| crm::activities::parties::Party::Record(model::Reference::new("contact", id));
        world
            .app
            .work(&world.admin, Origin::Page, move |work| {
                let lists = vec![("to".to_owned(), vec![party(second), party(first)])];
                work.set_parties(&model::Reference::new("phonecall", call), lists)
            })
            .await
            .unwrap();
        let file = text(&world, "phonecall").await;
        assert!(file.contains(&format!("Ann Lee (contact:{second}); Ann Lee (contact:{first})")), "{file}");
        let same = world.bring_in(&[("phonecalls.csv", file.as_bytes())]).await;
        assert_eq!(counts(&same), [[0, 0, 1, 0]], "{same:#?}");
        assert!(same.files[0].warnings.is_empty(), "{same:#?}");
    })
    .await;
}
