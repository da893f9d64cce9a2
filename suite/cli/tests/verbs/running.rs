//! Verbs that run until they are ended.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

/// A verb that listens on a free port, which ends with the test.
pub(crate) struct Running {
    process: Child,
    /// What it writes after its first line; who does not read it stops the process.
    rest: Option<JoinHandle<String>>,
    pub(crate) url: String,
}

impl Running {
    /// `wsrm VERB`, as soon as it has said where it listens.
    pub(crate) fn start(verb: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_wsrm"))
            .args([verb, "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        let url = match serde_json::from_str::<Value>(&first) {
            Ok(event) => event["url"].as_str().unwrap().to_owned(),
            Err(_) => first.trim().strip_prefix("listening on ").unwrap().to_owned(),
        };
        let rest = std::thread::spawn(move || {
            let mut rest = Vec::new();
            // What came before the process was killed is enough.
            let _ = output.read_to_end(&mut rest);
            String::from_utf8(rest).unwrap()
        });
        Self { process, rest: Some(rest), url }
    }

    /// `wsrm serve`.
    pub(crate) fn service(arguments: &[&str]) -> Self {
        Self::start("serve", arguments)
    }

    /// Ends it as Ctrl-C does; what it wrote after its first line.
    pub(crate) fn interrupt(self) -> String {
        let (code, rest) = self.interrupt_for_code();
        assert_eq!(code, Some(0), "{rest}");
        rest
    }

    /// The same, and its exit code.
    pub(crate) fn interrupt_for_code(mut self) -> (Option<i32>, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let code = self.process.wait().unwrap().code();
        (code, self.rest.take().unwrap().join().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
