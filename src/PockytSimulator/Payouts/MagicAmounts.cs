using PockytSimulator.Control;

namespace PockytSimulator.Payouts;

/// <summary>
/// What the cents of an amount make of a payout: the statuses it takes one after the other, the notices sent for
/// the first of them (one each when not given), and what becomes of the answer to the pay call.
/// </summary>
internal sealed record MagicAmount(int Cents, string Meaning)
{
    public IReadOnlyList<string> Statuses { get; init; } = ["success"];

    public IReadOnlyList<string>? FirstNotices { get; init; }

    public bool ForgedNoticeFirst { get; init; }

    public bool Executes { get; init; } = true;

    public int RefusedSends { get; init; }

    public FaultAnswer? Answer { get; init; }
}

/// <summary>The one table of magic amounts. Cents that are not listed succeed.</summary>
internal static class MagicAmounts
{
    private const string BadGateway = "<html><body><h1>502 Bad Gateway</h1></body></html>";

    public static IReadOnlyList<MagicAmount> All { get; } =
    [
        new(0, "accepted, then success; so do all cents not listed here"),
        new(1, "accepted, then failed") { Statuses = ["failed"] },
        new(2, "accepted, then returned") { Statuses = ["returned"] },
        new(3, "accepted, then success, then returned") { Statuses = ["success", "returned"] },
        new(4, "accepted, then pending forever, without a notice") { Statuses = [] },
        new(5, "accepted, but the answer never comes; then success with its notice")
        {
            Answer = new FaultAnswer("hang"),
        },
        new(6, "never accepted, and the answer never comes, every time")
        {
            Executes = false,
            Answer = new FaultAnswer("hang"),
        },
        new(7, "accepted, but answered 000080; then success with its notice")
        {
            Answer = new FaultAnswer("ret", Code: "000080", Message: "supplier system error"),
        },
        new(8, "the first two sends of the invoiceId are refused 000040, the third is accepted; then success")
        {
            RefusedSends = 2,
        },
        new(9, "accepted, then success, with duplicate and reordered notices: success, success, pending, success")
        {
            FirstNotices = ["success", "success", "pending", "success"],
        },
        new(10, "accepted, then a forged notice (failed, wrong signature), then success with its genuine notice")
        {
            ForgedNoticeFirst = true,
        },
        new(11, "accepted, but answered HTTP 502 with an HTML page; then success with its notice")
        {
            Answer = new FaultAnswer("http", Status: 502, ContentType: "text/html", Body: BadGateway),
        },
    ];

    public static MagicAmount Of(decimal amount)
    {
        var cents = (int)(amount * 100 % 100);
        return All.FirstOrDefault(magic => magic.Cents == cents) ?? All[0];
    }
}
