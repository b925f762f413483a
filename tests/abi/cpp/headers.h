// MAPI as mingw-w64 has it, in the order in which its headers can be read.
#pragma once

#include <windows.h>

#include <ole2.h>

#include <mapidefs.h>
#include <mapicode.h>
#include <mapiguid.h>
#include <mapitags.h>
#include <mapix.h>
#include <mapi.h>
#include <mapispi.h>
#include <mapiutil.h>
#include <mapiform.h>
#include <mapihook.h>
#include <mapioid.h>
#include <mapiwz.h>
#include <imessage.h>
#include <mspst.h>
#include <tnef.h>
