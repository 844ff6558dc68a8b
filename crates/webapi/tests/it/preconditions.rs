//! `If-Match` where it is not the row itself that is written.

use serde_json::json;

use crate::world::in_every_world;

#[tokio::test]
async fn links_and_actions_of_a_row_that_has_changed_are_refused() {
    in_every_world(async |world| {
        let deal = world.deal("Press", 10.0).await;
        let row = format!("opportunities({deal})");
        let contact = world.create("contacts", json!({"lastname": "Berg"})).await;
        let competitor = world.create("competitors", json!({"name": "Rival"})).await;
        let lead = world.create("leads", json!({"subject": "a", "lastname": "b"})).await;
        let stale = [("if-match", "W/\"1\"")];
        let to_contact = json!({"@odata.id": format!("contacts({contact})")});
        let to_competitor = json!({"@odata.id": format!("competitors({competitor})")});
        let single = format!("{row}/parentcontactid/$ref");
        let pairs = format!("{row}/opportunitycompetitors_association/$ref");
        let qualify = format!("leads({lead})/Microsoft.Dynamics.CRM.QualifyLead");
        let parts = json!({"CreateAccount": false, "CreateContact": true, "CreateOpportunity": false, "Status": 3});
        for (method, path, body) in [
            ("PUT", &single, Some(&to_contact)),
            ("DELETE", &single, None),
            ("POST", &pairs, Some(&to_competitor)),
            ("POST", &qualify, Some(&parts)),
        ] {
            let answer = world.send(method, path, &stale, body).await;
            assert_eq!(answer.status, 412, "{method} {path}: {}", answer.body);
        }
        assert_eq!(world.get(&pairs).await["value"], json!([]));
        assert_eq!(world.get(&format!("leads({lead})?$select=statecode")).await["statecode"], 0);

        let tag = world.send("GET", &row, &[], None).await.header("etag").to_owned();
        let fresh = [("if-match", tag.as_str())];
        assert_eq!(world.send("POST", &pairs, &fresh, Some(&to_competitor)).await.status, 204);
        assert_eq!(world.send("PUT", &single, &fresh, Some(&to_contact)).await.status, 204);
        assert_eq!(world.send("DELETE", &single, &fresh, None).await.status, 412, "it has been linked since");
        let any = [("if-match", "*")];
        assert_eq!(world.send("DELETE", &single, &any, None).await.status, 204);
        let answer = world.send("POST", &qualify, &any, Some(&parts)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    })
    .await;
}
