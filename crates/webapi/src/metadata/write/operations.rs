//! The actions by which clients write metadata: several tables at once, options, and publishing, which
//! has happened already whenever a definition was written.

use axum::{http::StatusCode, response::Response};
use quick_xml::{Reader, events::Event};
use serde_json::Value;

use super::{make, may_write, options, polymorphic, sent::Sent};
use crate::{
    error::{Error, Result},
    handlers::{empty, object},
    metadata::changes::TABLE,
    operations::{Bound, Call, Complex, Kind, Operation, Parameter, Property, Returns, Type},
    wire::Json,
};

/// Most tables made by one request.
const MOST: usize = 50;
const LABEL_FORM: &str = "a label: {\"LocalizedLabels\": [{\"Label\": \"…\", \"LanguageCode\": 1033}]}";

/// A text in a language.
pub static LOCALIZED_LABEL: Complex = Complex {
    name: "LocalizedLabel",
    open: false,
    properties: &[
        Property::new("Label", Type::Text),
        Property::new("LanguageCode", Type::Int32),
        Property::new("IsManaged", Type::Boolean),
        Property::new("MetadataId", Type::Guid),
        Property::new("HasChanged", Type::Boolean),
    ],
};

/// A text for people.
pub static LABEL: Complex = Complex {
    name: "Label",
    open: false,
    properties: &[
        Property::new("LocalizedLabels", Type::Collection(&Type::Complex(&LOCALIZED_LABEL))),
        Property::new("UserLocalizedLabel", Type::Complex(&LOCALIZED_LABEL)),
    ],
};

static COLUMN_TYPE: Complex = Complex {
    name: "ComplexLookupAttributeMetadata",
    open: true,
    properties: &[Property::new("SchemaName", Type::Text), Property::new("DisplayName", Type::Complex(&LABEL))],
};

static RELATIONSHIP_TYPE: Complex = Complex {
    name: "ComplexOneToManyRelationshipMetadata",
    open: true,
    properties: &[
        Property::new("SchemaName", Type::Text),
        Property::new("ReferencedEntity", Type::Text),
        Property::new("ReferencingEntity", Type::Text),
    ],
};

static RELATIONSHIP_OBJECT: Type = Type::Complex(&RELATIONSHIP_TYPE);

const SET: Parameter = Parameter::optional("OptionSetName", Type::Text, "the name of a global choice");
const COLUMN: Parameter = Parameter::optional("AttributeLogicalName", Type::Text, "the logical name of a column");
const TABLE_OF: Parameter = Parameter::optional("EntityLogicalName", Type::Text, "the logical name of a table");
const SOLUTION: Parameter = Parameter::optional("SolutionUniqueName", Type::Text, "a text");
const DESCRIPTION: Parameter = Parameter::optional("Description", Type::Complex(&LABEL), LABEL_FORM);
const MERGE: Parameter = Parameter::optional("MergeLabels", Type::Boolean, "true or false");
const COLOR: Parameter = Parameter::optional("Color", Type::Text, "the name of a colour of the design");
const NEW_VALUE: Parameter = Parameter::optional("Value", Type::Int32, "a whole number");
const VALUE: Parameter = Parameter::required("Value", Type::Int32, "the number of an option");
const LABEL_OF: Parameter = Parameter::required("Label", Type::Complex(&LABEL), LABEL_FORM);
const LOOKUP: Parameter = Parameter::required(
    "Lookup",
    Type::Complex(&COLUMN_TYPE),
    "a column: {\"SchemaName\": \"new_About\", \"DisplayName\": …}",
);
const RELATIONSHIPS: Parameter = Parameter::required(
    "OneToManyRelationships",
    Type::Collection(&RELATIONSHIP_OBJECT),
    "a list: [{\"SchemaName\": \"new_account_plans\", \"ReferencedEntity\": \"account\", \"ReferencingEntity\": \"new_plan\"}]",
);
const MADE: Returns = Returns::Response(&[
    Property::new("RelationshipIds", Type::Collection(&Type::Guid)),
    Property::new("AttributeId", Type::Guid),
]);
const CHOSEN: Returns = Returns::Response(&[Property::new("NewOptionValue", Type::Int32)]);

/// What can be done here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateEntities",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            Parameter::required(
                "Entities",
                Type::Collection(&Type::Complex(&TABLE)),
                "a list of tables: [{\"SchemaName\": \"new_Project\", \"DisplayName\": …, \"Attributes\": [\u{2026}]}]",
            ),
            SOLUTION,
        ],
        returns: Returns::Response(&[Property::new("EntityIds", Type::Collection(&Type::Guid))]),
        handler: |call| Box::pin(create_entities(call)),
    },
    Operation {
        name: "CreateCustomerRelationships",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[LOOKUP, RELATIONSHIPS, SOLUTION],
        returns: MADE,
        handler: |call| Box::pin(polymorphic::create_customer(call)),
    },
    Operation {
        name: "CreatePolymorphicLookupAttribute",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[LOOKUP, RELATIONSHIPS, SOLUTION],
        returns: MADE,
        handler: |call| Box::pin(polymorphic::create(call)),
    },
    Operation {
        name: "InsertOptionValue",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[SET, COLUMN, TABLE_OF, NEW_VALUE, LABEL_OF, DESCRIPTION, COLOR, SOLUTION],
        returns: CHOSEN,
        handler: |call| Box::pin(options::insert(call)),
    },
    Operation {
        name: "InsertStatusValue",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            SET,
            COLUMN,
            TABLE_OF,
            NEW_VALUE,
            LABEL_OF,
            DESCRIPTION,
            Parameter::required("StateCode", Type::Int32, "the number of a state"),
            COLOR,
            SOLUTION,
        ],
        returns: CHOSEN,
        handler: |call| Box::pin(options::insert_status(call)),
    },
    Operation {
        name: "UpdateOptionValue",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            SET,
            COLUMN,
            TABLE_OF,
            VALUE,
            Parameter::optional("Label", Type::Complex(&LABEL), LABEL_FORM),
            DESCRIPTION,
            MERGE,
            COLOR,
            SOLUTION,
        ],
        returns: Returns::Nothing,
        handler: |call| Box::pin(options::update(call)),
    },
    Operation {
        name: "UpdateStateValue",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            SET,
            COLUMN,
            TABLE_OF,
            VALUE,
            Parameter::optional("Label", Type::Complex(&LABEL), LABEL_FORM),
            DESCRIPTION,
            Parameter::optional("DefaultStatusCode", Type::Int32, "the number of a status reason"),
            MERGE,
            SOLUTION,
        ],
        returns: Returns::Nothing,
        handler: |call| Box::pin(options::update_state(call)),
    },
    Operation {
        name: "DeleteOptionValue",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[SET, COLUMN, TABLE_OF, VALUE, SOLUTION],
        returns: Returns::Nothing,
        handler: |call| Box::pin(options::delete(call)),
    },
    Operation {
        name: "OrderOption",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            SET,
            COLUMN,
            TABLE_OF,
            Parameter::required("Values", Type::Collection(&Type::Int32), "the numbers of all options: [2, 1, 3]"),
            SOLUTION,
        ],
        returns: Returns::Nothing,
        handler: |call| Box::pin(options::order(call)),
    },
    Operation {
        name: "PublishAllXml",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[],
        returns: Returns::Nothing,
        handler: |call| Box::pin(async { published(call) }),
    },
    Operation {
        name: "PublishXml",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[Parameter::required(
            "ParameterXml",
            Type::Text,
            "what is to be published: <importexportxml><entities><entity>account</entity></entities></importexportxml>",
        )],
        returns: Returns::Nothing,
        handler: |call| Box::pin(async { published_some(call) }),
    },
];

/// `CreateEntities`: all of them, or none.
async fn create_entities(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let tables: Value = call.parameters.required("Entities")?;
    let tables =
        tables.as_array().filter(|tables| !tables.is_empty()).ok_or_else(|| call.parameters.wrong("Entities"))?;
    if tables.len() > MOST {
        return Err(Error::BadBody(format!(
            "Entities: at most {MOST} tables at a time; send them in several requests"
        )));
    }
    let sent = tables.iter().enumerate().map(|(number, table)| Sent::at(format!("Entities[{number}]"), table));
    let sent = sent.collect::<Result<Vec<_>>>()?;
    let (_, names) = Box::pin(make::put_tables(call.request, &sent)).await?;
    let ids = names.iter().map(|name| Json::Text(model::table_id(name).to_string())).collect();
    Ok(object(StatusCode::OK, call.context(), vec![("EntityIds".into(), Json::List(ids))]))
}

/// `PublishAllXml`: everything that was written is published.
fn published(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `PublishXml`: so is what it names, provided that there is such a thing.
fn published_some(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let text: String = call.parameters.required("ParameterXml")?;
    let mut reader = Reader::from_str(&text);
    let (mut depth, mut is_table, mut is_asked) = (0_usize, false, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                is_asked |= depth == 0 && start.local_name().as_ref() == "importexportxml";
                is_table = start.local_name().as_ref() == "entity";
                depth += 1;
            }
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                is_table = false;
            }
            Ok(Event::Text(name)) if is_table => {
                let name = name.trim().to_owned();
                if !name.is_empty() && call.request.app.model().table(&name).is_none() {
                    return Err(Error::BadRequest(format!("PublishXml: there is no table '{name}'")));
                }
            }
            Ok(Event::Eof) if is_asked && depth == 0 => return Ok(empty(StatusCode::NO_CONTENT)),
            Ok(Event::Eof | Event::DocType(_)) | Err(_) => return Err(call.parameters.wrong("ParameterXml")),
            Ok(_) => {}
        }
    }
}
