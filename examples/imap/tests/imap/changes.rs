//! What is done on one side comes to the other, whatever the server can do.

use crate::dovecot::{BARE, NO_CONDSTORE, NO_MOVE, NO_UIDPLUS, Setting, WHOLE};
use crate::world::{World, mail};

const KINDS: [Setting; 5] = [WHOLE, NO_UIDPLUS, NO_CONDSTORE, NO_MOVE, BARE];

fn each_kind(act: impl Fn(&mut World)) {
    for kind in KINDS {
        let Some(mut world) = World::new(&[kind]) else {
            return;
        };
        let mut client = world.client();
        client.say("CREATE Work");
        client.put("INBOX", mail("a").as_bytes(), "\\Seen");
        client.put("INBOX", mail("b").as_bytes(), "");
        client.put("INBOX", mail("e").as_bytes(), "");
        client.put(
            "Work",
            mail("c").as_bytes(),
            "\\Flagged \\Answered $Forwarded later",
        );
        client.put("Work", mail("d").as_bytes(), "");
        world.settle();
        assert_eq!(world.there().len(), 5);
        act(&mut world);
        world.settle();
    }
}

#[test]
fn twoway_28_a_life_in_both_directions_is_the_same_with_and_without_extensions() {
    each_kind(|world| {
        world.move_to("a", "Work");
        world.edit_text("b", "edited");
        world.delete("c");
        world.make_folder("Work", "Deep");
        world.write("Work/Deep", "new here");
        let mut client = world.client();
        client.store("INBOX", "e", "+FLAGS (\\Seen soon)");
        client.remove("Work", "d");
        client.put("Work", mail("new there").as_bytes(), "\\Flagged");
        client.say("CREATE Work/There");
        client.put("Work/There", mail("deep there").as_bytes(), "");
        world.settle();
        let there = world.there();
        let in_folder = |folder: &str, text: &str| {
            let mut found = there.iter();
            found.any(|one| one.0 == folder && one.1.contains(text))
        };
        assert!(in_folder("Work", "Text of a"), "{there:?}");
        assert!(in_folder("INBOX", "edited"), "{there:?}");
        assert!(in_folder("Work/Deep", "new here"), "{there:?}");
        assert!(in_folder("Work/There", "deep there"), "{there:?}");
        assert_eq!(there.len(), 6, "{there:?}");
    });
}
