//! Merging two records into one.

use crate::world::{World, crm, in_every_world, to};
use crm::{Error, NewRecord, Origin, Row, access::Privilege, merge::Merge};
use model::{Filter, Reference};
use uuid::Uuid;

fn merge(table: &str, master: Uuid, subordinate: Uuid) -> Merge {
    Merge { table: table.to_owned(), master, subordinate, content: Row::new(), check_parents: false }
}

async fn account(world: &World, name: &str) -> Uuid {
    world.create("account", Row::new().with("name", name)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_gets_the_chosen_values_and_everything_that_hung_on_the_other() {
    in_every_world(async |world| {
        let (master, other) = (account(&world, "Contoso").await, account(&world, "Contoso Ltd").await);
        let points = |column: &str| Row::new().with(column, to("account", other));
        let contact = world.create("contact", points("parentcustomerid").with("lastname", "Byron")).await;
        let deal = world.create("opportunity", points("customerid").with("name", "Pumps")).await;
        let note = world.create("annotation", points("objectid").with("notetext", "VIP")).await;
        let call = points("regardingobjectid").with("subject", "Call").with("statecode", 1);
        let call = world.create("phonecall", call).await;
        let child = world.create("account", points("parentaccountid").with("name", "Branch")).await;
        let link = Row::new().with("record1id", to("account", other)).with("record2id", to("contact", contact));
        let link = world.create("connection", link).await;
        let email = world.create("email", Row::new().with("subject", "Hello")).await;
        let party = Row::new()
            .with("activityid", to("email", email))
            .with("partyid", to("account", other))
            .with("participationtypemask", 2);
        let party = world.create("activityparty", party).await;

        let content = Row::new().with("telephone1", "+1 425 555 0100");
        let done = world
            .app
            .merge(&world.seller, Origin::Page, Merge { content, ..merge("account", master, other) })
            .await
            .unwrap();

        let it = to("account", master);
        assert_eq!(world.get("account", master).await.text("telephone1"), "+1 425 555 0100");
        assert_eq!(world.get("contact", contact).await.value("parentcustomerid"), &it);
        assert_eq!(world.get("opportunity", deal).await.value("customerid"), &it);
        assert_eq!(world.get("annotation", note).await.value("objectid"), &it);
        assert_eq!(world.get("phonecall", call).await.value("regardingobjectid"), &it);
        assert_eq!(world.get("activitypointer", call).await.value("regardingobjectid"), &it);
        assert_eq!(world.get("account", child).await.value("parentaccountid"), &it);
        assert_eq!(world.get("connection", link).await.value("record1id"), &it);
        assert_eq!(world.get("activityparty", party).await.value("partyid"), &it);
        assert!(done.moved >= 7, "{}", done.moved);
        let gone = world.get("account", other).await;
        assert_eq!(gone.value("masterid"), &it);
        assert_eq!((gone.value("merged").as_boolean(), gone.value("statecode").as_whole()), (Some(true), Some(1)));
        assert!(world.app.store().check().await.unwrap().is_sound());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lookup_of_the_model_that_can_point_at_the_record_follows() {
    let world = World::new(false).await;
    let (master, other) = (account(&world, "Master").await, account(&world, "Other").await);
    let model = world.app.model();
    let mut made = 0;
    for relationship in model.pointing_at("account") {
        let Some(table) = model.table(&relationship.referencing) else { continue };
        let is_plain = matches!(table.kind, model::TableKind::Standard | model::TableKind::Activity);
        if !is_plain
            || ["masterid", "objectid"].contains(&relationship.column.as_str())
            || table.name == "processstagevisit"
            || table.ownership == model::Ownership::Parent
        {
            continue;
        }
        let mut row = Row::new().with(relationship.column.as_str(), to("account", other));
        for (column, value) in [("subject", "S"), ("name", "N"), ("lastname", "L")] {
            if table.column(column).is_some_and(|column| !column.is_computed() && !column.read_only) {
                row.set(column, value);
            }
        }
        if world.app.create(&world.admin, Origin::Page, NewRecord::of(table.name.as_str(), row)).await.is_ok() {
            made += 1;
        }
    }
    assert!(made >= 8, "{made} relationships could be tried");
    world.app.merge(&world.admin, Origin::Page, merge("account", master, other)).await.unwrap();
    for relationship in model.pointing_at("account") {
        let filter = Filter::eq(relationship.column.as_str(), Reference::new("account", other));
        let query = world.app.new_query(&world.admin, &relationship.referencing).matching(filter).take(1);
        let key = model.table(&relationship.referencing).unwrap().primary_key.clone();
        let left = world.app.query(&world.admin, query.select([key.as_str()])).await.unwrap();
        assert!(left.rows.is_empty(), "{} of {} still points at it", relationship.column, relationship.referencing);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_and_shares_that_both_had_become_one() {
    in_every_world(async |world| {
        let lead =
            async |name: &str| world.create("lead", Row::new().with("subject", name).with("lastname", name)).await;
        let (master, other) = (lead("Master").await, lead("Other").await);
        let mut rivals = Vec::new();
        for name in ["Acme", "Umbrella"] {
            rivals.push(world.create("competitor", Row::new().with("name", name)).await);
        }
        let (acme, umbrella) = (Reference::new("competitor", rivals[0]), Reference::new("competitor", rivals[1]));
        let (one, two) = (Reference::new("lead", master), Reference::new("lead", other));
        let admin = Reference::new("systemuser", world.admin.user);
        let seller = world.seller().await;
        let act = {
            let (acme, umbrella, one, two, admin) =
                (acme.clone(), umbrella.clone(), one.clone(), two.clone(), admin.clone());
            move |work: &mut crm::Work<'_, '_>| {
                work.associate("leadcompetitors_association", &one, &acme)?;
                work.associate("leadcompetitors_association", &two, &acme)?;
                work.associate("leadcompetitors_association", &two, &umbrella)?;
                work.share(&one, &admin, &[Privilege::Read].into())?;
                work.share(&two, &admin, &[Privilege::Write].into())
            }
        };
        world.app.work(&seller, Origin::Page, act).await.unwrap();

        world.app.merge(&seller, Origin::Page, merge("lead", master, other)).await.unwrap();
        let rows = async |table: &str| {
            let query = world.app.new_query(&world.admin, table).select(["leadid"]).take(50);
            world
                .app
                .query(&world.admin, query)
                .await
                .unwrap()
                .to_rows()
                .map(|row| row.value("leadid").as_id().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(rows("leadcompetitors").await, [master, master]);
        let (shares, _) = world.app.shares(&seller, &one).await.unwrap();
        assert_eq!(shares.len(), 1);
        assert_eq!(shares[0].privileges, [Privilege::Read, Privilege::Write].into());
        let gone = world.get("lead", other).await;
        assert_eq!(gone.value("statecode").as_whole(), Some(2), "a merged lead leads nowhere");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_undone_as_a_whole() {
    in_every_world(async |world| {
        let (master, other) = (account(&world, "Contoso").await, account(&world, "Contoso Ltd").await);
        let contact = world
            .create("contact", Row::new().with("lastname", "B").with("parentcustomerid", to("account", other)))
            .await;
        let master_is_child = Row::new().with("parentaccountid", to("account", other));
        world.update("account", master, master_is_child).await.unwrap();
        let before = (world.get("account", master).await, world.get("account", other).await);
        let content = Row::new().with("name", "Contoso Group");
        let done = world
            .app
            .merge(&world.seller, Origin::Page, Merge { content, ..merge("account", master, other) })
            .await
            .unwrap();
        assert!(!world.get("account", master).await.has("parentaccountid"), "nothing is a part of itself");

        world.app.undo(&world.seller, Origin::Page, done.act).await.unwrap();
        let after = (world.get("account", master).await, world.get("account", other).await);
        for (was, is) in [(&before.0, &after.0), (&before.1, &after.1)] {
            for (column, value) in was.iter().filter(|(name, _)| !["versionnumber", "modifiedon"].contains(name)) {
                assert_eq!(is.value(column), value, "{column}");
            }
        }
        assert_eq!(world.get("contact", contact).await.value("parentcustomerid"), &to("account", other));
        world.update("account", other, Row::new().with("name", "Contoso Limited")).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_record_is_read_only_whatever_is_tried() {
    in_every_world(async |world| {
        let lead =
            async |name: &str| world.create("lead", Row::new().with("subject", name).with("lastname", name)).await;
        let (master, other, third) = (lead("Master").await, lead("Other").await, lead("Third").await);
        world.app.merge(&world.seller, Origin::Page, merge("lead", master, other)).await.unwrap();
        for changes in [Row::new().with("subject", "x"), Row::new().with("statecode", 0)] {
            let error = world.update("lead", other, changes).await.unwrap_err();
            assert!(error.to_string().contains("merged into another"), "{error}");
        }
        let error = world.app.leads().reactivate(&world.seller, Origin::Page, vec![other]).await;
        assert!(error.is_err() || world.get("lead", other).await.value("statecode").as_whole() == Some(2));
        for (one, two) in [(other, third), (third, other), (master, master)] {
            let error = world.app.merge(&world.seller, Origin::Page, merge("lead", one, two)).await.unwrap_err();
            assert!(matches!(error, Error::Refused(_)), "{error}");
        }
        let error = world
            .app
            .merge(&world.admin, Origin::Page, merge("competitor", one_competitor(&world).await, third))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("cannot be merged"), "{error}");
    })
    .await;
}

async fn one_competitor(world: &World) -> Uuid {
    world.create("competitor", Row::new().with("name", "Acme")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_change_both_may_not_merge_them() {
    in_every_world(async |world| {
        let mine = account(&world, "Mine").await;
        let theirs = world.create_as_admin("account", Row::new().with("name", "Theirs")).await;
        for (one, two) in [(mine, theirs), (theirs, mine)] {
            let error = world.app.merge(&world.seller, Origin::Page, merge("account", one, two)).await.unwrap_err();
            assert!(matches!(error, Error::Forbidden(_)), "{error}");
        }
        // Rows of colleagues that hang on it move all the same.
        let other = account(&world, "Mine too").await;
        let note = Row::new().with("notetext", "by a colleague").with("objectid", to("account", other));
        let note = world.create_as_admin("annotation", note).await;
        world.app.merge(&world.seller, Origin::Page, merge("account", mine, other)).await.unwrap();
        assert_eq!(world.get("annotation", note).await.value("objectid"), &to("account", mine));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn different_parents_are_refused_where_that_is_asked_for() {
    in_every_world(async |world| {
        let (one, two) = (account(&world, "One").await, account(&world, "Two").await);
        let person = async |parent: Uuid| {
            world
                .create("contact", Row::new().with("lastname", "B").with("parentcustomerid", to("account", parent)))
                .await
        };
        let (master, other) = (person(one).await, person(two).await);
        let checked = Merge { check_parents: true, ..merge("contact", master, other) };
        let error = world.app.merge(&world.seller, Origin::Page, checked.clone()).await.unwrap_err();
        assert!(error.to_string().contains("differ"), "{error}");
        let content = Row::new().with("parentcustomerid", to("account", two));
        world.app.merge(&world.seller, Origin::Page, Merge { content, ..checked }).await.unwrap();
        assert_eq!(world.get("contact", master).await.value("parentcustomerid"), &to("account", two));
    })
    .await;
}
