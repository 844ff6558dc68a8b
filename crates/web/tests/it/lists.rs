//! Lists: views, pages by key, filters, export.

use crate::world::{Answer, in_every_world};
use axum::http::StatusCode;
use crm::Row;

fn names(answer: &Answer) -> Vec<String> {
    answer.text.split("data-row-link").skip(1).map(|rest| rest[1..].split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_by_key_and_lose_no_row() {
    in_every_world(async |world| {
        for number in 0..120 {
            world.lead("Robots", &format!("Lead {number:03}")).await;
        }
        let mut browser = world.browser().await;
        let first = browser.get("/leads?view=all&sort=fullname").await;
        let mut seen = names(&first);
        assert_eq!(seen.len(), 50);
        assert!(first.has("1–50"));
        let second =
            browser.get(&first.after("rel=\"next\" aria-label=\"Next page\" title=\"Next page\" hx-get=\"")).await;
        assert!(second.has("51–100"), "{}", second.text);
        seen.extend(names(&second));
        let third = browser.get(&second.after("title=\"Next page\" hx-get=\"")).await;
        assert!(third.has("101–120 of 120"));
        seen.extend(names(&third));
        let expected: Vec<String> = (0..120).map(|number| format!("Lena Lead {number:03}")).collect();
        assert_eq!(seen, expected);
        let back = browser.get(&third.after("title=\"Previous page\" hx-get=\"")).await;
        assert_eq!(names(&back), names(&second));
        assert!(browser.get("/leads/count?view=all").await.has("of 120"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_from_the_editor_narrows_the_list_and_can_be_taken_away() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let mut browser = world.browser().await;
        let applied =
            browser.get("/leads?view=all&filter_column=subject&filter_operator=contains&filter_value=crane").await;
        assert_eq!(applied.status, StatusCode::SEE_OTHER);
        let filtered = browser.get(applied.leads_to()).await;
        assert_eq!(names(&filtered), ["Lena Crane"]);
        assert!(filtered.has("contains “crane”"));
        let cleared = browser.get(&filtered.after("<a class=\"filter-clear\" href=\"")).await;
        assert_eq!(names(&cleared).len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_cannot_be_compared_is_explained() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let answer = browser.get("/leads?filter_column=budgetamount&filter_operator=ge&filter_value=about+5").await;
        assert!(browser.get(answer.leads_to()).await.has("“about 5” is not a number"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_filter_finds_by_the_beginning_of_words() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let mut browser = world.browser().await;
        assert_eq!(names(&browser.get("/leads?view=all&q=cran").await), ["Lena Crane"]);
        assert!(browser.get("/leads?view=all&q=%22%25*").await.status.is_success());
        assert!(browser.get("/leads?view=all&q=nothing").await.has("No leads fit"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_what_belongs_there() {
    in_every_world(async |world| {
        let answer = world.browser().await.get("/competitors").await;
        assert!(answer.has("Nothing in") && answer.has("New competitor"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_of_all_kinds_are_told_apart_by_the_names_of_their_tables() {
    in_every_world(async |world| {
        world.create("phonecall", Row::new().with("subject", "First call")).await;
        let answer = world.browser().await.get("/activitypointers?view=all").await;
        assert!(answer.has("First call") && answer.has("Phone Call") && !answer.has(">phonecall<"), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_out_as_it_is_shown() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let answer = world.browser().await.get("/leads?view=all&q=cran&format=csv").await;
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert!(answer.has("Lena Crane") && !answer.has("Lena Robot"), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_typed_is_shown_as_text_wherever_it_stands() {
    in_every_world(async |world| {
        let evil = "<script>alert(1)</script>";
        let lead = world.lead(evil, evil).await;
        let note = Row::new()
            .with("subject", evil)
            .with("notetext", evil)
            .with("objectid", model::Reference::new("lead", lead));
        world.create("annotation", note).await;
        let mut browser = world.browser().await;
        for path in [
            format!("/leads/{lead}"),
            "/leads?view=all".to_owned(),
            format!("/leads/{lead}/history"),
            format!("/search?q={}", "alert"),
        ] {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.has("&lt;script&gt;"), "{path}");
            assert!(!answer.has(evil), "{path}");
        }
        assert!(!browser.get_part(&format!("/leads/{lead}/qualification"), "dialogs").await.has(evil));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_there_says_so() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        for path in ["/nothing", "/leads/00000000-0000-0000-0000-000000000001", "/leads?f=nocolumn:eq:1"] {
            let answer = browser.get(path).await;
            assert!(answer.status.is_client_error(), "{path}");
            assert!(answer.has("Go to the start page"), "{path}");
        }
    })
    .await;
}
