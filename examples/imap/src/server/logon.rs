//! From a connection to a session: TLS, what the server can do, the password.

use std::collections::BTreeSet;

use mapi_provider::twoway::{Answer, Monitor, Stop};

use super::stream::{Guarded, Stream};
use super::value::Response;
use super::wire::{Piece, Wire};
use super::{ImapServer, Security};

/// What a server says that it can do, in capitals.
pub(crate) type Capabilities = BTreeSet<String>;

pub(crate) fn log_on<'r>(
    server: &'r ImapServer,
    monitor: &'r dyn Monitor,
) -> Answer<(Wire<'r>, Capabilities)> {
    // TWOWAY-24
    if server.security == Security::None && !server.is_loopback() {
        return Err(fatal(
            "without TLS a password goes nowhere but to this computer itself",
        ));
    }
    let place = (server.server.as_str(), server.port);
    let tcp = Guarded::connect(place, server.silence, monitor)?;
    let stream = match server.security {
        Security::Tls => Stream::secure(tcp, &server.server, &server.connector()?)?,
        Security::StartTls | Security::None => Stream::Plain(tcp),
    };
    let mut wire = Wire::new(stream, monitor);
    let mut is_known = greeting(&mut wire)?;
    if server.security == Security::StartTls {
        if is_known {
            // What is said before TLS may be anybody's word.
            return Err(fatal("the server needs no password before TLS has begun"));
        }
        wire = start_tls(server, wire, monitor)?;
        is_known = false;
    }
    let mut capabilities = ask(&mut wire)?;
    if !is_known {
        if capabilities.contains("LOGINDISABLED") {
            return Err(fatal(
                "the server takes no password on a connection like this",
            ));
        }
        wire.takes_literals = capabilities.contains("LITERAL+");
        capabilities = password(server, &mut wire)?;
    }
    wire.takes_literals = capabilities.contains("LITERAL+");
    Ok((wire, capabilities))
}

fn fatal(text: &str) -> mapi_provider::twoway::Trouble {
    Stop::Fatal(text.to_owned()).into()
}

/// Hears the greeting. Answers whether the server knows already who this is.
fn greeting(wire: &mut Wire<'_>) -> Answer<bool> {
    match wire.response()? {
        Response::Status { status, .. } if status == "OK" => Ok(false),
        Response::Status { status, .. } if status == "PREAUTH" => Ok(true),
        _ => Err(fatal("it is no IMAP server")),
    }
}

fn start_tls<'r>(
    server: &ImapServer,
    mut wire: Wire<'r>,
    monitor: &'r dyn Monitor,
) -> Answer<Wire<'r>> {
    // TWOWAY-24: who takes it out of the list gets no password either.
    if !ask(&mut wire)?.contains("STARTTLS") || !wire.tell("STARTTLS")?.is_ok() {
        return Err(fatal("the server does not offer STARTTLS"));
    }
    // TWOWAY-24: what came before TLS began would be taken as said under TLS.
    let stream = wire.into_stream();
    let Some(Stream::Plain(tcp)) = stream else {
        return Err(fatal("somebody speaks before TLS has begun"));
    };
    let stream = Stream::secure(tcp, &server.server, &server.connector()?)?;
    Ok(Wire::new(stream, monitor))
}

fn ask(wire: &mut Wire<'_>) -> Answer<Capabilities> {
    let mut capabilities = Capabilities::new();
    wire.ask("CAPABILITY", &mut |response| {
        let values = response.data("CAPABILITY").unwrap_or_default();
        let texts = values.iter().filter_map(|value| value.text());
        capabilities.extend(texts.map(str::to_ascii_uppercase));
        Ok(())
    })?;
    Ok(capabilities)
}

/// Says who this is, once. Answers what the server can do now.
fn password(server: &ImapServer, wire: &mut Wire<'_>) -> Answer<Capabilities> {
    let mut command = vec![Piece::Text("LOGIN ".to_owned())];
    command.push(string(&server.user));
    command.push(Piece::Text(" ".to_owned()));
    command.push(string(server.password.expose()));
    let done = wire.run(&command, &mut |_| Ok(()))?;
    if done.is_ok() {
        return match super::value::argument(&done.code, "CAPABILITY") {
            Some(list) => Ok(list.split(' ').map(str::to_ascii_uppercase).collect()),
            None => ask(wire),
        };
    }
    let text = server.without_secret(&done.text);
    // TWOWAY-23: a server that has no time has not refused the password.
    if ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"]
        .iter()
        .any(|code| done.has_code(code))
    {
        return Err(Stop::Fatal(text).into());
    }
    Err(Stop::Logon(text).into())
}

/// A string as IMAP has it: what can't be quoted is a literal.
pub(crate) fn string(text: &str) -> Piece<'_> {
    match text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        true => Piece::Text(quoted(text)),
        false => Piece::Literal(text.as_bytes()),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
