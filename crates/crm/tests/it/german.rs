//! What people are told in German, and that nothing of it is stored.

use crate::world::{World, crm, in_every_world};
use crm::{Caller, Error, NewRecord, Origin, Row, boards::Board, opportunities::CloseRequest, process::Move};
use language::{Language, in_language};
use model::Reference;
use uuid::Uuid;

/// Why something is refused to a reader of German, and to a program.
async fn in_both<T: std::fmt::Debug>(refused: impl AsyncFn() -> crm::Result<T>) -> (String, String) {
    let german = in_language(Language::German, async { refused().await.unwrap_err().to_string() }).await;
    (german, refused().await.unwrap_err().to_string())
}

async fn create(world: &World, table: &str, row: Row) -> crm::Result<Uuid> {
    world.app.create(&world.seller, Origin::Page, NewRecord::of(table, row)).await
}

async fn win(world: &World, caller: &Caller, opportunity: Uuid) -> crm::Result<Uuid> {
    let request = CloseRequest { opportunity, ..CloseRequest::default() };
    world.app.opportunities().win(caller, Origin::Page, request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_names_the_field_and_says_what_is_wrong() {
    in_every_world(async |world| {
        let wrong = async || {
            let row = Row::new().with("lastname", "A").with("emailaddress1", "abc").with("gendercode", 7);
            create(&world, "contact", row).await
        };
        let (german, english) = in_both(wrong).await;
        assert!(german.contains("E-Mail (emailaddress1): „abc“ ist keine E-Mail-Adresse"), "{german}");
        assert!(
            german.contains("Geschlecht (gendercode): 7 ist kein Eintrag der Auswahl; es gibt 1 Männlich, 2 Weiblich"),
            "{german}"
        );
        assert!(english.contains("E-mail (emailaddress1): 'abc' is not an e-mail address"), "{english}");
        assert!(english.contains("Gender (gendercode): 7 is not an option; there are 1 Male, 2 Female"), "{english}");

        let (german, english) = in_both(async || create(&world, "connection", Row::new()).await).await;
        assert!(german.contains("(record2id): Verbunden mit muss ausgefüllt werden"), "{german}");
        assert!(english.contains("(record2id): Connected to must be filled"), "{english}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_is_closed_as_is_told_and_its_closing_is_stored_as_ever() {
    in_every_world(async |world| {
        let deal = world.deal("Big one", 9000).await;
        let closing = in_language(Language::German, win(&world, &world.seller, deal)).await.unwrap();
        assert_eq!(world.get("opportunityclose", closing).await.text("subject"), "Won: Big one");

        let (german, english) = in_both(async || win(&world, &world.seller, deal).await).await;
        assert_eq!(german, "Verkaufschance „Big one“ ist bereits geschlossen; öffnen Sie sie zuerst wieder");
        assert_eq!(english, "Opportunity “Big one” is closed already; reopen it first");

        let rename = async || world.update("opportunity", deal, Row::new().with("name", "x")).await;
        let (german, english) = in_both(rename).await;
        assert!(german.starts_with("Verkaufschance „Big one“ hat den Status „Gewonnen“ und ist"), "{german}");
        assert!(english.starts_with("Opportunity “Big one” is won and read-only"), "{english}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_password_cannot_be_one_is_told_in_the_readers_language() {
    in_every_world(async |world| {
        let easy =
            async || world.app.identity().set_password(&world.admin, world.seller.user, "aaaaaaaaaaaaaaaa").await;
        let (german, english) = in_both(easy).await;
        assert!(english.starts_with("this password"), "{english}");
        assert!(german.starts_with("dieses Passwort"), "{german}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_and_lanes_are_read_in_german_and_visits_keep_their_names() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Staged", 10).await);
        let processes = world.app.processes();
        let next = processes.carry_out(&world.seller, Origin::Page, deal.clone(), Move::Next);
        in_language(Language::German, next).await.unwrap();
        let journey = processes.journey(&world.seller, deal.clone());
        let journey = in_language(Language::German, journey).await.unwrap().unwrap();
        assert_eq!(journey.label, "Vertriebsprozess der Verkaufschance");
        assert_eq!(journey.current().unwrap().label, "Entwickeln");
        let visits = world.app.new_query(&world.seller, "processstagevisit").select(["stagename"]);
        let visits = world.app.query(&world.seller, visits).await.unwrap();
        let stages: Vec<String> = visits.to_rows().map(|row| row.text("stagename").to_owned()).collect();
        assert!(
            !stages.is_empty() && stages.iter().all(|name| ["Qualify", "Develop"].contains(&name.as_str())),
            "{stages:?}"
        );

        let lanes = async || {
            let model = world.app.model();
            let board = Board::named(&model, &world.seller, model.table("lead").unwrap(), "leadqualitycode").unwrap();
            board.lanes.into_iter().map(|lane| (lane.key, lane.label)).collect::<Vec<_>>()
        };
        let (german, english) = (in_language(Language::German, lanes()).await, lanes().await);
        let named = |key: &str, label: &str| (key.to_owned(), label.to_owned());
        assert_eq!(
            german,
            [named("none", "Ohne Bewertung"), named("1", "Heiß"), named("2", "Warm"), named("3", "Kalt")]
        );
        assert_eq!(english, [named("none", "No rating"), named("1", "Hot"), named("2", "Warm"), named("3", "Cold")]);

        let phases = async || {
            let model = world.app.model();
            let board = Board::named(&model, &world.seller, model.table("opportunity").unwrap(), "stage").unwrap();
            board.lanes.into_iter().map(|lane| lane.label).collect::<Vec<_>>()
        };
        let (german, english) = (in_language(Language::German, phases()).await, phases().await);
        assert_eq!(english, ["No stage", "Qualify", "Develop", "Propose", "Close", "Won", "Lost"]);
        assert_eq!(german[1..5], ["Qualifizieren", "Entwickeln", "Anbieten", "Abschließen"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_records_are_the_same_is_told_to_each_reader_in_their_own_words() {
    in_every_world(async |world| {
        let ada = || Row::new().with("firstname", "Ada").with("lastname", "Byron").with("emailaddress1", "a@b.example");
        create(&world, "contact", ada()).await.unwrap();
        let again = async || {
            let row = ada();
            let warned = move |work: &mut crm::records::Work<'_, '_>| {
                work.warn_of_duplicates();
                work.create_all(NewRecord::of("contact", row))
            };
            world.app.work(&world.seller, Origin::Page, warned).await
        };
        let (german, english) = in_both(again).await;
        assert!(german.contains("gleiche E-Mail-Adresse"), "{german}");
        assert!(english.contains("same e-mail address"), "{english}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_do_is_said_with_the_name_of_the_table() {
    in_every_world(async |world| {
        let (german, english) = in_both(async || create(&world, "territory", Row::new().with("name", "T")).await).await;
        assert!(german.contains("dürfen Sie diesen Datensatz (Gebiet) nicht anlegen"), "{german}");
        assert!(english.contains("do not let you add this territory"), "{english}");

        let error = Error::NotFound { table: "lead".to_owned(), id: Uuid::nil() };
        assert_eq!(error.to_string(), format!("lead with id {} does not exist", Uuid::nil()));
    })
    .await;
}
