//! Numbers and money, typed and shown as the reader's locale writes them.

use maud::{Markup, html};

use super::Field;

pub fn input(field: &Field, value: &str, precision: u8, currency: Option<&str>, unit: Option<&str>) -> Markup {
    let mode = if precision == 0 { "numeric" } else { "decimal" };
    let control = html! {
        input.form-control.is-number type="text" inputmode=(mode) id=(field.id()) name=(field.name) value=(value)
            data-number data-precision=(precision) autocomplete="off" form=[field.form.as_deref()]
            required[field.is_required()] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    };
    html! {
        @if currency.is_some() || unit.is_some() {
            div.affixed {
                @if let Some(currency) = currency { span.affix { (currency) } }
                (control)
                @if let Some(unit) = unit { span.affix { (unit) } }
            }
        } @else {
            (control)
        }
    }
}
