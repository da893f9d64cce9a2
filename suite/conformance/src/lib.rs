//! The conformance suite: what is made to happen to a peer ([`case`], [`cases`], [`invitation`]), the recordings and captures that are
//! read ([`recording`], [`capture`]), what the oracle says of both ([`judgement`], [`report`], [`baseline`]), the replay against the
//! reference implementation ([`replay`]), and the proxy and the other stacks that it is tried with ([`proxy`], [`peer`], [`matrix`]).

pub mod baseline;
pub mod capture;
pub mod case;
pub mod cases;
pub mod content;
pub mod dialect;
pub mod difference;
pub mod entry;
pub mod exercise;
pub mod explanation;
pub mod fault_rule;
pub mod fidelity;
pub mod invitation;
pub mod judgement;
pub mod ladder;
pub mod matrix;
pub mod mutation;
pub mod near;
pub mod peer;
pub mod pretty;
pub mod proxy;
pub mod recording;
pub mod replay;
pub mod report;
mod secrets;
pub mod summary;
