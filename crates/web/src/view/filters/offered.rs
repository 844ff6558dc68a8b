//! What can be filtered by, shown and sorted by: columns of a table and, through lookups, of the
//! rows it points at.

use language::{Language, tr};
use model::{Column, ColumnType, Model, Path, Step, Table};

use crate::{
    components::OptionGroup,
    session::Me,
    view::{operators::operators, order::by_label, parties, tables},
};

/// Lookups followed at most.
const MOST_STEPS: usize = 4;
/// Stands for the columns of the row itself.
const HOME: &str = ".";

/// Where columns are chosen from: the table itself, or one that lookups lead to.
pub(crate) struct Place<'m> {
    steps: Vec<Step>,
    /// The table there.
    pub table: &'m Table,
    /// The lookups followed, in words.
    trail: Vec<String>,
}

impl<'m> Place<'m> {
    /// The place of a column, or the place itself where the text ends in a point.
    pub fn of(model: &'m Model, table: &'m Table, text: &str) -> Option<Self> {
        let mut place = Self { steps: Vec::new(), table, trail: Vec::new() };
        let steps = match text.rsplit_once('.') {
            Some((steps, _)) if !steps.is_empty() => format!("{steps}.x").parse::<Path>().ok()?.steps,
            _ => Vec::new(),
        };
        for step in steps {
            let lookup = place.table.column(&step.lookup)?;
            let target = target(model, lookup, &step)?;
            place.trail.push(step_label(lookup, target));
            place.table = target;
            place.steps.push(step);
        }
        Some(place)
    }

    /// What a column there is called, seen from the table one began with.
    fn label(&self, column: &Column) -> String {
        if self.trail.is_empty() {
            return column.label.clone();
        }
        format!("{} ({})", column.label, self.trail.join(" › "))
    }

    /// The path of a column there.
    pub fn path(&self, column: &str) -> Path {
        Path { steps: self.steps.clone(), column: column.to_owned() }
    }

    /// Columns there that `fits` takes, by label; then where one can go on to.
    pub fn options(&self, me: &Me, model: &Model, chosen: &str, fits: impl Fn(&Column) -> bool) -> Vec<OptionGroup> {
        let option = |value: String, label: String| {
            let is_chosen = value == chosen;
            (value, label, is_chosen)
        };
        let columns = self.columns(me, fits).into_iter();
        let here = OptionGroup {
            label: if self.trail.is_empty() { self.table.label.clone() } else { self.trail.join(" › ") },
            options: columns.map(|column| option(self.path(&column.name).to_string(), self.label(column))).collect(),
        };
        let mut further = Vec::new();
        if let Some((_, above)) = self.steps.split_last() {
            further.push(option(prefix(above), tr!("‹ Back")));
        }
        for lookup in self.table.lookups().filter(|lookup| me.caller.may_read(lookup)) {
            for target in lookup.targets().iter().filter_map(|target| model.table(target)) {
                let is_met = tables::is_open_to(&me.caller, target) || target.name == "systemuser";
                if !is_met || self.steps.len() >= MOST_STEPS {
                    continue;
                }
                let step =
                    Step { lookup: lookup.name.clone(), target: lookup.is_polymorphic().then(|| target.name.clone()) };
                let steps: Vec<Step> = self.steps.iter().cloned().chain([step]).collect();
                further.push(option(prefix(&steps), format!("{} ›", step_label(lookup, target))));
            }
        }
        let further = OptionGroup { label: tr!("Columns of related records"), options: further };
        [here, further].into_iter().filter(|group| !group.options.is_empty()).collect()
    }

    /// Columns there that `fits` takes and the person may read, by label.
    pub fn columns(&self, me: &Me, fits: impl Fn(&Column) -> bool) -> Vec<&'m Column> {
        columns(me, self.table, fits)
    }
}

/// Columns of a table that `fits` takes and the person may read, by label.
pub(crate) fn columns<'t>(me: &Me, table: &'t Table, fits: impl Fn(&Column) -> bool) -> Vec<&'t Column> {
    let mut columns: Vec<&Column> =
        table.columns.values().filter(|column| fits(column) && me.caller.may_read(column)).collect();
    columns.sort_by_key(|column| by_label(&column.label));
    columns
}

/// The text of the place that these lookups lead to.
fn prefix(steps: &[Step]) -> String {
    if steps.is_empty() {
        return HOME.to_owned();
    }
    let text = Path { steps: steps.to_vec(), column: "x".to_owned() }.to_string();
    text[..text.len() - 1].to_owned()
}

/// True for the text of a place, where it is not that of a column.
pub(crate) fn is_place(text: &str) -> bool {
    text.ends_with('.')
}

/// Columns a list can be filtered by.
pub(crate) fn can_filter(column: &Column) -> bool {
    column.is_stored() && !operators(column).is_empty()
}

/// Columns a list can show.
pub(crate) fn can_show(column: &Column) -> bool {
    (column.is_stored() || parties::is_list(column))
        && !matches!(column.kind, ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. })
}

/// Columns a list can be sorted by.
pub(crate) fn can_sort(column: &Column) -> bool {
    can_show(column) && column.is_stored() && !matches!(column.kind, ColumnType::MultiChoice { .. })
}

/// What a column is called in a list: one of a related row with the lookups that lead to it.
pub(crate) fn label_of(model: &Model, table: &Table, path: &Path, column: &Column) -> String {
    if path.is_own() {
        return column.label.clone();
    }
    match Place::of(model, table, &path.to_string()) {
        Some(place) => place.label(column),
        None => column.label.clone(),
    }
}

fn target<'m>(model: &'m Model, lookup: &Column, step: &Step) -> Option<&'m Table> {
    let name = match (&step.target, lookup.targets()) {
        (None, [only]) => only,
        (Some(target), targets) if targets.contains(target) => target,
        _ => return None,
    };
    model.table(name).map(AsRef::as_ref)
}

fn step_label(lookup: &Column, target: &Table) -> String {
    if lookup.is_polymorphic() && lookup.label != target.label {
        format!("{}: {}", lookup.label, target.label)
    } else {
        lookup.label.clone()
    }
}

/// The table whose lookup `through` points at rows of `table`.
pub(crate) fn related_table<'m>(
    model: &'m Model,
    table: &Table,
    related: &str,
    through: &str,
) -> Result<&'m Table, String> {
    let points_here = |column: &Column| column.targets().contains(&table.name);
    model.table(related).filter(|other| other.column(through).is_some_and(points_here)).map(AsRef::as_ref).ok_or_else(
        || {
            tr!(
                "{} has no lookup {} that points at {}",
                related,
                through,
                Language::within_sentence(&table.plural_label)
            )
        },
    )
}

/// The rows of another table that point here, in words: `Tasks`, `Opportunities (Potential customer)`.
pub(crate) fn relation_label(table: &Table, other: &Table, through: &str) -> String {
    let ways = other.lookups().filter(|lookup| lookup.targets().contains(&table.name)).count();
    match other.column(through) {
        Some(lookup) if ways > 1 => format!("{} ({})", other.plural_label, lookup.label),
        _ => other.plural_label.clone(),
    }
}

/// The rows that can point at a table: `table:lookup` and words.
pub(crate) fn relations(me: &Me, model: &Model, table: &Table) -> Vec<(String, String)> {
    let mut relations: Vec<(String, String)> = model
        .pointing_at(&table.name)
        .filter_map(|relationship| {
            let other = model.table(&relationship.referencing)?;
            let lookup = other.column(&relationship.column).filter(|lookup| me.caller.may_read(lookup))?;
            tables::is_open_to(&me.caller, other).then(|| {
                let label = relation_label(table, other, &lookup.name);
                (format!("{}:{}", other.name, lookup.name), label)
            })
        })
        .collect();
    relations.sort_by_key(|(_, label)| by_label(label));
    relations.dedup();
    relations
}
