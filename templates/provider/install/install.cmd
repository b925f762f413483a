@echo off
rem install.cmd 32|64: installs {{id}}32.dll for the Outlook of this machine. Run it as administrator.
setlocal
call "%~dp0places.cmd" %1
if not defined PLACE exit /b 2
if not exist "%PLACE%" mkdir "%PLACE%"
copy /y "%~dp0{{id}}32.dll" "%PLACE%\{{id}}32.dll"
if errorlevel 1 exit /b 1
"%SYSTEM%\rundll32.exe" "%PLACE%\{{id}}32.dll",MergeWithMAPISVC
echo Installed in %PLACE%
