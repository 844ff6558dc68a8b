//! `$orderby` over a table of the model.

use model::{ColumnType, Model, Order, Table};

use super::names::path_to;
use crate::{
    error::{Error, Result},
    odata::OrderItem,
};

/// The order that `items` mean for rows of `table`.
pub fn translate_order(model: &Model, table: &Table, items: &[OrderItem]) -> Result<Vec<Order>> {
    items.iter().map(|item| key(model, table, item)).collect()
}

fn key(model: &Model, table: &Table, item: &OrderItem) -> Result<Order> {
    let (path, column) = path_to(model, table, &item.path)?;
    if matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. }) {
        return Err(Error::BadRequest(format!("$orderby: '{}' holds files, which have no order", column.name)));
    }
    Ok(Order { column: path, descending: item.descending })
}
