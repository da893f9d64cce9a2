//! The options that choose requirements and cases, the same for every verb.

use clap::{Args, ValueEnum};
use wsrm_conformance::case::{CaseSelection, CaseSelectionError, Selectable};
use wsrm_conformance::judgement::{Selection, Term};
use wsrm_oracle::{Catalogue, Level, Requirement, Role};

/// Under which the options stand in the help.
const REQUIREMENTS: &str = "Choosing requirements";
const CASES: &str = "Choosing cases";

/// Which requirements are meant. Options of the same kind add up, those of different kinds must all hold.
#[derive(Debug, Args)]
pub(crate) struct RequirementChoice {
    /// Only requirements of this level; may be given again
    #[arg(long, help_heading = REQUIREMENTS, value_name = "LEVEL", value_delimiter = ',')]
    level: Vec<LevelName>,

    /// Only requirements of this family, such as create: what stands before the full stop in an id; may be given again
    #[arg(long, help_heading = REQUIREMENTS, value_name = "FAMILY", value_delimiter = ',')]
    family: Vec<String>,

    /// Only this requirement; may be given again
    #[arg(long, help_heading = REQUIREMENTS, value_name = "ID", value_delimiter = ',')]
    requirement: Vec<String>,

    /// Only what this side is held to: the client is the source, the service the destination
    #[arg(long, help_heading = REQUIREMENTS, value_name = "ROLE")]
    role: Option<RoleName>,

    /// Leave out a level, a family, a requirement or a side; may be given again
    #[arg(long, help_heading = REQUIREMENTS, value_name = "WHAT", value_delimiter = ',')]
    exclude: Vec<String>,
}

/// Which cases are run.
#[derive(Debug, Args)]
pub(crate) struct CaseChoice {
    /// Run only this case, or those of this family or tag (hostile, slow); may be given again
    #[arg(long = "case", help_heading = CASES, value_name = "NAME", value_delimiter = ',')]
    cases: Vec<String>,

    /// Leave out this case, or those of this family or tag; may be given again
    #[arg(long, help_heading = CASES, value_name = "NAME", value_delimiter = ',')]
    exclude_case: Vec<String>,

    /// Run the cases that can harm the other side, too
    #[arg(long, help_heading = CASES)]
    hostile: bool,

    /// Run the cases that wait for minutes, too
    #[arg(long, help_heading = CASES)]
    slow: bool,
}

/// A level, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    /// The standard's own MUST
    Must,
    /// The standard's own SHOULD
    Should,
    /// Left open by the standard; a WCF peer breaks
    Wcf,
    /// Both are allowed; WCF does one
    May,
    /// WCF does it so; nothing depends on it
    Observed,
}

/// A side, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// The client, which sends the messages of a sequence
    #[value(alias = "client")]
    Source,
    /// The service, which receives and acknowledges them
    #[value(alias = "service")]
    Destination,
}

impl RequirementChoice {
    /// Whether something is chosen or left out.
    pub(crate) const fn is_partial(&self) -> bool {
        self.is_partial_beside_role() || self.role.is_some()
    }

    /// The same, but for a side: for who looks at one side after the other.
    pub(crate) const fn is_partial_beside_role(&self) -> bool {
        let Self { level, family, requirement, role: _, exclude } = self;
        let is_all = level.is_empty() && family.is_empty() && requirement.is_empty() && exclude.is_empty();
        !is_all
    }

    /// What is chosen of all requirements, those too that cannot be judged.
    ///
    /// # Errors
    /// If a word chooses nothing, or the options together leave nothing; in words for the user.
    pub(crate) fn of_all(&self, catalogue: &Catalogue) -> Result<Selection, String> {
        self.selection(catalogue, |selection, requirement| selection.lists(requirement))
    }

    /// What is chosen of the requirements that can be judged.
    ///
    /// # Errors
    /// As [`RequirementChoice::of_all`], and if nothing that is chosen can be judged.
    pub(crate) fn of_judged(&self, catalogue: &Catalogue) -> Result<Selection, String> {
        let unjudged = |id: &&String| catalogue.find(id).is_some_and(|requirement| !requirement.is_judged());
        if let Some(id) = self.requirement.iter().find(unjudged) {
            return Err(format!(
                "--requirement {id}: it cannot be judged from the messages; `wsrm explain {id}` says why"
            ));
        }
        self.selection(catalogue, |selection, requirement| {
            let has_side = selection.has_role(Role::Source) || selection.has_role(Role::Destination);
            requirement.is_judged() && has_side && selection.has(requirement)
        })
    }

    /// What is chosen of the requirements that can be judged, where only this side is looked at.
    ///
    /// # Errors
    /// As [`RequirementChoice::of_judged`], and if the other side is chosen.
    pub(crate) fn of_side(&self, side: Role, catalogue: &Catalogue) -> Result<Selection, String> {
        let selection = self.of_judged(catalogue)?;
        if selection.has_role(side) {
            return Ok(selection);
        }
        Err(format!("only the {side} is judged here, and it is left out"))
    }

    fn selection(
        &self,
        catalogue: &Catalogue,
        has: impl Fn(&Selection, &Requirement) -> bool,
    ) -> Result<Selection, String> {
        let mut only: Vec<Term> = self.level.iter().map(|level| Term::Level(level.level())).collect();
        only.extend(terms("family", &self.family, catalogue, |term| matches!(term, Term::Family(_)))?);
        let is_id: fn(&Term) -> bool = |term| matches!(term, Term::Requirement(_));
        only.extend(terms("requirement", &self.requirement, catalogue, is_id)?);
        only.extend(self.role.map(|role| Term::Role(role.role())));
        let except = terms("exclude", &self.exclude, catalogue, |_| true)?;
        let selection = Selection::new(only, except);
        if catalogue.requirements().iter().any(|requirement| has(&selection, requirement)) {
            return Ok(selection);
        }
        Err("no requirement is of all that is asked for, and of nothing that is left out".to_owned())
    }
}

/// What the words of an option choose; each must be of the option's kind.
fn terms(
    option: &str,
    words: &[String],
    catalogue: &Catalogue,
    is_of_kind: fn(&Term) -> bool,
) -> Result<Vec<Term>, String> {
    let term = |word: &String| match Term::parse(word, catalogue) {
        Ok(term) if is_of_kind(&term) => Ok(term),
        Ok(_) => {
            let families: Vec<&str> = catalogue.families().collect();
            Err(match option {
                "family" => format!("--family {word}: it is no family; there are {}", families.join(", ")),
                _ => format!("--{option} {word}: it is no id of a requirement; `wsrm list` has them"),
            })
        }
        Err(error) => {
            let all = if error.near.is_empty() { "; `wsrm list` has them" } else { "" };
            Err(format!("--{option} {word}: {error}{all}"))
        }
    };
    words.iter().map(term).collect()
}

impl CaseChoice {
    /// The cases that are asked for.
    ///
    /// # Errors
    /// If a word chooses nothing, or all of them together do; in words for the user.
    pub(crate) fn of<'c, T: Selectable>(
        &self,
        cases: impl IntoIterator<Item = &'c T>,
    ) -> Result<Vec<&'c T>, String> {
        choose(&self.selection(), cases)
    }

    /// The cases that would be run, were every harm and every wait allowed.
    ///
    /// # Errors
    /// As [`CaseChoice::of`].
    pub(crate) fn of_all<'c, T: Selectable>(
        &self,
        cases: impl IntoIterator<Item = &'c T>,
    ) -> Result<Vec<&'c T>, String> {
        choose(&CaseSelection { hostile: true, slow: true, ..self.selection() }, cases)
    }

    /// Whether cases were chosen or left out by name.
    pub(crate) const fn is_partial(&self) -> bool {
        !self.cases.is_empty() || !self.exclude_case.is_empty()
    }

    fn selection(&self) -> CaseSelection {
        CaseSelection {
            only: self.cases.clone(),
            except: self.exclude_case.clone(),
            hostile: self.hostile,
            slow: self.slow,
        }
    }
}

fn choose<'c, T: Selectable>(
    selection: &CaseSelection,
    cases: impl IntoIterator<Item = &'c T>,
) -> Result<Vec<&'c T>, String> {
    selection.choose(cases).map_err(|error| match error {
        CaseSelectionError::Unknown { .. } => format!("{error}; --list names them"),
        _ => error.to_string(),
    })
}

impl LevelName {
    const fn level(self) -> Level {
        match self {
            Self::Must => Level::Must,
            Self::Should => Level::Should,
            Self::Wcf => Level::Wcf,
            Self::May => Level::May,
            Self::Observed => Level::Observed,
        }
    }
}

impl RoleName {
    const fn role(self) -> Role {
        match self {
            Self::Source => Role::Source,
            Self::Destination => Role::Destination,
        }
    }
}
