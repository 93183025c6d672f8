//! What the client can be told to do: the actions of its command line.

use std::str::FromStr;

use ws_embedded_io::CloseCode;

/// What `--help` says about the actions.
pub(crate) const HELP: &str = "What to do, in order. After a message, its echo is awaited and compared.
  text=TEXT            send a text message
  text-size=N          send a text message of N bytes
  binary=N             send a binary message of N bytes
  fragments=N/PIECE    send a binary message of N bytes in fragments of PIECE bytes
  ping=TEXT            send a Ping frame and await its Pong frame
  wait                 await one message
  lines                send each line of standard input as a text message
  echo                 send back every message, while it arrives, until the server closes
  expect-close         wait until the server closes
  close=CODE[,REASON]  close with this code and reason
Without a close, the connection is closed with 1000 at the end.";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Text(String),
    Binary(Vec<u8>),
    Fragments { payload: Vec<u8>, piece_len: usize },
    Ping(String),
    Wait,
    Lines,
    Echo,
    ExpectClose,
    Close { code: CloseCode, reason: String },
}

impl FromStr for Action {
    type Err = String;

    fn from_str(action: &str) -> Result<Self, String> {
        let (name, value) = action.split_once('=').unwrap_or((action, ""));
        Ok(match name {
            "text" => Self::Text(value.to_owned()),
            "text-size" => Self::Text(text(parse_len(value)?)),
            "binary" => Self::Binary(binary(parse_len(value)?)),
            "fragments" => {
                let (len, piece_len) = value.split_once('/').ok_or("say fragments=N/PIECE")?;
                match parse_len(piece_len)? {
                    0 => return Err("a fragment of 0 bytes gets nowhere; say fragments=N/1 or more".to_owned()),
                    piece_len => Self::Fragments { payload: binary(parse_len(len)?), piece_len },
                }
            }
            "ping" => Self::Ping(value.to_owned()),
            "wait" => Self::Wait,
            "lines" => Self::Lines,
            "echo" => Self::Echo,
            "expect-close" => Self::ExpectClose,
            "close" => {
                let (code, reason) = value.split_once(',').unwrap_or((value, ""));
                let code = code.parse().map_err(|_| format!("{code:?} is not a close code"))?;
                Self::Close { code: CloseCode::new(code), reason: reason.to_owned() }
            }
            _ => return Err(format!("there is no action {name:?}; --help lists them")),
        })
    }
}

/// Bytes in which a missing, doubled or moved one shows.
fn binary(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i.wrapping_mul(31).wrapping_add(7) & 0xff) as u8).collect()
}

/// ASCII in which a missing, doubled or moved character shows.
fn text(len: usize) -> String {
    (0..len).map(|i| char::from(b' ' + (i % 95) as u8)).collect()
}

fn parse_len(len: &str) -> Result<usize, String> {
    len.parse().map_err(|_| format!("{len:?} is not a number of bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_from_their_names() {
        let close = |code, reason: &str| Action::Close { code: CloseCode::new(code), reason: reason.to_owned() };
        let table = [
            ("text=a=b", Action::Text("a=b".to_owned())),
            ("text=", Action::Text(String::new())),
            ("text-size=3", Action::Text(" !\"".to_owned())),
            ("binary=3", Action::Binary(vec![7, 38, 69])),
            ("fragments=2/1", Action::Fragments { payload: vec![7, 38], piece_len: 1 }),
            ("ping=x", Action::Ping("x".to_owned())),
            ("wait", Action::Wait),
            ("lines", Action::Lines),
            ("echo", Action::Echo),
            ("expect-close", Action::ExpectClose),
            ("close=4000", close(4000, "")),
            ("close=4000,bye, all", close(4000, "bye, all")),
        ];
        for (words, action) in table {
            assert_eq!(words.parse(), Ok(action), "{words}");
        }
    }

    #[test]
    fn other_words_are_refused() {
        for words in ["", "sing", "binary=", "binary=-1", "fragments=3", "fragments=3/0", "close=x", "close=70000"] {
            assert!(words.parse::<Action>().is_err(), "{words}");
        }
    }
}
