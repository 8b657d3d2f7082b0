//! Any bytes: read to the end, every element looked at.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wharf::x12::{Item, ReadError, Reader};

fuzz_target!(|data: &[u8]| {
    let mut reader = Reader::new(data);
    loop {
        match reader.next() {
            Ok(None) => break,
            Ok(Some(Item::Set(set))) => {
                for segment in set.segments() {
                    let _ = segment.elements().map(|element| element.text().len()).sum::<usize>();
                }
            }
            Ok(Some(_)) | Err(ReadError::Syntax(_)) => {}
            Err(ReadError::Io(error)) => panic!("a slice failed: {error}"),
        }
    }
});
