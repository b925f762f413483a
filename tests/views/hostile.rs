//! Structures of arbitrary numbers, made by [`pools`](crate::pools): whatever is in memory is read or refused.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::pools::outcomes;

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    vec(any::<u32>(), 64..96)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_is_in_memory_is_read_or_refused(numbers in numbers()) {
        outcomes(numbers);
    }
}

/// The test above is worth something only if much is read, and much refused.
#[test]
fn both_are_common() {
    let mut runner = TestRunner::deterministic();
    let mut read = [0_u32; 4];
    for _ in 0..500 {
        let numbers = numbers().new_tree(&mut runner).expect("numbers").current();
        for (count, outcome) in read.iter_mut().zip(outcomes(numbers)) {
            *count += u32::from(outcome);
        }
    }
    for count in read {
        assert!((50..450).contains(&count), "{read:?}");
    }
}
