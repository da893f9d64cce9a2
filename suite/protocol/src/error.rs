//! Why a session or a call failed.

use thiserror::Error;

/// Why a session or a call failed, split by what the caller can do about it.
///
/// The text of a variant is the one that a WCF application sees; [`SessionError::wcf_exception`] names the type of
/// exception in which it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SessionError {
    /// Nobody listens at the address: correct the address, or try again later.
    #[error("{0}")]
    EndpointNotFound(String),
    /// The service takes no more sessions or requests now: try again later.
    #[error("{0}")]
    ServerTooBusy(String),
    /// Something did not happen in time: try again, or allow more time.
    #[error("{0}")]
    Timeout(String),
    /// The connection or the session was lost: a new session may do better.
    #[error("{0}")]
    Communication(String),
    /// The two sides do not understand each other: trying again is of no use.
    #[error("{0}")]
    Protocol(String),
    /// A message of the peer cannot be read: trying again is of no use.
    #[error("{text}")]
    Unreadable {
        /// What WCF says.
        text: String,
        /// What is wrong with the message, and where: WCF's inner exception.
        cause: String,
    },
    /// The service knows no such action, which is how an RM 1.0 endpoint refuses RM 1.1: change the binding.
    #[error("{0}")]
    ActionNotSupported(String),
    /// An addressing header was missing or stood twice, says the peer: trying again is of no use.
    #[error("{0}")]
    MessageHeader(String),
    /// HTTP refused access: bring credentials.
    #[error("{0}")]
    AccessDenied(String),
    /// An empty HTTP response declared a `Content-Type`; WCF's channel fails over it in no orderly way.
    #[error("Object reference not set to an instance of an object.")]
    EmptyTypedResponse,
    /// The session has faulted before; what it faulted with was told then. Open a new one.
    #[error("{}", unusable("it is in the Faulted state"))]
    Faulted,
    /// The session was aborted from this side. Open a new one.
    #[error("{}", unusable("it has been Aborted"))]
    Aborted,
    /// The session is closed, or is being closed. Open a new one.
    #[error("Cannot access a disposed object.")]
    Closed,
}

impl SessionError {
    /// The .NET type of the exception that a WCF application gets.
    pub const fn wcf_exception(&self) -> &'static str {
        match self {
            Self::EndpointNotFound(_) => "System.ServiceModel.EndpointNotFoundException",
            Self::ServerTooBusy(_) => "System.ServiceModel.ServerTooBusyException",
            Self::Timeout(_) => "System.TimeoutException",
            Self::Communication(_) => "System.ServiceModel.CommunicationException",
            Self::Protocol(_) | Self::Unreadable { .. } => "System.ServiceModel.ProtocolException",
            Self::ActionNotSupported(_) => "System.ServiceModel.ActionNotSupportedException",
            Self::MessageHeader(_) => "System.ServiceModel.MessageHeaderException",
            Self::AccessDenied(_) => "System.ServiceModel.Security.MessageSecurityException",
            Self::EmptyTypedResponse => "System.NullReferenceException",
            Self::Faulted => "System.ServiceModel.CommunicationObjectFaultedException",
            Self::Aborted => "System.ServiceModel.CommunicationObjectAbortedException",
            Self::Closed => "System.ObjectDisposedException",
        }
    }

    /// What lies behind the failure, where the text does not say it: WCF's inner exception.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Unreadable { cause, .. } => Some(cause),
            Self::EmptyTypedResponse => Some(
                "an empty HTTP response declares a Content-Type, which WCF's HTTP channel does not survive",
            ),
            _ => None,
        }
    }

    /// A message that cannot be read, with WCF's words for it.
    pub(crate) fn unreadable(text: &str, cause: &impl ToString) -> Self {
        Self::Unreadable { text: text.to_owned(), cause: cause.to_string() }
    }
}

fn unusable(why: &str) -> String {
    format!(
        "The communication object, System.ServiceModel.Channels.ServiceChannel, cannot be used for communication \
         because {why}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_up_session_says_what_wcf_says() {
        let text = "The communication object, System.ServiceModel.Channels.ServiceChannel, cannot be used for \
                    communication because it is in the Faulted state.";
        assert_eq!(SessionError::Faulted.to_string(), text);
        assert_eq!(
            SessionError::Faulted.wcf_exception(),
            "System.ServiceModel.CommunicationObjectFaultedException"
        );
    }
}
