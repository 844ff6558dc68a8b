//! News of what changes under the eyes of whoever looks at a page.

use crate::world::{World, in_every_world, somebody};
use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row, activities::parties::Party};
use model::{Depth, Privileges, Reference};
use serde_json::json;
use uuid::Uuid;

/// The administrator changes a lead.
async fn change(world: &World, lead: Uuid, title: &str) {
    let changes = Row::new().with("jobtitle", title);
    world.app.update(&world.admin, Origin::Page, "lead", lead, changes, None).await.unwrap();
}

fn row(id: Uuid, created: bool, by: Uuid) -> serde_json::Value {
    json!({ "row": format!("lead:{id}"), "created": created, "by": by })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_of_rows_that_are_made_changed_and_deleted() {
    in_every_world(async |world| {
        let shown = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let page = browser.get("/leads?view=all").await;
        let since = page.after("data-live=\"");
        let mut news = browser.listen(&format!("/live?watch=lead&rows=lead:{shown}&since={since}")).await;
        assert_eq!(news.headers["content-type"], "text/event-stream");
        assert_eq!(news.headers["x-accel-buffering"], "no");

        // A page may be told once more of what it shows already, such as that the row was made, with what
        // comes next or by itself.
        change(&world, shown, "Buyer").await;
        assert_eq!(news.next().await.unwrap().1[0]["row"], json!(format!("lead:{shown}")));
        let new = world.lead("Grippers", "Tal").await;
        let mut told = Vec::new();
        while told.is_empty() {
            let entries = news.next().await.unwrap().1.as_array().unwrap().clone();
            told = entries.into_iter().filter(|entry| entry["row"] != json!(format!("lead:{shown}"))).collect();
        }
        assert_eq!(told, [row(new, true, world.seller.user)]);
        world.app.delete(&world.admin, Origin::Page, "lead", shown, None).await.unwrap();
        assert_eq!(news.next().await.unwrap().1, json!([{ "gone": format!("lead:{shown}") }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_read_a_row_hears_nothing_about_it() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let (user, mut theirs) =
            somebody(&world, &[("lead", own), ("activitypointer", own), ("annotation", own)]).await;
        let hidden = world.lead("Secret", "Berg").await;
        let visible = world.lead("Theirs", "Tal").await;
        let give = Row::new().with("ownerid", Reference::new("systemuser", user));
        world.app.update(&world.admin, Origin::Page, "lead", visible, give, None).await.unwrap();

        // Whoever asks about a row they may not read is told the same as about one that is not there.
        let mut news =
            theirs.listen(&format!("/live?watch=lead&rows=lead:{hidden},{visible}&about=lead:{hidden}")).await;
        assert_eq!(news.next().await.unwrap().1, json!([{ "gone": format!("lead:{hidden}") }]));

        change(&world, hidden, "Nobody hears").await;
        let note = Row::new().with("subject", "Nor this").with("objectid", Reference::new("lead", hidden));
        world.app.create(&world.admin, Origin::Page, NewRecord::of("annotation", note)).await.unwrap();
        world.app.delete(&world.admin, Origin::Page, "lead", hidden, None).await.unwrap();
        change(&world, visible, "Heard").await;
        // That the row was made may be told with it, where nobody was told before.
        let told = news.next().await.unwrap().1;
        assert_eq!(told[0]["row"], json!(format!("lead:{visible}")), "{told}");
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");

        // What is taken from them goes; from then on they hear nothing of it either.
        let take = Row::new().with("ownerid", Reference::new("systemuser", world.seller.user));
        world.app.update(&world.admin, Origin::Page, "lead", visible, take, None).await.unwrap();
        assert_eq!(news.next().await.unwrap().1, json!([{ "gone": format!("lead:{visible}") }]));
        change(&world, visible, "Not heard").await;
        let mine = world.lead("Given", "Ohm").await;
        let give = Row::new().with("ownerid", Reference::new("systemuser", user));
        world.app.update(&world.admin, Origin::Page, "lead", mine, give, None).await.unwrap();
        let (_, told) = news.next().await.unwrap();
        assert_eq!(told[0]["row"], json!(format!("lead:{mine}")), "{told}");
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_rows_only_that_there_are_is_told_and_only_to_who_may_read_one() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let (user, mut theirs) = somebody(&world, &[("lead", own)]).await;
        let mut browser = world.browser().await;
        let (mut news, mut none) = (browser.listen("/live?watch=lead").await, theirs.listen("/live?watch=lead").await);
        let mine = |name: &str| Row::new().with("subject", "Theirs").with("lastname", name.to_owned());
        let caller = world.app.caller(user).await.unwrap();
        let first = world.app.create(&caller, Origin::Page, NewRecord::of("lead", mine("Tal"))).await.unwrap();
        assert_eq!(none.next().await.unwrap().1, json!([row(first, true, user)]));
        assert_eq!(news.next().await.unwrap().1, json!([row(first, true, user)]));
        let many = world.app.work(&world.admin, Origin::Page, |work| {
            for number in 0..150 {
                let lead = Row::new().with("subject", "One of many").with("lastname", format!("Berg {number}"));
                work.create_all(NewRecord::of("lead", lead))?;
            }
            Ok(())
        });
        many.await.unwrap();
        assert_eq!(news.next().await.unwrap().1, json!([{ "many": "lead" }]));
        let last = world.app.create(&caller, Origin::Page, NewRecord::of("lead", mine("Ohm"))).await.unwrap();
        assert_eq!(none.next().await.unwrap().1, json!([row(last, true, user)]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_hears_what_they_missed() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let mut news = browser.listen(&format!("/live?rows=lead:{lead}")).await;
        change(&world, lead, "One").await;
        let (place, _) = news.next().await.unwrap();
        drop(news);
        change(&world, lead, "Two").await;
        change(&world, lead, "Three").await;
        let mut news = browser.listen(&format!("/live?rows=lead:{lead}&since={place}")).await;
        assert_eq!(news.next().await.unwrap().1, json!([row(lead, false, world.admin.user)]), "each row once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_hears_of_what_is_about_its_record() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let other = world.lead("Grippers", "Tal").await;
        let mut browser = world.browser().await;
        let mut news = browser.listen(&format!("/live?about=lead:{lead}")).await;
        for about in [other, lead] {
            let call = Row::new().with("subject", "Call").with("regardingobjectid", Reference::new("lead", about));
            world.create("phonecall", call).await;
        }
        let (_, told) = news.next().await.unwrap();
        assert_eq!(told[0]["about"], json!(format!("lead:{lead}")), "{told}");
        assert!(told[0]["row"].as_str().unwrap().starts_with("activitypointer:"), "{told}");
        let entries = browser.get_part(&format!("/leads/{lead}/timeline"), "").await;
        let id = told[0]["row"].as_str().unwrap().trim_start_matches("activitypointer:");
        assert!(entries.has(&format!("data-entry=\"phonecall:{id}\"")), "{}", entries.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_hears_of_posts_on_its_record_and_of_their_replies() {
    in_every_world(async |world| {
        let (lead, other) = (world.lead("Robots", "Berg").await, world.lead("Grippers", "Tal").await);
        let mut browser = world.browser().await;
        let mut news = browser.listen(&format!("/live?about=lead:{lead}")).await;
        let post = async |about: Uuid| {
            let record = Reference::new("lead", about);
            world.app.work(&world.admin, Origin::Page, move |work| work.post(&record, "Who knows more?")).await.unwrap()
        };
        let (elsewhere, here) = (post(other).await, post(lead).await);
        let told = |row: String| json!([{ "about": format!("lead:{lead}"), "row": row, "created": true, "by": world.admin.user }]);
        assert_eq!(news.next().await.unwrap().1, told(format!("post:{here}")));
        let reply = async |to: Uuid| {
            world.app.work(&world.admin, Origin::Page, move |work| work.reply(to, "I do.")).await.unwrap()
        };
        reply(elsewhere).await;
        let reply = reply(here).await;
        assert_eq!(news.next().await.unwrap().1, told(format!("postcomment:{reply}")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_session() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let mut news = browser.listen("/live?watch=lead").await;
        browser.post("/sign-out", &[]).await;
        assert_eq!(news.next().await, None);
        assert_eq!(browser.get("/live?watch=lead").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_the_server_stops() {
    let world = World::new(false).await;
    let mut browser = world.browser().await;
    let mut news = browser.listen("/live?watch=lead").await;
    world.app.live().stop();
    assert_eq!(news.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_cannot_take_all_the_places() {
    let world = World::new(false).await;
    let mut browser = world.browser().await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(browser.listen("/live?watch=lead").await);
    }
    assert_eq!(browser.get("/live?watch=lead").await.status, StatusCode::TOO_MANY_REQUESTS);
    drop(streams.pop());
    browser.listen("/live?watch=lead").await;
    assert_eq!(browser.get(&format!("/live?rows={}", Uuid::now_v7())).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_list_come_anew_and_new_ones_are_known_by_their_place() {
    in_every_world(async |world| {
        let shown = world.lead("Robots", "Berg").await;
        let closed = world.lead("Closed", "Tal").await;
        let mut browser = world.browser().await;
        let page = browser.get("/leads?view=open").await;
        let rows = page.after("data-live-rows=\"");
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![closed], 4).await.unwrap();
        change(&world, shown, "Buyer").await;
        let new = world.lead("Grippers", "Ohm").await;
        let stranger = Uuid::now_v7();
        let address = format!("{rows}&shown={shown}&shown={closed}&other={new}&other={stranger}");
        let answer = browser.get_part(&address, "").await;
        assert!(answer.has(&format!("data-id=\"{shown}\"")), "{}", answer.text);
        assert!(!answer.has(&format!("data-id=\"{closed}\"")), "it does not belong to the view any more");
        assert!(answer.has(&format!("data-others=\"{new}\"")), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_told_field_by_field_who_changed_what() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let version = browser.get(&format!("/leads/{lead}")).await.after("name=\"version\" value=\"");
        change(&world, lead, "Buyer").await;
        let answer = browser.get_part(&format!("/leads/{lead}/changes?since={version}"), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let changes = answer.after("data-changes=\"").replace("&quot;", "\"");
        let changes: serde_json::Value = serde_json::from_str(&changes).unwrap_or_else(|_| panic!("{changes}"));
        assert_eq!(changes.as_object().unwrap().keys().collect::<Vec<_>>(), ["jobtitle"]);
        assert!(
            changes["jobtitle"]["text"].as_str().unwrap().starts_with("System Administrator changed this to “Buyer”, ")
        );
        assert!(answer.has("value=\"Buyer\""));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_told_of_parties_and_of_what_the_history_does_not_keep() {
    in_every_world(async |world| {
        let mail = world.create("email", Row::new().with("subject", "Offer").with("description", "Dear all")).await;
        let guest = world.create("contact", Row::new().with("lastname", "Guest")).await;
        let mut browser = world.browser().await;
        let version = browser.get(&format!("/emails/{mail}")).await.after("name=\"version\" value=\"");
        let lists = vec![("to".to_owned(), vec![Party::Record(Reference::new("contact", guest))])];
        let both = world.app.work(&world.admin, Origin::Page, move |work| {
            work.update("email", mail, Row::new().with("description", "Dear Lena"), None)?;
            work.set_parties(&Reference::new("email", mail), lists)
        });
        both.await.unwrap();
        let answer = browser.get_part(&format!("/emails/{mail}/changes?since={version}"), "").await;
        let changes = answer.after("data-changes=\"").replace("&quot;", "\"");
        let changes: serde_json::Value = serde_json::from_str(&changes).unwrap_or_else(|_| panic!("{changes}"));
        let text = |name: &str| changes[name]["text"].as_str().unwrap_or_default().to_owned();
        assert!(text("description").starts_with("System Administrator changed this to “Dear Lena”"), "{changes}");
        assert!(text("to").starts_with("“Guest” is stored now; System Administrator saved last"), "{changes}");
        assert!(changes.get("subject").is_none(), "{changes}");
    })
    .await;
}
