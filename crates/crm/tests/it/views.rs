//! Views that people make: sharing them, and which one is seen first.

use std::collections::BTreeSet;

use crm::{Error, Origin, Row, access::Privilege, views::Definition};
use model::{Filter, Reference};
use uuid::Uuid;

use crate::world::{World, crm, in_every_world};

async fn keep(world: &World, name: &str) -> Uuid {
    let definition = Definition {
        filter: Filter::eq("statecode", 0),
        group: Some("leadqualitycode".to_owned()),
        ..Definition::default()
    };
    world.app.keep_personal_view(&world.seller, Origin::Page, "lead", name, &definition).await.unwrap()
}

async fn share(world: &World, view: Uuid, with: Reference, what: &[Privilege]) {
    let (record, what) = (Reference::new("userquery", view), what.iter().copied().collect::<BTreeSet<_>>());
    world.app.work(&world.seller, Origin::Page, move |work| work.share(&record, &with, &what)).await.unwrap();
}

/// Another seller, as the database knows them by now.
async fn colleague(world: &World) -> crm::Caller {
    let row = Row::new()
        .with("firstname", "Cleo")
        .with("lastname", "Colleague")
        .with("internalemailaddress", "cleo@contoso.example")
        .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
    let user = world.app.create(&world.admin, Origin::Page, crm::NewRecord::of("systemuser", row)).await.unwrap();
    world.app.identity().give_role(&world.admin, user, "Salesperson").await.unwrap();
    world.app.caller(user).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_view_is_offered_to_those_it_is_shared_with_and_to_nobody_else() {
    in_every_world(async |world| {
        let (shared, other) = (keep(&world, "Hot").await, keep(&world, "Not shared").await);
        let cleo = colleague(&world).await;
        share(&world, shared, Reference::new("systemuser", cleo.user), &[Privilege::Read]).await;
        let cleo = world.app.caller(cleo.user).await.unwrap();
        let theirs = world.app.personal_views(&cleo, "lead").await.unwrap();
        assert_eq!(theirs.iter().map(|known| known.view.label.as_str()).collect::<Vec<_>>(), ["Hot"]);
        assert!(!theirs[0].mine);
        assert_eq!(theirs[0].group.as_deref(), Some("leadqualitycode"));
        assert!(world.app.personal_views(&cleo, "account").await.unwrap().is_empty());
        assert!(
            world.app.personal_views(&world.admin, "lead").await.unwrap().is_empty(),
            "a role sees it, not shares it"
        );

        for view in [shared, other] {
            let changed = world.app.change_personal_view(&cleo, Origin::Page, view, Some("Taken"), None).await;
            assert!(matches!(changed, Err(Error::Forbidden(_) | Error::NotFound { .. })), "{changed:?}");
        }
        share(&world, shared, Reference::new("systemuser", cleo.user), &[Privilege::Read, Privilege::Write]).await;
        world.app.change_personal_view(&cleo, Origin::Page, shared, Some("Hotter"), None).await.unwrap();
        assert_eq!(world.app.personal_views(&world.seller, "lead").await.unwrap()[0].view.label, "Hotter");
        assert!(world.app.delete_personal_view(&cleo, Origin::Page, shared).await.is_err());
        share(&world, shared, Reference::new("systemuser", cleo.user), &[]).await;
        assert!(world.app.personal_views(&cleo, "lead").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_says_for_themselves_which_view_they_see_first() {
    in_every_world(async |world| {
        let (app, seller) = (&world.app, &world.seller);
        assert_eq!(app.default_view(seller, "lead").await.unwrap(), None);
        let own = keep(&world, "Hot").await.to_string();
        app.choose_default_view(seller, Origin::Page, "lead", Some("all")).await.unwrap();
        app.choose_default_view(seller, Origin::Page, "account", Some("all")).await.unwrap();
        app.choose_default_view(seller, Origin::Page, "lead", Some(&own)).await.unwrap();
        assert_eq!(app.default_view(seller, "lead").await.unwrap(), Some(own.clone()));
        assert_eq!(app.default_view(seller, "account").await.unwrap().as_deref(), Some("all"));
        assert_eq!(app.default_view(&world.admin, "lead").await.unwrap(), None);
        for view in [own.as_str(), "there is no such view"] {
            let refused = app.choose_default_view(&world.admin, Origin::Page, "lead", Some(view)).await;
            assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        }
        app.choose_default_view(seller, Origin::Page, "lead", None).await.unwrap();
        assert_eq!(app.default_view(seller, "lead").await.unwrap(), None);
    })
    .await;
}
