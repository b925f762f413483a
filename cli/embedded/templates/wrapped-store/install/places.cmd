@echo off
rem Where the DLL goes, and where the programs of Outlook's architecture are. The other scripts call this one.
set PLACE=
if "%1"=="64" set "PLACE=%ProgramFiles%\{{id}}"
if "%1"=="64" set "SYSTEM=%SystemRoot%\System32"
if "%1"=="32" if defined ProgramFiles(x86) set "PLACE=%ProgramFiles(x86)%\{{id}}"
if "%1"=="32" if not defined ProgramFiles(x86) set "PLACE=%ProgramFiles%\{{id}}"
if "%1"=="32" set "SYSTEM=%SystemRoot%\SysWOW64"
if "%1"=="32" if not defined ProgramFiles(x86) set "SYSTEM=%SystemRoot%\System32"
if not defined PLACE echo Say which Outlook it is for: 32 or 64. 1>&2 & exit /b 1
exit /b 0
