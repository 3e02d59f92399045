using PockytSimulator;

if (args is ["health", ..])
{
    return await HealthCheck.RunAsync(args[1..]);
}

await Simulator.Build(args).RunAsync();
return 0;
