//! Files of declarations: customisations and mappings of imports.

use crm::import::plan::Mapping;
use model::{Model, Overlay};

use super::{kind, texts};
use crate::Target;

/// An organisation's customisations.
pub(super) struct Overlays;

impl Target for Overlays {
    fn name(&self) -> &'static str {
        "overlay"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "[table.lead.columns.new_score]\nlabel = \"Score\"\ntype = \"whole\"\nmin = 0\nmax = 100\ndefault = 5\n",
            "[table.lead.change.subject]\nlabel = \"Subject\"\nlength = 500\n",
            "[table.lead.columns.new_x]\nlabel = \"X\"\ntype = \"lookup\"\ntargets = [\"account\", \"contact\"]\n",
            "[table.lead.columns.new_sum]\nlabel = \"S\"\ntype = \"calculated\"\nresult = \"decimal\"\nformula = \"budgetamount * 2\"\n",
            "[table.new_visit]\nlabel = \"Visit\"\nplural = \"Visits\"\n[table.new_visit.columns.new_name]\nlabel = \"Name\"\ntype = \"text\"\nlength = 100\n",
            "[role.new_helper]\nlabel = \"Helper\"\n[role.new_helper.tables]\nlead = { all = \"user\" }\n",
            "[table.lead.views.new_hot]\nlabel = \"Hot\"\ncolumns = [\"subject\"]\nfilter = [\"leadqualitycode eq 1\"]\norder = [\"createdon desc\"]\n",
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "[table.",
            "]\n",
            "lead",
            "account",
            "new_a",
            ".columns.",
            ".change.",
            ".views.",
            ".forms.",
            "type = \"",
            "label = ",
            "\"choice\"",
            "options = [\"a\"]",
            "targets = [",
            "formula = \"",
            "default = ",
            "true",
            "-1",
            "1.5",
            "{ ",
            " }",
            "=",
            "\n",
            "remove = true",
            "process.",
            "role.",
            "key.",
            "columns = [",
            "filter = [",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let text = String::from_utf8_lossy(input);
        let overlay = match Overlay::from_toml(&text) {
            Ok(overlay) => overlay,
            Err(error) => return Ok(kind(&error.to_string())),
        };
        if let Err(error) = Model::merge(&overlay, 1) {
            return Ok(kind(&error.to_string()));
        }
        // What is accepted is stored as text and must come back.
        let stored = overlay.to_toml().map_err(|error| format!("accepted and cannot be written: {error}"))?;
        let read =
            Overlay::from_toml(&stored).map_err(|error| format!("written and cannot be read: {error}\n{stored}"))?;
        Model::merge(&read, 1).map_err(|error| format!("merged once, and not after being written: {error}"))?;
        Ok(kind(&stored))
    }
}

/// How a file's columns fill those of tables.
pub(super) struct Mappings;

impl Target for Mappings {
    fn name(&self) -> &'static str {
        "mapping"
    }

    fn examples(&self) -> Vec<Vec<u8>> {
        texts(&[
            "[[file]]\nname = \"leads.csv\"\ntable = \"lead\"\nduplicates = \"skip\"\nkey = [\"subject\"]\n\
             [[file.column]]\nsource = \"Topic\"\ntarget = \"subject\"\n",
            "[[file]]\nname = \"a.xlsx\"\ntable = \"account\"\nsheet = \"Sheet1\"\n\
             [[file.column]]\nsource = \"Name\"\ntarget = \"name\"\nvalues = { \"x\" = 1 }\n",
            include_str!("mapping.toml"),
        ])
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "[[file]]\n",
            "[[file.column]]\n",
            "name = ",
            "table = ",
            "source = ",
            "target = ",
            "\"lead\"",
            "key = [",
            "]]",
            "duplicates = \"update\"",
            "values = {",
            "}",
            "=",
            "\n",
            "date_order = \"dmy\"",
            "create_missing = true",
        ]
    }

    fn take(&mut self, input: &[u8]) -> Result<u64, String> {
        let text = String::from_utf8_lossy(input);
        let mapping = match Mapping::from_toml(&text) {
            Ok(mapping) => mapping,
            Err(error) => return Ok(kind(&error.to_string())),
        };
        let stored = mapping.to_toml().map_err(|error| format!("accepted and cannot be written: {error}"))?;
        Mapping::from_toml(&stored).map_err(|error| format!("written and cannot be read: {error}\n{stored}"))?;
        Ok(kind(&stored))
    }
}
