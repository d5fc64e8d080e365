//! Redundant sound, RFC 2198: earlier packets go along with a new one.

/// The largest step back in time that a block can name, samples.
const MOST_OFFSET: u32 = (1 << 14) - 1;
/// The largest earlier packet that fits a block.
const MOST_LENGTH: usize = (1 << 10) - 1;
/// More blocks than this nobody sends.
const MOST_BLOCKS: usize = 8;

/// One packet inside a redundant one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Block<'a> {
    /// How much earlier than the new packet it begins, in samples; 0 of the new one.
    pub(crate) offset: u32,
    pub(crate) payload: &'a [u8],
}

/// The packets inside a payload, the new one last. None where its lengths don't fit it.
pub(crate) fn parse(payload: &[u8]) -> Option<Vec<Block<'_>>> {
    let mut headers = Vec::new();
    let mut rest = payload;
    loop {
        let (first, after) = rest.split_first()?;
        if first & 0x80 == 0 {
            rest = after;
            break;
        }
        let ([high, middle, low], after) = after.split_first_chunk::<3>()?;
        let bits = u32::from_be_bytes([0, *high, *middle, *low]);
        headers.push((bits >> 10, (bits & 0x3ff) as usize));
        rest = after;
        if headers.len() > MOST_BLOCKS {
            return None;
        }
    }
    let mut blocks = Vec::with_capacity(headers.len() + 1);
    for (offset, length) in headers {
        let (payload, after) = rest.split_at_checked(length)?;
        rest = after;
        // Some senders fill up with blocks of nothing.
        if length > 0 && offset > 0 {
            blocks.push(Block { offset, payload });
        }
    }
    if rest.is_empty() {
        return None;
    }
    blocks.push(Block {
        offset: 0,
        payload: rest,
    });
    Some(blocks)
}

/// Writes a packet with the one before it, where that fits; `out` is emptied first.
pub(crate) fn write(payload_type: u8, earlier: Option<Block<'_>>, new: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let earlier = earlier.filter(|block| {
        (1..=MOST_OFFSET).contains(&block.offset)
            && (1..=MOST_LENGTH).contains(&block.payload.len())
    });
    if let Some(block) = earlier {
        let bits = (block.offset << 10) | block.payload.len() as u32;
        let [_, high, middle, low] = bits.to_be_bytes();
        out.extend([0x80 | payload_type, high, middle, low]);
    }
    out.push(payload_type & 0x7f);
    out.extend(earlier.iter().flat_map(|block| block.payload));
    out.extend(new);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        let earlier = Block {
            offset: 960,
            payload: &[1, 2, 3],
        };
        write(111, Some(earlier), &[4, 5], &mut out);
        assert_eq!(out[0], 0x80 | 111);
        assert_eq!(
            parse(&out).unwrap(),
            [
                earlier,
                Block {
                    offset: 0,
                    payload: &[4, 5]
                }
            ]
        );
        write(111, None, &[4, 5], &mut out);
        assert_eq!(
            parse(&out).unwrap(),
            [Block {
                offset: 0,
                payload: &[4, 5]
            }]
        );
    }

    #[test]
    fn what_does_not_fit_a_block_is_left_out() {
        let long = vec![7; 1024];
        for earlier in [
            Block {
                offset: 960,
                payload: &long,
            },
            Block {
                offset: 1 << 14,
                payload: &[1],
            },
        ] {
            let mut out = Vec::new();
            write(111, Some(earlier), &[4], &mut out);
            assert_eq!(out, [111, 4]);
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&[111]), None, "nothing new");
        assert_eq!(parse(&[0x80 | 111, 0, 0]), None, "half a header");
        assert_eq!(
            parse(&[0x80 | 111, 0, 4, 9, 111, 1, 2]),
            None,
            "nine bytes said, two there"
        );
        assert_eq!(parse(&[0xff; 200]), None, "headers without an end");
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some(blocks) = parse(&bytes) {
                let total: usize = blocks.iter().map(|block| block.payload.len()).sum();
                prop_assert!(total < bytes.len());
                prop_assert!(blocks.len() <= MOST_BLOCKS + 1);
            }
        }
    }
}
