//! Sharing a record, its access teams, and what is offered to whom.

use crate::world::{in_every_world, somebody};
use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row};
use model::{Depth, Privilege, Privileges};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_shared_changed_and_not_shared_any_more_by_plain_forms() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let (user, mut theirs) =
            somebody(&world, &[("lead", own), ("activitypointer", own), ("annotation", own)]).await;
        let lead = world.lead("Robots", "Berg").await;
        let page = format!("/leads/{lead}");
        assert_eq!(theirs.get(&page).await.status, StatusCode::NOT_FOUND);

        let mut browser = world.browser().await;
        let shares = format!("{page}/shares");
        assert!(browser.get(&page).await.has(&format!("href=\"{shares}\"")), "the record leads to its sharing");
        let asked = browser.get(&shares).await;
        assert!(asked.has("Nobody.") && asked.has("value=\"read\" checked"));
        // Without a script somebody is found by name.
        let found = browser.get(&format!("{shares}?find=Tara")).await;
        let whom = format!("systemuser:{user}");
        assert!(found.has(&format!("<option value=\"{whom}\"")), "{}", found.text);

        let refused = browser.post(&shares, &[("principalid", &whom), ("privileges", "")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("Choose at least one"));
        assert!(refused.has(&format!("<option value=\"{whom}\" selected")), "who was chosen is kept");
        let refused = browser.post(&shares, &[("privileges", "read"), ("privileges", "write")]).await;
        assert!(refused.has("Choose the user or team to share it with.") && refused.has("value=\"write\" checked"));

        let done = browser.post(&shares, &[("principalid", &whom), ("privileges", "read")]).await;
        assert_eq!((done.status, done.leads_to()), (StatusCode::SEE_OTHER, shares.as_str()));
        let listed = browser.get(&shares).await;
        assert!(listed.has("Shared with Tara Tried.") && listed.has("Stop sharing with Tara Tried"));
        let shown = theirs.get(&page).await;
        assert!(shown.has("You may read this lead, but not change it."));
        for command in ["shares", "qualification", "disqualification", "assignment", "deletion"] {
            assert!(!shown.has(&format!("\"{page}/{command}\"")), "{command} is offered");
        }
        assert!(!shown.has(">Save<"));

        let changing = browser.get(&format!("{shares}?principalid={whom}")).await;
        assert!(changing.has("Change what Tara Tried may do"));
        let both =
            [("principalid", whom.as_str()), ("change", "true"), ("privileges", "read"), ("privileges", "write")];
        browser.post(&shares, &both).await;
        assert!(theirs.get(&page).await.has(">Save<"));

        let ended = browser.post(&format!("{shares}/systemuser/{user}/end"), &[]).await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER);
        assert!(browser.get(&shares).await.has("No longer shared with Tara Tried."));
        assert_eq!(theirs.get(&page).await.status, StatusCode::NOT_FOUND);

        let history = browser.get(&format!("{page}/history")).await;
        for told in [
            "shared this record with Tara Tried",
            "changed what Tara Tried may do with this record",
            "stopped sharing this record with Tara Tried",
        ] {
            assert!(history.has(told), "the history does not tell: {told}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_share_is_neither_offered_nor_allowed_it() {
    in_every_world(async |world| {
        let read = Privileges::default().with(Privilege::Read, Depth::Organization);
        let (user, mut browser) = somebody(&world, &[("lead", read)]).await;
        let lead = world.lead("Robots", "Berg").await;
        let shown = browser.get(&format!("/leads/{lead}")).await;
        assert_eq!(shown.status, StatusCode::OK);
        for command in ["shares", "qualification", "disqualification", "assignment", "deletion"] {
            assert!(!shown.has(&format!("\"/leads/{lead}/{command}\"")), "{command} is offered");
        }
        let shares = format!("/leads/{lead}/shares");
        let refused = browser.get(&shares).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let whom = format!("systemuser:{user}");
        let refused = browser.post(&shares, &[("principalid", whom.as_str()), ("privileges", "read")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);

        let list = browser.get("/leads?view=open").await;
        for command in ["new", "quick-create", "qualifications", "assignments", "deletions"] {
            assert!(!list.has(&format!("\"/leads/{command}\"")), "{command} is offered on the list");
        }
        assert!(!list.has("/import"));
        // Whoever may is offered all of it.
        let mut seller = world.browser().await;
        let shown = seller.get(&format!("/leads/{lead}")).await;
        for command in ["shares", "qualification", "disqualification", "assignment", "deletion"] {
            assert!(shown.has(&format!("\"/leads/{lead}/{command}\"")), "{command} is not offered");
        }
        let list = seller.get("/leads?view=open").await;
        for command in ["new", "quick-create", "qualifications", "assignments", "deletions"] {
            assert!(list.has(&format!("\"/leads/{command}\"")), "{command} is not offered on the list");
        }
        assert_eq!(browser.get("/leads/new").await.status, StatusCode::FORBIDDEN);
        let saved = browser.post(&format!("/leads/{lead}"), &[("lastname", "Changed")]).await;
        assert_ne!(saved.status, StatusCode::SEE_OTHER);
        assert_eq!(world.get("lead", lead).await.text("lastname"), "Berg");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_team_gets_and_loses_members_beside_the_shares() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let (user, mut theirs) =
            somebody(&world, &[("lead", own), ("activitypointer", own), ("annotation", own)]).await;
        let template =
            Row::new().with("teamtemplatename", "Lead team").with("entityname", "lead").with("canwrite", true);
        let template = NewRecord::of("teamtemplate", template);
        let template = world.app.create(&world.admin, Origin::Page, template).await.unwrap();
        let lead = world.lead("Robots", "Berg").await;
        let page = format!("/leads/{lead}");
        let mut browser = world.browser().await;
        assert!(browser.get(&page).await.has("Access team"));
        let shown = browser.get(&format!("{page}/shares")).await;
        assert!(shown.has("Access team: Lead team") && shown.has("Its members may: Read, Write."));

        let team = format!("{page}/access-teams/{template}");
        let refused = browser.post(&team, &[("member", "")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("Choose the user to add to the team."));
        let member = format!("systemuser:{user}");
        browser.post(&team, &[("member", member.as_str())]).await;
        let shown = browser.get(&format!("{page}/shares")).await;
        assert!(shown.has("Tara Tried added to the access team.") && shown.has("Remove Tara Tried from Lead team"));
        assert!(theirs.get(&page).await.has(">Save<"));
        browser.post(&format!("{team}/{user}/removal"), &[]).await;
        assert_eq!(theirs.get(&page).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
