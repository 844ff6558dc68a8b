//! Privileges as one number: the access rights mask of Dataverse.

use std::collections::BTreeSet;

use model::Privilege;

/// The bit of each privilege (Dataverse: the enumeration `AccessRights`).
const BITS: [(Privilege, i64); 8] = [
    (Privilege::Read, 1),
    (Privilege::Write, 2),
    (Privilege::Append, 4),
    (Privilege::AppendTo, 16),
    (Privilege::Create, 32),
    (Privilege::Delete, 0x1_0000),
    (Privilege::Share, 0x4_0000),
    (Privilege::Assign, 0x8_0000),
];

/// The privileges as one number.
pub fn mask_of(privileges: &BTreeSet<Privilege>) -> i64 {
    BITS.iter().filter(|(privilege, _)| privileges.contains(privilege)).map(|(_, bit)| bit).sum()
}

/// The privileges a number stands for; unknown bits say nothing.
pub fn privileges_of(mask: i64) -> BTreeSet<Privilege> {
    BITS.iter().filter(|(_, bit)| mask & bit != 0).map(|(privilege, _)| *privilege).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_dataverse() {
        assert_eq!(mask_of(&[Privilege::Read, Privilege::Write, Privilege::Share].into()), 262_147);
        assert_eq!(privileges_of(262_147), [Privilege::Read, Privilege::Write, Privilege::Share].into());
        assert_eq!(mask_of(&Privilege::ALL.into()), 852_023);
        assert!(privileges_of(0).is_empty());
    }
}
