//! Leads: qualify, disqualify, reactivate, undo.

use crate::world::{crm, in_every_world, to};
use crm::{Error, Origin, Row, leads::*};
use model::Reference;

fn all_new() -> QualifyChoice {
    QualifyChoice {
        account: AccountChoice::Create,
        contact: ContactChoice::Create,
        opportunities: vec![OpportunityDraft::default()],
        ..QualifyChoice::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualified_lead_becomes_account_contact_and_opportunity_that_point_back() {
    in_every_world(async |world| {
        let lead = world.lead("Robotics line").await;
        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap();

        let row = world.get("lead", lead).await;
        assert_eq!(row.value("statecode").as_whole(), Some(QUALIFIED));
        assert_eq!(row.value("qualifyingopportunityid"), &to("opportunity", done.opportunities[0]));
        let account = world.get("account", done.account.unwrap()).await;
        assert_eq!(account.text("name"), "Fabrikam Ltd");
        assert_eq!(account.value("originatingleadid"), &to("lead", lead));
        assert_eq!(account.value("primarycontactid"), &to("contact", done.contact.unwrap()));
        let deal = world.get("opportunity", done.opportunities[0]).await;
        assert_eq!(deal.text("name"), "Robotics line");
        assert_eq!(deal.value("customerid"), &to("account", done.account.unwrap()));
        assert_eq!(deal.value("originatingleadid"), &to("lead", lead));
        assert_eq!(deal.text("stepname"), "2-Develop", "its flow went on to the next stage");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_and_activities_follow_a_qualified_lead_to_its_opportunity() {
    in_every_world(async |world| {
        let lead = world.lead("Packaging").await;
        let note = Row::new().with("notetext", "Budget confirmed by phone").with("objectid", to("lead", lead));
        let note = world.create("annotation", note).await;
        let call =
            Row::new().with("subject", "First call").with("regardingobjectid", to("lead", lead)).with("statecode", 1);
        let call = world.create("phonecall", call).await;

        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap();

        let deal = to("opportunity", done.opportunities[0]);
        assert_eq!(world.get("annotation", note).await.value("objectid"), &deal);
        assert_eq!(world.get("phonecall", call).await.value("regardingobjectid"), &deal);
        assert_eq!(world.get("activitypointer", call).await.value("regardingobjectid"), &deal);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualified_lead_cannot_be_edited_or_qualified_again() {
    in_every_world(async |world| {
        let lead = world.lead("Once").await;
        world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap();

        let edit = world.update("lead", lead, Row::new().with("subject", "Twice")).await.unwrap_err();
        assert!(
            matches!(&edit, Error::Refused(why) if why.contains("qualified") && why.contains("reactivate")),
            "{edit}"
        );
        let again = world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap_err();
        assert!(matches!(again, Error::Refused(_)), "{again}");
        assert_eq!(world.count("opportunity").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn qualifying_without_a_company_name_says_so_and_writes_nothing() {
    in_every_world(async |world| {
        let lead = world.create("lead", Row::new().with("subject", "No company").with("lastname", "Nobody")).await;
        let error = world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(fields) if fields[0].column == "companyname"), "{error}");
        assert_eq!((world.count("account").await, world.count("contact").await), (0, 0));
        assert_eq!(world.get("lead", lead).await.value("statecode").as_whole(), Some(OPEN));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_with_a_known_company_offers_the_existing_account() {
    in_every_world(async |world| {
        let known = world.create("account", Row::new().with("name", "fabrikam ltd")).await;
        let lead = world.lead("Known company").await;
        let preview = world.app.leads().preview(&world.seller, lead).await.unwrap();
        assert_eq!(preview.matching_accounts[0].reference, Reference::new("account", known));
        assert_eq!(world.count("account").await, 1, "a preview writes nothing");

        let careful = QualifyChoice { refuse_duplicates: true, ..all_new() };
        let error = world.app.leads().qualify(&world.seller, Origin::Page, lead, careful).await.unwrap_err();
        assert!(error.to_string().contains("fabrikam ltd"), "{error}");

        let using = QualifyChoice { account: AccountChoice::Use(known), ..all_new() };
        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, using).await.unwrap();
        assert_eq!(done.account, Some(known));
        assert_eq!(world.count("account").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lead_can_become_several_opportunities() {
    in_every_world(async |world| {
        let lead = world.lead("Three lines").await;
        let draft = |name: &str| OpportunityDraft { values: Row::new().with("name", name) };
        let choice =
            QualifyChoice { opportunities: (1..=7).map(|n| draft(&format!("Line {n}"))).collect(), ..all_new() };
        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, choice).await.unwrap();
        assert_eq!(done.opportunities.len(), 7);
        assert_eq!(
            world.get("lead", lead).await.value("qualifyingopportunityid"),
            &to("opportunity", done.opportunities[0])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualification_can_be_undone_while_nobody_touched_its_results() {
    in_every_world(async |world| {
        let lead = world.lead("Too early").await;
        let note = Row::new().with("notetext", "hm").with("objectid", to("lead", lead));
        let note = world.create("annotation", note).await;
        let before = world.get("lead", lead).await;
        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap();

        world.app.leads().undo(&world.seller, Origin::Page, done.act).await.unwrap();

        let after = world.get("lead", lead).await;
        for column in ["statecode", "statuscode", "qualifyingopportunityid", "parentaccountid", "subject"] {
            assert_eq!(after.value(column), before.value(column), "{column}");
        }
        assert_eq!(
            (world.count("account").await, world.count("contact").await, world.count("opportunity").await),
            (0, 0, 0)
        );
        assert_eq!(world.get("annotation", note).await.value("objectid"), &to("lead", lead));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualification_is_not_undone_once_somebody_worked_on_the_opportunity() {
    in_every_world(async |world| {
        for touch in ["edit", "add a task"] {
            let lead = world.lead(touch).await;
            let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, all_new()).await.unwrap();
            if touch == "edit" {
                world
                    .update("opportunity", done.opportunities[0], Row::new().with("customerneed", "Speed"))
                    .await
                    .unwrap();
            } else {
                let task = Row::new()
                    .with("subject", "Send offer")
                    .with("regardingobjectid", to("opportunity", done.opportunities[0]));
                world.create("task", task).await;
            }
            let error = world.app.leads().undo(&world.seller, Origin::Page, done.act).await.unwrap_err();
            assert!(error.to_string().contains("can no longer be undone"), "{error}");
            assert!(world.app.get(&world.seller, "opportunity", done.opportunities[0], None).await.is_ok());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disqualified_lead_keeps_its_reason_and_comes_back_whole() {
    in_every_world(async |world| {
        let lead = world.lead("Maybe later").await;
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![lead], 6).await.unwrap();
        let row = world.get("lead", lead).await;
        assert_eq!(
            (row.value("statecode").as_whole(), row.value("statuscode").as_whole()),
            (Some(DISQUALIFIED), Some(6))
        );
        assert!(world.update("lead", lead, Row::new().with("subject", "x")).await.is_err());

        world.app.leads().reactivate(&world.seller, Origin::Page, vec![lead]).await.unwrap();
        let row = world.get("lead", lead).await;
        assert_eq!((row.value("statecode").as_whole(), row.value("statuscode").as_whole()), (Some(OPEN), Some(1)));
        assert_eq!(row.text("companyname"), "Fabrikam Ltd");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_of_another_state_is_refused() {
    in_every_world(async |world| {
        let lead = world.lead("Wrong reason").await;
        let error = world.app.leads().disqualify(&world.seller, Origin::Page, vec![lead], 3).await.unwrap_err();
        assert!(error.to_string().contains("Qualified"), "{error}");
        assert_eq!(world.get("lead", lead).await.value("statecode").as_whole(), Some(OPEN));
    })
    .await;
}
