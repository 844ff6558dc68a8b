//! Rows that bear the name of another row: a product line its product's, a party its person's.

use model::Value;
use store::Row;

use super::Work;
use crate::Result;

/// (table, name column, lookup whose row's name it takes).
const NAMED_AFTER: &[(&str, &str, &str)] = &[
    ("opportunityproduct", "opportunityproductname", "productid"),
    ("activityparty", "partyname", "partyid"),
    ("connection", "name", "record2id"),
];

/// Takes the name over where the lookup is written; a write-in product is named by its
/// description.
pub(crate) fn take_over(work: &mut Work<'_, '_>, table: &str, row: &mut Row) -> Result<()> {
    let Some((_, column, lookup)) = NAMED_AFTER.iter().find(|(named, ..)| *named == table) else { return Ok(()) };
    let Some(length) = work.table(table)?.column(column).map(name_length) else { return Ok(()) };
    let name = match row.get(lookup) {
        Some(Value::Reference(reference)) => {
            let reference = reference.clone();
            work.name_of(&reference)?
        }
        _ if row.has("productdescription") => row.text("productdescription").to_owned(),
        _ => return Ok(()),
    };
    row.set(*column, name.chars().take(length).collect::<String>());
    Ok(())
}

fn name_length(column: &model::Column) -> usize {
    match column.value_type() {
        model::ColumnType::Text { length, .. } => *length as usize,
        _ => 100,
    }
}
