//! What goes wrong with a partner's server, at which step, and whose move is next.

use super::super::super::error::TransportError;
use super::super::super::pickup::PlaceError;
use crate::partner::Host;
use async_ssh2_tokio::Error;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{Status, StatusCode};

/// The steps to a server's files, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Its name has an address.
    Name,
    /// It takes our call and speaks SSH.
    Reach,
    /// It holds a key that is pinned.
    Trust,
    /// It lets us in.
    Enter,
    /// It has SFTP.
    Files,
}

/// Why we did not get to the files.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) step: Step,
    pub(super) error: TransportError,
}

impl Failed {
    pub(super) fn at(step: Step, error: TransportError) -> Self {
        Self { step, error }
    }
}

/// Why we were not let in.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library has many errors, and more to come")]
pub(super) fn denied(host: &Host, error: Error) -> Failed {
    let (endpoint, user) = (host.to_string(), &host.user);
    let not_set_up = |why: String| TransportError::NotSetUp { endpoint: endpoint.clone(), why };
    let unwelcome = |why: String| TransportError::Denied { endpoint: endpoint.clone(), why };
    match error {
        Error::KeyAuthFailed | Error::AgentAuthenticationFailed => Failed::at(
            Step::Enter,
            unwelcome(format!(
                "it does not take our key for `{user}`; ask them to add our public key, and whether \
                 the name is right"
            )),
        ),
        Error::KeyboardInteractiveNoResponseForPrompt(prompt) => {
            let prompt = plain(&prompt);
            Failed::at(
                Step::Enter,
                unwelcome(format!(
                    "it asks `{user}` for more than the password: `{prompt}`; ask them to let us in \
                     with the password alone, or with a key"
                )),
            )
        }
        Error::PasswordWrong | Error::KeyboardInteractiveAuthFailed => Failed::at(
            Step::Enter,
            unwelcome(format!("it does not take our password for `{user}`; ask them for another")),
        ),
        Error::KeyInvalid(why) => Failed::at(
            Step::Enter,
            not_set_up(format!("our key cannot be read: {why}; see key and passphrase")),
        ),
        Error::AgentConnectionFailed
        | Error::AgentRequestIdentitiesFailed
        | Error::AgentNoIdentities
        | Error::AgentAuthError(_) => Failed::at(
            Step::Enter,
            not_set_up(format!("the agent gives us no key: {error}; see SSH_AUTH_SOCK")),
        ),
        Error::SshError(russh_client::Error::NoCommonAlgo { kind, theirs, .. }) => {
            let theirs = theirs.join(", ");
            let why = format!(
                "it only has old algorithms for {kind:?}: {theirs}; ask them for newer ones"
            );
            Failed::at(Step::Reach, unwelcome(why))
        }
        error => {
            let why = match &error {
                Error::SshError(russh_client::Error::IO(why)) | Error::IoError(why) => {
                    why.to_string()
                }
                error => error.to_string(),
            };
            Failed::at(Step::Reach, TransportError::Unreachable { endpoint, why })
        }
    }
}

/// What a request about a file came to.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library has many errors, and more to come")]
pub(super) fn told(endpoint: &str, error: SftpError) -> PlaceError {
    match error {
        SftpError::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => PlaceError::Gone,
            StatusCode::NoConnection | StatusCode::ConnectionLost => {
                PlaceError::Lost(broken(endpoint, said(&status)))
            }
            StatusCode::Ok
            | StatusCode::Eof
            | StatusCode::PermissionDenied
            | StatusCode::Failure
            | StatusCode::BadMessage
            | StatusCode::OpUnsupported => PlaceError::Refused(said(&status)),
        },
        SftpError::Timeout => {
            PlaceError::Lost(broken(endpoint, "it does not answer any more".to_owned()))
        }
        error => PlaceError::Lost(broken(endpoint, ended(&error))),
    }
}

/// What a request came to while we put a file there: who says no for good, and who only for now.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library has many errors, and more to come")]
pub(super) fn unsent(endpoint: &str, error: SftpError) -> TransportError {
    let endpoint = endpoint.to_owned();
    match error {
        SftpError::Status(status) => {
            let text = said(&status);
            let code = status.status_code;
            match code {
                StatusCode::PermissionDenied
                | StatusCode::OpUnsupported
                | StatusCode::NoSuchFile => {
                    TransportError::Refused { endpoint, status: number(code), text }
                }
                // The word for a disk that is full, a quota, and everything else.
                StatusCode::Failure | StatusCode::Eof | StatusCode::BadMessage | StatusCode::Ok => {
                    TransportError::Busy { endpoint, status: number(code), text, retry_after: None }
                }
                StatusCode::NoConnection | StatusCode::ConnectionLost => {
                    TransportError::Broken { endpoint, why: text }
                }
            }
        }
        SftpError::Timeout => {
            TransportError::Broken { endpoint, why: "it does not answer any more".to_owned() }
        }
        error => TransportError::Broken { endpoint, why: ended(&error) },
    }
}

/// The library's words for a session that ended are about its own insides.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library has many errors, and more to come")]
fn ended(error: &SftpError) -> String {
    match error {
        SftpError::UnexpectedBehavior(_) => "it ended the session".to_owned(),
        error => error.to_string(),
    }
}

pub(super) fn broken(endpoint: &str, why: String) -> TransportError {
    TransportError::Broken { endpoint: endpoint.to_owned(), why }
}

/// What it says, in its own words and short.
fn said(status: &Status) -> String {
    let text = plain(&status.error_message);
    if text.is_empty() {
        status.status_code.to_string().to_lowercase()
    } else {
        text.to_lowercase()
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

fn number(code: StatusCode) -> u16 {
    match code {
        StatusCode::Ok => 0,
        StatusCode::Eof => 1,
        StatusCode::NoSuchFile => 2,
        StatusCode::PermissionDenied => 3,
        StatusCode::Failure => 4,
        StatusCode::BadMessage => 5,
        StatusCode::NoConnection => 6,
        StatusCode::ConnectionLost => 7,
        StatusCode::OpUnsupported => 8,
    }
}

/// The longest text of theirs that is shown.
const LONGEST: usize = 200;
