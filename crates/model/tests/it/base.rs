//! The shipped app.

use pipewright_model::Model;

#[test]
fn the_shipped_app_is_sound() {
    if let Err(error) = Model::shipped() {
        panic!("{} problems:\n{error}", error.problems.len());
    }
}
