//! Icons from the sprite of `ui/icons.txt`.

use maud::{Markup, html};

use crate::assets::{asset, has_icon};

/// Shown where a name is not in the sprite, as may happen with an icon named in an organisation's
/// own customisation.
const UNKNOWN: &str = "file";

/// An icon that decorates a text beside it; screen readers skip it.
pub fn icon(name: &str) -> Markup {
    let shown = if has_icon(name) { name } else { UNKNOWN };
    let address = format!("{}#{shown}", asset("icons.svg"));
    html! {
        svg.icon width="24" height="24" aria-hidden="true" focusable="false" { use href=(address) {} }
    }
}
