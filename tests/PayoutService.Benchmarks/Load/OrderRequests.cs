using System.Globalization;
using System.Text;

namespace PayoutService.Benchmarks.Load;

/// <summary>Requests for payouts, each with an invoice id of its own, over the accounts in turn. One is rendered
/// beforehand, and only the account and the number in it are written anew.</summary>
internal sealed class OrderRequests : Requests
{
    private const int Digits = 12;

    private readonly byte[][] accounts;
    private readonly long first;
    private readonly Template good;
    private readonly Template bad;
    private readonly int badEvery;

    /// <param name="accounts">Whom to pay, in turn; their ids have one length.</param>
    /// <param name="first">The number of the first invoice id.</param>
    /// <param name="render">Renders the request for an account and an invoice id.</param>
    /// <param name="badEvery">Every so many requests one is sent that the database refuses; zero: none.</param>
    /// <param name="renderBad">Renders such a request.</param>
    public OrderRequests(
        IReadOnlyList<string> accounts,
        long first,
        Func<string, string, byte[]> render,
        int badEvery = 0,
        Func<string, string, byte[]>? renderBad = null)
    {
        this.accounts = [.. accounts.Select(Encoding.UTF8.GetBytes)];
        this.first = first;
        this.badEvery = badEvery;
        good = Template.Of(render, accounts[0]);
        bad = badEvery == 0 ? good : Template.Of(renderBad!, accounts[0]);
    }

    public static string InvoiceId(long number) => InvoiceId(number.ToString("D12", CultureInfo.InvariantCulture));

    protected override int Write(long number, byte[] buffer)
    {
        var template = badEvery > 0 && number % badEvery == badEvery - 1 ? bad : good;
        template.Bytes.CopyTo(buffer, 0);
        accounts[number % accounts.Length].CopyTo(buffer, template.AccountAt);
        (first + number).TryFormat(
            buffer.AsSpan(template.NumberAt, Digits), out _, "D12", CultureInfo.InvariantCulture);
        return template.Bytes.Length;
    }

    private static string InvoiceId(string number) => $"b-{number}";

    /// <summary>A request and where in it the account and the number stand.</summary>
    private sealed record Template(byte[] Bytes, int AccountAt, int NumberAt)
    {
        public static Template Of(Func<string, string, byte[]> render, string account)
        {
            var number = new string('#', Digits);
            var bytes = render(account, InvoiceId(number));
            return new Template(
                bytes,
                bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(account)),
                bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(number)));
        }
    }
}
