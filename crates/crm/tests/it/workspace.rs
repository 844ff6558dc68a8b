//! What pages need of the domain beyond tables: parties, pairs, personal views, undo on a lead.

use crate::world::{crm, in_every_world};
use crm::{Error, Origin, Row, activities::parties::Party, leads::QualifyChoice, views::Definition};
use model::{Filter, Reference};

#[tokio::test(flavor = "multi_thread")]
async fn an_emails_recipients_are_people_we_know_and_addresses_we_do_not() {
    in_every_world(async |world| {
        let contact = world
            .create("contact", Row::new().with("lastname", "Lind").with("emailaddress1", "lind@fabrikam.example"))
            .await;
        let email = world.create("email", Row::new().with("subject", "Offer")).await;
        let known = Party::Record(Reference::new("contact", contact));
        let unknown = Party::Address("somebody@elsewhere.example".to_owned());
        let set = async |column: &str, parties: Vec<Party>| {
            let (activity, list) = (Reference::new("email", email), vec![(column.to_owned(), parties)]);
            world.app.work(&world.seller, Origin::Page, move |work| work.set_parties(&activity, list)).await
        };
        set("to", vec![known.clone(), unknown.clone()]).await.unwrap();
        set("cc", vec![unknown.clone()]).await.unwrap();
        let to = async |participation: i64| {
            let all = world.app.parties(&world.seller, "email", vec![email]).await.unwrap();
            all.into_iter().filter(|one| one.participation == participation).map(|one| one.party).collect::<Vec<_>>()
        };
        assert_eq!(to(2).await, [known.clone(), unknown.clone()]);
        set("to", vec![unknown.clone()]).await.unwrap();
        assert_eq!(to(2).await, std::slice::from_ref(&unknown));
        assert_eq!(to(3).await, std::slice::from_ref(&unknown), "the other list stays as it is");

        let wrong = set("to", vec![Party::Address("no address".to_owned())]).await.unwrap_err();
        assert!(matches!(&wrong, Error::Invalid(errors) if errors[0].column == "to"), "{wrong}");
        let wrong = set("to", vec![Party::Record(Reference::new("opportunity", contact))]).await.unwrap_err();
        assert!(wrong.to_string().contains("not opportunity"), "{wrong}");
        assert_eq!(to(2).await, [unknown], "nothing of a refused change stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_edits_an_activity_learns_that_its_parties_were_changed_meanwhile() {
    in_every_world(async |world| {
        let email = world.create("email", Row::new().with("subject", "Offer")).await;
        let seen = world.get("email", email).await.value("versionnumber").as_whole();
        let add = async || {
            let list = vec![("to".to_owned(), vec![Party::Address("somebody@elsewhere.example".to_owned())])];
            let of = Reference::new("email", email);
            world.app.work(&world.admin, Origin::Page, move |work| work.set_parties(&of, list)).await.unwrap();
            world.get("email", email).await.value("versionnumber").as_whole()
        };
        let changed = add().await;
        assert!(changed > seen);
        assert_eq!(add().await, changed, "the same parties again are no change");
        let changes = Row::new().with("subject", "Another offer");
        let late = world.app.update(&world.seller, Origin::Page, "email", email, changes, seen).await;
        assert!(matches!(late, Err(Error::Changed { .. })), "{late:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_to_somebody_known_and_a_completed_one_keeps_its_parties() {
    in_every_world(async |world| {
        let call = world.create("phonecall", Row::new().with("subject", "Call")).await;
        let activity = Reference::new("phonecall", call);
        let list = vec![("to".to_owned(), vec![Party::Address("a@b.example".to_owned())])];
        let of = activity.clone();
        let refused = world.app.work(&world.seller, Origin::Page, move |work| work.set_parties(&of, list)).await;
        assert!(refused.unwrap_err().to_string().contains("only e-mails"));
        world.update("phonecall", call, Row::new().with("statecode", 1)).await.unwrap();
        let list = vec![("to".to_owned(), Vec::new())];
        let refused = world.app.work(&world.seller, Origin::Page, move |work| work.set_parties(&activity, list)).await;
        assert!(refused.unwrap_err().to_string().contains("read-only"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_activity_comes_back_with_its_parties() {
    in_every_world(async |world| {
        let call = world.create("phonecall", Row::new().with("subject", "Call")).await;
        let activity = Reference::new("phonecall", call);
        let me = Party::Record(Reference::new("systemuser", world.seller.user));
        let list = vec![("from".to_owned(), vec![me.clone()])];
        world.app.work(&world.seller, Origin::Page, move |work| work.set_parties(&activity, list)).await.unwrap();
        let act = world
            .app
            .work(&world.seller, Origin::Page, move |work| work.delete("phonecall", call, None).map(|()| work.act()))
            .await
            .unwrap();
        world.app.undo(&world.seller, Origin::Page, act).await.unwrap();
        let parties = world.app.parties(&world.seller, "phonecall", vec![call]).await.unwrap();
        assert_eq!(parties.into_iter().map(|one| one.party).collect::<Vec<_>>(), [me]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_tied_once_and_untied() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Robots", 10).await);
        let rival = Reference::new("competitor", world.create("competitor", Row::new().with("name", "Rival")).await);
        let tie = async |tie: bool| {
            let (deal, rival) = (deal.clone(), rival.clone());
            let name = "opportunitycompetitors_association";
            let act = move |work: &mut crm::Work<'_, '_>| {
                if tie { work.associate(name, &deal, &rival) } else { work.dissociate(name, &deal, &rival) }
            };
            world.app.work(&world.seller, Origin::Page, act).await.unwrap()
        };
        assert_eq!((tie(true).await, tie(true).await), (true, false));
        assert_eq!(world.count("opportunitycompetitors").await, 1);
        assert_eq!((tie(false).await, tie(false).await), (true, false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_personal_view_is_its_makers_alone() {
    in_every_world(async |world| {
        let definition = Definition {
            columns: vec![],
            filter: Filter::eq("statecode", 0).and(Filter::Search("robots".to_owned())),
            order: vec!["fullname desc".to_owned().try_into().unwrap()],
            group: None,
        };
        let (app, seller) = (&world.app, &world.seller);
        let id = app.keep_personal_view(seller, Origin::Page, "lead", "Robots", &definition).await.unwrap();
        let mine = app.personal_views(seller, "lead").await.unwrap();
        assert_eq!(
            (mine[0].view.label.as_str(), &mine[0].view.filter, &mine[0].view.order),
            ("Robots", &definition.filter, &definition.order)
        );
        assert!(app.personal_views(&world.admin, "lead").await.unwrap().is_empty());
        assert!(app.personal_views(seller, "account").await.unwrap().is_empty());
        let theirs = app.change_personal_view(&world.admin, Origin::Page, id, Some("Taken"), None).await;
        assert!(matches!(theirs, Err(Error::Forbidden(_))));
        app.change_personal_view(seller, Origin::Page, id, Some("Robotics"), None).await.unwrap();
        assert_eq!(app.personal_views(seller, "lead").await.unwrap()[0].view.label, "Robotics");
        let act = app.delete_personal_view(seller, Origin::Page, id).await.unwrap();
        assert!(app.personal_views(seller, "lead").await.unwrap().is_empty());
        app.undo(seller, Origin::Page, act).await.unwrap();
        assert_eq!(app.personal_views(seller, "lead").await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qualification_is_offered_for_undo_on_the_lead_while_nobody_touched_its_results() {
    in_every_world(async |world| {
        let leads = world.app.leads();
        let lead = world.lead("Robots").await;
        assert_eq!(leads.qualification_to_undo(&world.seller, lead).await.unwrap(), None);
        let choice = QualifyChoice {
            account: crm::leads::AccountChoice::Create,
            opportunities: vec![crm::leads::OpportunityDraft::default()],
            ..QualifyChoice::default()
        };
        let done = leads.qualify(&world.seller, Origin::Page, lead, choice).await.unwrap();
        assert_eq!(leads.qualification_to_undo(&world.seller, lead).await.unwrap(), Some(done.act));
        world.update("opportunity", done.opportunities[0], Row::new().with("name", "Cranes")).await.unwrap();
        assert_eq!(leads.qualification_to_undo(&world.seller, lead).await.unwrap(), None);
    })
    .await;
}
