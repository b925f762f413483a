@echo off
rem install.cmd 32|64: installs {{id}}32.dll for the Outlook of this machine. Run it as administrator.
setlocal
call "%~dp0places.cmd" %1 || exit /b 2
if not exist "%~dp0{{id}}32.dll" echo {{id}}32.dll must lie beside this script. 1>&2 & exit /b 1
if not exist "%PLACE%" mkdir "%PLACE%" || exit /b 1
copy /y "%~dp0{{id}}32.dll" "%PLACE%\{{id}}32.dll" >nul || exit /b 1
"%SYSTEM%\rundll32.exe" "%PLACE%\{{id}}32.dll",MergeWithMAPISVC
echo Installed in %PLACE%
