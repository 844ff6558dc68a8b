//! Process flows and column mappings as parts.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, read, with_name, write};
use crate::{ColumnMapping, MappingChange, Process, ProcessChange, TableMapping, files::Declarations};

pub(super) fn show(laid: &Laid<'_>, name: &str) -> Edited<Found> {
    let Some(process) = laid.declared.processes.iter().find(|process| process.name == name) else {
        return Ok(None);
    };
    let mut document = write(name, process)?;
    document.shift_remove("name");
    Ok(Some((origin(laid, name), Json::Object(document))))
}

pub(super) fn origin(laid: &Laid<'_>, name: &str) -> PartOrigin {
    let changed = laid.overlay.process_changes.contains_key(name)
        || laid.overlay.processes.iter().any(|process| process.name == name);
    match (laid.base.processes.iter().any(|process| process.name == name), changed) {
        (false, _) => PartOrigin::Own,
        (true, false) => PartOrigin::Shipped,
        (true, true) => PartOrigin::Changed,
    }
}

/// Of a shipped flow that is only called otherwise, moved, switched off or kept to some roles or
/// rows, no more than that is
/// kept, so that later releases can still better its stages.
pub(super) fn put(overlay: &mut Overlay, place: &str, name: &str, document: &Document) -> Edited {
    let wanted: Process = read(place, &with_name(place, document, "name", name)?)?;
    overlay.reset_process(name);
    let Some(shipped) = Declarations::base()?.processes.iter().find(|process| process.name == name) else {
        overlay.set_process(wanted);
        return Ok(());
    };
    let change = ProcessChange {
        label: (wanted.label != shipped.label).then(|| wanted.label.clone()),
        active: (wanted.active != shipped.active).then_some(wanted.active),
        order: (wanted.order != shipped.order).then_some(wanted.order),
        roles: (wanted.roles != shipped.roles).then(|| wanted.roles.clone()),
        rule: (wanted.rule != shipped.rule).then(|| wanted.rule.clone().unwrap_or_default()),
    };
    let alike = Process {
        label: shipped.label.clone(),
        active: shipped.active,
        order: shipped.order,
        roles: shipped.roles.clone(),
        rule: shipped.rule.clone(),
        ..wanted.clone()
    };
    if write(place, &alike)? == write(place, shipped)? {
        overlay.process_changes.insert(name.to_owned(), change);
    } else {
        overlay.set_process(wanted);
    }
    Ok(())
}

pub(super) fn show_mapping(laid: &Laid<'_>, from: &str, to: &str) -> Found {
    let found = laid.declared.mappings.iter().find(|it| it.from == from && it.to == to);
    found.map(|mapping| (mapping_origin(laid, from, to), json!({ "column": mapping.columns })))
}

pub(super) fn mapping_origin(laid: &Laid<'_>, from: &str, to: &str) -> PartOrigin {
    let shipped = laid.base.mappings.iter().any(|it| it.from == from && it.to == to);
    match (shipped, laid.overlay.mappings.iter().any(|it| it.from == from && it.to == to)) {
        (false, _) => PartOrigin::Own,
        (true, false) => PartOrigin::Shipped,
        (true, true) => PartOrigin::Changed,
    }
}

/// Only the pairs that differ are kept, so that later releases can still add some.
pub(super) fn put_mapping(overlay: &mut Overlay, place: &str, from: &str, to: &str, document: &Document) -> Edited {
    let document = with_name(place, &with_name(place, document, "from", from)?, "to", to)?;
    let wanted: TableMapping = read(place, &document)?;
    overlay.mappings.retain(|it| it.from != from || it.to != to);
    let shipped = Declarations::base()?.mappings.iter().find(|it| it.from == from && it.to == to);
    let shipped: &[ColumnMapping] = shipped.map_or(&[], |mapping| &mapping.columns);
    let replaced = |pair: &ColumnMapping| wanted.columns.iter().any(|own| own.to == pair.to);
    let change = MappingChange {
        from: from.to_owned(),
        to: to.to_owned(),
        keep_shipped: true,
        removed: shipped.iter().filter(|pair| !wanted.columns.contains(pair) && !replaced(pair)).cloned().collect(),
        columns: wanted.columns.iter().filter(|pair| !shipped.contains(pair)).cloned().collect(),
    };
    if !change.columns.is_empty() || !change.removed.is_empty() {
        overlay.mappings.push(change);
    }
    Ok(())
}
