//! Any bytes: examined and answered; the answer can be read, and is not answered itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wharf::ack::{Acknowledger, FunctionalPolicy, InterchangePolicy, Numbers, Options, Reply};
use wharf::grammar::{Examiner, Library};
use wharf::x12::{ReadError, Reader};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::shipped);

fn answers(data: &[u8], functional: FunctionalPolicy) -> Vec<Vec<u8>> {
    let options =
        Options { interchange: InterchangePolicy::OnError, functional, ..Options::default() };
    let mut acknowledger = Acknowledger::new(options);
    let mut examiner = Examiner::new(&LIBRARY, wharf::grammar::Options::default());
    let mut reader = Reader::new(data);
    let mut answers = vec![];
    loop {
        let reply = match reader.next() {
            Ok(None) => return answers,
            Ok(Some(item)) => {
                let examined = examiner.item(&item).unwrap();
                acknowledger.item(&item, &examined.findings).unwrap()
            }
            Err(ReadError::Syntax(error)) => acknowledger.fault(&examiner.fault(&error)),
            Err(ReadError::Io(error)) => panic!("a slice failed: {error}"),
        };
        if let Some(Reply::Answer(answer)) = reply {
            let numbers = Numbers { interchange: 1, group: 1, set: 1 };
            let at = jiff::civil::date(2026, 11, 15).at(9, 30, 0, 0);
            answers.push(answer.write(numbers, at).unwrap());
        }
    }
}

fuzz_target!(|data: &[u8]| {
    for functional in [FunctionalPolicy::Auto, FunctionalPolicy::Implementation] {
        for answer in answers(data, functional) {
            let mut reader = Reader::new(&answer[..]);
            while reader.next().expect("an answer that can be read").is_some() {}
            assert!(answers(&answer, functional).is_empty(), "an answer was answered");
        }
    }
});
