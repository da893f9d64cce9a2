//! Which kind of program a recorded side was.

/// A recorded side, as far as a replay is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// WCF: the client of .NET, the service of .NET Framework or of CoreWCF. What it says is what we must say.
    Wcf,
    /// Another WS-ReliableMessaging stack. What it says is compared with nothing.
    Foreign,
    /// A script: it says what somebody wanted it to say.
    Scripted,
}

impl Stack {
    /// Reads the words of a scenario's `client` or `service`.
    pub fn of(program: &str) -> Self {
        let program = program.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| program.contains(word));
        if says(&["hand-", "hand made", "scripted", "curl"]) {
            Self::Scripted
        } else if says(&["dotnet/wcf", "corewcf", "system.servicemodel", ".net framework"]) {
            Self::Wcf
        } else {
            Self::Foreign
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("dotnet/wcf release/4.10 c8afa9009 System.Private.ServiceModel on .NET Core 3.1.2", Stack::Wcf)]
    #[case("CoreWCF feature/ReliableSessions a9ec8c1bf on Kestrel 3.1.2", Stack::Wcf)]
    #[case("hand-crafted (python raw socket)", Stack::Scripted)]
    #[case("scripted (python)", Stack::Scripted)]
    #[case("curl", Stack::Scripted)]
    #[case("Apache CXF 4.2.3", Stack::Foreign)]
    #[case("", Stack::Foreign)]
    fn reads(#[case] program: &str, #[case] stack: Stack) {
        assert_eq!(Stack::of(program), stack);
    }
}
