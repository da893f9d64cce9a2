//! What a service does with the messages that its sessions deliver.
//!
//! A [`Contract`] is a set of [`Operation`]s, each found by its action, each with an [`Implementation`] that says
//! how long it takes and how it ends. [`Contract::echo`], [`Contract::one_way`] and [`Contract::mixed`] are the
//! contracts of the recorded WCF services; a caller plugs in its own with [`Contract::new`].

mod body;
mod fault;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wsrm_protocol::{Delivery, Outcome, OutgoingMessage, Pattern};
use wsrm_wire::{AddressingVersion, Fragment, SoapVersion, WireProfile};

pub use body::{TEMPURI, read_result, read_text, reply_body, request_body};
pub use fault::{ApplicationFault, Code};

use body::BodyError;

/// The operations of an endpoint.
#[derive(Debug)]
pub struct Contract {
    name: String,
    operations: Vec<Operation>,
}

/// One operation of a [`Contract`].
pub struct Operation {
    name: Arc<str>,
    action: String,
    reply_action: Option<String>,
    parameter: Parameter,
    implementation: Box<dyn Implementation>,
}

/// What a WSDL says of an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature<'a> {
    pub(crate) name: &'a str,
    pub(crate) action: &'a str,
    pub(crate) reply_action: Option<&'a str>,
    /// Whether it has the string parameter `text`; otherwise it reads its body by itself.
    pub(crate) has_text: bool,
}

/// A message, for the operation that it calls.
#[derive(Debug)]
pub struct Call<'a> {
    /// The name of the operation.
    pub operation: &'a str,
    /// The string parameter `text`; `None` where it is missing, or where the operation reads the body by itself.
    pub text: Option<&'a str>,
    /// The message.
    pub delivery: &'a Delivery,
}

/// What an operation does: it runs for a time, then it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performance {
    /// How long it runs.
    pub duration: Duration,
    /// How it ends.
    pub completion: Completion,
}

/// How an operation ends. In a one-way operation nobody sees what it returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// It returns this string, in WCF's wrapped form.
    Text(String),
    /// It returns this content of the reply's body.
    Body(Fragment<'static>),
    /// It throws a `FaultException`: the reply is a fault and the session goes on.
    Fault(ApplicationFault),
    /// It throws anything else: the reply is an InternalServiceFault and the session is given up.
    Exception,
    /// It drops the request: the connection is aborted.
    Abort,
}

/// The code of an operation. Any closure from [`Call`] to [`Performance`] is one.
pub trait Implementation: Send {
    /// Runs the operation; it must not block.
    fn run(&mut self, call: &Call<'_>) -> Performance;
}

/// What is to be done for a delivered message.
#[derive(Debug)]
pub(crate) struct Dispatch {
    /// The operation, where one was found.
    pub(crate) operation: Option<Arc<str>>,
    /// Whether the message counts as done when it is handed over, before the operation runs.
    pub(crate) one_way: bool,
    /// How long the operation runs.
    pub(crate) duration: Duration,
    /// What it ends with.
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameter {
    /// One string parameter named `text`, in WCF's wrapped form.
    Text,
    /// The implementation reads the body.
    Body,
}

impl Contract {
    /// A contract with no operations yet, named as WCF names an interface, such as `IEcho`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), operations: Vec::new() }
    }

    /// `IEcho`: the two-way operation `Echo`.
    ///
    /// It returns its text; `sleep:N` takes N milliseconds, `fault` throws a `FaultException`, `throw` throws
    /// another exception.
    pub fn echo() -> Self {
        Self::new("IEcho").two_way("Echo", recorded_service)
    }

    /// `IOneWay`: the one-way operation `Send`, which understands `sleep:N` and `throw`.
    pub fn one_way() -> Self {
        Self::new("IOneWay").with_one_way("Send", recorded_service)
    }

    /// `IMixed`: both.
    pub fn mixed() -> Self {
        Self::new("IMixed").two_way("Echo", recorded_service).with_one_way("Send", recorded_service)
    }

    /// Adds a two-way operation with a string parameter `text`.
    #[must_use]
    pub fn two_way(mut self, operation: &str, implementation: impl Implementation + 'static) -> Self {
        let action = self.action(operation);
        let reply_action = format!("{action}Response");
        self.operations.push(Operation::new(
            operation,
            action,
            Some(reply_action),
            Parameter::Text,
            implementation,
        ));
        self
    }

    /// Adds a one-way operation with a string parameter `text`.
    #[must_use]
    pub fn with_one_way(mut self, operation: &str, implementation: impl Implementation + 'static) -> Self {
        let action = self.action(operation);
        self.operations.push(Operation::new(operation, action, None, Parameter::Text, implementation));
        self
    }

    /// Adds an operation that reads its body by itself; it is one-way where it has no `reply_action`.
    #[must_use]
    pub fn with_operation(
        mut self,
        operation: &str,
        action: impl Into<String>,
        reply_action: Option<String>,
        implementation: impl Implementation + 'static,
    ) -> Self {
        let operation =
            Operation::new(operation, action.into(), reply_action, Parameter::Body, implementation);
        self.operations.push(operation);
        self
    }

    /// The sequences that a session of this contract needs: WCF offers one for replies as soon as there is one
    /// two-way operation.
    pub fn pattern(&self) -> Pattern {
        match self.operations.iter().all(|operation| operation.reply_action.is_none()) {
            true => Pattern::OneWay,
            false => Pattern::RequestReply,
        }
    }

    /// The name, as in `IEcho`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operations as a WSDL speaks of them.
    pub(crate) fn signatures(&self) -> Vec<Signature<'_>> {
        let operations = self.operations.iter().map(|operation| Signature {
            name: &operation.name,
            action: &operation.action,
            reply_action: operation.reply_action.as_deref(),
            has_text: matches!(operation.parameter, Parameter::Text),
        });
        operations.collect()
    }

    /// The action that WCF gives to an operation of this contract.
    pub fn action(&self, operation: &str) -> String {
        format!("{TEMPURI}{}/{operation}", self.name)
    }

    /// Does what WCF's dispatcher does with a message: finds the operation, makes the checks that are left to it,
    /// reads the parameter, runs the operation.
    pub(crate) fn dispatch(
        &mut self,
        profile: WireProfile,
        path: &str,
        language: &str,
        delivery: &Delivery,
    ) -> Dispatch {
        let pattern = self.pattern();
        let faults = fault::Faults { profile, language };
        if let Some(to) = delivery.to.as_deref().filter(|to| !addresses(to, path, profile.addressing)) {
            return Dispatch::refused(pattern, faults.destination_unreachable(to));
        }
        let operation = self.operations.iter_mut().find(|operation| operation.action == delivery.action);
        let Some(operation) = operation else {
            return Dispatch::refused(pattern, faults.action_not_supported(&delivery.action));
        };
        let (duration, completion) = operation.perform(profile, &faults, delivery);
        let outcome = match completion {
            Ok(completion) => operation.outcome(completion, &faults),
            Err(outcome) => outcome,
        };
        let one_way = operation.reply_action.is_none();
        Dispatch { operation: Some(Arc::clone(&operation.name)), one_way, duration, outcome }
    }
}

impl Operation {
    fn new(
        name: &str,
        action: String,
        reply_action: Option<String>,
        parameter: Parameter,
        implementation: impl Implementation + 'static,
    ) -> Self {
        Self {
            name: Arc::from(name),
            action,
            reply_action,
            parameter,
            implementation: Box::new(implementation),
        }
    }

    /// Runs the operation where the message lets it; otherwise says what becomes of the message.
    fn perform(
        &mut self,
        profile: WireProfile,
        faults: &fault::Faults<'_>,
        delivery: &Delivery,
    ) -> (Duration, Result<Completion, Outcome>) {
        let refuse = |outcome| (Duration::ZERO, Err(outcome));
        if self.reply_action.is_some() && wants_no_reply(delivery, profile.addressing) {
            return refuse(Outcome::Failed { message: faults.internal_service_fault() });
        }
        if let Some(header) = &delivery.not_understood {
            return refuse(Outcome::NotUnderstood { header: header.clone() });
        }
        let text = match self.parameter {
            Parameter::Body => None,
            Parameter::Text => match read_text(&delivery.body, &self.name, delivery.body_offset) {
                Ok(text) => text,
                Err(BodyError::Wrapper) => {
                    return refuse(Outcome::Failed { message: faults.internal_service_fault() });
                }
                Err(BodyError::Content(why)) => {
                    let message = faults.deserialization_failed(&self.name, &why);
                    return refuse(Outcome::Reply { message, is_fault: true });
                }
            },
        };
        let performance =
            self.implementation.run(&Call { operation: &self.name, text: text.as_deref(), delivery });
        (performance.duration, Ok(performance.completion))
    }

    fn outcome(&self, completion: Completion, faults: &fault::Faults<'_>) -> Outcome {
        let reply = |body| Outcome::Reply {
            message: OutgoingMessage { action: self.reply_action.clone().unwrap_or_default(), body },
            is_fault: false,
        };
        match completion {
            // Nobody sees what a one-way operation returns.
            Completion::Text(_) | Completion::Body(_) if self.reply_action.is_none() => Outcome::OneWay,
            Completion::Text(text) => reply(reply_body(&self.name, &text)),
            Completion::Body(body) => reply(body),
            Completion::Fault(fault) => {
                Outcome::Reply { message: faults.application(&fault), is_fault: true }
            }
            Completion::Exception => Outcome::Failed { message: faults.internal_service_fault() },
            Completion::Abort => Outcome::Abort,
        }
    }
}

impl Dispatch {
    fn refused(pattern: Pattern, message: OutgoingMessage) -> Self {
        Self {
            operation: None,
            one_way: pattern == Pattern::OneWay,
            duration: Duration::ZERO,
            outcome: Outcome::Reply { message, is_fault: true },
        }
    }
}

impl Performance {
    /// It ends at once.
    pub fn now(completion: Completion) -> Self {
        Self { duration: Duration::ZERO, completion }
    }

    /// It ends after a time.
    pub fn after(duration: Duration, completion: Completion) -> Self {
        Self { duration, completion }
    }
}

impl<F: FnMut(&Call<'_>) -> Performance + Send> Implementation for F {
    fn run(&mut self, call: &Call<'_>) -> Performance {
        self(call)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("name", &self.name).field("action", &self.action).finish()
    }
}

/// What the service of the recordings does, both operations alike but for `fault`, which only `Echo` knows.
fn recorded_service(call: &Call<'_>) -> Performance {
    // It looks at the length of its argument, which throws where there is none.
    let Some(text) = call.text else { return Performance::now(Completion::Exception) };
    match text {
        "throw" => Performance::now(Completion::Exception),
        "fault" if call.operation == "Echo" => {
            let code = Code::custom("urn:app", "AppCode");
            Performance::now(Completion::Fault(ApplicationFault::new(code, "app fault reason")))
        }
        _ => match sleep(text) {
            Some(Ok(duration)) => Performance::after(duration, Completion::Text(text.to_owned())),
            Some(Err(())) => Performance::now(Completion::Exception),
            None => Performance::now(Completion::Text(text.to_owned())),
        },
    }
}

/// The time that `sleep:N` or `sleep:N-anything` asks for; an error where N is no number, which throws.
fn sleep(text: &str) -> Option<Result<Duration, ()>> {
    let rest = text.strip_prefix("sleep:")?;
    let number = rest.split([':', '-']).next().unwrap_or_default().trim();
    Some(number.parse::<u32>().map(|millis| Duration::from_millis(millis.into())).map_err(|_| ()))
}

/// Whether a message sent `to` this address is for an endpoint at `path`. Scheme, host and port are not compared:
/// a WCF endpoint listens on all names of its machine, and a proxy may stand before it.
fn addresses(to: &str, path: &str, addressing: AddressingVersion) -> bool {
    if to == addressing.anonymous() {
        return true;
    }
    let after_scheme = to.split_once("://").map_or(to, |(_, rest)| rest);
    let found = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
    let found = found.split(['?', '#']).next().unwrap_or_default();
    found.trim_end_matches('/').eq_ignore_ascii_case(path.trim_end_matches('/'))
}

fn wants_no_reply(delivery: &Delivery, addressing: AddressingVersion) -> bool {
    delivery.reply_to.is_some() && delivery.reply_to.as_deref() == addressing.none()
}

/// The prefixes under which [`fault`] writes: those that WCF declares on every envelope.
fn envelope_scope(
    soap: SoapVersion,
    addressing: AddressingVersion,
) -> Vec<wsrm_wire::NamespaceBinding<'static>> {
    let binding = |prefix: &'static str, namespace: &'static str| wsrm_wire::NamespaceBinding {
        prefix: prefix.into(),
        namespace: namespace.into(),
    };
    vec![binding("s", soap.namespace()), binding("a", addressing.namespace())]
}

#[cfg(test)]
mod tests;
