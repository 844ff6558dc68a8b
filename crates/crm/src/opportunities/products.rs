//! The product lines of an opportunity and the totals they make.

use language::tr;
use model::{Filter, Reference, Value};
use rust_decimal::Decimal;
use store::Row;

use super::{OPEN, is_closed};
use crate::{Error, Result, records::Work};

/// Amounts of a line follow from its price, quantity, discount and tax.
pub(crate) fn before_write(work: &mut Work<'_, '_>, old: Option<&Row>, row: &mut Row) -> Result<()> {
    let now = |row: &Row, column: &str| -> Value {
        row.get(column).or_else(|| old.map(|old| old.value(column))).cloned().unwrap_or_default()
    };
    let Some(opportunity) = now(row, "opportunityid").as_id() else {
        return Err(Error::refused(tr!("a product line belongs to an opportunity; give opportunityid")));
    };
    let opportunity = work.load("opportunity", opportunity)?;
    if is_closed(&opportunity) {
        return Err(Error::refused(tr!("the opportunity is closed; reopen it before changing its products")));
    }
    if now(row, "productid").is_null() && now(row, "productdescription").is_null() {
        return Err(Error::refused(tr!("choose a product, or describe a write-in product")));
    }
    row.set("transactioncurrencyid", opportunity.value("transactioncurrencyid").clone());
    let quantity = now(row, "quantity").as_decimal().unwrap_or(Decimal::ONE);
    row.set("quantity", quantity);
    let overridden = now(row, "ispriceoverridden").as_boolean() == Some(true) || now(row, "productid").is_null();
    let changed_product =
        old.is_none_or(|old| row.get("productid").is_some_and(|product| product != old.value("productid")));
    if !overridden && (changed_product || now(row, "priceperunit").is_null()) {
        match list_price(work, &opportunity, &now(row, "productid"))? {
            Some(price) => row.set("priceperunit", price),
            None if now(row, "priceperunit").is_null() => {
                return Err(Error::refused(tr!(
                    "the product has no price in the opportunity's price list; enter a price per unit"
                )));
            }
            None => row.set("ispriceoverridden", true),
        }
    }
    let amount = |row: &Row, column: &str| now(row, column).as_decimal().unwrap_or_default();
    let base = amount(row, "priceperunit")
        .checked_mul(quantity)
        .ok_or_else(|| Error::refused(tr!("the amount of the line is too large")))?;
    let discount = amount(row, "manualdiscountamount") + amount(row, "volumediscountamount") * quantity;
    if discount > base {
        return Err(Error::refused(tr!("the discount is larger than the amount of the line; make it smaller")));
    }
    row.set("baseamount", base.round_dp(4));
    row.set("extendedamount", (base - discount + amount(row, "tax")).round_dp(4));
    Ok(())
}

/// The price of a product: in the opportunity's price list, else its own list price.
fn list_price(work: &mut Work<'_, '_>, opportunity: &Row, product: &Value) -> Result<Option<Decimal>> {
    let Some(product) = product.as_id() else { return Ok(None) };
    if let Some(list) = opportunity.value("pricelevelid").as_id() {
        let item = Filter::eq("pricelevelid", list).and(Filter::eq("productid", product));
        let items = work.find_whole("productpricelevel", item, &["amount"])?;
        if let Some(price) = items.first().and_then(|item| item.value("amount").as_decimal()) {
            return Ok(Some(price));
        }
    }
    let row = work.load("product", product)?;
    // A product's own price is in its own currency; it stands for a deal only in the same one.
    let same = row.value("transactioncurrencyid") == opportunity.value("transactioncurrencyid");
    Ok(row.value("price").as_decimal().filter(|_| same))
}

/// After a line was written or deleted the totals of its opportunity are computed anew.
pub(crate) fn after_write(work: &mut Work<'_, '_>, line: &Row) -> Result<()> {
    let Some(id) = line.value("opportunityid").as_id() else { return Ok(()) };
    match work.load("opportunity", id) {
        Ok(opportunity) => recalculate(work, &opportunity),
        // The line goes because its opportunity goes.
        Err(Error::NotFound { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Totals from the lines: detail amount, discounts, freight, tax. A deal whose revenue is system
/// calculated takes the total as its estimated revenue.
pub(crate) fn recalculate(work: &mut Work<'_, '_>, opportunity: &Row) -> Result<()> {
    if opportunity.value("statecode").as_whole() != Some(OPEN) {
        return Ok(());
    }
    let id = opportunity.value("opportunityid").as_id().unwrap_or_default();
    let columns = ["baseamount", "manualdiscountamount", "volumediscountamount", "quantity", "tax"];
    let lines = work.find_whole("opportunityproduct", Filter::eq("opportunityid", id), &columns)?;
    let of = |row: &Row, column: &str| row.value(column).as_decimal().unwrap_or_default();
    let line_discount: Decimal = lines
        .iter()
        .map(|line| of(line, "manualdiscountamount") + of(line, "volumediscountamount") * of(line, "quantity"))
        .sum();
    let detail = lines.iter().map(|line| of(line, "baseamount")).sum::<Decimal>() - line_discount;
    let tax: Decimal = lines.iter().map(|line| of(line, "tax")).sum();
    let percent = of(opportunity, "discountpercentage");
    let discount = of(opportunity, "discountamount") + (detail * percent / Decimal::ONE_HUNDRED).round_dp(4);
    let less_freight = (detail - discount).max(Decimal::ZERO);
    let changes = Row::new()
        .with("totallineitemamount", detail.round_dp(4))
        .with("totallineitemdiscountamount", line_discount.round_dp(4))
        .with("totaldiscountamount", (discount + line_discount).round_dp(4))
        .with("totalamountlessfreight", less_freight.round_dp(4))
        .with("totaltax", tax.round_dp(4))
        .with("totalamount", (less_freight + of(opportunity, "freightamount") + tax).round_dp(4));
    let table = work.table("opportunity")?;
    work.update_loaded(&table, opportunity, changes).map(|_| ())
}

/// All lines share the opportunity's currency, so it stays while there are lines.
pub(super) fn refuse_currency_change(work: &mut Work<'_, '_>, old: &Row) -> Result<()> {
    let id = old.value("opportunityid").as_id().unwrap_or_default();
    let opportunity = Reference::new("opportunity", id);
    if work.find("opportunityproduct", Filter::eq("opportunityid", opportunity), &["opportunityproductid"])?.is_empty()
    {
        return Ok(());
    }
    Err(Error::refused(tr!("the currency cannot change while the opportunity has products; remove them first")))
}
