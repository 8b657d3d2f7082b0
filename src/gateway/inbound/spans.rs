//! Where the interchanges of a message begin and end, and what they are known again by.

use crate::message::{Digest, Identity, PartnerId};
use crate::x12::{Item, ReadError, Reader};

/// One interchange of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gateway) struct Span {
    /// ISA13.
    pub(in crate::gateway) control: String,
    /// What it is known again by: its parties and its control number.
    pub(in crate::gateway) identity: Identity,
    /// The SHA-256 of its bytes, from ISA to IEA.
    pub(in crate::gateway) digest: Digest,
}

/// The interchanges in `bytes`, in order.
pub(in crate::gateway) fn spans(bytes: &[u8], partner: &PartnerId) -> Vec<Span> {
    let mut reader = Reader::over(bytes);
    let mut spans = Vec::new();
    let mut open: Option<(u64, String, String)> = None;
    loop {
        let ended = match reader.next() {
            Ok(None) | Err(ReadError::Io(_)) => break,
            Ok(Some(Item::Interchange(isa))) => {
                let parties = [
                    isa.sender_qualifier(),
                    isa.sender(),
                    isa.receiver_qualifier(),
                    isa.receiver(),
                    isa.control(),
                ];
                open =
                    Some((isa.segment().offset(), isa.control().into_owned(), parties.join("/")));
                false
            }
            Ok(Some(Item::InterchangeEnd(_))) => true,
            Ok(Some(Item::Group(_) | Item::Set(_) | Item::Loose(_) | Item::GroupEnd(_)))
            | Err(ReadError::Syntax(_)) => false,
        };
        if ended && let Some((from, control, key)) = open.take() {
            let range = usize::try_from(from).ok().zip(usize::try_from(reader.offset()).ok());
            let own = range.and_then(|(from, to)| bytes.get(from..to)).unwrap_or_default();
            let identity = Identity::new(format!("isa:{partner}"), key);
            spans.push(Span { control, identity, digest: Digest::of(own.trim_ascii_end()) });
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ISA*00*          *00*          *ZZ*ACME           *ZZ*LAKESIDE       *240102*0304*U*00401*000000007*0*T*>~GS*FA*A*B*20240102*0304*7*X*004010~GE*0*7~IEA*1*000000007~";

    #[test]
    fn each_interchange_is_known_by_its_parties_its_number_and_its_bytes() {
        let acme = PartnerId::new("acme").unwrap();
        let other = ONE.replace("000000007", "000000008");
        let found = spans(format!("{ONE}\r\n\r\n{other}").as_bytes(), &acme);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].identity, Identity::new("isa:acme", "ZZ/ACME/ZZ/LAKESIDE/000000007"));
        assert_eq!(found[0], spans(ONE.as_bytes(), &acme)[0]);
        assert_eq!(found[1], spans(other.as_bytes(), &acme)[0]);
        assert_ne!(found[0].digest, found[1].digest);
        assert!(spans(b"hello", &acme).is_empty());
    }
}
