//! Files and pictures.

use language::tr;
use maud::{Markup, html};

use super::Field;
use crate::components::icon::icon;

/// A file that is stored in the column.
#[derive(Debug, Clone, Default)]
pub struct StoredFile {
    /// Its name.
    pub name: String,
    /// Its size in words, such as `240 KB`.
    pub size: String,
    /// Where it is downloaded; for a picture, where it is shown from.
    pub href: String,
}

/// A stored file with a way to remove it (`NAME_remove`), and a way to choose another.
pub fn input(
    field: &Field,
    stored: Option<&StoredFile>,
    accept: Option<&str>,
    largest: Option<usize>,
    picture: bool,
) -> Markup {
    html! {
        div.file-field {
            @if let Some(file) = stored {
                div.file-stored {
                    @if picture {
                        img src=(file.href) alt=(tr!("Current picture: {}", file.name)) loading="lazy";
                    } @else {
                        (icon("paperclip"))
                    }
                    a href=(file.href) download { (file.name) }
                    span.file-size { (file.size) }
                    label.file-remove {
                        input.form-check-input type="checkbox" name={ (field.name) "_remove" } value="true" form=[field.form.as_deref()];
                        (tr!("Remove"))
                    }
                }
            }
            input.form-control type="file" id=(field.id()) name=(field.name) accept=[accept] data-largest=[largest] form=[field.form.as_deref()]
                required[field.is_required() && stored.is_none()]
                aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
        }
    }
}
