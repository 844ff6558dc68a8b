//! A request about somebody's data, answered on pages.

use crate::world::{Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::{Origin, Row};

async fn administrator(world: &World) -> Browser {
    let mut browser = world.stranger();
    browser.sign_in("ada@contoso.example").await;
    browser
}

async fn jane(world: &World) -> uuid::Uuid {
    let row = Row::new()
        .with("firstname", "Jane")
        .with("lastname", "Undoe")
        .with("emailaddress1", "jane@undoe.example")
        .with("mobilephone", "+43 660 1234567");
    world.create("contact", row).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_finds_hands_out_and_erases_what_is_kept_about_somebody() {
    in_every_world(async |world| {
        let contact = jane(&world).await;
        let mut browser = administrator(&world).await;
        let page = browser.get(&format!("/contacts/{contact}")).await;
        assert!(page.has(&format!("/privacy/person?record=contact/{contact}")), "{}", page.text);
        let page = browser.get("/privacy").await;
        assert!(page.has("Look for a person") && page.has("No request yet"), "{}", page.text);
        let page = browser.get("/privacy/person?email=JANE@undoe.example").await;
        assert!(page.has("Jane Undoe") && page.has("Records about them (1)"), "{}", page.text);
        let key = page.after("name=\"chosen\" value=\"");
        assert_eq!(key, format!("contact/{contact}"));

        let person = ("email", "jane@undoe.example");
        let file = browser.post("/privacy/person/package", &[person, ("package-reference", "R-1")]).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "application/zip"));

        browser.get("/privacy/person?email=jane@undoe.example").await;
        let mut form = vec![person, ("chosen", key.as_str()), ("people", "anonymise"), ("reference", "R-2")];
        let refused = browser.post("/privacy/person/erasure", &form).await;
        assert!(refused.leads_to().starts_with("/privacy/person?"), "without the word: {}", refused.text);
        assert_eq!(world.get("contact", contact).await.text("lastname"), "Undoe");
        form.push(("confirmation", "erase"));
        browser.get("/privacy/person?email=jane@undoe.example").await;
        let erased = browser.post("/privacy/person/erasure", &form).await;
        let address = erased.leads_to().to_owned();
        assert!(address.starts_with("/privacy/reports/"), "{}", erased.text);
        let page = browser.get(&address).await;
        assert!(page.has("anonymised") && page.has("R-2") && !page.has("Undoe"), "{}", page.text);
        assert_eq!(world.get("contact", contact).await.text("lastname"), "(erased)");
        let page = browser.get("/privacy").await;
        assert!(page.has("R-1") && page.has("R-2"), "{}", page.text);
        assert!(browser.get("/privacy/ledger").await.has("anonymised"));
        let history = browser.get(&format!("/contacts/{contact}/history")).await;
        assert!(history.has("erased values") && !history.has("Undoe"), "{}", history.text);
        assert!(browser.get("/privacy/person?email=jane@undoe.example").await.has("Nothing is kept about them"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_lead_is_placed_under_legal_hold_by_an_administrator_only() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let closed = Row::new().with("statecode", 2).with("statuscode", 4);
        world.app.update(&world.seller, Origin::Page, "lead", lead, closed, None).await.unwrap();
        let (path, hold) = (format!("/leads/{lead}"), format!("/leads/{lead}/legal-hold/true"));
        let mut seller = world.browser().await;
        assert!(!seller.get(&path).await.has("legal hold"));
        assert_eq!(seller.post(&hold, &[]).await.status, StatusCode::FORBIDDEN);
        let mut browser = administrator(&world).await;
        assert!(browser.get(&path).await.has("Place under legal hold"));
        assert_eq!(browser.post(&hold, &[]).await.leads_to(), path);
        assert!(browser.get(&path).await.has("End legal hold"));
        assert_eq!(world.get("lead", lead).await.value("legalhold").as_boolean(), Some(true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_rules_say_what_they_would_do_and_sellers_see_none_of_it() {
    in_every_world(async |world| {
        let rule = Row::new().with("name", "Old leads").with("targetentityname", "lead").with("amount", 24);
        let rule = crm::NewRecord::of("retentionrule", rule);
        world.app.create(&world.admin, Origin::Page, rule).await.unwrap();
        let mut browser = administrator(&world).await;
        let page = browser.get("/privacy/retention").await;
        assert!(page.has("Old leads") && page.has("Off"), "{}", page.text);
        let mut seller = world.browser().await;
        for address in ["/privacy", "/privacy/person?email=a@b.example", "/privacy/retention", "/privacy/ledger"] {
            assert_eq!(seller.get(address).await.status, StatusCode::FORBIDDEN, "{address}");
        }
        assert!(!seller.get("/leads").await.has("href=\"/privacy\""));
    })
    .await;
}
