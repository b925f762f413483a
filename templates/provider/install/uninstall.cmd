@echo off
rem uninstall.cmd 32|64: removes what install.cmd installed. Close Outlook, and run it as administrator.
setlocal
call "%~dp0places.cmd" %1
if not defined PLACE exit /b 2
if not exist "%PLACE%\{{id}}32.dll" echo It is not installed in %PLACE% 1>&2
if not exist "%PLACE%\{{id}}32.dll" exit /b 1
"%SYSTEM%\rundll32.exe" "%PLACE%\{{id}}32.dll",RemoveFromMAPISVC
del "%PLACE%\{{id}}32.dll"
if exist "%PLACE%\{{id}}32.dll" exit /b 1
rmdir "%PLACE%"
echo Removed from %PLACE%
