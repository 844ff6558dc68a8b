//! Columns: their types, limits and rules.

use serde::{Deserialize, Serialize};

use crate::{Formula, SecuredColumn, Value, source::is_no};

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Logical name, lower case: `estimatedvalue`.
    pub name: String,
    /// Schema name as Dataverse spells it: `EstimatedValue`.
    pub schema_name: String,
    /// What people read: `Est. revenue`.
    pub label: String,
    /// What it is for; shown as help.
    pub description: String,
    /// Type with its limits.
    pub kind: ColumnType,
    /// Whether it must be filled.
    pub required: RequiredLevel,
    /// What a new row gets where nothing is said.
    pub default: Option<DefaultValue>,
    /// Found by text search.
    pub searchable: bool,
    /// Before and after values are kept in the change feed.
    pub audited: bool,
    /// May be filled by an import.
    pub importable: bool,
    /// Set by the engine or a rule only; input from outside is refused.
    pub read_only: bool,
    /// Added by an organisation, not shipped.
    pub custom: bool,
    /// Only people with a column security profile for it read or set it.
    pub secured: bool,
    /// The secured columns that its values tell of: itself, or those it is made from. Whoever may
    /// not read all of them may not read it.
    pub guards: Vec<SecuredColumn>,
    /// The shared list that its options come from, by name; none where they are its own.
    pub choice: Option<String>,
}

/// The type of a column and its limits.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnType {
    /// The primary key.
    Id,
    /// One line of text of at most `length` characters.
    Text {
        /// Characters, not bytes.
        length: u32,
        /// How a page shows it.
        format: TextFormat,
    },
    /// Several lines of text.
    Memo {
        /// Characters, not bytes.
        length: u32,
    },
    /// Text with HTML formatting, cleaned when it is written.
    RichText {
        /// Characters of the HTML.
        length: u32,
    },
    /// A whole number within limits, both included.
    Whole {
        /// Smallest value allowed.
        min: i64,
        /// Largest value allowed.
        max: i64,
    },
    /// An exact decimal with a fixed number of places.
    Decimal {
        /// Places after the point, 0 to 10.
        precision: u32,
        /// Smallest value allowed.
        min: rust_decimal::Decimal,
        /// Largest value allowed.
        max: rust_decimal::Decimal,
    },
    /// An amount in the row's `transactioncurrencyid`; `<name>_base` holds it in the
    /// organisation's base currency. Stored with four places.
    Money {
        /// Smallest value allowed.
        min: rust_decimal::Decimal,
        /// Largest value allowed.
        max: rust_decimal::Decimal,
        /// True for the `_base` companion, computed by the engine.
        base: bool,
    },
    /// Two options.
    Boolean {
        /// Label of true.
        yes: String,
        /// Label of false.
        no: String,
    },
    /// One of a list of numbered options.
    Choice {
        /// In the order shown.
        options: Vec<Choice>,
    },
    /// Several of a list of numbered options.
    MultiChoice {
        /// In the order shown.
        options: Vec<Choice>,
    },
    /// A day.
    Date,
    /// A moment; shown in the user's time zone.
    DateTime,
    /// Points at a row of one of the target tables. With several targets the physical column
    /// `<name>_type` holds the table's logical name.
    Lookup {
        /// Logical names of the tables it may point at; never empty.
        targets: Vec<String>,
    },
    /// The people and records of an activity (from, to, required attendees …): rows of
    /// `activityparty` with this participation type, no physical column.
    PartyList {
        /// `participationtypemask`: 1 from, 2 to, 3 cc, 4 bcc, 5 required, 6 optional,
        /// 7 organiser, 8 regarding, 9 owner.
        participation: i32,
        /// Logical names of the tables a party may come from.
        targets: Vec<String>,
    },
    /// `statecode`; its options are [`crate::Table::states`].
    State,
    /// `statuscode`; its options hang on the states.
    Status,
    /// A stored file.
    File {
        /// Largest size in bytes.
        max_bytes: u64,
    },
    /// A stored picture.
    Image {
        /// Largest size in bytes.
        max_bytes: u64,
    },
    /// A number given by the engine, with a format: `LEAD-{000000}`.
    AutoNumber(AutoNumber),
    /// Computed from other columns of the same row whenever the row is written.
    Calculated {
        /// The formula.
        formula: Formula,
        /// Type of the result: text, whole, decimal, money, boolean, date or date-time.
        result: Box<ColumnType>,
    },
    /// Computed over related rows, kept current in the transaction that changes them.
    Rollup(Rollup),
}

/// How a page shows a line of text and what it offers to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// Plain text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// A ticker symbol.
    TickerSymbol,
    /// The logical name of a table.
    Table,
}

/// One numbered option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The number on the wire and in the database.
    pub value: i32,
    /// What people read.
    pub label: String,
    /// Colour name of the design (`green`, `orange` …), where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// No longer offered; rows that have it keep it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub hidden: bool,
}

/// How much a column insists on being filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredLevel {
    /// Optional.
    #[default]
    None,
    /// Marked on forms, not enforced.
    Recommended,
    /// Forms insist; API and import may leave it empty (as Dataverse's *business required*).
    Required,
    /// The engine insists, whoever writes.
    System,
}

/// What a new row gets where nothing is said.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// Always this value.
    Constant(Value),
    /// The moment (or, on a date column, the day) of writing.
    Now,
    /// The person who writes.
    Caller,
}

/// An automatic number: text around one run of zeros in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoNumber {
    /// Before the number.
    pub prefix: String,
    /// Digits the number is padded to.
    pub digits: u32,
    /// After the number.
    pub suffix: String,
}

/// A value over related rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollup {
    /// How the rows are combined.
    pub function: RollupFunction,
    /// The related table: `opportunity`.
    pub table: String,
    /// The lookup of the related table that points here: `parentaccountid`.
    pub through: String,
    /// The related table's column; none for a count.
    pub column: Option<String>,
    /// Which related rows count; conditions on the related row's own columns only.
    pub filter: crate::Filter,
    /// Type of the result.
    pub result: Box<ColumnType>,
}

/// How a rollup combines rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollupFunction {
    /// Number of rows.
    Count,
    /// Sum of the column; 0 over no rows.
    Sum,
    /// Smallest value; empty over no rows.
    Min,
    /// Largest value; empty over no rows.
    Max,
}

impl Column {
    /// The type a value of this column has: a calculated or rollup column counts as its result.
    pub fn value_type(&self) -> &ColumnType {
        match &self.kind {
            ColumnType::Calculated { result, .. } => result,
            ColumnType::Rollup(rollup) => &rollup.result,
            other => other,
        }
    }

    /// The tables a lookup may point at; empty for other types.
    pub fn targets(&self) -> &[String] {
        match &self.kind {
            ColumnType::Lookup { targets } | ColumnType::PartyList { targets, .. } => targets,
            _ => &[],
        }
    }

    /// True for a lookup with more than one target table.
    pub fn is_polymorphic(&self) -> bool {
        matches!(&self.kind, ColumnType::Lookup { targets } if targets.len() > 1)
    }

    /// True where the database has a physical column for it.
    pub const fn is_stored(&self) -> bool {
        !matches!(self.kind, ColumnType::PartyList { .. })
    }

    /// True for text that is compared without regard to case.
    pub fn is_text(&self) -> bool {
        matches!(
            self.value_type(),
            ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_)
        )
    }

    /// True for a share of a hundred, such as a probability or a discount: of several rows it has a mean, but
    /// no sum.
    pub fn is_share(&self) -> bool {
        match self.value_type() {
            ColumnType::Whole { min, max } => (*min, *max) == (0, 100),
            ColumnType::Decimal { min, max, .. } => min.is_zero() && *max == rust_decimal::Decimal::ONE_HUNDRED,
            _ => false,
        }
    }

    /// True for numbers that say something when they are added up over rows: not shares, and not the number of
    /// the import that brought the row.
    pub fn adds_up(&self) -> bool {
        let is_number = matches!(
            self.value_type(),
            ColumnType::Money { .. } | ColumnType::Whole { .. } | ColumnType::Decimal { .. }
        );
        is_number && !self.is_share() && self.name != "importsequencenumber"
    }

    /// True for money, its base companion, and results of that type.
    pub fn is_money(&self) -> bool {
        matches!(self.value_type(), ColumnType::Money { .. })
    }

    /// True where the engine computes the value: calculated, rollup, autonumber, base money.
    pub const fn is_computed(&self) -> bool {
        matches!(
            self.kind,
            ColumnType::Calculated { .. }
                | ColumnType::Rollup(_)
                | ColumnType::AutoNumber(_)
                | ColumnType::Money { base: true, .. }
        )
    }

    /// The options of a choice or multi-choice; empty for other types.
    pub fn options(&self) -> &[Choice] {
        match &self.kind {
            ColumnType::Choice { options } | ColumnType::MultiChoice { options } => options,
            _ => &[],
        }
    }
}
