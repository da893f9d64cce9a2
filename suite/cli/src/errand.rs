//! What `wsrm test-client` asks of a client by the environment, as every client of ours reads it.

use clap::ValueEnum as _;

use crate::binding::{Addressing, ContractName, Refusal, Rm, Soap};
use crate::exit::Exit;

/// What a client is asked to do.
pub(crate) struct Errand {
    /// `WSRM_URL`: the address.
    pub(crate) url: String,
    /// `WSRM_RM`.
    pub(crate) rm: Rm,
    /// `WSRM_SOAP`.
    pub(crate) soap: Soap,
    /// `WSRM_WSA`.
    pub(crate) addressing: Addressing,
    /// `WSRM_PATTERN`.
    pub(crate) pattern: ContractName,
    /// `WSRM_MESSAGES`: how many application messages to send.
    pub(crate) messages: u64,
}

impl Errand {
    /// Reads it; `variable` reads the environment.
    ///
    /// # Errors
    /// If a variable is not set, or asks for what is not spoken here.
    pub(crate) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let value = |name: &str| {
            variable(name).ok_or_else(|| Refusal {
                exit: Exit::Usage,
                message: format!(
                    "{name} is not set: `wsrm test-client` sets it for the client that it starts"
                ),
            })
        };
        let (rm, soap, addressing) = (value("WSRM_RM")?, value("WSRM_SOAP")?, value("WSRM_WSA")?);
        let (pattern, messages) = (value("WSRM_PATTERN")?, value("WSRM_MESSAGES")?);
        Ok(Self {
            url: value("WSRM_URL")?,
            rm: Rm::from_str(&rm, true).map_err(|_| unknown("WSRM_RM", &rm))?,
            soap: Soap::from_str(&soap, true).map_err(|_| unknown("WSRM_SOAP", &soap))?,
            addressing: Addressing::from_str(&addressing, true)
                .map_err(|_| unknown("WSRM_WSA", &addressing))?,
            pattern: ContractName::from_str(&pattern, true).map_err(|_| unknown("WSRM_PATTERN", &pattern))?,
            messages: messages.parse().map_err(|_| unknown("WSRM_MESSAGES", &messages))?,
        })
    }
}

/// The refusal of what is not spoken here.
pub(crate) fn unknown(name: &str, text: &str) -> Refusal {
    Refusal { exit: Exit::Unsupported, message: format!("{name}={text} is nothing that is spoken here") }
}
