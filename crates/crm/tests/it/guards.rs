//! What no single request may ruin, whoever makes it.

use crate::world::{World, crm, in_every_world, to};
use crm::{Caller, Error, NewRecord, Origin, Result, Row};
use model::{Filter, Reference};
use rust_decimal::Decimal;
use uuid::Uuid;

impl World {
    async fn change(&self, table: &str, id: Uuid, changes: Row) -> Result<Row> {
        self.app.update(&self.admin, Origin::WebApi, table, id, changes, None).await
    }

    async fn add_row(&self, table: &str, row: Row) -> Result<Uuid> {
        self.app.create(&self.admin, Origin::WebApi, NewRecord::of(table, row)).await
    }

    async fn remove_row(&self, table: &'static str, id: Uuid) -> Result<()> {
        self.app.work(&self.admin, Origin::WebApi, move |work| work.delete(table, id, None)).await
    }

    async fn named(&self, table: &str, name: &str) -> Uuid {
        let key = format!("{table}id");
        let query = self.app.new_query(&self.admin, table).select([key.as_str()]).matching(Filter::eq("name", name));
        self.app.query(&self.admin, query).await.unwrap().rows[0][0].as_id().unwrap()
    }

    async fn tie(
        &self,
        relationship: &'static str,
        one: (&str, Uuid),
        other: (&str, Uuid),
        tied: bool,
    ) -> Result<Uuid> {
        let (one, other) = (Reference::new(one.0, one.1), Reference::new(other.0, other.1));
        self.app
            .work(&self.admin, Origin::WebApi, move |work| {
                if tied {
                    work.associate(relationship, &one, &other)?;
                } else {
                    work.dissociate(relationship, &one, &other)?;
                }
                Ok(work.act())
            })
            .await
    }

    async fn undo(&self, act: Uuid) -> Result<usize> {
        self.app.work(&self.admin, Origin::WebApi, move |work| work.undo(act)).await
    }

    async fn set_state(&self, id: Uuid, state: i64, reason: i64) -> Result<Row> {
        self.update("lead", id, Row::new().with("statecode", state).with("statuscode", reason)).await
    }
}

const ROLES: &str = "systemuserroles_association";
const TEAM_ROLES: &str = "teamroles_association";
const MEMBERS: &str = "teammembership_association";

#[track_caller]
fn is_refused<T: std::fmt::Debug>(outcome: Result<T>, with: &str) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert!(error.to_string().contains(with), "{error}");
}

#[track_caller]
fn is_invalid<T: std::fmt::Debug>(outcome: Result<T>, column: &str, with: &str) {
    let Error::Invalid(fields) = outcome.unwrap_err() else { panic!("not a mistake in a column") };
    assert_eq!(fields[0].column, column, "{fields:?}");
    assert!(fields[0].message.contains(with), "{fields:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twin_of_an_activity_is_written_by_nobody() {
    in_every_world(async |world| {
        let task = world.create("task", Row::new().with("subject", "Call back")).await;
        let refusal = "are written through the activities themselves";
        is_refused(world.change("activitypointer", task, Row::new().with("subject", "Other")).await, refusal);
        let owner = Row::new().with("ownerid", to("systemuser", world.admin.user));
        is_refused(world.change("activitypointer", task, owner).await, refusal);
        is_refused(world.remove_row("activitypointer", task).await, refusal);
        is_refused(world.add_row("activitypointer", Row::new().with("subject", "Alone")).await, refusal);
        let error = world.update("activitypointer", task, Row::new().with("subject", "Other")).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
        let engine: Caller = world.app.engine().await.unwrap();
        let by_engine = world.app.work(&engine, Origin::Engine, move |work| work.delete("activitypointer", task, None));
        is_refused(by_engine.await, refusal);

        world.change("task", task, Row::new().with("subject", "Call again")).await.unwrap();
        assert_eq!(world.get("activitypointer", task).await.text("subject"), "Call again");
        world.remove_row("task", task).await.unwrap();
        assert_eq!(world.count("activitypointer").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_organisation_and_it_stays() {
    in_every_world(async |world| {
        let organization = world.app.organization().await.unwrap();
        is_refused(world.remove_row("organization", organization.id).await, "is not deleted");
        let base = organization.base_currency().unwrap().id;
        let second = Row::new().with("name", "Second").with("basecurrencyid", to("transactioncurrency", base));
        is_refused(world.add_row("organization", second).await, "no second one");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_business_unit_at_the_top_stays_there() {
    in_every_world(async |world| {
        let root = world.admin.business_unit;
        let north = world.add_row("businessunit", Row::new().with("name", "North")).await.unwrap();
        let row = world.get("businessunit", north).await;
        assert_eq!(row.value("parentbusinessunitid").as_id(), Some(root), "there is one at the top");
        let parent = |id| Row::new().with("parentbusinessunitid", to("businessunit", id));
        is_invalid(world.change("businessunit", root, parent(north)).await, "parentbusinessunitid", "at the top");
        let none = Row::new().with("parentbusinessunitid", model::Value::Null);
        is_invalid(world.change("businessunit", north, none).await, "parentbusinessunitid", "at the top only");
        let disabled = Row::new().with("isdisabled", true);
        is_invalid(world.change("businessunit", root, disabled.clone()).await, "isdisabled", "stays enabled");
        is_refused(world.remove_row("businessunit", root).await, "at the top stays");

        let south = world.add_row("businessunit", Row::new().with("name", "South")).await.unwrap();
        world.change("businessunit", south, parent(north)).await.unwrap();
        is_invalid(world.change("businessunit", north, parent(south)).await, "parentbusinessunitid", "North");
        world.change("businessunit", south, disabled).await.unwrap();
        world.remove_row("businessunit", south).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_base_currency_is_the_measure_of_all_others() {
    in_every_world(async |world| {
        let organization = world.app.organization().await.unwrap();
        let base = organization.base_currency().unwrap().id;
        let rate = |rate: i64| Row::new().with("exchangerate", Decimal::new(rate, 0));
        is_invalid(world.change("transactioncurrency", base, rate(2)).await, "exchangerate", "is 1");
        let inactive = Row::new().with("statecode", 1);
        is_invalid(world.change("transactioncurrency", base, inactive.clone()).await, "statecode", "stays active");
        let reason = Row::new().with("statuscode", 2);
        is_invalid(world.change("transactioncurrency", base, reason).await, "statecode", "stays active");
        is_refused(world.remove_row("transactioncurrency", base).await, "the base currency stays");
        let dated = |currency| {
            rate(2)
                .with("transactioncurrencyid", to("transactioncurrency", currency))
                .with("validfrom", "2026-01-01".parse::<jiff::civil::Date>().unwrap())
        };
        is_invalid(world.add_row("transactioncurrencyrate", dated(base)).await, "exchangerate", "is 1");

        let krone = rate(7).with("isocurrencycode", "DKK").with("currencyname", "Krone").with("currencysymbol", "kr");
        let krone = world.add_row("transactioncurrency", krone).await.unwrap();
        world.change("transactioncurrency", krone, rate(8)).await.unwrap();
        world.add_row("transactioncurrencyrate", dated(krone)).await.unwrap();
        world.deal("Robots", 1_000).await;
        let other = Row::new().with("basecurrencyid", to("transactioncurrency", krone));
        is_invalid(world.change("organization", organization.id, other).await, "basecurrencyid", "amounts");
        world.change("transactioncurrency", krone, inactive).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_declared_roles_stay_as_they_are() {
    in_every_world(async |world| {
        let seller = world.named("role", "Salesperson").await;
        let name = |name: &str| Row::new().with("name", name);
        is_invalid(world.change("role", seller, name("Anything")).await, "name", "declaration");
        is_refused(world.remove_row("role", seller).await, "is a declared security role");
        is_refused(world.add_row("role", name("Mine")).await, "are declarations");
        world.change("role", seller, Row::new().with("passwordlength", 12)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_do_everything_is_left() {
    in_every_world(async |world| {
        let (ada, sam) = (("systemuser", world.admin.user), ("systemuser", world.seller.user));
        let role = ("role", world.named("role", "System Administrator").await);
        let refusal = "nobody would be left";
        let disabled = |yes: bool| Row::new().with("isdisabled", yes);
        is_refused(world.change("systemuser", ada.1, disabled(true)).await, refusal);
        is_refused(world.tie(ROLES, ada, role, false).await, refusal);
        is_refused(world.remove_row("systemuser", ada.1).await, "people are not deleted");
        // Other roles and people come and go.
        world.change("systemuser", sam.1, disabled(true)).await.unwrap();
        world.tie(ROLES, sam, role, true).await.unwrap();
        is_refused(world.change("systemuser", ada.1, disabled(true)).await, refusal);
        world.change("systemuser", sam.1, disabled(false)).await.unwrap();
        world.tie(ROLES, sam, role, false).await.unwrap();

        // By a team, too.
        let team = Row::new()
            .with("name", "Board")
            .with("teamtype", 0)
            .with("businessunitid", to("businessunit", world.admin.business_unit));
        let team = ("team", world.add_row("team", team).await.unwrap());
        world.tie(TEAM_ROLES, team, role, true).await.unwrap();
        is_refused(world.tie(ROLES, ada, role, false).await, refusal);
        world.tie(MEMBERS, team, ada, true).await.unwrap();
        let taken = world.tie(ROLES, ada, role, false).await.unwrap();
        is_refused(world.tie(MEMBERS, team, ada, false).await, refusal);
        is_refused(world.tie(TEAM_ROLES, team, role, false).await, refusal);
        is_refused(world.remove_row("team", team.1).await, refusal);
        is_refused(world.change("systemuser", ada.1, disabled(true)).await, refusal);

        // Nor by taking back what gave it.
        world.undo(taken).await.unwrap();
        let given = world.tie(ROLES, sam, role, true).await.unwrap();
        world.tie(MEMBERS, team, ada, false).await.unwrap();
        world.tie(ROLES, ada, role, false).await.unwrap();
        let sam = world.seller().await;
        let undone = world.app.work(&sam, Origin::WebApi, move |work| work.undo(given)).await;
        is_refused(undone, refusal);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_stands_above_itself() {
    in_every_world(async |world| {
        let mut accounts = Vec::new();
        for name in ["Top", "Middle", "Low"] {
            accounts.push(world.create("account", Row::new().with("name", name)).await);
        }
        let [top, middle, low] = accounts[..] else { panic!() };
        let below = |id| Row::new().with("parentaccountid", to("account", id));
        is_invalid(world.update("account", top, below(top)).await, "parentaccountid", "below itself");
        world.update("account", middle, below(top)).await.unwrap();
        let lowered = world.app.work(&world.admin, Origin::WebApi, move |work| {
            work.update("account", low, Row::new().with("parentaccountid", to("account", middle)), None)?;
            Ok(work.act())
        });
        let lowered = lowered.await.unwrap();
        let names = "“Top” → “Low” → “Middle” → “Top”";
        is_invalid(world.update("account", top, below(low)).await, "parentaccountid", names);
        // Nor by several changes of one act, or by taking one back.
        let both = world.app.work(&world.admin, Origin::WebApi, move |work| {
            work.update("account", middle, Row::new().with("parentaccountid", model::Value::Null), None)?;
            work.update("account", top, Row::new().with("parentaccountid", to("account", low)), None)?;
            work.update("account", middle, Row::new().with("parentaccountid", to("account", top)), None)
        });
        is_invalid(both.await, "parentaccountid", "makes a loop");
        let freed = world.app.work(&world.admin, Origin::WebApi, move |work| {
            work.update("account", low, Row::new().with("parentaccountid", model::Value::Null), None)?;
            Ok(work.act())
        });
        let freed = freed.await.unwrap();
        assert_ne!(freed, lowered);
        world.update("account", top, below(low)).await.unwrap();
        is_invalid(world.undo(freed).await, "parentaccountid", "makes a loop");

        let manager = |id| Row::new().with("parentsystemuserid", to("systemuser", id));
        world.change("systemuser", world.seller.user, manager(world.admin.user)).await.unwrap();
        let turned = world.change("systemuser", world.admin.user, manager(world.seller.user)).await;
        is_invalid(turned, "parentsystemuserid", "makes a loop");
        for (table, column) in
            [("position", "parentpositionid"), ("territory", "parentterritoryid"), ("product", "parentproductid")]
        {
            let row = |name: &str| match table {
                "product" => Row::new().with("name", name).with("productnumber", name),
                _ => Row::new().with("name", name),
            };
            let one = world.add_row(table, row("One")).await.unwrap();
            let two = world.add_row(table, row("Two").with(column, to(table, one))).await.unwrap();
            let turned = world.change(table, one, Row::new().with(column, to(table, two))).await;
            is_invalid(turned, column, "“One” → “Two” → “One”");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_leaves_a_parent_that_makes_a_loop_empty_and_goes_on() {
    in_every_world(async |world| {
        let file = "Account Name,Parent Account\nAlpha,Beta\nBeta,Gamma\nGamma,Alpha\nDelta,Alpha\n";
        let report = world.bring_in(&[("accounts.csv", file)]).await;
        assert_eq!(world.count("account").await, 4, "{report:?}");
        assert!(format!("{report:?}").contains("makes a loop"), "{report:?}");
        let delta = world.named("account", "Delta").await;
        let alpha = world.named("account", "Alpha").await;
        assert_eq!(world.get("account", delta).await.value("parentaccountid").as_id(), Some(alpha));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_state_takes_no_reason_of_another_also_not_the_present_one() {
    in_every_world(async |world| {
        let lead = world.lead("Pumps").await;
        let present = world.get("lead", lead).await.value("statuscode").as_whole().unwrap();
        is_invalid(world.set_state(lead, 2, present).await, "statuscode", "belongs to state");
        assert_eq!(world.get("lead", lead).await.value("statecode").as_whole(), Some(0));
        let row = world.update("lead", lead, Row::new().with("statecode", 2)).await.unwrap();
        assert_ne!(row.value("statuscode").as_whole(), Some(present), "a state alone brings its reason");
    })
    .await;
}
