//! What a seller needs daily: assigning, parties, pairs, views of one's own, files at notes.

use crate::world::{World, in_every_world};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use crm::{Origin, Row, activities::parties::Party};
use model::Reference;

async fn colleague(world: &World) -> Reference {
    let row = Row::new()
        .with("firstname", "Cora")
        .with("lastname", "Colleague")
        .with("internalemailaddress", "cora@contoso.example")
        .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
    let new = crm::NewRecord::of("systemuser", row);
    let cora = world.app.create(&world.admin, Origin::Page, new).await.unwrap();
    world.app.identity().give_role(&world.admin, cora, "Salesperson").await.unwrap();
    Reference::new("systemuser", cora)
}

fn text(reference: &Reference) -> String {
    format!("{}:{}", reference.table, reference.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_given_away_in_one_act_and_those_that_stay_are_named() {
    in_every_world(async |world| {
        let cora = colleague(&world).await;
        let (open, closed) = (world.lead("Robots", "Open").await, world.lead("Robots", "Closed").await);
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![closed], 4).await.unwrap();
        let mut browser = world.browser().await;
        let (ids, to) = ([open.to_string(), closed.to_string()], text(&cora));
        let nobody = browser.post("/leads/assignments", &[("id", &ids[0])]).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nobody.has("Choose the user or team"), "{}", nobody.text);
        let values = [("id", ids[0].as_str()), ("id", &ids[1]), ("ownerid", &to)];
        let answer = browser.post("/leads/assignments", &values).await;
        let page = browser.get(answer.leads_to()).await;
        assert!(page.has("1 lead assigned to Cora Colleague, 1 not."), "{}", page.text);
        assert!(page.has("Lena Closed") && page.has("read-only"), "{}", page.text);
        assert_eq!(world.get("lead", open).await.value("ownerid").as_reference(), Some(&cora));
        let act = page.after("action=\"/acts/");
        browser.post(&format!("/acts/{act}"), &[]).await;
        let owner = world.get("lead", open).await.value("ownerid").as_id();
        assert_eq!(owner, Some(world.seller.user));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_keeps_who_takes_part_and_a_refused_form_does_not_lose_them() {
    in_every_world(async |world| {
        let contact = world.create("contact", Row::new().with("lastname", "Lind")).await;
        let contact = Reference::new("contact", contact);
        let mut browser = world.browser().await;
        let about = format!("/phonecalls/quick-create?regardingobjectid={}", text(&contact));
        let dialog = browser.get_part(&about, "dialogs").await;
        assert!(dialog.has(&format!("<option value=\"{}\" selected", text(&contact))), "{}", dialog.text);
        assert!(dialog.has(&format!("<option value=\"systemuser:{}\" selected", world.seller.user)));

        let me = format!("systemuser:{}", world.seller.user);
        let to = text(&contact);
        let refused = browser.post("/phonecalls/new", &[("subject", ""), ("from", &me), ("to", ""), ("to", &to)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has(&format!("<option value=\"{to}\" selected")), "{}", refused.text);
        let without = browser.post("/phonecalls/new", &[("subject", "Call"), ("from", &me), ("to", "")]).await;
        assert!(without.has("href=\"#field-to\"") && without.has("must be filled"), "{}", without.text);

        let values = [("subject", "Call"), ("from", ""), ("from", &me), ("to", ""), ("to", &to)];
        let saved = browser.post("/phonecalls/new", &values).await;
        let call = saved.leads_to().rsplit('/').next().unwrap().parse().unwrap();
        let parties = world.app.parties(&world.seller, "phonecall", vec![call]).await.unwrap();
        assert!(parties.iter().any(|one| one.participation == 2 && one.party == Party::Record(contact.clone())));
        browser.post(&format!("/phonecalls/states?to=1&id={call}"), &[]).await;
        let done = browser.get(&format!("/phonecalls/{call}")).await;
        assert!(done.has("cell-several") && done.has(&format!("href=\"/contacts/{}\"", contact.id)), "{}", done.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_kept_as_a_view_of_ones_own_with_filters_that_can_be_changed() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let mut browser = world.browser().await;
        browser.get("/leads?view=all").await;
        let nameless = browser.post("/leads/views", &[("view", "all"), ("f", "subject:contains:robot")]).await;
        assert!(nameless.has("Give the view a name."), "{}", nameless.text);
        let values = [("view", "all"), ("f", "subject:contains:robot"), ("name", "Robotics")];
        let kept = browser.post("/leads/views", &values).await;
        let address = kept.leads_to().to_owned();
        let page = browser.get(&address).await;
        assert!(page.has("Lena Robot") && !page.has("Lena Crane") && page.has("contains “robot”"), "{}", page.text);
        let without =
            page.after("contains “robot”</button><div class=\"dropdown-menu filter-popover\"></div></div><a href=\"");
        assert!(browser.get(&without).await.has("Lena Crane"), "the chip can be taken away");
        let edit = page.after("title=\"Change this filter\" hx-get=\"");
        assert!(browser.get_part(&edit, "editor").await.has("value=\"robot\""), "the chip opens with its value");
        let csv = browser.get(&format!("{address}&format=csv")).await;
        assert!(csv.has("Lena Robot") && !csv.has("Lena Crane"), "{}", csv.text);

        let mut other = world.stranger();
        other.sign_in("ada@contoso.example").await;
        let theirs = other.get(&address).await;
        assert!(theirs.has("There is no view") && !theirs.has("Robotics"), "{}", theirs.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn competitors_are_tied_to_a_deal_and_untied_without_leaving_it() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Fabrikam Ltd")).await;
        let deal = Row::new().with("name", "Robots").with("customerid", Reference::new("account", account));
        let deal = world.create("opportunity", deal).await;
        let rival = Reference::new("competitor", world.create("competitor", Row::new().with("name", "Rival")).await);
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/opportunities/{deal}")).await;
        let list = page
            .text
            .split("hx-get=\"")
            .filter_map(|rest| rest.split('"').next())
            .filter(|href| href.contains("/related/"))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let mut found = None;
        for href in list {
            if browser.get_part(&href, "x").await.has("Add existing competitor") {
                found = Some(href);
            }
        }
        let list = found.unwrap();
        assert!(browser.get_part(&format!("{list}/new"), "dialogs").await.has("data-lookup"));
        browser.get(&format!("/opportunities/{deal}")).await;
        browser.post(&list, &[("other", &text(&rival))]).await;
        assert!(browser.get_part(&list, "x").await.has("Rival"));
        browser.post(&format!("{list}/{}/removal", rival.id), &[]).await;
        assert!(browser.get_part(&list, "x").await.has("No competitors yet."));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_carries_a_file() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        browser.get(&format!("/leads/{lead}")).await;
        let token = browser.token().to_owned();
        let body = format!(
            "--cut\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--cut\r\ncontent-disposition: form-data; name=\"documentbody\"; filename=\"offer.txt\"\r\ncontent-type: text/plain\r\n\r\nTwelve robots\r\n--cut--\r\n"
        );
        let request = Request::post(format!("/leads/{lead}/timeline/new/annotation"))
            .header("content-type", "multipart/form-data; boundary=cut")
            .body(Body::from(body))
            .unwrap();
        let added = browser.ask(request).await;
        assert!(added.header("hx-trigger").contains("timeline-changed"), "{}", added.text);
        let page = browser.get(&format!("/leads/{lead}")).await;
        assert!(page.has("offer.txt") && page.has("13 bytes"), "{}", page.text);
        assert_eq!(browser.get(&page.after("class=\"timeline-file\" href=\"")).await.text, "Twelve robots");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn families_of_products_are_not_offered_where_something_is_sold() {
    in_every_world(async |world| {
        for (name, structure) in [("Robot arm", 1), ("Robots", 2)] {
            let row = Row::new()
                .with("name", name)
                .with("productnumber", name)
                .with("productstructure", structure)
                .with("statecode", 0);
            world.app.create(&world.admin, Origin::Page, crm::NewRecord::of("product", row)).await.unwrap();
        }
        let mut browser = world.browser().await;
        let sold = browser.get("/lookup/opportunityproducts/productid?q=rob").await;
        assert!(sold.has("Robot arm") && !sold.has("\"Robots\""), "{}", sold.text);
        let parent = browser.get("/lookup/products/parentproductid?q=rob").await;
        assert!(parent.has("\"Robots\""), "{}", parent.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_page_is_answered_with_one() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        for path in ["/leads/not-a-guid", "/leads/not-a-guid/history", "/a/b/c/d/e"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(answer.has("Go to the start page") && answer.has("aria-label=\"Main\""), "{path}");
        }
        assert!(browser.get("/favicon.ico").await.leads_to().starts_with("/assets/icon-"));
    })
    .await;
}
