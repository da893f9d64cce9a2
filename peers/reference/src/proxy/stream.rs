//! A socket that gives whole HTTP messages, byte for byte.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::framing::{Bounds, Expected, Framer, FramingError, Head};

/// A socket and what was read from it and not taken yet.
pub(super) struct MessageStream {
    socket: TcpStream,
    buffer: BytesMut,
    /// The other side has ended its stream.
    ended: bool,
}

/// A whole message.
pub(super) struct Message {
    pub(super) raw: Bytes,
    pub(super) head: Head,
}

/// Why there is no whole message.
#[derive(Debug)]
pub(super) enum Missing {
    /// The connection ended before its first byte.
    Nothing,
    /// The connection ended in the middle, or the bytes are none that HTTP knows: what there was of them.
    Broken { bytes: Bytes, why: String },
    /// It is too large.
    TooLarge(FramingError),
}

/// Bytes that may wait here while nobody takes them.
const AHEAD: usize = 64 << 10;

impl MessageStream {
    pub(super) fn new(socket: TcpStream) -> Self {
        // Without it small messages would wait for the acknowledgement of the one before.
        let _ = socket.set_nodelay(true);
        Self { socket, buffer: BytesMut::new(), ended: false }
    }

    /// The next message.
    ///
    /// A client that waits for `100 Continue` is told to go on: what becomes of its message is decided when it is
    /// here in whole.
    pub(super) async fn message(&mut self, expected: Expected, bounds: Bounds) -> Result<Message, Missing> {
        let mut framer = Framer::new(expected, bounds);
        let mut told = false;
        loop {
            match framer.advance(&self.buffer) {
                Ok(Some(length)) => {
                    let raw = self.buffer.split_to(length).freeze();
                    return Ok(Message { raw, head: framer.head().unwrap_or_default() });
                }
                Ok(None) => {}
                Err(error @ (FramingError::HeadTooLarge(_) | FramingError::BodyTooLarge(_))) => {
                    return Err(Missing::TooLarge(error));
                }
                Err(error) => return Err(self.broken(error.to_string())),
            }
            if framer.head().is_some_and(|head| head.expects_continue) && !told {
                told = true;
                let _ = self.write(b"HTTP/1.1 100 Continue\r\n\r\n").await;
            }
            match self.fill().await {
                Ok(true) => {}
                Ok(false) if framer.is_whole_at_end() => {
                    let raw = self.buffer.split().freeze();
                    return Ok(Message { raw, head: framer.head().unwrap_or_default() });
                }
                Ok(false) if self.buffer.is_empty() => return Err(Missing::Nothing),
                Ok(false) => return Err(self.broken("the connection ended in the middle".to_owned())),
                Err(_) if self.buffer.is_empty() => return Err(Missing::Nothing),
                Err(error) => return Err(self.broken(error.to_string())),
            }
        }
    }

    /// Waits until the other side sends something, or ends.
    ///
    /// Gives back whether there is something.
    pub(super) async fn activity(&mut self) -> bool {
        while self.buffer.is_empty() {
            if !matches!(self.fill().await, Ok(true)) {
                return false;
            }
        }
        true
    }

    /// Waits until the other side ends its stream, however much it sends before.
    pub(super) async fn end(&mut self) {
        while self.buffer.len() < AHEAD {
            if !matches!(self.fill().await, Ok(true)) {
                return;
            }
        }
        std::future::pending().await
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await
    }

    /// Says that nothing more will be sent.
    pub(super) async fn shut(&mut self) {
        // An error says that the connection is gone, which is as good.
        let _ = self.socket.shutdown().await;
    }

    /// What was read and not taken, and the socket.
    pub(super) fn into_parts(self) -> (BytesMut, TcpStream) {
        (self.buffer, self.socket)
    }

    /// Reads more; `false` at the end of the stream. May be given up at any time without losing a byte.
    async fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let read = self.socket.read_buf(&mut self.buffer).await;
        self.ended = !matches!(read, Ok(1..));
        Ok(read? > 0)
    }

    fn broken(&mut self, why: String) -> Missing {
        Missing::Broken { bytes: self.buffer.split().freeze(), why }
    }
}
