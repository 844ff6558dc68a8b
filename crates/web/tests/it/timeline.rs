//! The timeline on a record's page, asked as its script asks.

use crate::world::{Browser, World, in_every_world};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use crm::{Origin, Row};
use model::{Reference, Value};
use uuid::Uuid;

fn about(lead: Uuid) -> Value {
    Reference::new("lead", lead).into()
}

async fn task(world: &World, lead: Uuid, subject: &str) -> Uuid {
    world.create("task", Row::new().with("subject", subject).with("regardingobjectid", about(lead))).await
}

/// The seller's browser on the page of a lead.
async fn on(world: &World, lead: Uuid) -> Browser {
    let mut browser = world.browser().await;
    browser.get(&format!("/leads/{lead}")).await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_logged_in_place_and_a_refused_form_keeps_what_was_typed() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = on(&world, lead).await;
        let path = format!("/leads/{lead}/timeline/new/phonecall");
        let form = browser.get_part(&path, "timeline-composer").await;
        assert!(
            form.has("Call with Lena Lead") && form.has(&format!("value=\"lead:{lead}\" selected")),
            "{}",
            form.text
        );
        let with = format!("lead:{lead}");
        let typed = [("subject", "Delivery"), ("with", &with), ("directioncode", "true"), ("follow", "task")];
        let refused = browser.post(&path, &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("Say what is to be done") && refused.has("value=\"Delivery\""), "{}", refused.text);
        assert!(refused.has(&format!("value=\"{with}\" selected")), "{}", refused.text);

        let mut typed = typed.to_vec();
        typed.extend([("followsubject", "Send offer"), ("outcomecode", "1"), ("actualdurationminutes", "7")]);
        let saved = browser.post(&path, &typed).await;
        assert!(saved.header("hx-trigger").contains("timeline-changed"), "{}", saved.text);
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "timeline-list").await;
        assert!(
            list.has("Delivery") && list.has("Reached") && list.has("7 min") && list.has("Send offer"),
            "{}",
            list.text
        );
        let nobody = browser.post(&path, &[("subject", "Delivery"), ("with", "")]).await;
        assert!(nobody.has("href=\"#compose-with\""), "{}", nobody.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_completed_and_deleted_on_the_timeline_and_both_are_undone() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let task = task(&world, lead, "Send offer").await;
        let mut browser = on(&world, lead).await;
        let at = |what: &str| format!("/leads/{lead}/timeline/task/{task}/{what}");
        let state = async || world.get("task", task).await.value("statecode").as_whole();
        let done = browser.post(&at("state?to=1"), &[]).await;
        assert!(done.has("Task completed."), "{}", done.text);
        assert_eq!(state().await, Some(1));
        let refused = browser.post(&at("edit?in=past"), &[("subject", "Another")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("read-only"), "{}", refused.text);
        let act = done.after("action=\"/acts/");
        browser.post(&format!("/acts/{act}"), &[]).await;
        assert_eq!(state().await, Some(0));
        let deleted = browser.post(&at("deletion"), &[]).await;
        let act = deleted.after("action=\"/acts/");
        browser.post(&format!("/acts/{act}"), &[]).await;
        assert_eq!(state().await, Some(0), "it is there again");
        assert_eq!(browser.post(&at("state?to=7"), &[]).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_edited_in_its_place() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let note = Row::new().with("subject", "Visit").with("notetext", "5 &lt; 6").with("objectid", about(lead));
        let note = world.create("annotation", note).await;
        let mut browser = on(&world, lead).await;
        let path = format!("/leads/{lead}/timeline/annotation/{note}/edit?in=past");
        let form = browser.get_part(&path, "x").await;
        assert!(form.has("value=\"Visit\"") && form.has("5 &lt; 6"), "{}", form.text);
        let saved = browser.post(&path, &[("subject", "Second visit"), ("notetext", "<b>bold</b>")]).await;
        assert_eq!(saved.header("hx-retarget"), format!("#past-{note}"));
        assert!(saved.has("Second visit") && saved.has("&lt;b&gt;bold&lt;/b&gt;"), "{}", saved.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_others_changed_meanwhile_is_shown_with_both() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let task = task(&world, lead, "Send offer").await;
        let mut browser = on(&world, lead).await;
        let path = format!("/leads/{lead}/timeline/task/{task}/edit?in=open");
        let form = browser.get_part(&path, "x").await;
        let version = form.after("name=\"version\" value=\"");
        let theirs = Row::new().with("subject", "Send the offer").with("prioritycode", 2);
        world.app.update(&world.admin, Origin::Page, "task", task, theirs, None).await.unwrap();

        let mine =
            [("version", version.as_str()), ("subject", "Offer"), ("prioritycode", "1"), ("description", "Soon")];
        let answer = browser.post(&path, &mine).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(answer.has("changed this to “Send the offer”") && answer.has("value=\"Offer\""), "{}", answer.text);
        assert_eq!(world.get("task", task).await.text("subject"), "Send the offer", "nothing is written yet");

        let version = answer.after("name=\"version\" value=\"");
        let mine = [("version", version.as_str()), mine[1], ("prioritycode", "2"), mine[3]];
        let saved = browser.post(&path, &mine).await;
        assert!(saved.has("Saved."), "{}", saved.text);
        let row = world.get("task", task).await;
        assert_eq!((row.text("subject"), row.text("description")), ("Offer", "Soon"));
        assert_eq!(row.value("prioritycode").as_whole(), Some(2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_others_changed_in_an_entry_stays_as_they_left_it() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let note = Row::new().with("subject", "Visit").with("notetext", "<p>First</p>").with("objectid", about(lead));
        let note = world.create("annotation", note).await;
        let mut browser = on(&world, lead).await;
        let path = format!("/leads/{lead}/timeline/annotation/{note}/edit?in=past");
        let version = browser.get_part(&path, "x").await.after("name=\"version\" value=\"");
        let theirs = Row::new().with("notetext", "<p>Second</p>");
        world.app.update(&world.admin, Origin::Page, "annotation", note, theirs, None).await.unwrap();
        let mine = [
            ("version", version.as_str()),
            ("subject", "Long visit"),
            ("notetext", "First"),
            ("notetext_html", "<p>First</p>"),
        ];
        let answer = browser.post(&path, &mine).await;
        let asked = answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.has("changed this to “Second”");
        let row = world.get("annotation", note).await;
        assert!(row.text("notetext").contains("Second"), "{}", row.text("notetext"));
        assert!(asked || row.text("subject") == "Long visit", "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_goes_on_where_it_ended_and_does_not_name_a_day_twice() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        for number in 0..25 {
            let row = Row::new().with("subject", format!("Note {number}")).with("objectid", about(lead));
            world.create("annotation", row).await;
        }
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/leads/{lead}")).await;
        assert!(page.has("<h3>Today</h3>"), "{}", page.text);
        let more = page.after("class=\"timeline-more\" hx-get=\"");
        let rest = browser.get_part(&more, "x").await;
        assert!(rest.has("Note 0") && rest.has("Lead created"), "{}", rest.text);
        assert!(!rest.has("<h3>") && !rest.has("timeline-more"), "{}", rest.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_is_counted_kept_and_said() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        task(&world, lead, "Send offer").await;
        let mut browser = on(&world, lead).await;
        let groups = browser.get_part(&format!("/leads/{lead}/timeline/filter?state=open"), "x").await;
        assert!(groups.has("Tasks") && groups.has("Sam Seller (you)"), "{}", groups.text);
        assert!(groups.has("value=\"open\" checked"), "{}", groups.text);
        let none = browser.get_part(&format!("/leads/{lead}/timeline?kind=email"), "x").await;
        assert!(none.has("Nothing matches"), "{}", none.text);
        browser.get_part(&format!("/leads/{lead}/timeline?events=0"), "x").await;
        let later = browser.get(&format!("/leads/{lead}")).await;
        assert!(!later.has("Lead created"), "system events stay off on the next page");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_names_only_whom_its_writer_may_see_and_is_answered() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = on(&world, lead).await;
        let path = format!("/leads/{lead}/timeline/new/post");
        let sam = format!("systemuser:{}", world.seller.user);
        let nobody = format!("lead:{}", Uuid::from_u128(7));
        let typed = [("text", "@Sam Seller <i>knows</i> #Nobody"), ("mention", &*sam), ("mention", &*nobody)];
        let posted = browser.post(&path, &typed).await;
        assert!(posted.has("Posted."), "{}", posted.text);
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "x").await;
        assert!(list.has("@Sam Seller</") && list.has("&lt;i&gt;knows&lt;/i&gt; #Nobody"), "{}", list.text);
        let reply = list.after("class=\"btn btn-sm timeline-first\" hx-get=\"");
        assert!(browser.post(&reply, &[("text", " ")]).await.has("Write something"));
        browser.post(&reply, &[("text", "I do.")]).await;
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "x").await;
        assert!(list.has("I do."), "{}", list.text);
        let empty = browser.post(&path, &[("text", "")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_comes_as_a_calendar_file_and_a_stranger_gets_none() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = on(&world, lead).await;
        let typed = [
            ("subject", "Tour"),
            ("scheduledstart", "2026-03-02T10:00"),
            ("scheduledend", "2026-03-02T11:00"),
            ("requiredattendees", &format!("systemuser:{}", world.seller.user)),
        ];
        let added = browser.post(&format!("/leads/{lead}/timeline/new/appointment"), &typed).await;
        assert!(added.has("Appointment added."), "{}", added.text);
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "x").await;
        let file = list.text.split('"').find(|part| part.ends_with("calendar.ics")).unwrap().to_owned();
        let event = browser.get(&file).await;
        assert_eq!(event.header("content-type"), "text/calendar; charset=utf-8");
        assert!(event.has("SUMMARY:Tour") && event.has("mailto:sam@contoso.example"), "{}", event.text);
        assert!(!world.stranger().get(&file).await.has("SUMMARY"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_did_since_the_last_visit_is_new() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = on(&world, lead).await;
        let visited = browser.post(&format!("/leads/{lead}/timeline/visit"), &[]).await;
        assert_eq!(visited.status, StatusCode::NO_CONTENT);
        set_visit_back(&world).await;
        let note = |subject: &str| Row::new().with("subject", subject).with("objectid", about(lead));
        world.create("annotation", note("Mine")).await;
        let theirs = crm::NewRecord::of("annotation", note("Theirs"));
        world.app.create(&world.admin, Origin::Page, theirs).await.unwrap();
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "x").await;
        assert_eq!(list.text.matches("timeline-new").count(), 1, "{}", list.text);
        let (before, after) = list.text.split_once("timeline-new").unwrap();
        assert!(before.contains("Theirs") && after.contains("Mine"), "the newest stands first: {}", list.text);
    })
    .await;
}

/// As if the seller had been there two hours ago.
async fn set_visit_back(world: &World) {
    let seller = world.seller.user;
    let back = move |writer: &mut store::Writer<'_>| -> crm::Result<()> {
        for visit in writer.secrets_of("visit", seller)? {
            let mut data = visit.data.clone();
            let at: jiff::Timestamp = data["at"].as_str().unwrap().parse().unwrap();
            data["at"] = (at - jiff::SignedDuration::from_hours(2)).to_string().into();
            writer.replace_secret(&visit, visit.expires, &data)?;
        }
        Ok(())
    };
    world.app.store().write(back).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_keeps_its_formatting_and_nothing_that_runs() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = on(&world, lead).await;
        let bent = "<b>Budget</b> <a href=\"javascript:x\">here</a><script>alert(1)</script>";
        let typed = [("notetext", "Budget here"), ("notetext_html", bent)];
        browser.post(&format!("/leads/{lead}/timeline/new/annotation"), &typed).await;
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "x").await;
        assert!(
            list.has("<strong>Budget</strong> here") && !list.has("javascript") && !list.has("alert"),
            "{}",
            list.text
        );
        let empty = [("notetext", ""), ("notetext_html", "<p><br></p>")];
        let refused = browser.post(&format!("/leads/{lead}/timeline/new/annotation"), &empty).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_out_of_all_bounds_is_refused_before_it_is_worked_on() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = on(&world, lead).await;
        let vast = "<a".repeat(500_000);
        let typed = [("notetext", "Budget"), ("notetext_html", &*vast)];
        let note = browser.post(&format!("/leads/{lead}/timeline/new/annotation"), &typed).await;
        assert_eq!(note.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(note.has("too long with its formatting") && note.has("Budget") && note.text.len() < 100_000);
        let kept = Row::new().with("notetext", "Budget").with("objectid", about(lead));
        let kept = world.create("annotation", kept).await;
        let edited = browser.post(&format!("/leads/{lead}/timeline/annotation/{kept}/edit?in=past"), &typed).await;
        assert!(edited.has("too long with its formatting"), "{}", edited.text);
        // Only notes are written with formatting.
        let task = task(&world, lead, "Send offer").await;
        let typed = [("subject", "Send the offer"), ("notetext_html", &*vast)];
        let saved = browser.post(&format!("/leads/{lead}/timeline/task/{task}/edit?in=past"), &typed).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);

        let sam = format!("systemuser:{}", world.seller.user);
        let typed = [("text", &*"@Sam Seller ".repeat(200)), ("mention", &*sam)];
        let path = format!("/leads/{lead}/timeline/new/post");
        let post = browser.post(&path, &typed).await;
        assert!(post.has("At most 2000 characters fit, this has 2399"), "what was typed counts: {}", post.text);
        browser.post(&path, &[("text", "Who knows?")]).await;
        let list = browser.get_part(&format!("/leads/{lead}/timeline"), "x").await;
        let reply = list.after("class=\"btn btn-sm timeline-first\" hx-get=\"");
        let answered = browser.post(&reply, &[("text", &"@Sam Seller ".repeat(100)), ("mention", &sam)]).await;
        assert!(answered.has("At most 1000 characters fit, this has 1199"), "{}", answered.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_is_offered_only_for_what_can_be_undone() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let email = Row::new().with("subject", "Offer").with("description", "Dear Lena");
        let email = world.create("email", email.with("regardingobjectid", about(lead))).await;
        let mut browser = on(&world, lead).await;
        let path = format!("/leads/{lead}/timeline/email/{email}/edit?in=past");
        let subject = browser.post(&path, &[("subject", "Our offer"), ("description", "Dear Lena")]).await;
        assert!(subject.has("Saved.") && subject.has("/acts/"), "{}", subject.text);
        let message = browser.post(&path, &[("subject", "Our offer"), ("description", "Dear Mr Berg")]).await;
        assert!(message.has("Saved.") && !message.has("/acts/"), "{}", message.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_without_the_sessions_token_or_on_a_hidden_record() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let task = task(&world, lead, "Send offer").await;
        let mut browser = on(&world, lead).await;
        for path in ["new/post", &format!("task/{task}/state?to=1"), &format!("task/{task}/deletion"), "visit"] {
            let path = format!("/leads/{lead}/timeline/{path}");
            let forged = browser.post_with_token(&path, &[("text", "x")], "forged").await;
            assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path}");
        }
        world.app.work(&world.admin, Origin::Page, move |work| work.delete("lead", lead, None)).await.unwrap();
        let gone = browser.ask(Request::get(format!("/leads/{lead}/timeline")).body(Body::empty()).unwrap()).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    })
    .await;
}
