//! Any bytes: read to the end, every element looked at, the same in memory and in small pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::{self, Read};
use wharf::x12::{Item, ReadError, Reader, Source};

fuzz_target!(|data: &[u8]| {
    assert_eq!(read(Reader::over(data)), read(Reader::new(Drip(data))));
});

/// Where each item stands, and how much data it holds.
fn read(mut reader: Reader<impl Source>) -> Vec<(u64, u64, usize)> {
    let mut items = vec![];
    loop {
        items.push(match reader.next() {
            Ok(None) => return items,
            Ok(Some(Item::Set(set))) => {
                let elements = set.segments().flat_map(|segment| segment.elements());
                (set.offset(), set.line(), elements.map(|element| element.text().len()).sum())
            }
            Ok(Some(Item::Loose(segment))) => {
                (segment.offset(), segment.line().unwrap_or(0), segment.bytes().len())
            }
            Ok(Some(_)) => (0, 0, 0),
            Err(ReadError::Syntax(fault)) => (fault.offset, fault.line, 1),
            Err(ReadError::Io(error)) => panic!("a slice failed: {error}"),
        });
    }
}

/// Gives seven bytes at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most = room.len().min(7);
        self.0.read(&mut room[..most])
    }
}
