//! Whether what a message says belongs to the session that it was found for.

use wsrm_wire::{Action, Body, RmVersion};

use super::Responder;
use super::fault::LocalFault;
use crate::Identifier;
use crate::incoming::Incoming;
use crate::reason::terminated;

impl Responder {
    /// Checks what the message says in WCF's order: acknowledgement, AckRequested, Sequence, then the body.
    pub(super) fn check_elements(&self, request: &Incoming<'_>) -> Result<(), LocalFault> {
        match &self.output {
            Some(output) => self.check_two_way(request, output),
            None => self.check_one_way(request),
        }
    }

    fn check_two_way(&self, request: &Incoming<'_>, output: &Identifier) -> Result<(), LocalFault> {
        if let Some(acknowledgement) = request.acknowledgement {
            expect(&acknowledgement.identifier, output)?;
        }
        self.check_input(request)?;
        let version = self.destination.version();
        match (request.protocol, request.body) {
            (Some(Action::TerminateSequence), Body::TerminateSequence(body))
                if *body.identifier != *self.input =>
            {
                let names_output = *body.identifier == **output;
                Err(match version {
                    RmVersion::February2005 => {
                        LocalFault::terminated(output, terminated::TERMINATE_AT_SOURCE)
                    }
                    RmVersion::V200702 if names_output => {
                        LocalFault::terminated(&self.input, terminated::TERMINATE_BY_DESTINATION)
                    }
                    RmVersion::V200702 => LocalFault::unknown_sequence(&body.identifier),
                })
            }
            (Some(Action::TerminateSequenceResponse), Body::TerminateSequenceResponse(body)) => {
                expect(&body.identifier, output)
            }
            (Some(Action::CloseSequence), Body::CloseSequence(body)) if *body.identifier == **output => {
                Err(LocalFault::terminated(output, terminated::CLOSE_BY_DESTINATION))
            }
            (Some(Action::CloseSequence), Body::CloseSequence(body)) => expect(&body.identifier, &self.input),
            (Some(Action::CloseSequenceResponse), Body::CloseSequenceResponse(body))
                if *body.identifier == *self.input =>
            {
                Err(LocalFault::terminated(&self.input, terminated::CLOSE_RESPONSE_AT_DESTINATION))
            }
            (Some(Action::CloseSequenceResponse), Body::CloseSequenceResponse(body)) => {
                expect(&body.identifier, output)
            }
            (Some(Action::CreateSequenceResponse), _) => {
                Err(LocalFault::terminated(output, terminated::CREATE_RESPONSE_AT_DESTINATION))
            }
            _ => Ok(()),
        }
    }

    fn check_one_way(&self, request: &Incoming<'_>) -> Result<(), LocalFault> {
        if request.acknowledgement.is_some() {
            return Err(LocalFault::terminated(&self.input, terminated::ACKNOWLEDGEMENT_AT_DESTINATION));
        }
        if request.protocol == Some(Action::CreateSequenceResponse) {
            return Err(LocalFault::terminated(&self.input, terminated::CREATE_RESPONSE_AT_DESTINATION));
        }
        self.check_input(request)?;
        match (request.protocol, request.body) {
            (Some(Action::TerminateSequence), Body::TerminateSequence(body)) => {
                expect(&body.identifier, &self.input)
            }
            (Some(Action::CloseSequence), Body::CloseSequence(body)) => expect(&body.identifier, &self.input),
            (Some(Action::TerminateSequenceResponse), Body::TerminateSequenceResponse(body)) => {
                expect(&body.identifier, &self.input)?;
                Err(LocalFault::terminated(&self.input, terminated::TERMINATE_RESPONSE_AT_DESTINATION))
            }
            (Some(Action::CloseSequenceResponse), Body::CloseSequenceResponse(body)) => {
                expect(&body.identifier, &self.input)?;
                Err(LocalFault::terminated(&self.input, terminated::CLOSE_RESPONSE_AT_DESTINATION))
            }
            _ => Ok(()),
        }
    }

    fn check_input(&self, request: &Incoming<'_>) -> Result<(), LocalFault> {
        if let Some(ack_requested) = request.ack_requested {
            expect(&ack_requested.identifier, &self.input)?;
        }
        if let Some(sequence) = request.sequence {
            expect(&sequence.identifier, &self.input)?;
        }
        Ok(())
    }
}

fn expect(identifier: &str, expected: &Identifier) -> Result<(), LocalFault> {
    if *identifier == **expected { Ok(()) } else { Err(LocalFault::unknown_sequence(identifier)) }
}
