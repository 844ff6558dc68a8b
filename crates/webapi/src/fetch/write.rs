//! A query as XML, for clients that show or change it.

use crm::{AggregateFunction, DatePart};

use super::ast::{Attribute, Condition, Entity, Fetch, Group, Link, LinkKind, Order, Part, Role};

/// The query as XML, which [`super::read`] reads as the same.
pub fn write(fetch: &Fetch) -> String {
    let mut out = Xml(String::from("<fetch version=\"1.0\" mapping=\"logical\""));
    for (name, number) in [("top", fetch.top), ("count", fetch.count), ("page", fetch.page)] {
        out.given(name, number.map(|number| number.to_string()).as_deref());
    }
    out.given("paging-cookie", fetch.cookie.as_deref());
    for (name, flag) in [
        ("distinct", fetch.distinct),
        ("aggregate", fetch.aggregate),
        ("returntotalrecordcount", fetch.total),
        ("useraworderby", fetch.raw_order),
    ] {
        out.flag(name, flag);
    }
    out.0.push_str("><entity");
    out.given("name", Some(&fetch.entity.name));
    out.0.push('>');
    out.entity(&fetch.entity);
    out.0.push_str("</entity></fetch>");
    out.0
}

/// Text for an attribute or between tags. What XML would read as mere space is spelt out.
pub(super) fn escaped(text: &str) -> String {
    let escaped = quick_xml::escape::escape(text);
    let mut out = String::with_capacity(escaped.len());
    for letter in escaped.chars() {
        match letter {
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}

/// What is written so far.
struct Xml(String);

impl Xml {
    fn given(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.extend([" ", name, "=\"", &escaped(value), "\""]);
        }
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.given(name, flag.then_some("true"));
    }

    fn entity(&mut self, entity: &Entity) {
        if entity.all {
            self.0.push_str("<all-attributes/>");
        }
        entity.attributes.iter().for_each(|attribute| self.attribute(attribute));
        entity.orders.iter().for_each(|order| self.order(order));
        entity.filters.iter().for_each(|group| self.group(group));
        entity.links.iter().for_each(|link| self.link(link));
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.0.push_str("<attribute");
        self.given("name", Some(&attribute.name));
        self.given("alias", attribute.alias.as_deref());
        match attribute.role {
            Role::Shown => {}
            Role::Counted => self.given("aggregate", Some("count")),
            Role::Combined(function) => {
                self.given("aggregate", Some(function_name(function)));
                self.flag("distinct", function == AggregateFunction::CountDistinct);
            }
            Role::Grouped(part) => {
                self.flag("groupby", true);
                self.given("dategrouping", part.map(part_name));
            }
        }
        self.0.push_str("/>");
    }

    fn order(&mut self, order: &Order) {
        self.0.push_str("<order");
        self.given("entityname", order.entity.as_deref());
        self.given("attribute", order.attribute.as_deref());
        self.given("alias", order.alias.as_deref());
        self.flag("descending", order.descending);
        self.0.push_str("/>");
    }

    fn group(&mut self, group: &Group) {
        self.0.push_str(if group.any { "<filter type=\"or\">" } else { "<filter type=\"and\">" });
        for part in &group.parts {
            match part {
                Part::Group(inner) => self.group(inner),
                Part::Condition(condition) => self.condition(condition),
                Part::Link(link) => self.link(link),
            }
        }
        self.0.push_str("</filter>");
    }

    fn condition(&mut self, condition: &Condition) {
        self.0.push_str("<condition");
        self.given("entityname", condition.entity.as_deref());
        self.given("attribute", Some(&condition.attribute));
        self.given("operator", Some(&condition.operator));
        self.given("valueof", condition.other.as_deref());
        match condition.values.as_slice() {
            [] => self.0.push_str("/>"),
            [value] => {
                self.given("value", Some(value));
                self.0.push_str("/>");
            }
            values => {
                self.0.push('>');
                for value in values {
                    self.0.extend(["<value>", &escaped(value), "</value>"]);
                }
                self.0.push_str("</condition>");
            }
        }
    }

    fn link(&mut self, link: &Link) {
        self.0.push_str("<link-entity");
        self.given("name", Some(&link.entity.name));
        self.given("from", Some(&link.from));
        self.given("to", Some(&link.to));
        self.given("alias", link.alias.as_deref());
        let kind = match link.kind {
            LinkKind::Inner => "inner",
            LinkKind::Outer => "outer",
            LinkKind::Exists => "exists",
            LinkKind::Any => "any",
            LinkKind::NotAny => "not any",
            LinkKind::All => "all",
        };
        self.given("link-type", Some(kind));
        self.0.push('>');
        self.entity(&link.entity);
        self.0.push_str("</link-entity>");
    }
}

const fn function_name(function: AggregateFunction) -> &'static str {
    match function {
        AggregateFunction::Count | AggregateFunction::CountDistinct => "countcolumn",
        AggregateFunction::Sum => "sum",
        AggregateFunction::Average => "avg",
        AggregateFunction::Min => "min",
        AggregateFunction::Max => "max",
    }
}

const fn part_name(part: DatePart) -> &'static str {
    match part {
        DatePart::Day | DatePart::DayOfMonth => "day",
        DatePart::Week | DatePart::WeekOfYear => "week",
        DatePart::Month | DatePart::MonthOfYear => "month",
        DatePart::Quarter | DatePart::QuarterOfYear => "quarter",
        DatePart::Year => "year",
        DatePart::FiscalPeriod => "fiscal-period",
        DatePart::FiscalYear => "fiscal-year",
    }
}
