//! Short messages about what was just done, with a way back.

use language::tr;
use maud::{Markup, Render, html};

use super::badge::Tone;
use super::icon::icon;

/// The way back that a toast offers: a form post.
#[derive(Debug, Clone, Default)]
pub struct ToastUndo {
    /// Where to post.
    pub action: String,
    /// The session's token against forged requests.
    pub csrf: String,
    /// The word on the button, such as `Undo`.
    pub label: String,
}

/// A short message about what was just done. It goes by itself unless it is about a failure.
#[derive(Debug, Clone, Default)]
pub struct Toast {
    /// Green for done, red for failed, grey for information.
    pub tone: Tone,
    /// What happened.
    pub text: String,
    /// Where to look at it: address and words.
    pub link: Option<(String, String)>,
    /// The way back.
    pub undo: Option<ToastUndo>,
}

impl Toast {
    fn icon_name(&self) -> &'static str {
        match self.tone {
            Tone::Green | Tone::Teal => "circle-check",
            Tone::Red => "alert-circle",
            Tone::Orange | Tone::Yellow => "alert-triangle",
            _ => "info-circle",
        }
    }
}

impl Render for Toast {
    fn render(&self) -> Markup {
        let stays = self.tone == Tone::Red;
        html! {
            div class={ "toast-message " (self.tone.class()) } role=(if stays { "alert" } else { "status" })
                data-toast data-stays[stays] {
                (icon(self.icon_name()))
                p { (self.text) }
                @if let Some((href, words)) = &self.link { a href=(href) { (words) } }
                @if let Some(undo) = &self.undo {
                    form method="post" action=(undo.action) {
                        input type="hidden" name="csrf" value=(undo.csrf);
                        button.btn.btn-sm type="submit" { (icon("arrow-back-up")) span { (undo.label) } }
                    }
                }
                button.toast-close type="button" data-toast-close aria-label=(tr!("Dismiss message")) { (icon("x")) }
            }
        }
    }
}
