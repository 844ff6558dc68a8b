//! Conditions of a draft: nested groups that are changed part by part. A part is found by the way to
//! it: the position in its group, and that group's in its own.

use language::tr;
use model::{Filter, Process};

use super::edit::stage_named;
use crate::{Error, Result};

/// Whose condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// Which new records the flow leads.
    Rule,
    /// Whether the stage of this name is taken.
    Stage(String),
}

/// One change of a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum ConditionEdit {
    /// Adds a part to the group at this place.
    Add(Vec<usize>, Filter),
    /// Puts another part in the place of this one.
    Replace(Vec<usize>, Filter),
    /// Takes the part out; the whole condition where the place is empty.
    Remove(Vec<usize>),
    /// All of the group's parts must hold, or any.
    Join(Vec<usize>, Join),
}

/// How the parts of a group are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Join {
    All,
    Any,
}

/// True for a group of parts.
pub const fn is_group(filter: &Filter) -> bool {
    matches!(filter, Filter::All(_) | Filter::Any(_))
}

/// The parts of a condition as they are addressed: those of its outermost group, or itself.
pub fn parts(filter: &Filter) -> (Join, &[Filter]) {
    match filter {
        Filter::All(parts) => (Join::All, parts),
        Filter::Any(parts) => (Join::Any, parts),
        single => (Join::All, std::slice::from_ref(single)),
    }
}

impl ConditionEdit {
    pub(super) fn apply(self, process: &mut Process, spot: &Spot) -> Result<()> {
        let slot = match spot {
            Spot::Rule => &mut process.rule,
            Spot::Stage(name) => &mut stage_named(process, name)?.condition,
        };
        let mut root = match slot.take() {
            None => Filter::All(Vec::new()),
            Some(group) if is_group(&group) => group,
            Some(single) => Filter::All(vec![single]),
        };
        let outcome = self.change(&mut root);
        let (_, left) = parts(&root);
        *slot = (!left.is_empty()).then_some(root);
        outcome
    }

    fn change(self, root: &mut Filter) -> Result<()> {
        match self {
            Self::Add(at, part) => members(root, &at)?.push(part),
            Self::Replace(at, part) => *part_at(root, &at)? = part,
            Self::Remove(at) => match at.split_last() {
                None => *root = Filter::All(Vec::new()),
                Some((position, group)) => {
                    let members = members(root, group)?;
                    if *position >= members.len() {
                        return Err(gone());
                    }
                    members.remove(*position);
                }
            },
            Self::Join(at, join) => {
                let group = part_at(root, &at)?;
                let members = match group {
                    Filter::All(members) | Filter::Any(members) => std::mem::take(members),
                    _ => return Err(gone()),
                };
                *group = match join {
                    Join::All => Filter::All(members),
                    Join::Any => Filter::Any(members),
                };
            }
        }
        Ok(())
    }
}

fn part_at<'f>(root: &'f mut Filter, at: &[usize]) -> Result<&'f mut Filter> {
    at.iter().try_fold(root, |filter, position| match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.get_mut(*position).ok_or_else(gone),
        _ => Err(gone()),
    })
}

fn members<'f>(root: &'f mut Filter, at: &[usize]) -> Result<&'f mut Vec<Filter>> {
    match part_at(root, at)? {
        Filter::All(parts) | Filter::Any(parts) => Ok(parts),
        _ => Err(gone()),
    }
}

fn gone() -> Error {
    Error::refused(tr!("this part of the condition is not there any more; look at it again"))
}
