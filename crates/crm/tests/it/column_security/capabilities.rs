//! What the rules mean for single capabilities.

use super::profiles::{Act, give_seller, is_refused, profile, secure};
use crate::world::{World, crm, in_every_world, to};
use crm::{
    Caller, Error, NewRecord, Origin, Row,
    import::{Control, InputFile, ProposeOptions, Report, RunOptions},
    merge::Merge,
    records::Reversal,
};
use model::{Order, Overlay, Reference};
use rust_decimal::Decimal;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_profile_only_administrators_read_and_set_a_secured_column() {
    in_every_world(async |world| {
        let id = world.create("account", Row::new().with("name", "Fabrikam").with("creditlimit", Decimal::TEN)).await;
        secure(&world, [("account", "creditlimit")]).await;
        // What was known before tells nothing either: the rules are those of the columns now.
        let before = world.app.get(&world.seller, "account", id, None).await.unwrap();
        assert!(before.value("creditlimit").is_null());
        let changed = world.update("account", id, Row::new().with("creditlimit", Decimal::ONE)).await;
        assert!(is_refused(changed, "creditlimit"));
        let row = world.update("account", id, Row::new().with("description", "ours")).await.unwrap();
        assert!(row.value("creditlimit").is_null(), "what is answered to a change is what may be read");
        let held = world.app.get(&world.admin, "account", id, None).await.unwrap();
        assert_eq!(held.value("creditlimit").as_decimal(), Some(Decimal::TEN));

        let profile = give_seller(&world, &[("account", "creditlimit", &[Act::Read])]).await;
        let now = world.seller().await;
        let seen = world.app.get(&now, "account", id, None).await.unwrap();
        assert_eq!(seen.value("creditlimit").as_decimal(), Some(Decimal::TEN));
        world.delete_as_admin("fieldsecurityprofile", profile).await;
        let seen = world.app.get(&world.seller().await, "account", id, None).await.unwrap();
        assert!(seen.value("creditlimit").is_null());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_names_a_column_that_is_secured_and_is_made_by_administrators() {
    in_every_world(async |world| {
        secure(&world, [("account", "creditlimit")]).await;
        let id = profile(&world, "Credit", &[]).await;
        let row = |column: &str| {
            Row::new()
                .with("fieldsecurityprofileid", to("fieldsecurityprofile", id))
                .with("entityname", "Account ")
                .with("attributelogicalname", column)
                .with("canread", 4)
        };
        let create = |caller: &Caller, column: &str| {
            let (app, caller, row) = (world.app.clone(), caller.clone(), row(column));
            async move { app.create(&caller, Origin::Page, NewRecord::of("fieldpermission", row)).await }
        };
        let wrong = create(&world.admin, "revenue").await.unwrap_err();
        let hint = "there is no secured column account.revenue; secured are account.creditlimit";
        assert!(wrong.to_string().contains(hint), "{wrong}");
        assert!(matches!(create(&world.seller, "creditlimit").await, Err(Error::Forbidden(_))));
        create(&world.admin, "creditlimit").await.unwrap();
        assert!(matches!(create(&world.admin, "creditlimit").await, Err(Error::Exists { .. })));
        let tie = Reference::new("systemuser", world.seller.user);
        let itself = Reference::new("fieldsecurityprofile", id);
        let act = move |work: &mut crm::Work<'_, '_>| work.associate("systemuserprofiles_association", &itself, &tie);
        let own = world.app.work(&world.seller, Origin::Page, act).await;
        assert!(matches!(own, Err(Error::Forbidden(_))), "nobody gives themselves a profile");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customizer_takes_the_security_from_no_column() {
    in_every_world(async |world| {
        secure(&world, [("account", "creditlimit")]).await;
        world.app.identity().give_role(&world.admin, world.seller.user, "System Customizer").await.unwrap();
        let caller = world.seller().await;
        let refused = world.app.customization().publish(&caller, Origin::Page, Overlay::default()).await.unwrap_err();
        assert!(matches!(&refused, Error::Forbidden(reason) if reason.contains("secured")), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualified_lead_hands_on_what_its_seller_does_not_see() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        secure(&world, [("lead", "budgetamount"), ("opportunity", "budgetamount")]).await;
        let seller = world.seller().await;
        let preview = world.app.leads().preview(&seller, lead).await.unwrap();
        assert!(!preview.opportunity.has("budgetamount"), "{:?}", preview.opportunity);
        let draft = |values: Row| crm::leads::QualifyChoice {
            account: crm::leads::AccountChoice::Create,
            opportunities: vec![crm::leads::OpportunityDraft { values }],
            ..Default::default()
        };
        let typed = draft(Row::new().with("budgetamount", Decimal::ONE));
        assert!(is_refused(world.app.leads().qualify(&seller, Origin::Page, lead, typed).await, "budgetamount"));
        let done = world.app.leads().qualify(&seller, Origin::Page, lead, draft(Row::new())).await.unwrap();
        let deal = world.app.get(&world.admin, "opportunity", done.opportunities[0], None).await.unwrap();
        assert_eq!(deal.value("budgetamount").as_decimal(), Some(Decimal::new(25_000, 0)));
        world.app.undo(&seller, Origin::Page, done.act).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_right_whoever_writes_a_product_line() {
    in_every_world(async |world| {
        let deal = world.deal("Pumps", 1).await;
        let line = |price: i64| {
            Row::new()
                .with("opportunityid", to("opportunity", deal))
                .with("productdescription", "Pump")
                .with("quantity", 1)
                .with("priceperunit", Decimal::from(price))
        };
        world.create("opportunityproduct", line(70)).await;
        secure(&world, [("opportunityproduct", "baseamount")]).await;
        world.create("opportunityproduct", line(30)).await;
        let deal = world.app.get(&world.admin, "opportunity", deal, None).await.unwrap();
        assert_eq!(deal.value("totallineitemamount").as_decimal(), Some(Decimal::ONE_HUNDRED));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_rule_over_a_secured_column_tells_nothing_to_who_may_not_read_it() {
    in_every_world(async |world| {
        let contact = |first: &str| {
            Row::new().with("firstname", first).with("lastname", "Byron").with("emailaddress1", "ada@contoso.example")
        };
        world.create("contact", contact("Ada")).await;
        let again = |caller: &Caller, row: Row| {
            let (app, caller) = (world.app.clone(), caller.clone());
            async move {
                let act = move |work: &mut crm::Work<'_, '_>| {
                    work.warn_of_duplicates();
                    work.create_all(NewRecord::of("contact", row))
                };
                app.work(&caller, Origin::Page, act).await
            }
        };
        let warned = again(&world.seller().await, contact("Augusta")).await;
        assert!(matches!(warned, Err(Error::Duplicates(_))), "{warned:?}");
        secure(&world, [("contact", "emailaddress1")]).await;
        give_seller(&world, &[("contact", "emailaddress1", &[Act::Create])]).await;
        let made = again(&world.seller().await, contact("Augusta")).await.unwrap();
        let seller = world.seller().await;
        assert_eq!(world.app.duplicates().of(&seller, "contact", made).await.unwrap(), []);
        assert!(!world.app.duplicates().of(&world.admin, "contact", made).await.unwrap().is_empty());
        let open = world.app.duplicates().rules_of(&world.admin, "contact").await.unwrap();
        let known = world.app.duplicates().rules_of(&seller, "contact").await.unwrap();
        let hidden: Vec<_> = open.iter().filter(|rule| !known.contains(rule)).collect();
        assert!(!hidden.is_empty());
        let listed = world.app.duplicates().pairs(&seller, hidden[0].0, None, 10).await;
        assert!(matches!(listed, Err(Error::Forbidden(_))), "{listed:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_keeps_the_masters_value_of_a_column_that_is_not_seen() {
    in_every_world(async |world| {
        let account = |limit: i64| Row::new().with("name", "Fabrikam").with("creditlimit", Decimal::from(limit));
        let master = world.create("account", account(1)).await;
        let subordinate = world.create("account", account(2)).await;
        secure(&world, [("account", "creditlimit")]).await;
        let seller = world.seller().await;
        let merge =
            |content: Row| Merge { table: "account".to_owned(), master, subordinate, content, check_parents: false };
        let chosen = merge(Row::new().with("creditlimit", Decimal::from(2)));
        assert!(is_refused(world.app.merge(&seller, Origin::Page, chosen).await, "creditlimit"));
        world.app.merge(&seller, Origin::Page, merge(Row::new())).await.unwrap();
        let kept = world.app.get(&world.admin, "account", master, None).await.unwrap();
        assert_eq!(kept.value("creditlimit").as_decimal(), Some(Decimal::ONE));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_puts_back_or_undoes_what_they_may_not_set() {
    in_every_world(async |world| {
        let id = world.create("account", Row::new().with("name", "Fabrikam").with("creditlimit", Decimal::ONE)).await;
        secure(&world, [("account", "creditlimit")]).await;
        let act = move |work: &mut crm::Work<'_, '_>| {
            work.update("account", id, Row::new().with("creditlimit", Decimal::TEN), None)?;
            Ok(work.act())
        };
        let act = world.app.work(&world.admin, Origin::Page, act).await.unwrap();
        let seller = world.seller().await;
        let (history, _) = world.app.history(&seller, "account", id, 1).await.unwrap();
        let change = history[0].position.sequence;
        assert!(history[0].changes.iter().any(|(column, ..)| column == "creditlimit"), "that it changed is told");
        let back = world.app.put_back(&seller, Origin::Page, "account", id, Reversal::of(change)).await;
        assert!(is_refused(back, "creditlimit"));
        assert!(is_refused(world.app.undo(&seller, Origin::Page, act).await, "creditlimit"));
        give_seller(&world, &[("account", "creditlimit", &[Act::Update])]).await;
        world.app.put_back(&world.seller().await, Origin::Page, "account", id, Reversal::of(change)).await.unwrap();
        let row = world.app.get(&world.admin, "account", id, None).await.unwrap();
        assert_eq!(row.value("creditlimit").as_decimal(), Some(Decimal::ONE));
    })
    .await;
}

async fn bring_in(world: &World, caller: &Caller, text: &str) -> Report {
    let path = world.file("accounts.csv");
    std::fs::write(&path, text).unwrap();
    let files = vec![InputFile::at(path)];
    let proposal = world.app.imports().propose(caller, files.clone(), ProposeOptions::default()).await.unwrap();
    let (options, control) = (RunOptions::default(), Control::default());
    world.app.imports().run(caller, Origin::Import, files, proposal.mapping, options, control).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_leaves_out_rows_with_values_its_owner_may_not_set() {
    in_every_world(async |world| {
        let id = world.create("account", Row::new().with("name", "Fabrikam").with("creditlimit", Decimal::TEN)).await;
        secure(&world, [("account", "creditlimit")]).await;
        let seller = world.seller().await;
        // The second value is the one that is there: "unchanged" would tell it.
        let text = format!("accountid,name,creditlimit\n,Contoso,5\n{id},Fabrikam,10\n,Northwind,\n");
        let report = bring_in(&world, &seller, &text).await;
        let file = &report.files[0];
        assert_eq!((file.created, file.updated, file.unchanged, file.failed), (1, 0, 0, 2), "{report:#?}");
        let told = format!("{report:?}");
        assert!(told.contains("account.creditlimit"), "the reason names the column: {told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipped_view_is_listed_without_the_order_that_would_tell() {
    in_every_world(async |world| {
        world.deal("Pumps", 1000).await;
        secure(&world, [("opportunity", "estimatedvalue")]).await;
        let seller = world.seller().await;
        let model = world.app.model();
        let order = vec![Order::descending("estimatedvalue"), Order::ascending("name")];
        assert_eq!(seller.readable_order(&model, "opportunity", order.clone()), [Order::ascending("name")]);
        assert_eq!(world.admin.readable_order(&model, "opportunity", order.clone()), order);
    })
    .await;
}
