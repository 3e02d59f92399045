using PockytSimulator.Calls;
using PockytSimulator.Notices;
using PockytSimulator.Payouts;

namespace PockytSimulator;

/// <summary>Tells a person at the console what happens, when asked to.</summary>
internal sealed class ConsoleNarrator(SimulatorSettings settings)
{
    public void PayoutAccepted(BookedPayout payout)
    {
        if (settings.Narrate)
        {
            Console.Out.WriteLine(
                $"payout accepted  {payout.InvoiceId}  {PockytFormat.Amount(payout.Amount)} {payout.Currency}  "
                + $"as {payout.TransactionNo}");
        }
    }

    public void NoticeSent(NoticeLine line)
    {
        if (settings.Narrate)
        {
            var answer = line.HttpStatus is { } status ? $"HTTP {status}" : line.Body;
            var outcome = line.Delivered ? "delivered" : $"not delivered, {answer}";
            Console.Out.WriteLine(
                $"notice sent      {line.InvoiceId}  {line.Status}  attempt {line.Attempt}, {outcome}");
        }
    }
}
