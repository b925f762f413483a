// A process whose program is its MAPI: a copy of this program, named olmapi32.dll, which exports
// MAPIInitialize and MAPIUninitialize. The provider finds it by that name, as it finds Outlook's.
#pragma once

namespace as_mapi {

// The argument that makes a process one of these.
extern const char SWITCH[];

// Starts such a process and adds its counts to ours.
void run_in_process();

// The exit code of such a process: it carries the counts.
int exit_code();

} // namespace as_mapi
