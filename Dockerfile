# Two images from one file: the service (the default target) and the simulator of Pockyt.
#   docker build -t payout-service .
#   docker build -t pockyt-simulator --target simulator .

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS restore
WORKDIR /source
# Only what decides on packages is copied here, so that a change of code does not download them again.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/PayoutService/PayoutService.csproj src/PayoutService/
COPY src/PockytSimulator/PockytSimulator.csproj src/PockytSimulator/
# The runtime is that of the machine that builds, x64 or arm64, because precompiled code is made for one of them.
RUN dotnet restore src/PayoutService --use-current-runtime -p:PublishReadyToRun=true \
 && dotnet restore src/PockytSimulator --use-current-runtime -p:PublishReadyToRun=true
# The settings files are named one by one: a file with secrets that lies beside them must not get into an image.
# Development's is for docker-compose.yml; outside Development it is not read.
COPY .editorconfig BannedSymbols.txt appsettings.json appsettings.Development.json ./

# Code is precompiled because a service that has just started is given work at once, and the health check starts a
# process every few seconds.
FROM restore AS publish-simulator
COPY src/PockytSimulator/ src/PockytSimulator/
RUN dotnet publish src/PockytSimulator --no-restore --configuration Release --output /app \
    --use-current-runtime --self-contained false -p:PublishReadyToRun=true -p:UseAppHost=false

FROM restore AS publish-service
COPY src/PayoutService/ src/PayoutService/
RUN dotnet publish src/PayoutService --no-restore --configuration Release --output /app \
    --use-current-runtime --self-contained false -p:PublishReadyToRun=true -p:UseAppHost=false

# The files belong to root and the program runs as the base image's unprivileged user, so it cannot change itself.
FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS runtime
WORKDIR /app
# The health checks ask at this port too, so it is said here and not left to the base image.
ENV ASPNETCORE_HTTP_PORTS=8080
# Nobody attaches a debugger or a profiler; the files and sockets for that are not made either.
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8080
USER $APP_UID

FROM runtime AS simulator
# A volume mounted here starts with this folder's owner, so that the program may write its state file.
USER root
RUN mkdir /state && chown $APP_UID /state
USER $APP_UID
COPY --from=publish-simulator /app .
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["dotnet", "PockytSimulator.dll", "health"]
ENTRYPOINT ["dotnet", "PockytSimulator.dll"]

# Last, so that it is what is built when no target is named. The argument "migrate" updates the database and ends.
FROM runtime AS service
# Fewer garbage collections for 64 MiB: docs/adr/0027-fewer-collections-for-64-mib.md.
ENV DOTNET_GCgen0size=0x4000000
COPY --from=publish-service /app .
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["dotnet", "PayoutService.dll", "health"]
ENTRYPOINT ["dotnet", "PayoutService.dll"]
