//! Who sees and does what, rule by rule. That nothing else is seen or done, through any face, is
//! compared with a plain reading of the rules in `crates/pipewright/tests/access`.

use std::collections::BTreeSet;

use crate::world::{World, crm, in_every_world, to};
use model::{Depth, Overlay, Privilege, Privileges, Reference, Role};
use uuid::Uuid;

use crm::{Caller, Error, NewRecord, Origin, Row};

/// What a caller sees of a table.
async fn seen(world: &World, caller: &Caller, table: &str, key: &str) -> BTreeSet<Uuid> {
    let mut query = world.app.new_query(caller, table).select([key]).take(500);
    query.page.count = true;
    let rows = world.app.query(caller, query).await.unwrap();
    let ids: BTreeSet<Uuid> = rows.rows.iter().filter_map(|row| row[0].as_id()).collect();
    assert_eq!(rows.total, Some(ids.len() as u64), "the count of {table} tells of hidden rows");
    ids
}

/// A world in which the seller holds one role, with these privileges.
async fn with_role(world: &World, tables: &[(&str, Privileges)]) -> Caller {
    let role = Role {
        label: "Tried".to_owned(),
        description: String::new(),
        everything: false,
        customizes: false,
        acts_for_others: false,
        own_tables: Privileges::default(),
        tables: tables.iter().map(|(table, given)| ((*table).to_owned(), *given)).collect(),
    };
    let mut overlay = Overlay::default();
    overlay.roles.insert("new_tried".to_owned(), role);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    let row = Row::new()
        .with("firstname", "Tara")
        .with("lastname", "Tried")
        .with("internalemailaddress", "tara@contoso.example")
        .with("businessunitid", to("businessunit", world.admin.business_unit));
    let id = world.app.create(&world.admin, Origin::Page, NewRecord::of("systemuser", row)).await.unwrap();
    world.app.identity().give_role(&world.admin, id, "Tried").await.unwrap();
    world.app.caller(id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_role_signs_in_and_sees_nothing() {
    in_every_world(async |world| {
        world.lead("Somebody's").await;
        let caller = with_role(&world, &[]).await;
        assert!(seen(&world, &caller, "lead", "leadid").await.is_empty());
        assert!(matches!(
            world.app.create(&caller, Origin::Page, NewRecord::of("account", Row::new().with("name", "A"))).await,
            Err(Error::Forbidden(_))
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_added_while_somebody_works_is_hidden_until_their_rights_are_read_again() {
    in_every_world(async |world| {
        let before = world.app.caller(world.seller.user).await.unwrap();
        let table: model::TableDeclaration = toml::from_str(r#"label = "Project""#).unwrap();
        let mut overlay = Overlay::default();
        overlay.new_tables.insert("new_project".to_owned(), table);
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        world.app.create(&world.admin, Origin::Page, NewRecord::of("new_project", Row::new())).await.unwrap();
        assert!(seen(&world, &before, "new_project", "new_projectid").await.is_empty());
        let now = world.app.caller(world.seller.user).await.unwrap();
        assert_eq!(seen(&world, &now, "new_project", "new_projectid").await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customizer_changes_the_model_but_no_roles() {
    in_every_world(async |world| {
        world.app.identity().give_role(&world.admin, world.seller.user, "System Customizer").await.unwrap();
        let caller = world.app.caller(world.seller.user).await.unwrap();
        let mut overlay = Overlay::default();
        let table: model::TableDeclaration = toml::from_str(r#"label = "Project""#).unwrap();
        overlay.new_tables.insert("new_project".to_owned(), table);
        world.app.customization().publish(&caller, Origin::Page, overlay.clone()).await.unwrap();
        let mut role = (**world.app.model().role("Salesperson").unwrap()).clone();
        role.customizes = true;
        overlay.roles.insert("salesperson".to_owned(), role);
        let refused = world.app.customization().publish(&caller, Origin::Page, overlay).await.unwrap_err();
        assert!(matches!(&refused, Error::Forbidden(reason) if reason.contains("security roles")), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_seen_and_changed_with_the_whole() {
    in_every_world(async |world| {
        let deal = world.deal("Theirs", 1000).await;
        let product = world
            .app
            .create(&world.admin, Origin::Page, NewRecord::of("product", Row::new().with("name", "Pump")))
            .await
            .unwrap();
        let line = |deal: Uuid| {
            Row::new()
                .with("opportunityid", to("opportunity", deal))
                .with("productid", to("product", product))
                .with("quantity", 1)
                .with("priceperunit", rust_decimal::Decimal::TEN)
        };
        let theirs = world.create("opportunityproduct", line(deal)).await;
        let own = Privileges::all(Depth::User);
        let all = Privileges::all(Depth::Organization);
        let caller =
            with_role(&world, &[("opportunity", own), ("product", all), ("account", own), ("activitypointer", own)])
                .await;
        assert!(seen(&world, &caller, "opportunityproduct", "opportunityproductid").await.is_empty());
        assert!(world.app.get(&caller, "opportunityproduct", theirs, None).await.is_err());
        let to_theirs = world.app.create(&caller, Origin::Page, NewRecord::of("opportunityproduct", line(deal))).await;
        assert!(matches!(to_theirs, Err(Error::Forbidden(_) | Error::NotFound { .. })), "{to_theirs:?}");

        let mine = NewRecord::of("opportunity", Row::new().with("name", "Mine"));
        let mine = world.app.create(&caller, Origin::Page, mine).await.unwrap();
        let added = world.app.create(&caller, Origin::Page, NewRecord::of("opportunityproduct", line(mine))).await;
        assert_eq!(
            seen(&world, &caller, "opportunityproduct", "opportunityproductid").await,
            BTreeSet::from([added.unwrap()])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_points_only_where_its_writer_may_append() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Theirs")).await;
        let own = Privileges::all(Depth::User);
        let readable = own.with(Privilege::Read, Depth::Organization);
        let caller = with_role(&world, &[("contact", own), ("account", readable)]).await;
        let contact = |account: Uuid| {
            let row = Row::new().with("lastname", "Linked").with("parentcustomerid", to("account", account));
            NewRecord::of("contact", row)
        };
        let refused = world.app.create(&caller, Origin::Page, contact(account)).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Forbidden(reason) if reason.contains("link something to this account")),
            "{refused}"
        );
        let share = BTreeSet::from([Privilege::AppendTo]);
        let (record, with) = (Reference::new("account", account), Reference::new("systemuser", caller.user));
        let act = move |work: &mut crm::Work<'_, '_>| work.share(&record, &with, &share);
        world.app.work(&world.admin, Origin::Page, act).await.unwrap();
        let caller = world.app.caller(caller.user).await.unwrap();
        world.app.create(&caller, Origin::Page, contact(account)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_shares_what_they_may_not_do_themselves() {
    in_every_world(async |world| {
        let lead = world.lead("Theirs").await;
        let given = Privileges::all(Depth::User)
            .with(Privilege::Read, Depth::Organization)
            .with(Privilege::Share, Depth::Organization);
        let caller = with_role(&world, &[("lead", given)]).await;
        let share = |privileges: &[Privilege]| {
            let (record, with) = (Reference::new("lead", lead), Reference::new("systemuser", world.admin.user));
            let privileges: BTreeSet<Privilege> = privileges.iter().copied().collect();
            let act = move |work: &mut crm::Work<'_, '_>| work.share(&record, &with, &privileges);
            world.app.work(&caller, Origin::Page, act)
        };
        assert!(matches!(share(&[Privilege::Read, Privilege::Write]).await, Err(Error::Forbidden(_))));
        share(&[Privilege::Read]).await.unwrap();
        let (shares, _) = world.app.shares(&caller, &Reference::new("lead", lead)).await.unwrap();
        assert_eq!(shares[0].privileges, BTreeSet::from([Privilege::Read]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_an_act_is_done_for_colleagues_records_too() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let tables = ["lead", "account", "contact", "opportunity", "activitypointer", "annotation"];
        let caller = with_role(&world, &tables.map(|table| (table, own))).await;
        let lead = Row::new().with("subject", "Mine").with("lastname", "Lead").with("companyname", "Fabrikam");
        let lead = world.app.create(&caller, Origin::Page, NewRecord::of("lead", lead)).await.unwrap();
        let call = Row::new().with("subject", "Colleague's").with("regardingobjectid", to("lead", lead));
        let call = world.app.create(&world.admin, Origin::Page, NewRecord::of("phonecall", call)).await.unwrap();
        assert!(world.app.get(&caller, "phonecall", call, None).await.is_err(), "it is the colleague's own");
        let done =
            world.app.leads().qualify_plainly(&caller, Origin::Page, lead, (true, true, true), |_| ()).await.unwrap();
        let call = world.app.get(&world.admin, "phonecall", call, None).await.unwrap();
        assert_eq!(call.value("regardingobjectid"), &to("opportunity", done.opportunities[0]));
    })
    .await;
}

/// The privileges somebody is shown to have in a record by its shares.
async fn shared(world: &World, table: &str, id: Uuid, whom: Uuid) -> BTreeSet<Privilege> {
    let (shares, _) = world.app.shares(&world.admin, &Reference::new(table, id)).await.unwrap();
    shares.into_iter().find(|share| share.principal.id == whom).map(|share| share.privileges).unwrap_or_default()
}

async fn share_for(world: &World, table: &'static str, id: Uuid, whom: Uuid, privileges: &[Privilege]) {
    let privileges: BTreeSet<Privilege> = privileges.iter().copied().collect();
    let act = move |work: &mut crm::Work<'_, '_>| {
        work.share(&Reference::new(table, id), &Reference::new("systemuser", whom), &privileges)
    };
    world.app.work(&world.admin, Origin::Page, act).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_account_is_shared_with_what_hangs_on_it_until_that_ends() {
    in_every_world(async |world| {
        let helper = with_role(&world, &[("account", Privileges::all(Depth::User))]).await.user;
        let account = world.create_as_admin("account", Row::new().with("name", "Fabrikam")).await;
        let contact = Row::new().with("lastname", "Early").with("parentcustomerid", to("account", account));
        let early = world.create_as_admin("contact", contact.clone()).await;
        share_for(&world, "contact", early, helper, &[Privilege::Write]).await;
        let both = [Privilege::Read, Privilege::Append];
        share_for(&world, "account", account, helper, &both).await;
        let late = world.create_as_admin("contact", contact.with("lastname", "Late")).await;
        let call = Row::new().with("subject", "About the late one").with("regardingobjectid", to("contact", late));
        let call = world.create_as_admin("phonecall", call).await;

        assert_eq!(
            shared(&world, "contact", early, helper).await,
            [Privilege::Read, Privilege::Append, Privilege::Write].into()
        );
        assert_eq!(shared(&world, "contact", late, helper).await, both.into());
        assert_eq!(shared(&world, "phonecall", call, helper).await, both.into());

        // Hung on another account, it is not shared with the first one any more.
        let other = world.create_as_admin("account", Row::new().with("name", "Northwind")).await;
        let moved = Row::new().with("parentcustomerid", to("account", other));
        world.app.update(&world.admin, Origin::Page, "contact", late, moved, None).await.unwrap();
        assert!(shared(&world, "contact", late, helper).await.is_empty());
        assert!(shared(&world, "phonecall", call, helper).await.is_empty());

        // What was shared in the contact itself stays when the account's share ends.
        share_for(&world, "account", account, helper, &[]).await;
        assert_eq!(shared(&world, "contact", early, helper).await, [Privilege::Write].into());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_is_undone_with_all_that_followed() {
    in_every_world(async |world| {
        let account = world.create_as_admin("account", Row::new().with("name", "Fabrikam")).await;
        let contact = Row::new().with("lastname", "Early").with("parentcustomerid", to("account", account));
        let contact = world.create_as_admin("contact", contact).await;
        let seller = world.seller.user;
        let act = move |work: &mut crm::Work<'_, '_>| {
            let (record, with) = (Reference::new("account", account), Reference::new("systemuser", seller));
            work.share(&record, &with, &[Privilege::Read].into())?;
            Ok(work.act())
        };
        let act = world.app.work(&world.admin, Origin::Page, act).await.unwrap();
        assert!(!shared(&world, "contact", contact, seller).await.is_empty());
        world.app.undo(&world.admin, Origin::Page, act).await.unwrap();
        assert!(shared(&world, "account", account, seller).await.is_empty());
        assert!(shared(&world, "contact", contact, seller).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_of_shares_also_of_those_that_have_ended() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        let whom = world.admin.user;
        for privileges in [&[Privilege::Read][..], &[Privilege::Read, Privilege::Write], &[]] {
            share_for(&world, "lead", lead, whom, privileges).await;
        }
        let (entries, names) = world.app.history(&world.admin, "lead", lead, 50).await.unwrap();
        let told: Vec<_> = entries.iter().filter_map(crm::access::ShareChange::of).collect();
        let steps: Vec<(usize, usize)> = told.iter().map(|share| (share.before.len(), share.after.len())).collect();
        assert_eq!(steps, [(2, 0), (1, 2), (0, 1)]);
        for share in told {
            assert_eq!(names.get(&share.principal.unwrap()), Some(world.admin.name.as_str()));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_made_owner_of_what_they_cannot_see() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        let blind = with_role(&world, &[("account", Privileges::all(Depth::User))]).await;
        let give = |owner: Reference| {
            let row = Row::new().with("ownerid", owner);
            world.app.update(&world.admin, Origin::Page, "lead", lead, row, None)
        };
        let refused = give(Reference::new("systemuser", blind.user)).await.unwrap_err().to_string();
        assert!(refused.contains("Tara Tried has no security role by which to see leads"), "{refused}");
        let unit = to("businessunit", world.admin.business_unit);
        let team = Row::new().with("name", "Helpers").with("businessunitid", unit).with("teamtype", 1);
        let team = world.create_as_admin("team", team).await;
        let refused = give(Reference::new("team", team)).await.unwrap_err().to_string();
        assert!(refused.contains("is an access team"), "{refused}");

        let roles = world.app.new_query(&world.admin, "role").select(["roleid"]).take(1);
        let role = world.app.query(&world.admin, roles).await.unwrap().rows[0][0].as_id().unwrap();
        let act = move |work: &mut crm::Work<'_, '_>| {
            work.associate("teamroles_association", &Reference::new("team", team), &Reference::new("role", role))
        };
        let refused = world.app.work(&world.admin, Origin::Page, act).await.unwrap_err().to_string();
        assert!(refused.contains("holds no security roles"), "{refused}");
        let other = Row::new().with("teamtype", 0);
        let refused = world.app.update(&world.admin, Origin::Page, "team", team, other, None).await.unwrap_err();
        assert!(refused.to_string().contains("the type of a team stays"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_team_is_made_with_its_first_member_and_its_members_see_the_record() {
    in_every_world(async |world| {
        let helper = with_role(&world, &[("opportunity", Privileges::all(Depth::User))]).await;
        let deal = world.deal("Theirs", 1000).await;
        let template = Row::new().with("teamtemplatename", "Deal team").with("entityname", "opportunity");
        let template = world.create_as_admin("teamtemplate", template.with("defaultaccessrightsmask", 3)).await;
        let seller = world.seller().await;
        let record = Reference::new("opportunity", deal);
        let with_member = async |caller: &Caller, add: bool| {
            let (record, user) = (record.clone(), helper.user);
            let act = move |work: &mut crm::Work<'_, '_>| {
                if add {
                    work.add_to_record_team(&record, template, user).map(Some)
                } else {
                    work.remove_from_record_team(&record, template, user)
                }
            };
            world.app.work(caller, Origin::Page, act).await
        };
        assert!(world.app.get(&helper, "opportunity", deal, None).await.is_err());
        assert!(matches!(with_member(&helper, true).await, Err(Error::Forbidden(_) | Error::NotFound { .. })));
        assert_eq!(with_member(&seller, false).await.unwrap(), None);
        let team = with_member(&seller, true).await.unwrap();
        assert_eq!(with_member(&seller, true).await.unwrap(), team, "the second time it is the same team");

        let now = world.app.caller(helper.user).await.unwrap();
        let changed = Row::new().with("description", "Looked into");
        world.app.update(&now, Origin::Page, "opportunity", deal, changed, None).await.unwrap();
        assert!(matches!(
            world.app.delete(&now, Origin::Page, "opportunity", deal, None).await,
            Err(Error::Forbidden(_))
        ));
        let (teams, names) = world.app.record_teams(&seller, &record).await.unwrap();
        let members: Vec<&str> = teams[0].members.iter().filter_map(|member| names.get(member)).collect();
        assert_eq!((teams[0].template.name.as_str(), members), ("Deal team", vec!["Tara Tried"]));

        with_member(&seller, false).await.unwrap();
        let now = world.app.caller(helper.user).await.unwrap();
        assert!(world.app.get(&now, "opportunity", deal, None).await.is_err());
        // The team goes with the record.
        world.app.delete(&world.admin, Origin::Page, "opportunity", deal, None).await.unwrap();
        assert!(world.app.get(&world.admin, "team", team.unwrap(), None).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_for_a_table_with_owners_and_lets_members_see_the_record() {
    in_every_world(async |world| {
        let make = |row: Row| {
            let record = NewRecord::of("teamtemplate", row.with("teamtemplatename", "Team"));
            world.app.create(&world.admin, Origin::Page, record)
        };
        for (row, reason) in [
            (Row::new().with("entityname", "nothing"), "logical name of a table"),
            (Row::new().with("entityname", "product"), "logical name of a table"),
            (Row::new().with("entityname", "lead").with("canread", false).with("canwrite", true), "give Read"),
            (Row::new().with("entityname", "lead").with("defaultaccessrightsmask", 33), "cannot give that"),
        ] {
            let refused = make(row).await.unwrap_err().to_string();
            assert!(refused.contains(reason), "{refused}");
        }
        // Dataverse's clients name the table by its number.
        let id = make(Row::new().with("objecttypecode", 4)).await.unwrap();
        let row = world.app.get(&world.admin, "teamtemplate", id, None).await.unwrap();
        assert_eq!((row.text("entityname"), row.value("defaultaccessrightsmask").as_whole()), ("lead", Some(1)));
        let wider = Row::new().with("canwrite", true);
        let row = world.app.update(&world.admin, Origin::Page, "teamtemplate", id, wider, None).await.unwrap();
        assert_eq!(row.value("defaultaccessrightsmask").as_whole(), Some(3));
    })
    .await;
}
