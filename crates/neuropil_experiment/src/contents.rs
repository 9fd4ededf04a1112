//! Files that an experiment names, such as a connectome or a table, and hashes of what is in them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// The key of a file's hash in the provenance of a summary begins so; the file's name follows.
const PROVENANCE: &str = "file_sha256.";

/// A file that an experiment names and that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// Its name as the experiment has it.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// SHA-256 of its bytes, hexadecimal; of a folder, that of its files' names and hashes.
    pub sha256: String,
}

impl FileRead {
    /// A file whose bytes were read.
    pub(crate) fn of_bytes(name: &str, path: &Path, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), path: path.to_owned(), sha256: hexadecimal(Sha256::digest(bytes)) }
    }

    /// A file or folder as it is now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn at(name: &str, path: &Path) -> io::Result<Self> {
        Ok(Self { name: name.to_owned(), path: path.to_owned(), sha256: hash_at(path)? })
    }

    /// Key and value in the provenance of a summary.
    pub(crate) fn provenance(&self) -> (String, String) {
        (format!("{PROVENANCE}{}", self.name), self.sha256.clone())
    }
}

/// The files that a summary's provenance tells of: name and hash.
pub(crate) fn in_provenance(provenance: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    provenance.iter().filter_map(|(key, hash)| Some((key.strip_prefix(PROVENANCE)?, hash.as_str())))
}

fn hash_at(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    let mut hash = Sha256::new();
    if metadata.is_file() {
        io::copy(&mut fs::File::open(path)?, &mut hash)?;
    } else if metadata.is_dir() {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries.iter().map(fs::DirEntry::path).filter(|path| path.is_file()) {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            hash.update(format!("{name}\0{}\0", hash_at(&entry)?));
        }
    } else {
        // A device or a pipe may never end.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is neither a file nor a folder"));
    }
    Ok(hexadecimal(hash.finalize()))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: the hash of a file is that of its bytes, however they were read, and a folder's changes with any name and content in it.
    /// Source: SHA-256 of `abc`, FIPS 180-2, appendix B.1. Tolerance: none.
    #[test]
    fn hashes_are_of_contents() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        let hash = |path: &Path| FileRead::at("a", path).unwrap().sha256;
        fs::write(&file, "abc").unwrap();
        assert_eq!(hash(&file), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(FileRead::of_bytes("a", &file, b"abc"), FileRead::at("a", &file).unwrap());
        let first = hash(folder.path());
        fs::write(&file, "abd").unwrap();
        let second = hash(folder.path());
        fs::rename(&file, folder.path().join("b.csv")).unwrap();
        let third = hash(folder.path());
        assert!(first != second && second != third && first != third);
        assert!(FileRead::at("a", &folder.path().join("none")).is_err());
    }
}
