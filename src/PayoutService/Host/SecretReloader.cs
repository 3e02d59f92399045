using Microsoft.Extensions.Primitives;
using PayoutService.Api.Http;
using PayoutService.Pockyt;

namespace PayoutService.Host;

/// <summary>
/// Takes over tokens, notice secrets and API keys that change in the settings while the service runs: all of them, or
/// none when one is not valid. Nothing else is read again: other settings need a restart.
/// </summary>
internal sealed class SecretReloader(
    PockytOptions options,
    ApiKeyTable keys,
    IConfiguration configuration,
    IHostEnvironment environment,
    ILogger<SecretReloader> logger) : IHostedService, IDisposable
{
    private readonly IConfigurationRoot settings = (IConfigurationRoot)configuration;
    private readonly Lock gate = new();
    private IDisposable? watch;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        watch = ChangeToken.OnChange(settings.GetReloadToken, TakeOver);

        // What changed between the first reading and now.
        TakeOver();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => watch?.Dispose();

    private void TakeOver()
    {
        lock (gate)
        {
            var told = options.Merchants.Keys.ToDictionary(name => name, name => Settings.SecretsOf(settings, name));
            var toldKeys = Settings.ApiKeysOf(settings);
            List<string> problems =
            [
                .. SecretsFile.Problems(settings),
                .. told.SelectMany(one => options.Problems(one.Key, one.Value, environment.IsDevelopment())),
                .. ApiKeyTable.Problems(toldKeys, options.Merchants.Keys, environment.IsDevelopment()),
            ];
            foreach (var problem in problems)
            {
                logger.LogError("{problem} The tokens, notice secrets and API keys in use stay.", problem);
            }

            if (problems.Count > 0)
            {
                return;
            }

            foreach (var (name, secrets) in told)
            {
                if (options.Merchants[name].Use(secrets))
                {
                    logger.LogInformation(
                        "Reloaded secrets of {merchant}: {tokens} tokens, {secrets} notice secrets.",
                        name, secrets.Tokens.Length, secrets.IpnSecrets.Length);
                }
            }

            if (keys.Use(toldKeys))
            {
                logger.LogInformation(
                    "The API keys were changed: now {keys}.", string.Join(", ", toldKeys.Select(key => key.Name)));
            }
        }
    }
}
