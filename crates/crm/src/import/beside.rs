//! Files that cells name, and archives that hold tables with such files.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use language::tr;
use tempfile::TempDir;
use zip::{ZipArchive, read::ZipFile};

use super::InputFile;
use crate::{Error, Result, activities::LARGEST_FILE, export::archive::FOLDER};

/// A table in an archive is no more than this many times as large as the archive, or it is a trap.
const MOST_GROWTH: u64 = 200;
/// What an archive of any size may hold, in bytes.
const ALWAYS_ALLOWED: u64 = 64 << 20;
/// How the names of tables end.
const TABLES: &[&str] = &["csv", "tsv", "txt", "xlsx", "xlsm"];

/// Where files lie that the cells of a table name.
#[derive(Debug)]
pub(super) enum Beside {
    /// Nobody said where.
    Nowhere,
    /// In the folder `files` of this one.
    Folder(PathBuf),
    /// In the folder `files` of this archive.
    Archive(Mutex<ZipArchive<File>>),
}

impl Beside {
    /// The place that goes with a file.
    pub fn of(file: &InputFile) -> Result<Self> {
        match &file.files {
            None => Ok(Self::Nowhere),
            Some(folder) if folder.is_dir() => Ok(Self::Folder(folder.clone())),
            Some(archive) => {
                let archive = File::open(archive).ok().and_then(|archive| ZipArchive::new(archive).ok());
                let archive = archive.ok_or_else(|| Error::File(tr!("{}: its archive cannot be read", file.name)))?;
                Ok(Self::Archive(Mutex::new(archive)))
            }
        }
    }

    /// What a file holds; a sentence where there is none, or too much of it.
    pub fn read(&self, path: &str) -> std::result::Result<Vec<u8>, String> {
        let mut content = Vec::new();
        let most = LARGEST_FILE as u64 + 1;
        let missing = || tr!("there is no file '{path}' beside the table", path);
        if !is_inside(path) {
            return Err(tr!("'{path}' is no place of a file; it begins with {FOLDER}/", path, FOLDER));
        }
        let read = match self {
            Self::Nowhere => return Err(tr!("'{path}' lies in the ZIP that the export wrote; bring that in", path)),
            Self::Folder(folder) => {
                let within = |path: &PathBuf| folder.join(FOLDER).canonicalize().is_ok_and(|all| path.starts_with(all));
                let found = folder.join(path).canonicalize().ok().filter(within).ok_or_else(missing)?;
                File::open(found).and_then(|file| file.take(most).read_to_end(&mut content))
            }
            Self::Archive(archive) => {
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let file = archive.by_name(path).map_err(|_| missing())?;
                file.take(most).read_to_end(&mut content)
            }
        };
        read.map_err(|error| tr!("the file '{path}' cannot be read: {error}", path, error))?;
        Ok(content)
    }
}

/// Below the folder of the files, and nowhere above.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.next() == Some(Component::Normal(FOLDER.as_ref())) && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// The files with the tables of archives in the place of these; the folder holds the tables as long
/// as it is kept.
pub(super) fn unpack(files: Vec<InputFile>) -> Result<(Vec<InputFile>, Option<TempDir>)> {
    let (mut unpacked, mut folder) = (Vec::with_capacity(files.len()), None);
    for file in files {
        let Some(mut archive) = archive_of_tables(&file) else {
            unpacked.push(file);
            continue;
        };
        if folder.is_none() {
            folder = Some(tempfile::tempdir().map_err(|error| no_room(&file, &error))?);
        }
        let Some(folder) = &folder else { continue };
        let before = unpacked.len();
        for place in 0..archive.len() {
            let entry = archive.by_index(place).map_err(|error| unreadable(&file, &error.to_string()))?;
            if let Some(name) = table_name(&entry) {
                let path = folder.path().join(format!("{}-{}", unpacked.len(), ending(&name)));
                extract(&file, entry, &path)?;
                unpacked.push(InputFile { path, name, files: Some(file.path.clone()) });
            }
        }
        if unpacked.len() == before {
            return Err(Error::File(tr!("{}: the archive holds no CSV or XLSX file", file.name)));
        }
    }
    Ok((unpacked, folder))
}

/// The archive, where the file is one; a workbook is one, too, but not of tables.
fn archive_of_tables(file: &InputFile) -> Option<ZipArchive<File>> {
    let archive = ZipArchive::new(File::open(&file.path).ok()?).ok()?;
    let is_document =
        archive.index_for_name("[Content_Types].xml").is_some() || archive.index_for_name("mimetype").is_some();
    (!is_document).then_some(archive)
}

/// The name of a table, where an entry is one: neither a file of a row nor what systems add.
fn table_name(entry: &ZipFile<'_, File>) -> Option<String> {
    let path = entry.enclosed_name().filter(|_| entry.is_file())?;
    let hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with(['.', '_']);
    let is_of_row = path.components().next() == Some(Component::Normal(FOLDER.as_ref()));
    let name = path.file_name()?.to_string_lossy().into_owned();
    (!is_of_row && !path.components().any(hidden) && TABLES.contains(&ending(&name).as_str())).then_some(name)
}

fn ending(name: &str) -> String {
    Path::new(name).extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn extract(file: &InputFile, entry: ZipFile<'_, File>, to: &Path) -> Result<()> {
    let size = std::fs::metadata(&file.path).map_err(|error| unreadable(file, &error.to_string()))?.len();
    let most = size.saturating_mul(MOST_GROWTH).max(ALWAYS_ALLOWED);
    let mut target = File::create(to).map_err(|error| no_room(file, &error))?;
    let written = std::io::copy(&mut entry.take(most + 1), &mut target);
    match written.map_err(|error| unreadable(file, &error.to_string()))? {
        written if written > most => Err(unreadable(file, "it holds more than an archive of its size can")),
        _ => Ok(()),
    }
}

fn unreadable(file: &InputFile, reason: &str) -> Error {
    Error::File(tr!("{}: the archive cannot be read: {reason}", file.name, reason))
}

fn no_room(file: &InputFile, error: &std::io::Error) -> Error {
    Error::File(tr!("{}: there is no room to unpack it: {error}", file.name, error))
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    #[test]
    fn a_cell_names_only_what_lies_in_the_folder_of_files() {
        assert!(is_inside("files/0190/offer.pdf"));
        for path in ["/etc/passwd", "files/../secret", "secret", "../files/x", "files/0190/../../../x", ""] {
            assert!(!is_inside(path), "{path}");
        }
    }
}
