//! The exit codes of `wsrm`, the same for every verb.

use std::process::ExitCode;

/// How a run of the command ended. The numbers are part of the command's interface and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything is as it should be.
    Success,
    /// 1: the command did its work and found a difference, a violation or a failed session.
    Found,
    /// 2: the command line or an input file is wrong; clap's own code for usage errors.
    Usage,
    /// 3: the peer could not be reached or broke off, so nothing can be said about it.
    Unreachable,
    /// 4: the input asks for something that `wsrm` cannot speak yet.
    Unsupported,
    /// 10: a requirement of the level must or wcf is violated.
    Violated,
    /// 11: only requirements of the level should are violated, or, where they count, differences from WCF.
    OnlyShould,
    /// 12: no must or wcf requirement is seen violated, and not everything could be judged.
    Incomplete,
    /// 13: nothing new is violated, and a known deviation is not there any more.
    Stale,
    /// 70: a mistake in `wsrm` itself.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
            Exit::Unsupported => 4,
            Exit::Violated => 10,
            Exit::OnlyShould => 11,
            Exit::Incomplete => 12,
            Exit::Stale => 13,
            Exit::Internal => 70,
        })
    }
}
