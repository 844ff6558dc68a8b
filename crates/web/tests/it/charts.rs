//! The chart beside a list: its numbers are those of the list, and its bars narrow the list.

use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row};
use model::{ColumnChange, Depth, Overlay, Privileges, Reference};

use crate::world::{Answer, Browser, World, in_every_world, somebody};

const WEB: i64 = 8;
const PARTNER: i64 = 4;

async fn lead(world: &World, name: &str, source: i64) -> uuid::Uuid {
    let row = Row::new().with("subject", "Robots").with("lastname", name).with("leadsourcecode", source);
    world.create("lead", row).await
}

async fn bars(browser: &mut Browser, address: &str) -> Answer {
    browser.get_part(address, "").await
}

/// What the bars are called, in order.
fn names(answer: &Answer) -> Vec<String> {
    let bars = answer.text.split("<span class=\"visually-hidden\">").skip(1);
    bars.map(|bar| bar.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bars_count_the_rows_that_the_person_may_see_and_narrow_the_list_to_them() {
    in_every_world(async |world| {
        for (name, source) in [("Berg", WEB), ("Tal", WEB), ("See", PARTNER)] {
            lead(&world, name, source).await;
        }
        let mut browser = world.browser().await;
        let list = browser.get("/leads?view=all&chart=leadsourcecode").await;
        let address = list.after("data-live-refresh=\"lead\" hx-get=\"");
        assert_eq!(address, "/leads/chart?view=all&chart=leadsourcecode");
        let chart = bars(&mut browser, &address).await;
        assert_eq!(names(&chart), ["Partner: 1 lead", "Web: 2 leads"], "as the choice is declared");
        let web = chart.text.rfind("<a class=\"chart-bar\" href=\"").unwrap();
        let href = chart.text[web..].split('"').nth(3).unwrap().replace("&amp;", "&");
        let narrowed = browser.get(&href).await;
        assert!(narrowed.has("Berg") && narrowed.has("Tal") && !narrowed.has(">See<"), "{}", narrowed.text);
        assert!(narrowed.has("<b>Lead source</b>") && narrowed.has("<aside class=\"chart-pane\""), "{}", narrowed.text);

        let (user, mut theirs) = somebody(&world, &[("lead", Privileges::all(Depth::User))]).await;
        let caller = world.app.caller(user).await.unwrap();
        let own = Row::new().with("subject", "Mine").with("lastname", "Au").with("leadsourcecode", WEB);
        world.app.create(&caller, Origin::Page, NewRecord::of("lead", own)).await.unwrap();
        assert_eq!(names(&bars(&mut theirs, &address).await), ["Web: 1 lead"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn months_people_and_empty_values_narrow_the_list_too() {
    in_every_world(async |world| {
        lead(&world, "Berg", WEB).await;
        world.lead("Cranes", "Tal").await;
        let mut browser = world.browser().await;
        for (key, rows) in
            [("createdon:month", 2), ("ownerid", 2), ("companyname", 1), ("leadsourcecode", 1), ("donotemail", 2)]
        {
            let chart = bars(&mut browser, &format!("/leads/chart?view=all&chart={key}")).await;
            let narrowed = browser.get(&chart.after("<a class=\"chart-bar\" href=\"")).await;
            assert_eq!(narrowed.text.matches("data-row-link").count(), rows, "{key}: {}", chart.text);
            assert!(narrowed.has("filter-chip"), "{key}");
        }
        let chart = bars(&mut browser, "/leads/chart?view=all&chart=leadsourcecode").await;
        assert_eq!(names(&chart), ["Web: 1 lead", "(empty): 1 lead"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_added_up_in_the_base_currency() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Fabrikam")).await;
        for (name, amount, rating) in [("Robots", 1000, 1), ("Cranes", 500, 1), ("Belts", 7000, 3)] {
            let row = Row::new()
                .with("name", name)
                .with("estimatedvalue", amount)
                .with("opportunityratingcode", rating)
                .with("customerid", Reference::new("account", account));
            world.create("opportunity", row).await;
        }
        let mut browser = world.browser().await;
        let query = "view=all&chart=opportunityratingcode&measure=estimatedvalue";
        let chart = bars(&mut browser, &format!("/opportunities/chart?{query}")).await;
        let found = names(&chart);
        assert!(found[0].starts_with("Hot: ") && found[0].ends_with("1,500"), "{found:?}");
        assert!(found[1].starts_with("Cold: ") && found[1].ends_with("7,000"), "{found:?}");
        let list = browser.get(&format!("/opportunities?{query}")).await;
        assert!(list.has("<option value=\"estimatedvalue\" selected>"), "{}", list.text);
        assert!(!list.has("value=\"estimatedvalue_base\""), "an amount is offered once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_of_many_groups_are_told_together() {
    in_every_world(async |world| {
        for number in 0..23 {
            let row = Row::new().with("lastname", "Berg").with("subject", format!("Topic {number:02}"));
            world.create("lead", row.clone()).await;
            if number < 2 {
                world.create("lead", row).await;
            }
        }
        let mut browser = world.browser().await;
        let chart = bars(&mut browser, "/leads/chart?view=all&chart=subject").await;
        let found = names(&chart);
        assert_eq!(found.len(), 21);
        assert!(found[0].starts_with("Topic 0") && found[0].ends_with(": 2 leads"), "{found:?}");
        assert_eq!(found[20], "3 others: 3 leads");
        assert_eq!(chart.text.matches("<a class=\"chart-bar\"").count(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chart_is_shown_and_put_away_and_stays_while_the_list_is_sorted() {
    in_every_world(async |world| {
        lead(&world, "Berg", WEB).await;
        let mut browser = world.browser().await;
        let command = |answer: &Answer| {
            let commands = answer.text.split("glyph-chart-bar").next().unwrap();
            commands
                .rsplit("<a ")
                .next()
                .unwrap()
                .split("href=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&")
        };
        let list = browser.get("/leads?view=all").await;
        assert!(!list.has("chart-pane"));
        assert_eq!(command(&list), "/leads?view=all&chart=statuscode");
        let shown = browser.get("/leads?view=all&chart=leadsourcecode&measure=budgetamount").await;
        assert!(
            shown.after("aria-sort=\"none\" data-column=\"fullname\"><a href=\"").contains("&chart=leadsourcecode")
        );
        assert!(!shown.has("view-changed"), "it is no part of the view");
        assert_eq!(command(&shown), "/leads?view=all&chart=-leadsourcecode&measure=budgetamount");
        let away = browser.get(&command(&shown)).await;
        assert!(!away.has("chart-pane"));
        assert_eq!(command(&away), "/leads?view=all&chart=leadsourcecode&measure=budgetamount");
        assert!(!browser.get("/leads/board?chart=leadsourcecode").await.has("chart-pane"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_may_not_read_is_neither_charted_nor_added_up() {
    in_every_world(async |world| {
        lead(&world, "Berg", WEB).await;
        let mut overlay = Overlay::default();
        for column in ["leadsourcecode", "budgetamount"] {
            let change = ColumnChange { secured: Some(true), ..ColumnChange::default() };
            overlay.change_column("lead", column, change).unwrap();
        }
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        let mut browser = world.browser().await;
        let list = browser.get("/leads?view=all&chart=leadsourcecode").await;
        assert!(
            list.has("chart-pane")
                && !list.has("<option value=\"leadsourcecode\"")
                && !list.has("<option value=\"budgetamount\"")
        );
        let chart = bars(&mut browser, "/leads/chart?view=all&chart=leadsourcecode").await;
        assert_eq!(chart.status, StatusCode::OK);
        assert!(chart.has("cannot be charted by “leadsourcecode”") && names(&chart).is_empty(), "{}", chart.text);
        let sums = bars(&mut browser, "/leads/chart?view=all&chart=leadqualitycode&measure=budgetamount").await;
        assert!(sums.has("“budgetamount” cannot be added up") && names(&sums).is_empty(), "{}", sums.text);
        let filtered = "/leads/chart?view=all&chart=leadqualitycode&f=leadsourcecode:eq:8";
        assert!(
            bars(&mut browser, filtered).await.has("is a secured column"),
            "the list's own filter is refused as well"
        );
        assert_eq!(bars(&mut browser, "/leads/chart?view=all").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}
