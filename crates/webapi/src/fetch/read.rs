//! From XML to the tree of a query. What is not understood is refused by name.

use crm::{AggregateFunction, DatePart};

use super::{
    ast::{Attribute, Condition, Entity, Fetch, Group, Link, LinkKind, Order, Part, Role},
    limits, wrong,
    xml::{self, Element},
};
use crate::error::Result;

/// Attributes of `fetch` that change nothing here: what they ask for is so anyway, or is a matter
/// of Dataverse's own database.
const HARMLESS: [&str; 5] = ["version", "output-format", "mapping", "no-lock", "latematerialize"];

/// Reads a query.
pub fn read(text: &str) -> Result<Fetch> {
    let root = xml::parse(text.trim())?;
    if root.name != "fetch" {
        return Err(wrong(format!("begins with <{}>; a query is <fetch>…</fetch>", root.name)));
    }
    let known =
        ["top", "count", "page", "paging-cookie", "distinct", "aggregate", "returntotalrecordcount", "useraworderby"];
    root.only(&known.iter().chain(&HARMLESS).copied().collect::<Vec<_>>())?;
    no_text(&root)?;
    let [entity] = root.children.as_slice() else {
        return Err(wrong("<fetch> holds exactly one <entity>"));
    };
    if entity.name != "entity" {
        return Err(wrong(format!("<fetch> holds one <entity>, not <{}>", entity.name)));
    }
    entity.only(&["name", "enableprefiltering", "prefilterparametername"])?;
    let mut reader = Reader { links: 0, conditions: 0, aggregate: root.flag("aggregate")? };
    let fetch = Fetch {
        top: root.number("top")?,
        count: root.number("count")?,
        page: root.number("page")?,
        cookie: root.get("paging-cookie").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        distinct: root.flag("distinct")?,
        aggregate: reader.aggregate,
        total: root.flag("returntotalrecordcount")?,
        raw_order: root.flag("useraworderby")?,
        entity: reader.entity(entity)?,
    };
    for (name, number) in [("top", fetch.top), ("count", fetch.count)] {
        if number.is_some_and(|number| number > limits::PAGE) {
            return Err(wrong(format!("{name}: at most {} rows; read more of them page by page", limits::PAGE)));
        }
    }
    if fetch.top.is_some() && (fetch.count.is_some() || fetch.page.is_some() || fetch.cookie.is_some()) {
        return Err(wrong("'top' cannot be combined with 'count', 'page' or 'paging-cookie'; use one or the other"));
    }
    Ok(fetch)
}

struct Reader {
    links: usize,
    conditions: usize,
    aggregate: bool,
}

impl Reader {
    fn entity(&mut self, element: &Element) -> Result<Entity> {
        no_text(element)?;
        let mut entity = Entity { name: element.need("name")?.to_owned(), ..Entity::default() };
        for child in &element.children {
            match child.name.as_str() {
                "all-attributes" => {
                    child.only(&[])?;
                    empty(child)?;
                    entity.all = true;
                }
                "no-attrs" => empty(child)?,
                "attribute" => entity.attributes.push(self.attribute(child)?),
                "order" => entity.orders.push(order(child)?),
                "filter" => entity.filters.push(self.group(child)?),
                "link-entity" => {
                    let link = self.link(child)?;
                    if matches!(link.kind, LinkKind::Any | LinkKind::NotAny | LinkKind::All) {
                        return Err(wrong(format!(
                            "link-type=\"{}\" is possible inside <filter> only",
                            child.get("link-type").unwrap_or_default()
                        )));
                    }
                    entity.links.push(link);
                }
                other => {
                    return Err(wrong(format!(
                        "<{other}> is not known in <{}>; there are attribute, all-attributes, order, filter and link-entity",
                        element.name
                    )));
                }
            }
        }
        Ok(entity)
    }

    fn attribute(&self, element: &Element) -> Result<Attribute> {
        element.only(&["name", "alias", "aggregate", "groupby", "dategrouping", "distinct", "usertimezone"])?;
        empty(element)?;
        if element.get("usertimezone").is_some() && !element.flag("usertimezone")? {
            return Err(wrong("usertimezone=\"false\" is not supported; dates are grouped in the caller's time zone"));
        }
        let alias = element.get("alias").map(alias).transpose()?;
        let name = element.need("name")?.to_owned();
        let role = self.role(element)?;
        if role != Role::Shown && alias.is_none() {
            return Err(wrong(format!("the attribute '{name}' needs an alias, because it is grouped or combined")));
        }
        if self.aggregate && role == Role::Shown {
            return Err(wrong(format!("with aggregate=\"true\" the attribute '{name}' needs aggregate or groupby")));
        }
        Ok(Attribute { name, alias, role })
    }

    fn role(&self, element: &Element) -> Result<Role> {
        let part = element.get("dategrouping").map(part).transpose()?;
        let grouped = element.flag("groupby")?;
        let aggregate = element.get("aggregate");
        let distinct = element.flag("distinct")?;
        if !self.aggregate && (grouped || aggregate.is_some() || part.is_some()) {
            return Err(wrong("groupby, dategrouping and aggregate need <fetch aggregate=\"true\">"));
        }
        if distinct && aggregate != Some("countcolumn") {
            return Err(wrong("distinct=\"true\" of <attribute> goes with aggregate=\"countcolumn\" only"));
        }
        if part.is_some() && !grouped {
            return Err(wrong("dategrouping needs groupby=\"true\""));
        }
        let Some(name) = aggregate else { return Ok(if grouped { Role::Grouped(part) } else { Role::Shown }) };
        if grouped {
            return Err(wrong("an attribute is either grouped by or combined, not both"));
        }
        Ok(match name {
            "count" => Role::Counted,
            "countcolumn" if distinct => Role::Combined(AggregateFunction::CountDistinct),
            "countcolumn" => Role::Combined(AggregateFunction::Count),
            "sum" => Role::Combined(AggregateFunction::Sum),
            "avg" => Role::Combined(AggregateFunction::Average),
            "min" => Role::Combined(AggregateFunction::Min),
            "max" => Role::Combined(AggregateFunction::Max),
            other => {
                return Err(wrong(format!(
                    "aggregate=\"{other}\" is not known; there are sum, avg, min, max, count and countcolumn"
                )));
            }
        })
    }

    fn group(&mut self, element: &Element) -> Result<Group> {
        element.only(&["type", "hint", "isquickfindfields"])?;
        no_text(element)?;
        if element.flag("isquickfindfields")? {
            return Err(wrong("isquickfindfields is not supported; write the conditions with type=\"or\""));
        }
        let any = match element.get("type") {
            None | Some("and" | "") => false,
            Some("or") => true,
            Some(other) => return Err(wrong(format!("the type of <filter> is and or or, not '{other}'"))),
        };
        let parts = element.children.iter().map(|child| match child.name.as_str() {
            "condition" => self.condition(child).map(Part::Condition),
            "filter" => self.group(child).map(Part::Group),
            "link-entity" => {
                let link = self.link(child)?;
                if matches!(link.kind, LinkKind::Inner | LinkKind::Outer | LinkKind::Exists) {
                    return Err(wrong("inside <filter> the link-type is any, not any, all or not all"));
                }
                Ok(Part::Link(Box::new(link)))
            }
            other => {
                Err(wrong(format!("<{other}> is not known in <filter>; there are condition, filter and link-entity")))
            }
        });
        Ok(Group { any, parts: parts.collect::<Result<_>>()? })
    }

    fn condition(&mut self, element: &Element) -> Result<Condition> {
        self.conditions += 1;
        if self.conditions > limits::CONDITIONS {
            return Err(wrong(format!(
                "more than {} conditions; compare with a list of values (operator=\"in\") instead",
                limits::CONDITIONS
            )));
        }
        element.only(&["attribute", "operator", "value", "entityname", "valueof", "uiname", "uitype", "uihidden"])?;
        let mut values: Vec<String> = element.get("value").map(str::to_owned).into_iter().collect();
        for child in &element.children {
            if child.name != "value" || !child.children.is_empty() {
                return Err(wrong(format!("<condition> holds <value>…</value> only, not <{}>", child.name)));
            }
            child.only(&["uiname", "uitype"])?;
            values.push(child.text.clone());
        }
        no_text(element)?;
        let other = element.get("valueof").map(str::to_owned);
        if other.is_some() && !values.is_empty() {
            return Err(wrong("a condition compares with a value or with another column (valueof), not both"));
        }
        Ok(Condition {
            entity: element.get("entityname").map(str::to_owned),
            attribute: element.need("attribute")?.to_owned(),
            operator: element.need("operator")?.to_owned(),
            values,
            other,
        })
    }

    fn link(&mut self, element: &Element) -> Result<Link> {
        self.links += 1;
        if self.links > limits::LINKS {
            return Err(wrong(format!("more than {} link-entities", limits::LINKS)));
        }
        element.only(&["name", "from", "to", "alias", "link-type", "intersect", "visible", "enableprefiltering"])?;
        let kind = match element.get("link-type") {
            None | Some("inner" | "") => LinkKind::Inner,
            Some("outer") => LinkKind::Outer,
            Some("exists" | "in") => LinkKind::Exists,
            // In spite of its name, as Dataverse's reference says.
            Some("any" | "not all") => LinkKind::Any,
            Some("not any") => LinkKind::NotAny,
            Some("all") => LinkKind::All,
            Some(other) => {
                return Err(wrong(format!(
                    "link-type=\"{other}\" is not supported; there are inner, outer, exists, in and inside <filter> any, not any, all, not all"
                )));
            }
        };
        let (from, to) = (element.need("from")?.to_owned(), element.need("to")?.to_owned());
        let alias = element.get("alias").map(alias).transpose()?;
        Ok(Link { entity: self.entity(element)?, from, to, alias, kind })
    }
}

fn order(element: &Element) -> Result<Order> {
    element.only(&["attribute", "alias", "descending", "entityname"])?;
    empty(element)?;
    let own = |name: &str| element.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let order = Order {
        entity: own("entityname"),
        attribute: own("attribute"),
        alias: own("alias"),
        descending: element.flag("descending")?,
    };
    if order.attribute.is_none() && order.alias.is_none() {
        return Err(wrong("<order> needs the attribute 'attribute' or 'alias'"));
    }
    Ok(order)
}

/// A name of the answer: letters that need no quoting anywhere.
fn alias(text: &str) -> Result<String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if begins_well && text.len() <= limits::ALIAS && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err(wrong(format!(
        "the alias '{}' must be letters, digits and underscores, at most {}, and begin with a letter",
        text.chars().take(40).collect::<String>(),
        limits::ALIAS
    )))
}

fn part(name: &str) -> Result<DatePart> {
    Ok(match name {
        "day" => DatePart::DayOfMonth,
        "week" => DatePart::WeekOfYear,
        "month" => DatePart::MonthOfYear,
        "quarter" => DatePart::QuarterOfYear,
        "year" => DatePart::Year,
        "fiscal-year" => DatePart::FiscalYear,
        other => {
            return Err(wrong(format!(
                "dategrouping=\"{other}\" is not supported; there are day, week, month, quarter, year and fiscal-year"
            )));
        }
    })
}

fn no_text(element: &Element) -> Result<()> {
    if element.text.trim().is_empty() {
        return Ok(());
    }
    Err(wrong(format!("text stands in <{}>, where only elements can be", element.name)))
}

fn empty(element: &Element) -> Result<()> {
    match element.children.first() {
        None => no_text(element),
        Some(child) => Err(wrong(format!("<{}> is not possible in <{}>", child.name, element.name))),
    }
}
