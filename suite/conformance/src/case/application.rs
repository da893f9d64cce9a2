//! The application messages that are sent.

use wsrm_protocol::Pattern;
use wsrm_reference::contract::request_body;
use wsrm_wire::Fragment;

/// The operations that a case calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The two-way operation; none where the pattern is one-way.
    pub two_way: Option<Operation>,
    /// The one-way operation, if there is one.
    pub one_way: Option<Operation>,
    /// Whether the operations do what their text says, as those of the recorded services do: `sleep:N`, `fault`.
    pub obedient: bool,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its action.
    pub action: String,
    /// What its messages hold.
    pub body: Template,
}

/// The content of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// The wrapped form of one string, as WCF writes it, for the operation of this name.
    Wrapped(String),
    /// XML, in which `{text}` stands for the text.
    Xml(String),
}

impl Application {
    /// The contract of the recordings: `Echo` of `IEcho`, or `Send` of `IOneWay`, in `http://tempuri.org/`.
    pub fn recorded(pattern: Pattern) -> Self {
        let operation = |contract: &str, name: &str| Operation {
            action: format!("{}{contract}/{name}", wsrm_reference::contract::TEMPURI),
            body: Template::Wrapped(name.to_owned()),
        };
        match pattern {
            Pattern::OneWay => {
                Self { two_way: None, one_way: Some(operation("IOneWay", "Send")), obedient: true }
            }
            Pattern::RequestReply => {
                Self { two_way: Some(operation("IEcho", "Echo")), one_way: None, obedient: true }
            }
        }
    }

    /// One operation of somebody's own.
    pub fn own(pattern: Pattern, action: String, body: String) -> Self {
        let operation = Some(Operation { action, body: Template::Xml(body) });
        match pattern {
            Pattern::OneWay => Self { two_way: None, one_way: operation, obedient: false },
            Pattern::RequestReply => Self { two_way: operation, one_way: None, obedient: false },
        }
    }

    /// The operation that a message of this pattern calls.
    pub fn operation(&self, pattern: Pattern) -> Option<&Operation> {
        match pattern {
            Pattern::OneWay => self.one_way.as_ref(),
            Pattern::RequestReply => self.two_way.as_ref(),
        }
    }
}

impl Operation {
    /// The content of the body of a message with this text.
    pub fn body(&self, text: &str) -> Fragment<'static> {
        match &self.body {
            Template::Wrapped(name) => request_body(name, text),
            Template::Xml(xml) => {
                let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
                Fragment::self_contained(xml.replace("{text}", &escaped))
            }
        }
    }
}
