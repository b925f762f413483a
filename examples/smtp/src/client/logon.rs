//! From a connection to a session: TLS, what the server can do, the password.

use native_tls::{Certificate, TlsConnector};

use super::super::account::{Account, Security};
use super::Problem;
use super::abilities::Abilities;
use super::base64;
use super::guard::Guard;
use super::reply::{Meaning, Reply};
use super::stream::{Guarded, Stream};
use super::wire::Wire;

/// A server that knows who this is.
pub(super) struct Session<'r> {
    pub(super) wire: Wire<'r>,
    pub(super) abilities: Abilities,
}

pub(super) fn log_on<'r>(account: &Account, guard: &'r Guard<'r>) -> Result<Session<'r>, Problem> {
    // The settings are looked at when the account is opened; whoever makes one by hand is held to them too.
    if account.security == Security::None && !account.is_loopback() {
        let text = "without TLS, mail goes nowhere but to this computer itself";
        return Err(Problem::LockedOut(text.to_owned()));
    }
    let tcp = Guarded::connect((&account.server, account.port), guard)?;
    let hello = format!("EHLO {}", tcp.hello());
    let stream = match account.security {
        Security::Tls => Stream::secure(tcp, &account.server, &connector(account)?)?,
        Security::StartTls | Security::None => Stream::Plain(tcp),
    };
    let mut wire = Wire::new(stream, guard);
    guard.within(guard.limits.reply);
    done(wire.reply()?)?;
    let mut abilities = Abilities::read(&done(wire.ask(&hello)?)?);
    if account.security == Security::StartTls {
        wire = start_tls(account, wire, &abilities, guard)?;
        // What was said before TLS may be anybody's word.
        abilities = Abilities::read(&done(wire.ask(&hello)?)?);
    }
    if !account.user.is_empty() {
        password(account, &mut wire, &abilities)?;
    }
    Ok(Session { wire, abilities })
}

fn connector(account: &Account) -> Result<TlsConnector, Problem> {
    let failed = |error: native_tls::Error| Problem::Later(format!("TLS: {error}"));
    let mut builder = TlsConnector::builder();
    if let Some(pem) = &account.authority {
        builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
    }
    builder.build().map_err(failed)
}

fn start_tls<'r>(
    account: &Account,
    mut wire: Wire<'r>,
    abilities: &Abilities,
    guard: &'r Guard<'r>,
) -> Result<Wire<'r>, Problem> {
    let text = "the server does not offer STARTTLS";
    // Who takes it out of the list gets nothing either.
    if !abilities.start_tls || wire.ask("STARTTLS")?.meaning() != Meaning::Done {
        return Err(Problem::Network(text.to_owned()));
    }
    // What came before TLS began would be taken as said under TLS.
    let Some(Stream::Plain(tcp)) = wire.into_stream() else {
        let text = "somebody speaks before TLS has begun";
        return Err(Problem::Network(text.to_owned()));
    };
    let stream = Stream::secure(tcp, &account.server, &connector(account)?)?;
    Ok(Wire::new(stream, guard))
}

/// What has to be done before there is any message to speak of: a server that refuses it now may not do so tomorrow.
fn done(reply: Reply) -> Result<Reply, Problem> {
    match reply.meaning() {
        Meaning::Done => Ok(reply),
        _ => Err(Problem::Later(reply.text())),
    }
}

/// Says who this is, once.
fn password(account: &Account, wire: &mut Wire<'_>, abilities: &Abilities) -> Result<(), Problem> {
    let (user, password) = (&*account.user, account.password.expose());
    let offers = |name: &str| abilities.auth.iter().any(|known| known == name);
    let whole = base64::encode(format!("\0{user}\0{password}").as_bytes());
    let steps: Vec<String> = if offers("PLAIN") {
        vec![format!("AUTH PLAIN {whole}")]
    } else if offers("LOGIN") {
        let parts = [user, password].map(|part| base64::encode(part.as_bytes()));
        std::iter::once("AUTH LOGIN".to_owned())
            .chain(parts)
            .collect()
    } else {
        let text = "the server takes no password on a connection like this";
        return Err(Problem::LockedOut(text.to_owned()));
    };
    let secrets = [&*whole, password, &*base64::encode(password.as_bytes())];
    let last = steps.len() - 1;
    for (index, step) in steps.iter().enumerate() {
        let reply = wire.ask(step)?;
        let text = without(&secrets, reply.text());
        match reply.meaning() {
            Meaning::Done => return Ok(()),
            Meaning::GoOn if index < last => {}
            // A server that has no time has not refused the password.
            Meaning::Later | Meaning::Goodbye => return Err(Problem::Later(text)),
            Meaning::GoOn | Meaning::Never => return Err(Problem::LockedOut(text)),
        }
    }
    Err(Problem::Later("the logon came to no end".to_owned()))
}

/// A text without the password, which some servers repeat.
fn without(secrets: &[&str], mut text: String) -> String {
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    text
}
