// How many handles this process has.
#pragma once

// GetProcessHandleCount answers 0 under Wine, so the whole system's table is asked.
int handle_count();
