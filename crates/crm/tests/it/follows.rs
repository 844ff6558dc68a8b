//! Following: who does, what they are told, and what becomes of it.

use crate::world::{World, crm, in_every_world, to};
use crm::{
    Caller, Error, Origin, Row,
    follows::{FOLLOWS, MOST},
    merge::Merge,
};
use model::Reference;
use uuid::Uuid;

impl World {
    async fn follows(&self, caller: &Caller, record: &Reference) -> bool {
        self.app.is_following(caller, record).await.unwrap()
    }

    async fn follow(&self, caller: &Caller, record: &Reference) -> bool {
        self.app.follow(caller, Origin::Page, record.clone()).await.unwrap()
    }

    /// Somebody with one security role.
    async fn colleague(&self, name: &str, role: &str) -> Caller {
        let unit = Reference::new("businessunit", self.admin.business_unit);
        let row = Row::new()
            .with("lastname", name)
            .with("internalemailaddress", format!("{name}@contoso.example"))
            .with("businessunitid", unit);
        let user = self.create_as_admin("systemuser", row).await;
        self.app.identity().give_role(&self.admin, user, role).await.unwrap();
        self.app.caller(user).await.unwrap()
    }

    async fn followers_of(&self, record: &Reference) -> Vec<Uuid> {
        let found = self.app.followers(&self.admin, vec![record.clone()]).await.unwrap();
        found.into_iter().map(|(_, who)| who).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_a_record_follows_it_until_they_let_it_go() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 5_000).await);
        let helper = world.colleague("helper", "Sales Team Member").await;
        assert!(world.follow(&helper, &deal).await, "reading is enough");
        assert!(!world.follow(&helper, &deal).await, "a second click changes nothing");
        assert!(world.follows(&helper, &deal).await);
        assert!(!world.follows(&world.seller, &deal).await, "everybody follows for themselves");
        assert_eq!(world.followers_of(&deal).await, [helper.user]);

        assert!(world.app.unfollow(&helper, Origin::Page, deal.clone()).await.unwrap());
        assert!(!world.app.unfollow(&helper, Origin::Page, deal.clone()).await.unwrap());
        assert!(world.followers_of(&deal).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_others_follow_and_what_is_hidden_cannot_be_followed() {
    in_every_world(async |world| {
        let lead = Reference::new("lead", world.lead("Robots").await);
        let row =
            Row::new().with("regardingobjectid", lead.clone()).with("ownerid", to("systemuser", world.admin.user));
        let new = crm::NewRecord::of("postfollow", row);
        let refused = world.app.create(&world.seller, Origin::WebApi, new).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(_) | Error::Forbidden(_)), "{refused}");

        let nobody = world.colleague("nobody", "System Customizer").await;
        let hidden = world.app.follow(&nobody, Origin::Page, lead.clone()).await.unwrap_err();
        assert!(matches!(hidden, Error::NotFound { .. }), "{hidden}");

        let currency = world.app.organization().await.unwrap().base_currency().unwrap().id;
        let currency = Reference::new("transactioncurrency", currency);
        let wrong = world.app.follow(&world.seller, Origin::Page, currency).await.unwrap_err();
        assert!(wrong.to_string().contains("cannot be followed"), "{wrong}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_follows_more_than_the_limit_by_whatever_way() {
    in_every_world(async |world| {
        let made = world.app.work(&world.seller, Origin::WebApi, |work| {
            for number in 0..MOST {
                let account = Row::new().with("name", format!("Account {number}"));
                let account = work.create_all(crm::NewRecord::of("account", account))?;
                work.create(FOLLOWS, None, Row::new().with("regardingobjectid", to("account", account)))?;
            }
            Ok(())
        });
        made.await.unwrap();
        let other = world.create("account", Row::new().with("name", "Contoso")).await;
        let new = crm::NewRecord::of(FOLLOWS, Row::new().with("regardingobjectid", to("account", other)));
        let refused = world.app.create(&world.seller, Origin::WebApi, new).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(_)), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_is_told_what_others_changed_of_what_they_still_see() {
    in_every_world(async |world| {
        let (one, other) = (world.lead("Robots").await, world.lead("Cranes").await);
        for lead in [one, other] {
            world.follow(&world.seller, &Reference::new("lead", lead)).await;
        }
        let changes = async || world.app.followed_changes(&world.seller().await, 6).await.unwrap();
        assert!(changes().await.is_empty(), "one's own changes are no news");

        let change = Row::new().with("subject", "More robots");
        world.app.update(&world.admin, Origin::Page, "lead", one, change, None).await.unwrap();
        let told = changes().await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].record, Reference::new("lead", one));
        assert_eq!(told[0].by, Some(Reference::new("systemuser", world.admin.user)));

        world.delete_as_admin("lead", one).await;
        assert!(changes().await.is_empty());
        assert!(world.followers_of(&Reference::new("lead", one)).await.is_empty(), "it goes with the record");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_merge_each_follower_follows_the_master_once() {
    in_every_world(async |world| {
        let account = async |name: &str| world.create("account", Row::new().with("name", name)).await;
        let (master, other) = (account("Fabrikam").await, account("Fabrikam Ltd").await);
        let helper = world.colleague("helper", "Salesperson").await;
        for record in [master, other] {
            world.follow(&world.seller, &Reference::new("account", record)).await;
        }
        world.follow(&helper, &Reference::new("account", other)).await;
        let merge =
            Merge { table: "account".into(), master, subordinate: other, content: Row::new(), check_parents: false };
        world.app.merge(&world.seller, Origin::Page, merge).await.unwrap();
        let mut followers = world.followers_of(&Reference::new("account", master)).await;
        followers.sort_unstable();
        let mut expected = [world.seller.user, helper.user];
        expected.sort_unstable();
        assert_eq!(followers, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_does_not_keep_an_act_from_being_undone() {
    in_every_world(async |world| {
        let (lead, act) = world
            .app
            .work(&world.seller, Origin::Page, |work| {
                let row = Row::new().with("subject", "Robots").with("lastname", "Lead");
                let lead = work.create_all(crm::NewRecord::of("lead", row))?;
                Ok((lead, work.act()))
            })
            .await
            .unwrap();
        let record = Reference::new("lead", lead);
        world.follow(&world.admin, &record).await;
        world.app.undo(&world.seller, Origin::Page, act).await.unwrap();
        assert!(world.followers_of(&record).await.is_empty());
    })
    .await;
}
