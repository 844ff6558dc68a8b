//! Files come in by a mapping that proposes itself.

mod coming_in;
mod files;
mod finding;
mod languages;
