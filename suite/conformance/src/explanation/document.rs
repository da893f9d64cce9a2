//! How explanations are written, and read.

use serde::Deserialize;

use super::{Explanation, ExplanationError, Kind, Look, Setting, Template};

/// A text with fewer words is in too many others.
const SHORTEST_TEXT: usize = 2;

/// The table of settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    setting: Vec<Setting>,
}

/// A file of explanations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    explanation: Vec<Entry>,
}

/// An explanation as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    kind: Kind,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    exceptions: Vec<String>,
    meaning: String,
    wire: String,
    causes: Vec<String>,
    #[serde(default)]
    settings: Vec<Mention>,
    #[serde(default)]
    commands: Vec<String>,
    #[serde(default)]
    recordings: Vec<String>,
}

/// A setting that an explanation names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mention {
    name: String,
    advice: String,
}

/// Reads the table of settings.
pub(super) fn read_settings(text: &str) -> Result<Vec<Setting>, ExplanationError> {
    let settings: Settings = toml::from_str(text).map_err(|error| syntax("settings", &error))?;
    Ok(settings.setting)
}

/// Reads one file of explanations.
pub(super) fn read_family(
    family: &str,
    text: &str,
    settings: &[Setting],
) -> Result<Vec<Explanation>, ExplanationError> {
    let read: Family = toml::from_str(text).map_err(|error| syntax(family, &error))?;
    read.explanation.into_iter().map(|entry| entry.check(settings)).collect()
}

fn syntax(family: &str, error: &toml::de::Error) -> ExplanationError {
    ExplanationError::Syntax { family: family.to_owned(), what: error.to_string() }
}

impl Entry {
    fn check(self, settings: &[Setting]) -> Result<Explanation, ExplanationError> {
        let wrong = |what: String| ExplanationError::Field { id: self.id.clone(), what };
        self.check_texts().map_err(wrong)?;
        let templates: Vec<_> = self.texts.iter().map(|text| Template::new(text)).collect();
        if let Some(place) = templates.iter().position(|template| template.words() < SHORTEST_TEXT) {
            let text = self.texts.get(place).map_or("", String::as_str);
            return Err(wrong(format!("`{text}` has fewer than {SHORTEST_TEXT} words that do not vary")));
        }
        let mut looks = Vec::new();
        for mention in &self.settings {
            let setting = settings.iter().find(|setting| setting.name == mention.name);
            let setting =
                setting.ok_or_else(|| wrong(format!("the setting `{}` is not known", mention.name)))?;
            looks.push(Look { setting: setting.clone(), advice: one_line(&mention.advice) });
        }
        Ok(Explanation {
            title: one_line(&self.title),
            kind: self.kind,
            meaning: one_line(&self.meaning),
            wire: one_line(&self.wire),
            causes: self.causes.iter().map(|cause| one_line(cause)).collect(),
            settings: looks,
            commands: self.commands,
            recordings: self.recordings,
            texts: self.texts,
            codes: self.codes,
            exceptions: self.exceptions,
            templates,
            id: self.id,
        })
    }

    fn check_texts(&self) -> Result<(), String> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !self.id.split('-').all(is_word) {
            return Err("the id is not lower-case words joined by hyphens".to_owned());
        }
        if self.texts.is_empty() && self.codes.is_empty() && self.exceptions.is_empty() {
            return Err("nothing leads to it: no text, no code, no type of exception".to_owned());
        }
        if self.causes.is_empty() {
            return Err("`causes` is empty".to_owned());
        }
        let single = [&self.title, &self.meaning, &self.wire];
        let advice = self.settings.iter().map(|mention| &mention.advice);
        let lists =
            [&self.texts, &self.codes, &self.exceptions, &self.causes, &self.commands, &self.recordings];
        let mut all = single.into_iter().chain(advice).chain(lists.into_iter().flatten());
        if all.any(|text| text.trim().is_empty()) { Err("a text is empty".to_owned()) } else { Ok(()) }
    }
}

/// The text with every run of white space as one space: lines of a file are no lines of a terminal.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
