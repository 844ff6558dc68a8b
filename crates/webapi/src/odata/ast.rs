//! The tree of a `$filter`.

use super::Literal;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Every one holds.
    And(Vec<Expression>),
    /// At least one holds.
    Or(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// Two values compared.
    Compare {
        /// Left of the operator.
        left: Operand,
        /// How.
        comparison: Comparison,
        /// Right of the operator.
        right: Operand,
    },
    /// `contains(name,'x')` and its sisters.
    Match {
        /// Which of them.
        how: TextMatch,
        /// Where it is looked for.
        column: Operand,
        /// What is looked for.
        text: Operand,
    },
    /// `statuscode in (1,2)`
    In {
        /// What is looked for.
        column: Operand,
        /// Where it is looked for.
        values: Vec<Operand>,
    },
    /// `Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)`
    Function {
        /// Without the namespace.
        name: String,
        /// In the order written.
        arguments: Vec<(String, Argument)>,
    },
    /// `tasks/any(t:t/subject eq 'x')`
    Lambda(Lambda),
    /// A two-options column, or `true`, standing alone.
    Alone(Operand),
}

/// A condition over the rows of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// The way to the collection.
    pub path: Vec<String>,
    /// Whether one row or all rows must satisfy it.
    pub quantifier: Quantifier,
    /// The row's name and the condition; nothing in `any()`.
    pub condition: Option<(String, Box<Expression>)>,
}

/// Whether one row or all rows must satisfy a lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one; true over no rows.
    All,
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// `customerid_account/name`, its segments.
    Path(Vec<String>),
    /// A constant.
    Literal(Literal),
}

/// A named argument of a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// One value.
    One(Literal),
    /// `['a','b']`
    Many(Vec<Literal>),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A text function that is a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    Contains,
    StartsWith,
    EndsWith,
}

impl Comparison {
    /// The operator of this name, in lower case as OData demands.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator that says the same with the sides exchanged.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
        }
    }
}

impl TextMatch {
    /// The function of this name; clients disagree about the case of its letters.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Contains, Self::StartsWith, Self::EndsWith]
            .into_iter()
            .find(|function| function.name().eq_ignore_ascii_case(name))
    }

    /// As OData writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
        }
    }
}
