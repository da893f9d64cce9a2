//! The application messages that are sent.

use wsrm_protocol::Pattern;
use wsrm_reference::contract::{Call, Completion, Contract, Performance, reply_body, request_body};
use wsrm_wire::infoset::Element;
use wsrm_wire::{Fragment, Infoset, Limits, NamespaceBinding};

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
    /// What is answered; none where that is not known, or nothing is.
    pub reply: Option<ReplyTemplate>,
}

/// What a two-way operation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTemplate {
    /// The action of the reply.
    pub action: String,
    /// What the reply holds, with the text that was asked with.
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
            reply: None,
        };
        match pattern {
            Pattern::OneWay => {
                Self { two_way: None, one_way: Some(operation("IOneWay", "Send")), obedient: true }
            }
            Pattern::RequestReply => {
                let echo = operation("IEcho", "Echo");
                let action = format!("{}Response", echo.action);
                let reply = Some(ReplyTemplate { action, body: echo.body.clone() });
                Self { two_way: Some(Operation { reply, ..echo }), one_way: None, obedient: true }
            }
        }
    }

    /// One operation of a client's own, and what it is answered: an action and the content of a body, in which `{text}`
    /// stands for the text of the request. What the client sends is its own affair.
    pub fn answered(pattern: Pattern, action: String, reply: Option<(String, String)>) -> Self {
        let mut own = Self::own(pattern, action, String::new());
        if let Some(operation) = &mut own.two_way {
            operation.reply = reply.map(|(action, xml)| ReplyTemplate { action, body: Template::Xml(xml) });
        }
        own
    }

    /// The contract of a service that has these operations.
    pub fn contract(&self, pattern: Pattern) -> Contract {
        let own = self.operation(pattern).filter(|_| !self.obedient);
        let Some(own) = own else {
            return match pattern {
                Pattern::OneWay => Contract::one_way(),
                Pattern::RequestReply => Contract::echo(),
            };
        };
        let reply = own.reply.clone();
        let reply_action = reply.as_ref().map(|reply| reply.action.clone());
        Contract::new("IOwn").with_operation(
            "Own",
            own.action.clone(),
            reply_action,
            move |call: &Call<'_>| {
                let text = first_text(&call.delivery.body);
                let body = reply.as_ref().map(|reply| reply.body(&text));
                Performance::now(body.map_or(Completion::Text(String::new()), Completion::Body))
            },
        )
    }

    /// One operation of somebody's own.
    pub fn own(pattern: Pattern, action: String, body: String) -> Self {
        let operation = Some(Operation { action, body: Template::Xml(body), reply: None });
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
            Template::Xml(xml) => filled(xml, text),
        }
    }
}

impl ReplyTemplate {
    /// The content of the body of a reply with this text.
    pub fn body(&self, text: &str) -> Fragment<'static> {
        match &self.body {
            Template::Wrapped(name) => reply_body(name, text),
            Template::Xml(xml) => filled(xml, text),
        }
    }
}

fn filled(xml: &str, text: &str) -> Fragment<'static> {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    Fragment::self_contained(xml.replace("{text}", &escaped))
}

/// The text of the first element that holds any; empty where there is none.
fn first_text(body: &Fragment<'_>) -> String {
    let mut declarations = String::new();
    for NamespaceBinding { prefix, namespace } in &body.scope {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let namespace = namespace.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        declarations.push_str(&format!(" xmlns{colon}{prefix}=\"{namespace}\""));
    }
    let document = format!("<text{declarations}>{}</text>", body.xml);
    let infoset = Infoset::read(document.as_bytes(), &Limits::default());
    infoset.ok().and_then(|infoset| text_within(infoset.root())).unwrap_or_default()
}

/// The depth is bounded by the limits of the infoset.
fn text_within(element: Element<'_>) -> Option<String> {
    let own = element.token();
    if element.elements().next().is_none() && !own.is_empty() {
        return Some(own.into_owned());
    }
    element.elements().find_map(text_within)
}
