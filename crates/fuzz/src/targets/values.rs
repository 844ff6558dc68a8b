//! Addresses of databases, single values, formulas, formatted texts.

use std::sync::Arc;

use model::{Formula, Model, Overlay, Value};
use store::DatabaseUrl;
use tabular::{DateOrder, NumberStyle, parse};

use super::{kind, texts};
use crate::Target;

/// Where the database is.
pub(super) struct Address;

impl Target for Address {
    fn name(&self) -> &'static str {
        "address"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "sqlite:/var/lib/pipewright/crm.db",
            "postgres://crm:se%40cret@db.example:5432/crm?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres://crm@one.example:5432,two.example:5433/crm?target_session_attrs=read-write&connect_timeout=5",
            "postgresql://crm@/crm?host=/var/run/postgresql&options=-c%20a%3Db&application_name=x",
            "postgres://crm:top@secret@[::1]/crm?sslcert=/c.pem&sslkey=/c.key&hostaddr=10.0.0.7",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "postgres://",
            "sqlite:",
            "@",
            ":",
            "?",
            "&",
            "=",
            "sslmode=",
            "require",
            "prefer",
            "disable",
            "hostaddr=",
            ",",
            "%40",
            "/",
            "target_session_attrs=",
            "keepalives_idle=",
            "sslnegotiation=direct",
            "[::1]",
            "port=",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let text = String::from_utf8_lossy(input);
        let outcome = text.parse::<DatabaseUrl>().and_then(|url| {
            let _ = url.to_string();
            url.check()
        });
        Ok(kind(&outcome.map_or_else(|error| error.to_string(), |()| "fine".to_owned())))
    }
}

/// Dates, numbers and whatever a column of the shipped model reads from text.
pub(super) struct Values {
    model: Arc<Model>,
}

impl Default for Values {
    fn default() -> Self {
        Self { model: Arc::new(Model::merge(&Overlay::default(), 0).unwrap()) }
    }
}

impl Target for Values {
    fn name(&self) -> &'static str {
        "values"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "2026-11-24",
            "24.11.2026",
            "11/24/2026 5:06 PM",
            "24 Nov 2026",
            "2026-11-24T10:00:00+02:00",
            "Nov 24, 2026",
            "20261124",
            "45985.5",
            "1.234,56 €",
            "$ 1,234.56",
            "(1'234.50)",
            "-12 %",
            "1 234,5",
            "1e5",
            "yes",
            "wahr",
            "Hot",
            "3",
            "1;2;3",
            "01a20ea3-80f6-7595-82f5-cff19ea9bd52",
            "lead:01a20ea3-80f6-7595-82f5-cff19ea9bd52",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "-", "/", ".", ",", " ", "AM", "PM", "T", "Z", "+14:00", "-00:00", "Jan", "März", "€", "CHF", "%", "(",
            ")", "e", "+", "60", "31", "29.02.", "1900", "9999", "'",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let text = String::from_utf8_lossy(input);
        let mut seen = String::new();
        for order in [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::YearFirst, DateOrder::Ambiguous] {
            seen.push(if parse::date(&text, order).is_some() { 'a' } else { 'b' });
            seen.push(if parse::date_time_with_offset(&text, order).is_some() { 'c' } else { 'd' });
            let _ = parse::date_time(&text, order);
        }
        for style in [NumberStyle::Point, NumberStyle::Comma] {
            seen.push(if parse::decimal(&text, style).is_some() { 'e' } else { 'f' });
        }
        let _ = (parse::boolean(&text), parse::currency(&text), model::is_email(&text));
        for table in self.model.tables.values().filter(|table| ["lead", "opportunity"].contains(&table.name.as_str())) {
            for column in table.columns.values() {
                match column.parse_text(&text) {
                    // What is read is a value of its column, which it says itself.
                    Ok(value) => drop(column.check(&value)),
                    Err(error) => seen.extend(error.to_string().chars().take(3)),
                }
            }
        }
        Ok(kind(&seen))
    }
}

/// Texts with formatting.
pub(super) struct Formatting;

impl Target for Formatting {
    fn name(&self) -> &'static str {
        "formatting"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "<p>Budget <b>confirmed</b><br>by <i>phone</i> &amp; mail</p>",
            "<ul><li>one<li>two</ul><blockquote>three</blockquote>",
            "<a href='https://a.example/?q=1&r=2' onclick=x>there</a>",
            "<script>alert(1)</script><style>*{}</style><svg onload=x>",
            "5 < 6 & 7 > 6 <unfinished",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "<",
            ">",
            "</",
            "/>",
            "<p>",
            "</p>",
            "<li>",
            "<ul>",
            "<b>",
            "</b>",
            "<a href=",
            "https://",
            "javascript:",
            "\"",
            "'",
            "&",
            "&#39;",
            "&quot;",
            ";",
            "<!--",
            "-->",
            "<script>",
            "</script",
            "<title>",
            "<textarea ",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let safe = web::safe_formatting(&String::from_utf8_lossy(input));
        let again = web::safe_formatting(&safe);
        if again == safe { Ok(kind(&safe)) } else { Err(format!("what is safe changes again: {safe} to {again}")) }
    }
}

/// Formulas of calculated columns.
pub(super) struct Formulas {
    model: Arc<Model>,
}

impl Default for Formulas {
    fn default() -> Self {
        Self { model: Values::default().model }
    }
}

impl Target for Formulas {
    fn name(&self) -> &'static str {
        "formula"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "estimatedvalue * closeprobability / 100",
            "if(budgetamount > 1000 and not isblank(companyname), 'large', \"small\")",
            "concat(firstname, ' ', lastname)",
            "round(budgetamount * 1.19, 2) - (3 + -4)",
            "datediff_days(createdon, now())",
            "a = b or c <> d and e <= 5",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "if(",
            "(",
            ")",
            "and",
            "or",
            "not",
            "+",
            "-",
            "*",
            "/",
            "=",
            "<>",
            "<=",
            ">=",
            "'",
            "\"",
            ",",
            "1.5",
            "budgetamount",
            "lastname",
            "createdon",
            "concat(",
            "round(",
            "isblank(",
            "now()",
            "today()",
            "adddays(",
            "null",
            "true",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let text = String::from_utf8_lossy(input);
        let formula = match Formula::parse(&text) {
            Ok(formula) => formula,
            Err(error) => return Ok(kind(&error.to_string())),
        };
        let columns = formula.columns().len();
        let lead = self.model.table("lead").ok_or("there is no table lead")?;
        let mut outcome = String::new();
        for column in ["subject", "budgetamount", "createdon", "donotemail"] {
            if let Some(column) = lead.column(column) {
                outcome.push_str(&formula.check(lead, &column.kind).map_or_else(|e| e.to_string(), |()| "fine".into()));
            }
        }
        for value in [Value::Null, Value::Whole(i64::MAX), Value::Text("x".into()), Value::Boolean(true)] {
            outcome
                .push_str(&format!("{:?}", formula.evaluate(&|_| value.clone())).chars().take(4).collect::<String>());
        }
        Ok(kind(&outcome).wrapping_add(columns as u64))
    }
}
