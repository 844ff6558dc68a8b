//! Forms: make, save, conflict; and what is done with leads and opportunities.

use crate::world::{Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::{Origin, Row, activities::parties::Party};
use model::Reference;
use rust_decimal::Decimal;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_everything_typed_and_names_the_field() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        browser.get("/leads/new").await;
        let values =
            [("subject", "Conveyor & more"), ("firstname", "Lena"), ("lastname", ""), ("budgetamount", "about 5")];
        let answer = browser.post("/leads", &values).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.has("value=\"Conveyor &amp; more\"") && answer.has("value=\"about 5\""));
        assert!(answer.has("href=\"#field-lastname\"") && answer.has("must be filled"));
        assert!(answer.has("“about 5” is not a number; write it like 1,250.50"));

        let values = [
            ("subject", "Conveyor & more"),
            ("firstname", "Lena"),
            ("lastname", "Lind"),
            ("budgetamount", "12,500.50"),
        ];
        let saved = browser.post("/leads", &values).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let lead = saved.leads_to().rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(world.get("lead", lead).await.value("budgetamount").as_decimal(), Some(Decimal::new(1_250_050, 2)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_comes_twice_makes_one_record() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let page = browser.get("/leads/new").await;
        let once = page.after("name=\"once\" value=\"");
        let first = [("once", once.as_str()), ("subject", "Robots"), ("lastname", "Berg")];
        let made = browser.post("/leads/new", &first).await;
        assert_eq!(made.leads_to(), format!("/leads/{once}"));
        let again = [("once", once.as_str()), ("subject", "Robots and grippers"), ("lastname", "Berg")];
        assert_eq!(browser.post("/leads/new", &again).await.leads_to(), format!("/leads/{once}"));
        let row = world.get("lead", once.parse().unwrap()).await;
        assert_eq!(row.text("subject"), "Robots and grippers", "what was typed since is not lost");
        let query = world.app.new_query(&world.seller, "lead").select(["leadid"]);
        assert_eq!(world.app.query(&world.seller, query).await.unwrap().rows.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_changes_only_what_was_changed() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let precise = "2026-03-01T10:20:30Z".parse::<jiff::Timestamp>().unwrap();
        let amount = Decimal::new(12_345_678, 4);
        let row = Row::new().with("schedulefollowup_qualify", precise).with("budgetamount", amount);
        world.app.update(&world.seller, Origin::Page, "lead", lead, row, None).await.unwrap();
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/leads/{lead}")).await;
        let (version, shown) = (
            page.after("name=\"version\" value=\""),
            page.after("id=\"field-budgetamount\" name=\"budgetamount\" value=\""),
        );
        let values = [
            ("version", version.as_str()),
            ("jobtitle", "Buyer"),
            ("budgetamount", &shown),
            ("schedulefollowup_qualify", "2026-03-01T10:20"),
        ];
        assert_eq!(browser.post(&format!("/leads/{lead}"), &values).await.status, StatusCode::SEE_OTHER);
        let row = world.get("lead", lead).await;
        assert_eq!(row.text("jobtitle"), "Buyer");
        assert_eq!(row.value("budgetamount").as_decimal(), Some(amount));
        assert_eq!(row.value("schedulefollowup_qualify").as_date_time(), Some(precise));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_somebody_was_faster_both_values_are_shown_and_nothing_typed_is_lost() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let version = browser.get(&format!("/leads/{lead}")).await.after("name=\"version\" value=\"");
        let theirs = Row::new().with("jobtitle", "Their title").with("mobilephone", "+49 1");
        world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();

        let mine =
            [("version", version.as_str()), ("jobtitle", "My title"), ("mobilephone", ""), ("firstname", "Lena-Marie")];
        let answer = browser.post(&format!("/leads/{lead}"), &mine).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.has("value=\"My title\"") && answer.has("System Administrator changed this to “Their title”, "));
        assert!(answer.has("System Administrator saved this lead after you opened it"));
        assert!(answer.has("value=\"Lena-Marie\""), "what only I changed stays");
        assert!(answer.has("value=\"+49 1\""), "what only they changed is taken over");
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "Their title", "nothing is written yet");

        let version = answer.after("name=\"version\" value=\"");
        let again = [
            ("version", version.as_str()),
            ("jobtitle", "My title"),
            ("mobilephone", "+49 1"),
            ("firstname", "Lena-Marie"),
        ];
        assert_eq!(browser.post(&format!("/leads/{lead}"), &again).await.status, StatusCode::SEE_OTHER);
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "My title");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_change_in_different_fields_is_saved_without_asking() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let version = browser.get(&format!("/leads/{lead}")).await.after("name=\"version\" value=\"");
        let theirs = Row::new().with("jobtitle", "Their title");
        world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();

        let mine = [("version", version.as_str()), ("jobtitle", ""), ("firstname", "Lena-Marie")];
        assert_eq!(browser.post(&format!("/leads/{lead}"), &mine).await.status, StatusCode::SEE_OTHER);
        let row = world.get("lead", lead).await;
        assert_eq!((row.text("jobtitle"), row.text("firstname")), ("Their title", "Lena-Marie"));
        let page = browser.get(&format!("/leads/{lead}")).await;
        assert!(page.has("Saved, with what others changed meanwhile: Job title."));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_people_changed_a_field_theirs_can_be_taken_without_a_script() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let page = format!("/leads/{lead}");
        let version = browser.get(&page).await.after("name=\"version\" value=\"");
        let theirs = Row::new().with("jobtitle", "Their title");
        world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();

        let mine = [("version", version.as_str()), ("jobtitle", "My title"), ("firstname", "Lena-Marie")];
        let answer = browser.post(&page, &mine).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.has("name=\"take\" value=\"jobtitle\""), "{}", answer.text);
        let version = answer.after("name=\"version\" value=\"");
        let again = [
            ("version", version.as_str()),
            ("jobtitle", "My title"),
            ("firstname", "Lena-Marie"),
            ("take", "jobtitle"),
        ];
        assert_eq!(browser.post(&page, &again).await.status, StatusCode::SEE_OTHER);
        let row = world.get("lead", lead).await;
        assert_eq!((row.text("jobtitle"), row.text("firstname")), ("Their title", "Lena-Marie"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_and_decided_on_is_not_asked_again() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let page = format!("/leads/{lead}");
        let version = browser.get(&page).await.after("name=\"version\" value=\"");
        let theirs = Row::new().with("jobtitle", "Their title");
        let seen = world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();
        let seen = seen.value("versionnumber").as_whole().unwrap().to_string();
        let mine = [("version", version.as_str()), ("jobtitle", "My title"), ("seen_jobtitle", seen.as_str())];

        let later = Row::new().with("jobtitle", "Their next title");
        world.app.update(&world.admin, Origin::Page, "lead", lead, later, None).await.unwrap();
        let answer = browser.post(&page, &mine).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "what came after it is asked about");
        assert!(answer.has("changed this to “Their next title”"));

        let back = Row::new().with("jobtitle", "Their title");
        let seen = world.app.update(&world.admin, Origin::Page, "lead", lead, back, None).await.unwrap();
        let seen = seen.value("versionnumber").as_whole().unwrap().to_string();
        let mine = [("version", version.as_str()), ("jobtitle", "My title"), ("seen_jobtitle", seen.as_str())];
        assert_eq!(browser.post(&page, &mine).await.status, StatusCode::SEE_OTHER);
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "My title");
    })
    .await;
}

/// The page of a row, loaded, and the version that its form carries.
async fn loaded(browser: &mut Browser, page: &str) -> String {
    browser.get(page).await.after("name=\"version\" value=\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_invited_meanwhile_is_not_lost() {
    in_every_world(async |world| {
        let meeting = world.create("appointment", Row::new().with("subject", "Visit")).await;
        let guest = world.create("contact", Row::new().with("lastname", "Guest")).await;
        let mut browser = world.browser().await;
        let page = format!("/appointments/{meeting}");
        let version = loaded(&mut browser, &page).await;
        invite(&world, meeting, guest).await;

        let mine = [("version", version.as_str()), ("subject", "Second visit"), ("requiredattendees", "")];
        let answer = browser.post(&page, &mine).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.has("“Guest” is stored now; System Administrator saved last"), "{}", answer.text);
        assert!(answer.has("value=\"Second visit\""), "nothing typed is lost");
        let attendees = async || world.app.parties(&world.admin, "appointment", vec![meeting]).await.unwrap().len();
        assert_eq!(attendees().await, 1);

        let version = answer.after("name=\"version\" value=\"");
        let again = [("version", version.as_str()), mine[1], mine[2], ("take", "requiredattendees")];
        assert_eq!(browser.post(&page, &again).await.status, StatusCode::SEE_OTHER);
        assert_eq!(attendees().await, 1, "theirs was taken");
        assert_eq!(world.get("appointment", meeting).await.text("subject"), "Second visit");
    })
    .await;
}

async fn invite(world: &World, meeting: Uuid, guest: Uuid) {
    let invited = vec![("requiredattendees".to_owned(), vec![Party::Record(Reference::new("contact", guest))])];
    let meeting = Reference::new("appointment", meeting);
    world.app.work(&world.admin, Origin::Page, move |work| work.set_parties(&meeting, invited)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_history_does_not_keep_is_not_overwritten_unasked() {
    in_every_world(async |world| {
        let mail = world.create("email", Row::new().with("subject", "Offer").with("description", "Dear all")).await;
        let mut browser = world.browser().await;
        let page = format!("/emails/{mail}");
        let version = loaded(&mut browser, &page).await;
        let theirs = Row::new().with("description", "Dear Lena");
        world.app.update(&world.admin, Origin::Page, "email", mail, theirs, None).await.unwrap();

        let mine = [("version", version.as_str()), ("subject", "Our offer"), ("description", "Dear all")];
        let answer = browser.post(&page, &mine).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.has("System Administrator changed this to “Dear Lena”"), "{}", answer.text);
        assert_eq!(world.get("email", mail).await.text("description"), "Dear Lena");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_is_looked_through_is_asked_about() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let page = format!("/leads/{lead}");
        let version = loaded(&mut browser, &page).await;
        let many = world.app.work(&world.admin, Origin::Page, move |work| {
            work.update("lead", lead, Row::new().with("jobtitle", "Their title"), None)?;
            for number in 0..210 {
                work.update("lead", lead, Row::new().with("mobilephone", format!("+49 {number}")), None)?;
            }
            Ok(())
        });
        many.await.unwrap();
        let mine = [("version", version.as_str()), ("jobtitle", ""), ("firstname", "Lena-Marie")];
        let answer = browser.post(&page, &mine).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.has("“Their title” is stored now; System Administrator saved last"), "{}", answer.text);
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "Their title");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_qualify_dialog_offers_the_existing_account_and_the_act_can_be_undone() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Fabrikam Ltd")).await;
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let dialog = browser.get_part(&format!("/leads/{lead}/qualification"), "dialogs").await;
        assert!(
            dialog.has(&format!("value=\"use:{account}\" selected")) && dialog.has("similar company name"),
            "{}",
            dialog.text
        );
        assert!(dialog.has("Create new: Lena Lead"));

        let chosen = format!("use:{account}");
        let values = [
            ("account", chosen.as_str()),
            ("contact", "create"),
            ("opportunities", "1"),
            ("o0.wanted", "true"),
            ("o0.name", "Robots for Fabrikam"),
            ("o0.estimatedvalue", "25,000"),
        ];
        let done = browser.post(&format!("/leads/{lead}/qualification"), &values).await;
        assert!(done.leads_to().starts_with("/opportunities/"), "{}", done.text);
        let page = browser.get(done.leads_to()).await;
        assert!(page.has("Robots for Fabrikam") && page.has("Lead qualified."));
        let deal = world.get("opportunity", done.leads_to().rsplit('/').next().unwrap().parse().unwrap()).await;
        assert_eq!(deal.value("customerid").as_reference(), Some(&Reference::new("account", account)));
        assert_eq!(deal.value("estimatedvalue").as_decimal(), Some(Decimal::from(25_000)));

        browser
            .post(
                &page
                    .after("<form method=\"post\" action=\"/acts/")
                    .split_once('/')
                    .map(|(act, _)| format!("/acts/{act}/undo"))
                    .unwrap(),
                &[],
            )
            .await;
        assert_eq!(world.get("lead", lead).await.value("statecode").as_whole(), Some(0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_qualification_says_why_in_the_dialog_and_keeps_what_was_typed() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let values = [
            ("account", "skip"),
            ("contact", "skip"),
            ("opportunities", "1"),
            ("o0.wanted", "true"),
            ("o0.name", "My typed topic"),
        ];
        let answer = browser.post(&format!("/leads/{lead}/qualification"), &values).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.has("needs a customer") && answer.has("My typed topic"), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_leads_are_qualified_and_one_is_told_which_were_not() {
    in_every_world(async |world| {
        let (good, bad) = (world.lead("Robots", "Good").await, world.lead("Robots", "Bad").await);
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![bad], 4).await.unwrap();
        let mut browser = world.browser().await;
        let (first, second) = (good.to_string(), bad.to_string());
        let values = [
            ("id", first.as_str()),
            ("id", &second),
            ("account", "true"),
            ("contact", "true"),
            ("opportunity", "true"),
        ];
        let answer = browser.post("/leads/qualifications", &values).await;
        let page = browser.get(answer.leads_to()).await;
        assert!(page.has("1 lead qualified, 1 not.") && page.has("disqualified"), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opportunity_is_won_and_then_read_only_until_reopened() {
    in_every_world(async |world| {
    let account = world.create("account", Row::new().with("name", "Fabrikam Ltd")).await;
    let deal = Row::new()
        .with("name", "Robots")
        .with("customerid", Reference::new("account", account))
        .with("estimatedvalue", Decimal::from(12_500));
    let deal = world.create("opportunity", deal).await;
    let mut browser = world.browser().await;
    let dialog = browser.get_part(&format!("/opportunities/{deal}/closure?outcome=won"), "dialogs").await;
    assert!(dialog.has("name=\"actualrevenue\" value=\"12,500.00\"") && !dialog.has("competitorid"));
    let status = dialog.after("<select class=\"form-select\" id=\"closure-opportunitystatuscode\" name=\"opportunitystatuscode\" required><option value=\"");
    let values = [("opportunitystatuscode", status.as_str()), ("actualrevenue", "12,000"), ("actualend", "2026-03-01")];
    let won = browser.post(&format!("/opportunities/{deal}/closure?outcome=won"), &values).await;
    let page = browser.get(won.leads_to()).await;
    assert!(page.has("Reopen") && !page.has("name=\"estimatedvalue\""), "{}", page.text);
    let row = world.get("opportunity", deal).await;
    assert_eq!(row.value("actualvalue").as_decimal(), Some(Decimal::from(12_000)));
    assert_eq!(row.value("actualclosedate").as_date().map(|day| day.to_string()).as_deref(), Some("2026-03-01"));
    browser.post(&format!("/opportunities/{deal}/reopening"), &[]).await;
    assert!(browser.get(&format!("/opportunities/{deal}")).await.has("name=\"estimatedvalue\""));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_finds_by_name_and_takes_what_is_created_on_the_spot() {
    in_every_world(async |world| {
        world.create("account", Row::new().with("name", "Fabrikam Ltd")).await;
        let mut browser = world.browser().await;
        assert!(browser.get("/lookup/opportunities/customerid?q=fabr").await.has("\"label\":\"Fabrikam Ltd\""));
        browser.get_part("/accounts/quick-create?for=field-customerid&name=Zetavolt", "dialogs").await;
        let made = browser.post("/accounts/quick-create", &[("for", "field-customerid"), ("name", "Zetavölt")]).await;
        assert!(
            made.header("hx-trigger").contains("record-created")
                && made.header("hx-trigger").contains("Zetav\\u00f6lt"),
            "{}",
            made.header("hx-trigger")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_record_comes_back_by_undo() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        assert!(browser.get_part(&format!("/leads/{lead}/deletion"), "dialogs").await.has("Delete lead “Lena Lead”?"));
        let deleted = browser.post(&format!("/leads/{lead}/deletion"), &[]).await;
        assert!(world.app.get(&world.seller, "lead", lead, None).await.is_err());
        let page = browser.get(deleted.leads_to()).await;
        let act = page.after("action=\"/acts/");
        browser.post(&format!("/acts/{act}"), &[]).await;
        assert_eq!(world.get("lead", lead).await.text("lastname"), "Lead");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_says_who_changed_what_from_which_value_to_which() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let change = Row::new().with("subject", "Cranes");
        world.app.update(&world.admin, Origin::Page, "lead", lead, change, None).await.unwrap();
        let page = world.browser().await.get(&format!("/leads/{lead}/history")).await;
        for text in [
            "System Administrator",
            "updated this record",
            "Topic",
            "Robots",
            "Cranes",
            "Sam Seller",
            "created this record",
        ] {
            assert!(page.has(text), "{text}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_is_shown_once() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        browser.get("/settings/sign-in").await;
        let made = browser.post("/settings/tokens", &[("name", "reporting"), ("days", "30")]).await;
        let token = made.text.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
        assert_eq!(world.app.identity().by_token(&token).await.unwrap().user, world.seller.user);
        let later = browser.get("/settings/sign-in").await;
        assert!(later.has("reporting") && !later.has(&token));
    })
    .await;
}
