//! Which cases are run.

use thiserror::Error;

use super::Case;
use crate::near::{in_words, near};

/// The tag of cases that can do harm.
const HOSTILE: &str = "hostile";
/// The tag of cases that take minutes.
const SLOW: &str = "slow";

/// Something that is chosen as cases are: by its name, its family or a tag.
pub trait Selectable {
    /// The name: the family, a full stop, what happens.
    fn name(&self) -> &str;

    /// Whether it can do harm.
    fn is_hostile(&self) -> bool;

    /// Whether it takes minutes.
    fn is_slow(&self) -> bool;
}

/// Chooses cases; by default all that do no harm and take no minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseSelection {
    /// Names, families and tags; all cases, if there are none.
    pub only: Vec<String>,
    /// Names, families and tags of those that are left out.
    pub except: Vec<String>,
    /// Whether those that can do harm are among them.
    pub hostile: bool,
    /// Whether those that take minutes are among them.
    pub slow: bool,
}

/// Why a selection chooses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseSelectionError {
    /// Nothing has this name.
    #[error("{word:?} is no case, family of cases or tag{}", in_words(near))]
    Unknown {
        /// The word.
        word: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// What has this name is not run unless it is allowed.
    #[error("{word:?} names only cases that {}", held_back(*.hostile))]
    HeldBack {
        /// The word.
        word: String,
        /// Whether they can do harm; else they take minutes.
        hostile: bool,
    },
    /// What is left out is all there is.
    #[error("all the cases that are asked for are left out again")]
    Nothing,
}

impl CaseSelection {
    /// The chosen ones, in their order.
    ///
    /// # Errors
    /// If a word chooses nothing, or all of them together do.
    pub fn choose<'c, T: Selectable>(
        &self,
        cases: impl IntoIterator<Item = &'c T>,
    ) -> Result<Vec<&'c T>, CaseSelectionError> {
        let cases: Vec<&T> = cases.into_iter().collect();
        for word in self.only.iter().chain(&self.except) {
            if !cases.iter().any(|case| is_named(*case, word)) {
                return Err(unknown(word, &cases));
            }
        }
        let allowed = |case: &T| (self.hostile || !case.is_hostile()) && (self.slow || !case.is_slow());
        for word in &self.only {
            let mut named = cases.iter().filter(|case| is_named(**case, word));
            if !named.clone().any(|case| allowed(case)) {
                let hostile = named.all(|case| case.is_hostile() && !self.hostile);
                return Err(CaseSelectionError::HeldBack { word: word.clone(), hostile });
            }
        }
        let is_any = |case: &T, words: &[String]| words.iter().any(|word| is_named(case, word));
        let is_chosen = |case: &T| {
            let is_asked_for = self.only.is_empty() || is_any(case, &self.only);
            is_asked_for && !is_any(case, &self.except) && allowed(case)
        };
        let chosen: Vec<&T> = cases.into_iter().filter(|case| is_chosen(case)).collect();
        if chosen.is_empty() { Err(CaseSelectionError::Nothing) } else { Ok(chosen) }
    }

    /// Whether cases are left out that would be run by default.
    pub fn is_partial(&self) -> bool {
        !self.only.is_empty() || !self.except.is_empty()
    }
}

impl Selectable for Case {
    fn name(&self) -> &str {
        self.name
    }

    fn is_hostile(&self) -> bool {
        self.hostile
    }

    fn is_slow(&self) -> bool {
        self.slow
    }
}

fn is_named<T: Selectable>(case: &T, word: &str) -> bool {
    let is_tagged = (word == HOSTILE && case.is_hostile()) || (word == SLOW && case.is_slow());
    case.name() == word || family(case.name()) == word || is_tagged
}

fn family(name: &str) -> &str {
    name.split_once('.').map_or(name, |(family, _)| family)
}

fn unknown<T: Selectable>(word: &str, cases: &[&T]) -> CaseSelectionError {
    let mut families: Vec<&str> = cases.iter().map(|case| family(case.name())).collect();
    families.dedup();
    let names = cases.iter().map(|case| case.name());
    let near = near(word, families.into_iter().chain([HOSTILE, SLOW]).chain(names));
    CaseSelectionError::Unknown { word: word.to_owned(), near }
}

const fn held_back(hostile: bool) -> &'static str {
    if hostile { "can do harm: add --hostile" } else { "take minutes: add --slow" }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    struct Named(&'static str, bool, bool);

    impl Selectable for Named {
        fn name(&self) -> &str {
            self.0
        }

        fn is_hostile(&self) -> bool {
            self.1
        }

        fn is_slow(&self) -> bool {
            self.2
        }
    }

    const CASES: [Named; 5] = [
        Named("create.plain", false, false),
        Named("create.flood", true, false),
        Named("close.plain", false, false),
        Named("close.idle", false, true),
        Named("load.giant", true, true),
    ];

    fn chosen(only: &str, except: &str, hostile: bool, slow: bool) -> Result<String, String> {
        let words = |words: &str| words.split_whitespace().map(str::to_owned).collect();
        let selection = CaseSelection { only: words(only), except: words(except), hostile, slow };
        let names = |cases: Vec<&Named>| cases.iter().map(|case| case.0).collect::<Vec<_>>().join(" ");
        selection.choose(&CASES).map(names).map_err(|error| error.to_string())
    }

    #[rstest]
    #[case::harmless("", "", false, false, "create.plain close.plain")]
    #[case::all("", "", true, true, "create.plain create.flood close.plain close.idle load.giant")]
    #[case::family_and_name("create close.plain", "", false, false, "create.plain close.plain")]
    #[case::tag("slow", "", false, true, "close.idle")]
    #[case::tag_of_both("slow hostile", "", true, true, "create.flood close.idle load.giant")]
    #[case::without_family("", "create", false, true, "close.plain close.idle")]
    #[case::without_tag("", "slow", true, true, "create.plain create.flood close.plain")]
    #[case::family_without_name("create", "create.flood", true, false, "create.plain")]
    fn chooses(
        #[case] only: &str,
        #[case] except: &str,
        #[case] hostile: bool,
        #[case] slow: bool,
        #[case] names: &str,
    ) {
        assert_eq!(chosen(only, except, hostile, slow).unwrap(), names);
    }

    #[rstest]
    #[case::unknown(
        "close.idel",
        "",
        "\"close.idel\" is no case, family of cases or tag; there is close.idle, close, close.plain"
    )]
    #[case::unknown_exception(
        "",
        "hostil",
        "\"hostil\" is no case, family of cases or tag; there is hostile"
    )]
    #[case::harmful("create.flood", "", "\"create.flood\" names only cases that can do harm: add --hostile")]
    #[case::slow("close slow", "", "\"slow\" names only cases that take minutes: add --slow")]
    #[case::nothing("close", "close.plain", "all the cases that are asked for are left out again")]
    fn refuses(#[case] only: &str, #[case] except: &str, #[case] error: &str) {
        assert_eq!(chosen(only, except, false, false).unwrap_err(), error);
    }
}
