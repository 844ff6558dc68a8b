//! A client that keeps a copy of a table and asks what changed.

use serde_json::{Value, json};

use crate::{access::helper, world::*};

const TRACK: (&str, &str) = ("prefer", "odata.track-changes,odata.maxpagesize=2");

/// Follows links to the last page: all values, and the link to what changes from then on.
async fn read(world: &World, path: &str) -> (Vec<Value>, String) {
    let (mut values, mut path) = (Vec::new(), path.to_owned());
    loop {
        let answer = world.send("GET", &path, &[TRACK], None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.header("preference-applied").contains("odata.track-changes"), "{:?}", answer.headers);
        let page = answer.json();
        values.extend(page["value"].as_array().unwrap().clone());
        let below = |link: &Value| link.as_str().unwrap().split_once(BASE).unwrap().1.to_owned();
        if let Some(link) = page.get("@odata.deltaLink") {
            return (values, below(link));
        }
        path = below(&page["@odata.nextLink"]);
    }
}

fn names(values: &[Value]) -> Vec<&str> {
    values.iter().filter_map(|value| value["name"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_keeps_a_copy_and_reads_only_what_changed() {
    in_every_world(async |world| {
        let mut ids = Vec::new();
        for name in ["A", "B", "C"] {
            ids.push(world.create("accounts", json!({"name": name})).await);
        }
        let (whole, all_of_it) = read(&world, "accounts").await;
        assert_eq!(names(&whole), ["A", "B", "C"]);
        assert!(whole[0].get("telephone1").is_some(), "without $select all columns are told");
        let (rows, link) = read(&world, "accounts?$select=name").await;
        assert_eq!(names(&rows), ["A", "B", "C"]);
        world.patch(&format!("accounts({})", ids[0]), &[], json!({"name": "A2"})).await;
        world.patch(&format!("accounts({})", ids[0]), &[], json!({"name": "A3"})).await;
        world.create("leads", json!({"subject": "another table", "lastname": "B"})).await;
        world.create("accounts", json!({"name": "D"})).await;
        world.send("DELETE", &format!("accounts({})", ids[1]), &[], None).await;
        let passing = world.create("accounts", json!({"name": "E"})).await;
        world.send("DELETE", &format!("accounts({passing})"), &[], None).await;
        // On PostgreSQL changes wait for older transactions of the whole server, and what came just before
        // the link may be told again: nothing is lost.
        let (mut changed, mut link) = (Vec::new(), link);
        for _ in 0..300 {
            let (more, next) = read(&world, &link).await;
            changed.extend(more);
            link = next;
            if changed.iter().filter(|value| value["reason"] == "deleted").count() >= 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert!(names(&changed).contains(&"A3") && names(&changed).contains(&"D"), "{changed:?}");
        assert!(!names(&changed).contains(&"E"), "{changed:?}");
        let gone: Vec<&Value> = changed.iter().filter(|value| value["reason"] == "deleted").collect();
        assert!(gone.iter().any(|value| value["id"] == ids[1].as_str()), "{changed:?}");
        assert_eq!(gone[0]["@odata.context"], "http://crm.example/api/data/v9.2/$metadata#accounts/$deletedEntity");
        assert!(changed[0]["@odata.etag"].is_string(), "{changed:?}");
        let (changed, _) = read(&world, &all_of_it).await;
        let renamed = changed.iter().find(|value| value["name"] == "A3").expect("the change");
        assert!(renamed.get("telephone1").is_some(), "{renamed}");
        for (path, wrong) in [
            ("accounts?$deltatoken=nonsense", "follow the link as it was given"),
            ("accounts?$deltatoken=9999999999.9999999999", "later state"),
            ("accounts?$deltatoken=0.0&$filter=name eq 'A'", "$filter"),
        ] {
            let message = world.refused("GET", path, None, 400).await;
            assert!(message.contains(wrong), "{path}: {message}");
        }
        let filtered = world.send("GET", "accounts?$filter=name eq 'A'", &[TRACK], None).await;
        assert_eq!(filtered.status, 400, "changes are of whole tables: {}", filtered.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_changes_to_what_they_may_not_see() {
    let mut world = World::new(false).await;
    let hidden = world.create("leads", json!({"subject": "Hidden", "lastname": "A"})).await;
    let (helper, _) = helper(&world).await;
    let admin = std::mem::replace(&mut world.token, helper);
    let (rows, link) = read(&world, "leads?$select=subject").await;
    assert_eq!(rows, [] as [Value; 0]);
    let own = world.create("leads", json!({"subject": "Own", "lastname": "B"})).await;
    let helper = std::mem::replace(&mut world.token, admin.clone());
    world.patch(&format!("leads({hidden})"), &[], json!({"subject": "Still hidden"})).await;
    world.token.clone_from(&helper);
    let (changed, link) = read(&world, &link).await;
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(changed[0]["leadid"], own.as_str());
    world.token = admin;
    world.send("DELETE", &format!("leads({hidden})"), &[], None).await;
    world.send("DELETE", &format!("leads({own})"), &[], None).await;
    world.token = helper;
    let (changed, _) = read(&world, &link).await;
    assert_eq!(changed.len(), 1, "only what was theirs: {changed:?}");
    assert_eq!(changed[0]["id"], own.as_str());
}
