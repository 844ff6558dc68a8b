//! Columns taken off the views and forms that show them, so that they can be removed.

use super::Overlay;
use crate::{Form, View};

impl Overlay {
    /// Takes a column of `table` off every own or changed view and form of that table. What filters or
    /// sorts by it stays, and is told when the overlay is merged.
    pub fn take_off_pages(&mut self, table: &str, column: &str) {
        if let Some(own) = self.new_tables.get_mut(table) {
            off_views(&mut own.views, column);
            off_forms(&mut own.forms, column);
        }
        if let Some(change) = self.tables.get_mut(table) {
            off_views(&mut change.views, column);
            off_forms(&mut change.forms, column);
        }
    }
}

fn off_views(views: &mut [View], column: &str) {
    for view in views {
        view.columns.retain(|shown| shown.column.to_string() != column);
    }
}

fn off_forms(forms: &mut [Form], column: &str) {
    for form in forms {
        form.header.retain(|shown| shown != column);
        for section in form.tabs.iter_mut().flat_map(|tab| &mut tab.sections) {
            section.columns.retain(|shown| shown != column);
        }
    }
}
