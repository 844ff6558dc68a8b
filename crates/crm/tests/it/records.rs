//! Rows of any table: input checked, versions, history.

use crate::world::{World, crm, in_every_world, to};
use crm::{Error, FeedOperation, NewRecord, Origin, Row};
use model::Value;

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
async fn what_hangs_on_an_assigned_record_follows_its_former_owner_and_a_colleagues_own_work_stays() {
    in_every_world(async |world| {
        let lead = world.lead("Handed over").await;
        let about = |subject: &str| Row::new().with("subject", subject).with("regardingobjectid", to("lead", lead));
        let open = world.create("task", about("Call back")).await;
        let done = world.create("phonecall", about("First call")).await;
        world.update("phonecall", done, Row::new().with("statecode", 1)).await.unwrap();
        let colleagues = NewRecord::of("task", about("Colleague's own"));
        let colleagues = world.app.create(&world.admin, Origin::Page, colleagues).await.unwrap();
        let admin = to("systemuser", world.admin.user);
        world.update("lead", lead, Row::new().with("ownerid", admin.clone())).await.unwrap();
        let sellers = Row::new().with("ownerid", to("systemuser", world.seller.user));
        world.app.update(&world.admin, Origin::Page, "task", colleagues, sellers, None).await.unwrap();

        assert_eq!(world.get("task", open).await.value("ownerid"), &admin);
        let done = world.get("phonecall", done).await;
        assert_eq!((done.value("ownerid"), done.value("statecode").as_whole()), (&admin, Some(1)));

        // The colleague's row, handed to the former owner meanwhile, is not the lead's new owner's.
        let back = Row::new().with("ownerid", to("systemuser", world.seller.user));
        world.app.update(&world.admin, Origin::Page, "lead", lead, back, None).await.unwrap();
        let seller = to("systemuser", world.seller.user);
        assert_eq!(world.get("task", open).await.value("ownerid"), &seller);
        assert_eq!(world.get("task", colleagues).await.value("ownerid"), &seller);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_the_database_to_read_does_not_wait_for_who_writes() {
    let world = World::new(false).await;
    let (has_begun, begun) = std::sync::mpsc::channel();
    let (may_end, end) = std::sync::mpsc::channel::<()>();
    let (app, seller) = (world.app.clone(), world.seller.clone());
    let writing = tokio::spawn(async move {
        let wait = move |_: &mut crm::Work<'_, '_>| {
            has_begun.send(()).unwrap();
            end.recv().map_err(|_| crm::Error::refused("nobody waits any more"))
        };
        app.work(&seller, Origin::Page, wait).await
    });
    tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
    let reading = async {
        let other = crm::App::open(&store::DatabaseUrl::Sqlite(world.file("crm.db"))).await.unwrap();
        let leads = other.query(&world.seller, other.new_query(&world.seller, "lead")).await.unwrap().rows.len();
        other.close().await;
        leads
    };
    assert_eq!(tokio::time::timeout(std::time::Duration::from_secs(30), reading).await, Ok(0));
    may_end.send(()).unwrap();
    writing.await.unwrap().unwrap();
}
