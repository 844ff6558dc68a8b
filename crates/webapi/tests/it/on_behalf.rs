//! Requests that a program makes in the name of people.

use crate::world::{Answer, BASE, World, in_every_world};
use serde_json::{Value, json};

/// A user with these roles; their id and a token.
async fn user(world: &World, name: &str, roles: &[&str]) -> (String, String) {
    let units = world.get("businessunits?$select=businessunitid").await;
    let unit = format!("/businessunits({})", units["value"][0]["businessunitid"].as_str().unwrap());
    let row = json!({
        "firstname": name, "lastname": "Test", "internalemailaddress": format!("{name}@contoso.example"),
        "azureactivedirectoryobjectid": uuid::Uuid::new_v4().to_string(), "businessunitid@odata.bind": unit,
    });
    let id = world.create("systemusers", row).await;
    let engine = world.app.engine().await.unwrap();
    let user = id.parse().unwrap();
    for role in roles {
        world.app.identity().give_role(&engine, user, role).await.unwrap();
    }
    let token = world.app.identity().create_token(&engine, user, "tests", 1).await.unwrap();
    (id, token)
}

async fn ask(world: &World, token: &str, header: (&str, &str), method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), header];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    world.raw(method, &format!("{BASE}{path}"), &headers, body).await
}

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_works_in_somebodys_name_as_far_as_both_may() {
    in_every_world(async |world| {
        let nothing = Value::Null;
        let (seller, seller_token) = user(&world, "sam", &["Salesperson"]).await;
        let (delegate, token) = user(&world, "dana", &["Delegate", "Salesperson"]).await;
        let as_seller = ("MSCRMCallerID", seller.as_str());

        let who = ask(&world, &token, as_seller, "GET", "WhoAmI", &nothing).await.json();
        assert_eq!(who["UserId"], seller.as_str());
        let lead = json!({"subject": "Robots", "lastname": "Berg"});
        let made = ask(&world, &token, as_seller, "POST", "leads", &lead).await;
        assert_eq!(made.status, 204, "{}", made.body);
        let made = made.id();
        let columns = "$select=_createdby_value,_createdonbehalfby_value,_modifiedonbehalfby_value,_ownerid_value";
        let path = format!("leads({made})?{columns}");
        let row = world.get(&path).await;
        assert_eq!((&row["_createdby_value"], &row["_ownerid_value"]), (&json!(seller), &json!(seller)));
        assert_eq!(row["_createdonbehalfby_value"], json!(delegate));
        assert_eq!(row["_modifiedonbehalfby_value"], json!(delegate));

        // Whoever changes it themselves is nobody's voice.
        let changed =
            ask(&world, &seller_token, as_seller, "PATCH", &format!("leads({made})"), &json!({"jobtitle": "CTO"}))
                .await;
        assert_eq!(changed.status, 204, "one may name oneself: {}", changed.body);
        let row = world.get(&path).await;
        assert_eq!(
            (&row["_modifiedonbehalfby_value"], &row["_createdonbehalfby_value"]),
            (&Value::Null, &json!(delegate))
        );

        // The history, which is sealed, tells both.
        let engine = world.app.engine().await.unwrap();
        let (history, _) = world.app.history(&engine, "lead", made.parse().unwrap(), 50).await.unwrap();
        let told: Vec<_> = history.iter().map(|entry| crm::way_of(&entry.actor.origin).1).collect();
        assert!(told.contains(&Some(delegate.parse().unwrap())) && told.contains(&None), "{told:?}");

        // By the identifier of the outside directory, too.
        let of = world.get(&format!("systemusers({seller})?$select=azureactivedirectoryobjectid")).await;
        let directory = of["azureactivedirectoryobjectid"].as_str().unwrap();
        let who = ask(&world, &token, ("CallerObjectId", directory), "GET", "WhoAmI", &nothing).await.json();
        assert_eq!(who["UserId"], seller.as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gains_rights_by_naming_somebody_else() {
    in_every_world(async |world| {
        let nothing = Value::Null;
        let admin = world.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned();
        let (seller, seller_token) = user(&world, "sam", &["Salesperson"]).await;
        let (_, token) = user(&world, "dana", &["Delegate", "Sales Team Member"]).await;
        let (_, bare) = user(&world, "bob", &["Delegate"]).await;
        let lead = json!({"subject": "Robots", "lastname": "Berg"});

        let refused = ask(&world, &seller_token, ("MSCRMCallerID", &admin), "GET", "leads", &nothing).await;
        assert_eq!((refused.status.as_u16(), code(&refused).as_str()), (403, "0x80040220"));
        assert!(refused.message().contains("prvActOnBehalfOfAnotherUser"), "{}", refused.body);

        // The delegate may only read leads, so that not even an administrator's name makes one.
        for name in [&admin, &seller] {
            let refused = ask(&world, &token, ("MSCRMCallerID", name), "POST", "leads", &lead).await;
            assert_eq!(refused.status, 403, "{}", refused.body);
        }
        let refused = ask(
            &world,
            &token,
            ("MSCRMCallerID", &admin),
            "PATCH",
            &format!("systemusers({seller})"),
            &json!({"title": "Boss"}),
        )
        .await;
        assert_eq!(refused.status, 403);
        // What everybody may do with themselves is not what a delegate may do with them.
        let refused = ask(
            &world,
            &token,
            ("MSCRMCallerID", &seller),
            "PATCH",
            &format!("systemusers({seller})"),
            &json!({"title": "Boss"}),
        )
        .await;
        assert_eq!(refused.status, 403);
        let model = world
            .raw(
                "GET",
                "/api/customization",
                &[("authorization", &format!("Bearer {token}")), ("mscrmcallerid", &admin)],
                String::new(),
            )
            .await;
        assert_eq!(model.status, 403, "an administrator's name opens nothing for a delegate: {}", model.body);
        // The role alone gives nothing.
        let seen = ask(&world, &bare, ("MSCRMCallerID", &admin), "GET", "leads", &nothing).await;
        assert_eq!(seen.json()["value"], json!([]));
        // An administrator acts with what the seller has.
        let refused = ask(
            &world,
            &world.token,
            ("MSCRMCallerID", &seller),
            "PATCH",
            &format!("systemusers({admin})"),
            &json!({"title": "Boss"}),
        )
        .await;
        assert_eq!(refused.status, 403, "{}", refused.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_takes_no_import_back_that_they_could_not_make() {
    in_every_world(async |world| {
        let (seller, seller_token) = user(&world, "sam", &["Salesperson"]).await;
        let (_, token) = user(&world, "dana", &["Delegate", "Sales Team Member"]).await;
        let bearer = |token: &str| format!("Bearer {token}");
        let body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"leads.csv\"\r\n\r\n\
                    Last name,Topic\r\nLind,Robots\r\n--b--\r\n";
        let own = bearer(&seller_token);
        let headers = [("authorization", own.as_str()), ("content-type", "multipart/form-data; boundary=b")];
        let report = world.raw("POST", "/api/imports", &headers, body.to_owned()).await;
        assert_eq!(report.json()["files"][0]["created"], 1, "{}", report.body);
        let path = format!("/api/imports/{}", report.json()["act"].as_str().unwrap());
        let delegates = bearer(&token);
        let headers = [("authorization", delegates.as_str()), ("mscrmcallerid", seller.as_str())];
        let refused = world.raw("DELETE", &path, &headers, String::new()).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert_eq!(world.send("GET", "leads/$count", &[], None).await.body, "1");
        // Own roles do not let the seller delete leads either; an own import they take back.
        let undone = world.raw("DELETE", &path, &[("authorization", &own)], String::new()).await;
        assert_eq!(undone.status, 200, "{}", undone.body);

        // Where the policy allows no tokens of somebody, nobody acts for them either.
        let roles = world.get("roles?$select=roleid&$filter=name eq 'Salesperson'").await;
        let role = format!("roles({})", roles["value"][0]["roleid"].as_str().unwrap());
        let (_, full) = user(&world, "dora", &["Delegate", "Sales Team Member"]).await;
        let name = ("MSCRMCallerID", seller.as_str());
        assert_eq!(ask(&world, &full, name, "GET", "WhoAmI", &Value::Null).await.status, 200);
        let job = json!({"JobName": "x", "QuerySet": [{"EntityName": "account"}]});
        let begun = ask(&world, &full, name, "POST", "BulkDelete", &job).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        assert_eq!(world.patch(&role, &[], json!({"apitokens": false})).await.status, 204);
        let refused = ask(&world, &full, name, "GET", "WhoAmI", &Value::Null).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(refused.message().contains("in the name of"), "{}", refused.body);
        // A job that was begun before ends by that, too.
        let runner = crate::jobs::carry_out_jobs(&world);
        let told = crate::jobs::over(&world, begun.json()["JobId"].as_str().unwrap()).await;
        assert_eq!(told["statuscode"], 31, "{told}");
        assert!(told["message"].as_str().unwrap().contains("in the name of"), "{told}");
        runner.abort();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_unknown_disabled_or_named_twice_is_refused() {
    in_every_world(async |world| {
        let nothing = Value::Null;
        let (seller, _) = user(&world, "sam", &["Salesperson"]).await;
        let unknown = "6f000000-0000-4000-8000-000000000001";
        for header in ["MSCRMCallerID", "CallerObjectId"] {
            let refused = ask(&world, &world.token, (header, unknown), "GET", "WhoAmI", &nothing).await;
            assert_eq!((refused.status.as_u16(), code(&refused).as_str()), (404, "0x80040217"));
            assert_eq!(refused.message(), format!("systemuser With Id = {unknown} Does Not Exist"));
            let refused = ask(&world, &world.token, (header, "sam"), "GET", "WhoAmI", &nothing).await;
            assert_eq!(refused.status, 400, "{}", refused.body);
        }
        assert_eq!(world.patch(&format!("systemusers({seller})"), &[], json!({"isdisabled": true})).await.status, 204);
        let refused = ask(&world, &world.token, ("MSCRMCallerID", &seller), "GET", "WhoAmI", &nothing).await;
        assert_eq!((refused.status.as_u16(), code(&refused).as_str()), (403, "0x80040225"));
        let both = [("MSCRMCallerID", seller.as_str()), ("CallerObjectId", seller.as_str())];
        assert_eq!(world.send("GET", "WhoAmI", &both, None).await.status, 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_in_somebodys_name_names_both() {
    in_every_world(async |world| {
        let (customizer, _) = user(&world, "carla", &["System Customizer"]).await;
        let bearer = format!("Bearer {}", world.token);
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("MSCRMCallerID", &customizer)];
        let column = json!({"type": "whole", "label": "Score"}).to_string();
        let put = world.raw("PUT", "/api/customization/column/lead/new_score", &headers, column).await;
        assert_eq!(put.status, 200, "{}", put.body);
        let told = world.raw("GET", "/api/customization/history", &headers[..1], String::new()).await.json();
        let last = &told["value"][0];
        assert_eq!((&last["user"], &last["user_name"]), (&json!(customizer), &json!("carla Test")), "{told}");
        let me = world.get("WhoAmI").await["UserId"].clone();
        assert_eq!((&last["acting_user"], &last["acting_user_name"]), (&me, &json!("System Administrator")));
        assert_eq!(last["origin"], "webapi");
    })
    .await;
}
