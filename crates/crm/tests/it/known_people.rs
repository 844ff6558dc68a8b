//! People are kept in memory; what another process changes of them counts with the next request.

use crate::world::{World, crm, in_every_world, to};
use model::{Privilege, Reference};

use crm::{App, Caller, Error, NewRecord, Origin, Row};

/// One process that serves the seller, and another one in which an administrator works.
struct Two<'w> {
    world: &'w World,
    elsewhere: App,
    admin: Caller,
}

impl Two<'_> {
    async fn tie(&self, relationship: &'static str, one: Reference, other: Reference, tie: bool) {
        let act = move |work: &mut crm::Work<'_, '_>| {
            if tie { work.associate(relationship, &one, &other) } else { work.dissociate(relationship, &one, &other) }
        };
        self.elsewhere.work(&self.admin, Origin::Page, act).await.unwrap();
    }

    async fn create(&self, table: &str, row: Row) -> Reference {
        let id = self.elsewhere.create(&self.admin, Origin::Page, NewRecord::of(table, row)).await.unwrap();
        Reference::new(table, id)
    }

    async fn change_seller(&self, changes: Row) {
        let seller = self.world.seller.user;
        self.elsewhere.update(&self.admin, Origin::Page, "systemuser", seller, changes, None).await.unwrap();
    }

    async fn role(&self, name: &str) -> Reference {
        let query = self.elsewhere.new_query(&self.admin, "role").select(["roleid"]);
        let found = self.elsewhere.query(&self.admin, query.matching(model::Filter::eq("name", name))).await.unwrap();
        Reference::new("role", found.rows[0][0].as_id().unwrap())
    }

    /// The seller as the first process knows them; twice, the second time from memory.
    async fn seller(&self) -> Result<Caller, Error> {
        let first = self.world.app.caller(self.world.seller.user).await;
        let second = self.world.app.caller(self.world.seller.user).await;
        assert_eq!(first.as_ref().ok().map(|it| &it.roles), second.as_ref().ok().map(|it| &it.roles));
        second
    }

    async fn sees_leads(&self) -> usize {
        let seller = self.seller().await.unwrap();
        let query = self.world.app.new_query(&seller, "lead").select(["leadid"]);
        self.world.app.query(&seller, query).await.unwrap().rows.len()
    }
}

async fn with_two(test: impl AsyncFn(Two<'_>)) {
    in_every_world(async |world| {
        let elsewhere = world.elsewhere().await;
        let admin = elsewhere.caller(world.admin.user).await.unwrap();
        test(Two { world: &world, elsewhere: elsewhere.clone(), admin }).await;
        elsewhere.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_teams_and_shares_count_with_the_next_request() {
    with_two(async |two| {
        let user = Reference::new("systemuser", two.world.seller.user);
        let lead = Row::new().with("lastname", "Admin's").with("subject", "Robots");
        let lead = two.create("lead", lead).await;
        let before = two.sees_leads().await;
        let (salesperson, customizer) = (two.role("Salesperson").await, two.role("System Customizer").await);

        two.tie("systemuserroles_association", user.clone(), salesperson.clone(), false).await;
        assert!(two.seller().await.unwrap().roles.is_empty(), "a role that was taken away");
        let unit = to("businessunit", two.admin.business_unit);
        let team = two.create("team", Row::new().with("name", "Movers").with("businessunitid", unit)).await;
        two.tie("teammembership_association", team.clone(), user.clone(), true).await;
        assert_eq!(two.seller().await.unwrap().teams, [team.id], "a team that was joined");
        two.tie("teamroles_association", team.clone(), customizer, true).await;
        assert!(two.seller().await.unwrap().customizes(), "a role that a team was given");
        two.tie("teammembership_association", team, user.clone(), false).await;
        assert!(!two.seller().await.unwrap().customizes(), "a team that was left");

        two.tie("systemuserroles_association", user.clone(), salesperson, true).await;
        assert_eq!(two.sees_leads().await, before);
        let act = move |work: &mut crm::Work<'_, '_>| work.share(&lead, &user, &[Privilege::Read].into());
        two.elsewhere.work(&two.admin, Origin::Page, act).await.unwrap();
        let expected = if before == 0 { 1 } else { before };
        assert_eq!(two.sees_leads().await, expected, "what was shared with them");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_settings_and_the_end_of_an_account_count_with_the_next_request() {
    with_two(async |two| {
        let seller = two.seller().await.unwrap();
        two.change_seller(Row::new().with("lastname", "Renamed").with("locale", "de-DE")).await;
        let renamed = two.seller().await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.locale.as_str()), ("Sam Renamed", "de-DE"));
        assert_eq!(renamed.roles, seller.roles);
        two.change_seller(Row::new().with("isdisabled", true)).await;
        assert!(matches!(two.seller().await, Err(Error::NotSignedIn)));
        two.change_seller(Row::new().with("isdisabled", false)).await;
        assert_eq!(two.seller().await.unwrap().roles, seller.roles);
    })
    .await;
}
