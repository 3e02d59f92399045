using PockytSimulator;

if (args is ["health", ..])
{
    return await HealthCheck.RunAsync(args[1..]);
}

WebApplication simulator;
try
{
    simulator = Simulator.Build(args);
}
catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
{
    // The state file cannot be read, or belongs to a simulator that runs: one sentence says all there is to say.
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}

await simulator.RunAsync();
return 0;
