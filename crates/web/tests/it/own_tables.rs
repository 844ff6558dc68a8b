//! Tables an organisation added have pages like the shipped ones.

use crate::world::in_every_world;
use crm::{Origin, Row, customization::parts::Purpose};
use model::{PartAddress, PartKind, Reference, Value};

#[tokio::test(flavor = "multi_thread")]
async fn notes_and_tasks_of_an_own_table_stand_in_its_timeline() {
    in_every_world(async |world| {
        let address = PartAddress::new(PartKind::Table, "new_project").unwrap();
        let project = serde_json::json!({ "label": "Project", "notes": true, "activities": true });
        let customization = world.app.customization();
        customization.put(&world.admin, Origin::Page, &address, &project, Purpose::Publish).await.unwrap();
        let id = world.create("new_project", Row::new().with("name", "Robot line")).await;
        let about = || Value::from(Reference::new("new_project", id));
        world.create("annotation", Row::new().with("notetext", "Budget agreed").with("objectid", about())).await;
        let task = Row::new().with("subject", "Order parts").with("regardingobjectid", about());
        world.create("task", task).await;

        let mut browser = world.browser().await;
        let list = browser.get("/new_projects").await;
        assert!(list.has("Robot line") && list.has("Active Projects"), "{}", list.text);
        let page = browser.get(&format!("/new_projects/{id}")).await;
        assert!(page.has("Robot line"), "{}", page.text);
        assert!(page.has("Budget agreed") && page.has("Order parts"), "{}", page.text);
    })
    .await;
}
