namespace PayoutService.Payouts;

/// <summary>The kind of an <see cref="Actor"/>.</summary>
internal enum ActorKind
{
    /// <summary>A caller of the API, by the name of the key.</summary>
    ApiKey,

    /// <summary>A worker of this service.</summary>
    Worker,

    /// <summary>The provider, by an answer or a notification.</summary>
    Provider,

    /// <summary>An operator's decision, as a report to the state machine.</summary>
    Operator,

    /// <summary>The check for a restored database.</summary>
    Restore,
}

/// <summary>The actor that made a change: a kind and a name. The history keeps the name; no API key may have a name of
/// another kind, so the name tells the kind.</summary>
internal sealed record Actor
{
    private static readonly Dictionary<string, Actor> Own = new(StringComparer.OrdinalIgnoreCase);

    private Actor(ActorKind kind, string name)
    {
        Kind = kind;
        Name = name;
    }

    public static Actor Dispatcher { get; } = Reserve(ActorKind.Worker, "dispatcher");

    public static Actor Reconciler { get; } = Reserve(ActorKind.Worker, "reconciler");

    public static Actor Provider { get; } = Reserve(ActorKind.Provider, "pockyt");

    public static Actor Deliverer { get; } = Reserve(ActorKind.Worker, "deliverer");

    public static Actor Operator { get; } = Reserve(ActorKind.Operator, "operator");

    /// <summary>What says whether payees and accounts are clean.</summary>
    public static Actor Screening { get; } = Reserve(ActorKind.Worker, "screening");

    public static Actor Restore { get; } = Reserve(ActorKind.Restore, "restore");

    public ActorKind Kind { get; }

    public string Name { get; }

    /// <summary>True for a name that no API key may have.</summary>
    public static bool IsReserved(string name) => Own.ContainsKey(name);

    public static Actor ApiKey(string name) => new(ActorKind.ApiKey, name);

    /// <summary>The actor of a name in the history.</summary>
    public static Actor Named(string name) => Own.TryGetValue(name, out var actor) ? actor : ApiKey(name);

    public override string ToString() => Name;

    private static Actor Reserve(ActorKind kind, string name) => Own[name] = new(kind, name);
}
