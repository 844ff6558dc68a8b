//! The timeline of a record: what stands on it, in which order, and what can be done there.

use std::collections::BTreeSet;

use crate::world::{World, crm, in_every_world, to};
use crm::{
    Error, NewRecord, Origin, Row,
    activities::parties::Party,
    leads::{AccountChoice, ContactChoice, OpportunityDraft, QualifyChoice},
    opportunities::CloseRequest,
    process::Move,
    timeline::{Asked, EVENT, Entry, FollowUp, Item, LoggedCall, NOTE, Opening, POST, Place, Span, State, What},
};
use jiff::{SignedDuration, Timestamp};
use model::Reference;
use uuid::Uuid;

/// Everything, as it is shown at first.
fn everything() -> Asked {
    Asked { events: true, related: true, ..Asked::default() }
}

fn hours(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

async fn open(world: &World, table: &str, id: Uuid, asked: Asked) -> Opening {
    world.app.timelines().open(&world.seller().await, Reference::new(table, id), asked).await.unwrap()
}

/// What entries are called, events by what happened.
fn titles(entries: &[Entry]) -> Vec<String> {
    let title = |entry: &Entry| match &entry.item {
        Item::Activity(row) | Item::Note(row) => row.text("subject").to_owned(),
        Item::Post { row, .. } => row.text("text").to_owned(),
        Item::Event(event) => match &event.what {
            What::Created => "created".to_owned(),
            What::State { to, .. } => format!("state {to}"),
            What::Stage { .. } => "stage".to_owned(),
            What::Owner { .. } => "owner".to_owned(),
            What::Switched { .. } => "another flow".to_owned(),
            What::Flow { change, .. } => format!("flow {change:?}"),
        },
    };
    entries.iter().map(title).collect()
}

async fn task(world: &World, about: (&str, Uuid), subject: &str, due: Option<Timestamp>) -> Uuid {
    let row = Row::new().with("subject", subject).with("regardingobjectid", to(about.0, about.1));
    world.create("task", row.with("scheduledend", due)).await
}

/// A call that took place so many hours ago.
async fn call(world: &World, about: (&str, Uuid), subject: &str, ago: i64) -> Uuid {
    let row = Row::new()
        .with("subject", subject)
        .with("regardingobjectid", to(about.0, about.1))
        .with("statecode", 1)
        .with("actualend", hours(-ago));
    world.create("phonecall", row).await
}

async fn note(world: &World, about: (&str, Uuid), subject: &str) -> Uuid {
    world.create(NOTE, Row::new().with("subject", subject).with("objectid", to(about.0, about.1))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_done_stands_above_what_happened_and_the_overdue_comes_first() {
    in_every_world(async |world| {
        let lead = ("lead", world.lead("Cranes").await);
        task(&world, lead, "Some day", None).await;
        task(&world, lead, "Next week", Some(hours(24 * 7))).await;
        task(&world, lead, "Late", Some(hours(-24))).await;
        call(&world, lead, "Second call", 2).await;
        call(&world, lead, "First call", 5).await;
        let opening = open(&world, "lead", lead.1, everything()).await;
        assert_eq!(titles(&opening.to_do.entries), ["Late", "Next week", "Some day"]);
        assert_eq!(titles(&opening.page.entries), ["created", "Second call", "First call"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_shows_each_entry_once_even_those_of_one_moment() {
    in_every_world(async |world| {
        let lead = ("lead", world.lead("Cranes").await);
        let moment = hours(-3);
        let mut expected = BTreeSet::new();
        for number in 0..30 {
            let row = Row::new()
                .with("subject", format!("Call {number}"))
                .with("regardingobjectid", to("lead", lead.1))
                .with("statecode", 1)
                .with("actualend", moment);
            expected.insert(world.create("phonecall", row).await);
        }
        for number in 0..25 {
            expected.insert(call(&world, lead, "Earlier", 10 + number).await);
        }
        let seller = world.seller().await;
        let (record, asked) = (Reference::new("lead", lead.1), Asked::default());
        let first = open(&world, "lead", lead.1, asked.clone()).await.page;
        let mut seen: Vec<Uuid> = Vec::new();
        let mut page = first;
        loop {
            seen.extend(page.entries.iter().map(|entry| entry.item.reference().unwrap().id));
            let Some(place) = page.next else { break };
            page = world.app.timelines().behind(&seller, record.clone(), asked.clone(), place).await.unwrap();
        }
        assert_eq!(seen.len(), 55, "nothing comes twice");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_to_the_record_itself_can_be_left_out() {
    in_every_world(async |world| {
        let lead = world.lead("Cranes").await;
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![lead], 4).await.unwrap();
        let with = open(&world, "lead", lead, everything()).await;
        assert_eq!(titles(&with.page.entries), ["state 2", "created"]);
        let without = open(&world, "lead", lead, Asked { events: false, ..everything() }).await;
        assert!(without.page.entries.is_empty());
        let only = Asked { kinds: [EVENT.to_owned()].into(), ..everything() };
        note(&world, ("lead", lead), "Beside").await;
        assert_eq!(titles(&open(&world, "lead", lead, only).await.page.entries), ["state 2", "created"]);
    })
    .await;
}

fn into_contact_and_deals(deals: usize) -> QualifyChoice {
    QualifyChoice {
        contact: ContactChoice::Create,
        opportunities: vec![OpportunityDraft::default(); deals],
        ..QualifyChoice::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualification_names_what_the_lead_became_on_the_lead_and_on_the_deal() {
    in_every_world(async |world| {
        let row = Row::new().with("lastname", "Berg").with("subject", "Cranes").with("companyname", "Fabrikam");
        let lead = world.create("lead", row).await;
        let choice = QualifyChoice { account: AccountChoice::Create, ..into_contact_and_deals(2) };
        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, choice).await.unwrap();
        let named = async |table: &str, id: Uuid, title: &str| {
            let page = open(&world, table, id, everything()).await.page;
            let at = titles(&page.entries).iter().position(|told| told == title).unwrap();
            let Item::Event(event) = &page.entries[at].item else { panic!("no event") };
            assert!(event.with.iter().all(|of| page.names.get(of).is_some()), "all have names");
            event.with.iter().map(|of| (of.table.clone(), of.id)).collect::<BTreeSet<_>>()
        };
        let parties = [("account".to_owned(), done.account.unwrap()), ("contact".to_owned(), done.contact.unwrap())];
        let deal = |place: usize| ("opportunity".to_owned(), done.opportunities[place]);
        let became: BTreeSet<_> = parties.iter().cloned().chain([deal(0), deal(1)]).collect();
        assert_eq!(named("lead", lead, "state 1").await, became);
        let beside = parties.into_iter().chain([("lead".to_owned(), lead), deal(1)]).collect();
        assert_eq!(named("opportunity", done.opportunities[0], "created").await, beside);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_the_flow_stands_there_and_choosing_another_one_is_no_move() {
    in_every_world(async |world| {
        let lead = world.lead("Cranes").await;
        let record = Reference::new("lead", lead);
        let seller = world.seller().await;
        for act in [Move::Abandon, Move::Reactivate] {
            world.app.processes().carry_out(&seller, Origin::Page, record.clone(), act).await.unwrap();
        }
        let told = titles(&open(&world, "lead", lead, everything()).await.page.entries);
        assert_eq!(told, ["flow Reactivated", "flow Abandoned", "created"]);

        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, into_contact_and_deals(1)).await;
        let deal = Reference::new("opportunity", done.unwrap().opportunities[0]);
        let other = world.app.processes().choices(&seller, deal.clone()).await.unwrap().remove(0);
        let act = Move::Switch(other.id);
        world.app.processes().carry_out(&seller, Origin::Page, deal.clone(), act).await.unwrap();
        let told = titles(&open(&world, "opportunity", deal.id, everything()).await.page.entries);
        assert_eq!(told, ["another flow", "created"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_narrowed_by_kind_state_person_time_and_text() {
    in_every_world(async |world| {
        let lead = ("lead", world.lead("Cranes").await);
        task(&world, lead, "Late offer", Some(hours(-1))).await;
        task(&world, lead, "Coming offer", Some(hours(2))).await;
        call(&world, lead, "Old call", 24 * 10).await;
        call(&world, lead, "New call", 1).await;
        note(&world, lead, "Budget 50 % confirmed").await;
        let asked = |change: fn(&mut Asked)| {
            let mut asked = everything();
            change(&mut asked);
            asked
        };
        let shown = async |asked: Asked| {
            let opening = open(&world, "lead", lead.1, asked).await;
            (titles(&opening.to_do.entries), titles(&opening.page.entries))
        };
        let kinds = shown(asked(|asked| asked.kinds = ["phonecall".to_owned()].into())).await;
        assert_eq!(kinds, (vec![], vec!["New call".to_owned(), "Old call".to_owned()]));
        let late = shown(asked(|asked| asked.states = [State::Overdue].into())).await;
        assert_eq!(late, (vec!["Late offer".to_owned()], vec![]));
        let done = shown(asked(|asked| asked.states = [State::Completed].into())).await;
        assert_eq!(done.1, ["New call", "Old call"], "notes and events have no state");
        let recent = shown(asked(|asked| (asked.span, asked.events) = (Some(Span::LastDay), false))).await;
        assert_eq!(recent.0, ["Late offer"]);
        assert_eq!(recent.1, ["Budget 50 % confirmed", "New call"]);
        let soon = shown(asked(|asked| asked.span = Some(Span::NextDay))).await;
        assert_eq!(soon, (vec!["Coming offer".to_owned()], vec![]));
        let found = shown(asked(|asked| asked.text = "OFFER".to_owned())).await;
        assert_eq!(found, (vec!["Late offer".to_owned(), "Coming offer".to_owned()], vec![]));
        let literal = shown(asked(|asked| asked.text = "50 %".to_owned())).await;
        assert_eq!(literal.1, ["Budget 50 % confirmed"]);
        let row = Row::new().with("subject", "Formatted").with("notetext", "<p>5 &lt; 6</p>");
        world.create(NOTE, row.with("objectid", to("lead", lead.1))).await;
        assert_eq!(shown(asked(|asked| asked.text = "5 < 6".to_owned())).await.1, ["Formatted"]);
        let of_admin = Asked { people: [world.admin.user].into(), ..everything() };
        assert_eq!(shown(of_admin).await, (vec![], vec![]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_how_much_of_what_there_is() {
    in_every_world(async |world| {
        let lead = ("lead", world.lead("Cranes").await);
        task(&world, lead, "Late", Some(hours(-1))).await;
        task(&world, lead, "Coming", Some(hours(1))).await;
        call(&world, lead, "Call", 1).await;
        note(&world, lead, "Note").await;
        let seller = world.seller().await;
        let counts = world.app.timelines().counts(&seller, Reference::new("lead", lead.1), false).await.unwrap();
        assert_eq!(counts.kinds.get("task"), Some(&2));
        assert_eq!(counts.kinds.get(NOTE), Some(&1));
        assert_eq!(counts.kinds.get(POST), None);
        assert_eq!(counts.states.get(&State::Overdue), Some(&1));
        assert_eq!(counts.states.get(&State::Open), Some(&2));
        assert_eq!(counts.states.get(&State::Completed), Some(&1));
        assert_eq!(counts.people, [(Reference::new("systemuser", world.seller.user), 4)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_shows_what_is_about_its_contacts_and_deals() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Fabrikam")).await;
        let contact = Row::new().with("lastname", "Lind").with("parentcustomerid", to("account", account));
        let contact = world.create("contact", contact).await;
        let deal = Row::new().with("name", "Robots").with("customerid", to("account", account));
        let deal = world.create("opportunity", deal).await;
        call(&world, ("contact", contact), "With the contact", 1).await;
        call(&world, ("opportunity", deal), "About the deal", 2).await;
        call(&world, ("account", account), "With the company", 3).await;
        let asked = Asked { events: false, ..everything() };
        let all = open(&world, "account", account, asked.clone()).await;
        assert!(all.has_related && !all.related_cut);
        assert_eq!(titles(&all.page.entries), ["With the contact", "About the deal", "With the company"]);
        let own = open(&world, "account", account, Asked { related: false, ..asked }).await;
        assert_eq!(titles(&own.page.entries), ["With the company"]);
        assert!(!open(&world, "opportunity", deal, everything()).await.has_related);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_shows_nothing_of_records_its_reader_may_not_see() {
    in_every_world(async |world| {
        let account = world.create_as_admin("account", Row::new().with("name", "Fabrikam")).await;
        let deal = Row::new().with("name", "Secret").with("customerid", to("account", account));
        let deal = world.create_as_admin("opportunity", deal).await;
        let row = Row::new().with("subject", "Secret note").with("objectid", to("opportunity", deal));
        world.create_as_admin(NOTE, row).await;
        let stranger = Row::new()
            .with("firstname", "Nora")
            .with("lastname", "Nobody")
            .with("internalemailaddress", "nora@contoso.example")
            .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
        let stranger = world.create_as_admin("systemuser", stranger).await;
        let stranger = world.app.caller(stranger).await.unwrap();
        let timelines = world.app.timelines();
        let record = Reference::new("account", account);
        let refused = timelines.open(&stranger, record.clone(), everything()).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
        let place = Place { moment: Timestamp::now(), skip: 0 };
        assert!(timelines.behind(&stranger, record.clone(), everything(), place).await.is_err());
        assert!(timelines.counts(&stranger, record.clone(), true).await.is_err());
        assert!(timelines.visit(&stranger, record).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logged_call_is_completed_with_its_people_and_a_task_that_follows_in_one_act() {
    in_every_world(async |world| {
        let contact = world.create("contact", Row::new().with("lastname", "Lind")).await;
        let about = Reference::new("contact", contact);
        let made = LoggedCall {
            row: Row::new()
                .with("subject", "Delivery date")
                .with("regardingobjectid", about.clone())
                .with("outcomecode", 2)
                .with("actualdurationminutes", 12),
            outgoing: false,
            with: vec![Party::Record(about.clone())],
            made: true,
            follow_up: Some(FollowUp { subject: "Send offer".to_owned(), due: Some(hours(48)) }),
        };
        let seller = world.seller().await;
        let (call, act) =
            world.app.work(&seller, Origin::Page, move |work| Ok((work.log_call(made)?, work.act()))).await.unwrap();
        let row = world.get("phonecall", call).await;
        assert_eq!(row.value("statuscode").as_whole(), Some(4), "a call that came in was received");
        assert_eq!(row.value("leftvoicemail").as_boolean(), Some(true));
        let (start, end) = (row.value("actualstart").as_date_time(), row.value("actualend").as_date_time());
        assert_eq!(end.unwrap().duration_since(start.unwrap()), SignedDuration::from_mins(12));
        let parties = world.app.parties(&seller, "phonecall", vec![call]).await.unwrap();
        let from = parties.iter().find(|party| party.participation == 1).unwrap();
        assert_eq!(from.party, Party::Record(about.clone()));
        let opening = open(&world, "contact", contact, Asked::default()).await;
        assert_eq!(titles(&opening.to_do.entries), ["Send offer"]);
        assert_eq!(titles(&opening.page.entries), ["Delivery date"]);
        world.app.undo(&seller, Origin::Page, act).await.unwrap();
        let opening = open(&world, "contact", contact, Asked::default()).await;
        assert!(opening.to_do.entries.is_empty() && opening.page.entries.is_empty(), "undone as a whole");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pinned_stands_at_the_top_for_everybody_until_it_is_deleted() {
    in_every_world(async |world| {
        let lead = ("lead", world.lead("Cranes").await);
        let note = note(&world, lead, "Key facts").await;
        let done = call(&world, lead, "Closed call", 1).await;
        let record = Reference::new("lead", lead.1);
        let seller = world.seller().await;
        for item in [Reference::new(NOTE, note), Reference::new("phonecall", done), Reference::new(NOTE, note)] {
            let record = record.clone();
            world.app.work(&seller, Origin::Page, move |work| work.pin(&record, &item)).await.unwrap();
        }
        let pinned = open(&world, "lead", lead.1, everything()).await.pinned;
        assert_eq!(titles(&pinned.entries), ["Closed call", "Key facts"], "a closed call, too, and nothing twice");
        world.delete_as_admin(NOTE, note).await;
        let item = Reference::new("phonecall", done);
        world.app.work(&seller, Origin::Page, move |work| work.unpin(&record, &item)).await.unwrap();
        assert!(open(&world, "lead", lead.1, everything()).await.pinned.entries.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_answered_and_only_their_author_changes_them() {
    in_every_world(async |world| {
        let deal = world.deal("Robots", 5).await;
        let record = Reference::new("opportunity", deal);
        let of = record.clone();
        let post = world.app.work(&world.admin, Origin::Page, move |work| work.post(&of, "Who knows more?")).await;
        let post = post.unwrap();
        let seller = world.seller().await;
        world.app.work(&seller, Origin::Page, move |work| work.reply(post, "I do.")).await.unwrap();
        let opening = open(&world, "opportunity", deal, Asked::default()).await;
        let Item::Post { replies, .. } = &opening.page.entries[0].item else { panic!("a post") };
        assert_eq!(replies[0].text("text"), "I do.");
        let it = Reference::new(POST, post);
        let rewritten = world.app.work(&seller, Origin::Page, move |work| work.rewrite(&it, "Mine")).await;
        assert!(matches!(rewritten, Err(Error::Forbidden(_))), "{rewritten:?}");
        let long = "x".repeat(2001);
        let refused = world.app.work(&seller, Origin::Page, move |work| work.post(&record, &long)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_change_the_record_does_not_change_what_others_said_about_it() {
    in_every_world(async |world| {
        let deal = world.deal("Robots", 5).await;
        let (record, mine) = (Reference::new("opportunity", deal), "I agree");
        let (of, about) = (record.clone(), record);
        let theirs = world.app.work(&world.admin, Origin::Page, move |work| work.post(&of, "I object.")).await.unwrap();
        let reply =
            world.app.work(&world.admin, Origin::Page, move |work| work.reply(theirs, "Really.")).await.unwrap();
        for (table, id, column) in [(POST, theirs, "text"), (POST, theirs, "largetext"), ("postcomment", reply, "text")]
        {
            let refused = world.update(table, id, Row::new().with(column, mine)).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{table}.{column}: {refused:?}");
        }
        assert_eq!(world.get(POST, theirs).await.text("text"), "I object.");
        world.update(POST, theirs, Row::new().with("type", 5)).await.unwrap();
        let seller = world.seller().await;
        let own = world.app.work(&seller, Origin::Page, move |work| work.post(&about, "I object, too.")).await.unwrap();
        world.update(POST, own, Row::new().with("text", mine)).await.unwrap();
        assert_eq!(world.get(POST, own).await.text("text"), mine);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_is_lost_among_changes_that_tell_of_none() {
    in_every_world(async |world| {
        let deal = world.deal("Robots", 5).await;
        for _ in 0..12 {
            let lost = CloseRequest { opportunity: deal, ..CloseRequest::default() };
            world.app.opportunities().lose(&world.seller, Origin::Page, lost).await.unwrap();
            world.app.opportunities().reopen(&world.seller, Origin::Page, vec![deal]).await.unwrap();
        }
        let only = Asked { kinds: [EVENT.to_owned()].into(), ..everything() };
        let page = open(&world, "opportunity", deal, only).await.page;
        let titles = titles(&page.entries);
        assert_eq!(titles.iter().filter(|title| *title == "state 0").count(), 12, "{titles:?}");
        assert_eq!(titles.last().map(String::as_str), Some("created"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_remembered_for_its_own_visitor() {
    in_every_world(async |world| {
        let lead = world.lead("Cranes").await;
        let record = Reference::new("lead", lead);
        let seller = world.seller().await;
        assert_eq!(open(&world, "lead", lead, everything()).await.visited, None);
        world.app.timelines().visit(&seller, record.clone()).await.unwrap();
        let begun = Timestamp::now();
        let during = open(&world, "lead", lead, everything()).await.visited;
        assert!(during.is_some_and(|at| at <= begun), "what comes after the first look is new");
        let row = Row::new().with("subject", "While away").with("objectid", record.clone());
        world.app.create(&world.admin, Origin::Page, NewRecord::of(NOTE, row)).await.unwrap();
        let back = open(&world, "lead", lead, everything()).await;
        assert!(back.page.entries[0].changed() > back.visited.unwrap(), "also for who comes back at once");
        let other = world.app.timelines().open(&world.admin, record, everything()).await.unwrap();
        assert_eq!(other.visited, None);
    })
    .await;
}

#[test]
fn names_in_a_post_are_found_again() {
    let model = model::Model::shipped().unwrap();
    let (ada, deal) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let named = [
        (Reference::new("systemuser", ada), "Ada".to_owned()),
        (Reference::new("opportunity", deal), "Robots for hall 3".to_owned()),
    ];
    let typed = "Ask @Ada about #Robots for hall 3, @[ please @nobody";
    let text = crm::timeline::with_mentions(&model, typed, &named);
    assert!(text.contains(&format!("@[8,{ada},\"Ada\"]")), "{text}");
    assert_eq!(crm::timeline::as_typed(&model, &text), typed);
    let mentions = crm::timeline::parts(&model, &text);
    assert_eq!(mentions.iter().filter(|part| matches!(part, crm::timeline::Part::Mention(_))).count(), 2);
}

#[test]
fn names_in_a_post_are_not_looked_for_within_its_mentions() {
    let model = model::Model::shipped().unwrap();
    let of = |number: u128| Reference::new("account", Uuid::from_u128(number));
    let named = [(of(1), "A#B".to_owned()), (of(2), "B".to_owned()), (of(3), String::new()), (of(4), "Bö".to_owned())];
    let text = crm::timeline::with_mentions(&model, "#A#B and #B, #Bö, #", &named);
    let mark = |number: u128, name: &str| format!("@[1,{},\"{name}\"]", Uuid::from_u128(number));
    assert_eq!(text, format!("{} and {}, {}, #", mark(1, "A#B"), mark(2, "B"), mark(4, "Bö")));
}
