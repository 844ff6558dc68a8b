//! Secured columns on pages: what is not to be read is masked, what is not to be set has no input.

use crate::world::{World, in_every_world};
use axum::http::StatusCode;
use crm::Row;
use model::{ColumnChange, Overlay, Reference};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Secures columns, given as `account.creditlimit`.
async fn secure(world: &World, columns: &[&str]) {
    let mut overlay = Overlay::default();
    for column in columns {
        let (table, column) = column.split_once('.').unwrap();
        let change = ColumnChange { secured: Some(true), ..ColumnChange::default() };
        overlay.change_column(table, column, change).unwrap();
    }
    world.app.customization().publish(&world.admin, crm::Origin::Page, overlay).await.unwrap();
}

async fn as_admin(world: &World, table: &str, row: Row) -> Uuid {
    world.app.create(&world.admin, crm::Origin::Page, crm::NewRecord::of(table, row)).await.unwrap()
}

/// Gives the seller a profile with one permission, which allows nothing yet.
async fn permission(world: &World, table: &str, column: &str) -> Uuid {
    let profile = as_admin(world, "fieldsecurityprofile", Row::new().with("name", "Tried")).await;
    let profile = Reference::new("fieldsecurityprofile", profile);
    let row = Row::new()
        .with("fieldsecurityprofileid", profile.clone())
        .with("entityname", table)
        .with("attributelogicalname", column);
    let permission = as_admin(world, "fieldpermission", row).await;
    let seller = Reference::new("systemuser", world.seller.user);
    let act = move |work: &mut crm::Work<'_, '_>| work.associate("systemuserprofiles_association", &profile, &seller);
    world.app.work(&world.admin, crm::Origin::Page, act).await.unwrap();
    permission
}

async fn allow(world: &World, permission: Uuid, what: &str) {
    let row = Row::new().with(what, 4);
    world.app.update(&world.admin, crm::Origin::Page, "fieldpermission", permission, row, None).await.unwrap();
}

fn account() -> Row {
    Row::new().with("name", "Fabrikam").with("creditlimit", Decimal::from(4321))
}

const INPUT: &str = "name=\"creditlimit\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_column_is_masked_then_shown_then_filled_in_as_the_profile_allows() {
    in_every_world(async |world| {
        let page = format!("/accounts/{}", world.create("account", account()).await);
        let mut browser = world.browser().await;
        assert!(browser.get(&page).await.has(INPUT));
        secure(&world, &["account.creditlimit"]).await;
        let masked = browser.get(&page).await;
        assert!(masked.has("********") && masked.has("this column is secured"), "{}", masked.text);
        assert!(!masked.has(INPUT) && !masked.has("4,321"), "{}", masked.text);
        assert!(!browser.get("/accounts/new").await.has(INPUT));

        let permission = permission(&world, "account", "creditlimit").await;
        allow(&world, permission, "canread").await;
        let shown = browser.get(&page).await;
        assert!(shown.has("4,321") && !shown.has(INPUT) && !shown.has("********"), "{}", shown.text);
        assert!(shown.has("none of your column security profiles lets you set this"), "{}", shown.text);
        allow(&world, permission, "canupdate").await;
        assert!(browser.get(&page).await.has(INPUT));
        assert!(!browser.get("/accounts/new").await.has(INPUT));
        allow(&world, permission, "cancreate").await;
        assert!(browser.get("/accounts/new").await.has(INPUT));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_sends_a_secured_column_all_the_same_is_refused_with_the_reason() {
    in_every_world(async |world| {
        let id = world.create("account", account()).await;
        secure(&world, &["account.creditlimit"]).await;
        let mut browser = world.browser().await;
        browser.get(&format!("/accounts/{id}")).await;
        let values = [("name", "Fabrikam"), ("creditlimit", "1")];
        let answer = browser.post(&format!("/accounts/{id}"), &values).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.has("Credit limit (account.creditlimit)"), "{}", answer.text);
        let held = world.app.get(&world.admin, "account", id, None).await.unwrap();
        assert_eq!(held.value("creditlimit").as_decimal(), Some(Decimal::from(4321)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_files_show_no_secured_values_and_say_why_they_cannot_be_sorted_by_them() {
    in_every_world(async |world| {
        let account = world.create("account", account()).await;
        let deal = Row::new()
            .with("name", "Robots")
            .with("customerid", Reference::new("account", account))
            .with("estimatedvalue", Decimal::from(98_765));
        world.create("opportunity", deal).await;
        secure(&world, &["opportunity.estimatedvalue"]).await;
        let mut browser = world.browser().await;
        let list = browser.get("/opportunities?view=all").await;
        assert!(list.has("Robots") && list.has("********") && !list.has("98,765"), "{}", list.text);
        assert!(!list.has("sort=estimatedvalue"), "nothing leads to what is refused");
        for address in ["/opportunities?view=all&sort=estimatedvalue", "/opportunities?view=all&f=estimatedvalue:gt:1"]
        {
            let refused = browser.get(address).await;
            assert!(refused.has("This cannot be shown to you"), "{}", refused.text);
            assert!(refused.has("opportunity.estimatedvalue") && !refused.has("Robots"), "{}", refused.text);
        }
        let file = browser.get("/opportunities?view=all&format=csv").await;
        assert!(file.has("Robots") && !file.has("98765") && !file.has("98,765"), "{}", file.text);
        let refused = browser.get("/opportunities?view=all&f=estimatedvalue:gt:1&format=csv").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let filters = browser.get_part("/opportunities/filter", "dialogs").await;
        assert!(filters.has("closeprobability") && !filters.has("estimatedvalue"), "{}", filters.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_and_a_comparison_tell_no_secured_values() {
    in_every_world(async |world| {
        let id = world.create("account", account()).await;
        let other = world.create("account", account()).await;
        secure(&world, &["account.creditlimit"]).await;
        let change = Row::new().with("creditlimit", Decimal::from(1234));
        world.app.update(&world.admin, crm::Origin::Page, "account", id, change, None).await.unwrap();
        let mut browser = world.browser().await;
        let history = browser.get(&format!("/accounts/{id}/history")).await;
        assert!(history.has("Credit limit") && history.has("********"), "{}", history.text);
        assert!(!history.has("4,321") && !history.has("1,234") && !history.has("Put back"), "{}", history.text);
        let compared = browser.get(&format!("/accounts/{id}/duplicates?with={other}")).await;
        assert!(compared.has("Merge") && !compared.has("Credit limit"), "{}", compared.text);
        assert!(!compared.has("4,321") && !compared.has("1,234"), "{}", compared.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_a_profile_on_pages() {
    in_every_world(async |world| {
        secure(&world, &["account.creditlimit"]).await;
        assert_eq!(world.browser().await.get("/fieldsecurityprofiles").await.status, StatusCode::NOT_FOUND);
        let mut browser = world.stranger();
        browser.sign_in("ada@contoso.example").await;
        assert!(browser.get("/fieldsecurityprofiles").await.has("Column Security Profiles"));
        let made = browser.post("/fieldsecurityprofiles/quick-create", &[("name", "Credit control")]).await;
        let page = made.leads_to().to_owned();
        let record = browser.get(&page).await;
        for list in ["Column permissions", "Users", "Teams"] {
            assert!(record.has(list), "{}", record.text);
        }
        let profile = format!("fieldsecurityprofile:{}", page.rsplit('/').next().unwrap());
        let values = |column: &'static str| {
            [
                ("fieldsecurityprofileid", profile.as_str()),
                ("entityname", "account"),
                ("attributelogicalname", column),
                ("canread", "4"),
                ("cancreate", "0"),
                ("canupdate", "0"),
            ]
        };
        let wrong = browser.post("/fieldpermissions/quick-create", &values("revenue")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            wrong.has("here is no secured column account.revenue; secured are account.creditlimit"),
            "{}",
            wrong.text
        );
        browser.post("/fieldpermissions/quick-create", &values("creditlimit")).await;
        let listed = browser.get(&format!("{page}/related/1")).await;
        assert!(listed.has("creditlimit") && listed.has("Allowed"), "{}", listed.text);
        let person = format!("systemuser:{}", world.seller.user);
        browser.post(&format!("{page}/related/2"), &[("other", person.as_str())]).await;
        assert!(browser.get(&format!("{page}/related/2")).await.has("Sam Seller"));
        let id = world.create("account", Row::new().with("name", "Fabrikam")).await;
        let seen = browser.get(&format!("/accounts/{id}")).await;
        assert!(seen.has(INPUT), "administrators see and set everything");
    })
    .await;
}
