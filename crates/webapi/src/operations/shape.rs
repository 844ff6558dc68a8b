//! Types of parameters and results, as `$metadata` declares them.

/// A parameter of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// Whether it must be given.
    pub required: bool,
    /// What to send, for who did not: `true or false`.
    pub form: &'static str,
}

/// The type of a parameter or a property.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`
    Int32,
    /// `Edm.Int64`
    Int64,
    /// `Edm.Decimal`
    Decimal,
    /// `Edm.DateTimeOffset`
    DateTime,
    /// `Edm.Guid`
    Guid,
    /// `Edm.String`
    Text,
    /// A row of any table.
    AnyRow,
    /// A user or a team.
    Principal,
    /// A row of this table.
    Row(&'static str),
    /// An object of several properties.
    Complex(&'static Complex),
    /// One of several names; of one that holds several at once any of them.
    Enumeration(&'static Enumeration),
    /// A list.
    Collection(&'static Type),
}

/// A property of an object.
#[derive(Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
}

/// An object of several properties that is no row.
#[derive(Debug)]
pub struct Complex {
    /// Its name, without the namespace.
    pub name: &'static str,
    /// Whether it may have other properties, too.
    pub open: bool,
    /// Its properties.
    pub properties: &'static [Property],
}

/// Names with numbers.
#[derive(Debug)]
pub struct Enumeration {
    /// Its name, without the namespace.
    pub name: &'static str,
    /// Whether a value may be several of them at once.
    pub flags: bool,
    /// The names.
    pub members: &'static [(&'static str, i64)],
}

/// What an operation answers with.
#[derive(Debug, Clone, Copy)]
pub enum Returns {
    /// Nothing.
    Nothing,
    /// An object of the operation's own type.
    Response(&'static [Property]),
    /// A row of some table.
    Row,
    /// Rows of some table, with the options of a list.
    Rows,
    /// The written rows, of several tables perhaps.
    Written,
}

impl Parameter {
    /// A parameter that must be given.
    pub const fn required(name: &'static str, kind: Type, form: &'static str) -> Self {
        Self { name, kind, required: true, form }
    }

    /// A parameter that may be left out.
    pub const fn optional(name: &'static str, kind: Type, form: &'static str) -> Self {
        Self { name, kind, required: false, form }
    }
}

impl Property {
    /// A property of this name and type.
    pub const fn new(name: &'static str, kind: Type) -> Self {
        Self { name, kind }
    }
}

impl Type {
    /// True for what is written as an object or a list.
    pub const fn is_structured(self) -> bool {
        matches!(self, Self::AnyRow | Self::Principal | Self::Row(_) | Self::Complex(_) | Self::Collection(_))
    }
}
