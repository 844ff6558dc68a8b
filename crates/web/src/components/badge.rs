//! Choice values and states as coloured words.

use maud::{Markup, Render, html};

/// The colours that choices and states may carry; each reads well on light and dark pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neutral; the default.
    #[default]
    Grey,
    /// Information, open work.
    Blue,
    /// Like blue, for a second kind beside it.
    Cyan,
    /// Done well, won.
    Green,
    /// Like green, for a second kind beside it.
    Teal,
    /// Attention, waiting.
    Yellow,
    /// Warning, late.
    Orange,
    /// Failed, lost, dangerous.
    Red,
    /// A kind that is neither good nor bad.
    Pink,
    /// A kind that is neither good nor bad.
    Purple,
}

impl Tone {
    const ALL: [Self; 10] = [
        Self::Grey,
        Self::Blue,
        Self::Cyan,
        Self::Green,
        Self::Teal,
        Self::Yellow,
        Self::Orange,
        Self::Red,
        Self::Pink,
        Self::Purple,
    ];

    /// The class that sets this tone's colours on an element.
    pub fn class(self) -> &'static str {
        match self {
            Self::Grey => "tone-grey",
            Self::Blue => "tone-blue",
            Self::Cyan => "tone-cyan",
            Self::Green => "tone-green",
            Self::Teal => "tone-teal",
            Self::Yellow => "tone-yellow",
            Self::Orange => "tone-orange",
            Self::Red => "tone-red",
            Self::Pink => "tone-pink",
            Self::Purple => "tone-purple",
        }
    }

    /// The tone nearest to a colour written `#rrggbb`, as choices of other systems carry it.
    /// Anything else, and colours without much hue, are grey.
    pub fn nearest(colour: &str) -> Self {
        let Some(hue) = hue(colour) else { return Self::Grey };
        match hue {
            0..=14 | 346..=360 => Self::Red,
            15..=38 => Self::Orange,
            39..=68 => Self::Yellow,
            69..=155 => Self::Green,
            156..=180 => Self::Teal,
            181..=204 => Self::Cyan,
            205..=250 => Self::Blue,
            251..=299 => Self::Purple,
            _ => Self::Pink,
        }
    }

    /// A tone that is always the same for the same text, for people without a picture.
    pub fn of_text(text: &str) -> Self {
        let sum = text.bytes().fold(7usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        Self::ALL[1 + sum % (Self::ALL.len() - 1)]
    }
}

/// Hue in degrees of `#rrggbb`; `None` if it is not such a colour or nearly grey.
fn hue(colour: &str) -> Option<u16> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().map(f32::from);
    let (red, green, blue) = (channel(0)?, channel(2)?, channel(4)?);
    let (high, low) = (red.max(green).max(blue), red.min(green).min(blue));
    let spread = high - low;
    if spread < 24.0 {
        return None;
    }
    let sextant = if (high - red).abs() < f32::EPSILON {
        ((green - blue) / spread).rem_euclid(6.0)
    } else if (high - green).abs() < f32::EPSILON {
        (blue - red) / spread + 2.0
    } else {
        (red - green) / spread + 4.0
    };
    Some((sextant * 60.0).round() as u16)
}

/// A word in a coloured pill: a choice's value, a state.
#[derive(Debug, Clone, Default)]
pub struct Badge {
    /// The word.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
}

impl Badge {
    /// A badge of this word and colour.
    pub fn new(label: impl Into<String>, tone: Tone) -> Self {
        Self { label: label.into(), tone }
    }
}

impl Render for Badge {
    fn render(&self) -> Markup {
        html! { span class={ "pill " (self.tone.class()) } { (self.label) } }
    }
}
