window.ALL_CRATES = ["lib"];
//{"start":21,"fragment_lengths":[5]}