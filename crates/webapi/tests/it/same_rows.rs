//! Filters at random find the same rows by `$filter`, by FetchXML and by looking at each row.

use crate::fetch::escaped;
use crate::world::{World, in_every_world};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

const TEXTS: [&str; 8] = ["a", "A", "ab", "b%", "a_b", "Ä", "o'B", "x<&\"[]"];

/// What a lead holds.
#[derive(Debug, Clone)]
struct Lead {
    company: Option<&'static str>,
    budget: Option<i32>,
    source: Option<i32>,
    quiet: bool,
    close: Option<String>,
}

#[derive(Debug, Clone)]
enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Text(&'static str, &'static str),
    Budget(&'static str, i32),
    Source(&'static str, Vec<i32>),
    Quiet(bool),
    Close(&'static str, String),
    Empty(&'static str, bool),
}

fn day() -> impl Strategy<Value = String> {
    (1..5_u32).prop_map(|day| format!("2026-03-0{day}"))
}

fn lead() -> impl Strategy<Value = Lead> {
    let company = prop::option::of(prop::sample::select(TEXTS.to_vec()));
    (company, prop::option::of(0..4_i32), prop::option::of(1..4_i32), any::<bool>(), prop::option::of(day()))
        .prop_map(|(company, budget, source, quiet, close)| Lead { company, budget, source, quiet, close })
}

fn tree() -> impl Strategy<Value = Tree> {
    let compare = || prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
    let leaf = prop_oneof![
        3 => (prop::sample::select(vec!["eq", "ne", "contains", "startswith", "endswith"]), prop::sample::select(TEXTS.to_vec())).prop_map(|(how, text)| Tree::Text(how, text)),
        2 => (compare(), 0..4_i32).prop_map(|(how, number)| Tree::Budget(how, number)),
        2 => (prop::sample::select(vec!["eq", "ne"]), 1..4_i32).prop_map(|(how, number)| Tree::Source(how, vec![number])),
        1 => prop::collection::vec(1..5_i32, 2..4).prop_map(|numbers| Tree::Source("in", numbers)),
        1 => any::<bool>().prop_map(Tree::Quiet),
        2 => (compare(), day()).prop_map(|(how, day)| Tree::Close(how, day)),
        1 => (prop::sample::select(vec!["companyname", "budgetamount", "leadsourcecode", "estimatedclosedate"]), any::<bool>()).prop_map(|(column, empty)| Tree::Empty(column, empty)),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::Any),
            inner.prop_map(|inner| Tree::Not(Box::new(inner))),
        ]
    })
}

impl Tree {
    fn odata(&self) -> String {
        let joined = |parts: &[Tree], with: &str| {
            parts.iter().map(|part| format!("({})", part.odata())).collect::<Vec<_>>().join(with)
        };
        match self {
            Self::All(parts) => joined(parts, " and "),
            Self::Any(parts) => joined(parts, " or "),
            Self::Not(inner) => format!("not ({})", inner.odata()),
            Self::Text(how @ ("eq" | "ne"), text) => format!("companyname {how} '{}'", text.replace('\'', "''")),
            Self::Text(how, text) => format!("{how}(companyname,'{}')", text.replace('\'', "''")),
            Self::Budget(how, number) => format!("budgetamount {how} {number}"),
            Self::Source("in", numbers) => {
                format!("leadsourcecode in ({})", numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            }
            Self::Source(how, numbers) => format!("leadsourcecode {how} {}", numbers[0]),
            Self::Quiet(yes) => format!("donotphone eq {yes}"),
            Self::Close(how, day) => format!("estimatedclosedate {how} {day}"),
            Self::Empty(column, empty) => format!("{column} {} null", if *empty { "eq" } else { "ne" }),
        }
    }

    fn xml(&self) -> String {
        let quoted = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let condition = |column: &str, how: &str, value: &str| {
            format!("<condition attribute=\"{column}\" operator=\"{how}\" value=\"{}\"/>", quoted(value))
        };
        let all = |parts: &[Tree]| parts.iter().map(Tree::xml).collect::<String>();
        match self {
            Self::All(parts) => format!("<filter type=\"and\">{}</filter>", all(parts)),
            Self::Any(parts) => format!("<filter type=\"or\">{}</filter>", all(parts)),
            Self::Not(inner) => format!(
                "<link-entity name=\"lead\" from=\"leadid\" to=\"leadid\" link-type=\"not any\"><filter>{}</filter></link-entity>",
                inner.xml()
            ),
            Self::Text(how @ ("eq" | "ne"), text) => condition("companyname", how, text),
            Self::Text("contains", text) => {
                let pattern: String =
                    text.chars().map(|c| if "%_[".contains(c) { format!("[{c}]") } else { c.to_string() }).collect();
                condition("companyname", "like", &format!("%{pattern}%"))
            }
            Self::Text(how, text) => {
                condition("companyname", if *how == "startswith" { "begins-with" } else { "ends-with" }, text)
            }
            Self::Budget(how, number) => condition("budgetamount", how, &number.to_string()),
            Self::Source("in", numbers) => {
                let values: String = numbers.iter().map(|number| format!("<value>{number}</value>")).collect();
                format!("<condition attribute=\"leadsourcecode\" operator=\"in\">{values}</condition>")
            }
            Self::Source(how, numbers) => condition("leadsourcecode", how, &numbers[0].to_string()),
            Self::Quiet(yes) => condition("donotphone", "eq", if *yes { "1" } else { "0" }),
            Self::Close(how, day) => condition("estimatedclosedate", how, day),
            Self::Empty(column, empty) => {
                format!("<condition attribute=\"{column}\" operator=\"{}\"/>", if *empty { "null" } else { "not-null" })
            }
        }
    }

    fn holds(&self, lead: &Lead) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(lead)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(lead)),
            Self::Not(inner) => !inner.holds(lead),
            Self::Text(how, text) => {
                let (company, text) = (lead.company.map(str::to_lowercase), text.to_lowercase());
                let found = company.is_some_and(|company| match *how {
                    "contains" => company.contains(&text),
                    "startswith" => company.starts_with(&text),
                    "endswith" => company.ends_with(&text),
                    _ => company == text,
                });
                found != (*how == "ne")
            }
            Self::Budget(how, number) => compared(how, lead.budget.as_ref(), number),
            Self::Source("in", numbers) => lead.source.is_some_and(|source| numbers.contains(&source)),
            Self::Source(how, numbers) => compared(how, lead.source.as_ref(), &numbers[0]),
            Self::Quiet(yes) => lead.quiet == *yes,
            Self::Close(how, day) => compared(how, lead.close.as_ref(), day),
            Self::Empty(column, empty) => {
                let held = match *column {
                    "companyname" => lead.company.is_some(),
                    "budgetamount" => lead.budget.is_some(),
                    "leadsourcecode" => lead.source.is_some(),
                    _ => lead.close.is_some(),
                };
                held != *empty
            }
        }
    }
}

/// Nothing is unequal to everything, and neither greater nor less.
fn compared<T: Ord>(how: &str, held: Option<&T>, with: &T) -> bool {
    match (how, held) {
        ("ne", held) => held != Some(with),
        (_, None) => false,
        ("eq", Some(held)) => held == with,
        ("gt", Some(held)) => held > with,
        ("ge", Some(held)) => held >= with,
        ("lt", Some(held)) => held < with,
        (_, Some(held)) => held <= with,
    }
}

fn numbers(answer: &Value) -> Vec<usize> {
    let mut numbers: Vec<usize> = answer["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["subject"].as_str().unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

async fn create(world: &World, leads: &[Lead]) {
    let targets: Vec<Value> = leads
        .iter()
        .enumerate()
        .map(|(number, lead)| {
            json!({"@odata.type": "Microsoft.Dynamics.CRM.lead", "subject": number.to_string(), "lastname": "x", "companyname": lead.company,
                "budgetamount": lead.budget, "leadsourcecode": lead.source, "donotphone": lead.quiet, "estimatedclosedate": lead.close})
        })
        .collect();
    let answer = world
        .send("POST", "leads/Microsoft.Dynamics.CRM.CreateMultiple", &[], Some(&json!({"Targets": targets})))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_finds_the_same_rows_however_it_is_asked() {
    in_every_world(async |world| {
        let mut runner = TestRunner::default();
        let leads = prop::collection::vec(lead(), 40).new_tree(&mut runner).unwrap().current();
        create(&world, &leads).await;
        let mut found = 0;
        for _ in 0..60 {
            let tree = tree().new_tree(&mut runner).unwrap().current();
            let expected: Vec<usize> =
                leads.iter().enumerate().filter(|(_, lead)| tree.holds(lead)).map(|(number, _)| number).collect();
            let by_filter = world.get(&format!("leads?$select=subject&$filter={}", escaped(&tree.odata()))).await;
            assert_eq!(numbers(&by_filter), expected, "{tree:?} over {leads:?}");
            let xml = format!(
                "<fetch><entity name=\"lead\"><attribute name=\"subject\"/><filter>{}</filter></entity></fetch>",
                tree.xml()
            );
            let by_xml = world.get(&format!("leads?fetchXml={}", escaped(&xml))).await;
            assert_eq!(numbers(&by_xml), expected, "{xml} over {leads:?}");
            found += expected.len();
        }
        assert!(found > 0);
    })
    .await;
}
