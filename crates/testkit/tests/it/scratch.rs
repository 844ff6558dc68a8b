//! A test's own directory.
use pipewright_testkit::Scratch;

#[test]
fn a_scratch_directory_is_removed_with_its_files() {
    for scratch in [Scratch::new().unwrap(), Scratch::on_disk().unwrap()] {
        let file = scratch.file("crm.sqlite");
        std::fs::write(&file, "rows").unwrap();
        assert!(file.starts_with(scratch.path()));
        let folder = scratch.path().to_path_buf();
        drop(scratch);
        assert!(!folder.exists());
    }
}
