//! Who reads and sets which column: secured columns, profiles, users and teams.

mod at_random;
mod capabilities;
mod profiles;
