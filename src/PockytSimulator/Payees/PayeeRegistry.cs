using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using PockytSimulator.Notices;
using PockytSimulator.State;

namespace PockytSimulator.Payees;

/// <summary>A registered payee: what it was registered with, by Pockyt's member names.</summary>
internal sealed class Payee(string merchantNo, string customerNo, string status, DateTimeOffset createdAt)
{
    // A payee that names no language gets English.
    private readonly ConcurrentDictionary<string, string> _profile = new(StringComparer.Ordinal) { ["lang"] = "en" };
    private readonly ConcurrentQueue<Account> _accounts = new();

    /// <summary>Whose payee this is; for another merchant there is no such payee.</summary>
    public string MerchantNo => merchantNo;

    public string CustomerNo => customerNo;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public DateTimeOffset UpdatedAt { get; set; } = createdAt;

    public string Status { get; set; } = status;

    public bool IsPayable => Status.Equals("Activated", StringComparison.OrdinalIgnoreCase);

    public IReadOnlyCollection<Account> Accounts => [.. _accounts.Where(account => !account.IsDeleted)];

    public string? this[string name]
    {
        get => _profile.GetValueOrDefault(name);
        set => _profile[name] = value ?? "";
    }

    public void Add(Account account) => _accounts.Enqueue(account);
}

/// <summary>An account of a payee.</summary>
internal sealed class Account
{
    public required string Token { get; init; }

    public required string CustomerNo { get; init; }

    public required string? Tag { get; init; }

    public required string Type { get; init; }

    public required string Country { get; init; }

    public required string Currency { get; init; }

    /// <summary>All that may be shown of the number: stars and its last four characters.</summary>
    public required string MaskedNumber { get; init; }

    public required string? IpnUrl { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Status { get; set; }

    public bool IsDeleted { get; set; }

    public static string Mask(string number) => "****" + (number.Length > 4 ? number[^4..] : number);

    [JsonIgnore]
    public bool IsPayable => Status.Equals("ACTIVATED", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// All payees and their accounts. customerCode, email and governmentId name one payee of a merchant each.
/// </summary>
internal sealed class PayeeRegistry(Journal journal)
{
    private static readonly string[] UniqueNames = ["customerCode", "email", "governmentId"];

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Payee> _byNo = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    // E-mail addresses differing only in case are one address; for the other names Pockyt says nothing else.
    private readonly ConcurrentDictionary<(string MerchantNo, string Name, string Value), Payee> _owners = new();

    public IReadOnlyList<Payee> All => [.. _byNo.Values.OrderBy(payee => payee.CustomerNo, StringComparer.Ordinal)];

    public Payee? Find(string? customerNo) => customerNo is null ? null : _byNo.GetValueOrDefault(customerNo);

    public Payee? FindOf(Merchant merchant, string? customerNo) =>
        Find(customerNo) is { } payee && payee.MerchantNo == merchant.No ? payee : null;

    public Payee? FindByCode(Merchant merchant, string customerCode) =>
        _owners.GetValueOrDefault(Key(merchant.No, "customerCode", customerCode));

    public Payee? FindByEmail(Merchant merchant, string email) =>
        _owners.GetValueOrDefault(Key(merchant.No, "email", email));

    public Account? FindAccount(string? token) =>
        token is not null && _accounts.TryGetValue(token, out var account) && !account.IsDeleted ? account : null;

    public Account? FindAccountOf(Merchant merchant, string? token) =>
        FindAccount(token) is { } account && FindOf(merchant, account.CustomerNo) is not null ? account : null;

    /// <summary>
    /// Writes the members to the payee, new or known, and answers null; or writes nothing and answers the name of
    /// the member by which another payee is known already.
    /// </summary>
    public string? Write(Payee payee, IReadOnlyDictionary<string, string> members, DateTimeOffset at)
    {
        lock (_gate)
        {
            var claims = UniqueNames
                .Where(name => members.TryGetValue(name, out var value) && value.Length > 0)
                .Select(name => Key(payee.MerchantNo, name, members[name]))
                .ToList();
            foreach (var claim in claims)
            {
                if (_owners.TryGetValue(claim, out var owner) && owner != payee)
                {
                    return claim.Name;
                }
            }

            journal.Record(new JournalEntry.PayeeWritten(
                payee.CustomerNo, payee.Status, payee.CreatedAt, at, members, payee.MerchantNo));
            foreach (var (_, name, _) in claims)
            {
                if (payee[name] is { } before)
                {
                    _owners.TryRemove(Key(payee.MerchantNo, name, before), out _);
                }

                _owners[Key(payee.MerchantNo, name, members[name])] = payee;
            }

            foreach (var (name, value) in members)
            {
                payee[name] = value;
            }

            payee.UpdatedAt = at;
            _byNo[payee.CustomerNo] = payee;
            return null;
        }
    }

    /// <summary>Moves a payee; the plan that asked for it is done with it.</summary>
    public void Move(Payee payee, string status, DateTimeOffset at, string? planNo = null)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.PayeeMoved(payee.CustomerNo, status, at, planNo));
            payee.Status = status;
            payee.UpdatedAt = at;
        }
    }

    public void Add(Payee payee, Account account)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.AccountAdded(account));
            _accounts[account.Token] = account;
            payee.Add(account);
        }
    }

    /// <summary>Moves an account; the notice owed for it is journalled with it.</summary>
    public void Move(Account account, string status, Notice? owed, string? planNo = null)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.AccountMoved(account.Token, status, owed, planNo));
            account.Status = status;
        }
    }

    public void Delete(Account account)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.AccountDeleted(account.Token));
            account.IsDeleted = true;
        }
    }

    private static (string MerchantNo, string Name, string Value) Key(string merchantNo, string name, string value) =>
        (merchantNo, name, name == "email" ? value.ToUpperInvariant() : value);
}
