//! What people write in many ways is brought to one form.

use pipewright_crm::duplicates::{companies, names, normal::*};
use proptest::prelude::*;

#[test]
fn phone_numbers_are_one_however_they_are_written() {
    let berlin = [
        "+49 30 901820",
        "0049 30 901820",
        "030/90 18 20",
        "(030) 901820",
        "+49 (0)30 901820",
        "030 901820 ext. 7",
        "+49 030 901820",
        "tel:+4930901820",
    ];
    for written in berlin {
        assert_eq!(phone(written, Some("DE")).as_deref(), Some("+4930901820"), "{written}");
    }
    let seattle = ["+1 425 555 0100", "(425) 555-0100", "1-425-555-0100", "011 1 425 555 0100", "425.555.0100 x12"];
    for written in seattle {
        assert_eq!(phone(written, Some("US")).as_deref(), Some("+14255550100"), "{written}");
    }
    assert_eq!(phone("06 1 234 5678", Some("HU")).as_deref(), Some("+3612345678"));
    assert_eq!(phone("8 495 123-45-67", Some("RU")).as_deref(), Some("+74951234567"));
    assert_eq!(phone("800 123 45 67", Some("RU")).as_deref(), Some("+78001234567"));
    assert_eq!(
        phone("06 12345678", Some("IT")).as_deref(),
        Some("+390612345678"),
        "Italy dials the 0 from abroad, too"
    );
    assert_eq!(phone("n/a", Some("DE")), None);
    assert_eq!(phone("12", Some("DE")), None);
    assert_ne!(phone("030 901820", Some("DE")), phone("030 901820", Some("AT")));
}

#[test]
fn countries_are_known_by_code_and_by_the_names_people_use() {
    for (written, region) in [
        ("Germany", "DE"),
        ("deutschland", "DE"),
        ("DE", "DE"),
        ("USA", "US"),
        ("United States", "US"),
        ("Österreich", "AT"),
        ("UK", "GB"),
        (" france ", "FR"),
    ] {
        assert_eq!(region_of(written), Some(region), "{written}");
    }
    assert_eq!(region_of("Atlantis"), None);
}

#[test]
fn addresses_lose_case_display_name_and_tags() {
    for written in [
        "ada@contoso.example",
        "ADA@Contoso.Example",
        "Ada Byron <ada@contoso.example>",
        "ada+news@contoso.example",
        " mailto:ada@contoso.example ",
    ] {
        assert_eq!(email(written).as_deref(), Some("ada@contoso.example"), "{written}");
    }
    assert_eq!(email("a.d.a@googlemail.com").as_deref(), Some("ada@gmail.com"));
    assert_eq!(email("nobody"), None);
    assert_ne!(email("a.da@contoso.example"), email("ada@contoso.example"));
}

#[test]
fn domains_come_from_sites_and_addresses() {
    for written in
        ["https://www.shop.contoso.co.uk/x?y", "ada@contoso.co.uk", "contoso.co.uk", "HTTP://Contoso.co.uk:8080"]
    {
        assert_eq!(domain(written).as_deref(), Some("contoso.co.uk"), "{written}");
    }
    assert_eq!(domain("10.0.0.1"), None);
    assert_eq!(domain("contoso"), None);
    assert!(is_shared_domain("gmail.com") && !is_shared_domain("contoso.example"));
}

#[test]
fn companies_are_one_whatever_their_legal_form() {
    for (one, other) in [
        ("Contoso", "Contoso.inc"),
        ("Contoso, Ltd.", "CONTOSO LIMITED"),
        ("Müller & Söhne GmbH & Co. KG", "Muller und Sohne"),
        ("Acme S.A.", "ACME SA"),
        ("The Phone Company", "Phone Co"),
        ("Fabrikam", "Fabrikamm Inc"),
        ("North Wind Traders", "Northwind Traders"),
    ] {
        assert!(companies(one, other), "{one} and {other}");
    }
    for (one, other) in
        [("Contoso", "Fabrikam"), ("Studio 54", "Studio 55"), ("AB Volvo", "BA Volta"), ("Meier Bau", "Meier Bank")]
    {
        assert!(!companies(one, other), "{one} and {other}");
    }
}

#[test]
fn people_are_found_though_misspelt_and_turned_around() {
    for (one, other) in [
        ("Murphy, Ann", "Ann Merphy"),
        ("John Smith", "Jon Smyth"),
        ("Dr. Anna Meier", "Anna Mayer"),
        ("J. Smith", "John Smith"),
        ("José García", "Jose Garcia"),
        ("Lena Lead", "Lena M. Lead"),
    ] {
        assert!(names(one, other), "{one} and {other}");
        let keys = |name: &str| name_keys(&tokens(name));
        let found = keys(one).iter().any(|key| keys(other).contains(key));
        assert!(found || one.contains("Lena") || one.contains("J."), "{one} and {other} have no key in common");
    }
    for (one, other) in [("John Smith", "Jane Smith"), ("Ann Lee", "Bob Lee"), ("Smith", "John Smith")] {
        assert!(!names(one, other), "{one} and {other}");
    }
}

proptest! {
    #[test]
    fn no_text_whatever_breaks_a_normaliser(written in any::<String>()) {
        let _ = (phone(&written, Some("DE")), phone(&written, None), region_of(&written), email(&written), domain(&written));
        let _ = (company(&written), without_legal_form(&written), name_keys(&tokens(&written)), text(&written, false));
        let _ = (names(&written, &written), companies(&written, &written));
    }

    #[test]
    fn what_is_in_one_form_stays_as_it_is(written in "\\PC{0,40}") {
        for form in [email, domain, company, |t: &str| text(t, false)] {
            if let Some(once) = form(&written) {
                prop_assert_eq!(form(&once), Some(once));
            }
        }
        if let Some(once) = phone(&written, Some("DE")) {
            prop_assert_eq!(phone(&once, Some("US")), Some(once));
        }
    }

    #[test]
    fn spaces_and_signs_in_a_number_say_nothing(digits in "[1-9][0-9]{6,9}", places in proptest::collection::vec(0_usize..10, 0..4)) {
        let mut written = digits.clone();
        for place in places {
            written.insert_str(place.min(written.len()), [" ", "-", "/", "."][place % 4]);
        }
        prop_assert_eq!(phone(&format!("0{written}"), Some("DE")), Some(format!("+49{digits}")));
        prop_assert_eq!(phone(&format!("+49 {written}"), Some("US")), Some(format!("+49{digits}")));
    }

    #[test]
    fn a_name_is_like_itself_turned_around(first in "[A-Za-zÀ-ž]{2,12}", last in "[A-Za-zÀ-ž]{2,12}") {
        let (one, other) = (format!("{first} {last}"), format!("{last}, {first}"));
        prop_assert!(names(&one, &other));
        prop_assert_eq!(name_keys(&tokens(&one)), name_keys(&tokens(&other)));
    }
}
