//! Pages in the language of whoever reads them.

use crate::world::{Browser, World, in_every_world};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};

async fn choose(browser: &mut Browser, language: &str) {
    browser.get("/settings/profile").await;
    let chosen = [("uilanguageid", language), ("timezone", ""), ("locale", ""), ("homepage", "")];
    assert_eq!(browser.post("/settings/profile", &chosen).await.leads_to(), "/settings/profile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_the_language_they_choose_and_goes_back() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert!(browser.get("/settings/profile").await.has("Personal settings"));
        choose(&mut browser, "1031").await;
        let german = browser.get("/settings/profile").await;
        assert!(german.has("<html lang=\"de\"") && german.has("Persönliche Einstellungen"), "{}", german.text);
        assert!(german.has("Einstellungen gespeichert.") && !german.has("Personal settings"), "{}", german.text);
        for (address, heading) in [
            ("/home", "Guten "),
            ("/notifications", "Was andere getan haben und Sie betrifft."),
            ("/import", "Dateien auswählen"),
            ("/settings/sign-in", "Wo Sie angemeldet sind"),
        ] {
            let page = browser.get(address).await;
            assert!(page.has(heading) && page.has("Startseite"), "{address}: {}", page.text);
        }
        choose(&mut browser, "1033").await;
        let english = browser.get("/settings/profile").await;
        assert!(english.has("<html lang=\"en\"") && english.has("Settings saved."), "{}", english.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_reads_the_language_of_the_browser() {
    in_every_world(async |world| {
        for (accepted, tag, word) in
            [("de-AT,de;q=0.9,en;q=0.5", "de", "Anmelden"), ("fr,en;q=0.8", "en", "Sign in"), ("", "en", "Sign in")]
        {
            let request = Request::get("/sign-in").header("accept-language", accepted).body(Body::empty()).unwrap();
            let page = world.stranger().ask(request).await;
            assert!(page.has(&format!("<html lang=\"{tag}\"")) && page.has(word), "{accepted}: {}", page.text);
        }
        let request = Request::get("/password/gone").header("accept-language", "de").body(Body::empty()).unwrap();
        let page = world.stranger().ask(request).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("<html lang=\"de\"") && page.has("Dieser Link wurde schon verwendet"), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_confirms_an_erasure_is_the_word_that_the_page_asks_for() {
    in_every_world(async |world| {
        let mut browser = administrator(&world).await;
        choose(&mut browser, "1031").await;
        browser.get("/privacy").await;
        let asked = [("email", "nobody@contoso.example"), ("confirmation", "erase")];
        let refused = browser.post("/privacy/person/erasure", &asked).await;
        let page = browser.get(refused.leads_to()).await;
        assert!(page.has("schreiben Sie „löschen“"), "{}", page.text);
        let asked = [("email", "nobody@contoso.example"), ("confirmation", "LÖSCHEN")];
        let refused = browser.post("/privacy/person/erasure", &asked).await;
        let page = browser.get(refused.leads_to()).await;
        assert!(page.has("Es wurde nichts ausgewählt, was gelöscht werden könnte."), "{}", page.text);
    })
    .await;
}

async fn administrator(world: &World) -> Browser {
    let mut browser = world.stranger();
    browser.sign_in("ada@contoso.example").await;
    browser
}
