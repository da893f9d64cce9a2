//! Which requirements are judged.

use thiserror::Error;
use wsrm_oracle::{Catalogue, Level, Requirement, Role};

use crate::near::{in_words, near};

/// The words that are neither a family nor an id.
const WORDS: [&str; 7] = ["must", "should", "wcf", "may", "observed", "source", "destination"];

/// Chooses requirements and findings; by default all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    only: Vec<Term>,
    except: Vec<Term>,
}

/// What requirements are chosen by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Those of this level.
    Level(Level),
    /// Those whose id starts with this family.
    Family(String),
    /// The one with this id.
    Requirement(String),
    /// What this side is at fault for: the client as source, the service as destination.
    Role(Role),
}

/// A word that chooses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{word:?} is no level, family, role or id of a requirement{}", in_words(near))]
pub struct SelectionError {
    /// The word.
    pub word: String,
    /// Words that are like it.
    pub near: Vec<String>,
}

impl Term {
    /// What a word chooses: `must`, `create`, `source`, `create.expires`.
    ///
    /// # Errors
    /// If it is none of them; what is like it is named.
    pub fn parse(word: &str, catalogue: &Catalogue) -> Result<Self, SelectionError> {
        let level = Level::ALL.into_iter().find(|level| level.as_str() == word).map(Self::Level);
        let roles = [Role::Source, Role::Destination];
        let role = || roles.into_iter().find(|role| role.as_str() == word).map(Self::Role);
        let family =
            || catalogue.families().any(|family| family == word).then(|| Self::Family(word.to_owned()));
        let requirement = || catalogue.find(word).map(|_| Self::Requirement(word.to_owned()));
        level.or_else(role).or_else(family).or_else(requirement).ok_or_else(|| {
            let ids = catalogue.requirements().iter().map(|requirement| requirement.id.as_str());
            let words = catalogue.families().chain(WORDS).chain(ids);
            SelectionError { word: word.to_owned(), near: near(word, words) }
        })
    }
}

impl Selection {
    /// What each kind of `only` allows, where it is there at all, without what any of `except` names.
    pub fn new(only: Vec<Term>, except: Vec<Term>) -> Self {
        Self { only, except }
    }

    /// Whether a requirement is judged.
    pub fn has(&self, requirement: &Requirement) -> bool {
        let fits = |term: &Term| match term {
            Term::Level(level) => requirement.level == *level,
            Term::Family(family) => requirement.family() == family,
            Term::Requirement(id) => requirement.id == *id,
            Term::Role(_) => false,
        };
        let allows = |kind: fn(&Term) -> bool| {
            let mut of_kind = self.only.iter().filter(|term| kind(term)).peekable();
            of_kind.peek().is_none() || of_kind.any(fits)
        };
        allows(|term| matches!(term, Term::Level(_)))
            && allows(|term| matches!(term, Term::Family(_)))
            && allows(|term| matches!(term, Term::Requirement(_)))
            && !self.except.iter().any(fits)
    }

    /// The same for what this side is at fault for; nothing, where the side is left out.
    pub(crate) fn of_side(&self, role: Role) -> Self {
        let mut side = self.clone();
        if !self.has_role(role) {
            side.except.push(Term::Role(role));
        }
        side.only.retain(|term| !matches!(term, Term::Role(_)));
        side.only.push(Term::Role(role));
        side
    }

    /// Whether a requirement is judged, and is of the part that the chosen side plays first: the client is a source, the
    /// service a destination.
    pub fn lists(&self, requirement: &Requirement) -> bool {
        let roles = [Role::Source, Role::Destination];
        let is_of = |role: Role| requirement.role == role || requirement.role == Role::Either;
        self.has(requirement) && roles.into_iter().any(|role| self.has_role(role) && is_of(role))
    }

    /// Whether findings against this side count.
    pub fn has_role(&self, role: Role) -> bool {
        let names = |terms: &[Term]| terms.contains(&Term::Role(role));
        let names_any = self.only.iter().any(|term| matches!(term, Term::Role(_)));
        (!names_any || names(&self.only)) && !names(&self.except)
    }
}
