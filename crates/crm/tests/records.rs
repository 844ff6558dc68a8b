//! Rows of any table: input checked, versions, history, customisation.

mod world;

use crm::{Error, FeedOperation, NewRecord, Origin, Row, customization::NewColumn};
use model::{Filter, Value};
use world::{crm, in_every_world, to};

#[tokio::test(flavor = "multi_thread")]
async fn all_mistakes_of_an_input_are_named_together_and_nothing_is_written() {
    in_every_world(async |world| {
        let row = Row::new()
            .with("subject", "x".repeat(301))
            .with("leadsourcecode", 99)
            .with("numberofemployees", "many")
            .with("shoe_size", 43);
        let error = world.app.create(&world.seller, Origin::Page, NewRecord::of("lead", row)).await.unwrap_err();
        let Error::Invalid(fields) = &error else { panic!("{error}") };
        let columns: Vec<&str> = fields.iter().map(|field| field.column.as_str()).collect();
        assert_eq!(columns, ["leadsourcecode", "numberofemployees", "shoe_size", "subject"]);
        assert_eq!(world.count("lead").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_system_computes_cannot_be_written() {
    in_every_world(async |world| {
        let row = Row::new().with("lastname", "L").with("fullname", "Somebody else");
        let error = world.app.create(&world.seller, Origin::WebApi, NewRecord::of("lead", row)).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(fields) if fields[0].column == "fullname"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_who_save_the_same_version_the_second_is_told() {
    in_every_world(async |world| {
        let lead = world.lead("Contended").await;
        let version = world.get("lead", lead).await.value("versionnumber").as_whole();
        let save = |topic: &str| {
            world.app.update(&world.seller, Origin::Page, "lead", lead, Row::new().with("subject", topic), version)
        };
        save("first").await.unwrap();
        assert!(matches!(save("second").await.unwrap_err(), Error::Changed { .. }));
        assert_eq!(world.get("lead", lead).await.text("subject"), "first");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_who_changed_what_from_what_to_what() {
    in_every_world(async |world| {
        let lead = world.lead("Before").await;
        world.update("lead", lead, Row::new().with("subject", "After")).await.unwrap();
        let (entries, names) = world.app.history(&world.seller, "lead", lead, 10).await.unwrap();
        assert_eq!(
            entries.iter().map(|e| e.operation).collect::<Vec<_>>(),
            [FeedOperation::Update, FeedOperation::Create]
        );
        let change = entries[0].changes.iter().find(|(column, ..)| column == "subject").unwrap();
        assert_eq!((&change.1, &change.2), (&Value::from("Before"), &Value::from("After")));
        let who = model::Reference::new("systemuser", entries[0].actor.user);
        assert_eq!(names.get(&who), Some("Sam Seller"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_owned_by_its_creator_in_that_person_s_business_unit() {
    in_every_world(async |world| {
        let row = world.get("lead", world.lead("Mine").await).await;
        assert_eq!(row.value("ownerid"), &to("systemuser", world.seller.user));
        assert_eq!(row.value("owninguser"), &to("systemuser", world.seller.user));
        assert_eq!(row.value("owningbusinessunit"), &to("businessunit", world.seller.business_unit));
        assert!(row.value("owningteam").is_null());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_adds_a_column_and_it_is_there_for_everybody_at_once() {
    in_every_world(async |world| {
        let before = world.lead("Old lead").await;
        let new = NewColumn {
            table: "lead".into(),
            name: "new_score".into(),
            kind: "whole".into(),
            label: "Score".into(),
            options: Vec::new(),
            length: None,
        };
        let refused = world.app.customization().add_column(&world.seller, Origin::Page, new.clone()).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        world.app.customization().add_column(&world.admin, Origin::Page, new).await.unwrap();

        world.update("lead", before, Row::new().with("new_score", 7)).await.unwrap();
        let query = world.app.new_query(&world.seller, "lead").select(["subject"]).matching(Filter::eq("new_score", 7));
        assert_eq!(world.app.query(&world.seller, query).await.unwrap().rows.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistaken_customisation_is_refused_with_its_place() {
    in_every_world(async |world| {
        let new = NewColumn {
            table: "lead".into(),
            name: "score".into(),
            kind: "whole".into(),
            label: "Score".into(),
            options: Vec::new(),
            length: None,
        };
        let error = world.app.customization().add_column(&world.admin, Origin::Page, new).await.unwrap_err();
        assert!(error.to_string().contains("score") && error.to_string().contains("prefix"), "{error}");
    })
    .await;
}
