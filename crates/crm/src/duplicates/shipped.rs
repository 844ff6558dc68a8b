//! The rules an organisation begins with.

use std::collections::BTreeSet;

use model::Reference;
use serde::Deserialize;
use store::Row;

use super::publish;
use crate::{App, Error, Origin, Result, records::Work};

/// The setting that lists the shipped rules this organisation was given.
const GIVEN: &str = "shipped_duplicate_rules";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    rule: Vec<ShippedRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedRule {
    name: String,
    table: String,
    matching: Option<String>,
    action: ShippedAction,
    #[serde(default)]
    exclude_inactive: bool,
    conditions: Vec<ShippedCondition>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum ShippedAction {
    Warn = 0,
    Block = 1,
    Mark = 2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedCondition {
    column: String,
    matching: Option<String>,
    criterion: i64,
}

fn shipped() -> Result<Vec<ShippedRule>> {
    let shipped: Shipped = toml::from_str(include_str!("shipped.toml"))
        .map_err(|error| Error::refused(format!("the shipped duplicate rules cannot be read: {error}")))?;
    Ok(shipped.rule)
}

/// Gives the organisation the shipped rules it has not been given yet, and makes the keys that
/// are missing in the background.
pub(crate) async fn keep_rules(app: &App) -> Result<()> {
    let engine = app.engine().await?;
    if engine.organization().id.is_nil() {
        return Ok(());
    }
    let given = app.read(|reader| Ok(reader.setting(GIVEN)?)).await?;
    let given: BTreeSet<String> = given.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
    if shipped()?.iter().any(|rule| !given.contains(&rule.name)) {
        app.work(&engine, Origin::Engine, add_rules).await?;
    }
    publish::build_now(app).await;
    Ok(())
}

/// Adds and publishes the shipped rules that this organisation has not been given yet.
pub(crate) fn add_rules(work: &mut Work<'_, '_>) -> Result<()> {
    let given = work.writer().setting(GIVEN)?;
    let mut given: BTreeSet<String> = given.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
    for rule in shipped()? {
        if given.insert(rule.name.clone()) {
            add(work, &rule)?;
        }
    }
    let value = serde_json::to_value(&given).unwrap_or_default();
    Ok(work.writer().set_setting(GIVEN, &value)?)
}

fn add(work: &mut Work<'_, '_>, rule: &ShippedRule) -> Result<()> {
    let table = work.table("duplicaterule")?;
    let matching = rule.matching.as_deref().unwrap_or(&rule.table);
    let row = Row::new()
        .with("name", rule.name.as_str())
        .with("baseentityname", rule.table.as_str())
        .with("matchingentityname", matching)
        .with("actioncode", rule.action as i64)
        .with("excludeinactiverecords", rule.exclude_inactive);
    let stored = work.create_trusted(&table, None, row)?;
    let id = stored.value(&table.primary_key).as_id().unwrap_or_default();
    let conditions = work.table("duplicaterulecondition")?;
    for condition in &rule.conditions {
        let row = Row::new()
            .with("regardingobjectid", Reference::new("duplicaterule", id))
            .with("baseattributename", condition.column.as_str())
            .with("matchingattributename", condition.matching.as_deref().unwrap_or(&condition.column))
            .with("operatorcode", condition.criterion);
        work.create_trusted(&conditions, None, row)?;
    }
    publish::publish_loaded(work, &stored).map(drop)
}
