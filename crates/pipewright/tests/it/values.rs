//! What cannot be right is refused from the command line, too, and nothing is lost.

use crate::world::{ADMIN, on_each_engine, set_up_on_each_engine};

#[test]
fn setting_up_asks_for_a_known_time_zone_and_language() {
    on_each_engine(|world| {
        let init = ["init", "--admin-email", ADMIN];
        let said = world.refuses(1, &[&init[..], &["--time-zone", "Vienna"]].concat());
        assert!(said.contains("'Vienna' is not a time zone") && said.contains("Europe/Vienna"), "{said}");
        let said = world.refuses(1, &[&init[..], &["--locale", "de-XX"]].concat());
        assert!(said.contains("'de-XX'") && said.contains("de-AT"), "{said}");
        let said = world.refuses(1, &["init", "--admin-email", "ada"]);
        assert!(said.contains("'ada' is not an e-mail address"), "{said}");
        world.does(&[&init[..], &["--time-zone", "Europe/Vienna", "--locale", "de-AT"]].concat());
    });
}

#[test]
fn an_imported_row_with_a_mistaken_address_is_written_out_with_the_reason() {
    set_up_on_each_engine(|world| {
        let file = world.file("leads.csv", "Topic,Last Name,Email\nRobots,Lind,lena@lind.example\nBelts,Olsen,abc@\n");
        let outcome = world.run(&["import", &file, "--failed-rows", "failed"]).expect(3);
        assert!(outcome.printed.contains("1 created") && outcome.printed.contains("1 left out"), "{outcome:?}");
        let folder = world.path("failed");
        let failed = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        let failed = std::fs::read_to_string(failed).unwrap();
        assert!(failed.contains("abc@") && failed.contains("is not an e-mail address"), "{failed}");
    });
}
