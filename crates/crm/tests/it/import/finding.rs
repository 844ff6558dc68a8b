//! Which rows are there already, and which ones names mean.

use super::files::{Files, part, propose, run, run_with};
use crate::world::in_every_world;
use crm::import::{ProposeOptions, RunOptions, plan::Mapping};
use pipewright_crm as crm;

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_for_in_every_table_that_a_lookup_may_point_at() {
    in_every_world(async |world| {
        let files = Files::new();
        let accounts = files.put("accounts.csv", "Account Name\nFabrikam\nTwins\n");
        let contacts = files.put("contacts.csv", "First name,Last name\nTanya,Tucker\n,Twins\n");
        for input in [accounts, contacts] {
            let mapping = propose(&world, std::slice::from_ref(&input), false).await;
            assert!(run(&world, vec![input], mapping).await.is_complete());
        }
        let deals = "Topic,Potential customer\nRobots,Fabrikam\nBelts,Tanya Tucker\nCranes,Twins\nLifts,Nobody\n";
        let input = vec![files.put("opportunities.csv", deals)];
        let mut mapping = propose(&world, &input, false).await;
        let text = mapping.to_toml().unwrap();
        assert!(text.contains("tables = [\"account\", \"contact\"]"), "{text}");
        let report = run(&world, input.clone(), mapping.clone()).await;
        let of_file = part(&report, "opportunities.csv");
        assert_eq!((of_file.created, of_file.failed), (2, 2), "{of_file:#?}");
        let told: Vec<&str> = of_file.warnings.iter().map(|warning| warning.message.as_str()).collect();
        assert!(told.iter().any(|line| line.contains("1 of account, 1 of contact")), "{told:?}");
        assert!(told.iter().any(|line| line.contains("account or contact") && line.contains("'Nobody'")), "{told:?}");
        let robots = world.one("opportunity", "name", "Robots").await;
        assert_eq!(robots.value("customerid").as_reference().unwrap().table, "account");
        let belts = world.one("opportunity", "name", "Belts").await;
        assert_eq!(belts.value("customerid").as_reference().unwrap().table, "contact");

        mapping.files[0].columns[1] =
            Mapping::from_toml(&text.replace("tables = [\"account\", \"contact\"]", "table = \"contact\""))
                .unwrap()
                .files[0]
                .columns[1]
                .clone();
        let report = run(&world, input, mapping).await;
        assert_eq!(part(&report, "opportunities.csv").created, 1, "one table only is no guess: {report:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_there_are_found_by_the_chosen_keys_in_their_order() {
    in_every_world(async |world| {
        let files = Files::new();
        let first = "First name,Last name,E-mail\nAda,Good,ada@a.example\nBob,Best,\n";
        let input = vec![files.put("contacts.csv", first)];
        let mapping = propose(&world, &input, false).await;
        assert_eq!(mapping.files[0].key, ["emailaddress1"], "an address where there is one");
        assert_eq!(run(&world, input, mapping).await.files[0].created, 2);

        let second =
            "First name,Last name,E-mail,Job title\nAda,Good,ada@a.example,Chief\nBob,Best,bob@a.example,Buyer\n";
        let input = vec![files.put("contacts.csv", second)];
        let mut mapping = propose(&world, &input, false).await;
        mapping.find_by(&["emailaddress1".to_owned(), "firstname+lastname".to_owned()]).unwrap();
        mapping.treat_duplicates("update".parse().unwrap());
        assert!(mapping.find_by(&["nonsense".to_owned()]).is_err());
        let dry = RunOptions { dry_run: true, ..RunOptions::default() };
        let told = run_with(&world, input.clone(), mapping.clone(), dry).await;
        assert_eq!((told.files[0].updated, told.files[0].created), (2, 0), "{told:#?}");
        assert_eq!(told.files[0].found_by, "E-mail, else First name and Last name");
        let report = run(&world, input, mapping).await;
        assert_eq!(report.files[0].updated, 2, "{report:#?}");
        let bob = world.one("contact", "lastname", "Best").await;
        assert_eq!((bob.text("emailaddress1"), bob.text("jobtitle")), ("bob@a.example", "Buyer"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_that_were_qualified_elsewhere_come_in_qualified_where_the_file_says_so() {
    in_every_world(async |world| {
        let files = Files::new();
        let leads = "Topic,Last name,Status\nRobots,Lind,Qualified\nBelts,Berg,New\nCranes,Dahl,Disqualified\n";
        let input = vec![files.put("leads.csv", leads)];
        let report = run(&world, input.clone(), propose(&world, &input, false).await).await;
        assert_eq!(report.files[0].created, 3, "{report:#?}");
        for (topic, state) in [("Robots", 1), ("Belts", 0), ("Cranes", 2)] {
            assert_eq!(world.one("lead", "subject", topic).await.value("statecode").as_whole(), Some(state), "{topic}");
        }
        assert_eq!(world.number("opportunity").await, 0, "nothing is made from them");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_closings_or_of_all_activities_is_not_taken_for_something_else() {
    in_every_world(async |world| {
        let files = Files::new();
        for (name, word) in [("opportunityclose.csv", "closing"), ("All Activities.csv", "each kind")] {
            let input = vec![files.put(name, "activityid,Subject\n018f0000-0000-7000-8000-000000000001,Won\n")];
            let refused =
                world.app.imports().propose(&world.admin, input, ProposeOptions::default()).await.unwrap_err();
            assert!(refused.to_string().contains(word) && refused.to_string().starts_with(name), "{refused}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_there_are_found_by_the_duplicate_rules_where_that_is_asked_for() {
    in_every_world(async |world| {
        let known = world.create("contact", crm::Row::new().with("firstname", "Ada").with("lastname", "Byron").with("emailaddress1", "ada@a.example")).await;
        let files = Files::new();
        let text = "First name,Last name,E-mail,Job title\nA.,Lovelace,ADA+x@a.example,Countess\nBob,Best,bob@b.example,Buyer\n";
        let input = vec![files.put("contacts.csv", text)];
        let mut mapping = propose(&world, &input, false).await;
        mapping.find_by(&["rules".to_owned()]).unwrap();
        mapping.treat_duplicates("skip".parse().unwrap());
        let mapping = Mapping::from_toml(&mapping.to_toml().unwrap()).unwrap();
        let dry = RunOptions { dry_run: true, ..RunOptions::default() };
        let told = run_with(&world, input.clone(), mapping.clone(), dry).await;
        assert_eq!((told.files[0].skipped, told.files[0].created), (1, 1), "{told:#?}");
        assert!(told.files[0].found_by.contains("duplicate rules"), "{}", told.files[0].found_by);
        let mut update = mapping.clone();
        update.treat_duplicates("update".parse().unwrap());
        let report = run(&world, input.clone(), update).await;
        assert_eq!((report.files[0].updated, report.files[0].created), (1, 1), "{report:#?}");
        assert_eq!(world.get("contact", known).await.text("jobtitle"), "Countess");
        let report = run(&world, input, mapping).await;
        assert_eq!((report.files[0].skipped, report.files[0].created), (2, 0), "{report:#?}");
    })
    .await;
}
