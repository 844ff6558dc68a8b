//! The `Prefer` header.

use axum::http::HeaderMap;

/// Rows of a page where the client says nothing, and at most.
pub const PAGE: u32 = 5_000;

/// What the client prefers; unknown preferences are ignored, as the standard says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences {
    /// Answer writes with the row.
    pub representation: bool,
    /// Annotations wanted.
    pub annotations: Annotations,
    /// Go on with a batch where one of its requests is refused.
    pub continue_on_error: bool,
    /// A list ends with a link to what changes from then on.
    pub track_changes: bool,
    /// At most so many rows a page.
    pub page_size: Option<u32>,
}

/// Patterns of annotations: names, `prefix.*`, `*`; with `-` in front those not wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Annotations {
    patterns: Vec<String>,
}

/// Labels and formatted values.
pub const FORMATTED_VALUE: &str = "OData.Community.Display.V1.FormattedValue";
/// The table a lookup points at.
pub const LOOKUP_LOGICAL_NAME: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
/// The navigation property that leads to the row a lookup points at.
pub const ASSOCIATED_NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";

impl Preferences {
    /// Read all `Prefer` headers.
    pub fn read(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        for value in headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok()) {
            for preference in outside_quotes(value, ',') {
                found.take(preference);
            }
        }
        found
    }

    fn take(&mut self, preference: &str) {
        // Parameters behind a semicolon mean nothing to us.
        let preference = outside_quotes(preference, ';').first().map_or("", |first| first.trim());
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        let value = value.trim().trim_matches(['"', '\'']);
        match name.trim().to_ascii_lowercase().as_str() {
            "odata.continue-on-error" | "continue-on-error" => {
                self.continue_on_error = !value.eq_ignore_ascii_case("false");
            }
            "odata.track-changes" | "track-changes" => self.track_changes = !value.eq_ignore_ascii_case("false"),
            "return" => self.representation = value.eq_ignore_ascii_case("representation"),
            "odata.include-annotations" | "include-annotations" => {
                self.annotations.patterns =
                    value.split(',').map(|pattern| pattern.trim().to_owned()).filter(|p| !p.is_empty()).collect();
            }
            "odata.maxpagesize" | "maxpagesize" => {
                self.page_size = value.parse().ok().filter(|size| *size > 0).map(|size: u32| size.min(PAGE));
            }
            _ => {}
        }
    }

    /// What `Preference-Applied` echoes; nothing where nothing was applied.
    pub fn applied(&self, wrote: bool, listed: bool) -> Option<String> {
        let mut parts = Vec::new();
        if wrote && self.representation {
            parts.push("return=representation".to_owned());
        }
        if let Some(size) = self.page_size.filter(|_| listed) {
            parts.push(format!("odata.maxpagesize={size}"));
        }
        if !self.annotations.patterns.is_empty() {
            parts.push(format!("odata.include-annotations=\"{}\"", self.annotations.patterns.join(",")));
        }
        (!parts.is_empty()).then(|| parts.join(","))
    }
}

impl Annotations {
    /// True where the annotation of this name is wanted.
    pub fn wants(&self, name: &str) -> bool {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        };
        let refused = self.patterns.iter().filter_map(|pattern| pattern.strip_prefix('-')).any(matches);
        !refused && self.patterns.iter().any(|pattern| matches(pattern))
    }

    /// True where none is wanted.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}
