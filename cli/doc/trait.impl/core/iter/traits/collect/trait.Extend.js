(function() {
    const implementors = Object.fromEntries([["lib",[["impl <a class=\"trait\" href=\"https://doc.rust-lang.org/1.95.0/core/iter/traits/collect/trait.Extend.html\" title=\"trait core::iter::traits::collect::Extend\">Extend</a>&lt;<a class=\"struct\" href=\"lib/thing/struct.ThingFlags.html\" title=\"struct lib::thing::ThingFlags\">ThingFlags</a>&gt; for <a class=\"struct\" href=\"lib/thing/struct.ThingFlags.html\" title=\"struct lib::thing::ThingFlags\">ThingFlags</a>",0]]]]);
    if (window.register_implementors) {
        window.register_implementors(implementors);
    } else {
        window.pending_implementors = implementors;
    }
})()
//{"start":59,"fragment_lengths":[432]}