//! A table with a column of every type, and rows of all sorts in it.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use model::{Reference, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;
use store::{Query, Row, Rows, Scope, Store, StoreError, Zone};
use uuid::Uuid;

use super::world::*;

pub const GADGET: &str = "new_gadget";
pub const KEY: &str = "new_gadgetid";

const OVERLAY: &str = r#"
[new_table.new_gadget]
label = "Gadget"
searchable = true

[new_table.new_gadget.columns.name]
label = "Name"
type = "text"
length = 100
searchable = true

[new_table.new_gadget.columns.note]
label = "Note"
type = "memo"
length = 2000
searchable = true

[new_table.new_gadget.columns.amount]
label = "Amount"
type = "whole"

[new_table.new_gadget.columns.ratio]
label = "Ratio"
type = "decimal"
precision = 3

[new_table.new_gadget.columns.price]
label = "Price"
type = "money"

[new_table.new_gadget.columns.flag]
label = "Flag"
type = "boolean"
yes = "Yes"
no = "No"

[new_table.new_gadget.columns.color]
label = "Color"
type = "choice"
options = [{ value = 1, label = "Red" }, { value = 2, label = "Green" }, { value = 3, label = "Blue" }]

[new_table.new_gadget.columns.tags]
label = "Tags"
type = "multi_choice"
options = [{ value = 1, label = "New" }, { value = 2, label = "Hot" }, { value = 11, label = "Old" }]

[new_table.new_gadget.columns.due]
label = "Due"
type = "date"

[new_table.new_gadget.columns.seen]
label = "Seen"
type = "date_time"

[new_table.new_gadget.columns.parentid]
label = "Parent"
type = "lookup"
targets = ["new_gadget"]

[new_table.new_gadget.columns.partyid]
label = "Party"
type = "lookup"
targets = ["account", "contact"]

[new_table.new_gadget.columns.doubled]
label = "Doubled"
type = "calculated"
result = "whole"
formula = "amount * 2"

[new_table.new_gadget.columns.children]
label = "Children"
type = "rollup"
function = "count"
table = "new_gadget"
through = "parentid"

[new_table.new_gadget.columns.childprice]
label = "Price of the red children"
type = "rollup"
function = "sum"
table = "new_gadget"
through = "parentid"
column = "price"
filter = { column = "color", op = "eq", value = 1 }

[new_table.new_gadget.columns.firstdue]
label = "First due of the children"
type = "rollup"
function = "min"
table = "new_gadget"
through = "parentid"
column = "due"

[[new_table.new_gadget.index]]
columns = ["color", "seen"]

[[new_table.new_gadget.summary]]
name = "all"
group_by = ["color", "flag", "name", "partyid", "due"]
sums = ["amount", "price"]

[[new_table.new_gadget.summary]]
name = "red"
group_by = ["flag", "parentid"]
sums = ["ratio", "doubled"]
filter = { column = "color", op = "eq", value = 1 }
"#;

/// A store of each engine that knows gadgets.
pub struct Stores {
    pub sqlite: Store,
    pub postgres: Store,
    _places: (Place, Place),
}

pub async fn stores() -> Stores {
    let places = (Place::sqlite(), Place::postgres());
    let (sqlite, postgres) = (places.0.open().await, places.1.open().await);
    for store in [&sqlite, &postgres] {
        store.publish(overlay(OVERLAY), somebody()).await.unwrap();
    }
    Stores { sqlite, postgres, _places: places }
}

impl Stores {
    pub fn both(&self) -> [&Store; 2] {
        [&self.sqlite, &self.postgres]
    }

    /// The same rows in both.
    pub async fn fill(&self, rows: &[(Uuid, Row)]) {
        for store in self.both() {
            let rows = rows.to_vec();
            store
                .write(move |writer| {
                    for (id, row) in rows {
                        writer.insert(&somebody(), GADGET, id, row)?;
                    }
                    Ok::<_, StoreError>(())
                })
                .await
                .unwrap();
        }
    }
}

pub fn rows_of(store: &Store, query: Query) -> impl Future<Output = Result<Rows, StoreError>> + use<> {
    let store = store.clone();
    async move { store.read(move |reader| reader.query(&query)).await }
}

pub fn gadgets() -> Query {
    Query::of(GADGET, Arc::new(Scope::default()), Arc::new(berlin())).select([KEY]).take(5000)
}

/// The keys of the rows a query finds, in order.
pub async fn ids(store: &Store, query: Query) -> Vec<Uuid> {
    let rows = rows_of(store, query).await.unwrap();
    rows.rows.iter().map(|row| row[0].as_id().unwrap()).collect()
}

/// A caller in Berlin on the last evening of a quarter, whose weeks begin on Sunday.
pub fn berlin() -> Zone {
    Zone {
        user: Uuid::from_u128(1),
        teams: vec![Uuid::from_u128(3)],
        business_unit: Uuid::from_u128(2),
        now: "2026-09-30T22:30:00Z".parse().unwrap(),
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        fiscal_start_month: 4,
        week_starts: jiff::civil::Weekday::Sunday,
    }
}

/// Keys of rows that a lookup may point at: few, so that they meet.
pub fn gadget_id(number: usize) -> Uuid {
    Uuid::from_u128(0x1000_0000 + number as u128)
}

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "Robotics", "robotics line", "ROBOTICS", "50% off", "under_score", "back\\slash", "Ärger", "ärger und Öl",
            "O'Brien", "\"quoted\"", "'; DROP TABLE lead; --", "", " ", "zebra", "Zoë", "a", "B", "?1 $1 :name",
        ]).prop_map(str::to_owned),
        1 => "[a-zA-Zäß %_\\\\']{0,8}",
    ]
}

pub fn decimal(places: u32) -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-3_i64..4).prop_map(Decimal::from),
        (-30_000_i64..30_000).prop_map(move |number| Decimal::new(number, places)),
    ]
}

pub fn date() -> impl Strategy<Value = Date> {
    prop_oneof![
        3 => (-400_i32..400).prop_map(|days| {
            Date::new(2026, 9, 30).unwrap().checked_add(jiff::Span::new().days(days)).unwrap()
        }),
        2 => (-3_i32..4).prop_map(|days| {
            Date::new(2026, 9, 30).unwrap().checked_add(jiff::Span::new().days(days)).unwrap()
        }),
    ]
}

pub fn moment() -> impl Strategy<Value = Timestamp> {
    let around = "2026-09-30T22:30:00Z".parse::<Timestamp>().unwrap().as_millisecond();
    prop_oneof![
        2 => (-40_000_000_000_i64..40_000_000_000).prop_map(move |off| Timestamp::from_millisecond(around + off).unwrap()),
        2 => (-200_000_000_i64..200_000_000).prop_map(move |off| Timestamp::from_millisecond(around + off).unwrap()),
        1 => (-50_i64..50).prop_map(move |hours| Timestamp::from_millisecond(around - 1_800_000 + hours * 3_600_000).unwrap()),
    ]
}

fn maybe<T: Into<Value> + Clone + std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Value> {
    prop::option::weighted(0.75, strategy).prop_map(Value::from)
}

/// A random gadget that may point at any of `count` gadgets; without lookups and computed columns
/// where `count` is 0.
pub fn gadget(count: usize) -> impl Strategy<Value = Row> {
    let parent = (0..count.max(1)).prop_map(move |number| Reference::new(GADGET, gadget_id(number)));
    (
        maybe(text()),
        maybe(text()),
        maybe(-5_i64..6),
        maybe(decimal(3)),
        maybe(decimal(4)),
        maybe(any::<bool>()),
        maybe(1_i32..4),
        maybe(prop::sample::subsequence(vec![1, 2, 11], 1..=3)),
        maybe(date()),
        maybe(moment()),
        prop::option::weighted(if count == 0 { 0.0001 } else { 0.6 }, parent).prop_map(Value::from),
    )
        .prop_map(move |(name, note, amount, ratio, price, flag, color, tags, due, seen, parent)| {
            let row = stamped()
                .with("name", name)
                .with("note", note)
                .with("amount", amount)
                .with("ratio", ratio)
                .with("price", price)
                .with("flag", flag)
                .with("color", color)
                .with("tags", tags)
                .with("due", due)
                .with("seen", seen);
            if count == 0 { row } else { row.with("parentid", parent) }
        })
}

/// One value of a strategy.
pub fn sample<T>(runner: &mut proptest::test_runner::TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    use proptest::strategy::ValueTree as _;
    strategy.new_tree(runner).unwrap().current()
}

/// Many random gadgets, each pointing at earlier ones only.
pub fn many(runner: &mut proptest::test_runner::TestRunner, count: usize) -> Vec<(Uuid, Row)> {
    (0..count).map(|number| (gadget_id(number), sample(runner, &gadget(number)))).collect()
}
