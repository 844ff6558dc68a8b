//! What people are told by the bell, of what others do.

use std::collections::BTreeSet;

use crate::world::{World, crm, in_every_world, to};
use crm::{
    Caller, Error, NewRecord, Origin, Row,
    notifications::{Inbox, Kind, TABLE, Target, Teller, Unread},
};
use jiff::{SignedDuration, Timestamp};
use language::{Language, in_language};
use model::{Depth, Overlay, Privilege, Privileges, Reference, Role, Value};
use uuid::Uuid;

async fn inbox(world: &World, caller: &Caller) -> Inbox {
    world.app.notifications().page(caller, false, None, 50).await.unwrap()
}

async fn titles(world: &World, caller: &Caller) -> Vec<String> {
    inbox(world, caller).await.notifications.into_iter().map(|one| one.title).collect()
}

fn me(caller: &Caller) -> Reference {
    Reference::new("systemuser", caller.user)
}

/// Tells everything that was done until now. On PostgreSQL a change is seen by readers of the feed when
/// older transactions, also of other tests, have ended.
async fn tell(world: &World, teller: &mut Teller) -> usize {
    let last = *world.app.changes().borrow();
    loop {
        let end = |reader: &mut store::Reader<'_>| -> crm::Result<_> { Ok(reader.feed_end()?) };
        if world.app.store().read(end).await.unwrap() >= last {
            return teller.tell().await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// The administrator writes a post on a record; `@NAME` names people.
async fn post(world: &World, by: &Caller, record: &Reference, text: &str, named: &[&Caller]) -> Uuid {
    let people: Vec<_> = named.iter().map(|caller| (me(caller), caller.name.clone())).collect();
    let text = crm::timeline::with_mentions(&world.app.model(), text, &people);
    let record = record.clone();
    world.app.work(by, Origin::Page, move |work| work.post(&record, &text)).await.unwrap()
}

async fn give(world: &World, by: &Caller, record: &Reference, whom: &Caller) {
    let changes = Row::new().with("ownerid", me(whom));
    world.app.update(by, Origin::Page, &record.table, record.id, changes, None).await.unwrap();
}

async fn follow(world: &World, who: &Caller, record: &Reference) {
    world.app.follow(who, Origin::Page, record.clone()).await.unwrap();
}

/// Somebody with a role that reads their own leads only, and their own notifications.
async fn narrow(world: &World) -> Caller {
    let own = Privileges::all(Depth::User);
    let tables = ["lead", "activitypointer", "annotation", "appnotification", "postfollow"];
    let role = Role {
        label: "Narrow".to_owned(),
        description: String::new(),
        everything: false,
        customizes: false,
        acts_for_others: false,
        own_tables: Privileges::default(),
        tables: tables.iter().map(|table| ((*table).to_owned(), own)).collect(),
    };
    let mut overlay = Overlay::default();
    overlay.roles.insert("new_narrow".to_owned(), role);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    let row = Row::new()
        .with("firstname", "Nora")
        .with("lastname", "Narrow")
        .with("internalemailaddress", "nora@contoso.example")
        .with("businessunitid", to("businessunit", world.admin.business_unit));
    let id = world.app.create(&world.admin, Origin::Page, NewRecord::of("systemuser", row)).await.unwrap();
    world.app.identity().give_role(&world.admin, id, "Narrow").await.unwrap();
    world.app.caller(id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_mentioned_is_told_where_and_reads_the_words() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let lead = Reference::new("lead", world.lead("Cranes").await);
        let seller = world.seller().await;
        post(&world, &world.admin, &lead, "Can you call them, @Sam Seller?", &[&seller]).await;
        assert_eq!(tell(&world, &mut teller).await, 1);
        let [told] = &inbox(&world, &seller).await.notifications[..] else { panic!("one notification") };
        assert_eq!(told.title, format!("{} mentioned you", world.admin.name));
        assert_eq!(told.words, "Can you call them, @Sam Seller?");
        assert_eq!(told.record.as_deref(), Some("Lena Lead"));
        assert_eq!(told.target, Some(Target::Record(lead)));
        assert_eq!((told.kind, told.is_read), (Some(Kind::Mention), false));
        assert!(inbox(&world, &world.admin).await.notifications.is_empty(), "nobody is told of their own words");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_a_post_is_told_of_the_reply_and_of_no_other() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let lead = Reference::new("lead", world.lead("Cranes").await);
        let seller = world.seller().await;
        let post = post(&world, &seller, &lead, "Who knows more?", &[]).await;
        world.app.work(&seller, Origin::Page, move |work| work.reply(post, "Anybody?")).await.unwrap();
        world.app.work(&world.admin, Origin::Page, move |work| work.reply(post, "I do.")).await.unwrap();
        tell(&world, &mut teller).await;
        assert_eq!(titles(&world, &seller).await, [format!("{} replied to your post", world.admin.name)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_added_to_a_post_afterwards_is_told_once() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let lead = Reference::new("lead", world.lead("Cranes").await);
        let seller = world.seller().await;
        let id = post(&world, &world.admin, &lead, "Who calls?", &[]).await;
        for text in ["@Sam Seller calls?", "@Sam Seller calls, right?"] {
            let text = crm::timeline::with_mentions(&world.app.model(), text, &[(me(&seller), seller.name.clone())]);
            let of = Reference::new("post", id);
            world.app.work(&world.admin, Origin::Page, move |work| work.rewrite(&of, &text)).await.unwrap();
        }
        assert_eq!(tell(&world, &mut teller).await, 1);
        assert_eq!(inbox(&world, &seller).await.notifications[0].count, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_given_in_one_act_are_told_as_one_and_very_many_as_a_number() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        let one = Reference::new("lead", world.create_as_admin("lead", lead_of("One")).await);
        give(&world, &world.admin, &one, &seller).await;
        tell(&world, &mut teller).await;
        let name = &world.admin.name;
        assert_eq!(titles(&world, &seller).await, [format!("{name} assigned you this lead")]);

        let owner = me(&seller);
        let many = world.app.work(&world.admin, Origin::Page, move |work| {
            for number in 0..20 {
                work.create("lead", None, lead_of(&format!("Lead {number}")).with("ownerid", owner.clone()))?;
            }
            Ok(())
        });
        many.await.unwrap();
        tell(&world, &mut teller).await;
        let told = inbox(&world, &seller).await.notifications;
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].title, format!("{name} assigned you 20 records"));
        assert_eq!(told[0].target, Some(Target::List("lead".to_owned())));
        assert!(!told[0].appears && told[1].appears, "of many nothing flies in");
    })
    .await;
}

fn lead_of(topic: &str) -> Row {
    Row::new().with("subject", topic).with("lastname", "Lead").with("companyname", "Fabrikam Ltd")
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_told_of_what_is_shared_with_them() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let nora = narrow(&world).await;
        let lead = Reference::new("lead", world.lead("Cranes").await);
        let (record, with) = (lead.clone(), me(&nora));
        let read: BTreeSet<_> = [Privilege::Read].into();
        world.app.work(&world.admin, Origin::Page, move |work| work.share(&record, &with, &read)).await.unwrap();
        tell(&world, &mut teller).await;
        let nora = world.app.caller(nora.user).await.unwrap();
        assert_eq!(titles(&world, &nora).await, [format!("{} shared this lead with you", world.admin.name)]);

        // When the share ends, nothing of it is shown any more, nor counted.
        let (record, with) = (lead, me(&nora));
        let end = move |work: &mut crm::Work<'_, '_>| work.share(&record, &with, &BTreeSet::new());
        world.app.work(&world.admin, Origin::Page, end).await.unwrap();
        tell(&world, &mut teller).await;
        let nora = world.app.caller(nora.user).await.unwrap();
        assert!(titles(&world, &nora).await.is_empty());
        assert_eq!(world.app.notifications().unread(&nora).await.unwrap(), Unread::default());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_they_may_not_read() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let nora = narrow(&world).await;
        let lead = Reference::new("lead", world.lead("Secret").await);
        post(&world, &world.admin, &lead, "Do not tell @Nora Narrow", &[&nora]).await;
        assert_eq!(tell(&world, &mut teller).await, 0);
        assert!(titles(&world, &nora).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_do_to_a_followed_record_is_told_as_one_until_it_is_read() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let deal = Reference::new("opportunity", world.deal("Cranes", 10_000).await);
        let (seller, name) = (world.seller().await, world.admin.name.clone());
        follow(&world, &seller, &deal).await;
        let note = Row::new().with("subject", "Budget").with("objectid", deal.clone());
        world.app.create(&world.admin, Origin::Page, NewRecord::of("annotation", note)).await.unwrap();
        tell(&world, &mut teller).await;
        let told = inbox(&world, &seller).await.notifications;
        assert_eq!(
            (told[0].title.as_str(), told[0].words.as_str()),
            (format!("{name} added a note").as_str(), "Budget")
        );

        let task = Row::new().with("subject", "Call back").with("regardingobjectid", deal.clone());
        world.app.create(&world.admin, Origin::Page, NewRecord::of("task", task)).await.unwrap();
        post(&world, &seller, &deal, "My own words", &[]).await;
        tell(&world, &mut teller).await;
        let told = inbox(&world, &seller).await.notifications;
        assert_eq!(told.len(), 1, "one record, one line");
        assert_eq!((told[0].title.as_str(), told[0].count), (format!("{name} added a task").as_str(), 2));

        assert_eq!(world.app.notifications().seen(&seller, &deal).await.unwrap(), 1);
        let close = crm::opportunities::CloseRequest { opportunity: deal.id, ..Default::default() };
        world.app.opportunities().win(&world.admin, Origin::Page, close).await.unwrap();
        tell(&world, &mut teller).await;
        let told = inbox(&world, &seller).await.notifications;
        assert_eq!(told.len(), 2, "what was read stays as it was");
        assert_eq!(told[0].title, format!("{name} set this opportunity to Won"));
        assert_eq!(told[0].kind, Some(Kind::Progress));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_not_told_of_what_they_do_not_want_to_hear() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        let muted = Row::new().with("mutednotifications", Value::Choices(vec![3]));
        world.app.update(&seller, Origin::Page, "systemuser", seller.user, muted, None).await.unwrap();
        let lead = Reference::new("lead", world.create_as_admin("lead", lead_of("One")).await);
        give(&world, &world.admin, &lead, &seller).await;
        post(&world, &world.admin, &lead, "Now, @Sam Seller", &[&seller]).await;
        tell(&world, &mut teller).await;
        assert_eq!(titles(&world, &seller).await, [format!("{} mentioned you", world.admin.name)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_and_a_restart_tell_each_thing_once() {
    in_every_world(async |world| {
        let mut one = Teller::begin(&world.app).await.unwrap();
        let mut other = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        for number in 0..6 {
            let lead = Reference::new("lead", world.create_as_admin("lead", lead_of(&format!("{number}"))).await);
            give(&world, &world.admin, &lead, &seller).await;
            let (first, second) = tokio::join!(tell(&world, &mut one), tell(&world, &mut other));
            assert_eq!(first + second, 1, "lead {number}");
        }
        // One who begins anew goes on where the others were.
        let mut third = Teller::begin(&world.app).await.unwrap();
        assert_eq!(tell(&world, &mut third).await, 0);
        let lead = Reference::new("lead", world.create_as_admin("lead", lead_of("Last")).await);
        give(&world, &world.admin, &lead, &seller).await;
        let mut fourth = Teller::begin(&world.app).await.unwrap();
        assert_eq!(tell(&world, &mut fourth).await, 1);
        assert_eq!(inbox(&world, &seller).await.notifications.len(), 7);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_undone_though_somebody_was_told_of_it() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        let lead = lead_of("Given").with("ownerid", me(&seller));
        let (id, act) = world
            .app
            .work(&world.admin, Origin::Page, move |work| {
                Ok((work.create_all(NewRecord::of("lead", lead))?, work.act()))
            })
            .await
            .unwrap();
        tell(&world, &mut teller).await;
        let told = inbox(&world, &seller).await.notifications.remove(0);
        world.app.notifications().open(&seller, told.id).await.unwrap();
        world.app.undo(&world.admin, Origin::Page, act).await.unwrap();
        assert!(matches!(world.app.get(&world.admin, "lead", id, None).await, Err(Error::NotFound { .. })));
        assert!(titles(&world, &seller).await.is_empty(), "of what is gone nothing is told");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_of_somebody_else_are_neither_read_nor_marked() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        let lead = Reference::new("lead", world.create_as_admin("lead", lead_of("One")).await);
        give(&world, &world.admin, &lead, &seller).await;
        tell(&world, &mut teller).await;
        let id = inbox(&world, &seller).await.notifications[0].id;
        let notifications = world.app.notifications();
        assert!(matches!(notifications.open(&world.admin, id).await, Err(Error::NotFound { .. })));
        assert!(matches!(notifications.mark_one(&world.admin, id, true).await, Err(Error::NotFound { .. })));
        assert_eq!(notifications.mark_all_read(&world.admin).await.unwrap(), 0);
        assert_eq!(notifications.unread(&seller).await.unwrap().count, 1);
        assert_eq!(notifications.mark_all_read(&seller).await.unwrap(), 1);
        assert_eq!(notifications.unread(&seller).await.unwrap().count, 0);
        // A seller makes none for others.
        let forged = Row::new().with("title", "Call me").with("ownerid", me(&world.admin));
        let forged = world.app.create(&seller, Origin::WebApi, NewRecord::of(TABLE, forged)).await;
        assert!(matches!(forged, Err(Error::Forbidden(_))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_goes_by_itself() {
    in_every_world(async |world| {
        let days = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
        let row = |title: &str| Row::new().with("title", title).with("ownerid", me(&world.admin));
        for (title, read, ago) in [("read", true, 31), ("kept", true, 29), ("waiting", false, 31), ("old", false, 91)] {
            world.create_as_admin(TABLE, row(title).with("isread", read).with("raisedon", days(ago))).await;
        }
        for number in 0..505 {
            world.create_as_admin(TABLE, row(&format!("{number}"))).await;
        }
        world.app.notifications().tidy().await.unwrap();
        let mut query = world.app.new_query(&world.admin, TABLE).select(["title"]).take(600);
        query.page.count = true;
        let left = world.app.query(&world.admin, query).await.unwrap();
        assert_eq!(left.total, Some(500), "at most 500 of a person");
        let left: BTreeSet<String> = left.to_rows().map(|row| row.text("title").to_owned()).collect();
        assert!(!left.contains("read") && !left.contains("old") && !left.contains("kept"), "the oldest go first");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_gone_keeps_nobody_from_being_told_of_the_rest() {
    in_every_world(async |world| {
        let mut overlay = Overlay::default();
        let table: model::TableDeclaration = toml::from_str(r#"label = "Project""#).unwrap();
        overlay.new_tables.insert("new_project".to_owned(), table);
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        let (seller, project) = (world.seller().await, NewRecord::of("new_project", Row::new()));
        let project = world.app.create(&seller, Origin::Page, project).await.unwrap();
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let (record, with) = (Reference::new("new_project", project), me(&world.admin));
        let read = [Privilege::Read].into();
        world.app.work(&seller, Origin::Page, move |work| work.share(&record, &with, &read)).await.unwrap();
        world.app.customization().publish(&world.admin, Origin::Page, Overlay::default()).await.unwrap();
        let (seller, lead) = (world.seller().await, Reference::new("lead", world.lead("Cranes").await));
        give(&world, &seller, &lead, &world.admin).await;
        assert_eq!(tell(&world, &mut teller).await, 1);
        assert_eq!(titles(&world, &world.admin).await, [format!("{} assigned you this lead", seller.name)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_holds_no_name_and_calls_people_as_they_are_called_now() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        let lead = Reference::new("lead", world.create_as_admin("lead", lead_of("One")).await);
        give(&world, &world.admin, &lead, &seller).await;
        tell(&world, &mut teller).await;
        let id = inbox(&world, &seller).await.notifications[0].id;
        assert_eq!(world.get(TABLE, id).await.text("title"), "Assigned you this lead");

        let renamed = Row::new().with("firstname", "Rena").with("lastname", "Renamed");
        world.app.update(&world.admin, Origin::Page, "systemuser", world.admin.user, renamed, None).await.unwrap();
        assert_eq!(titles(&world, &seller).await, ["Rena Renamed assigned you this lead"]);

        // What another program tells stands there as it was written.
        let row = Row::new().with("title", "The backup is done").with("ownerid", me(&seller));
        world.create_as_admin(TABLE, row).await;
        assert_eq!(titles(&world, &seller).await[0], "The backup is done");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_read_in_the_language_of_whoever_reads_it() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let seller = world.seller().await;
        let deal = Reference::new("opportunity", world.deal("Robotics", 25_000).await);
        follow(&world, &seller, &deal).await;
        post(&world, &world.admin, &deal, "Look at this, @Sam Seller", &[&seller]).await;
        let lead = Reference::new("lead", world.create_as_admin("lead", lead_of("One")).await);
        give(&world, &world.admin, &lead, &seller).await;
        let task = Row::new().with("subject", "Call").with("regardingobjectid", to("opportunity", deal.id));
        world.create_as_admin("task", task).await;
        tell(&world, &mut teller).await;
        let (name, english) = (&world.admin.name, titles(&world, &seller).await);
        let german = in_language(Language::German, titles(&world, &seller)).await;
        for (one, other) in [
            (format!("{name} mentioned you"), format!("{name} hat Sie erwähnt")),
            (format!("{name} assigned you this lead"), format!("{name} hat Ihnen diesen Datensatz zugewiesen: Lead")),
            (format!("{name} added a task"), format!("{name} hat eine Aktivität hinzugefügt: Aufgabe")),
        ] {
            let place =
                english.iter().position(|title| *title == one).unwrap_or_else(|| panic!("{one} in {english:?}"));
            assert_eq!(german[place], other);
        }
    })
    .await;
}
