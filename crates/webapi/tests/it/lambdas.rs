//! `any()` and `all()` over collections of related rows.

use crate::world::{World, column, in_every_world};
use serde_json::{Value, json};

/// Two deals of accounts with contacts, one of a contact, and competitors that meet in them.
async fn three_deals(world: &World) {
    let mut deals = Vec::new();
    for (name, people) in [("Anvils", vec!["Axelsson", "Berg"]), ("Bolts", vec!["Chen"])] {
        let people: Vec<Value> = people.into_iter().map(|name| json!({"lastname": name})).collect();
        let account = json!({"name": format!("{name} Inc"), "contact_customer_accounts": people});
        let account = world.create("accounts", account).await;
        let bind = format!("/accounts({account})");
        deals.push(world.create("opportunities", json!({"name": name, "customerid_account@odata.bind": bind})).await);
    }
    let contact = world.create("contacts", json!({"lastname": "Axelsson"})).await;
    let bind = format!("/contacts({contact})");
    deals.push(world.create("opportunities", json!({"name": "Clamps", "customerid_contact@odata.bind": bind})).await);
    for (name, meets) in [("Rival", vec![0, 1]), ("Loner", vec![2])] {
        let competitor = world.create("competitors", json!({"name": name})).await;
        for deal in meets {
            let link = json!({"@odata.id": format!("competitors({competitor})")});
            let path = format!("opportunities({})/opportunitycompetitors_association/$ref", deals[deal]);
            assert_eq!(world.send("POST", &path, &[], Some(&link)).await.status, 204);
        }
    }
}

async fn names(world: &World, filter: &str) -> Value {
    let answer = world.get(&format!("opportunities?$select=name&$orderby=name&$filter={filter}")).await;
    json!(column(&answer, "name"))
}

#[tokio::test]
async fn a_collection_may_stand_behind_a_lookup() {
    in_every_world(async |world| {
        three_deals(&world).await;
        for (filter, expected) in [
            ("customerid_account/contact_customer_accounts/any(c:contains(c/lastname,'axel'))", json!(["Anvils"])),
            ("customerid_account/contact_customer_accounts/any()", json!(["Anvils", "Bolts"])),
            // A deal without an account has no contacts of it, and so none that are different.
            (
                "customerid_account/contact_customer_accounts/all(c:startswith(c/lastname,'c'))",
                json!(["Bolts", "Clamps"]),
            ),
            (
                "not customerid_account/contact_customer_accounts/any(c:c/lastname eq 'Berg') and name ne 'Clamps'",
                json!(["Bolts"]),
            ),
            (
                "customerid_account/opportunity_customer_accounts/any(o:o/customerid_account/contact_customer_accounts/any(c:c/lastname eq 'Chen'))",
                json!(["Bolts"]),
            ),
        ] {
            assert_eq!(names(&world, filter).await, expected, "{filter}");
        }
        let filter = "customerid_account/nosuch/any(c:c/lastname eq 'x')";
        let message = world.refused("GET", &format!("opportunities?$filter={filter}"), None, 400).await;
        assert_eq!(message, "Could not find a property named 'nosuch' on type 'Microsoft.Dynamics.CRM.account'.");
    })
    .await;
}

#[tokio::test]
async fn a_collection_may_stand_within_one_of_many_to_many() {
    in_every_world(async |world| {
        three_deals(&world).await;
        for (filter, expected) in [
            // Deals in which a competitor of Bolts is met.
            (
                "opportunitycompetitors_association/any(c:c/opportunitycompetitors_association/any(o:o/name eq 'Bolts'))",
                json!(["Anvils", "Bolts"]),
            ),
            (
                "opportunitycompetitors_association/all(c:c/name eq 'Loner' or c/opportunitycompetitors_association/any(o:o/customerid_account/contact_customer_accounts/any(p:p/lastname eq 'Nobody')))",
                json!(["Clamps"]),
            ),
        ] {
            assert_eq!(names(&world, filter).await, expected, "{filter}");
        }
    })
    .await;
}
