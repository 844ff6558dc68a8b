//! Changes are taken back one by one, and what was deleted comes back.

use crate::world::{World, crm, in_every_world, to};
use crm::{Error, FeedOperation, NewRecord, Origin, Row, reading::LookedFor, records::Reversal};
use model::Value;
use uuid::Uuid;

/// The places of a lead's changes in the feed, the newest first.
async fn changes(world: &World, lead: Uuid) -> Vec<u64> {
    let (entries, _) = world.app.history(&world.seller, "lead", lead, 50).await.unwrap();
    let updates = entries.iter().filter(|entry| entry.operation == FeedOperation::Update);
    updates.map(|entry| entry.position.sequence).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_is_put_back_and_what_was_changed_elsewhere_stays() {
    in_every_world(async |world| {
        let lead = world.lead("Before").await;
        let row = Row::new().with("subject", "After").with("leadqualitycode", 1);
        world.update("lead", lead, row).await.unwrap();
        world.update("lead", lead, Row::new().with("companyname", "Engines Ltd.")).await.unwrap();
        let first = changes(&world, lead).await[1];

        let act = world.app.put_back(&world.seller, Origin::Page, "lead", lead, Reversal::of(first)).await.unwrap();
        let row = world.get("lead", lead).await;
        assert_eq!((row.text("subject"), row.text("companyname")), ("Before", "Engines Ltd."));
        assert_eq!(row.value("leadqualitycode"), &Value::from(2), "warm, as it was made");

        let again =
            world.app.put_back(&world.seller, Origin::Page, "lead", lead, Reversal::of(first)).await.unwrap_err();
        assert!(again.to_string().contains("former value already"), "{again}");
        world.app.undo(&world.seller, Origin::Page, act).await.unwrap();
        assert_eq!(world.get("lead", lead).await.text("subject"), "After");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_field_of_a_change_is_put_back_by_itself() {
    in_every_world(async |world| {
        let lead = world.lead("Before").await;
        let row = Row::new().with("subject", "After").with("jobtitle", "Buyer");
        world.update("lead", lead, row).await.unwrap();
        let place = changes(&world, lead).await[0];
        let put_back = async |column: &str| {
            let reversal = Reversal { only: Some(column.to_owned()), ..Reversal::of(place) };
            world.app.put_back(&world.seller, Origin::Page, "lead", lead, reversal).await
        };
        put_back("subject").await.unwrap();
        let row = world.get("lead", lead).await;
        assert_eq!((row.text("subject"), row.text("jobtitle")), ("Before", "Buyer"));
        assert!(put_back("companyname").await.is_err(), "the change did not touch it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_put_back_over_what_somebody_changed_since_it_was_looked_at() {
    in_every_world(async |world| {
        let lead = world.lead("Before").await;
        world.update("lead", lead, Row::new().with("subject", "After")).await.unwrap();
        let place = changes(&world, lead).await[0];
        let shown = world.get("lead", lead).await.value("versionnumber").as_whole();
        let theirs = Row::new().with("subject", "Theirs");
        world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();

        let put_back = async |version: Option<i64>| {
            let reversal = Reversal { version, ..Reversal::of(place) };
            world.app.put_back(&world.seller, Origin::Page, "lead", lead, reversal).await
        };
        let late = put_back(shown).await.unwrap_err();
        assert!(matches!(late, Error::Changed { .. }), "{late}");
        assert_eq!(world.get("lead", lead).await.text("subject"), "Theirs");
        put_back(world.get("lead", lead).await.value("versionnumber").as_whole()).await.unwrap();
        assert_eq!(world.get("lead", lead).await.text("subject"), "Before");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_looked_through_by_field_and_person() {
    in_every_world(async |world| {
        let lead = world.lead("Before").await;
        world.update("lead", lead, Row::new().with("subject", "Mine").with("jobtitle", "Buyer")).await.unwrap();
        let theirs = Row::new().with("subject", "Theirs");
        world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();
        let find = async |column: Option<&str>, user: Option<Uuid>| {
            let looked_for = LookedFor { column: column.map(str::to_owned), user };
            let found = world.app.history_of(&world.seller, ("lead", lead), looked_for, 50).await.unwrap().0;
            let updates = found.into_iter().filter(|entry| entry.operation == FeedOperation::Update);
            updates.map(|entry| (entry.actor.user, entry.changes.len())).collect::<Vec<_>>()
        };
        let (seller, admin) = (world.seller.user, world.admin.user);
        assert_eq!(find(Some("subject"), None).await, [(admin, 1), (seller, 1)]);
        assert_eq!(find(Some("subject"), Some(admin)).await, [(admin, 1)]);
        assert_eq!(find(Some("jobtitle"), Some(admin)).await, []);
        assert_eq!(find(None, Some(admin)).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_former_value_is_not_kept_is_not_said_to_be_undone() {
    in_every_world(async |world| {
        let email = Row::new().with("subject", "Offer").with("description", "Dear Lena");
        let email = world.create("email", email).await;
        let seller = world.seller().await;
        let change = async |row: Row| {
            let act = world.app.work(&seller, Origin::Page, move |work| {
                work.update("email", email, row, None)?;
                Ok(work.act())
            });
            act.await.unwrap()
        };
        let act = change(Row::new().with("subject", "Our offer").with("description", "Dear Mr Berg")).await;
        let refused = world.app.undo(&seller, Origin::Page, act).await.unwrap_err();
        assert!(refused.to_string().contains("“Message” of a"), "{refused}");
        assert_eq!(world.get("email", email).await.text("subject"), "Our offer", "nothing is undone by half");

        let act = change(Row::new().with("subject", "Last offer")).await;
        world.app.undo(&seller, Origin::Page, act).await.unwrap();
        assert_eq!(world.get("email", email).await.text("subject"), "Our offer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disqualification_put_back_reactivates_the_lead() {
    in_every_world(async |world| {
        let lead = world.lead("Too early").await;
        world.update("lead", lead, Row::new().with("statecode", 2).with("statuscode", 4)).await.unwrap();
        let disqualified = changes(&world, lead).await[0];
        world.app.put_back(&world.seller, Origin::Page, "lead", lead, Reversal::of(disqualified)).await.unwrap();
        assert_eq!(world.get("lead", lead).await.value("statecode"), &Value::from(0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_another_record_and_the_making_of_one_are_not_put_back() {
    in_every_world(async |world| {
        let (lead, other) = (world.lead("One").await, world.lead("Other").await);
        world.update("lead", other, Row::new().with("subject", "Changed")).await.unwrap();
        let foreign = changes(&world, other).await[0];
        let (entries, _) = world.app.history(&world.seller, "lead", lead, 1).await.unwrap();
        for place in [foreign, entries[0].position.sequence, 999_999] {
            let refused =
                world.app.put_back(&world.seller, Origin::Page, "lead", lead, Reversal::of(place)).await.unwrap_err();
            assert!(matches!(refused, Error::Refused(_)), "{refused}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_record_is_listed_and_comes_back_with_what_hung_on_it() {
    in_every_world(async |world| {
        let lead = world.lead("Thrown away").await;
        let note = Row::new().with("subject", "Call back in May").with("objectid", to("lead", lead));
        let note = world.create("annotation", note).await;
        let kept = world.get("lead", lead).await;
        world.delete_as_admin("lead", lead).await;
        assert_eq!((world.count("lead").await, world.count("annotation").await), (0, 0));

        let (deletions, _, more) = world.app.deletions(&world.admin, None).await.unwrap();
        assert_eq!(deletions.len(), 1, "{deletions:?}");
        assert_eq!((deletions[0].name.as_str(), deletions[0].record.id), ("Lena Lead", lead));
        assert_eq!((deletions[0].others, more), (1, false));
        let (others, ..) = world.app.deletions(&world.seller, None).await.unwrap();
        assert_eq!(others, [], "an administrator deleted it, which is not the seller's to see");

        world.app.undo(&world.admin, Origin::Page, deletions[0].act).await.unwrap();
        let back = world.get("lead", lead).await;
        let values = |row: &Row| row.clone().into_iter().filter(|(name, _)| *name != "versionnumber").collect::<Row>();
        assert_eq!(values(&back), values(&kept));
        assert_eq!(world.get("annotation", note).await.text("subject"), "Call back in May");
        assert_eq!(world.app.deletions(&world.admin, None).await.unwrap().0, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_deleted_oneself_one_may_bring_back() {
    in_every_world(async |world| {
        let task = Row::new().with("subject", "Not needed");
        let task = world.app.create(&world.seller, Origin::Page, NewRecord::of("task", task)).await.unwrap();
        world.app.delete(&world.seller, Origin::Page, "task", task, None).await.unwrap();
        let (deletions, ..) = world.app.deletions(&world.seller, None).await.unwrap();
        assert_eq!(deletions.iter().map(|deletion| deletion.record.id).collect::<Vec<_>>(), [task]);
        world.app.undo(&world.seller, Origin::Page, deletions[0].act).await.unwrap();
        assert_eq!(world.get("task", task).await.text("subject"), "Not needed");
    })
    .await;
}
