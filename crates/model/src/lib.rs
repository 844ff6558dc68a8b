//! The declarations of Pipewright: what tables, columns, relationships, views, forms and
//! process flows exist, and how the shipped sales app and an organisation's own
//! customisations merge into one immutable [`Model`].
//!
//! This crate knows nothing of databases, pages or people. It answers "what is a lead?" and
//! "is this customisation sound?"; everything else in Pipewright is written once, over it.

mod build;
mod calculate;
mod coerce;
mod column;
mod difference;
mod error;
mod files;
mod filter;
mod form;
mod formula;
mod json;
mod literal;
mod mapping;
mod merged;
mod operands;
mod overlay;
mod paths;
mod process;
mod role;
mod secured;
mod source;
mod summary;
mod table;
mod upgrade;
mod validate;
mod value;
mod view;
mod words;

pub use build::names::{column_id, key_id, message_id, options_id, relationship_id, table_id};
pub use coerce::{either, is_email};
pub use column::{
    AutoNumber, Choice, Column, ColumnType, DefaultValue, RequiredLevel, Rollup, RollupFunction, TextFormat,
};
pub use error::{ModelError, Problem};
pub use filter::{Condition, Filter, Operator, Path, Related, Step};
pub use form::{Form, FormKind, People, Section, Subgrid, Tab};
pub use formula::Formula;
pub use mapping::{ColumnMapping, TableMapping};
pub use merged::{ByName, Model};
pub use operands::Operands;
pub use overlay::{
    ColumnChange, MappingChange, Overlay, Part, PartAddress, PartKind, PartOrigin, PartSummary, ProcessChange,
    RelationshipChange, StatusChange, TableChange,
};
pub use process::{Process, ProcessVersion, Stage, StageCategory, StageStep, StepAction};
pub use role::{Depth, Privilege, Privileges, Role};
pub use secured::SecuredColumn;
pub use source::{
    ChoiceDeclaration, ColumnDeclaration, ColumnKind, ManyToManyDeclaration, RelationshipDeclaration, TableDeclaration,
};
pub use summary::Summary;
pub use table::{AlternateKey, Cascade, Index, ManyToMany, Ownership, Relationship, State, Status, Table, TableKind};
pub use value::{Reference, Value, ValueError};
pub use view::{Order, View, ViewColumn};
