createSrcSidebar('[["lib",["",[],["lib.rs","thing.rs"]]]]');
//{"start":19,"fragment_lengths":[37]}