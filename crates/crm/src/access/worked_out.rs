//! What follows from roles, teams and reports, kept so that not every request works it out anew.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use model::Model;
use store::Scope;
use uuid::Uuid;

use super::{Access, membership::Membership, scope};
use crate::organization::BusinessUnit;

/// Most people of whom it is kept.
const MOST: usize = 200;

/// A person, the program that asks in their name, and whoever acts on their behalf.
pub(crate) type For = (Uuid, Option<Uuid>, Option<Uuid>);

/// By whom it is for. Kept with the organisation that it follows from, and so forgotten with it.
#[derive(Default)]
pub(crate) struct WorkedOut(Mutex<HashMap<For, Known>>);

#[derive(Clone)]
struct Known {
    from: Arc<(Arc<Model>, Membership)>,
    access: Arc<Access>,
    scope: Arc<Scope>,
}

impl WorkedOut {
    /// What a person who belongs to `membership` may do, and the rules for what they read. What is
    /// known counts only where it follows from the same model and an equal membership, which is
    /// read for every request.
    pub fn of(
        &self,
        user: For,
        model: &Arc<Model>,
        units: &[BusinessUnit],
        membership: &Membership,
    ) -> (Arc<Access>, Arc<Scope>) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&user).cloned();
        if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.from.0, model) && known.from.1 == *membership) {
            return (known.access, known.scope);
        }
        let access = Arc::new(Access::of(model, units, membership));
        let scope = if membership.is_administrator() { Scope::default() } else { scope(&access, model) };
        let known = Known { from: Arc::new((Arc::clone(model), membership.clone())), access, scope: Arc::new(scope) };
        let (access, scope) = (Arc::clone(&known.access), Arc::clone(&known.scope));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of an earlier model nothing counts any more.
        all.retain(|_, known| Arc::ptr_eq(&known.from.0, model));
        if all.len() >= MOST
            && let Some(one) = all.keys().next().copied()
        {
            all.remove(&one);
        }
        all.insert(user, known);
        (access, scope)
    }
}

/// A copy of an organisation may be changed and so begins without it.
impl Clone for WorkedOut {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for WorkedOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WorkedOut")
    }
}
