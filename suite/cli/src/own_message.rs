//! Messages of applications that are not those of the recordings.

use std::path::{Path, PathBuf};

use clap::Args;
use wsrm_conformance::case::Application;
use wsrm_protocol::Pattern;

use crate::reporting::quoted;

/// What a client of somebody's own sends, and what it is answered.
#[derive(Debug, Clone, Args)]
pub(crate) struct OwnMessages {
    /// The action of the client's messages, where it calls an operation of its own; a one-way operation, unless --body
    /// says what is answered
    #[arg(long, value_name = "URI")]
    action: Option<String>,

    /// A file with the content of the body that its calls are answered by; {text} in it stands for the first text in the
    /// body of the call
    #[arg(long, value_name = "FILE", requires = "action")]
    body: Option<PathBuf>,

    /// The action of the answers [default: that of the messages, and Response behind it]
    #[arg(long, value_name = "URI", requires = "body")]
    reply_action: Option<String>,
}

impl OwnMessages {
    /// The application of the client and its pattern, where it is one of its own; `pattern` is what was asked for.
    ///
    /// # Errors
    /// If the file cannot be read or is no content of a body, or the operation is not of that pattern.
    pub(crate) fn application(
        &self,
        pattern: Option<Pattern>,
    ) -> Result<Option<(Pattern, Application)>, String> {
        let Some(action) = &self.action else { return Ok(None) };
        let own = if self.body.is_some() { Pattern::RequestReply } else { Pattern::OneWay };
        match (pattern, own) {
            (Some(Pattern::OneWay), Pattern::RequestReply) => {
                return Err(
                    "a one-way message is not answered: leave --body out, or say --pattern echo".to_owned()
                );
            }
            (Some(Pattern::RequestReply), Pattern::OneWay) => {
                return Err("--body is missing: a file with what the calls are answered by".to_owned());
            }
            _ => {}
        }
        let answer = |path: &PathBuf| {
            let reply_action = self.reply_action.clone().unwrap_or_else(|| format!("{action}Response"));
            read(path).map(|xml| (reply_action, xml))
        };
        let reply = self.body.as_ref().map(answer).transpose()?;
        Ok(Some((own, Application::answered(own, action.clone(), reply))))
    }

    /// The same options again, with a space before.
    pub(crate) fn options(&self) -> String {
        let body = self.body.as_ref().map(|path| path.display().to_string());
        let options = [("action", &self.action), ("body", &body), ("reply-action", &self.reply_action)];
        let given = options.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        given.map(|(name, value)| format!(" --{name} {}", quoted(value))).collect()
    }

    /// Whether there are any.
    pub(crate) const fn are_given(&self) -> bool {
        self.action.is_some()
    }
}

/// The content of a body, from a file.
///
/// # Errors
/// If the file cannot be read, or is no XML that can stand in a body; the message says so.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let text = text.trim().trim_start_matches('\u{feff}').to_owned();
    match wsrm_wire::Infoset::read(text.as_bytes(), &wsrm_wire::Limits::default()) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("{} is not the content of a SOAP body: {error}", path.display())),
    }
}
