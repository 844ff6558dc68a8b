//! Opportunities: products, close, reopen, totals of the account.

use crate::world::{crm, in_every_world, to};
use crm::{Error, Origin, Row, opportunities::*};
use model::{Filter, Value};
use rust_decimal::Decimal;

fn money(amount: i64) -> Value {
    Decimal::new(amount, 0).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn winning_writes_a_closing_and_makes_the_deal_read_only() {
    in_every_world(async |world| {
        let deal = world.deal("Big one", 9000).await;
        let request = CloseRequest {
            opportunity: deal,
            actual_revenue: Some(Decimal::new(8500, 0)),
            actual_end: Some(jiff::civil::date(2026, 3, 14)),
            description: Some("Signed on the fair".into()),
            ..CloseRequest::default()
        };
        let closing = world.app.opportunities().win(&world.seller, Origin::Page, request).await.unwrap();

        let row = world.get("opportunity", deal).await;
        assert_eq!((row.value("statecode").as_whole(), row.value("statuscode").as_whole()), (Some(WON), Some(3)));
        assert_eq!(row.value("actualvalue"), &money(8500));
        assert_eq!(row.value("actualclosedate").as_date(), Some(jiff::civil::date(2026, 3, 14)));
        assert_eq!(row.value("msdyn_forecastcategory").as_whole(), Some(100_000_005));
        let closing = world.get("opportunityclose", closing).await;
        assert_eq!(closing.value("statecode").as_whole(), Some(1));
        assert_eq!(closing.value("regardingobjectid"), &to("opportunity", deal));

        let edit = world.update("opportunity", deal, Row::new().with("name", "x")).await.unwrap_err();
        assert!(matches!(edit, Error::Refused(_)), "{edit}");
        world
            .create("task", Row::new().with("subject", "Thank them").with("regardingobjectid", to("opportunity", deal)))
            .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_names_the_competitor_and_reopening_brings_the_deal_back() {
    in_every_world(async |world| {
        let deal = world.deal("Shaky", 100).await;
        let competitor = world.create("competitor", Row::new().with("name", "Northwind")).await;
        let request = CloseRequest {
            opportunity: deal,
            status: Some(5),
            competitor: Some(competitor),
            ..CloseRequest::default()
        };
        world.app.opportunities().lose(&world.seller, Origin::Page, request).await.unwrap();
        assert_eq!(world.get("opportunity", deal).await.value("statuscode").as_whole(), Some(5));

        world.app.opportunities().reopen(&world.seller, Origin::Page, vec![deal]).await.unwrap();
        let row = world.get("opportunity", deal).await;
        assert_eq!(row.value("statecode").as_whole(), Some(OPEN));
        assert!(row.value("actualclosedate").is_null());
        assert_eq!(world.count("opportunityclose").await, 1, "what the closing said stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_deal_cannot_be_closed_again_nor_with_a_reason_of_another_state() {
    in_every_world(async |world| {
        let deal = world.deal("Once", 5).await;
        let wrong = CloseRequest { opportunity: deal, status: Some(4), ..CloseRequest::default() };
        let error = world.app.opportunities().win(&world.seller, Origin::Page, wrong).await.unwrap_err();
        assert!(error.to_string().contains("take one of 3 (Won)"), "{error}");

        let request = CloseRequest { opportunity: deal, ..CloseRequest::default() };
        world.app.opportunities().win(&world.seller, Origin::Page, request.clone()).await.unwrap();
        let error = world.app.opportunities().lose(&world.seller, Origin::Page, request).await.unwrap_err();
        assert!(error.to_string().contains("closed already"), "{error}");
        assert_eq!(world.count("opportunityclose").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_a_closing_from_anywhere_closes_the_deal() {
    in_every_world(async |world| {
        let deal = world.deal("By record", 70).await;
        let row = Row::new().with("opportunityid", to("opportunity", deal)).with("opportunitystatuscode", 4);
        world.create("opportunityclose", row).await;
        assert_eq!(world.get("opportunity", deal).await.value("statecode").as_whole(), Some(LOST));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn product_lines_make_the_revenue_of_a_system_calculated_deal() {
    in_every_world(async |world| {
        let deal = world.deal("Lines", 1).await;
        world.update("opportunity", deal, Row::new().with("isrevenuesystemcalculated", true)).await.unwrap();
        let line = |price: i64, quantity: i64, discount: i64| {
            Row::new()
                .with("opportunityid", to("opportunity", deal))
                .with("productdescription", "Write-in")
                .with("isproductoverridden", true)
                .with("priceperunit", money(price))
                .with("quantity", money(quantity))
                .with("manualdiscountamount", money(discount))
        };
        let first = world.create("opportunityproduct", line(100, 3, 50)).await;
        world.create("opportunityproduct", line(40, 1, 0)).await;
        let row = world.get("opportunity", deal).await;
        assert_eq!(row.value("totalamount"), &money(290));
        assert_eq!(row.value("estimatedvalue"), &money(290));

        world.update("opportunity", deal, Row::new().with("discountpercentage", money(10))).await.unwrap();
        assert_eq!(world.get("opportunity", deal).await.value("estimatedvalue"), &money(261));

        world.app.delete(&world.seller, Origin::Page, "opportunityproduct", first, None).await.unwrap();
        assert_eq!(world.get("opportunity", deal).await.value("estimatedvalue"), &money(36));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_knows_its_open_deals_and_their_worth_at_once() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Adatum")).await;
        let deal = |amount: i64| {
            Row::new()
                .with("name", "D")
                .with("customerid", to("account", account))
                .with("estimatedvalue", money(amount))
        };
        let first = world.create("opportunity", deal(100)).await;
        world.create("opportunity", deal(50)).await;
        let row = world.get("account", account).await;
        assert_eq!(
            (row.value("opendeals").as_whole(), row.value("openrevenue").as_decimal()),
            (Some(2), Some(Decimal::new(150, 0)))
        );

        let request = CloseRequest { opportunity: first, ..CloseRequest::default() };
        world.app.opportunities().win(&world.seller, Origin::Page, request).await.unwrap();
        let row = world.get("account", account).await;
        assert_eq!(
            (row.value("opendeals").as_whole(), row.value("openrevenue").as_decimal()),
            (Some(1), Some(Decimal::new(50, 0)))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_in_another_currency_are_kept_in_the_base_currency_by_the_rate_of_the_day() {
    in_every_world(async |world| {
        let euro = Row::new()
            .with("isocurrencycode", "EUR")
            .with("currencyname", "Euro")
            .with("currencysymbol", "€")
            .with("currencyprecision", 2)
            .with("exchangerate", Decimal::new(9, 1));
        let create = |table: &'static str, row: Row| {
            world.app.create(&world.admin, Origin::Page, crm::NewRecord::of(table, row))
        };
        let euro = create("transactioncurrency", euro).await.unwrap();
        for (day, rate) in [(jiff::civil::date(2020, 1, 1), 8), (jiff::civil::date(2025, 1, 1), 5)] {
            let row = Row::new()
                .with("transactioncurrencyid", to("transactioncurrency", euro))
                .with("validfrom", day)
                .with("exchangerate", Decimal::new(rate, 1));
            create("transactioncurrencyrate", row).await.unwrap();
        }
        let seller = world.app.caller(world.seller.user).await.unwrap();
        let account = world.create("account", Row::new().with("name", "Euro AG")).await;
        let row = Row::new()
            .with("name", "In euro")
            .with("customerid", to("account", account))
            .with("transactioncurrencyid", to("transactioncurrency", euro))
            .with("estimatedvalue", money(100));
        let deal = world.app.create(&seller, Origin::Page, crm::NewRecord::of("opportunity", row)).await.unwrap();
        assert_eq!(world.get("opportunity", deal).await.value("estimatedvalue_base"), &money(200));

        let request = CloseRequest {
            opportunity: deal,
            actual_end: Some(jiff::civil::date(2024, 6, 1)),
            ..CloseRequest::default()
        };
        world.app.opportunities().win(&seller, Origin::Page, request).await.unwrap();
        let row = world.get("opportunity", deal).await;
        assert_eq!(row.value("exchangerate").as_decimal(), Some(Decimal::new(8, 1)), "the rate of the day it closed");
        assert_eq!(row.value("actualvalue_base"), &money(125));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_opportunity_takes_its_activities_and_lines_with_it_and_no_more() {
    in_every_world(async |world| {
        let deal = world.deal("Gone", 5).await;
        let other = world.deal("Stays", 5).await;
        for deal in [deal, other] {
            world
                .create("task", Row::new().with("subject", "T").with("regardingobjectid", to("opportunity", deal)))
                .await;
            world
                .create("annotation", Row::new().with("notetext", "N").with("objectid", to("opportunity", deal)))
                .await;
        }
        world.app.delete(&world.seller, Origin::Page, "opportunity", deal, None).await.unwrap();
        for table in ["opportunity", "task", "annotation", "activitypointer"] {
            assert_eq!(world.count(table).await, 1, "{table}");
        }
        let left =
            world.app.new_query(&world.seller, "task").select(["regardingobjectid"]).matching(Filter::everything());
        let left = world.app.query(&world.seller, left).await.unwrap();
        assert_eq!(left.rows[0][0], to("opportunity", other));
    })
    .await;
}
