//! Actions and functions, and the types that only they speak of, from the table of operations.

use crm::access::Privilege;
use model::Table;
use serde_json::{Map, Value, json};

use super::{
    set::key,
    shared::{Call, body, definition_options},
    told::{ANY_ROW, Told, parameter, schema},
};
use crate::operations::{
    Bound, Complex, Enumeration, Kind, NAMESPACE, Operation, Parameter, Property, Returns, Type, all,
};

/// The tag of what is called by name alone.
pub const TAG: &str = "Operations";

/// Adds the addresses of what is called by name alone.
pub fn unbound(told: &Told<'_>, paths: &mut Map<String, Value>) {
    for operation in all().filter(|operation| operation.bound == Bound::Nothing) {
        call(operation, &told.base, None, paths);
    }
}

/// Adds the addresses of what is called on a table's rows or its set.
pub fn bound(told: &Told<'_>, table: &Table, paths: &mut Map<String, Value>) {
    let writes = told.may(table, Privilege::Create) || told.may(table, Privilege::Write);
    for operation in all() {
        let set = format!("{}{}", told.base, table.set_name);
        let before = match operation.bound {
            Bound::Set if writes => format!("{set}/{NAMESPACE}"),
            Bound::Row(tables) if tables.contains(&table.name.as_str()) => {
                format!("{set}({{{}}})/{NAMESPACE}", table.primary_key)
            }
            _ => continue,
        };
        call(operation, &before, Some(table), paths);
    }
}

fn call(operation: &Operation, before: &str, table: Option<&Table>, paths: &mut Map<String, Value>) {
    let (id, tag) = match table {
        Some(table) => (format!("{}_{}", operation.name, table.set_name), table.set_name.as_str()),
        None => (operation.name.to_owned(), TAG),
    };
    let mut call = Call::new(id, tag, operation.name);
    if let (Some(table), Bound::Row(_)) = (table, operation.bound) {
        call = call.with(key(table));
    }
    call = returned(call.with(parameter("caller")), operation);
    if operation.kind == Kind::Action {
        paths.insert(format!("{before}{}", operation.name), json!({"post": action(call, operation).writes()}));
        return;
    }
    let (required, optional): (Vec<&Parameter>, Vec<&Parameter>) =
        operation.parameters.iter().partition(|parameter| parameter.required);
    let more = if optional.is_empty() { Vec::new() } else { vec![required.iter().chain(&optional).copied().collect()] };
    // A parameter that is left out is left out of the brackets, so that each way of calling is an address.
    for (number, given) in [required].into_iter().chain(more).enumerate() {
        let mut item = json!({"get": call.clone().with_all(given.iter().map(|one| in_address(one))).reads()});
        if number > 0 {
            item["get"]["operationId"] = format!("{}_with_all", operation.name).into();
        }
        paths.insert(format!("{before}{}{}", operation.name, brackets(&given)), item);
    }
}

fn brackets(parameters: &[&Parameter]) -> String {
    let all: Vec<String> = parameters.iter().map(|one| format!("{0}=@{0}", one.name)).collect();
    format!("({})", all.join(","))
}

fn returned(call: Call, operation: &Operation) -> Call {
    match operation.returns {
        Returns::Nothing => call.answers_nothing("204", "Done."),
        Returns::Response(_) => call.answers("200", "The answer.", &schema(&response(operation))),
        Returns::Row => call.answers("200", "A row.", &schema(ANY_ROW)),
        Returns::Written => call.answers("200", "The rows that were written.", &schema("row.rows")),
        Returns::Rows => {
            let call = call.with_all(definition_options().take(6));
            call.answers("200", "Rows.", &schema("row.rows"))
        }
    }
}

fn action(call: Call, operation: &Operation) -> Call {
    if operation.parameters.is_empty() {
        return call;
    }
    let properties: Map<String, Value> =
        operation.parameters.iter().map(|one| (one.name.to_owned(), in_body(one))).collect();
    let required: Vec<&str> = operation.parameters.iter().filter(|one| one.required).map(|one| one.name).collect();
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "patternProperties": {"@": true},
        "additionalProperties": false,
    });
    call.taking(body(&schema, !required.is_empty()))
}

fn in_body(parameter: &Parameter) -> Value {
    let kind = of_type(parameter.kind);
    let kind = if parameter.required { kind } else { json!({"anyOf": [kind, {"type": "null"}]}) };
    json!({"allOf": [kind], "description": parameter.form})
}

/// A parameter of a function: its value stands behind its name with an `@` in the query string.
fn in_address(parameter: &Parameter) -> Value {
    let mut told = json!({
        "name": format!("@{}", parameter.name),
        "in": "query",
        "required": true,
        "description": parameter.form,
    });
    match parameter.kind {
        Type::Text => told["schema"] = json!({"type": "string", "pattern": "^'([^']|'')*'$"}),
        Type::Enumeration(one) => {
            let names: Vec<String> =
                one.members.iter().map(|(name, _)| format!("{NAMESPACE}{}'{name}'", one.name)).collect();
            told["schema"] = json!({"type": "string", "enum": names});
        }
        kind if kind.is_structured() => told["content"] = json!({"application/json": {"schema": of_type(kind)}}),
        kind => told["schema"] = of_type(kind),
    }
    told
}

/// Adds the types that parameters and results speak of.
pub fn schemas(_: &Told<'_>, schemas: &mut Map<String, Value>) {
    for operation in all() {
        for parameter in operation.parameters {
            take(parameter.kind, schemas);
        }
        if let Returns::Response(properties) = operation.returns {
            for property in properties {
                take(property.kind, schemas);
            }
            let mut told = object(properties, false);
            told["properties"]["@odata.context"] = json!({"type": "string"});
            told["required"] = properties.iter().map(|property| property.name).collect::<Vec<_>>().into();
            schemas.insert(response(operation), told);
        }
    }
}

fn take(kind: Type, schemas: &mut Map<String, Value>) {
    match kind {
        Type::Collection(items) => take(*items, schemas),
        Type::Enumeration(one) => {
            schemas.insert(one.name.to_owned(), enumeration(one));
        }
        Type::Complex(one) if !schemas.contains_key(one.name) => {
            // There before its properties are looked at: a type may speak of itself.
            schemas.insert(one.name.to_owned(), complex(one));
            for property in one.properties {
                take(property.kind, schemas);
            }
        }
        _ => {}
    }
}

fn complex(one: &Complex) -> Value {
    object(one.properties, one.open)
}

fn object(properties: &[Property], open: bool) -> Value {
    let members: Map<String, Value> =
        properties.iter().map(|property| (property.name.to_owned(), of_property(property.kind))).collect();
    let mut told = json!({"type": "object", "properties": members});
    if open {
        told["additionalProperties"] = true.into();
    }
    told
}

/// Objects may be left out by null, as what `$metadata` does not call `Nullable="false"`.
fn of_property(kind: Type) -> Value {
    match kind {
        Type::Complex(_) | Type::AnyRow | Type::Principal | Type::Row(_) => {
            json!({"anyOf": [of_type(kind), {"type": "null"}]})
        }
        other => of_type(other),
    }
}

fn enumeration(one: &Enumeration) -> Value {
    let names: Vec<&str> = one.members.iter().map(|(name, _)| *name).collect();
    if one.flags {
        let known = names.join("|");
        let several = format!("^({known})(, ?({known}))*$");
        return json!({"type": "string", "pattern": several, "description": "One or several names, with commas between."});
    }
    json!({"type": "string", "enum": names})
}

fn of_type(kind: Type) -> Value {
    match kind {
        Type::Boolean => json!({"type": "boolean"}),
        Type::Int32 => json!({"type": "integer", "format": "int32"}),
        Type::Int64 => json!({"type": "integer", "format": "int64"}),
        Type::Decimal => json!({"type": "number"}),
        Type::DateTime => json!({"type": "string", "format": "date-time"}),
        Type::Guid => json!({"type": "string", "format": "uuid"}),
        Type::Text => json!({"type": "string"}),
        Type::AnyRow | Type::Principal | Type::Row(_) => schema(ANY_ROW),
        Type::Complex(one) => schema(one.name),
        Type::Enumeration(one) => schema(one.name),
        Type::Collection(items) => json!({"type": "array", "items": of_type(*items)}),
    }
}

fn response(operation: &Operation) -> String {
    format!("{}Response", operation.name)
}
