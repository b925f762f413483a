//! Which of the provider's objects somebody still holds when the host releases them.

use std::sync::Mutex;

use crate::locks::lock;
use crate::report::Reference;

/// What the `Release`s of the host have answered.
#[derive(Default)]
pub(crate) struct Releases(Mutex<Vec<Object>>);

/// An object that the host has released and that was not gone then, or is being released.
struct Object {
    address: usize,
    what: &'static str,
    /// `Release`s that have not returned, or not been noted, yet.
    under_way: usize,
    /// The lowest answer: they may be noted in a different order from the one in which they were counted.
    left: u32,
}

impl Releases {
    /// Calls `release`, which gives up a reference to the object at `address` and returns how many are left.
    /// No lock is held meanwhile, because the object may call the host.
    pub(crate) fn note(&self, address: usize, what: &'static str, release: impl FnOnce() -> u32) {
        self.begin(address, what);
        self.end(address, release());
    }

    /// References that are left.
    pub(crate) fn left(&self) -> Vec<Reference> {
        let objects = lock(&self.0);
        let told = objects.iter().filter(|object| object.left < u32::MAX);
        let references = told.map(|object| Reference {
            what: object.what,
            count: object.left,
        });
        references.collect()
    }

    fn begin(&self, address: usize, what: &'static str) {
        let mut objects = lock(&self.0);
        if let Some(object) = find(&mut objects, address) {
            // This Release counts again what was left then.
            if object.under_way == 0 {
                object.left = u32::MAX;
            }
            object.under_way += 1;
        } else {
            objects.push(Object {
                address,
                what,
                under_way: 1,
                left: u32::MAX,
            });
        }
    }

    fn end(&self, address: usize, left: u32) {
        let mut objects = lock(&self.0);
        if let Some(object) = find(&mut objects, address) {
            object.under_way -= 1;
            object.left = object.left.min(left);
        }
        objects.retain(|object| object.under_way > 0 || object.left > 0);
    }
}

fn find(objects: &mut [Object], address: usize) -> Option<&mut Object> {
    objects.iter_mut().find(|object| object.address == address)
}

#[cfg(test)]
mod tests {
    use super::Releases;

    fn counts(releases: &Releases) -> Vec<u32> {
        let left = releases.left().into_iter();
        left.map(|reference| reference.count).collect()
    }

    #[test]
    fn what_is_left_is_told_until_it_is_gone() {
        let releases = Releases::default();
        releases.note(1, "a store", || 2);
        releases.note(2, "a store", || 0);
        assert_eq!(counts(&releases), [2]);
        releases.note(1, "a store", || 1);
        assert_eq!(counts(&releases), [1]);
        releases.note(1, "a store", || 0);
        assert_eq!(counts(&releases), []);
    }

    #[test]
    fn the_order_in_which_two_threads_come_back_does_not_matter() {
        let releases = Releases::default();
        // This thread gave up the last reference but one, and reports it late.
        releases.note(1, "a store", || {
            releases.note(1, "a store", || 0);
            1
        });
        assert_eq!(counts(&releases), []);
    }
}
