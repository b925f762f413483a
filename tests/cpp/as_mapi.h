// A process whose program is its MAPI: a copy of this program, named olmapi32.dll, which exports
// MAPIInitialize and MAPIUninitialize. The provider finds it by that name, as it finds Outlook's.
#pragma once

namespace as_mapi {

extern const char SWITCH[];

// Starts the process, shows what it prints, and adds its counts to ours.
void run_in_process(const char *program);

// In that process: leaves the counts for the one that started it.
void report();

} // namespace as_mapi
