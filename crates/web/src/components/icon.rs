//! The icons of `ui/icons.txt`.

use maud::{Markup, html};

use crate::assets::has_icon;

/// Shown where a name is not among them, as may happen with an icon named in an organisation's
/// own customisation.
const UNKNOWN: &str = "file";

/// An icon that decorates a text beside it; screen readers skip it.
pub fn icon(name: &str) -> Markup {
    let shown = if has_icon(name) { name } else { UNKNOWN };
    html! { i class={ "icon glyph-" (shown) } aria-hidden="true" {} }
}
