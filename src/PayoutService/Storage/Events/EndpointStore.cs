using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Events;

/// <summary>What became of a wish to register an endpoint.</summary>
internal abstract record EndpointRegistered
{
    public sealed record Created(WebhookEndpoint Endpoint) : EndpointRegistered;

    /// <summary>The merchant has an endpoint with this address.</summary>
    public sealed record Replayed(WebhookEndpoint Endpoint) : EndpointRegistered;

    /// <summary>The merchant has as many as it may have.</summary>
    public sealed record TooMany : EndpointRegistered;
}

/// <summary>Webhook endpoints: who is told of a merchant's events, and where.</summary>
internal sealed class EndpointStore(IDbContextFactory<PayoutDb> databases, DatabaseClock clock, WakeUps wakeUps)
{
    /// <summary>The number of endpoints that a merchant may have.</summary>
    public const int Most = 20;

    /// <summary>Registers an endpoint; what happened before is not sent to it.</summary>
    public async Task<EndpointRegistered> RegisterAsync(
        string merchant, string url, string[]? eventTypes, string? description)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.Database.SqlQuery<string>($"""
            -- webhook_endpoints.lock
            SELECT pg_advisory_xact_lock(hashtext('webhook_endpoints'), hashtext({merchant}))::text AS "Value"
            """).SingleAsync();
        var mine = await db.WebhookEndpoints.Where(row => row.Merchant == merchant).ToListAsync();
        if (mine.Find(row => row.Url == url) is { } known)
        {
            return new EndpointRegistered.Replayed(known);
        }

        if (mine.Count == Most)
        {
            return new EndpointRegistered.TooMany();
        }

        var now = clock.GetUtcNow();
        var endpoint = new WebhookEndpoint
        {
            Id = Guid.CreateVersion7(now),
            Merchant = merchant,
            Url = url,
            EventTypes = eventTypes,
            Description = description,
            Cursor = await db.Feeds.Where(feed => feed.Merchant == merchant).Select(feed => feed.Newest)
                .SingleOrDefaultAsync(),
            CreatedAt = now,
            UpdatedAt = now,
        };
        db.Add(endpoint);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return new EndpointRegistered.Created(endpoint);
    }

    /// <summary>The endpoints of a merchant, oldest first.</summary>
    public async Task<List<WebhookEndpoint>> AllAsync(string merchant)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.WebhookEndpoints.AsNoTracking().Where(row => row.Merchant == merchant).OrderBy(row => row.Id)
            .ToListAsync();
    }

    /// <summary>One endpoint of a merchant; null when there is none.</summary>
    public async Task<WebhookEndpoint?> FindAsync(string merchant, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.WebhookEndpoints.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Merchant == merchant && row.Id == id);
    }

    /// <summary>Changes an endpoint.</summary>
    /// <returns>As it is now; null when there is none.</returns>
    public async Task<WebhookEndpoint?> ChangeAsync(string merchant, Guid id, Action<WebhookEndpoint> change)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var rows = await db.WebhookEndpoints.FromSql($"SELECT * FROM webhook_endpoints WHERE id = {id} FOR UPDATE")
            .ToListAsync();
        if (rows.SingleOrDefault(row => row.Merchant == merchant) is not { } endpoint)
        {
            return null;
        }

        change(endpoint);
        endpoint.Version++;
        endpoint.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return endpoint;
    }

    /// <summary>Removes an endpoint and what was sent to it.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(string merchant, Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.WebhookEndpoints.Where(row => row.Merchant == merchant && row.Id == id)
            .ExecuteDeleteAsync() > 0;
    }

    /// <summary>The rotation of a secret: the one before signs too, for a day.</summary>
    public Task<WebhookEndpoint?> RotateAsync(string merchant, Guid id) => ChangeAsync(merchant, id, endpoint =>
    {
        endpoint.Generation++;
        endpoint.RotatedAt = clock.GetUtcNow();
    });

    /// <summary>Has a delivery sent again, whatever became of it.</summary>
    /// <returns>As it is now; null when the merchant has none.</returns>
    public async Task<Delivery?> ResendAsync(string merchant, Guid deliveryId)
    {
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        var rows = await db.Deliveries.FromSql($"""
            -- deliveries.resend
            UPDATE deliveries SET status = 'pending', due_at = {now}, asked_again_at = {now}, failures = 0
            FROM webhook_endpoints AS endpoint
            WHERE deliveries.id = {deliveryId} AND endpoint.id = endpoint_id AND endpoint.merchant = {merchant}
            RETURNING deliveries.*
            """).AsNoTracking().ToListAsync();
        wakeUps.Signal(Work.Feeds);
        return rows.SingleOrDefault();
    }

    /// <summary>One delivery of a merchant; null when there is none.</summary>
    public async Task<Delivery?> FindDeliveryAsync(string merchant, Guid deliveryId)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Deliveries.AsNoTracking()
            .Where(row => row.Id == deliveryId)
            .Where(row => db.WebhookEndpoints.Any(one => one.Id == row.EndpointId && one.Merchant == merchant))
            .SingleOrDefaultAsync();
    }

    /// <summary>The deliveries of an endpoint, newest first.</summary>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="status">Only these; null: all.</param>
    /// <param name="before">Only those of earlier events than this sequence; null: from the newest.</param>
    /// <param name="limit">How many.</param>
    public async Task<List<(Delivery Delivery, DeliveryAttempt? Last)>> DeliveriesAsync(
        Guid endpointId, DeliveryStatus? status, long? before, int limit)
    {
        await using var db = await databases.CreateDbContextAsync();
        var rows = db.Deliveries.AsNoTracking().Where(row => row.EndpointId == endpointId);
        rows = status is null ? rows : rows.Where(row => row.Status == status);
        rows = before is null ? rows : rows.Where(row => row.Sequence < before);
        var found = await rows.OrderByDescending(row => row.Sequence).Take(limit).ToListAsync();
        var ids = found.Select(row => row.Id).ToArray();
        var last = await db.DeliveryAttempts.AsNoTracking()
            .Where(attempt => ids.Contains(attempt.DeliveryId))
            .GroupBy(attempt => attempt.DeliveryId)
            .Select(attempts => attempts.OrderByDescending(attempt => attempt.No).First())
            .ToDictionaryAsync(attempt => attempt.DeliveryId);
        return [.. found.Select(row => (row, last.GetValueOrDefault(row.Id)))];
    }
}
