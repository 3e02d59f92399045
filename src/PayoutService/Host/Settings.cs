using System.Text;
using PayoutService.Api.Http;
using PayoutService.Api.Payees;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Storage;
using PayoutService.Storage.Events;

namespace PayoutService.Host;

/// <summary>A setting is missing or unsafe.</summary>
internal sealed class SettingsException(string message) : Exception(message);

/// <summary>All settings, read once and checked before anything starts.</summary>
internal sealed class Settings
{
    /// <summary>Time that a lease must have to spare for the claim and for reading payee and account before the send.
    /// </summary>
    private static readonly TimeSpan LeastLook = TimeSpan.FromSeconds(1);

    public required PayoutRules Payouts { get; init; }

    public required PockytOptions Pockyt { get; init; }

    public required ApiKey[] ApiKeys { get; init; }

    public required Limits Limits { get; init; }

    public required PayeeRules Payees { get; init; }

    public required ControlSettings Controls { get; init; }

    public required EventRules Events { get; init; }

    public required Network Network { get; init; }

    public required TelemetrySettings Telemetry { get; init; }

    public required byte[] FingerprintKey { get; init; }

    public required ConnectionStrings Databases { get; init; }

    public required bool RunsApi { get; init; }

    public required bool RunsWorkers { get; init; }

    /// <summary>True when Swagger UI and the OpenAPI document are served.</summary>
    public required bool ShowsSwagger { get; init; }

    public static Settings Read(IConfigurationRoot configuration, IHostEnvironment environment)
    {
        var roles = configuration.GetValue("Roles", "api,workers")!.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var fingerprintKey = configuration.GetValue("FingerprintKey", "")!;
        var service = configuration.GetConnectionString("Payouts") ?? "";
        var owner = configuration.GetConnectionString("Owner");
        var pockyt = SettingLists.Read<PockytOptions>(configuration, "Pockyt");
        var telemetry = SettingLists.Read<TelemetrySettings>(configuration, "Telemetry");
        var settings = new Settings
        {
            Payouts = SettingLists.Read<PayoutRules>(configuration, "Payouts"),
            Pockyt = pockyt,
            ApiKeys = ApiKeysOf(configuration),
            Limits = SettingLists.Read<Limits>(configuration, "Limits"),
            Payees = SettingLists.Read<PayeeRules>(configuration, "Payees"),
            Controls = ControlSettings.Read(configuration, pockyt.Merchants.Keys, !environment.IsDevelopment()),
            Events = SettingLists.Read<EventRules>(configuration, "Events"),
            Network = new Network(configuration, telemetry.MetricsPort),
            Telemetry = telemetry,
            FingerprintKey = Encoding.UTF8.GetBytes(fingerprintKey),
            Databases = new ConnectionStrings(
                service,
                owner is { Length: > 0 } ? owner : service,
                configuration.GetValue("Database:BehindPooler", false)),
            RunsApi = roles.Contains("api"),
            RunsWorkers = roles.Contains("workers"),
            ShowsSwagger = configuration.GetValue("Swagger", true),
        };
        List<string> problems =
            [.. SecretsFile.Problems(configuration), .. settings.Problems(roles, environment.IsDevelopment())];
        return problems.Count == 0 ? settings : throw new SettingsException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>The API keys as the settings say them now.</summary>
    public static ApiKey[] ApiKeysOf(IConfigurationRoot configuration) =>
        SettingLists.List<ApiKey>(configuration, "ApiKeys") ?? [];

    /// <summary>A merchant's tokens and notice secrets as the settings say them now.</summary>
    public static MerchantSecrets SecretsOf(IConfigurationRoot configuration, string merchant) => new(
        SettingLists.List<string>(configuration, $"Pockyt:Merchants:{merchant}:{nameof(PockytMerchant.Tokens)}") ?? [],
        SettingLists.List<string>(configuration, $"Pockyt:Merchants:{merchant}:{nameof(PockytMerchant.IpnSecrets)}")
            ?? []);

    private IEnumerable<string> Problems(string[] roles, bool development)
    {
        if (roles.Except(["api", "workers"]).FirstOrDefault() is { } unknown || !(RunsApi || RunsWorkers))
        {
            yield return "Roles must be api, workers, or both with a comma.";
        }

        if (Databases.Service.Length == 0)
        {
            yield return "ConnectionStrings:Payouts is missing: name the PostgreSQL database.";
        }

        foreach (var problem in StorageSetup.Problems(Databases, development))
        {
            yield return problem;
        }

        if (FingerprintKey.Length == 0)
        {
            yield return "FingerprintKey is missing: set a secret of 16 characters or more, and keep it, "
                + "or repeated requests are no longer recognized.";
        }
        else if (Secret.Weakness(Encoding.UTF8.GetString(FingerprintKey), development) is { } weakness)
        {
            yield return $"FingerprintKey {weakness}.";
        }

        var needed = Pockyt.Timeout + PayoutRules.Margin + LeastLook;
        if (Payouts.Lease <= 2 * Pockyt.Timeout || Payouts.Lease < needed)
        {
            yield return $"Payouts:Lease ({Payouts.Lease}) must be more than twice Pockyt:Timeout ({Pockyt.Timeout}), "
                + $"and at least {needed}: payee and account may have to be read before a send, which must end, "
                + "and be written down, before its lease ends.";
        }

        if (Payouts.AtOnce < 1 || Pockyt.MaxConnections < 1)
        {
            yield return "Payouts:AtOnce and Pockyt:MaxConnections must be 1 or more, or nothing is ever sent.";
        }

        TimeSpan[][] schedules = [Payouts.AskDelays, Payouts.HoldDelays, Payouts.PayeeLookDelays];
        TimeSpan[] times = [Payouts.PollInterval, Pockyt.Timeout, .. schedules.SelectMany(schedule => schedule)];
        if (times.Any(time => time <= TimeSpan.Zero) || schedules.Any(schedule => schedule.Length == 0))
        {
            yield return "Payouts:PollInterval, AskDelays, HoldDelays and PayeeLookDelays and Pockyt:Timeout "
                + "must be more than zero.";
        }

        if (Events.Keys is [] && !development)
        {
            yield return "Events:Keys is missing: set a secret of 16 characters or more, from which those of webhook "
                + "endpoints are derived.";
        }

        foreach (var weakness in Events.Keys.Select(key => Secret.Weakness(key, development)).OfType<string>())
        {
            yield return $"A secret of Events:Keys {weakness}.";
        }

        foreach (var problem in Limits.Problems().Concat(Network.Problems()).Concat(Payees.Problems())
            .Concat(Events.Problems()).Concat(Telemetry.Problems()).Concat(Controls.Problems(development)))
        {
            yield return problem;
        }

        foreach (var problem in Pockyt.Problems(development))
        {
            yield return problem;
        }

        foreach (var problem in ApiKeyTable.Problems(ApiKeys, Pockyt.Merchants.Keys, development))
        {
            yield return problem;
        }
    }
}
