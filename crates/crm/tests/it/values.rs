//! Values that look wrong are refused at their field, with what would be right.

use crate::world::{World, crm, in_every_world, to};
use crm::{Error, NewRecord, Origin, Row, locality};
use model::Value;

async fn refused(world: &World, table: &str, row: Row) -> String {
    let error = world.app.create(&world.seller, Origin::Page, NewRecord::of(table, row)).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    error.to_string()
}

fn moment(text: &str) -> Value {
    Value::from(text.parse::<jiff::Timestamp>().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_refused_and_everything_real_is_taken() {
    in_every_world(async |world| {
        for wrong in
            ["abc", "abc@", "@b.example", "a b@c.example", "Ada <ada@c.example>", "a@b@c.example", "a@-c.example"]
        {
            let said = refused(&world, "contact", Row::new().with("lastname", "A").with("emailaddress1", wrong)).await;
            assert!(said.contains("(emailaddress1)") && said.contains("ada@company.example"), "{wrong}: {said}");
        }
        for real in
            ["a.b+c@d.example", "o'neil@sub.d.example", "jürgen@müller.example", "root@localhost", " a@b.example "]
        {
            let row = Row::new().with("lastname", "A").with("emailaddress1", real);
            let id = world.create("contact", row).await;
            assert_eq!(world.get("contact", id).await.text("emailaddress1"), real.trim());
        }
        for wrong in ["n/a", "none", "javascript:alert(1)", "data://x.example", "two words.example", "http://"] {
            let said = refused(&world, "account", Row::new().with("name", "A").with("websiteurl", wrong)).await;
            assert!(said.contains("(websiteurl)") && said.contains("https://company.example"), "{wrong}: {said}");
        }
        for real in
            ["www.fabrikam.example", "https://fabrikam.example/a?b=c#d", "fabrikam.example:8080", "http://intranet"]
        {
            let id = world.create("account", Row::new().with("name", "A").with("websiteurl", real)).await;
            assert_eq!(world.get("account", id).await.text("websiteurl"), real);
        }
        world.create("contact", Row::new().with("lastname", "A").with("telephone1", "(call) Ada's desk #5")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_outside_what_every_client_knows_and_too_many_places_are_refused() {
    in_every_world(async |world| {
        let contact =
            |day: &str| Row::new().with("lastname", "A").with("birthdate", day.parse::<jiff::civil::Date>().unwrap());
        let said = refused(&world, "contact", contact("1752-12-31")).await;
        assert!(said.contains("(birthdate)") && said.contains("1753-01-01 to 9999-12-31"), "{said}");
        world.create("contact", contact("1753-01-01")).await;
        world.create("contact", contact("9999-12-31")).await;

        let amount = |text: &str| {
            Row::new().with("name", "D").with("estimatedvalue", text.parse::<rust_decimal::Decimal>().unwrap())
        };
        let said = refused(&world, "opportunity", amount("10.00005")).await;
        assert!(said.contains("(estimatedvalue)") && said.contains("at most 4 decimal places"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_does_not_end_before_it_begins() {
    in_every_world(async |world| {
        let visit = |start: &str, end: &str| {
            Row::new().with("subject", "Visit").with("scheduledstart", moment(start)).with("scheduledend", moment(end))
        };
        let said = refused(&world, "appointment", visit("2026-05-01T10:00:00Z", "2026-05-01T09:00:00Z")).await;
        assert!(said.contains("(scheduledend)") && said.contains("must not end before it begins"), "{said}");
        let id = world.create("appointment", visit("2026-05-01T10:00:00Z", "2026-05-01T11:00:00Z")).await;
        let earlier = Row::new().with("scheduledend", moment("2026-05-01T08:00:00Z"));
        assert!(world.update("appointment", id, earlier).await.is_err(), "the beginning on record counts");
        let moved = visit("2026-05-01T07:00:00Z", "2026-05-01T08:00:00Z");
        world.update("appointment", id, moved).await.unwrap();
        world.create("task", visit("2026-05-01T10:00:00Z", "2026-05-01T09:00:00Z")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_take_known_time_zones_and_languages_only() {
    in_every_world(async |world| {
        let me = world.seller.user;
        let said = world.update("systemuser", me, Row::new().with("timezone", "Berlin")).await.unwrap_err().to_string();
        assert!(said.contains("(timezone)") && said.contains("Europe/Berlin"), "{said}");
        let said = world.update("systemuser", me, Row::new().with("locale", "de-XX")).await.unwrap_err().to_string();
        assert!(said.contains("(locale)") && said.contains("de-AT"), "{said}");
        let settings = Row::new().with("timezone", "europe/berlin").with("locale", "de_at");
        world.update("systemuser", me, settings).await.unwrap();
        let row = world.get("systemuser", me).await;
        assert_eq!((row.text("timezone"), row.text("locale")), ("Europe/Berlin", "de-AT"));
        world.update("systemuser", me, Row::new().with("timezone", "").with("locale", Value::Null)).await.unwrap();
        let _ = to("systemuser", me);
    })
    .await;
}

#[test]
fn every_language_and_time_zone_offered_is_taken() {
    let languages = locality::languages();
    assert!(languages.len() > 50);
    for language in &languages {
        assert_eq!(locality::locale(language.tag).unwrap(), language.tag);
        assert!(language.label.contains('('), "{language:?}");
    }
    assert!(languages.iter().any(|it| it.tag == "de-AT" && it.label == "German (Austria)"), "{languages:?}");
    let zones = locality::time_zones();
    assert!(zones.len() > 300, "{}", zones.len());
    for zone in &zones {
        locality::time_zone(zone).unwrap();
    }
    for browser in ["zh-Hant-TW", "sr-Latn-RS", "fr", "EN-gb"] {
        locality::locale(browser).unwrap();
    }
    for wrong in ["", "english", "xx", "en-US-u-hc-h12-x"] {
        assert!(locality::locale(wrong).unwrap_err().contains("such as"), "{wrong}");
    }
}
