//! Pages and fragments in HTML.
//!
//! [`components`] are plain view models that know how to show themselves; [`assets`] serves the
//! styles and scripts they need.

pub mod assets;
pub mod components;
