//! Addresses that are told of changes.

mod receiver;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use model::{Filter, Order, Reference, Value};
use ring::hmac;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{World, crm, in_every_world, to};
use crm::{
    Error, NewRecord, Origin, Row,
    export::ExportRequest,
    identity::{SignInSettings, Vault},
    privacy::{ErasureRequest, Person},
    views::Definition,
    webhooks::{DELIVERIES, Recorder, Sender, TABLE},
};
use receiver::{Heard, Receiver};

/// Lets the server tell this machine, as an administrator may allow it.
fn allow_this_machine(world: &World) {
    let outgoing = outgoing::Client::new(outgoing::Policy { allowed: vec!["127.0.0.1".parse().unwrap()] });
    let known = world.app.sign_in_settings();
    world.app.configure_sign_in(SignInSettings { outgoing, ..(*known).clone() });
}

fn on_leads(address: &str) -> Row {
    Row::new().with("name", "ERP").with("url", address).with("targetentityname", "lead")
}

async fn subscribe(world: &World, row: Row) -> Uuid {
    world.create_as_admin(TABLE, row).await
}

/// What a server does all the time: takes down what changed, and sends it.
struct Server {
    recorder: Recorder,
    sender: Sender,
}

impl Server {
    async fn start(world: &World) -> Self {
        Self { recorder: Recorder::begin(&world.app).await.unwrap(), sender: Sender::new(&world.app) }
    }

    /// Takes down all that is committed. On PostgreSQL a change is seen by readers of the feed when older
    /// transactions, also of other tests, have ended.
    async fn record(&mut self, world: &World) -> usize {
        let last = *world.app.changes().borrow();
        loop {
            let end = |reader: &mut store::Reader<'_>| -> crm::Result<_> { Ok(reader.feed_end()?) };
            if world.app.store().read(end).await.unwrap() >= last {
                return self.recorder.record().await.unwrap().deliveries;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn send(&self) {
        self.sender.begin().await.unwrap();
        while self.sender.is_sending() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn run(&mut self, world: &World) -> usize {
        let recorded = self.record(world).await;
        self.send().await;
        recorded
    }
}

async fn change(world: &World, lead: Uuid, changes: Row) {
    world.app.update(&world.admin, Origin::WebApi, "lead", lead, changes, None).await.unwrap();
}

async fn deliveries(world: &World) -> Vec<Row> {
    let query = world.app.new_query(&world.admin, DELIVERIES).order_by(Order::ascending("position"));
    let columns = ["webhookdeliveryid", "eventtype", "outcomecode", "attemptcount", "responsecode", "errortext"];
    let query = query.select(columns.into_iter().chain(["response", "nextattempton", "duration", "senton"]));
    world.app.query(&world.admin, query).await.unwrap().to_rows().collect()
}

async fn webhook(world: &World, id: Uuid) -> Row {
    world.app.get(&world.admin, TABLE, id, None).await.unwrap()
}

fn whole(row: &Row, column: &str) -> i64 {
    row.value(column).as_whole().unwrap()
}

/// Writes columns that only the engine sets: what passes by itself with time.
async fn set(world: &World, table: &'static str, id: Uuid, changes: Row) {
    let actor = world.admin.actor(Origin::Engine);
    let write = move |writer: &mut store::Writer<'_>| -> crm::Result<()> {
        let old = writer.lock(table, id)?.unwrap();
        Ok(writer.update(&actor, table, &old, changes).map(drop)?)
    };
    world.app.store().write(write).await.unwrap();
}

fn kinds(heard: &[Heard]) -> Vec<String> {
    heard.iter().map(Heard::kind).collect()
}

/// Checks as a receiver does.
fn is_signed_by(heard: &Heard, secret: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap());
    let signed = format!("{}.{}.{}", heard.headers["webhook-id"], heard.headers["webhook-timestamp"], heard.body);
    let signatures = heard.headers["webhook-signature"].split(' ');
    signatures
        .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
        .any(|tag| hmac::verify(&key, signed.as_bytes(), &tag).is_ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_hears_each_change_once_in_order_and_signed() {
    in_every_world(async |world| {
        allow_this_machine(&world);
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        let before = world.lead("Older").await;
        let id = subscribe(&world, on_leads(&receiver.address)).await;
        let webhooks = world.app.webhooks();
        let secret = webhooks.renew_secret(&world.admin, Origin::Page, id).await.unwrap();
        let lead = world.lead("Cranes").await;
        server.run(&world).await;
        change(&world, lead, Row::new().with("subject", "Big cranes")).await;
        change(&world, before, Row::new().with("companyname", "Elsewhere")).await;
        world.delete_as_admin("lead", lead).await;
        world.deal("Not a lead", 5).await;
        server.run(&world).await;
        let all = receiver.heard();
        // Where others write at the same time, what came a moment before the subscription is told, too.
        let is_older = |one: &Heard| one.kind() == "lead.created" && one.body.contains(&before.to_string());
        let heard: Vec<&Heard> = all.iter().filter(|one| !is_older(one)).collect();
        let told: Vec<String> = heard.iter().map(|one| one.kind()).collect();
        assert_eq!(told, ["lead.created", "lead.updated", "lead.deleted"], "a row that is gone has no change to read");

        let created = heard[0].json();
        assert_eq!(created["data"]["table"], "lead");
        assert_eq!(created["data"]["id"], lead.to_string());
        assert_eq!((&created["data"]["origin"], &created["data"]["user"]), (&json!("page"), &json!(world.seller.user)));
        let row = &created["data"]["row"];
        assert_eq!((&row["subject"], &row["leadid"]), (&json!("Cranes"), &json!(lead)));
        assert!(heard[0].body.contains(r#""budgetamount":25000.0000"#), "amounts as the Web API writes them");
        assert_eq!(row["_ownerid_value"], world.seller.user.to_string());
        assert_eq!(row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "systemuser");
        let updated = heard[1].json();
        let changed = updated["data"]["changed"].as_array().unwrap();
        assert!(changed.contains(&json!("companyname")) && !changed.contains(&json!("subject")), "{changed:?}");
        assert_eq!((&updated["data"]["origin"], &updated["data"]["id"]), (&json!("webapi"), &json!(before)));
        let deleted = heard[2].json();
        assert_eq!(deleted["data"]["row"]["subject"], "Big cranes", "as it was last");
        assert!(deleted["data"]["sequence"].as_u64() > updated["data"]["sequence"].as_u64());

        let ids: Vec<_> = deliveries(&world).await.iter().map(|row| row.value("webhookdeliveryid").as_id()).collect();
        for (one, id) in all.iter().zip(ids) {
            assert!(is_signed_by(one, &secret));
            assert_eq!(one.headers["webhook-id"], id.unwrap().to_string());
            assert_eq!(one.headers["content-type"], "application/json");
        }
        let newer = webhooks.renew_secret(&world.admin, Origin::Page, id).await.unwrap();
        webhooks.send_test(&world.admin, Origin::Page, id).await.unwrap();
        server.run(&world).await;
        let [test] = &receiver.heard()[..] else { panic!("one test") };
        assert_eq!(test.kind(), "webhook.test");
        assert!(is_signed_by(test, &newer) && is_signed_by(test, &secret), "the former one counts for a day");
        server.run(&world).await;
        assert!(receiver.heard().is_empty(), "nothing comes twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_sent_again_later_and_keeps_its_place() {
    in_every_world(async |world| {
        allow_this_machine(&world);
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        let id = subscribe(&world, on_leads(&receiver.address)).await;
        receiver.answer_next(&["500 Internal Server Error", "503 Service Unavailable\r\nretry-after: 600"]);
        world.lead("First").await;
        world.lead("Second").await;
        let began = Timestamp::now();
        server.run(&world).await;
        server.send().await;
        assert_eq!(receiver.heard().len(), 1, "neither the failed one nor the next comes before its time");
        let row = webhook(&world, id).await;
        assert_eq!(
            (whole(&row, "failurecount"), row.text("lasterror")),
            (1, "the receiver answered 500 Internal Server Error")
        );
        let pause = row.value("retryat").as_date_time().unwrap().duration_since(began).as_secs();
        assert!((4..=20).contains(&pause), "{pause}");
        let first = &deliveries(&world).await[0];
        assert_eq!(
            (whole(first, "outcomecode"), whole(first, "attemptcount"), whole(first, "responsecode")),
            (1, 1, 500)
        );
        assert_eq!(first.text("response"), "no room for it");

        // The server is started anew, and the pause is over.
        let mut server = Server::start(&world).await;
        set(&world, TABLE, id, Row::new().with("retryat", Value::Null)).await;
        server.run(&world).await;
        let row = webhook(&world, id).await;
        let pause = row.value("retryat").as_date_time().unwrap().duration_since(began).as_secs();
        assert!((595..=640).contains(&pause), "the receiver asked for ten minutes: {pause}");
        set(&world, TABLE, id, Row::new().with("retryat", Value::Null)).await;
        server.send().await;
        let heard = receiver.heard();
        let topics: Vec<Json> = heard.iter().map(|one| one.json()["data"]["row"]["subject"].clone()).collect();
        assert_eq!(topics, ["First", "First", "Second"]);
        assert_eq!(heard[0].headers["webhook-id"], heard[1].headers["webhook-id"]);
        let row = webhook(&world, id).await;
        assert_eq!((whole(&row, "failurecount"), row.has("retryat"), row.has("lasterror")), (0, false, false));

        // After twelve attempts it is given up, and the next one goes.
        let lost = world.lead("Lost").await;
        server.record(&world).await;
        let delivery = deliveries(&world).await.pop().unwrap().value("webhookdeliveryid").as_id().unwrap();
        set(&world, DELIVERIES, delivery, Row::new().with("attemptcount", 11)).await;
        receiver.answer_next(&["404 Not Found", "410 Gone"]);
        server.send().await;
        let given_up = deliveries(&world).await.pop().unwrap();
        assert_eq!((whole(&given_up, "outcomecode"), whole(&given_up, "attemptcount")), (3, 12));
        // A receiver that is gone for good is told no more.
        world.app.webhooks().send_again(&world.admin, Origin::Page, delivery).await.unwrap();
        server.send().await;
        let row = webhook(&world, id).await;
        assert_eq!((whole(&row, "statecode"), whole(&row, "statuscode")), (1, 3));
        assert!(row.text("lasterror").contains("410 Gone"), "{}", row.text("lasterror"));
        change(&world, lost, Row::new().with("subject", "While it is off")).await;
        assert_eq!(server.run(&world).await, 0);
        let refused = world.app.webhooks().send_again(&world.admin, Origin::Page, delivery).await.unwrap_err();
        assert!(refused.to_string().contains("turn it on first"), "{refused}");

        // Turned on again, it is told from then on, and what is replayed comes as it was.
        world.app.update(&world.admin, Origin::Page, TABLE, id, Row::new().with("statecode", 0), None).await.unwrap();
        receiver.heard();
        world.app.webhooks().send_again(&world.admin, Origin::Page, delivery).await.unwrap();
        change(&world, lost, Row::new().with("subject", "Found")).await;
        server.run(&world).await;
        assert_eq!(kinds(&receiver.heard()), ["lead.created", "lead.updated"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_send_each_delivery_once() {
    in_every_world(async |world| {
        allow_this_machine(&world);
        let receiver = Receiver::start().await;
        let (mut one, mut other) = (Server::start(&world).await, Server::start(&world).await);
        subscribe(&world, on_leads(&receiver.address)).await;
        for number in 0..12 {
            world.lead(&format!("Lead {number}")).await;
        }
        let recorded = tokio::join!(one.record(&world), other.record(&world));
        assert_eq!(recorded.0 + recorded.1, 12);
        while deliveries(&world).await.iter().any(|row| whole(row, "outcomecode") == 1) {
            tokio::join!(one.send(), other.send());
        }
        let heard = receiver.heard();
        let topics: Vec<_> = heard.iter().map(|one| one.json()["data"]["row"]["subject"].clone()).collect();
        assert_eq!(topics, (0..12).map(|number| json!(format!("Lead {number}"))).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_rows_and_columns_asked_for_are_told() {
    in_every_world(async |world| {
        allow_this_machine(&world);
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        let definition =
            Definition { columns: Vec::new(), filter: Filter::eq("address1_city", "Oslo"), ..Definition::default() };
        let view = world.app.keep_personal_view(&world.admin, Origin::Page, "lead", "Oslo", &definition).await.unwrap();
        let narrow = on_leads(&receiver.address)
            .with("columnnames", " subject , leadid,  address1_city ")
            .with("viewname", "open leads")
            .with("userqueryid", Reference::new("userquery", view));
        let id = subscribe(&world, narrow).await;
        let row = webhook(&world, id).await;
        assert_eq!((row.text("columnnames").matches(',').count(), row.text("viewname")), (2, "open"));

        let lead = world.lead("Cranes").await;
        server.run(&world).await;
        assert!(receiver.heard().is_empty(), "not in Oslo");
        change(&world, lead, Row::new().with("address1_city", "Oslo")).await;
        change(&world, lead, Row::new().with("telephone1", "+47 22 00 00 00")).await;
        server.run(&world).await;
        let [heard] = &receiver.heard()[..] else { panic!("a change of other columns is not told") };
        let data = &heard.json()["data"];
        assert_eq!(data["changed"], json!(["address1_city"]));
        assert_eq!(data["row"], json!({ "leadid": lead, "address1_city": "Oslo", "subject": "Cranes" }));
        change(&world, lead, Row::new().with("address1_city", "Bergen")).await;
        world.delete_as_admin("lead", lead).await;
        server.run(&world).await;
        assert!(receiver.heard().is_empty(), "not in Oslo any more");

        let unusable = Row::new().with("columnnames", "subject,nothing");
        let error = world.app.update(&world.admin, Origin::Page, TABLE, id, unusable, None).await.unwrap_err();
        assert!(error.to_string().contains("“nothing” is no column of lead"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_read_with_the_rights_of_whoever_made_the_webhook() {
    in_every_world(async |world| {
        allow_this_machine(&world);
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        let unit = to("businessunit", world.admin.business_unit);
        let row = Row::new().with("firstname", "Ben").with("lastname", "Boss").with("businessunitid", unit);
        let ben = world.create_as_admin("systemuser", row.with("internalemailaddress", "ben@contoso.example")).await;
        let identity = world.app.identity();
        identity.give_role(&world.admin, ben, "System Administrator").await.unwrap();
        let caller = world.app.caller(ben).await.unwrap();
        let new = NewRecord::of(TABLE, on_leads(&receiver.address));
        let id = world.app.create(&caller, Origin::Page, new).await.unwrap();
        let query = world.app.new_query(&world.admin, "role").matching(Filter::eq("name", "System Administrator"));
        let role = world.app.query(&world.admin, query.select(["roleid"])).await.unwrap();
        let role = Reference::new("role", role.to_rows().next().unwrap().value("roleid").as_id().unwrap());
        let take = move |work: &mut crm::Work<'_, '_>| {
            work.dissociate("systemuserroles_association", &Reference::new("systemuser", ben), &role)
        };
        world.app.work(&world.admin, Origin::Page, take).await.unwrap();
        identity.give_role(&world.admin, ben, "System Customizer").await.unwrap();

        let foreign = world.lead("Foreign").await;
        let own = world.lead("Own").await;
        change(&world, own, Row::new().with("ownerid", to("systemuser", ben))).await;
        world.delete_as_admin("lead", foreign).await;
        server.run(&world).await;
        let heard = receiver.heard();
        let expected = json!(own.to_string());
        assert!(!heard.is_empty() && heard.iter().all(|one| one.json()["data"]["id"] == expected), "{heard:?}");

        let changes = Row::new().with("isdisabled", true);
        world.app.update(&world.admin, Origin::Page, "systemuser", ben, changes, None).await.unwrap();
        change(&world, own, Row::new().with("subject", "Unheard")).await;
        server.run(&world).await;
        assert!(receiver.heard().is_empty());
        let row = webhook(&world, id).await;
        assert_eq!(whole(&row, "statuscode"), 3);
        assert!(row.text("lasterror").contains("is disabled"), "{}", row.text("lasterror"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_meet_webhooks_and_are_told_what_is_wrong_with_one() {
    in_every_world(async |world| {
        let receiver = Receiver::start().await;
        let id = subscribe(&world, on_leads(&receiver.address)).await;
        let seller = world.seller().await;
        let error = world.app.get(&seller, TABLE, id, None).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        let new = NewRecord::of(TABLE, on_leads(&receiver.address));
        assert!(matches!(world.app.create(&seller, Origin::WebApi, new).await, Err(Error::Forbidden(_))));
        for refused in [
            world.app.webhooks().renew_secret(&seller, Origin::Page, id).await.map(drop),
            world.app.webhooks().send_test(&seller, Origin::Page, id).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }

        let wrong = Row::new()
            .with("name", "Wrong")
            .with("url", "https://ada:secret@example.com")
            .with("targetentityname", "nothing")
            .with("oncreate", false)
            .with("onupdate", false)
            .with("ondelete", false);
        let error = world.app.create(&world.admin, Origin::WebApi, NewRecord::of(TABLE, wrong)).await.unwrap_err();
        let Error::Invalid(fields) = &error else { panic!("{error}") };
        let columns: Vec<_> = fields.iter().map(|field| field.column.as_str()).collect();
        assert_eq!(columns, ["url", "oncreate", "targetentityname"]);
        for table in ["webhook", "webhookdelivery", "systemuser"] {
            let row = on_leads(&receiver.address).with("targetentityname", table);
            let error = world.app.create(&world.admin, Origin::Page, NewRecord::of(TABLE, row)).await.unwrap_err();
            assert!(error.to_string().contains("are not told"), "{error}");
        }
        let forged = Row::new().with("eventtype", "lead.created").with("webhookid", to(TABLE, id));
        let error =
            world.app.create(&world.admin, Origin::WebApi, NewRecord::of(DELIVERIES, forged)).await.unwrap_err();
        assert!(error.to_string().contains("set by the system"), "{error}");
        let error = world.app.create(&world.admin, Origin::WebApi, NewRecord::of(DELIVERIES, Row::new())).await;
        assert!(error.unwrap_err().to_string().contains("are written by Pipewright"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_inside_the_network_are_not_told_unless_that_is_allowed() {
    in_every_world(async |world| {
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        let id = subscribe(&world, on_leads(&receiver.address)).await;
        world.app.webhooks().send_test(&world.admin, Origin::Page, id).await.unwrap();
        server.run(&world).await;
        assert!(receiver.heard().is_empty());
        let row = webhook(&world, id).await;
        assert!(row.text("lasterror").contains("allow_outgoing"), "{}", row.text("lasterror"));
        allow_this_machine(&world);
        let delivery = deliveries(&world).await[0].value("webhookdeliveryid").as_id().unwrap();
        world.app.webhooks().send_again(&world.admin, Origin::Page, delivery).await.unwrap();
        server.send().await;
        assert_eq!(receiver.heard().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_resealed_with_the_others() {
    in_every_world(async |world| {
        let (old, new) =
            ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "TmV3IGtleSwgbmV3IGtleSwgbmV3IGtleSwgbmV3IGs=");
        let configure = |keys: &str| {
            let vault = Vault::of_key(keys).unwrap();
            world.app.configure_sign_in(SignInSettings { vault, ..SignInSettings::default() });
            allow_this_machine(&world);
        };
        configure(old);
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        let id = subscribe(&world, on_leads(&receiver.address)).await;
        let secret = world.app.webhooks().renew_secret(&world.admin, Origin::Page, id).await.unwrap();
        let row = webhook(&world, id).await;
        let (history, _) = world.app.history(&world.admin, TABLE, id, 50).await.unwrap();
        let request = ExportRequest { table: TABLE.to_owned(), raw: true, ..ExportRequest::default() };
        let exported = world.exported(&world.admin, request).await;
        let bare = secret.strip_prefix("whsec_").unwrap();
        for shown in [format!("{row:?}"), format!("{history:?}"), String::from_utf8_lossy(&exported).into_owned()] {
            assert!(!shown.contains(bare));
        }
        configure(&format!("{new}\n{old}\n"));
        assert_eq!(world.app.identity().reseal().await.unwrap(), 1);
        configure(new);
        world.app.webhooks().send_test(&world.admin, Origin::Page, id).await.unwrap();
        server.run(&world).await;
        assert!(is_signed_by(&receiver.heard()[0], &secret));
        world.delete_as_admin(TABLE, id).await;
        assert!(deliveries(&world).await.is_empty(), "they go with it");
        let kept = |reader: &mut store::Reader<'_>| -> crm::Result<_> { Ok(reader.secrets_of_kind("webhook")?) };
        assert_eq!(world.app.store().read(kept).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_go_with_time_and_with_the_person_they_tell_of() {
    in_every_world(async |world| {
        allow_this_machine(&world);
        let receiver = Receiver::start().await;
        let mut server = Server::start(&world).await;
        subscribe(&world, on_leads(&receiver.address)).await;
        let lead = world.lead("Cranes").await;
        world.create_as_admin("lead", Row::new().with("subject", "Other").with("lastname", "Other")).await;
        server.run(&world).await;
        let told = deliveries(&world).await;
        assert_eq!(told.len(), 2);
        let person = Person { records: vec![Reference::new("lead", lead)], ..Person::default() };
        let request = ErasureRequest { person, reference: "R-17".to_owned(), ..ErasureRequest::default() };
        world.app.privacy().erase(&world.admin, Origin::Page, request).await.unwrap();
        let left = deliveries(&world).await;
        assert_eq!(left.len(), 1, "what was told of an erased person is erased");

        let id = left[0].value("webhookdeliveryid").as_id().unwrap();
        assert_eq!(world.app.webhooks().tidy().await.unwrap(), 0);
        let long_ago = Timestamp::now() - SignedDuration::from_hours(24 * 31);
        set(&world, DELIVERIES, id, Row::new().with("senton", long_ago)).await;
        assert_eq!(world.app.webhooks().tidy().await.unwrap(), 1);
    })
    .await;
}
