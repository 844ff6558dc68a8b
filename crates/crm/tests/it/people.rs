//! People around a record: stakeholders, and the sales team with its access.

use crate::world::{World, crm, in_every_world};
use crm::{Caller, Error, Origin, Row};
use model::{People, Reference};
use uuid::Uuid;

impl World {
    async fn contact(&self, name: &str) -> Reference {
        Reference::new("contact", self.create("contact", Row::new().with("lastname", name)).await)
    }

    async fn add(
        &self,
        caller: &Caller,
        side: People,
        record: &Reference,
        who: &Reference,
    ) -> crm::Result<(Uuid, Uuid)> {
        let (record, who) = (record.clone(), who.clone());
        let act = self
            .app
            .work(caller, Origin::Page, move |work| Ok((work.add_person(side, &record, &who, None)?, work.act())));
        act.await
    }

    async fn around(&self, side: People, record: &Reference) -> Vec<Reference> {
        let (rows, _, _) = self.app.people_around(&self.seller().await, side, record, None).await.unwrap();
        rows.iter().filter_map(|row| row.value("record2id").as_reference().cloned()).collect()
    }

    async fn remove(&self, caller: &Caller, record: &Reference, connection: Uuid) -> crm::Result<Uuid> {
        let record = record.clone();
        let act = self.app.work(caller, Origin::Page, move |work| {
            work.remove_person(&record, connection)?;
            Ok(work.act())
        });
        act.await
    }

    async fn sees(&self, caller: &Caller, record: &Reference) -> bool {
        let now = self.app.caller(caller.user).await.unwrap();
        self.app.get(&now, &record.table, record.id, Some(Vec::new())).await.is_ok()
    }

    /// Somebody who sees only deals of their own, and what is shared with them.
    async fn newcomer(&self) -> Caller {
        let unit = Reference::new("businessunit", self.admin.business_unit);
        let row = Row::new()
            .with("lastname", "Newcomer")
            .with("internalemailaddress", "new@contoso.example")
            .with("businessunitid", unit);
        let user = self.create_as_admin("systemuser", row).await;
        self.app.identity().give_role(&self.admin, user, "System Customizer").await.unwrap();
        self.app.caller(user).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stakeholders_play_a_part_and_stand_in_the_list_once() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let lena = world.contact("Lind").await;
        let (connection, _) = world.add(&world.seller, People::Stakeholders, &deal, &lena).await.unwrap();
        let again = world.add(&world.seller, People::Stakeholders, &deal, &lena).await.unwrap_err();
        assert!(again.to_string().contains("in this list already"), "{again}");

        let parts = world.app.parts_of(&world.seller, People::Stakeholders).await.unwrap();
        let (part, _) = parts.iter().find(|(_, name)| name == "Decision Maker").unwrap().clone();
        assert!(!parts.iter().any(|(_, name)| name == "Sales Professional"), "that is a part of the sales team");
        world.app.work(&world.seller, Origin::Page, move |work| work.give_part(connection, Some(part))).await.unwrap();
        let role = Reference::new("connectionrole", part);
        assert_eq!(world.get("connection", connection).await.value("record2roleid").as_reference(), Some(&role));

        let colleague = Reference::new("systemuser", world.admin.user);
        let wrong = world.add(&world.seller, People::Stakeholders, &deal, &colleague).await.unwrap_err();
        assert!(matches!(wrong, Error::Refused(_)), "{wrong}");
        assert_eq!(world.around(People::Stakeholders, &deal).await, std::slice::from_ref(&lena));
        assert!(world.around(People::SalesTeam, &deal).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sales_team_may_change_the_deal_until_somebody_leaves_it() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let newcomer = world.newcomer().await;
        let sees = async || world.sees(&newcomer, &deal).await;
        assert!(!sees().await);
        let who = Reference::new("systemuser", newcomer.user);
        let (connection, _) = world.add(&world.seller().await, People::SalesTeam, &deal, &who).await.unwrap();
        assert!(sees().await);
        assert_eq!(world.around(People::SalesTeam, &deal).await, std::slice::from_ref(&who));
        let now = world.app.caller(newcomer.user).await.unwrap();
        let change = Row::new().with("description", "I help");
        world.app.update(&now, Origin::Page, "opportunity", deal.id, change, None).await.unwrap();

        // As every request does, with the organisation's settings of this moment.
        let seller = world.seller().await;
        let act = world.remove(&seller, &deal, connection).await.unwrap();
        assert!(!sees().await);
        world.app.undo(&seller, Origin::Page, act).await.unwrap();
        assert!(sees().await, "undone, they are in it again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_share_a_deal_gives_nobody_access_by_its_sales_team() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let unit = Reference::new("businessunit", world.admin.business_unit);
        let row = Row::new()
            .with("lastname", "Other")
            .with("internalemailaddress", "other@contoso.example")
            .with("businessunitid", unit);
        let other = world.create_as_admin("systemuser", row).await;
        world.app.identity().give_role(&world.admin, other, "Salesperson").await.unwrap();
        let other = world.app.caller(other).await.unwrap();
        let myself = Reference::new("systemuser", other.user);
        let refused = world.add(&other, People::SalesTeam, &deal, &myself).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        assert!(world.around(People::SalesTeam, &deal).await.is_empty(), "nothing of it stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_a_colleagues_connection_ends_their_access() {
    in_every_world(async |world| {
        let newcomer = world.newcomer().await;
        let who = Reference::new("systemuser", newcomer.user);
        for is_deleted in [true, false] {
            let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
            let seller = world.seller().await;
            let (connection, _) = world.add(&seller, People::SalesTeam, &deal, &who).await.unwrap();
            assert!(world.sees(&newcomer, &deal).await);
            if is_deleted {
                world.app.delete(&seller, Origin::WebApi, "connection", connection, None).await.unwrap();
            } else {
                let inactive = Row::new().with("statecode", 1);
                world.app.update(&seller, Origin::WebApi, "connection", connection, inactive, None).await.unwrap();
            }
            assert!(!world.sees(&newcomer, &deal).await, "deleted: {is_deleted}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_made_later_does_not_keep_somebody_in_the_team() {
    in_every_world(async |world| {
        let template = async |name: &str| {
            let row = Row::new()
                .with("teamtemplatename", name)
                .with("entityname", "opportunity")
                .with("canread", true)
                .with("canwrite", true);
            world.create_as_admin("teamtemplate", row).await
        };
        template("Bid team").await;
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let newcomer = world.newcomer().await;
        let who = Reference::new("systemuser", newcomer.user);
        let (connection, _) = world.add(&world.seller().await, People::SalesTeam, &deal, &who).await.unwrap();
        template("Sales team").await;
        assert!(world.sees(&newcomer, &deal).await);
        world.remove(&world.seller().await, &deal, connection).await.unwrap();
        assert!(!world.sees(&newcomer, &deal).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_connection_keeps_somebody_in_the_team() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let newcomer = world.newcomer().await;
        let who = Reference::new("systemuser", newcomer.user);
        let seller = world.seller().await;
        let (first, _) = world.add(&seller, People::SalesTeam, &deal, &who).await.unwrap();
        let row = Row::new().with("record1id", deal.clone()).with("record2id", who.clone());
        let second = world.create_as_admin("connection", row).await;
        world.remove(&seller, &deal, first).await.unwrap();
        assert!(world.sees(&newcomer, &deal).await);
        world.remove(&world.admin, &deal, second).await.unwrap();
        assert!(!world.sees(&newcomer, &deal).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_the_list_already_is_refused_without_their_name() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let lena = world.contact("Lind").await;
        world.add(&world.seller, People::Stakeholders, &deal, &lena).await.unwrap();
        let again = world.add(&world.seller, People::Stakeholders, &deal, &lena).await.unwrap_err();
        assert!(matches!(again, Error::Refused(_)) && !again.to_string().contains("Lind"), "{again}");
    })
    .await;
}
