//! The requirements, as data.

mod error;
mod requirement;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::CatalogueError;
pub use requirement::{Level, Pattern, Requirement, Role};
pub use source::{Source, SourceError};

/// The files of the catalogue: the name of the family, and what it holds.
const FAMILIES: [(&str, &str); 15] = [
    ("soap", include_str!("../catalogue/soap.toml")),
    ("http", include_str!("../catalogue/http.toml")),
    ("addressing", include_str!("../catalogue/addressing.toml")),
    ("create", include_str!("../catalogue/create.toml")),
    ("sequence", include_str!("../catalogue/sequence.toml")),
    ("ack", include_str!("../catalogue/ack.toml")),
    ("ack-requested", include_str!("../catalogue/ack-requested.toml")),
    ("close", include_str!("../catalogue/close.toml")),
    ("last", include_str!("../catalogue/last.toml")),
    ("terminate", include_str!("../catalogue/terminate.toml")),
    ("fault", include_str!("../catalogue/fault.toml")),
    ("delivery", include_str!("../catalogue/delivery.toml")),
    ("reply", include_str!("../catalogue/reply.toml")),
    ("flow", include_str!("../catalogue/flow.toml")),
    ("environment", include_str!("../catalogue/environment.toml")),
];

/// All requirements, in the order of the files, found by their id.
#[derive(Debug, Clone)]
pub struct Catalogue {
    requirements: Vec<Arc<Requirement>>,
    by_id: BTreeMap<String, usize>,
}

impl Catalogue {
    /// The catalogue that this crate carries.
    ///
    /// # Errors
    /// If a file breaks the rules of the catalogue; a test holds that none does.
    pub fn load() -> Result<Self, CatalogueError> {
        Self::read(FAMILIES)
    }

    /// Reads a catalogue from its files: the name of each family, and its text.
    ///
    /// # Errors
    /// If a file is no TOML, a field is missing, unknown or wrong, a source has no known form, an id is used twice or
    /// does not begin with the name of its family, or a field is there that its level or its `judged` forbids.
    pub fn read<'a>(families: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, CatalogueError> {
        let mut catalogue = Self { requirements: Vec::new(), by_id: BTreeMap::new() };
        for (family, text) in families {
            for requirement in requirement::read_family(family, text)? {
                let id = requirement.id.clone();
                let place = catalogue.requirements.len();
                if catalogue.by_id.insert(id.clone(), place).is_some() {
                    return Err(CatalogueError::Repeated { id });
                }
                catalogue.requirements.push(Arc::new(requirement));
            }
        }
        Ok(catalogue)
    }

    /// The same catalogue with those of its requirements alone that are wanted.
    #[must_use]
    pub fn only(&self, is_wanted: impl Fn(&Requirement) -> bool) -> Self {
        let wanted = self.requirements.iter().filter(|requirement| is_wanted(requirement));
        let requirements: Vec<_> = wanted.map(Arc::clone).collect();
        let places = requirements.iter().enumerate();
        let by_id = places.map(|(place, requirement)| (requirement.id.clone(), place)).collect();
        Self { requirements, by_id }
    }

    /// All requirements, in the order of the files.
    pub fn requirements(&self) -> &[Arc<Requirement>] {
        &self.requirements
    }

    /// The requirement with this id.
    pub fn find(&self, id: &str) -> Option<&Requirement> {
        self.by_id.get(id).and_then(|&place| self.requirements.get(place)).map(AsRef::as_ref)
    }

    /// The names of the families, in the order of the files.
    pub fn families(&self) -> impl Iterator<Item = &str> {
        let mut last = "";
        self.requirements.iter().filter_map(move |requirement| {
            let family = requirement.family();
            let new = family != last;
            last = family;
            new.then_some(family)
        })
    }
}
