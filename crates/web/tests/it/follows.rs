//! Following a record on its page, and what follows from it.

use crate::world::{in_every_world, somebody};
use axum::http::StatusCode;
use crm::{Origin, Row};
use model::{Depth, Privileges};

#[tokio::test(flavor = "multi_thread")]
async fn a_followed_record_stands_in_my_day_once_somebody_else_changed_it() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/leads/{lead}")).await;
        assert!(page.has("Follow this record"));
        let done = browser.post(&format!("/leads/{lead}/following"), &[("keep", "true")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        assert!(browser.get(&format!("/leads/{lead}")).await.has("Following; choose"));
        assert!(browser.get("/home").await.has("Nobody else has changed what you follow"));

        let change = Row::new().with("jobtitle", "Buyer");
        world.app.update(&world.admin, Origin::Page, "lead", lead, change, None).await.unwrap();
        let day = browser.get("/home").await;
        let (_, followed) = day.text.split_once("Changes in what you follow").unwrap();
        assert!(followed.contains("Lena Lead") && followed.contains("System Administrator"), "{followed}");

        let list = browser.get("/follows").await;
        assert!(list.has("Lena Lead") && list.has("Unfollow Lena Lead"));
        browser.post(&format!("/leads/{lead}/following"), &[("keep", "false")]).await;
        assert!(browser.get("/follows").await.has("You follow nothing yet"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_see_cannot_be_followed_and_stays_nameless() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let follows = Privileges::all(Depth::User);
        let own = Privileges::all(Depth::User);
        let (_, mut browser) = somebody(&world, &[("lead", own), ("postfollow", follows)]).await;
        let refused = browser.post(&format!("/leads/{lead}/following"), &[("keep", "true")]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        assert!(!browser.get("/follows").await.has("Lena"));
    })
    .await;
}
