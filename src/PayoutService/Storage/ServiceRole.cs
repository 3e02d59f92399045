using Npgsql;

namespace PayoutService.Storage;

/// <summary>
/// The role the service runs as when another owns its tables: it reads and writes rows, changes no table, and can
/// neither change nor delete what is only ever added to.
/// </summary>
/// <param name="Name">As in the connection string of the service.</param>
/// <param name="Password">For making it; null where the server asks for none.</param>
/// <param name="BehindPooler">Its sessions begin without options, so the role has their settings.</param>
internal sealed record ServiceRole(string Name, string? Password, bool BehindPooler = false)
{
    private static readonly (string Rights, string[] Tables)[] Grants =
    [
        ("SELECT", ["\"__EFMigrationsHistory\""]),
        ("SELECT, INSERT", ["data_protection_keys", "history", "idempotency_keys", "notices", "operator_acts",
            "payout_events", "restores", "restore_clearances", "rule_sets"]),

        // Of the payout that comes after its notice; a trigger lets it be set once.
        ("UPDATE (payout_id)", ["notices"]),
        ("SELECT, INSERT, UPDATE",
            ["approvals", "call_counts", "delivery_counts", "feed_balances", "feeds", "payout_counts", "payout_times",
                "payouts", "screenings"]),
        ("SELECT, UPDATE", ["feed_progress"]),
        ("SELECT, INSERT, UPDATE, DELETE",
            ["accounts", "batch_rows", "batches", "deliveries", "delivery_attempts", "feed_entries", "feed_gaps",
                "payees", "payors", "pauses", "provider_calls", "recoveries", "refunds", "replicas",
                "webhook_endpoints"]),
        ("USAGE", ["SEQUENCE sending_versions, line_numbers"]),
    ];

    /// <summary>The role that the service connects as, unless it is the owner.</summary>
    public static ServiceRole? Of(ConnectionStrings databases)
    {
        var runs = new NpgsqlConnectionStringBuilder(databases.Service);
        return runs.Username is { Length: > 0 } name
            && name != new NpgsqlConnectionStringBuilder(databases.Owner).Username
            ? new ServiceRole(name, runs.Password, databases.BehindPooler) : null;
    }

    /// <summary>Makes the role unless it exists, and gives it exactly its rights.</summary>
    /// <param name="owner">A connection of the role that owns the tables.</param>
    public async Task GrantAsync(NpgsqlConnection owner)
    {
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", owner);
        exists.Parameters.AddWithValue(Name);
        var isThere = await exists.ExecuteScalarAsync() is not null;
        var role = $"\"{Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await using var batch = new NpgsqlBatch(owner);
        if (!isThere)
        {
            var password = Password?.Replace("'", "''", StringComparison.Ordinal);
            Add($"CREATE ROLE {role} LOGIN" + (password is null ? "" : $" PASSWORD '{password}'"));
        }

        Add($"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}");
        Add($"GRANT USAGE ON SCHEMA public TO {role}");
        foreach (var (rights, tables) in Grants)
        {
            Add($"GRANT {rights} ON {string.Join(", ", tables)} TO {role}");
        }

        if (BehindPooler)
        {
            Add($"ALTER ROLE {role} SET random_page_cost = 1.1");
            Add($"ALTER ROLE {role} SET jit = 'off'");
            Add($"ALTER ROLE {role} SET synchronous_commit = 'on'");
        }

        await batch.ExecuteNonQueryAsync();

        void Add(string sql) => batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
    }
}
