//! Two servers on one PostgreSQL database: what is changed through one holds for the other.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::load::{Load, dice};
use crate::world::{Client, Engine, Server, World};
use rand::Rng;
use serde_json::{Value, json};

/// Within this time one server must know what the other published.
const SOON: Duration = Duration::from_secs(10);

/// One database, two servers, the administrator's client of each.
struct Pair {
    world: World,
    servers: [Server; 2],
    clients: [Client; 2],
}

impl Pair {
    fn new() -> Self {
        let world = World::set_up_on(Engine::Postgres);
        let token = world.token();
        let servers = [world.serve(), world.serve()];
        let clients = [0, 1].map(|place: usize| Client::new(servers[place].address(), &token));
        // Both have been asked for what they may keep.
        for client in &clients {
            client.list("leads");
            client.list("organizations");
        }
        Self { world, servers, clients }
    }

    /// Everything is as it should be, and the servers end.
    fn end(self) {
        for server in self.servers {
            assert_eq!(server.stop().code, Some(0));
        }
        assert!(self.world.does(&["check"]).contains("nothing is wrong"));
    }
}

#[test]
fn rates_of_currencies_changed_through_one_server_are_used_by_the_other() {
    let pair = Pair::new();
    let [one, other] = &pair.clients;
    let pound = json!({"isocurrencycode": "GBP", "currencyname": "Pound", "currencysymbol": "£", "exchangerate": 2});
    let pound = created(one, "transactioncurrencies", &pound);
    let deal = |client: &Client| {
        let deal = json!({"name": "Robots", "estimatedvalue": 100,
            "transactioncurrencyid@odata.bind": format!("/transactioncurrencies({pound})")});
        let id = created(client, "opportunities", &deal);
        client.get(&format!("opportunities({id})?$select=estimatedvalue_base"))["estimatedvalue_base"].clone()
    };
    assert_eq!(deal(other), json!(50.0));
    changed(other, &format!("transactioncurrencies({pound})"), &json!({"exchangerate": 4}));
    assert_eq!((deal(one), deal(other)), (json!(25.0), json!(25.0)));
    pair.end();
}

#[test]
fn a_business_unit_moved_through_one_server_is_seen_by_the_other_at_once() {
    let pair = Pair::new();
    let [one, other] = &pair.clients;
    let unit = |name: &str| created(one, "businessunits", &json!({"name": name}));
    let (east, west) = (unit("East"), unit("West"));
    let person = |name: &str, unit: &str| {
        let person = json!({"firstname": name, "lastname": name, "internalemailaddress": format!("{name}@contoso.example"),
            "businessunitid@odata.bind": format!("/businessunits({unit})")});
        created(one, "systemusers", &person)
    };
    let (seller, _manager) = (person("sam", &east), person("mia", &west));
    let role = "[role.new_head]\nlabel = \"Head\"\n[role.new_head.tables]\nlead = { all = \"child_business_units\" }\n";
    let file = pair.world.file("role.toml", role);
    pair.world.does(&["customize", "import", &file]);
    // A server that only reads learns of a role within a second.
    thread::sleep(Duration::from_secs(2));
    let manager = Client { token: token_with_role(&pair.world, one, "mia", "Head"), ..other.clone() };
    // Somebody owns only what they can see.
    token_with_role(&pair.world, one, "sam", "Salesperson");
    let lead =
        json!({"subject": "Robots", "lastname": "Berg", "ownerid@odata.bind": format!("/systemusers({seller})")});
    created(one, "leads", &lead);
    assert_eq!(manager.list("leads?$select=subject"), Vec::<Value>::new());
    let under = |unit: &str| json!({"parentbusinessunitid@odata.bind": format!("/businessunits({unit})")});
    changed(one, &format!("businessunits({east})"), &under(&west));
    assert_eq!(manager.list("leads?$select=subject").len(), 1, "East stands under West now");
    let root = one.list("businessunits?$filter=parentbusinessunitid eq null&$select=businessunitid");
    changed(one, &format!("businessunits({east})"), &under(root[0]["businessunitid"].as_str().unwrap()));
    assert_eq!(manager.list("leads?$select=subject"), Vec::<Value>::new(), "and does not any more");
    pair.end();
}

#[test]
fn customisations_published_again_and_again_disturb_nobody_who_writes_through_another_server() {
    let pair = Pair::new();
    let mut dice = dice();
    let mut loads = [0, 1].map(|place| Load::new(format!("s{place}-"), 2, dice.random()));
    let [first, second] = &mut loads;
    let [one, other] = &pair.clients;
    first.during(one, true, || {
        second.during(other, true, || {
            for round in 0..5 {
                let column = format!("new_round{round}");
                let label = format!("Round {round}");
                let add = ["customize", "add-column", "lead", &column, "--type", "whole", "--label", &label];
                pair.world.does(&add);
                let begun = Instant::now();
                // A server learns of it at once when it writes, else within a second.
                for client in [one, other] {
                    while client.send("GET", &format!("leads?$select={column}&$top=1"), None).unwrap().status != 200 {
                        assert!(begun.elapsed() < SOON, "{column} is not known after {SOON:?}");
                        thread::sleep(Duration::from_millis(50));
                    }
                }
                let body = json!({"subject": "Robots", "lastname": "Berg", column.as_str(): round});
                let id = created(other, "leads", &body);
                assert_eq!(one.get(&format!("leads({id})?$select={column}"))[column.as_str()], json!(round));
            }
        });
    });
    for (load, client) in loads.iter_mut().zip([other, one]) {
        let tally = load.tally();
        assert!(tally.acknowledged > 10 && tally.put_off + tally.unanswered == 0, "{tally:?}");
        load.must_be_there(client, "seen by the other server");
    }
    pair.end();
}

/// A token of somebody who has been given the role.
fn token_with_role(world: &World, admin: &Client, name: &str, role: &str) -> String {
    let person = admin.list(&format!("systemusers?$filter=startswith(internalemailaddress,'{name}')"));
    let roles = admin.list(&format!("roles?$filter=name eq '{role}'&$select=roleid"));
    let (person, role) = (&person[0]["systemuserid"], &roles[0]["roleid"]);
    let link = json!({"@odata.id": format!("/roles({})", role.as_str().unwrap())});
    let path = format!("systemusers({})/systemuserroles_association/$ref", person.as_str().unwrap());
    let reply = admin.send("POST", &path, Some(&link)).unwrap();
    assert!(reply.is_done(), "{reply:?}");
    world.does(&["token", "create", "--user", &format!("{name}@contoso.example")]).trim().to_owned()
}

fn created(client: &Client, set: &str, body: &Value) -> String {
    let reply = client.send("POST", set, Some(body)).unwrap();
    assert_eq!(reply.status, 204, "{set} {body}: {}", reply.body);
    reply.key()
}

fn changed(client: &Client, path: &str, body: &Value) {
    let reply = client.send("PATCH", path, Some(body)).unwrap();
    assert!(reply.is_done(), "{path} {body}: {}", reply.body);
}
