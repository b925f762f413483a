@echo off
rem Where the DLL goes, and where the programs of Outlook's architecture are. The other scripts call this one.
set PLACE=
if "%1"=="64" set "PLACE=%ProgramFiles%\{{id}}"
if "%1"=="32" set "PLACE=%ProgramFiles%\{{id}}"
set "SYSTEM=%SystemRoot%\System32"
rem On 64-bit Windows, the 32-bit programs are elsewhere.
if "%1"=="32" if exist "%SystemRoot%\SysWOW64\rundll32.exe" set "PLACE=%ProgramFiles(x86)%\{{id}}"
if "%1"=="32" if exist "%SystemRoot%\SysWOW64\rundll32.exe" set "SYSTEM=%SystemRoot%\SysWOW64"
if not defined PLACE echo Say which Outlook it is for: 32 or 64. 1>&2
