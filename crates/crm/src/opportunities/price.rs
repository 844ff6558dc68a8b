//! What a deal is worth, computed anew when somebody asks for it.

use language::tr;
use model::Value;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Opportunities, WON, is_closed, products};
use crate::{Caller, Error, Origin, Result};

impl Opportunities<'_> {
    /// Adds up the totals of an open deal from its product lines once more.
    ///
    /// # Errors
    /// [`Error::Refused`] of a closed one, whose totals stay as they were.
    pub async fn calculate_price(&self, caller: &Caller, origin: Origin, opportunity: Uuid) -> Result<()> {
        self.app
            .work(caller, origin, move |work| {
                let row = work.load("opportunity", opportunity)?;
                if is_closed(&row) {
                    return Err(Error::refused(tr!("the opportunity is closed; its totals stay as they were")));
                }
                products::recalculate(work, &row)
            })
            .await
    }

    /// What a won deal brought, in its currency.
    ///
    /// # Errors
    /// [`Error::Refused`] of one that is not won.
    pub async fn actual_value(&self, caller: &Caller, opportunity: Uuid) -> Result<Option<Decimal>> {
        let columns = ["statecode", "actualvalue"].map(str::to_owned).to_vec();
        let row = self.app.get(caller, "opportunity", opportunity, Some(columns)).await?;
        if row.value("statecode").as_whole() != Some(WON) {
            return Err(Error::refused(tr!("the opportunity is not won; only a won one has an actual value")));
        }
        Ok(row.get("actualvalue").and_then(Value::as_decimal))
    }
}
