//! Duplicate rules: what they find, warn of and forbid; how they are published.

use crate::world::{World, crm, in_every_world, to};
use crm::{Caller, Error, NewRecord, Origin, Row, duplicates::Action};
use model::{Filter, Reference};
use uuid::Uuid;

fn contact(first: &str, last: &str, email: &str) -> Row {
    Row::new().with("firstname", first).with("lastname", last).with("emailaddress1", email)
}

/// Creates as a page does that has not shown any match yet.
async fn create_warned(world: &World, caller: &Caller, table: &'static str, row: Row) -> crm::Result<Uuid> {
    world
        .app
        .work(caller, Origin::Page, move |work| {
            work.warn_of_duplicates();
            work.create_all(NewRecord::of(table, row))
        })
        .await
}

/// A published rule: its conditions are pairs of columns with a criterion.
async fn rule(world: &World, base: &str, matching: &str, action: i64, conditions: &[(&str, &str, i64)]) -> Uuid {
    let row = Row::new()
        .with("name", format!("{base} like {matching}"))
        .with("baseentityname", base)
        .with("matchingentityname", matching)
        .with("actioncode", action);
    let id = world.create_as_admin("duplicaterule", row).await;
    for (one, other, criterion) in conditions {
        let row = Row::new()
            .with("regardingobjectid", to("duplicaterule", id))
            .with("baseattributename", *one)
            .with("matchingattributename", *other)
            .with("operatorcode", *criterion)
            .with("operatorparam", 3);
        world.create_as_admin("duplicaterulecondition", row).await;
    }
    set_state(world, id, 1).await.unwrap();
    world.app.duplicates().settled().await.unwrap();
    id
}

async fn set_state(world: &World, rule: Uuid, state: i64) -> crm::Result<Row> {
    world.app.update(&world.admin, Origin::Page, "duplicaterule", rule, Row::new().with("statecode", state), None).await
}

/// Takes all shipped rules out of force.
async fn without_shipped_rules(world: &World) {
    let query = world.app.new_query(&world.admin, "duplicaterule").select(["duplicateruleid"]).take(100);
    for row in world.app.query(&world.admin, query).await.unwrap().to_rows() {
        set_state(world, row.value("duplicateruleid").as_id().unwrap(), 0).await.unwrap();
    }
    world.app.duplicates().settled().await.unwrap();
}

/// The definitions of which there are keys.
async fn definitions(world: &World) -> Vec<i32> {
    let read = |reader: &mut store::Reader<'_>| -> crm::Result<Vec<i32>> { Ok(reader.match_key_definitions()?) };
    world.app.store().read(read).await.unwrap()
}

fn names(matches: &[crm::duplicates::Match]) -> Vec<&str> {
    matches.iter().map(|found| found.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_a_known_address_is_refused_until_a_person_has_looked() {
    in_every_world(async |world| {
        let known = world.create("contact", contact("Ada", "Byron", "ada@contoso.example")).await;
        let again = contact("A.", "Lovelace", "Ada+news@Contoso.example");
        let error = create_warned(&world, &world.seller, "contact", again.clone()).await.unwrap_err();
        let Error::Duplicates(found) = &error else { panic!("{error}") };
        assert!(!found.blocked);
        assert_eq!(found.matches[0].reference, Reference::new("contact", known));
        assert_eq!(found.matches[0].reason, "same e-mail address");
        assert_eq!(found.matches[0].owner.as_deref(), Some("Sam Seller"));
        assert_eq!(world.count("contact").await, 1, "nothing was written");

        world.create("contact", again).await;
        assert_eq!(world.count("contact").await, 2, "saved anyway");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_asked_about_only_where_it_touches_what_a_rule_compares() {
    in_every_world(async |world| {
        world.create("contact", contact("Ada", "Byron", "ada@contoso.example")).await;
        let other = world.create("contact", contact("Bea", "Cole", "bea@fabrikam.example")).await;
        let change = async |changes: Row| {
            world
                .app
                .work(&world.seller, Origin::Page, move |work| {
                    work.warn_of_duplicates();
                    work.update("contact", other, changes, None)
                })
                .await
        };
        let error = change(Row::new().with("emailaddress1", "ADA@contoso.example")).await.unwrap_err();
        assert!(matches!(error, Error::Duplicates(_)), "{error}");
        world.update("contact", other, Row::new().with("emailaddress1", "ada@contoso.example")).await.unwrap();
        change(Row::new().with("jobtitle", "Engineer")).await.unwrap();
        change(Row::new().with("emailaddress1", "bea@fabrikam.example")).await.unwrap();
        assert!(world.app.duplicates().of(&world.seller, "contact", other).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_rules_find_what_people_write_differently() {
    in_every_world(async |world| {
        let account = world
            .create(
                "account",
                Row::new()
                    .with("name", "Müller & Söhne GmbH & Co. KG")
                    .with("websiteurl", "https://www.mueller.example/de"),
            )
            .await;
        let person = world
            .create("contact", contact("Jon", "Smyth", "jon@mueller.example").with("mobilephone", "+1 (425) 555-0100"))
            .await;
        let row = Row::new()
            .with("subject", "Pumps")
            .with("firstname", "John")
            .with("lastname", "Smith")
            .with("companyname", "Mueller und Soehne")
            .with("websiteurl", "mueller.example")
            .with("mobilephone", "425.555.0100");
        let lead = world.create("lead", row).await;
        let found = world.app.duplicates().of(&world.seller, "lead", lead).await.unwrap();
        assert_eq!(names(&found), ["Müller & Söhne GmbH & Co. KG", "Jon Smyth"], "{found:?}");
        assert_eq!(found[0].reference, Reference::new("account", account));
        // And from the other side.
        let back = world.app.duplicates().of(&world.seller, "contact", person).await.unwrap();
        assert_eq!(back[0].reference, Reference::new("lead", lead));

        let twin = Row::new()
            .with("subject", "Pumps again")
            .with("firstname", "Jon")
            .with("lastname", "Smyth")
            .with("companyname", "Muller + Sohne Inc");
        let error = create_warned(&world, &world.seller, "lead", twin).await.unwrap_err();
        assert!(error.to_string().contains("similar company name and similar name"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_criterion_finds_its_like_and_nothing_else() {
    let world = World::new(false).await;
    without_shipped_rules(&world).await;
    let cases: &[(&str, i64, &str, &str, &str)] = &[
        ("name", 0, "Contoso", " contoso ", "Contoso Ltd"),
        ("name", 1, "ABCdef", "abcxyz", "abxyz"),
        ("name", 2, "xxABC", "yyabc", "yyab"),
        ("emailaddress1", 100, "ada@x.example", "ADA@X.EXAMPLE", "ada@y.example"),
        ("telephone1", 101, "(425) 555-0100", "+14255550100", "425-555-0101"),
        ("name", 102, "Anna Meier", "Mayer, Anna", "Anna Müller"),
        ("name", 103, "Contoso, Inc.", "Contosso", "Contact"),
        ("websiteurl", 104, "https://shop.contoso.example/x", "contoso.example", "https://other.example"),
    ];
    for (column, criterion, value, like, unlike) in cases {
        let rule = rule(&world, "account", "account", 0, &[(column, column, *criterion)]).await;
        let row = |value: &str| Row::new().with("name", "Some").with(*column, value);
        let known = world.create("account", row(value)).await;
        for (text, is_like) in [(like, true), (unlike, false)] {
            let created = create_warned(&world, &world.admin, "account", row(text)).await;
            assert_eq!(created.is_err(), is_like, "criterion {criterion}: {value} and {text}: {created:?}");
            if let Ok(id) = created {
                world.delete_as_admin("account", id).await;
            }
        }
        world.delete_as_admin("account", known).await;
        set_state(&world, rule, 0).await.unwrap();
        world.app.duplicates().settled().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_several_conditions_wants_all_of_them_and_minds_case_and_blanks_as_told() {
    in_every_world(async |world| {
        without_shipped_rules(&world).await;
        let id =
            rule(&world, "account", "account", 0, &[("name", "name", 0), ("address1_city", "address1_city", 0)]).await;
        let row = |name: &str, city: Option<&str>| Row::new().with("name", name).with("address1_city", city);
        world.create("account", row("Contoso", Some("Berlin"))).await;
        world.create("account", row("Blank", None)).await;
        let created = async |row: Row| create_warned(&world, &world.seller, "account", row).await;
        assert!(created(row("contoso", Some("berlin"))).await.is_err());
        assert!(created(row("Contoso", Some("Paris"))).await.is_ok());
        assert!(created(row("Blank", None)).await.is_ok(), "blanks say nothing");

        let refused = async |changes: Row| {
            world.app.update(&world.admin, Origin::Page, "duplicaterule", id, changes, None).await.unwrap_err()
        };
        assert!(refused(Row::new().with("iscasesensitive", true)).await.to_string().contains("unpublish"));
        set_state(&world, id, 0).await.unwrap();
        world
            .app
            .update(&world.admin, Origin::Page, "duplicaterule", id, Row::new().with("iscasesensitive", true), None)
            .await
            .unwrap();
        set_state(&world, id, 1).await.unwrap();
        world.app.duplicates().settled().await.unwrap();
        assert!(created(row("CONTOSO", Some("Berlin"))).await.is_ok(), "another case is another name");
        assert!(created(row("Contoso", Some("Berlin"))).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocking_rule_blocks_everybody_and_tells_nothing_of_hidden_records() {
    in_every_world(async |world| {
        rule(&world, "lead", "lead", 1, &[("emailaddress1", "emailaddress1", 100)]).await;
        let row = Row::new()
            .with("subject", "Secret deal")
            .with("lastname", "Hidden")
            .with("emailaddress1", "ada@contoso.example");
        world.create_as_admin("lead", row).await;
        // A role that sees its own leads only.
        let stranger = stranger(&world).await;
        let mine =
            Row::new().with("subject", "Mine").with("lastname", "Other").with("emailaddress1", "ada@contoso.example");
        let error = world.app.create(&stranger, Origin::WebApi, NewRecord::of("lead", mine)).await.unwrap_err();
        let Error::Duplicates(found) = &error else { panic!("{error}") };
        assert!(found.blocked && found.matches.is_empty());
        let text = error.to_string();
        assert!(text.contains("cannot see") && !text.contains("Hidden") && !text.contains("Secret"), "{text}");

        let warned = Row::new().with("subject", "Warned").with("firstname", "Ada").with("lastname", "Hidden");
        let warned = warned.with("emailaddress1", "ada2@contoso.example").with("companyname", "Contoso");
        assert!(
            create_warned(&world, &stranger, "lead", warned).await.is_ok(),
            "a warning never tells of hidden records"
        );
    })
    .await;
}

/// Somebody who sees their own leads only.
async fn stranger(world: &World) -> Caller {
    let row = Row::new()
        .with("firstname", "Olaf")
        .with("lastname", "Own")
        .with("internalemailaddress", "olaf@contoso.example")
        .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
    let user = world.create_as_admin("systemuser", row).await;
    world.app.identity().give_role(&world.admin, user, "System Customizer").await.unwrap();
    world.app.caller(user).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_simultaneous_creates_cannot_slip_through_a_blocking_rule() {
    in_every_world(async |world| {
        rule(&world, "contact", "contact", 1, &[("emailaddress1", "emailaddress1", 100)]).await;
        for round in 0..10 {
            let creates = (0..8).map(|place| {
                let (app, caller) = (world.app.clone(), world.seller.clone());
                let row = contact("Ada", &format!("Racer {place}"), &format!("ada{round}@contoso.example"));
                tokio::spawn(async move { app.create(&caller, Origin::WebApi, NewRecord::of("contact", row)).await })
            });
            let creates: Vec<_> = creates.collect();
            let mut made = 0;
            for create in creates {
                match create.await.unwrap() {
                    Ok(_) => made += 1,
                    Err(Error::Duplicates(found)) => assert!(found.blocked),
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(made, 1, "round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_makes_the_keys_of_rows_that_are_there_and_unpublishing_drops_them() {
    in_every_world(async |world| {
        without_shipped_rules(&world).await;
        for place in 0..3 {
            world.create("contact", contact("Ada", &format!("Number {place}"), "ada@contoso.example")).await;
        }
        let id = rule(&world, "contact", "contact", 2, &[("emailaddress1", "emailaddress1", 100)]).await;
        world.app.duplicates().settled().await.unwrap();
        let pairs = world.app.duplicates().pairs(&world.seller, id, None, 50).await.unwrap();
        assert_eq!((pairs.pairs.len(), pairs.next), (3, None), "{pairs:?}");
        assert_eq!(pairs.pairs[0].reason, "same e-mail address");
        let row = world.app.get(&world.admin, "duplicaterule", id, None).await.unwrap();
        assert_eq!((row.value("statecode").as_whole(), row.value("statuscode").as_whole()), (Some(1), Some(2)));

        set_state(&world, id, 0).await.unwrap();
        world.app.duplicates().settled().await.unwrap();
        let left = definitions(&world).await;
        assert!(left.is_empty(), "{left:?}");
        let error = world.app.duplicates().pairs(&world.seller, id, None, 50).await.unwrap_err();
        assert!(error.to_string().contains("not published"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_complete_though_people_write_while_a_rule_is_published() {
    in_every_world(async |world| {
        without_shipped_rules(&world).await;
        let address = |place: usize| format!("p{}@contoso.example", place / 2);
        let mut rows = Vec::new();
        for place in 0..1400 {
            rows.push(contact("Ada", &format!("Number {place}"), &address(place)));
        }
        let bulk = move |work: &mut crm::Work<'_, '_>| {
            rows.into_iter().map(|row| work.create("contact", None, row).map(drop)).collect::<crm::Result<Vec<()>>>()
        };
        world.app.work(&world.seller, Origin::WebApi, bulk).await.unwrap();
        let (app, seller) = (world.app.clone(), world.seller.clone());
        let writing = tokio::spawn(async move {
            for place in 1400..1500 {
                let row = contact("Ada", &format!("Number {place}"), &format!("p{}@contoso.example", place / 2));
                app.create(&seller, Origin::WebApi, NewRecord::of("contact", row)).await.unwrap();
            }
        });
        rule(&world, "contact", "contact", 2, &[("emailaddress1", "emailaddress1", 100)]).await;
        writing.await.unwrap();
        world.app.duplicates().settled().await.unwrap();
        let definition = definitions(&world).await;
        let count = move |writer: &mut store::Writer<'_>| {
            writer.settle_match_keys()?;
            writer.count_match_keys(definition[0])
        };
        let count: u64 = world.app.store().write(count).await.unwrap();
        assert_eq!(count, 1500);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsound_rule_is_not_published_and_says_why() {
    in_every_world(async |world| {
        let row = Row::new().with("name", "Empty").with("baseentityname", "lead").with("matchingentityname", "lead");
        let id = world.create_as_admin("duplicaterule", row).await;
        let error = set_state(&world, id, 1).await.unwrap_err();
        assert!(error.to_string().contains("at least one condition"), "{error}");
        let condition = |column: &str, criterion: i64| {
            Row::new()
                .with("regardingobjectid", to("duplicaterule", id))
                .with("baseattributename", column)
                .with("matchingattributename", column)
                .with("operatorcode", criterion)
        };
        let refused = async |row: Row| {
            world
                .app
                .create(&world.admin, Origin::Page, NewRecord::of("duplicaterulecondition", row))
                .await
                .unwrap_err()
                .to_string()
        };
        assert!(refused(condition("nosuchcolumn", 0)).await.contains("no column 'nosuchcolumn'"));
        assert!(refused(condition("subject", 3)).await.contains("cannot be compared"));
        assert!(refused(condition("subject", 1)).await.contains("how many characters"));
        let unknown = Row::new().with("name", "X").with("baseentityname", "nothing").with("matchingentityname", "lead");
        let error =
            world.app.create(&world.admin, Origin::Page, NewRecord::of("duplicaterule", unknown)).await.unwrap_err();
        assert!(error.to_string().contains("nothing"), "{error}");
        let error = world
            .app
            .update(&world.seller, Origin::Page, "duplicaterule", id, Row::new().with("name", "Mine"), None)
            .await;
        assert!(matches!(error, Err(Error::Forbidden(_))), "{error:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_shipped_rule_does_not_come_back_and_inactive_records_are_left_out() {
    in_every_world(async |world| {
        let named = Filter::eq("name", "Accounts with a similar name");
        let query =
            world.app.new_query(&world.admin, "duplicaterule").select(["duplicateruleid"]).matching(named.clone());
        let rows = world.app.query(&world.admin, query.clone()).await.unwrap();
        let id = rows.to_rows().next().unwrap().value("duplicateruleid").as_id().unwrap();

        let account = world.create("account", Row::new().with("name", "Contoso")).await;
        world.update("account", account, Row::new().with("statecode", 1)).await.unwrap();
        assert!(create_warned(&world, &world.seller, "account", Row::new().with("name", "Contoso Ltd")).await.is_ok());
        let error =
            create_warned(&world, &world.seller, "account", Row::new().with("name", "Contoso Inc")).await.unwrap_err();
        let Error::Duplicates(found) = &error else { panic!("{error}") };
        assert_eq!(names(&found.matches), ["Contoso Ltd"]);
        assert_eq!(found.matches[0].action, Action::Warn);

        world.delete_as_admin("duplicaterule", id).await;
        assert!(create_warned(&world, &world.seller, "account", Row::new().with("name", "Contoso Inc")).await.is_ok());
        let error = world.app.identity().set_up(crm::identity::SetUp::default()).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)));
        let again = crm::App::over(world.app.store().clone());
        assert!(again.query(&world.admin, query).await.unwrap().rows.is_empty());
    })
    .await;
}
