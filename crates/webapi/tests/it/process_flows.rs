//! Records are led through their stages by the rows of their flows, behind the same gates as on pages.

use crate::world::{World, in_every_world};
use crm::Origin;
use serde_json::json;

const FLOW: &str = "opportunitysalesprocess";
const SET: &str = "opportunitysalesprocesses";

/// The shipped flow asks for the time frame before its first stage is left.
async fn gate(world: &World) -> Vec<String> {
    let mut overlay = (*world.app.customization().overlay()).clone();
    let mut flow = (**world.app.model().process(FLOW).unwrap()).clone();
    for step in &mut flow.stages[0].steps {
        step.required = step.column == "purchasetimeframe";
    }
    let stages = flow.stages.iter().map(|stage| stage.id.to_string()).collect();
    overlay.set_process(flow);
    let user = world.get("WhoAmI").await["UserId"].as_str().unwrap().parse().unwrap();
    let admin = world.app.caller(user).await.unwrap();
    world.app.customization().publish(&admin, Origin::WebApi, overlay).await.unwrap();
    stages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_is_not_left_while_a_required_step_is_empty() {
    in_every_world(async |world| {
        let stages = gate(&world).await;
        let deal = world.deal("Gated", 10.0).await;
        let at_deal = json!({"opportunityid@odata.bind": format!("/opportunities({deal})")});
        let flow = world.create(SET, at_deal.clone()).await;
        let path = format!("{SET}({flow})");
        let next = json!({"activestageid": stages[1], "traversedpath": format!("{},{}", stages[0], stages[1])});

        let message = world.refused("PATCH", &path, Some(next.clone()), 400).await;
        assert!(message.contains("Purchase Timeframe") && message.contains("must be filled"), "{message}");
        world.patch(&format!("opportunities({deal})"), &[], json!({"purchasetimeframe": 1})).await;
        assert_eq!(world.patch(&path, &[], next).await.status, 204);
        let row = world.get(&format!("opportunities({deal})?$select=stepname,stageid")).await;
        assert_eq!((&row["stepname"], &row["stageid"]), (&json!("2-Develop"), &json!(stages[1])));

        let leap = world.refused("PATCH", &path, Some(json!({"statecode": 1, "statuscode": 2})), 400).await;
        assert!(leap.contains("ends in its last stage"), "{leap}");
        world.refused("DELETE", &path, None, 400).await;
        world.refused("POST", SET, Some(at_deal), 400).await;
        assert_eq!(world.patch(&path, &[], json!({"statecode": 1, "statuscode": 3})).await.status, 204);
        let row = world.get(&format!("{path}?$select=statecode,statuscode,activestageid")).await;
        assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(1), &json!(3)));
    })
    .await;
}
